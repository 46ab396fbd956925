#include "text/unicode.h"

#include <stdbool.h>

#include "text/unicode_tables.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The last row of table[low, high) whose first number is `most` or less; low: none behind it. Rows begin with an ascending number. */
static inline size_t last_row(const void *table, size_t size, size_t low, size_t high, uint32_t most) {
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        if (*(const uint32_t *)((const char *)table + middle * size) <= most)
            low = middle;
        else
            high = middle;
    }
    return low;
}

#define LAST_ROW(table, most) last_row(table, sizeof(table)[0], 0, COUNT(table), most)

xp_unicode xp_unicode_of(uint32_t point) {
    size_t block = point >> 8, low, high;
    if (point < 128) return unicode_kind[unicode_ascii[point]];
    if (block + 1 < COUNT(unicode_block)) {
        low = unicode_block[block];
        high = unicode_block[block + 1] + 1u;
    } else {
        low = unicode_block[COUNT(unicode_block) - 1];
        high = COUNT(unicode_range);
    }
    low = last_row(unicode_range, sizeof unicode_range[0], low, high, point << 8 | 0xff);
    return unicode_kind[unicode_range[low] & 0xff];
}

/* The Unicode Standard, section 3.12: 19 leading consonants, 21 vowels, 27 trailing consonants or none. */
static size_t decompose_hangul(uint32_t syllable, uint32_t parts[XP_PARTS]) {
    uint32_t trailing = syllable % 28;
    parts[0] = 0x1100 + syllable / (21 * 28);
    parts[1] = 0x1161 + syllable / 28 % 21;
    parts[2] = 0x11a7 + trailing;
    return trailing > 0 ? 3 : 2;
}

/* A point that is in no run is its own part. */
static size_t put_parts(const decomposition *run, uint32_t point, uint32_t *parts) {
    parts[0] = point;
    if (point < run->first || point > run->last) return 1;
    const uint32_t *from = unicode_part + run->at + (point - run->first) * run->count;
    for (size_t i = 0; i < run->count; i++) parts[i] = from[i];
    return run->count;
}

size_t xp_unicode_decompose(uint32_t point, uint32_t parts[XP_PARTS]) {
    if (point >= 0xac00 && point < 0xac00 + 19 * 21 * 28) return decompose_hangul(point - 0xac00, parts);
    return put_parts(&unicode_decomposition[LAST_ROW(unicode_decomposition, point)], point, parts);
}

size_t xp_unicode_decompose_compatible(uint32_t point, uint32_t parts[XP_COMPATIBLE_PARTS]) {
    if ((xp_unicode_of(point).flags & XP_UNICODE_COMPATIBLE) == 0) return xp_unicode_decompose(point, parts);
    return put_parts(&unicode_compatibility[LAST_ROW(unicode_compatibility, point)], point, parts);
}

/* The Unicode Standard, section 3.12, the other way. */
static uint32_t compose_hangul(uint32_t first, uint32_t second) {
    if (first >= 0x1100 && first < 0x1100 + 19 && second >= 0x1161 && second < 0x1161 + 21)
        return 0xac00 + ((first - 0x1100) * 21 + (second - 0x1161)) * 28;
    if (first >= 0xac00 && first < 0xac00 + 11172 && (first - 0xac00) % 28 == 0 && second > 0x11a7 &&
        second < 0x11a7 + 28)
        return first + (second - 0x11a7);
    return 0;
}

uint32_t xp_unicode_compose(uint32_t first, uint32_t second) {
    size_t low = 0, high = COUNT(unicode_composition);
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (unicode_composition[middle].first < first ||
            (unicode_composition[middle].first == first && unicode_composition[middle].second <= second))
            low = middle;
        else
            high = middle;
    }
    if (unicode_composition[low].first == first && unicode_composition[low].second == second)
        return unicode_composition[low].composite;
    return compose_hangul(first, second);
}

uint32_t xp_unicode_stand_in(uint32_t point) {
    const size_t low = LAST_ROW(unicode_stand_in, point);
    if (point < unicode_stand_in[0].first) return point;
    return point <= unicode_stand_in[low].last ? unicode_stand_in[low].stand_in : point;
}

/* ---- grapheme clusters: Unicode Standard Annex 29 ---- */

enum { /* as CLASSES of scripts/make-unicode-tables has them */
       OTHER,
       CR,
       LF,
       CONTROL,
       EXTEND,
       ZWJ,
       REGIONAL,
       PREPEND,
       SPACING,
       L,
       V,
       T,
       LV,
       LVT,
       CLASS = 15,
       PICTOGRAPH = 16,
       CONSONANT = 32,
       LINKER = 64, /* a virama between consonants */
       BETWEEN = 128
};

static unsigned cluster_of(const char *at) {
    const uint32_t point = xp_unicode_decode(at);
    const unsigned found = unicode_cluster[LAST_ROW(unicode_cluster, point << 8 | 0xff)] & 0xff;
    return found == LVT && (point - 0xac00) % 28 == 0 ? LV : found;
}

typedef struct cluster {
    unsigned regional;           /* indicators so far at its end */
    bool pictograph, emoji_next; /* one and what extends it so far; a ZWJ behind that */
    bool consonant, linked;      /* one and what may stand between it and the next; a virama among that */
} cluster;

static void take_in(cluster *c, unsigned kind) {
    const unsigned class = kind & CLASS;
    c->regional = class == REGIONAL ? c->regional + 1 : 0;
    c->emoji_next = class == ZWJ && c->pictograph;
    c->pictograph = (kind & PICTOGRAPH) != 0 || (class == EXTEND && c->pictograph);
    if ((kind & CONSONANT) != 0) {
        c->consonant = true;
        c->linked = false;
    } else if ((kind & LINKER) != 0) {
        c->linked = c->consonant;
    } else if ((kind & BETWEEN) == 0) {
        c->consonant = c->linked = false;
    }
}

/* Whether there is no border between the two; what stands before them is in c. */
static bool together(const cluster *c, unsigned before, unsigned after) {
    const unsigned a = before & CLASS, b = after & CLASS;
    if (a == CR && b == LF) return true;
    if (a == CR || a == LF || a == CONTROL || b == CR || b == LF || b == CONTROL) return false;
    if (b == EXTEND || b == ZWJ || b == SPACING || a == PREPEND) return true;
    if (a == L && (b == L || b == V || b == LV || b == LVT)) return true;
    if ((a == LV || a == V) && (b == V || b == T)) return true;
    if ((a == LVT || a == T) && b == T) return true;
    if (c->emoji_next && (after & PICTOGRAPH) != 0) return true;
    if (c->linked && (after & CONSONANT) != 0) return true;
    return a == REGIONAL && b == REGIONAL && c->regional % 2 == 1;
}

/* ASCII that never joins its like. */
static bool is_printed(char c) { return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7f; }

size_t xp_unicode_cluster_end(const char *text, size_t length, size_t at) {
    cluster c = {0};
    if (is_printed(text[at]) && (at + 1 == length || is_printed(text[at + 1]))) return at + 1;
    unsigned before = cluster_of(text + at);
    take_in(&c, before);
    for (at += xp_unicode_step(text[at]); at < length; at += xp_unicode_step(text[at])) {
        const unsigned after = cluster_of(text + at);
        if (!together(&c, before, after)) break;
        take_in(&c, after);
        before = after;
    }
    return at;
}

/* ---- case, and UTF-8 ---- */

size_t xp_unicode_lower(uint32_t point, uint32_t parts[XP_PARTS]) {
    parts[0] = point;
    if (point == 0x130) { /* LATIN CAPITAL LETTER I WITH DOT ABOVE: i and COMBINING DOT ABOVE */
        parts[0] = 'i';
        parts[1] = 0x307;
        return 2;
    }
    const size_t low = LAST_ROW(unicode_lower, point);
    if (point >= unicode_lower[low].first && point <= unicode_lower[low].last &&
        (point - unicode_lower[low].first) % (uint32_t)unicode_lower[low].step == 0)
        parts[0] = (uint32_t)((int32_t)point + unicode_lower[low].difference);
    return 1;
}

size_t xp_unicode_encode(uint32_t point, char *out) {
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xc0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xe0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

size_t xp_unicode_count(const char *text, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

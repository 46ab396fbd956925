#include "text/unicode.h"

#include "text/unicode_tables.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

xp_unicode xp_unicode_of(uint32_t point) {
    size_t block = point >> 8, low, high;
    if (block + 1 < COUNT(unicode_block)) {
        low = unicode_block[block];
        high = unicode_block[block + 1] + 1u;
    } else {
        low = unicode_block[COUNT(unicode_block) - 1];
        high = COUNT(unicode_range);
    }
    while (high - low > 1) { /* the last range that begins at the point or before it */
        size_t middle = (low + high) / 2;
        if (unicode_range[middle] >> 8 <= point)
            low = middle;
        else
            high = middle;
    }
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

size_t xp_unicode_decompose(uint32_t point, uint32_t parts[XP_PARTS]) {
    if (point >= 0xac00 && point < 0xac00 + 19 * 21 * 28) return decompose_hangul(point - 0xac00, parts);
    size_t low = 0, high = COUNT(unicode_decomposition);
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (unicode_decomposition[middle].point <= point)
            low = middle;
        else
            high = middle;
    }
    parts[0] = point;
    if (unicode_decomposition[low].point != point) return 1;
    for (size_t i = 0; i < unicode_decomposition[low].count; i++)
        parts[i] = unicode_part[unicode_decomposition[low].at + i];
    return unicode_decomposition[low].count;
}

size_t xp_unicode_lower(uint32_t point, uint32_t parts[XP_PARTS]) {
    parts[0] = point;
    if (point == 0x130) { /* LATIN CAPITAL LETTER I WITH DOT ABOVE: i and COMBINING DOT ABOVE */
        parts[0] = 'i';
        parts[1] = 0x307;
        return 2;
    }
    size_t low = 0, high = COUNT(unicode_lower);
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (unicode_lower[middle].first <= point)
            low = middle;
        else
            high = middle;
    }
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

/* The adapter of utf8proc, whose functions that allocate are left alone: they would not ask our allocator. */
#include "base/name.h"

#include <utf8proc.h>

#include "base/memory.h"

enum {
    POINTS = 256, /* of a name that is decomposed on the stack */
    /* Marks in a row are put in order by exchange, quadratic in their number. Unicode's stream-safe text has 30 at most
     * (UAX #15); a name with more is none, and stays as it is. */
    MARKS = 30
};

#define NFC (UTF8PROC_STABLE | UTF8PROC_COMPOSE)

static bool is_ascii(xp_view text) {
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] >= 0x80) return false;
    return true;
}

/* What stands at text.data[*at], which is moved behind it; -1: no UTF-8. */
static utf8proc_int32_t next_point(xp_view text, size_t *at) {
    utf8proc_int32_t point;
    utf8proc_ssize_t n =
        utf8proc_iterate((const utf8proc_uint8_t *)text.data + *at, (utf8proc_ssize_t)(text.length - *at), &point);
    if (n <= 0) return -1;
    *at += (size_t)n;
    return point;
}

/* Blocks in which every letter that decomposes is composed again: Cyrillic, Arabic, Latin Extended Additional, kana. */
static bool composes_again(utf8proc_int32_t point) {
    return (point >= 0x400 && point <= 0x6FF) || (point >= 0x1E00 && point <= 0x1EFF) ||
           (point >= 0x3040 && point <= 0x30FF);
}

/* Might the point look otherwise in NFC, by itself or with what stands before it? Everything below U+0300 may not. Most words
 * are known by this to be in NFC. */
static bool may_change(utf8proc_int32_t point, const utf8proc_property_t *p) {
    if (point < 0x300) return false;
    if (p->category == UTF8PROC_CATEGORY_MN || p->category == UTF8PROC_CATEGORY_MC) return true;
    if (p->decomp_seqindex != UINT16_MAX && p->decomp_type == 0) return !composes_again(point);
    return point >= 0x1160 && point <= 0x11FF; /* vowels and finals of Hangul */
}

typedef enum form { COMPOSED, PERHAPS, NO_NAME } form;

static form look(xp_view text) {
    form found = COMPOSED;
    unsigned marks = 0;
    for (size_t at = 0; at < text.length;) {
        if ((unsigned char)text.data[at] < 0x80) {
            marks = 0;
            at++;
            continue;
        }
        utf8proc_int32_t point = next_point(text, &at);
        if (point < 0) return NO_NAME;
        const utf8proc_property_t *p = utf8proc_get_property(point);
        marks = p->combining_class > 0 ? marks + 1 : 0;
        if (marks > MARKS) return NO_NAME;
        if (may_change(point, p)) found = PERHAPS;
    }
    return found;
}

/* Code points of the text under options, composed, in points (room of them); how many there are, and if these are more than
 * room, they are not there. */
static size_t decompose(xp_view text, utf8proc_option_t options, utf8proc_int32_t *points, size_t room) {
    utf8proc_ssize_t n = utf8proc_decompose((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.length, points,
                                            (utf8proc_ssize_t)room, options);
    if (n <= 0) return 0;
    if ((size_t)n > room) return (size_t)n;
    n = utf8proc_normalize_utf32(points, n, options);
    return n > 0 ? (size_t)n : 0;
}

static void add_point(xp_text *to, utf8proc_int32_t point) {
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t n = utf8proc_encode_char(point, bytes);
    xp_text_add(to, (const char *)bytes, n > 0 ? (size_t)n : 0);
}

/* Appends the text, which look() found to be perhaps not composed. */
static bool add_composed(xp_view text, xp_text *to) {
    utf8proc_int32_t small[POINTS], *points = small;
    size_t n = decompose(text, NFC, small, POINTS);
    if (n > POINTS) {
        size_t room = n;
        points = xp_alloc(room, sizeof *points);
        if (points == NULL) return false;
        n = decompose(text, NFC, points, room);
    }
    for (size_t i = 0; i < n; i++) add_point(to, points[i]);
    if (n == 0) xp_text_add(to, text.data, text.length);
    if (points != small) xp_free(points);
    return !to->failed;
}

/* In NFC: in room, else the view of the text itself. */
static bool compose(xp_view text, xp_text *room, xp_view *composed) {
    *composed = text;
    if (look(text) != PERHAPS) return true;
    room->length = 0;
    if (!add_composed(text, room)) return false;
    if (room->length != text.length || memcmp(room->data, text.data, text.length) != 0)
        *composed = (xp_view){room->data, room->length};
    return true;
}

/* Inside of a name: the first byte of a blank that is not ASCII; its length if there is none. */
static size_t odd_blank(xp_view text) {
    bool seen;
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] >= 0x80 && xp_blank(text.data + i, text.length - i, &seen) > 0) return i;
    return text.length;
}

static bool add_plain(xp_view text, xp_text *to) {
    for (size_t at; text.length > 0; text = (xp_view){text.data + at, text.length - at}) {
        bool seen = false;
        at = odd_blank(text);
        xp_text_add(to, text.data, at);
        size_t blank = xp_blank(text.data + at, text.length - at, &seen);
        if (blank > 0 && seen) xp_text_add(to, " ", 1);
        at += blank;
    }
    return !to->failed;
}

bool xp_name(xp_view text, xp_text *room, xp_view *name, unsigned *changed) {
    *name = xp_view_trim(text);
    *changed = name->length < text.length ? XP_NAME_BLANKS : 0;
    if (is_ascii(*name)) return true;
    xp_text plain = {0};
    if (odd_blank(*name) < name->length) {
        *changed |= XP_NAME_BLANKS;
        if (!add_plain(*name, &plain)) return xp_text_free(&plain), false;
        *name = (xp_view){plain.data, plain.length};
    }
    xp_view composed;
    bool good = compose(*name, room, &composed);
    if (good && composed.data != name->data) *changed |= XP_NAME_FORM;
    if (good && composed.data == plain.data) { /* it is room that the caller keeps */
        xp_text other = *room;
        *room = plain;
        plain = other;
    }
    *name = composed;
    xp_text_free(&plain);
    return good;
}

bool xp_name_lower(xp_view text, xp_text *lower) {
    size_t from = 0;
    for (size_t at = 0; at < text.length;) {
        unsigned char c = (unsigned char)text.data[at];
        if (c < 'A' || (c > 'Z' && c < 0x80)) {
            at++;
            continue;
        }
        xp_text_add(lower, text.data + from, at - from);
        from = at;
        utf8proc_int32_t point = next_point(text, &at);
        if (point < 0)
            at++;
        else if (utf8proc_tolower(point) != point)
            add_point(lower, utf8proc_tolower(point)), from = at;
    }
    xp_text_add(lower, text.data + from, text.length - from);
    return !lower->failed;
}

/* Writes the text under options; ASCII has been seen to. */
static size_t write_form(xp_view text, utf8proc_option_t options, char *to, size_t size) {
    utf8proc_int32_t points[POINTS];
    size_t count = decompose(text, options, points, POINTS), n = 0;
    if (count > POINTS) return 0;
    for (size_t i = 0; i < count; i++) {
        if (size - n < 4) return 0;
        n += (size_t)utf8proc_encode_char(points[i], (utf8proc_uint8_t *)to + n);
    }
    return n;
}

size_t xp_name_composed(xp_view text, char *composed, size_t size) {
    form found = look(text);
    if (found == NO_NAME || text.length > size) return 0;
    if (found == PERHAPS) return write_form(text, NFC, composed, size);
    if (text.length > 0) memcpy(composed, text.data, text.length);
    return text.length;
}

/* The key letter by letter, of as many bytes as the text; false where letters become others, as in most words none does. */
static bool write_simple(xp_view text, char *key) {
    for (size_t at = 0; at < text.length;) {
        const size_t from = at;
        if ((unsigned char)text.data[at] < 0x80) {
            key[at] = xp_lower_ascii(text.data[at]);
            at++;
            continue;
        }
        const utf8proc_int32_t point = next_point(text, &at);
        if (point < 0) return false;
        const utf8proc_property_t *p = utf8proc_get_property(point);
        if (p->casefold_seqindex != UINT16_MAX || may_change(point, p)) return false;
        memcpy(key + from, text.data + from, at - from);
    }
    return true;
}

size_t xp_name_key(xp_view text, char *key, size_t size) {
    if (text.length > size) return 0;
    if (write_simple(text, key)) return text.length;
    return look(text) != NO_NAME ? write_form(text, NFC | UTF8PROC_CASEFOLD, key, size) : 0;
}

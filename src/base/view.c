#include "base/view.h"

/* The two bytes behind a lead byte, as one number. */
static unsigned behind(const unsigned char *p) { return (unsigned)p[1] << 8 | p[2]; }

/* White_Space of Unicode beyond ASCII, and characters that have no width and no meaning at the end of a name: soft hyphen,
 * zero-width space, word joiner, byte order mark, the marks and embeddings of writing directions. The joiners U+200C and
 * U+200D are letters to some scripts. */
static size_t wide_blank(const unsigned char *p, size_t left, bool *seen) {
    *seen = true;
    if (left < 2) return 0;
    if (p[0] == 0xC2) {
        *seen = p[1] != 0xAD;
        return p[1] == 0x85 || p[1] == 0xA0 || p[1] == 0xAD ? 2 : 0;
    }
    if (left < 3) return 0;
    if (p[0] == 0xE2) {
        unsigned c = behind(p);
        if (c <= 0x808A || c == 0x80A8 || c == 0x80A9 || c == 0x80AF || c == 0x819F) return c >= 0x8080 ? 3 : 0;
        *seen = false;
        return c == 0x808B || c == 0x808E || c == 0x808F || (c >= 0x80AA && c <= 0x80AE) || c == 0x81A0 ||
                       (c >= 0x81A6 && c <= 0x81A9)
                   ? 3
                   : 0;
    }
    if ((p[0] == 0xE1 && behind(p) == 0x9A80) || (p[0] == 0xE3 && behind(p) == 0x8080)) return 3;
    *seen = false;
    return (p[0] == 0xE1 && behind(p) == 0xA08E) || (p[0] == 0xEF && behind(p) == 0xBBBF) ? 3 : 0;
}

size_t xp_blank(const char *at, size_t left, bool *seen) {
    const unsigned char *p = (const unsigned char *)at;
    *seen = true;
    if (left == 0) return 0;
    if (p[0] < 0x80) return p[0] == ' ' || (p[0] >= '\t' && p[0] <= '\r');
    return wide_blank(p, left, seen);
}

xp_view xp_view_trim(xp_view view) {
    bool seen;
    for (size_t n; (n = xp_blank(view.data, view.length, &seen)) > 0;) {
        view.data += n;
        view.length -= n;
    }
    while (view.length > 0) {
        size_t from = view.length - 1;
        while (from > 0 && view.length - from < 3 && ((unsigned char)view.data[from] & 0xC0) == 0x80) from--;
        if (xp_blank(view.data + from, view.length - from, &seen) != view.length - from) break;
        view.length = from;
    }
    return view;
}

bool xp_view_line(const char **at, const char *end, xp_view *line) {
    if (*at >= end) return false;
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    *line = (xp_view){*at, (size_t)((stop != NULL ? stop : end) - *at)};
    *at = stop != NULL ? stop + 1 : end;
    if (line->length > 0 && line->data[line->length - 1] == '\r') line->length--;
    return true;
}

bool xp_view_number(const char **at, const char *end, size_t *number) {
    const char *start = *at;
    for (*number = 0; *at < end && **at >= '0' && **at <= '9' && *number < 100000; ++*at)
        *number = *number * 10 + (size_t)(**at - '0');
    return *at > start;
}

/* A borrowed piece of text: not terminated, may hold any byte. */
#ifndef XP_BASE_VIEW_H
#define XP_BASE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct xp_view {
    const char *data;
    size_t length;
} xp_view;

static inline bool xp_view_is(xp_view view, const char *text) {
    return view.length == strlen(text) && memcmp(view.data, text, view.length) == 0;
}

static inline bool xp_view_equal(xp_view a, xp_view b) {
    return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

static inline char xp_lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* Equal but for the case of ASCII letters; text is lower case. */
static inline bool xp_view_is_nocase(xp_view view, const char *text) {
    for (size_t i = 0; i < view.length; i++) /* most differ at once: the length of text is not asked */
        if (text[i] == 0 || xp_lower_ascii(view.data[i]) != text[i]) return false;
    return text[view.length] == 0;
}

/* The length of the blank that `left` bytes of UTF-8 begin with, 0 if they begin with none: white space of any kind (Unicode's
 * White_Space), or a character without width that says nothing; of these *seen is false. */
size_t xp_blank(const char *at, size_t left, bool *seen);

/* The next line at *at, which moves behind it, without its LF or CRLF. false: *at is the end. */
bool xp_view_line(const char **at, const char *end, xp_view *line);

/* Without blanks at either end. */
xp_view xp_view_trim(xp_view view);

/* Reads digits at *at, before end, and stands behind them; of a number of more than six digits behind the sixth. false: there are none. */
bool xp_view_number(const char **at, const char *end, size_t *number);

/* For printf's "%.*s": a quoted view is cut, so that a hostile cell does not fill the message. */
#define XP_QUOTED_MAX 80
static inline int xp_view_shown(xp_view view) {
    size_t n = view.length <= XP_QUOTED_MAX ? view.length : XP_QUOTED_MAX;
    if (n < view.length) /* never cut inside of a UTF-8 sequence */
        while (n > 0 && ((unsigned char)view.data[n] & 0xC0) == 0x80) n--;
    return (int)n;
}
#define XP_SHOW(view) xp_view_shown(view), (view).data

#endif

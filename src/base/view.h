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

static inline char xp_lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* Equal but for the case of ASCII letters; text is lower case. */
static inline bool xp_view_is_nocase(xp_view view, const char *text) {
    if (view.length != strlen(text)) return false;
    for (size_t i = 0; i < view.length; i++)
        if (xp_lower_ascii(view.data[i]) != text[i]) return false;
    return true;
}

/* Without spaces and tabs at either end. */
static inline xp_view xp_view_trim(xp_view view) {
    while (view.length > 0 && (view.data[0] == ' ' || view.data[0] == '\t')) {
        view.data++;
        view.length--;
    }
    while (view.length > 0 && (view.data[view.length - 1] == ' ' || view.data[view.length - 1] == '\t')) view.length--;
    return view;
}

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

/* What is looked for in texts: a string, or a regular expression as Oniguruma understands it, which the oracle uses.
 *
 * Which characters \p{L} and the like mean depends on the version of Unicode that the linked Oniguruma knows. Characters younger than
 * version 13 are shown to it as older ones of the same category (unicode_stand_in in unicode_tables.h), so that every version cuts
 * texts as the oracle's does. */
#ifndef XP_TEXT_PATTERN_H
#define XP_TEXT_PATTERN_H

#include "base/error.h"
#include "base/view.h"

typedef struct xp_pattern xp_pattern;

/* Errors: EXPLAINT_INVALID for an expression that is none, or longer than 16 KiB. path and part ("the normalizer Replace") are for
 * the message. */
explaint_status xp_pattern_create(xp_view text, bool regex, const char *path, const char *part, xp_pattern **pattern,
                                  explaint_error *error);
void xp_pattern_free(xp_pattern *pattern);

/* A text, and where the search in it stands. Zeroed once, used for any number of texts. */
typedef struct xp_pattern_scan {
    const char *text, *shown;
    size_t length, at, last;
    bool found; /* something, which ended at last */
    char *copy; /* of the text, with stand-ins */
    size_t capacity;
    void *region, *limits; /* Oniguruma's */
} xp_pattern_scan;

/* EXPLAINT_FAILED without memory. */
explaint_status xp_pattern_begin(xp_pattern_scan *scan, const char *text, size_t length, explaint_error *error);
/* The next match, none overlaps the one before. *found false: there is none. Errors: EXPLAINT_INVALID where the expression takes
 * too many steps on this text; EXPLAINT_FAILED. */
explaint_status xp_pattern_next(const xp_pattern *pattern, xp_pattern_scan *scan, xp_view *match, bool *found,
                                explaint_error *error);
void xp_pattern_end(xp_pattern_scan *scan);

#endif

/* The words that a caller of the readers of vectors asks for.
 *
 *     xp_wanted wanted = {0};
 *     size_t hund, number;
 *     if (!xp_wanted_begin(&wanted, 100) || !xp_wanted_add(&wanted, word, &hund)) ...      // Hund
 *     ... number = xp_wanted_number(&wanted, word of the file) ...
 *     if (number == hund) ...                              // Hund itself, in NFC or not
 *     if (number == xp_wanted_other(&wanted, hund)) ...    // HUND, hund or hUnd, where these are not asked for themselves
 *     xp_wanted_free(&wanted);
 *
 * A word has its own number only in its own spelling. All other spellings, which differ in capitals or in blanks
 * around them, share a second number. */
#ifndef XP_FORMATS_WANTED_H
#define XP_FORMATS_WANTED_H

#include "base/strings.h"
#include "base/view.h"

#define XP_NOT_WANTED SIZE_MAX

typedef struct xp_wanted {
    xp_strings word; /* by number, in NFC */
    xp_strings key;  /* what spellings have in common, by group */
    size_t *group;   /* by number */
    xp_index *words, *keys;
    size_t capacity;
} xp_wanted;

bool xp_wanted_begin(xp_wanted *wanted, size_t expected); /* false without memory, as the next one */
bool xp_wanted_add(xp_wanted *wanted, xp_view word,
                   size_t *number); /* word in NFC; the number it has if it was added before */
void xp_wanted_free(xp_wanted *wanted);

/* Numbers below word.count are words, those up to here other spellings. */
size_t xp_wanted_count(const xp_wanted *wanted);
size_t xp_wanted_other(const xp_wanted *wanted, size_t number);

/* The number of a file's word, or XP_NOT_WANTED. May be asked on several threads. */
size_t xp_wanted_number(const xp_wanted *wanted, xp_view word);

#endif

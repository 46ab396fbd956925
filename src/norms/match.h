/* From concepts to words of a vector file. A concept takes the vector of the first of these that the file has (docs/methods.md#matching):
 *
 *     its form, capitals as they are                  Hund, New York
 *     with underscores for blanks                     New_York
 *     in lower case                                   hund, new york
 *     in lower case with underscores                  new_york
 *     a word that differs in capitals                 HUND; strasse for Straße; or in blanks around it
 *     such a word with underscores                    NEW_YORK
 *
 * How many of each kind but the first there were is a note. */
#ifndef XP_NORMS_MATCH_H
#define XP_NORMS_MATCH_H

#include "formats/word_rows.h"
#include "norms/norms.h"

enum { XP_SPELLINGS = 4 }; /* that have words of their own in a list of wanted ones */

typedef struct xp_match {
    xp_wanted words;
    size_t (*number)[XP_SPELLINGS]; /* by concept: of the first four, SIZE_MAX where it is like one before */
} xp_match;

/* What to ask a reader for. Needs freeing in any case. false without memory. */
bool xp_match_begin(xp_match *match, const explaint_norms *norms);
void xp_match_free(xp_match *match);

/* row[i]: the vector of concept i among those that were found, or NULL; *matched have one. Notes go to kept, and to its
 * duplicates the warning that concepts take one vector which differ in capitals, blanks or
 * underscores alone. */
bool xp_match_rows(const xp_match *match, const explaint_norms *norms, xp_word_rows *kept, const double **row,
                   size_t *matched);

#endif

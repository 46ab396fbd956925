/* Where the rows of maps look (docs/attention.md#looks): entropy, largest entry, mass on chosen pieces, of every layer and head. No map is ever
 * there as a whole: rows are looked at as they are made, so that memory grows with the length of a text and not with its square.
 *
 *     xp_looks *looks = NULL;
 *     status = xp_looks_find(a, &looks, error);    // one unit per text
 *     status = xp_looks_make(looks, error);        // runs the texts that are missing
 *     xp_looks_rows(looks);                        // the measures, as rows of the result
 *     xp_looks_free(looks);
 */
#ifndef XP_ATTENTION_LOOKS_H
#define XP_ATTENTION_LOOKS_H

#include "attention/stored.h"

typedef struct xp_looks xp_looks;

/* The texts are encoded. */
explaint_status xp_looks_find(xp_attend *a, xp_looks **looks, explaint_error *error);
/* share: of all the work, as xp_attend_stage has it. */
explaint_status xp_looks_make(xp_looks *looks, double share, explaint_error *error);
/* Or beside another run of all texts, if none has its numbers yet: begin, run all texts with *beside looking on, end, which says of a run that
 * was stopped here that it was. */
bool xp_looks_all_missing(const xp_looks *looks);
explaint_status xp_looks_begin(xp_looks *looks, double share, const explaint_observer **beside, explaint_error *error);
explaint_status xp_looks_end(xp_looks *looks, explaint_status status, explaint_error *error);
void xp_looks_rows(xp_looks *looks);
void xp_looks_free(xp_looks *looks);

/* The sum of the k <= XP_LOOKS_MOST largest of n numbers that are not negative. */
enum { XP_LOOKS_MOST = 10 };
double xp_looks_top(size_t n, const float *row, size_t k);

#endif

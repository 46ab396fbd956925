/* Linear CKA of two sets of rows (docs/attention.md#continuity): how alike are they but for a rotation and a scale?
 *
 *     double cka[2][2];
 *     if (!xp_cka(n, d, states, before, special, cka)) ...        // no memory
 *     cka[1][0];                                                  // standardised, all rows
 */
#ifndef XP_ATTENTION_CKA_H
#define XP_ATTENTION_CKA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a and b, n rows of width d: value[standardised][content]. standardised: each column of each to mean 0 and deviation 1 over all rows (1 where it is
 * constant); content: without the rows of special pieces. NaN: no rows, or one of the sets is constant. false without memory. */
bool xp_cka(size_t n, size_t d, const double *a, const double *b, const uint8_t *special, double value[2][2]);

#endif

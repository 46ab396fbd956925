/* Two lists of scores of the same concepts: is one higher? (docs/compare.md#paired-differences) */
#ifndef XP_STATS_PAIRED_H
#define XP_STATS_PAIRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { XP_FLIPS_EXACT = 14 }; /* up to this many differences that are not 0, all 2^n signs are looked at */

typedef struct xp_paired {
    double mean;    /* of the differences */
    double p;       /* two-sided; 1 where all differences are 0 */
    double p_error; /* Monte-Carlo standard error; 0 where exact */
    size_t n;       /* differences */
    size_t flips;   /* sign vectors drawn, or all of them where exact */
    bool exact;
} xp_paired;

/* Under the null hypothesis the two scores of a concept might as well be exchanged: each difference has either sign. NaN: no difference, left out.
 * Two-sided: |sum| under random signs against the observed one; p = (1 + #) / (1 + draws), or the share of all sign vectors. false without memory.
 * *paired has n 0 and p NaN if there is no difference at all. */
bool xp_paired_sign_flips(const double *difference, size_t n, size_t draws, uint64_t seed, xp_paired *paired);

#endif

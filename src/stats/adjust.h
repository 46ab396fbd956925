/* p-values of a family adjusted together (docs/methods.md#layers). Max-T, which needs the statistics themselves, is in permute.h. */
#ifndef XP_STATS_ADJUST_H
#define XP_STATS_ADJUST_H

#include <stdbool.h>
#include <stddef.h>

/* Benjamini & Hochberg 1995: reject what is at most q, and the expected share of false rejections is at most q (independent tests, or positively
 * dependent ones). NaN: no test, left out of the family and NaN in the result. false without memory. */
bool xp_adjust_benjamini_hochberg(size_t n, const double *p, double *adjusted);

#endif

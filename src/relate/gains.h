/* Does a number of each pair, such as what a head says of the true word less what it says of the counterfactual one, lie above 0? Under the null hypothesis
 * the true word and its counterpart might as well be exchanged. They are exchanged for all pairs with the same right word at once: that a head likes the
 * word "animal" is one observation, however many animals there are (docs/methods.md#relation-tests). */
#ifndef XP_RELATE_GAINS_H
#define XP_RELATE_GAINS_H

#include "relate/groups.h"

typedef struct xp_gain {
    double mean;       /* over pairs */
    double upper;      /* one-sided 95 % bound: mean + 1.645 standard errors of exchanged groups */
    double p;          /* one-sided, (1 + #) / (1 + draws) */
    double p_adjusted; /* step-down max-T over all that were tested together */
} xp_gain;

/* difference: n_tests rows of one number a pair; groups: of the pairs; a group counts by its sum over the square root of its size. The same draws for all tests. A
 * statistic is divided by its deviation over all signs, the length of its groups' sums. false: no memory. */
bool xp_gains_test(size_t n_tests, size_t n_pairs, const double *difference, const xp_groups *groups, size_t draws,
                   uint64_t seed, xp_gain *gain);

#endif

/* A permutation test that stops as soon as its outcome is sure, on both sides (Gandy 2009, methods 1.6).
 *
 *     xp_sequential_bounds bounds;
 *     xp_sequential_bounds_create(&bounds, .05, 1e-3, 1000, 20, 999);    // looks at 20, 40, ..., 980, 999
 *     ... run 20 permutations, count how many reached the observed statistic ...
 *     switch (xp_sequential_look(&bounds, permutations, reached)) ...
 *
 * The decision is that of endless permutations (p <= alpha or not) but for a probability of at most `risk`, whatever the true p is. The price is that
 * p itself is known coarsely: an interval stands beside it. */
#ifndef XP_STATS_SEQUENTIAL_H
#define XP_STATS_SEQUENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum xp_sequential_side { XP_GO_ON, XP_BELOW_ALPHA, XP_ABOVE_ALPHA } xp_sequential_side;

/* At look k (after `step` (k + 1) permutations, at the last one after all): stop below alpha if the count is at most lower[k] (-1: never), above it if
 * the count is at least upper[k] (more than the permutations: never). */
typedef struct xp_sequential_bounds {
    size_t step, most, n_looks;
    int64_t *lower, *upper;
} xp_sequential_bounds;

/* The risk spent up to n permutations is risk n / (n + half): each side spends its own. false without memory. */
bool xp_sequential_bounds_create(xp_sequential_bounds *bounds, double alpha, double risk, double half, size_t step,
                                 size_t most);
void xp_sequential_bounds_free(xp_sequential_bounds *bounds);
/* permutations: one of the looks. */
xp_sequential_side xp_sequential_look(const xp_sequential_bounds *bounds, size_t permutations, size_t reached);

/* The values of p with (n + 1) C(n, reached) p^reached (1 - p)^(n - reached) > 1 - level (Robbins 1970): they hold the true p with probability
 * `level` at every n at once, so also at the one where the test stopped. */
void xp_sequential_interval(size_t permutations, size_t reached, double level, double interval[2]);

#endif

/* What is permuted decides what is tested: rows are exchanged within blocks (docs/methods.md#blocks). */
#ifndef XP_STATS_PERMUTE_H
#define XP_STATS_PERMUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks of exchangeable rows. A row whose block has no other row cannot move and leaves the statistic. */
typedef struct xp_blocks {
    size_t n, n_movable;
    uint32_t *member; /* the movable rows, block after block */
    size_t *start;    /* n_blocks + 1, into member */
    size_t n_blocks;
    uint8_t *movable; /* n */
} xp_blocks;

/* label[i] < 0: fixed. */
bool xp_blocks_create(xp_blocks *blocks, size_t n, const int *label);
void xp_blocks_free(xp_blocks *blocks);
/* order[i]: the row that i gets in permutation `number` of test `purpose`. */
void xp_blocks_permute(const xp_blocks *blocks, uint64_t seed, unsigned purpose, uint32_t number, uint32_t *scratch,
                       uint32_t *order);

/* Mean of the values that are not NaN; NaN if there is none. */
double xp_permute_mean(const double *value, size_t n);

/* What a permutation test says. */
typedef struct xp_test_result {
    double observed, null_mean, null_sd, gain, p, p_error;
    size_t permutations;
} xp_test_result;
/* p = (1 + #{null >= observed}) / (1 + B), where what differs by rounding (1e-12 of the largest) is reached; p_error: its Monte-Carlo standard error. */
void xp_permute_summarise(double observed, const double *null, size_t count, xp_test_result *result);

/* Westfall & Young's max-T over tests that saw the same permutations. statistic: n_tests rows of 1 + permutations, the observed first. Each row
 * is standardised by its own mean and sd, the observed included, so that under the null all 1 + B columns are alike; p_adjusted of a test is the share
 * of columns whose largest statistic reaches the test's observed one. A test whose statistics are all equal gets 1. false without memory. */
bool xp_permute_max_t(size_t n_tests, size_t permutations, const double *statistic, double *p_adjusted);

#endif

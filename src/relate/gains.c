#include "relate/gains.h"

#include <math.h>

#include "base/memory.h"
#include "base/rng.h"
#include "stats/permute.h"
#include "tensor/blas.h"

/* 95 % of a normal distribution lie below. */
static const double ONE_SIDED = 1.645;

/* Weighted sums of groups, n_tests x groups, and from plain sums mean and bound. */
static bool summarise(size_t n_tests, size_t n, const double *difference, const xp_groups *g, double *sum,
                      xp_gain *gain) {
    double *plain = xp_alloc(g->n, sizeof *plain);
    for (size_t t = 0; plain != NULL && t < n_tests; t++) {
        double total = 0, squares = 0;
        for (size_t c = 0; c < g->n; c++) plain[c] = 0;
        for (size_t i = 0; i < n; i++) plain[g->of[i]] += difference[t * n + i];
        for (size_t c = 0; c < g->n; c++) {
            total += plain[c];
            sum[t * g->n + c] = plain[c] / sqrt((double)g->size[c]);
        }
        gain[t].mean = total / (double)n;
        for (size_t c = 0; c < g->n; c++) {
            const double away = plain[c] - gain[t].mean * (double)g->size[c];
            squares += away * away;
        }
        gain[t].upper = gain[t].mean + ONE_SIDED * sqrt(squares) / (double)n;
    }
    xp_free(plain);
    return plain != NULL;
}

bool xp_gains_test(size_t n_tests, size_t n_pairs, const double *difference, const xp_groups *g, size_t draws,
                   uint64_t seed, xp_gain *gain) {
    const size_t columns = draws + 1;
    double *sign = xp_alloc(columns * g->n, sizeof *sign), *sum = xp_alloc(n_tests * g->n, sizeof *sum);
    double *statistic = xp_alloc(n_tests * columns, sizeof *statistic), *adjusted = xp_alloc(n_tests, sizeof *adjusted);
    bool ok = sign != NULL && sum != NULL && statistic != NULL && adjusted != NULL &&
              summarise(n_tests, n_pairs, difference, g, sum, gain);
    if (ok) {
        for (size_t c = 0; c < g->n; c++) sign[c] = 1; /* as observed */
        for (uint32_t b = 1; b < columns; b++) xp_groups_signs(g->n, seed, XP_RNG_PAIR_FLIPS, b, sign + b * g->n);
        xp_gemm(false, true, n_tests, columns, g->n, 1, sum, g->n, sign, g->n, 0, statistic, columns);
        ok = xp_permute_max_t(n_tests, draws, statistic, adjusted);
    }
    for (size_t t = 0; ok && t < n_tests; t++) {
        xp_test_result r;
        xp_permute_summarise(statistic[t * columns], statistic + t * columns + 1, draws, &r);
        gain[t].p = r.p;
        gain[t].p_adjusted = fmax(adjusted[t], r.p);
    }
    xp_free(sign);
    xp_free(sum);
    xp_free(statistic);
    xp_free(adjusted);
    return ok;
}

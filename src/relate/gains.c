#include "relate/gains.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/rng.h"
#include "tensor/blas.h"

/* 95 % of a normal distribution lie below. */
static const double ONE_SIDED = 1.645;
/* Sums of differences of shares: what is smaller is rounding. And statistics that differ by less are equal. */
static const double ROUNDING = 1e-12;

enum { DRAWS = 512 }; /* at a time */

typedef struct place {
    double observed;
    size_t test;
} place;

typedef struct testing {
    size_t n, draws;
    const xp_groups *groups;
    double *sum;              /* n x groups, each row of length 1, or 0 */
    place *order;             /* n: the largest statistic first */
    double *sign, *statistic; /* of DRAWS draws: x groups; n x DRAWS */
    double largest[DRAWS];
    size_t *reached, *reached_by_any; /* n: draws in which the test, or one that is not before it, is as large */
} testing;

/* Weighted sums of groups, n_tests x groups, and from plain sums mean and bound. */
static bool summarise(size_t n_tests, size_t n, const double *difference, const xp_groups *g, double *sum,
                      xp_gain *gain) {
    double *plain = xp_alloc(g->n, sizeof *plain);
    for (size_t t = 0; plain != NULL && t < n_tests; t++) {
        double total = 0, squares = 0, length = 0;
        for (size_t c = 0; c < g->n; c++) plain[c] = 0;
        for (size_t i = 0; i < n; i++) plain[g->of[i]] += difference[t * n + i];
        for (size_t c = 0; c < g->n; c++) {
            total += plain[c];
            sum[t * g->n + c] = plain[c] / sqrt((double)g->size[c]);
            length += sum[t * g->n + c] * sum[t * g->n + c];
        }
        gain[t].mean = total / (double)n;
        for (size_t c = 0; c < g->n; c++) {
            const double away = plain[c] - gain[t].mean * (double)g->size[c];
            squares += away * away;
            sum[t * g->n + c] = length > ROUNDING * ROUNDING ? sum[t * g->n + c] / sqrt(length) : 0;
        }
        gain[t].upper = gain[t].mean + ONE_SIDED * sqrt(squares) / (double)n;
    }
    xp_free(plain);
    return plain != NULL;
}

static int by_observed(const void *a, const void *b) {
    const place *x = a, *y = b;
    if (x->observed != y->observed) return x->observed > y->observed ? -1 : 1;
    return x->test < y->test ? -1 : 1;
}

static void sort_tests(testing *t) {
    for (size_t k = 0; k < t->n; k++) {
        t->order[k] = (place){0, k};
        for (size_t c = 0; c < t->groups->n; c++) t->order[k].observed += t->sum[k * t->groups->n + c];
    }
    qsort(t->order, t->n, sizeof *t->order, by_observed);
}

/* Draws first to first + count - 1. */
static void count_draws(testing *t, uint64_t seed, size_t first, size_t count) {
    const size_t g = t->groups->n;
    for (size_t b = 0; b < count; b++) {
        xp_groups_signs(g, seed, XP_RNG_PAIR_FLIPS, (uint32_t)(first + b), t->sign + b * g);
        t->largest[b] = -HUGE_VAL;
    }
    xp_gemm(false, true, t->n, count, g, 1, t->sum, g, t->sign, g, 0, t->statistic, DRAWS);
    for (size_t k = t->n; k-- > 0;) { /* from the smallest on: what is left when all larger ones are out */
        const size_t test = t->order[k].test;
        const double *own = t->statistic + test * DRAWS, enough = t->order[k].observed - ROUNDING * sqrt((double)g);
        for (size_t b = 0; b < count; b++) {
            t->largest[b] = fmax(t->largest[b], own[b]);
            t->reached[test] += own[b] >= enough;
            t->reached_by_any[test] += t->largest[b] >= enough;
        }
    }
}

bool xp_gains_test(size_t n_tests, size_t n_pairs, const double *difference, const xp_groups *g, size_t draws,
                   uint64_t seed, xp_gain *gain) {
    testing t = {.n = n_tests,
                 .draws = draws,
                 .groups = g,
                 .sum = xp_alloc(n_tests * g->n, sizeof *t.sum),
                 .order = xp_alloc(n_tests, sizeof *t.order),
                 .sign = xp_alloc(DRAWS * g->n, sizeof *t.sign),
                 .statistic = xp_alloc(n_tests, DRAWS * sizeof *t.statistic),
                 .reached = xp_calloc(n_tests, sizeof *t.reached),
                 .reached_by_any = xp_calloc(n_tests, sizeof *t.reached_by_any)};
    const bool ok = t.sum != NULL && t.order != NULL && t.sign != NULL && t.statistic != NULL && t.reached != NULL &&
                    t.reached_by_any != NULL && summarise(n_tests, n_pairs, difference, g, t.sum, gain);
    if (ok) sort_tests(&t);
    for (size_t first = 1; ok && first <= draws; first += DRAWS)
        count_draws(&t, seed, first, draws - first + 1 < DRAWS ? draws - first + 1 : DRAWS);
    for (size_t k = 0; ok && k < n_tests; k++) {
        xp_gain *own = &gain[t.order[k].test];
        own->p = (double)(1 + t.reached[t.order[k].test]) / (double)(1 + draws);
        own->p_adjusted = (double)(1 + t.reached_by_any[t.order[k].test]) / (double)(1 + draws);
        if (k > 0) own->p_adjusted = fmax(own->p_adjusted, gain[t.order[k - 1].test].p_adjusted);
    }
    xp_free_all(t.sum, t.order, t.sign, t.statistic, t.reached, t.reached_by_any);
    return ok;
}

/* The hot loop of the tests: T(pi) of the statistic "agreement" for many permutations, one thread.
 *
 *     bench_agreement [CONCEPTS...]      a line of JSON for each number of concepts, all of which move
 *
 * A pair is a number of L looked up in the order of the permutation and multiplied by its weight. The limit is the look-ups alone, in rows that stay in
 * the first cache, measured in the same process: what is above it is multiplying, and the way of L and the weights from farther memory. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "limits.h"
#include "stats/agreement.h"
#include "tensor/blas.h"
#include "tensor/lanes.h"

static double *drawn(size_t count, uint32_t stream) {
    double *x = malloc(count * sizeof *x);
    xp_rng rng = xp_rng_begin(1, XP_RNG_TEST, stream);
    for (size_t i = 0; x != NULL && i < count; i++) x[i] = xp_rng_uniform(&rng) - .5;
    return x;
}

enum { ROW = 512 };

/* Columns of four rows, added up in four chains. */
static XP_CLONES double look_up(double row[QUAD][ROW], const uint32_t *index) {
    quad sum[4] = {{0}};
    for (size_t j = 0; j < ROW; j += 4)
        for (size_t k = 0; k < 4; k++) {
            const uint32_t at = index[j + k];
            sum[k] += (quad){row[0][at], row[1][at], row[2][at], row[3][at]};
        }
    return SUM_OF((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

/* Nanoseconds a look-up. */
static double limit(void) {
    enum { TIMES = 20000 };
    static double row[QUAD][ROW];
    static uint32_t index[ROW];
    for (uint32_t i = 0; i < ROW; i++) index[i] = i * 37 % ROW;
    double best = 1e9, sum = 0;
    for (int repeat = 0; repeat < 5; repeat++) {
        const double begin = processor_seconds();
        for (int t = 0; t < TIMES; t++) {
            row[t % QUAD][t % ROW] = t; /* else it is done once */
            sum += look_up(row, index);
        }
        const double took = (processor_seconds() - begin) * 1e9 / ((double)QUAD * ROW * TIMES);
        if (took < best) best = took;
    }
    return sum == 0 ? 0 : best;
}

static int measure(size_t n) {
    const size_t count = n < 1000 ? 2000 : 32;
    double *l = drawn(n * n, 1), *m = drawn(n * n, 2), *t = malloc(2 * count * sizeof *t);
    int *label = calloc(n, sizeof *label);
    xp_blocks blocks;
    xp_agreement g;
    if (l == NULL || m == NULL || t == NULL || label == NULL) return 1;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) l[i * n + j] = l[j * n + i];
    if (!xp_blocks_create(&blocks, n, label) || !xp_blocks_centre(&blocks, m, true) ||
        !xp_agreement_create(&g, n, l, &blocks))
        return 1;
    const double pairs = (double)n * (double)(n - 1) / 2 * (double)count;
    for (size_t weights = 1; weights <= 2; weights++) {
        if (!xp_agreement_add(&g, m)) return 1;
        double best = 1e9;
        for (int repeat = 0; repeat < 3; repeat++) {
            const double begin = processor_seconds();
            if (!xp_agreement_run(&g, 1, XP_RNG_TEST, 1, count, t)) return 1;
            const double took = processor_seconds() - begin;
            if (took < best) best = took;
        }
        printf("{\"concepts\": %zu, \"weights\": %zu, \"permutations_a_second\": %.0f, \"ns_a_pair\": %.3f, "
               "\"ns_limit\": %.3f}\n",
               n, weights, (double)count / best, best * 1e9 / pairs, limit());
    }
    xp_agreement_free(&g);
    xp_blocks_free(&blocks);
    free(l);
    free(m);
    free(t);
    free(label);
    return 0;
}

int main(int argc, char **argv) {
    static const size_t usual[] = {100, 160, 300, 540, 4400};
    xp_blas_single_thread();
    for (int i = 0; i < (argc > 1 ? argc - 1 : 5); i++)
        if (measure(argc > 1 ? strtoul(argv[i + 1], NULL, 10) : usual[i]) != 0) return 1;
    return 0;
}

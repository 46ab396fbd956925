/* The statistic "agreement" beside its definition, summed over every pair, and the laws that it keeps. */
#include "stats/agreement.h"

#include "support/statistics.h"

enum { N = 61 };

/* Blocks of 3 to 20 concepts, fixed ones and one that is alone; kind 0: one block of all. */
static void labels_of(int kind, int *label) {
    for (int i = 0; i < N; i++) label[i] = kind == 0 ? 0 : i == 7 ? 9 : i % 5 == 4 ? -1 : i < 20 ? 0 : i % 4;
}

static double *symmetric(uint32_t stream) {
    double *l = normals(N * N, stream);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < i; j++) l[i * N + j] = l[j * N + i];
    return l;
}

static double by_definition(const double *m, const double *l, const uint32_t *order) {
    double t = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) t += m[i * N + j] * l[order[i] * N + order[j]];
    return t;
}

static void the_sum_is_the_definition(void **state) {
    (void)state;
    enum { COUNT = 37 };
    for (int kind = 0; kind < 2; kind++) {
        int label[N];
        xp_blocks blocks;
        xp_agreement g;
        uint32_t order[N], scratch[N];
        double t[3 * COUNT];
        labels_of(kind, label);
        assert_true(xp_blocks_create(&blocks, N, label));
        double *l = symmetric(1), *weight[3];
        assert_true(xp_agreement_create(&g, N, l, &blocks));
        for (uint32_t w = 0; w < 3; w++) { /* the last one keeps its diagonal */
            weight[w] = normals(N * N, 2 + w);
            assert_true(xp_blocks_centre(&blocks, weight[w], w < 2));
            assert_true(xp_agreement_add(&g, weight[w]));
        }
        assert_true(xp_agreement_run(&g, test_seed(), XP_RNG_PERMUTE, 0, COUNT, t));
        for (uint32_t number = 0; number < COUNT; number++) {
            for (uint32_t i = 0; i < N; i++) order[i] = i;
            if (number > 0) xp_blocks_permute(&blocks, test_seed(), XP_RNG_PERMUTE, number, scratch, order);
            for (size_t w = 0; w < 3; w++) {
                const double expected = by_definition(weight[w], l, order);
                assert_true(fabs(t[w * COUNT + number] - expected) < 1e-11 * (1 + fabs(expected)));
            }
        }
        for (size_t w = 0; w < 3; w++) free(weight[w]);
        free(l);
        xp_agreement_free(&g);
        xp_blocks_free(&blocks);
    }
}

/* A few weights a row, and the same centred and dense. */
static void few_weights(void **state) {
    (void)state;
    enum { COUNT = 20 };
    for (int kind = 0; kind < 2; kind++) {
        int label[N];
        xp_blocks blocks;
        xp_agreement g;
        double t[2 * COUNT];
        labels_of(kind, label);
        assert_true(xp_blocks_create(&blocks, N, label));
        double *l = symmetric(41), *a = normals(N * N, 42);
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++)
                if (i == j || (i * 7 + j * 5) % 11 > 1) a[i * N + j] = 0;
        assert_true(xp_agreement_create(&g, N, l, &blocks) && xp_agreement_add_few(&g, a));
        assert_true(xp_blocks_centre(&blocks, a, true) && xp_agreement_add(&g, a));
        assert_true(xp_agreement_run(&g, test_seed(), XP_RNG_PERMUTE, 0, COUNT, t));
        for (size_t b = 0; b < COUNT; b++) assert_true(fabs(t[b] - t[COUNT + b]) < 1e-10 * (1 + fabs(t[b])));
        xp_agreement_free(&g);
        xp_blocks_free(&blocks);
        free(l);
        free(a);
    }
}

/* What a permutation gives depends on its number alone, in every bit. */
static void blocks_of_permutations_are_the_same_bits(void **state) {
    (void)state;
    enum { COUNT = 50 };
    int label[N];
    xp_blocks blocks;
    xp_agreement g;
    double all[COUNT], one;
    labels_of(1, label);
    assert_true(xp_blocks_create(&blocks, N, label));
    double *l = symmetric(11), *m = normals(N * N, 12);
    assert_true(xp_blocks_centre(&blocks, m, true));
    assert_true(xp_agreement_create(&g, N, l, &blocks) && xp_agreement_add(&g, m));
    assert_true(xp_agreement_run(&g, test_seed(), XP_RNG_PERMUTE, 1, COUNT, all));
    for (uint32_t b = 0; b < COUNT; b++) {
        assert_true(xp_agreement_run(&g, test_seed(), XP_RNG_PERMUTE, 1 + b, 1, &one));
        assert_memory_equal(&one, &all[b], sizeof one);
    }
    free(l);
    free(m);
    xp_agreement_free(&g);
    xp_blocks_free(&blocks);
}

/* Exchanging concepts within a block on the side of the norms, and then back by a permutation, is no change; and a multiple of the weights or of the
 * relation, or a constant added to a column of a block, leaves r alone. */
/* Several on the same norms, one weight of them equal in all: each has the bits that it has alone. */
static void together_as_alone(void **state) {
    (void)state;
    enum { COUNT = 37, MEMBERS = 3, ARMS = 3 };
    for (int kind = 0; kind < 2; kind++) {
        int label[N];
        xp_blocks blocks;
        xp_agreement g[MEMBERS];
        const xp_agreement *all[MEMBERS];
        double together[MEMBERS][ARMS * COUNT], alone[ARMS * COUNT], *t[MEMBERS];
        labels_of(kind, label);
        assert_true(xp_blocks_create(&blocks, N, label));
        double *l = symmetric(51), *shared = normals(N * N, 52);
        assert_true(xp_blocks_centre(&blocks, shared, false));
        for (uint32_t k = 0; k < MEMBERS; k++) {
            double *own = normals(N * N, 53 + k), *few = normals(N * N, 60 + k);
            for (size_t i = 0; i < N; i++)
                for (size_t j = 0; j < N; j++)
                    if (i == j || (i * 7 + j * 5 + k) % 11 > 1) few[i * N + j] = 0;
            assert_true(xp_blocks_centre(&blocks, own, true) && xp_agreement_create(&g[k], N, l, &blocks) &&
                        xp_agreement_add(&g[k], own) && xp_agreement_add_few(&g[k], few) &&
                        xp_agreement_add(&g[k], shared));
            all[k] = &g[k];
            t[k] = together[k];
            free(own);
            free(few);
        }
        assert_true(xp_agreement_run_together(all, MEMBERS, test_seed(), XP_RNG_PERMUTE, 0, COUNT, t));
        for (size_t k = 0; k < MEMBERS; k++) {
            assert_true(xp_agreement_run(&g[k], test_seed(), XP_RNG_PERMUTE, 0, COUNT, alone));
            assert_memory_equal(together[k], alone, sizeof alone);
        }
        for (size_t k = 0; k < MEMBERS; k++) xp_agreement_free(&g[k]);
        xp_blocks_free(&blocks);
        free(l);
        free(shared);
    }
}

static void laws(void **state) {
    (void)state;
    int label[N];
    xp_blocks blocks;
    uint32_t order[N], scratch[N];
    xp_agreed first, second;
    double left_out[N];
    labels_of(1, label);
    assert_true(xp_blocks_create(&blocks, N, label));
    double *l = symmetric(21), *a = normals(N * N, 22), *m = nans(N * N), *moved = nans(N * N);
    memcpy(m, a, N * N * sizeof *m);
    assert_true(xp_blocks_centre(&blocks, m, true));
    assert_true(xp_agreement_observe(N, m, l, &blocks, &first, left_out));
    assert_true(first.divisor > 0 && fabs(first.t / first.divisor) <= 1 && first.error > 0);

    xp_blocks_permute(&blocks, test_seed(), XP_RNG_PERMUTE, 5, scratch, order);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) moved[i * N + j] = l[order[i] * N + order[j]];
    assert_true(xp_agreement_observe(N, m, moved, &blocks, &second, left_out));
    assert_true(fabs(second.t - by_definition(m, l, order)) < 1e-10);
    assert_true(fabs(second.divisor - first.divisor) < 1e-10 * first.divisor);

    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            m[i * N + j] = 3 * (a[i * N + j] + (label[i] == 1 ? (double)j : 0));
            moved[i * N + j] = 7 * l[i * N + j];
        }
    assert_true(xp_blocks_centre(&blocks, m, true));
    assert_true(xp_agreement_observe(N, m, moved, &blocks, &second, left_out));
    assert_true(fabs(second.t / second.divisor - first.t / first.divisor) < 1e-12);
    assert_true(fabs(second.error - first.error) < 1e-12);
    free(l);
    free(a);
    free(m);
    free(moved);
    xp_blocks_free(&blocks);
}

/* Where the concepts of every block are alike, nothing can agree, and rounding is no divisor. */
static void alike_within_blocks(void **state) {
    (void)state;
    int label[N];
    xp_blocks blocks;
    xp_agreed agreed;
    double left_out[N];
    labels_of(1, label);
    assert_true(xp_blocks_create(&blocks, N, label));
    double *l = nans(N * N), *m = normals(N * N, 52);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) l[i * N + j] = sin(1 + label[i]) * sin(1 + label[j]) / 3;
    assert_true(xp_blocks_centre(&blocks, m, true) && xp_agreement_observe(N, m, l, &blocks, &agreed, left_out));
    assert_true(agreed.divisor == 0);
    free(l);
    free(m);
    xp_blocks_free(&blocks);
}

/* Each concept really left out. */
static void jackknife(void **state) {
    (void)state;
    int label[N];
    xp_blocks blocks;
    xp_agreed agreed;
    double left_out[N], mean = 0, squares = 0;
    labels_of(1, label);
    assert_true(xp_blocks_create(&blocks, N, label));
    double *l = symmetric(31), *m = normals(N * N, 32), *cl = nans(N * N);
    assert_true(xp_blocks_centre(&blocks, m, true));
    memcpy(cl, l, N * N * sizeof *cl);
    assert_true(xp_blocks_centre(&blocks, cl, true));
    assert_true(xp_agreement_observe(N, m, l, &blocks, &agreed, left_out));
    for (size_t out = 0; out < N; out++) {
        double t = 0, mm = 0, cc = 0;
        assert_int_equal(isnan(left_out[out]), !blocks.movable[out]);
        if (!blocks.movable[out]) continue;
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++) {
                if (i == out || j == out) continue;
                t += m[i * N + j] * l[i * N + j];
                mm += m[i * N + j] * m[i * N + j];
                cc += cl[i * N + j] * cl[i * N + j];
            }
        assert_true(fabs(left_out[out] - t / sqrt(mm * cc)) < 1e-12);
        mean += left_out[out] / (double)blocks.n_movable;
    }
    for (size_t i = 0; i < N; i++)
        if (blocks.movable[i]) squares += (left_out[i] - mean) * (left_out[i] - mean);
    const double count = (double)blocks.n_movable;
    assert_true(fabs(agreed.error - sqrt((count - 1) / count * squares)) < 1e-12);
    free(l);
    free(m);
    free(cl);
    xp_blocks_free(&blocks);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_sum_is_the_definition),
                                       cmocka_unit_test(few_weights),
                                       cmocka_unit_test(blocks_of_permutations_are_the_same_bits),
                                       cmocka_unit_test(together_as_alone),
                                       cmocka_unit_test(laws),
                                       cmocka_unit_test(jackknife),
                                       cmocka_unit_test(alike_within_blocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

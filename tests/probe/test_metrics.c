/* Laws of the metrics and of the copies of neighbours: ties go by index, whatever the block; names; chance and ceiling; clusters. */
#include "probe/cluster.h"
#include "probe/metrics.h"
#include "support/mappings.h"
#include "tensor/blas.h"

/* The definition: sort by value, ties by index. */
static void top_by_sorting(size_t m, const double *prediction, int *top) {
    bool taken[64] = {false};
    for (size_t k = 0; k < XP_TOP; k++) {
        size_t best = m;
        for (size_t j = 0; j < m; j++)
            if (!taken[j] && (best == m || prediction[j] > prediction[best])) best = j;
        top[k] = best < m ? (int)best : -1;
        if (best < m) taken[best] = true;
    }
}

static void top_features_of_blocks(void **state) {
    (void)state;
    xp_rng rng = test_rng(1);
    for (size_t m = 1; m <= 30; m++)
        for (size_t rows = 1; rows <= 40; rows++) {
            double *block = nans(m * rows), row[30];
            int *top = malloc(rows * XP_TOP * sizeof *top), one[XP_TOP], expected[XP_TOP];
            assert_non_null(top);
            size_t distinct = 1 + xp_rng_below(&rng, 6);
            for (size_t i = 0; i < m * rows; i++) { /* few values, so many ties; -0 ties with 0; infinities sort */
                size_t v = xp_rng_below(&rng, distinct + 3);
                block[i] = v < distinct        ? (double)v - 2
                           : v == distinct     ? -0.
                           : v == distinct + 1 ? HUGE_VAL
                                               : -HUGE_VAL;
            }
            memset(top, 0x55, rows * XP_TOP * sizeof *top);
            xp_metric_top_features_block(m, rows, block, top);
            for (size_t t = 0; t < rows; t++) {
                for (size_t j = 0; j < m; j++) row[j] = block[j * rows + t];
                top_by_sorting(m, row, expected);
                memset(one, 0x55, sizeof one);
                xp_metric_top_features(m, row, XP_TOP, one);
                for (size_t k = 0; k < XP_TOP; k++)
                    if (one[k] != expected[k] || top[t * XP_TOP + k] != expected[k])
                        fail_msg("m %zu, rows %zu, row %zu, place %zu: %d by row, %d by block, %d expected", m, rows, t,
                                 k, one[k], top[t * XP_TOP + k], expected[k]);
            }
            free(block);
            free(top);
        }
}

/* Values that agree in all but the last bits, many of them equal; and values apart. A radix sort looks at the upper half first. */
static double near_value(xp_rng *rng, int how) {
    if (how == 0) return xp_rng_uniform(rng) - .5;
    if (how == 1) return 1 + (double)xp_rng_below(rng, 200) * 0x1p-52;
    return (xp_rng_below(rng, 2) == 0 ? -1 : 1) * (1 + (double)xp_rng_below(rng, 3) * 0x1p-50);
}

static size_t place_of(size_t m, const double *value, size_t j) {
    size_t place = 1;
    for (size_t i = 0; i < m; i++) place += value[i] > value[j] || (value[i] == value[j] && i < j);
    return place;
}

static void orders_by_definition(void **state) {
    (void)state;
    enum { M = 700 };
    xp_rng rng = test_rng(7);
    xp_ranking ranking;
    assert_true(xp_ranking_alloc(&ranking, M));
    for (int how = 0; how < 3; how++) {
        double value[M], gold[M], rank[M], mean[M] = {0}, average = 0, at_r = 0;
        size_t place[M], g = 0;
        for (size_t j = 0; j < M; j++) {
            value[j] = near_value(&rng, how);
            g += (gold[j] = xp_rng_below(&rng, 20) == 0) != 0;
        }
        for (size_t j = 0; j < M; j++) {
            size_t below = 0, equal = 0;
            for (size_t i = 0; i < M; i++) below += value[i] < value[j], equal += value[i] == value[j];
            rank[j] = (double)below + ((double)equal + 1) / 2;
            place[j] = place_of(M, value, j);
        }
        for (size_t j = 0; j < M; j++) {
            if (gold[j] == 0) continue;
            size_t hits = 0;
            for (size_t i = 0; i < M; i++) hits += gold[i] != 0 && place[i] <= place[j];
            average += (double)hits / (double)place[j] / (double)g;
            at_r += place[j] <= g ? 1 / (double)g : 0;
        }
        xp_csr y = sparse_of(1, M, gold);
        const xp_target target = {.y = &y};
        xp_score score[XP_N_METRICS];
        int top[XP_TOP];
        xp_metric_row(&ranking, &target, 0, value, mean, 1u << XP_MAP | 1u << XP_PRECISION_AT_R | 1u << XP_SPEARMAN,
                      score, top);
        assert_true(fabs(score[XP_MAP].num - average) < 1e-12);
        assert_true(fabs(score[XP_PRECISION_AT_R].num - at_r) < 1e-12);
        const xp_score rho = xp_metric_spearman(&ranking, M, rank, gold); /* ranks have the order of the values */
        assert_true(fabs(score[XP_SPEARMAN].num - rho.num) < 1e-12);
        xp_csr_free(&y);
    }
    xp_ranking_free(&ranking);
}

static void f1_by_hand(void **state) {
    (void)state;
    static double gold[] = {3, 0, 0, 1, 0, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0}; /* two features; the negative one is none */
    xp_csr y = sparse_of(1, 15, gold);
    static const int top[XP_TOP] = {3, 5, 1, 2, 4, 6, 7, 8, 9, 10};
    assert_true(fabs(xp_metric_f1(&y, 0, top, XP_TOP).num - 2. / 12) < 1e-15);
    xp_csr_free(&y);
    static double few[] = {1, 0, 1}; /* m < 10: k is 3 */
    static const int all[XP_TOP] = {2, 1, 0, -1, -1, -1, -1, -1, -1, -1};
    y = sparse_of(1, 3, few);
    assert_true(fabs(xp_metric_f1(&y, 0, all, XP_TOP).num - 4. / 5) < 1e-15);
    xp_csr_free(&y);
    static double none[] = {0, -1, 0};
    y = sparse_of(1, 3, none);
    assert_true(xp_metric_f1(&y, 0, all, XP_TOP).den == 0);
    xp_csr_free(&y);
    assert_true(fabs(xp_metric_f1_ceiling(5, 100) - 10. / 15) < 1e-15);
    assert_true(fabs(xp_metric_f1_ceiling(20, 100) - 20. / 30) < 1e-15);
    assert_true(fabs(xp_metric_f1_chance(5, 100) - 2 * 10 * 5 / 100. / 15) < 1e-15);
    assert_true(fabs(xp_metric_f1_ceiling(3, 3) - 1) < 1e-15);
}

/* Chance is what uniform predictions get: the mean over many draws. */
static void chance_is_chance(void **state) {
    (void)state;
    enum { M = 41, G = 6, DRAWS = 20000 };
    double gold[M] = {0}, sum = 0, squares = 0, prediction[M];
    for (size_t g = 0; g < G; g++) gold[g * 7 % M] = 1;
    xp_csr y = sparse_of(1, M, gold);
    xp_rng rng = test_rng(2);
    for (int d = 0; d < DRAWS; d++) {
        int top[XP_TOP];
        for (size_t j = 0; j < M; j++) prediction[j] = xp_rng_uniform(&rng);
        xp_metric_top_features(M, prediction, XP_TOP, top);
        double f1 = xp_metric_f1(&y, 0, top, XP_TOP).num;
        sum += f1;
        squares += f1 * f1;
    }
    double mean = sum / DRAWS, error = sqrt((squares / DRAWS - mean * mean) / DRAWS);
    assert_true(fabs(mean - xp_metric_f1_chance(G, M)) < 4 * error);
    xp_csr_free(&y);
}

static void names_go_both_ways(void **state) {
    (void)state;
    xp_metric metric;
    for (int i = 0; i < XP_N_METRICS; i++) {
        const char *name = xp_metric_name((xp_metric)i);
        assert_true(xp_metric_find(name, strlen(name), &metric) && metric == (xp_metric)i);
    }
    assert_true(xp_metric_find("na-at-10-gold", 13, &metric) && metric == XP_NA_AT_10_GOLD);
    assert_false(xp_metric_find("f1", 2, &metric));
    assert_false(xp_metric_find("f1_at_100", 9, &metric));
}

/* Ranks do not see a monotone change; a constant has none; sparse gold (fast way) and dense gold agree, also with negative values. */
static void spearman_laws(void **state) {
    (void)state;
    enum { M = 53 };
    xp_ranking ranking;
    assert_true(xp_ranking_alloc(&ranking, M));
    xp_rng rng = test_rng(3);
    for (int round = 0; round < 300; round++) {
        double gold[M], prediction[M], changed[M], mean[M] = {0};
        for (size_t j = 0; j < M; j++) {
            gold[j] = xp_rng_uniform(&rng) < .2 ? (double)xp_rng_below(&rng, 7) - 2 : 0;
            prediction[j] = round % 3 == 0 ? (double)xp_rng_below(&rng, 5) - 2 : xp_rng_normal(&rng);
            changed[j] = exp(prediction[j] / 3) - 7;
        }
        xp_csr y = sparse_of(1, M, gold);
        const xp_target target = {.y = &y};
        xp_score dense = xp_metric_spearman(&ranking, M, prediction, gold),
                 again = xp_metric_spearman(&ranking, M, changed, gold), by_row[XP_N_METRICS];
        int top[XP_TOP];
        xp_metric_row(&ranking, &target, 0, prediction, mean, 1u << XP_SPEARMAN, by_row, top);
        assert_true((dense.den > 0) == (by_row[XP_SPEARMAN].den > 0));
        assert_true(fabs(dense.num - by_row[XP_SPEARMAN].num) < 1e-13);
        assert_true(fabs(dense.num - again.num) < 1e-15);
        if (y.start[1] > 0) assert_true(fabs(xp_metric_spearman(&ranking, M, gold, gold).num - 1) < 1e-14);
        for (size_t j = 0; j < M; j++) changed[j] = 3;
        assert_true(xp_metric_spearman(&ranking, M, changed, gold).den == 0);
        xp_csr_free(&y);
    }
    xp_ranking_free(&ranking);
}

/* Equal cosines go by index, also where rounding would see a difference: rows that are multiples of each other. */
static void neighbours_tie_by_index(void **state) {
    (void)state;
    enum { N = 17, D = 7 };
    double x[N * D], *direction = normals(D, 4);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < D; k++)
            x[i * D + k] = direction[k] * (.1 + .37 * (double)(i * i)); /* one direction: all cosines are 1 */
    xp_cosines cosines;
    xp_neighbours five, all;
    assert_true(xp_cosines_dense(&cosines, N, D, x));
    assert_true(xp_neighbours_dense(&five, N, D, x, 5) && xp_neighbours_dense(&all, N, D, x, N + 4));
    assert_int_equal(five.k, 5);
    assert_int_equal(all.k, N - 1); /* not more than there are */
    for (size_t i = 0; i < N; i++) {
        for (uint32_t k = 0; k < 5; k++) assert_int_equal(five.item[i * 5 + k], k < i ? k : k + 1);
        for (uint32_t k = 0; k < N - 1; k++) assert_int_equal(all.item[i * (N - 1) + k], k < i ? k : k + 1);
    }
    xp_neighbours_free(&five);
    xp_neighbours_free(&all);
    split s = split_rows(N, 4, 2);
    uint32_t held[N * 3];
    xp_knn_neighbours(&cosines, &s.fold, 3, held);
    for (size_t t = 0; t < s.fold.n_test; t++)
        for (uint32_t k = 0; k < 3; k++) assert_int_equal(held[t * 3 + k], k);
    xp_cosines_free(&cosines);
    free(direction);
    split_free(&s);
}

/* Rows that are equal are worked out once: the neighbours are those of all cosines. The first rows, over and over. */
static void check_equal_rows(size_t different_rows) {
    enum { N = 31, D = 9, M = 23, K = 6 };
    double *x = normals(N * D, 8), *y = normals(N * M, 9), hit[N];
    for (size_t i = different_rows; i < N; i++) {
        memcpy(x + i * D, x + i % different_rows * D, D * sizeof *x);
        memcpy(y + i * M, y + i % different_rows * M, M * sizeof *y);
    }
    xp_cosines cosines;
    xp_neighbours nearest;
    assert_true(xp_cosines_dense(&cosines, N, D, x) && xp_neighbours_dense(&nearest, N, D, x, K));
    for (size_t i = 0; i < N; i++)
        for (size_t p = 0; p < K; p++) {
            size_t before = 0;
            const uint32_t item = nearest.item[i * K + p];
            const int64_t *step = cosines.step + i * N;
            for (size_t j = 0; j < N; j++)
                before += j != i && (step[j] > step[item] || (step[j] == step[item] && j < item));
            assert_int_equal(before, p);
            assert_true(item != i);
        }
    xp_csr gold = sparse_norms(N, M, 6, 3, NULL, 6);
    uint32_t everyone[N];
    for (uint32_t i = 0; i < N; i++) everyone[i] = i;
    const xp_target target = {.y = &gold};
    assert_true(xp_metric_retrieved(y, &target, N, everyone, K, hit));
    for (size_t i = 0; i < N; i++) { /* beside rows that all differ it finds the same */
        double different[N * M], alone[N];
        for (size_t j = 0; j < N; j++)
            for (size_t k = 0; k < M; k++) different[j * M + k] = j == i ? y[i * M + k] : (double)(j * M + k);
        assert_true(xp_metric_retrieved(different, &target, N, everyone, K, alone));
        assert_true(hit[i] == alone[i]);
    }
    xp_csr_free(&gold);
    xp_neighbours_free(&nearest);
    xp_cosines_free(&cosines);
    free(x);
    free(y);
}

static void equal_rows_have_equal_neighbours(void **state) {
    (void)state;
    check_equal_rows(1);
    check_equal_rows(7);  /* as a mean predicts: one row a fold */
    check_equal_rows(28); /* as twins are */
}

/* Copying the nearest: in plain loops, for sparse gold in another order. */
static void knn_by_definition(void **state) {
    (void)state;
    enum { N = 43, D = 9, M = 31, K = 7 };
    double *x = normals(N * D, 5), prediction[M * N];
    xp_csr y = sparse_norms(N, M, 6, 3, NULL, 6);
    double *dense = dense_of(&y);
    uint32_t row[N], nearest[N * K];
    for (uint32_t i = 0; i < N; i++) row[i] = (i * 5 + 1) % N;
    const xp_target target = {.y = &y, .row = row};
    split s = split_rows(N, 5, 1);
    xp_cosines cosines;
    assert_true(xp_cosines_dense(&cosines, N, D, x));
    xp_knn_neighbours(&cosines, &s.fold, K, nearest);
    xp_knn_predict(&target, &s.fold, NULL, nearest, K, K, NULL, prediction);
    for (size_t t = 0; t < s.fold.n_test; t++) {
        bool taken[N] = {false};
        double sum[M] = {0};
        for (size_t k = 0; k < K; k++) {
            size_t best = N;
            double most = -2;
            for (size_t i = 0; i < s.fold.n_train; i++) {
                const double *a = x + s.test[t] * D, *b = x + s.train[i] * D;
                double ab = 0, aa = 0, bb = 0;
                for (size_t q = 0; q < D; q++) {
                    ab += a[q] * b[q];
                    aa += a[q] * a[q];
                    bb += b[q] * b[q];
                }
                if (!taken[i] && ab / sqrt(aa * bb) > most) {
                    most = ab / sqrt(aa * bb);
                    best = i;
                }
            }
            taken[best] = true;
            assert_int_equal(nearest[t * K + k], best);
            for (size_t j = 0; j < M; j++) sum[j] += dense[row[s.train[best]] * M + j];
        }
        for (size_t j = 0; j < M; j++) assert_true(fabs(prediction[j * s.fold.n_test + t] - sum[j] / K) < 1e-14);
    }
    xp_cosines_free(&cosines);
    free(x);
    free(dense);
    split_free(&s);
    xp_csr_free(&y);
}

/* Groups far apart are found, whatever the order of rows; as many clusters as rows leaves each alone; one takes all. */
static void clusters(void **state) {
    (void)state;
    enum { N = 47, D = 6, G = 5 };
    double *x = normals(N * D, 7);
    int label[N];
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < D; k++) x[i * D + k] = .1 * x[i * D + k] + (k == i % G ? 10 : 0);
    assert_true(xp_cluster_embedding(x, N, D, G, label));
    for (size_t i = 0; i < N; i++) assert_int_equal(label[i], (int)(i % G)); /* numbered by first appearance */
    assert_true(xp_cluster_ward(x, N, D, N, label));
    for (size_t i = 0; i < N; i++) assert_int_equal(label[i], (int)i);
    assert_true(xp_cluster_ward(x, N, D, 1, label));
    for (size_t i = 0; i < N; i++) assert_int_equal(label[i], 0);
    free(x);
    enum {
        C = 83,
        F = 12,
        M = G * F + 1
    }; /* eight features of the category's twelve each; one that all have says nothing */
    double *norms = nans(C * M);
    xp_rng rng = test_rng(8);
    uint32_t reversed[C];
    for (uint32_t i = 0; i < C; i++) {
        reversed[i] = C - 1 - i;
        for (size_t j = 0; j < M; j++)
            norms[i * M + j] =
                j + 1 == M || (j / F == i % G && xp_rng_uniform(&rng) < .67) ? 5 + (double)xp_rng_below(&rng, 26) : 0;
    }
    xp_csr y = sparse_of(C, M, norms);
    const xp_target target = {.y = &y};
    int found[C];
    for (int dense = 0; dense < 2; dense++) {
        assert_true(xp_cluster_norms(&target, reversed, C, dense, G, found));
        for (size_t i = 0; i < C; i++)
            assert_int_equal(found[i], (int)(i % G)); /* C - 1 - i runs through the groups, too */
    }
    free(norms);
    xp_csr_free(&y);
}

/* Clusters of sparse norms are those of the definition: weights in plain loops, the eigenvectors by LAPACK. */
static void clusters_by_definition(void **state) {
    (void)state;
    enum { N = 211, M = 307, COMPONENTS = N / 15, G = N / 12 };
    xp_csr y = sparse_norms(N, M, 9, 6, NULL, 9);
    uint32_t *everyone = counted(N);
    double *rows = dense_of(&y), *gram = nans(N * N), *score = nans(N * COMPONENTS), value[COMPONENTS],
           *vector = nans(COMPONENTS * N);
    for (size_t j = 0; j < M; j++) {
        size_t df = 0;
        for (size_t i = 0; i < N; i++) df += rows[i * M + j] > 0;
        for (size_t i = 0; i < N; i++)
            rows[i * M + j] = df < 2 ? 0 : sqrt(rows[i * M + j]) * log((double)N / (double)df);
    }
    for (size_t i = 0; i < N; i++) {
        double norm = sqrt(xp_dot(M, rows + i * M, rows + i * M));
        if (norm > 0) xp_scale(M, 1 / norm, rows + i * M);
    }
    xp_gram(false, N, M, rows, M, gram);
    assert_true(xp_eigen_symmetric(N, gram, COMPONENTS, value, vector));
    for (size_t i = 0; i < N; i++) {
        for (size_t a = 0; a < COMPONENTS; a++) score[i * COMPONENTS + a] = sqrt(value[a]) * vector[a * N + i];
        double norm = sqrt(xp_dot(COMPONENTS, score + i * COMPONENTS, score + i * COMPONENTS));
        if (norm > 0) xp_scale(COMPONENTS, 1 / norm, score + i * COMPONENTS);
    }
    int expected[N], found[N];
    assert_true(xp_cluster_ward(score, N, COMPONENTS, G, expected));
    const xp_target target = {.y = &y};
    assert_true(xp_cluster_norms(&target, everyone, N, false, G, found));
    assert_memory_equal(found, expected, sizeof found);
    double *owned[] = {rows, gram, score, vector};
    for (size_t k = 0; k < sizeof owned / sizeof *owned; k++) free(owned[k]);
    free(everyone);
    xp_csr_free(&y);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(top_features_of_blocks),
        cmocka_unit_test(f1_by_hand),
        cmocka_unit_test(chance_is_chance),
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(spearman_laws),
        cmocka_unit_test(neighbours_tie_by_index),
        cmocka_unit_test(knn_by_definition),
        cmocka_unit_test(clusters),
        cmocka_unit_test(clusters_by_definition),
        cmocka_unit_test(orders_by_definition),
        cmocka_unit_test(equal_rows_have_equal_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

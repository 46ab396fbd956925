/* Each condition keeps what it says it keeps and destroys what it says it destroys; the same seed gives the same bytes, another seed others. */
#include "support/matrix.h"

static xp_gold gold_of(size_t n, size_t m, uint32_t stream, double missing) {
    xp_gold gold = {.y = sparse_norms(n, m, 9, 5, NULL, stream)};
    if (missing <= 0) return gold;
    xp_rng rng = test_rng(stream + 500);
    double *dense = dense_of(&gold.y);
    gold.missing_start = xp_calloc(n + 1, sizeof *gold.missing_start);
    gold.missing_column = xp_alloc(n * m, sizeof *gold.missing_column);
    assert_true(gold.missing_start != NULL && gold.missing_column != NULL);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < m; j++) {
            if (!(xp_rng_uniform(&rng) < missing)) continue;
            dense[i * m + j] = 0;
            gold.missing_column[at++] = j;
        }
        gold.missing_start[i + 1] = at;
    }
    xp_csr_free(&gold.y);
    gold.y = sparse_of(n, m, dense);
    free(dense);
    return gold;
}

/* Cells as numbers, NaN where missing. */
static double *cells_of(const xp_gold *gold) {
    double *dense = dense_of(&gold->y);
    for (size_t i = 0; gold->missing_start != NULL && i < gold->y.n; i++)
        for (size_t e = gold->missing_start[i]; e < gold->missing_start[i + 1]; e++) {
            assert_true(gold->missing_column[e] < gold->y.m);
            assert_true(e == gold->missing_start[i] || gold->missing_column[e] > gold->missing_column[e - 1]);
            assert_true(dense[i * gold->y.m + gold->missing_column[e]] == 0); /* not both missing and there */
            dense[i * gold->y.m + gold->missing_column[e]] = NAN;
        }
    return dense;
}

static void well_formed(const xp_csr *a) {
    for (size_t i = 0; i < a->n; i++)
        for (size_t e = a->start[i]; e < a->start[i + 1]; e++) {
            assert_true(a->column[e] < a->m && a->value[e] != 0);
            assert_true(e == a->start[i] || a->column[e] > a->column[e - 1]);
        }
}

static bool same_bytes(const xp_gold *a, const xp_gold *b) {
    size_t n = a->y.n, count = a->y.start[n];
    if (memcmp(a->y.start, b->y.start, (n + 1) * sizeof *a->y.start) != 0) return false;
    if (memcmp(a->y.column, b->y.column, count * sizeof *a->y.column) != 0 ||
        memcmp(a->y.value, b->y.value, count * sizeof *a->y.value) != 0)
        return false;
    if (a->missing_start == NULL) return b->missing_start == NULL;
    return memcmp(a->missing_start, b->missing_start, (n + 1) * sizeof *a->missing_start) == 0 &&
           memcmp(a->missing_column, b->missing_column, a->missing_start[n] * sizeof *a->missing_column) == 0;
}

static int ascending(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    if (isnan(p) || isnan(q)) return (isnan(p) ? 1 : 0) - (isnan(q) ? 1 : 0);
    return p < q ? -1 : p > q;
}

/* The values of a column (or row), sorted; NaN last. */
static double *sorted(const double *first, size_t count, size_t stride) {
    double *v = nans(count);
    for (size_t i = 0; i < count; i++) v[i] = first[i * stride];
    qsort(v, count, sizeof *v, ascending);
    return v;
}

static bool same_values(const double *a, const double *b, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!(a[i] == b[i] || (isnan(a[i]) && isnan(b[i])))) return false;
    return true;
}

/* ---- shuffle ---- */

static void shuffle_keeps_columns(void **state) {
    (void)state;
    enum { N = 67, M = 101 };
    for (int masked = 0; masked < 2; masked++) {
        xp_gold gold = gold_of(N, M, 1, masked ? .1 : 0), z, again, other[3];
        assert_true(xp_control_shuffle_columns(&gold, NULL, 5, XP_RNG_SHUFFLE, 0, &z));
        assert_true(xp_control_shuffle_columns(&gold, NULL, 5, XP_RNG_SHUFFLE, 0, &again));
        assert_true(xp_control_shuffle_columns(&gold, NULL, 6, XP_RNG_SHUFFLE, 0, &other[0]));
        assert_true(xp_control_shuffle_columns(&gold, NULL, 5, XP_RNG_LINT_SHUFFLE, 0, &other[1]));
        assert_true(xp_control_shuffle_columns(&gold, NULL, 5, XP_RNG_SHUFFLE, 1, &other[2]));
        well_formed(&z.y);
        assert_true(same_bytes(&z, &again));
        assert_int_equal(z.missing_start != NULL, masked);
        double *before = cells_of(&gold), *after = cells_of(&z);
        size_t moved_sums = 0;
        for (size_t j = 0; j < M; j++) {
            double *p = sorted(before + j, N, M), *q = sorted(after + j, N, M);
            assert_true(same_values(p, q, N)); /* marginal, missing cells included */
            free(p);
            free(q);
        }
        for (size_t i = 0; i < N; i++) {
            double p = 0, q = 0;
            for (size_t j = 0; j < M; j++) {
                p += isnan(before[i * M + j]) ? 0 : before[i * M + j];
                q += isnan(after[i * M + j]) ? 0 : after[i * M + j];
            }
            moved_sums += p != q;
        }
        assert_true(moved_sums > N / 2);
        for (int k = 0; k < 3; k++) {
            assert_false(same_bytes(&z, &other[k]));
            xp_gold_free(&other[k]);
        }
        free(before);
        free(after);
        xp_gold_free(&gold);
        xp_gold_free(&z);
        xp_gold_free(&again);
    }
}

/* Columns move by themselves: features that always came together no longer do. */
static void shuffle_destroys_co_occurrence(void **state) {
    (void)state;
    enum { N = 101, M = 7 };
    double dense[N * M] = {0};
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < M; j++) dense[i * M + j] = i % 2 == 0 ? 3 : 0;
    xp_gold gold = {.y = sparse_of(N, M, dense)}, z;
    assert_true(xp_control_shuffle_columns(&gold, NULL, test_seed(), XP_RNG_SHUFFLE, 0, &z));
    double *after = cells_of(&z);
    for (size_t a = 0; a < M; a++)
        for (size_t b = 0; b < a; b++) {
            double both = 0; /* hypergeometric: mean 25.8, sd 2.5 */
            for (size_t i = 0; i < N; i++) both += after[i * M + a] > 0 && after[i * M + b] > 0;
            assert_true(both > 11 && both < 41);
        }
    free(after);
    xp_gold_free(&gold);
    xp_gold_free(&z);
}

static void shuffle_of_some_columns(void **state) {
    (void)state;
    enum { N = 53, M = 61 };
    xp_gold gold = gold_of(N, M, 2, .05), z;
    uint8_t which[M];
    for (size_t j = 0; j < M; j++) which[j] = j % 3 == 0;
    assert_true(xp_control_shuffle_columns(&gold, which, 5, XP_RNG_TAXONOMIC_SHUFFLE, 0, &z));
    double *before = cells_of(&gold), *after = cells_of(&z);
    size_t moved = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < M; j++) {
            bool same = same_values(before + i * M + j, after + i * M + j, 1);
            if (!which[j]) assert_true(same);
            moved += !same;
        }
    assert_true(moved > 0);
    free(before);
    free(after);
    xp_gold_free(&gold);
    xp_gold_free(&z);
}

/* A feature of one concept may go anywhere: 31 rows, 30 degrees of freedom. */
static void shuffle_is_uniform(void **state) {
    (void)state;
    enum { N = 31, DRAWS = 6200 };
    double dense[N] = {0}, count[N] = {0}, sum = 0;
    dense[4] = 2;
    xp_gold gold = {.y = sparse_of(N, 1, dense)};
    for (uint32_t d = 0; d < DRAWS; d++) {
        xp_gold z;
        assert_true(xp_control_shuffle_columns(&gold, NULL, test_seed(), XP_RNG_SHUFFLE, d, &z));
        for (size_t i = 0; i < N; i++) count[i] += z.y.start[i + 1] > z.y.start[i];
        xp_gold_free(&z);
    }
    for (size_t i = 0; i < N; i++) sum += pow(count[i] - DRAWS / (double)N, 2) / (DRAWS / (double)N);
    print_message("chi-square %.1f of 30 degrees of freedom\n", sum);
    assert_true(sum < 80);
    xp_gold_free(&gold);
}

static void shuffle_rows_keeps_rows(void **state) {
    (void)state;
    enum { N = 97 };
    uint32_t order[N], again[N], other[N];
    bool seen[N] = {false};
    xp_control_shuffle_rows(N, 5, order);
    xp_control_shuffle_rows(N, 5, again);
    xp_control_shuffle_rows(N, 6, other);
    assert_memory_equal(order, again, sizeof order);
    assert_memory_not_equal(order, other, sizeof order);
    size_t stayed = 0;
    for (size_t i = 0; i < N; i++) {
        assert_true(order[i] < N && !seen[order[i]]);
        seen[order[i]] = true;
        stayed += order[i] == i;
    }
    assert_true(stayed < 8); /* one is expected */
}

/* ---- random ---- */

static void random_keeps_the_values_of_a_row(void **state) {
    (void)state;
    enum { N = 71, M = 83 };
    xp_gold gold = gold_of(N, M, 3, 0), r, again, other;
    assert_true(xp_control_random_norms(&gold, false, 5, &r));
    assert_true(xp_control_random_norms(&gold, false, 5, &again));
    assert_true(xp_control_random_norms(&gold, false, 6, &other));
    well_formed(&r.y); /* distinct columns */
    assert_true(same_bytes(&r, &again));
    assert_false(same_bytes(&r, &other));
    double *before = cells_of(&gold), *after = cells_of(&r);
    for (size_t i = 0; i < N; i++) {
        double *p = sorted(before + i * M, M, 1), *q = sorted(after + i * M, M, 1);
        assert_true(same_values(p, q, M));
        free(p);
        free(q);
    }
    free(before);
    free(after);
    xp_gold_free(&gold);
    xp_gold_free(&r);
    xp_gold_free(&again);
    xp_gold_free(&other);
}

/* Every value of a row goes to every column equally often, the first one, too. */
static void random_is_uniform(void **state) {
    (void)state;
    enum { N = 5000, M = 11 };
    double *dense = nans(N * M), count[3][M] = {{0}};
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < M; j++) dense[i * M + j] = j < 3 ? (double)j + 1 : 0;
    xp_gold gold = {.y = sparse_of(N, M, dense)}, r;
    assert_true(xp_control_random_norms(&gold, false, test_seed(), &r));
    for (size_t e = 0; e < r.y.start[N]; e++) count[(size_t)r.y.value[e] - 1][r.y.column[e]]++;
    for (size_t v = 0; v < 3; v++) {
        double sum = 0;
        for (size_t j = 0; j < M; j++) sum += pow(count[v][j] - N / (double)M, 2) / (N / (double)M);
        print_message("value %zu: chi-square %.1f of 10 degrees of freedom\n", v + 1, sum);
        assert_true(sum < 45);
    }
    free(dense);
    xp_gold_free(&gold);
    xp_gold_free(&r);
}

static void random_dense_fills_the_range(void **state) {
    (void)state;
    enum { N = 61, M = 23 };
    double *dense = normals(N * M, 4), low = 2, high = 5, sum = 0, least = HUGE_VAL, most = -HUGE_VAL;
    for (size_t i = 0; i < N * M; i++) dense[i] = 2 + fmod(fabs(dense[i]), 3);
    dense[0] = low;
    dense[1] = high;
    dense[7] = 0; /* missing: 0 is no value of these norms */
    xp_gold gold = {.y = sparse_of(N, M, dense)}, r;
    gold.missing_start = xp_calloc(N + 1, sizeof *gold.missing_start);
    gold.missing_column = xp_alloc(1, sizeof *gold.missing_column);
    for (size_t i = 1; i <= N; i++) gold.missing_start[i] = 1;
    gold.missing_column[0] = 7;
    assert_true(xp_control_random_norms(&gold, true, test_seed(), &r));
    well_formed(&r.y);
    assert_int_equal(r.y.start[N], N * M);
    for (size_t e = 0; e < N * M; e++) {
        sum += r.y.value[e];
        least = fmin(least, r.y.value[e]);
        most = fmax(most, r.y.value[e]);
    }
    assert_true(least >= low && most <= high && least < low + .05 && most > high - .05);
    assert_true(fabs(sum / (N * M) - 3.5) < 5 * 3 / sqrt(12. * N * M));
    free(dense);
    xp_gold_free(&gold);
    xp_gold_free(&r);
}

/* ---- columns taken out ---- */

static void select_columns(void **state) {
    (void)state;
    enum { N = 41, M = 57 };
    for (int masked = 0; masked < 2; masked++) {
        xp_gold gold = gold_of(N, M, 6, masked ? .1 : 0), kept;
        uint8_t keep[M];
        for (size_t j = 0; j < M; j++) keep[j] = j % 4 != 2;
        assert_true(xp_control_select_columns(&gold, keep, &kept));
        double *before = cells_of(&gold), *after = cells_of(&kept);
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0, to = 0; j < M; j++)
                if (keep[j]) {
                    assert_true(same_values(before + i * M + j, after + i * kept.y.m + to, 1));
                    to++;
                }
        free(before);
        free(after);
        xp_gold_free(&gold);
        xp_gold_free(&kept);
    }
}

/* ---- categories exchanged ---- */

static void swap_is_a_derangement(void **state) {
    (void)state;
    enum { N = 151 };
    static const size_t sizes[][9] = {
        {5, 5}, {30, 7, 5}, {20, 19, 18, 9, 8, 7}, {40, 6, 5, 5, 5, 30, 4, 3, 1}, {12, 11, 10, 9, 8}};
    for (size_t c = 0; c < sizeof sizes / sizeof *sizes; c++)
        for (uint64_t seed = 1; seed <= 20; seed++) {
            int label[N], target_of[9];
            uint32_t order[N], again[N], other[N], used[N] = {0};
            size_t n_labels = 9, at = 0, count[9] = {0};
            for (size_t i = 0; i < N; i++) label[i] = -1;
            for (size_t k = 0; k < 9; k++)
                for (size_t q = 0; q < sizes[c][k]; q++) label[(at++ * 37) % N] = (int)k; /* members stand anywhere */
            for (size_t i = 0; i < N; i++)
                if (label[i] >= 0) count[label[i]]++;
            memset(order, 0x55, sizeof order);
            assert_true(xp_control_swap_categories(label, N, n_labels, 5, seed, order));
            assert_true(xp_control_swap_categories(label, N, n_labels, 5, seed, again));
            assert_true(xp_control_swap_categories(label, N, n_labels, 5, seed + 1000, other));
            assert_memory_equal(order, again, sizeof order);
            assert_memory_not_equal(order, other, sizeof order);
            for (size_t k = 0; k < 9; k++) target_of[k] = -1;
            for (size_t i = 0; i < N; i++) {
                if (label[i] < 0 || count[label[i]] < 5) {
                    assert_true(order[i] == UINT32_MAX); /* left out */
                    continue;
                }
                assert_true(order[i] < N);
                int to = label[order[i]];
                assert_true(to >= 0 && to != label[i]); /* nobody stays */
                if (target_of[label[i]] < 0) target_of[label[i]] = to;
                assert_int_equal(target_of[label[i]], to); /* a category moves as one */
                used[order[i]]++;
            }
            for (size_t k = 0; k < 9; k++) {
                if (count[k] < 5) continue;
                for (size_t o = 0; o < k; o++)
                    if (count[o] >= 5) assert_true(target_of[o] != target_of[k]); /* one to one */
                size_t to = (size_t)target_of[k], most = (count[k] + count[to] - 1) / count[to];
                for (size_t i = 0; i < N; i++)
                    if (label[i] == (int)to) /* without replacement, cycling only if short */
                        assert_true(used[i] <= most && used[i] >= (count[k] >= count[to] ? 1 : 0));
            }
        }
}

static void swap_needs_two_categories(void **state) {
    (void)state;
    int label[] = {0, 0, 0, 0, 0, 1, 1, 1, 1, -1};
    uint32_t order[10];
    assert_false(xp_control_swap_categories(label, 10, 2, 5, 1, order));
}

/* ---- inputs ---- */

static void random_embedding_has_the_covariance(void **state) {
    (void)state;
    enum { N = 1501, D = 5 };
    double *x = normals(N * D, 7), *r = nans(N * D), *again = nans(N * D);
    for (size_t i = 0; i < N; i++) /* scales from 1 to 16, correlated, with means */
        for (size_t j = 0; j < D; j++) x[i * D + j] = pow(2, (double)j) * (x[i * D + j] + x[i * D] + 1);
    assert_true(xp_control_random_embedding(x, N, D, 5, r));
    assert_true(xp_control_random_embedding(x, N, D, 5, again));
    assert_memory_equal(r, again, N * D * sizeof *r);
    assert_true(xp_control_random_embedding(x, N, D, 6, again));
    assert_memory_not_equal(r, again, N * D * sizeof *r);
    double mean[2][D] = {{0}}, covariance[2][D][D] = {{{0}}}, between[D] = {0};
    double *both[] = {x, r};
    for (size_t w = 0; w < 2; w++) {
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < D; j++) mean[w][j] += both[w][i * D + j] / N;
        for (size_t i = 0; i < N; i++)
            for (size_t a = 0; a < D; a++)
                for (size_t b = 0; b < D; b++)
                    covariance[w][a][b] +=
                        (both[w][i * D + a] - mean[w][a]) * (both[w][i * D + b] - mean[w][b]) / (N - 1);
    }
    for (size_t i = 0; i < N; i++)
        for (size_t a = 0; a < D; a++)
            between[a] += (x[i * D + a] - mean[0][a]) * (r[i * D + a] - mean[1][a]) / (N - 1);
    for (size_t a = 0; a < D; a++) {
        assert_true(fabs(mean[1][a] - mean[0][a]) < 5 * sqrt(covariance[0][a][a] / N));
        assert_true(fabs(between[a]) < 5 * covariance[0][a][a] / sqrt(N)); /* nothing of the rows is left */
        for (size_t b = 0; b < D; b++)
            assert_true(fabs(covariance[1][a][b] - covariance[0][a][b]) <
                        5 * sqrt(2. / N) * sqrt(covariance[0][a][a] * covariance[0][b][b]));
    }
    free(x);
    free(r);
    free(again);
}

static void spelling(void **state) {
    (void)state;
    double row[XP_SPELLING];
    for (size_t k = 0; k < XP_SPELLING; k++) row[k] = NAN;
    xp_control_spelling("banana", row);
    double sum = 0;
    for (size_t k = 0; k < XP_SPELLING; k++) sum += row[k];
    assert_true(row[0] == 6 && row[1 + 0] == 3 && row[1 + 1] == 1 && row[1 + 'n' - 'a'] == 2);
    assert_true(row[27 + 1] == 1 && row[53 + 0] == 1 && sum == 6 + 6 + 2);
    xp_control_spelling("caf\xc3\xa9", row); /* characters, not bytes; a letter with an accent is no letter of the 26 */
    sum = 0;
    for (size_t k = 53; k < XP_SPELLING; k++) sum += row[k];
    assert_true(row[0] == 4 && row[27 + 2] == 1 && sum == 0);
    xp_control_spelling("x-ray 2", row);
    assert_true(row[0] == 7 && row[27 + 23] == 1 && row[1 + 24] == 1);
    xp_control_spelling("", row);
    for (size_t k = 0; k < XP_SPELLING; k++) assert_true(row[k] == 0);
}

/* A condition without memory says so, whichever allocation fails, and leaves nothing. */
static void without_memory(void **state) {
    (void)state;
    xp_gold gold = gold_of(23, 31, 9, .1), made;
    double *x = normals(23 * 3, 10), *random = nans(23 * 3);
    int label[23];
    uint32_t order[23];
    uint8_t keep[31];
    for (size_t i = 0; i < 23; i++) label[i] = i % 2;
    for (size_t j = 0; j < 31; j++) keep[j] = j % 2;
    for (int which = 0; which < 5; which++) {
        bool ok = false;
        for (size_t n = 1; !ok; n++) {
            assert_true(n < 20);
            xp_fail_allocation(n);
            switch (which) {
            case 0: ok = xp_control_shuffle_columns(&gold, NULL, 1, XP_RNG_SHUFFLE, 0, &made); break;
            case 1: ok = xp_control_random_norms(&gold, false, 1, &made); break;
            case 2: ok = xp_control_select_columns(&gold, keep, &made); break;
            case 3: ok = xp_control_swap_categories(label, 23, 2, 5, 1, order); break;
            default: ok = xp_control_random_embedding(x, 23, 3, 1, random); break;
            }
            xp_fail_allocation(0);
            if (ok) assert_true(n > 2);
            if (ok && which < 3) xp_gold_free(&made);
        }
    }
    free(x);
    free(random);
    xp_gold_free(&gold);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffle_keeps_columns),
        cmocka_unit_test(shuffle_destroys_co_occurrence),
        cmocka_unit_test(shuffle_of_some_columns),
        cmocka_unit_test(shuffle_is_uniform),
        cmocka_unit_test(shuffle_rows_keeps_rows),
        cmocka_unit_test(random_keeps_the_values_of_a_row),
        cmocka_unit_test(random_is_uniform),
        cmocka_unit_test(random_dense_fills_the_range),
        cmocka_unit_test(select_columns),
        cmocka_unit_test(swap_is_a_derangement),
        cmocka_unit_test(swap_needs_two_categories),
        cmocka_unit_test(random_embedding_has_the_covariance),
        cmocka_unit_test(spelling),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The matrix-free PLSR gives what the rank-space one gives on the same matrix made dense, and on norms that predict themselves what their PCA
 * gives; also where columns are constant, rows are empty, cells are missing and the rank runs out. */
#include "support/mappings.h"

static const size_t COUNTS[] = {1, 2, 5, 11, 25};
enum { N_COUNTS = sizeof COUNTS / sizeof *COUNTS };
static const double EQUAL = 1e-7;

/* All three on X = Y; returns the components used. */
static size_t three_agree(const xp_csr *y, const xp_fold *fold, size_t most) {
    const xp_target target = {.y = y};
    double *x = dense_of(y);
    fitted free_of_matrix = fit(MATRIX_FREE, NULL, 0, NULL, &target, fold, most, XP_PLSR_EXACT);
    fitted dense = fit(RANK_SPACE, x, y->m, NULL, &target, fold, most, XP_PLSR_EXACT);
    fitted pca = fit(PCA, NULL, 0, NULL, &target, fold, most, 0);
    assert_int_equal(free_of_matrix.path.used, pca.path.used);
    assert_int_equal(free_of_matrix.path.used, dense.path.used);
    for (size_t c = 0; c < N_COUNTS && COUNTS[c] <= most; c++) {
        double *a = predict(&free_of_matrix, &target, fold, COUNTS[c]), *b = predict(&dense, &target, fold, COUNTS[c]),
               *p = predict(&pca, &target, fold, COUNTS[c]);
        assert_close(y->m * fold->n_test, a, p, EQUAL);
        assert_close(y->m * fold->n_test, a, b, EQUAL);
        assert_close(y->m * fold->n_test, b, p, EQUAL);
        free(a);
        free(b);
        free(p);
    }
    size_t used = free_of_matrix.path.used;
    fitted_free(&free_of_matrix);
    fitted_free(&dense);
    fitted_free(&pca);
    free(x);
    return used;
}

static void norms_on_themselves(void **state) {
    (void)state;
    xp_csr y = sparse_norms(101, 207, 9, 5, NULL, 1);
    split s = split_rows(101, 7, 3);
    assert_int_equal(three_agree(&y, &s.fold, 25), 25);
    split_free(&s);
    xp_csr_free(&y);
}

static void constant_columns_and_empty_rows(void **state) {
    (void)state;
    enum { N = 61, M = 83 };
    xp_csr y = sparse_norms(N, M, 8, 4, NULL, 2);
    double *dense = dense_of(&y);
    for (size_t i = 0; i < N; i++) {
        dense[i * M + 7] = .1; /* constant: a one-pass variance makes it 1e-17 */
        dense[i * M + 20] = 0;
        dense[i * M + 33] = i % 7 == 3 ? 9 : 0; /* only held-out rows have it */
        dense[i * M + 41] = dense[i * M + 40];  /* equal columns */
    }
    for (size_t j = 0; j < M; j++)
        dense[11 * M + j] = j == 7 ? .1 : 0; /* a row of zeros but for the constant: trains */
    for (size_t j = 0; j < M; j++) dense[17 * M + j] = j == 7 ? .1 : 0; /* and one that is held out */
    xp_csr_free(&y);
    y = sparse_of(N, M, dense);
    split s = split_rows(N, 7, 3);
    assert_int_equal(s.fold.test[2], 17);
    assert_int_equal(three_agree(&y, &s.fold, 25), 25);
    free(dense);
    split_free(&s);
    xp_csr_free(&y);
}

/* Every row is a mixture of three: centred rank at most 3. */
static void rank_runs_out(void **state) {
    (void)state;
    enum { N = 53, M = 29, RANK = 3 };
    double *left = normals(N * RANK, 3), *right = normals(RANK * M, 4), *dense = nans(N * M);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < M; j++) {
            dense[i * M + j] = 0;
            for (size_t k = 0; k < RANK; k++) dense[i * M + j] += left[i * RANK + k] * right[k * M + j];
        }
    xp_csr y = sparse_of(N, M, dense);
    split s = split_rows(N, 5, 1);
    assert_int_equal(three_agree(&y, &s.fold, 11), RANK);
    free(left);
    free(right);
    free(dense);
    split_free(&s);
    xp_csr_free(&y);
}

static void fewer_rows_than_components(void **state) {
    (void)state;
    xp_csr y = sparse_norms(13, 41, 7, 3, NULL, 5);
    split s = split_rows(13, 5, 2);
    assert_int_equal(s.fold.n_train, 11 - 1);
    assert_int_equal(three_agree(&y, &s.fold, 25), 9); /* centred: one less than rows */
    split_free(&s);
    xp_csr_free(&y);
}

/* Not only X = Y: other rows, other columns, and targets in another order. */
static void sparse_input_other_target(void **state) {
    (void)state;
    enum { N = 97, MX = 151, MY = 47 };
    xp_csr x = sparse_norms(N, MX, 9, 5, NULL, 6), y = sparse_norms(N, MY, 5, 5, NULL, 7);
    uint32_t *order = counted(N);
    xp_rng rng = test_rng(8);
    xp_rng_permutation(&rng, N, order);
    const xp_target input = {.y = &x}, target = {.y = &y, .row = order};
    double *dense = dense_of(&x);
    split s = split_rows(N, 6, 5);
    fitted a = fit(MATRIX_FREE, NULL, 0, &input, &target, &s.fold, 25, XP_PLSR_EXACT);
    fitted b = fit(RANK_SPACE, dense, MX, NULL, &target, &s.fold, 25, XP_PLSR_EXACT);
    assert_int_equal(a.path.used, 25);
    for (size_t c = 0; c < N_COUNTS; c++) {
        double *p = predict(&a, &target, &s.fold, COUNTS[c]), *q = predict(&b, &target, &s.fold, COUNTS[c]);
        assert_close(MY * s.fold.n_test, p, q, EQUAL);
        free(p);
        free(q);
    }
    fitted_free(&a);
    fitted_free(&b);
    free(dense);
    free(order);
    split_free(&s);
    xp_csr_free(&x);
    xp_csr_free(&y);
}

static void missing_cells(void **state) {
    (void)state;
    enum { N = 59, M = 31 };
    double *dense = normals(N * M, 9);
    size_t *start = calloc(N + 1, sizeof *start);
    uint32_t *column = counted(N * M);
    assert_non_null(start);
    xp_rng rng = test_rng(10);
    for (size_t i = 0; i < N; i++) {
        start[i + 1] = start[i];
        for (uint32_t j = 0; j < M; j++) {
            if (j % 3 == 0) dense[i * M + j] += 4; /* a mean that matters */
            if (xp_rng_uniform(&rng) > .1) continue;
            dense[i * M + j] = 0;
            column[start[i + 1]++] = j;
        }
    }
    xp_csr y = sparse_of(N, M, dense);
    const xp_target target = {.y = &y, .missing_start = start, .missing_column = column};
    split s = split_rows(N, 6, 0);
    fitted a = fit(MATRIX_FREE, NULL, 0, NULL, &target, &s.fold, 25, XP_PLSR_EXACT);
    fitted b = fit(PCA, NULL, 0, NULL, &target, &s.fold, 25, 0);
    for (size_t c = 0; c < N_COUNTS; c++) {
        double *p = predict(&a, &target, &s.fold, COUNTS[c]), *q = predict(&b, &target, &s.fold, COUNTS[c]);
        assert_close(M * s.fold.n_test, p, q, EQUAL);
        free(p);
        free(q);
    }
    fitted_free(&a);
    fitted_free(&b);
    free(dense);
    free(start);
    free(column);
    split_free(&s);
    xp_csr_free(&y);
}

static void scores_are_orthonormal(void **state) {
    (void)state;
    xp_csr y = sparse_norms(121, 307, 9, 6, NULL, 11);
    const xp_target target = {.y = &y};
    split s = split_rows(121, 9, 4);
    fitted f = fit(MATRIX_FREE, NULL, 0, NULL, &target, &s.fold, 60, XP_PLSR_EXACT);
    assert_int_equal(f.path.used, 60);
    for (size_t a = 0; a < 60; a++)
        for (size_t b = 0; b <= a; b++) {
            double dot = 0;
            for (size_t i = 0; i < s.fold.n_train; i++)
                dot += f.path.left[a * s.fold.n_train + i] * f.path.left[b * s.fold.n_train + i];
            if (!(fabs(dot - (a == b)) < 1e-13)) fail_msg("scores %zu and %zu: %g", a, b, dot);
        }
    fitted_free(&f);
    split_free(&s);
    xp_csr_free(&y);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_on_themselves),
        cmocka_unit_test(constant_columns_and_empty_rows),
        cmocka_unit_test(rank_runs_out),
        cmocka_unit_test(fewer_rows_than_components),
        cmocka_unit_test(sparse_input_other_target),
        cmocka_unit_test(missing_cells),
        cmocka_unit_test(scores_are_orthonormal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

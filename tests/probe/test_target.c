/* Column statistics, predictions as sums over training rows, and the PCA of the norms against a reconstruction by singular vectors. */
#include "support/mappings.h"
#include "tensor/blas.h"

/* Columns with every trap: constant, 0.1, absent, seen once, missing cells, one value beside missing cells, negative, and the mean 0. */
static void statistics_of_columns(void **state) {
    (void)state;
    enum { N = 31, M = 11 };
    double *dense = normals(N * M, 1);
    bool missing[N * M] = {false};
    for (size_t i = 0; i < N; i++) {
        dense[i * M + 0] = 7;
        dense[i * M + 1] = .1;
        dense[i * M + 2] = 0;
        dense[i * M + 3] = i == 9 ? 4 : 0;
        dense[i * M + 4] = i % 2 == 0 ? 1 : -1;
        missing[i * M + 5] = i % 4 == 1;
        missing[i * M + 6] = true;
        dense[i * M + 7] = .3; /* constant where it is observed */
        missing[i * M + 7] = i % 3 == 0;
        missing[i * M + 8] = i != 9;           /* one observed training cell */
        dense[i * M + 9] = i % 6 == 1 ? 5 : 0; /* only the held-out rows have it */
        dense[i * M + 10] = .3;                /* a constant but for one cell */
    }
    dense[9 * M + 10] = .4;
    size_t start[N + 1] = {0};
    uint32_t column[N * M];
    for (size_t i = 0; i < N; i++) {
        start[i + 1] = start[i];
        for (uint32_t j = 0; j < M; j++) {
            if (!missing[i * M + j]) continue;
            dense[i * M + j] = 0;
            column[start[i + 1]++] = j;
        }
    }
    xp_csr y = sparse_of(N, M, dense);
    const xp_target target = {.y = &y, .missing_start = start, .missing_column = column};
    split s = split_rows(N, 6, 1);
    xp_columns c = columns_of(&target, &s.fold);
    for (size_t j = 0; j < M; j++) {
        double sum = 0, squares = 0, low = HUGE_VAL, high = -HUGE_VAL;
        uint32_t seen = 0, count = 0;
        for (size_t t = 0; t < s.fold.n_train; t++) {
            size_t at = s.train[t] * M + j;
            if (missing[at]) continue;
            seen++;
            count += dense[at] != 0;
            sum += dense[at];
            low = fmin(low, dense[at]);
            high = fmax(high, dense[at]);
        }
        const bool constant = !(high > low);
        const double mean = seen == 0 ? 0 : constant ? low : sum / seen;
        for (size_t t = 0; t < s.fold.n_train; t++)
            if (!missing[s.train[t] * M + j]) squares += pow(dense[s.train[t] * M + j] - mean, 2);
        assert_int_equal(c.observed[j], seen);
        assert_int_equal(c.count[j], count);
        assert_int_equal(c.constant[j], constant);
        if (constant) {
            assert_true(c.mean[j] == mean); /* in every bit: it is what such a column predicts */
            assert_true(c.scale[j] == 1);
        } else {
            assert_true(fabs(c.mean[j] - mean) < 1e-14);
            assert_true(fabs(c.scale[j] / sqrt(squares / (seen - 1)) - 1) < 1e-13);
        }
    }
    static const uint8_t constant[M] = {1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0};
    assert_memory_equal(c.constant, constant, M);
    xp_columns_free(&c);
    split_free(&s);
    free(dense);
    xp_csr_free(&y);
}

/* mean + weights times what is left of the rows, a constant column untouched, a missing cell at its mean. */
static void smooth_is_a_sum_of_rows(void **state) {
    (void)state;
    enum { N = 29, M = 23 };
    double *dense = normals(N * M, 2);
    xp_rng rng = test_rng(3);
    size_t start[N + 1] = {0};
    uint32_t column[N * M];
    bool missing[N * M] = {false};
    for (size_t i = 0; i < N; i++) {
        start[i + 1] = start[i];
        for (uint32_t j = 0; j < M; j++) {
            double u = xp_rng_uniform(&rng);
            if (j == 4) dense[i * M + j] = .7;
            if (u < .5 && j != 4) dense[i * M + j] = 0;
            if (!(u < .1) || j == 4) continue;
            missing[i * M + j] = true;
            column[start[i + 1]++] = j;
        }
    }
    xp_csr y = sparse_of(N, M, dense);
    uint32_t row[N];
    for (uint32_t i = 0; i < N; i++) row[i] = (i * 7 + 3) % N; /* rows in another order */
    const xp_target target = {.y = &y, .row = row, .missing_start = start, .missing_column = column};
    for (size_t held_out = 1; held_out < 12; held_out += 5) {
        split s = split_at(N - held_out, N);
        xp_columns c = columns_of(&target, &s.fold);
        double *weight = normals(s.fold.n_train * held_out, 4), *found = nans(M * held_out),
               *expected = nans(M * held_out);
        for (size_t t = 0; t < held_out; t++) { /* as every mapping of ours: the weights of a test row sum to zero */
            double sum = 0;
            for (size_t k = 0; k < s.fold.n_train; k++) sum += weight[k * held_out + t];
            for (size_t k = 0; k < s.fold.n_train; k++) weight[k * held_out + t] -= sum / (double)s.fold.n_train;
        }
        xp_target_smooth_begin(&c, held_out, found);
        xp_target_smooth(&target, &s.fold, &c, weight, found);
        for (size_t j = 0; j < M; j++)
            for (size_t t = 0; t < held_out; t++) {
                double sum = c.mean[j];
                for (size_t k = 0; k < s.fold.n_train; k++) {
                    size_t at = row[s.train[k]] * M + j;
                    if (!missing[at] && !c.constant[j]) sum += weight[k * held_out + t] * (dense[at] - c.mean[j]);
                }
                expected[j * held_out + t] = sum;
            }
        assert_close(M * held_out, found, expected, 1e-13);
        for (size_t t = 0; t < held_out; t++) assert_true(found[4 * held_out + t] == .7);
        xp_columns_free(&c);
        free(weight);
        free(found);
        free(expected);
        split_free(&s);
    }
    free(dense);
    xp_csr_free(&y);
}

/* A path of several counts in steps is the path in one. */
static void paths_add_up(void **state) {
    (void)state;
    xp_csr y = sparse_norms(53, 67, 7, 4, NULL, 5);
    const xp_target target = {.y = &y};
    split s = split_rows(53, 5, 3);
    fitted f = fit(PCA, NULL, 0, NULL, &target, &s.fold, 13, 0);
    const size_t cells = 67 * s.fold.n_test;
    double *steps = nans(cells);
    xp_target_smooth_begin(&f.columns, s.fold.n_test, steps);
    static const size_t counts[] = {1, 2, 7, 13, 40};
    for (size_t c = 0, done = 0; c < 5; c++) {
        xp_path_add(&f.path, &target, &s.fold, &f.columns, done, counts[c], steps);
        done = counts[c];
        double *once = predict(&f, &target, &s.fold, counts[c]);
        assert_close(cells, steps, once, 1e-13);
        free(once);
    }
    fitted_free(&f);
    free(steps);
    split_free(&s);
    xp_csr_free(&y);
}

/* "upper": the held-out row, projected on the leading right singular vectors of the standardised training rows. */
static void pca_is_the_reconstruction(void **state) {
    (void)state;
    enum { N = 61, M = 43 };
    xp_csr made = sparse_norms(N, M, 8, 5, NULL, 6);
    double *dense = dense_of(&made);
    for (size_t i = 0; i < N; i++) dense[i * M + 5] = .1;
    xp_csr y = sparse_of(N, M, dense);
    const xp_target target = {.y = &y};
    split s = split_rows(N, 6, 4);
    xp_columns c = columns_of(&target, &s.fold);
    double *z = nans(N * M), gram[M * M], value[M], axis[M * M], *kept = nans(s.fold.n_train * M);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < M; j++) z[i * M + j] = c.constant[j] ? 0 : (dense[i * M + j] - c.mean[j]) / c.scale[j];
    for (size_t t = 0; t < s.fold.n_train; t++) memcpy(kept + t * M, z + s.train[t] * M, M * sizeof *z);
    xp_gram(true, M, s.fold.n_train, kept, M, gram);
    assert_true(xp_eigen_symmetric(M, gram, M, value, axis));
    fitted f = fit(PCA, NULL, 0, NULL, &target, &s.fold, 20, 0);
    for (size_t components = 1; components <= 20; components += 6) {
        double *found = predict(&f, &target, &s.fold, components), *expected = nans(M * s.fold.n_test);
        for (size_t t = 0; t < s.fold.n_test; t++) {
            double *row = z + s.test[t] * M;
            for (size_t j = 0; j < M; j++) {
                double sum = 0;
                for (size_t a = M - components; a < M; a++) sum += xp_dot(M, row, axis + a * M) * axis[a * M + j];
                expected[j * s.fold.n_test + t] = c.mean[j] + c.scale[j] * sum;
            }
        }
        assert_close(M * s.fold.n_test, found, expected, 1e-11);
        free(found);
        free(expected);
    }
    fitted_free(&f);
    xp_columns_free(&c);
    free(z);
    free(kept);
    free(dense);
    split_free(&s);
    xp_csr_free(&y);
    xp_csr_free(&made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_of_columns),
        cmocka_unit_test(smooth_is_a_sum_of_rows),
        cmocka_unit_test(paths_add_up),
        cmocka_unit_test(pca_is_the_reconstruction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

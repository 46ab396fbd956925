/* The example of docs/mappings.md compiles and is what it says, and what every mapping promises: the same bits for equal columns, a constant column
 * predicts its value, and a target on itself goes in where there are no vectors. */
#include "../docs/mapping_example.c" // NOLINT(bugprone-suspicious-include): it is the example that is tested

#include "support/mappings.h"
#include "support/matrix.h"

enum { N = 43, D = 9, M = 31 };

/* Predictions of all levels one after the other, levels x M x n_test, NaN before. */
static double *all_levels(const xp_mapping *mapping, const double *x, const xp_target *itself, const xp_target *target,
                          const split *s) {
    const size_t count = xp_mapping_n_levels(mapping), cells = target->y->m * s->fold.n_test;
    xp_data data = {.mapping = mapping, .n = N, .d = D, .m = target->y->m, .x = x, .itself = itself};
    xp_columns columns = columns_of(target, &s->fold);
    const xp_job job = {.target = target, .columns = &columns, .levels = mapping->levels};
    double *all = nans(count * cells);
    xp_input input;
    xp_work work;
    xp_note note;
    assert_true(xp_data_open(&data) && xp_input_prepare(&input, &data, &s->fold) && xp_work_open(&work, &input));
    for (int again = 0; again < 2; again++) { /* with used scratch, too */
        assert_true(xp_mapping_fit(&work, &input, &job, &note));
        for (size_t c = 0; c < count; c++) {
            if (c > 0) memcpy(all + c * cells, all + (c - 1) * cells, cells * sizeof *all);
            xp_mapping_predict(&work, c, all + c * cells);
        }
    }
    xp_mapping_settle(&work, &input);
    xp_work_close(&work);
    xp_input_release(&input);
    xp_data_close(&data);
    xp_columns_free(&columns);
    return all;
}

static void the_example(void **state) {
    (void)state;
    double *x = normals(N * D, 5);
    xp_csr y = sparse_norms(N, M, 6, 3, NULL, 6);
    double *dense = dense_of(&y);
    const xp_target target = {.y = &y};
    const xp_mapping mapping = {.mapper = &xp_soft_mapper};
    split s = split_rows(N, 5, 1);
    double *found = all_levels(&mapping, x, NULL, &target, &s);
    for (size_t t = 0; t < s.fold.n_test; t++) {
        double sum = 0, wanted[M] = {0};
        for (size_t k = 0; k < s.fold.n_train; k++) {
            const double *a = x + s.test[t] * D, *b = x + s.train[k] * D;
            double ab = 0, aa = 0, bb = 0;
            for (size_t q = 0; q < D; q++) {
                ab += a[q] * b[q];
                aa += a[q] * a[q];
                bb += b[q] * b[q];
            }
            double w = exp(20 * ab / sqrt(aa * bb));
            sum += w;
            for (size_t j = 0; j < M; j++) wanted[j] += w * dense[s.train[k] * M + j];
        }
        for (size_t j = 0; j < M; j++) assert_true(fabs(found[j * s.fold.n_test + t] - wanted[j] / sum) < 1e-9);
    }
    free(found);
    free(x);
    free(dense);
    split_free(&s);
    xp_csr_free(&y);
}

static void what_every_mapping_promises(void **state) {
    (void)state;
    static const double counts[] = {1, 3, 6}, penalties[] = {.1, 10, 1000};
    const xp_mapping mappings[] = {{.mapper = &xp_plsr_mapper, .levels = {counts, 3}},
                                   {.mapper = &xp_knn_mapper, .levels = {counts, 3}},
                                   {.mapper = &xp_ridge_mapper, .levels = {penalties, 3}},
                                   {.mapper = &xp_labelprop_mapper, .levels = {counts + 2, 1}},
                                   {.mapper = &xp_soft_mapper}};
    double *x = normals(N * D, 7), *values = nans(N * M);
    xp_csr drawn = sparse_norms(N, M, 6, 3, NULL, 8);
    double *dense = dense_of(&drawn);
    for (size_t i = 0; i < N; i++) {
        memcpy(values + i * M, dense + i * M, M * sizeof *values);
        values[i * M + 4] = values[i * M + 20]; /* two features alike, */
        values[i * M + 11] = 7;                 /* and one that all have */
    }
    xp_csr y = sparse_of(N, M, values);
    const xp_target target = {.y = &y};
    split s = split_rows(N, 5, 2);
    const size_t n_test = s.fold.n_test;
    for (size_t k = 0; k < 2 * sizeof mappings / sizeof *mappings; k++) {
        const xp_mapping *mapping = &mappings[k / 2];
        const bool upper = k % 2;
        double *found = all_levels(mapping, upper ? NULL : x, upper ? &target : NULL, &target, &s);
        double error = 0, spread = 0;
        for (size_t c = 0; c < xp_mapping_n_levels(mapping); c++) {
            const double *block = found + c * M * n_test;
            assert_memory_equal(block + 4 * n_test, block + 20 * n_test, n_test * sizeof *block);
            for (size_t t = 0; t < n_test; t++) assert_true(fabs(block[11 * n_test + t] - 7) < 1e-12);
            for (size_t j = 0; j < M; j++)
                for (size_t t = 0; t < n_test; t++) {
                    double off = block[j * n_test + t] - values[s.test[t] * M + j];
                    assert_true(isfinite(off));
                    error += off * off;
                    spread += values[s.test[t] * M + j] * values[s.test[t] * M + j];
                }
        }
        if (upper) assert_true(error < spread); /* they are told the answer */
        free(found);
    }
    free(x);
    free(values);
    free(dense);
    split_free(&s);
    xp_csr_free(&drawn);
    xp_csr_free(&y);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_example), cmocka_unit_test(what_every_mapping_promises)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Sparse matrices do what the same operations do to dense ones. */
#include "support/matrix.h"

static xp_csr random_sparse(size_t n, size_t m, uint32_t stream, double **dense) {
    xp_rng rng = test_rng(stream);
    *dense = nans(n * m);
    for (size_t i = 0; i < n * m; i++) (*dense)[i] = xp_rng_uniform(&rng) < .15 ? xp_rng_normal(&rng) : 0;
    for (size_t j = 0; j < m && n > 3; j++) (*dense)[2 * m + j] = 0; /* an empty row */
    return sparse_of(n, m, *dense);
}

static void ascends(const xp_csr *a) {
    assert_int_equal(a->start[0], 0);
    for (size_t i = 0; i < a->n; i++) {
        assert_true(a->start[i] <= a->start[i + 1]);
        for (size_t e = a->start[i]; e < a->start[i + 1]; e++) {
            assert_true(a->column[e] < a->m);
            assert_true(e == a->start[i] || a->column[e] > a->column[e - 1]);
            assert_true(a->value[e] != 0);
        }
    }
}

static void selects_rows_and_columns(void **state) {
    (void)state;
    double *dense;
    xp_csr a = random_sparse(23, 37, 2, &dense), b;
    static const uint32_t row[] = {22, 2, 0, 7, 7, 13}; /* any order, also twice */
    uint8_t keep[37];
    size_t kept = 0;
    for (size_t j = 0; j < 37; j++) kept += keep[j] = j % 3 != 1;
    assert_true(xp_csr_select(&a, row, 6, keep, &b));
    assert_int_equal(b.n, 6);
    assert_int_equal(b.m, kept);
    ascends(&b);
    double *d = dense_of(&b);
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0, to = 0; j < 37; j++)
            if (keep[j]) assert_true(d[i * kept + to++] == dense[row[i] * 37 + j]);
    xp_csr_free(&b);
    assert_true(xp_csr_select(&a, row, 6, NULL, &b));
    assert_int_equal(b.m, 37);
    xp_csr_free(&b);
    free(d);
    free(dense);
    xp_csr_free(&a);
}

static void without_memory(void **state) {
    (void)state;
    double *dense;
    xp_csr a = random_sparse(9, 13, 5, &dense), b;
    static const uint32_t row[] = {1, 3};
    for (size_t n = 1; n <= 4; n++) {
        xp_fail_allocation(n);
        assert_false(xp_csr_select(&a, row, 2, NULL, &b));
    }
    xp_fail_allocation(0);
    free(dense);
    xp_csr_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selects_rows_and_columns),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Weights as scikit-learn's defaults find them (their values: test_golden): laws that the two solvers keep. */
#include "support/mappings.h"

enum { N = 60, TRAIN = 50, D = 12, M = 30, RANK = 4, NOISE = 5000 };

typedef struct data {
    double x[N * D], y[N * M];
    xp_csr x_sparse, y_sparse;
    xp_target input, target;
    split s;
} data;

/* Inputs of rank `rank`, targets that are mostly zero; columns 3 and 7 of Y are equal. */
static data make(size_t rank, uint32_t stream) {
    data d = {.s = split_at(TRAIN, N)};
    xp_rng rng = xp_rng_begin(1, XP_RNG_TEST, NOISE + stream);
    double factor[N * D], loading[D * D];
    for (size_t i = 0; i < N * D; i++) factor[i] = xp_rng_normal(&rng);
    for (size_t i = 0; i < D * D; i++) loading[i] = xp_rng_normal(&rng);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < D; j++)
            for (size_t a = 0; a < rank; a++) d.x[i * D + j] += factor[i * D + a] * loading[a * D + j];
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < M; j++) {
            double drive = factor[i * D + j % RANK] + xp_rng_normal(&rng);
            d.y[i * M + j] = drive > 1 ? 5 + (double)xp_rng_below(&rng, 20) : 0;
        }
    for (size_t i = 0; i < N; i++) d.y[i * M + 7] = d.y[i * M + 3];
    d.x_sparse = sparse_of(N, D, d.x);
    d.y_sparse = sparse_of(N, M, d.y);
    return d;
}

static void bind(data *d) { /* the copy that make() returned has its own place */
    d->input = (xp_target){.y = &d->x_sparse};
    d->target = (xp_target){.y = &d->y_sparse};
}

static void release(data *d) {
    xp_csr_free(&d->x_sparse);
    xp_csr_free(&d->y_sparse);
    split_free(&d->s);
}

/* scikit-learn goes on with rounding once the rank of X is used up; here the components end. */
static void ends_with_the_rank(void **state) {
    (void)state;
    for (uint32_t stream = 0; stream < 5; stream++) {
        data d = make(RANK, stream);
        bind(&d);
        fitted a = fit(RANK_SPACE, d.x, D, NULL, &d.target, &d.s.fold, 9, NIPALS),
               b = fit(MATRIX_FREE, NULL, 0, &d.input, &d.target, &d.s.fold, 9, NIPALS);
        assert_int_equal(a.path.used, RANK);
        assert_int_equal(b.path.used, RANK);
        fitted_free(&a);
        fitted_free(&b);
        release(&d);
    }
}

/* Rank space and matrix-free products walk the same way; equal columns stay equal in every bit; all components together are least squares, where it
 * no longer matters how far an iteration went. */
static void the_same_in_both_solvers(void **state) {
    (void)state;
    for (uint32_t stream = 10; stream < 20; stream++) {
        data d = make(D, stream);
        bind(&d);
        fitted a = fit(RANK_SPACE, d.x, D, NULL, &d.target, &d.s.fold, D, NIPALS),
               b = fit(MATRIX_FREE, NULL, 0, &d.input, &d.target, &d.s.fold, D, NIPALS),
               exact = fit(RANK_SPACE, d.x, D, NULL, &d.target, &d.s.fold, D, XP_PLSR_EXACT);
        const size_t n_test = d.s.fold.n_test;
        for (size_t c = 1; c <= D; c++) {
            assert_int_equal(a.iterations[c - 1], b.iterations[c - 1]);
            double *p = predict(&a, &d.target, &d.s.fold, c), *q = predict(&b, &d.target, &d.s.fold, c),
                   *r = predict(&exact, &d.target, &d.s.fold, c);
            assert_close(M * n_test, p, q, 1e-11);
            assert_memory_equal(p + 3 * n_test, p + 7 * n_test, n_test * sizeof *p);
            double off = difference(M * n_test, p, r);
            if (c == D) assert_true(off < 1e-9);
            if (c == 3) assert_true(off > 1e-7); /* else NIPALS had converged, and this test shows nothing */
            free(p);
            free(q);
            free(r);
        }
        fitted_free(&a);
        fitted_free(&b);
        fitted_free(&exact);
        release(&d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_with_the_rank),
        cmocka_unit_test(the_same_in_both_solvers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

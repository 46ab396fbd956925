/* The adapter of BLAS and LAPACK says what its header says: transposition, row-major order, what is destroyed. Against plain loops. */
#include "base/pool.h"
#include "base/rng.h"
#include "support/matrix.h"
#include "tensor/blas.h"
#include "tensor/loops.h"
#include "tensor/packed.h"

/* y = A'(A x) of every shape about the widths of the loop: four rows, eight columns. */
static void gram_product(void **state) {
    (void)state;
    for (size_t rows = 1; rows <= 11; rows++)
        for (size_t columns = 1; columns <= 27; columns += columns < 10 ? 1 : 3) {
            double *a = normals(rows * columns, 5), *x = normals(columns, 6), *y = nans(columns), *t = nans(rows),
                   *expected = nans(columns);
            xp_gemv(false, rows, columns, 1, a, columns, x, 0, t);
            xp_gemv(true, rows, columns, 1, a, columns, t, 0, expected);
            double squares = xp_gram_product(rows, columns, a, x, y);
            assert_true(fabs(squares - xp_dot(rows, t, t)) < 1e-12 * (1 + squares));
            for (size_t j = 0; j < columns; j++) assert_true(fabs(y[j] - expected[j]) < 1e-12 * (1 + squares));
            double *owned[] = {a, x, y, t, expected};
            for (size_t k = 0; k < sizeof owned / sizeof *owned; k++) free(owned[k]);
        }
}

/* Of numbers of all sizes, about 1, where the logarithm vanishes, and about the square roots where the exponent changes; zeros, negative numbers and
 * NaN count for nothing, wherever they stand. */
static void entropy_of_mean(void **state) {
    (void)state;
    enum { N = 2003 };
    xp_rng rng = xp_rng_begin(3, XP_RNG_TEST, 0);
    double *a = nans(N), *b = nans(N);
    for (size_t i = 0; i < N; i++) {
        const double near[] = {exp(-60 * xp_rng_uniform(&rng)), 1 + 1e-5 * (xp_rng_uniform(&rng) - .5),
                               sqrt(.5) + 1e-3 * (xp_rng_uniform(&rng) - .5), 1.9 * xp_rng_uniform(&rng)};
        a[i] = near[i % 4];
        b[i] = near[(i + i / 4) % 4];
        const double m = (a[i] + b[i]) / 2;
        assert_true(fabs(xp_entropy_of_mean(1, &a[i], &b[i]) + m * log(m)) <= 6e-16 * fabs(m * log(m)));
    }
    for (size_t n = 0; n < N; n += n < 20 ? 1 : 661) {
        double expected = 0;
        for (size_t i = 0; i < n; i++) expected -= a[i] * log(a[i]);
        assert_true(fabs(xp_entropy_of_mean(n, a, a) - expected) < 1e-13 * (1 + (double)n));
    }
    const double nothing[] = {0, -0., -1, NAN, 0, 1, -INFINITY}, half[] = {0, NAN, .5, -3, 0};
    assert_true(xp_entropy_of_mean(7, nothing, nothing) == 0);
    assert_true(fabs(xp_entropy_of_mean(5, half, half) - .5 * log(2)) < 1e-16);
    free(a);
    free(b);
}

static void products(void **state) {
    (void)state;
    enum { R = 7, C = 5, K = 11, LDA = 13, LDB = 12, LDC = 9 };
    double *a = normals(LDA * LDA, 1), *b = normals(LDB * LDB, 2);
    for (int ta = 0; ta < 2; ta++)
        for (int tb = 0; tb < 2; tb++) {
            double *c = nans(R * LDC), *before = normals(R * LDC, 3);
            memcpy(c, before, R * LDC * sizeof *c);
            xp_gemm(ta, tb, R, C, K, 1.5, a, LDA, b, LDB, -.5, c, LDC);
            for (size_t i = 0; i < R; i++)
                for (size_t j = 0; j < LDC; j++) {
                    double sum = 0;
                    for (size_t k = 0; k < K; k++)
                        sum += (ta ? a[k * LDA + i] : a[i * LDA + k]) * (tb ? b[j * LDB + k] : b[k * LDB + j]);
                    double expected = j < C ? 1.5 * sum - .5 * before[i * LDC + j] : before[i * LDC + j];
                    assert_true(fabs(c[i * LDC + j] - expected) < 1e-12);
                }
            free(c);
            free(before);
        }
    for (int t = 0; t < 2; t++) {
        size_t in = t ? R : C, out = t ? C : R;
        double *y = normals(out, 4), *before = normals(out, 4);
        xp_gemv(t, R, C, 2, a, LDA, b, .5, y);
        for (size_t i = 0; i < out; i++) {
            double sum = 0;
            for (size_t k = 0; k < in; k++) sum += (t ? a[k * LDA + i] : a[i * LDA + k]) * b[k];
            assert_true(fabs(y[i] - 2 * sum - .5 * before[i]) < 1e-12);
        }
        free(y);
        free(before);
    }
    double nan_target[3] = {NAN, NAN, NAN}; /* a factor of 0 overwrites what is there */
    xp_gemv(false, 3, C, 1, a, LDA, b, 0, nan_target);
    for (size_t i = 0; i < 3; i++) assert_true(isfinite(nan_target[i]));
    free(a);
    free(b);
}

static void gram_and_symmetric_product(void **state) {
    (void)state;
    static const size_t orders[] = {1, 3, 17, 255, 256, 257}; /* the product changes its routine at 256 */
    for (size_t q = 0; q < sizeof orders / sizeof *orders; q++) {
        const size_t n = orders[q], k = 5, ld = (n > k ? n : k) + 2;
        double *a = normals(ld * ld, 10 + (uint32_t)q), *x = normals(n, 40), *c = nans(n * n), *y = nans(n);
        for (int t = 0; t < 2; t++) {
            for (size_t i = 0; i < n * n; i++) c[i] = NAN;
            xp_gram(t, n, k, a, ld, c);
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++) {
                    double sum = 0;
                    for (size_t l = 0; l < k; l++)
                        sum += t ? a[l * ld + i] * a[l * ld + j] : a[i * ld + l] * a[j * ld + l];
                    assert_true(fabs(c[i * n + j] - sum) < 1e-12);
                }
            for (size_t i = 0; i < n; i++) y[i] = NAN;
            double *packed = xp_alloc(xp_packed_size(n), sizeof *packed);
            assert_non_null(packed);
            xp_packed_from(n, c, packed);
            xp_packed_product(n, packed, x, y);
            xp_free(packed);
            for (size_t i = 0; i < n; i++) {
                double sum = 0;
                for (size_t j = 0; j < n; j++) sum += c[i * n + j] * x[j];
                assert_true(fabs(y[i] - sum) < 1e-10);
            }
        }
        free(a);
        free(x);
        free(c);
        free(y);
    }
}

static void eigenvectors(void **state) {
    (void)state;
    enum { N = 29 };
    double *x = normals(N * 40, 50), a[N * N], copy[N * N], value[N], vector[N * N];
    xp_gram(false, N, 40, x, 40, a);
    for (size_t wanted = 1; wanted <= N; wanted += 7) {
        memcpy(copy, a, sizeof a);
        for (size_t i = 0; i < N * N; i++) vector[i] = NAN;
        assert_true(xp_eigen_symmetric(N, copy, wanted, value, vector));
        for (size_t k = 0; k < wanted; k++) {
            assert_true(k == 0 || value[k] >= value[k - 1]);
            for (size_t i = 0; i < N; i++) {
                double sum = 0;
                for (size_t j = 0; j < N; j++) sum += a[i * N + j] * vector[k * N + j];
                assert_true(fabs(sum - value[k] * vector[k * N + i]) < 1e-11 * value[wanted - 1]);
            }
        }
    }
    double trace = 0, sum = 0; /* and they are the largest ones: all of them together are the trace */
    memcpy(copy, a, sizeof a);
    assert_true(xp_eigen_symmetric(N, copy, N, value, vector));
    for (size_t i = 0; i < N; i++) {
        trace += a[i * N + i];
        sum += value[i];
    }
    assert_true(fabs(sum / trace - 1) < 1e-13);
    free(x);
}

static void rank_space(void **state) {
    (void)state;
    enum { R = 7, C = 19, B = 5 };
    double *x = normals(R * C, 60), *b = normals(B * C, 61), *q = nans(R * C), z[R * R], tau[R], gram[R * R];
    double *kept = nans(R * C), *asked = nans(B * C);
    memcpy(kept, x, R * C * sizeof *x);
    memcpy(asked, b, B * C * sizeof *b);
    for (size_t i = 0; i < R * R; i++) z[i] = NAN;
    assert_true(xp_lq(R, C, x, tau, z));
    memcpy(q, kept, R * C * sizeof *q);
    xp_gram(false, R, C, kept, C, gram); /* X X' = Z Z' as Q's rows are orthonormal */
    for (size_t i = 0; i < R; i++)
        for (size_t j = 0; j < R; j++) {
            double sum = 0;
            for (size_t k = 0; k < R; k++) sum += z[i * R + k] * z[j * R + k];
            assert_true(fabs(sum - gram[i * R + j]) < 1e-12);
            if (j > i) assert_true(z[i * R + j] == 0);
        }
    assert_true(xp_lq_rotate(R, C, x, tau, R, q)); /* X Q' = Z */
    for (size_t i = 0; i < R; i++)
        for (size_t j = 0; j < R; j++) assert_true(fabs(q[i * C + j] - z[i * R + j]) < 1e-13);
    assert_true(xp_lq_rotate(R, C, x, tau, B, b)); /* b Q' Z' = b X' */
    for (size_t i = 0; i < B; i++)
        for (size_t k = 0; k < R; k++) {
            double left = 0, right = 0;
            for (size_t j = 0; j < R; j++) left += b[i * C + j] * z[k * R + j];
            for (size_t j = 0; j < C; j++) right += asked[i * C + j] * kept[k * C + j];
            assert_true(fabs(left - right) < 1e-12);
        }
    free(x);
    free(b);
    free(q);
    free(kept);
    free(asked);
}

static void solves(void **state) {
    (void)state;
    enum { N = 13, SIDES = 3 };
    double *x = normals(N * 20, 70), *sides = normals(SIDES * N, 71), a[N * N], copy[N * N], solved[SIDES * N];
    xp_gram(false, N, 20, x, 20, a);
    memcpy(copy, a, sizeof a);
    memcpy(solved, sides, sizeof solved);
    assert_true(xp_solve_positive(N, copy, SIDES, solved));
    for (size_t k = 0; k < SIDES; k++)
        for (size_t i = 0; i < N; i++) {
            double sum = 0;
            for (size_t j = 0; j < N; j++) sum += a[i * N + j] * solved[k * N + j];
            assert_true(fabs(sum - sides[k * N + i]) < 1e-10);
        }
    memset(copy, 0, sizeof copy);
    copy[0] = -1;
    assert_false(xp_solve_positive(N, copy, SIDES, solved));
    assert_true(xp_solve_positive(0, copy, 0, solved));
    free(x);
    free(sides);
}

/* ---- callers on several threads ---- */

enum { TASKS = 16, CALLS = 4000, SIDE = 32, PRODUCT = SIDE * SIDE };

typedef struct shared {
    double *a, *sum; /* of each task */
} shared;

/* Many short calls: whoever shares scratch meets there. */
static bool work_on(void *self, size_t i, unsigned worker) {
    const shared *s = self;
    double *product = nans(PRODUCT), *sum = s->sum + i * PRODUCT;
    (void)worker;
    for (size_t k = 0; k < CALLS; k++) {
        const double *one = s->a + (i + k) % TASKS * PRODUCT;
        if (k % 2 == 0)
            xp_gemm(false, true, SIDE, SIDE, SIDE, 1, one, SIDE, s->a, SIDE, 0, product, SIDE);
        else
            xp_gram(false, SIDE, SIDE, one, SIDE, product);
        xp_axpy(PRODUCT, 1, product, sum);
    }
    free(product);
    return true;
}

/* What threads compute at the same time is what one computes; run a second time with an OpenBLAS that threads may not share. */
static void callers_do_not_disturb_each_other(void **state) {
    (void)state;
    shared s[2];
    if (getenv("EXPLAINT_BLAS_TAKES_TURNS") != NULL) assert_true(xp_blas_takes_turns());
    xp_blas_single_thread();
    for (unsigned k = 0; k < 2; k++) {
        s[k] = (shared){normals(TASKS * PRODUCT, 9), calloc(TASKS, PRODUCT * sizeof(double))};
        const xp_pool_job job = {.n_tasks = TASKS, .run = work_on, .self = &s[k]};
        assert_non_null(s[k].sum);
        assert_true(xp_pool_run(k == 0 ? 1 : 4, &job));
    }
    assert_memory_equal(s[0].sum, s[1].sum, TASKS * PRODUCT * sizeof(double));
    for (unsigned k = 0; k < 2; k++) {
        free(s[k].a);
        free(s[k].sum);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callers_do_not_disturb_each_other),
        cmocka_unit_test(products),
        cmocka_unit_test(gram_product),
        cmocka_unit_test(gram_and_symmetric_product),
        cmocka_unit_test(eigenvectors),
        cmocka_unit_test(rank_space),
        cmocka_unit_test(solves),
        cmocka_unit_test(entropy_of_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

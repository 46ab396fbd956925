/* Small and Krylov eigenproblems against LAPACK: every order, and the spectra that are hard: repeated, clustered, graded, rank 1, zero. */
#include "probe/eigen.h"
#include "probe/small.h"
#include "support/matrix.h"
#include "tensor/blas.h"

/* ---- matrices with a given spectrum ---- */

typedef enum spectrum {
    RANDOM,
    REPEATED,
    CLUSTERED,
    GRADED,
    RANK_ONE,
    ZERO,
    IDENTITY,
    CROWDED,
    INDEFINITE,
    N_SPECTRA
} spectrum;
static const char *const spectrum_name[] = {"random", "repeated", "clustered", "graded",    "rank one",
                                            "zero",   "identity", "crowded",   "indefinite"};

static double eigenvalue(spectrum kind, size_t i, xp_rng *rng) {
    switch (kind) {
    case RANDOM: return xp_rng_uniform(rng);
    case REPEATED: return i < 3 ? 2 : i < 8 ? 1 : .25; /* the largest three times */
    case CLUSTERED: return (i < 5 ? 3 : 1) * (1 + 1e-9 * xp_rng_uniform(rng));
    case GRADED: return pow(10, -(double)(i % 30)); /* down to rounding and below */
    case RANK_ONE: return i == 0 ? 5 : 0;
    case ZERO: return 0;
    case IDENTITY: return 1;
    case CROWDED:
        return i % 7 == 3 ? .1 * xp_rng_uniform(rng) : 1 + 1e-9 * xp_rng_uniform(rng); /* most of them on top */
    default: return xp_rng_normal(rng);
    }
}

/* Q' diag(values) Q with Q from Householder reflections of random vectors: symmetric in every bit. */
static double *matrix_of(spectrum kind, size_t n, uint32_t stream) {
    xp_rng rng = test_rng(stream);
    double *a = nans(n * n), *v = nans(n), *p = nans(n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) a[i * n + j] = 0;
    for (size_t i = 0; i < n; i++) a[i * n + i] = eigenvalue(kind, i, &rng);
    for (int round = 0; round < 3 && kind != IDENTITY; round++) {
        double vv = 0, pv = 0;
        for (size_t i = 0; i < n; i++) {
            v[i] = xp_rng_normal(&rng);
            vv += v[i] * v[i];
        }
        for (size_t i = 0; i < n; i++) { /* (I - 2vv'/v'v) A (I - 2vv'/v'v) */
            p[i] = 0;
            for (size_t j = 0; j < n; j++) p[i] += a[i * n + j] * v[j];
            p[i] *= 2 / vv;
            pv += p[i] * v[i];
        }
        for (size_t i = 0; i < n; i++) p[i] -= pv / vv * v[i];
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = a[i * n + j] - (v[i] * p[j] + p[i] * v[j]);
    }
    free(v);
    free(p);
    return a;
}

/* LAPACK's eigenvalues, largest first. */
static double *lapack(size_t n, const double *a) {
    double *copy = nans(n * n), *value = nans(n), *vector = nans(n * n);
    memcpy(copy, a, n * n * sizeof *a);
    assert_true(xp_eigen_symmetric(n, copy, n, value, vector));
    for (size_t i = 0; 2 * i + 1 < n; i++) {
        double swap = value[i];
        value[i] = value[n - 1 - i];
        value[n - 1 - i] = swap;
    }
    free(copy);
    free(vector);
    return value;
}

/* |A y - lambda y| for rows of length n, whose distance is ld. */
static double residual(size_t n, size_t ld, const double *a, double lambda, const double *y) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double r = -lambda * y[i];
        for (size_t j = 0; j < n; j++) r += a[i * ld + j] * y[j];
        sum += r * r;
    }
    return sqrt(sum);
}

/* ---- small ---- */

static void small_of_every_order(void **state) {
    (void)state;
    for (int kind = 0; kind < N_SPECTRA; kind++)
        for (size_t n = 1; n <= XP_SMALL; n++) {
            double *a = matrix_of((spectrum)kind, n, (uint32_t)(1000 * kind) + (uint32_t)n), *expected = lapack(n, a);
            double size = fabs(expected[0]) > fabs(expected[n - 1]) ? fabs(expected[0]) : fabs(expected[n - 1]);
            const size_t ld = n + n % 3; /* rows may lie apart */
            double *h = nans(n * ld), *value = nans(n), *y = nans(n * n), *top = nans(n);
            for (size_t i = 0; i < n; i++) memcpy(h + i * ld, a + i * n, n * sizeof *a);
            static xp_tridiagonal t;
            memset(&t, 0xff, sizeof t);
            xp_small_tridiagonal(n, h, ld, &t);
            double largest = xp_small_top(&t, top);
            if (!(fabs(largest - expected[0]) <= 1e-13 * size))
                fail_msg("%s, order %zu: largest %.17g, LAPACK %.17g", spectrum_name[kind], n, largest, expected[0]);
            if (!(residual(n, n, a, largest, top) <= 1e-12 * size))
                fail_msg("%s, order %zu: residual %g of the largest", spectrum_name[kind], n,
                         residual(n, n, a, largest, top));
            assert_true(fabs(xp_nrm2(n, top) - 1) < 1e-13);
            if (!xp_small_best(&t, n, value, y))
                fail_msg("%s, order %zu: QL does not converge", spectrum_name[kind], n);
            for (size_t i = 0; i < n; i++) {
                if (!(fabs(value[i] - expected[i]) <= 1e-13 * size))
                    fail_msg("%s, order %zu: value %zu is %.17g, LAPACK %.17g", spectrum_name[kind], n, i, value[i],
                             expected[i]);
                assert_true(i == 0 || value[i] <= value[i - 1]);
                if (!(residual(n, n, a, value[i], y + i * n) <= 1e-12 * size))
                    fail_msg("%s, order %zu: residual %g of value %zu", spectrum_name[kind], n,
                             residual(n, n, a, value[i], y + i * n), i);
                for (size_t j = 0; j <= i; j++) assert_true(fabs(xp_dot(n, y + i * n, y + j * n) - (i == j)) < 1e-12);
            }
            size_t few = (n + 1) / 2; /* fewer than all are the same ones */
            double *again = nans(n), *z = nans(n * n);
            assert_true(xp_small_best(&t, few, again, z));
            assert_memory_equal(again, value, few * sizeof *value);
            assert_memory_equal(z, y, few * n * sizeof *y);
            assert_true(isnan(again[n - 1]) || few == n);
            free(a);
            free(expected);
            free(h);
            free(value);
            free(y);
            free(top);
            free(again);
            free(z);
        }
}

/* ---- Krylov ---- */

typedef struct dense {
    size_t n;
    double *a;
    size_t products;
} dense;

static void multiply(void *self, const double *x, double *y) {
    dense *d = self;
    d->products++;
    for (size_t i = 0; i < d->n; i++) {
        y[i] = 0;
        for (size_t j = 0; j < d->n; j++) y[i] += d->a[i * d->n + j] * x[j];
    }
}

/* Takes out one eigenvector after the other, as a fit does, and meets LAPACK's values on the way. */
static void krylov_case(spectrum kind, size_t n, size_t wanted, double tolerance) {
    double *a = matrix_of(kind, n, 50000 + (uint32_t)(1000 * (int)kind) + (uint32_t)n), *expected = lapack(n, a);
    dense d = {.n = n, .a = a};
    const xp_operator product = {.product = multiply, .self = &d};
    double *w = nans(n), *aw = nans(n), *u = nans(n);
    xp_krylov krylov;
    assert_true(xp_krylov_alloc(&krylov, n + 3)); /* larger than needed */
    xp_krylov_begin(&krylov, n);
    for (size_t c = 0; c < wanted && c < n; c++) {
        double lambda = NAN;
        assert_true(xp_krylov_top(&krylov, product, tolerance, 1e-15 * expected[0], &lambda, w, aw));
        /* a residual of tolerance * lambda allows half of that as an error of the value; taking out leaves as much */
        double allowed = (double)(c + 1) * (tolerance * expected[0] + 1e-13 * expected[0]);
        if (!(fabs(lambda - expected[c]) <= allowed))
            fail_msg("%s, order %zu: value %zu is %.17g, LAPACK %.17g", spectrum_name[kind], n, c, lambda, expected[c]);
        assert_true(fabs(xp_nrm2(n, w) - 1) < 1e-12);
        double off_by = residual(n, n, a, lambda, w), enough = 2 * tolerance * lambda + 1e-13 * (expected[0] + 1e-300);
        if (!(off_by <= enough))
            fail_msg("%s, order %zu: residual %g of value %zu, %g allowed", spectrum_name[kind], n, off_by, c, enough);
        multiply(&d, w, u);
        for (size_t i = 0; i < n; i++) assert_true(fabs(u[i] - aw[i]) <= 1e-12 * (expected[0] + 1e-300));
        for (size_t i = 0; i < n; i++) u[i] = .5 * lambda * w[i];
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) a[i * n + j] -= w[i] * u[j] + u[i] * w[j];
        xp_krylov_update(&krylov, w, u);
    }
    xp_krylov_free(&krylov);
    free(a);
    free(expected);
    free(w);
    free(aw);
    free(u);
}

static void krylov_of_all_spectra(void **state) {
    (void)state;
    static const size_t orders[] = {1, 2, 3, 5, 11, 39, 40, 41, 63, 101, 257};
    for (int kind = 0; kind < INDEFINITE; kind++)
        for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) krylov_case((spectrum)kind, orders[k], 25, 1e-8);
}

/* A kept basis is what makes it cheap: the next eigenvector needs a few products, not dozens. */
static void next_ones_are_cheap(void **state) {
    (void)state;
    enum { N = 201 };
    double *a = matrix_of(RANDOM, N, 90000), *w = nans(N), *aw = nans(N);
    for (size_t i = 0; i < N * N; i++) a[i] *= 1;
    dense d = {.n = N, .a = a};
    const xp_operator product = {.product = multiply, .self = &d};
    xp_krylov krylov;
    assert_true(xp_krylov_alloc(&krylov, N));
    size_t kept = 0, anew = 0;
    for (int from_scratch = 0; from_scratch < 2; from_scratch++) {
        free(a);
        d.a = a = matrix_of(RANDOM, N, 90000);
        xp_krylov_begin(&krylov, N);
        d.products = 0;
        for (size_t c = 0; c < 10; c++) {
            double lambda;
            if (from_scratch) xp_krylov_begin(&krylov, N);
            assert_true(xp_krylov_top(&krylov, product, 1e-8, 0, &lambda, w, aw));
            for (size_t i = 0; i < N; i++)
                for (size_t j = 0; j < N; j++) a[i * N + j] -= lambda * w[i] * w[j];
            for (size_t i = 0; i < N; i++) aw[i] = .5 * lambda * w[i];
            xp_krylov_update(&krylov, w, aw);
        }
        *(from_scratch ? &anew : &kept) = d.products;
    }
    print_message("products for ten eigenvectors: %zu kept, %zu anew\n", kept, anew);
    assert_true(kept < anew);
    xp_krylov_free(&krylov);
    free(a);
    free(w);
    free(aw);
}

static void poison(void *self, const double *x, double *y) {
    const dense *d = self;
    for (size_t i = 0; i < d->n; i++) y[i] = NAN * x[i];
}

static void not_finite_is_said(void **state) {
    (void)state;
    dense d = {.n = 17};
    const xp_operator product = {.product = poison, .self = &d};
    double lambda, w[17], aw[17];
    xp_krylov krylov;
    assert_true(xp_krylov_alloc(&krylov, 17));
    xp_krylov_begin(&krylov, 17);
    assert_false(xp_krylov_top(&krylov, product, 1e-8, 0, &lambda, w, aw));
    xp_krylov_free(&krylov);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_of_every_order),
        cmocka_unit_test(krylov_of_all_spectra),
        cmocka_unit_test(next_ones_are_cheap),
        cmocka_unit_test(not_finite_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

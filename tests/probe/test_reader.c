/* The reader and the relation of the norms, beside what their closed forms stand for: fits with each concept left out, and rows written out. */
#include "probe/reader.h"
#include "probe/relation.h"
#include "tensor/blas.h"

#include "support/matrix.h"

enum { N = 43 };

static void unit(double *row, size_t d) {
    double squares = 0;
    for (size_t k = 0; k < d; k++) squares += row[k] * row[k];
    for (size_t k = 0; squares > 0 && k < d; k++) row[k] /= sqrt(squares);
}

/* V by its definition. */
static double *vectors(const double *x, size_t d) {
    double *v = nans(N * d);
    for (size_t k = 0; k < d; k++) {
        double mean = 0, squares = 0;
        for (size_t i = 0; i < N; i++) mean += x[i * d + k] / N;
        for (size_t i = 0; i < N; i++) squares += (x[i * d + k] - mean) * (x[i * d + k] - mean);
        for (size_t i = 0; i < N; i++)
            v[i * d + k] = squares > 1e-20 ? (x[i * d + k] - mean) / sqrt(squares / (N - 1)) : 0;
    }
    for (size_t i = 0; i < N; i++) unit(v + i * d, d);
    for (size_t k = 0; k < d; k++) {
        double mean = 0;
        for (size_t i = 0; i < N; i++) mean += v[i * d + k] / N;
        for (size_t i = 0; i < N; i++) v[i * d + k] -= mean;
    }
    return v;
}

/* Weights of training rows for one concept: ridge without intercept, g' (G + penalty)^-1. */
static void ridge(const double *v, size_t d, const uint8_t *train, size_t i, double penalty, double *weight) {
    uint32_t list[N];
    size_t n = 0;
    double g[N * N], right[N];
    for (uint32_t j = 0; j < N; j++)
        if (train[j]) list[n++] = j;
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++)
            g[a * n + b] = xp_dot(d, v + list[a] * d, v + list[b] * d) + (a == b ? penalty : 0);
        right[a] = xp_dot(d, v + list[a] * d, v + i * d);
    }
    assert_true(xp_solve_positive(n, g, 1, right));
    for (size_t j = 0; j < N; j++) weight[j] = 0;
    for (size_t a = 0; a < n; a++) weight[list[a]] = right[a];
}

static void weights_are_those_of_fits(void **state) {
    (void)state;
    const size_t widths[] = {5, 43, 70};
    for (size_t w = 0; w < 3; w++) {
        const size_t d = widths[w];
        double *x = normals(N * d, 1), *a = nans(N * N), *held = nans(N * N), weight[N];
        for (size_t i = 0; i < N; i++) x[i * d + 2] = .1; /* constant */
        uint8_t train[N];
        uint32_t fold[N];
        for (uint32_t i = 0; i < N; i++) fold[i] = (i * 7) % 4 == 3 ? 1 : (i * 7) % 4;
        xp_reader reader;
        assert_true(xp_reader_create(&reader, x, N, d) && xp_reader_smooth(&reader, a) &&
                    xp_reader_held_out(&reader, fold, 4, held));
        xp_reader_leave_one_out(N, a);
        double *v = vectors(x, d);
        for (size_t i = 0; i < N; i++) {
            for (size_t j = 0; j < N; j++) train[j] = j != i;
            ridge(v, d, train, i, .03 * N, weight);
            assert_close(N, a + i * N, weight, 1e-10);
            size_t count = 0;
            for (size_t j = 0; j < N; j++) count += train[j] = fold[j] != fold[i];
            ridge(v, d, train, i, .03 * (double)count, weight);
            assert_close(N, held + i * N, weight, 1e-10);
        }
        xp_reader_free(&reader);
        free(x);
        free(a);
        free(held);
        free(v);
    }
}

static void neighbours_are_the_nearest(void **state) {
    (void)state;
    enum { D = 6 };
    double *x = normals(N * D, 3), *a = nans(N * N);
    uint32_t fold[N];
    for (uint32_t i = 0; i < N; i++) fold[i] = i % 3;
    for (int folds = 0; folds < 2; folds++) {
        assert_true(xp_reader_neighbours(x, N, D, folds ? fold : NULL, a));
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++) {
                const double *p = x + i * D, *q = x + j * D;
                const double own = xp_dot(D, p, q) / xp_nrm2(D, p) / xp_nrm2(D, q);
                size_t nearer = 0;
                for (size_t k = 0; k < N; k++) {
                    if (k == i || k == j || (folds && fold[k] == fold[i])) continue;
                    nearer += xp_dot(D, p, x + k * D) / xp_nrm2(D, p) / xp_nrm2(D, x + k * D) > own;
                }
                const bool among = i != j && !(folds && fold[i] == fold[j]) && nearer < 10;
                assert_true(a[i * N + j] == (among ? .1 : 0));
            }
    }
    free(x);
    free(a);
}

/* Z less its projection on the columns of r (destroyed), and L = ZZ'. */
static void project(double *z, size_t m, double *r, size_t count, double *l) {
    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < a; b++) xp_axpy(N, -xp_dot(N, r + b * N, r + a * N), r + b * N, r + a * N);
        unit(r + a * N, N);
        for (size_t j = 0; j < m; j++) {
            double part = 0;
            for (size_t i = 0; i < N; i++) part += r[a * N + i] * z[i * m + j];
            for (size_t i = 0; i < N; i++) z[i * m + j] -= part * r[a * N + i];
        }
    }
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) l[i * N + j] = xp_dot(m, z + i * m, z + j * m);
}

static void relation_of_sparse_norms(void **state) {
    (void)state;
    enum { M = 30, C = 2 };
    xp_rng rng = test_rng(5);
    double *y = nans(N * M), *z = nans(N * M), *expected = nans(N * N), r[(3 + C) * N];
    double *beside = normals(N * C, 6);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < M; j++) y[i * M + j] = xp_rng_uniform(&rng) < .04 + .01 * (double)(i % 11) ? 2. : 0;
    for (size_t i = 0; i < N; i++) y[i * M + 3] = 1; /* of everybody: says nothing */
    for (size_t i = 0; i < N; i++) y[i * M + 4] = i == 8 ? 5 : 0;
    xp_csr csr;
    assert_true(xp_csr_alloc(&csr, N, M, N * M));
    for (size_t i = 0, at = 0; i < N; i++) {
        for (uint32_t j = 0; j < M; j++)
            if (y[i * M + j] != 0) {
                csr.column[at] = j;
                csr.value[at++] = y[i * M + j];
            }
        csr.start[i + 1] = at;
    }
    size_t used = 0; /* features of two concepts and more, and not of all */
    for (size_t j = 0; j < M; j++) {
        size_t df = 0;
        for (size_t i = 0; i < N; i++) df += y[i * M + j] != 0;
        used += df >= 2 && df < N;
    }
    for (size_t c = 0; c <= C; c += C) { /* without and with covariates */
        for (size_t i = 0; i < N; i++) {
            double k = 0;
            for (size_t j = 0; j < M; j++) {
                size_t df = 0;
                for (size_t o = 0; o < N; o++) df += y[o * M + j] != 0;
                k += y[i * M + j] != 0;
                z[i * M + j] = y[i * M + j] != 0 && df >= 2 ? log((double)N / (double)df) : 0;
            }
            unit(z + i * M, M);
            r[i] = 1;
            r[N + i] = k;
            r[2 * N + i] = log(1 + k);
            for (size_t b = 0; b < c; b++) r[(3 + b) * N + i] = beside[i * C + b];
        }
        project(z, M, r, 3 + c, expected);
        xp_relation l;
        assert_true(xp_relation_create(&l, &(xp_target){.y = &csr}, false, c > 0 ? beside : NULL, c));
        assert_int_equal(l.m, used);
        assert_close(N * N, l.l, expected, 1e-11);
        xp_gram(false, N, l.m, l.z, l.m, l.l);
        assert_close(N * N, l.l, expected, 1e-11);
        xp_relation_free(&l);
    }
    xp_csr_free(&csr);
    free(y);
    free(z);
    free(expected);
    free(beside);
}

static void relation_of_dense_norms(void **state) {
    (void)state;
    enum { M = 12 };
    double *y = normals(N * M, 7), *z = nans(N * M), *expected = nans(N * N), r[N];
    size_t start[N + 1] = {0};
    uint32_t column[N];
    uint8_t missing[N * M] = {0};
    for (size_t i = 0; i < N; i++) { /* a missing cell in every third row; a constant column */
        start[i + 1] = start[i] + (i % 3 == 0);
        if (i % 3 == 0) missing[i * M + (column[start[i]] = (uint32_t)(i % M))] = 1;
        y[i * M + 5] = 2.5;
        r[i] = 1;
    }
    xp_csr csr;
    assert_true(xp_csr_alloc(&csr, N, M, N * M));
    for (size_t i = 0, at = 0; i < N; i++) {
        for (uint32_t j = 0; j < M; j++)
            if (!missing[i * M + j]) {
                csr.column[at] = j;
                csr.value[at++] = y[i * M + j];
            }
        csr.start[i + 1] = at;
    }
    for (size_t j = 0; j < M; j++) {
        double mean = 0, squares = 0, count = 0;
        for (size_t i = 0; i < N; i++)
            if (!missing[i * M + j]) {
                mean += y[i * M + j];
                count++;
            }
        mean /= count;
        for (size_t i = 0; i < N; i++)
            if (!missing[i * M + j]) squares += (y[i * M + j] - mean) * (y[i * M + j] - mean);
        for (size_t i = 0; i < N; i++)
            z[i * M + j] =
                missing[i * M + j] || squares < 1e-20 ? 0 : (y[i * M + j] - mean) / sqrt(squares / (count - 1));
    }
    for (size_t i = 0; i < N; i++) {
        double sum = 0, count = 0;
        for (size_t j = 0; j < M; j++) {
            sum += z[i * M + j];
            count += !missing[i * M + j];
        }
        for (size_t j = 0; j < M; j++)
            if (!missing[i * M + j]) z[i * M + j] -= sum / count;
        unit(z + i * M, M);
    }
    project(z, M, r, 1, expected);
    xp_relation l;
    assert_true(xp_relation_create(&l, &(xp_target){.y = &csr, .missing_start = start, .missing_column = column}, true,
                                   NULL, 0));
    assert_int_equal(l.m, M);
    assert_close(N * N, l.l, expected, 1e-11);
    xp_relation_free(&l);
    xp_csr_free(&csr);
    free(y);
    free(z);
    free(expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_those_of_fits), cmocka_unit_test(neighbours_are_the_nearest),
        cmocka_unit_test(relation_of_sparse_norms), cmocka_unit_test(relation_of_dense_norms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

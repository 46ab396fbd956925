#include "counters.h"

#include "limits.h"
#include "probe/small.h"
#include "tensor/blas.h"
#include "tensor/packed.h"

counter counters[N_COUNTERS] = {
    [COUNT_SYMV] = {.name = "products M x"},
    [COUNT_GEMV] = {.name = "other matrix-vector"},
    [COUNT_GEMM] = {.name = "gemm", .matrix_matrix = true},
    [COUNT_GRAM] = {.name = "syrk", .matrix_matrix = true},
    [COUNT_LQ] = {.name = "LQ", .matrix_matrix = true},
    [COUNT_VECTOR] = {.name = "vectors"},
    [COUNT_SMALL] = {.name = "small eigenproblems"},
};

static bool on;
static size_t near_size;

void counters_start(size_t l2_size) {
    for (size_t i = 0; i < N_COUNTERS; i++)
        counters[i] = (counter){.name = counters[i].name, .matrix_matrix = counters[i].matrix_matrix};
    near_size = l2_size / 2;
    on = true;
}

void counters_stop(void) { on = false; }

static double begin(void) { return on ? seconds() : 0; }

static void end(int which, double started, double flops, double bytes) {
    if (!on) return;
    counter *c = counters + which;
    c->seconds += seconds() - started;
    c->calls++;
    c->flops += flops;
    *(bytes <= (double)near_size ? &c->near : &c->far) += bytes;
}

/* A routine without and with a result: name, parameters, arguments, counter, flops, bytes. */
#define WRAP(NAME, PARAMETERS, ARGUMENTS, WHICH, FLOPS, BYTES)                                                         \
    void __real_##NAME PARAMETERS;                                                                                     \
    void __wrap_##NAME PARAMETERS;                                                                                     \
    void __wrap_##NAME PARAMETERS {                                                                                    \
        double started = begin();                                                                                      \
        __real_##NAME ARGUMENTS;                                                                                       \
        end(WHICH, started, FLOPS, BYTES);                                                                             \
    }
#define WRAP_RESULT(TYPE, NAME, PARAMETERS, ARGUMENTS, WHICH, FLOPS, BYTES)                                            \
    TYPE __real_##NAME PARAMETERS;                                                                                     \
    TYPE __wrap_##NAME PARAMETERS;                                                                                     \
    TYPE __wrap_##NAME PARAMETERS {                                                                                    \
        double started = begin();                                                                                      \
        TYPE result = __real_##NAME ARGUMENTS;                                                                         \
        end(WHICH, started, FLOPS, BYTES);                                                                             \
        return result;                                                                                                 \
    }
#define D(x) ((double)(x))

WRAP_RESULT(double, xp_dot, (size_t n, const double *x, const double *y), (n, x, y), COUNT_VECTOR, 2 * D(n), 16 * D(n))
WRAP_RESULT(double, xp_norm, (size_t n, const double *x), (n, x), COUNT_VECTOR, 2 * D(n), 8 * D(n))
WRAP(xp_axpy, (size_t n, double a, const double *x, double *y), (n, a, x, y), COUNT_VECTOR, 2 * D(n), 16 * D(n))
WRAP(xp_scale, (size_t n, double a, double *x), (n, a, x), COUNT_VECTOR, D(n), 8 * D(n))
WRAP(xp_gemv,
     (bool transposed, size_t rows, size_t columns, double a, const double *A, size_t lda, const double *x, double b,
      double *y),
     (transposed, rows, columns, a, A, lda, x, b, y), COUNT_GEMV, 2 * D(rows) * D(columns), 8 * D(rows) * D(columns))
WRAP(xp_gemm,
     (bool transpose_a, bool transpose_b, size_t rows, size_t columns, size_t inner, double a, const double *A,
      size_t lda, const double *B, size_t ldb, double b, double *C, size_t ldc),
     (transpose_a, transpose_b, rows, columns, inner, a, A, lda, B, ldb, b, C, ldc), COUNT_GEMM,
     2 * D(rows) * D(columns) * D(inner), 0)
WRAP(xp_gram, (bool transposed, size_t n, size_t k, const double *A, size_t lda, double *C),
     (transposed, n, k, A, lda, C), COUNT_GRAM, D(n) * D(n + 1) * D(k), 0)
/* Half of a symmetric matrix would do. */
WRAP(xp_packed_product, (size_t n, const double *packed, const double *x, double *y), (n, packed, x, y), COUNT_SYMV,
     2 * D(n) * D(n), 4 * D(n) * D(n))
WRAP(xp_packed_update, (size_t n, const double *p, const double *u, double *packed), (n, p, u, packed), COUNT_SYMV,
     2 * D(n) * D(n), 8 * D(n) * D(n))
WRAP_RESULT(bool, xp_lq, (size_t rows, size_t columns, double *X, double *tau, double *Z), (rows, columns, X, tau, Z),
            COUNT_LQ, 2 * D(rows) * D(rows) * (D(columns) - D(rows) / 3), 0)
WRAP_RESULT(bool, xp_lq_rotate,
            (size_t rows, size_t columns, const double *reflectors, const double *tau, size_t count, double *B),
            (rows, columns, reflectors, tau, count, B), COUNT_LQ, 4 * D(count) * D(rows) * (D(columns) - D(rows) / 2),
            0)
WRAP(xp_small_tridiagonal, (size_t k, const double *h, size_t ld, xp_tridiagonal *t), (k, h, ld, t), COUNT_SMALL, 0, 0)
WRAP_RESULT(double, xp_small_top, (const xp_tridiagonal *t, double *y), (t, y), COUNT_SMALL, 0, 0)
WRAP_RESULT(bool, xp_small_best, (const xp_tridiagonal *t, size_t count, double *value, double *y),
            (t, count, value, y), COUNT_SMALL, 0, 0)

/* The one place that sees BLAS and LAPACK. Matrices are row-major, fp64; ld is the distance of two rows. */
#ifndef XP_TENSOR_BLAS_H
#define XP_TENSOR_BLAS_H

#include <stdbool.h>
#include <stddef.h>

/* Elementwise loops get a clone for wider registers; without fused multiply-add (-ffp-contract=off) all give the same
 * bits. Not under sanitizers, whose start-up code and the loader's choice of a clone do not agree. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&               \
    !defined(__SANITIZE_THREAD__)
#define XP_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define XP_CLONES
#endif

void xp_blas_single_thread(void); /* once: one thread inside, we are parallel outside */
const char *xp_blas_core(void);   /* the kernel family in use */
bool xp_blas_takes_turns(void);   /* one caller at a time: an OpenBLAS that threads may not share */

double xp_dot(size_t n, const double *x, const double *y);
double xp_nrm2(size_t n, const double *x);
void xp_axpy(size_t n, double a, const double *x, double *y); /* y += a x */
void xp_scale(size_t n, double a, double *x);
/* y = a A x + b y, A rows x columns; with `transposed` y = a A' x + b y. */
void xp_gemv(bool transposed, size_t rows, size_t columns, double a, const double *A, size_t lda, const double *x,
             double b, double *y);
/* C = a op(A) op(B) + b C, C is rows x columns, inner is the common size. */
void xp_gemm(bool transpose_a, bool transpose_b, size_t rows, size_t columns, size_t inner, double a, const double *A,
             size_t lda, const double *B, size_t ldb, double b, double *C, size_t ldc);
/* C = A'A (transposed, A is k x n) or AA' (A is n x k), both triangles of the n x n result. */
void xp_gram(bool transposed, size_t n, size_t k, const double *A, size_t lda, double *C);

/* Eigendecomposition of a symmetric matrix (both triangles; destroyed): values ascending, row i of `vectors` is the eigenvector of
 * value i. Only the largest `wanted` ones. false: did not converge, or no memory. */
bool xp_eigen_symmetric(size_t n, double *A, size_t wanted, double *values, double *vectors);
/* QR of X' for X (rows x columns, rows <= columns): X = Z Q with Z lower triangular (rows x rows) and Q's rows orthonormal.
 * X is destroyed (keeps the reflectors), tau has `rows` entries. Then other rows are rotated: B (count x columns) -> B Q' in its first `rows`
 * columns. */
bool xp_lq(size_t rows, size_t columns, double *X, double *tau, double *Z);
bool xp_lq_rotate(size_t rows, size_t columns, const double *reflectors, const double *tau, size_t count, double *B);
/* Solves A x = B in place for a symmetric positive definite A (n x n, destroyed), B is count x n: each row one right side. false: not
 * positive definite. */
bool xp_solve_positive(size_t n, double *A, size_t count, double *B);

#endif

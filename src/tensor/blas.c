#include "tensor/blas.h"

#include <cblas.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/memory.h"

/* Debian's OpenBLAS has no LAPACKE: the Fortran symbols that are used, column-major. */
extern void dsyevr_(const char *, const char *, const char *, const int *, double *, const int *, const double *,
                    const double *, const int *, const int *, const double *, int *, double *, double *, const int *,
                    int *, double *, const int *, int *, const int *, int *);
extern void dgeqrf_(const int *, const int *, double *, const int *, double *, double *, const int *, int *);
extern void dormqr_(const char *, const char *, const int *, const int *, const int *, const double *, const int *,
                    const double *, double *, const int *, double *, const int *, int *);
extern void dposv_(const char *, const int *, const int *, double *, const int *, double *, const int *, int *);

/* An OpenBLAS that was built without threads (libopenblas0-serial) has one scratch for all who call it: two at once take each other's numbers, and
 * nothing says so. There callers take turns. Products of vectors need no scratch. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
bool xp_blas_takes_turns(void) { return openblas_get_parallel() == OPENBLAS_SEQUENTIAL; }
#define IN_TURN(...)                                                                                                   \
    do {                                                                                                               \
        const bool waits = xp_blas_takes_turns();                                                                      \
        if (waits) pthread_mutex_lock(&turn);                                                                          \
        __VA_ARGS__;                                                                                                   \
        if (waits) pthread_mutex_unlock(&turn);                                                                        \
    } while (0)

void xp_blas_single_thread(void) { openblas_set_num_threads(1); }
const char *xp_blas_core(void) { return openblas_get_corename(); }

double xp_dot(size_t n, const double *x, const double *y) { return cblas_ddot((int)n, x, 1, y, 1); }
double xp_nrm2(size_t n, const double *x) { return sqrt(cblas_ddot((int)n, x, 1, x, 1)); }
void xp_axpy(size_t n, double a, const double *x, double *y) { cblas_daxpy((int)n, a, x, 1, y, 1); }
void xp_scale(size_t n, double a, double *x) { cblas_dscal((int)n, a, x, 1); }

void xp_gemv(bool transposed, size_t rows, size_t columns, double a, const double *A, size_t lda, const double *x,
             double b, double *y) {
    if (rows == 0 || columns == 0) return;
    IN_TURN(cblas_dgemv(CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, (int)rows, (int)columns, a, A, (int)lda,
                        x, 1, b, y, 1));
}

void xp_gemm(bool transpose_a, bool transpose_b, size_t rows, size_t columns, size_t inner, double a, const double *A,
             size_t lda, const double *B, size_t ldb, double b, double *C, size_t ldc) {
    if (rows == 0 || columns == 0) return;
    IN_TURN(cblas_dgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans,
                        (int)rows, (int)columns, (int)inner, a, A, (int)lda, B, (int)ldb, b, C, (int)ldc));
}

void xp_gram(bool transposed, size_t n, size_t k, const double *A, size_t lda, double *C) {
    IN_TURN(cblas_dsyrk(CblasRowMajor, CblasUpper, transposed ? CblasTrans : CblasNoTrans, (int)n, (int)k, 1, A,
                        (int)lda, 0, C, (int)n));
    for (size_t i = 1; i < n; i++)
        for (size_t j = 0; j < i; j++) C[i * n + j] = C[j * n + i];
}

bool xp_eigen_symmetric(size_t n, double *A, size_t wanted, double *values, double *vectors) {
    int size = (int)n, found = 0, info = 0, first = (int)(n - wanted + 1), query = -1, iwork_size = 0;
    double tolerance = 0, zero = 0, work_size = 0;
    int *support = xp_alloc(2 * n + 2, sizeof *support);
    double *all = xp_alloc(n + 1, sizeof *all);
    bool ok = false;
    if (support != NULL && all != NULL && n > 0) {
        dsyevr_("V", "I", "U", &size, A, &size, &zero, &zero, &first, &size, &tolerance, &found, all, vectors, &size,
                support, &work_size, &query, &iwork_size, &query, &info);
        int lwork = (int)work_size, liwork = iwork_size;
        double *work = xp_alloc((size_t)lwork, sizeof *work);
        int *iwork = xp_alloc((size_t)liwork, sizeof *iwork);
        if (work != NULL && iwork != NULL) {
            IN_TURN(dsyevr_("V", "I", "U", &size, A, &size, &zero, &zero, &first, &size, &tolerance, &found, all,
                            vectors, &size, support, work, &lwork, iwork, &liwork, &info));
            ok = info == 0 && (size_t)found == wanted;
            if (ok) memcpy(values, all, wanted * sizeof *values);
        }
        xp_free_all(work, iwork);
    }
    xp_free_all(support, all);
    return ok;
}

bool xp_lq(size_t rows, size_t columns, double *X, double *tau, double *Z) {
    /* Row-major X is column-major X': its QR is X' = Q R, so X = R'Q' and Z = R'. */
    int m = (int)columns, n = (int)rows, info = 0, query = -1;
    double size = 0;
    dgeqrf_(&m, &n, X, &m, tau, &size, &query, &info);
    int lwork = (int)size;
    double *work = xp_alloc((size_t)lwork, sizeof *work);
    if (work == NULL) return false;
    IN_TURN(dgeqrf_(&m, &n, X, &m, tau, work, &lwork, &info));
    xp_free(work);
    if (info != 0) return false;
    memset(Z, 0, rows * rows * sizeof *Z);
    for (size_t i = 0; i < rows; i++) memcpy(Z + i * rows, X + i * columns, (i + 1) * sizeof *Z);
    return true;
}

bool xp_lq_rotate(size_t rows, size_t columns, const double *reflectors, const double *tau, size_t count, double *B) {
    if (count == 0) return true;
    int m = (int)columns, n = (int)count, k = (int)rows, info = 0, query = -1;
    double size = 0;
    dormqr_("L", "T", &m, &n, &k, reflectors, &m, tau, B, &m, &size, &query, &info);
    int lwork = (int)size;
    double *work = xp_alloc((size_t)lwork, sizeof *work);
    if (work == NULL) return false;
    IN_TURN(dormqr_("L", "T", &m, &n, &k, reflectors, &m, tau, B, &m, work, &lwork, &info));
    xp_free(work);
    return info == 0;
}

bool xp_solve_positive(size_t n, double *A, size_t count, double *B) {
    int size = (int)n, sides = (int)count, info = 0;
    if (n == 0 || count == 0) return true;
    IN_TURN(dposv_("U", &size, &sides, A, &size, B, &size, &info));
    return info == 0;
}

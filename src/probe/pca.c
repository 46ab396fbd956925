/* PLSR of a matrix on itself is its PCA: the reconstruction of a held-out row from c components (docs/methods.md#pca, "upper"). */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/baselines.h"
#include "tensor/blas.h"

/* Products of the centred, scaled rows of `asked` with those of the training rows: out is n_asked x n_train.
 * sum_j (y_aj - mu_j)(y_kj - mu_j)/s_j^2 = y_a.y_k - b_a - b_k + c, from the sparse rows alone. */
static bool products(const xp_target *target, const xp_fold *fold, const xp_columns *columns, const uint32_t *asked,
                     size_t n_asked, double *out) {
    const xp_csr *y = target->y;
    const size_t n = fold->n_train, m = y->m;
    double *dense = xp_alloc(m, sizeof *dense), *b = xp_alloc(n, sizeof *b);
    bool ok = dense != NULL && b != NULL;
    double c = 0;
    for (size_t j = 0; ok && j < m; j++)
        if (!columns->constant[j]) c += columns->mean[j] / columns->scale[j] * (columns->mean[j] / columns->scale[j]);
    for (size_t k = 0; ok && k < n; k++) {
        size_t row = xp_target_row(target, fold->train[k]);
        b[k] = 0;
        for (size_t e = y->start[row]; e < y->start[row + 1]; e++) {
            uint32_t j = y->column[e];
            if (!columns->constant[j]) b[k] += y->value[e] * columns->mean[j] / (columns->scale[j] * columns->scale[j]);
        }
    }
    for (size_t a = 0; ok && a < n_asked; a++) {
        size_t row = xp_target_row(target, asked[a]);
        double ba = 0;
        xp_csr_row(y, row, dense);
        for (size_t e = y->start[row]; e < y->start[row + 1]; e++) {
            uint32_t j = y->column[e];
            dense[j] = columns->constant[j] ? 0 : dense[j] / (columns->scale[j] * columns->scale[j]);
            ba += dense[j] * columns->mean[j];
        }
        for (size_t k = 0; k < n; k++) {
            size_t other = xp_target_row(target, fold->train[k]);
            double dot = 0;
            for (size_t e = y->start[other]; e < y->start[other + 1]; e++) dot += dense[y->column[e]] * y->value[e];
            out[a * n + k] = dot - ba - b[k] + c;
        }
    }
    xp_free_all(dense, b);
    return ok;
}

/* The same with missing cells: dense rows, zero where a cell is missing. */
static bool products_masked(const xp_target *target, const xp_fold *fold, const xp_columns *columns,
                            const uint32_t *asked, size_t n_asked, double *out) {
    const xp_csr *y = target->y;
    const size_t n = fold->n_train, m = y->m;
    double *rows = xp_alloc((n + n_asked) * m, sizeof *rows);
    if (rows == NULL) return false;
    for (size_t k = 0; k < n + n_asked; k++) {
        size_t row = xp_target_row(target, k < n ? fold->train[k] : asked[k - n]);
        double *dense = rows + k * m;
        xp_csr_row(y, row, dense);
        for (size_t j = 0; j < m; j++)
            dense[j] = columns->constant[j] ? 0 : (dense[j] - columns->mean[j]) / columns->scale[j];
        for (size_t e = target->missing_start[row]; e < target->missing_start[row + 1]; e++)
            dense[target->missing_column[e]] = 0;
    }
    xp_gemm(false, true, n_asked, n, m, 1, rows + n * m, m, rows, m, 0, out, n);
    xp_free(rows);
    return true;
}

bool xp_pca_fit(const xp_target *target, const xp_fold *fold, const xp_columns *columns, size_t n_components,
                xp_path *path) {
    const size_t n = fold->n_train, n_test = fold->n_test;
    if (n_components > n) n_components = n;
    path->used = 0;
    double *gram = xp_alloc(n * n, sizeof *gram), *test = xp_alloc(n_test * n, sizeof *test);
    double *value = xp_alloc(n_components, sizeof *value), *vector = xp_alloc(n_components * n, sizeof *vector);
    bool (*make)(const xp_target *, const xp_fold *, const xp_columns *, const uint32_t *, size_t, double *) =
        target->missing_start != NULL ? products_masked : products;
    bool ok = gram && test && value && vector && make(target, fold, columns, fold->train, n, gram) &&
              make(target, fold, columns, fold->test, n_test, test) &&
              xp_eigen_symmetric(n, gram, n_components, value, vector);
    for (size_t a = 0; ok && a < n_components; a++) {
        size_t from = n_components - 1 - a; /* largest first */
        /* an eigenvalue of X'X; PLSR's stopping rule is on those of (X'X)^2 */
        if (!(value[from] > 1e-10 * value[n_components - 1]) || !(value[from] > 0)) break;
        memcpy(path->left + a * n, vector + from * n, n * sizeof *vector);
        xp_gemv(false, n_test, n, 1 / value[from], test, n, vector + from * n, 0, path->right + a * n_test);
        path->used = a + 1;
    }
    xp_free_all(gram, test, value, vector);
    return ok;
}

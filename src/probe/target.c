#include "probe/target.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"
#include "tensor/loops.h"

bool xp_columns_alloc(xp_columns *columns, size_t m) {
    *columns = (xp_columns){.m = m};
    columns->mean = xp_alloc(m, sizeof *columns->mean);
    columns->scale = xp_alloc(m, sizeof *columns->scale);
    columns->constant = xp_alloc(m, sizeof *columns->constant);
    columns->count = xp_alloc(m, sizeof *columns->count);
    columns->observed = xp_alloc(m, sizeof *columns->observed);
    if (columns->mean && columns->scale && columns->constant && columns->count && columns->observed) return true;
    xp_columns_free(columns);
    return false;
}

void xp_columns_free(xp_columns *columns) {
    xp_free_all(columns->mean, columns->scale, columns->constant, columns->count, columns->observed);
    *columns = (xp_columns){0};
}

void xp_columns_fit(const xp_target *target, const xp_fold *fold, xp_columns *c) {
    const xp_csr *y = target->y;
    const size_t m = y->m;
    memset(c->mean, 0, m * sizeof *c->mean);
    memset(c->scale, 0, m * sizeof *c->scale);
    memset(c->count, 0, m * sizeof *c->count);
    memset(c->constant, 1, m);
    for (size_t j = 0; j < m; j++) c->observed[j] = (uint32_t)fold->n_train;
    /* First pass: sums; `scale` holds the first value seen, `constant` whether all values equal it. */
    for (size_t t = 0; t < fold->n_train; t++) {
        size_t i = xp_target_row(target, fold->train[t]);
        for (size_t e = y->start[i]; e < y->start[i + 1]; e++) {
            uint32_t j = y->column[e];
            double v = y->value[e];
            if (c->count[j]++ == 0)
                c->scale[j] = v;
            else if (v != c->scale[j])
                c->constant[j] = 0;
            c->mean[j] += v;
        }
        if (target->missing_start != NULL)
            for (size_t e = target->missing_start[i]; e < target->missing_start[i + 1]; e++)
                c->observed[target->missing_column[e]]--;
    }
    for (size_t j = 0; j < m; j++) {
        if (c->count[j] > 0 && c->count[j] < c->observed[j]) c->constant[j] = 0; /* some zeros, some not */
        if (c->constant[j]) {
            c->mean[j] = c->count[j] > 0 ? c->scale[j] : 0;
            c->scale[j] = 1;
        } else {
            c->mean[j] /= c->observed[j];
            c->scale[j] = (double)(c->observed[j] - c->count[j]) * (c->mean[j] * c->mean[j]);
        }
    }
    for (size_t t = 0; t < fold->n_train; t++) { /* second pass: sums of squares about the mean */
        size_t i = xp_target_row(target, fold->train[t]);
        for (size_t e = y->start[i]; e < y->start[i + 1]; e++) {
            uint32_t j = y->column[e];
            double d = y->value[e] - c->mean[j];
            if (!c->constant[j]) c->scale[j] += d * d;
        }
    }
    for (size_t j = 0; j < m; j++)
        if (!c->constant[j]) c->scale[j] = sqrt(c->scale[j] / (c->observed[j] - 1));
}

void xp_target_smooth_begin(const xp_columns *columns, size_t n_test, double *prediction) {
    for (size_t j = 0; j < columns->m; j++)
        for (size_t t = 0; t < n_test; t++) prediction[j * n_test + t] = columns->mean[j];
}

/* Training rows from .. to-1; weight: theirs. */
static void smooth_rows(const xp_target *target, const xp_fold *fold, const xp_columns *columns, size_t from, size_t to,
                        const double *weight, double *prediction) {
    const xp_csr *y = target->y;
    const size_t n_test = fold->n_test;
    for (size_t k = from; k < to; k++) {
        size_t i = xp_target_row(target, fold->train[k]);
        const double *w = weight + (k - from) * n_test;
        for (size_t e = y->start[i]; e < y->start[i + 1]; e++) {
            uint32_t j = y->column[e];
            if (!columns->constant[j]) xp_add_scaled(n_test, y->value[e], w, prediction + j * n_test);
        }
        if (target->missing_start != NULL)
            for (size_t e = target->missing_start[i]; e < target->missing_start[i + 1]; e++) {
                uint32_t j = target->missing_column[e];
                if (!columns->constant[j]) xp_add_scaled(n_test, columns->mean[j], w, prediction + j * n_test);
            }
    }
}

void xp_target_smooth(const xp_target *target, const xp_fold *fold, const xp_columns *columns, const double *weight,
                      double *prediction) {
    smooth_rows(target, fold, columns, 0, fold->n_train, weight, prediction);
}

/* Training rows whose weights are made at a time: they stay in the second cache, and 4,000 x 440 weights (14 MB) are never in memory at once. */
enum { WEIGHTS_AT_ONCE = 128 };

bool xp_path_alloc(xp_path *path, size_t n_train, size_t n_test, size_t n_components) {
    *path = (xp_path){.n_train = n_train, .n_test = n_test, .capacity = n_components};
    path->left = xp_alloc(n_components * n_train, sizeof *path->left);
    path->right = xp_alloc(n_components * n_test, sizeof *path->right);
    path->weight = xp_alloc(WEIGHTS_AT_ONCE * n_test, sizeof *path->weight);
    if (path->left != NULL && path->right != NULL && path->weight != NULL) return true;
    xp_path_free(path);
    return false;
}

void xp_path_free(xp_path *path) {
    xp_free_all(path->left, path->right, path->weight);
    *path = (xp_path){0};
}

void xp_path_add(xp_path *path, const xp_target *target, const xp_fold *fold, const xp_columns *columns, size_t from,
                 size_t to, double *prediction) {
    if (to > path->used) to = path->used;
    if (from >= to) return;
    for (size_t first = 0; first < path->n_train; first += WEIGHTS_AT_ONCE) {
        size_t rows = path->n_train - first < WEIGHTS_AT_ONCE ? path->n_train - first : WEIGHTS_AT_ONCE;
        xp_gemm(true, false, rows, path->n_test, to - from, 1, path->left + from * path->n_train + first, path->n_train,
                path->right + from * path->n_test, path->n_test, 0, path->weight, path->n_test);
        smooth_rows(target, fold, columns, first, first + rows, path->weight, prediction);
    }
}

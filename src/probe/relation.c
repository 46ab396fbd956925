#include "probe/relation.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"

/* What is left of a regressor after the others, as a share of its length, below which it says nothing new. */
static const double NOTHING_NEW = 1e-10;

/* ---- what is taken off ---- */

/* Orthonormal directions of n numbers; row by row. */
typedef struct directions {
    size_t n, count;
    double *q; /* capacity x n */
} directions;

/* Adds what is new in `column` (destroyed). Twice: rounding of the first pass is taken off by the second. */
static void add_direction(directions *q, double *column) {
    const double length = xp_nrm2(q->n, column);
    if (!(length > 0)) return;
    xp_scale(q->n, 1 / length, column);
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < q->count; k++)
            xp_axpy(q->n, -xp_dot(q->n, q->q + k * q->n, column), q->q + k * q->n, column);
    const double left = xp_nrm2(q->n, column);
    if (!(left > NOTHING_NEW)) return;
    memcpy(q->q + q->count * q->n, column, q->n * sizeof *column);
    xp_scale(q->n, 1 / left, q->q + q->count++ * q->n);
}

/* 1, then of sparse norms k and ln(1 + k), then the covariates. size: k of each concept, or NULL. */
static bool find_directions(directions *q, size_t n, const double *size, const double *covariates,
                            size_t n_covariates) {
    double *column = xp_alloc(n, sizeof *column);
    *q = (directions){.n = n, .q = xp_alloc((3 + n_covariates) * n, sizeof *q->q)};
    const bool ok = column != NULL && q->q != NULL;
    for (size_t i = 0; ok && i < n; i++) column[i] = 1;
    if (ok) add_direction(q, column);
    for (int power = 0; ok && size != NULL && power < 2; power++) {
        for (size_t i = 0; i < n; i++) column[i] = power == 0 ? size[i] : log1p(size[i]);
        add_direction(q, column);
    }
    for (size_t c = 0; ok && c < n_covariates; c++) {
        for (size_t i = 0; i < n; i++) column[i] = covariates[i * n_covariates + c];
        add_direction(q, column);
    }
    xp_free(column);
    return ok;
}

/* ---- rows ---- */

static bool rows_alloc(xp_relation *r) {
    size_t cells;
    return !xp_mul_overflows(r->n, r->m, &cells) && (r->z = xp_calloc(cells, sizeof *r->z)) != NULL;
}

/* Z - Q (Q'Z) */
static bool take_off(const directions *q, xp_relation *r) {
    double *part = xp_alloc(q->count * r->m, sizeof *part);
    if (part == NULL || r->m == 0) {
        xp_free(part);
        return part != NULL;
    }
    xp_gemm(false, false, q->count, r->m, r->n, 1, q->q, r->n, r->z, r->m, 0, part, r->m);
    xp_gemm(true, false, r->n, r->m, q->count, -1, q->q, r->n, part, r->m, 1, r->z, r->m);
    xp_free(part);
    return true;
}

/* ---- sparse ---- */

/* Weighted features, feature by feature: its concepts ascend. */
typedef struct by_feature {
    size_t *start; /* m + 1 */
    uint32_t *row;
    double *value;
} by_feature;

/* Features of one concept or of all tell no two apart. */
static bool has_weight(const by_feature *f, size_t j, size_t n) {
    const size_t df = f->start[j + 1] - f->start[j];
    return df >= 2 && df < n;
}

static void by_feature_free(by_feature *f) { xp_free_all(f->start, f->row, f->value); }

static bool weigh(const xp_target *target, double *size, by_feature *f) {
    const xp_csr *y = target->y;
    const size_t n = y->n, m = y->m;
    size_t *at = xp_alloc(m + 1, sizeof *at);
    *f = (by_feature){.start = xp_calloc(m + 1, sizeof *f->start)};
    bool ok = at != NULL && f->start != NULL;
    for (size_t e = 0; ok && e < y->start[n]; e++) f->start[y->column[e] + 1]++;
    for (size_t j = 0; ok && j < m; j++) f->start[j + 1] += f->start[j];
    if (ok) {
        memcpy(at, f->start, (m + 1) * sizeof *at);
        f->row = xp_alloc(y->start[n], sizeof *f->row);
        f->value = xp_alloc(y->start[n], sizeof *f->value);
        ok = f->row != NULL && f->value != NULL;
    }
    for (size_t i = 0; ok && i < n; i++) {
        const size_t row = xp_target_row(target, i);
        double squares = 0;
        size[i] = (double)(y->start[row + 1] - y->start[row]);
        for (int pass = 0; pass < 2; pass++)
            for (size_t e = y->start[row]; e < y->start[row + 1]; e++) {
                const size_t j = y->column[e], df = f->start[j + 1] - f->start[j];
                const double idf = has_weight(f, j, n) ? log((double)n / (double)df) : 0;
                if (pass == 0) {
                    squares += idf * idf;
                    continue;
                }
                f->row[at[j]] = (uint32_t)i;
                f->value[at[j]++] = squares > 0 ? idf / sqrt(squares) : 0;
            }
    }
    xp_free(at);
    return ok;
}

static bool relate_sparse(const xp_target *target, const double *covariates, size_t n_covariates, xp_relation *r) {
    const size_t n = r->n;
    double *size = xp_alloc(n, sizeof *size);
    by_feature f = {0};
    directions q = {0};
    bool ok = size != NULL && weigh(target, size, &f) && find_directions(&q, n, size, covariates, n_covariates);
    for (size_t j = 0; ok && j < target->y->m; j++) r->m += has_weight(&f, j, n);
    ok = ok && rows_alloc(r);
    for (size_t j = 0, used = 0; ok && j < target->y->m; j++) {
        if (!has_weight(&f, j, n)) continue;
        for (size_t e = f.start[j]; e < f.start[j + 1]; e++) r->z[f.row[e] * r->m + used] = f.value[e];
        used++;
    }
    ok = ok && take_off(&q, r);
    xp_free_all(size, q.q);
    by_feature_free(&f);
    return ok;
}

/* ---- dense ---- */

/* A standardised row less its mean, at length 1; missing cells stay 0. */
static void dense_row(const xp_target *target, size_t i, const xp_columns *columns, uint8_t *missing, double *z) {
    const size_t m = target->y->m, row = xp_target_row(target, i);
    double sum = 0, squares = 0, seen = 0;
    memset(missing, 0, m);
    if (target->missing_start != NULL)
        for (size_t e = target->missing_start[row]; e < target->missing_start[row + 1]; e++)
            missing[target->missing_column[e]] = 1;
    xp_csr_row(target->y, row, z);
    for (size_t j = 0; j < m; j++) {
        z[j] = missing[j] ? 0 : (z[j] - columns->mean[j]) / columns->scale[j];
        sum += z[j];
        seen += !missing[j];
    }
    for (size_t j = 0; j < m; j++) {
        if (!missing[j]) z[j] -= sum / seen;
        squares += z[j] * z[j];
    }
    for (size_t j = 0; squares > 0 && j < m; j++) z[j] /= sqrt(squares);
}

static bool relate_dense(const xp_target *target, const double *covariates, size_t n_covariates, xp_relation *r) {
    const size_t n = r->n, m = r->m = target->y->m;
    uint32_t *all = xp_alloc(n, sizeof *all);
    uint8_t *missing = xp_alloc(m, 1);
    xp_columns columns = {0};
    directions q = {0};
    bool ok = all != NULL && missing != NULL && rows_alloc(r) && xp_columns_alloc(&columns, m) &&
              find_directions(&q, n, NULL, covariates, n_covariates);
    for (size_t i = 0; ok && i < n; i++) all[i] = (uint32_t)i;
    if (ok) {
        xp_columns_fit(target, &(xp_fold){.train = all, .n_train = n}, &columns);
        for (size_t i = 0; i < n; i++) dense_row(target, i, &columns, missing, r->z + i * m);
        ok = take_off(&q, r);
    }
    xp_free_all(all, missing, q.q);
    xp_columns_free(&columns);
    return ok;
}

bool xp_relation_create(xp_relation *r, const xp_target *target, bool dense, const double *covariates,
                        size_t n_covariates) {
    size_t cells;
    *r = (xp_relation){.n = target->y->n};
    bool ok = !xp_mul_overflows(r->n, r->n, &cells) && (r->l = xp_alloc(cells, sizeof *r->l)) != NULL &&
              (dense ? relate_dense : relate_sparse)(target, covariates, n_covariates, r);
    if (ok && r->m > 0) xp_gram(false, r->n, r->m, r->z, r->m, r->l);
    if (ok && r->m == 0) memset(r->l, 0, cells * sizeof *r->l);
    if (!ok) xp_relation_free(r);
    return ok;
}

void xp_relation_free(xp_relation *r) {
    xp_free_all(r->z, r->l);
    *r = (xp_relation){0};
}

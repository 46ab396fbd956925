#include "probe/plsr_nipals.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"

/* scikit-learn 1.9, cross_decomposition/_pls.py: `tol`, and what _PLS.fit calls close to zero. */
static const double TOLERANCE = 1e-6, NEGLIGIBLE = 10 * DBL_EPSILON;

bool xp_nipals_alloc(xp_nipals *n, size_t n_train, size_t r, size_t n_components) {
    *n = (xp_nipals){.y = xp_alloc(n_train, sizeof *n->y),
                     .next = xp_alloc(r, sizeof *n->next),
                     .iterations = xp_calloc(n_components, sizeof *n->iterations)};
    if (n->y != NULL && n->next != NULL && n->iterations != NULL) return true;
    xp_nipals_free(n);
    return false;
}

void xp_nipals_free(xp_nipals *n) {
    xp_free_all(n->y, n->next, n->iterations);
    *n = (xp_nipals){0};
}

xp_nipals_count xp_nipals_counted(const xp_nipals *n, size_t n_components) {
    xp_nipals_count count = {0};
    for (size_t a = 0; a < n_components; a++) {
        count.iterations += n->iterations[a];
        if (n->iterations[a] > count.most) count.most = n->iterations[a];
        count.capped += n->iterations[a] == XP_NIPALS_CAP;
    }
    return count;
}

void xp_nipals_begin(xp_nipals *n, const xp_target *target, const xp_fold *fold, const xp_columns *columns,
                     const double *scores) {
    n->scores = scores;
    n->target = target;
    n->fold = fold;
    n->columns = columns;
    n->column = 0;
}

/* y := column j of the scaled target; a missing cell is the mean, which is 0. */
static void scaled_column(const xp_nipals *n, uint32_t j) {
    const xp_target *target = n->target;
    const xp_csr *y = target->y;
    const double mean = n->columns->mean[j], scale = n->columns->scale[j];
    for (size_t k = 0; k < n->fold->n_train; k++) {
        size_t i = xp_target_row(target, n->fold->train[k]);
        double value = 0;
        for (size_t e = y->start[i]; e < y->start[i + 1]; e++)
            if (y->column[e] == j) value = y->value[e];
        if (target->missing_start != NULL)
            for (size_t e = target->missing_start[i]; e < target->missing_start[i + 1]; e++)
                if (target->missing_column[e] == j) value = mean;
        n->y[k] = (value - mean) / scale;
    }
}

static double largest(size_t n, const double *x) {
    double most = 0;
    for (size_t i = 0; i < n; i++)
        if (fabs(x[i]) > most) most = fabs(x[i]);
    return most;
}

/* y := the first column that the scores so far have left anything of. */
static bool first_column(xp_nipals *n, size_t used) {
    const size_t rows = n->fold->n_train;
    for (; n->column < n->columns->m; n->column++) {
        if (n->columns->constant[n->column]) continue;
        scaled_column(n, n->column);
        for (size_t a = 0; a < used; a++) { /* one after the other, as the targets are deflated */
            const double *t = n->scores + a * rows;
            xp_axpy(rows, -xp_dot(rows, t, n->y) / xp_dot(rows, t, t), t, n->y);
        }
        if (largest(rows, n->y) >= NEGLIGIBLE) return true;
    }
    return false;
}

static bool scale_to(size_t r, const double *x, double norm, double *y) {
    if (!(norm > 0)) return false;
    for (size_t i = 0; i < r; i++) y[i] = x[i] / norm;
    return true;
}

bool xp_nipals_top(xp_nipals *n, size_t used, xp_operator input, xp_operator m, size_t r, double *lambda, double *w,
                   double *aw) {
    *lambda = 0;
    if (!first_column(n, used)) return true;
    input.product(input.self, n->y, n->next);
    double norm = xp_nrm2(r, n->next);
    if (!scale_to(r, n->next, norm, w)) return isfinite(norm); /* X has nothing in common with it */
    m.product(m.self, w, aw);
    uint32_t iterations = 1;
    for (double moved = 1; moved >= TOLERANCE && n->columns->m > 1 && iterations < XP_NIPALS_CAP; iterations++) {
        if (!scale_to(r, aw, xp_nrm2(r, aw), n->next)) break;
        xp_axpy(r, -1, n->next, w);
        moved = xp_dot(r, w, w);
        memcpy(w, n->next, r * sizeof *w);
        m.product(m.self, w, aw);
    }
    *lambda = xp_dot(r, w, aw);
    n->iterations[used] = iterations;
    return isfinite(*lambda);
}

#include "probe/plsr_sparse.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/eigen.h"
#include "tensor/blas.h"

/* As in plsr.c: where components stop, and below which share of its first eigenvalue the Krylov basis, whose products are corrected from component
 * to component, is made anew. */
static const double EXHAUSTED = 1e-20, STALE = 1e-6;

/* Scaled columns of one side, centring left out. All columns that one training row alone has are, once standardised, the same column: they become one
 * with the weight 1/sqrt(their number), which is orthonormal in the training fold (McRae: 2,526 columns become about 1,300). */
typedef struct side {
    size_t m;        /* columns after that */
    uint32_t *place; /* column of the matrix -> column here, UINT32_MAX: constant */
    double *factor;  /* by column of the matrix */
    double *shift;   /* m: the mean */
} side;

typedef struct solver {
    side x, y;
    xp_csr train, test, gold; /* of x, x, y */
    size_t n, n_test, used;
    const double *scores; /* used x n, orthonormal */
    double *t, *q, *c;    /* a row each of n, y.m, components */
} solver;

static void side_free(side *s) {
    xp_free_all(s->place, s->factor, s->shift);
    *s = (side){0};
}

static bool side_create(side *s, const xp_target *target, const xp_columns *columns, const xp_fold *fold) {
    const xp_csr *y = target->y;
    const size_t m = y->m, n = fold->n_train;
    *s = (side){.place = xp_alloc(m, sizeof *s->place),
                .factor = xp_alloc(m, sizeof *s->factor),
                .shift = xp_calloc(m, sizeof *s->shift)};
    uint32_t *singles = xp_calloc(n, sizeof *singles), *number = xp_alloc(n, sizeof *number);
    bool ok = s->place != NULL && s->factor != NULL && s->shift != NULL && singles != NULL && number != NULL;
    uint32_t next = 0;
    for (size_t j = 0; ok && j < m; j++) {
        bool single = columns->count[j] == 1 && columns->observed[j] == n;
        s->place[j] = columns->constant[j] || single ? UINT32_MAX : next++;
        s->factor[j] = 1 / columns->scale[j];
    }
    for (int pass = 0; ok && pass < 2; pass++) /* count the columns that are a row's own; then give them their place */
        for (size_t k = 0; k < n; k++) {
            size_t i = xp_target_row(target, fold->train[k]);
            for (size_t e = y->start[i]; e < y->start[i + 1]; e++) {
                uint32_t j = y->column[e];
                if (columns->constant[j] || columns->count[j] != 1 || columns->observed[j] != n) continue;
                if (pass == 0) {
                    if (singles[k]++ == 0) number[k] = next++;
                } else {
                    s->place[j] = number[k];
                    s->factor[j] /= sqrt((double)singles[k]);
                }
            }
        }
    s->m = next;
    for (size_t j = 0; ok && j < m; j++)
        if (s->place[j] != UINT32_MAX) s->shift[s->place[j]] += columns->mean[j] * s->factor[j];
    xp_free_all(singles, number);
    if (!ok) side_free(s);
    return ok;
}

/* The rows asked for, scaled. A missing cell holds the mean. Columns may repeat within a row: only products are made of it. */
static bool scaled_rows(const side *s, const xp_target *target, const xp_columns *columns, const uint32_t *asked,
                        size_t n, xp_csr *out) {
    const xp_csr *y = target->y;
    size_t cells = 0, at = 0;
    for (size_t k = 0; k < n; k++) {
        size_t i = xp_target_row(target, asked[k]);
        cells += y->start[i + 1] - y->start[i];
        if (target->missing_start != NULL) cells += target->missing_start[i + 1] - target->missing_start[i];
    }
    if (!xp_csr_alloc(out, n, s->m, cells)) return false;
    for (size_t k = 0; k < n; k++) {
        size_t i = xp_target_row(target, asked[k]);
        for (size_t e = y->start[i]; e < y->start[i + 1]; e++) {
            uint32_t j = y->column[e];
            if (s->place[j] == UINT32_MAX) continue;
            out->column[at] = s->place[j];
            out->value[at++] = y->value[e] * s->factor[j];
        }
        for (size_t e = 0; target->missing_start != NULL && e < target->missing_start[i + 1] - target->missing_start[i];
             e++) {
            uint32_t j = target->missing_column[target->missing_start[i] + e];
            if (s->place[j] == UINT32_MAX) continue;
            out->column[at] = s->place[j];
            out->value[at++] = columns->mean[j] * s->factor[j];
        }
        out->start[k + 1] = at;
    }
    return true;
}

/* y = A x, less `shift` in every row. */
static void rows_times(const xp_csr *a, const double *x, double shift, double *y) {
    for (size_t i = 0; i < a->n; i++) {
        double sum = -shift;
        for (size_t e = a->start[i]; e < a->start[i + 1]; e++) sum += a->value[e] * x[a->column[e]];
        y[i] = sum;
    }
}

/* y = A'x */
static void columns_times(const xp_csr *a, const double *x, double *y) {
    memset(y, 0, a->m * sizeof *y);
    for (size_t i = 0; i < a->n; i++)
        for (size_t e = a->start[i]; e < a->start[i + 1]; e++) y[a->column[e]] += a->value[e] * x[i];
}

/* t := (I - TT')(I - 11'/n) t; c (may be NULL) gets T't. */
static void project(const solver *s, double *t, double *c) {
    double mean = 0;
    for (size_t i = 0; i < s->n; i++) mean += t[i];
    mean /= (double)s->n;
    for (size_t i = 0; i < s->n; i++) t[i] -= mean;
    if (c != NULL) memset(c, 0, s->used * sizeof *c);
    for (int pass = 0; pass < (c != NULL ? 2 : 1); pass++) { /* twice keeps the scores orthogonal */
        double *once = s->c;
        xp_gemv(false, s->used, s->n, 1, s->scores, s->n, t, 0, once);
        xp_gemv(true, s->used, s->n, -1, s->scores, s->n, once, 1, t);
        for (size_t a = 0; c != NULL && a < s->used; a++) c[a] += once[a];
    }
}

static double mean_along(const solver *s, const double *w) { return xp_dot(s->x.m, s->x.shift, w); }

/* y = X_a'Y Y'X_a w: what is projected has mean zero, so neither Y nor the last X' need centring. */
static void product(void *self, const double *w, double *y) {
    const solver *s = self;
    rows_times(&s->train, w, mean_along(s, w), s->t);
    project(s, s->t, NULL);
    columns_times(&s->gold, s->t, s->q);
    rows_times(&s->gold, s->q, 0, s->t);
    project(s, s->t, NULL);
    columns_times(&s->train, s->t, y);
}

static void input_product(void *self, const double *x, double *y) {
    const solver *s = self;
    columns_times(&s->train, x, y);
}

static bool components(solver *s, xp_krylov *krylov, xp_nipals *nipals, size_t wanted, double tolerance, double *work,
                       xp_path *path) {
    const size_t n = s->n, n_test = s->n_test, m = s->x.m;
    double *w = work, *aw = w + m, *p = aw + m, *c = p + m, first = 0, made = 0;
    const xp_operator a = {.product = product, .self = s}, input = {.product = input_product, .self = s};
    xp_krylov_begin(krylov, m);
    while (s->used < wanted && s->used + 1 < n && s->used < m) {
        double lambda = 0;
        for (int attempt = 0;; attempt++) {
            bool found = nipals != NULL ? xp_nipals_top(nipals, s->used, input, a, m, &lambda, w, aw)
                                        : xp_krylov_top(krylov, a, tolerance, 1e-16 * made, &lambda, w, aw);
            if (!found) return s->used > 0;
            if (s->used == 0) first = made = lambda;
            if (lambda > STALE * made || attempt > 0 || nipals != NULL) break;
            xp_krylov_restart(krylov);
            made = 0;
        }
        if (made == 0) made = lambda;
        if (!(lambda > EXHAUSTED * first) || !(lambda > 0)) break;

        double *t = path->left + s->used * n, *right = path->right + s->used * n_test;
        double shift = mean_along(s, w);
        rows_times(&s->train, w, shift, t);
        project(s, t, c);
        double norm = xp_nrm2(n, t);
        if (!(norm > 0)) break;
        xp_scale(n, 1 / norm, t);
        rows_times(&s->test, w, shift, right); /* X_test is deflated with the same coefficients */
        xp_gemv(true, s->used, n_test, -1, path->right, n_test, c, 1, right);
        xp_scale(n_test, 1 / norm, right);
        columns_times(&s->train, t, p); /* loading over |t| */
        xp_scale(m, 1 / norm, p);
        s->used = path->used = s->used + 1;

        double half = .5 * xp_dot(m, w, aw); /* u = Mw - (w'Mw / 2) p, as in plsr.c */
        xp_axpy(m, -half, p, aw);
        xp_krylov_update(krylov, p, aw);
    }
    return true;
}

bool xp_plsr_sparse_fit(const xp_target *input, const xp_columns *x_columns, const xp_target *target,
                        const xp_columns *columns, const xp_fold *fold, size_t n_components, double tolerance,
                        xp_nipals *nipals, xp_path *path) {
    solver s = {.n = fold->n_train, .n_test = fold->n_test, .scores = path->left};
    xp_krylov krylov = {0};
    double *work = NULL;
    path->used = 0;
    bool ok = side_create(&s.x, input, x_columns, fold) && side_create(&s.y, target, columns, fold) &&
              scaled_rows(&s.x, input, x_columns, fold->train, s.n, &s.train) &&
              scaled_rows(&s.x, input, x_columns, fold->test, s.n_test, &s.test) &&
              scaled_rows(&s.y, target, columns, fold->train, s.n, &s.gold);
    if (nipals != NULL) xp_nipals_begin(nipals, target, fold, columns, s.scores);
    if (ok && s.x.m > 0 && s.y.m > 0) {
        s.t = xp_alloc(s.n, sizeof *s.t);
        s.q = xp_alloc(s.y.m, sizeof *s.q);
        s.c = xp_alloc(n_components, sizeof *s.c);
        work = xp_alloc(3 * s.x.m + n_components, sizeof *work);
        ok = s.t != NULL && s.q != NULL && s.c != NULL && work != NULL && xp_krylov_alloc(&krylov, s.x.m) &&
             components(&s, &krylov, nipals, n_components, tolerance, work, path);
        xp_krylov_free(&krylov);
    }
    xp_free_all(s.t, s.q, s.c, work);
    xp_csr_free(&s.train);
    xp_csr_free(&s.test);
    xp_csr_free(&s.gold);
    side_free(&s.x);
    side_free(&s.y);
    return ok;
}

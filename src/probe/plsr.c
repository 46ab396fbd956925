#include "probe/plsr.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"
#include "tensor/loops.h"
#include "tensor/packed.h"

/* methods 1.3: components stop when the leading eigenvalue is below this share of the first. */
static const double EXHAUSTED = 1e-20;
/* M is deflated in place, which leaves rounding of 1e-16 of its first size; below this share of it M is made anew from S. */
static const double STALE = 1e-6;

/* ---- input ---- */

/* Centres and scales by the training rows (ddof 1), row by row as the matrices lie. A constant column (max == min) becomes 0 exactly. */
static bool standardise(const double *x, size_t d, const xp_fold *fold, double *train, double *test) {
    const size_t n = fold->n_train;
    double *mean = xp_calloc(2 * d, sizeof *mean), *scale = mean + d;
    uint8_t *varies = xp_calloc(d, 1);
    bool ok = mean != NULL && varies != NULL;
    const double *first = x + fold->train[0] * d;
    for (size_t i = 0; ok && i < n; i++) {
        const double *row = x + fold->train[i] * d;
        for (size_t j = 0; j < d; j++) {
            mean[j] += row[j];
            varies[j] |= row[j] != first[j];
        }
    }
    for (size_t j = 0; ok && j < d; j++) mean[j] = varies[j] ? mean[j] / (double)n : first[j];
    for (size_t i = 0; ok && i < n; i++) {
        const double *row = x + fold->train[i] * d;
        for (size_t j = 0; j < d; j++) scale[j] += (row[j] - mean[j]) * (row[j] - mean[j]);
    }
    for (size_t j = 0; ok && j < d; j++) scale[j] = varies[j] ? sqrt(scale[j] / (double)(n - 1)) : 1;
    for (size_t i = 0; ok && i < n + fold->n_test; i++) {
        const double *row = x + (i < n ? fold->train[i] : fold->test[i - n]) * d;
        double *out = i < n ? train + i * d : test + (i - n) * d;
        for (size_t j = 0; j < d; j++) out[j] = (row[j] - mean[j]) / scale[j];
    }
    xp_free(mean);
    xp_free(varies);
    return ok;
}

bool xp_plsr_input_create(xp_plsr_input *input, const double *x, size_t d, const xp_fold *fold) {
    const size_t n = fold->n_train, n_test = fold->n_test;
    *input = (xp_plsr_input){.n_train = n, .n_test = n_test};
    double *train = xp_alloc(n * d, sizeof *train), *test = xp_alloc(n_test * d, sizeof *test);
    bool ok = train != NULL && test != NULL;
    ok = ok && standardise(x, d, fold, train, test);
    if (ok && d > n) { /* rank space: n is smaller than the width */
        double *tau = xp_alloc(n, sizeof *tau);
        input->r = n;
        input->z = xp_alloc(n * n, sizeof *input->z);
        input->z_test = xp_alloc(n_test * n, sizeof *input->z_test);
        ok = tau != NULL && input->z != NULL && input->z_test != NULL && xp_lq(n, d, train, tau, input->z) &&
             xp_lq_rotate(n, d, train, tau, n_test, test);
        for (size_t i = 0; ok && i < n_test; i++) memcpy(input->z_test + i * n, test + i * d, n * sizeof *test);
        xp_free(tau);
        xp_free(train);
        xp_free(test);
    } else {
        input->r = d;
        input->z = train;
        input->z_test = test;
    }
    if (ok) ok = (input->c = xp_alloc(input->r * input->r, sizeof *input->c)) != NULL;
    if (ok)
        xp_gram(true, input->r, n, input->z, input->r, input->c);
    else
        xp_plsr_input_free(input);
    return ok;
}

void xp_plsr_input_free(xp_plsr_input *input) {
    xp_free(input->z);
    xp_free(input->z_test);
    xp_free(input->c);
    *input = (xp_plsr_input){0};
}

/* ---- fit ---- */

bool xp_plsr_alloc(xp_plsr *p, size_t n_train, size_t r, size_t m, size_t n_components) {
    *p = (xp_plsr){0};
    p->s = xp_alloc((m + n_train) * r, sizeof *p->s);
    p->matrix = xp_alloc(r * r, sizeof *p->matrix);
    p->packed = xp_alloc(xp_packed_size(r), sizeof *p->packed);
    p->rotation = xp_alloc(n_components * r, sizeof *p->rotation);
    p->loading = xp_alloc(n_components * r, sizeof *p->loading);
    p->w = xp_alloc(r, sizeof *p->w);
    p->aw = xp_alloc(r + n_components, sizeof *p->aw);
    p->effective = xp_alloc(m, sizeof *p->effective);
    p->singles = xp_alloc(n_train, sizeof *p->singles);
    if (xp_krylov_alloc(&p->krylov, r) && p->s && p->matrix && p->packed && p->rotation && p->loading && p->w &&
        p->aw && p->effective && p->singles)
        return true;
    xp_plsr_free(p);
    return false;
}

void xp_plsr_free(xp_plsr *p) {
    void *owned[] = {p->s, p->matrix, p->packed, p->rotation, p->loading, p->w, p->aw, p->effective, p->singles};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) xp_free(owned[i]);
    xp_krylov_free(&p->krylov);
    *p = (xp_plsr){0};
}

/* S' = Y_s'Z (one row a column of Y), Y_s scaled; centring of Y is left out because Z is centred. All columns that one training row alone
 * has are, once standardised, the same column sqrt(n) e_i: they are counted and become one row (McRae: 2,526 columns become about 1,300).
 * Returns the number of rows. */
static size_t cross_product(xp_plsr *p, const xp_plsr_input *input, const xp_target *target, const xp_fold *fold,
                            const xp_columns *columns) {
    const xp_csr *y = target->y;
    const size_t r = input->r, n = fold->n_train;
    uint32_t rows = 0;
    for (size_t j = 0; j < y->m; j++) {
        bool single = columns->count[j] == 1 && columns->observed[j] == n;
        p->effective[j] = columns->constant[j] || single ? UINT32_MAX : rows++;
    }
    memset(p->s, 0, rows * r * sizeof *p->s);
    memset(p->singles, 0, n * sizeof *p->singles);
    for (size_t k = 0; k < n; k++) {
        size_t i = xp_target_row(target, fold->train[k]);
        const double *z = input->z + k * r;
        for (size_t e = y->start[i]; e < y->start[i + 1]; e++) {
            uint32_t j = y->column[e];
            if (p->effective[j] != UINT32_MAX)
                xp_add_scaled(r, y->value[e] / columns->scale[j], z, p->s + p->effective[j] * r);
            else if (!columns->constant[j])
                p->singles[k]++;
        }
        if (target->missing_start != NULL) /* zero after scaling: the training mean before it */
            for (size_t e = target->missing_start[i]; e < target->missing_start[i + 1]; e++) {
                uint32_t j = target->missing_column[e];
                if (p->effective[j] != UINT32_MAX)
                    xp_add_scaled(r, columns->mean[j] / columns->scale[j], z, p->s + p->effective[j] * r);
            }
    }
    for (size_t k = 0; k < n; k++) {
        if (p->singles[k] == 0) continue;
        double root = sqrt((double)n * p->singles[k]);
        const double *z = input->z + k * r;
        double *s = p->s + rows++ * r;
        for (size_t i = 0; i < r; i++) s[i] = root * z[i];
    }
    return rows;
}

/* S := S (I - R P), M := S'S: what is left after the components so far, without the rounding of repeated updates. */
static bool refresh(xp_plsr *p, size_t rows, size_t components) {
    const size_t r = p->r;
    if (components > 0) {
        double *u = xp_alloc(rows * components, sizeof *u);
        if (u == NULL) return false;
        xp_gemm(false, true, rows, components, r, 1, p->s, r, p->rotation, r, 0, u, components);
        xp_gemm(false, false, rows, r, components, -1, u, components, p->loading, r, 1, p->s, r);
        xp_free(u);
    }
    xp_gram(true, r, rows, p->s, r, p->matrix);
    xp_packed_from(r, p->matrix, p->packed);
    return true;
}

static void product(void *self, const double *x, double *y) {
    const xp_plsr *p = self;
    xp_packed_product(p->r, p->packed, x, y);
}

bool xp_plsr_fit(xp_plsr *p, const xp_plsr_input *input, const xp_target *target, const xp_fold *fold,
                 const xp_columns *columns, size_t n_components, double tolerance, xp_path *path) {
    const size_t r = input->r, n = input->n_train, n_test = input->n_test;
    path->used = 0;
    p->r = r;
    size_t rows = cross_product(p, input, target, fold, columns);
    if (!refresh(p, rows, 0)) return false;
    xp_krylov_begin(&p->krylov, r);
    const xp_operator m = {.product = product, .self = p};
    double first = 0, made = 0; /* the leading eigenvalue at the start, and when M was last made anew */
    for (size_t a = 0; a < n_components && a < r; a++) {
        double lambda = 0;
        for (int attempt = 0;; attempt++) {
            if (!xp_krylov_top(&p->krylov, m, tolerance, 1e-16 * made, &lambda, p->w, p->aw)) return a > 0;
            if (a == 0) first = made = lambda;
            if (lambda > STALE * made || attempt > 0) break;
            if (!refresh(p, rows, a)) return false;
            xp_krylov_restart(&p->krylov);
            made = 0;
        }
        if (made == 0) made = lambda;
        if (!(lambda > EXHAUSTED * first) || !(lambda > 0)) break;

        double *rotation = p->rotation + a * r, *loading = p->loading + a * r, *coefficient = p->aw + r;
        memcpy(rotation, p->w, r * sizeof *rotation);
        for (int pass = 0; pass < 2; pass++) { /* Gram-Schmidt in the metric of Z'Z keeps the scores orthogonal */
            xp_gemv(false, a, r, 1, p->loading, r, rotation, 0, coefficient);
            xp_gemv(true, a, r, -1, p->rotation, r, coefficient, 1, rotation);
        }
        xp_gemv(false, r, r, 1, input->c, r, rotation, 0, loading);
        double tt = xp_dot(r, rotation, loading);
        if (!(tt > 0)) break;
        xp_scale(r, 1 / tt, loading);
        xp_gemv(false, n, r, 1, input->z, r, rotation, 0, path->left + a * n);
        xp_gemv(false, n_test, r, 1 / tt, input->z_test, r, rotation, 0, path->right + a * n_test);
        path->used = a + 1;

        double half = .5 * xp_dot(r, p->w, p->aw); /* u = M w - (w'Mw / 2) p makes the update symmetric of rank 2 */
        xp_axpy(r, -half, loading, p->aw);
        xp_packed_update(r, loading, p->aw, p->packed);
        xp_krylov_update(&p->krylov, loading, p->aw);
    }
    return true;
}

#include "probe/plsr.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"
#include "tensor/loops.h"
#include "tensor/packed.h"

/* docs/methods.md#plsr: components stop when the leading eigenvalue is below this share of the first. */
static const double EXHAUSTED = 1e-20;
/* M is deflated in place, which leaves rounding of 1e-16 of its first size; below this share of it M is made anew from S. */
static const double STALE = 1e-6;
/* The same for a weight that is not converged: every digit of M moves it, and no eigenvector forgets them. */
static const double STALE_NIPALS = 1e-3;
static const double FLOOR = 1e-16;

/* ---- input ---- */

/* Row by row as the matrices lie. */
bool xp_plsr_standardise(const double *x, size_t d, const xp_fold *fold, double *train, double *test) {
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
    xp_free_all(mean, varies);
    return ok;
}

bool xp_plsr_input_create(xp_plsr_input *input, const double *x, size_t d, size_t m, const xp_fold *fold) {
    const size_t n = fold->n_train, n_test = fold->n_test;
    const bool narrow = m < n && m < d;
    *input = (xp_plsr_input){.n_train = n, .n_test = n_test};
    double *train = xp_alloc(n * d, sizeof *train), *test = xp_alloc(n_test * d, sizeof *test);
    bool ok = train != NULL && test != NULL;
    ok = ok && xp_plsr_standardise(x, d, fold, train, test);
    if (ok && d > n && !narrow) { /* rank space: n is smaller than the width */
        double *tau = xp_alloc(n, sizeof *tau);
        input->r = n;
        input->z = xp_alloc(n * n, sizeof *input->z);
        input->z_test = xp_alloc(n_test * n, sizeof *input->z_test);
        ok = tau != NULL && input->z != NULL && input->z_test != NULL && xp_lq(n, d, train, tau, input->z) &&
             xp_lq_rotate(n, d, train, tau, n_test, test);
        for (size_t i = 0; ok && i < n_test; i++) memcpy(input->z_test + i * n, test + i * d, n * sizeof *test);
        xp_free_all(tau, train, test);
    } else {
        input->r = d;
        input->z = train;
        input->z_test = test;
    }
    if (ok && !narrow) {
        ok = (input->c = xp_alloc(input->r * input->r, sizeof *input->c)) != NULL;
        if (ok) xp_gram(true, input->r, n, input->z, input->r, input->c);
    }
    if (!ok) xp_plsr_input_free(input);
    return ok;
}

/* A component's score is t = Z rotation. Its loading Z't / t't goes to `loading` (r). Returns t't. */
static double make_loading(const xp_plsr_input *input, const double *rotation, double *loading) {
    const size_t r = input->r;
    double tt;
    if (input->c != NULL) {
        xp_gemv(false, r, r, 1, input->c, r, rotation, 0, loading);
        tt = xp_dot(r, rotation, loading);
    } else {
        tt = xp_gram_product(input->n_train, r, input->z, rotation, loading);
    }
    if (tt > 0) xp_scale(r, 1 / tt, loading);
    return tt;
}

void xp_plsr_input_free(xp_plsr_input *input) {
    xp_free_all(input->z, input->z_test, input->c);
    *input = (xp_plsr_input){0};
}

/* ---- fit ---- */

enum { AT_ONCE = 64 }; /* rows of S that are deflated together */

bool xp_plsr_alloc(xp_plsr *p, size_t n_train, size_t r, size_t m, size_t n_components) {
    *p = (xp_plsr){0};
    p->s = xp_alloc((m + n_train) * r, sizeof *p->s);
    p->matrix = xp_alloc(r * r, sizeof *p->matrix);
    p->packed = xp_alloc(xp_packed_size(r), sizeof *p->packed);
    p->rotation = xp_alloc(n_components * r, sizeof *p->rotation);
    p->loading = xp_alloc(n_components * r, sizeof *p->loading);
    p->w = xp_alloc(r, sizeof *p->w);
    p->aw = xp_alloc(r + n_components, sizeof *p->aw);
    p->q = xp_alloc(2 * r, sizeof *p->q);
    p->length = xp_alloc(n_components, sizeof *p->length);
    p->parts = xp_alloc(AT_ONCE * n_components, sizeof *p->parts);
    p->effective = xp_alloc(m, sizeof *p->effective);
    p->singles = xp_alloc(n_train, sizeof *p->singles);
    if (xp_krylov_alloc(&p->krylov, r) && p->s && p->matrix && p->packed && p->rotation && p->loading && p->w &&
        p->aw && p->q && p->length && p->parts && p->effective && p->singles)
        return true;
    xp_plsr_free(p);
    return false;
}

void xp_plsr_free(xp_plsr *p) {
    xp_free_all(p->s, p->matrix, p->packed, p->rotation, p->loading, p->w, p->aw, p->q, p->length, p->parts,
                p->effective, p->singles);
    xp_krylov_free(&p->krylov);
    *p = (xp_plsr){0};
}

/* Where more than a quarter of the cells are there, one matrix product is faster than cell by cell. SIZE_MAX: no memory. */
static size_t cross_product_dense(xp_plsr *p, const xp_plsr_input *input, const xp_target *target, const xp_fold *fold,
                                  const xp_columns *columns) {
    const xp_csr *y = target->y;
    const size_t r = input->r, n = fold->n_train;
    uint32_t rows = 0;
    for (size_t j = 0; j < y->m; j++) p->effective[j] = columns->constant[j] ? UINT32_MAX : rows++;
    double *scaled = xp_calloc(n * (rows > 0 ? rows : 1), sizeof *scaled);
    if (scaled == NULL) return SIZE_MAX;
    for (size_t k = 0; k < n; k++) {
        const size_t i = xp_target_row(target, fold->train[k]);
        double *row = scaled + k * rows;
        for (size_t e = y->start[i]; e < y->start[i + 1]; e++) {
            uint32_t j = y->column[e];
            if (!columns->constant[j]) row[p->effective[j]] = y->value[e] / columns->scale[j];
        }
        if (target->missing_start != NULL)
            for (size_t e = target->missing_start[i]; e < target->missing_start[i + 1]; e++) {
                uint32_t j = target->missing_column[e];
                if (!columns->constant[j]) row[p->effective[j]] = columns->mean[j] / columns->scale[j];
            }
    }
    if (rows > 0) xp_gemm(true, false, rows, r, n, 1, scaled, rows, input->z, r, 0, p->s, r);
    xp_free(scaled);
    return rows;
}

static bool mostly_there(const xp_target *target, const xp_fold *fold) {
    const xp_csr *y = target->y;
    size_t cells = 0;
    for (size_t k = 0; k < fold->n_train; k++) {
        size_t i = xp_target_row(target, fold->train[k]);
        cells += y->start[i + 1] - y->start[i];
    }
    return cells / fold->n_train > y->m / 4;
}

/* S' = Y_s'Z (one row a column of Y), Y_s scaled; centring of Y is left out because Z is centred. All columns that one training row alone
 * has are, once standardised, the same column sqrt(n) e_i: they are counted and become one row (McRae: 2,526 columns become about 1,300).
 * Returns the number of rows. */
static size_t cross_product_sparse(xp_plsr *p, const xp_plsr_input *input, const xp_target *target, const xp_fold *fold,
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

static bool narrow(const xp_plsr_input *input) { return input->c == NULL; }

/* M := S'S, or N := SS', of what is left after the components so far, without the rounding of repeated updates. S itself is deflated at once
 * where it has few rows, else only here: S := S (I - R P). */
static void refresh(xp_plsr *p, const xp_plsr_input *input, size_t rows, size_t components) {
    const size_t r = input->r;
    for (size_t first = 0; components > 0 && !narrow(input) && first < rows; first += AT_ONCE) {
        const size_t many = rows - first < AT_ONCE ? rows - first : AT_ONCE;
        double *s = p->s + first * r;
        xp_gemm(false, true, many, components, r, 1, s, r, p->rotation, r, 0, p->parts, components);
        xp_gemm(false, false, many, r, components, -1, p->parts, components, p->loading, r, 1, s, r);
    }
    p->order = narrow(input) ? rows : r;
    xp_gram(!narrow(input), p->order, narrow(input) ? r : rows, p->s, r, p->matrix);
    xp_packed_from(p->order, p->matrix, p->packed);
}

static void product(void *self, const double *x, double *y) {
    const xp_plsr *p = self;
    xp_packed_product(p->order, p->packed, x, y);
}

/* Component a leaves M (or N and S). u = M w - (w'Mw / 2) p makes the update of M symmetric of rank 2. */
static void deflate(xp_plsr *p, const xp_plsr_input *input, size_t rows, const double *rotation,
                    const double *loading) {
    const size_t r = input->r;
    if (!narrow(input)) {
        xp_axpy(r, -.5 * xp_dot(r, p->w, p->aw), loading, p->aw);
        xp_packed_update(r, loading, p->aw, p->packed);
        xp_krylov_update(&p->krylov, loading, p->aw);
        return;
    }
    double *q = p->q, *u = p->q + rows; /* S := S - q p', so that N changes by -q u' - u q' */
    xp_gemv(false, rows, r, 1, p->s, r, rotation, 0, q);
    xp_gemv(false, rows, r, 1, p->s, r, loading, 0, u);
    xp_axpy(rows, -.5 * xp_dot(r, loading, loading), q, u);
    for (size_t j = 0; j < rows; j++) xp_add_scaled(r, -q[j], loading, p->s + j * r);
    xp_packed_update(rows, q, u, p->packed);
    xp_krylov_update(&p->krylov, q, u);
}

static void input_product(void *self, const double *x, double *y) {
    const xp_plsr_input *input = self;
    xp_gemv(true, input->n_train, input->r, 1, input->z, input->r, x, 0, y);
}

/* The weight w of norm 1 of component a, from what is left, and its eigenvalue. */
static bool weight(xp_plsr *p, const xp_plsr_input *input, size_t rows, size_t a, double tolerance, double floor,
                   double *lambda) {
    const xp_operator m = {.product = product, .self = p};
    if (p->nipals != NULL) {
        xp_plsr_input x = *input;
        const xp_operator to_input = {.product = input_product, .self = &x};
        return xp_nipals_top(p->nipals, a, to_input, m, input->r, lambda, p->w, p->aw);
    }
    if (!narrow(input)) return xp_krylov_top(&p->krylov, m, tolerance, floor, lambda, p->w, p->aw);
    double *q = p->q;
    if (!xp_krylov_top(&p->krylov, m, tolerance, floor, lambda, q, q + rows)) return false;
    xp_gemv(true, rows, input->r, 1, p->s, input->r, q, 0, p->w);
    double norm = xp_nrm2(input->r, p->w);
    if (norm > 0) xp_scale(input->r, 1 / norm, p->w);
    return true;
}

/* The same, with M made anew if its rounding is no longer small beside what is left. made: the eigenvalue when that was done last. */
static bool fresh_weight(xp_plsr *p, const xp_plsr_input *input, size_t rows, size_t a, double tolerance, double *made,
                         double *lambda) {
    const double stale = p->nipals != NULL ? STALE_NIPALS : STALE;
    if (!weight(p, input, rows, a, tolerance, FLOOR * *made, lambda)) return false;
    if (!(*lambda > stale * *made)) {
        refresh(p, input, rows, a);
        xp_krylov_restart(&p->krylov);
        *made = 0;
        if (!weight(p, input, rows, a, tolerance, 0, lambda)) return false;
    }
    if (*made == 0) *made = *lambda;
    return true;
}

bool xp_plsr_fit(xp_plsr *p, const xp_plsr_input *input, const xp_target *target, const xp_fold *fold,
                 const xp_columns *columns, size_t n_components, double tolerance, xp_path *path) {
    const size_t r = input->r, n = input->n_train, n_test = input->n_test;
    path->used = 0;
    size_t rows = mostly_there(target, fold) ? cross_product_dense(p, input, target, fold, columns)
                                             : cross_product_sparse(p, input, target, fold, columns);
    if (rows == SIZE_MAX) return false;
    if (rows == 0) return true; /* every feature is constant */
    refresh(p, input, rows, 0);
    xp_krylov_begin(&p->krylov, p->order);
    if (p->nipals != NULL) xp_nipals_begin(p->nipals, target, fold, columns, path->left);
    double first = 0, made = 0; /* the leading eigenvalue at the start, and when M was last made anew */
    size_t a = 0;
    for (; a < n_components && a < r; a++) {
        double lambda = 0, *rotation = p->rotation + a * r, *loading = p->loading + a * r, *coefficient = p->aw + r;
        if (!fresh_weight(p, input, rows, a, tolerance, &made, &lambda)) {
            if (a == 0) return false;
            break;
        }
        if (a == 0) first = lambda;
        if (!(lambda > EXHAUSTED * first) || !(lambda > 0)) break;
        memcpy(rotation, p->w, r * sizeof *rotation);
        for (int pass = 0; pass < 2; pass++) { /* Gram-Schmidt in the metric of Z'Z keeps the scores orthogonal */
            xp_gemv(false, a, r, 1, p->loading, r, rotation, 0, coefficient);
            xp_gemv(true, a, r, -1, p->rotation, r, coefficient, 1, rotation);
        }
        p->length[a] = make_loading(input, rotation, loading);
        if (!(p->length[a] > 0)) break;
        deflate(p, input, rows, rotation, loading);
        if (p->nipals != NULL) /* the next iteration starts from what this score leaves of Y */
            xp_gemv(false, n, r, 1, input->z, r, rotation, 0, path->left + a * n);
    }
    /* All scores in one product: Z is read once (it lies in memory, not in a cache, for thousands of concepts). */
    xp_gemm(false, true, a, n, r, 1, p->rotation, r, input->z, r, 0, path->left, n);
    xp_gemm(false, true, a, n_test, r, 1, p->rotation, r, input->z_test, r, 0, path->right, n_test);
    for (size_t k = 0; k < a; k++) xp_scale(n_test, 1 / p->length[k], path->right + k * n_test);
    path->used = a;
    return true;
}

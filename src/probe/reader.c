#include "probe/reader.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"

static const double PENALTY = .03; /* for each training row */
enum { NEAREST = 10 };

/* ---- the vectors ---- */

static void centre(double *x, size_t n, size_t d, bool scale) {
    for (size_t k = 0; k < d; k++) {
        double sum = 0, squares = 0, low = x[k], high = x[k];
        for (size_t i = 0; i < n; i++) {
            sum += x[i * d + k];
            low = fmin(low, x[i * d + k]);
            high = fmax(high, x[i * d + k]);
        }
        const double mean = sum / (double)n;
        for (size_t i = 0; i < n; i++) {
            x[i * d + k] = low == high ? 0 : x[i * d + k] - mean;
            squares += x[i * d + k] * x[i * d + k];
        }
        const double deviation = sqrt(squares / (double)(n > 1 ? n - 1 : 1));
        if (scale && deviation > 0)
            for (size_t i = 0; i < n; i++) x[i * d + k] /= deviation;
    }
}

static void unit_rows(double *x, size_t n, size_t d) {
    for (size_t i = 0; i < n; i++) {
        const double norm = xp_nrm2(d, x + i * d);
        for (size_t k = 0; norm > 0 && k < d; k++) x[i * d + k] /= norm;
    }
}

bool xp_reader_create(xp_reader *r, const double *x, size_t n, size_t d) {
    size_t cells, square;
    *r = (xp_reader){.n = n, .d = d};
    if (xp_mul_overflows(n, d, &cells) || xp_mul_overflows(n, n, &square)) return false;
    r->v = xp_alloc(cells, sizeof *r->v);
    r->g = d >= n ? xp_alloc(square, sizeof *r->g) : NULL;
    if (r->v == NULL || (d >= n && r->g == NULL)) {
        xp_reader_free(r);
        return false;
    }
    memcpy(r->v, x, cells * sizeof *x);
    centre(r->v, n, d, true);
    unit_rows(r->v, n, d);
    centre(r->v, n, d, false);
    if (r->g != NULL) xp_gram(false, n, d, r->v, d, r->g);
    return true;
}

void xp_reader_free(xp_reader *r) {
    xp_free_all(r->v, r->g);
    *r = (xp_reader){0};
}

/* ---- weights ---- */

/* Rows of G[test, train] (G[train, train] + penalty I)^-1, in `out` (n_test x n_train). */
static bool solve_wide(const xp_reader *r, const uint32_t *train, size_t n_train, const uint32_t *test, size_t n_test,
                       double *out) {
    double *system = xp_alloc(n_train * n_train, sizeof *system);
    if (system == NULL) return false;
    for (size_t i = 0; i < n_train; i++) {
        for (size_t j = 0; j < n_train; j++) system[i * n_train + j] = r->g[train[i] * r->n + train[j]];
        system[i * n_train + i] += PENALTY * (double)n_train;
    }
    for (size_t i = 0; i < n_test; i++)
        for (size_t j = 0; j < n_train; j++) out[i * n_train + j] = r->g[test[i] * r->n + train[j]];
    const bool ok = xp_solve_positive(n_train, system, n_test, out);
    xp_free(system);
    return ok;
}

/* The same by the identity V_test (V_train'V_train + penalty I)^-1 V_train', where vectors are narrower than there are concepts. */
static bool solve_narrow(const xp_reader *r, const uint32_t *train, size_t n_train, const uint32_t *test, size_t n_test,
                         double *out) {
    const size_t d = r->d;
    double *system = xp_alloc(d * d, sizeof *system), *known = xp_alloc(n_train * d, sizeof *known),
           *asked = xp_alloc(n_test * d, sizeof *asked);
    bool ok = system != NULL && known != NULL && asked != NULL;
    for (size_t i = 0; ok && i < n_train; i++) memcpy(known + i * d, r->v + train[i] * d, d * sizeof *known);
    for (size_t i = 0; ok && i < n_test; i++) memcpy(asked + i * d, r->v + test[i] * d, d * sizeof *asked);
    if (ok) {
        xp_gram(true, d, n_train, known, d, system);
        for (size_t k = 0; k < d; k++) system[k * d + k] += PENALTY * (double)n_train;
        ok = xp_solve_positive(d, system, n_test, asked);
    }
    if (ok) xp_gemm(false, true, n_test, n_train, d, 1, asked, d, known, d, 0, out, n_train);
    xp_free_all(system, known, asked);
    return ok;
}

static bool solve(const xp_reader *r, const uint32_t *train, size_t n_train, const uint32_t *test, size_t n_test,
                  double *out) {
    return (r->g != NULL ? solve_wide : solve_narrow)(r, train, n_train, test, n_test, out);
}

bool xp_reader_smooth(const xp_reader *r, double *s) {
    uint32_t *all = xp_alloc(r->n, sizeof *all);
    if (all == NULL) return false;
    for (size_t i = 0; i < r->n; i++) all[i] = (uint32_t)i;
    const bool ok = solve(r, all, r->n, all, r->n, s);
    xp_free(all);
    for (size_t i = 0; ok && i < r->n; i++) /* symmetric but for rounding */
        for (size_t j = 0; j < i; j++) s[i * r->n + j] = s[j * r->n + i] = (s[i * r->n + j] + s[j * r->n + i]) / 2;
    return ok;
}

void xp_reader_leave_one_out(size_t n, double *s) {
    for (size_t i = 0; i < n; i++) {
        const double own = 1 - s[i * n + i]; /* above 0: the penalty is */
        for (size_t j = 0; j < n; j++) s[i * n + j] /= own;
        s[i * n + i] = 0;
    }
}

bool xp_reader_held_out(const xp_reader *r, const uint32_t *fold, size_t n_folds, double *a) {
    const size_t n = r->n;
    uint32_t *train = xp_alloc(n, sizeof *train), *test = xp_alloc(n, sizeof *test);
    bool ok = train != NULL && test != NULL;
    if (ok) memset(a, 0, n * n * sizeof *a);
    for (size_t f = 0; ok && f < n_folds; f++) {
        size_t n_train = 0, n_test = 0;
        for (size_t i = 0; i < n; i++) *(fold[i] == f ? &test[n_test++] : &train[n_train++]) = (uint32_t)i;
        if (n_train == 0 || n_test == 0) continue;
        double *weight = xp_alloc(n_test * n_train, sizeof *weight);
        ok = weight != NULL && solve(r, train, n_train, test, n_test, weight);
        for (size_t i = 0; ok && i < n_test; i++)
            for (size_t j = 0; j < n_train; j++) a[test[i] * n + train[j]] = weight[i * n_train + j];
        xp_free(weight);
    }
    xp_free_all(train, test);
    return ok;
}

bool xp_reader_others(const xp_reader *r, const uint32_t *fold, size_t n_folds, double *a) {
    if (fold != NULL) return xp_reader_held_out(r, fold, n_folds, a);
    if (!xp_reader_smooth(r, a)) return false;
    xp_reader_leave_one_out(r->n, a);
    return true;
}

/* ---- neighbours ---- */

/* Cosines of one concept with all -> its weights. */
static void choose_nearest(size_t n, size_t i, const double *cosine, const uint32_t *fold, double *weight) {
    size_t nearest[NEAREST], found = 0;
    for (size_t j = 0; j < n; j++) {
        weight[j] = 0;
        if (j == i || (fold != NULL && fold[j] == fold[i])) continue;
        size_t at = found;
        while (at > 0 && cosine[j] > cosine[nearest[at - 1]]) at--;
        if (at == NEAREST) continue;
        if (found < NEAREST) found++;
        memmove(nearest + at + 1, nearest + at, (found - 1 - at) * sizeof *nearest);
        nearest[at] = j;
    }
    for (size_t k = 0; k < found; k++) weight[nearest[k]] = 1. / NEAREST;
}

bool xp_reader_neighbours(const double *x, size_t n, size_t d, const uint32_t *fold, double *a) {
    double *unit = xp_alloc(n * d, sizeof *unit), *cosine = xp_alloc(n, sizeof *cosine);
    const bool ok = unit != NULL && cosine != NULL;
    if (ok) {
        memcpy(unit, x, n * d * sizeof *unit);
        unit_rows(unit, n, d);
        xp_gemm(false, true, n, n, d, 1, unit, d, unit, d, 0, a, n);
    }
    for (size_t i = 0; ok && i < n; i++) {
        memcpy(cosine, a + i * n, n * sizeof *cosine);
        choose_nearest(n, i, cosine, fold, a + i * n);
    }
    xp_free_all(unit, cosine);
    return ok;
}

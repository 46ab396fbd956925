#include "probe/eigen.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "probe/small.h"
#include "tensor/blas.h"

enum {
    BASIS = 40,  /* most vectors held, < XP_SMALL */
    KEPT = 10,   /* most Ritz vectors kept for the next component, and when the basis is full */
    LARGE = 256, /* below this order products are cheap beside the small problems: six are kept */
    STEPS = 2,   /* products between two looks at the small problem */
    STALL = 40, /* rounds without progress before rounding is blamed: a dense spectrum of order 257 needs more than 8 */
    MOST = 1000 /* rounds */
};

bool xp_krylov_alloc(xp_krylov *krylov, size_t r) {
    *krylov = (xp_krylov){0};
    krylov->v = xp_alloc(BASIS * r, sizeof(double));
    krylov->av = xp_alloc(BASIS * r, sizeof(double));
    krylov->h = xp_alloc(BASIS * BASIS, sizeof(double));
    krylov->scratch = xp_alloc((KEPT + 1) * r, sizeof(double));
    if (krylov->v != NULL && krylov->av != NULL && krylov->h != NULL && krylov->scratch != NULL) return true;
    xp_krylov_free(krylov);
    return false;
}

void xp_krylov_free(xp_krylov *krylov) {
    xp_free_all(krylov->v, krylov->av, krylov->h, krylov->scratch);
    *krylov = (xp_krylov){0};
}

void xp_krylov_begin(xp_krylov *krylov, size_t r) {
    krylov->r = r;
    krylov->k = 0;
    krylov->starts = 0;
}

void xp_krylov_restart(xp_krylov *krylov) { krylov->k = 0; }

/* Fixed numbers that lean on no direction. Never the same twice: the one before may just have been taken out. */
static void random_direction(xp_krylov *krylov, double *x) {
    xp_rng rng = xp_rng_begin(1, XP_RNG_EIGEN, krylov->starts++);
    for (size_t i = 0; i < krylov->r; i++) x[i] = xp_rng_uniform(&rng) - .5;
}

/* Makes x orthonormal to the basis. false: nothing is left of it. */
static bool orthonormalise(const xp_krylov *krylov, double *x) {
    double c[BASIS];
    const size_t r = krylov->r, k = krylov->k;
    double after = xp_nrm2(r, x);
    if (!(after > 0)) return false;
    xp_scale(r, 1 / after, x);
    after = 1;
    for (int pass = 0; pass < 2; pass++) { /* twice is enough (Parlett), and once if little was taken away */
        double was = after;
        xp_gemv(false, k, r, 1, krylov->v, r, x, 0, c);
        xp_gemv(true, k, r, -1, krylov->v, r, c, 1, x);
        after = xp_nrm2(r, x);
        if (after > .7 * was) break;
    }
    if (!(after > 1e-10)) return false;
    xp_scale(r, 1 / after, x);
    return true;
}

/* Adds x (destroyed: it becomes the next direction) to the basis. A direction that is used up is replaced by a pseudo-random one. */
static bool expand(xp_krylov *krylov, xp_operator a, double *x) {
    const size_t r = krylov->r, k = krylov->k;
    if (k >= r) return false;
    for (uint32_t attempt = 0; !orthonormalise(krylov, x); attempt++) {
        if (attempt == 8) return false;
        random_direction(krylov, x);
    }
    double *av = krylov->av + k * r, row[BASIS];
    memcpy(krylov->v + k * r, x, r * sizeof *x);
    a.product(a.self, x, av);
    xp_gemv(false, k + 1, r, 1, krylov->v, r, av, 0, row);
    for (size_t i = 0; i <= k; i++) krylov->h[i * BASIS + k] = krylov->h[k * BASIS + i] = row[i];
    memcpy(x, av, r * sizeof *x);
    krylov->k++;
    return true;
}

/* Basis := the combinations y (count x k, orthonormal rows) of it. */
static void keep(xp_krylov *krylov, const double *y, size_t count) {
    const size_t r = krylov->r, k = krylov->k;
    double *const both[] = {krylov->v, krylov->av};
    for (int which = 0; which < 2; which++) {
        xp_gemm(false, false, count, r, k, 1, y, k, both[which], r, 0, krylov->scratch, r);
        memcpy(both[which], krylov->scratch, count * r * sizeof(double));
    }
    double hy[KEPT * BASIS];
    xp_gemm(false, false, count, k, k, 1, y, k, krylov->h, BASIS, 0, hy, k);
    xp_gemm(false, true, count, count, k, 1, hy, k, y, k, 0, krylov->h, BASIS);
    krylov->k = count;
}

static void ritz_vector(const xp_krylov *krylov, const double *y, double *w, double *aw) {
    xp_gemv(true, krylov->k, krylov->r, 1, krylov->v, krylov->r, y, 0, w);
    xp_gemv(true, krylov->k, krylov->r, 1, krylov->av, krylov->r, y, 0, aw);
}

/* The vector y, found, leaves the basis, the next best stay. They come from another solver: where the largest value is there twice or nearly so, y may be
 * any vector of that plane, so all are made orthogonal to it and the one that falls away is y again. */
static size_t most_kept(size_t r) { return r < LARGE ? 6 : KEPT; }

static bool take_out(xp_krylov *krylov, const xp_tridiagonal *t, const double *y) {
    const size_t k = krylov->k, most = most_kept(krylov->r), wanted = k - 1 < most ? k - 1 : most;
    double value[BASIS], best[(KEPT + 1) * BASIS];
    size_t count = 0;
    if (!xp_small_best(t, wanted + 1, value, best)) return false;
    for (size_t i = 0; i <= wanted && count < wanted; i++) {
        double *row = best + i * k, left = 1;
        for (int pass = 0; pass < 2; pass++) {
            xp_axpy(k, -xp_dot(k, row, y), y, row);
            for (size_t j = 0; j < count; j++) xp_axpy(k, -xp_dot(k, row, best + j * k), best + j * k, row);
            if (pass == 0) left = xp_nrm2(k, row);
            if (!(left > 1e-4)) break;
            xp_scale(k, 1 / xp_nrm2(k, row), row);
        }
        if (!(left > 1e-4)) continue;
        memmove(best + count++ * k, row, k * sizeof *row);
    }
    keep(krylov, best, count);
    return true;
}

bool xp_krylov_top(xp_krylov *krylov, xp_operator a, double tolerance, double floor, double *lambda, double *w,
                   double *aw) {
    const size_t r = krylov->r;
    double *residual = krylov->scratch + KEPT * r, y[BASIS], best = HUGE_VAL, before = HUGE_VAL;
    xp_tridiagonal t;
    if (krylov->k == 0) {
        random_direction(krylov, residual);
        if (!expand(krylov, a, residual)) return false;
    }
    for (int round = 0;; round++) {
        const size_t k = krylov->k;
        xp_small_tridiagonal(k, krylov->h, BASIS, &t);
        *lambda = xp_small_top(&t, y);
        ritz_vector(krylov, y, w, aw);
        memcpy(residual, aw, r * sizeof *residual);
        xp_axpy(r, -*lambda, w, residual);
        double size = xp_nrm2(r, residual);
        if (!isfinite(size)) return false;
        if (size < best) best = size;
        bool stuck = false; /* that many rounds have not halved it: rounding allows no more */
        if (round % STALL == 0) {
            stuck = round > STALL && best > .5 * before;
            before = best;
        }
        /* what was kept may be exact and yet not the largest: a second vector of an eigenvalue that is there twice is seen by new products only (four, measured) */
        bool found = round > 1 && (size <= tolerance * *lambda || size <= floor);
        if (found || stuck || k == r || round == MOST) return take_out(krylov, &t, y);
        if (k + STEPS > BASIS) {
            double value[BASIS], best_ones[KEPT * BASIS];
            if (!xp_small_best(&t, most_kept(r), value, best_ones)) return false;
            keep(krylov, best_ones, most_kept(r));
        }
        for (int step = 0; step < STEPS; step++)
            if (!expand(krylov, a, residual)) break;
    }
}

void xp_krylov_update(xp_krylov *krylov, const double *p, const double *u) {
    const size_t r = krylov->r, k = krylov->k;
    double pv[BASIS], uv[BASIS];
    xp_gemv(false, k, r, 1, krylov->v, r, p, 0, pv);
    xp_gemv(false, k, r, 1, krylov->v, r, u, 0, uv);
    for (size_t i = 0; i < k; i++) {
        xp_axpy(r, -uv[i], p, krylov->av + i * r);
        xp_axpy(r, -pv[i], u, krylov->av + i * r);
        for (size_t j = 0; j < k; j++) krylov->h[i * BASIS + j] -= pv[i] * uv[j] + uv[i] * pv[j];
    }
}

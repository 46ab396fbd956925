#include "probe/eigen.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "probe/small.h"
#include "tensor/blas.h"

enum {
    BASIS = 40, /* most vectors held, < XP_SMALL */
    KEPT = 6,   /* Ritz vectors kept for the next component, and when the basis is full */
    STEPS = 2   /* products between two looks at the small problem */
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
    xp_free(krylov->v);
    xp_free(krylov->av);
    xp_free(krylov->h);
    xp_free(krylov->scratch);
    *krylov = (xp_krylov){0};
}

void xp_krylov_begin(xp_krylov *krylov, size_t r) {
    krylov->r = r;
    krylov->k = 0;
}

/* Makes x orthonormal to the basis. false: nothing is left of it. */
static bool orthonormalise(const xp_krylov *krylov, double *x) {
    double c[BASIS];
    const size_t r = krylov->r, k = krylov->k;
    double after = xp_norm(r, x);
    if (!(after > 0)) return false;
    xp_scale(r, 1 / after, x);
    after = 1;
    for (int pass = 0; pass < 2; pass++) { /* twice is enough (Parlett), and once if little was taken away */
        double was = after;
        xp_gemv(false, k, r, 1, krylov->v, r, x, 0, c);
        xp_gemv(true, k, r, -1, krylov->v, r, c, 1, x);
        after = xp_norm(r, x);
        if (after > .7 * was) break;
    }
    if (!(after > 1e-10)) return false;
    xp_scale(r, 1 / after, x);
    return true;
}

/* Adds x (destroyed: it becomes the next direction) to the basis. A direction that is used up is replaced by a fixed pseudo-random one. */
static bool expand(xp_krylov *krylov, xp_operator a, double *x) {
    const size_t r = krylov->r, k = krylov->k;
    if (k >= r) return false;
    for (uint32_t attempt = 0; !orthonormalise(krylov, x); attempt++) {
        if (attempt == 8) return false;
        xp_rng rng = xp_rng_begin(r, XP_RNG_EIGEN, (uint32_t)k * 8 + attempt);
        for (size_t i = 0; i < r; i++) x[i] = xp_rng_normal(&rng);
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

/* Basis := the Ritz vectors first .. first + count - 1, best first. */
static bool keep_best(xp_krylov *krylov, const xp_tridiagonal *t, size_t first, size_t count) {
    const size_t r = krylov->r, k = krylov->k;
    double value[BASIS], y[(KEPT + 1) * BASIS];
    if (!xp_small_best(t, first + count, value, y)) return false;
    double *const both[] = {krylov->v, krylov->av};
    for (int which = 0; which < 2; which++) {
        xp_gemm(false, false, count, r, k, 1, y + first * k, k, both[which], r, 0, krylov->scratch, r);
        memcpy(both[which], krylov->scratch, count * r * sizeof(double));
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) krylov->h[i * BASIS + j] = i == j ? value[first + i] : 0;
    krylov->k = count;
    return true;
}

bool xp_krylov_top(xp_krylov *krylov, xp_operator a, double tolerance, double floor, double *lambda, double *w,
                   double *aw) {
    const size_t r = krylov->r;
    double *residual = krylov->scratch + KEPT * r, y[BASIS], best = HUGE_VAL;
    xp_tridiagonal t;
    if (krylov->k == 0) {
        xp_rng rng = xp_rng_begin(1, XP_RNG_EIGEN, 0); /* fixed numbers lean on no direction */
        for (size_t i = 0; i < r; i++) residual[i] = xp_rng_uniform(&rng) - .5;
        if (!expand(krylov, a, residual)) return false;
    }
    for (int round = 0;; round++) {
        const size_t k = krylov->k;
        xp_small_tridiagonal(k, krylov->h, BASIS, &t);
        *lambda = xp_small_top(&t, y);
        xp_gemv(true, k, r, 1, krylov->v, r, y, 0, w);
        xp_gemv(true, k, r, 1, krylov->av, r, y, 0, aw);
        memcpy(residual, aw, r * sizeof *residual);
        xp_axpy(r, -*lambda, w, residual);
        double size = xp_norm(r, residual);
        if (!isfinite(size)) return false;
        bool stuck = round >= 8 && size > .5 * best; /* rounding allows no more */
        if (size < best) best = size;
        if (size <= tolerance * *lambda || size <= floor || stuck || k == r || round == 200)
            return keep_best(krylov, &t, 1, k - 1 < KEPT ? k - 1 : KEPT);
        if (k + STEPS > BASIS && !keep_best(krylov, &t, 0, KEPT)) return false;
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

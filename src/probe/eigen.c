#include "probe/eigen.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "tensor/blas.h"

enum {
    BASIS = 32,   /* most vectors held; small dense problems stay below 64 */
    KEPT = 10,    /* Ritz vectors kept at a restart and for the next component */
    STEPS = 4     /* products between two looks at the small problem */
};

bool xp_krylov_alloc(xp_krylov *krylov, size_t r) {
    *krylov = (xp_krylov){0};
    krylov->v = xp_alloc(BASIS * r, sizeof(double));
    krylov->av = xp_alloc(BASIS * r, sizeof(double));
    krylov->scratch = xp_alloc(2 * BASIS * r + 3 * BASIS * BASIS, sizeof(double));
    if (krylov->v != NULL && krylov->av != NULL && krylov->scratch != NULL) return true;
    xp_krylov_free(krylov);
    return false;
}

void xp_krylov_free(xp_krylov *krylov) {
    xp_free(krylov->v);
    xp_free(krylov->av);
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
    double before = xp_norm(r, x);
    if (!(before > 0)) return false;
    xp_scale(r, 1 / before, x);
    for (int pass = 0; pass < 2; pass++) { /* twice is enough (Parlett) */
        xp_gemv(false, k, r, 1, krylov->v, r, x, 0, c);
        xp_gemv(true, k, r, -1, krylov->v, r, c, 1, x);
    }
    double after = xp_norm(r, x);
    if (!(after > 1e-10)) return false;
    xp_scale(r, 1 / after, x);
    return true;
}

/* Adds x (destroyed) to the basis. A direction that is used up is replaced by a fixed pseudo-random one. */
static bool expand(xp_krylov *krylov, xp_operator a, double *x) {
    const size_t r = krylov->r;
    if (krylov->k >= r) return false;
    for (uint32_t attempt = 0; !orthonormalise(krylov, x); attempt++) {
        if (attempt == 8) return false;
        xp_rng rng = xp_rng_begin(r, XP_RNG_EIGEN, (uint32_t)krylov->k * 8 + attempt);
        for (size_t i = 0; i < r; i++) x[i] = xp_rng_normal(&rng);
    }
    double *av = krylov->av + krylov->k * r;
    memcpy(krylov->v + krylov->k * r, x, r * sizeof *x);
    a.product(a.self, x, av);
    memcpy(x, av, r * sizeof *x); /* the next direction */
    krylov->k++;
    return true;
}

/* Basis := its `count` Ritz vectors from row `first` of y (rows: coefficients). */
static void compress(xp_krylov *krylov, const double *y, size_t count) {
    const size_t r = krylov->r, k = krylov->k;
    double *work = krylov->scratch;
    xp_gemm(false, false, count, r, k, 1, y, k, krylov->v, r, 0, work, r);
    memcpy(krylov->v, work, count * r * sizeof *work);
    xp_gemm(false, false, count, r, k, 1, y, k, krylov->av, r, 0, work, r);
    memcpy(krylov->av, work, count * r * sizeof *work);
    krylov->k = count;
}

bool xp_krylov_top(xp_krylov *krylov, xp_operator a, double tolerance, double floor, double *lambda, double *w,
                   double *aw) {
    const size_t r = krylov->r;
    double *h = krylov->scratch + 2 * BASIS * r, *y = h + BASIS * BASIS, theta[BASIS];
    double best = HUGE_VAL;
    if (krylov->k == 0) {
        for (size_t i = 0; i < r; i++) { /* a product with fixed numbers leans towards the dominant vector */
            xp_rng rng = xp_rng_begin(1, XP_RNG_EIGEN, (uint32_t)i);
            aw[i] = xp_rng_uniform(&rng) - .5;
        }
        if (!expand(krylov, a, aw)) return false;
    }
    for (int round = 0;; round++) {
        const size_t k = krylov->k;
        xp_gemm(false, true, k, k, r, 1, krylov->v, r, krylov->av, r, 0, h, k);
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < i; j++) h[i * k + j] = h[j * k + i] = .5 * (h[i * k + j] + h[j * k + i]);
        if (!xp_eigen_small(k, h, theta)) return false;
        for (size_t i = 0; i < k; i++) memcpy(y + i * k, h + (k - 1 - i) * k, k * sizeof *y); /* largest first */
        *lambda = theta[k - 1];
        xp_gemv(true, k, r, 1, krylov->v, r, y, 0, w);
        xp_gemv(true, k, r, 1, krylov->av, r, y, 0, aw);
        double *residual = krylov->scratch + BASIS * r;
        memcpy(residual, aw, r * sizeof *residual);
        xp_axpy(r, -*lambda, w, residual);
        double size = xp_norm(r, residual);
        bool stuck = round >= 8 && size > .5 * best; /* rounding allows no more */
        if (size < best) best = size;
        if (size <= tolerance * *lambda || size <= floor || stuck || k == r || round == 200) {
            size_t kept = k - 1 < KEPT ? k - 1 : KEPT;
            compress(krylov, y + k, kept);
            return true;
        }
        if (k + STEPS > BASIS) compress(krylov, y, KEPT);
        for (int step = 0; step < STEPS; step++)
            if (!expand(krylov, a, residual)) break;
    }
}

void xp_krylov_update(xp_krylov *krylov, const double *p, const double *u) {
    const size_t r = krylov->r;
    for (size_t i = 0; i < krylov->k; i++) {
        const double *v = krylov->v + i * r;
        double pv = xp_dot(r, p, v), uv = xp_dot(r, u, v);
        xp_axpy(r, -uv, p, krylov->av + i * r);
        xp_axpy(r, -pv, u, krylov->av + i * r);
    }
}

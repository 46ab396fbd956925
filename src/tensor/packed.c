/* Symmetric matrices packed: the upper triangle in panels of four rows, one after the other.
 *
 * The loop over components lives on y = M x. OpenBLAS's symv needs 15 us for order 487 (half of what its gemv needs) and 2.7 us for order 100 (three
 * times its gemv). Packed, the triangle is half of the matrix also in the cache (0.95 MB of 1 MB of L2 at order 487), streams once, and serves both
 * sides: four rows at a time, eight columns wide. */
#include "tensor/packed.h"

#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"
#include "tensor/lanes.h"

enum { ROWS = 4 };

size_t xp_packed_size(size_t n) {
    size_t size = 0;
    for (size_t i = 0; i < n; i++) size += n - i / ROWS * ROWS;
    return size;
}

#define REAL double
#define VECTOR lanes
#define WIDTH LANES
#define TOTAL sum_of
#define NAME(routine) routine##_double
#include "tensor/packed_body.h"
#undef REAL
#undef VECTOR
#undef WIDTH
#undef TOTAL
#undef NAME

void xp_packed_from(size_t n, const double *a, double *packed) { pack_double(n, a, n, packed); }
void xp_packed_product(size_t n, const double *packed, const double *x, double *y) { multiply_double(n, packed, x, y); }
void xp_packed_update(size_t n, const double *p, const double *u, double *packed) { update_double(n, p, u, packed); }

/* ---- single precision ---- */

enum { SINGLES = 2 * LANES };
typedef float single_lanes __attribute__((vector_size(64), aligned(4), may_alias));

static inline float sum_of_singles(const float part[SINGLES]) {
    float half[LANES];
    for (int i = 0; i < LANES; i++) half[i] = part[i] + part[i + LANES];
    return ((half[0] + half[4]) + (half[2] + half[6])) + ((half[1] + half[5]) + (half[3] + half[7]));
}

#define REAL float
#define VECTOR single_lanes
#define WIDTH SINGLES
#define TOTAL sum_of_singles
#define NAME(routine) routine##_single
#include "tensor/packed_body.h"

static size_t padded(size_t n) { return (n + XP_PANEL - 1) / XP_PANEL * XP_PANEL; }

bool xp_single_alloc(xp_single *single, size_t n) {
    const size_t wide = padded(n);
    *single = (xp_single){.kernels = xp_kernels_find(NULL)};
    single->packed = xp_alloc(xp_packed_size(n), sizeof *single->packed);
    single->whole = xp_alloc(wide * wide, sizeof *single->whole);
    single->panels = xp_alloc(XP_INNER * wide, sizeof *single->panels);
    single->x = xp_alloc(wide, sizeof *single->x);
    single->y = xp_alloc(wide, sizeof *single->y);
    if (single->packed && single->whole && single->panels && single->x && single->y) return true;
    xp_single_free(single);
    return false;
}

void xp_single_free(xp_single *single) {
    float *owned[] = {single->packed, single->whole, single->panels, single->x, single->y};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) xp_free(owned[i]);
    *single = (xp_single){0};
}

/* Rows of S, XP_INNER at a time, as panels of 32 columns; A is the sum of the panels' products. */
static void put_panels(size_t n, size_t rows, const double *s, float *panels) {
    for (size_t j = 0; j < n; j += XP_PANEL) {
        const size_t wide = n - j < XP_PANEL ? n - j : XP_PANEL;
        for (size_t k = 0; k < rows; k++, panels += XP_PANEL) {
            for (size_t i = 0; i < wide; i++) panels[i] = (float)s[k * n + j + i];
            for (size_t i = wide; i < XP_PANEL; i++) panels[i] = 0;
        }
    }
}

void xp_single_gram(xp_single *single, size_t n, size_t rows, const double *s) {
    const size_t wide = padded(n);
    single->n = n;
    for (size_t k = 0; k < rows; k += XP_INNER) {
        const size_t deep = rows - k < XP_INNER ? rows - k : XP_INNER;
        put_panels(n, deep, s + k * n, single->panels);
        for (size_t j = 0; j < n; j += XP_PANEL)
            for (size_t i = 0; i <= j; i += XP_PANEL)
                single->kernels->cross(deep, single->panels + i * deep, single->panels + j * deep,
                                       single->whole + i * wide + j, wide, k > 0);
    }
    pack_single(n, single->whole, wide, single->packed);
}

static void round_all(size_t n, const double *x, float *y) {
    for (size_t i = 0; i < n; i++) y[i] = (float)x[i];
}

void xp_single_product(const xp_single *single, const double *x, double *y) {
    round_all(single->n, x, single->x);
    multiply_single(single->n, single->packed, single->x, single->y);
    for (size_t i = 0; i < single->n; i++) y[i] = single->y[i];
}

void xp_single_update(xp_single *single, const double *p, const double *u) {
    round_all(single->n, p, single->x);
    round_all(single->n, u, single->y);
    update_single(single->n, single->x, single->y, single->packed);
}

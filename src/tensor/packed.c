/* Symmetric matrices packed: the upper triangle in panels of four rows, one after the other.
 *
 * The loop over components lives on y = M x. OpenBLAS's symv needs 15 us for order 487 (half of what its gemv needs) and 2.7 us for order 100 (three
 * times its gemv). Packed, the triangle is half of the matrix also in the cache (0.95 MB of 1 MB of L2 at order 487), streams once, and serves both
 * sides: four rows at a time, eight columns wide. */
#include "tensor/packed.h"

#include <string.h>

#include "tensor/blas.h"
#include "tensor/lanes.h"

enum { ROWS = 4 };

size_t xp_packed_size(size_t n) {
    size_t size = 0;
    for (size_t i = 0; i < n; i++) size += n - i / ROWS * ROWS;
    return size;
}

void xp_packed_from(size_t n, const double *a, double *packed) {
    for (size_t i = 0; i < n; i++) {
        const size_t first = i / ROWS * ROWS;
        memcpy(packed, a + i * n + first, (n - first) * sizeof *packed);
        packed += n - first;
    }
}

/* Columns j .. j + 3 of four rows: what they make of x goes to `sum`, by row, what four factors make of them to y. */
static inline __attribute__((always_inline)) void meet(const double *const *row, size_t j, const double *x,
                                                       const double *factor, double *restrict y, quad *sum) {
    const quad a0 = *quad_at(row[0] + j), a1 = *quad_at(row[1] + j), a2 = *quad_at(row[2] + j),
               a3 = *quad_at(row[3] + j), xj = *quad_at(x + j);
    sum[0] += a0 * xj;
    sum[1] += a1 * xj;
    sum[2] += a2 * xj;
    sum[3] += a3 * xj;
    *(quad *)(y + j) += (a0 * factor[0] + a1 * factor[1]) + (a2 * factor[2] + a3 * factor[3]);
}

XP_CLONES static void multiply(size_t n, const double *packed, const double *all_x, double *all_y) {
    memset(all_y, 0, n * sizeof *all_y);
    size_t i = 0;
    for (; i + ROWS <= n; i += ROWS) {
        const size_t length = n - i; /* columns of the panel, its first four are the square on the diagonal */
        const double *r0 = packed, *r1 = r0 + length, *r2 = r1 + length, *r3 = r2 + length, *x = all_x + i;
        const double x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
        double *y = all_y + i;
        packed += ROWS * length;
        y[0] += r0[0] * x0 + r0[1] * x1 + r0[2] * x2 + r0[3] * x3;
        y[1] += r0[1] * x0 + r1[1] * x1 + r1[2] * x2 + r1[3] * x3;
        y[2] += r0[2] * x0 + r1[2] * x1 + r2[2] * x2 + r2[3] * x3;
        y[3] += r0[3] * x0 + r1[3] * x1 + r2[3] * x2 + r3[3] * x3;
        const double *row[ROWS] = {r0, r1, r2, r3}, factor[ROWS] = {x0, x1, x2, x3};
        quad low[ROWS] = {{0}}, high[ROWS] = {{0}};
        size_t j = ROWS;
        for (; j + LANES <= length; j += LANES) {
            meet(row, j, x, factor, y, low);
            meet(row, j + QUAD, x, factor, y, high);
        }
        if (j + QUAD <= length) {
            meet(row, j, x, factor, y, high);
            j += QUAD;
        }
        for (size_t k = 0; j < length; j++, k++) { /* up to three more, each in a chain of its own */
            for (size_t r = 0; r < ROWS; r++) (j % LANES < QUAD ? low : high)[r][k] += row[r][j] * x[j];
            y[j] += (r0[j] * x0 + r1[j] * x1) + (r2[j] * x2 + r3[j] * x3);
        }
        for (size_t r = 0; r < ROWS; r++) y[r] += SUM_OF(low[r] + high[r]);
    }
    const size_t last = i, length = n - last; /* up to three rows at the end */
    for (; i < n; i++, packed += length) {
        const size_t d = i - last;
        all_y[i] += packed[d] * all_x[i];
        for (size_t j = d + 1; j < length; j++) {
            all_y[i] += packed[j] * all_x[last + j];
            all_y[last + j] += packed[j] * all_x[i];
        }
    }
}

XP_CLONES static void update(size_t n, const double *restrict p, const double *restrict u, double *restrict packed) {
    for (size_t i = 0; i < n; i++) {
        const size_t first = i / ROWS * ROWS;
        const double pi = p[i], ui = u[i];
        for (size_t j = first; j < n; j++) packed[j - first] -= pi * u[j] + ui * p[j];
        packed += n - first;
    }
}

void xp_packed_product(size_t n, const double *packed, const double *x, double *y) { multiply(n, packed, x, y); }
void xp_packed_update(size_t n, const double *p, const double *u, double *packed) { update(n, p, u, packed); }

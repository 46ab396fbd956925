#include "tensor/loops.h"

#include <stdbool.h>
#include <string.h>

#include "tensor/blas.h"
#include "tensor/lanes.h"

XP_CLONES static void add_scaled(size_t n, double a, const double *restrict x, double *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

void xp_add_scaled(size_t n, double a, const double *x, double *y) { add_scaled(n, a, x, y); }

enum { ROWS = 4 };

/* Four rows of A stay in the first cache between the two things that are done with them. */
XP_CLONES static double gram_product(size_t rows, size_t n, const double *A, const double *x, double *y) {
    double squares = 0;
    memset(y, 0, n * sizeof *y);
    for (size_t i = 0; i < rows; i += ROWS) {
        const size_t last = rows - 1;
        const double *r0 = A + i * n, *r1 = A + (i + 1 < last ? i + 1 : last) * n,
                     *r2 = A + (i + 2 < last ? i + 2 : last) * n, *r3 = A + (i + 3 < last ? i + 3 : last) * n;
        quad s[2][ROWS] = {{{0}}};
        size_t j = 0;
        for (; j + LANES <= n; j += LANES)
            for (size_t h = 0; h < 2; h++) {
                const quad xj = *quad_at(x + j + h * QUAD);
                s[h][0] += *quad_at(r0 + j + h * QUAD) * xj;
                s[h][1] += *quad_at(r1 + j + h * QUAD) * xj;
                s[h][2] += *quad_at(r2 + j + h * QUAD) * xj;
                s[h][3] += *quad_at(r3 + j + h * QUAD) * xj;
            }
        double t0 = SUM_OF(s[0][0] + s[1][0]), t1 = SUM_OF(s[0][1] + s[1][1]), t2 = SUM_OF(s[0][2] + s[1][2]),
               t3 = SUM_OF(s[0][3] + s[1][3]);
        for (size_t k = j; k < n; k++) {
            t0 += r0[k] * x[k];
            t1 += r1[k] * x[k];
            t2 += r2[k] * x[k];
            t3 += r3[k] * x[k];
        }
        if (i + 1 >= rows) t1 = 0; /* rows past the end were the last one again */
        if (i + 2 >= rows) t2 = 0;
        if (i + 3 >= rows) t3 = 0;
        squares += (t0 * t0 + t1 * t1) + (t2 * t2 + t3 * t3);
        for (j = 0; j + QUAD <= n; j += QUAD)
            *(quad *)(y + j) +=
                (*quad_at(r0 + j) * t0 + *quad_at(r1 + j) * t1) + (*quad_at(r2 + j) * t2 + *quad_at(r3 + j) * t3);
        for (; j < n; j++) y[j] += (r0[j] * t0 + r1[j] * t1) + (r2[j] * t2 + r3[j] * t3);
    }
    return squares;
}

double xp_gram_product(size_t rows, size_t columns, const double *A, const double *x, double *y) {
    return gram_product(rows, columns, A, x, y);
}

XP_CLONES static double entropy_of_mean(size_t n, const double *a, const double *b) {
    double rest[2][QUAD] = {{0}};
    quad sum = {0};
    for (size_t i = 0; i < n; i += QUAD) {
        for (size_t k = i; i + QUAD > n && k < n; k++) {
            rest[0][k - i] = a[k];
            rest[1][k - i] = b[k];
        }
        const bool whole_quad = i + QUAD <= n;
        const quad x = (*quad_at(whole_quad ? a + i : rest[0]) + *quad_at(whole_quad ? b + i : rest[1])) * .5;
        quad ln;
        quad_ln(&x, &ln);
        sum += (quad)((quad_bits)(x * ln) & (quad_bits)(x > 0));
    }
    return -SUM_OF(sum);
}

double xp_entropy_of_mean(size_t n, const double *a, const double *b) { return entropy_of_mean(n, a, b); }

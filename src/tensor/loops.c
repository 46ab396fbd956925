#include "tensor/loops.h"

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
        lanes s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        size_t j = 0;
        for (; j + LANES <= n; j += LANES) {
            const lanes xj = *(const lanes *)(x + j);
            s0 += *(const lanes *)(r0 + j) * xj;
            s1 += *(const lanes *)(r1 + j) * xj;
            s2 += *(const lanes *)(r2 + j) * xj;
            s3 += *(const lanes *)(r3 + j) * xj;
        }
        double part[ROWS][LANES];
        memcpy(part[0], &s0, sizeof s0);
        memcpy(part[1], &s1, sizeof s1);
        memcpy(part[2], &s2, sizeof s2);
        memcpy(part[3], &s3, sizeof s3);
        double t0 = sum_of(part[0]), t1 = sum_of(part[1]), t2 = sum_of(part[2]), t3 = sum_of(part[3]);
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
        for (j = 0; j + LANES <= n; j += LANES)
            *(lanes *)(y + j) += (*(const lanes *)(r0 + j) * t0 + *(const lanes *)(r1 + j) * t1) +
                                 (*(const lanes *)(r2 + j) * t2 + *(const lanes *)(r3 + j) * t3);
        for (; j < n; j++) y[j] += (r0[j] * t0 + r1[j] * t1) + (r2[j] * t2 + r3[j] * t3);
    }
    return squares;
}

double xp_gram_product(size_t rows, size_t columns, const double *A, const double *x, double *y) {
    return gram_product(rows, columns, A, x, y);
}

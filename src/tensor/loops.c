#include "tensor/loops.h"

#include "tensor/blas.h"

XP_CLONES static void add_scaled(size_t n, double a, const double *restrict x, double *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

void xp_add_scaled(size_t n, double a, const double *x, double *y) { add_scaled(n, a, x, y); }

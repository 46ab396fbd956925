/* Small symmetric eigenproblems, fast: orders up to 64, inside the loop over components.
 *
 * LAPACK needs 20 to 120 microseconds for orders 10 to 40, longer than all products of a component together; these need 3 to 15. */
#ifndef XP_PROBE_SMALL_H
#define XP_PROBE_SMALL_H

#include <stdbool.h>
#include <stddef.h>

enum { XP_SMALL = 64 };

/* A tridiagonal form T = Q'HQ: diagonal a, beside it b (b[i] couples i and i+1), Q as reflectors. */
typedef struct xp_tridiagonal {
    size_t k;
    double a[XP_SMALL], b[XP_SMALL], tau[XP_SMALL];
    double reflector[XP_SMALL * XP_SMALL];
} xp_tridiagonal;

/* h (k x k, row length ld, both triangles; left alone). 0 < k <= 64. */
void xp_small_tridiagonal(size_t k, const double *h, size_t ld, xp_tridiagonal *t);
/* The largest eigenvalue and its eigenvector y (norm 1). */
double xp_small_top(const xp_tridiagonal *t, double *y);
/* The `count` largest eigenvalues, descending, and their eigenvectors as rows of y (count x k, orthonormal). false: did not converge. */
bool xp_small_best(const xp_tridiagonal *t, size_t count, double *value, double *y);

#endif

/* The dominant eigenpair of a symmetric matrix that changes a little from component to component.
 *
 * A Krylov basis that is kept: after a component is taken out (a rank-2 change of the matrix) the best Ritz vectors and their products stay
 * and are corrected, so that the next eigenvector needs about ten products with the matrix instead of dozens (thick-restart Lanczos, Wu &
 * Simon 2000, with full orthogonalisation). */
#ifndef XP_PROBE_EIGEN_H
#define XP_PROBE_EIGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct xp_krylov {
    size_t r, k;     /* order of the matrix; vectors in the basis */
    uint32_t starts; /* pseudo-random directions used since xp_krylov_begin: each is another */
    double *v, *av;  /* by row: orthonormal basis and its products */
    double *h;       /* V A V' */
    double *scratch;
} xp_krylov;

bool xp_krylov_alloc(xp_krylov *krylov, size_t r); /* for orders up to r */
void xp_krylov_free(xp_krylov *krylov);
void xp_krylov_begin(xp_krylov *krylov, size_t r); /* forgets the basis */
void xp_krylov_restart(xp_krylov *krylov);         /* the same within a fit: the next start is another direction */

/* A symmetric matrix that is known by its products: y = A x. Positive semidefinite up to rounding. */
typedef struct xp_operator {
    void (*product)(void *self, const double *x, double *y);
    void *self;
} xp_operator;

/* The dominant eigenpair of a (order r): w has norm 1, aw = a w. Stops at |aw - lambda w| <= tolerance * lambda, or at
 * `floor`, the size that rounding allows. false: not finite. */
bool xp_krylov_top(xp_krylov *krylov, xp_operator a, double tolerance, double floor, double *lambda, double *w,
                   double *aw);
/* After a <- a - p u' - u p' with the last w taken out. */
void xp_krylov_update(xp_krylov *krylov, const double *p, const double *u);

#endif

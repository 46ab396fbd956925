/* The weight of a component as scikit-learn's PLSRegression (1.9) finds it with its defaults: NIPALS from the first column of the deflated Y that is
 * not negligible, until the weights move by less than 1e-6 (squared) from one iteration to the next, 500 at the most.
 *
 * An iteration is one product with M = X_a'Y Y'X_a: w <- M w / |M w| from X_a'y, so plsr.c and plsr_sparse.c run it where they would look for M's dominant
 * eigenvector and share everything else. A weight that is not converged is no eigenvector; nothing there needs one. Left out is what does not move
 * a prediction: the sign and scikit-learn's eps in the denominators, which changes the length of a weight by 1e-16. */
#ifndef XP_PROBE_PLSR_NIPALS_H
#define XP_PROBE_PLSR_NIPALS_H

#include "probe/eigen.h"
#include "probe/target.h"

enum { XP_NIPALS_CAP = 500 };

/* What a fit took. */
typedef struct xp_nipals_count {
    uint32_t iterations, most; /* of all components together; of the longest */
    uint32_t capped;           /* components that took XP_NIPALS_CAP iterations */
} xp_nipals_count;

/* Scratch of one thread. */
typedef struct xp_nipals {
    const xp_target *target;
    const xp_fold *fold;
    const xp_columns *columns;
    const double *scores; /* rows of n_train, orthogonal to each other: of the components so far */
    uint32_t column;      /* of Y: those before it are negligible, and stay so */
    double *y;            /* n_train: that column, deflated */
    double *next;         /* r */
    uint32_t *iterations; /* by component */
} xp_nipals;

bool xp_nipals_alloc(xp_nipals *nipals, size_t n_train, size_t r, size_t n_components);
void xp_nipals_free(xp_nipals *nipals);
xp_nipals_count xp_nipals_counted(const xp_nipals *nipals, size_t n_components);
/* A new fit. Borrows its arguments. */
void xp_nipals_begin(xp_nipals *nipals, const xp_target *target, const xp_fold *fold, const xp_columns *columns,
                     const double *scores);

/* The weight of component `used`, as xp_krylov_top gives one: w has norm 1, aw = m w, lambda = w'm w; lambda is 0 where no column of Y is left.
 * input: y -> X'y, order r. false: not finite. */
bool xp_nipals_top(xp_nipals *nipals, size_t used, xp_operator input, xp_operator m, size_t r, double *lambda,
                   double *w, double *aw);

#endif

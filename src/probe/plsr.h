/* Exact partial least squares regression (PLS2, mode A, scale=True), every number of components from one fit.
 *
 * scikit-learn's PLSRegression with its inner iteration converged: each component's weight is the dominant eigenvector of S S', S = X_a'Y
 * (Hoskuldsson 1988). In rank space: X = Z Q with orthonormal rows Q (an LQ factorisation where X is wider than the training fold, else Z = X), so
 * the width of the embedding drops out and only the r x r matrix M = S S' is touched; deflation is a rank-2 update of M (Dayal &
 * MacGregor 1997, improved kernel PLS). Where the targets are fewer than r, the small side is theirs: N = S'S, m x m, has the same eigenvalues, its
 * eigenvectors q give w = S q / |S q|, and neither Q nor Z'Z is needed. Scores T are orthogonal, so the prediction is
 *     y_test = mean + sum_a t_test,a (t_a'Y) / t_a't_a
 * on unscaled Y: scaling changes the weights only. */
#ifndef XP_PROBE_PLSR_H
#define XP_PROBE_PLSR_H

#include "probe/plsr_nipals.h"
#include "probe/target.h"

/* Centres and scales by the training rows (ddof 1): n_train x d and n_test x d. A constant column (max == min) becomes 0
 * exactly. x is n x d. false without memory. */
bool xp_plsr_standardise(const double *x, size_t d, const xp_fold *fold, double *train, double *test);

/* The X side of a fold: computed once, shared by every target and permutation (read-only). */
typedef struct xp_plsr_input {
    size_t n_train, n_test, r;
    double *z;      /* n_train x r, centred and scaled */
    double *z_test; /* n_test x r */
    double *c;      /* r x r, Z'Z; NULL where the targets are the small side */
} xp_plsr_input;

/* x is n x d. m: the features of the targets to come, at most; SIZE_MAX for NIPALS. false without memory. */
bool xp_plsr_input_create(xp_plsr_input *input, const double *x, size_t d, size_t m, const xp_fold *fold);
void xp_plsr_input_free(xp_plsr_input *input);

/* Scratch of one thread, for fits up to these sizes. */
typedef struct xp_plsr {
    size_t order; /* of the matrix of the fit under way: r, or the rows of S */
    double *s, *matrix, *packed, *rotation, *loading, *w, *aw, *q, *length, *parts;
    uint32_t *effective, *singles;
    xp_krylov krylov;
    xp_nipals *nipals; /* borrowed: weights as scikit-learn finds them, of an input that has its c; NULL: exact ones */
} xp_plsr;

bool xp_plsr_alloc(xp_plsr *plsr, size_t n_train, size_t r, size_t m, size_t n_components);
void xp_plsr_free(xp_plsr *plsr);

/* Relative residual to which a weight vector is found. Predictions then differ from the exact ones by about a quarter of it. */
#define XP_PLSR_EXACT 1e-10
#define XP_PLSR_ROUGH 1e-6

/* Fits up to n_components (<= capacity of the path, whose sizes are the fold's). columns: of this target and fold. false: an eigenproblem
 * failed, or no memory. */
bool xp_plsr_fit(xp_plsr *plsr, const xp_plsr_input *input, const xp_target *target, const xp_fold *fold,
                 const xp_columns *columns, size_t n_components, double tolerance, xp_path *path);

#endif

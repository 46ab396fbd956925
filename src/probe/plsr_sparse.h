/* Exact partial least squares regression (see plsr.h) where the input is sparse and stays so.
 *
 * Nothing is formed but sparse products: X_a = (I - TT')X with orthonormal scores T, so a product with X_a'Y Y'X_a costs four passes over the
 * cells that are not zero and two over the scores. Centring and scaling are implied: column means enter as one number in each product. Time grows
 * with the cells, not with n^3: for norms that predict themselves it replaces xp_pca_fit on large training folds. */
#ifndef XP_PROBE_PLSR_SPARSE_H
#define XP_PROBE_PLSR_SPARSE_H

#include "probe/plsr_nipals.h"

/* Predicts `target` from `input`, both seen through the same fold; x_columns and columns are their statistics (standard deviation with ddof 1, a
 * constant column is zero once centred, a missing cell zero once scaled). Both may be the same. path: as xp_plsr_fit fills it (left has
 * norm 1). tolerance: XP_PLSR_EXACT. nipals (for widths up to the input's): weights as scikit-learn finds them; NULL: exact ones. false: an eigenproblem failed, or no memory. */
bool xp_plsr_sparse_fit(const xp_target *input, const xp_columns *x_columns, const xp_target *target,
                        const xp_columns *columns, const xp_fold *fold, size_t n_components, double tolerance,
                        xp_nipals *nipals, xp_path *path);

#endif

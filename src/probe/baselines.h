/* What any mapping must be measured beside: copying neighbours, ridge, groups. Each gives weights over training rows (see xp_target_smooth). */
#ifndef XP_PROBE_BASELINES_H
#define XP_PROBE_BASELINES_H

#include "probe/metrics.h"
#include "probe/target.h"

/* The training concepts nearest to every test concept (cosine on raw vectors, ties by index), nearest first: n_test x k positions in
 * fold->train. k <= n_train. */
void xp_knn_neighbours(const xp_cosines *cosines, const xp_fold *fold, size_t k, uint32_t *nearest);
/* The mean of the k nearest (of `stride` held a test concept) of all test concepts as a block, m x n_test. Sums first, divides once: ties stay
 * ties. Of missing cells it is the mean of the neighbours that have them, of none the training mean: then columns and `seen` (m x n_test counts,
 * scratch) are needed; else both may be NULL. */
void xp_knn_predict(const xp_target *target, const xp_fold *fold, const xp_columns *columns, const uint32_t *nearest,
                    size_t stride, size_t k, uint32_t *seen, double *prediction);

/* Upper bound: the norms predict themselves, which is their PCA reconstruction. Dense eigenproblem on the training Gram matrix. */
bool xp_pca_fit(const xp_target *target, const xp_fold *fold, const xp_columns *columns, size_t n_components,
                xp_path *path);

#endif

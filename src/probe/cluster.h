/* Groups that nobody labelled: Ward clusters of embeddings and of norms (docs/methods.md#cells, E3), and the bottleneck through them. */
#ifndef XP_PROBE_CLUSTER_H
#define XP_PROBE_CLUSTER_H

#include "probe/target.h"

/* Ward's criterion on Euclidean distances (ward.D2), cut into n_clusters; label[i] numbers clusters by first appearance. x: n x d. */
bool xp_cluster_ward(const double *x, size_t n, size_t d, size_t n_clusters, int *label);

/* Clusters of embeddings: centred, then unit rows. */
bool xp_cluster_embedding(const double *x, size_t n, size_t d, size_t n_clusters, int *label);

/* Clusters of norms. Sparse: features of >= 2 concepts, sqrt(value) x idf with idf = ln(n/df), unit rows, uncentred SVD to max(5, min(25, n/15))
 * components, unit rows again. Dense norms (ours: every idf is ln 1 = 0): standardised columns in place of the weights.
 * concept_index: the n concepts, in order. */
bool xp_cluster_norms(const xp_target *target, const uint32_t *concept_index, size_t n, bool dense, size_t n_clusters,
                      int *label);

/* Group bottleneck: for every test concept the training cluster that linear discriminant analysis picks (class means, pooled covariance
 * shrunk by half towards its diagonal, priors by size). label: n_train clusters 0 .. n_clusters-1; choice: n_test. */
bool xp_discriminant(const double *x, size_t d, const xp_fold *fold, const int *label, size_t n_clusters, int *choice);

#endif

/* Fits of partial least squares, and the choice of how many components on an inner split of the training concepts. */
#ifndef XP_AUDIT_COMPONENTS_H
#define XP_AUDIT_COMPONENTS_H

#include "audit/evaluate.h"

enum { XP_INNER_FOLDS = 5 };

/* inner (n of the problem): inner fold of each training concept. A permutation seeded by the problem's seed and `stream`, the number of the outer
 * fold, rank mod XP_INNER_FOLDS; concepts of one twin stay together. false without memory. */
bool xp_inner_split(const xp_problem *problem, const xp_fold *outer, uint32_t stream, uint32_t *inner);
/* The lists of inner fold g among the training concepts, ascending; train and test have room for all of them. */
xp_fold xp_inner_lists(const xp_fold *outer, const uint32_t *inner, uint32_t g, uint32_t *train, uint32_t *test);

/* Up to `most` components of a problem with the mapping XP_PLSR or XP_PCA on one fold. columns: the target's on that fold. count (may be NULL): what
 * NIPALS took. false: no memory, or not finite. */
bool xp_fit_components(const xp_problem *problem, const xp_fold *fold, const xp_columns *columns, size_t most,
                       double tolerance, xp_path *path, xp_nipals_count *count);

/* The candidate with the best mean score of held-out training concepts, inner folds pooled; within 1e-12 of the best the fewest. Where an inner
 * fold has fewer components than a candidate, all it has. The concepts of outer->test are never looked at. */
bool xp_choose_components(const xp_problem *problem, const xp_fold *outer, uint32_t stream, double tolerance,
                          size_t *chosen);

#endif

/* Which level of a mapping (how many components or neighbours, which penalty): chosen on an inner split of the training concepts. */
#ifndef XP_AUDIT_INNER_CV_H
#define XP_AUDIT_INNER_CV_H

#include "probe/mapping.h"

enum { XP_INNER_FOLDS = 5 };

typedef struct xp_inner_cv {
    xp_metric metric; /* whose mean decides */
    uint64_t seed;    /* of the split */
    const uint32_t
        *twin; /* by concept: the first with an equal vector: inner splits keep them together. NULL: they need not */
} xp_inner_cv;

/* inner (n): inner fold of each training concept. A permutation seeded by the seed and `stream`, the number of the outer fold, rank mod
 * XP_INNER_FOLDS; concepts of one twin stay together. false without memory. */
bool xp_inner_split(const xp_inner_cv *inner_cv, size_t n, const xp_fold *outer, uint32_t stream, uint32_t *inner);
/* The lists of inner fold g among the training concepts, ascending; train and test have room for all of them. */
xp_fold xp_inner_lists(const xp_fold *outer, const uint32_t *inner, uint32_t g, uint32_t *train, uint32_t *test);

/* The inner split of one training fold: what of a choice does not depend on the target. Read-only once it is made. */
typedef struct xp_inner {
    xp_inner_cv inner_cv;
    const xp_data *data;
    uint32_t stream;
    uint32_t *list; /* XP_INNER_FOLDS x training concepts */
    xp_fold fold[XP_INNER_FOLDS];
    xp_input input[XP_INNER_FOLDS]; /* own NULL: each choice prepares it anew */
} xp_inner;

/* Borrows data. Nothing to free where nothing is chosen (the mapping of `data` says). false without memory. */
bool xp_inner_create(xp_inner *inner, const xp_inner_cv *inner_cv, const xp_data *data, const xp_fold *outer,
                     uint32_t stream);
void xp_inner_free(xp_inner *inner);
/* Keeps the input sides, for many choices on one split. The data stay open until xp_inner_free. */
bool xp_inner_prepare(xp_inner *inner);

/* The level with the best mean score of held-out training concepts, inner folds pooled; within 1e-12 of the best the lowest. Where an inner fold has
 * not so many components or neighbours, all it has. The concepts of the outer fold are never looked at. false as xp_mapping_fit. */
bool xp_inner_cv_level(const xp_inner *inner, const xp_target *target, double *level, explaint_error *error);

/* What a fit is asked for: the chosen level, or all. chosen: room for one. */
bool xp_inner_levels(const xp_inner *inner, const xp_target *target, double *chosen, xp_levels *levels,
                     explaint_error *error);

#endif

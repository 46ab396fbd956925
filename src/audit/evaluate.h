/* One condition, from its input and target to the scores of every concept. */
#ifndef XP_AUDIT_EVALUATE_H
#define XP_AUDIT_EVALUATE_H

#include "audit/choice.h"
#include "audit/study.h"
#include "units/scores.h"

typedef struct xp_problem { /* what is fitted; borrowed pointers */
    xp_mapping mapping;
    size_t n, d;     /* concepts of the study, width of x */
    const double *x; /* n x d; NULL where the target is the input, or nothing is */
    bool itself;     /* the target is the input */
    xp_target target;
    const int *label;     /* of mappings that know a group */
    const uint32_t *fold; /* n */
    size_t n_folds;
    const uint8_t *member; /* n: concepts that take part; NULL: all */
    bool all_train;        /* the others are not predicted, but train */
    xp_choice choice;
} xp_problem;

/* scores: of xp_n_levels levels. wanted: bit set of metrics. predictions (may be NULL): n_levels x n x m, rows of concepts that take no part are NaN.
 * false: no memory, a number that is no longer finite, or what `error` says. */
bool xp_evaluate(const xp_problem *problem, unsigned wanted, xp_scores *scores, double *predictions,
                 explaint_error *error);

/* Train and test lists of fold f among the members, ascending; train and test hold n. */
xp_fold xp_fold_lists(const xp_problem *problem, size_t f, uint32_t *train, uint32_t *test);

#endif

/* One condition, from its input and target to the scores of every concept. */
#ifndef XP_AUDIT_EVALUATE_H
#define XP_AUDIT_EVALUATE_H

#include "audit/inner_cv.h"
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
    xp_inner_cv inner_cv;
    const struct xp_inputs
        *inputs;     /* of a problem that differs in the target's values alone; NULL: made for this one */
    bool rough;      /* one of many fits whose mean is asked for */
    uint32_t number; /* of the permutation: with the fold the stream of a mapping that draws */
} xp_problem;

/* The study's vectors, norms and folds, all concepts. */
xp_problem xp_problem_of(const xp_study *study, const xp_mapping *mapping, const xp_inner_cv *inner_cv);

/* Bytes, about, up to which the input sides of inner splits are kept. */
#define XP_INPUTS_KEEP 256e6

/* The input side of every fold: read by all threads once it is made. Its address stays. */
typedef struct xp_inputs {
    xp_mapping mapping;
    xp_data data;
    size_t n_folds, n_test_max;
    uint32_t *member; /* of the lists */
    xp_fold *lists;   /* n_folds each */
    xp_input *input;  /* own NULL: every fit prepares it anew */
    xp_inner *inner;
} xp_inputs;

/* Lists and inner splits. Borrows what the problem does. false without memory. */
bool xp_inputs_create(xp_inputs *inputs, const xp_problem *problem);
/* And what fits read, for many targets. false without memory; to be freed either way. */
bool xp_inputs_keep(xp_inputs *inputs);
void xp_inputs_free(xp_inputs *inputs);

/* scores: of xp_mapping_n_levels levels; what is to be shown of one is kept too, neighbours in the spaces where a wanted metric looks for them. wanted: bit set of metrics. predictions (may be NULL): n_levels x n x m, rows of concepts that take no part are NaN.
 * false: no memory, a number that is no longer finite, or what `error` says. */
bool xp_evaluate(const xp_problem *problem, unsigned wanted, xp_scores *scores, double *predictions,
                 explaint_error *error);

/* The mean of one metric over the concepts that have it, NaN if none has; one level. false as above. */
bool xp_evaluate_mean(const xp_problem *problem, xp_metric metric, double *mean, explaint_error *error);

/* Train and test lists of fold f among the members, ascending; train and test hold n. */
xp_fold xp_problem_fold(const xp_problem *problem, size_t f, uint32_t *train, uint32_t *test);

#endif

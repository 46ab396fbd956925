/* One condition, from its input and target to the scores of every concept. */
#ifndef XP_AUDIT_EVALUATE_H
#define XP_AUDIT_EVALUATE_H

#include "audit/choice.h"
#include "audit/study.h"

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

/* Scores of one problem, level by level. */
typedef struct xp_scores {
    size_t n, n_levels;
    xp_score *score; /* n_levels x n x XP_N_METRICS; concepts that take no part have den 0 */
    int *top;        /* n_levels x n x XP_TOP */
    size_t n_folds;
    double *chosen; /* n_folds: the level, 0 where none is chosen */
    xp_note *note;  /* n_folds */
    size_t n_epochs;
    double *losses; /* n_folds x 2 x n_epochs, NULL without epochs; NaN behind the last one */
} xp_scores;

bool xp_scores_alloc(xp_scores *scores, size_t n, size_t n_levels, size_t n_folds);
/* Losses are kept, too. false without memory. */
bool xp_scores_keep_losses(xp_scores *scores, size_t n_epochs);
void xp_scores_free(xp_scores *scores);
static inline xp_score *xp_score_at(const xp_scores *s, size_t level, size_t i) {
    return s->score + (level * s->n + i) * XP_N_METRICS;
}

/* scores: of xp_n_levels levels. wanted: bit set of metrics. predictions (may be NULL): n_levels x n x m, rows of concepts that take no part are NaN.
 * false: no memory, a number that is no longer finite, or what `error` says. */
bool xp_evaluate(const xp_problem *problem, unsigned wanted, xp_scores *scores, double *predictions,
                 explaint_error *error);

/* Train and test lists of fold f among the members, ascending; train and test hold n. */
xp_fold xp_fold_lists(const xp_problem *problem, size_t f, uint32_t *train, uint32_t *test);

#endif

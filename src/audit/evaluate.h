/* One condition, from its input and target to the scores of every concept. */
#ifndef XP_AUDIT_EVALUATE_H
#define XP_AUDIT_EVALUATE_H

#include "audit/study.h"
#include "probe/metrics.h"
#include "probe/plsr_nipals.h"

typedef enum xp_mapping {
    XP_PLSR,       /* dense input, rank space */
    XP_PCA,        /* PLSR of the target on itself */
    XP_KNN,        /* copies of neighbours */
    XP_MEAN,       /* training means; no input */
    XP_LABEL_MEAN, /* training mean of the category; no input */
    XP_SPELLING_RIDGE,
    XP_BOTTLENECK /* discriminant analysis -> mean of the norm cluster */
} xp_mapping;

typedef struct xp_plsr_rule {
    bool nipals; /* weights as scikit-learn finds them; else exact */
    const size_t *
        candidates; /* counts of which each fold takes one, chosen on an inner split; ascending. NULL: counts are given */
    size_t n_candidates;
} xp_plsr_rule;

typedef struct xp_problem { /* what is fitted; borrowed pointers */
    xp_mapping mapping;
    size_t n, d;     /* concepts of the study, width of x */
    const double *x; /* n x d; NULL where the target is the input, or nothing is */
    xp_target target;
    const int *label;     /* LABEL_MEAN, BOTTLENECK unused */
    const uint32_t *fold; /* n */
    size_t n_folds;
    const uint8_t *member; /* n: concepts that take part; NULL: all */
    bool dense;
    size_t k;          /* kNN; 0: chosen on an inner split */
    size_t group_size; /* BOTTLENECK: S */
    xp_metric choice;  /* the metric of data-dependent choices */
    uint64_t seed;
    xp_plsr_rule rule; /* PLSR, PCA */
    const uint32_t
        *twin; /* n: the first concept with an equal vector: inner splits keep them together. NULL: they need not */
} xp_problem;

/* Scores of one problem. counts: component counts for XP_PLSR and XP_PCA (with candidates: one entry, the largest of them), else one entry 0. */
typedef struct xp_scores {
    size_t n, n_counts;
    xp_score *score; /* n_counts x n x XP_N_METRICS; concepts that take no part have den 0 */
    int *top;        /* n_counts x n x XP_TOP */
    size_t n_folds;
    uint32_t *used;          /* n_folds: components found, or the k of kNN */
    uint32_t *chosen;        /* n_folds: components asked for, 0 where none are chosen */
    xp_nipals_count *nipals; /* n_folds */
} xp_scores;

bool xp_scores_alloc(xp_scores *scores, size_t n, size_t n_counts, size_t n_folds);
void xp_scores_free(xp_scores *scores);
static inline xp_score *xp_score_at(const xp_scores *s, size_t count, size_t i) {
    return s->score + (count * s->n + i) * XP_N_METRICS;
}

/* wanted: bit set of metrics. predictions (may be NULL): n_counts x n x m, rows of concepts that take no part are NaN. false without memory or
 * where a number is no longer finite. */
bool xp_evaluate(const xp_problem *problem, const size_t *counts, size_t n_counts, unsigned wanted, xp_scores *scores,
                 double *predictions);

/* Train and test lists of fold f among the members, ascending; train and test hold n. */
xp_fold xp_fold_lists(const xp_problem *problem, size_t f, uint32_t *train, uint32_t *test);

#endif

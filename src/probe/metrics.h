/* Scores of predictions, concept by concept (docs/methods.md#metrics). */
#ifndef XP_PROBE_METRICS_H
#define XP_PROBE_METRICS_H

#include "explaint/catalogue.h"
#include "probe/target.h"

#define XP_METRIC(IDENTIFIER, ...) XP_##IDENTIFIER,
typedef enum xp_metric { EXPLAINT_METRICS(XP_METRIC) XP_N_METRICS } xp_metric; /* the order of rows in results */

/* As a bit set: those that compare a prediction with all others. */
#define XP_NEIGHBOUR_METRICS (1u << XP_NA_AT_10_RETRIEVAL | 1u << XP_NA_AT_10_GOLD | 1u << XP_NA_AT_10_INPUT)

const char *xp_metric_name(xp_metric metric);
bool xp_metric_find(const char *name, size_t length, xp_metric *metric); /* hyphen and underscore are the same */

enum { XP_TOP = 10 };

/* Every metric is a ratio of sums over concepts: value = sum(num) / sum(den), r2 = 1 - that. A concept whose value does not exist
 * has den = 0. */
typedef struct xp_score {
    double num, den;
} xp_score;

/* The k features with the highest prediction, strongest first; equal predictions: lowest index first. Indices past m are -1. */
void xp_metric_top_features(size_t m, const double *prediction, size_t k, int *top);

/* The same, XP_TOP each, for all rows of a transposed block (m x n_rows: one feature's rows lie together). top: n_rows x XP_TOP. */
void xp_metric_top_features_block(size_t m, size_t n_rows, const double *block, int *top);

/* F1@10 of one concept given its top features. gold: row of y. */
xp_score xp_metric_f1(const xp_csr *y, size_t row, const int *top, size_t k);

/* Scratch for the metrics that need the whole order of a row. */
typedef struct xp_ranking {
    size_t m;
    uint64_t *key, *other_key;
    uint32_t *order, *other; /* order: features by prediction, highest first, ties by index */
    double *rank, *gold;     /* average rank, 1 = lowest */
    double *observed;        /* 3 x m: a row without its missing cells */
    uint32_t *cell;          /* m: the column of each */
} xp_ranking;

bool xp_ranking_alloc(xp_ranking *ranking, size_t m);
void xp_ranking_free(xp_ranking *ranking);

/* Spearman rho between two rows of m values, average ranks; den = 0 where one is constant. */
xp_score xp_metric_spearman(xp_ranking *ranking, size_t m, const double *prediction, const double *gold);

/* All metrics of one concept but the neighbourhood ones. wanted: bit set of 1 << metric. row: its row of y; mean: training means (for r2). */
void xp_metric_row(xp_ranking *ranking, const xp_target *target, size_t row, const double *prediction,
                   const double *mean, unsigned wanted, xp_score score[XP_N_METRICS], int top[XP_TOP]);

/* One metric of all test concepts of a fold, from a transposed block (m x n_test). score: by concept, NaN where it has none. row (m) and top (n_test x
 * XP_TOP) are scratch. */
void xp_score_block(xp_ranking *ranking, const xp_target *target, const xp_fold *lists, const double *mean,
                    xp_metric metric, const double *block, double *row, int *top, double *score);

/* Best and expected F1@10 of a concept with g gold features of m (docs/methods.md#metrics). */
double xp_metric_f1_ceiling(size_t g, size_t m);
double xp_metric_f1_chance(size_t g, size_t m);

/* ---- neighbourhoods ---- */

/* Cosines are compared in steps of 2^-40: what is equal in exact arithmetic is equal here too, and ties go by index. Where a
 * target with missing cells is given, two concepts are compared over the cells that both have. */

/* The k nearest of every row among the others (n - 1 where that is less), strongest first. */
typedef struct xp_neighbours {
    size_t n, k;
    uint32_t *item; /* n x k */
    float *cosine;  /* of each */
} xp_neighbours;

bool xp_neighbours_dense(xp_neighbours *neighbours, size_t n, size_t d, const double *x, size_t k);
/* rows of x (n x m), one a concept of the target: predictions */
bool xp_neighbours_rows(xp_neighbours *neighbours, const double *x, const xp_target *target, size_t n,
                        const uint32_t *concept_index, size_t k);
/* the gold of concepts */
bool xp_neighbours_sparse(xp_neighbours *neighbours, const xp_target *target, size_t n, const uint32_t *concept_index,
                          size_t k);
void xp_neighbours_free(xp_neighbours *neighbours);
/* By concept: the share of its neighbours (of `k` wanted) that two spaces have in common. */
void xp_metric_overlap(const xp_neighbours *a, const xp_neighbours *b, size_t k, double *share);
/* 1 where a concept's own gold is among the k golds nearest to row i of x (n x m). */
bool xp_metric_retrieved(const double *x, const xp_target *target, size_t n, const uint32_t *concept_index, size_t k,
                         double *hit);

/* The k best of n by step (of place[j], if there are places; ties: lowest j), `skip` left out; strongest first. How many there are. */
static inline size_t xp_cosines_best(const int64_t *step, const uint32_t *place, size_t n, size_t skip, size_t k,
                                     uint32_t *item) {
    size_t held = 0;
    for (size_t j = 0; j < n; j++) {
        const int64_t own = step[place != NULL ? place[j] : j];
        if (j == skip || (held == k && own <= step[place != NULL ? place[item[k - 1]] : item[k - 1]])) continue;
        size_t at = held < k ? held++ : k - 1;
        for (; at > 0 && step[place != NULL ? place[item[at - 1]] : item[at - 1]] < own; at--) item[at] = item[at - 1];
        item[at] = (uint32_t)j;
    }
    return held;
}

/* All cosines, where neighbours are asked for among ever other candidates (kNN). */
typedef struct xp_cosines {
    size_t n;
    int64_t *step; /* n x n */
} xp_cosines;

bool xp_cosines_dense(xp_cosines *cosines, size_t n, size_t d, const double *x);
bool xp_cosines_sparse(xp_cosines *cosines, const xp_target *target, size_t n, const uint32_t *concept_index);
void xp_cosines_free(xp_cosines *cosines);

#endif

/* What a mapping predicts, and what a training fold knows of it. */
#ifndef XP_PROBE_TARGET_H
#define XP_PROBE_TARGET_H

#include "tensor/csr.h"

/* Rows of a sparse matrix, possibly reordered: concept i's gold is row[i] of y (row NULL: i). A permutation of concepts
 * is a new `row`, never a new matrix. Missing cells (docs/methods.md#missing-cells) are a pattern over the rows of y. */
typedef struct xp_target {
    const xp_csr *y;
    const uint32_t *row;
    const size_t *missing_start; /* y->n + 1, or NULL: nothing is missing */
    const uint32_t *missing_column;
} xp_target;

static inline size_t xp_target_row(const xp_target *target, size_t i) {
    return target->row != NULL ? target->row[i] : i;
}

/* One split of the concepts. Both lists ascend: sums run in the order of the concepts. */
typedef struct xp_fold {
    const uint32_t *train, *test;
    size_t n_train, n_test;
} xp_fold;

/* Column statistics of a training fold (docs/methods.md#plsr): mean and standard deviation (ddof 1) over the observed cells. A column that
 * is constant (max == min, not by its variance: rounding gives 0.1 one of 1e-17) has mean = its value and scale 1. */
typedef struct xp_columns {
    size_t m;
    double *mean, *scale;
    uint8_t *constant;
    uint32_t *count;    /* cells that are not zero */
    uint32_t *observed; /* cells that are not missing */
} xp_columns;

bool xp_columns_alloc(xp_columns *columns, size_t m);
void xp_columns_free(xp_columns *columns);
void xp_columns_fit(const xp_target *target, const xp_fold *fold, xp_columns *columns);

/* Every mapping of ours predicts by weights over training rows: prediction of test row t = base + sum_i weight[i][t] y_i. Adds
 * one such term to `prediction` (m x n_test: a column's test rows lie together, so that the loop runs over them). Equal columns
 * see the same operations in the same order and get predictions equal in every bit (ties: docs/methods.md#metrics). With `centred`, y_i is taken
 * about the training mean; the weights of a test row then sum to zero, or missing cells are filled with the mean. */
void xp_target_smooth(const xp_target *target, const xp_fold *fold, const xp_columns *columns, const double *weight,
                      double *prediction);
/* prediction := training mean. */
void xp_target_smooth_begin(const xp_columns *columns, size_t n_test, double *prediction);

/* A fit that gives every number of components: component a adds left_a right_a' to the weights. */
typedef struct xp_path {
    size_t n_train, n_test, capacity; /* capacity: components */
    size_t used;                      /* components found: fewer than asked where the rank ran out */
    double *left;                     /* capacity x n_train */
    double *right;                    /* capacity x n_test */
    double *weight;                   /* scratch: the weights of some training rows at a time */
} xp_path;

bool xp_path_alloc(xp_path *path, size_t n_train, size_t n_test, size_t n_components);
void xp_path_free(xp_path *path);
/* Adds components from .. to-1 to a prediction that holds the ones before (m x n_test, begun by xp_target_smooth_begin). */
void xp_path_add(xp_path *path, const xp_target *target, const xp_fold *fold, const xp_columns *columns, size_t from,
                 size_t to, double *prediction);

#endif

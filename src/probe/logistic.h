/* Logistic regression of two classes with an L2 penalty (docs/methods.md#logistic). With z a row after each column was standardised by the mean
 * and standard deviation (ddof 1) of the training rows, a constant column being divided by 1, it minimises
 *     |w|^2 / 2 + strength * sum_i log(1 + exp(-s_i (z_i w + b))),    s_i = 1 of label 1, -1 of label 0;
 * b is not penalised. This is scikit-learn's LogisticRegression(C = strength).
 *
 *     xp_logistic fit = {0};
 *     if (xp_logistic_fit(x, d, label, &fold, 1, &fit, error) != EXPLAINT_OK) return error->code;
 *     for (size_t i = 0; i < fold.n_test; i++) p[i] = xp_logistic_probability(&fit, x + fold.test[i] * d);
 *     xp_logistic_free(&fit);
 */
#ifndef XP_PROBE_LOGISTIC_H
#define XP_PROBE_LOGISTIC_H

#include "base/error.h"
#include "probe/target.h"

typedef struct xp_logistic {
    size_t d;
    double *weight;       /* d: of standardised columns */
    double *mean, *scale; /* d */
    double intercept;
} xp_logistic;

/* x: rows of d columns, of which the fold's training rows are looked at and no other; label: 0 or 1 of every row. The training rows have both labels.
 * EXPLAINT_FAILED: no memory; EXPLAINT_INVALID: numbers that are not finite, or too large to be fitted. */
explaint_status xp_logistic_fit(const double *x, size_t d, const uint8_t *label, const xp_fold *fold, double strength,
                                xp_logistic *fit, explaint_error *error);
void xp_logistic_free(xp_logistic *fit);

/* z w + b: positive where label 1 is more likely. */
double xp_logistic_score(const xp_logistic *fit, const double *row);
double xp_logistic_probability(const xp_logistic *fit, const double *row);

#endif

/* What the reader's weights predict: the properties themselves, scored as a mapping's predictions are. */
#ifndef XP_AUDIT_READING_H
#define XP_AUDIT_READING_H

#include "audit/study.h"
#include "probe/metrics.h"

/* Prediction of concept i: A (Y - means) + means; Y is which features a concept has (sparse norms), or its ratings (dense). fold NULL: leave-one-out, and
 * the means are of all concepts; else of those outside of the fold. vectors: n x d. score (n): the metric, NaN for concepts that have none. false without
 * memory. */
bool xp_reading_predict(const xp_study *study, const double *vectors, size_t d, const uint32_t *fold, size_t n_folds,
                        xp_metric metric, double *score);

#endif

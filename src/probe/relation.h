/* How alike concepts are by their norms: inner products of their rows, after what is not in question (such as the number of features of a concept)
 * has been taken off (docs/methods.md#relation). */
#ifndef XP_PROBE_RELATION_H
#define XP_PROBE_RELATION_H

#include "probe/target.h"

/* l (n x n, n = rows of y) = ZZ'.
 * Sparse norms: features of at least 2 and not all concepts, idf = ln(n/df) where present; rows to length 1; from every column the regression on [1, k,
 * ln(1 + k)] is taken off, k the number of all features of a concept, singletons included: vectors that know only how many there are know no property.
 * Dense norms: columns standardised (ddof 1), each row minus its mean, rows to length 1, columns centred; a missing cell is 0 after
 * standardising, row means and lengths are over observed cells.
 * covariates (n x n_covariates, row-major; NULL: none): numbers of each concept that are taken off as k is, from dense norms too.
 * false without memory. */
bool xp_relation(const xp_target *target, bool dense, const double *covariates, size_t n_covariates, double *l);

#endif

/* How alike concepts are by their norms: rows, after what is not in question (such as the number of features of a concept) has been taken off, and
 * their inner products (docs/methods.md#relation). */
#ifndef XP_PROBE_RELATION_H
#define XP_PROBE_RELATION_H

#include "probe/target.h"

typedef struct xp_relation {
    size_t n, m; /* concepts; features that can tell two concepts apart, in the order of the norms */
    double *z;   /* n x m */
    double *l;   /* n x n: ZZ' */
} xp_relation;

/* Sparse norms: features of at least 2 and not all concepts, idf = ln(n/df) where present; rows to length 1; from every column the regression on [1, k,
 * ln(1 + k)] is taken off, k the number of all features of a concept, singletons included: vectors that know only how many there are know no property.
 * Dense norms: columns standardised (ddof 1), each row minus its mean, rows to length 1, columns centred; a missing cell is 0 after
 * standardising, row means and lengths are over observed cells.
 * covariates (n x n_covariates, row-major; NULL: none): numbers of each concept that are taken off as k is, from dense norms too.
 * false without memory. */
bool xp_relation_create(xp_relation *relation, const xp_target *target, bool dense, const double *covariates,
                        size_t n_covariates);
void xp_relation_free(xp_relation *relation);

#endif

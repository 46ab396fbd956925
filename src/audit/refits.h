/* The size of an effect, in the verdict's metric: the mapping fitted anew on a few permutations of the rows that a test exchanges. It tests nothing. */
#ifndef XP_AUDIT_REFITS_H
#define XP_AUDIT_REFITS_H

#include "audit/evaluate.h"
#include "audit/permutation_tests.h"

/* Prepared once, read by all threads. Its address stays. */
typedef struct xp_refits {
    const xp_permutation_test *test; /* blocks and folds */
    xp_problem problem;
    xp_inputs inputs;
} xp_refits;

/* mapping, metric, seed: copied. false without memory; to be released either way. */
bool xp_refits_prepare(xp_refits *refits, const xp_permutation_test *test, const xp_mapping *mapping, xp_metric metric,
                       uint64_t seed);
void xp_refits_release(xp_refits *refits);

/* Mean score of the concepts that can move, for permutations first .. first + count - 1 (0: as observed), in out. Everything that depends on the data
 * is done anew; concepts that cannot move train. false: no memory, not finite, or what `error` says. */
bool xp_refits_run(const xp_refits *refits, uint32_t first, size_t count, double *out, explaint_error *error);

#endif

/* What the two claims' verdicts share (judging.c; verdict.c, verdict_mapping.c, layers.c). */
#ifndef XP_AUDIT_JUDGING_H
#define XP_AUDIT_JUDGING_H

#include "audit/result.h"

/* An assumption without a number; its texts are borrowed. */
explaint_assumption xp_judging_begin(const char *id, const char *text, const char *outcome);

static inline bool xp_judging_outcome_is(const explaint_assumption *a, const char *outcome) {
    return a != NULL && strcmp(a->outcome, outcome) == 0;
}
static inline bool xp_judging_testable(const explaint_assumption *a) {
    return a != NULL && !xp_judging_outcome_is(a, "not testable") && !xp_judging_outcome_is(a, "shown");
}

/* No p of so few permutations can be as small as the level: the smallest is 1 / (B + 1). */
static inline bool xp_judging_out_of_reach(const xp_design_layer *layer, double level) {
    return level * (1 + (double)layer->design->permutations) < 1 - 1e-9;
}

/* The difference of two lists of scores (distinct concepts, NaN: none), paired by concept, with an interval by bootstrap x 1.25: out-of-fold scores share
 * training data (measured coverage). Fills observed, gain, ci, mde, n. */
void xp_judging_difference(xp_result *result, xp_readback *back, const double *a, const double *b,
                           explaint_assumption *out);

/* Of which scores a verdict speaks. */
void xp_judging_name_scores(const explaint_result *result, explaint_verdict *verdict);

/* information: the verdict that mapping needs. */
void xp_judging_mapping(xp_result *result, xp_readback *back, const char *information, explaint_verdict *verdict);

/* The verdict of a list of assumptions E1 to E4 and W, and which of them decided: "supported", "undecided", "not supported". */
const char *xp_judging_decide(const explaint_assumption *list, size_t count, const explaint_assumption **decided);
/* "beyond groups of about 12 concepts, and beyond frequency, concepts whose vectors differ alike ...", with what E4 adds. */
const char *xp_judging_information_claim(xp_result *result, const xp_design_layer *layer,
                                         const explaint_assumption *list, size_t count);

#endif

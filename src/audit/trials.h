/* The tests E1 to E4 (docs/methods.md#blocks): which rows are exchanged, which categories are held out from the reader, and the statistic "agreement" as
 * observed and under permutations. */
#ifndef XP_AUDIT_TRIALS_H
#define XP_AUDIT_TRIALS_H

#include "audit/study.h"
#include "explaint/catalogue.h"
#include "probe/reader.h"
#include "probe/relation.h"
#include "stats/agreement.h"
#include "stats/flips.h"
#include "units/tests.h"

#define XP_TEST(IDENTIFIER, ...) XP_##IDENTIFIER,
typedef enum xp_trial_id { EXPLAINT_TESTS(XP_TEST) XP_N_TRIALS } xp_trial_id;

const char *xp_trial_name(xp_trial_id id);    /* as its assumption is named: "E1", ..., "E4-clusters" */
const char *xp_trial_key(xp_trial_id id);     /* as its units are */
xp_trial_id xp_trial_named(const char *name); /* XP_N_TRIALS: none is */
double xp_trial_level(xp_trial_id id);        /* p at most this holds */
double xp_trial_detects(xp_trial_id id);      /* null sds of a gain that is found with 80 % power */

/* What a test draws: T of the reader and of copied neighbours under the same permutations; the third is T of the spelling (E1), or, of a test of
 * transfer, under sign flips of its units: these decide there. */
enum { XP_BY_READER, XP_BY_NEIGHBOURS, XP_BY_SPELLING, XP_BY_FLIPS = XP_BY_SPELLING };

static inline bool xp_trial_holds_out(xp_trial_id id) { return id == XP_E4 || id == XP_HELD_OUT; }
static inline xp_units_arms xp_trial_arms(xp_trial_id id) {
    return (xp_units_arms){id == XP_E1 ? "spelling" : xp_trial_holds_out(id) ? "flips" : NULL};
}
static inline size_t xp_trial_n_draws(xp_trial_id id) {
    const xp_units_arms arms = xp_trial_arms(id);
    return xp_units_n_arms(&arms);
}
static inline size_t xp_trial_decided_by(xp_trial_id id) { return xp_trial_holds_out(id) ? XP_BY_FLIPS : XP_BY_READER; }

typedef struct xp_trial {
    xp_trial_id id;
    const xp_study *study; /* distinct concepts */
    xp_blocks blocks;
    uint32_t *fold; /* n: of the reader and of refits */
    size_t n_folds;
    int *unit;              /* n: of a test of transfer: what is flipped, */
    xp_blocks cells;        /* and within what it differs */
    xp_agreement agreement; /* once it is prepared */
    xp_flips flips;
    xp_agreed agreed, peer;
    double *left_out; /* n: r without the concept; NULL: not prepared */
} xp_trial;

/* label: blocks of rows that are exchanged (< 0: fixed). fold, unit: copied. unit, cell: of a test of transfer; else NULL. false without memory. */
bool xp_trial_create(xp_trial *trial, xp_trial_id id, const xp_study *study, const int *label, const uint32_t *fold,
                     size_t n_folds, const int *unit, const int *cell);
void xp_trial_free(xp_trial *trial);
/* What all permutations share, n x n numbers: made before the first, released after the last. relation: of the norms, borrowed. false without memory. */
bool xp_trial_prepare(xp_trial *trial, const xp_relation *relation, const xp_reader *reader);
/* The reader alone, with xp_agreement_run on trial->agreement: what its null is, without what stands beside or decides in its place. */
bool xp_trial_prepare_reader(xp_trial *trial, const xp_relation *relation, const xp_reader *reader);
void xp_trial_release(xp_trial *trial);

/* What is observed, of the concepts of the whole study; room for left_out is given. */
bool xp_trial_observe(const xp_trial *trial, uint64_t seed, size_t n_study, const uint32_t *concept_of,
                      xp_units_observed *observed);
/* arms x count. */
bool xp_trial_permute(const xp_trial *trial, uint64_t seed, uint32_t first, size_t count, double *out);

#endif

/* The tests E1 to E4 (docs/methods.md#blocks): which rows are exchanged, which categories are held out from the reader, and the statistic "agreement" as
 * observed and under permutations. */
#ifndef XP_AUDIT_PERMUTATION_TESTS_H
#define XP_AUDIT_PERMUTATION_TESTS_H

#include "audit/study.h"
#include "explaint/catalogue.h"
#include "probe/reader.h"
#include "probe/relation.h"
#include "stats/agreement.h"
#include "stats/flips.h"
#include "units/tests.h"

#define XP_TEST(IDENTIFIER, ...) XP_##IDENTIFIER,
typedef enum xp_test_id { EXPLAINT_TESTS(XP_TEST) XP_N_TESTS } xp_test_id;

enum { XP_LEAST_MOVABLE = 20 }; /* concepts: fewer leave a test but E1 undecided */
static const double XP_ALPHA = .05;

const char *xp_permutation_test_name(xp_test_id id);    /* as its assumption is named: "E1", ..., "E4-clusters" */
const char *xp_permutation_test_key(xp_test_id id);     /* as its units are */
xp_test_id xp_permutation_test_named(const char *name); /* XP_N_TESTS: none is */
double xp_permutation_test_level(xp_test_id id);        /* p at most this holds */
double xp_permutation_test_detects(xp_test_id id);      /* null sds of a gain that is found with 80 % power */

/* What a test draws: T of the reader and of copied neighbours under the same permutations; the third is T of the spelling (E1), or, of a test of
 * transfer, under sign flips of its units: these decide there. */
enum { XP_BY_READER, XP_BY_NEIGHBOURS, XP_BY_SPELLING, XP_BY_FLIPS = XP_BY_SPELLING };

static inline bool xp_permutation_test_holds_out(xp_test_id id) { return id == XP_E4 || id == XP_HELD_OUT; }
static inline xp_units_arms xp_permutation_test_arms(xp_test_id id) {
    return (xp_units_arms){id == XP_E1 ? "spelling" : xp_permutation_test_holds_out(id) ? "flips" : NULL};
}
static inline size_t xp_permutation_test_n_draws(xp_test_id id) {
    const xp_units_arms arms = xp_permutation_test_arms(id);
    return xp_units_n_arms(&arms);
}
static inline size_t xp_permutation_test_decided_by(xp_test_id id) {
    return xp_permutation_test_holds_out(id) ? XP_BY_FLIPS : XP_BY_READER;
}

/* What one of them exchanges and holds out. */
typedef struct xp_permutation_test {
    xp_test_id id;
    const xp_study *study; /* distinct concepts */
    xp_blocks blocks;
    uint32_t *fold; /* n: of the reader and of refits */
    size_t n_folds;
    int *unit;       /* n: of a test of transfer: what is flipped, */
    xp_blocks cells; /* and within what it differs */
} xp_permutation_test;

/* label: blocks of rows that are exchanged (< 0: fixed). fold, unit: copied. unit, cell: of a test of transfer; else NULL. false without memory. */
bool xp_permutation_test_create(xp_permutation_test *test, xp_test_id id, const xp_study *study, const int *label,
                                const uint32_t *fold, size_t n_folds, const int *unit, const int *cell);
void xp_permutation_test_free(xp_permutation_test *test);

/* Its statistic: what all permutations share, n x n numbers, made before the first and freed after the last. */
typedef struct xp_statistic {
    const xp_permutation_test *test;
    xp_agreement agreement;
    xp_flips flips;
    xp_agreed agreed, peer;
    double *left_out; /* n: r without the concept */
} xp_statistic;

/* relation: of the norms, borrowed. false without memory. */
bool xp_statistic_create(xp_statistic *statistic, const xp_permutation_test *test, const xp_relation *relation,
                         const xp_reader *reader);
/* The reader alone, with xp_agreement_run on its agreement: what its null is, without what stands beside or decides in its place. */
bool xp_statistic_create_reader(xp_statistic *statistic, const xp_permutation_test *test, const xp_relation *relation,
                                const xp_reader *reader);
void xp_statistic_free(xp_statistic *statistic);

/* What is observed, of the concepts of the whole study; room for left_out is given. */
bool xp_statistic_observe(const xp_statistic *statistic, uint64_t seed, size_t n_study, const uint32_t *concept_of,
                          xp_units_observed *observed);
/* arms x count. */
bool xp_statistic_permute(const xp_statistic *statistic, uint64_t seed, uint32_t first, size_t count, double *out);
/* The same of n tests that exchange the same rows of the same norms, each into its own out. */
bool xp_statistic_permute_together(const xp_statistic *const *statistic, size_t n, uint64_t seed, uint32_t first,
                                   size_t count, double *const *out);

#endif

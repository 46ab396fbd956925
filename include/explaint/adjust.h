/* p-values of several stored runs adjusted together: mappings, models, layers, component counts, norms (docs/compare.md).
 *
 *     const char *runs[] = {"1", "2", "5"};
 *     explaint_adjust_options options = {.ledger = "results.db"};
 *     explaint_adjustment *a = NULL;
 *     explaint_adjust(runs, 3, &options, &a, &error);
 *     for (size_t i = 0; i < a->n_tests; i++) printf("%s %s %.3f\n", a->tests[i].place, a->tests[i].id, a->tests[i].p_adjusted);
 *     explaint_adjustment_free(a);
 *
 * Who looks at several tests and reports the best one has looked at all of them. One family a permutation scheme (E1, E2, ...). A number that
 * does not exist is NaN here, absent in JSON.
 */
#ifndef EXPLAINT_ADJUST_H
#define EXPLAINT_ADJUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "explaint/error.h"
#include "explaint/result.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct explaint_adjust_options {
    const char *ledger; /* of runs given by their number alone; NULL: none */
    const char *
        method; /* "max-t" (Westfall & Young) on the stored permutations, or "bh" (Benjamini-Hochberg) on the p-values */
    const char *const *command; /* what the user typed; NULL-terminated; may be NULL */
} explaint_adjust_options;

EXPLAINT_API explaint_adjust_options explaint_adjust_defaults(void); /* method "max-t" */

typedef struct explaint_adjusted_test {
    const char *id;    /* "E1" to "E4", "E4-clusters" */
    const char *place; /* "run 3 of results.db" */
    const char *norms, *source, *mapping;
    int layer;           /* -1: none */
    size_t n_components; /* 0: none, or chosen by fold */
    double gain, p, p_adjusted;
    bool shares; /* max-T: its permutations are those of the first test of its family */
} explaint_adjusted_test;

typedef struct explaint_adjustment {
    explaint_record record; /* explaint_adjust_kind */
    const char *version;
    const char *method;                  /* "max-t", "bh" */
    const explaint_adjusted_test *tests; /* by id, then in the order of the runs */
    size_t n_tests;
    const char *const *notes; /* sentences */
    size_t n_notes;
    const char *const *command;
    void *internals;
} explaint_adjustment;

/* results: n places as in compare.h, of several layers all of them unless one is named. Errors: EXPLAINT_USAGE (no such run or layer; one given
 * twice; max-T of tests that stopped early, or of unlike numbers of permutations), EXPLAINT_INVALID (what is no result; max-T without stored
 * permutations), EXPLAINT_FAILED. */
EXPLAINT_API explaint_status explaint_adjust(const char *const *results, size_t n,
                                             const explaint_adjust_options *options, explaint_adjustment **adjustment,
                                             explaint_error *error);
EXPLAINT_API void explaint_adjustment_free(explaint_adjustment *adjustment);

/* The record of adjusted tests (explaint/result.h); its list is "tests". */
EXPLAINT_API extern const explaint_kind explaint_adjust_kind;

#ifdef __cplusplus
}
#endif
#endif

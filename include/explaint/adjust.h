/* p-values of several stored runs adjusted together. Whoever tries three mappings, four models or thirteen layers and reports the best
 * has looked at all of them (docs/compare.md#the-best-of-several-runs; a whole program: docs/examples/adjust.c).
 *
 *     const char *const runs[] = {"1", "2", "5"};
 *     explaint_adjustment *adjusted = NULL;
 *     explaint_adjust_options options = explaint_adjust_defaults();
 *     options.ledger = "results.db";
 *     if (explaint_adjust(runs, 3, &options, &adjusted, &error) != EXPLAINT_OK) return error.code;
 *     for (size_t i = 0; i < adjusted->n_tests; i++)
 *         printf("%s %s %.3f\n", adjusted->tests[i].place, adjusted->tests[i].id, adjusted->tests[i].p_adjusted);
 *     explaint_adjustment_free(adjusted);
 *
 * All tests with one id (E1, E2, ...) are one family. A number that does not exist is NaN here and absent in JSON.
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
    const char *ledger; /* where runs are that are given by their number alone; NULL: none */
    /* "max-t" (Westfall & Young) on the stored permutations, or "bh" (Benjamini-Hochberg) on the p-values */
    const char *method;
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
    double level; /* it holds if p is at most this */
    bool shares;  /* max-T: it has the same permutations as the first test of its family */
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
    const char *answer; /* how many of what was tried hold, in plain words */
    void *internals;
} explaint_adjustment;

/* results: n runs, named as in compare.h. A run of several layers counts with all of them, unless one is named. options NULL: the defaults.
 * Errors: EXPLAINT_USAGE (there is no such run or layer; one is given twice; max-T of tests that stopped early, or of different numbers of
 * permutations), EXPLAINT_INVALID (a file that is no result; max-T where no permutations are stored), EXPLAINT_FAILED. */
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

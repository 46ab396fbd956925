/* One arm of a comparison: a stored result, and where a ledger holds them, the scores of its concepts. */
#ifndef XP_COMPARE_STORED_RESULT_H
#define XP_COMPARE_STORED_RESULT_H

#include "audit/permutation_tests.h"
#include "base/json_read.h"
#include "base/strings.h"
#include "explaint/attend.h"
#include "explaint/ledger.h"
#include "explaint/relate.h"
#include "probe/metrics.h"
#include "result/record.h"
#include "units/concepts.h"

typedef struct xp_stored_result {
    explaint_record *record;
    const explaint_result *result;           /* the record of infer; else NULL */
    const explaint_attend_result *attention; /* that of attend; else NULL */
    const explaint_relate_result *relation;  /* that of relate; else NULL */
    xp_record_run says;                      /* of all of them */
    char *place;                             /* "run 3 of results.db" */
    char *path;
    explaint_ledger *ledger; /* NULL: a document alone */
    long long run;
    int *layer; /* of the run; n_layers 0: it has none */
    size_t n_layers;
    int only;                 /* the layer that was named, -1: none */
    const xp_value *settings; /* of the record, as values */
    /* of infer alone */
    const explaint_row **pooled; /* n_pooled rows over all folds, by layer, condition, target, metric */
    size_t n_pooled;
    unsigned wanted; /* metrics that the stored scores have */
    size_t *counts;  /* component counts; n_counts 0: none, or chosen inside */
    size_t n_counts, verdict_count;
    const char *verdict_mapping; /* "ridge:10" where rows of several penalties stand side by side; else "" */
    xp_concepts concepts;        /* of the first layer; n 0: no scores of single concepts */
} xp_stored_result;

/* what: "FILE.json", "LEDGER:RUN", "LEDGER" or "RUN", then "@LAYER" or not. */
explaint_status xp_stored_result_open(const char *what, const char *ledger, xp_stored_result *arm,
                                      explaint_error *error);
void xp_stored_result_close(xp_stored_result *arm);

/* A text of a record, "" where there is none; a setting that is a text, likewise. */
static inline const char *xp_stored_result_text(const char *text) { return text != NULL ? text : ""; }
const char *xp_stored_result_setting(const xp_stored_result *arm, const char *key);

/* The verdict on a claim in a layer (-1: of all, or there are none), and the first of its assumptions with this id. NULL: there is none. */
const explaint_verdict *xp_stored_result_verdict(const xp_stored_result *arm, const char *claim, int layer);
const explaint_assumption *xp_stored_result_assumption(const explaint_verdict *verdict, const char *id);

/* The *n pooled rows of a layer (-1: none) whose condition, target and metric are those of `row`: they lie side by side. */
const explaint_row *const *xp_stored_result_rows_like(const xp_stored_result *arm, const explaint_row *row, int layer,
                                                      size_t *n);

/* What a ledger holds of single concepts may be damaged, or made by another version. *found says whether it is whole; only a ledger that cannot be
 * read is an error. Layer -1: the run has no layers. */

/* The concepts of one layer with their folds. Which concepts share a vector may differ from layer to layer. */
explaint_status xp_stored_result_concepts(const xp_stored_result *arm, int layer, xp_concepts *concepts, bool *found,
                                          explaint_error *error);

/* A metric's sums by concept: num and den (n each) of a row. */
explaint_status xp_stored_result_scores(const xp_stored_result *arm, const explaint_row *row, xp_metric metric,
                                        double *num, double *den, bool *found, explaint_error *error);

/* The same of description_length: bits, and 1. */
explaint_status xp_stored_result_bits(const xp_stored_result *arm, const explaint_row *row, double *num, double *den,
                                      bool *found, explaint_error *error);

/* The values of single concepts whose mean is the gain of W, or over a baseline (NaN: the concept is not in it). */
explaint_status xp_stored_result_gains(const xp_stored_result *arm, int layer, const explaint_assumption *assumption,
                                       double *gain, bool *found, explaint_error *error);

/* Do both permute the same concepts, in the same way? Cells (E3, E4-clusters) are made of the vectors too, and shared by no two sources. */
bool xp_stored_result_shares_permutations(const xp_stored_result *a, const xp_concepts *of_a, const xp_stored_result *b,
                                          const xp_concepts *of_b, const char *id);

/* A test's statistics: 1 + permutations, the observed one first. concepts: of this layer. */
explaint_status xp_stored_result_statistics(const xp_stored_result *arm, int layer, const xp_concepts *concepts,
                                            const explaint_assumption *assumption, size_t permutations,
                                            double *statistic, bool *found, explaint_error *error);

/* The gain in r of a test: its jackknife's pseudo-values by concept (NaN: not in the test), their mean the gain; null (permutations): r under each. */
explaint_status xp_stored_result_agreement(const xp_stored_result *arm, int layer, const xp_concepts *concepts,
                                           const explaint_assumption *assumption, size_t permutations, double *pseudo,
                                           double *null, bool *found, explaint_error *error);

#endif

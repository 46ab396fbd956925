/* What a score on norms is worth without any vectors, and how many concepts a verdict needs (docs/methods.md#baseline).
 *
 *     explaint_infer_options options = explaint_infer_defaults();
 *     explaint_score claim = {.metric = "f1_at_10", .value = .25};
 *     explaint_baseline *baseline = NULL;
 *     explaint_baseline_run(norms, &options, &claim, NULL, &baseline, &error);
 *     puts(baseline->claim.text);
 *     explaint_baseline_free(baseline);
 */
#ifndef EXPLAINT_BASELINE_H
#define EXPLAINT_BASELINE_H

#include "explaint/infer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- how many concepts ---- */

/* The gain in r that a test finds in 8 of 10 cases with so many concepts. */
typedef struct explaint_need {
    const char *id; /* "E1" to "E4", "E4-clusters" */
    size_t n;
    double mde;
    int measured; /* on these norms; 0: by the law mde ~ 1/n */
} explaint_need;

enum { EXPLAINT_MOST_NEEDS = 40 };

typedef struct explaint_needs {
    explaint_need need
        [EXPLAINT_MOST_NEEDS]; /* tests in order, within one the numbers of concepts; none where so few have no such test */
    size_t n_needs;
    size_t present;  /* concepts there are, which is one of these numbers */
    int own_vectors; /* measured with the vectors at hand, not with vectors made for the purpose */
} explaint_needs;

EXPLAINT_API extern const explaint_kind explaint_need_kind;

/* Seconds; asks nothing of how vectors and norms agree. Of a plan of several layers: the first. EXPLAINT_FAILED: no memory. */
EXPLAINT_API explaint_status explaint_plan_needs(const explaint_plan *plan, explaint_needs *needs,
                                                 explaint_error *error);

/* ---- what a score is worth ---- */

typedef struct explaint_score {
    const char *metric; /* as rows name it; NULL: the verdict's */
    double value;
} explaint_score;

/* Numbers that do not exist are NaN. */
typedef struct explaint_scored {
    const char *metric;
    double value;
    double chance, mean, spelling, category, upper, ceiling;
    size_t in_category; /* concepts behind `category` */
    double share;       /* of the way from the mean predictor to the ceiling: 0 is the one, 1 the other */
    const char *text;   /* in words */
} explaint_scored;

typedef struct explaint_baseline {
    explaint_record record; /* first */
    const char *version;
    const char *const *command;
    const explaint_input *inputs;
    size_t n_inputs;
    const explaint_setting *settings;
    size_t n_settings;
    size_t n_concepts, n_features;
    const explaint_row *rows; /* of mean, upper, category-mean, and word-form: here letters predict the norms */
    size_t n_rows;
    double chance, ceiling; /* of the verdict's metric */
    explaint_scored claim;  /* metric NULL: none was given */
    const explaint_need *needs;
    size_t n_needs, present;
    const explaint_lint *lints;
    size_t n_lints;
    const char *signature;
    const explaint_result *result; /* the run that they come from; NULL of a record that was read */
    const char *answer;            /* of the claim, or what can be had without vectors, in a sentence or two */
    void *internals;
} explaint_baseline;

EXPLAINT_API extern const explaint_kind explaint_baseline_kind;

/* options: as of explaint_infer_plan, which it calls without vectors; metrics NULL: the verdict's. claim, progress: may be NULL.
 * Errors: as explaint_infer_plan's; EXPLAINT_USAGE: a metric that is none, a value that the metric cannot have; EXPLAINT_INTERRUPTED. */
EXPLAINT_API explaint_status explaint_baseline_run(const explaint_norms *norms, const explaint_infer_options *options,
                                                   const explaint_score *claim, const explaint_progress *progress,
                                                   explaint_baseline **baseline, explaint_error *error);
EXPLAINT_API void explaint_baseline_free(explaint_baseline *baseline);
#ifdef __cplusplus
}
#endif
#endif

/* From the units' bytes to what people and programs read. */
#ifndef XP_AUDIT_RESULT_H
#define XP_AUDIT_RESULT_H

#include "audit/plan.h"
#include "stats/bootstrap.h"

/* A result under construction: every string and list it shows is owned here. */
typedef struct xp_result {
    explaint_result view; /* first: the public struct */
    xp_strings texts;     /* owned strings */
    bool failed;          /* without memory: checked once at the end */
    explaint_row *rows;
    explaint_lint *lints;
    explaint_verdict verdicts[2];
    explaint_assumption *assumptions[2];
    explaint_input inputs[5];
    explaint_setting *settings;
    explaint_dropped *dropped;
    explaint_fold_components *components;
    double **curves; /* of each condition: what the losses point to */
    explaint_fold_losses *losses;
    size_t loss_capacity;
    explaint_fold_iterations *iterations;
    const char **command;
    explaint_fold_penalty *penalties;
    size_t row_capacity, lint_capacity, setting_capacity, component_capacity, iteration_capacity, penalty_capacity;
    /* for predictions */
    xp_strings concepts, features;
    xp_csr gold;
    uint32_t *fold;
    size_t n, m;
    double *levels;          /* those that rows tell */
    int *top[64];            /* a condition: levels x n x XP_TOP, NULL if it did not run */
    size_t top_levels[64];   /* of them, those that some fold reached: the first */
    double *predictions[64]; /* moved from the plan */
    size_t prediction_columns[64];
    /* layer by layer: the results of the parts, which own all strings; lists of their own */
    explaint_result **part;
    size_t n_parts;
    explaint_input *all_inputs;
    explaint_verdict *all_verdicts;
} xp_result;

/* Scores read back from the units. */
typedef struct xp_readback {
    const struct explaint_plan *plan;
    xp_scores scores[64];             /* by condition; n 0: did not run */
    xp_bootstrap bootstrap, distinct; /* over the kept concepts; over one per equal vector */
} xp_readback;

explaint_status xp_result_create(struct explaint_plan *plan, explaint_result **result, explaint_error *error);

/* The same for a plan of parts: their rows, verdicts and lints in one list, p adjusted over layers. */
explaint_status xp_layers_result(struct explaint_plan *plan, explaint_result **result, explaint_error *error);

/* p of each test adjusted over all layers: one family per permutation scheme (families.c). part: the results of the plan's parts. false without memory. */
bool xp_result_adjust_families(const struct explaint_plan *plan, explaint_result *const *part);

/* A string that lives as long as the result; "" without memory (and result->failed). */
const char *xp_result_keep(xp_result *result, const char *format, ...) XP_PRINTF(2, 3);
void xp_result_add_lint(xp_result *result, const char *id, const char *level, const char *text);

/* Mean of a metric over the concepts of a condition, NaN if it did not run. only (may be NULL): concepts to count. */
double xp_readback_value(const xp_readback *back, const char *name, const char *target, double level, xp_metric metric,
                         const uint8_t *only);

/* Of which scores a verdict speaks. */
void xp_result_name_scores(const explaint_result *result, explaint_verdict *verdict);
void xp_result_judge(xp_result *result, xp_readback *back);      /* verdicts */
void xp_result_lint(xp_result *result, const xp_readback *back); /* lints */

#endif

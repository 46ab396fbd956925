/* From what the units gave to what people and programs read. */
#ifndef XP_AUDIT_RESULT_H
#define XP_AUDIT_RESULT_H

#include "audit/execution.h"
#include "stats/bootstrap.h"
#include "units/scores.h"

/* A result under construction: every string and list it shows is owned here. */
typedef struct xp_result {
    explaint_result view; /* first: the public struct */
    xp_strings texts;     /* owned strings */
    void **owned;         /* and lists that do not grow */
    size_t n_owned, owned_capacity;
    bool failed; /* without memory: checked once at the end */
    explaint_row *rows;
    explaint_lint *lints;
    explaint_fold_components *components;
    explaint_fold_losses *losses;
    explaint_fold_iterations *iterations;
    explaint_fold_penalty *penalties;
    size_t rows_capacity, lints_capacity, components_capacity, losses_capacity, iterations_capacity, penalties_capacity;
    explaint_verdict *verdicts; /* the first place is that of the verdict on all layers */
    /* for predictions, of a run without layers */
    xp_strings concepts, features;
    xp_csr gold;
    uint32_t *fold;
    size_t n, m;
    double *levels;          /* those that rows tell */
    int *top[64];            /* a condition: levels x n x XP_TOP, NULL if it did not run */
    size_t top_levels[64];   /* of them, those that some fold reached: the first */
    double *predictions[64]; /* moved from the execution */
    size_t prediction_columns[64];
} xp_result;

/* Scores of a layer, read back from its units. */
typedef struct xp_readback {
    const xp_execution *execution;
    const xp_design_layer *layer;
    bool later;                       /* not the first: rows of conditions without vectors are there */
    const char *source;               /* of its vectors, as rows name it; NULL: none */
    xp_scores scores[64];             /* by condition; n 0: did not run */
    xp_bootstrap bootstrap, distinct; /* over the kept concepts; over one per equal vector */
    explaint_assumption *tests; /* of the information claim, the last one's id NULL; the result's. NULL: not judged */
    size_t lints;               /* how many there are up to this layer */
} xp_readback;

/* execution: of each layer, finished; predictions are taken from it. */
explaint_status xp_result_create(const xp_design *design, xp_execution *execution, explaint_result **result,
                                 explaint_error *error);

/* ---- what it owns (result_lists.c) ---- */

/* A string that lives as long as the result; "" without memory (and result->failed). */
const char *xp_result_keep(xp_result *result, const char *format, ...) XP_PRINTF(2, 3);
/* Takes the text. */
const char *xp_result_keep_text(xp_result *result, xp_text *text);
/* The same of a list, zeroed; NULL without memory (and result->failed). */
void *xp_result_own(xp_result *result, size_t count, size_t size);
/* Takes a list from xp_alloc. */
void xp_result_adopt(xp_result *result, void *list);
/* Adds an item to a list that grows; result->failed without memory. */
void xp_result_add(xp_result *result, void **list, size_t *count, size_t *capacity, const void *item, size_t size);
#define XP_RESULT_ADD(RESULT, LIST, COUNT, ITEM)                                                                       \
    xp_result_add(RESULT, (void **)&(RESULT)->LIST, &(RESULT)->view.COUNT, &(RESULT)->LIST##_capacity, &(ITEM),        \
                  sizeof(ITEM))
void xp_result_add_lint(xp_result *result, const char *id, const char *level, const char *format, ...) XP_PRINTF(4, 5);
/* As rows and verdicts name the mapping at a level. */
const char *xp_result_name_mapping(xp_result *result, const xp_request *request, double level);

/* ---- a layer ---- */

/* Levels of a condition that have rows. */
size_t xp_readback_n_reached(const xp_readback *back, size_t condition);
/* Mean of a metric over the concepts of a condition, NaN if it did not run. only (may be NULL): concepts to count. */
double xp_readback_value(const xp_readback *back, const char *name, const char *target, double level, xp_metric metric,
                         const uint8_t *only);
bool xp_result_add_rows(xp_result *result, xp_readback *back);   /* and notes on folds (rows.c); false: no memory */
void xp_result_judge(xp_result *result, xp_readback *back);      /* verdicts (verdict.c) */
void xp_result_lint(xp_result *result, const xp_readback *back); /* lints (lints.c) */

/* ---- all layers ---- */

/* p of each test adjusted over all layers: one family per permutation scheme (families.c). back: of each layer. false without memory. */
bool xp_result_adjust_families(const xp_design *design, const xp_readback *back);
/* The verdict on all layers, and each lint once (layers.c). false without memory. */
bool xp_result_judge_layers(xp_result *result, const xp_design *design);
bool xp_result_merge_lints(xp_result *result, const xp_design *design, const xp_readback *back);

#endif

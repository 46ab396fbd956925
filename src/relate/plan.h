/* A run: what it is to do, and its result while it grows. */
#ifndef XP_RELATE_PLAN_H
#define XP_RELATE_PLAN_H

#include "base/stages.h"
#include "base/strings.h"
#include "relate/between.h"
#include "relate/gains.h"
#include "relate/split.h"

/* What is looked at: the model, its controls that are read from maps, and what is known without a model. */
typedef enum xp_relate_source {
    XP_SOURCE_MODEL,
    XP_SOURCE_UNTRAINED,
    XP_SOURCE_DAMAGED,
    XP_SOURCE_FORM,
    XP_N_SOURCES
} xp_relate_source;
enum { XP_N_MAPS = XP_SOURCE_FORM };
extern const char *const xp_relate_sources[XP_N_SOURCES]; /* "", "untrained", "damaged", "form" */

enum {
    XP_RELATE_PAIRS = 20,
    XP_RELATE_GROUPS = 8,
    XP_RELATE_ROWS = 4
}; /* at least: pairs, right words, training rows of a label */

/* Of a set of counterfactuals: all heads together. */
typedef struct xp_set_scores {
    double accuracy[XP_N_SOURCES], auc[XP_N_SOURCES];
    xp_gain gain[XP_N_SOURCES];                    /* of the model's held-out hits over the source's */
    double permuted_mean, permuted_p, permuted_sd; /* of refits to permuted labels; NaN: none */
    double *head_accuracy[XP_N_MAPS];              /* n_chosen: of a head's two directions alone */
    double *auc_of;                                /* directions x layers x heads: nothing is fitted */
    xp_gain *alone;                                /* likewise: the model's heads, without what form explains */
    xp_gain *over[XP_N_MAPS];                      /* likewise: over the same head untrained, damaged */
} xp_set_scores;

typedef struct explaint_relate_plan {
    const explaint_model *model;
    const explaint_model_info *info;
    const explaint_tokenizer *tokenizer;
    const explaint_pairs *pairs;
    explaint_relate_options options;
    unsigned threads;
    bool untrained;          /* there is one: the model is not random itself */
    uint8_t *chosen;         /* layers x heads */
    size_t n_chosen, *place; /* n_chosen: layer x heads + head, from 0 */
    xp_sentences sentences;
    xp_groups groups; /* of the kept pairs by right word */
    xp_word_folds folds;
    xp_between looks[XP_N_MAPS];
    double *form; /* n_rows x XP_FORM_COLUMNS */
    xp_word_split split[4];
    xp_set_scores *score; /* one of each set */
    xp_stages stages;
    const explaint_units *units; /* NULL: none is kept */
    char *identity;
    bool begun, planned, given; /* given: the result was handed out; planned: the plan is open */
    /* the result */
    explaint_relate_row *rows;
    explaint_relate_head *heads;
    explaint_relate_verdict *verdicts;
    explaint_relate_assumption *assumptions;
    explaint_relate_pair *listed;
    explaint_lint *lints;
    explaint_input *inputs;
    explaint_setting *settings;
    size_t n_rows, capacity, n_heads, n_assumptions, n_lints, n_inputs, n_settings;
    xp_strings strings;
    bool failed; /* without memory */
    explaint_relate_result result;
} xp_relate;

const char *xp_relate_keep(xp_relate *r, const char *format, ...) XP_PRINTF(2, 3);
void xp_relate_lint(xp_relate *r, const char *id, const char *level, const char *text);
/* What is under way, of which share of all work it is; and how far it is. false: to be stopped. */
void xp_relate_stage(xp_relate *r, const char *what, double share);
bool xp_relate_report(void *relate, double done);

/* What was asked for, checked (request.c). */
explaint_status xp_relate_read_options(xp_relate *r, explaint_error *error);
/* Settings and inputs of the document. */
void xp_relate_describe(xp_relate *r);

/* Does the source say anything in this run? */
static inline bool xp_relate_has(const xp_relate *r, xp_relate_source source) {
    return source != XP_SOURCE_UNTRAINED || r->untrained;
}
/* Is the direction read from the head at all? */
static inline bool xp_relate_asks(const xp_relate *r, size_t direction, size_t place) {
    return r->looks[0].carried[direction] && r->chosen[place];
}

/* Classifiers and tests (classify.c, heads.c), the record (record.c). */
explaint_status xp_relate_classify(xp_relate *r, explaint_error *error);
explaint_status xp_relate_test_heads(xp_relate *r, explaint_error *error);
explaint_status xp_relate_record(xp_relate *r, explaint_error *error);

#endif

/* A run: what it is to do, and its result while it grows. */
#ifndef XP_ATTENTION_RESULT_H
#define XP_ATTENTION_RESULT_H

#include "attention/corpus.h"
#include "base/stages.h"
#include "base/strings.h"
#include "explaint/attend.h"

typedef enum xp_g { XP_G_IDENTITY, XP_G_LINEAR, XP_G_MLP, XP_N_GS } xp_g;
extern const char *const xp_g_names[XP_N_GS]; /* as --g and rows have them */

typedef struct xp_experiment xp_experiment;
typedef struct xp_flows xp_flows;

typedef struct explaint_attend_plan {
    const explaint_model *model;
    const explaint_model_info *info;
    const explaint_tokenizer *tokenizer;
    explaint_attend_options options;
    unsigned threads;
    bool g[XP_N_GS], damage[XP_N_DAMAGES];
    bool *layer;                                    /* L + 1: asked for */
    xp_sides_how read;                              /* what the rows of maps are */
    size_t head_layer, head;                        /* that is asked about; 0: none */
    size_t *column, n_columns;                      /* pieces that rollouts are followed from, ascending */
    size_t probes;                                  /* of attribution; 0: to be chosen (flows.h) */
    xp_strings measures;                            /* as asked for */
    bool continuity, looks, damages, flow, judging; /* what is wanted */
    bool wants_random;            /* the same texts in the architecture with weights drawn at random */
    const explaint_texts *source; /* the texts that are looked at */
    xp_corpus texts, random_texts;
    xp_corpus judged, fit_texts;
    explaint_model *random;
    xp_experiment *experiment; /* on texts; with keep_maps its maps are kept until the result is freed */
    xp_flows *flows;           /* of texts */
    /* how it runs */
    const explaint_units *units;
    size_t n_units; /* that it has */
    xp_stages stages;
    bool begun, planned, given; /* given: the result was handed out; planned: the plan is open */
    /* the result */
    char *identity;
    explaint_attend_memory memory[14];
    size_t n_memory;
    explaint_attend_row *rows;
    size_t n_rows, capacity;
    explaint_lint *lints;
    explaint_input *inputs;
    explaint_setting *settings;
    explaint_attend_layer *layers;
    explaint_attend_head about; /* the head that is asked about */
    explaint_attend_verdict *verdicts;
    size_t n_lints, n_inputs, n_settings, n_verdicts;
    const char *cost;   /* what takes long, before a run; NULL: nothing that is known to */
    const char *kept;   /* what there is to say of the folder of fitted maps; NULL: nothing */
    xp_strings strings; /* what the result points to */
    char *signature;
    bool failed; /* without memory */
    explaint_attend_result result;
} xp_attend;

/* What is missing of the work, and the result (run.c). */
explaint_status xp_attend_run(xp_attend *a, explaint_error *error);

bool xp_attend_wants(const xp_attend *a, const char *family, const char *measure);
/* Copies the row; a value that does not exist makes none. */
void xp_attend_add(xp_attend *a, const explaint_attend_row *row);
const char *xp_attend_keep(xp_attend *a, const char *format, ...) XP_PRINTF(2, 3);
void xp_attend_lint(xp_attend *a, const char *id, const char *level, const char *text);
/* The next stage, of which share of all the work it is; and how far it is. false: to be stopped. */
void xp_attend_stage(xp_attend *a, const char *what, double share);
bool xp_attend_report(void *attend, double done);

#endif

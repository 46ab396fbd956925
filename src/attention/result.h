/* A result of attend while it is built. */
#ifndef XP_ATTENTION_RESULT_H
#define XP_ATTENTION_RESULT_H

#include "attention/experiment.h"
#include "base/strings.h"
#include "explaint/attend.h"

typedef enum xp_g { XP_G_IDENTITY, XP_G_LINEAR, XP_G_MLP, XP_N_GS } xp_g;

typedef struct xp_attend { /* a run: what was asked for, texts, result */
    const explaint_model *model;
    const explaint_model_info *info;
    const explaint_tokenizer *tokenizer;
    explaint_attend_options options;
    unsigned threads;
    bool g[XP_N_GS], damage[XP_N_DAMAGES];
    bool *layer;         /* L + 1: asked for */
    xp_strings measures; /* as asked for */
    xp_corpus texts;
    explaint_model *random; /* the architecture with weights drawn at random */
    xp_corpus random_texts; /* the same texts in it */
    explaint_attend_row *rows;
    size_t n_rows, capacity;
    explaint_lint *lints;
    explaint_input *inputs;
    explaint_setting *settings;
    explaint_attend_layer *layers;
    explaint_attend_verdict *verdicts;
    size_t n_lints, n_inputs, n_settings, n_verdicts;
    xp_strings strings; /* what the result points to */
    char *signature;
    xp_experiment experiment; /* keep_maps: kept until the result is freed */
    bool failed;              /* without memory */
    explaint_attend_result result;
} xp_attend;

bool xp_attend_wants(const xp_attend *a, const char *family, const char *measure);
/* Copies the row; a value that does not exist makes none. */
void xp_attend_add(xp_attend *a, const explaint_attend_row *row);
const char *xp_attend_keep(xp_attend *a, const char *format, ...) XP_PRINTF(2, 3);
void xp_attend_lint(xp_attend *a, const char *id, const char *level, const char *text);

#endif

/* From states to logits: how much a model expects each word to come next. */
#ifndef XP_MODEL_LOGITS_H
#define XP_MODEL_LOGITS_H

#include "model/work.h"

/* Scratch of a thread: XP_MAP_ROWS x vocabulary and what it takes to make them; released with the work. */
explaint_status xp_logits_create(const explaint_model *model, xp_model_work *work, explaint_error *error);

/* Of n <= XP_MAP_ROWS rows behind the final norm (n x width): n x vocabulary, in work->logits. */
void xp_logits_make(const explaint_model *model, xp_model_work *work, size_t n, const float *rows);

#endif

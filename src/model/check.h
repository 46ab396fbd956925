/* What is checked before and after a pass. */
#ifndef XP_MODEL_CHECK_H
#define XP_MODEL_CHECK_H

#include "explaint/model.h"

/* At least one piece, not more than there are positions, every id in the vocabulary. number: of the text, for the message. */
explaint_status xp_check_ids(const explaint_model *model, const explaint_ids *text, size_t number,
                             explaint_error *error);

/* The model was opened with its logits. */
explaint_status xp_check_logits(const explaint_model *model, explaint_error *error);

bool xp_check_finite(size_t n, const float *x);

/* The error of a text with a state that is not. */
explaint_status xp_check_refuse_state(const explaint_model *model, size_t text, size_t layer, explaint_error *error);

#endif

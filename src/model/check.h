/* What is checked before and after a pass. */
#ifndef XP_MODEL_CHECK_H
#define XP_MODEL_CHECK_H

#include "explaint/model.h"

/* At least one piece, not more than there are positions, every id in the vocabulary. number: of the text, for the message. */
explaint_status xp_check_ids(const explaint_model *model, const explaint_ids *text, size_t number,
                             explaint_error *error);

bool xp_check_finite(size_t n, const float *x);

#endif

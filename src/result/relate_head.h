/* A result of relate, read again by who asks about one head of a model: is it about that model, and what does it say of the head? */
#ifndef XP_RESULT_RELATE_HEAD_H
#define XP_RESULT_RELATE_HEAD_H

#include <stdbool.h>

#include "explaint/relate.h"

/* By the SHA-256 of every file of the model that mattered, the weights among them. */
bool xp_relate_head_same_model(const explaint_relate_result *result, const explaint_model_info *info);
/* layer and head from 1. NULL: it says nothing of that head, or more than once, or what no run says. */
const explaint_relate_head *xp_relate_head_find(const explaint_relate_result *result, size_t layer, size_t head);

#endif

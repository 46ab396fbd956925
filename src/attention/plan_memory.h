/* What a run is going to hold. */
#ifndef XP_ATTENTION_PLAN_MEMORY_H
#define XP_ATTENTION_PLAN_MEMORY_H

#include "attention/result.h"

/* Fills a->memory; texts are encoded, options read. */
void xp_attend_plan_memory(xp_attend *a);

#endif

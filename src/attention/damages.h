/* The measures of damage as rows of the result (docs/attention.md#damage). */
#ifndef XP_ATTENTION_DAMAGES_H
#define XP_ATTENTION_DAMAGES_H

#include "attention/experiment.h"
#include "attention/result.h"

explaint_status xp_damage_measures(xp_attend *a, const xp_experiment *e, explaint_error *error);

#endif

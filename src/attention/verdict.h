/* A0, A1, A3 and the sink, layer by layer, and the verdict on ranges of layers (docs/attention.md#verdict). */
#ifndef XP_ATTENTION_VERDICT_H
#define XP_ATTENTION_VERDICT_H

#include "attention/experiment.h"
#include "attention/fit.h"
#include "attention/result.h"

enum { XP_JUDGED_TEXTS = 30 }; /* fewer of the user's texts do not decide */

/* judged: texts of equal length with states and maps. linear: NULL if none was fitted, and A1 is not testable then. */
explaint_status xp_judge_attention(xp_attend *a, const xp_corpus *judged, const xp_linear_g *linear,
                                   explaint_error *error);

#endif

/* A0, A1, A3 and the sink, layer by layer, and the verdict on ranges of layers (docs/attention.md#verdict). */
#ifndef XP_ATTENTION_VERDICT_H
#define XP_ATTENTION_VERDICT_H

#include "attention/experiment.h"
#include "attention/recovered.h"

enum { XP_JUDGED_TEXTS = 30 }; /* fewer of the user's texts do not decide */

/* e: what permuted content did to the maps of texts of equal length. recovery: NULL without a linear g, and A1 is not testable then. */
explaint_status xp_attention_judge(xp_attend *a, const xp_experiment *e, const xp_recovery *recovery,
                                   explaint_error *error);

#endif

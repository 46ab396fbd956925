/* A0 to A3 and the sink, layer by layer, and the verdict on ranges of layers (docs/attention.md#verdict). */
#ifndef XP_ATTENTION_VERDICT_H
#define XP_ATTENTION_VERDICT_H

#include "attention/judge.h"

enum { XP_JUDGED_TEXTS = 30 }; /* fewer of the user's texts do not decide */

explaint_status xp_attention_judge(xp_attend *a, const xp_evidence *of, explaint_error *error);

#endif

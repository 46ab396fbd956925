/* What was asked for, read and checked. */
#ifndef XP_ATTENTION_OPTIONS_H
#define XP_ATTENTION_OPTIONS_H

#include "attention/result.h"
#include "units/flow.h"

/* Fills measures, damage, g, layer. EXPLAINT_USAGE names what does not exist. */
explaint_status xp_attend_read_options(xp_attend *a, explaint_error *error);
/* Is any of these measures of flow wanted? */
bool xp_attend_wants_any(const xp_attend *a, xp_flow first, xp_flow last);
/* The settings of the document; and one more, a string. */
void xp_attend_settings(xp_attend *a);
void xp_attend_setting(xp_attend *a, const char *key, const char *value);

#endif

/* What was asked for, read and checked. */
#ifndef XP_ATTENTION_OPTIONS_H
#define XP_ATTENTION_OPTIONS_H

#include "attention/result.h"

/* Fills measures, damage, g, layer. EXPLAINT_USAGE names what does not exist. */
explaint_status xp_attend_read_options(xp_attend *a, explaint_error *error);
/* Reads "3.7" at *at, and stands behind it: layer and head, from 1. */
bool xp_attend_take_head(const char **at, size_t *layer, size_t *head);
/* The settings of the document; and one more, a string. */
void xp_attend_settings(xp_attend *a);
void xp_attend_setting(xp_attend *a, const char *key, const char *value);

#endif

/* The terminal view of explaint attend: a table of layers, what survives damage, the verdicts. */
#ifndef XP_CLI_VIEW_ATTEND_H
#define XP_CLI_VIEW_ATTEND_H

#include "explaint/attend.h"
#include "term.h"

void view_attend(const explaint_attend_result *result, const term *t);

#endif

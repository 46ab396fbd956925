/* The terminal view of explaint attend: the answer, a table of layers, what survives damage, the verdicts, what may be done next. */
#ifndef XP_CLI_VIEW_ATTEND_H
#define XP_CLI_VIEW_ATTEND_H

#include "explaint/attend.h"
#include "view.h"

void view_attend(const explaint_attend_result *result, const view_kept *kept, const term *t);

#endif

/* The terminal view of explaint relate: the answer, all heads together beside the controls, the heads that come out best, what may be done next. */
#ifndef XP_CLI_VIEW_RELATE_H
#define XP_CLI_VIEW_RELATE_H

#include "explaint/relate.h"
#include "view.h"

void view_relate(const explaint_relate_result *result, const view_kept *kept, const term *t);

#endif

/* What a run of attend is going to hold: --dry-run, and whether this machine has it. */
#ifndef CLI_OUTLINE_ATTEND_H
#define CLI_OUTLINE_ATTEND_H

#include "explaint/attend.h"

/* On stdout, as a document or for the eye. */
explaint_status outline_attend(const explaint_attend_plan *plan, bool json, explaint_error *error);

/* 0, or a complaint and the exit code. */
int outline_attend_fits(const explaint_attend_plan *plan);

#endif

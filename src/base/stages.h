/* Work that is told in stages, each of a share of the whole. */
#ifndef XP_BASE_STAGES_H
#define XP_BASE_STAGES_H

#include "explaint/infer.h"

typedef struct xp_stages {
    const explaint_progress *progress; /* NULL: nobody is told */
    const char *what;
    double from, share; /* of the stage that is under way; what was before */
} xp_stages;

void xp_stages_next(xp_stages *stages, const char *what, double share);
/* Of the stage: 0 to 1. false: to be stopped. */
bool xp_stages_report(const xp_stages *stages, double done);

#endif

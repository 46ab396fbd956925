#include "base/stages.h"

void xp_stages_next(xp_stages *s, const char *what, double share) {
    s->from += s->share;
    s->share = share;
    s->what = what;
}

bool xp_stages_report(const xp_stages *s, double done) {
    const explaint_progress *p = s->progress;
    return p == NULL || p->report == NULL || p->report(p->self, s->what, s->from + done * s->share, 1);
}

/* What a run of relate adds to its result, and how far it is. */
#include <stdarg.h>

#include "relate/plan.h"
#include "result/record.h"

const char *const xp_relate_sources[] = {"", "untrained", "damaged", "form"};

const char *xp_relate_keep(xp_relate *r, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const char *kept = xp_strings_keep(&r->strings, &r->failed, format, list);
    va_end(list);
    return kept;
}

void xp_relate_lint(xp_relate *r, const char *id, const char *level, const char *text) {
    r->failed |= !xp_record_add_lint(&r->lints, &r->n_lints, &(explaint_lint){id, level, text});
}

void xp_relate_stage(xp_relate *r, const char *what, double share) { xp_stages_next(&r->stages, what, share); }

bool xp_relate_report(void *relate, double done) { return xp_stages_report(&((xp_relate *)relate)->stages, done); }

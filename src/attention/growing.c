/* What a run of attend adds to its result, and how far it is. */
#include <math.h>
#include <stdarg.h>

#include "attention/result.h"
#include "base/memory.h"
#include "result/record.h"

void xp_attend_add(xp_attend *a, const explaint_attend_row *row) {
    if (!isfinite(row->value)) return;
    explaint_attend_row *place = xp_grow((void **)&a->rows, a->n_rows, &a->capacity, sizeof *place);
    if (place == NULL) {
        a->failed = true;
        return;
    }
    *place = *row;
    place->level = a->read.level == XP_LEVEL_WORD ? xp_level_names[XP_LEVEL_WORD] : NULL;
    a->n_rows++;
}

const char *xp_attend_keep(xp_attend *a, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const char *kept = xp_strings_keep(&a->strings, &a->failed, format, list);
    va_end(list);
    return kept;
}

void xp_attend_lint(xp_attend *a, const char *id, const char *level, const char *text) {
    a->failed |= !xp_record_add_lint(&a->lints, &a->n_lints, &(explaint_lint){id, level, text});
}

void xp_attend_stage(xp_attend *a, const char *what, double share) { xp_stages_next(&a->stages, what, share); }

bool xp_attend_report(void *attend, double done) { return xp_stages_report(&((xp_attend *)attend)->stages, done); }

/* When a sequential test is over (methods 1.6; Gandy 2009). */
#include <math.h>

#include "audit/plan.h"

static bool decides(const xp_trial *trial, int k) { return k == 0 || xp_trial_has(trial, XP_WORD_FORM); }

/* The place of the k-th that decides among the contenders that run. */
static size_t place_of(const xp_trial *trial, int k) { return k == 0 ? 0 : xp_trial_has(trial, XP_PEER) ? 2 : 1; }

xp_stopping xp_stopping_begin(const struct explaint_plan *plan, size_t trial) {
    xp_stopping s = {.unit = 0};
    while (s.unit < plan->n_units &&
           (plan->units[s.unit].kind != XP_UNIT_OBSERVED || plan->units[s.unit].index != trial))
        s.unit++;
    return s;
}

static void look(const struct explaint_plan *plan, const xp_trial *trial, const xp_unit *unit, xp_stopping *s) {
    const double *statistic = unit->bytes;
    s->seen += unit->count;
    for (int k = 0; k < 2; k++) {
        if (!decides(trial, k) || s->used[k] > 0) continue;
        const double *null = statistic + place_of(trial, k) * unit->count;
        for (size_t b = 0; b < unit->count; b++) s->reached[k] += null[b] >= s->observed[k];
        if (plan->bounds.n_looks > 0 && xp_sequential_look(&plan->bounds, s->seen, s->reached[k]) != XP_GO_ON)
            s->used[k] = s->seen;
    }
}

bool xp_stopping_advance(const struct explaint_plan *plan, size_t trial_index, xp_stopping *s) {
    const xp_trial *trial = &plan->trial[trial_index];
    const size_t n = trial->study->n;
    for (;; s->unit++) {
        if (s->used[0] > 0 && (!decides(trial, 1) || s->used[1] > 0)) return true;
        if (s->unit >= plan->n_units) return true;
        const xp_unit *unit = &plan->units[s->unit];
        if (unit->index != trial_index || (unit->kind != XP_UNIT_OBSERVED && unit->kind != XP_UNIT_PERMUTATIONS))
            return true;
        if (!unit->finished) return false;
        if (unit->kind == XP_UNIT_PERMUTATIONS) {
            look(plan, trial, unit, s);
            continue;
        }
        for (int k = 0; k < 2; k++)
            if (decides(trial, k))
                s->observed[k] = xp_mean_of_defined((const double *)unit->bytes + place_of(trial, k) * n, n);
    }
}

size_t xp_trial_used(const struct explaint_plan *plan, size_t trial, xp_contender contender) {
    const size_t all = plan->options.permutations;
    if (plan->bounds.n_looks == 0) return all;
    xp_stopping s = xp_stopping_begin(plan, trial);
    xp_stopping_advance(plan, trial, &s);
    const size_t used = s.used[contender == XP_WORD_FORM]; /* the peer decides nothing, and is as long as the system */
    return used > 0 ? used : all;
}

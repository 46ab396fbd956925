/* p-values adjusted together over layers (docs/methods.md#layers). */
#include <math.h>
#include <string.h>

#include "audit/result.h"
#include "base/memory.h"
#include "stats/adjust.h"

/* The tests of one scheme, layer by layer. */
typedef struct family {
    size_t n, columns;
    double *statistic; /* n x columns: the observed one, then the permutations' */
    double *p, *adjusted;
    explaint_assumption **assumption;
} family;

static void family_free(family *f) {
    xp_free(f->statistic);
    xp_free(f->p);
    xp_free(f->adjusted);
    xp_free(f->assumption);
}

static bool family_alloc(family *f, size_t most, size_t columns) {
    size_t cells;
    *f = (family){.columns = columns};
    if (xp_mul_overflows(most, columns, &cells)) return false;
    f->statistic = xp_alloc(cells, sizeof *f->statistic);
    f->p = xp_alloc(most, sizeof *f->p);
    f->adjusted = xp_alloc(most, sizeof *f->adjusted);
    f->assumption = xp_alloc(most, sizeof *f->assumption);
    return f->statistic && f->p && f->adjusted && f->assumption;
}

static explaint_assumption *assumption_of(xp_result *part, const char *id) {
    explaint_assumption *list = part->assumptions[0];
    for (size_t i = 0; list != NULL && list[i].id != NULL; i++)
        if (strcmp(list[i].id, id) == 0) return &list[i];
    return NULL;
}

static void add_test(family *f, const struct explaint_plan *plan, xp_result *r, xp_test_id id) {
    explaint_assumption *a = plan->has_test[id] ? assumption_of(r, xp_permutation_test_name(id)) : NULL;
    if (a == NULL || isnan(a->p)) return;
    xp_plan_test_values(plan, id, xp_permutation_test_decided_by(id), f->statistic + f->n * f->columns);
    f->p[f->n] = a->p;
    f->assumption[f->n++] = a;
}

/* One family per permutation scheme, adjusted by max-T on the statistics, or by Benjamini-Hochberg on p. Cells of E3 are made of the layer's own embedding,
 * so its permutations differ by layer: their largest is then that of unrelated tests, and p_adjusted errs to the large side. */
static bool adjust(const struct explaint_plan *plan, explaint_result *const *part, xp_test_id id) {
    family f;
    bool ok = family_alloc(&f, plan->n_parts, plan->options.permutations + 1);
    for (size_t p = 0; ok && p < plan->n_parts; p++) add_test(&f, plan->part[p], part[p]->internals, id);
    if (ok && f.n > 0)
        ok = plan->adjust == XP_ADJUST_BH ? xp_adjust_benjamini_hochberg(f.n, f.p, f.adjusted)
                                          : xp_permute_max_t(f.n, f.columns - 1, f.statistic, f.adjusted);
    for (size_t k = 0; ok && k < f.n; k++) f.assumption[k]->p_adjusted = f.adjusted[k];
    family_free(&f);
    return ok;
}

bool xp_result_adjust_families(const struct explaint_plan *plan, explaint_result *const *part) {
    if (plan->options.permutations == 0 || plan->adjust == XP_ADJUST_NONE) return true;
    for (int id = 0; id < XP_N_TESTS; id++)
        if (!adjust(plan, part, (xp_test_id)id)) return false;
    return true;
}

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

static void family_free(family *f) { xp_free_all(f->statistic, f->p, f->adjusted, f->assumption); }

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

static explaint_assumption *with_id(explaint_assumption *list, const char *id) {
    while (list->id != NULL && strcmp(list->id, id) != 0) list++;
    return list->id != NULL ? list : NULL;
}

static void add_test(family *f, const xp_readback *back, xp_test_id id) {
    explaint_assumption *a = back->layer->has_test[id] ? with_id(back->tests, xp_permutation_test_name(id)) : NULL;
    if (a == NULL || isnan(a->p)) return;
    xp_execution_test_values(back->execution, id, xp_permutation_test_decided_by(id), f->statistic + f->n * f->columns);
    f->p[f->n] = a->p;
    f->assumption[f->n++] = a;
}

/* One family per permutation scheme, adjusted by max-T on the statistics, or by Benjamini-Hochberg on p. Cells of E3 are made of the layer's own embedding,
 * so its permutations differ by layer: their largest is then that of unrelated tests, and p_adjusted errs to the large side. */
static bool adjust(const xp_design *d, const xp_readback *back, xp_test_id id) {
    family f;
    bool ok = family_alloc(&f, d->n_layers, d->permutations + 1);
    for (size_t l = 0; ok && l < d->n_layers; l++) add_test(&f, &back[l], id);
    if (ok && f.n > 0)
        ok = d->adjust == XP_ADJUST_BH ? xp_adjust_benjamini_hochberg(f.n, f.p, f.adjusted)
                                       : xp_permute_max_t(f.n, f.columns - 1, f.statistic, f.adjusted);
    for (size_t k = 0; ok && k < f.n; k++) f.assumption[k]->p_adjusted = f.adjusted[k];
    family_free(&f);
    return ok;
}

bool xp_result_adjust_families(const xp_design *d, const xp_readback *back) {
    if (d->permutations == 0 || d->adjust == XP_ADJUST_NONE) return true;
    for (size_t l = 0; l < d->n_layers; l++)
        if (back[l].tests == NULL) return false;
    for (int id = 0; id < XP_N_TESTS; id++)
        if (!adjust(d, back, (xp_test_id)id)) return false;
    return true;
}

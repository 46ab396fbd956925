/* p-values adjusted together: over layers, and over component counts that are all tested (methods 1.6). */
#include <math.h>
#include <string.h>

#include "audit/result.h"
#include "base/memory.h"
#include "stats/adjust.h"

/* The tests of one scheme: layer by layer, in each count by count. */
typedef struct family {
    size_t n, columns;
    double *statistic; /* n x columns: the observed one, then the permutations' */
    double *p, *adjusted;
    explaint_assumption **assumption; /* of the verdict's count; NULL: another count */
    explaint_count_test **test;       /* NULL: counts are not tested */
} family;

static void family_free(family *f) {
    xp_free(f->statistic);
    xp_free(f->p);
    xp_free(f->adjusted);
    xp_free(f->assumption);
    xp_free(f->test);
}

static bool family_alloc(family *f, size_t most, size_t columns) {
    size_t cells;
    *f = (family){.columns = columns};
    if (xp_mul_overflows(most, columns, &cells)) return false;
    f->statistic = xp_alloc(cells, sizeof *f->statistic);
    f->p = xp_alloc(most, sizeof *f->p);
    f->adjusted = xp_alloc(most, sizeof *f->adjusted);
    f->assumption = xp_calloc(most, sizeof *f->assumption);
    f->test = xp_calloc(most, sizeof *f->test);
    return f->statistic && f->p && f->adjusted && f->assumption && f->test;
}

static explaint_assumption *assumption_of(xp_result *part, const char *id) {
    explaint_assumption *list = part->assumptions[0];
    for (size_t i = 0; list != NULL && list[i].id != NULL; i++)
        if (strcmp(list[i].id, id) == 0) return &list[i];
    return NULL;
}

/* One count of several. */
static void add_count(family *f, const struct explaint_plan *plan, xp_result *r, explaint_assumption *a, xp_trial_id id,
                      size_t level) {
    double *row = f->statistic + f->n * f->columns;
    xp_test_result test;
    xp_trial_level(plan, id, level, row);
    xp_test_summarise(row[0], row + 1, f->columns - 1, &test);
    f->p[f->n] = test.p;
    f->assumption[f->n] = level == plan->trial[id].settings.verdict ? a : NULL;
    f->test[f->n] = &r->count_tests[r->view.n_count_tests++];
    *f->test[f->n++] = (explaint_count_test){.id = a->id,
                                             .layer = plan->layer,
                                             .n_components = (size_t)plan->levels[level],
                                             .gain = test.gain,
                                             .p = test.p,
                                             .p_adjusted = NAN,
                                             .null_mean = test.null_mean,
                                             .null_sd = test.null_sd,
                                             .mde = test.mde};
}

/* The tests of one layer. */
static void add_tests(family *f, const struct explaint_plan *plan, xp_result *r, xp_trial_id id) {
    const xp_unit *observed = plan->has_trial[id] ? xp_plan_unit(plan, XP_UNIT_OBSERVED, id) : NULL;
    explaint_assumption *a = observed != NULL ? assumption_of(r, xp_trial_name(id)) : NULL;
    if (a == NULL || isnan(a->p)) return;
    const size_t levels = xp_trial_levels(&plan->trial[id]);
    for (size_t l = 0; l < levels; l++) add_count(f, plan, r, a, id, l);
    if (levels > 0) return;
    double *row = f->statistic + f->n * f->columns;
    row[0] = xp_mean_of_defined(observed->bytes, plan->distinct.n);
    xp_trial_null(plan, id, 0, row + 1);
    f->p[f->n] = a->p;
    f->assumption[f->n++] = a;
}

/* One family a permutation scheme, adjusted by max-T on the statistics, or by Benjamini-Hochberg on p. Cells of E3 are made of the layer's own embedding,
 * so its permutations differ by layer: their largest is then that of unrelated tests, and p_adjusted errs to the large side. */
static bool adjust(const struct explaint_plan *plan, explaint_result *const *part, xp_trial_id id) {
    const size_t n_parts = xp_plan_n_parts(plan), levels = xp_plan_part(plan, 0)->mapping.levels.count;
    family f;
    bool ok = family_alloc(&f, n_parts * (levels > 0 ? levels : 1), plan->options.permutations + 1);
    for (size_t p = 0; ok && p < n_parts; p++) add_tests(&f, xp_plan_part(plan, p), part[p]->internals, id);
    if (plan->adjust == XP_ADJUST_NONE)
        f.n = 0;
    else if (ok && f.n > 0)
        ok = plan->adjust == XP_ADJUST_BH ? xp_benjamini_hochberg(f.n, f.p, f.adjusted)
                                          : xp_max_t(f.n, f.columns - 1, f.statistic, f.adjusted);
    for (size_t k = 0; ok && k < f.n; k++) {
        if (f.assumption[k] != NULL) f.assumption[k]->p_adjusted = f.adjusted[k];
        if (f.test[k] != NULL) f.test[k]->p_adjusted = f.adjusted[k];
    }
    family_free(&f);
    return ok;
}

/* Rows of `system` carry E1's p: that of the verdict's count has it already, others have it where they are tested. */
static void adjust_rows(xp_result *r) {
    const explaint_assumption *e1 = assumption_of(r, xp_trial_name(XP_E1));
    for (size_t i = 0; e1 != NULL && i < r->view.n_rows; i++) {
        explaint_row *row = &r->rows[i];
        if (row->has_p) { /* the verdict's count */
            row->has_p_adjusted = !isnan(e1->p_adjusted);
            row->p_adjusted = e1->p_adjusted;
            continue;
        }
        if (row->fold != -1 || strcmp(row->condition, "system") != 0 ||
            strcmp(row->metric, r->view.verdict_metric) != 0)
            continue;
        for (size_t t = 0; t < r->view.n_count_tests; t++) {
            const explaint_count_test *test = &r->count_tests[t];
            if (test->id != e1->id || row->n_components != test->n_components) continue;
            row->has_p = true;
            row->p = test->p;
            row->has_mde = test->p > XP_ALPHA;
            row->mde = test->mde;
            row->has_p_adjusted = !isnan(test->p_adjusted);
            row->p_adjusted = test->p_adjusted;
        }
    }
}

bool xp_adjust_families(const struct explaint_plan *plan, explaint_result *const *part) {
    if (plan->options.permutations == 0) return true;
    const size_t n_parts = xp_plan_n_parts(plan);
    for (size_t p = 0; p < n_parts; p++) {
        const struct explaint_plan *one = xp_plan_part(plan, p);
        xp_result *r = part[p]->internals;
        r->count_tests =
            xp_alloc(one->options.every_count ? XP_N_TRIALS * one->mapping.levels.count : 0, sizeof *r->count_tests);
        if (r->count_tests == NULL) return false;
        r->view.count_tests = r->count_tests;
    }
    for (int id = 0; id < XP_N_TRIALS; id++)
        if (!adjust(plan, part, (xp_trial_id)id)) return false;
    for (size_t p = 0; p < n_parts; p++) adjust_rows(part[p]->internals);
    return true;
}

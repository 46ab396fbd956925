/* The units of a layer, with what they cost about. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "audit/design.h"
#include "base/memory.h"

/* Keys are unique in a ledger: a layer's begin with it. */
static bool add_unit(xp_design_layer *layer, xp_unit unit) {
    if (layer->number >= 0) {
        char key[sizeof unit.key];
        memcpy(key, unit.key, sizeof key);
        snprintf(unit.key, sizeof unit.key, "layer-%d/%.60s", layer->number, key);
    }
    xp_unit *place = xp_grow((void **)&layer->units, layer->n_units, &layer->unit_capacity, sizeof *place);
    if (place == NULL) return false;
    *place = unit;
    layer->n_units++;
    return true;
}

/* Products with M that a component takes: a kept Krylov basis, or NIPALS on norms (40 to 90 were seen). */
static double products(const xp_request *request) { return request->mapping.settings.nipals ? 80 : 10; }

double xp_design_most_components(const xp_request *r) {
    return xp_request_tells(r, "n_components") ? r->levels[r->mapping.levels.count - 1] : 1;
}

static double own_work(const xp_design_layer *layer, double d) {
    const xp_study *s = &layer->study;
    return layer->request->mapping.mapper->fit_work(&layer->request->mapping.settings, (double)s->n, d, (double)s->m,
                                                    (double)s->n_folds);
}

/* Work of one fit over all folds, roughly: what progress and estimates are made of. A unit is a floating-point operation at a third of the rate of
 * a matrix product; M and its products run at that rate. prepared: what goes in is. */
static double fit_work(const xp_design_layer *layer, double components, bool prepared) {
    const xp_study *s = &layer->study;
    if (layer->request->mapping.mapper->fit_work != NULL) return own_work(layer, (double)s->d);
    double n = (double)s->n, r = (double)(s->d < s->n ? s->d : s->n), pairs = (double)s->gold.y.start[s->n];
    double rows = (double)s->m < pairs / 3 ? (double)s->m : pairs / 3;
    double scoring = 2 * pairs * n / 10 + n * (double)s->m / 5;
    double one =
        2 * pairs * r + (rows + 4 * components * products(layer->request)) * r * r / 3 + components * 4e5 + scoring;
    if (!prepared) one += .6 * n * (double)s->d * r;
    if (!xp_request_tells(layer->request, "n_components")) one = scoring;
    if (xp_request_tells(layer->request, "alpha") &&
        layer->request->mapping.choose) /* weights of each penalty on each inner fold */
        one += (double)layer->request->mapping.levels.count * .3 * n * n * r;
    if (layer->request->mapping.choose) /* the inner folds: a fit each, and every level scored */
        one += XP_INNER_FOLDS * one + (double)layer->request->mapping.levels.count * 20 * scoring;
    return (double)s->n_folds * one;
}

/* The same where the norms predict themselves. */
static double upper_work(const xp_design_layer *layer) {
    const xp_study *s = &layer->study;
    if (layer->request->mapping.mapper->fit_work != NULL) return own_work(layer, (double)s->m);
    double n = (double)s->n, most = xp_design_most_components(layer->request), pairs = (double)s->gold.y.start[s->n];
    double one = fmin(2.5 * n * n * n, 6e4 * pairs * pow(most / 25, 1.6)); /* dense, or matrix-free (plsr_mapping.c) */
    if (layer->request->mapping.settings.nipals)
        one = most * products(layer->request) * (40 * pairs + 16 * most * n); /* bound by memory */
    return 10 * one * (layer->request->mapping.choose ? 1 + XP_INNER_FOLDS : 1);
}

/* Of one permutation: pairs of concepts that move, a number looked up for each, and multiplied by each weight (measured: about a nanosecond). */
static double permutation_work(const xp_permutation_test *test) {
    const double m = (double)test->blocks.n_movable;
    return m * m / 2 * (10 + 3 * (double)xp_permutation_test_n_draws(test->id));
}

static bool list_blocks(xp_design_layer *layer, xp_unit unit, const char *what, size_t first, size_t last, size_t block,
                        double work) {
    bool ok = true;
    for (; ok && first <= last; first += block) {
        const size_t left = last - first + 1;
        unit.first = (uint32_t)first;
        unit.count = (uint32_t)(left < block ? left : block);
        unit.work = work * unit.count;
        snprintf(unit.key, sizeof unit.key, "%s/%s/%u", what, xp_permutation_test_key((xp_test_id)unit.index),
                 unit.first);
        ok = add_unit(layer, unit);
    }
    return ok;
}

static bool list_tests(xp_design_layer *layer) {
    const double n = (double)layer->distinct.n, d = (double)layer->distinct.d;
    bool ok = true;
    for (size_t t = 0; ok && t < XP_N_TESTS; t++) {
        if (!layer->has_test[t]) continue;
        xp_unit unit = {.kind = XP_UNIT_OBSERVED, .index = t, .work = n * n * (d < n ? d : n)};
        snprintf(unit.key, sizeof unit.key, "test/%s/observed", xp_permutation_test_key((xp_test_id)t));
        ok = add_unit(layer, unit) &&
             list_blocks(layer, (xp_unit){.kind = XP_UNIT_PERMUTATIONS, .index = t}, "test", 1,
                         layer->design->permutations, XP_BLOCK, permutation_work(&layer->test[t]));
    }
    if (ok && layer->has_test[XP_E1])
        ok = add_unit(layer, (xp_unit){.kind = XP_UNIT_WORD_FORM, .work = 4 * n * n * d, .key = "word-form"});
    return ok;
}

bool xp_design_list_units(xp_design_layer *layer) {
    const double n = (double)layer->study.n, m = (double)layer->study.m;
    const double most = xp_design_most_components(layer->request);
    const double cell = layer->design->metrics & XP_NEIGHBOUR_METRICS ? 40 + n : 10; /* to score one of n x m */
    const double fit = fit_work(layer, most, false), refit = fit_work(layer, layer->request->verdict_level, true);
    bool ok = add_unit(layer, (xp_unit){.kind = XP_UNIT_CONCEPTS, .work = 1, .key = "concepts"});
    if (ok && !layer->shares) /* the same for every layer */
        ok = add_unit(layer, (xp_unit){.kind = XP_UNIT_FEATURES, .work = 1, .key = "features"});
    for (size_t c = 0; ok && c < xp_n_conditions; c++) {
        const xp_condition_spec *spec = &xp_conditions[c];
        if (!layer->design->runs_condition[c] || (layer->shares && !xp_condition_sees_vectors(spec))) continue;
        xp_unit unit = {.kind = XP_UNIT_CONDITION, .index = c};
        unit.work = fit + (double)xp_mapping_n_levels(&layer->request->mapping) * n * m * cell;
        if (spec->input == XP_IN_NORMS) unit.work += upper_work(layer);
        snprintf(unit.key, sizeof unit.key, "condition/%s/%s", spec->name,
                 spec->target != NULL ? spec->target : "in-category");
        ok = add_unit(layer, unit);
    }
    if (ok && layer->request->wants_length)
        ok = add_unit(layer,
                      (xp_unit){.kind = XP_UNIT_LENGTH, .work = refit + n * m * 200, .key = "description-length"});
    if (layer->design->permutations == 0) return ok;
    if (ok && layer->request->claims_mapping)
        ok = add_unit(layer,
                      (xp_unit){.kind = XP_UNIT_BASELINES, .work = 4 * refit + 10 * n * n * m, .key = "baselines"});
    if (ok && xp_request_has_condition(layer->request, "shuffle"))
        ok = add_unit(layer, (xp_unit){.kind = XP_UNIT_LINT,
                                       .work = (double)xp_design_lint_draws(layer->design) * refit,
                                       .key = "lint/shuffle"});
    for (size_t t = 0; ok && t < XP_N_TESTS && layer->design->refits > 0; t++)
        if (layer->has_test[t])
            ok = list_blocks(layer, (xp_unit){.kind = XP_UNIT_EFFECT, .index = t}, "effect", 0, layer->design->refits,
                             XP_REFIT_BLOCK, refit);
    return ok && list_tests(layer);
}

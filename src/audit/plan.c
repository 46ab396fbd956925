/* From norms, vectors and options to a list of units. */
#include "audit/plan_steps.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/network.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/rng.h"
#include "norms/norms.h"
#include "norms/vectors.h"
#include "tensor/blas.h"

const xp_unit *xp_plan_unit(const struct explaint_plan *plan, xp_unit_kind kind, size_t index) {
    for (size_t i = 0; i < plan->n_units; i++)
        if (plan->units[i].kind == kind && plan->units[i].index == index) return &plan->units[i];
    return NULL;
}

/* ---- units ---- */

/* Keys are unique in a ledger: a layer's begin with it. */
static bool add_unit(struct explaint_plan *plan, xp_unit unit) {
    if (plan->layer >= 0) {
        char key[sizeof unit.key];
        memcpy(key, unit.key, sizeof key);
        snprintf(unit.key, sizeof unit.key, "layer-%d/%.60s", plan->layer, key);
    }
    if (plan->n_units == plan->unit_capacity) {
        size_t capacity = plan->unit_capacity > 0 ? 2 * plan->unit_capacity : 64;
        xp_unit *grown = xp_realloc(plan->units, capacity, sizeof *grown);
        if (grown == NULL) return false;
        plan->units = grown;
        plan->unit_capacity = capacity;
    }
    plan->units[plan->n_units++] = unit;
    return true;
}

/* Products with M that a component takes: a kept Krylov basis, or NIPALS on norms (40 to 90 were seen). */
static double products(const struct explaint_plan *plan) { return plan->mapping.settings.nipals ? 80 : 10; }

static double most_components(const struct explaint_plan *plan) {
    return xp_plan_tells(plan, "n_components") ? plan->levels[plan->mapping.levels.count - 1] : 1;
}

static double own_work(const struct explaint_plan *plan, double d) {
    const xp_study *s = &plan->study;
    return plan->mapping.mapper->fit_work(&plan->mapping.settings, (double)s->n, d, (double)s->m, (double)s->n_folds);
}

/* Work of one fit over all folds, roughly: what progress and estimates are made of. A unit is a floating-point operation at a third of the rate of
 * a matrix product; M and its products run at that rate. prepared: what goes in is. */
static double fit_work(const struct explaint_plan *plan, double components, bool prepared) {
    const xp_study *s = &plan->study;
    if (plan->mapping.mapper->fit_work != NULL) return own_work(plan, (double)s->d);
    double n = (double)s->n, r = (double)(s->d < s->n ? s->d : s->n), pairs = (double)s->gold.y.start[s->n];
    double rows = (double)s->m < pairs / 3 ? (double)s->m : pairs / 3;
    double scoring = 2 * pairs * n / 10 + n * (double)s->m / 5;
    double one = 2 * pairs * r + (rows + 4 * components * products(plan)) * r * r / 3 + components * 4e5 + scoring;
    if (!prepared) one += .6 * n * (double)s->d * r;
    if (!xp_plan_tells(plan, "n_components")) one = scoring;
    if (xp_plan_tells(plan, "alpha") && plan->mapping.choose) /* weights of each penalty on each inner fold */
        one += (double)plan->mapping.levels.count * .3 * n * n * r;
    if (plan->mapping.choose) /* the inner folds: a fit each, and every level scored */
        one += XP_INNER_FOLDS * one + (double)plan->mapping.levels.count * 20 * scoring;
    return (double)s->n_folds * one;
}

/* The same where the norms predict themselves. */
static double upper_work(const struct explaint_plan *plan) {
    const xp_study *s = &plan->study;
    if (plan->mapping.mapper->fit_work != NULL) return own_work(plan, (double)s->m);
    double n = (double)s->n, most = most_components(plan), pairs = (double)s->gold.y.start[s->n];
    double one = fmin(2.5 * n * n * n, 6e4 * pairs * pow(most / 25, 1.6)); /* dense, or matrix-free (plsr_mapping.c) */
    if (plan->mapping.settings.nipals) one = most * products(plan) * (40 * pairs + 16 * most * n); /* bound by memory */
    return 10 * one * (plan->mapping.choose ? 1 + XP_INNER_FOLDS : 1);
}

/* Of one permutation: pairs of concepts that move, a number looked up for each, and multiplied by each weight (measured: about a nanosecond). */
static double permutation_work(const xp_permutation_test *test) {
    const double m = (double)test->blocks.n_movable;
    return m * m / 2 * (10 + 3 * (double)xp_permutation_test_n_draws(test->id));
}

static bool list_blocks(struct explaint_plan *plan, xp_unit unit, const char *what, size_t first, size_t last,
                        size_t block, double work) {
    bool ok = true;
    for (; ok && first <= last; first += block) {
        const size_t left = last - first + 1;
        unit.first = (uint32_t)first;
        unit.count = (uint32_t)(left < block ? left : block);
        unit.work = work * unit.count;
        snprintf(unit.key, sizeof unit.key, "%s/%s/%u", what, xp_permutation_test_key((xp_test_id)unit.index),
                 unit.first);
        ok = add_unit(plan, unit);
    }
    return ok;
}

static bool list_tests(struct explaint_plan *plan) {
    const double n = (double)plan->distinct.n, d = (double)plan->distinct.d;
    bool ok = true;
    for (size_t t = 0; ok && t < XP_N_TESTS; t++) {
        if (!plan->has_test[t]) continue;
        xp_unit unit = {.kind = XP_UNIT_OBSERVED, .index = t, .work = n * n * (d < n ? d : n)};
        snprintf(unit.key, sizeof unit.key, "test/%s/observed", xp_permutation_test_key((xp_test_id)t));
        ok =
            add_unit(plan, unit) && list_blocks(plan, (xp_unit){.kind = XP_UNIT_PERMUTATIONS, .index = t}, "test", 1,
                                                plan->options.permutations, XP_BLOCK, permutation_work(&plan->test[t]));
    }
    if (ok && plan->has_test[XP_E1])
        ok = add_unit(plan, (xp_unit){.kind = XP_UNIT_WORD_FORM, .work = 4 * n * n * d, .key = "word-form"});
    return ok;
}

static bool list_units(struct explaint_plan *plan) {
    const double n = (double)plan->study.n, m = (double)plan->study.m;
    const double most = most_components(plan);
    const double cell = plan->metrics & XP_NEIGHBOUR_METRICS ? 40 + n : 10; /* to score one of n x m */
    const double fit = fit_work(plan, most, false), refit = fit_work(plan, plan->verdict_level, true);
    bool ok = add_unit(plan, (xp_unit){.kind = XP_UNIT_CONCEPTS, .work = 1, .key = "concepts"});
    if (ok && plan->shares == NULL) /* the same for every layer */
        ok = add_unit(plan, (xp_unit){.kind = XP_UNIT_FEATURES, .work = 1, .key = "features"});
    for (size_t c = 0; ok && c < xp_n_conditions; c++) {
        const xp_condition_spec *spec = &xp_conditions[c];
        if (!plan->runs_condition[c] || (plan->shares != NULL && !xp_condition_sees_vectors(spec))) continue;
        xp_unit unit = {.kind = XP_UNIT_CONDITION, .index = c};
        unit.work = fit + (double)xp_mapping_n_levels(&plan->mapping) * n * m * cell;
        if (spec->input == XP_IN_NORMS) unit.work += upper_work(plan);
        snprintf(unit.key, sizeof unit.key, "condition/%s/%s", spec->name,
                 spec->target != NULL ? spec->target : "in-category");
        ok = add_unit(plan, unit);
    }
    if (ok && plan->wants_length)
        ok =
            add_unit(plan, (xp_unit){.kind = XP_UNIT_LENGTH, .work = refit + n * m * 200, .key = "description-length"});
    if (plan->options.permutations == 0) return ok;
    if (ok && plan->claims_mapping)
        ok = add_unit(plan,
                      (xp_unit){.kind = XP_UNIT_BASELINES, .work = 4 * refit + 10 * n * n * m, .key = "baselines"});
    if (ok && plan->lint_shuffle)
        ok = add_unit(
            plan,
            (xp_unit){.kind = XP_UNIT_LINT, .work = (double)xp_plan_lint_draws(plan) * refit, .key = "lint/shuffle"});
    for (size_t t = 0; ok && t < XP_N_TESTS && plan->options.refits > 0; t++)
        if (plan->has_test[t])
            ok = list_blocks(plan, (xp_unit){.kind = XP_UNIT_EFFECT, .index = t}, "effect", 0, plan->options.refits,
                             XP_REFIT_BLOCK, refit);
    return ok && list_tests(plan);
}

/* ---- the plan ---- */

/* With --group-identical folds depend on the vectors. */
static bool same_folds(const xp_study *a, const xp_study *b) {
    return a->n == b->n && a->n_folds == b->n_folds &&
           memcmp(a->concept_of, b->concept_of, a->n * sizeof *a->concept_of) == 0 &&
           memcmp(a->fold, b->fold, a->n * sizeof *a->fold) == 0;
}

static explaint_status make_plan(struct explaint_plan *plan, explaint_error *error) {
    explaint_status status = xp_plan_check_options(plan, error);
    if (status != EXPLAINT_OK) return status;
    plan->runs_condition = xp_calloc(xp_n_conditions, 1);
    if (plan->runs_condition == NULL) return xp_no_memory(error, "the plan");
    status = xp_plan_read_names(plan, error);
    if (status == EXPLAINT_OK)
        status = xp_study_create(&plan->study, &plan->notes, plan->norms, plan->vectors, &plan->options, error);
    if (status == EXPLAINT_OK) status = xp_plan_check_k(plan, error);
    if (status != EXPLAINT_OK) return status;
    xp_plan_keep_served(plan);
    for (size_t c = 0; c < xp_n_conditions; c++) {
        const char *why, *name = xp_conditions[c].name;
        if (!plan->runs_condition[c] || xp_condition_possible(&plan->study, &xp_conditions[c], &why)) continue;
        plan->runs_condition[c] = 0;
        bool said = c > 0 && strcmp(name, xp_conditions[c - 1].name) == 0;
        if (xp_conditions[c].target != NULL && !said &&
            !xp_strings_addf(&plan->notes.notes, "condition %s does not run: %s", name, why))
            return xp_no_memory(error, "the plan");
    }
    xp_plan_add_means(plan, xp_plan_asks_for(plan->options.conditions, "mean"));
    xp_plan_keep_served(plan);
    plan->metric = plan->study.dense ? XP_SPEARMAN : XP_F1_AT_10;
    plan->metrics |= 1u << plan->metric;
    status = xp_plan_check_length(plan, error);
    if (status != EXPLAINT_OK) return status;
    if (!xp_plan_list_levels(plan)) return xp_no_memory(error, "the plan");
    status = xp_plan_read_adjust(&plan->options, &plan->adjust, error);
    if (status != EXPLAINT_OK) return status;
    if (!xp_study_distinct(&plan->study, &plan->distinct)) return xp_no_memory(error, "the study");
    status = xp_plan_check_covariates(plan, error);
    if (status != EXPLAINT_OK) return status;
    xp_plan_count_draws(plan);
    plan->lint_shuffle = xp_plan_asks_for(plan->options.conditions, "shuffle");
    if (plan->by_category && plan->study.n_categories == 0)
        return xp_fail(error, EXPLAINT_INVALID, plan->norms->path, 0,
                       "intervals over categories need concepts with a category, and none has one: give a file of "
                       "categories, or intervals over concepts");
    if (plan->options.permutations > 0 &&
        !xp_permutation_tests_make(&plan->distinct, plan->options.within, plan->has_test, plan->test))
        return xp_no_memory(error, "the tests");
    if (plan->shares != NULL && !same_folds(&plan->shares->study, &plan->study)) plan->shares = NULL;
    if (!list_units(plan) || !xp_plan_list_settings(plan) || !xp_plan_write_identity(plan))
        return xp_no_memory(error, "the plan");
    plan->predictions = xp_calloc(xp_n_conditions, sizeof *plan->predictions);
    return plan->predictions != NULL ? EXPLAINT_OK : xp_no_memory(error, "the plan");
}

bool xp_plan_same_file(const explaint_vectors *a, const explaint_vectors *b) {
    return strcmp(a->path, b->path) == 0 && strcmp(a->sha256.array, b->sha256.array) == 0;
}

static explaint_status plan_part(const explaint_norms *norms, const explaint_vectors *vectors, int layer,
                                 const struct explaint_plan *first, const explaint_infer_options *options,
                                 explaint_plan **plan, explaint_error *error) {
    struct explaint_plan *made = xp_calloc(1, sizeof *made);
    if (made == NULL) return xp_no_memory(error, "the plan");
    made->norms = norms;
    made->vectors = vectors;
    made->layer = layer;
    made->shares = first;
    explaint_status status =
        xp_plan_copy_options(made, options) ? make_plan(made, error) : xp_no_memory(error, "the plan");
    if (status == EXPLAINT_OK)
        *plan = made;
    else
        explaint_plan_close(made);
    return status;
}

explaint_status explaint_infer_plan(const explaint_norms *norms, const explaint_vectors *vectors,
                                    const explaint_infer_options *options, explaint_plan **plan,
                                    explaint_error *error) {
    *plan = NULL;
    xp_blas_single_thread();
    explaint_infer_options defaults = explaint_infer_defaults();
    if (options != NULL) {
        xp_adjust adjust;
        explaint_status status = xp_plan_read_adjust(options, &adjust, error);
        if (status != EXPLAINT_OK) return status;
        if (strcmp(options->adjust, "default") != 0 && adjust != XP_ADJUST_NONE)
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                           "adjust \"%s\" needs several layers, whose p-values it adjusts together: leave it out",
                           options->adjust);
    }
    return plan_part(norms, vectors, -1, NULL, options != NULL ? options : &defaults, plan, error);
}

/* ---- layer by layer ---- */

static explaint_status check_layers(const explaint_layer *layers, size_t n_layers,
                                    const explaint_infer_options *options, explaint_error *error) {
    if (n_layers == 0) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at least one layer, found none");
    for (size_t i = 0; i < n_layers; i++)
        if (layers[i].number < 0 || layers[i].number > 100000 || (i > 0 && layers[i].number <= layers[i - 1].number))
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected layers from 0 to 100000 that ascend, found %d",
                           layers[i].number);
    xp_adjust adjust;
    explaint_status known = xp_plan_read_adjust(options, &adjust, error);
    if (known != EXPLAINT_OK) return known;
    if (options->keep_predictions)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "predictions are kept for one layer at a time; run the layer alone");
    return EXPLAINT_OK;
}

/* The permutations of one layer are those of the other only if the same concepts are permuted. */
static explaint_status same_concepts(const struct explaint_plan *a, const struct explaint_plan *b,
                                     explaint_error *error) {
    if (a->study.n == b->study.n &&
        memcmp(a->study.concept_of, b->study.concept_of, a->study.n * sizeof *a->study.concept_of) == 0)
        return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, b->vectors->path, 0,
                   "expected vectors of the same concepts in every layer, found %zu concepts in layer %d and %zu in "
                   "layer %d, or others",
                   a->study.n, a->layer, b->study.n, b->layer);
}

explaint_status explaint_infer_plan_layers(const explaint_norms *norms, const explaint_layer *layers, size_t n_layers,
                                           const explaint_infer_options *options, explaint_plan **plan,
                                           explaint_error *error) {
    *plan = NULL;
    xp_blas_single_thread();
    explaint_infer_options defaults = explaint_infer_defaults();
    if (options == NULL) options = &defaults;
    explaint_status status = check_layers(layers, n_layers, options, error);
    if (status != EXPLAINT_OK) return status;
    struct explaint_plan *made = xp_calloc(1, sizeof *made);
    if (made == NULL) return xp_no_memory(error, "the plan");
    made->norms = norms;
    made->vectors = layers[0].vectors;
    made->layer = -1;
    made->part = xp_calloc(n_layers, sizeof *made->part);
    xp_plan_read_adjust(options, &made->adjust, NULL);
    if (made->part == NULL || !xp_plan_copy_options(made, options)) status = xp_no_memory(error, "the plan");
    explaint_infer_options asked = *options;
    for (size_t i = 0; i < n_layers && status == EXPLAINT_OK; i++) {
        status = plan_part(norms, layers[i].vectors, layers[i].number, i > 0 ? made->part[0] : NULL, &asked,
                           &made->part[i], error);
        if (status != EXPLAINT_OK) break;
        made->n_parts++;
        made->options.permutations = made->part[0]->options.permutations; /* twins differ between layers, B does not */
        asked.permutations = made->options.permutations;
        status = same_concepts(made->part[0], made->part[i], error);
    }
    if (status == EXPLAINT_OK && !xp_plan_summarise_parts(made, layers)) status = xp_no_memory(error, "the plan");
    if (status == EXPLAINT_OK)
        *plan = made;
    else
        explaint_plan_close(made);
    return status;
}

void explaint_plan_close(explaint_plan *plan) {
    if (plan == NULL) return;
    for (size_t p = 0; p < plan->n_parts; p++) explaint_plan_close(plan->part[p]);
    xp_free(plan->part);
    xp_strings_free(&plan->texts);
    xp_free(plan->components);
    xp_free(plan->levels);
    xp_study_free(&plan->study);
    xp_study_free(&plan->distinct);
    xp_study_notes_free(&plan->notes);
    xp_free(plan->runs_condition);
    for (size_t t = 0; t < XP_N_TESTS; t++) xp_permutation_test_free(&plan->test[t]);
    for (size_t i = 0; i < plan->n_units; i++) xp_unit_clear(&plan->units[i]);
    xp_free(plan->units);
    for (size_t c = 0; plan->predictions != NULL && c < xp_n_conditions; c++) xp_free(plan->predictions[c]);
    xp_free(plan->predictions);
    xp_free(plan->identity);
    xp_strings_free(&plan->command);
    xp_strings_free(&plan->setting_keys);
    xp_strings_free(&plan->setting_values);
    xp_free(plan);
}

const char *explaint_plan_identity(const explaint_plan *plan) { return plan->identity; }

size_t explaint_plan_n_units(const explaint_plan *plan) {
    size_t count = 0;
    for (size_t p = 0; p < xp_plan_n_parts(plan); p++) count += xp_plan_part(plan, p)->n_units;
    return count;
}

const char *explaint_plan_unit(const explaint_plan *plan, size_t i) {
    size_t p = 0;
    while (i >= xp_plan_part(plan, p)->n_units) i -= xp_plan_part(plan, p++)->n_units;
    return xp_plan_part(plan, p)->units[i].key;
}

const char *explaint_plan_covariate(const explaint_plan *plan, size_t i) {
    const xp_strings *names = &xp_plan_part(plan, 0)->notes.covariates;
    return i < names->count ? names->item[i] : NULL;
}

/* The relation, the packed weights of each test, two square matrices of each that is being made; the input sides of refits, of the lint and of
 * conditions. */
static double tests_memory(const explaint_plan *plan, double threads, double r) {
    const double n = (double)plan->distinct.n, folds = (double)plan->study.n_folds;
    double doubles = plan->options.permutations > 0 ? n * n * (1 + 2 * threads) : 0;
    doubles += 2 * folds * (n * r + r * r);
    for (size_t t = 0; t < XP_N_TESTS; t++) {
        if (!plan->has_test[t]) continue;
        const double m = (double)plan->test[t].blocks.n_movable;
        doubles += m * m / 2 * (double)xp_permutation_test_n_draws((xp_test_id)t);
        if (plan->options.refits == 0) continue;
        doubles += folds * (n * r + r * r);
        if (plan->mapping.choose) doubles += 2 * fmin(XP_INPUTS_KEEP / 8, folds * XP_INNER_FOLDS * n * r);
    }
    return 8 * doubles;
}

double explaint_plan_memory(const explaint_plan *plan) {
    if (plan->n_parts > 0) { /* one part runs at a time; what all hold is small beside it */
        double studies = 0, largest = 0;
        for (size_t p = 0; p < plan->n_parts; p++) {
            const xp_study *s = &plan->part[p]->study;
            studies += 2 * (double)s->n * (double)s->d * 8;
            largest = fmax(largest, explaint_plan_memory(plan->part[p]));
        }
        return studies + largest;
    }
    const xp_study *s = &plan->study;
    double threads = xp_pool_threads(plan->options.threads), n = (double)s->n, m = (double)s->m, d = (double)s->d;
    double r = d < n ? d : n, most = most_components(plan), levels = (double)xp_mapping_n_levels(&plan->mapping);
    double scores = (levels * n * (XP_N_METRICS * 16 + 40) + n * XP_TOP * (5 + 8 * XP_N_SPACES)) * 24;
    double unit = 2 * n * m + (m + n) * r + n * n * 3 + 2 * n * d + most * n * (double)s->n_folds; /* doubles */
    if (plan->mapping.choose) unit += n * m / 5 + (m + n) * r + 2 * n * n + 2 * n * d; /* an inner fit beside it */
    if (plan->mapping.mapper->fit_memory != NULL)
        unit += plan->mapping.mapper->fit_memory(&plan->mapping.settings, n, d, m);
    double kept = plan->options.keep_predictions ? 24 * levels * n * m * 8 : 0;
    return threads * unit * 8 + scores + kept + tests_memory(plan, threads, r) + 3e7;
}

/* The estimated work at a third of the rate of a matrix product, from a short measurement. */
double explaint_plan_seconds(const explaint_plan *plan) {
    enum { N = 256 };
    double work = 0, *a = xp_calloc(3 * N * N, sizeof *a);
    if (a == NULL) return 0;
    struct timespec from, to;
    xp_gemm(false, false, N, N, N, 1, a, N, a + N * N, N, 0, a + 2 * N * N, N);
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < 4; i++) xp_gemm(false, false, N, N, N, 1, a, N, a + N * N, N, 0, a + 2 * N * N, N);
    clock_gettime(CLOCK_MONOTONIC, &to);
    xp_free(a);
    double seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    double rate = 4 * 2.0 * N * N * N / (seconds > 0 ? seconds : 1e-9);
    for (size_t p = 0; p < xp_plan_n_parts(plan); p++)
        for (size_t i = 0; i < xp_plan_part(plan, p)->n_units; i++) work += xp_plan_part(plan, p)->units[i].work;
    return 3 * work / rate / xp_pool_threads(plan->options.threads);
}

/* One unit of a plan, from its inputs to its bytes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/length.h"
#include "audit/plan.h"
#include "audit/reading.h"
#include "base/memory.h"
#include "base/rng.h"
#include "norms/norms.h"

/* ---- kinds ---- */

static xp_inner_cv inner_cv_of(const struct explaint_plan *plan) {
    return (xp_inner_cv){.metric = plan->metric,
                         .seed = plan->options.seed,
                         .twin = plan->options.group_identical ? plan->study.twin : NULL};
}

xp_problem xp_plan_problem(const struct explaint_plan *plan, const xp_mapping *mapping) {
    const xp_inner_cv inner_cv = inner_cv_of(plan);
    return xp_problem_of(&plan->study, mapping, &inner_cv);
}

/* What a report shows is of the verdict's level. */
static size_t shown_level(const struct explaint_plan *plan, size_t n_levels) {
    size_t level = n_levels - 1;
    for (size_t k = 0; n_levels > 1 && k < n_levels; k++)
        if (plan->levels[k] == plan->verdict_level) level = k;
    return level;
}

static bool run_condition(const struct explaint_plan *plan, xp_unit *unit, double *predictions, explaint_error *error) {
    const xp_condition_spec *spec = &xp_conditions[unit->index];
    const xp_inner_cv inner_cv = inner_cv_of(plan);
    xp_prepared p;
    if (!xp_condition_prepare(&plan->study, spec, &plan->mapping, &inner_cv, &p)) return false;
    if (plan->inputs.input != NULL && xp_condition_shares_input(spec)) p.problem.inputs = &plan->inputs;
    xp_scores scores;
    bool ok = xp_scores_alloc(&scores, plan->study.n, xp_mapping_n_levels(&p.problem.mapping), p.problem.n_folds);
    if (ok) {
        const xp_mapping *mapping = &p.problem.mapping;
        scores.shown.neighbours = spec->target != NULL && spec->gold == XP_GOLD_NORMS;
        ok = (!xp_condition_keeps_features(spec) || xp_scores_show(&scores, shown_level(plan, scores.n_levels))) &&
             (mapping->mapper->n_epochs == NULL ||
              xp_scores_keep_losses(&scores, mapping->mapper->n_epochs(&mapping->settings)));
        ok = ok && xp_evaluate(&p.problem, plan->metrics, &scores, predictions, error) &&
             xp_units_scores_pack(&scores, plan->metrics, &unit->bytes, &unit->size);
        xp_scores_free(&scores);
    }
    xp_prepared_free(&p);
    return ok;
}

/* What the places of strongest features mean, and who has them. */
static bool run_features(const struct explaint_plan *plan, xp_unit *unit) {
    const xp_study *s = &plan->study;
    const char **name = xp_alloc(s->m, sizeof *name);
    for (size_t j = 0; name != NULL && j < s->m; j++) name[j] = plan->norms->features.item[s->feature_of[j]];
    const bool ok = name != NULL && xp_units_features_pack(&s->gold.y, name, &unit->bytes, &unit->size);
    xp_free(name);
    return ok;
}

/* Whose scores they are: twins are those that tests see as one. */
static bool run_concepts(const struct explaint_plan *plan, xp_unit *unit) {
    const xp_study *s = &plan->study;
    const char **name = xp_alloc(s->n, sizeof *name);
    for (size_t i = 0; name != NULL && i < s->n; i++) name[i] = plan->norms->concepts.item[s->concept_of[i]];
    const xp_concepts concepts = {.n = s->n, .fold = s->fold, .twin = s->tested, .label = s->label, .name = name};
    const bool ok = name != NULL && xp_units_concepts_pack(&concepts, &unit->bytes, &unit->size);
    xp_free(name);
    return ok;
}

static double *room(xp_unit *unit, size_t count) { return unit->value = xp_alloc(count, sizeof(double)); }

static bool run_observed(const struct explaint_plan *plan, xp_unit *unit) {
    const xp_permutation_test *test = &plan->test[unit->index];
    unit->observed.left_out = room(unit, plan->study.n);
    return unit->value != NULL && xp_permutation_test_observe(test, plan->options.seed, plan->study.n,
                                                              plan->study.concept_of, &unit->observed);
}

static bool run_permutations(const struct explaint_plan *plan, xp_unit *unit) {
    const xp_permutation_test *test = &plan->test[unit->index];
    double *out = room(unit, xp_permutation_test_n_draws(test->id) * unit->count);
    return out != NULL && xp_permutation_test_permute(test, plan->options.seed, unit->first, unit->count, out);
}

static bool run_effect(const struct explaint_plan *plan, xp_unit *unit, explaint_error *error) {
    double *out = room(unit, unit->count);
    return out != NULL && xp_refits_run(&plan->refits[unit->index], unit->first, unit->count, out, error);
}

static bool run_word_form(const struct explaint_plan *plan, xp_unit *unit) {
    const xp_study *s = &plan->distinct;
    double *out = room(unit, 2 * s->n);
    return out != NULL && xp_reading_predict(s, s->x, s->d, NULL, 0, plan->metric, out) &&
           xp_reading_predict(s, s->spelling, XP_SPELLING, NULL, 0, plan->metric, out + s->n);
}

/* The mapping and what it is compared with, on one concept per equal vector (docs/methods.md#mapping). */
static bool run_baselines(const struct explaint_plan *plan, xp_unit *unit, explaint_error *error) {
    const xp_study *s = &plan->distinct;
    const size_t n = s->n, count = xp_units_columns_size(&xp_units_baselines, n, s->n_folds);
    const xp_inner_cv inner_cv = {.metric = plan->metric, .seed = plan->options.seed};
    double *out = room(unit, count);
    if (out == NULL) return false;
    for (size_t i = 0; i < XP_N_BASELINES * n; i++) out[i] = NAN;
    for (size_t i = XP_N_BASELINES * n; i < count; i++) out[i] = 0;
    int *label = xp_alloc(n, sizeof *label);
    uint8_t *member = xp_alloc(n, 1);
    bool ok = label != NULL && member != NULL &&
              xp_reading_predict(s, s->x, s->d, s->fold, s->n_folds, plan->metric, out + XP_BASELINE_READER * n);
    size_t categories = ok ? xp_study_categories_of_size(s->label, n, s->n_labels, XP_LEAST_CATEGORY, label) : 0;
    for (size_t i = 0; ok && i < n; i++) member[i] = label[i] >= 0;
    const xp_mapping mappings[] = {
        [XP_BASELINE_SYSTEM] = plan->verdict,
        [XP_BASELINE_MEAN] = {.mapper = &xp_mean_mapper},
        [XP_BASELINE_KNN] = {.mapper = &xp_knn_mapper, .levels = xp_k_choices, .choose = true},
        [XP_BASELINE_BOTTLENECK] = {.mapper = &xp_bottleneck_mapper,
                                    .settings = {.group_size = XP_GROUP, .dense = s->dense}},
        [XP_BASELINE_LABEL] = {.mapper = &xp_label_mean_mapper}};
    for (size_t k = 0; ok && k <= XP_BASELINE_LABEL; k++) {
        xp_problem p = xp_problem_of(s, &mappings[k], &inner_cv);
        if (k == XP_BASELINE_LABEL) {
            if (categories == 0) continue;
            p.all_train = true;
            p.label = label;
            p.member = member;
        }
        xp_scores scores;
        ok = xp_scores_alloc(&scores, n, 1, s->n_folds);
        if (!ok) break;
        ok = xp_evaluate(&p, 1u << plan->metric, &scores, NULL, error);
        for (size_t i = 0; ok && i < n; i++) {
            xp_score score = xp_score_at(&scores, 0, i)[plan->metric];
            if (score.den > 0) out[k * n + i] = score.num / score.den;
        }
        double *level = out + XP_N_BASELINES * n + (k == XP_BASELINE_KNN ? s->n_folds : 0);
        for (size_t f = 0; (k == XP_BASELINE_SYSTEM || k == XP_BASELINE_KNN) && f < s->n_folds; f++)
            level[f] = k == XP_BASELINE_SYSTEM && xp_plan_tells(plan, "alpha") ? scores.chosen[f] : scores.note[f].used;
        xp_scores_free(&scores);
    }
    xp_free(label);
    xp_free(member);
    return ok;
}

void xp_plan_test_values(const struct explaint_plan *plan, xp_test_id id, size_t which, double *value) {
    const xp_units_observed *observed = &xp_plan_unit(plan, XP_UNIT_OBSERVED, id)->observed;
    const double divisor = which == XP_BY_READER       ? observed->divisor
                           : which == XP_BY_NEIGHBOURS ? observed->peer_divisor
                                                       : 1;
    value[0] = observed->t[which] / divisor;
    for (size_t u = 0; u < plan->n_units; u++) {
        const xp_unit *unit = &plan->units[u];
        if (unit->kind != XP_UNIT_PERMUTATIONS || unit->index != (size_t)id) continue;
        const double *t = unit->value + which * unit->count;
        for (size_t b = 0; b < unit->count; b++) value[unit->first + b] = t[b] / divisor;
    }
}

/* Does the mapping beat the mean predictor on shuffled features? A difference a draw. */
static bool run_lint(const struct explaint_plan *plan, xp_unit *unit, explaint_error *error) {
    const size_t draws = xp_plan_lint_draws(plan);
    double *out = room(unit, draws);
    xp_inputs inputs = {0};
    xp_problem p = xp_plan_problem(plan, &plan->test_mapping), mean = p;
    mean.mapping = (xp_mapping){.mapper = &xp_mean_mapper};
    bool ok = out != NULL && xp_inputs_create(&inputs, &p) && xp_inputs_keep(&inputs);
    p.inputs = &inputs;
    for (uint32_t draw = 0; ok && draw < draws; draw++) {
        xp_gold shuffled = {0};
        double by_mapping, by_mean;
        ok = xp_control_shuffle_columns(&plan->study.gold, NULL, plan->options.seed, XP_RNG_LINT_SHUFFLE, draw,
                                        &shuffled);
        p.target = mean.target = xp_study_target(&shuffled, NULL);
        ok = ok && xp_evaluate_mean(&p, plan->metric, &by_mapping, error) &&
             xp_evaluate_mean(&mean, plan->metric, &by_mean, error);
        if (ok) out[draw] = isnan(by_mapping - by_mean) ? 0 : by_mapping - by_mean;
        xp_gold_free(&shuffled);
    }
    xp_inputs_free(&inputs);
    return ok;
}

bool xp_unit_run(const struct explaint_plan *plan, xp_unit *unit, double *predictions, explaint_error *error) {
    bool ok = false;
    switch (unit->kind) {
    case XP_UNIT_CONCEPTS: ok = run_concepts(plan, unit); break;
    case XP_UNIT_FEATURES: ok = run_features(plan, unit); break;
    case XP_UNIT_CONDITION: ok = run_condition(plan, unit, predictions, error); break;
    case XP_UNIT_OBSERVED: ok = run_observed(plan, unit); break;
    case XP_UNIT_PERMUTATIONS: ok = run_permutations(plan, unit); break;
    case XP_UNIT_EFFECT: ok = run_effect(plan, unit, error); break;
    case XP_UNIT_WORD_FORM: ok = run_word_form(plan, unit); break;
    case XP_UNIT_BASELINES: ok = run_baselines(plan, unit, error); break;
    case XP_UNIT_LINT: ok = run_lint(plan, unit, error); break;
    case XP_UNIT_LENGTH:
        ok = room(unit, XP_N_CODES * plan->study.n) != NULL && xp_length_of_description(plan, unit->value, error);
        break;
    }
    if (!ok) xp_unit_clear(unit);
    return ok;
}

void xp_unit_clear(xp_unit *unit) {
    xp_free(unit->value);
    xp_free(unit->bytes);
    unit->value = NULL;
    unit->bytes = NULL;
    unit->observed.left_out = NULL;
}

/* ---- for a store ---- */

/* A unit that is columns: which ones, and of how many rows and folds. NULL: it is none. */
static const xp_units_columns *columns_of(const struct explaint_plan *plan, const xp_unit *unit, size_t *n,
                                          size_t *n_folds) {
    *n_folds = plan->distinct.n_folds;
    switch (unit->kind) {
    case XP_UNIT_EFFECT: *n = unit->count; return &xp_units_refits;
    case XP_UNIT_WORD_FORM: *n = plan->distinct.n; return &xp_units_word_form;
    case XP_UNIT_BASELINES: *n = plan->distinct.n; return &xp_units_baselines;
    case XP_UNIT_LINT: *n = xp_plan_lint_draws(plan); return &xp_units_lint;
    case XP_UNIT_LENGTH: *n = plan->study.n; return &xp_units_length;
    default: return NULL;
    }
}

bool xp_unit_pack(const struct explaint_plan *plan, const xp_unit *unit, void **bytes, size_t *size) {
    const xp_units_arms arms = xp_permutation_test_arms((xp_test_id)unit->index);
    size_t n, n_folds;
    const xp_units_columns *columns = columns_of(plan, unit, &n, &n_folds);
    if (columns != NULL) return xp_units_columns_pack(columns, n, n_folds, unit->value, bytes, size);
    if (unit->kind == XP_UNIT_OBSERVED) return xp_units_observed_pack(&unit->observed, &arms, bytes, size);
    if (unit->kind == XP_UNIT_PERMUTATIONS) return xp_units_drawn_pack(unit->value, unit->count, &arms, bytes, size);
    *size = unit->size;
    *bytes = xp_alloc(unit->size, 1);
    if (*bytes != NULL) memcpy(*bytes, unit->bytes, unit->size);
    return *bytes != NULL;
}

static bool unpack_test(const struct explaint_plan *plan, xp_unit *unit, const void *bytes, size_t size) {
    const xp_units_arms arms = xp_permutation_test_arms((xp_test_id)unit->index);
    const bool observed = unit->kind == XP_UNIT_OBSERVED;
    double *t[XP_UNITS_ARMS] = {NULL};
    if (room(unit, observed ? plan->study.n : xp_units_n_arms(&arms) * unit->count) == NULL) return false;
    for (size_t k = 0; !observed && k < xp_units_n_arms(&arms); k++) t[k] = unit->value + k * unit->count;
    unit->observed = (xp_units_observed){.n = plan->study.n, .left_out = unit->value};
    return (observed ? xp_units_observed_unpack(&unit->observed, &arms, bytes, size)
                     : xp_units_drawn_unpack(t, unit->count, &arms, bytes, size)) == EXPLAINT_OK;
}

static bool is_concepts(const struct explaint_plan *plan, const void *bytes, size_t size) {
    xp_concepts concepts;
    const bool ok = xp_units_concepts_unpack(bytes, size, &concepts) == EXPLAINT_OK && concepts.n == plan->study.n;
    xp_concepts_free(&concepts);
    return ok;
}

static bool is_features(const struct explaint_plan *plan, const void *bytes, size_t size) {
    xp_units_features features;
    const bool ok = xp_units_features_unpack(bytes, size, &features) == EXPLAINT_OK &&
                    features.gold.n == plan->study.n && features.gold.m == plan->study.m;
    xp_units_features_free(&features);
    return ok;
}

static bool is_condition(const struct explaint_plan *plan, const void *bytes, size_t size) {
    xp_scores s;
    unsigned found;
    bool ok = xp_units_scores_unpack(bytes, size, plan->study.n, plan->metrics, &s, &found) == EXPLAINT_OK &&
              found == plan->metrics;
    const int m = (int)plan->study.m > XP_SPELLING ? (int)plan->study.m : XP_SPELLING;
    for (size_t i = 0; ok && i < s.n_levels * s.n * XP_TOP; i++) ok = s.top[i] >= -1 && s.top[i] < m;
    ok = ok && (s.n_epochs == 0 || (plan->mapping.mapper->n_epochs != NULL &&
                                    s.n_epochs == plan->mapping.mapper->n_epochs(&plan->mapping.settings)));
    ok = ok && (s.n_levels == xp_mapping_n_levels(&plan->mapping) || s.n_levels == 1);
    xp_scores_free(&s);
    return ok;
}

bool xp_unit_unpack(const struct explaint_plan *plan, xp_unit *unit, void *bytes, size_t size) {
    size_t n, n_folds;
    const xp_units_columns *columns = columns_of(plan, unit, &n, &n_folds);
    bool ok;
    if (unit->kind == XP_UNIT_CONCEPTS || unit->kind == XP_UNIT_FEATURES || unit->kind == XP_UNIT_CONDITION) {
        unit->bytes = bytes;
        unit->size = size;
        ok = unit->kind == XP_UNIT_CONCEPTS   ? is_concepts(plan, bytes, size)
             : unit->kind == XP_UNIT_FEATURES ? is_features(plan, bytes, size)
                                              : is_condition(plan, bytes, size);
    } else {
        ok = columns != NULL ? room(unit, xp_units_columns_size(columns, n, n_folds)) != NULL &&
                                   xp_units_columns_unpack(columns, n, n_folds, unit->value, bytes, size) == EXPLAINT_OK
                             : unpack_test(plan, unit, bytes, size);
        free(bytes);
    }
    if (!ok) xp_unit_clear(unit);
    return ok;
}

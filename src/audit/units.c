/* One unit of a plan, from its inputs to its bytes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/execution.h"
#include "audit/length.h"
#include "audit/reading.h"
#include "base/memory.h"
#include "base/rng.h"
#include "norms/norms.h"

/* ---- kinds ---- */

/* What a report shows is of the verdict's level. */
static size_t shown_level(const xp_request *request, size_t n_levels) {
    size_t level = n_levels - 1;
    for (size_t k = 0; n_levels > 1 && k < n_levels; k++)
        if (request->levels[k] == request->verdict_level) level = k;
    return level;
}

static bool run_condition(const xp_execution *e, const xp_unit *unit, xp_unit_output *out, explaint_error *error) {
    const xp_study *s = &e->layer->study;
    const xp_condition_spec *spec = &xp_conditions[unit->index];
    const xp_inner_cv inner_cv = xp_design_inner_cv(e->layer);
    const unsigned metrics = e->layer->design->metrics;
    double *predictions = e->predictions != NULL ? e->predictions[unit->index] : NULL;
    xp_prepared p;
    if (!xp_condition_prepare(s, spec, &e->layer->request->mapping, &inner_cv, &p)) return false;
    if (e->inputs.input != NULL && xp_condition_shares_input(spec)) p.problem.inputs = &e->inputs;
    const xp_mapping *mapping = &p.problem.mapping;
    xp_scores scores;
    bool ok = xp_scores_alloc(&scores, s->n, xp_mapping_n_levels(mapping), p.problem.n_folds);
    if (ok) {
        scores.shown.neighbours = spec->target != NULL && spec->gold == XP_GOLD_NORMS;
        ok = (!xp_condition_keeps_features(spec) ||
              xp_scores_show(&scores, shown_level(e->layer->request, scores.n_levels))) &&
             (mapping->mapper->n_epochs == NULL ||
              xp_scores_keep_losses(&scores, mapping->mapper->n_epochs(&mapping->settings))) &&
             xp_evaluate(&p.problem, metrics, &scores, predictions, error) &&
             xp_units_scores_pack(&scores, metrics, &out->bytes, &out->size);
        xp_scores_free(&scores);
    }
    xp_prepared_free(&p);
    return ok;
}

/* What the places of strongest features mean, and who has them. */
static bool run_features(const xp_design_layer *layer, xp_unit_output *out) {
    const xp_study *s = &layer->study;
    const char **name = xp_alloc(s->m, sizeof *name);
    for (size_t j = 0; name != NULL && j < s->m; j++) name[j] = layer->design->norms->features.item[s->feature_of[j]];
    const bool ok = name != NULL && xp_units_features_pack(&s->gold.y, name, &out->bytes, &out->size);
    xp_free(name);
    return ok;
}

/* Whose scores they are: twins are those that tests see as one. */
static bool run_concepts(const xp_design_layer *layer, xp_unit_output *out) {
    const xp_study *s = &layer->study;
    const char **name = xp_alloc(s->n, sizeof *name);
    for (size_t i = 0; name != NULL && i < s->n; i++) name[i] = layer->design->norms->concepts.item[s->concept_of[i]];
    const xp_concepts concepts = {.n = s->n, .fold = s->fold, .twin = s->tested, .label = s->label, .name = name};
    const bool ok = name != NULL && xp_units_concepts_pack(&concepts, &out->bytes, &out->size);
    xp_free(name);
    return ok;
}

static double *room(xp_unit_output *out, size_t count) { return out->value = xp_alloc(count, sizeof(double)); }

static bool run_observed(const xp_execution *e, const xp_unit *unit, xp_unit_output *out) {
    const xp_study *s = &e->layer->study;
    out->observed.left_out = room(out, s->n);
    return out->value != NULL && xp_statistic_observe(&e->statistic[unit->index], e->layer->request->options.seed, s->n,
                                                      s->concept_of, &out->observed);
}

static bool run_permutations(const xp_execution *e, const xp_unit *unit, xp_unit_output *out) {
    return room(out, xp_permutation_test_n_draws((xp_test_id)unit->index) * unit->count) != NULL &&
           xp_statistic_permute(&e->statistic[unit->index], e->layer->request->options.seed, unit->first, unit->count,
                                out->value);
}

static bool run_effect(const xp_execution *e, const xp_unit *unit, xp_unit_output *out, explaint_error *error) {
    return room(out, unit->count) != NULL &&
           xp_refits_run(&e->refits[unit->index], unit->first, unit->count, out->value, error);
}

static bool run_word_form(const xp_design_layer *layer, xp_unit_output *out) {
    const xp_study *s = &layer->distinct;
    double *value = room(out, 2 * s->n);
    return value != NULL && xp_reading_predict(s, s->x, s->d, NULL, 0, layer->design->metric, value) &&
           xp_reading_predict(s, s->spelling, XP_SPELLING, NULL, 0, layer->design->metric, value + s->n);
}

/* The mapping and what it is compared with, on one concept per equal vector (docs/methods.md#mapping). */
static bool run_baselines(const xp_design_layer *layer, xp_unit_output *out, explaint_error *error) {
    const xp_study *s = &layer->distinct;
    const xp_metric metric = layer->design->metric;
    const size_t n = s->n, count = xp_units_columns_size(&xp_units_baselines, n, s->n_folds);
    const xp_inner_cv inner_cv = {.metric = metric, .seed = layer->request->options.seed};
    double *value = room(out, count);
    if (value == NULL) return false;
    for (size_t i = 0; i < XP_N_BASELINES * n; i++) value[i] = NAN;
    for (size_t i = XP_N_BASELINES * n; i < count; i++) value[i] = 0;
    int *label = xp_alloc(n, sizeof *label);
    uint8_t *member = xp_alloc(n, 1);
    bool ok = label != NULL && member != NULL &&
              xp_reading_predict(s, s->x, s->d, s->fold, s->n_folds, metric, value + XP_BASELINE_READER * n);
    size_t categories = ok ? xp_study_categories_of_size(s->label, n, s->n_labels, XP_LEAST_CATEGORY, label) : 0;
    for (size_t i = 0; ok && i < n; i++) member[i] = label[i] >= 0;
    const xp_mapping mappings[] = {
        [XP_BASELINE_SYSTEM] = layer->request->verdict,
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
        ok = xp_evaluate(&p, 1u << metric, &scores, NULL, error);
        for (size_t i = 0; ok && i < n; i++) {
            xp_score score = xp_score_at(&scores, 0, i)[metric];
            if (score.den > 0) value[k * n + i] = score.num / score.den;
        }
        double *level = value + XP_N_BASELINES * n + (k == XP_BASELINE_KNN ? s->n_folds : 0);
        for (size_t f = 0; (k == XP_BASELINE_SYSTEM || k == XP_BASELINE_KNN) && f < s->n_folds; f++)
            level[f] = k == XP_BASELINE_SYSTEM && xp_request_tells(layer->request, "alpha") ? scores.chosen[f]
                                                                                            : scores.note[f].used;
        xp_scores_free(&scores);
    }
    xp_free_all(label, member);
    return ok;
}

/* Does the mapping beat the mean predictor on shuffled features? A difference a draw. */
static bool run_lint(const xp_design_layer *layer, xp_unit_output *out, explaint_error *error) {
    const size_t draws = xp_design_lint_draws(layer->design);
    double *value = room(out, draws);
    const xp_metric metric = layer->design->metric;
    xp_inputs inputs = {0};
    xp_problem p = xp_design_problem(layer, &layer->request->test_mapping), mean = p;
    mean.mapping = (xp_mapping){.mapper = &xp_mean_mapper};
    bool ok = value != NULL && xp_inputs_create(&inputs, &p) && xp_inputs_keep(&inputs);
    p.inputs = &inputs;
    for (uint32_t draw = 0; ok && draw < draws; draw++) {
        xp_gold shuffled = {0};
        double by_mapping, by_mean;
        ok = xp_control_shuffle_columns(&layer->study.gold, NULL, layer->request->options.seed, XP_RNG_LINT_SHUFFLE,
                                        draw, &shuffled);
        p.target = mean.target = xp_study_target(&shuffled, NULL);
        ok = ok && xp_evaluate_mean(&p, metric, &by_mapping, error) && xp_evaluate_mean(&mean, metric, &by_mean, error);
        if (ok) value[draw] = isnan(by_mapping - by_mean) ? 0 : by_mapping - by_mean;
        xp_gold_free(&shuffled);
    }
    xp_inputs_free(&inputs);
    return ok;
}

bool xp_unit_run(const xp_execution *e, const xp_unit *unit, xp_unit_output *out, explaint_error *error) {
    const xp_design_layer *layer = e->layer;
    bool ok = false;
    switch (unit->kind) {
    case XP_UNIT_CONCEPTS: ok = run_concepts(layer, out); break;
    case XP_UNIT_FEATURES: ok = run_features(layer, out); break;
    case XP_UNIT_CONDITION: ok = run_condition(e, unit, out, error); break;
    case XP_UNIT_OBSERVED: ok = run_observed(e, unit, out); break;
    case XP_UNIT_PERMUTATIONS: ok = run_permutations(e, unit, out); break;
    case XP_UNIT_EFFECT: ok = run_effect(e, unit, out, error); break;
    case XP_UNIT_WORD_FORM: ok = run_word_form(layer, out); break;
    case XP_UNIT_BASELINES: ok = run_baselines(layer, out, error); break;
    case XP_UNIT_LINT: ok = run_lint(layer, out, error); break;
    case XP_UNIT_LENGTH:
        ok = room(out, XP_N_CODES * layer->study.n) != NULL && xp_length_of_description(layer, out->value, error);
        break;
    }
    if (!ok) xp_unit_output_clear(out);
    return ok;
}

void xp_unit_output_clear(xp_unit_output *out) {
    xp_free_all(out->value, out->bytes);
    *out = (xp_unit_output){0};
}

/* ---- what they gave ---- */

const xp_unit_output *xp_execution_output(const xp_execution *e, xp_unit_kind kind, size_t index) {
    for (size_t u = 0; u < e->layer->n_units; u++)
        if (e->layer->units[u].kind == kind && e->layer->units[u].index == index) return &e->output[u];
    return NULL;
}

void xp_execution_test_values(const xp_execution *e, xp_test_id id, size_t which, double *value) {
    const xp_units_observed *observed = &xp_execution_output(e, XP_UNIT_OBSERVED, id)->observed;
    const double divisor = which == XP_BY_READER       ? observed->divisor
                           : which == XP_BY_NEIGHBOURS ? observed->peer_divisor
                                                       : 1;
    value[0] = observed->t[which] / divisor;
    for (size_t u = 0; u < e->layer->n_units; u++) {
        const xp_unit *unit = &e->layer->units[u];
        if (unit->kind != XP_UNIT_PERMUTATIONS || unit->index != (size_t)id) continue;
        const double *t = e->output[u].value + which * unit->count;
        for (size_t b = 0; b < unit->count; b++) value[unit->first + b] = t[b] / divisor;
    }
}

/* ---- for a store ---- */

/* A unit that is columns: which ones, and of how many rows and folds. NULL: it is none. */
static const xp_units_columns *columns_of(const xp_design_layer *layer, const xp_unit *unit, size_t *n,
                                          size_t *n_folds) {
    *n_folds = layer->distinct.n_folds;
    switch (unit->kind) {
    case XP_UNIT_EFFECT: *n = unit->count; return &xp_units_refits;
    case XP_UNIT_WORD_FORM: *n = layer->distinct.n; return &xp_units_word_form;
    case XP_UNIT_BASELINES: *n = layer->distinct.n; return &xp_units_baselines;
    case XP_UNIT_LINT: *n = xp_design_lint_draws(layer->design); return &xp_units_lint;
    case XP_UNIT_LENGTH: *n = layer->study.n; return &xp_units_length;
    default: return NULL;
    }
}

bool xp_unit_pack(const xp_design_layer *layer, const xp_unit *unit, const xp_unit_output *out, void **bytes,
                  size_t *size) {
    const xp_units_arms arms = xp_permutation_test_arms((xp_test_id)unit->index);
    size_t n, n_folds;
    const xp_units_columns *columns = columns_of(layer, unit, &n, &n_folds);
    if (columns != NULL) return xp_units_columns_pack(columns, n, n_folds, out->value, bytes, size);
    if (unit->kind == XP_UNIT_OBSERVED) return xp_units_observed_pack(&out->observed, &arms, bytes, size);
    if (unit->kind == XP_UNIT_PERMUTATIONS) return xp_units_drawn_pack(out->value, unit->count, &arms, bytes, size);
    *size = out->size;
    *bytes = xp_alloc(out->size, 1);
    if (*bytes != NULL) memcpy(*bytes, out->bytes, out->size);
    return *bytes != NULL;
}

static bool unpack_test(const xp_design_layer *layer, const xp_unit *unit, xp_unit_output *out, const void *bytes,
                        size_t size) {
    const xp_units_arms arms = xp_permutation_test_arms((xp_test_id)unit->index);
    const bool observed = unit->kind == XP_UNIT_OBSERVED;
    double *t[XP_UNITS_ARMS] = {NULL};
    if (room(out, observed ? layer->study.n : xp_units_n_arms(&arms) * unit->count) == NULL) return false;
    for (size_t k = 0; !observed && k < xp_units_n_arms(&arms); k++) t[k] = out->value + k * unit->count;
    out->observed = (xp_units_observed){.n = layer->study.n, .left_out = out->value};
    return (observed ? xp_units_observed_unpack(&out->observed, &arms, bytes, size)
                     : xp_units_drawn_unpack(t, unit->count, &arms, bytes, size)) == EXPLAINT_OK;
}

static bool is_concepts(const xp_design_layer *layer, const void *bytes, size_t size) {
    xp_concepts concepts;
    const bool ok = xp_units_concepts_unpack(bytes, size, &concepts) == EXPLAINT_OK && concepts.n == layer->study.n;
    xp_concepts_free(&concepts);
    return ok;
}

static bool is_features(const xp_design_layer *layer, const void *bytes, size_t size) {
    xp_units_features features;
    const bool ok = xp_units_features_unpack(bytes, size, &features) == EXPLAINT_OK &&
                    features.gold.n == layer->study.n && features.gold.m == layer->study.m;
    xp_units_features_free(&features);
    return ok;
}

static bool is_condition(const xp_design_layer *layer, const void *bytes, size_t size) {
    xp_scores s;
    unsigned found;
    bool ok = xp_units_scores_unpack(bytes, size, layer->study.n, layer->design->metrics, &s, &found) == EXPLAINT_OK &&
              found == layer->design->metrics;
    const int m = (int)layer->study.m > XP_SPELLING ? (int)layer->study.m : XP_SPELLING;
    for (size_t i = 0; ok && i < s.n_levels * s.n * XP_TOP; i++) ok = s.top[i] >= -1 && s.top[i] < m;
    ok = ok && (s.n_epochs == 0 ||
                (layer->request->mapping.mapper->n_epochs != NULL &&
                 s.n_epochs == layer->request->mapping.mapper->n_epochs(&layer->request->mapping.settings)));
    ok = ok && (s.n_levels == xp_mapping_n_levels(&layer->request->mapping) || s.n_levels == 1);
    xp_scores_free(&s);
    return ok;
}

bool xp_unit_unpack(const xp_design_layer *layer, const xp_unit *unit, xp_unit_output *out, void *bytes, size_t size) {
    size_t n, n_folds;
    const xp_units_columns *columns = columns_of(layer, unit, &n, &n_folds);
    bool ok;
    if (unit->kind == XP_UNIT_CONCEPTS || unit->kind == XP_UNIT_FEATURES || unit->kind == XP_UNIT_CONDITION) {
        out->bytes = bytes;
        out->size = size;
        ok = unit->kind == XP_UNIT_CONCEPTS   ? is_concepts(layer, bytes, size)
             : unit->kind == XP_UNIT_FEATURES ? is_features(layer, bytes, size)
                                              : is_condition(layer, bytes, size);
    } else {
        ok = columns != NULL ? room(out, xp_units_columns_size(columns, n, n_folds)) != NULL &&
                                   xp_units_columns_unpack(columns, n, n_folds, out->value, bytes, size) == EXPLAINT_OK
                             : unpack_test(layer, unit, out, bytes, size);
        free(bytes);
    }
    if (!ok) xp_unit_output_clear(out);
    return ok;
}

#include "audit/result.h"

#include "audit/length.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "explaint/version.h"
#include "norms/norms.h"
#include "norms/vectors.h"
#include "result/answer.h"
#include "result/record.h"

const char *xp_result_keep(xp_result *r, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const char *kept = xp_strings_keep(&r->texts, &r->failed, format, list);
    va_end(list);
    return kept;
}

/* Room for one more in a growing list; NULL without memory. */
static void *grow(xp_result *r, void **list, size_t count, size_t *capacity, size_t size) {
    void *place = xp_grow(list, count, capacity, size);
    if (place == NULL) r->failed = true;
    return place;
}

void xp_result_add_lint(xp_result *r, const char *id, const char *level, const char *text) {
    explaint_lint *lint = grow(r, (void **)&r->lints, r->view.n_lints, &r->lint_capacity, sizeof *lint);
    if (lint == NULL) return;
    *lint = (explaint_lint){.id = id, .level = level, .text = text};
    r->view.n_lints++;
}

/* ---- rows ---- */

static bool has_value(xp_metric metric, double num, double den, double *value) {
    if (!(den > 0)) return false;
    *value = metric == XP_R2 ? 1 - num / den : num / den;
    return true;
}

/* A concept whose norms are the training mean has nothing to explain, but its error counts: R2 is over all cells. */
static void gather(const xp_scores *scores, size_t level, xp_metric metric, double *num, double *den) {
    for (size_t i = 0; i < scores->n; i++) {
        xp_score s = xp_score_at(scores, level, i)[metric];
        if (metric == XP_R2) {
            num[i] = s.num;
            den[i] = s.den > 0 ? s.den : 0;
            continue;
        }
        num[i] = s.den > 0 ? s.num : 0;
        den[i] = s.den > 0 ? s.den : 0;
    }
}

/* R2 is defined where there are cells, also for a concept without variance of its own. */
static bool is_defined(const xp_scores *scores, size_t level, xp_metric metric, size_t i, double den) {
    return metric == XP_R2 ? xp_score_at(scores, level, i)[XP_MSE].den > 0 : den > 0;
}

/* category-mean: concepts with a category; the swap: with one of at least 5. */
static bool takes_part(const xp_condition_spec *spec, const int *label, const int *large, size_t i) {
    if (spec->input == XP_IN_LABEL) return label[i] >= 0;
    return (spec->gold != XP_GOLD_TAXONOMIC_SWAP && spec->gold != XP_GOLD_IN_CATEGORY) || large[i] >= 0;
}

static bool is_mapped(const xp_condition_spec *spec) {
    return spec->input != XP_IN_NOTHING && spec->input != XP_IN_LABEL;
}

/* As rows tell it. */
static const char *name_mapping(xp_result *r, const struct explaint_plan *plan, double level) {
    if (!xp_plan_names_levels(plan)) return plan->mapping.mapper->name;
    char number[32];
    xp_shortest_double(level, number);
    return xp_result_keep(r, "%s:%s", plan->options.mapping, number);
}

/* Rows of a metric: pooled, then by fold if asked for. */
static void add_rows(xp_result *r, xp_readback *back, size_t c, size_t level, xp_metric metric, const int *large,
                     double *num, double *den) {
    const struct explaint_plan *plan = back->plan;
    const xp_condition_spec *spec = &xp_conditions[c];
    const xp_scores *scores = &back->scores[c];
    const bool counted = is_mapped(spec) && xp_plan_tells(plan, "n_components") && !plan->mapping.choose;
    const char *mapping = spec->input == XP_IN_NOTHING ? "mean"
                          : spec->input == XP_IN_LABEL
                              ? "category-mean"
                              : name_mapping(r, plan, plan->levels != NULL ? plan->levels[level] : 0);
    explaint_row base;
    xp_record_clear(&explaint_row_kind, &base);
    base.norms = r->inputs[0].name;
    base.source = plan->vectors != NULL ? r->inputs[1].name : NULL;
    base.mapping = mapping;
    base.condition = spec->name;
    base.target = spec->target;
    base.metric = xp_metric_name(metric);
    base.layer = xp_condition_sees_vectors(spec) ? plan->layer : -1;
    base.n_components = counted ? (size_t)plan->levels[level] : 0;
    gather(scores, level, metric, num, den);
    size_t folds = plan->options.by_fold && !spec->by_category ? plan->study.n_folds : 0;
    for (size_t f = 0; f <= folds; f++) {
        explaint_row row = base;
        double above = 0, below = 0;
        for (size_t i = 0; i < scores->n; i++) {
            if (!takes_part(spec, plan->study.label, large, i) || (f > 0 && plan->study.fold[i] != f - 1)) continue;
            above += num[i];
            below += den[i];
            if (is_defined(scores, level, metric, i, den[i]))
                row.n++;
            else
                row.undefined++;
        }
        if (!has_value(metric, above, below, &row.value)) continue;
        if (f > 0)
            row.fold = (int)f - 1;
        else if (xp_bootstrap_ratio(&back->bootstrap, num, den, row.ci) && metric == XP_R2) {
            double low = 1 - row.ci[1];
            row.ci[1] = 1 - row.ci[0];
            row.ci[0] = low;
        }
        explaint_row *slot = grow(r, (void **)&r->rows, r->view.n_rows, &r->row_capacity, sizeof *slot);
        if (slot == NULL) return;
        *slot = row;
        r->view.n_rows++;
    }
}

static size_t most_used(const xp_scores *scores) {
    size_t most = 0;
    for (size_t f = 0; f < scores->n_folds; f++)
        if (scores->note[f].used > most) most = scores->note[f].used;
    return most;
}

/* Levels that some fold reached: component counts beyond what every fold has would repeat the last of them. Letters have fewer dimensions than some norms'
 * usual count, and are asked for nothing but what they give. */
static size_t n_reached(const struct explaint_plan *plan, const xp_scores *scores, size_t c) {
    size_t n = scores->n_levels;
    if (!is_mapped(&xp_conditions[c]) || !xp_plan_tells(plan, "n_components") || plan->mapping.choose) return n;
    if (xp_conditions[c].input == XP_IN_SPELLING) return n;
    while (n > 0 && plan->levels[n - 1] > (double)most_used(scores)) n--;
    return n;
}

/* The component counts used, where a fold has fewer than asked. */
static void note_components(xp_result *r, const xp_readback *back, size_t c) {
    const struct explaint_plan *plan = back->plan;
    const xp_scores *scores = &back->scores[c];
    const xp_condition_spec *spec = &xp_conditions[c];
    if (!xp_plan_tells(plan, "n_components") || !is_mapped(spec) || spec->target == NULL) return;
    const bool chosen = plan->mapping.choose;
    size_t asked = (size_t)plan->levels[plan->mapping.levels.count - 1];
    for (size_t f = 0; f < scores->n_folds; f++) {
        const size_t used = scores->note[f].used;
        if (chosen) asked = (size_t)scores->chosen[f];
        if (chosen ? asked == 0 : used >= asked) continue; /* 0: nobody is held out */
        explaint_fold_components *note =
            grow(r, (void **)&r->components, r->view.n_component_notes, &r->component_capacity, sizeof *note);
        if (note == NULL) return;
        *note = (explaint_fold_components){spec->name, chosen ? spec->target : NULL, f, asked, used, plan->layer};
        r->view.n_component_notes++;
    }
    size_t most = most_used(scores);
    if (!chosen && most < asked && spec->input == XP_IN_SPELLING)
        xp_result_add_lint(
            r, "components", "note",
            xp_result_keep(r, "%s: %zu components were asked for, and the letters have %zu: these are taken",
                           spec->name, asked, most));
    else if (!chosen && most < asked)
        xp_result_add_lint(
            r, "components", "warning",
            xp_result_keep(
                r,
                "%s: %zu components were asked for, no fold has more than %zu: the rank of its input or target "
                "is used up, and larger counts have no row",
                spec->name, asked, most));
}

/* The penalties that folds of ridge chose. */
static void note_penalties(xp_result *r, const xp_readback *back, size_t c) {
    const struct explaint_plan *plan = back->plan;
    const xp_scores *scores = &back->scores[c];
    const xp_condition_spec *spec = &xp_conditions[c];
    if (!xp_plan_tells(plan, "alpha") || !plan->mapping.choose || !is_mapped(spec)) return;
    for (size_t f = 0; f < scores->n_folds; f++) {
        if (!(scores->chosen[f] > 0)) continue; /* nobody is held out */
        explaint_fold_penalty *note =
            grow(r, (void **)&r->penalties, r->view.n_penalties, &r->penalty_capacity, sizeof *note);
        if (note == NULL) return;
        *note = (explaint_fold_penalty){spec->name, spec->target, f, scores->chosen[f], plan->layer};
        r->view.n_penalties++;
    }
}

/* What NIPALS took in each fold. `text` gathers the conditions where it stopped at its cap. */
static void note_iterations(xp_result *r, const xp_readback *back, size_t c, xp_text *text) {
    const xp_scores *scores = &back->scores[c];
    const xp_condition_spec *spec = &xp_conditions[c];
    size_t components = 0, capped = 0;
    for (size_t f = 0; f < scores->n_folds; f++) {
        const xp_nipals_count *count = &scores->note[f].nipals;
        if (count->iterations == 0) continue;
        explaint_fold_iterations *note =
            grow(r, (void **)&r->iterations, r->view.n_iterations, &r->iteration_capacity, sizeof *note);
        if (note == NULL) return;
        *note = (explaint_fold_iterations){spec->name,           spec->target,      f,
                                           scores->note[f].used, count->iterations, count->most,
                                           count->capped,        back->plan->layer};
        r->view.n_iterations++;
        components += scores->note[f].used;
        capped += count->capped;
    }
    if (capped > 0) xp_text_addf(text, "%s%s %zu of %zu", text->length > 0 ? ", " : "", spec->name, capped, components);
}

/* How each fold of a network was trained. */
static void note_losses(xp_result *r, xp_readback *back, size_t c) {
    xp_scores *scores = &back->scores[c];
    for (size_t f = 0; scores->losses != NULL && f < scores->n_folds; f++) {
        const double *train = scores->losses + 2 * f * scores->n_epochs, *dev = train + scores->n_epochs;
        size_t n = 0;
        while (n < scores->n_epochs && !isnan(train[n])) n++;
        if (n == 0) continue; /* nobody is held out, or nothing varies */
        explaint_fold_losses *note = grow(r, (void **)&r->losses, r->view.n_losses, &r->loss_capacity, sizeof *note);
        if (note == NULL) return;
        *note = (explaint_fold_losses){.condition = xp_conditions[c].name,
                                       .target = xp_conditions[c].target,
                                       .fold = f,
                                       .epochs = n,
                                       .best = scores->note[f].used,
                                       .train = train,
                                       .dev = isnan(dev[0]) ? NULL : dev,
                                       .layer = back->plan->layer};
        r->view.n_losses++;
    }
    r->curves[c] = scores->losses; /* the notes point there */
    scores->losses = NULL;
}

static bool make_rows(xp_result *r, xp_readback *back) {
    const struct explaint_plan *plan = back->plan;
    const size_t n = plan->study.n;
    double *num = xp_alloc(n, sizeof *num), *den = xp_alloc(n, sizeof *den);
    int *large = xp_alloc(n, sizeof *large);
    xp_text capped = {0};
    bool ok = num != NULL && den != NULL && large != NULL;
    if (ok) xp_study_categories_of_size(plan->study.label, n, plan->study.n_labels, XP_LEAST_CATEGORY, large);
    for (size_t c = 0; ok && c < xp_n_conditions; c++) {
        const xp_scores *scores = &back->scores[c];
        if (scores->n == 0 || xp_conditions[c].target == NULL) continue;
        for (size_t level = 0; level < n_reached(plan, scores, c); level++)
            for (int metric = 0; metric < XP_N_METRICS; metric++)
                if (plan->metrics >> metric & 1) add_rows(r, back, c, level, (xp_metric)metric, large, num, den);
        note_components(r, back, c);
        note_penalties(r, back, c);
        note_iterations(r, back, c, &capped);
        note_losses(r, back, c);
    }
    if (capped.length > 0)
        xp_result_add_lint(
            r, "iterations", "warning",
            xp_result_keep(r,
                           "components, over all folds, that stopped at scikit-learn's cap of %d iterations before "
                           "their weights had settled: %s; --pls exact has no cap",
                           XP_NIPALS_CAP, capped.data));
    ok = ok && !capped.failed;
    xp_text_free(&capped);
    xp_free(num);
    xp_free(den);
    xp_free(large);
    return ok;
}

/* Bits a concept: the system's code, the mean predictor's, and a bit per feature. */
static bool make_length_rows(xp_result *r, xp_readback *back) {
    static const char *const conditions[] = {"system", "mean", "uniform"};
    const struct explaint_plan *plan = back->plan;
    const xp_unit *unit = xp_plan_unit(plan, XP_UNIT_LENGTH, 0);
    if (unit == NULL) return true;
    const size_t n = plan->study.n;
    double *one = xp_alloc(n, sizeof *one);
    for (size_t i = 0; one != NULL && i < n; i++) one[i] = 1;
    for (int code = 0; one != NULL && code < XP_N_CODES; code++) {
        const double *bits = unit->value + (size_t)code * n;
        const bool system = code == XP_CODE_SYSTEM;
        explaint_row *row = grow(r, (void **)&r->rows, r->view.n_rows, &r->row_capacity, sizeof *row);
        if (row == NULL) break;
        xp_record_clear(&explaint_row_kind, row);
        row->norms = r->inputs[0].name;
        row->source = plan->vectors != NULL ? r->inputs[1].name : NULL;
        row->mapping = system ? plan->mapping.mapper->name : conditions[code];
        row->condition = conditions[code];
        row->target = "norms";
        row->metric = "description_length";
        row->layer = system ? plan->layer : -1;
        if (system && xp_plan_tells(plan, "n_components") && !plan->mapping.choose)
            row->n_components = (size_t)plan->verdict_level;
        row->n = n;
        row->value = 0;
        for (size_t i = 0; i < n; i++) row->value += bits[i];
        row->value /= (double)n;
        xp_bootstrap_ratio(&back->bootstrap, bits, one, row->ci);
        r->view.n_rows++;
    }
    xp_free(one);
    return one != NULL;
}

double xp_readback_value(const xp_readback *back, const char *name, const char *target, double level, xp_metric metric,
                         const uint8_t *only) {
    for (size_t c = 0; c < xp_n_conditions; c++) {
        const xp_condition_spec *spec = &xp_conditions[c];
        const xp_scores *scores = &back->scores[c];
        bool same_target =
            target == NULL ? spec->target == NULL : spec->target != NULL && strcmp(spec->target, target) == 0;
        if (scores->n == 0 || !same_target || strcmp(spec->name, name) != 0) continue;
        size_t which = 0;
        for (size_t k = 0; k < scores->n_levels && scores->n_levels > 1; k++)
            if (back->plan->levels[k] == level) which = k;
        double num = 0, den = 0, value;
        for (size_t i = 0; i < scores->n; i++) {
            if (only != NULL && !only[i]) continue;
            num += xp_score_at(scores, which, i)[metric].num;
            den += xp_score_at(scores, which, i)[metric].den;
        }
        return has_value(metric, num, den, &value) ? value : NAN;
    }
    return NAN;
}

/* ---- inputs, settings ---- */

/* A file that was read beside norms and vectors, if one was given. */
static void add_file(xp_result *r, size_t *n, const char *role, const char *path, const char *sha256) {
    if (path == NULL) return;
    r->inputs[(*n)++] = (explaint_input){
        role, xp_result_keep(r, "%s", path), xp_result_keep(r, "%s", path), xp_result_keep(r, "%s", sha256), {0, 0}, 0};
}

static void make_inputs(xp_result *r, const struct explaint_plan *plan) {
    const explaint_norms *norms = plan->norms;
    const explaint_vectors *vectors = plan->vectors;
    size_t n = 0;
    r->inputs[n++] = (explaint_input){"norms",
                                      xp_result_keep(r, "%s", norms->name),
                                      xp_result_keep(r, "%s", norms->path),
                                      xp_result_keep(r, "%s", norms->sha256),
                                      {norms->n_concepts, norms->n_features},
                                      norms->row_start[norms->n_concepts]};
    if (vectors != NULL)
        r->inputs[n++] =
            (explaint_input){vectors->of_model ? "model" : "embeddings", xp_result_keep(r, "%s", vectors->name),
                             xp_result_keep(r, "%s", vectors->path),     xp_result_keep(r, "%s", vectors->sha256.array),
                             {vectors->n_words, vectors->width},         0};
    const explaint_infer_options *o = &plan->options;
    add_file(r, &n, "folds", o->folds_file, plan->notes.folds_sha256);
    add_file(r, &n, "categories", o->categories_file, plan->notes.categories_sha256);
    add_file(r, &n, "covariates", o->covariates_file, plan->notes.covariates_sha256);
    r->view.inputs = r->inputs;
    r->view.n_inputs = n;
}

static bool make_settings(xp_result *r, const struct explaint_plan *plan) {
    for (size_t i = 0; i < plan->setting_keys.count; i++) {
        explaint_setting *slot = grow(r, (void **)&r->settings, r->view.n_settings, &r->setting_capacity, sizeof *slot);
        if (slot == NULL) return false;
        *slot = (explaint_setting){xp_result_keep(r, "%s", plan->setting_keys.item[i]),
                                   xp_result_keep(r, "%s", plan->setting_values.item[i])};
        r->view.n_settings++;
    }
    return true;
}

static bool make_command(xp_result *r, const struct explaint_plan *plan) {
    r->command = xp_calloc(plan->command.count + 2, sizeof *r->command);
    if (r->command == NULL) return false;
    for (size_t i = 0; i < plan->command.count; i++) r->command[i] = xp_result_keep(r, "%s", plan->command.item[i]);
    if (plan->command.count == 0) r->command[0] = "infer";
    r->view.command = r->command;
    return true;
}

static bool make_dropped(xp_result *r, const struct explaint_plan *plan) {
    size_t count = plan->notes.dropped.count;
    r->dropped = xp_calloc(count, sizeof *r->dropped);
    if (r->dropped == NULL) return false;
    for (size_t i = 0; i < count; i++)
        r->dropped[i] = (explaint_dropped){xp_result_keep(r, "%s", plan->notes.dropped.item[i]),
                                           xp_result_keep(r, "%s", plan->notes.why.item[i])};
    r->view.dropped = r->dropped;
    r->view.n_dropped = count;
    return true;
}

static void make_signature(xp_result *r, const struct explaint_plan *plan) {
    const explaint_norms *norms = plan->norms;
    char count[96] = "", number[32];
    xp_shortest_double(plan->verdict_level, number);
    if (xp_plan_tells(plan, "n_components") && plan->mapping.choose)
        snprintf(count, sizeof count, ":auto%.0f-%.0f:%s", plan->levels[0], plan->verdict_level, plan->options.pls);
    else if (xp_plan_tells(plan, "n_components"))
        snprintf(count, sizeof count, ":%.0f:%s", plan->verdict_level, plan->options.pls);
    else if (xp_plan_tells(plan, "alpha"))
        snprintf(count, sizeof count, ":%s", plan->mapping.choose ? "auto" : number);
    else if (plan->mapping.mapper->level_setting != NULL)
        snprintf(count, sizeof count, ":%s", number);
    else if (plan->mapping.mapper->sign != NULL)
        plan->mapping.mapper->sign(&plan->mapping.settings, count, sizeof count);
    char folds[64];
    if (plan->options.folds_file != NULL)
        snprintf(folds, sizeof folds, "folds%zu:%.8s", plan->study.n_folds, plan->notes.folds_sha256);
    else
        snprintf(folds, sizeof folds, "cv%zu:seed%llu", plan->study.n_folds, (unsigned long long)plan->options.seed);
    char covariates[32] = "";
    if (plan->options.covariates_file != NULL)
        snprintf(covariates, sizeof covariates, "|covariates:%.8s", plan->notes.covariates_sha256);
    const char *vectors = plan->vectors == NULL
                              ? "no vectors"
                              : xp_result_keep(r, "%s:%.8s", plan->vectors->name, plan->vectors->sha256.array);
    r->view.signature =
        xp_result_keep(r, "explaint|%s|%s:%zux%zu:%.8s|%s|%s%s|%s|B%zu|%s%s", EXPLAINT_VERSION, norms->name,
                       norms->n_concepts, norms->n_features, norms->sha256, vectors, plan->options.mapping, count,
                       folds, plan->options.permutations, xp_metric_name(plan->metric), covariates);
}

/* ---- predictions ---- */

static bool copy_for_predictions(xp_result *r, struct explaint_plan *plan, xp_readback *back) {
    const xp_study *s = &plan->study;
    r->n = s->n;
    r->m = s->m;
    r->levels = xp_alloc(plan->mapping.levels.count, sizeof *r->levels);
    r->fold = xp_alloc(s->n, sizeof *r->fold);
    uint32_t *all = xp_alloc(s->n, sizeof *all);
    bool ok = r->levels != NULL && r->fold != NULL && all != NULL;
    if (ok) {
        for (size_t k = 0; k < plan->mapping.levels.count; k++) r->levels[k] = plan->levels[k];
        memcpy(r->fold, s->fold, s->n * sizeof *r->fold);
        for (uint32_t i = 0; i < s->n; i++) all[i] = i;
        ok = xp_csr_select(&s->gold.y, all, s->n, NULL, &r->gold);
    }
    xp_free(all);
    for (size_t i = 0; ok && i < s->n; i++) {
        const char *name = plan->norms->concepts.item[s->concept_of[i]];
        ok = xp_strings_add(&r->concepts, name, strlen(name));
    }
    for (size_t j = 0; ok && j < s->m; j++) {
        const char *name = plan->norms->features.item[s->feature_of[j]];
        ok = xp_strings_add(&r->features, name, strlen(name));
    }
    for (size_t c = 0; ok && c < xp_n_conditions; c++) {
        if (back->scores[c].n == 0) continue;
        r->top[c] = back->scores[c].top;
        r->top_levels[c] = n_reached(plan, &back->scores[c], c);
        back->scores[c].top = NULL;
        r->predictions[c] = plan->predictions[c];
        r->prediction_columns[c] = xp_conditions[c].gold == XP_GOLD_WORD_FORM ? XP_SPELLING : s->m;
        if (xp_conditions[c].gold == XP_GOLD_TAXONOMIC_DROP) {
            size_t left = 0;
            for (size_t j = 0; j < s->m; j++) left += !s->taxonomic[j];
            r->prediction_columns[c] = left;
        }
        plan->predictions[c] = NULL;
    }
    return ok;
}

/* ---- all of it ---- */

/* Conditions among the units of `from`, which may be another layer's plan: of that only those that see no vectors. */
static bool read_conditions(const struct explaint_plan *plan, const struct explaint_plan *from, xp_readback *back) {
    for (size_t u = 0; u < from->n_units; u++) {
        const xp_unit *unit = &from->units[u];
        if (unit->kind != XP_UNIT_CONDITION) continue;
        if (from != plan && xp_condition_sees_vectors(&xp_conditions[unit->index])) continue;
        unsigned found;
        if (xp_units_scores_unpack(unit->bytes, unit->size, plan->study.n, plan->metrics, &back->scores[unit->index],
                                   &found) != EXPLAINT_OK)
            return false;
    }
    return true;
}

static bool resample(const struct explaint_plan *plan, const xp_study *s, xp_bootstrap *bootstrap) {
    const explaint_infer_options *o = &plan->options;
    return plan->by_category ? xp_bootstrap_create_clusters(bootstrap, s->n, s->label, o->bootstrap, o->seed)
                             : xp_bootstrap_create(bootstrap, s->n, o->bootstrap, o->seed);
}

static bool read_back(struct explaint_plan *plan, xp_readback *back) {
    if (!read_conditions(plan, plan, back) || (plan->shares != NULL && !read_conditions(plan, plan->shares, back)))
        return false;
    return resample(plan, &plan->study, &back->bootstrap) && resample(plan, &plan->distinct, &back->distinct);
}

static void bounds(xp_result *r, const xp_study *s) {
    double chance = 0, ceiling = 0, count = 0;
    for (size_t i = 0; i < s->n; i++) {
        size_t g = 0;
        for (size_t e = s->gold.y.start[i]; e < s->gold.y.start[i + 1]; e++) g += s->gold.y.value[e] > 0;
        if (g == 0) continue;
        chance += xp_metric_f1_chance(g, s->m);
        ceiling += xp_metric_f1_ceiling(g, s->m);
        count++;
    }
    r->view.chance = count > 0 ? chance / count : NAN;
    r->view.ceiling = count > 0 ? ceiling / count : NAN;
}

void xp_result_name_scores(const explaint_result *result, explaint_verdict *verdict) {
    verdict->metric = result->verdict_metric;
    verdict->n_components = result->verdict_components;
    if (strchr(result->verdict_mapping, ':') != NULL) verdict->mapping = result->verdict_mapping;
}

explaint_status xp_result_create(struct explaint_plan *plan, explaint_result **result, explaint_error *error) {
    xp_result *r = xp_calloc(1, sizeof *r);
    if (r == NULL) return xp_no_memory(error, "the result");
    xp_readback back = {.plan = plan};
    r->view.record.kind = &explaint_infer_kind;
    r->view.version = EXPLAINT_VERSION;
    r->view.internals = r;
    r->view.verdict_metric = xp_metric_name(plan->metric);
    const bool counted = xp_plan_tells(plan, "n_components");
    r->view.components_chosen = counted && plan->mapping.choose;
    r->view.verdict_components = counted && !plan->mapping.choose ? (size_t)plan->verdict_level : 0;
    r->view.verdict_mapping = name_mapping(r, plan, plan->verdict_level);
    r->view.n_concepts = plan->study.n;
    r->view.n_features = plan->study.m;
    r->curves = xp_calloc(xp_n_conditions, sizeof *r->curves);
    bool ok = r->curves != NULL && read_back(plan, &back);
    if (ok) {
        make_inputs(r, plan);
        bounds(r, &plan->study);
        make_signature(r, plan);
        ok = make_command(r, plan) && make_settings(r, plan) && make_dropped(r, plan) && make_rows(r, &back) &&
             make_length_rows(r, &back);
    }
    if (ok) {
        if (plan->options.permutations > 0) xp_result_judge(r, &back);
        xp_result_lint(r, &back);
        ok = ok && copy_for_predictions(r, plan, &back) && !r->failed;
    }
    r->view.rows = r->rows;
    r->view.lints = r->lints;
    r->view.settings = r->settings;
    r->view.verdicts = r->verdicts;
    r->view.components = r->components;
    r->view.iterations = r->iterations;
    r->view.losses = r->losses;
    r->view.n_losses_listed = plan->options.by_fold ? r->view.n_losses : 0;
    r->view.penalties = r->penalties;
    ok = ok && xp_answer_record(&r->view.record, &r->texts);
    for (size_t c = 0; c < xp_n_conditions; c++) xp_scores_free(&back.scores[c]);
    xp_bootstrap_free(&back.bootstrap);
    xp_bootstrap_free(&back.distinct);
    if (!ok) {
        explaint_result_free(&r->view);
        return xp_no_memory(error, "the result");
    }
    *result = &r->view;
    return EXPLAINT_OK;
}

void explaint_result_free(explaint_result *result) {
    if (result == NULL || result->internals == NULL) return;
    xp_result *r = result->internals;
    xp_strings_free(&r->texts);
    xp_strings_free(&r->concepts);
    xp_strings_free(&r->features);
    xp_free(r->rows);
    xp_free(r->lints);
    xp_free(r->settings);
    xp_free(r->dropped);
    xp_free(r->components);
    xp_free(r->iterations);
    for (size_t c = 0; r->curves != NULL && c < xp_n_conditions; c++) xp_free(r->curves[c]);
    xp_free(r->curves);
    xp_free(r->losses);
    xp_free(r->penalties);
    xp_free(r->command);
    xp_csr_free(&r->gold);
    xp_free(r->fold);
    xp_free(r->levels);
    for (size_t p = 0; p < r->n_parts; p++) explaint_result_free(r->part[p]);
    xp_free(r->part);
    xp_free(r->all_inputs);
    xp_free(r->all_verdicts);
    for (size_t v = 0; v < 2; v++) xp_free(r->assumptions[v]);
    for (size_t c = 0; c < 64; c++) {
        xp_free(r->top[c]);
        xp_free(r->predictions[c]);
    }
    xp_free(r);
}

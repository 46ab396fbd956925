#include "audit/result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "audit/judging.h"
#include "base/memory.h"
#include "explaint/version.h"
#include "formats/number.h"
#include "norms/norms.h"
#include "norms/vectors.h"
#include "result/answer.h"

/* ---- inputs, settings ---- */

/* The plan may be closed before the result: what it shows is its own. */
static void make_inputs(xp_result *r, const xp_design *d) {
    explaint_input *list = xp_result_own(r, d->n_inputs, sizeof *list);
    for (size_t i = 0; list != NULL && i < d->n_inputs; i++) {
        list[i] = d->inputs[i];
        list[i].name = xp_result_keep(r, "%s", list[i].name);
        list[i].path = xp_result_keep(r, "%s", list[i].path);
        list[i].sha256 = xp_result_keep(r, "%s", list[i].sha256);
    }
    r->view.inputs = list;
    r->view.n_inputs = d->n_inputs;
}

static void make_settings(xp_result *r, const xp_design *d) {
    explaint_setting *list = xp_result_own(r, d->n_settings, sizeof *list);
    for (size_t i = 0; list != NULL && i < d->n_settings; i++)
        list[i] = (explaint_setting){xp_result_keep(r, "%s", d->settings[i].key),
                                     xp_result_keep(r, "%s", d->settings[i].json)};
    r->view.settings = list;
    r->view.n_settings = d->n_settings;
}

static void make_command(xp_result *r, const xp_strings *command) {
    const char **list = xp_result_own(r, command->count + 2, sizeof *list);
    for (size_t i = 0; list != NULL && i < command->count; i++) list[i] = xp_result_keep(r, "%s", command->item[i]);
    if (list != NULL && command->count == 0) list[0] = "infer";
    r->view.command = list;
}

static void make_dropped(xp_result *r, const xp_study_notes *notes) {
    explaint_dropped *list = xp_result_own(r, notes->dropped.count, sizeof *list);
    for (size_t i = 0; list != NULL && i < notes->dropped.count; i++)
        list[i] = (explaint_dropped){xp_result_keep(r, "%s", notes->dropped.item[i]),
                                     xp_result_keep(r, "%s", notes->why.item[i])};
    r->view.dropped = list;
    r->view.n_dropped = notes->dropped.count;
}

static void make_signature(xp_result *r, const xp_design *d) {
    const xp_request *request = d->request;
    const xp_design_layer *first = &d->layer[0];
    const explaint_norms *norms = d->norms;
    char count[96] = "", number[32];
    xp_shortest_double(request->verdict_level, number);
    if (xp_request_tells(request, "n_components") && request->mapping.choose)
        snprintf(count, sizeof count, ":auto%.0f-%.0f:%s", request->levels[0], request->verdict_level,
                 request->options.pls);
    else if (xp_request_tells(request, "n_components"))
        snprintf(count, sizeof count, ":%.0f:%s", request->verdict_level, request->options.pls);
    else if (xp_request_tells(request, "alpha"))
        snprintf(count, sizeof count, ":%s", request->mapping.choose ? "auto" : number);
    else if (request->mapping.mapper->level_setting != NULL)
        snprintf(count, sizeof count, ":%s", number);
    else if (request->mapping.mapper->sign != NULL)
        request->mapping.mapper->sign(&request->mapping.settings, count, sizeof count);
    char folds[64];
    if (request->options.folds_file != NULL)
        snprintf(folds, sizeof folds, "folds%zu:%.8s", first->study.n_folds, first->notes.folds_sha256);
    else
        snprintf(folds, sizeof folds, "cv%zu:seed%llu", first->study.n_folds,
                 (unsigned long long)request->options.seed);
    char covariates[32] = "";
    if (request->options.covariates_file != NULL)
        snprintf(covariates, sizeof covariates, "|covariates:%.8s", first->notes.covariates_sha256);
    const char *vectors = first->vectors == NULL
                              ? "no vectors"
                              : xp_result_keep(r, "%s:%.8s", first->vectors->name, first->vectors->sha256.array);
    r->view.signature =
        xp_result_keep(r, "explaint|%s|%s:%zux%zu:%.8s|%s|%s%s|%s|B%zu|%s%s", EXPLAINT_VERSION, norms->name,
                       norms->n_concepts, norms->n_features, norms->sha256, vectors, request->options.mapping, count,
                       folds, d->permutations, xp_metric_name(d->metric), covariates);
    if (d->by_layer)
        r->view.signature = xp_result_keep(r, "%s|layers%d-%d:%zu", r->view.signature, first->number,
                                           d->layer[d->n_layers - 1].number, d->n_layers);
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

static void make_head(xp_result *r, const xp_design *d) {
    const xp_request *request = d->request;
    const bool counted = xp_request_tells(request, "n_components");
    r->view.record.kind = &explaint_infer_kind;
    r->view.version = EXPLAINT_VERSION;
    r->view.verdict_metric = xp_metric_name(d->metric);
    r->view.components_chosen = counted && request->mapping.choose;
    r->view.verdict_components = counted && !request->mapping.choose ? (size_t)request->verdict_level : 0;
    r->view.verdict_mapping = xp_result_name_mapping(r, request, request->verdict_level);
    r->view.n_concepts = d->layer[0].study.n;
    r->view.n_features = d->layer[0].study.m;
    make_inputs(r, d);
    bounds(r, &d->layer[0].study);
    make_signature(r, d);
    make_command(r, &request->command);
    make_settings(r, d);
    make_dropped(r, &d->layer[0].notes);
}

/* ---- predictions ---- */

static bool copy_for_predictions(xp_result *r, xp_execution *execution, xp_readback *back) {
    const xp_request *request = back->layer->request;
    const xp_study *s = &back->layer->study;
    r->n = s->n;
    r->m = s->m;
    r->levels = xp_alloc(request->mapping.levels.count, sizeof *r->levels);
    r->fold = xp_alloc(s->n, sizeof *r->fold);
    uint32_t *all = xp_alloc(s->n, sizeof *all);
    bool ok = r->levels != NULL && r->fold != NULL && all != NULL;
    if (ok) {
        for (size_t k = 0; k < request->mapping.levels.count; k++) r->levels[k] = request->levels[k];
        memcpy(r->fold, s->fold, s->n * sizeof *r->fold);
        for (uint32_t i = 0; i < s->n; i++) all[i] = i;
        ok = xp_csr_select(&s->gold.y, all, s->n, NULL, &r->gold);
    }
    xp_free(all);
    for (size_t i = 0; ok && i < s->n; i++) {
        const char *name = back->layer->design->norms->concepts.item[s->concept_of[i]];
        ok = xp_strings_add(&r->concepts, name, strlen(name));
    }
    for (size_t j = 0; ok && j < s->m; j++) {
        const char *name = back->layer->design->norms->features.item[s->feature_of[j]];
        ok = xp_strings_add(&r->features, name, strlen(name));
    }
    for (size_t c = 0; ok && c < xp_n_conditions; c++) {
        if (back->scores[c].n == 0) continue;
        r->top[c] = back->scores[c].top;
        r->top_levels[c] = xp_readback_n_reached(back, c);
        back->scores[c].top = NULL;
        r->prediction_columns[c] = xp_conditions[c].gold == XP_GOLD_WORD_FORM ? XP_SPELLING : s->m;
        if (xp_conditions[c].gold == XP_GOLD_TAXONOMIC_DROP) {
            size_t left = 0;
            for (size_t j = 0; j < s->m; j++) left += !s->taxonomic[j];
            r->prediction_columns[c] = left;
        }
        if (execution->predictions == NULL) continue;
        r->predictions[c] = execution->predictions[c];
        execution->predictions[c] = NULL;
    }
    return ok;
}

/* ---- layers ---- */

/* Conditions among the units of `from`, which may be another layer: of that only those that see no vectors. */
static bool read_conditions(const xp_execution *from, xp_readback *back) {
    const xp_design_layer *layer = back->layer;
    for (size_t u = 0; u < from->layer->n_units; u++) {
        const xp_unit *unit = &from->layer->units[u];
        const xp_unit_output *output = &from->output[u];
        if (unit->kind != XP_UNIT_CONDITION) continue;
        if (from != back->execution && xp_condition_sees_vectors(&xp_conditions[unit->index])) continue;
        unsigned found;
        if (xp_units_scores_unpack(output->bytes, output->size, layer->study.n, layer->design->metrics,
                                   &back->scores[unit->index], &found) != EXPLAINT_OK)
            return false;
    }
    return true;
}

static bool resample(const xp_request *request, const xp_study *s, xp_bootstrap *bootstrap) {
    const explaint_infer_options *o = &request->options;
    return request->by_category ? xp_bootstrap_create_clusters(bootstrap, s->n, s->label, o->bootstrap, o->seed)
                                : xp_bootstrap_create(bootstrap, s->n, o->bootstrap, o->seed);
}

static bool read_back(xp_result *r, const xp_execution *first, const xp_execution *execution, xp_readback *back) {
    const xp_design_layer *layer = execution->layer;
    *back = (xp_readback){.execution = execution, .layer = layer, .later = execution != first};
    if (layer->vectors != NULL) back->source = xp_result_keep(r, "%s", layer->vectors->name);
    return read_conditions(execution, back) && (!layer->shares || read_conditions(first, back)) &&
           resample(layer->request, &layer->study, &back->bootstrap) &&
           resample(layer->request, &layer->distinct, &back->distinct);
}

static void forget(xp_readback *back) {
    for (size_t c = 0; c < xp_n_conditions; c++) xp_scores_free(&back->scores[c]);
    xp_bootstrap_free(&back->bootstrap);
    xp_bootstrap_free(&back->distinct);
}

static bool add_layer(xp_result *r, xp_execution *first, xp_execution *execution, xp_readback *back) {
    const xp_design *d = execution->layer->design;
    bool ok = read_back(r, first, execution, back) && !r->failed && xp_result_add_rows(r, back);
    if (ok && d->permutations > 0) xp_result_judge(r, back);
    if (ok) xp_result_lint(r, back);
    back->lints = r->view.n_lints;
    ok = ok && (d->by_layer || copy_for_predictions(r, execution, back)) && !r->failed;
    forget(back);
    return ok;
}

static bool add_layers(xp_result *r, const xp_design *d, xp_execution *execution) {
    xp_readback *back = xp_calloc(d->n_layers, sizeof *back);
    r->verdicts = xp_result_own(r, 2 * d->n_layers + 1, sizeof *r->verdicts);
    bool ok = back != NULL && r->verdicts != NULL;
    for (size_t l = 0; ok && l < d->n_layers; l++) ok = add_layer(r, &execution[0], &execution[l], &back[l]);
    if (ok) r->view.verdicts = r->verdicts + 1;
    ok = ok && xp_result_adjust_families(d, back) && xp_result_judge_layers(r, d) && xp_result_merge_lints(r, d, back);
    xp_free(back);
    return ok && !r->failed;
}

/* Lists where they are now, and the answer, which is made of them. */
static bool show(xp_result *r, const xp_request *request) {
    r->view.rows = r->rows;
    r->view.lints = r->lints;
    r->view.components = r->components;
    r->view.iterations = r->iterations;
    r->view.losses = r->losses;
    r->view.n_losses_listed = request->options.by_fold ? r->view.n_losses : 0;
    r->view.penalties = r->penalties;
    return xp_answer_record(&r->view.record, &r->texts);
}

explaint_status xp_result_create(const xp_design *design, xp_execution *execution, explaint_result **result,
                                 explaint_error *error) {
    xp_result *r = xp_calloc(1, sizeof *r);
    if (r == NULL) return xp_no_memory(error, "the result");
    r->view.internals = r;
    make_head(r, design);
    if (r->failed || !add_layers(r, design, execution) || !show(r, design->request)) {
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
    for (size_t i = 0; i < r->n_owned; i++) xp_free(r->owned[i]);
    xp_free_all(r->owned, r->rows, r->lints, r->components, r->iterations, r->losses, r->penalties);
    xp_csr_free(&r->gold);
    xp_free_all(r->fold, r->levels);
    for (size_t c = 0; c < 64; c++) {
        xp_free_all(r->top[c], r->predictions[c]);
    }
    xp_free(r);
}

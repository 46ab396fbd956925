/* What names a run: its command, its inputs by hash, every setting. The same identity gives the same result. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit/length.h"
#include "audit/network.h"
#include "audit/plan_steps.h"
#include "base/json.h"
#include "base/memory.h"
#include "explaint/version.h"
#include "formats/number.h"
#include "norms/norms.h"
#include "norms/vectors.h"

static void add_input(xp_json *json, const char *role, const char *name, const char *path, const char *sha256) {
    xp_json_open(json, NULL, '{', XP_JSON_LINE);
    xp_json_string(json, "role", role);
    xp_json_string(json, "name", name);
    xp_json_string(json, "path", path);
    xp_json_string(json, "sha256", sha256);
    xp_json_close(json);
}

static bool set(struct explaint_plan *plan, const char *key, const char *format, ...) XP_PRINTF(3, 4);
static bool set(struct explaint_plan *plan, const char *key, const char *format, ...) {
    char json[256];
    va_list list;
    va_start(list, format);
    vsnprintf(json, sizeof json, format, list);
    va_end(list);
    return xp_strings_add(&plan->setting_keys, key, strlen(key)) &&
           xp_strings_add(&plan->setting_values, json, strlen(json));
}

static bool set_text(struct explaint_plan *plan, const char *key, const char *value) {
    xp_text json = {0};
    xp_json_quote(&json, value, strlen(value));
    bool ok = !json.failed && xp_strings_add(&plan->setting_keys, key, strlen(key)) &&
              xp_strings_add(&plan->setting_values, json.data, json.length);
    xp_text_free(&json);
    return ok;
}

static bool set_list(struct explaint_plan *plan, const char *key, const size_t *item, size_t count) {
    xp_text json = {0};
    xp_text_adds(&json, "[");
    for (size_t i = 0; i < count; i++) xp_text_addf(&json, "%s%zu", i > 0 ? ", " : "", item[i]);
    xp_text_adds(&json, "]");
    bool ok = !json.failed && xp_strings_add(&plan->setting_keys, key, strlen(key)) &&
              xp_strings_add(&plan->setting_values, json.data, json.length);
    xp_text_free(&json);
    return ok;
}

static bool set_numbers(struct explaint_plan *plan, const char *key, const xp_levels *levels) {
    xp_text json = {0};
    char number[32];
    for (size_t i = 0; i < levels->count; i++) {
        xp_shortest_double(levels->value[i], number);
        xp_text_addf(&json, "%s%s", i > 0 ? ", " : "[", number);
    }
    xp_text_adds(&json, "]");
    bool ok = !json.failed && xp_strings_add(&plan->setting_keys, key, strlen(key)) &&
              xp_strings_add(&plan->setting_values, json.data, json.length);
    xp_text_free(&json);
    return ok;
}

static bool list_penalties(struct explaint_plan *plan) {
    char number[32];
    if (plan->mapping.choose)
        return set_text(plan, "alpha", "auto") && set_numbers(plan, "candidates", &plan->mapping.levels) &&
               set(plan, "inner_folds", "%d", XP_INNER_FOLDS);
    xp_shortest_double(plan->verdict_level, number);
    return set_numbers(plan, "alpha", &plan->mapping.levels) && set(plan, "verdict_alpha", "%s", number);
}

/* The levels of the mapping, and what else of it decides a result. */
static bool list_mapping(struct explaint_plan *plan) {
    const explaint_infer_options *o = &plan->options;
    const xp_mapper *mapper = plan->mapping.mapper;
    if (!xp_plan_tells(plan, "n_components"))
        return set_list(plan, "n_components", NULL, 0) && (!xp_plan_tells(plan, "alpha") || list_penalties(plan)) &&
               (mapper->level_setting == NULL || set(plan, mapper->level_setting, "%.0f", plan->verdict_level)) &&
               (mapper->list == NULL ||
                mapper->list(&plan->mapping.settings, &plan->setting_keys, &plan->setting_values)) &&
               (mapper->fixed == NULL || set(plan, mapper->name, "%s", mapper->fixed));
    if (!set_text(plan, "pls", plan->options.pls)) return false;
    if (!plan->mapping.choose)
        return set_list(plan, "n_components", o->components, o->n_components) &&
               set(plan, "verdict_components", "%.0f", plan->verdict_level);
    return set_text(plan, "n_components", "auto") && set_list(plan, "candidates", o->components, o->n_components) &&
           set(plan, "inner_folds", "%d", XP_INNER_FOLDS);
}

/* Only where they mean something. */
static bool list_norms_settings(struct explaint_plan *plan) {
    const explaint_norms *n = plan->norms;
    return (strcmp(n->kind, "buchanan") != 0 || set_text(plan, "pair_value", xp_pair_value_names[n->pair_value])) &&
           (n->columns == NULL || set_text(plan, "columns", n->columns)) &&
           (n->drop_columns == NULL || set_text(plan, "drop_columns", n->drop_columns)) &&
           (n->sheet == NULL || set_text(plan, "sheet", n->sheet)) &&
           (n->concepts_sha256[0] == 0 || set_text(plan, "concepts_sha256", n->concepts_sha256)) &&
           (n->features_sha256[0] == 0 || set_text(plan, "features_sha256", n->features_sha256));
}

/* Which vectors of a file, or how a model made them. */
static bool list_vectors_settings(struct explaint_plan *plan) {
    if (plan->vectors == NULL) return true;
    if ((plan->vectors->sha256.words[0] != 0 && !set_text(plan, "words", plan->vectors->sha256.words)) ||
        (plan->vectors->tensor != NULL && !set_text(plan, "tensor", plan->vectors->tensor)))
        return false;
    const xp_strings *made = &plan->vectors->settings;
    for (size_t i = 0; i + 1 < made->count; i += 2)
        if (!xp_strings_add(&plan->setting_keys, made->item[i], strlen(made->item[i])) ||
            !xp_strings_add(&plan->setting_values, made->item[i + 1], strlen(made->item[i + 1])))
            return false;
    return true;
}

static const char *const adjust_names[] = {"none", "max-t", "bh"};

static bool set_blocks(struct explaint_plan *plan) {
    char list[128] = "";
    for (size_t b = 0, at = 0; b < XP_LENGTH_BLOCKS; b++)
        at += (size_t)snprintf(list + at, sizeof list - at, "%s%g", b > 0 ? ", " : "", xp_length_share(b));
    return set(plan, "description_length_blocks", "[%s]", list);
}

static bool set_names(struct explaint_plan *plan, const char *key, const xp_strings *names) {
    xp_text json = {0};
    for (size_t i = 0; i < names->count; i++) {
        xp_text_adds(&json, i > 0 ? ", " : "[");
        xp_json_quote(&json, names->item[i], strlen(names->item[i]));
    }
    xp_text_adds(&json, "]");
    bool ok = !json.failed && xp_strings_add(&plan->setting_keys, key, strlen(key)) &&
              xp_strings_add(&plan->setting_values, json.data, json.length);
    xp_text_free(&json);
    return ok;
}

bool xp_plan_list_settings(struct explaint_plan *plan) {
    const explaint_infer_options *o = &plan->options;
    char margin[32];
    xp_shortest_double(o->margin, margin);
    return set_text(plan, "mapping", o->mapping) && list_mapping(plan) && set_text(plan, "conditions", o->conditions) &&
           set_text(plan, "metrics", o->metrics != NULL ? o->metrics : xp_metric_name(plan->metric)) &&
           set_text(plan, "verdict_metric", xp_metric_name(plan->metric)) &&
           set(plan, "folds", "%zu", plan->study.n_folds) && set(plan, "seed", "%llu", (unsigned long long)o->seed) &&
           set_text(plan, "statistic", "agreement") && set(plan, "permutations", "%zu", o->permutations) &&
           set(plan, "refits", "%zu", o->refits) && set_text(plan, "within", o->within) &&
           set(plan, "bootstrap", "%zu", o->bootstrap) &&
           (o->k > 0 ? set(plan, "k", "%zu", o->k) : set_text(plan, "k", "auto")) &&
           set(plan, "test_k", "%.0f", plan->test_k) && set(plan, "margin", "%s", margin) &&
           set(plan, "group_size", "%d", XP_GROUP) && set_text(plan, "na", xp_na_names[plan->norms->na]) &&
           set(plan, "binary", "%s", plan->norms->binary ? "true" : "false") && list_norms_settings(plan) &&
           set(plan, "group_identical", "%s", o->group_identical ? "true" : "false") &&
           set(plan, "by_fold", "%s", o->by_fold ? "true" : "false") && set_text(plan, "claim", o->claim) &&
           (plan->notes.covariates.count == 0 || set_names(plan, "covariates", &plan->notes.covariates)) &&
           (!plan->wants_length || set_blocks(plan)) &&
           (!plan->by_category || set_text(plan, "interval", o->interval)) && list_vectors_settings(plan);
}

bool xp_plan_write_identity(struct explaint_plan *plan) {
    const explaint_infer_options *o = &plan->options;
    xp_json json = {0};
    xp_json_open(&json, NULL, '{', XP_JSON_LINE);
    xp_json_string(&json, "explaint", EXPLAINT_VERSION);
    xp_json_open(&json, "command", '[', XP_JSON_LINE);
    for (size_t i = 0; i < plan->command.count; i++) xp_json_string(&json, NULL, plan->command.item[i]);
    xp_json_close(&json);
    xp_json_open(&json, "inputs", '[', XP_JSON_LINE);
    const xp_study_notes *notes = &xp_plan_part(plan, 0)->notes;
    add_input(&json, "norms", plan->norms->name, plan->norms->path, plan->norms->sha256);
    for (size_t p = 0; plan->vectors != NULL && p < xp_plan_n_parts(plan); p++) {
        const explaint_vectors *vectors = xp_plan_part(plan, p)->vectors;
        if (p == 0 || !xp_plan_same_file(vectors, xp_plan_part(plan, p - 1)->vectors))
            add_input(&json, vectors->of_model ? "model" : "embeddings", vectors->name, vectors->path,
                      vectors->sha256.array);
    }
    if (o->folds_file != NULL) add_input(&json, "folds", o->folds_file, o->folds_file, notes->folds_sha256);
    if (o->categories_file != NULL)
        add_input(&json, "categories", o->categories_file, o->categories_file, notes->categories_sha256);
    if (o->covariates_file != NULL)
        add_input(&json, "covariates", o->covariates_file, o->covariates_file, notes->covariates_sha256);
    xp_json_close(&json);
    xp_json_open(&json, "settings", '{', XP_JSON_LINE);
    for (size_t i = 0; i < plan->setting_keys.count; i++)
        xp_json_raw(&json, plan->setting_keys.item[i], plan->setting_values.item[i]);
    xp_json_close(&json);
    xp_json_close(&json);
    if (!xp_json_end(&json)) {
        xp_json_free(&json);
        return false;
    }
    plan->identity = json.text.data;
    return true;
}

/* Which array of the file is which layer. */
static bool set_tensors(struct explaint_plan *plan) {
    xp_text json = {0};
    for (size_t p = 0; p < plan->n_parts; p++) {
        const char *name = plan->part[p]->vectors->tensor;
        xp_text_adds(&json, p > 0 ? ", " : "[");
        xp_json_quote(&json, name, strlen(name));
    }
    xp_text_adds(&json, "]");
    bool ok = !json.failed && xp_strings_add(&plan->setting_keys, "tensors", strlen("tensors")) &&
              xp_strings_add(&plan->setting_values, json.data, json.length);
    xp_text_free(&json);
    return ok;
}

/* What the parts have in common is said once, by the plan that holds them. */
bool xp_plan_summarise_parts(struct explaint_plan *plan, const explaint_layer *layers) {
    const struct explaint_plan *first = plan->part[0];
    size_t *number = xp_alloc(plan->n_parts, sizeof *number);
    bool ok = number != NULL;
    for (size_t i = 0; ok && i < plan->n_parts; i++) number[i] = (size_t)layers[i].number;
    for (size_t i = 0; ok && i < first->setting_keys.count; i++) {
        const char *key = first->setting_keys.item[i], *value = first->setting_values.item[i];
        if (strcmp(key, "tensor") == 0) continue; /* each layer has its own */
        ok = xp_strings_add(&plan->setting_keys, key, strlen(key)) &&
             xp_strings_add(&plan->setting_values, value, strlen(value));
    }
    ok = ok && set_text(plan, "adjust", adjust_names[plan->adjust]) &&
         set_list(plan, "layers", number, plan->n_parts) && (first->vectors->tensor == NULL || set_tensors(plan)) &&
         xp_plan_write_identity(plan);
    xp_free(number);
    return ok;
}

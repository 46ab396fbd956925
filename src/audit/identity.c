/* What names a run: its command, its inputs by hash, every setting. The same identity gives the same result. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit/design.h"
#include "audit/length.h"
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

static bool set_raw(xp_design *d, const char *key, const char *json) {
    return xp_strings_add(&d->setting_keys, key, strlen(key)) && xp_strings_add(&d->setting_values, json, strlen(json));
}

/* Takes the text. */
static bool set_json(xp_design *d, const char *key, xp_text *json) {
    const bool ok = !json->failed && set_raw(d, key, json->data);
    xp_text_free(json);
    return ok;
}

static bool set(xp_design *d, const char *key, const char *format, ...) XP_PRINTF(3, 4);
static bool set(xp_design *d, const char *key, const char *format, ...) {
    char json[256];
    va_list list;
    va_start(list, format);
    vsnprintf(json, sizeof json, format, list);
    va_end(list);
    return set_raw(d, key, json);
}

static bool set_text(xp_design *d, const char *key, const char *value) {
    xp_text json = {0};
    xp_json_quote(&json, value, strlen(value));
    return set_json(d, key, &json);
}

static bool set_list(xp_design *d, const char *key, const size_t *item, size_t count) {
    xp_text json = {0};
    xp_text_adds(&json, "[");
    for (size_t i = 0; i < count; i++) xp_text_addf(&json, "%s%zu", i > 0 ? ", " : "", item[i]);
    xp_text_adds(&json, "]");
    return set_json(d, key, &json);
}

static bool set_numbers(xp_design *d, const char *key, const xp_levels *levels) {
    xp_text json = {0};
    char number[32];
    for (size_t i = 0; i < levels->count; i++) {
        xp_shortest_double(levels->value[i], number);
        xp_text_addf(&json, "%s%s", i > 0 ? ", " : "[", number);
    }
    xp_text_adds(&json, "]");
    return set_json(d, key, &json);
}

static bool list_penalties(xp_design *d) {
    char number[32];
    if (d->request->mapping.choose)
        return set_text(d, "alpha", "auto") && set_numbers(d, "candidates", &d->request->mapping.levels) &&
               set(d, "inner_folds", "%d", XP_INNER_FOLDS);
    xp_shortest_double(d->request->verdict_level, number);
    return set_numbers(d, "alpha", &d->request->mapping.levels) && set(d, "verdict_alpha", "%s", number);
}

/* The levels of the mapping, and what else of it decides a result. */
static bool list_mapping(xp_design *d) {
    const explaint_infer_options *o = &d->request->options;
    const xp_mapper *mapper = d->request->mapping.mapper;
    if (!xp_request_tells(d->request, "n_components"))
        return set_list(d, "n_components", NULL, 0) && (!xp_request_tells(d->request, "alpha") || list_penalties(d)) &&
               (mapper->level_setting == NULL || set(d, mapper->level_setting, "%.0f", d->request->verdict_level)) &&
               (mapper->list == NULL ||
                mapper->list(&d->request->mapping.settings, &d->setting_keys, &d->setting_values)) &&
               (mapper->fixed == NULL || set(d, mapper->name, "%s", mapper->fixed));
    if (!set_text(d, "pls", d->request->options.pls)) return false;
    if (!d->request->mapping.choose)
        return set_list(d, "n_components", o->components, o->n_components) &&
               set(d, "verdict_components", "%.0f", d->request->verdict_level);
    return set_text(d, "n_components", "auto") && set_list(d, "candidates", o->components, o->n_components) &&
           set(d, "inner_folds", "%d", XP_INNER_FOLDS);
}

/* Only where they mean something. */
static bool list_norms_settings(xp_design *d) {
    const explaint_norms *n = d->norms;
    return (strcmp(n->kind, "buchanan") != 0 || set_text(d, "pair_value", xp_pair_value_names[n->pair_value])) &&
           (n->columns == NULL || set_text(d, "columns", n->columns)) &&
           (n->drop_columns == NULL || set_text(d, "drop_columns", n->drop_columns)) &&
           (n->sheet == NULL || set_text(d, "sheet", n->sheet)) &&
           (n->concepts_sha256[0] == 0 || set_text(d, "concepts_sha256", n->concepts_sha256)) &&
           (n->features_sha256[0] == 0 || set_text(d, "features_sha256", n->features_sha256));
}

/* Which vectors of a file, or how a model made them. */
static bool list_vectors_settings(xp_design *d) {
    const explaint_vectors *vectors = d->layer[0].vectors;
    if (vectors == NULL) return true;
    if ((vectors->sha256.words[0] != 0 && !set_text(d, "words", vectors->sha256.words)) ||
        (!d->by_layer && vectors->tensor != NULL && !set_text(d, "tensor", vectors->tensor)))
        return false;
    const xp_strings *made = &vectors->settings;
    for (size_t i = 0; i + 1 < made->count; i += 2)
        if (!set_raw(d, made->item[i], made->item[i + 1])) return false;
    return true;
}

static const char *const adjust_names[] = {"none", "max-t", "bh"};

static bool set_blocks(xp_design *d) {
    char list[128] = "";
    for (size_t b = 0, at = 0; b < XP_LENGTH_BLOCKS; b++)
        at += (size_t)snprintf(list + at, sizeof list - at, "%s%g", b > 0 ? ", " : "", xp_length_share(b));
    return set(d, "description_length_blocks", "[%s]", list);
}

static bool set_names(xp_design *d, const char *key, const xp_strings *names) {
    xp_text json = {0};
    for (size_t i = 0; i < names->count; i++) {
        xp_text_adds(&json, i > 0 ? ", " : "[");
        xp_json_quote(&json, names->item[i], strlen(names->item[i]));
    }
    xp_text_adds(&json, "]");
    return set_json(d, key, &json);
}

/* Which array of the file is which layer. */
static bool set_tensors(xp_design *d) {
    xp_text json = {0};
    for (size_t p = 0; p < d->n_layers; p++) {
        const char *name = d->layer[p].vectors->tensor;
        xp_text_adds(&json, p > 0 ? ", " : "[");
        xp_json_quote(&json, name, strlen(name));
    }
    xp_text_adds(&json, "]");
    return set_json(d, "tensors", &json);
}

static bool list_layers(xp_design *d) {
    size_t *number = xp_alloc(d->n_layers, sizeof *number);
    for (size_t l = 0; number != NULL && l < d->n_layers; l++) number[l] = (size_t)d->layer[l].number;
    const bool ok = number != NULL && set_text(d, "adjust", adjust_names[d->adjust]) &&
                    set_list(d, "layers", number, d->n_layers) &&
                    (d->layer[0].vectors->tensor == NULL || set_tensors(d));
    xp_free(number);
    return ok;
}

static bool list_settings(xp_design *d) {
    const explaint_infer_options *o = &d->request->options;
    char margin[32];
    xp_shortest_double(o->margin, margin);
    return set_text(d, "mapping", o->mapping) && list_mapping(d) && set_text(d, "conditions", o->conditions) &&
           set_text(d, "metrics", o->metrics != NULL ? o->metrics : xp_metric_name(d->metric)) &&
           set_text(d, "verdict_metric", xp_metric_name(d->metric)) &&
           set(d, "folds", "%zu", d->layer[0].study.n_folds) && set(d, "seed", "%llu", (unsigned long long)o->seed) &&
           set_text(d, "statistic", "agreement") && set(d, "permutations", "%zu", d->permutations) &&
           set(d, "refits", "%zu", d->refits) && set_text(d, "within", o->within) &&
           set(d, "bootstrap", "%zu", o->bootstrap) &&
           (o->k > 0 ? set(d, "k", "%zu", o->k) : set_text(d, "k", "auto")) &&
           set(d, "test_k", "%.0f", d->request->test_k) && set(d, "margin", "%s", margin) &&
           set(d, "group_size", "%d", XP_GROUP) && set_text(d, "na", xp_na_names[d->norms->na]) &&
           set(d, "binary", "%s", d->norms->binary ? "true" : "false") && list_norms_settings(d) &&
           set(d, "group_identical", "%s", o->group_identical ? "true" : "false") &&
           set(d, "by_fold", "%s", o->by_fold ? "true" : "false") && set_text(d, "claim", o->claim) &&
           (d->layer[0].notes.covariates.count == 0 || set_names(d, "covariates", &d->layer[0].notes.covariates)) &&
           (!d->request->wants_length || set_blocks(d)) &&
           (!d->request->by_category || set_text(d, "interval", o->interval)) && list_vectors_settings(d) &&
           (!d->by_layer || list_layers(d));
}

static bool write_identity(xp_design *d) {
    const explaint_infer_options *o = &d->request->options;
    xp_json json = {0};
    xp_json_open(&json, NULL, '{', XP_JSON_LINE);
    xp_json_string(&json, "explaint", EXPLAINT_VERSION);
    xp_json_open(&json, "command", '[', XP_JSON_LINE);
    for (size_t i = 0; i < d->request->command.count; i++) xp_json_string(&json, NULL, d->request->command.item[i]);
    xp_json_close(&json);
    xp_json_open(&json, "inputs", '[', XP_JSON_LINE);
    const xp_study_notes *notes = &d->layer[0].notes;
    add_input(&json, "norms", d->norms->name, d->norms->path, d->norms->sha256);
    for (size_t p = 0; d->layer[0].vectors != NULL && p < d->n_layers; p++) {
        const explaint_vectors *vectors = d->layer[p].vectors;
        if (p == 0 || !xp_design_same_file(vectors, d->layer[p - 1].vectors))
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
    for (size_t i = 0; i < d->setting_keys.count; i++)
        xp_json_raw(&json, d->setting_keys.item[i], d->setting_values.item[i]);
    xp_json_close(&json);
    xp_json_close(&json);
    if (!xp_json_end(&json)) {
        xp_json_free(&json);
        return false;
    }
    d->identity = json.text.data;
    return true;
}

bool xp_design_name(xp_design *d) { return list_settings(d) && write_identity(d); }

/* What names a run: its command, its inputs by hash, every setting. The same identity gives the same result. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit/design.h"
#include "audit/length.h"
#include "base/json.h"
#include "base/memory.h"
#include "formats/number.h"
#include "norms/norms.h"
#include "norms/vectors.h"
#include "result/record.h"

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

static bool set_numbers(xp_design *d, const char *key, const double *value, size_t count) {
    xp_text json = {0};
    char number[32];
    xp_text_adds(&json, "[");
    for (size_t i = 0; i < count; i++) {
        xp_shortest_double(value[i], number);
        xp_text_addf(&json, "%s%s", i > 0 ? ", " : "", number);
    }
    xp_text_adds(&json, "]");
    return set_json(d, key, &json);
}

/* Those of the mapping. */
static bool set_levels(xp_design *d, const char *key) {
    const xp_levels *levels = &d->request->mapping.levels;
    return set_numbers(d, key, levels->value, levels->count);
}

static bool list_penalties(xp_design *d) {
    char number[32];
    if (d->request->mapping.choose)
        return set_text(d, "alpha", "auto") && set_levels(d, "candidates") &&
               set(d, "inner_folds", "%d", XP_INNER_FOLDS);
    xp_shortest_double(d->request->verdict_level, number);
    return set_levels(d, "alpha") && set(d, "verdict_alpha", "%s", number);
}

/* The levels of the mapping, and what else of it decides a result. */
static bool list_mapping(xp_design *d) {
    const xp_mapper *mapper = d->request->mapping.mapper;
    if (!xp_request_tells(d->request, "n_components"))
        return set(d, "n_components", "[]") && (!xp_request_tells(d->request, "alpha") || list_penalties(d)) &&
               (mapper->level_setting == NULL || set(d, mapper->level_setting, "%.0f", d->request->verdict_level)) &&
               (mapper->list == NULL ||
                mapper->list(&d->request->mapping.settings, &d->setting_keys, &d->setting_values)) &&
               (mapper->fixed == NULL || set(d, mapper->name, "%s", mapper->fixed));
    if (!set_text(d, "pls", d->request->options.pls)) return false;
    if (!d->request->mapping.choose)
        return set_levels(d, "n_components") && set(d, "verdict_components", "%.0f", d->request->verdict_level);
    return set_text(d, "n_components", "auto") && set_levels(d, "candidates") &&
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
    double share[XP_LENGTH_BLOCKS];
    for (size_t b = 0; b < XP_LENGTH_BLOCKS; b++) share[b] = xp_length_share(b);
    return set_numbers(d, "description_length_blocks", share, XP_LENGTH_BLOCKS);
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
    xp_strings names = {0};
    bool ok = true;
    for (size_t l = 0; ok && l < d->n_layers; l++) {
        const char *name = d->layer[l].vectors->tensor;
        ok = xp_strings_add(&names, name, strlen(name));
    }
    ok = ok && set_names(d, "tensors", &names);
    xp_strings_free(&names);
    return ok;
}

static bool list_layers(xp_design *d) {
    double *number = xp_alloc(d->n_layers, sizeof *number);
    for (size_t l = 0; number != NULL && l < d->n_layers; l++) number[l] = d->layer[l].number;
    const bool ok = number != NULL && set_text(d, "adjust", adjust_names[d->adjust]) &&
                    set_numbers(d, "layers", number, d->n_layers) &&
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

/* Keys and values as the identity and the result take them. */
static bool pair_settings(xp_design *d) {
    d->settings = xp_alloc(d->setting_keys.count, sizeof *d->settings);
    if (d->settings == NULL) return false;
    for (; d->n_settings < d->setting_keys.count; d->n_settings++)
        d->settings[d->n_settings] =
            (explaint_setting){d->setting_keys.item[d->n_settings], d->setting_values.item[d->n_settings]};
    return true;
}

/* Two layers of one model, or of one file. */
static bool same_file(const explaint_vectors *a, const explaint_vectors *b) {
    return strcmp(a->path, b->path) == 0 && strcmp(a->sha256.array, b->sha256.array) == 0;
}

/* Norms, the vectors of every layer (those of one file once), then what was read beside them. */
static bool list_inputs(xp_design *d) {
    const explaint_norms *norms = d->norms;
    const explaint_infer_options *o = &d->request->options;
    const xp_study_notes *notes = &d->layer[0].notes;
    const explaint_input files[] = {
        {.role = "folds", .path = o->folds_file, .sha256 = notes->folds_sha256},
        {.role = "categories", .path = o->categories_file, .sha256 = notes->categories_sha256},
        {.role = "covariates", .path = o->covariates_file, .sha256 = notes->covariates_sha256}};
    enum { N_FILES = sizeof files / sizeof *files };
    explaint_input *list = d->inputs = xp_alloc(1 + d->n_layers + N_FILES, sizeof *list);
    if (list == NULL) return false;
    list[d->n_inputs++] = (explaint_input){.role = "norms",
                                           .name = norms->name,
                                           .path = norms->path,
                                           .sha256 = norms->sha256,
                                           .shape = {norms->n_concepts, norms->n_features},
                                           .nonzero = norms->row_start[norms->n_concepts]};
    for (size_t l = 0; d->layer[0].vectors != NULL && l < d->n_layers; l++) {
        const explaint_vectors *v = d->layer[l].vectors;
        if (l > 0 && same_file(v, d->layer[l - 1].vectors)) continue;
        list[d->n_inputs++] = (explaint_input){.role = v->of_model ? "model" : "embeddings",
                                               .name = v->name,
                                               .path = v->path,
                                               .sha256 = v->sha256.array,
                                               .shape = {v->n_words, v->width}};
    }
    for (size_t i = 0; i < N_FILES; i++) {
        if (files[i].path == NULL) continue;
        list[d->n_inputs] = files[i];
        list[d->n_inputs++].name = files[i].path;
    }
    return true;
}

bool xp_design_name(xp_design *d) {
    return list_settings(d) && pair_settings(d) && list_inputs(d) &&
           xp_record_identity(d->request->words, d->inputs, d->n_inputs, d->settings, d->n_settings, &d->identity);
}

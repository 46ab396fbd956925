#include "store/export.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/json_read.h"
#include "base/output.h"
#include "explaint/ledger.h"
#include "explaint/version.h"

/* ---- JSON ---- */

static void write_inputs(xp_json *json, const explaint_result *result) {
    xp_json_open(json, "inputs", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < result->n_inputs; i++) {
        const explaint_input *input = &result->inputs[i];
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "role", input->role);
        xp_json_string(json, "name", input->name);
        xp_json_string(json, "path", input->path);
        xp_json_string(json, "sha256", input->sha256);
        if (input->shape[0] > 0 || input->shape[1] > 0) {
            xp_json_open(json, "shape", '[', XP_JSON_LINE);
            xp_json_size(json, NULL, input->shape[0]);
            xp_json_size(json, NULL, input->shape[1]);
            xp_json_close(json);
        }
        if (input->nonzero > 0) xp_json_size(json, "nonzero", input->nonzero);
        xp_json_close(json);
    }
    xp_json_close(json);
}

static void write_row(xp_json *json, const explaint_row *row) {
    xp_json_open(json, NULL, '{', XP_JSON_LINE);
    xp_json_string(json, "norms", row->norms);
    xp_json_string(json, "source", row->source);
    if (row->layer >= 0)
        xp_json_integer(json, "layer", row->layer);
    else
        xp_json_null(json, "layer");
    xp_json_string(json, "mapping", row->mapping);
    if (row->n_components > 0)
        xp_json_size(json, "n_components", row->n_components);
    else
        xp_json_null(json, "n_components");
    xp_json_string(json, "condition", row->condition);
    xp_json_string(json, "target", row->target);
    xp_json_string(json, "metric", row->metric);
    if (row->fold >= 0)
        xp_json_integer(json, "fold", row->fold);
    else
        xp_json_null(json, "fold");
    xp_json_number(json, "value", row->value);
    xp_json_size(json, "n", row->n);
    xp_json_size(json, "undefined", row->undefined);
    if (row->has_ci) xp_json_interval(json, "ci", row->ci);
    xp_json_close(json);
}

static void write_assumption(xp_json *json, const explaint_assumption *a) {
    xp_json_open(json, NULL, '{', XP_JSON_LINE);
    xp_json_string(json, "id", a->id);
    xp_json_string(json, "outcome", a->outcome);
    xp_json_string(json, "text", a->text);
    xp_json_string(json, "why", a->why);
    xp_json_string(json, "statistic", a->statistic);
    if (a->statistic != NULL) xp_json_number(json, "r", a->observed);
    xp_json_number(json, "gain", a->gain);
    xp_json_interval(json, "ci", a->ci);
    xp_json_number(json, "p", a->p);
    xp_json_number(json, "p_adjusted", a->p_adjusted);
    xp_json_number(json, "p_error", a->p_error);
    xp_json_number(json, "z", a->z);
    xp_json_number(json, "level", a->level);
    xp_json_number(json, "upper", a->upper);
    xp_json_number(json, "margin", a->margin);
    xp_json_number(json, "mde", a->mde);
    xp_json_number(json, "observed", a->observed);
    xp_json_number(json, "null_mean", a->null_mean);
    xp_json_number(json, "null_sd", a->null_sd);
    xp_json_number(json, "peer_gain", a->peer_gain);
    xp_json_number(json, "peer_p", a->peer_p);
    if (a->effect_metric != NULL) {
        xp_json_number(json, "effect", a->effect);
        xp_json_string(json, "effect_metric", a->effect_metric);
        xp_json_size(json, "effect_refits", a->effect_refits);
    }
    if (a->n > 0) xp_json_size(json, "n", a->n);
    if (a->permutations > 0) xp_json_size(json, "permutations", a->permutations);
    xp_json_close(json);
}

static void write_verdicts(xp_json *json, const explaint_result *result) {
    xp_json_open(json, "verdicts", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const explaint_verdict *verdict = &result->verdicts[i];
        xp_json_open(json, NULL, '{', XP_JSON_BLOCK);
        xp_json_string(json, "claim", verdict->claim);
        if (verdict->layer >= 0) xp_json_integer(json, "layer", verdict->layer);
        if (verdict->n_layers > 0) {
            xp_json_size(json, "layers", verdict->n_layers);
            xp_json_integer(json, "best_layer", verdict->best_layer);
        }
        xp_json_string(json, "verdict", verdict->verdict);
        if (verdict->decided_by != NULL && verdict->decided_by[0] != 0)
            xp_json_string(json, "decided_by", verdict->decided_by);
        else
            xp_json_null(json, "decided_by");
        xp_json_string(json, "metric", result->verdict_metric);
        if (result->verdict_components > 0) xp_json_size(json, "n_components", result->verdict_components);
        if (result->verdict_mapping != NULL && strchr(result->verdict_mapping, ':') != NULL)
            xp_json_string(json, "mapping", result->verdict_mapping);
        xp_json_string(json, "text", verdict->text);
        xp_json_open(json, "assumptions", '[', XP_JSON_BLOCK);
        for (size_t j = 0; j < verdict->n_assumptions; j++) write_assumption(json, &verdict->assumptions[j]);
        xp_json_close(json);
        xp_json_close(json);
    }
    xp_json_close(json);
}

/* What the norms are once concepts were dropped: the frame in which the rows are read. */
static void write_norms(xp_json *json, const explaint_result *result) {
    xp_json_open(json, "norms", '{', XP_JSON_LINE);
    xp_json_size(json, "concepts", result->n_concepts);
    xp_json_size(json, "features", result->n_features);
    xp_json_number(json, "chance", result->chance);
    xp_json_number(json, "ceiling", result->ceiling);
    xp_json_close(json);
}

static void write_components(xp_json *json, const explaint_result *result) {
    if (result->n_component_notes == 0) return;
    xp_json_open(json, "components", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < result->n_component_notes; i++) {
        const explaint_fold_components *note = &result->components[i];
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "condition", note->condition);
        if (note->layer >= 0) xp_json_integer(json, "layer", note->layer);
        if (result->components_chosen) xp_json_string(json, "target", note->target);
        xp_json_size(json, "fold", note->fold);
        xp_json_size(json, "asked", note->asked);
        xp_json_size(json, "used", note->used);
        xp_json_close(json);
    }
    xp_json_close(json);
}

static void write_penalties(xp_json *json, const explaint_result *result) {
    if (result->n_penalties == 0) return;
    xp_json_open(json, "penalties", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < result->n_penalties; i++) {
        const explaint_fold_penalty *note = &result->penalties[i];
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "condition", note->condition);
        if (note->layer >= 0) xp_json_integer(json, "layer", note->layer);
        xp_json_string(json, "target", note->target);
        xp_json_size(json, "fold", note->fold);
        xp_json_number(json, "alpha", note->alpha);
        xp_json_close(json);
    }
    xp_json_close(json);
}

static void write_iterations(xp_json *json, const explaint_result *result) {
    if (result->n_iterations == 0) return;
    xp_json_open(json, "iterations", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < result->n_iterations; i++) {
        const explaint_fold_iterations *note = &result->iterations[i];
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "condition", note->condition);
        if (note->layer >= 0) xp_json_integer(json, "layer", note->layer);
        xp_json_string(json, "target", note->target);
        xp_json_size(json, "fold", note->fold);
        xp_json_size(json, "components", note->components);
        xp_json_size(json, "total", note->total);
        xp_json_size(json, "most", note->most);
        xp_json_size(json, "capped", note->capped);
        xp_json_close(json);
    }
    xp_json_close(json);
}

static void write_curve(xp_json *json, const char *key, const double *loss, size_t n) {
    xp_json_open(json, key, '[', XP_JSON_LINE);
    for (size_t i = 0; i < n; i++) xp_json_number(json, NULL, loss[i]);
    xp_json_close(json);
}

static void write_losses(xp_json *json, const explaint_result *result) {
    if (result->n_losses == 0 || !result->losses_by_fold) return;
    xp_json_open(json, "losses", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < result->n_losses; i++) {
        const explaint_fold_losses *note = &result->losses[i];
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "condition", note->condition);
        if (note->layer >= 0) xp_json_integer(json, "layer", note->layer);
        xp_json_string(json, "target", note->target);
        xp_json_size(json, "fold", note->fold);
        xp_json_size(json, "best", note->best);
        write_curve(json, "train", note->train, note->epochs);
        if (note->dev != NULL) write_curve(json, "dev", note->dev, note->epochs);
        xp_json_close(json);
    }
    xp_json_close(json);
}

static void write_document(xp_json *json, const explaint_result *result) {
    xp_json_open(json, NULL, '{', XP_JSON_BLOCK);
    xp_json_string(json, "explaint", result->version != NULL ? result->version : EXPLAINT_VERSION);
    xp_json_open(json, "command", '[', XP_JSON_LINE);
    for (size_t i = 0; result->command != NULL && result->command[i] != NULL; i++)
        xp_json_string(json, NULL, result->command[i]);
    xp_json_close(json);
    write_inputs(json, result);
    xp_json_open(json, "settings", '{', XP_JSON_BLOCK);
    for (size_t i = 0; i < result->n_settings; i++)
        xp_json_raw(json, result->settings[i].key, result->settings[i].json);
    xp_json_close(json);
    xp_json_open(json, "dropped", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < result->n_dropped; i++) {
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "concept", result->dropped[i].concept_name);
        xp_json_string(json, "why", result->dropped[i].why);
        xp_json_close(json);
    }
    xp_json_close(json);
    write_norms(json, result);
    xp_json_open(json, "rows", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < result->n_rows; i++) write_row(json, &result->rows[i]);
    xp_json_close(json);
    write_components(json, result);
    write_penalties(json, result);
    write_iterations(json, result);
    write_losses(json, result);
    xp_json_open(json, "lints", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < result->n_lints; i++) {
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "id", result->lints[i].id);
        xp_json_string(json, "level", result->lints[i].level);
        xp_json_string(json, "text", result->lints[i].text);
        xp_json_close(json);
    }
    xp_json_close(json);
    write_verdicts(json, result);
    xp_json_string(json, "signature", result->signature);
    xp_json_close(json);
}

explaint_status xp_result_document(const explaint_result *result, xp_text *text, explaint_error *error) {
    /* Settings come as JSON text: one that is not would spoil the whole document, so each is read once. */
    for (size_t i = 0; i < result->n_settings; i++) {
        explaint_error why = {0};
        const char *value = result->settings[i].json;
        xp_value *parsed = value != NULL ? xp_value_parse(value, strlen(value), NULL, &why) : NULL;
        if (why.code == EXPLAINT_FAILED) return xp_no_memory(error, "the JSON document");
        if (parsed == NULL)
            return xp_fail(
                error, EXPLAINT_FAILED, NULL, 0,
                "the setting \"%s\" should be JSON text, found \"%s\": a mistake in explaint, please report it",
                result->settings[i].key, value != NULL ? value : "nothing");
        xp_value_free(parsed);
    }
    xp_json json = {0};
    write_document(&json, result);
    if (!xp_json_end(&json)) {
        bool misused = json.misused;
        xp_json_free(&json);
        return misused ? xp_fail(error, EXPLAINT_FAILED, NULL, 0,
                                 "the JSON document came out unbalanced: a mistake in explaint, please report it")
                       : xp_no_memory(error, "the JSON document");
    }
    if (text->data == NULL && !text->failed) {
        *text = json.text; /* moved: documents are large */
    } else {
        xp_text_add(text, json.text.data, json.text.length);
        xp_json_free(&json);
    }
    return text->failed ? xp_no_memory(error, "the JSON document") : EXPLAINT_OK;
}

/* ---- CSV ---- */

static void field(xp_text *text, const char *value) {
    if (value == NULL) return;
    if (strpbrk(value, ",\"\r\n") == NULL) {
        xp_text_adds(text, value);
        return;
    }
    xp_text_add(text, "\"", 1);
    for (const char *quote; (quote = strchr(value, '"')) != NULL; value = quote + 1) {
        xp_text_add(text, value, (size_t)(quote - value) + 1);
        xp_text_add(text, "\"", 1);
    }
    xp_text_adds(text, value);
    xp_text_add(text, "\"", 1);
}

static void text_field(xp_text *text, const char *value) {
    field(text, value);
    xp_text_add(text, ",", 1);
}

static void number(xp_text *text, bool exists, double value, const char *after) {
    char digits[32];
    if (exists && isfinite(value)) xp_text_add(text, digits, xp_shortest_double(value, digits));
    xp_text_adds(text, after);
}

void xp_csv_header(xp_text *text) {
    xp_text_adds(text, "norms,source,layer,mapping,n_components,condition,target,metric,fold,value,n,undefined,"
                       "ci_low,ci_high,p,p_adjusted\r\n");
}

void xp_csv_row(xp_text *text, const explaint_row *row) {
    text_field(text, row->norms);
    text_field(text, row->source);
    number(text, row->layer >= 0, row->layer, ",");
    text_field(text, row->mapping);
    number(text, row->n_components > 0, (double)row->n_components, ",");
    text_field(text, row->condition);
    text_field(text, row->target);
    text_field(text, row->metric);
    number(text, row->fold >= 0, row->fold, ",");
    number(text, true, row->value, ",");
    xp_text_addf(text, "%zu,%zu,", row->n, row->undefined);
    bool ci = row->has_ci && isfinite(row->ci[0]) && isfinite(row->ci[1]);
    number(text, ci, row->ci[0], ",");
    number(text, ci, row->ci[1], ",");
    number(text, row->has_p, row->p, ",");
    number(text, row->has_p_adjusted, row->p_adjusted, "\r\n");
}

/* ---- writing ---- */

explaint_status explaint_result_write_json(const explaint_result *result, FILE *out, explaint_error *error) {
    xp_text text = {0};
    explaint_status status = xp_result_document(result, &text, error);
    if (status == EXPLAINT_OK) status = xp_write_text(&text, "the JSON document", out, error);
    xp_text_free(&text);
    return status;
}

explaint_status explaint_result_write_csv(const explaint_result *result, FILE *out, explaint_error *error) {
    xp_text text = {0};
    xp_csv_header(&text);
    for (size_t i = 0; i < result->n_rows; i++) xp_csv_row(&text, &result->rows[i]);
    explaint_status status = xp_write_text(&text, "the CSV of rows", out, error);
    xp_text_free(&text);
    return status;
}

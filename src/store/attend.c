/* The result of explaint_attend as JSON and CSV (docs/results.md#attend). */
#include <math.h>

#include "base/json.h"
#include "base/output.h"
#include "explaint/attend.h"

static void add_place(xp_json *json, const char *key, int value) {
    if (value >= 0)
        xp_json_integer(json, key, value);
    else
        xp_json_null(json, key);
}

static void add_flag(xp_json *json, const char *key, int value) {
    if (value >= 0) xp_json_raw(json, key, value > 0 ? "true" : "false");
}

static void add_row(xp_json *json, const explaint_attend_row *row) {
    xp_json_open(json, NULL, '{', XP_JSON_LINE);
    add_place(json, "text", row->text);
    add_place(json, "layer", row->layer);
    add_place(json, "head", row->head);
    xp_json_string(json, "measure", row->measure);
    xp_json_string(json, "g", row->g);
    xp_json_string(json, "candidates", row->candidates);
    xp_json_string(json, "reference", row->reference);
    xp_json_string(json, "distance", row->distance);
    xp_json_string(json, "hit", row->hit);
    xp_json_string(json, "rows", row->rows);
    add_flag(json, "standardised", row->standardised);
    xp_json_string(json, "model", row->model);
    xp_json_string(json, "pairs", row->pairs);
    xp_json_string(json, "damage", row->damage);
    add_flag(json, "undone", row->undone);
    xp_json_string(json, "scope", row->scope);
    xp_json_number(json, "value", row->value);
    if (row->n > 0) xp_json_size(json, "n", row->n);
    xp_json_close(json);
}

static void add_layer(xp_json *json, const explaint_attend_layer *l) {
    xp_json_open(json, NULL, '{', XP_JSON_LINE);
    xp_json_size(json, "layer", l->layer);
    xp_json_string(json, "A1", l->a1);
    xp_json_string(json, "A3", l->a3);
    xp_json_string(json, "sink", l->sink);
    xp_json_number(json, "recovered", l->recovered);
    xp_json_interval(json, "recovered_ci", l->recovered_ci);
    xp_json_number(json, "shuffled", l->shuffled);
    xp_json_interval(json, "shuffled_ci", l->shuffled_ci);
    xp_json_number(json, "whole", l->whole);
    xp_json_interval(json, "whole_ci", l->whole_ci);
    xp_json_number(json, "content", l->content);
    xp_json_interval(json, "content_ci", l->content_ci);
    xp_json_number(json, "null_mean", l->null_mean);
    xp_json_interval(json, "null_ci", l->null_ci);
    xp_json_number(json, "p", l->p);
    xp_json_close(json);
}

static void add_verdict(xp_json *json, const explaint_attend_verdict *v) {
    xp_json_open(json, NULL, '{', XP_JSON_BLOCK);
    xp_json_string(json, "claim", v->claim);
    xp_json_open(json, "layers", '[', XP_JSON_LINE);
    xp_json_size(json, NULL, v->first);
    xp_json_size(json, NULL, v->last);
    xp_json_close(json);
    xp_json_string(json, "verdict", v->verdict);
    if (v->decided_by[0] != 0)
        xp_json_string(json, "decided_by", v->decided_by);
    else
        xp_json_null(json, "decided_by");
    xp_json_string(json, "text", v->text);
    xp_json_open(json, "assumptions", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < v->n_assumptions; i++) {
        const explaint_attend_assumption *a = &v->assumptions[i];
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "id", a->id);
        xp_json_string(json, "outcome", a->outcome);
        xp_json_string(json, "text", a->text);
        xp_json_string(json, "why", a->why);
        xp_json_close(json);
    }
    xp_json_close(json);
    xp_json_close(json);
}

static void add_head(xp_json *json, const explaint_attend_result *r) {
    xp_json_string(json, "explaint", r->version);
    xp_json_open(json, "command", '[', XP_JSON_LINE);
    for (size_t i = 0; r->command[i] != NULL; i++) xp_json_string(json, NULL, r->command[i]);
    xp_json_close(json);
    xp_json_open(json, "inputs", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < r->n_inputs; i++) {
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "role", r->inputs[i].role);
        xp_json_string(json, "name", r->inputs[i].name);
        xp_json_string(json, "path", r->inputs[i].path);
        xp_json_string(json, "sha256", r->inputs[i].sha256);
        xp_json_close(json);
    }
    xp_json_close(json);
    xp_json_open(json, "settings", '{', XP_JSON_BLOCK);
    for (size_t i = 0; i < r->n_settings; i++) xp_json_raw(json, r->settings[i].key, r->settings[i].json);
    xp_json_close(json);
    xp_json_open(json, "texts", '{', XP_JSON_LINE);
    xp_json_size(json, "texts", r->n_texts);
    xp_json_size(json, "pieces", r->n_pieces);
    if (r->n_judged > 0) {
        xp_json_size(json, "judged", r->n_judged);
        xp_json_size(json, "judged_length", r->judged_length);
        xp_json_raw(json, "judged_own", r->judged_own ? "true" : "false");
    }
    xp_json_close(json);
}

explaint_status explaint_attend_write_json(const explaint_attend_result *r, FILE *out, explaint_error *error) {
    xp_json json = {0};
    xp_json_open(&json, NULL, '{', XP_JSON_BLOCK);
    add_head(&json, r);
    xp_json_open(&json, "rows", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < r->n_rows; i++) add_row(&json, &r->rows[i]);
    xp_json_close(&json);
    xp_json_open(&json, "lints", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < r->n_lints; i++) {
        xp_json_open(&json, NULL, '{', XP_JSON_LINE);
        xp_json_string(&json, "id", r->lints[i].id);
        xp_json_string(&json, "level", r->lints[i].level);
        xp_json_string(&json, "text", r->lints[i].text);
        xp_json_close(&json);
    }
    xp_json_close(&json);
    xp_json_open(&json, "layers", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < r->n_layers; i++) add_layer(&json, &r->layers[i]);
    xp_json_close(&json);
    xp_json_open(&json, "verdicts", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < r->n_verdicts; i++) add_verdict(&json, &r->verdicts[i]);
    xp_json_close(&json);
    xp_json_string(&json, "signature", r->signature);
    xp_json_close(&json);
    return xp_json_write(&json, out, error);
}

/* ---- CSV: names need no quotes ---- */

static void cell(xp_text *text, const char *value) { xp_text_addf(text, "%s,", value != NULL ? value : ""); }

static void place_cell(xp_text *text, int value) {
    if (value >= 0) xp_text_addf(text, "%d", value);
    xp_text_adds(text, ",");
}

static void flag_cell(xp_text *text, int value) { cell(text, value < 0 ? NULL : value > 0 ? "true" : "false"); }

explaint_status explaint_attend_write_csv(const explaint_attend_result *r, FILE *out, explaint_error *error) {
    xp_text text = {0};
    char number[32];
    xp_text_adds(&text,
                 "text,layer,head,measure,g,candidates,reference,distance,hit,rows,standardised,model,pairs,damage,"
                 "undone,scope,value,n\r\n");
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_attend_row *row = &r->rows[i];
        place_cell(&text, row->text);
        place_cell(&text, row->layer);
        place_cell(&text, row->head);
        cell(&text, row->measure);
        cell(&text, row->g);
        cell(&text, row->candidates);
        cell(&text, row->reference);
        cell(&text, row->distance);
        cell(&text, row->hit);
        cell(&text, row->rows);
        flag_cell(&text, row->standardised);
        cell(&text, row->model);
        cell(&text, row->pairs);
        cell(&text, row->damage);
        flag_cell(&text, row->undone);
        cell(&text, row->scope);
        xp_shortest_double(row->value, number);
        cell(&text, number);
        if (row->n > 0) xp_text_addf(&text, "%zu", row->n);
        xp_text_adds(&text, "\r\n");
    }
    explaint_status status = xp_write_text(&text, "the CSV", out, error);
    xp_text_free(&text);
    return status;
}

/* Comparisons, and tests adjusted together, as JSON and CSV. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/output.h"
#include "explaint/adjust.h"
#include "explaint/compare.h"
#include "explaint/version.h"

static void integer_or_null(xp_json *json, const char *key, long long value, long long none) {
    if (value == none)
        xp_json_null(json, key);
    else
        xp_json_integer(json, key, value);
}

static void write_paired(xp_json *json, const explaint_paired *p) {
    xp_json_number(json, "difference", p->difference);
    if (!p->paired) return;
    xp_json_interval(json, "ci", p->ci);
    xp_json_number(json, "p", p->p);
    xp_json_number(json, "p_error", p->p_error);
    xp_json_size(json, "n", p->n);
    xp_json_number(json, "a_paired", p->value[0]);
    xp_json_number(json, "b_paired", p->value[1]);
}

static void write_row(xp_json *json, const explaint_compared_row *row) {
    xp_json_open(json, NULL, '{', XP_JSON_LINE);
    integer_or_null(json, "layer_a", row->layer[0], -1);
    integer_or_null(json, "layer_b", row->layer[1], -1);
    xp_json_string(json, "mapping_a", row->mapping[0]);
    xp_json_string(json, "mapping_b", row->mapping[1]);
    xp_json_string(json, "condition", row->condition);
    xp_json_string(json, "target", row->target);
    xp_json_string(json, "metric", row->metric);
    integer_or_null(json, "n_components_a", (long long)row->n_components[0], 0);
    integer_or_null(json, "n_components_b", (long long)row->n_components[1], 0);
    xp_json_number(json, "a", row->value[0]);
    xp_json_number(json, "b", row->value[1]);
    write_paired(json, &row->paired);
    xp_json_number(json, "p_adjusted", row->p_adjusted);
    xp_json_close(json);
}

static void write_verdict(xp_json *json, const explaint_compared_verdict *v) {
    xp_json_open(json, NULL, '{', XP_JSON_BLOCK);
    xp_json_string(json, "claim", v->claim);
    integer_or_null(json, "layer_a", v->layer[0], -1);
    integer_or_null(json, "layer_b", v->layer[1], -1);
    xp_json_string(json, "a", v->verdict[0]);
    xp_json_string(json, "b", v->verdict[1]);
    xp_json_raw(json, "changed", strcmp(v->verdict[0], v->verdict[1]) != 0 ? "true" : "false");
    xp_json_open(json, "assumptions", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < v->n_assumptions; i++) {
        const explaint_compared_assumption *a = &v->assumptions[i];
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "id", a->id);
        xp_json_string(json, "a", a->outcome[0]);
        xp_json_string(json, "b", a->outcome[1]);
        xp_json_raw(json, "changed", strcmp(a->outcome[0], a->outcome[1]) != 0 ? "true" : "false");
        xp_json_number(json, "gain_a", a->gain[0]);
        xp_json_number(json, "gain_b", a->gain[1]);
        write_paired(json, &a->paired);
        xp_json_number(json, "mde_a", a->mde[0]);
        xp_json_number(json, "mde_b", a->mde[1]);
        xp_json_close(json);
    }
    xp_json_close(json);
    xp_json_close(json);
}

static void write_side(xp_json *json, const char *key, const explaint_compared_side *side) {
    xp_json_open(json, key, '{', XP_JSON_LINE);
    xp_json_string(json, "place", side->place);
    xp_json_string(json, "source", side->source);
    xp_json_string(json, "mapping", side->mapping);
    xp_json_string(json, "signature", side->signature);
    xp_json_close(json);
}

static void write_strings(xp_json *json, const char *key, const char *const *item, size_t n, xp_json_layout form) {
    xp_json_open(json, key, '[', form);
    for (size_t i = 0; i < n; i++) xp_json_string(json, NULL, item[i]);
    xp_json_close(json);
}

static void begin_document(xp_json *json, const char *const *command) {
    size_t n = 0;
    while (command != NULL && command[n] != NULL) n++;
    xp_json_open(json, NULL, '{', XP_JSON_BLOCK);
    xp_json_string(json, "explaint", EXPLAINT_VERSION);
    write_strings(json, "command", command, n, XP_JSON_LINE);
}

explaint_status explaint_comparison_write_json(const explaint_comparison *c, FILE *out, explaint_error *error) {
    xp_json json = {0};
    begin_document(&json, c->command);
    write_side(&json, "a", &c->side[0]);
    write_side(&json, "b", &c->side[1]);
    xp_json_open(&json, "changes", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < c->n_changes; i++) {
        const explaint_compared_change *change = &c->changes[i];
        xp_json_open(&json, NULL, '{', XP_JSON_LINE);
        xp_json_string(&json, "what", change->what);
        xp_json_string(&json, "key", change->key);
        if (change->value[0] != NULL) xp_json_raw(&json, "a", change->value[0]);
        if (change->value[1] != NULL) xp_json_raw(&json, "b", change->value[1]);
        xp_json_close(&json);
    }
    xp_json_close(&json);
    write_strings(&json, "notes", c->notes, c->n_notes, XP_JSON_BLOCK);
    xp_json_open(&json, "rows", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < c->n_rows; i++) write_row(&json, &c->rows[i]);
    xp_json_close(&json);
    xp_json_open(&json, "verdicts", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < c->n_verdicts; i++) write_verdict(&json, &c->verdicts[i]);
    xp_json_close(&json);
    xp_json_close(&json);
    return xp_json_write(&json, out, error);
}

explaint_status explaint_adjustment_write_json(const explaint_adjustment *a, FILE *out, explaint_error *error) {
    xp_json json = {0};
    begin_document(&json, a->command);
    xp_json_string(&json, "method", a->method);
    write_strings(&json, "notes", a->notes, a->n_notes, XP_JSON_BLOCK);
    xp_json_open(&json, "tests", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < a->n_tests; i++) {
        const explaint_adjusted_test *t = &a->tests[i];
        xp_json_open(&json, NULL, '{', XP_JSON_LINE);
        xp_json_string(&json, "id", t->id);
        xp_json_string(&json, "place", t->place);
        xp_json_string(&json, "norms", t->norms);
        xp_json_string(&json, "source", t->source);
        integer_or_null(&json, "layer", t->layer, -1);
        xp_json_string(&json, "mapping", t->mapping);
        integer_or_null(&json, "n_components", (long long)t->n_components, 0);
        xp_json_number(&json, "gain", t->gain);
        xp_json_number(&json, "p", t->p);
        xp_json_number(&json, "p_adjusted", t->p_adjusted);
        xp_json_close(&json);
    }
    xp_json_close(&json);
    xp_json_close(&json);
    return xp_json_write(&json, out, error);
}

/* ---- CSV ---- */

static void number(xp_text *text, double value, const char *after) {
    char digits[32];
    if (isfinite(value)) xp_text_add(text, digits, xp_shortest_double(value, digits));
    xp_text_adds(text, after);
}

static void whole(xp_text *text, long long value, long long none) {
    if (value != none) xp_text_addf(text, "%lld", value);
    xp_text_adds(text, ",");
}

/* Names of documents are no text of ours: one with a comma or quote is quoted. */
static void field(xp_text *text, const char *value) {
    if (strpbrk(value, ",\"\r\n") == NULL) {
        xp_text_addf(text, "%s,", value);
        return;
    }
    xp_text_adds(text, "\"");
    for (; *value != 0; value++) {
        if (*value == '"') xp_text_adds(text, "\"");
        xp_text_add(text, value, 1);
    }
    xp_text_adds(text, "\",");
}

explaint_status explaint_comparison_write_csv(const explaint_comparison *c, FILE *out, explaint_error *error) {
    xp_text text = {0};
    xp_text_adds(&text, "layer_a,layer_b,mapping_a,mapping_b,condition,target,metric,n_components_a,n_components_b,a,b,"
                        "difference,ci_low,"
                        "ci_high,p,p_adjusted,n\r\n");
    for (size_t i = 0; i < c->n_rows; i++) {
        const explaint_compared_row *row = &c->rows[i];
        for (int k = 0; k < 2; k++) whole(&text, row->layer[k], -1);
        for (int k = 0; k < 2; k++) field(&text, row->mapping[k]);
        field(&text, row->condition);
        field(&text, row->target);
        field(&text, row->metric);
        for (int k = 0; k < 2; k++) whole(&text, (long long)row->n_components[k], 0);
        for (int k = 0; k < 2; k++) number(&text, row->value[k], ",");
        number(&text, row->paired.difference, ",");
        for (int k = 0; k < 2; k++) number(&text, row->paired.ci[k], ",");
        number(&text, row->paired.p, ",");
        number(&text, row->p_adjusted, ",");
        if (row->paired.paired) xp_text_addf(&text, "%zu", row->paired.n);
        xp_text_adds(&text, "\r\n");
    }
    explaint_status status = xp_write_text(&text, "the CSV of differences", out, error);
    xp_text_free(&text);
    return status;
}

explaint_status explaint_adjustment_write_csv(const explaint_adjustment *a, FILE *out, explaint_error *error) {
    xp_text text = {0};
    xp_text_adds(&text, "id,place,norms,source,layer,mapping,n_components,gain,p,p_adjusted\r\n");
    for (size_t i = 0; i < a->n_tests; i++) {
        const explaint_adjusted_test *t = &a->tests[i];
        field(&text, t->id);
        field(&text, t->place);
        field(&text, t->norms);
        field(&text, t->source);
        whole(&text, t->layer, -1);
        field(&text, t->mapping);
        whole(&text, (long long)t->n_components, 0);
        number(&text, t->gain, ",");
        number(&text, t->p, ",");
        number(&text, t->p_adjusted, "\r\n");
    }
    explaint_status status = xp_write_text(&text, "the CSV of tests", out, error);
    xp_text_free(&text);
    return status;
}

/* Runs of attend: what each layer was judged by, and what was said of it. */
#include <math.h>
#include <string.h>

#include "report/table.h"
#include "report/tables.h"

/* A value as JSON has it; a dash where it is absent. */
static void stored(xp_report_table *table, const xp_value *value) {
    xp_text text = {0};
    if (value != NULL) xp_value_text(value, &text);
    table->failed |= text.failed;
    xp_report_table_word(table, text.failed ? NULL : text.data);
    xp_text_free(&text);
}

static void count(xp_report_table *table, size_t n) { xp_text_addf(&xp_report_table_cell(table)->out, "%zu", n); }

/* ---- layers ---- */

enum { MOST_LAYERS = 1000 }; /* of a document that is no hostile one */

/* The share of rows of all texts that are nearest to their own token, as they are. NaN: not measured. */
static double identity(const explaint_attend_result *r, int layer) {
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_attend_row *row = &r->rows[i];
        if (row->layer == layer && row->text < 0 && row->head < 0 && row->standardised < 1 &&
            xp_report_is(row->measure, "identity_recovered") && xp_report_is(row->g, "identity") &&
            xp_report_is(row->candidates, "sentence") && xp_report_is(row->reference, "word") &&
            xp_report_is(row->distance, "cosine") && xp_report_is(row->hit, "id") &&
            xp_report_is(row->rows, r->special != NULL ? "content" : "all") && xp_report_is(row->model, "trained"))
            return row->value;
    }
    return NAN;
}

static const explaint_attend_layer *judged(const explaint_attend_result *r, int layer) {
    for (size_t i = 0; i < r->n_layers; i++)
        if (r->layers[i].layer == (size_t)layer) return &r->layers[i];
    return NULL;
}

static int last_layer(const explaint_attend_result *r) {
    int last = -1;
    for (size_t i = 0; i < r->n_rows; i++)
        if (r->rows[i].layer > last && r->rows[i].layer < MOST_LAYERS) last = r->rows[i].layer;
    for (size_t i = 0; i < r->n_layers; i++)
        if ((int)r->layers[i].layer > last && r->layers[i].layer < MOST_LAYERS) last = (int)r->layers[i].layer;
    return last;
}

static void layer_row(xp_report_table *table, const xp_report_run *run, int layer) {
    static const explaint_attend_layer none = {
        .recovered = NAN, .shuffled = NAN, .own_largest = NAN, .whole = NAN, .content = NAN, .null_mean = NAN};
    const explaint_attend_layer *found = judged(run->attention, layer), *l = found != NULL ? found : &none;
    const double recovered = identity(run->attention, layer);
    if (found == NULL && isnan(recovered)) return;
    xp_markup_text(xp_report_table_cell(table), run->label);
    count(table, (size_t)layer);
    xp_report_table_number(table, recovered, NULL);
    const struct {
        double value;
        const double *ci;
    } numbers[] = {{l->recovered, l->recovered_ci}, {l->shuffled, NULL},         {l->own_largest, l->own_largest_ci},
                   {l->whole, l->whole_ci},         {l->content, l->content_ci}, {l->null_mean, l->null_ci}};
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        xp_report_table_number(
            table, numbers[k].value,
            numbers[k].ci != NULL && isfinite(numbers[k].value) && isfinite(numbers[k].ci[0]) ? numbers[k].ci : NULL);
    xp_report_table_word(table, l->a1);
    xp_report_table_word(table, l->a2);
    xp_report_table_word(table, l->a3);
    xp_report_table_word(table, l->sink);
    xp_report_table_row(table);
}

static void layers(const xp_collection *c, xp_markup *markup) {
    static const char *const names[] = {"run",     "layer", "identity", "recovered", "shuffled", "own", "whole",
                                        "content", "null",  "A1",       "A2",        "A3",       "sink"};
    xp_report_table table;
    xp_report_table_begin(&table, markup->latex, "lrrrrrrrrwwww");
    xp_report_table_heads(&table, names, sizeof names / sizeof *names);
    for (size_t i = 0; i < c->n_runs; i++) {
        const int last = c->run[i].attention != NULL ? last_layer(c->run[i].attention) : -1;
        for (int layer = 0; layer <= last; layer++) layer_row(&table, &c->run[i], layer);
    }
    xp_report_table_write(&table, "Rows and maps of attention, layer by layer.", "attention", markup);
}

static void explain(xp_markup *markup) {
    xp_markup_words(
        markup,
        "*identity* is the share of rows of the texts that are nearest to their own token, as they are. The other "
        "numbers are of the texts that decide, with 95 % bootstrap intervals over texts. *recovered* is the share of "
        "rows that a linear map, fitted on other texts, gives back; *shuffled* is the same of a map that was fitted on "
        "shuffled pairs. *own* is the share of rows that come mostly from their own token, by ALTI over layers. "
        "*whole* is r of maps with permuted content beside the intact ones, *content* the same without "
        "special tokens, and *null* r of the maps of other texts, without special tokens. A1: rows stand for their "
        "tokens. A2: they come mostly from them. A3: the picture depends on the tokens. sink: what survives sits in "
        "special tokens.");
}

/* ---- verdicts ---- */

/* "**A, layers 1 to 6, tokens: supported.** The verdict's text. Decided by A1." */
static void sentence(xp_markup *markup, const char *label, const explaint_attend_verdict *v) {
    xp_markup text = {.latex = markup->latex};
    xp_markup_bold(&text, true);
    xp_markup_text(&text, label);
    if (v->layers[0] == v->layers[1])
        xp_text_addf(&text.out, ", layer %zu", v->layers[0]);
    else
        xp_text_addf(&text.out, ", layers %zu to %zu", v->layers[0], v->layers[1]);
    xp_report_verdict_words(&text, v->claim, v->verdict, v->text);
    xp_report_decided_by(&text, v->decided_by);
    xp_markup_paragraph(markup, &text);
}

/* ---- what was run ---- */

static void runs(const xp_collection *c, xp_markup *markup) {
    static const char *const names[] = {"run", "model", "texts", "pieces", "deciding", "length", "whose", "g", "seed"};
    xp_report_table table;
    xp_report_table_begin(&table, markup->latex, "lprrrrllr");
    xp_report_table_heads(&table, names, sizeof names / sizeof *names);
    for (size_t i = 0; i < c->n_runs; i++) {
        const explaint_attend_result *r = c->run[i].attention;
        if (r == NULL) continue;
        xp_markup_text(xp_report_table_cell(&table), c->run[i].label);
        xp_markup_name(xp_report_table_cell(&table), xp_report_input(&c->run[i], "model"));
        count(&table, r->n_texts);
        count(&table, r->n_pieces);
        count(&table, r->n_judged);
        count(&table, r->judged_length);
        xp_report_table_word(&table, r->judged_own < 0 ? "" : r->judged_own > 0 ? "the run's" : "shipped");
        xp_report_table_word(&table, xp_value_string(xp_value_member(c->run[i].settings, "g")));
        stored(&table, xp_value_member(c->run[i].settings, "seed"));
        xp_report_table_row(&table);
    }
    xp_report_table_write(&table, "The runs: texts, and those that decide.", "attention-runs", markup);
}

void xp_report_attention_part(const xp_collection *c, bool all, xp_markup *markup) {
    layers(c, markup);
    explain(markup);
    if (!all) return;
    for (size_t i = 0; i < c->n_runs; i++)
        for (size_t k = 0; c->run[i].attention != NULL && k < c->run[i].says.n_verdicts; k++)
            sentence(markup, c->run[i].label, &c->run[i].attention->verdicts[k]);
    runs(c, markup);
}

/* The page that a report is without --all: the answers, a line for each layer or mapping with what decides, warnings, where it comes from. */
#include <math.h>
#include <string.h>

#include "explaint/catalogue.h"
#include "report/figures.h"
#include "report/table.h"
#include "report/tables.h"
#include "result/record.h"
#include "store/table.h"

/* ---- the answers ---- */

static void answer(xp_markup *markup, const char *label, const char *sentence) {
    if (xp_report_or_empty(sentence)[0] == 0) return;
    xp_markup text = {.latex = markup->latex};
    xp_markup_bold(&text, true);
    xp_text_addf(&text.out, "%s.", label);
    xp_markup_bold(&text, false);
    xp_text_adds(&text.out, " ");
    xp_markup_text(&text, sentence);
    xp_markup_paragraph(markup, &text);
}

void xp_report_answers(const xp_collection *c, const explaint_kind *kind, xp_markup *markup) {
    for (size_t i = 0; i < c->n_runs; i++)
        if (c->run[i].record->kind == kind) answer(markup, c->run[i].label, c->run[i].says.answer);
}

/* ---- verdicts in sentences ---- */

void xp_report_verdict_words(xp_markup *text, const char *claim, const char *verdict, const char *words) {
    xp_text_adds(&text->out, ", ");
    xp_markup_text(text, xp_report_or_empty(claim));
    xp_text_adds(&text->out, ": ");
    xp_markup_text(text, xp_report_or_empty(verdict));
    xp_text_adds(&text->out, ".");
    xp_markup_bold(text, false);
    xp_text_adds(&text->out, " ");
    xp_markup_sentence(text, xp_report_or_empty(words));
}

void xp_report_decided_by(xp_markup *text, const char *decided_by) {
    if (xp_report_or_empty(decided_by)[0] == 0) return;
    xp_text_adds(&text->out, " Decided by ");
    xp_markup_text(text, decided_by);
    xp_text_adds(&text->out, ".");
}

/* ---- a line ---- */

/* The pooled score of a condition on the norms, in the verdict's metric and with its count; of a layer, or of what no layer enters. */
static const explaint_row *row_of(const xp_report_run *run, const char *condition, int layer) {
    return xp_report_row(run, condition, "norms", run->verdict_metric, layer, run->verdict_components);
}

static void score(xp_report_table *table, const explaint_row *row, bool bounded) {
    xp_report_table_number(table, row != NULL ? row->value : NAN,
                           bounded && row != NULL && isfinite(row->ci[0]) ? row->ci : NULL);
}

static void sign(xp_markup *markup, const char *outcome) {
    if (xp_report_is(outcome, "holds"))
        xp_markup_either(markup, "\xe2\x9c\x93 ", "$\\surd$ ");
    else if (xp_report_is(outcome, "fails"))
        xp_markup_either(markup, "\xe2\x9c\x97 ", "$\\times$ ");
    else
        xp_text_adds(&markup->out, "? ");
}

/* Outcome, gain, and p, which over layers is adjusted. */
static void test(xp_report_table *table, const explaint_assumption *a) {
    if (a == NULL || xp_report_is(a->outcome, "not testable") || !isfinite(a->gain)) {
        xp_report_table_word(table, NULL);
        return;
    }
    const double p = xp_report_p_of_gain(a);
    xp_markup *cell = xp_report_table_cell(table);
    sign(cell, a->outcome);
    xp_markup_number(cell, a->gain);
    if (isfinite(p)) xp_report_table_p(table, p);
}

static void line(xp_report_table *table, const xp_report_run *run, int layer, size_t together) {
    const explaint_verdict *information = xp_report_verdict(run->result, "information", layer),
                           *mapping = xp_report_verdict(run->result, "mapping", layer);
    const explaint_assumption *knn = xp_report_assumption(mapping, "knn"),
                              *e4 = xp_report_assumption(information, "E4");
    static const char *const tests[] = {"E1", "E2", "E3"};
    xp_markup *label = xp_report_table_cell(table);
    const explaint_entry *entry = explaint_catalogue_find("mappings", run->mapping);
    xp_text_addf(&label->out, "%s, ", run->label);
    if (layer >= 0) /* the mapping stands with all layers */
        xp_text_addf(&label->out, "layer %d", layer);
    else
        xp_markup_text(label, entry != NULL ? entry->label : run->mapping);
    if (together > 0) xp_text_addf(&label->out, ", %zu layers", together);
    score(table, together > 0 ? NULL : row_of(run, "system", layer), true);
    score(table, row_of(run, "mean", layer), false);
    xp_report_table_number(table, knn != NULL ? knn->null_mean : NAN, NULL);
    score(table, row_of(run, "category-mean", layer), false);
    for (size_t k = 0; k < sizeof tests / sizeof *tests; k++) test(table, xp_report_assumption(information, tests[k]));
    if (e4 == NULL || xp_report_is(e4->outcome, "not testable")) e4 = xp_report_assumption(information, "E4-clusters");
    test(table, e4);
    test(table, xp_report_assumption(information, "W"));
    xp_report_table_word(table, information != NULL ? information->verdict : NULL);
    xp_report_table_word(table, mapping != NULL ? mapping->verdict : NULL);
    xp_report_table_row(table);
}

/* The line of all layers first, then each, in the order of the rows. */
static void lines_of(xp_report_table *table, const xp_report_run *run) {
    const explaint_result *r = run->result;
    int last = -1;
    bool layers = false;
    for (size_t i = 0; i < r->n_verdicts; i++)
        if (r->verdicts[i].n_layers > 0) line(table, run, -1, r->verdicts[i].n_layers);
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_row *row = &r->rows[i];
        if (row->layer <= last || !xp_report_is(row->condition, "system") ||
            !xp_report_is(row->metric, run->verdict_metric))
            continue;
        last = row->layer;
        layers = true;
        line(table, run, last, 0);
    }
    if (!layers) line(table, run, -1, 0);
}

void xp_report_summary(const xp_collection *c, xp_markup *markup) {
    static const char *const names[] = {"run", "system", "mean", "kNN", "category",    "E1",
                                        "E2",  "E3",     "E4",   "W",   "information", "mapping"};
    xp_report_table table;
    xp_report_table_begin(&table, markup->latex, "lrrrrrrrrrww");
    xp_report_table_heads(&table, names, sizeof names / sizeof *names);
    for (size_t i = 0; i < c->n_infer; i++) lines_of(&table, &c->run[i]);
    xp_report_table_write(&table, "Scores, tests and verdicts, a line for each run or layer.", "summary", markup);
    xp_markup_words(
        markup,
        "Scores are in the metric of the verdict: the *system*, which maps the vectors to the norms (with its 95 % "
        "interval), the *mean* predictor, copied neighbours (*kNN*, on the concepts with distinct vectors) and the "
        "mean "
        "of the concept's *category*. E1 to E4 and W test what the vectors know, whatever the mapping: r gains over "
        "permuted norms, with p in parentheses, adjusted where layers stand together. E1: anything; E2: beyond the "
        "given categories; E3: beyond unlabelled groups of about 12; E4: in categories that were left out, or groups "
        "where there are none; W: beyond the spelling, in scores. The mark says whether a test holds, fails, or is "
        "open (?); *--all* has intervals, levels and what each test would have detected.");
}

/* ---- warnings and sources ---- */

void xp_report_warnings(xp_markup *list, const xp_report_run *run) {
    for (size_t i = 0; i < run->says.n_lints; i++)
        if (xp_report_is(run->says.lints[i].level, "warning"))
            xp_markup_note(list, run->label, xp_report_or_empty(run->says.lints[i].text));
}

void xp_report_source_begin(xp_markup *markup, const xp_report_run *run) {
    xp_markup head = {.latex = markup->latex};
    xp_markup_bold(&head, true);
    xp_text_adds(&head.out, run->label);
    xp_markup_bold(&head, false);
    xp_text_adds(&head.out, " is ");
    xp_markup_text(&head, run->place);
    xp_text_adds(&head.out, ".");
    xp_markup_paragraph(markup, &head);
    xp_markup_either(markup, "", "{\\footnotesize\\ttfamily\\raggedright\\noindent\n");
}

static void code(xp_markup *markup, const char *text) {
    if (text[0] == 0) return;
    xp_markup_either(markup, "    ", "");
    xp_markup_code(markup, text);
    xp_markup_either(markup, "\n", "\\\\\n");
}

static void source(xp_markup *markup, const xp_report_run *run) {
    xp_text typed = {0};
    xp_report_source_begin(markup, run);
    xp_table_command(&typed, run->says.command);
    markup->out.failed |= typed.failed;
    if (!typed.failed) code(markup, xp_report_or_empty(typed.data));
    xp_text_free(&typed);
    code(markup, xp_report_or_empty(run->says.signature));
    xp_markup_either(markup, "\n", "\\par}\n\n");
}

void xp_report_summary_end(const xp_collection *c, xp_markup *markup) {
    xp_markup list = {.latex = markup->latex};
    for (size_t i = 0; i < c->notes.count; i++) xp_markup_note(&list, NULL, c->notes.item[i]);
    for (size_t i = 0; i < c->n_runs; i++) xp_report_warnings(&list, &c->run[i]);
    xp_markup_list(markup, &list);
    for (size_t i = 0; i < c->n_runs; i++) source(markup, &c->run[i]);
}

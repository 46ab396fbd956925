#include "report/tables.h"

#include <math.h>
#include <string.h>

#include "explaint/catalogue.h"
#include "report/table.h"

/* ---- cells ---- */

static void mapping(xp_markup *markup, const char *name) {
    const explaint_entry *entry = explaint_catalogue_find("mappings", name);
    xp_markup_text(markup, entry != NULL ? entry->label : name);
}

static void components(xp_markup *markup, size_t count) {
    xp_markup_either(markup, "c = ", "$c = ");
    xp_text_addf(&markup->out, "%zu%s", count, markup->latex ? "$" : "");
}

static void line_label(xp_markup *markup, const xp_collection *c, const xp_line *line) {
    xp_text_addf(&markup->out, "%s, ", c->run[line->run].label);
    mapping(markup, line->mapping);
    if (line->layer >= 0) xp_text_addf(&markup->out, ", layer %d", line->layer);
    if (line->components == 0) return;
    xp_text_adds(&markup->out, ", ");
    components(markup, line->components);
}

static void metric(xp_markup *markup, const char *name) {
    if (strcmp(name, "r2") == 0)
        xp_markup_either(markup, "R\xc2\xb2", "$R^2$");
    else
        xp_markup_text(markup, xp_report_metric_label(name));
}

/* A heading; a single letter is a variable. */
static void word(xp_report_table *table, const char *text) {
    xp_markup *markup = xp_report_table_cell(table);
    if (text[1] == 0 && markup->latex)
        xp_text_addf(&markup->out, "$%s$", text);
    else
        xp_markup_prose(markup, text);
}

static void number(xp_report_table *table, const xp_estimate *e) {
    xp_report_table_number(table, e->exists ? e->value : NAN, e->bounded ? e->ci : NULL);
}

/* A stored value as JSON has it: counts of any size. A dash where it is absent or null. */
static void stored(xp_report_table *table, const xp_value *value) {
    xp_text text = {0};
    if (value != NULL) xp_value_text(value, &text);
    table->failed |= text.failed;
    xp_report_table_word(table, value == NULL || text.failed || strcmp(text.data, "null") == 0 ? NULL : text.data);
    xp_text_free(&text);
}

/* A list of counts: "5, 25, 30", or its ends: "1 ... 100". */
static void counts(xp_report_table *table, const xp_value *list) {
    enum { ALL = 4 };
    size_t n = xp_value_count(list), value;
    if (!xp_value_is_array(list) || n == 0) {
        xp_report_table_word(table, NULL);
        return;
    }
    xp_markup *markup = xp_report_table_cell(table);
    for (size_t i = 0; i < n; i++) {
        if (!xp_value_size(xp_value_item(list, i), &value)) continue;
        if (n > ALL && i > 0 && i + 1 < n) continue;
        if (i > 0) xp_text_adds(&markup->out, n > ALL ? " ... " : ", ");
        xp_text_addf(&markup->out, "%zu", value);
    }
}

/* As it was typed, if it was: JSON readers hold seeds past 63 bits as doubles, and these have 53. */
static void seed(xp_report_table *table, const xp_report_run *run) {
    const char *const *command = run->result->command;
    for (size_t i = 0; command != NULL && command[i] != NULL && command[i + 1] != NULL; i++) {
        if (strcmp(command[i], "--seed") != 0) continue;
        xp_markup_text(xp_report_table_cell(table), command[i + 1]);
        return;
    }
    stored(table, xp_value_member(run->settings, "seed"));
}

/* Concepts and features that a run kept. */
static void size(xp_report_table *table, const explaint_result *result) {
    if (result->n_concepts == 0 || result->n_features == 0) {
        xp_report_table_word(table, NULL);
        return;
    }
    xp_markup *markup = xp_report_table_cell(table);
    xp_text_addf(&markup->out, "%zu %s %zu", result->n_concepts, markup->latex ? "$\\times$" : "\xc3\x97",
                 result->n_features);
}

/* ---- the paper's columns ---- */

/* Begins the rows of a norm set and metric. Markdown has them as columns, LaTeX as a heading, which leaves the width of
 * a page to the numbers. */
static void first_cells(xp_report_table *table, const xp_line *line) {
    if (table->latex) return;
    xp_markup_text(xp_report_table_cell(table), line->norms);
    metric(xp_report_table_cell(table), line->metric);
}

static void heading(xp_report_table *table, const xp_line *line, bool space) {
    if (!table->latex) return;
    xp_markup text = {.latex = table->latex};
    xp_markup_text(&text, line->norms);
    xp_text_adds(&text.out, ", ");
    metric(&text, line->metric);
    xp_report_table_span(table, &text, space);
}

static void paper_row(xp_report_table *table, const xp_line *line) {
    if (line->norms_rank >= XP_PAPER_ROWS) return;
    const xp_paper_row *paper = &xp_paper[line->norms_rank];
    if (strcmp(paper->metric, line->metric) != 0) return;
    first_cells(table, line);
    xp_markup *label = xp_report_table_cell(table);
    xp_text_addf(&label->out, "paper, %s", paper->norms);
    for (size_t i = 0; i < XP_PAPER_COLUMNS; i++) xp_markup_paper(xp_report_table_cell(table), paper->value[i]);
    xp_report_table_row(table);
}

static bool same_group(const xp_line *a, const xp_line *b) {
    return a != NULL && strcmp(a->norms, b->norms) == 0 && strcmp(a->metric, b->metric) == 0;
}

static void header(xp_report_table *table, const char *const *names, size_t n) {
    if (!table->latex) {
        word(table, "norms");
        word(table, "metric");
    }
    word(table, "row");
    for (size_t i = 0; i < n; i++) word(table, names[i]);
    xp_report_table_row(table);
}

void xp_table_columns(const xp_collection *c, bool main, xp_markup *markup) {
    static const char *const names[] = {"system", "upper", "shuffle", "shuffle-upper", "random"};
    xp_report_table table;
    xp_report_table_begin(&table, markup->latex, markup->latex ? "lrrrrr" : "lllrrrrr");
    header(&table, names, XP_PAPER_COLUMNS);
    const xp_line *before = NULL;
    for (size_t i = 0; i < c->n_lines; i++) {
        const xp_line *line = &c->line[i];
        if (line->main != main) continue;
        if (!same_group(before, line)) {
            heading(&table, line, before != NULL);
            paper_row(&table, line);
        }
        before = line;
        first_cells(&table, line);
        line_label(xp_report_table_cell(&table), c, line);
        for (size_t k = 0; k < XP_PAPER_COLUMNS; k++) number(&table, &line->cell[k]);
        xp_report_table_row(&table);
    }
    xp_report_table_write(&table,
                          main ? "The paper's columns, theirs and ours, with 95 % bootstrap intervals over concepts."
                               : "The same columns in the other metrics of the runs.",
                          main ? "columns" : "columns-more", markup);
}

/* ---- beside them ---- */

const explaint_assumption *xp_report_knn_beside(const xp_collection *c, const xp_line *line) {
    const explaint_verdict *verdict = xp_report_verdict(c->run[line->run].result, "mapping", line->layer);
    if (verdict == NULL || strcmp(xp_report_or_empty(verdict->metric), line->metric) != 0 ||
        verdict->n_components != line->components)
        return NULL;
    const explaint_assumption *knn = xp_report_assumption(verdict, "knn");
    return knn != NULL && isfinite(knn->null_mean) ? knn : NULL;
}

static void count(xp_report_table *table, size_t n) {
    if (n == 0)
        xp_report_table_word(table, NULL);
    else
        xp_text_addf(&xp_report_table_cell(table)->out, "%zu", n);
}

static void gain(xp_report_table *table, const explaint_assumption *a) {
    xp_report_table_number(table, a != NULL ? a->gain : NAN, a != NULL && isfinite(a->ci[0]) ? a->ci : NULL);
}

/* kNN's score is stored as what the mapping is compared with: the mean under the hypothesis of no gain. */
static void knn_cells(xp_report_table *table, const explaint_assumption *knn) {
    xp_report_table_number(table, knn != NULL ? knn->observed : NAN, NULL);
    xp_report_table_number(table, knn != NULL ? knn->null_mean : NAN, NULL);
    gain(table, knn);
    count(table, knn != NULL ? knn->n : 0);
}

void xp_table_beside(const xp_collection *c, bool main, xp_markup *markup) {
    static const char *const names[] = {"mean", "mean, shuffled", "system", "kNN", "gain", "n"};
    xp_report_table table;
    size_t columns = main ? 6 : 2; /* kNN is known in the verdict's metric alone */
    xp_report_table_begin(&table, markup->latex,
                          markup->latex ? (main ? "lrrrrrr" : "lrr") : (main ? "lllrrrrrr" : "lllrr"));
    header(&table, names, columns);
    const xp_line *before = NULL;
    for (size_t i = 0; i < c->n_lines; i++) {
        const xp_line *line = &c->line[i];
        if (line->main != main) continue;
        if (!same_group(before, line)) heading(&table, line, before != NULL);
        before = line;
        first_cells(&table, line);
        line_label(xp_report_table_cell(&table), c, line);
        number(&table, &line->cell[XP_COLUMN_MEAN]);
        number(&table, &line->cell[XP_COLUMN_MEAN_SHUFFLE]);
        if (main) knn_cells(&table, xp_report_knn_beside(c, line));
        xp_report_table_row(&table);
    }
    xp_report_table_write(
        &table,
        main ? "What decides more than the paper's columns: the mean predictor on the norms and on the shuffled "
               "norms, and copying neighbours (kNN) beside the system, on the concepts with distinct vectors."
             : "The mean predictor in the other metrics.",
        main ? "beside" : "beside-more", markup);
}

/* ---- verdicts ---- */

void xp_report_verdict_label(xp_markup *markup, const xp_report_run *run, const explaint_verdict *verdict) {
    xp_markup_text(markup, run->label);
    if (verdict->layer >= 0) xp_text_addf(&markup->out, ", layer %d", verdict->layer);
    if (verdict->n_layers > 0) xp_text_addf(&markup->out, ", %zu layers together", verdict->n_layers);
}

static void verdict_row(xp_report_table *table, const xp_report_run *run, const explaint_verdict *verdict) {
    static const explaint_assumption none = {
        .r = NAN, .gain = NAN, .ci = {NAN, NAN}, .p = NAN, .p_adjusted = NAN, .mde = NAN};
    const char *decided_by = xp_report_or_empty(verdict->decided_by);
    const explaint_assumption *a = xp_report_assumption(verdict, decided_by);
    if (a == NULL) a = &none;
    xp_report_verdict_label(xp_report_table_cell(table), run, verdict);
    xp_markup_text(xp_report_table_cell(table), xp_report_or_empty(verdict->claim));
    xp_markup_text(xp_report_table_cell(table), xp_report_or_empty(verdict->verdict));
    count(table, a->statistic != NULL ? 0 : verdict->n_components); /* a test of the vectors has no mapping */
    xp_report_table_word(table, decided_by);
    xp_report_table_number(table, a->r, NULL);
    gain(table, a);
    xp_markup_p(xp_report_table_cell(table), xp_report_p_of_gain(a));
    xp_report_table_number(table, a->mde, NULL);
    count(table, a->n);
    count(table, a->permutations);
    xp_report_table_row(table);
}

void xp_table_verdicts(const xp_collection *c, xp_markup *markup) {
    static const char *const names[] = {"run",  "claim", "verdict", "c", "decided by", "r",
                                        "gain", "p",     "detects", "n", "B"};
    xp_report_table table;
    bool any = false;
    xp_report_table_begin(&table, markup->latex, "lllrlrrrrrr");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) word(&table, names[i]);
    xp_report_table_row(&table);
    for (size_t i = 0; i < c->n_infer; i++) {
        const explaint_result *result = c->run[i].result;
        for (size_t k = 0; k < result->n_verdicts; k++, any = true)
            verdict_row(&table, &c->run[i], &result->verdicts[k]);
    }
    xp_markup nowhere = {.latex = markup->latex};
    xp_report_table_write(&table, "Verdicts, each with the assumption that decided it.", "verdicts",
                          any ? markup : &nowhere);
    markup->out.failed |= nowhere.out.failed;
    xp_markup_free(&nowhere);
}

/* ---- runs ---- */

void xp_table_runs(const xp_collection *c, xp_markup *markup) {
    static const char *const names[] = {"run", "norms", "size", "vectors", "mapping", "c", "folds", "seed", "B"};
    xp_report_table table;
    xp_report_table_begin(&table, markup->latex, "lplplrrrr");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) word(&table, names[i]);
    xp_report_table_row(&table);
    for (size_t i = 0; i < c->n_infer; i++) {
        const xp_report_run *run = &c->run[i];
        const char *name[2] = {"", ""};
        for (size_t k = 0; k < run->result->n_inputs; k++) {
            const explaint_input *input = &run->result->inputs[k];
            const char *role = xp_report_or_empty(input->role);
            if (strcmp(role, "norms") == 0) name[0] = xp_report_or_empty(input->name);
            if (strcmp(role, "embeddings") == 0 || strcmp(role, "model") == 0)
                name[1] = xp_report_or_empty(input->name);
        }
        xp_markup_text(xp_report_table_cell(&table), run->label);
        xp_markup_name(xp_report_table_cell(&table), name[0]);
        size(&table, run->result);
        xp_markup_name(xp_report_table_cell(&table), name[1]);
        mapping(xp_report_table_cell(&table), run->mapping);
        counts(&table, xp_value_member(run->settings, "n_components"));
        stored(&table, xp_value_member(run->settings, "folds"));
        seed(&table, run);
        stored(&table, xp_value_member(run->settings, "permutations"));
        xp_report_table_row(&table);
    }
    xp_report_table_write(&table,
                          "The runs: concepts with a vector and their features, components (c), permutations (B).",
                          "runs", markup);
}

#include "report/tables.h"

#include <math.h>
#include <string.h>

#include "explaint/catalogue.h"
#include "report/grid.h"

/* ---- cells ---- */

static void mapping(xp_pen *pen, const char *name) {
    const explaint_entry *entry = explaint_catalogue_find("mappings", name);
    xp_pen_text(pen, entry != NULL ? entry->label : name);
}

static void components(xp_pen *pen, size_t count) {
    xp_pen_markup(pen, "c = ", "$c = ");
    xp_text_addf(&pen->out, "%zu%s", count, pen->latex ? "$" : "");
}

static void line_label(xp_pen *pen, const xp_collection *c, const xp_line *line) {
    xp_text_addf(&pen->out, "%s, ", c->run[line->run].label);
    mapping(pen, line->mapping);
    if (line->layer >= 0) xp_text_addf(&pen->out, ", layer %d", line->layer);
    if (line->components == 0) return;
    xp_text_adds(&pen->out, ", ");
    components(pen, line->components);
}

static void metric(xp_pen *pen, const char *name) {
    if (strcmp(name, "r2") == 0)
        xp_pen_markup(pen, "R\xc2\xb2", "$R^2$");
    else
        xp_pen_text(pen, xp_metric_label(name));
}

/* A heading; a single letter is a variable. */
static void word(xp_grid *grid, const char *text) {
    xp_pen *pen = xp_grid_cell(grid);
    if (text[1] == 0 && pen->latex)
        xp_text_addf(&pen->out, "$%s$", text);
    else
        xp_pen_prose(pen, text);
}

static void number(xp_grid *grid, const xp_estimate *e) {
    xp_grid_number(grid, e->exists ? e->value : NAN, e->bounded ? e->ci : NULL);
}

static void dash(xp_grid *grid) { xp_pen_markup(xp_grid_cell(grid), XP_DASH, "--"); }

/* A stored value as JSON has it: counts of any size. A dash where it is absent or null. */
static void stored(xp_grid *grid, const xp_value *value) {
    xp_text text = {0};
    if (value != NULL) xp_value_text(value, &text);
    grid->failed |= text.failed;
    if (value == NULL || text.failed || strcmp(text.data, "null") == 0)
        dash(grid);
    else
        xp_pen_text(xp_grid_cell(grid), text.data);
    xp_text_free(&text);
}

/* A list of counts: "5, 25, 30", or its ends: "1 ... 100". */
static void counts(xp_grid *grid, const xp_value *list) {
    enum { ALL = 4 };
    size_t n = xp_value_count(list), value;
    if (!xp_value_is_array(list) || n == 0) {
        dash(grid);
        return;
    }
    xp_pen *pen = xp_grid_cell(grid);
    for (size_t i = 0; i < n; i++) {
        if (!xp_value_size(xp_value_item(list, i), &value)) continue;
        if (n > ALL && i > 0 && i + 1 < n) continue;
        if (i > 0) xp_text_adds(&pen->out, n > ALL ? " ... " : ", ");
        xp_text_addf(&pen->out, "%zu", value);
    }
}

/* As it was typed, if it was: JSON readers hold seeds past 63 bits as doubles, and these have 53. */
static void seed(xp_grid *grid, const xp_report_run *run) {
    const char *const *command = run->result->command;
    for (size_t i = 0; command != NULL && command[i] != NULL && command[i + 1] != NULL; i++) {
        if (strcmp(command[i], "--seed") != 0) continue;
        xp_pen_text(xp_grid_cell(grid), command[i + 1]);
        return;
    }
    stored(grid, xp_value_member(run->settings, "seed"));
}

/* Concepts and features that a run kept. */
static void size(xp_grid *grid, const explaint_result *result) {
    if (result->n_concepts == 0 || result->n_features == 0) {
        dash(grid);
        return;
    }
    xp_pen *pen = xp_grid_cell(grid);
    xp_text_addf(&pen->out, "%zu %s %zu", result->n_concepts, pen->latex ? "$\\times$" : "\xc3\x97",
                 result->n_features);
}

/* ---- the paper's columns ---- */

/* Begins the rows of a norm set and metric. Markdown has them as columns, LaTeX as a heading, which leaves the width of
 * a page to the numbers. */
static void first_cells(xp_grid *grid, const xp_line *line) {
    if (grid->latex) return;
    xp_pen_text(xp_grid_cell(grid), line->norms);
    metric(xp_grid_cell(grid), line->metric);
}

static void heading(xp_grid *grid, const xp_line *line, bool space) {
    if (!grid->latex) return;
    xp_pen text = {.latex = grid->latex};
    xp_pen_text(&text, line->norms);
    xp_text_adds(&text.out, ", ");
    metric(&text, line->metric);
    xp_grid_span(grid, &text, space);
}

static void paper_row(xp_grid *grid, const xp_line *line) {
    if (line->norms_rank >= XP_PAPER_ROWS) return;
    const xp_paper_row *paper = &xp_paper[line->norms_rank];
    if (strcmp(paper->metric, line->metric) != 0) return;
    first_cells(grid, line);
    xp_pen *label = xp_grid_cell(grid);
    xp_text_addf(&label->out, "paper, %s", paper->norms);
    for (size_t i = 0; i < XP_PAPER_COLUMNS; i++) xp_pen_paper(xp_grid_cell(grid), paper->value[i]);
    xp_grid_row(grid);
}

static bool same_group(const xp_line *a, const xp_line *b) {
    return a != NULL && strcmp(a->norms, b->norms) == 0 && strcmp(a->metric, b->metric) == 0;
}

static void header(xp_grid *grid, const char *const *names, size_t n) {
    if (!grid->latex) {
        word(grid, "norms");
        word(grid, "metric");
    }
    word(grid, "row");
    for (size_t i = 0; i < n; i++) word(grid, names[i]);
    xp_grid_row(grid);
}

void xp_table_columns(const xp_collection *c, bool main, xp_pen *pen) {
    static const char *const names[] = {"system", "upper", "shuffle", "shuffle-upper", "random"};
    xp_grid grid;
    xp_grid_begin(&grid, pen->latex, pen->latex ? "lrrrrr" : "lllrrrrr");
    header(&grid, names, XP_PAPER_COLUMNS);
    const xp_line *before = NULL;
    for (size_t i = 0; i < c->n_lines; i++) {
        const xp_line *line = &c->line[i];
        if (line->main != main) continue;
        if (!same_group(before, line)) {
            heading(&grid, line, before != NULL);
            paper_row(&grid, line);
        }
        before = line;
        first_cells(&grid, line);
        line_label(xp_grid_cell(&grid), c, line);
        for (size_t k = 0; k < XP_PAPER_COLUMNS; k++) number(&grid, &line->cell[k]);
        xp_grid_row(&grid);
    }
    xp_grid_write(&grid,
                  main ? "The paper's columns, theirs and ours, with 95 % bootstrap intervals over concepts."
                       : "The same columns in the other metrics of the runs.",
                  main ? "columns" : "columns-more", pen);
}

/* ---- beside them ---- */

const explaint_assumption *xp_knn_beside(const xp_collection *c, const xp_line *line) {
    const explaint_verdict *verdict = xp_verdict_on(c->run[line->run].result, "mapping", line->layer);
    if (verdict == NULL || strcmp(xp_or_empty(verdict->metric), line->metric) != 0 ||
        verdict->n_components != line->components)
        return NULL;
    const explaint_assumption *knn = xp_assumption_of(verdict, "knn");
    return knn != NULL && isfinite(knn->null_mean) ? knn : NULL;
}

static void count(xp_grid *grid, size_t n) {
    if (n == 0)
        dash(grid);
    else
        xp_text_addf(&xp_grid_cell(grid)->out, "%zu", n);
}

static void gain(xp_grid *grid, const explaint_assumption *a) {
    xp_grid_number(grid, a != NULL ? a->gain : NAN, a != NULL && isfinite(a->ci[0]) ? a->ci : NULL);
}

/* kNN's score is stored as what the mapping is compared with: the mean under the hypothesis of no gain. */
static void knn_cells(xp_grid *grid, const explaint_assumption *knn) {
    xp_grid_number(grid, knn != NULL ? knn->observed : NAN, NULL);
    xp_grid_number(grid, knn != NULL ? knn->null_mean : NAN, NULL);
    gain(grid, knn);
    count(grid, knn != NULL ? knn->n : 0);
}

void xp_table_beside(const xp_collection *c, bool main, xp_pen *pen) {
    static const char *const names[] = {"mean", "mean, shuffled", "system", "kNN", "gain", "n"};
    xp_grid grid;
    size_t columns = main ? 6 : 2; /* kNN is known in the verdict's metric alone */
    xp_grid_begin(&grid, pen->latex, pen->latex ? (main ? "lrrrrrr" : "lrr") : (main ? "lllrrrrrr" : "lllrr"));
    header(&grid, names, columns);
    const xp_line *before = NULL;
    for (size_t i = 0; i < c->n_lines; i++) {
        const xp_line *line = &c->line[i];
        if (line->main != main) continue;
        if (!same_group(before, line)) heading(&grid, line, before != NULL);
        before = line;
        first_cells(&grid, line);
        line_label(xp_grid_cell(&grid), c, line);
        number(&grid, &line->cell[XP_COLUMN_MEAN]);
        number(&grid, &line->cell[XP_COLUMN_MEAN_SHUFFLE]);
        if (main) knn_cells(&grid, xp_knn_beside(c, line));
        xp_grid_row(&grid);
    }
    xp_grid_write(
        &grid,
        main ? "What decides more than the paper's columns: the mean predictor on the norms and on the shuffled "
               "norms, and copying neighbours (kNN) beside the system, on the concepts with distinct vectors."
             : "The mean predictor in the other metrics.",
        main ? "beside" : "beside-more", pen);
}

/* ---- verdicts ---- */

void xp_verdict_label(xp_pen *pen, const xp_report_run *run, const explaint_verdict *verdict) {
    xp_pen_text(pen, run->label);
    if (verdict->layer >= 0) xp_text_addf(&pen->out, ", layer %d", verdict->layer);
    if (verdict->n_layers > 0) xp_text_addf(&pen->out, ", %zu layers together", verdict->n_layers);
}

static void verdict_row(xp_grid *grid, const xp_report_run *run, const explaint_verdict *verdict) {
    static const explaint_assumption none = {
        .r = NAN, .gain = NAN, .ci = {NAN, NAN}, .p = NAN, .p_adjusted = NAN, .mde = NAN};
    const char *decided_by = xp_or_empty(verdict->decided_by);
    const explaint_assumption *a = xp_assumption_of(verdict, decided_by);
    if (a == NULL) a = &none;
    xp_verdict_label(xp_grid_cell(grid), run, verdict);
    xp_pen_text(xp_grid_cell(grid), xp_or_empty(verdict->claim));
    xp_pen_text(xp_grid_cell(grid), xp_or_empty(verdict->verdict));
    count(grid, a->statistic != NULL ? 0 : verdict->n_components); /* a test of the vectors has no mapping */
    if (decided_by[0] != 0)
        xp_pen_text(xp_grid_cell(grid), decided_by);
    else
        dash(grid);
    xp_grid_number(grid, a->r, NULL);
    gain(grid, a);
    xp_pen_p(xp_grid_cell(grid), isfinite(a->p_adjusted) ? a->p_adjusted : a->p);
    xp_grid_number(grid, a->mde, NULL);
    count(grid, a->n);
    count(grid, a->permutations);
    xp_grid_row(grid);
}

void xp_table_verdicts(const xp_collection *c, xp_pen *pen) {
    static const char *const names[] = {"run",  "claim", "verdict", "c", "decided by", "r",
                                        "gain", "p",     "detects", "n", "B"};
    xp_grid grid;
    bool any = false;
    xp_grid_begin(&grid, pen->latex, "lllrlrrrrrr");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) word(&grid, names[i]);
    xp_grid_row(&grid);
    for (size_t i = 0; i < c->n_runs; i++) {
        const explaint_result *result = c->run[i].result;
        for (size_t k = 0; k < result->n_verdicts; k++, any = true)
            verdict_row(&grid, &c->run[i], &result->verdicts[k]);
    }
    xp_pen nowhere = {.latex = pen->latex};
    xp_grid_write(&grid, "Verdicts, each with the assumption that decided it.", "verdicts", any ? pen : &nowhere);
    pen->out.failed |= nowhere.out.failed;
    xp_pen_free(&nowhere);
}

/* ---- runs ---- */

void xp_table_runs(const xp_collection *c, xp_pen *pen) {
    static const char *const names[] = {"run", "norms", "size", "vectors", "mapping", "c", "folds", "seed", "B"};
    xp_grid grid;
    xp_grid_begin(&grid, pen->latex, "lplplrrrr");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) word(&grid, names[i]);
    xp_grid_row(&grid);
    for (size_t i = 0; i < c->n_runs; i++) {
        const xp_report_run *run = &c->run[i];
        const char *name[2] = {"", ""};
        for (size_t k = 0; k < run->result->n_inputs; k++) {
            const explaint_input *input = &run->result->inputs[k];
            const char *role = xp_or_empty(input->role);
            if (strcmp(role, "norms") == 0) name[0] = xp_or_empty(input->name);
            if (strcmp(role, "embeddings") == 0 || strcmp(role, "model") == 0) name[1] = xp_or_empty(input->name);
        }
        xp_pen_text(xp_grid_cell(&grid), run->label);
        xp_pen_name(xp_grid_cell(&grid), name[0]);
        size(&grid, run->result);
        xp_pen_name(xp_grid_cell(&grid), name[1]);
        mapping(xp_grid_cell(&grid), run->mapping);
        counts(&grid, xp_value_member(run->settings, "n_components"));
        stored(&grid, xp_value_member(run->settings, "folds"));
        seed(&grid, run);
        stored(&grid, xp_value_member(run->settings, "permutations"));
        xp_grid_row(&grid);
    }
    xp_grid_write(&grid, "The runs: concepts with a vector and their features, components (c), permutations (B).",
                  "runs", pen);
}

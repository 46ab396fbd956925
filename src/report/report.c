/* The whole: title, tables, sentences, where everything comes from. Read first, written at the end: nothing is printed
 * where something cannot be read. */
#include "explaint/report.h"

#include <string.h>

#include "base/choose.h"
#include "base/output.h"
#include "report/tables.h"
#include "store/table.h"

static const char what[] = "the report";

static void title(xp_pen *pen, const char *text) {
    xp_pen_markup(pen, "## ", "\\paragraph{");
    xp_pen_prose(pen, text);
    xp_pen_markup(pen, "\n\n", ".}\n");
}

static void paragraph(xp_pen *pen, const char *prose) {
    xp_pen text = {.latex = pen->latex};
    xp_pen_prose(&text, prose);
    xp_pen_paragraph(pen, &text);
}

static const char latex_head[] =
    "% Tables of 'explaint report --latex': \\input this file. The preamble needs\n"
    "%     \\usepackage[T1]{fontenc}\n"
    "%     \\usepackage{textcomp,array,booktabs}\n"
    "% The file is UTF-8, which LaTeX reads without a package since 2018 (before: \\usepackage[utf8]{inputenc}).\n"
    "% Letters that T1 fonts do not have are written as <U+XXXX>.\n\n";

/* ---- words ---- */

static void explain_columns(xp_pen *pen) {
    paragraph(pen,
              "Rows *paper* are as printed by Abdelhalim, Edinger, Laue and Regneri, LLMs Explain't (arXiv 2601.22928, "
              "2026), which used other vectors. The other rows are ours, each with the letter of its run and the 95 % "
              "percentile bootstrap interval over concepts, conditional on the fitted folds.");
    paragraph(
        pen,
        "*system* maps the vectors to the norms and is scored on concepts that it was not fitted on; *upper* maps "
        "the norms to themselves; *shuffle* maps the vectors to norms whose feature columns were permuted, each by "
        "itself; *shuffle-upper* maps these to themselves; *random* maps the vectors to features drawn at random. "
        "These columns never decide a verdict: they look the same where the claim is true by construction and "
        "where it is not.");
}

static void explain_beside(xp_pen *pen) {
    paragraph(
        pen, "The *mean* predictor sees no vector: what the mapping has beyond it, on the norms or on the shuffled "
             "norms, comes from the vectors. *kNN* copies the norms of the nearest neighbours; *system* beside it, the "
             "*gain* over it and both scores are on the *n* concepts with distinct vectors, for the component count "
             "that the verdict is about.");
}

static void explain_verdicts(xp_pen *pen) {
    paragraph(
        pen,
        "A verdict is decided by tests. On *information*, *r* says how far vectors and norms agree on which of the "
        "*n* concepts are alike, *gain* is r beyond its mean under permuted norms, and no mapping has a part in "
        "it. On *mapping*, the gain is a difference of scores, to the rival of that name. *p* is of *B* "
        "permutations or sign flips, on all layers adjusted over them; *detects* is the smallest gain that would "
        "have been found with a power of 80 %. Runs of version 0.1 tested a score, the mapping fitted anew in "
        "each permutation: they have no r, and *c* components.");
}

static void bold(xp_pen *text, bool begin) {
    if (begin)
        xp_pen_markup(text, "**", "\\textbf{");
    else
        xp_pen_markup(text, "**", "}");
}

/* "**A, information: supported.** The verdict's text. Decided by E3, beyond ...: holds." */
static void verdict_sentences(xp_pen *pen, const xp_report_run *run, const explaint_verdict *verdict) {
    xp_pen text = {.latex = pen->latex};
    const char *decided_by = xp_or_empty(verdict->decided_by);
    const explaint_assumption *assumption = xp_assumption_of(verdict, decided_by);
    bold(&text, true);
    xp_verdict_label(&text, run, verdict);
    xp_text_adds(&text.out, ", ");
    xp_pen_text(&text, xp_or_empty(verdict->claim));
    xp_text_adds(&text.out, ": ");
    xp_pen_text(&text, xp_or_empty(verdict->verdict));
    xp_text_adds(&text.out, ".");
    bold(&text, false);
    xp_text_adds(&text.out, " ");
    xp_pen_sentence(&text, xp_or_empty(verdict->text));
    if (decided_by[0] != 0) {
        xp_text_adds(&text.out, " Decided by ");
        xp_pen_text(&text, decided_by);
        if (assumption != NULL) {
            xp_text_adds(&text.out, ", ");
            xp_pen_sentence(&text, xp_or_empty(assumption->text));
            xp_text_adds(&text.out, ": ");
            xp_pen_text(&text, xp_or_empty(assumption->outcome));
        }
        xp_text_adds(&text.out, ".");
    }
    xp_pen_paragraph(pen, &text);
}

static void verdicts(const xp_collection *c, xp_pen *pen) {
    explain_verdicts(pen);
    xp_table_verdicts(c, pen);
    for (size_t i = 0; i < c->n_runs; i++) {
        const explaint_result *result = c->run[i].result;
        for (size_t k = 0; k < result->n_verdicts; k++) verdict_sentences(pen, &c->run[i], &result->verdicts[k]);
    }
}

/* ---- notes ---- */

/* label: of a run; NULL: none. */
static void note(xp_pen *pen, const char *label, const char *text) {
    xp_pen line = {.latex = pen->latex};
    if (label != NULL) xp_text_addf(&line.out, "%s: ", label);
    xp_pen_sentence(&line, text);
    if (text[0] == 0 || text[strlen(text) - 1] != '.') xp_text_adds(&line.out, ".");
    xp_pen_item(pen, &line);
}

static const char *const column_names[XP_COLUMNS] = {
    "system", "upper", "shuffle", "shuffle-upper", "random", "mean predictor", "mean predictor on the shuffled norms"};

static void add_name(xp_text *list, const char *name) {
    xp_text_adds(list, list->length > 0 ? ", " : "a dash stands for what the run does not have: ");
    xp_text_adds(list, name);
}

/* Which columns have a dash in the main tables. */
static void note_missing(const xp_collection *c, size_t run, xp_pen *pen) {
    bool missing[XP_COLUMNS] = {false}, knn = false, any = false;
    for (size_t i = 0; i < c->n_lines; i++) {
        const xp_line *line = &c->line[i];
        if (line->run != run || !line->main) continue;
        any = true;
        for (size_t k = 0; k < XP_COLUMNS; k++) missing[k] |= !line->cell[k].exists;
        knn |= xp_knn_beside(c, line) != NULL;
    }
    if (!any) {
        note(pen, c->run[run].label,
             "the run has none of these columns in the metric of its verdict, with the component counts asked for.");
        return;
    }
    xp_text text = {0};
    for (size_t k = 0; k < XP_COLUMNS; k++)
        if (missing[k]) add_name(&text, column_names[k]);
    if (!knn) add_name(&text, strcmp(c->run[run].mapping, "knn") == 0 ? "kNN (its system is kNN)" : "kNN");
    if (text.length > 0) xp_text_adds(&text, ".");
    pen->out.failed |= text.failed;
    if (!text.failed && text.length > 0) note(pen, c->run[run].label, text.data);
    xp_text_free(&text);
}

/* The same sentence was said of an earlier line: layers share columns. */
static bool said_before(const xp_collection *c, const xp_line *line, size_t column) {
    for (const xp_line *other = c->line; other < line; other++)
        if (other->run == line->run && other->main && strcmp(other->norms, line->norms) == 0 &&
            strcmp(other->metric, line->metric) == 0 && other->cell[column].undefined == line->cell[column].undefined)
            return true;
    return false;
}

/* Concepts that a mean leaves out, in the main tables. */
static void note_undefined(const xp_collection *c, const xp_line *line, xp_pen *pen) {
    for (size_t k = 0; line->main && k < XP_COLUMNS; k++) {
        if (line->cell[k].undefined == 0 || said_before(c, line, k)) continue;
        xp_text text = {0};
        xp_text_addf(&text, "%s, %s, %s: concepts without a value, left out of the mean: %zu.", line->norms,
                     xp_metric_label(line->metric), column_names[k], line->cell[k].undefined);
        pen->out.failed |= text.failed;
        if (!text.failed) note(pen, c->run[line->run].label, text.data);
        xp_text_free(&text);
    }
}

static void note_warnings(const char *label, const explaint_lint *lint, size_t n, xp_pen *pen) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(xp_or_empty(lint[i].level), "warning") == 0) note(pen, label, xp_or_empty(lint[i].text));
}

static void notes(const xp_collection *c, xp_pen *pen) {
    xp_pen list = {.latex = pen->latex};
    for (size_t i = 0; i < c->notes.count; i++) note(&list, NULL, c->notes.item[i]);
    for (size_t i = 0; i < c->n_runs; i++) {
        note_missing(c, i, &list);
        if (c->run[i].result->n_verdicts == 0)
            note(&list, c->run[i].label, "the run made no tests, so that it has no verdict.");
        note_warnings(c->run[i].label, c->run[i].result->lints, c->run[i].result->n_lints, &list);
    }
    for (size_t i = 0; i < c->n_attention; i++) {
        const explaint_attend_result *result = c->attention[i].result;
        if (result->n_verdicts == 0)
            note(&list, c->attention[i].label,
                 "the run has no verdict, which needs all measures of continuity and of damage.");
        note_warnings(c->attention[i].label, result->lints, result->n_lints, &list);
    }
    for (size_t i = 0; i < c->n_lines; i++) note_undefined(c, &c->line[i], &list);
    pen->out.failed |= list.out.failed;
    if (list.out.length > 0) {
        title(pen, "Notes");
        xp_pen_markup(pen, "", "\\begin{itemize}\n");
        xp_text_adds(&pen->out, list.out.data);
        xp_pen_markup(pen, "\n", "\\end{itemize}\n\n");
    }
    xp_pen_free(&list);
}

/* ---- where it comes from ---- */

static void source_line(xp_pen *pen, const char *name, const char *value) {
    if (value[0] == 0) return;
    xp_pen_markup(pen, "    ", "");
    const size_t before = pen->out.length;
    xp_pen_code(pen, name); /* a document's role is as foreign as its other texts */
    const size_t length = pen->out.length - before;
    if (pen->latex)
        xp_text_adds(&pen->out, ": ");
    else
        xp_text_addf(&pen->out, "%*s", length < 10 ? (int)(11 - length) : 1, "");
    xp_pen_code(pen, value);
    xp_pen_markup(pen, "\n", "\\\\\n");
}

static void input_line(xp_pen *pen, const explaint_input *input) {
    xp_text line = {0};
    xp_text_adds(&line, xp_or_empty(input->name));
    if (input->shape[0] > 0) xp_text_addf(&line, ", %zu x %zu", input->shape[0], input->shape[1]);
    xp_text_addf(&line, ", sha256 %s", xp_or_empty(input->sha256));
    pen->out.failed |= line.failed;
    if (!line.failed)
        source_line(pen, xp_or_empty(input->role)[0] != 0 ? xp_or_empty(input->role) : "input", line.data);
    xp_text_free(&line);
}

typedef struct run_source { /* what a run of any command has */
    const char *label, *place, *version, *signature;
    const char *const *command;
    const explaint_input *inputs;
    size_t n_inputs;
} run_source;

static void source(xp_pen *pen, const run_source *run) {
    xp_pen head = {.latex = pen->latex};
    xp_text command = {0};
    bold(&head, true);
    xp_text_adds(&head.out, run->label);
    bold(&head, false);
    xp_text_adds(&head.out, " is ");
    xp_pen_text(&head, run->place);
    xp_text_adds(&head.out, ".");
    xp_pen_paragraph(pen, &head);
    xp_pen_markup(pen, "", "{\\footnotesize\\ttfamily\\raggedright\\noindent\n");
    source_line(pen, "version", xp_or_empty(run->version));
    xp_shell_command(&command, run->command);
    pen->out.failed |= command.failed;
    if (!command.failed) source_line(pen, "command", command.data);
    xp_text_free(&command);
    for (size_t k = 0; k < run->n_inputs; k++) input_line(pen, &run->inputs[k]);
    source_line(pen, "signature", xp_or_empty(run->signature));
    xp_pen_markup(pen, "\n", "\\par}\n\n");
}

static void sources(const xp_collection *c, xp_pen *pen) {
    title(pen, "Where the numbers come from");
    paragraph(pen,
              "Every number is stored in the document of its run and rounded to three decimals; nothing was computed "
              "for this report. The same version, inputs and command give the same document.");
    for (size_t i = 0; i < c->n_runs; i++) {
        const explaint_result *r = c->run[i].result;
        source(pen, &(run_source){c->run[i].label, c->run[i].place, r->version, r->signature, r->command, r->inputs,
                                  r->n_inputs});
    }
    for (size_t i = 0; i < c->n_attention; i++) {
        const explaint_attend_result *r = c->attention[i].result;
        source(pen, &(run_source){c->attention[i].label, c->attention[i].place, r->version, r->signature, r->command,
                                  r->inputs, r->n_inputs});
    }
}

/* ---- the whole ---- */

static bool any_line(const xp_collection *c, bool main) {
    for (size_t i = 0; i < c->n_lines; i++)
        if (c->line[i].main == main) return true;
    return false;
}

/* Runs of infer. */
static void inference_part(const xp_collection *c, xp_pen *pen) {
    xp_pen_markup(pen, "# Property inference: the paper's columns and ours\n\n", latex_head);
    if (any_line(c, true)) xp_table_columns(c, true, pen);
    explain_columns(pen);
    if (any_line(c, true)) {
        xp_pen_markup(pen, "## What stands beside them\n\n", "");
        xp_table_beside(c, true, pen);
        explain_beside(pen);
    }
    title(pen, "Verdicts");
    verdicts(c, pen);
    xp_pen_markup(pen, "## Runs\n\n", "");
    xp_table_runs(c, pen);
}

static void compose(const xp_collection *c, xp_pen *pen) {
    if (c->n_runs > 0) inference_part(c, pen);
    if (c->n_attention > 0) {
        xp_pen_markup(pen, "# Attention, layer by layer\n\n", c->n_runs > 0 ? "" : latex_head);
        xp_report_attention_part(c, pen);
    }
    notes(c, pen);
    if (any_line(c, false)) {
        xp_pen_markup(pen, "## Other metrics\n\n", "");
        xp_table_columns(c, false, pen);
        paragraph(pen, "A dash stands where a metric does not exist: the mean predictor gives every concept the same "
                       "neighbours.");
        xp_table_beside(c, false, pen);
    }
    sources(c, pen);
}

static const char *const formats[] = {"markdown", "latex"};

explaint_report_options explaint_report_defaults(void) { return (explaint_report_options){.format = *formats}; }

explaint_status explaint_report_write(const char *const *paths, size_t n_paths, const explaint_report_options *options,
                                      FILE *out, explaint_error *error) {
    const explaint_report_options defaults = explaint_report_defaults();
    if (options == NULL) options = &defaults;
    xp_collection c = {.options = options};
    size_t format = 0;
    explaint_status status = xp_choose(options->format, formats, 2, "format", &format, error);
    if (status != EXPLAINT_OK) return status;
    xp_pen pen = {.latex = format == 1};
    if (n_paths == 0) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "a report needs a ledger or a JSON document");
    if (options->n_runs > 0 && n_paths > 1)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "runs are chosen of one ledger, and %zu files were named; leave out --run, or name one",
                       n_paths);
    for (size_t i = 0; status == EXPLAINT_OK && i < n_paths; i++) status = xp_collection_add(&c, paths[i], error);
    if (status == EXPLAINT_OK && c.n_runs + c.n_attention == 0)
        status = xp_fail(error, EXPLAINT_INVALID, paths[0], 0,
                         "holds no finished run of 'explaint infer' or 'explaint attend': %s",
                         c.notes.count > 0 ? c.notes.item[0] : "there is none");
    if (status == EXPLAINT_OK) {
        xp_collection_sort(&c);
        compose(&c, &pen);
        if (pen.out.failed) status = xp_no_memory(error, what);
    }
    if (status == EXPLAINT_OK) { /* one empty line less at the end */
        while (pen.out.length > 1 && pen.out.data[pen.out.length - 2] == '\n') pen.out.data[--pen.out.length] = 0;
        status = xp_write_text(&pen.out, what, out, error);
    }
    xp_pen_free(&pen);
    xp_collection_free(&c);
    return status;
}

/* Markdown and LaTeX: title, tables, sentences, where everything comes from. */
#include <string.h>

#include "report/tables.h"
#include "store/table.h"

static void title(xp_markup *markup, const char *text) {
    xp_markup_either(markup, "## ", "\\paragraph{");
    xp_markup_prose(markup, text);
    xp_markup_either(markup, "\n\n", ".}\n");
}

static void paragraph(xp_markup *markup, const char *prose) {
    xp_markup text = {.latex = markup->latex};
    xp_markup_prose(&text, prose);
    xp_markup_paragraph(markup, &text);
}

static const char latex_head[] =
    "% Tables of 'explaint report --latex': \\input this file. The preamble needs\n"
    "%     \\usepackage[T1]{fontenc}\n"
    "%     \\usepackage{textcomp,array,booktabs}\n"
    "% The file is UTF-8, which LaTeX reads without a package since 2018 (before: \\usepackage[utf8]{inputenc}).\n"
    "% Letters that T1 fonts do not have are written as <U+XXXX>.\n\n";

/* ---- words ---- */

static void explain_columns(xp_markup *markup) {
    paragraph(markup,
              "Rows *paper* are as printed by Abdelhalim, Edinger, Laue and Regneri, LLMs Explain't (arXiv 2601.22928, "
              "2026), which used other vectors. The other rows are ours, each with the letter of its run and the 95 % "
              "percentile bootstrap interval over concepts, conditional on the fitted folds.");
    paragraph(
        markup,
        "*system* maps the vectors to the norms and is scored on concepts that it was not fitted on; *upper* maps "
        "the norms to themselves; *shuffle* maps the vectors to norms whose feature columns were permuted, each by "
        "itself; *shuffle-upper* maps these to themselves; *random* maps the vectors to features drawn at random. "
        "These columns never decide a verdict: they look the same where the claim is true by construction and "
        "where it is not.");
}

static void explain_beside(xp_markup *markup) {
    paragraph(
        markup,
        "The *mean* predictor sees no vector: what the mapping has beyond it, on the norms or on the shuffled "
        "norms, comes from the vectors. *kNN* copies the norms of the nearest neighbours; *system* beside it, the "
        "*gain* over it and both scores are on the *n* concepts with distinct vectors, for the component count "
        "that the verdict is about.");
}

static void explain_verdicts(xp_markup *markup) {
    paragraph(
        markup,
        "A verdict is decided by tests. On *information*, *r* says how far vectors and norms agree on which of the "
        "*n* concepts are alike, *gain* is r beyond its mean under permuted norms, and no mapping has a part in "
        "it. On *mapping*, the gain is a difference of scores, to the baseline of that name. *p* is of *B* "
        "permutations or sign flips, on all layers adjusted over them; *detects* is the smallest gain that would "
        "have been found with a power of 80 %. Runs of version 0.1 tested a score, the mapping fitted anew in "
        "each permutation: they have no r, and *c* components.");
}

static void bold(xp_markup *text, bool begin) {
    if (begin)
        xp_markup_either(text, "**", "\\textbf{");
    else
        xp_markup_either(text, "**", "}");
}

/* "**A, information: supported.** The verdict's text. Decided by E3, beyond ...: holds." */
static void verdict_sentences(xp_markup *markup, const xp_report_run *run, const explaint_verdict *verdict) {
    static const char better[] = "better ";
    xp_markup text = {.latex = markup->latex};
    const char *decided_by = xp_report_or_empty(verdict->decided_by);
    const explaint_assumption *assumption = xp_report_assumption(verdict, decided_by);
    bold(&text, true);
    xp_report_verdict_label(&text, run, verdict);
    xp_text_adds(&text.out, ", ");
    xp_markup_text(&text, xp_report_or_empty(verdict->claim));
    xp_text_adds(&text.out, ": ");
    xp_markup_text(&text, xp_report_or_empty(verdict->verdict));
    xp_text_adds(&text.out, ".");
    bold(&text, false);
    xp_text_adds(&text.out, " ");
    xp_markup_sentence(&text, xp_report_or_empty(verdict->text));
    if (decided_by[0] != 0) {
        xp_text_adds(&text.out, " Decided by ");
        xp_markup_text(&text, decided_by);
        if (assumption != NULL) {
            const char *words = xp_report_or_empty(assumption->text);
            const bool worse = strcmp(xp_report_or_empty(assumption->outcome), "fails") == 0 &&
                               strncmp(words, better, strlen(better)) == 0 && assumption->ci[1] < 0;
            xp_text_adds(&text.out, worse ? ": worse " : ", ");
            xp_markup_sentence(&text, words + (worse ? strlen(better) : 0));
            if (!worse) {
                xp_text_adds(&text.out, ": ");
                xp_markup_text(&text, xp_report_or_empty(assumption->outcome));
            }
        }
        xp_text_adds(&text.out, ".");
    }
    xp_markup_paragraph(markup, &text);
}

static void verdicts(const xp_collection *c, xp_markup *markup) {
    explain_verdicts(markup);
    xp_table_verdicts(c, markup);
    for (size_t i = 0; i < c->n_runs; i++) {
        const explaint_result *result = c->run[i].result;
        for (size_t k = 0; k < result->n_verdicts; k++) verdict_sentences(markup, &c->run[i], &result->verdicts[k]);
    }
}

/* ---- notes ---- */

/* label: of a run; NULL: none. */
static void note(xp_markup *markup, const char *label, const char *text) {
    xp_markup line = {.latex = markup->latex};
    if (label != NULL) xp_text_addf(&line.out, "%s: ", label);
    xp_markup_sentence(&line, text);
    if (text[0] == 0 || text[strlen(text) - 1] != '.') xp_text_adds(&line.out, ".");
    xp_markup_item(markup, &line);
}

static const char *const column_names[XP_COLUMNS] = {
    "system", "upper", "shuffle", "shuffle-upper", "random", "mean predictor", "mean predictor on the shuffled norms"};

static void add_name(xp_text *list, const char *name) {
    xp_text_adds(list, list->length > 0 ? ", " : "a dash stands for what the run does not have: ");
    xp_text_adds(list, name);
}

/* Which columns have a dash in the main tables. */
static void note_missing(const xp_collection *c, size_t run, xp_markup *markup) {
    bool missing[XP_COLUMNS] = {false}, knn = false, any = false;
    for (size_t i = 0; i < c->n_lines; i++) {
        const xp_line *line = &c->line[i];
        if (line->run != run || !line->main) continue;
        any = true;
        for (size_t k = 0; k < XP_COLUMNS; k++) missing[k] |= !line->cell[k].exists;
        knn |= xp_report_knn_beside(c, line) != NULL;
    }
    if (!any) {
        note(markup, c->run[run].label,
             "the run has none of these columns in the metric of its verdict, with the component counts asked for.");
        return;
    }
    xp_text text = {0};
    for (size_t k = 0; k < XP_COLUMNS; k++)
        if (missing[k]) add_name(&text, column_names[k]);
    if (!knn) add_name(&text, strcmp(c->run[run].mapping, "knn") == 0 ? "kNN (its system is kNN)" : "kNN");
    if (text.length > 0) xp_text_adds(&text, ".");
    markup->out.failed |= text.failed;
    if (!text.failed && text.length > 0) note(markup, c->run[run].label, text.data);
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
static void note_undefined(const xp_collection *c, const xp_line *line, xp_markup *markup) {
    for (size_t k = 0; line->main && k < XP_COLUMNS; k++) {
        if (line->cell[k].undefined == 0 || said_before(c, line, k)) continue;
        xp_text text = {0};
        xp_text_addf(&text, "%s, %s, %s: concepts without a value, left out of the mean: %zu.", line->norms,
                     xp_report_metric_label(line->metric), column_names[k], line->cell[k].undefined);
        markup->out.failed |= text.failed;
        if (!text.failed) note(markup, c->run[line->run].label, text.data);
        xp_text_free(&text);
    }
}

static void note_warnings(const char *label, const explaint_lint *lint, size_t n, xp_markup *markup) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(xp_report_or_empty(lint[i].level), "warning") == 0)
            note(markup, label, xp_report_or_empty(lint[i].text));
}

static void notes(const xp_collection *c, xp_markup *markup) {
    xp_markup list = {.latex = markup->latex};
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
    for (size_t i = 0; i < c->n_relations; i++)
        note_warnings(c->relation[i].label, c->relation[i].result->lints, c->relation[i].result->n_lints, &list);
    for (size_t i = 0; i < c->n_lines; i++) note_undefined(c, &c->line[i], &list);
    markup->out.failed |= list.out.failed;
    if (list.out.length > 0) {
        title(markup, "Notes");
        xp_markup_either(markup, "", "\\begin{itemize}\n");
        xp_text_adds(&markup->out, list.out.data);
        xp_markup_either(markup, "\n", "\\end{itemize}\n\n");
    }
    xp_markup_free(&list);
}

/* ---- where it comes from ---- */

static void source_line(xp_markup *markup, const char *name, const char *value) {
    if (value[0] == 0) return;
    xp_markup_either(markup, "    ", "");
    const size_t before = markup->out.length;
    xp_markup_code(markup, name); /* a document's role is as foreign as its other texts */
    const size_t length = markup->out.length - before;
    if (markup->latex)
        xp_text_adds(&markup->out, ": ");
    else
        xp_text_addf(&markup->out, "%*s", length < 10 ? (int)(11 - length) : 1, "");
    xp_markup_code(markup, value);
    xp_markup_either(markup, "\n", "\\\\\n");
}

static void input_line(xp_markup *markup, const explaint_input *input) {
    xp_text line = {0};
    xp_text_adds(&line, xp_report_or_empty(input->name));
    if (input->shape[0] > 0) xp_text_addf(&line, ", %zu x %zu", input->shape[0], input->shape[1]);
    xp_text_addf(&line, ", sha256 %s", xp_report_or_empty(input->sha256));
    markup->out.failed |= line.failed;
    if (!line.failed)
        source_line(markup, xp_report_or_empty(input->role)[0] != 0 ? xp_report_or_empty(input->role) : "input",
                    line.data);
    xp_text_free(&line);
}

typedef struct run_source { /* what a run of any command has */
    const char *label, *place, *version, *signature;
    const char *const *command;
    const explaint_input *inputs;
    size_t n_inputs;
} run_source;

static void source(xp_markup *markup, const run_source *run) {
    xp_markup head = {.latex = markup->latex};
    xp_text command = {0};
    bold(&head, true);
    xp_text_adds(&head.out, run->label);
    bold(&head, false);
    xp_text_adds(&head.out, " is ");
    xp_markup_text(&head, run->place);
    xp_text_adds(&head.out, ".");
    xp_markup_paragraph(markup, &head);
    xp_markup_either(markup, "", "{\\footnotesize\\ttfamily\\raggedright\\noindent\n");
    source_line(markup, "version", xp_report_or_empty(run->version));
    xp_table_command(&command, run->command);
    markup->out.failed |= command.failed;
    if (!command.failed) source_line(markup, "command", command.data);
    xp_text_free(&command);
    for (size_t k = 0; k < run->n_inputs; k++) input_line(markup, &run->inputs[k]);
    source_line(markup, "signature", xp_report_or_empty(run->signature));
    xp_markup_either(markup, "\n", "\\par}\n\n");
}

static void sources(const xp_collection *c, xp_markup *markup) {
    title(markup, "Where the numbers come from");
    paragraph(markup,
              "Every number is stored in the document of its run and rounded to three decimals; nothing was computed "
              "for this report. The same version, inputs and command give the same document.");
    for (size_t i = 0; i < c->n_runs; i++) {
        const explaint_result *r = c->run[i].result;
        source(markup, &(run_source){c->run[i].label, c->run[i].place, r->version, r->signature, r->command, r->inputs,
                                     r->n_inputs});
    }
    for (size_t i = 0; i < c->n_attention; i++) {
        const explaint_attend_result *r = c->attention[i].result;
        source(markup, &(run_source){c->attention[i].label, c->attention[i].place, r->version, r->signature, r->command,
                                     r->inputs, r->n_inputs});
    }
    for (size_t i = 0; i < c->n_relations; i++) {
        const explaint_relate_result *r = c->relation[i].result;
        source(markup, &(run_source){c->relation[i].label, c->relation[i].place, r->version, r->signature, r->command,
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
static void inference_part(const xp_collection *c, xp_markup *markup) {
    xp_markup_either(markup, "# Property inference: the paper's columns and ours\n\n", latex_head);
    xp_report_answers(c, markup);
    if (any_line(c, true)) xp_table_columns(c, true, markup);
    explain_columns(markup);
    if (any_line(c, true)) {
        xp_markup_either(markup, "## What stands beside them\n\n", "");
        xp_table_beside(c, true, markup);
        explain_beside(markup);
    }
    title(markup, "Verdicts");
    verdicts(c, markup);
    xp_markup_either(markup, "## Runs\n\n", "");
    xp_table_runs(c, markup);
}

/* Runs of relate. */
static void relation_part(const xp_collection *c, bool all, xp_markup *markup) {
    xp_markup_either(markup, "# Relations read from attention\n\n", c->n_runs + c->n_attention > 0 ? "" : latex_head);
    xp_report_relation_answers(c, markup);
    xp_report_relation_part(c, all, markup);
}

static void compose_page(const xp_collection *c, xp_markup *markup) {
    if (c->n_runs > 0) {
        xp_markup_either(markup, "# Property inference\n\n", latex_head);
        xp_report_answers(c, markup);
        xp_report_summary(c, markup);
    }
    if (c->n_attention > 0) {
        xp_markup_either(markup, "# Attention, layer by layer\n\n", c->n_runs > 0 ? "" : latex_head);
        xp_report_attention_answers(c, markup);
        xp_report_attention_part(c, false, markup);
    }
    if (c->n_relations > 0) relation_part(c, false, markup);
    xp_report_summary_end(c, markup);
}

static void compose_all(const xp_collection *c, xp_markup *markup) {
    if (c->n_runs > 0) inference_part(c, markup);
    if (c->n_attention > 0) {
        xp_markup_either(markup, "# Attention, layer by layer\n\n", c->n_runs > 0 ? "" : latex_head);
        xp_report_attention_answers(c, markup);
        xp_report_attention_part(c, true, markup);
    }
    if (c->n_relations > 0) relation_part(c, true, markup);
    notes(c, markup);
    if (any_line(c, false)) {
        xp_markup_either(markup, "## Other metrics\n\n", "");
        xp_table_columns(c, false, markup);
        paragraph(markup,
                  "A dash stands where a metric does not exist: the mean predictor gives every concept the same "
                  "neighbours.");
        xp_table_beside(c, false, markup);
    }
    sources(c, markup);
}

void xp_report_compose(const xp_collection *c, xp_markup *markup) {
    const explaint_report_options *options = c->options;
    if (options->all || options->all_components || options->n_components > 0)
        compose_all(c, markup);
    else
        compose_page(c, markup);
}

/* Markdown and LaTeX: title, tables, sentences, where everything comes from. */
#include <string.h>

#include "report/tables.h"
#include "store/table.h"

static void title(xp_markup *markup, const char *text) {
    xp_markup_either(markup, "## ", "\\paragraph{");
    xp_markup_prose(markup, text);
    xp_markup_either(markup, "\n\n", ".}\n");
}

static const char latex_head[] =
    "% Tables of 'explaint report --latex': \\input this file. The preamble needs\n"
    "%     \\usepackage[T1]{fontenc}\n"
    "%     \\usepackage{textcomp,array,booktabs}\n"
    "% The file is UTF-8, which LaTeX reads without a package since 2018 (before: \\usepackage[utf8]{inputenc}).\n"
    "% Letters that T1 fonts do not have are written as <U+XXXX>.\n\n";

/* ---- words ---- */

static void explain_columns(xp_markup *markup) {
    xp_markup_words(
        markup,
        "Rows *paper* are as printed by Abdelhalim, Edinger, Laue and Regneri, LLMs Explain't (arXiv 2601.22928, "
        "2026), which used other vectors. The other rows are ours, each with the letter of its run and the 95 % "
        "percentile bootstrap interval over concepts, conditional on the fitted folds.");
    xp_markup_words(
        markup,
        "*system* maps the vectors to the norms and is scored on concepts that it was not fitted on; *upper* maps "
        "the norms to themselves; *shuffle* maps the vectors to norms whose feature columns were permuted, each by "
        "itself; *shuffle-upper* maps these to themselves; *random* maps the vectors to features drawn at random. "
        "These columns never decide a verdict: they look the same where the claim is true by construction and "
        "where it is not.");
}

static void explain_beside(xp_markup *markup) {
    xp_markup_words(
        markup,
        "The *mean* predictor sees no vector: what the mapping has beyond it, on the norms or on the shuffled "
        "norms, comes from the vectors. *kNN* copies the norms of the nearest neighbours; *system* beside it, the "
        "*gain* over it and both scores are on the *n* concepts with distinct vectors, for the component count "
        "that the verdict is about.");
}

static void explain_verdicts(xp_markup *markup) {
    xp_markup_words(
        markup,
        "A verdict is decided by tests. On *information*, *r* says how far vectors and norms agree on which of the "
        "*n* concepts are alike, *gain* is r beyond its mean under permuted norms, and no mapping has a part in "
        "it. On *mapping*, the gain is a difference of scores, to the baseline of that name. *p* is of *B* "
        "permutations or sign flips, on all layers adjusted over them; *detects* is the smallest gain that would "
        "have been found with a power of 80 %. Runs of version 0.1 tested a score, the mapping fitted anew in "
        "each permutation: they have no r, and *c* components.");
}

/* "**A, information: supported.** The verdict's text. Decided by E3, beyond ...: holds." */
static void verdict_sentences(xp_markup *markup, const xp_report_run *run, const explaint_verdict *verdict) {
    static const char better[] = "better ";
    xp_markup text = {.latex = markup->latex};
    const char *decided_by = xp_report_or_empty(verdict->decided_by);
    const explaint_assumption *assumption = xp_report_assumption(verdict, decided_by);
    xp_markup_bold(&text, true);
    xp_report_verdict_label(&text, run, verdict);
    xp_report_verdict_words(&text, verdict->claim, verdict->verdict, verdict->text);
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
    for (size_t i = 0; i < c->n_infer; i++) {
        const explaint_result *result = c->run[i].result;
        for (size_t k = 0; k < result->n_verdicts; k++) verdict_sentences(markup, &c->run[i], &result->verdicts[k]);
    }
}

/* ---- notes ---- */

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
        xp_markup_note(
            markup, c->run[run].label,
            "the run has none of these columns in the metric of its verdict, with the component counts asked for.");
        return;
    }
    xp_text text = {0};
    for (size_t k = 0; k < XP_COLUMNS; k++)
        if (missing[k]) add_name(&text, column_names[k]);
    if (!knn) add_name(&text, strcmp(c->run[run].mapping, "knn") == 0 ? "kNN (its system is kNN)" : "kNN");
    if (text.length > 0) xp_text_adds(&text, ".");
    markup->out.failed |= text.failed;
    if (!text.failed && text.length > 0) xp_markup_note(markup, c->run[run].label, text.data);
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
        if (!text.failed) xp_markup_note(markup, c->run[line->run].label, text.data);
        xp_text_free(&text);
    }
}

static void notes(const xp_collection *c, xp_markup *markup) {
    xp_markup list = {.latex = markup->latex};
    for (size_t i = 0; i < c->notes.count; i++) xp_markup_note(&list, NULL, c->notes.item[i]);
    for (size_t i = 0; i < c->n_runs; i++) {
        const xp_report_run *run = &c->run[i];
        if (run->result != NULL) note_missing(c, i, &list);
        if (run->says.n_verdicts == 0 && run->relation == NULL)
            xp_markup_note(&list, run->label,
                           run->result != NULL
                               ? "the run made no tests, so that it has no verdict."
                               : "the run has no verdict, which needs all measures of continuity and of damage.");
        xp_report_warnings(&list, run);
    }
    for (size_t i = 0; i < c->n_lines; i++) note_undefined(c, &c->line[i], &list);
    if (list.out.length > 0) title(markup, "Notes");
    xp_markup_list(markup, &list);
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

static void source(xp_markup *markup, const xp_report_run *run) {
    xp_text command = {0};
    xp_report_source_begin(markup, run);
    source_line(markup, "version", xp_report_or_empty(run->says.version));
    xp_table_command(&command, run->says.command);
    markup->out.failed |= command.failed;
    if (!command.failed) source_line(markup, "command", command.data);
    xp_text_free(&command);
    for (size_t k = 0; k < run->says.n_inputs; k++) input_line(markup, &run->says.inputs[k]);
    source_line(markup, "signature", xp_report_or_empty(run->says.signature));
    xp_markup_either(markup, "\n", "\\par}\n\n");
}

static void sources(const xp_collection *c, xp_markup *markup) {
    title(markup, "Where the numbers come from");
    xp_markup_words(
        markup, "Every number is stored in the document of its run and rounded to three decimals; nothing was computed "
                "for this report. The same version, inputs and command give the same document.");
    for (size_t i = 0; i < c->n_runs; i++) source(markup, &c->run[i]);
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
    xp_report_answers(c, &explaint_infer_kind, markup);
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

/* Runs of attend, and of relate. */
static void attention_parts(const xp_collection *c, bool all, xp_markup *markup) {
    if (c->n_attention > 0) {
        xp_markup_either(markup, "# Attention, layer by layer\n\n", c->n_infer > 0 ? "" : latex_head);
        xp_report_answers(c, &explaint_attend_kind, markup);
        xp_report_attention_part(c, all, markup);
    }
    if (c->n_relations == 0) return;
    xp_markup_either(markup, "# Relations read from attention\n\n", c->n_infer + c->n_attention > 0 ? "" : latex_head);
    xp_report_answers(c, &explaint_relate_kind, markup);
    xp_report_relation_part(c, all, markup);
}

static void compose_page(const xp_collection *c, xp_markup *markup) {
    if (c->n_infer > 0) {
        xp_markup_either(markup, "# Property inference\n\n", latex_head);
        xp_report_answers(c, &explaint_infer_kind, markup);
        xp_report_summary(c, markup);
    }
    attention_parts(c, false, markup);
    xp_report_summary_end(c, markup);
}

static void compose_all(const xp_collection *c, xp_markup *markup) {
    if (c->n_infer > 0) inference_part(c, markup);
    attention_parts(c, true, markup);
    notes(c, markup);
    if (any_line(c, false)) {
        xp_markup_either(markup, "## Other metrics\n\n", "");
        xp_table_columns(c, false, markup);
        xp_markup_words(markup,
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

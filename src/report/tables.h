/* The parts of a report, in its order. */
#ifndef XP_REPORT_TABLES_H
#define XP_REPORT_TABLES_H

#include "report/collection.h"
#include "report/markup.h"

/* The paper's columns, theirs and ours: of the verdict's metric and the paper's (main), or of the others. */
void xp_table_columns(const xp_collection *c, bool main, xp_markup *markup);
/* What stands beside them: the mean predictors, kNN. */
void xp_table_beside(const xp_collection *c, bool main, xp_markup *markup);
void xp_table_verdicts(const xp_collection *c, xp_markup *markup);
void xp_table_runs(const xp_collection *c, xp_markup *markup);

/* The report in Markdown or LaTeX: one page, or all (text.c). */
void xp_report_compose(const xp_collection *c, xp_markup *markup);

/* Runs of attend (attention.c): a line for each layer; with all the verdicts in sentences and what was run, too. */
void xp_report_attention_part(const xp_collection *c, bool all, xp_markup *markup);

/* Runs of relate (relation.c): all heads beside the controls; the best heads, or all of them. */
void xp_report_relation_part(const xp_collection *c, bool all, xp_markup *markup);

/* The one page (summary.c): what came out of each run, in plain words; a line for each layer or mapping; warnings, and where it comes from. */
void xp_report_answers(const xp_collection *c, const explaint_kind *kind, xp_markup *markup);
void xp_report_summary(const xp_collection *c, xp_markup *markup);
void xp_report_summary_end(const xp_collection *c, xp_markup *markup);

/* What both the page and the whole have (summary.c): the warnings of a run as items of a list; which document it is, and the beginning of what follows. */
void xp_report_warnings(xp_markup *list, const xp_report_run *run);
void xp_report_source_begin(xp_markup *markup, const xp_report_run *run);
/* After what a verdict is on, in bold: ", tokens: supported." and, not in bold any more, its text. */
void xp_report_verdict_words(xp_markup *markup, const char *claim, const char *verdict, const char *text);
/* " Decided by A1."; nothing where nothing decided. */
void xp_report_decided_by(xp_markup *markup, const char *decided_by);

/* "A", or "A, layer 3". */
void xp_report_verdict_label(xp_markup *markup, const xp_report_run *run, const explaint_verdict *verdict);

/* What kNN scored beside a line's system, on the concepts with distinct vectors; NULL: it is not known. */
const explaint_assumption *xp_report_knn_beside(const xp_collection *c, const xp_line *line);

#endif

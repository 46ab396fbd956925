/* The paper's table, theirs and ours, from stored results: GitHub Markdown or LaTeX (docs/report.md).
 *
 *     const char *const paths[] = {"results.db", "more.json"};
 *     explaint_report_options options = explaint_report_defaults();
 *     options.format = "latex";
 *     if (explaint_report_write(paths, 2, &options, stdout, &error) != EXPLAINT_OK) return error.code;
 *
 * A path is a ledger or a JSON document of `explaint infer`, `attend` or `relate`; which of them, its first bytes say. Nothing is computed anew: every number is
 * one of a stored document, rounded.
 */
#ifndef EXPLAINT_REPORT_H
#define EXPLAINT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "explaint/error.h"
#include "explaint/ledger.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct explaint_report_options {
    /* "markdown": tables with aligned columns, also readable as plain text; "latex": to be \input, its head says which packages it
     * needs; "html": one page with its figures, which asks nothing of anybody */
    const char *format;
    const size_t *runs; /* of the one ledger; NULL: every finished run of all */
    size_t n_runs;
    const size_t *components; /* component counts; NULL: the one that the verdict is about */
    size_t n_components;
    bool all_components; /* every count */
    bool all;            /* everything; else one page, unless component counts are chosen */
} explaint_report_options;

EXPLAINT_API explaint_report_options explaint_report_defaults(void); /* format "markdown" */

/* Reads everything, then writes. options NULL: the defaults. Errors: EXPLAINT_USAGE (no such run; runs chosen of several files, or of a document),
 * EXPLAINT_INVALID (neither ledger nor document, no finished run in it, damaged), EXPLAINT_FAILED (memory, a write). */
EXPLAINT_API explaint_status explaint_report_write(const char *const *paths, size_t n_paths,
                                                   const explaint_report_options *options, FILE *out,
                                                   explaint_error *error);

/* The same of one result that is in memory, of infer, attend, relate or (a page alone) compare. ledger: keeps it as its current run, so that a page has what a
 * ledger keeps; NULL: none does. paths: what else goes in, such as the maps that it wrote. */
EXPLAINT_API explaint_status explaint_report_write_result(const explaint_record *record, explaint_ledger *ledger,
                                                          const char *const *paths, size_t n_paths,
                                                          const explaint_report_options *options, FILE *out,
                                                          explaint_error *error);

/* Called for each figure with its name ("A-conditions"), its title, and a whole SVG file. Not EXPLAINT_OK: no more are made, and that is the status. */
typedef explaint_status explaint_figure_taker(void *self, const char *name, const char *title, const char *svg,
                                              size_t length, explaint_error *error);
/* The figures of the page, each as a file of its own: white ground, letters as text. The format of options counts for nothing. Errors as above. */
EXPLAINT_API explaint_status explaint_report_figures(const char *const *paths, size_t n_paths,
                                                     const explaint_report_options *options,
                                                     explaint_figure_taker *take, void *self, explaint_error *error);

#ifdef __cplusplus
}
#endif
#endif

/* The paper's table, theirs and ours, from stored results: GitHub Markdown or LaTeX (docs/report.md).
 *
 *     const char *const paths[] = {"results.db", "more.json"};
 *     explaint_report_options options = {.format = EXPLAINT_REPORT_LATEX};
 *     explaint_report_write(paths, 2, &options, stdout, &error);
 *
 * A path is a ledger or a JSON document of `explaint infer`, told apart by their first bytes. Nothing is computed anew:
 * every number is one of a stored document, rounded.
 */
#ifndef EXPLAINT_REPORT_H
#define EXPLAINT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "explaint/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum explaint_report_format {
    EXPLAINT_REPORT_MARKDOWN, /* tables with aligned columns: also readable as plain text */
    EXPLAINT_REPORT_LATEX     /* to be \input; its head says which packages it needs */
} explaint_report_format;

typedef struct explaint_report_options {
    explaint_report_format format;
    const size_t *runs; /* of the one ledger; NULL: every finished run of all */
    size_t n_runs;
    const size_t *components; /* component counts; NULL: the one that the verdict is about */
    size_t n_components;
    bool all_components; /* every count */
} explaint_report_options;

/* Reads everything, then writes. Errors: EXPLAINT_USAGE (no such run; runs chosen of several files, or of a document),
 * EXPLAINT_INVALID (neither ledger nor document, no finished run in it, damaged), EXPLAINT_FAILED (memory, a write). */
EXPLAINT_API explaint_status explaint_report_write(const char *const *paths, size_t n_paths,
                                                   const explaint_report_options *options, FILE *out,
                                                   explaint_error *error);

#ifdef __cplusplus
}
#endif
#endif

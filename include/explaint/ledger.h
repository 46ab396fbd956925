/* The ledger: an SQLite file of runs, their units and their results, from which every report is rebuilt.
 *
 *     explaint_ledger *ledger = NULL;
 *     explaint_ledger_open("results.db", true, &ledger, &error);
 *     explaint_units units = {0};
 *     explaint_ledger_begin(ledger, explaint_plan_identity(plan), true, &units, &error);
 *     explaint_plan_run(plan, &units, NULL, &result, &error);
 *     explaint_ledger_finish(ledger, &result->record, &error);
 *     explaint_ledger_close(ledger);
 */
#ifndef EXPLAINT_LEDGER_H
#define EXPLAINT_LEDGER_H

#include <stdio.h>

#include "explaint/infer.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct explaint_ledger explaint_ledger;

/* Opens or (create) makes a ledger. Errors: EXPLAINT_INVALID (no ledger, or of a newer version), EXPLAINT_FAILED. */
EXPLAINT_API explaint_status explaint_ledger_open(const char *path, bool create, explaint_ledger **ledger,
                                                  explaint_error *error);
EXPLAINT_API void explaint_ledger_close(explaint_ledger *ledger);

/* Begins a run of this identity, or with resume goes on with the newest run of the same identity (finished or not).
 * With resume and no such run, but an unfinished one of the same command on other inputs: EXPLAINT_INVALID, the difference
 * named. Fills units, which live as long as the ledger. */
EXPLAINT_API explaint_status explaint_ledger_begin(explaint_ledger *ledger, const char *identity, bool resume,
                                                   explaint_units *units, explaint_error *error);
/* Stores the record (of infer, attend or embed) as document and tables in one transaction and marks it finished. A run that is finished with
 * the same document stays as it is; with another, it is replaced. */
EXPLAINT_API explaint_status explaint_ledger_finish(explaint_ledger *ledger, const explaint_record *record,
                                                    explaint_error *error);
/* Units stored so far in the current run, and its number (0: none begun). */
EXPLAINT_API size_t explaint_ledger_n_units(const explaint_ledger *ledger);
EXPLAINT_API long explaint_ledger_run(const explaint_ledger *ledger);

/* The record of a finished run, released by explaint_record_free. run 0: the newest. Errors as below. */
EXPLAINT_API explaint_status explaint_ledger_record(explaint_ledger *ledger, long run, explaint_record **record,
                                                    explaint_error *error);

/* `explaint runs`: list (one line for each run), show (one run, readable), export (the JSON document of a run, byte for byte, or with `list` one of its
 * lists as CSV, as explaint_record_write_csv has it). run 0: the newest.
 * Errors: EXPLAINT_USAGE (no such run), EXPLAINT_INVALID (no runs, or not finished: export), EXPLAINT_FAILED (a write). */
EXPLAINT_API explaint_status explaint_ledger_list(explaint_ledger *ledger, bool json, FILE *out, explaint_error *error);
EXPLAINT_API explaint_status explaint_ledger_show(explaint_ledger *ledger, long run, FILE *out, explaint_error *error);
EXPLAINT_API explaint_status explaint_ledger_export(explaint_ledger *ledger, long run, const char *list, FILE *out,
                                                    explaint_error *error);

#ifdef __cplusplus
}
#endif
#endif

/* The ledger: an SQLite file of runs, their units and their results, from which every report is rebuilt (docs/results.md#ledger; a whole
 * program that reads one: docs/examples/ledger.c).
 *
 *     explaint_ledger *ledger = NULL;
 *     explaint_units units = {0};
 *     explaint_result *result = NULL;
 *     explaint_status status = explaint_ledger_open("results.db", true, &ledger, &error);
 *     if (status == EXPLAINT_OK)
 *         status = explaint_ledger_begin(ledger, explaint_plan_identity(plan), true, &units, &error);
 *     if (status == EXPLAINT_OK) status = explaint_plan_run(plan, &units, NULL, &result, &error);
 *     if (status == EXPLAINT_OK) status = explaint_ledger_finish(ledger, &result->record, &error);
 *     explaint_result_free(result);
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
/* A ledger for a run that is shown once: in a temporary file, which nobody else sees and which is gone when it is closed. EXPLAINT_FAILED. */
EXPLAINT_API explaint_status explaint_ledger_scratch(explaint_ledger **ledger, explaint_error *error);
EXPLAINT_API void explaint_ledger_close(explaint_ledger *ledger);

/* Begins a run of this identity. With resume it goes on with the newest run of the same identity, finished or not; if there is none, but an
 * unfinished run of the same command on other inputs, the status is EXPLAINT_INVALID and the error names the difference. Fills units, which
 * live as long as the ledger. */
EXPLAINT_API explaint_status explaint_ledger_begin(explaint_ledger *ledger, const char *identity, bool resume,
                                                   explaint_units *units, explaint_error *error);
/* Stores the record (of infer, attend or embed) as document and tables in one transaction and marks it finished. A run that is finished with
 * the same document stays as it is; with another, it is replaced. */
EXPLAINT_API explaint_status explaint_ledger_finish(explaint_ledger *ledger, const explaint_record *record,
                                                    explaint_error *error);
/* Units stored so far in the current run, and its number (0: none begun). */
EXPLAINT_API size_t explaint_ledger_n_units(const explaint_ledger *ledger);
EXPLAINT_API long explaint_ledger_run(const explaint_ledger *ledger);

/* The record of a finished run, released by explaint_record_free. Run 0 is the newest. Errors as below. */
EXPLAINT_API explaint_status explaint_ledger_record(explaint_ledger *ledger, long run, explaint_record **record,
                                                    explaint_error *error);

/* ---- what the pieces of a run of infer hold, as lists ---- */

/* A permutation of a test. Number 0 is what was observed: p is the share of numbers at or above it, of r, or of flips where there are flips. */
typedef struct explaint_null {
    size_t run_id;
    int layer;      /* -1: none */
    const char *id; /* "E1", as its assumption */
    size_t permutation;
    const char *statistic; /* "agreement" */
    double r, peer_r;      /* of the vectors; of copied neighbours, NaN: nothing varies */
    double flips;          /* T under sign flips of a test of transfer; NaN: another test */
    double spelling;       /* T of the spelling of E1; NaN: another test */
} explaint_null;

/* One of the ten features that a condition predicts most strongly of a concept, at the verdict's level. */
typedef struct explaint_shown_feature {
    size_t run_id;
    int layer; /* -1: none */
    const char *condition, *target, *concept_name;
    size_t rank; /* from 1 */
    const char *feature;
    double score;
    size_t hit; /* 1: the target has it */
} explaint_shown_feature;

/* One of the ten concepts nearest to a concept, by cosine. */
typedef struct explaint_shown_neighbour {
    size_t run_id;
    int layer;                                    /* -1: none */
    const char *condition, *concept_name, *space; /* space: "prediction", "gold", "input" */
    size_t rank;                                  /* from 1 */
    const char *neighbour;
    double cosine;
} explaint_shown_neighbour;

typedef struct explaint_stored_lists {
    explaint_record record; /* explaint_stored_lists_kind */
    const explaint_null *nulls;
    const explaint_shown_feature *concepts;
    const explaint_shown_neighbour *neighbours;
    size_t n_nulls, n_concepts, n_neighbours;
} explaint_stored_lists;

EXPLAINT_API extern const explaint_kind explaint_stored_lists_kind, explaint_null_kind, explaint_shown_feature_kind,
    explaint_shown_neighbour_kind;

/* What `explaint runs` prints. list: one line for each run. show: one run for people to read. export: the JSON document of a run, byte for
 * byte, or with `list` one of its lists as CSV, as explaint_record_write_csv has it, or "nulls", "concepts", "neighbours" of what its pieces
 * hold. Run 0 is the newest. Errors: EXPLAINT_USAGE (there is no such run, or it has no such list), EXPLAINT_INVALID (there are no runs; export
 * of a run that is not finished, or whose pieces do not hold that), EXPLAINT_FAILED (a write). */
EXPLAINT_API explaint_status explaint_ledger_list(explaint_ledger *ledger, bool json, FILE *out, explaint_error *error);
EXPLAINT_API explaint_status explaint_ledger_show(explaint_ledger *ledger, long run, FILE *out, explaint_error *error);
EXPLAINT_API explaint_status explaint_ledger_export(explaint_ledger *ledger, long run, const char *list, char decimal,
                                                    FILE *out, explaint_error *error);

#ifdef __cplusplus
}
#endif
#endif

#include "store/ledger_documents.h"

#include <string.h>

#include "store/ledger_private.h"

static const char doing[] = "reading the ledger";

explaint_status xp_ledger_select(explaint_ledger *ledger, long long *run, explaint_error *error) {
    xp_query q = xp_query_begin(ledger, "SELECT max(run_id), sum(run_id = ?1) FROM run", doing, error);
    xp_query_integer(&q, 1, *run);
    bool found = false;
    long long newest = 0;
    if (xp_query_next(&q)) {
        newest = sqlite3_column_int64(q.statement, 0);
        found = sqlite3_column_int64(q.statement, 1) > 0;
    }
    const explaint_status status = xp_query_end(&q);
    if (status != EXPLAINT_OK) return status;
    if (newest == 0)
        return xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                       "the ledger holds no runs yet; begin one with --ledger");
    if (*run == 0)
        *run = newest;
    else if (!found)
        return xp_fail(error, EXPLAINT_USAGE, ledger->path, 0,
                       "the ledger has no run %lld, its newest is %lld; see: explaint runs list", *run, newest);
    return EXPLAINT_OK;
}

explaint_status xp_ledger_unfinished(const char *path, long long run, size_t units, explaint_error *error) {
    return xp_fail(error, EXPLAINT_INVALID, path, 0,
                   "run %lld is not finished (%zu units stored) and has no results; repeat its command with --resume",
                   run, units);
}

/* The row that the statement stands on. */
static explaint_status hand_over(explaint_ledger *ledger, sqlite3_stmt *s, xp_run_fn each, void *self,
                                 explaint_error *error) {
    bool has_state = sqlite3_column_type(s, 1) == SQLITE_TEXT;
    const char *state = (const char *)sqlite3_column_text(s, 1);
    if (has_state && state == NULL) return xp_no_memory(error, doing);
    xp_stored_run run = {.run = sqlite3_column_int64(s, 0),
                         .finished = has_state && strcmp(state, "finished") == 0,
                         .units = xp_ledger_column_size(s, 3)};
    if (run.finished) {
        if (sqlite3_column_type(s, 2) != SQLITE_TEXT)
            return xp_ledger_damaged(ledger, "a finished run should hold its JSON document, and does not", error);
        run.document = (const char *)sqlite3_column_text(s, 2);
        if (run.document == NULL) return xp_no_memory(error, doing);
        run.length = (size_t)sqlite3_column_bytes(s, 2);
    }
    return each(self, &run, error);
}

explaint_status xp_ledger_documents(explaint_ledger *ledger, const size_t *runs, size_t n, xp_run_fn each, void *self,
                                    explaint_error *error) {
    long long newest = 0;
    const explaint_status status = xp_ledger_select(ledger, &newest, error);
    if (status != EXPLAINT_OK) return status;
    xp_query q = xp_query_begin(ledger,
                                "SELECT run_id, state, document, (SELECT count(*) FROM unit WHERE"
                                " unit.run_id = run.run_id) FROM run WHERE ?1 IN (0, run_id) ORDER BY run_id",
                                doing, error);
    for (size_t i = 0; q.status == EXPLAINT_OK && i < (n > 0 ? n : 1); i++) {
        long long run = n > 0 ? (long long)runs[i] : 0;
        if (n > 0) q.status = xp_ledger_select(ledger, &run, error);
        sqlite3_reset(q.statement);
        xp_query_integer(&q, 1, run);
        while (xp_query_next(&q)) q.status = hand_over(ledger, q.statement, each, self, error);
    }
    return xp_query_end(&q);
}

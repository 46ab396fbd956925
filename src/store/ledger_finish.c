/* A finished run: its document, and its lists as tables, in one transaction. */
#include <string.h>

#include "base/memory.h"
#include "store/ledger_private.h"

static const char doing[] = "storing the results";

static explaint_status mark_finished(explaint_ledger *ledger, const explaint_record *record, const xp_text *document,
                                     explaint_error *error) {
    const explaint_field *field = explaint_kind_field(record->kind, "signature");
    const char *signature = field != NULL ? *(const char *const *)xp_field_at(field, record) : NULL;
    xp_query q = xp_query_begin(
        ledger,
        "UPDATE run SET state = 'finished', finished = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), signature = ?,"
        " document = ? WHERE run_id = ?",
        doing, error);
    xp_query_text(&q, 1, signature);
    xp_query_bytes(&q, 2, document->data, document->length, true);
    xp_query_integer(&q, 3, ledger->run);
    xp_query_run(&q);
    if (q.status == EXPLAINT_OK && sqlite3_changes(ledger->db) != 1)
        q.status = xp_ledger_damaged(ledger, "the run that is being stored is not in it any more", error);
    return xp_query_end(&q);
}

/* Whether the run is finished with just this document: then there is nothing to do, and its time of finish stays. */
static explaint_status is_stored(explaint_ledger *ledger, const xp_text *document, bool *same, explaint_error *error) {
    xp_query q =
        xp_query_begin(ledger, "SELECT document FROM run WHERE run_id = ? AND state = 'finished'", doing, error);
    xp_query_integer(&q, 1, ledger->run);
    if (xp_query_next(&q)) {
        const void *stored = sqlite3_column_text(q.statement, 0);
        *same = stored != NULL && (size_t)sqlite3_column_bytes(q.statement, 0) == document->length &&
                memcmp(stored, document->data, document->length) == 0;
    }
    return xp_query_end(&q);
}

explaint_status explaint_ledger_finish(explaint_ledger *ledger, const explaint_record *record, explaint_error *error) {
    if (ledger->run == 0)
        return xp_fail(error, EXPLAINT_USAGE, ledger->path, 0, "no run was begun: call explaint_ledger_begin first");
    xp_text document = {0};
    explaint_status status = xp_record_document(record, &document, error);
    if (status != EXPLAINT_OK) {
        xp_text_free(&document);
        return status;
    }
    bool same = false;
    status = xp_ledger_transaction(ledger, doing, error);
    if (status == EXPLAINT_OK) {
        status = is_stored(ledger, &document, &same, error);
        if (status == EXPLAINT_OK && !same) {
            status = xp_ledger_clear_tables(ledger, error);
            if (status == EXPLAINT_OK) status = xp_ledger_fill_tables(ledger, record, error);
            if (status == EXPLAINT_OK) status = mark_finished(ledger, record, &document, error);
        }
        status = xp_ledger_end(ledger, status, doing, error);
    }
    xp_text_free(&document);
    return status;
}

/* Statements of SQLite, what is bound to them, and what their failures mean to a user. */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "store/ledger_private.h"

/* ---- failures ---- */

static bool no_space(int reason) { return reason == ENOSPC || reason == EDQUOT || reason == EFBIG; }

/* SQLite keeps the system's reason in one place or the other (a full disk, but not a spent quota, has a code of its
 * own). */
static int system_reason(const explaint_ledger *ledger) {
    int now = errno, reason = sqlite3_system_errno(ledger->db);
    if (reason == 0) sqlite3_file_control(ledger->db, "main", SQLITE_FCNTL_LAST_ERRNO, &reason);
    return reason != 0 ? reason : now;
}

/* SQLite calls a page that the disk did not give a corrupt one. The reason why, 0 if the disk gave all that was asked. */
static int unread(const explaint_ledger *ledger) {
    int reason = 0, of_journal = 0;
    sqlite3_file *journal = NULL;
    sqlite3_file_control(ledger->db, "main", SQLITE_FCNTL_LAST_ERRNO, &reason);
    sqlite3_file_control(ledger->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
    if (journal != NULL && journal->pMethods != NULL)
        journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &of_journal);
    if (reason == 0) reason = of_journal;
    return reason == EIO || reason == ENXIO || reason == ERANGE ? reason : 0;
}

explaint_status xp_ledger_failed(const explaint_ledger *ledger, int code, const char *doing, explaint_error *error) {
    int reason = system_reason(ledger);
    /* The last to close a ledger moves the journal's pages into it and removes the journal. After a failure of the disk
     * SQLite may believe a journal empty that it could not read, and removes what was stored: whoever opens the ledger
     * next does that work. */
    int kind = code & 0xff;
    if ((kind == SQLITE_IOERR && !no_space(reason)) || (kind == SQLITE_CORRUPT && unread(ledger) != 0))
        sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    switch (kind) {
    case SQLITE_NOMEM: return xp_no_memory(error, doing);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return xp_fail(error, EXPLAINT_FAILED, ledger->path, 0,
                       "%s failed: another process has held the ledger for %d seconds; what is stored is kept, "
                       "wait for it and repeat the command with --resume",
                       doing, XP_LEDGER_BUSY_MS / 1000);
    case SQLITE_FULL:
        if (ledger->scratch)
            return xp_fail(error, EXPLAINT_FAILED, NULL, 0,
                           "%s failed: the disk for temporary files is full; free space, name another folder in "
                           "SQLITE_TMPDIR, or keep the run with --ledger FILE",
                           doing);
        return xp_fail(error, EXPLAINT_FAILED, ledger->path, 0,
                       "%s failed: the disk is full; what was stored before is kept, free space and repeat the command "
                       "with --resume",
                       doing);
    case SQLITE_IOERR:
        if (no_space(reason)) return xp_ledger_failed(ledger, SQLITE_FULL, doing, error);
        return xp_fail(error, EXPLAINT_FAILED, ledger->path, 0, "%s failed: %s (%s); check the disk", doing,
                       sqlite3_errmsg(ledger->db), reason != 0 ? strerror(reason) : "no reason given");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
        if (reason == ENOENT) /* a file that could not be made is then looked for, and is not there */
            return xp_fail(
                error, EXPLAINT_FAILED, ledger->path, 0,
                "%s failed: the ledger, or a file beside it, cannot be written; a ledger needs a folder that is there "
                "and writable, and free space",
                doing);
        return xp_fail(error, EXPLAINT_FAILED, ledger->path, 0,
                       "%s failed: the ledger or its folder cannot be written (%s); a ledger needs both to be writable",
                       doing, reason != 0 ? strerror(reason) : sqlite3_errmsg(ledger->db));
    case SQLITE_TOOBIG:
        return xp_fail(error, EXPLAINT_FAILED, ledger->path, 0,
                       "%s failed: more than 1,000,000,000 bytes in one piece, which no ledger holds", doing);
    case SQLITE_NOTADB:
        return xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                       "is no explaint ledger: an SQLite database was expected; name another --ledger FILE");
    default: /* a table or column that is not there, a corrupt page */
        if (kind == SQLITE_CORRUPT && (reason = unread(ledger)) != 0)
            return xp_fail(error, EXPLAINT_FAILED, ledger->path, 0, "%s failed: reading the file: %s; check the disk",
                           doing, strerror(reason));
        return xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                       "is a damaged ledger: %s failed with \"%s\"; restore a copy or begin a new ledger", doing,
                       sqlite3_errmsg(ledger->db));
    }
}

explaint_status xp_ledger_damaged(const explaint_ledger *ledger, const char *what, explaint_error *error) {
    return xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                   "is a damaged ledger: %s; restore a copy or begin a new ledger", what);
}

/* ---- statements ---- */

explaint_status xp_ledger_run_sql(explaint_ledger *ledger, const char *sql, const char *doing, explaint_error *error) {
    int code = sqlite3_exec(ledger->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? EXPLAINT_OK : xp_ledger_failed(ledger, code, doing, error);
}

static void note_failure(xp_query *q, int code) {
    if (q->status == EXPLAINT_OK) q->status = xp_ledger_failed(q->ledger, code, q->doing, q->error);
}

xp_query xp_query_begin(const explaint_ledger *ledger, const char *sql, const char *doing, explaint_error *error) {
    xp_query q = {.ledger = ledger, .doing = doing, .error = error};
    const int code = sqlite3_prepare_v2(ledger->db, sql, -1, &q.statement, NULL);
    if (code != SQLITE_OK) note_failure(&q, code);
    return q;
}

void xp_query_bound(xp_query *q, bool bound) {
    if (!bound && q->status == EXPLAINT_OK) q->status = xp_no_memory(q->error, q->doing);
}

void xp_query_integer(xp_query *q, int at, long long value) {
    if (q->status == EXPLAINT_OK) sqlite3_bind_int64(q->statement, at, value);
}

void xp_query_text(xp_query *q, int at, const char *text) {
    if (q->status == EXPLAINT_OK) xp_query_bound(q, xp_ledger_bind_text(q->statement, at, text));
}

void xp_query_bytes(xp_query *q, int at, const void *bytes, size_t size, bool text) {
    if (q->status != EXPLAINT_OK) return;
    const int code = text ? sqlite3_bind_text64(q->statement, at, bytes, size, SQLITE_STATIC, SQLITE_UTF8)
                          : sqlite3_bind_blob64(q->statement, at, size > 0 ? bytes : "", size, SQLITE_STATIC);
    if (code != SQLITE_OK) note_failure(q, code);
}

bool xp_query_next(xp_query *q) {
    if (q->status != EXPLAINT_OK) return false;
    const int code = sqlite3_step(q->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) note_failure(q, code);
    return code == SQLITE_ROW;
}

void xp_query_run(xp_query *q) {
    (void)xp_query_next(q);
    sqlite3_reset(q->statement); /* ends the read transaction: a later writer must not wait for us */
}

explaint_status xp_query_end(xp_query *q) {
    const int code = sqlite3_finalize(q->statement);
    if (code != SQLITE_OK) note_failure(q, code);
    return q->status;
}

/* IMMEDIATE: the write lock is taken at once, where waiting is possible. A transaction that reads first and then wants
 * to write is refused without waiting if another process wrote in between. */
explaint_status xp_ledger_transaction(explaint_ledger *ledger, const char *doing, explaint_error *error) {
    return xp_ledger_run_sql(ledger, "BEGIN IMMEDIATE", doing, error);
}

explaint_status xp_ledger_end(explaint_ledger *ledger, explaint_status status, const char *doing,
                              explaint_error *error) {
    if (status == EXPLAINT_OK) status = xp_ledger_run_sql(ledger, "COMMIT", doing, error);
    /* A full disk may have rolled back already. */
    if (status != EXPLAINT_OK && !sqlite3_get_autocommit(ledger->db))
        sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

bool xp_ledger_bind_text(sqlite3_stmt *statement, int at, const char *text) {
    if (text == NULL) return sqlite3_bind_null(statement, at) == SQLITE_OK;
    const unsigned char *p = (const unsigned char *)text, *end = p + strlen(text);
    for (size_t step; p < end && (step = xp_utf8_length(p, end)) > 0;) p += step;
    if (p == end) return sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC) == SQLITE_OK;
    /* Text that is no UTF-8 (a file's name may be anything) would make readers such as Python's fail: U+FFFD, as in
     * JSON. */
    xp_text clean = {0};
    for (p = (const unsigned char *)text; p < end;) {
        size_t step = xp_utf8_length(p, end);
        xp_text_add(&clean, step > 0 ? (const char *)p : "\xef\xbf\xbd", step > 0 ? step : 3);
        p += step > 0 ? step : 1;
    }
    bool bound = !clean.failed && sqlite3_bind_text(statement, at, clean.data, -1, SQLITE_TRANSIENT) == SQLITE_OK;
    xp_text_free(&clean);
    return bound;
}

bool xp_ledger_bind_number(sqlite3_stmt *statement, int at, double value) {
    return (isfinite(value) ? sqlite3_bind_double(statement, at, value) : sqlite3_bind_null(statement, at)) ==
           SQLITE_OK;
}

bool xp_ledger_bind_size(sqlite3_stmt *statement, int at, size_t value) {
    return sqlite3_bind_int64(statement, at, value <= INT64_MAX ? (sqlite3_int64)value : INT64_MAX) == SQLITE_OK;
}

bool xp_ledger_bind_count(sqlite3_stmt *statement, int at, size_t value) {
    return value > 0 ? xp_ledger_bind_size(statement, at, value) : sqlite3_bind_null(statement, at) == SQLITE_OK;
}

const char *xp_ledger_column_text(sqlite3_stmt *statement, int at) {
    const unsigned char *text = sqlite3_column_text(statement, at);
    return text != NULL ? (const char *)text : "";
}

size_t xp_ledger_column_size(sqlite3_stmt *statement, int at) {
    if (sqlite3_column_type(statement, at) != SQLITE_INTEGER) return 0;
    sqlite3_int64 value = sqlite3_column_int64(statement, at);
    return value > 0 ? (size_t)value : 0;
}

explaint_status xp_ledger_has_column(explaint_ledger *ledger, const char *table, const char *column, bool *found,
                                     explaint_error *error) {
    xp_query q = xp_query_begin(
        ledger,
        "SELECT 1 FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name = ?1 AND"
        " c.name = ?2",
        "looking at the ledger's tables", error);
    xp_query_text(&q, 1, table);
    xp_query_text(&q, 2, column);
    *found = xp_query_next(&q);
    return xp_query_end(&q);
}

/* The ledger's handle, its statements and its failures. Only the ledger_*.c files include this: they are the adapter to
 * SQLite, and nothing else sees sqlite3.h. */
#ifndef XP_STORE_LEDGER_PRIVATE_H
#define XP_STORE_LEDGER_PRIVATE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strings.h"
#include "explaint/ledger.h"
#include "result/record.h"

enum {
    XP_LEDGER_APPLICATION = 0x45585054, /* "EXPT" */
    XP_LEDGER_SCHEMA = 4,
    XP_LEDGER_HEAD = 100,     /* bytes of a database file that say what it is */
    XP_LEDGER_BUSY_MS = 60000 /* another process's transaction takes milliseconds: a minute is a stuck one */
};

struct explaint_ledger {
    sqlite3 *db;
    char *path;
    long long run;    /* the current run, 0: none begun */
    bool scratch;     /* in no file that anybody finds: path says what it is */
    long long schema; /* as it was opened, or brought up to date */
};

/* ---- schema (ledger_schema.c) ---- */

/* Whose a database file is, by its first bytes (XP_LEDGER_HEAD): EXPLAINT_INVALID for another program's and for a newer
 * version's. logged: a log beside the file holds changes, which SQLite would move into it. */
explaint_status xp_ledger_head(const char *path, const unsigned char *head, bool logged, explaint_error *error);
/* Checks that the database is a ledger, with all its tables, that this version can read; an empty database becomes one if create. */
explaint_status xp_ledger_check(explaint_ledger *ledger, bool create, explaint_error *error);
/* Is there such a column, of such a table? */
explaint_status xp_ledger_has_column(explaint_ledger *ledger, const char *table, const char *column, bool *found,
                                     explaint_error *error);
/* Within a write transaction: brings a ledger of an older schema up to date. Whoever only reads leaves it as it is. */
explaint_status xp_ledger_upgrade(explaint_ledger *ledger, explaint_error *error);

/* ---- tables of records (ledger_tables.c): within a write transaction ---- */

/* Makes the tables, or the columns, that are not there. changed: becomes true if any was missing. */
explaint_status xp_ledger_make_tables(explaint_ledger *ledger, bool *changed, explaint_error *error);
explaint_status xp_ledger_make_views(explaint_ledger *ledger, explaint_error *error);
/* Of the current run. */
explaint_status xp_ledger_clear_tables(explaint_ledger *ledger, explaint_error *error);
explaint_status xp_ledger_fill_tables(explaint_ledger *ledger, const explaint_record *record, explaint_error *error);

/* ---- statements (ledger_sql.c) ---- */

/* The error of the last SQLite call that failed, as a sentence: a full disk, a busy ledger, a damaged one. doing:
 * "storing a unit". */
explaint_status xp_ledger_failed(const explaint_ledger *ledger, int code, const char *doing, explaint_error *error);
/* The file's content is not what a ledger holds. */
explaint_status xp_ledger_damaged(const explaint_ledger *ledger, const char *what, explaint_error *error);

explaint_status xp_ledger_run_sql(explaint_ledger *ledger, const char *sql, const char *doing, explaint_error *error);

/* A statement under way. Its first failure stays in `status`, and nothing is done after it. */
typedef struct xp_query {
    const explaint_ledger *ledger;
    const char *doing;
    sqlite3_stmt *statement;
    explaint_status status;
    explaint_error *error;
} xp_query;

xp_query xp_query_begin(const explaint_ledger *ledger, const char *sql, const char *doing, explaint_error *error);
void xp_query_integer(xp_query *query, int at, long long value);
void xp_query_text(xp_query *query, int at, const char *text); /* as xp_ledger_bind_text */
/* Borrowed until the statement is reset; a blob, or text. */
void xp_query_bytes(xp_query *query, int at, const void *bytes, size_t size, bool text);
/* Says whether it was bound. */
void xp_query_bound(xp_query *query, bool bound);
/* Steps to the next row; false at the end, or after a failure. Columns are to be believed once xp_query_end has said so. */
bool xp_query_next(xp_query *query);
/* Steps a statement that gives no rows, and resets it. */
void xp_query_run(xp_query *query);
/* The first failure, also of a column that had no memory, which is NULL like one that is nothing. */
explaint_status xp_query_end(xp_query *query);

/* A write transaction; end commits if status is EXPLAINT_OK, else rolls back, and returns the first failure. */
explaint_status xp_ledger_transaction(explaint_ledger *ledger, const char *doing, explaint_error *error);
explaint_status xp_ledger_end(explaint_ledger *ledger, explaint_status status, const char *doing,
                              explaint_error *error);

/* Bind; false without memory. A NULL text or a number that is not finite becomes NULL. Texts are borrowed until the
 * statement is reset. */
bool xp_ledger_bind_text(sqlite3_stmt *statement, int at, const char *text);
bool xp_ledger_bind_number(sqlite3_stmt *statement, int at, double value);
bool xp_ledger_bind_size(sqlite3_stmt *statement, int at, size_t value);
bool xp_ledger_bind_count(sqlite3_stmt *statement, int at, size_t value); /* 0 becomes NULL */

/* Columns of a database that others may have written: any type, NULL, or negative. */
const char *xp_ledger_column_text(sqlite3_stmt *statement, int at); /* "" for NULL or without memory */
size_t xp_ledger_column_size(sqlite3_stmt *statement, int at);      /* 0 for what is no count */

/* ---- runs (ledger_runs.c) ---- */

/* EXPLAINT_OK if the database holds the run; *run 0 becomes the newest. EXPLAINT_USAGE: no such run. */
explaint_status xp_ledger_select(explaint_ledger *ledger, long long *run, explaint_error *error);

/* ---- identities (ledger_identity.c): the JSON object that a plan gives ---- */

typedef struct xp_value xp_value;

/* The object with its command, inputs and settings of the right types; NULL and EXPLAINT_INVALID. `file` is the ledger
 * that it was read from, or NULL. */
xp_value *xp_ledger_identity_parse(const char *text, const char *file, explaint_error *error);
const char *xp_ledger_identity_command(const xp_value *identity); /* the sub-command, "infer" */
/* Appends what differs, version, inputs, then settings, at most a few: "norms has sha256 1f.., stored 07..". */
void xp_ledger_identity_difference(const xp_value *stored, const xp_value *wanted, xp_text *text);

#endif

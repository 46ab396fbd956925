/* What a ledger is, and whether a database is one.
 *
 * Tables have singular names and are ours; views have plural names and are for outsiders (docs/results.md#ledger): a later
 * version may move columns between tables, and keeps the views. No STRICT tables: SQLite before 3.37 could not open the
 * file, and people read ledgers with whatever Python brings. The tables of what was found are made from the kinds of
 * records (ledger_tables.c).
 */
#include <inttypes.h>
#include <stdio.h>

#include "store/ledger_private.h"

static const char tables[] =
    "CREATE TABLE run ("
    "  run_id INTEGER PRIMARY KEY AUTOINCREMENT," /* the number of a deleted run is never used again */
    "  identity TEXT NOT NULL," /* JSON of version, command, inputs, settings: all to repeat the run */
    "  identity_sha256 TEXT NOT NULL,"
    "  command TEXT NOT NULL," /* JSON list */
    "  version TEXT NOT NULL,"
    "  state TEXT NOT NULL CHECK (state IN ('unfinished', 'finished')),"
    "  started TEXT NOT NULL," /* UTC; times are in the ledger only, never in the document */
    "  finished TEXT,"
    "  signature TEXT,"
    "  document TEXT);" /* the JSON document, byte for byte */
    "CREATE INDEX run_identity ON run (identity_sha256);"
    "CREATE TABLE unit ("
    "  run_id INTEGER NOT NULL REFERENCES run,"
    "  key TEXT NOT NULL,"
    "  bytes BLOB NOT NULL,"
    "  PRIMARY KEY (run_id, key));";

static const char view_of_runs[] =
    "DROP VIEW IF EXISTS runs;"
    "CREATE VIEW runs AS SELECT run_id, command, version, state, started, finished, signature, identity,"
    "  identity_sha256, document, (SELECT count(*) FROM unit WHERE unit.run_id = run.run_id) AS units FROM run";

/* What every ledger has, of every schema. */
static const struct {
    const char *table, *column;
} needed[] = {{"run", "run_id"},       {"run", "identity"}, {"run", "identity_sha256"}, {"run", "command"},
              {"run", "version"},      {"run", "state"},    {"run", "started"},         {"run", "finished"},
              {"run", "signature"},    {"run", "document"}, {"unit", "run_id"},         {"unit", "key"},
              {"unit", "bytes"},       {"input", "role"},   {"setting", "json"},        {"dropped_concept", "why"},
              {"result_row", "value"}, {"lint", "text"},    {"verdict", "verdict"},     {"assumption", "outcome"}};

/* The one integer that the query gives. */
static explaint_status number(explaint_ledger *ledger, const char *sql, long long *value, explaint_error *error) {
    xp_query q = xp_query_begin(ledger, sql, "reading the ledger's kind", error);
    *value = xp_query_next(&q) ? sqlite3_column_int64(q.statement, 0) : 0;
    return xp_query_end(&q);
}

/* ---- whether all tables are there ---- */

static explaint_status has_tables(explaint_ledger *ledger, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < sizeof needed / sizeof *needed; i++) {
        bool found;
        status = xp_ledger_has_column(ledger, needed[i].table, needed[i].column, &found, error);
        if (status == EXPLAINT_OK && !found)
            status = xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                             "is a damaged ledger: its table \"%s\" has no column \"%s\", or is not there; restore a "
                             "copy or begin a new ledger",
                             needed[i].table, needed[i].column);
    }
    return status;
}

/* ---- whose it is ---- */

/* A database that is not empty: ours, of a version that is read here? */
static explaint_status is_ours(const char *path, uint32_t application, long long schema, explaint_error *error) {
    if (application != XP_LEDGER_APPLICATION)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "is no explaint ledger but another program's SQLite database (application_id 0x%08" PRIx32
                       ", expected 0x%08" PRIx32 "); name another --ledger FILE",
                       application, (uint32_t)XP_LEDGER_APPLICATION);
    if (schema > XP_LEDGER_SCHEMA)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "is a ledger of schema version %lld, and this explaint reads up to version %d; use a newer "
                       "explaint, or another --ledger FILE",
                       schema, XP_LEDGER_SCHEMA);
    return EXPLAINT_OK;
}

static uint32_t big_endian(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

explaint_status xp_ledger_head(const char *path, const unsigned char *head, bool logged, explaint_error *error) {
    /* Places of the user version and the application id in SQLite's file format. */
    const uint32_t schema = big_endian(head + 60), application = big_endian(head + 68);
    if (application == 0 && !logged) return EXPLAINT_OK; /* perhaps nobody's: SQLite can look without a trace */
    return is_ours(path, application, (int32_t)schema, error);
}

/* Whose the database is. *empty: nobody's yet. */
static explaint_status recognise(explaint_ledger *ledger, bool *empty, explaint_error *error) {
    long long application = 0, schema = 0, things = 0;
    explaint_status status = number(ledger, "PRAGMA application_id", &application, error);
    if (status == EXPLAINT_OK) status = number(ledger, "PRAGMA user_version", &schema, error);
    if (status == EXPLAINT_OK) status = number(ledger, "SELECT count(*) FROM sqlite_master", &things, error);
    if (status != EXPLAINT_OK) return status;
    ledger->schema = schema;
    *empty = application == 0 && schema == 0 && things == 0;
    if (*empty) return EXPLAINT_OK;
    status = is_ours(ledger->path, (uint32_t)application, schema, error);
    if (status == EXPLAINT_OK && schema < 1)
        status = xp_ledger_damaged(ledger, "its schema version should be 1 or more, and is not", error);
    return status == EXPLAINT_OK ? has_tables(ledger, error) : status;
}

explaint_status xp_ledger_check(explaint_ledger *ledger, bool create, explaint_error *error) {
    static const char doing[] = "making the ledger";
    bool empty = false;
    /* Within one read transaction: another process may be making the ledger between two of the questions. */
    explaint_status status = xp_ledger_run_sql(ledger, "BEGIN", "reading the ledger's kind", error);
    if (status == EXPLAINT_OK)
        status = xp_ledger_end(ledger, recognise(ledger, &empty, error), "reading the ledger's kind", error);
    if (status != EXPLAINT_OK || !empty) return status;
    if (!create)
        return xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                       "is no explaint ledger but an empty SQLite database; a run with --ledger FILE fills it");
    status = xp_ledger_transaction(ledger, doing, error);
    if (status != EXPLAINT_OK) return status;
    status = recognise(ledger, &empty, error); /* again, under the lock: two processes may have found it empty */
    if (status == EXPLAINT_OK && empty) {
        char kind[80];
        snprintf(kind, sizeof kind, "PRAGMA application_id = %d", XP_LEDGER_APPLICATION);
        status = xp_ledger_run_sql(ledger, tables, doing, error);
        if (status == EXPLAINT_OK) status = xp_ledger_run_sql(ledger, kind, doing, error);
        if (status == EXPLAINT_OK) status = xp_ledger_upgrade(ledger, error);
    }
    return xp_ledger_end(ledger, status, doing, error);
}

explaint_status xp_ledger_upgrade(explaint_ledger *ledger, explaint_error *error) {
    static const char doing[] = "bringing the ledger's tables up to date";
    char version[48];
    snprintf(version, sizeof version, "PRAGMA user_version = %d", XP_LEDGER_SCHEMA);
    long long schema = 0; /* asked again: another process may have done it */
    bool changed = false;
    explaint_status status = number(ledger, "PRAGMA user_version", &schema, error);
    if (status == EXPLAINT_OK) status = xp_ledger_make_tables(ledger, &changed, error);
    if (status == EXPLAINT_OK && (changed || schema != XP_LEDGER_SCHEMA)) {
        status = xp_ledger_make_views(ledger, error);
        if (status == EXPLAINT_OK) status = xp_ledger_run_sql(ledger, view_of_runs, doing, error);
        if (status == EXPLAINT_OK) status = xp_ledger_run_sql(ledger, version, doing, error);
    }
    if (status == EXPLAINT_OK) ledger->schema = XP_LEDGER_SCHEMA;
    return status;
}

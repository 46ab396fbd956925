/* The tables of a ledger, and whether a database is one.
 *
 * Tables have singular names and are ours; views have plural names and are for outsiders (docs/results.md#ledger): a later
 * version may move columns between tables, and keeps the views. No STRICT tables: SQLite before 3.37 could not open the
 * file, and people read ledgers with whatever Python brings.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/ledger_private.h"

/* Schema 1, which `upgrades` bring up to date: a new ledger goes the same way. */
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
    "  PRIMARY KEY (run_id, key));"
    "CREATE TABLE input ("
    "  run_id INTEGER NOT NULL REFERENCES run, place INTEGER NOT NULL,"
    "  role TEXT NOT NULL, name TEXT, path TEXT, sha256 TEXT, \"rows\" INTEGER, columns INTEGER, nonzero INTEGER,"
    "  PRIMARY KEY (run_id, place)) WITHOUT ROWID;"
    "CREATE TABLE setting ("
    "  run_id INTEGER NOT NULL REFERENCES run, place INTEGER NOT NULL, key TEXT NOT NULL, json TEXT NOT NULL,"
    "  PRIMARY KEY (run_id, place)) WITHOUT ROWID;"
    "CREATE TABLE dropped_concept ("
    "  run_id INTEGER NOT NULL REFERENCES run, place INTEGER NOT NULL, concept TEXT, why TEXT,"
    "  PRIMARY KEY (run_id, place)) WITHOUT ROWID;"
    "CREATE TABLE result_row ("
    "  run_id INTEGER NOT NULL REFERENCES run, place INTEGER NOT NULL,"
    "  norms TEXT, source TEXT, layer INTEGER, mapping TEXT, n_components INTEGER, condition TEXT, target TEXT,"
    "  metric TEXT, fold INTEGER, value REAL, n INTEGER, undefined INTEGER, ci TEXT, ci_low REAL, ci_high REAL,"
    "  p REAL," /* ci: the JSON list, with all digits, which SQL cannot print */
    "  PRIMARY KEY (run_id, place)) WITHOUT ROWID;"
    "CREATE TABLE lint ("
    "  run_id INTEGER NOT NULL REFERENCES run, place INTEGER NOT NULL, id TEXT, level TEXT, text TEXT,"
    "  PRIMARY KEY (run_id, place)) WITHOUT ROWID;"
    "CREATE TABLE verdict ("
    "  run_id INTEGER NOT NULL REFERENCES run, place INTEGER NOT NULL,"
    "  claim TEXT, verdict TEXT, decided_by TEXT, text TEXT,"
    "  PRIMARY KEY (run_id, place)) WITHOUT ROWID;"
    "CREATE TABLE assumption ("
    "  run_id INTEGER NOT NULL, verdict INTEGER NOT NULL, place INTEGER NOT NULL,"
    "  id TEXT, outcome TEXT, text TEXT, why TEXT, gain REAL, ci_low REAL, ci_high REAL, p REAL, p_error REAL,"
    "  mde REAL, observed REAL, null_mean REAL, null_sd REAL, peer_gain REAL, peer_p REAL, n INTEGER,"
    "  permutations INTEGER,"
    "  PRIMARY KEY (run_id, verdict, place),"
    "  FOREIGN KEY (run_id, verdict) REFERENCES verdict (run_id, place)) WITHOUT ROWID;";

/* From 1 to 2, what was in the JSON document only; from 2 to 3, the statistic "agreement", the size of effects, the verdict on all layers. */
static const char *const upgrades[XP_LEDGER_SCHEMA - 1] = {"ALTER TABLE result_row ADD COLUMN p_adjusted REAL;"
                                                           "ALTER TABLE result_row ADD COLUMN mde REAL;"
                                                           "ALTER TABLE verdict ADD COLUMN layer INTEGER;"
                                                           "ALTER TABLE assumption ADD COLUMN p_adjusted REAL;",
                                                           "ALTER TABLE assumption ADD COLUMN statistic TEXT;"
                                                           "ALTER TABLE assumption ADD COLUMN z REAL;"
                                                           "ALTER TABLE assumption ADD COLUMN level REAL;"
                                                           "ALTER TABLE assumption ADD COLUMN upper REAL;"
                                                           "ALTER TABLE assumption ADD COLUMN margin REAL;"
                                                           "ALTER TABLE assumption ADD COLUMN effect REAL;"
                                                           "ALTER TABLE assumption ADD COLUMN effect_metric TEXT;"
                                                           "ALTER TABLE assumption ADD COLUMN effect_refits INTEGER;"
                                                           "ALTER TABLE verdict ADD COLUMN layers INTEGER;"
                                                           "ALTER TABLE verdict ADD COLUMN best_layer INTEGER;"};

static const char no_views[] =
    "DROP VIEW IF EXISTS runs; DROP VIEW IF EXISTS inputs; DROP VIEW IF EXISTS settings; DROP VIEW IF EXISTS results;"
    "DROP VIEW IF EXISTS lints; DROP VIEW IF EXISTS verdicts; DROP VIEW IF EXISTS assumptions;";

static const char views[] =
    "CREATE VIEW runs AS SELECT run_id, command, version, state, started, finished, signature, identity,"
    "  identity_sha256, document, (SELECT count(*) FROM unit WHERE unit.run_id = run.run_id) AS units FROM run;"
    "CREATE VIEW inputs AS SELECT run_id, role, sha256, name, path, \"rows\", columns, nonzero FROM input"
    "  ORDER BY run_id, place;"
    "CREATE VIEW settings AS SELECT run_id, key, json FROM setting ORDER BY run_id, place;"
    /* The columns of a JSON row, then the ends of ci, then where the row comes from. */
    "CREATE VIEW results AS SELECT r.run_id, r.norms, r.source, r.layer, r.mapping, r.n_components, r.condition,"
    "  r.target, r.metric, r.fold, r.value, r.n, r.undefined, r.ci, r.p,"
    "  r.p_adjusted, r.ci_low, r.ci_high, r.mde, run.version, run.command,"
    "  (SELECT sha256 FROM input i WHERE i.run_id = r.run_id AND i.role = 'norms') AS norms_sha256,"
    "  (SELECT sha256 FROM input i WHERE i.run_id = r.run_id AND i.role = 'embeddings') AS embeddings_sha256,"
    "  (SELECT sha256 FROM input i WHERE i.run_id = r.run_id AND i.role = 'folds') AS folds_sha256,"
    "  (SELECT sha256 FROM input i WHERE i.run_id = r.run_id AND i.role = 'categories') AS categories_sha256,"
    "  (SELECT sha256 FROM input i WHERE i.run_id = r.run_id AND i.role = 'model') AS model_sha256"
    "  FROM result_row r JOIN run USING (run_id) ORDER BY r.run_id, r.place;"
    "CREATE VIEW lints AS SELECT run_id, id, level, text FROM lint ORDER BY run_id, place;"
    "CREATE VIEW verdicts AS SELECT run_id, claim, verdict, decided_by, text, layer, layers, best_layer FROM verdict "
    "ORDER BY run_id, "
    "place;"
    "CREATE VIEW assumptions AS SELECT a.run_id, v.claim, a.id, a.outcome, a.text, a.why, a.gain, a.ci_low, a.ci_high,"
    "  a.p, a.p_error, a.mde, a.observed, a.null_mean, a.null_sd, a.peer_gain, a.peer_p, a.n, a.permutations,"
    "  a.p_adjusted, v.layer, a.statistic, CASE WHEN a.statistic IS NOT NULL THEN a.observed END AS r, a.z, a.level, "
    "a.upper,"
    "  a.margin, a.effect, a.effect_metric, a.effect_refits, v.layers, v.best_layer"
    "  FROM assumption a JOIN verdict v ON v.run_id = a.run_id AND v.place = a.verdict"
    "  ORDER BY a.run_id, a.verdict, a.place;";

/* The one integer that the query gives. */
static explaint_status number(explaint_ledger *ledger, const char *sql, long long *value, explaint_error *error) {
    static const char doing[] = "reading the ledger's kind";
    sqlite3_stmt *statement = NULL;
    bool row = false;
    explaint_status status = xp_ledger_prepare(ledger, sql, doing, &statement, error);
    if (status == EXPLAINT_OK) status = xp_ledger_next(ledger, statement, doing, &row, error);
    if (status == EXPLAINT_OK) *value = row ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return status;
}

/* ---- whether all tables are there ---- */

/* A ledger in memory, with the tables of this schema. */
static explaint_status make_pattern(explaint_ledger *pattern, long long schema, explaint_error *error) {
    static const char doing[] = "making a ledger to compare with";
    if (sqlite3_open_v2(":memory:", &pattern->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
        return xp_no_memory(error, "the ledger");
    explaint_status status = xp_ledger_run_sql(pattern, tables, doing, error);
    for (long long from = 1; status == EXPLAINT_OK && from < schema; from++)
        status = xp_ledger_run_sql(pattern, upgrades[from - 1], doing, error);
    return status;
}

/* Every column of the pattern, looked up in the ledger. */
static explaint_status compare_columns(explaint_ledger *pattern, explaint_ledger *ledger, explaint_error *error) {
    static const char doing[] = "looking at the ledger's tables";
    sqlite3_stmt *expected = NULL, *find = NULL;
    explaint_status status = xp_ledger_prepare(pattern,
                                               "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
                                               " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'",
                                               doing, &expected, error);
    if (status == EXPLAINT_OK)
        status = xp_ledger_prepare(ledger,
                                   "SELECT 1 FROM sqlite_master m, pragma_table_info(m.name) c"
                                   " WHERE m.type = 'table' AND m.name = ?1 AND c.name = ?2",
                                   doing, &find, error);
    for (bool row = true; status == EXPLAINT_OK && row;) {
        status = xp_ledger_next(pattern, expected, doing, &row, error);
        if (status != EXPLAINT_OK || !row) break;
        const char *table = xp_column_text(expected, 0), *column = xp_column_text(expected, 1);
        bool found = false;
        status = xp_bind_text(find, 1, table) && xp_bind_text(find, 2, column)
                     ? xp_ledger_next(ledger, find, doing, &found, error)
                     : xp_no_memory(error, doing);
        if (status == EXPLAINT_OK && !found)
            status = xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                             "is a damaged ledger: its table \"%s\" has no column \"%s\", or is not there; restore a "
                             "copy or begin a new ledger",
                             table, column);
        sqlite3_reset(find);
    }
    status = xp_ledger_finalize(pattern, expected, status, doing, error);
    return xp_ledger_finalize(ledger, find, status, doing, error);
}

static explaint_status has_tables(explaint_ledger *ledger, explaint_error *error) {
    explaint_ledger pattern = {.path = ledger->path};
    explaint_status status = make_pattern(&pattern, ledger->schema, error);
    if (status == EXPLAINT_OK) status = compare_columns(&pattern, ledger, error);
    sqlite3_close(pattern.db);
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
        snprintf(kind, sizeof kind, "PRAGMA application_id = %d; PRAGMA user_version = 1", XP_LEDGER_APPLICATION);
        status = xp_ledger_run_sql(ledger, tables, doing, error);
        if (status == EXPLAINT_OK) status = xp_ledger_run_sql(ledger, kind, doing, error);
        if (status == EXPLAINT_OK) status = xp_ledger_upgrade(ledger, error);
    }
    return xp_ledger_end(ledger, status, doing, error);
}

explaint_status xp_ledger_upgrade(explaint_ledger *ledger, explaint_error *error) {
    static const char doing[] = "bringing the ledger's tables up to date";
    char version[48];
    long long schema = 0; /* asked again: another process may have done it */
    snprintf(version, sizeof version, "PRAGMA user_version = %d", XP_LEDGER_SCHEMA);
    explaint_status status = number(ledger, "PRAGMA user_version", &schema, error);
    if (status == EXPLAINT_OK && schema < XP_LEDGER_SCHEMA) {
        status = xp_ledger_run_sql(ledger, no_views, doing, error);
        for (; status == EXPLAINT_OK && schema < XP_LEDGER_SCHEMA; schema++)
            status = xp_ledger_run_sql(ledger, upgrades[schema - 1], doing, error);
        if (status == EXPLAINT_OK) status = xp_ledger_run_sql(ledger, views, doing, error);
        if (status == EXPLAINT_OK) status = xp_ledger_run_sql(ledger, version, doing, error);
    }
    if (status == EXPLAINT_OK) ledger->schema = XP_LEDGER_SCHEMA;
    return status;
}

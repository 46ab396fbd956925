/* `explaint runs`: list, show, export. Everything is read first and written at the end, so that a damaged ledger leaves
 * nothing on stdout. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/json_read.h"
#include "base/output.h"
#include "explaint/version.h"
#include "store/export.h"
#include "store/ledger_private.h"
#include "store/table.h"

static const char doing[] = "reading the ledger";

/* A query about one run, ?1 (a query without it leaves that unbound). */
static explaint_status query(explaint_ledger *ledger, const char *sql, long long run, sqlite3_stmt **statement,
                             explaint_error *error) {
    explaint_status status = xp_ledger_prepare(ledger, sql, doing, statement, error);
    if (status == EXPLAINT_OK) sqlite3_bind_int64(*statement, 1, run);
    return status;
}

/* Steps; false at the end or after a failure, which is in *status. */
static bool next(explaint_ledger *ledger, sqlite3_stmt *statement, explaint_status *status, explaint_error *error) {
    bool row = false;
    if (*status == EXPLAINT_OK) *status = xp_ledger_next(ledger, statement, doing, &row, error);
    return *status == EXPLAINT_OK && row;
}

explaint_status xp_ledger_select(explaint_ledger *ledger, long long *run, explaint_error *error) {
    sqlite3_stmt *s = NULL;
    bool found = false;
    long long newest = 0;
    explaint_status status = query(ledger, "SELECT max(run_id), sum(run_id = ?1) FROM run", *run, &s, error);
    if (next(ledger, s, &status, error)) {
        newest = sqlite3_column_int64(s, 0);
        found = sqlite3_column_int64(s, 1) > 0;
    }
    status = xp_ledger_finalize(ledger, s, status, doing, error);
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

/* ---- list ---- */

static const char list_sql[] =
    "SELECT run_id, state, started, finished, version, command, signature,"
    "  (SELECT group_concat(name, ', ') FROM input i WHERE i.run_id = run.run_id AND role = 'norms'),"
    "  (SELECT group_concat(name, ', ') FROM input i WHERE i.run_id = run.run_id AND role IN ('embeddings', 'model')),"
    "  (SELECT group_concat(claim || ' ' || verdict, '; ') FROM verdict v WHERE v.run_id = run.run_id),"
    "  (SELECT count(*) FROM unit WHERE unit.run_id = run.run_id) FROM run ORDER BY run_id";

static const char *or_null(sqlite3_stmt *s, int at) {
    return sqlite3_column_type(s, at) != SQLITE_NULL ? xp_column_text(s, at) : NULL;
}

/* A command is stored as JSON. NULL: other text, which only a damaged ledger has, or (*failed) no memory. */
static xp_value *read_command(const char *stored, bool *failed) {
    explaint_error why = {0};
    xp_value *command = xp_value_parse(stored, strlen(stored), NULL, &why);
    *failed = *failed || why.code == EXPLAINT_FAILED;
    return command;
}

static void write_command(xp_json *json, const char *stored) {
    xp_value *command = read_command(stored, &json->text.failed);
    xp_json_open(json, "command", '[', XP_JSON_LINE);
    for (size_t i = 0; i < xp_value_count(command) && xp_value_is_array(command); i++)
        xp_json_string(json, NULL, xp_value_string(xp_value_item(command, i)));
    if (command == NULL) xp_json_string(json, NULL, stored); /* a damaged ledger's */
    xp_json_close(json);
    xp_value_free(command);
}

static explaint_status list_verdicts(explaint_ledger *ledger, long long run, xp_json *json, explaint_error *error) {
    sqlite3_stmt *s = NULL;
    explaint_status status = query(
        ledger, "SELECT claim, verdict, decided_by FROM verdict WHERE run_id = ?1 ORDER BY place", run, &s, error);
    xp_json_open(json, "verdicts", '[', XP_JSON_LINE);
    while (next(ledger, s, &status, error)) {
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "claim", or_null(s, 0));
        xp_json_string(json, "verdict", or_null(s, 1));
        xp_json_string(json, "decided_by", or_null(s, 2));
        xp_json_close(json);
    }
    xp_json_close(json);
    status = xp_ledger_finalize(ledger, s, status, doing, error);
    return status;
}

static explaint_status list_row_json(explaint_ledger *ledger, xp_json *json, sqlite3_stmt *s, explaint_error *error) {
    xp_json_open(json, NULL, '{', XP_JSON_LINE);
    xp_json_integer(json, "run_id", sqlite3_column_int64(s, 0));
    xp_json_string(json, "state", or_null(s, 1));
    xp_json_string(json, "started", or_null(s, 2));
    xp_json_string(json, "finished", or_null(s, 3));
    xp_json_string(json, "version", or_null(s, 4));
    write_command(json, xp_column_text(s, 5));
    xp_json_string(json, "norms", or_null(s, 7));
    xp_json_string(json, "source", or_null(s, 8));
    xp_json_size(json, "units", xp_column_size(s, 10));
    xp_json_string(json, "signature", or_null(s, 6));
    explaint_status status = list_verdicts(ledger, sqlite3_column_int64(s, 0), json, error);
    xp_json_close(json);
    return status;
}

static void list_row(xp_table *table, sqlite3_stmt *s) {
    static const int columns[] = {0, 1, 2, 7, 8, 9, 10};
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) xp_table_cell(table, xp_column_text(s, columns[c]));
}

explaint_status explaint_ledger_list(explaint_ledger *ledger, bool json, FILE *out, explaint_error *error) {
    static const char *const header[] = {"run", "state", "started", "norms", "source", "verdicts", "units"};
    xp_table table = {.columns = sizeof header / sizeof header[0]};
    for (size_t c = 0; c < table.columns; c++) xp_table_cell(&table, header[c]);
    xp_json document = {0};
    xp_json_open(&document, NULL, '{', XP_JSON_BLOCK);
    xp_json_string(&document, "explaint", EXPLAINT_VERSION);
    xp_json_open(&document, "runs", '[', XP_JSON_BLOCK);
    sqlite3_stmt *s = NULL;
    explaint_status status = xp_ledger_prepare(ledger, list_sql, doing, &s, error);
    while (next(ledger, s, &status, error)) {
        if (json)
            status = list_row_json(ledger, &document, s, error);
        else
            list_row(&table, s);
    }
    status = xp_ledger_finalize(ledger, s, status, doing, error);
    xp_json_close(&document);
    xp_json_close(&document);
    xp_text text = {0};
    if (json)
        xp_json_end(&document);
    else
        xp_table_write(&table, "", &text);
    if (status == EXPLAINT_OK) status = xp_write_text(json ? &document.text : &text, "the list of runs", out, error);
    xp_text_free(&text);
    xp_json_free(&document);
    xp_table_free(&table);
    return status;
}

/* ---- show ---- */

static void line(xp_text *text, const char *name, const char *value) {
    if (value == NULL || value[0] == 0) return;
    xp_text_addf(text, "%-10s ", name);
    xp_visible(text, value);
    xp_text_adds(text, "\n");
}

static void show_command(xp_text *text, const char *stored) {
    xp_value *command = read_command(stored, &text->failed);
    xp_text typed = {0};
    xp_shell_command(&typed, command);
    text->failed |= typed.failed;
    if (!typed.failed) line(text, "command", typed.data);
    xp_text_free(&typed);
    xp_value_free(command);
}

static explaint_status show_head(explaint_ledger *ledger, long long run, xp_text *text, explaint_error *error) {
    sqlite3_stmt *s = NULL;
    explaint_status status = query(ledger,
                                   "SELECT state, version, started, finished, command, signature, identity_sha256,"
                                   " (SELECT count(*) FROM unit WHERE run_id = ?1) FROM run WHERE run_id = ?1",
                                   run, &s, error);
    if (next(ledger, s, &status, error)) {
        bool finished = strcmp(xp_column_text(s, 0), "finished") == 0;
        xp_text_addf(text, "run %lld, %s, units stored: %zu%s\n\n", run, finished ? "finished" : "unfinished",
                     xp_column_size(s, 7), finished ? "" : "; to go on, repeat its command with --resume");
        show_command(text, xp_column_text(s, 4));
        line(text, "version", xp_column_text(s, 1));
        line(text, "started", xp_column_text(s, 2));
        line(text, "finished", xp_column_text(s, 3));
        line(text, "identity", xp_column_text(s, 6));
        line(text, "signature", xp_column_text(s, 5));
    }
    status = xp_ledger_finalize(ledger, s, status, doing, error);
    return status;
}

/* A query's rows as a table under a title; nothing where there are none. Reals get 4 digits: the document has them all.
 */
static explaint_status show_table(explaint_ledger *ledger, long long run, const char *title, const char *sql,
                                  xp_text *text, explaint_error *error) {
    sqlite3_stmt *s = NULL;
    explaint_status status = query(ledger, sql, run, &s, error);
    if (status != EXPLAINT_OK) return status;
    int columns = sqlite3_column_count(s);
    xp_table table = {.columns = (size_t)columns};
    for (int c = 0; c < columns; c++) xp_table_cell(&table, sqlite3_column_name(s, c));
    bool any = false;
    for (; next(ledger, s, &status, error); any = true)
        for (int c = 0; c < columns; c++) {
            if (sqlite3_column_type(s, c) == SQLITE_FLOAT)
                xp_table_number(&table, sqlite3_column_double(s, c));
            else
                xp_table_cell(&table, xp_column_text(s, c));
        }
    status = xp_ledger_finalize(ledger, s, status, doing, error);
    if (any) {
        xp_text_addf(text, "\n%s\n", title);
        xp_table_write(&table, "  ", text);
    }
    xp_table_free(&table);
    return status;
}

/* Are there tests, and of another statistic than "agreement"? */
static explaint_status tests_of_before(explaint_ledger *ledger, long long run, bool *before, explaint_error *error) {
    sqlite3_stmt *s = NULL;
    explaint_status status =
        query(ledger,
              "SELECT 1 FROM assumption WHERE run_id = ?1 AND p IS NOT NULL AND id LIKE 'E%' AND NOT EXISTS"
              " (SELECT 1 FROM setting WHERE run_id = ?1 AND key = 'statistic')",
              run, &s, error);
    *before = next(ledger, s, &status, error);
    return xp_ledger_finalize(ledger, s, status, doing, error);
}

static explaint_status show_verdicts(explaint_ledger *ledger, long long run, xp_text *text, explaint_error *error) {
    sqlite3_stmt *s = NULL, *a = NULL;
    explaint_status status =
        query(ledger, "SELECT place, claim, verdict, decided_by, text FROM verdict WHERE run_id = ?1 ORDER BY place",
              run, &s, error);
    if (status == EXPLAINT_OK)
        status = query(ledger,
                       "SELECT id, outcome, coalesce(why, text) FROM assumption WHERE run_id = ?1 AND verdict = ?2"
                       " ORDER BY place",
                       run, &a, error);
    bool of_before = false;
    if (status == EXPLAINT_OK) status = tests_of_before(ledger, run, &of_before, error);
    if (of_before)
        xp_text_adds(text, "\ntests of version 0.1: of a score, the mapping fitted anew in each permutation\n");
    while (next(ledger, s, &status, error)) {
        xp_text_adds(text, "\nverdict on ");
        xp_visible(text, xp_column_text(s, 1));
        xp_text_adds(text, ": ");
        xp_visible(text, xp_column_text(s, 2));
        if (xp_column_text(s, 3)[0] != 0) {
            xp_text_adds(text, ", decided by ");
            xp_visible(text, xp_column_text(s, 3));
        }
        xp_text_adds(text, "\n  ");
        xp_visible(text, xp_column_text(s, 4));
        xp_text_adds(text, "\n");
        sqlite3_reset(a);
        sqlite3_bind_int64(a, 2, sqlite3_column_int64(s, 0));
        while (next(ledger, a, &status, error)) {
            xp_text_adds(text, "  ");
            xp_visible(text, xp_column_text(a, 0));
            xp_text_adds(text, " ");
            xp_visible(text, xp_column_text(a, 1));
            xp_text_adds(text, xp_column_text(a, 2)[0] != 0 ? ": " : "");
            xp_visible(text, xp_column_text(a, 2));
            xp_text_adds(text, "\n");
        }
    }
    status = xp_ledger_finalize(ledger, s, status, doing, error);
    status = xp_ledger_finalize(ledger, a, status, doing, error);
    return status;
}

explaint_status explaint_ledger_show(explaint_ledger *ledger, long run, FILE *out, explaint_error *error) {
    static const struct {
        const char *title, *sql;
    } parts[] = {
        {"inputs", "SELECT role, name, \"rows\", columns, sha256, path FROM input WHERE run_id = ?1 ORDER BY place"},
        {"settings", "SELECT key AS setting, json AS value FROM setting WHERE run_id = ?1 ORDER BY place"},
        {"dropped", "SELECT concept, why FROM dropped_concept WHERE run_id = ?1 ORDER BY place"},
        {"rows", "SELECT norms, source, layer, mapping, n_components AS components, condition, target, metric, fold,"
                 " value, ci_low, ci_high, p, n, undefined FROM result_row WHERE run_id = ?1 ORDER BY place"},
        {"lints", "SELECT id, level, text FROM lint WHERE run_id = ?1 ORDER BY place"},
    };
    long long which = run;
    xp_text text = {0};
    explaint_status status = xp_ledger_select(ledger, &which, error);
    if (status == EXPLAINT_OK) status = show_head(ledger, which, &text, error);
    for (size_t i = 0; status == EXPLAINT_OK && i < sizeof parts / sizeof parts[0]; i++)
        status = show_table(ledger, which, parts[i].title, parts[i].sql, &text, error);
    if (status == EXPLAINT_OK) status = show_verdicts(ledger, which, &text, error);
    if (status == EXPLAINT_OK) status = xp_write_text(&text, "the run", out, error);
    xp_text_free(&text);
    return status;
}

/* ---- export ---- */

static int int_or_none(sqlite3_stmt *s, int at) { /* -1: null, or no number that a layer or fold can be */
    if (sqlite3_column_type(s, at) != SQLITE_INTEGER) return -1;
    sqlite3_int64 value = sqlite3_column_int64(s, at);
    return value >= 0 && value <= INT_MAX ? (int)value : -1;
}

static explaint_status export_rows(explaint_ledger *ledger, long long run, xp_text *text, explaint_error *error) {
    sqlite3_stmt *s = NULL;
    explaint_status status =
        query(ledger,
              ledger->schema > 1
                  ? "SELECT norms, source, layer, mapping, n_components, condition, target, metric, fold, value, n,"
                    " undefined, ci_low, ci_high, p, p_adjusted FROM result_row WHERE run_id = ?1 ORDER BY place"
                  : "SELECT norms, source, layer, mapping, n_components, condition, target, metric, fold, value, n,"
                    " undefined, ci_low, ci_high, p, NULL FROM result_row WHERE run_id = ?1 ORDER BY place",
              run, &s, error);
    xp_csv_header(text);
    while (next(ledger, s, &status, error)) {
        explaint_row row = {
            .norms = xp_column_text(s, 0),
            .source = xp_column_text(s, 1),
            .layer = int_or_none(s, 2),
            .mapping = xp_column_text(s, 3),
            .n_components = xp_column_size(s, 4),
            .condition = xp_column_text(s, 5),
            .target = xp_column_text(s, 6),
            .metric = xp_column_text(s, 7),
            .fold = int_or_none(s, 8),
            .value = xp_column_number(s, 9),
            .n = xp_column_size(s, 10),
            .undefined = xp_column_size(s, 11),
            .has_ci = true,
            .ci = {xp_column_number(s, 12), xp_column_number(s, 13)},
            .has_p = true,
            .p = xp_column_number(s, 14),
            .has_p_adjusted = true,
            .p_adjusted = xp_column_number(s, 15),
        };
        xp_csv_row(text, &row);
    }
    status = xp_ledger_finalize(ledger, s, status, doing, error);
    return status;
}

explaint_status explaint_ledger_export(explaint_ledger *ledger, long run, bool csv, FILE *out, explaint_error *error) {
    long long which = run;
    xp_text text = {0};
    sqlite3_stmt *s = NULL;
    explaint_status status = xp_ledger_select(ledger, &which, error);
    if (status == EXPLAINT_OK)
        status = query(ledger,
                       "SELECT state, document, (SELECT count(*) FROM unit WHERE run_id = ?1) FROM run"
                       " WHERE run_id = ?1",
                       which, &s, error);
    if (next(ledger, s, &status, error)) {
        if (strcmp(xp_column_text(s, 0), "finished") != 0) {
            status = xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                             "run %lld is not finished (%zu units stored) and has no results; repeat its command with "
                             "--resume",
                             which, xp_column_size(s, 2));
        } else if (csv) {
            status = export_rows(ledger, which, &text, error);
        } else if (sqlite3_column_type(s, 1) != SQLITE_TEXT) {
            status = xp_ledger_damaged(ledger, "a finished run should hold its JSON document, and does not", error);
        } else {
            const char *document = xp_column_text(s, 1);
            xp_text_add(&text, document, (size_t)sqlite3_column_bytes(s, 1));
        }
    }
    status = xp_ledger_finalize(ledger, s, status, doing, error);
    if (status == EXPLAINT_OK) status = xp_write_text(&text, csv ? "the CSV of rows" : "the JSON document", out, error);
    xp_text_free(&text);
    return status;
}

/* Runs and their units: begin, find, keep. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "store/ledger_documents.h"
#include "store/ledger_private.h"

/* ---- units ---- */

static explaint_status find_unit(void *self, const char *key, void **bytes, size_t *size, explaint_error *error) {
    static const char doing[] = "reading a unit";
    explaint_ledger *ledger = self;
    *bytes = NULL;
    *size = 0;
    if (ledger->find == NULL) {
        explaint_status status = xp_ledger_prepare(ledger, "SELECT bytes FROM unit WHERE run_id = ? AND key = ?", doing,
                                                   &ledger->find, error);
        if (status != EXPLAINT_OK) return status;
    }
    sqlite3_stmt *find = ledger->find;
    bool row = false;
    sqlite3_bind_int64(find, 1, ledger->run);
    explaint_status status = xp_ledger_bind_text(find, 2, key) ? xp_ledger_next(ledger, find, doing, &row, error)
                                                               : xp_no_memory(error, doing);
    if (status == EXPLAINT_OK && row) {
        const void *stored = sqlite3_column_blob(find, 0); /* NULL for an empty blob, and without memory */
        size_t length = (size_t)sqlite3_column_bytes(find, 0);
        if (sqlite3_column_type(find, 0) != SQLITE_BLOB) {
            status = xp_ledger_damaged(ledger, "the bytes of a unit should be a blob, and are not", error);
        } else if ((*bytes = malloc(length > 0 ? length : 1)) == NULL || (stored == NULL && length > 0)) {
            free(*bytes); /* malloc: the caller releases it with free() */
            *bytes = NULL;
            status = xp_no_memory(error, doing);
        } else {
            if (length > 0) memcpy(*bytes, stored, length);
            *size = length;
        }
    }
    int code = sqlite3_reset(find); /* where a column had no memory, it says so here */
    if (status == EXPLAINT_OK && code != SQLITE_OK) {
        free(*bytes);
        *bytes = NULL;
        status = xp_ledger_failed(ledger, code, doing, error);
    }
    sqlite3_clear_bindings(find); /* they are borrowed */
    return status;
}

explaint_status xp_ledger_unit(explaint_ledger *ledger, long long run, const char *key, void **bytes, size_t *size,
                               explaint_error *error) {
    const long long current = ledger->run;
    ledger->run = run;
    explaint_status status = find_unit(ledger, key, bytes, size, error);
    ledger->run = current;
    return status;
}

/* One statement is one transaction. The first to store a unit wins: units depend on the plan alone, so a second process
 * on the same run brings the same bytes. */
static explaint_status keep_unit(void *self, const char *key, const void *bytes, size_t size, explaint_error *error) {
    static const char doing[] = "storing a unit";
    explaint_ledger *ledger = self;
    if (ledger->keep == NULL) {
        explaint_status status =
            xp_ledger_prepare(ledger, "INSERT INTO unit (run_id, key, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                              doing, &ledger->keep, error);
        if (status != EXPLAINT_OK) return status;
    }
    sqlite3_stmt *keep = ledger->keep;
    sqlite3_bind_int64(keep, 1, ledger->run);
    int code = xp_ledger_bind_text(keep, 2, key) ? SQLITE_OK : SQLITE_NOMEM;
    if (code == SQLITE_OK) code = sqlite3_bind_blob64(keep, 3, size > 0 ? bytes : "", size, SQLITE_STATIC);
    explaint_status status =
        code == SQLITE_OK ? xp_ledger_step(ledger, keep, doing, error) : xp_ledger_failed(ledger, code, doing, error);
    sqlite3_clear_bindings(keep);
    return status;
}

long explaint_ledger_run(const explaint_ledger *ledger) { return (long)ledger->run; }

size_t explaint_ledger_n_units(const explaint_ledger *ledger) {
    sqlite3_stmt *statement = NULL;
    size_t count = 0;
    if (sqlite3_prepare_v2(ledger->db, "SELECT count(*) FROM unit WHERE run_id = ?", -1, &statement, NULL) ==
        SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, ledger->run);
        if (sqlite3_step(statement) == SQLITE_ROW) count = xp_ledger_column_size(statement, 0);
    }
    sqlite3_finalize(statement);
    return count;
}

/* ---- begin ---- */

static void hash_of(const char *text, char hex[XP_SHA256_TEXT]) {
    xp_sha256 hash;
    xp_sha256_begin(&hash);
    xp_sha256_add(&hash, text, strlen(text));
    xp_sha256_end(&hash, hex);
}

/* The newest run of this identity: *run, 0 if there is none. */
static explaint_status find_run(explaint_ledger *ledger, const char *identity, const char *sha256, long long *run,
                                explaint_error *error) {
    static const char doing[] = "looking for a run to resume";
    sqlite3_stmt *statement = NULL;
    bool row = false;
    explaint_status status = xp_ledger_prepare(
        ledger, "SELECT run_id FROM run WHERE identity_sha256 = ? AND identity = ? ORDER BY run_id DESC LIMIT 1", doing,
        &statement, error);
    if (status == EXPLAINT_OK) {
        status = xp_ledger_bind_text(statement, 1, sha256) && xp_ledger_bind_text(statement, 2, identity)
                     ? xp_ledger_next(ledger, statement, doing, &row, error)
                     : xp_no_memory(error, doing);
        *run = row ? sqlite3_column_int64(statement, 0) : 0;
    }
    sqlite3_finalize(statement);
    return status;
}

/* EXPLAINT_INVALID, the difference named, if an unfinished run of the same command is there: the user meant that one,
 * and to begin another in silence would throw its hours away. */
static explaint_status refuse_other(explaint_ledger *ledger, const xp_value *wanted, explaint_error *error) {
    static const char doing[] = "looking for a run to resume";
    sqlite3_stmt *statement = NULL;
    explaint_status status =
        xp_ledger_prepare(ledger, "SELECT run_id, identity FROM run WHERE state = 'unfinished' ORDER BY run_id DESC",
                          doing, &statement, error);
    for (bool row = true; status == EXPLAINT_OK && row;) {
        status = xp_ledger_next(ledger, statement, doing, &row, error);
        if (status != EXPLAINT_OK || !row) break;
        long long run = sqlite3_column_int64(statement, 0);
        xp_value *stored = xp_ledger_identity_parse(xp_ledger_column_text(statement, 1), ledger->path, error);
        if (stored == NULL) {
            status = error != NULL ? error->code : EXPLAINT_INVALID;
        } else if (strcmp(xp_ledger_identity_command(stored), xp_ledger_identity_command(wanted)) == 0) {
            xp_text text = {0};
            xp_ledger_identity_difference(stored, wanted, &text);
            const xp_value *settings = xp_value_member(stored, "settings");
            if (xp_value_member(settings, "permutations") != NULL && xp_value_member(settings, "statistic") == NULL &&
                xp_value_member(xp_value_member(wanted, "settings"), "statistic") != NULL)
                status =
                    xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                            "run %lld is unfinished and of version 0.1, whose tests fitted the mapping anew in each "
                            "permutation; tests are now of the statistic \"agreement\", so that its permutations "
                            "cannot be gone on with: leave out --resume to begin a new run, of seconds",
                            run);
            else
                status = text.failed
                             ? xp_no_memory(error, doing)
                             : xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                                       "run %lld is unfinished, but of another %s: %.600s; repeat its command to go on "
                                       "with it, or leave out --resume to begin a new run",
                                       run, xp_ledger_identity_command(wanted), text.data);
            xp_text_free(&text);
        }
        xp_value_free(stored);
    }
    return xp_ledger_finalize(ledger, statement, status, doing, error);
}

/* Inputs and settings as far as the identity has them, so that an unfinished run too can be repeated by SQL alone. */
static explaint_status insert_parts(explaint_ledger *ledger, const xp_value *identity, explaint_error *error) {
    static const char doing[] = "beginning a run";
    sqlite3_stmt *statement = NULL;
    const xp_value *inputs = xp_value_member(identity, "inputs"), *settings = xp_value_member(identity, "settings");
    explaint_status status =
        xp_ledger_prepare(ledger,
                          "INSERT INTO input (run_id, place, role, name, path, sha256, \"rows\", columns, nonzero)"
                          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                          doing, &statement, error);
    for (size_t i = 0; status == EXPLAINT_OK && i < xp_value_count(inputs); i++) {
        const xp_value *input = xp_value_item(inputs, i), *shape = xp_value_member(input, "shape");
        const char *role = xp_value_string(xp_value_member(input, "role"));
        size_t rows = 0, columns = 0, nonzero = 0;
        xp_value_size(xp_value_item(shape, 0), &rows);
        xp_value_size(xp_value_item(shape, 1), &columns);
        xp_value_size(xp_value_member(input, "nonzero"), &nonzero);
        sqlite3_bind_int64(statement, 1, ledger->run);
        xp_ledger_bind_size(statement, 2, i);
        bool bound = xp_ledger_bind_text(statement, 3, role != NULL ? role : "") &&
                     xp_ledger_bind_text(statement, 4, xp_value_string(xp_value_member(input, "name"))) &&
                     xp_ledger_bind_text(statement, 5, xp_value_string(xp_value_member(input, "path"))) &&
                     xp_ledger_bind_text(statement, 6, xp_value_string(xp_value_member(input, "sha256"))) &&
                     xp_ledger_bind_count(statement, 7, rows) && xp_ledger_bind_count(statement, 8, columns) &&
                     xp_ledger_bind_count(statement, 9, nonzero);
        status = bound ? xp_ledger_step(ledger, statement, doing, error) : xp_no_memory(error, doing);
    }
    sqlite3_finalize(statement);
    statement = NULL;
    if (status == EXPLAINT_OK)
        status = xp_ledger_prepare(ledger, "INSERT INTO setting (run_id, place, key, json) VALUES (?, ?, ?, ?)", doing,
                                   &statement, error);
    size_t place = 0;
    for (void *at = xp_value_first(settings); status == EXPLAINT_OK && at != NULL; at = xp_value_next(settings, at)) {
        xp_text value = {0};
        xp_value_text(xp_value_at(at), &value);
        sqlite3_bind_int64(statement, 1, ledger->run);
        xp_ledger_bind_size(statement, 2, place++);
        bool bound = !value.failed && xp_ledger_bind_text(statement, 3, xp_value_key(at)) &&
                     xp_ledger_bind_text(statement, 4, value.data);
        status = bound ? xp_ledger_step(ledger, statement, doing, error) : xp_no_memory(error, doing);
        xp_text_free(&value);
    }
    sqlite3_finalize(statement);
    return status;
}

static explaint_status insert_run(explaint_ledger *ledger, const char *text, const char *sha256,
                                  const xp_value *identity, explaint_error *error) {
    static const char doing[] = "beginning a run";
    xp_text command = {0};
    xp_value_text(xp_value_member(identity, "command"), &command);
    if (command.failed) {
        xp_text_free(&command);
        return xp_no_memory(error, doing);
    }
    sqlite3_stmt *statement = NULL;
    explaint_status status =
        xp_ledger_prepare(ledger,
                          "INSERT INTO run (identity, identity_sha256, command, version, state, started)"
                          " VALUES (?, ?, ?, ?, 'unfinished', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
                          doing, &statement, error);
    if (status == EXPLAINT_OK) {
        bool bound = xp_ledger_bind_text(statement, 1, text) && xp_ledger_bind_text(statement, 2, sha256) &&
                     xp_ledger_bind_text(statement, 3, command.data) &&
                     xp_ledger_bind_text(statement, 4, xp_value_string(xp_value_member(identity, "explaint")));
        status = bound ? xp_ledger_step(ledger, statement, doing, error) : xp_no_memory(error, doing);
    }
    sqlite3_finalize(statement);
    xp_text_free(&command);
    if (status != EXPLAINT_OK) return status;
    ledger->run = sqlite3_last_insert_rowid(ledger->db);
    return insert_parts(ledger, identity, error);
}

explaint_status explaint_ledger_begin(explaint_ledger *ledger, const char *identity, bool resume, explaint_units *units,
                                      explaint_error *error) {
    static const char doing[] = "beginning a run";
    ledger->run = 0;
    xp_value *wanted = xp_ledger_identity_parse(identity, NULL, error);
    if (wanted == NULL) return error != NULL ? error->code : EXPLAINT_INVALID;
    char sha256[XP_SHA256_TEXT];
    hash_of(identity, sha256);
    /* One transaction from the search to the insertion: two processes that resume at once get one run. */
    explaint_status status = xp_ledger_transaction(ledger, doing, error);
    if (status == EXPLAINT_OK) {
        long long run = 0;
        status = xp_ledger_upgrade(ledger, error);
        if (status == EXPLAINT_OK && resume) {
            status = find_run(ledger, identity, sha256, &run, error);
            if (status == EXPLAINT_OK && run == 0) status = refuse_other(ledger, wanted, error);
        }
        if (status == EXPLAINT_OK && run == 0)
            status = insert_run(ledger, identity, sha256, wanted, error);
        else
            ledger->run = run;
        status = xp_ledger_end(ledger, status, doing, error);
    }
    xp_value_free(wanted);
    if (status != EXPLAINT_OK) {
        ledger->run = 0;
        return status;
    }
    *units = (explaint_units){.self = ledger, .find = find_unit, .keep = keep_unit};
    return EXPLAINT_OK;
}

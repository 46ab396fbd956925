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

explaint_status xp_ledger_unit(explaint_ledger *ledger, long long run, const char *key, void **bytes, size_t *size,
                               explaint_error *error) {
    xp_query q = xp_query_begin(ledger, "SELECT bytes FROM unit WHERE run_id = ? AND key = ?", "reading a unit", error);
    *bytes = NULL;
    *size = 0;
    xp_query_integer(&q, 1, run);
    xp_query_text(&q, 2, key);
    if (xp_query_next(&q)) {
        const void *stored = sqlite3_column_blob(q.statement, 0); /* NULL for an empty blob, and without memory */
        const size_t length = (size_t)sqlite3_column_bytes(q.statement, 0);
        if (sqlite3_column_type(q.statement, 0) != SQLITE_BLOB) {
            q.status = xp_ledger_damaged(ledger, "the bytes of a unit should be a blob, and are not", error);
        } else if ((*bytes = malloc(length > 0 ? length : 1)) == NULL || (stored == NULL && length > 0)) {
            q.status = xp_no_memory(error, q.doing);
        } else {
            if (length > 0) memcpy(*bytes, stored, length);
            *size = length;
        }
    }
    const explaint_status status = xp_query_end(&q);
    if (status != EXPLAINT_OK) {
        free(*bytes); /* malloc: the caller releases it with free() */
        *bytes = NULL;
    }
    return status;
}

static explaint_status find_unit(void *self, const char *key, void **bytes, size_t *size, explaint_error *error) {
    explaint_ledger *ledger = self;
    return xp_ledger_unit(ledger, ledger->run, key, bytes, size, error);
}

/* One statement is one transaction. The first to store a unit wins: units depend on the plan alone, so a second process
 * on the same run brings the same bytes. */
static explaint_status keep_unit(void *self, const char *key, const void *bytes, size_t size, explaint_error *error) {
    explaint_ledger *ledger = self;
    xp_query q = xp_query_begin(ledger, "INSERT INTO unit (run_id, key, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                                "storing a unit", error);
    xp_query_integer(&q, 1, ledger->run);
    xp_query_text(&q, 2, key);
    xp_query_bytes(&q, 3, bytes, size, false);
    xp_query_run(&q);
    return xp_query_end(&q);
}

long explaint_ledger_run(const explaint_ledger *ledger) { return (long)ledger->run; }

size_t explaint_ledger_n_units(const explaint_ledger *ledger) {
    explaint_error why = {0};
    xp_query q = xp_query_begin(ledger, "SELECT count(*) FROM unit WHERE run_id = ?", "counting the units", &why);
    xp_query_integer(&q, 1, ledger->run);
    const size_t count = xp_query_next(&q) ? xp_ledger_column_size(q.statement, 0) : 0;
    (void)xp_query_end(&q);
    return count;
}

/* ---- begin ---- */

static void hash_of(const char *text, char hex[XP_SHA256_TEXT]) {
    xp_sha256 hash;
    xp_sha256_begin(&hash);
    xp_sha256_add(&hash, text, strlen(text));
    xp_sha256_end(&hash, hex);
}

static const char looking[] = "looking for a run to resume", beginning[] = "beginning a run";

/* The newest run of this identity: *run, 0 if there is none. */
static explaint_status find_run(explaint_ledger *ledger, const char *identity, const char *sha256, long long *run,
                                explaint_error *error) {
    xp_query q = xp_query_begin(
        ledger, "SELECT run_id FROM run WHERE identity_sha256 = ? AND identity = ? ORDER BY run_id DESC LIMIT 1",
        looking, error);
    xp_query_text(&q, 1, sha256);
    xp_query_text(&q, 2, identity);
    *run = xp_query_next(&q) ? sqlite3_column_int64(q.statement, 0) : 0;
    return xp_query_end(&q);
}

/* Always a failure. */
static explaint_status say_what_differs(const explaint_ledger *ledger, long long run, const xp_value *stored,
                                        const xp_value *wanted, explaint_error *error) {
    const xp_value *before = xp_value_member(stored, "settings"), *now = xp_value_member(wanted, "settings");
    if (xp_value_member(before, "permutations") != NULL && xp_value_member(before, "statistic") == NULL &&
        xp_value_member(now, "statistic") != NULL)
        return xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                       "run %lld is unfinished and of version 0.1, whose tests fitted the mapping anew in each "
                       "permutation; tests are now of the statistic \"agreement\", so that its permutations "
                       "cannot be gone on with: leave out --resume to begin a new run, of seconds",
                       run);
    xp_text text = {0};
    xp_ledger_identity_difference(stored, wanted, &text);
    const explaint_status status =
        text.failed ? xp_no_memory(error, looking)
                    : xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                              "run %lld is unfinished, but of another %s: %.600s; repeat its command to go on "
                              "with it, or leave out --resume to begin a new run",
                              run, xp_ledger_identity_command(wanted), text.data);
    xp_text_free(&text);
    return status;
}

/* EXPLAINT_INVALID, the difference named, if an unfinished run of the same command is there: the user meant that one,
 * and to begin another in silence would throw its hours away. */
static explaint_status refuse_other(explaint_ledger *ledger, const xp_value *wanted, explaint_error *error) {
    xp_query q = xp_query_begin(
        ledger, "SELECT run_id, identity FROM run WHERE state = 'unfinished' ORDER BY run_id DESC", looking, error);
    while (xp_query_next(&q)) {
        const long long run = sqlite3_column_int64(q.statement, 0);
        xp_value *stored = xp_ledger_identity_parse(xp_ledger_column_text(q.statement, 1), ledger->path, error);
        if (stored == NULL)
            q.status = error != NULL ? error->code : EXPLAINT_INVALID;
        else if (strcmp(xp_ledger_identity_command(stored), xp_ledger_identity_command(wanted)) == 0)
            q.status = say_what_differs(ledger, run, stored, wanted, error);
        xp_value_free(stored);
    }
    return xp_query_end(&q);
}

/* Inputs and settings as far as the identity has them, so that an unfinished run too can be repeated by SQL alone. */

static explaint_status insert_inputs(explaint_ledger *ledger, const xp_value *inputs, explaint_error *error) {
    xp_query q =
        xp_query_begin(ledger,
                       "INSERT INTO input (run_id, place, role, name, path, sha256, \"rows\", columns, nonzero)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       beginning, error);
    for (size_t i = 0; q.status == EXPLAINT_OK && i < xp_value_count(inputs); i++) {
        const xp_value *input = xp_value_item(inputs, i), *shape = xp_value_member(input, "shape");
        const char *role = xp_value_string(xp_value_member(input, "role"));
        const xp_value *const counts[] = {xp_value_item(shape, 0), xp_value_item(shape, 1),
                                          xp_value_member(input, "nonzero")};
        xp_query_integer(&q, 1, ledger->run);
        xp_query_integer(&q, 2, (long long)i);
        xp_query_text(&q, 3, role != NULL ? role : "");
        xp_query_text(&q, 4, xp_value_string(xp_value_member(input, "name")));
        xp_query_text(&q, 5, xp_value_string(xp_value_member(input, "path")));
        xp_query_text(&q, 6, xp_value_string(xp_value_member(input, "sha256")));
        for (int k = 0; k < 3; k++) {
            size_t count = 0;
            xp_value_size(counts[k], &count);
            xp_query_bound(&q, xp_ledger_bind_count(q.statement, 7 + k, count));
        }
        xp_query_run(&q);
    }
    return xp_query_end(&q);
}

static explaint_status insert_settings(explaint_ledger *ledger, const xp_value *settings, explaint_error *error) {
    xp_query q =
        xp_query_begin(ledger, "INSERT INTO setting (run_id, place, key, json) VALUES (?, ?, ?, ?)", beginning, error);
    long long place = 0;
    for (void *at = xp_value_first(settings); q.status == EXPLAINT_OK && at != NULL; at = xp_value_next(settings, at)) {
        xp_text value = {0};
        xp_value_text(xp_value_at(at), &value);
        xp_query_bound(&q, !value.failed);
        xp_query_integer(&q, 1, ledger->run);
        xp_query_integer(&q, 2, place++);
        xp_query_text(&q, 3, xp_value_key(at));
        xp_query_text(&q, 4, value.data);
        xp_query_run(&q);
        xp_text_free(&value);
    }
    return xp_query_end(&q);
}

static explaint_status insert_run(explaint_ledger *ledger, const char *text, const char *sha256,
                                  const xp_value *identity, explaint_error *error) {
    xp_text command = {0};
    xp_value_text(xp_value_member(identity, "command"), &command);
    xp_query q = xp_query_begin(ledger,
                                "INSERT INTO run (identity, identity_sha256, command, version, state, started)"
                                " VALUES (?, ?, ?, ?, 'unfinished', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
                                beginning, error);
    xp_query_bound(&q, !command.failed);
    xp_query_text(&q, 1, text);
    xp_query_text(&q, 2, sha256);
    xp_query_text(&q, 3, command.data);
    xp_query_text(&q, 4, xp_value_string(xp_value_member(identity, "explaint")));
    xp_query_run(&q);
    explaint_status status = xp_query_end(&q);
    xp_text_free(&command);
    if (status == EXPLAINT_OK) {
        ledger->run = sqlite3_last_insert_rowid(ledger->db);
        status = insert_inputs(ledger, xp_value_member(identity, "inputs"), error);
    }
    return status == EXPLAINT_OK ? insert_settings(ledger, xp_value_member(identity, "settings"), error) : status;
}

explaint_status explaint_ledger_begin(explaint_ledger *ledger, const char *identity, bool resume, explaint_units *units,
                                      explaint_error *error) {
    ledger->run = 0;
    xp_value *wanted = xp_ledger_identity_parse(identity, NULL, error);
    if (wanted == NULL) return error != NULL ? error->code : EXPLAINT_INVALID;
    char sha256[XP_SHA256_TEXT];
    hash_of(identity, sha256);
    /* One transaction from the search to the insertion: two processes that resume at once get one run. */
    explaint_status status = xp_ledger_transaction(ledger, beginning, error);
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
        status = xp_ledger_end(ledger, status, beginning, error);
    }
    xp_value_free(wanted);
    if (status != EXPLAINT_OK) {
        ledger->run = 0;
        return status;
    }
    *units = (explaint_units){.self = ledger, .find = find_unit, .keep = keep_unit};
    return EXPLAINT_OK;
}

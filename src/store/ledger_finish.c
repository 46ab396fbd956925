/* A finished run: its rows, lints, verdicts, inputs and document in one transaction. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "store/export.h"
#include "store/ledger_private.h"

static const char doing[] = "storing the results";

/* What insertion shares: the statement with run_id and place bound as 1 and 2. */
typedef struct insertion {
    explaint_ledger *ledger;
    sqlite3_stmt *statement;
    explaint_status status;
    explaint_error *error;
} insertion;

static insertion insert_into(explaint_ledger *ledger, const char *sql, explaint_error *error) {
    insertion in = {.ledger = ledger, .error = error};
    in.status = xp_ledger_prepare(ledger, sql, doing, &in.statement, error);
    return in;
}

static sqlite3_stmt *place(insertion *in, size_t i) {
    sqlite3_bind_int64(in->statement, 1, in->ledger->run);
    xp_bind_size(in->statement, 2, i);
    return in->statement;
}

/* bound: every bind went well. Without memory a text would silently become NULL. */
static void put(insertion *in, bool bound) {
    in->status = bound ? xp_ledger_step(in->ledger, in->statement, doing, in->error) : xp_no_memory(in->error, doing);
}

static explaint_status end(insertion *in) {
    sqlite3_finalize(in->statement);
    return in->status;
}

static explaint_status clear(explaint_ledger *ledger, explaint_error *error) {
    static const char *const tables[] = {"assumption",      "verdict", "lint", "result_row",
                                         "dropped_concept", "setting", "input"};
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < sizeof tables / sizeof tables[0]; i++) {
        char sql[96];
        snprintf(sql, sizeof sql, "DELETE FROM %s WHERE run_id = %lld", tables[i], ledger->run);
        status = xp_ledger_run_sql(ledger, sql, doing, error);
    }
    return status;
}

static explaint_status insert_inputs(explaint_ledger *ledger, const explaint_result *result, explaint_error *error) {
    insertion in = insert_into(ledger,
                               "INSERT INTO input (run_id, place, role, name, path, sha256, \"rows\", columns, nonzero)"
                               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                               error);
    for (size_t i = 0; in.status == EXPLAINT_OK && i < result->n_inputs; i++) {
        const explaint_input *input = &result->inputs[i];
        sqlite3_stmt *s = place(&in, i);
        put(&in, xp_bind_text(s, 3, input->role != NULL ? input->role : "") && xp_bind_text(s, 4, input->name) &&
                     xp_bind_text(s, 5, input->path) && xp_bind_text(s, 6, input->sha256) &&
                     xp_bind_count(s, 7, input->shape[0]) && xp_bind_count(s, 8, input->shape[1]) &&
                     xp_bind_count(s, 9, input->nonzero));
    }
    return end(&in);
}

static explaint_status insert_settings(explaint_ledger *ledger, const explaint_result *result, explaint_error *error) {
    insertion in = insert_into(ledger, "INSERT INTO setting (run_id, place, key, json) VALUES (?, ?, ?, ?)", error);
    for (size_t i = 0; in.status == EXPLAINT_OK && i < result->n_settings; i++) {
        sqlite3_stmt *s = place(&in, i);
        put(&in, xp_bind_text(s, 3, result->settings[i].key) && xp_bind_text(s, 4, result->settings[i].json));
    }
    return end(&in);
}

static explaint_status insert_dropped(explaint_ledger *ledger, const explaint_result *result, explaint_error *error) {
    insertion in =
        insert_into(ledger, "INSERT INTO dropped_concept (run_id, place, concept, why) VALUES (?, ?, ?, ?)", error);
    for (size_t i = 0; in.status == EXPLAINT_OK && i < result->n_dropped; i++) {
        sqlite3_stmt *s = place(&in, i);
        put(&in, xp_bind_text(s, 3, result->dropped[i].concept_name) && xp_bind_text(s, 4, result->dropped[i].why));
    }
    return end(&in);
}

static bool bind_integer(sqlite3_stmt *statement, int at, int value) { /* negative: null */
    return (value >= 0 ? sqlite3_bind_int(statement, at, value) : sqlite3_bind_null(statement, at)) == SQLITE_OK;
}

/* "[0.256, 0.278]" */
static const char *interval(const double ci[2], char list[80]) {
    char low[32], high[32];
    xp_shortest_double(ci[0], low);
    xp_shortest_double(ci[1], high);
    snprintf(list, 80, "[%s, %s]", low, high);
    return list;
}

static explaint_status insert_rows(explaint_ledger *ledger, const explaint_result *result, explaint_error *error) {
    insertion in = insert_into(ledger,
                               "INSERT INTO result_row (run_id, place, norms, source, layer, mapping, n_components,"
                               " condition, target, metric, fold, value, n, undefined, ci_low, ci_high, ci)"
                               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                               error);
    for (size_t i = 0; in.status == EXPLAINT_OK && i < result->n_rows; i++) {
        const explaint_row *row = &result->rows[i];
        sqlite3_stmt *s = place(&in, i);
        bool bound = xp_bind_text(s, 3, row->norms) && xp_bind_text(s, 4, row->source) &&
                     bind_integer(s, 5, row->layer) && xp_bind_text(s, 6, row->mapping) &&
                     xp_bind_count(s, 7, row->n_components) && xp_bind_text(s, 8, row->condition) &&
                     xp_bind_text(s, 9, row->target) && xp_bind_text(s, 10, row->metric) &&
                     bind_integer(s, 11, row->fold) && xp_bind_number(s, 12, row->value) &&
                     xp_bind_size(s, 13, row->n) && xp_bind_size(s, 14, row->undefined);
        for (int at = 15; at <= 17; at++) sqlite3_bind_null(s, at);
        char list[80];
        if (row->has_ci && isfinite(row->ci[0]) && isfinite(row->ci[1]))
            bound = bound && xp_bind_number(s, 15, row->ci[0]) && xp_bind_number(s, 16, row->ci[1]) &&
                    xp_bind_text(s, 17, interval(row->ci, list));
        put(&in, bound);
    }
    return end(&in);
}

static explaint_status insert_lints(explaint_ledger *ledger, const explaint_result *result, explaint_error *error) {
    insertion in =
        insert_into(ledger, "INSERT INTO lint (run_id, place, id, level, text) VALUES (?, ?, ?, ?, ?)", error);
    for (size_t i = 0; in.status == EXPLAINT_OK && i < result->n_lints; i++) {
        const explaint_lint *lint = &result->lints[i];
        sqlite3_stmt *s = place(&in, i);
        put(&in, xp_bind_text(s, 3, lint->id) && xp_bind_text(s, 4, lint->level) && xp_bind_text(s, 5, lint->text));
    }
    return end(&in);
}

static explaint_status insert_verdicts(explaint_ledger *ledger, const explaint_result *result, explaint_error *error) {
    insertion in =
        insert_into(ledger,
                    "INSERT INTO verdict (run_id, place, claim, verdict, decided_by, text, layer, layers, best_layer)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    error);
    for (size_t i = 0; in.status == EXPLAINT_OK && i < result->n_verdicts; i++) {
        const explaint_verdict *v = &result->verdicts[i];
        const char *decided = v->decided_by != NULL && v->decided_by[0] != 0 ? v->decided_by : NULL;
        sqlite3_stmt *s = place(&in, i);
        put(&in, xp_bind_text(s, 3, v->claim) && xp_bind_text(s, 4, v->verdict) && xp_bind_text(s, 5, decided) &&
                     xp_bind_text(s, 6, v->text) && bind_integer(s, 7, v->layer) && xp_bind_count(s, 8, v->n_layers) &&
                     bind_integer(s, 9, v->n_layers > 0 ? v->best_layer : -1));
    }
    return end(&in);
}

static explaint_status insert_assumptions(explaint_ledger *ledger, const explaint_result *result, size_t verdict,
                                          explaint_error *error) {
    insertion in = insert_into(ledger,
                               "INSERT INTO assumption (run_id, place, verdict, id, outcome, text, why, gain, ci_low,"
                               " ci_high, p, p_error, mde, observed, null_mean, null_sd, peer_gain, peer_p, n,"
                               " permutations, p_adjusted, statistic, z, level, upper, margin, effect, effect_metric,"
                               " effect_refits)"
                               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                               " ?, ?, ?)",
                               error);
    for (size_t i = 0; in.status == EXPLAINT_OK && i < result->verdicts[verdict].n_assumptions; i++) {
        const explaint_assumption *a = &result->verdicts[verdict].assumptions[i];
        sqlite3_stmt *s = place(&in, i);
        const double numbers[] = {a->gain,     a->ci[0],     a->ci[1],   a->p,         a->p_error, a->mde,
                                  a->observed, a->null_mean, a->null_sd, a->peer_gain, a->peer_p};
        bool bound = xp_bind_size(s, 3, verdict) && xp_bind_text(s, 4, a->id) && xp_bind_text(s, 5, a->outcome) &&
                     xp_bind_text(s, 6, a->text) && xp_bind_text(s, 7, a->why);
        for (int k = 0; k < 11; k++) bound = bound && xp_bind_number(s, 8 + k, numbers[k]);
        const double more[] = {a->z, a->level, a->upper, a->margin, a->effect};
        for (int k = 0; k < 5; k++) bound = bound && xp_bind_number(s, 23 + k, more[k]);
        put(&in, bound && xp_bind_count(s, 19, a->n) && xp_bind_count(s, 20, a->permutations) &&
                     xp_bind_number(s, 21, a->p_adjusted) && xp_bind_text(s, 22, a->statistic) &&
                     xp_bind_text(s, 28, a->effect_metric) && xp_bind_count(s, 29, a->effect_refits));
    }
    return end(&in);
}

static explaint_status mark_finished(explaint_ledger *ledger, const explaint_result *result, const xp_text *document,
                                     explaint_error *error) {
    sqlite3_stmt *s = NULL;
    explaint_status status = xp_ledger_prepare(
        ledger,
        "UPDATE run SET state = 'finished', finished = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), signature = ?,"
        " document = ? WHERE run_id = ?",
        doing, &s, error);
    if (status == EXPLAINT_OK) {
        int code = sqlite3_bind_text64(s, 2, document->data, document->length, SQLITE_STATIC, SQLITE_UTF8);
        if (code != SQLITE_OK)
            status = xp_ledger_failed(ledger, code, doing, error);
        else if (!xp_bind_text(s, 1, result->signature))
            status = xp_no_memory(error, doing);
        sqlite3_bind_int64(s, 3, ledger->run);
        if (status == EXPLAINT_OK) status = xp_ledger_step(ledger, s, doing, error);
        if (status == EXPLAINT_OK && sqlite3_changes(ledger->db) != 1)
            status = xp_ledger_damaged(ledger, "the run that is being stored is not in it any more", error);
    }
    sqlite3_finalize(s);
    return status;
}

/* Whether the run is finished with just this document: then there is nothing to do, and its time of finish stays. */
static explaint_status is_stored(explaint_ledger *ledger, const xp_text *document, bool *same, explaint_error *error) {
    sqlite3_stmt *s = NULL;
    bool row = false;
    explaint_status status =
        xp_ledger_prepare(ledger, "SELECT document FROM run WHERE run_id = ? AND state = 'finished'", doing, &s, error);
    if (status == EXPLAINT_OK) {
        sqlite3_bind_int64(s, 1, ledger->run);
        status = xp_ledger_next(ledger, s, doing, &row, error);
    }
    if (status == EXPLAINT_OK && row) {
        const void *stored = sqlite3_column_text(s, 0);
        *same = stored != NULL && (size_t)sqlite3_column_bytes(s, 0) == document->length &&
                memcmp(stored, document->data, document->length) == 0;
    }
    return xp_ledger_finalize(ledger, s, status, doing, error);
}

explaint_status explaint_ledger_finish(explaint_ledger *ledger, const explaint_result *result, explaint_error *error) {
    if (ledger->run == 0)
        return xp_fail(error, EXPLAINT_USAGE, ledger->path, 0, "no run was begun: call explaint_ledger_begin first");
    xp_text document = {0};
    explaint_status status = xp_result_document(result, &document, error);
    if (status != EXPLAINT_OK) {
        xp_text_free(&document);
        return status;
    }
    bool same = false;
    status = xp_ledger_transaction(ledger, doing, error);
    if (status == EXPLAINT_OK) {
        status = is_stored(ledger, &document, &same, error);
        if (status == EXPLAINT_OK && !same) {
            status = clear(ledger, error);
            if (status == EXPLAINT_OK) status = insert_inputs(ledger, result, error);
            if (status == EXPLAINT_OK) status = insert_settings(ledger, result, error);
            if (status == EXPLAINT_OK) status = insert_dropped(ledger, result, error);
            if (status == EXPLAINT_OK) status = insert_rows(ledger, result, error);
            if (status == EXPLAINT_OK) status = insert_lints(ledger, result, error);
            if (status == EXPLAINT_OK) status = insert_verdicts(ledger, result, error);
            for (size_t i = 0; status == EXPLAINT_OK && i < result->n_verdicts; i++)
                status = insert_assumptions(ledger, result, i, error);
            if (status == EXPLAINT_OK) status = mark_finished(ledger, result, &document, error);
        }
        status = xp_ledger_end(ledger, status, doing, error);
    }
    xp_text_free(&document);
    return status;
}

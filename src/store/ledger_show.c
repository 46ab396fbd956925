/* `explaint runs`: list, show, export. Everything is read first and written at the end, so that a damaged ledger leaves
 * nothing on stdout. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/json_read.h"
#include "base/memory.h"
#include "base/output.h"
#include "explaint/version.h"
#include "store/ledger_documents.h"
#include "store/ledger_private.h"
#include "store/ledger_units.h"
#include "store/table.h"

static const char doing[] = "reading the ledger";

/* A query about one run, ?1. */
static xp_query ask(const explaint_ledger *ledger, const char *sql, long long run, explaint_error *error) {
    xp_query q = xp_query_begin(ledger, sql, doing, error);
    xp_query_integer(&q, 1, run);
    return q;
}

/* ---- list ---- */

static const char list_sql[] =
    "SELECT run_id, state, started, finished, version, command, signature,"
    "  (SELECT group_concat(name, ', ') FROM input i WHERE i.run_id = run.run_id AND role = 'norms'),"
    "  (SELECT group_concat(name, ', ') FROM (SELECT name FROM input i WHERE i.run_id = run.run_id AND"
    "   role IN ('embeddings', 'model') GROUP BY name ORDER BY min(place))),"
    "  (SELECT group_concat(claim%s || ' ' || verdict%s, '; ') FROM verdict v WHERE v.run_id = run.run_id),"
    "  (SELECT count(*) FROM unit WHERE unit.run_id = run.run_id) FROM run ORDER BY run_id";

/* What a verdict of attend is about, a head or layers; ledgers of before have none of these. */
static const char head_sql[] = " || CASE WHEN head > 0 THEN ' ' || first_layer || '.' || head ELSE '' END";
static const char layers_sql[] =
    " || CASE WHEN %sfirst_layer IS NULL THEN '' WHEN first_layer = last_layer THEN ' in ' || first_layer"
    " ELSE ' in ' || first_layer || '-' || last_layer END";

static const char *or_null(sqlite3_stmt *s, int at) {
    return sqlite3_column_type(s, at) != SQLITE_NULL ? xp_ledger_column_text(s, at) : NULL;
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
    xp_query q =
        ask(ledger, "SELECT claim, verdict, decided_by FROM verdict WHERE run_id = ?1 ORDER BY place", run, error);
    xp_json_open(json, "verdicts", '[', XP_JSON_LINE);
    while (xp_query_next(&q)) {
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "claim", or_null(q.statement, 0));
        xp_json_string(json, "verdict", or_null(q.statement, 1));
        xp_json_string(json, "decided_by", or_null(q.statement, 2));
        xp_json_close(json);
    }
    xp_json_close(json);
    return xp_query_end(&q);
}

static explaint_status list_row_json(explaint_ledger *ledger, xp_json *json, sqlite3_stmt *s, explaint_error *error) {
    xp_json_open(json, NULL, '{', XP_JSON_LINE);
    xp_json_integer(json, "run_id", sqlite3_column_int64(s, 0));
    xp_json_string(json, "state", or_null(s, 1));
    xp_json_string(json, "started", or_null(s, 2));
    xp_json_string(json, "finished", or_null(s, 3));
    xp_json_string(json, "version", or_null(s, 4));
    write_command(json, xp_ledger_column_text(s, 5));
    xp_json_string(json, "norms", or_null(s, 7));
    xp_json_string(json, "source", or_null(s, 8));
    xp_json_size(json, "units", xp_ledger_column_size(s, 10));
    xp_json_string(json, "signature", or_null(s, 6));
    explaint_status status = list_verdicts(ledger, sqlite3_column_int64(s, 0), json, error);
    xp_json_close(json);
    return status;
}

static void list_row(xp_table *table, sqlite3_stmt *s) {
    static const int columns[] = {0, 1, 2, 7, 8, 9, 10};
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++)
        xp_table_cell(table, xp_ledger_column_text(s, columns[c]));
}

/* Into the document, or (NULL) into the table. */
static explaint_status list_rows(explaint_ledger *ledger, xp_json *document, xp_table *table, explaint_error *error) {
    bool has_layers = false, has_head = false;
    explaint_status status = xp_ledger_has_column(ledger, "verdict", "first_layer", &has_layers, error);
    if (status == EXPLAINT_OK) status = xp_ledger_has_column(ledger, "verdict", "head", &has_head, error);
    if (status != EXPLAINT_OK) return status;
    xp_text sql = {0}, layers = {0};
    xp_text_addf(&layers, has_layers ? layers_sql : "%s", has_layers && has_head ? "head > 0 OR " : "");
    xp_text_addf(&sql, list_sql, has_head ? head_sql : "", layers.data != NULL ? layers.data : "");
    const bool made = !sql.failed && !layers.failed;
    xp_query q = xp_query_begin(ledger, made ? sql.data : "", doing, error);
    xp_query_bound(&q, made);
    xp_text_free(&layers);
    xp_text_free(&sql);
    while (xp_query_next(&q)) {
        if (document != NULL)
            q.status = list_row_json(ledger, document, q.statement, error);
        else
            list_row(table, q.statement);
    }
    return xp_query_end(&q);
}

explaint_status explaint_ledger_list(explaint_ledger *ledger, bool json, FILE *out, explaint_error *error) {
    static const char *const header[] = {"run", "state", "started", "norms", "source", "verdicts", "units"};
    xp_table table = {.columns = sizeof header / sizeof header[0]};
    for (size_t c = 0; c < table.columns; c++) xp_table_cell(&table, header[c]);
    xp_json document = {0};
    xp_json_open(&document, NULL, '{', XP_JSON_BLOCK);
    xp_json_string(&document, "explaint", EXPLAINT_VERSION);
    xp_json_open(&document, "runs", '[', XP_JSON_BLOCK);
    xp_text text = {0};
    explaint_status status = list_rows(ledger, json ? &document : NULL, &table, error);
    xp_json_close(&document);
    xp_json_close(&document);
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
    xp_table_visible(text, value);
    xp_text_adds(text, "\n");
}

static void show_command(xp_text *text, const char *stored) {
    xp_value *command = read_command(stored, &text->failed);
    const char **words = xp_calloc(xp_value_count(command) + 1, sizeof *words);
    size_t n = 0;
    for (size_t i = 0; words != NULL && i < xp_value_count(command); i++)
        if ((words[n] = xp_value_string(xp_value_item(command, i))) != NULL) n++;
    xp_text typed = {0};
    xp_table_command(&typed, words);
    text->failed |= typed.failed || words == NULL;
    xp_free(words);
    if (!typed.failed) line(text, "command", typed.data);
    xp_text_free(&typed);
    xp_value_free(command);
}

static explaint_status show_head(explaint_ledger *ledger, long long run, xp_text *text, explaint_error *error) {
    xp_query q = ask(ledger,
                     "SELECT state, version, started, finished, command, signature, identity_sha256,"
                     " (SELECT count(*) FROM unit WHERE run_id = ?1) FROM run WHERE run_id = ?1",
                     run, error);
    sqlite3_stmt *s = q.statement;
    if (xp_query_next(&q)) {
        bool finished = strcmp(xp_ledger_column_text(s, 0), "finished") == 0;
        xp_text_addf(text, "run %lld, %s, units stored: %zu%s\n\n", run, finished ? "finished" : "unfinished",
                     xp_ledger_column_size(s, 7), finished ? "" : "; to go on, repeat its command with --resume");
        show_command(text, xp_ledger_column_text(s, 4));
        line(text, "version", xp_ledger_column_text(s, 1));
        line(text, "started", xp_ledger_column_text(s, 2));
        line(text, "finished", xp_ledger_column_text(s, 3));
        line(text, "identity", xp_ledger_column_text(s, 6));
        line(text, "signature", xp_ledger_column_text(s, 5));
    }
    return xp_query_end(&q);
}

/* ---- the lists of a record ---- */

static bool is_empty(const explaint_field *list, const void *record, const explaint_field *field, size_t column) {
    xp_text text = {0};
    for (size_t i = 0; text.length == 0 && i < xp_field_count(list, record); i++)
        xp_field_text(&text, field, column, xp_field_item(list, record, i));
    const bool empty = text.length == 0 && !text.failed;
    xp_text_free(&text);
    return empty;
}

/* Numbers get 4 digits: the document has them all. */
static void add_cell(xp_table *table, const explaint_field *field, size_t column, const void *record) {
    if (field->type == EXPLAINT_FIELD_NUMBER || field->type == EXPLAINT_FIELD_INTERVAL) {
        xp_table_number(table, ((const double *)xp_field_at(field, record))[column]);
        return;
    }
    xp_text text = {0};
    xp_field_text(&text, field, column, record);
    xp_table_cell(table, text.data != NULL ? text.data : "");
    table->failed = table->failed || text.failed;
    xp_text_free(&text);
}

/* A table under its name, without columns that are empty in every row; nothing where there is no row. */
static void show_list(xp_text *text, const explaint_field *list, const void *record) {
    const explaint_field *shown[XP_TABLE_COLUMNS];
    size_t column[XP_TABLE_COLUMNS];
    xp_table table = {0};
    char name[80];
    for (size_t f = 0; f < list->of->n_fields; f++)
        for (size_t c = 0; c < xp_field_columns(&list->of->field[f]); c++) {
            if (table.columns == XP_TABLE_COLUMNS || is_empty(list, record, &list->of->field[f], c)) continue;
            shown[table.columns] = &list->of->field[f];
            column[table.columns++] = c;
        }
    if (table.columns == 0) return;
    for (size_t k = 0; k < table.columns; k++) xp_table_cell(&table, xp_field_column(shown[k], column[k], name));
    for (size_t i = 0; i < xp_field_count(list, record); i++)
        for (size_t k = 0; k < table.columns; k++)
            add_cell(&table, shown[k], column[k], xp_field_item(list, record, i));
    xp_text_addf(text, "\n%s\n", list->name);
    xp_table_write(&table, "  ", text);
    xp_table_free(&table);
}

/* What stands before is our own, the value may be anybody's. */
static void say(xp_text *text, const char *before, const char *value) {
    xp_text_adds(text, before);
    xp_table_visible(text, value);
}

static void show_verdict(xp_text *text, const explaint_kind *kind, const void *verdict) {
    const char *decided_by = xp_record_text(kind, verdict, "decided_by");
    say(text, "\nverdict on ", xp_record_text(kind, verdict, "claim"));
    say(text, ": ", xp_record_text(kind, verdict, "verdict"));
    if (decided_by[0] != 0) say(text, ", decided by ", decided_by);
    say(text, "\n  ", xp_record_text(kind, verdict, "text"));
    xp_text_adds(text, "\n");
    const explaint_field *list = explaint_kind_field(kind, "assumptions");
    for (size_t i = 0; list != NULL && i < xp_field_count(list, verdict); i++) {
        const void *a = xp_field_item(list, verdict, i);
        const char *why = xp_record_text(list->of, a, "why");
        if (why[0] == 0) why = xp_record_text(list->of, a, "text");
        say(text, "  ", xp_record_text(list->of, a, "id"));
        say(text, " ", xp_record_text(list->of, a, "outcome"));
        say(text, why[0] != 0 ? ": " : "", why);
        xp_text_adds(text, "\n");
    }
}

/* Are there tests, and of another statistic than "agreement"? */
static bool has_tests_of_before(const explaint_record *record) {
    if (record->kind != &explaint_infer_kind) return false;
    const explaint_result *result = (const explaint_result *)record;
    for (size_t v = 0; v < result->n_verdicts; v++)
        for (size_t i = 0; i < result->verdicts[v].n_assumptions; i++) {
            const explaint_assumption *a = &result->verdicts[v].assumptions[i];
            if (!isnan(a->p) && a->id != NULL && a->id[0] == 'E' && a->statistic == NULL) return true;
        }
    return false;
}

/* Before all of the run: what came out, in plain words. */
static void show_answer(xp_text *text, const explaint_record *record) {
    const char *answer = explaint_record_answer(record);
    if (answer[0] == 0) return;
    xp_table_visible(text, answer);
    xp_text_adds(text, "\n\n");
}

static void show_record(xp_text *text, const explaint_record *record) {
    const explaint_kind *kind = record->kind;
    for (size_t f = 0; f < kind->n_fields; f++)
        if (kind->field[f].of != NULL && kind->field[f].of->table != NULL &&
            strcmp(kind->field[f].name, "verdicts") != 0)
            show_list(text, &kind->field[f], record);
    if (has_tests_of_before(record))
        xp_text_adds(text, "\ntests of version 0.1: of a score, the mapping fitted anew in each permutation\n");
    const explaint_field *verdicts = explaint_kind_field(kind, "verdicts");
    for (size_t i = 0; verdicts != NULL && i < xp_field_count(verdicts, record); i++)
        show_verdict(text, verdicts->of, xp_field_item(verdicts, record, i));
}

/* ---- a run's record ---- */

typedef struct stored {
    long long run;
    bool finished;
    size_t units;
    xp_text document; /* of a finished run */
} stored;

static explaint_status take(void *self, const xp_stored_run *run, explaint_error *error) {
    stored *s = self;
    s->run = run->run;
    s->finished = run->finished;
    s->units = run->units;
    if (run->finished) xp_text_add(&s->document, run->document, run->length);
    return s->document.failed ? xp_no_memory(error, doing) : EXPLAINT_OK;
}

/* run 0: the newest. */
static explaint_status read_run(explaint_ledger *ledger, long run, stored *s, explaint_error *error) {
    long long which = run;
    *s = (stored){0};
    const explaint_status status = xp_ledger_select(ledger, &which, error);
    const size_t one = (size_t)which;
    return status == EXPLAINT_OK ? xp_ledger_documents(ledger, &one, 1, take, s, error) : status;
}

static explaint_status read_finished(explaint_ledger *ledger, long run, stored *s, explaint_error *error) {
    const explaint_status status = read_run(ledger, run, s, error);
    if (status != EXPLAINT_OK || s->finished) return status;
    return xp_ledger_unfinished(ledger->path, s->run, s->units, error);
}

static explaint_status parse(const explaint_ledger *ledger, const stored *s, explaint_record **record,
                             explaint_error *error) {
    return explaint_record_read(s->document.data, s->document.length, ledger->path, record, error);
}

explaint_status explaint_ledger_record(explaint_ledger *ledger, long run, explaint_record **record,
                                       explaint_error *error) {
    stored s;
    *record = NULL;
    explaint_status status = read_finished(ledger, run, &s, error);
    if (status == EXPLAINT_OK) status = parse(ledger, &s, record, error);
    xp_text_free(&s.document);
    return status;
}

explaint_status explaint_ledger_show(explaint_ledger *ledger, long run, FILE *out, explaint_error *error) {
    stored s;
    xp_text text = {0};
    explaint_record *record = NULL;
    explaint_status status = read_run(ledger, run, &s, error);
    if (status == EXPLAINT_OK && s.finished) status = parse(ledger, &s, &record, error);
    if (record != NULL) show_answer(&text, record);
    if (status == EXPLAINT_OK) status = show_head(ledger, s.run, &text, error);
    if (record != NULL) show_record(&text, record);
    if (status == EXPLAINT_OK) status = xp_write_text(&text, "the run", out, error);
    explaint_record_free(record);
    xp_text_free(&s.document);
    xp_text_free(&text);
    return status;
}

explaint_status explaint_ledger_export(explaint_ledger *ledger, long run, const char *list, char decimal, FILE *out,
                                       explaint_error *error) {
    stored s;
    explaint_record *record = NULL;
    explaint_status status = read_finished(ledger, run, &s, error);
    if (status == EXPLAINT_OK && list == NULL)
        status = xp_write_text(&s.document, "the JSON document", out, error);
    else if (status == EXPLAINT_OK)
        status = parse(ledger, &s, &record, error);
    if (record != NULL)
        status = xp_ledger_is_list(list)
                     ? xp_ledger_write_list(ledger, s.run, record, list, decimal, out, error)
                     : xp_record_csv(record, list, decimal, strcmp(list, "rows") == 0 ? 0 : s.run, out, error);
    explaint_record_free(record);
    xp_text_free(&s.document);
    return status;
}

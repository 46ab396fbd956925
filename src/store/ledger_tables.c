/* The tables that hold records, made from their kinds: a table for each list of structs, a column for each value in one.
 *
 * A row stands at a run and a place; one of a list within a list (a verdict's assumptions) also at the place of what is around it, in a column
 * that has the name of that table. Two kinds may share a table, which then has the columns of both. */
#include <stdio.h>
#include <string.h>

#include "explaint/attend.h"
#include "explaint/embed.h"
#include "explaint/relate.h"
#include "store/ledger_private.h"

static const explaint_kind *const documents[] = {&explaint_infer_kind, &explaint_attend_kind, &explaint_embed_kind,
                                                 &explaint_relate_kind};

/* Calls `each` for every list of the kind that has a table, lists within lists after what is around them; parent: its table, NULL: none. */
typedef struct visitor {
    explaint_ledger *ledger;
    explaint_status (*each)(struct visitor *visitor, const explaint_kind *kind, const char *parent,
                            explaint_error *error);
    bool changed;
} visitor;

static explaint_status walk(visitor *v, const explaint_kind *kind, const char *parent, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < kind->n_fields; i++) {
        const explaint_kind *of = kind->field[i].of;
        if (of == NULL || of->table == NULL) continue;
        status = v->each(v, of, parent, error);
        if (status == EXPLAINT_OK) status = walk(v, of, of->table, error);
    }
    return status;
}

static explaint_status walk_all(visitor *v, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    for (size_t d = 0; status == EXPLAINT_OK && d < sizeof documents / sizeof *documents; d++)
        status = walk(v, documents[d], NULL, error);
    return status;
}

static const char *sql_type(const explaint_field *field) {
    switch (field->type) {
    case EXPLAINT_FIELD_TEXT:
    case EXPLAINT_FIELD_JSON: return "TEXT";
    case EXPLAINT_FIELD_NUMBER:
    case EXPLAINT_FIELD_INTERVAL: return "REAL";
    default: return "INTEGER";
    }
}

/* ---- made, or given what they lack ---- */

static const char doing[] = "making the ledger's tables";

static explaint_status run_text(explaint_ledger *ledger, xp_text *sql, explaint_error *error) {
    explaint_status status =
        sql->failed ? xp_no_memory(error, doing) : xp_ledger_run_sql(ledger, sql->data, doing, error);
    xp_text_free(sql);
    return status;
}

static explaint_status create(explaint_ledger *ledger, const explaint_kind *kind, const char *parent,
                              explaint_error *error) {
    xp_text sql = {0};
    char name[80];
    xp_text_addf(&sql, "CREATE TABLE %s (run_id INTEGER NOT NULL REFERENCES run, ", kind->table);
    if (parent != NULL) xp_text_addf(&sql, "\"%s\" INTEGER NOT NULL, ", parent);
    xp_text_adds(&sql, "place INTEGER NOT NULL, ");
    for (size_t i = 0; i < kind->n_fields; i++)
        for (size_t c = 0; c < xp_field_columns(&kind->field[i]); c++)
            xp_text_addf(&sql, "\"%s\" %s, ", xp_field_column(&kind->field[i], c, name), sql_type(&kind->field[i]));
    xp_text_adds(&sql, "PRIMARY KEY (run_id, ");
    if (parent != NULL) xp_text_addf(&sql, "\"%s\", ", parent);
    xp_text_adds(&sql, "place)) WITHOUT ROWID");
    return run_text(ledger, &sql, error);
}

static explaint_status add_columns(visitor *v, const explaint_kind *kind, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    char name[80];
    for (size_t i = 0; i < kind->n_fields; i++)
        for (size_t c = 0; status == EXPLAINT_OK && c < xp_field_columns(&kind->field[i]); c++) {
            const char *column = xp_field_column(&kind->field[i], c, name);
            bool found = false;
            status = xp_ledger_has_column(v->ledger, kind->table, column, &found, error);
            if (status != EXPLAINT_OK || found) continue;
            v->changed = true;
            xp_text sql = {0};
            xp_text_addf(&sql, "ALTER TABLE %s ADD COLUMN \"%s\" %s", kind->table, column, sql_type(&kind->field[i]));
            status = run_text(v->ledger, &sql, error);
        }
    return status;
}

static explaint_status make(visitor *v, const explaint_kind *kind, const char *parent, explaint_error *error) {
    bool found = false;
    explaint_status status = xp_ledger_has_column(v->ledger, kind->table, "place", &found, error);
    if (status != EXPLAINT_OK || found) return status == EXPLAINT_OK ? add_columns(v, kind, error) : status;
    v->changed = true;
    return create(v->ledger, kind, parent, error);
}

explaint_status xp_ledger_make_tables(explaint_ledger *ledger, bool *changed, explaint_error *error) {
    visitor v = {.ledger = ledger, .each = make};
    explaint_status status = walk_all(&v, error);
    *changed = v.changed;
    return status;
}

/* ---- emptied of a run ---- */

static explaint_status clear(visitor *v, const explaint_kind *kind, const char *parent, explaint_error *error) {
    char sql[96];
    (void)parent;
    snprintf(sql, sizeof sql, "DELETE FROM %s WHERE run_id = %lld", kind->table, v->ledger->run);
    return xp_ledger_run_sql(v->ledger, sql, "storing the results", error);
}

explaint_status xp_ledger_clear_tables(explaint_ledger *ledger, explaint_error *error) {
    visitor v = {.ledger = ledger, .each = clear};
    return walk_all(&v, error);
}

/* ---- filled ---- */

static const char storing[] = "storing the results";

static bool bind_integer(sqlite3_stmt *statement, int at, int value) { /* negative: null */
    return (value >= 0 ? sqlite3_bind_int(statement, at, value) : sqlite3_bind_null(statement, at)) == SQLITE_OK;
}

static bool bind_column(sqlite3_stmt *s, int at, const explaint_field *field, size_t column, const void *value) {
    switch (field->type) {
    case EXPLAINT_FIELD_TEXT: {
        const char *text = *(const char *const *)value;
        return xp_ledger_bind_text(s, at,
                                   text != NULL && text[0] == 0 && field->form & EXPLAINT_FIELD_NULL ? NULL : text);
    }
    case EXPLAINT_FIELD_JSON: return xp_ledger_bind_text(s, at, *(const char *const *)value);
    case EXPLAINT_FIELD_PLACE:
    case EXPLAINT_FIELD_FLAG: return bind_integer(s, at, *(const int *)value);
    case EXPLAINT_FIELD_COUNT: return xp_ledger_bind_count(s, at, *(const size_t *)value);
    case EXPLAINT_FIELD_SIZE: return xp_ledger_bind_size(s, at, *(const size_t *)value);
    case EXPLAINT_FIELD_NUMBER: return xp_ledger_bind_number(s, at, *(const double *)value);
    case EXPLAINT_FIELD_INTERVAL: return xp_ledger_bind_number(s, at, ((const double *)value)[column]);
    case EXPLAINT_FIELD_PAIR: return xp_ledger_bind_count(s, at, ((const size_t *)value)[column]);
    default: return true;
    }
}

static xp_query insertion(explaint_ledger *ledger, const explaint_kind *kind, const char *parent,
                          explaint_error *error) {
    xp_text sql = {0}, marks = {0};
    char name[80];
    xp_text_addf(&sql, "INSERT INTO %s (run_id, place", kind->table);
    xp_text_adds(&marks, "?, ?");
    if (parent != NULL) xp_text_addf(&sql, ", \"%s\"", parent);
    if (parent != NULL) xp_text_adds(&marks, ", ?");
    for (size_t i = 0; i < kind->n_fields; i++)
        for (size_t c = 0; c < xp_field_columns(&kind->field[i]); c++) {
            xp_text_addf(&sql, ", \"%s\"", xp_field_column(&kind->field[i], c, name));
            xp_text_adds(&marks, ", ?");
        }
    xp_text_addf(&sql, ") VALUES (%s)", marks.data != NULL ? marks.data : "");
    const bool made = !sql.failed && !marks.failed;
    xp_query q = xp_query_begin(ledger, made ? sql.data : "", storing, error);
    xp_query_bound(&q, made);
    xp_text_free(&sql);
    xp_text_free(&marks);
    return q;
}

/* Every struct of the list; then the lists within each. around: the place of what it is in. */
static explaint_status insert(explaint_ledger *ledger, const explaint_field *list, const void *record,
                              const char *parent, size_t around, explaint_error *error) {
    const explaint_kind *kind = list->of;
    const size_t n = xp_field_count(list, record);
    if (n == 0) return EXPLAINT_OK;
    xp_query q = insertion(ledger, kind, parent, error);
    for (size_t i = 0; q.status == EXPLAINT_OK && i < n; i++) {
        const void *element = xp_field_item(list, record, i);
        int at = 1;
        xp_query_integer(&q, at++, ledger->run);
        xp_query_integer(&q, at++, (long long)i);
        if (parent != NULL) xp_query_integer(&q, at++, (long long)around);
        for (size_t f = 0; f < kind->n_fields; f++)
            for (size_t c = 0; c < xp_field_columns(&kind->field[f]); c++) /* a text that is not bound would be NULL */
                xp_query_bound(
                    &q, bind_column(q.statement, at++, &kind->field[f], c, xp_field_at(&kind->field[f], element)));
        xp_query_run(&q);
    }
    explaint_status status = xp_query_end(&q);
    for (size_t f = 0; f < kind->n_fields; f++) {
        const explaint_field *inner = &kind->field[f];
        if (inner->of == NULL || inner->of->table == NULL) continue;
        for (size_t i = 0; status == EXPLAINT_OK && i < n; i++)
            status = insert(ledger, inner, xp_field_item(list, record, i), kind->table, i, error);
    }
    return status;
}

explaint_status xp_ledger_fill_tables(explaint_ledger *ledger, const explaint_record *record, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    for (size_t f = 0; status == EXPLAINT_OK && f < record->kind->n_fields; f++) {
        const explaint_field *field = &record->kind->field[f];
        if (field->of != NULL && field->of->table != NULL) status = insert(ledger, field, record, NULL, 0, error);
    }
    return status;
}

/* ---- seen by outsiders ---- */

/* The columns of the records come first, then where they belong. */
static const struct {
    const char *name, *table, *more, *join, *order;
} views[] = {
    {"inputs", "input", "", "", "place"},
    {"settings", "setting", "", "", "place"},
    {"dropped", "dropped_concept", "", "", "place"},
    {"results", "result_row",
     ", run.version, run.command,"
     " (SELECT sha256 FROM input i WHERE i.run_id = t.run_id AND i.role = 'norms') AS norms_sha256,"
     " (SELECT sha256 FROM input i WHERE i.run_id = t.run_id AND i.role = 'embeddings') AS embeddings_sha256,"
     " (SELECT sha256 FROM input i WHERE i.run_id = t.run_id AND i.role = 'folds') AS folds_sha256,"
     " (SELECT sha256 FROM input i WHERE i.run_id = t.run_id AND i.role = 'categories') AS categories_sha256,"
     " (SELECT sha256 FROM input i WHERE i.run_id = t.run_id AND i.role = 'model') AS model_sha256",
     " JOIN run USING (run_id)", "place"},
    {"attention", "attend_row", "", "", "place"},
    {"attention_layers", "attend_layer", "", "", "place"},
    {"attention_heads", "attend_head", "", "", "place"},
    {"relations", "relate_row", "", "", "place"},
    {"relation_heads", "relate_head", "", "", "place"},
    {"lints", "lint", "", "", "place"},
    {"verdicts", "verdict", "", "", "place"},
    {"assumptions", "assumption", ", v.claim, v.layer, v.layers, v.best_layer, v.first_layer, v.last_layer",
     " JOIN verdict v ON v.run_id = t.run_id AND v.place = t.verdict", "verdict, t.place"},
};

/* The columns of a table but for where its rows stand: those of every kind that it holds. */
static explaint_status list_columns(explaint_ledger *ledger, const char *table, xp_text *list, explaint_error *error) {
    xp_query q = xp_query_begin(
        ledger, "SELECT name FROM pragma_table_info(?1) WHERE name NOT IN ('run_id', 'place') AND pk = 0 ORDER BY cid",
        doing, error);
    xp_query_text(&q, 1, table);
    while (xp_query_next(&q)) xp_text_addf(list, ", t.\"%s\"", xp_ledger_column_text(q.statement, 0));
    return xp_query_end(&q);
}

explaint_status xp_ledger_make_views(explaint_ledger *ledger, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < sizeof views / sizeof *views; i++) {
        xp_text columns = {0}, sql = {0};
        status = list_columns(ledger, views[i].table, &columns, error);
        xp_text_addf(&sql, "DROP VIEW IF EXISTS %s; CREATE VIEW %s AS SELECT t.run_id", views[i].name, views[i].name);
        xp_text_adds(&sql, columns.data != NULL ? columns.data : "");
        xp_text_addf(&sql, "%s FROM %s t%s ORDER BY t.run_id, t.%s", views[i].more, views[i].table, views[i].join,
                     views[i].order);
        sql.failed = sql.failed || columns.failed;
        xp_text_free(&columns);
        if (status == EXPLAINT_OK)
            status = run_text(ledger, &sql, error);
        else
            xp_text_free(&sql);
    }
    return status;
}

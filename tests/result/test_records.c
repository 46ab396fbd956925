/* Every field of every kind stands in JSON, CSV and SQL under one name, and comes back: the test fills records by their descriptors alone, so that a field
 * that is added is tested as well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "explaint/explaint.h"
#include "result/record.h"

static void *kept[4096]; /* everything that was made, freed at the end */
static size_t n_kept;

static void *room(size_t size) {
    assert_true(n_kept < sizeof kept / sizeof *kept);
    return kept[n_kept++] = calloc(1, size);
}

static const char *text_of(const char *name, unsigned number) {
    char *text = room(80);
    snprintf(text, 80, "%s, \"%u\"\n\xc3\xa9", name, number);
    return text;
}

static unsigned number = 1;

static void fill(const explaint_kind *kind, void *record);

static void fill_list(const explaint_field *f, void *record) {
    void *at = (char *)record + f->offset;
    if (f->type == EXPLAINT_FIELD_WORDS) {
        const char **words = room(3 * sizeof *words);
        words[0] = text_of(f->name, number++);
        *(const char ***)at = words;
        return;
    }
    *(size_t *)((char *)record + f->count) = 2;
    if (f->type == EXPLAINT_FIELD_LIST) {
        char *list = room(2 * f->of->size);
        for (size_t i = 0; i < 2; i++) fill(f->of, list + i * f->of->size);
        *(void **)at = list;
    } else if (f->type == EXPLAINT_FIELD_MEMBERS) {
        explaint_setting *list = room(2 * sizeof *list);
        list[0] = (explaint_setting){"seed", "1"};
        list[1] = (explaint_setting){"metrics", "[\"a\", \"b\"]"};
        *(void **)at = list;
    } else if (f->type == EXPLAINT_FIELD_TEXTS) {
        const char **list = room(2 * sizeof *list);
        for (size_t i = 0; i < 2; i++) list[i] = text_of(f->name, number++);
        *(void **)at = list;
    } else if (f->type == EXPLAINT_FIELD_NUMBERS) {
        double *list = room(2 * sizeof *list);
        list[1] = 1. / 3;
        *(void **)at = list;
    } else {
        size_t *list = room(2 * sizeof *list);
        list[1] = number++;
        *(void **)at = list;
    }
}

static void fill(const explaint_kind *kind, void *record) {
    for (size_t i = 0; i < kind->n_fields; i++) {
        const explaint_field *f = &kind->field[i];
        void *at = (char *)record + f->offset;
        number++;
        switch (f->type) {
        case EXPLAINT_FIELD_TEXT: *(const char **)at = text_of(f->name, number); break;
        case EXPLAINT_FIELD_PLACE: *(int *)at = (int)number; break;
        case EXPLAINT_FIELD_COUNT:
        case EXPLAINT_FIELD_SIZE: *(size_t *)at = number; break;
        case EXPLAINT_FIELD_NUMBER: *(double *)at = number / 7.; break;
        case EXPLAINT_FIELD_INTERVAL:
            ((double *)at)[0] = number / 9.;
            ((double *)at)[1] = number / 3.;
            break;
        case EXPLAINT_FIELD_PAIR:
            ((size_t *)at)[0] = number;
            ((size_t *)at)[1] = number + 1;
            break;
        case EXPLAINT_FIELD_FLAG: *(int *)at = (int)(number % 2); break;
        case EXPLAINT_FIELD_JSON: *(const char **)at = "[1, {\"a\": null}]"; break;
        case EXPLAINT_FIELD_OBJECT: fill(f->of, at); break;
        default: fill_list(f, record); break;
        }
    }
}

/* The words of a command are the kind's, so that it is known again. */
static explaint_record *filled(const explaint_kind *kind) {
    explaint_record *record = room(kind->size);
    fill(kind, record);
    record->kind = kind;
    const explaint_field *command = explaint_kind_field(kind, "command");
    if (command == NULL) return record;
    const char **words = room(4 * sizeof *words);
    char *name = room(strlen(kind->name) + 1), *rest = NULL;
    strcpy(name, kind->name);
    size_t n = 0;
    for (char *word = strtok_r(name, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) words[n++] = word;
    *(const char ***)((char *)record + command->offset) = words;
    return record;
}

static char *json_of(const explaint_record *record) {
    explaint_error error = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (explaint_record_write_json(record, out, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    fclose(out);
    return text;
}

static void what_is_written_is_read_back(void **unused) {
    (void)unused;
    for (size_t k = 0; k < xp_record_n_kinds; k++) {
        explaint_record *record = filled(xp_record_kinds[k]), *back = NULL;
        explaint_error error = {0};
        char *text = json_of(record);
        if (explaint_record_read(text, strlen(text), "it", &back, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        assert_ptr_equal(back->kind, record->kind);
        char *again = json_of(back);
        assert_string_equal(text, again);
        explaint_record_free(back);
        free(text);
        free(again);
    }
}

static bool has_column(const char *header, const char *name) {
    const size_t length = strlen(name);
    for (const char *at = header; (at = strstr(at, name)) != NULL; at++)
        if ((at == header || at[-1] == ',') && (at[length] == ',' || at[length] == '\r')) return true;
    return false;
}

/* The columns of a table of the kind are in the text `columns`, between commas. */
static void are_there(const explaint_kind *kind, const char *columns, const char *where) {
    char name[80];
    for (size_t i = 0; i < kind->n_fields; i++)
        for (size_t c = 0; c < xp_field_columns(&kind->field[i]); c++)
            if (!has_column(columns, xp_field_column(&kind->field[i], c, name)))
                fail_msg("%s has no column %s: %s", where, name, columns);
}

static void every_field_is_a_column_of_csv(void **unused) {
    (void)unused;
    static const struct {
        const explaint_kind *document;
        const char *list;
        const explaint_kind *kind;
    } lists[] = {{&explaint_infer_kind, "rows", &explaint_row_kind},
                 {&explaint_infer_kind, "verdicts/assumptions", &explaint_assumption_kind},
                 {&explaint_attend_kind, "rows", &explaint_attend_row_kind},
                 {&explaint_relate_kind, "rows", &explaint_relate_row_kind},
                 {&explaint_stored_lists_kind, "nulls", &explaint_null_kind},
                 {&explaint_stored_lists_kind, "concepts", &explaint_shown_feature_kind},
                 {&explaint_stored_lists_kind, "neighbours", &explaint_shown_neighbour_kind},
                 {&explaint_compare_kind, "rows", &explaint_compared_row_kind}};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        explaint_error error = {0};
        char *text = NULL;
        size_t size = 0, lines = 0;
        FILE *out = open_memstream(&text, &size);
        assert_int_equal(explaint_record_write_csv(filled(lists[k].document), lists[k].list, '.', out, &error),
                         EXPLAINT_OK);
        fclose(out);
        for (const char *at = text; (at = strstr(at, "\r\n")) != NULL; at++) lines++;
        assert_int_equal(lines, 1 + (strchr(lists[k].list, '/') != NULL ? 4 : 2));
        are_there(lists[k].kind, text, lists[k].list);
        assert_int_equal(explaint_record_write_csv(filled(lists[k].document), "nothing", '.', stderr, &error),
                         EXPLAINT_USAGE);
        free(text);
    }
}

/* The next field from *at on, without quotes; *at then stands behind its separator. */
static char *next_field(const char **at, char separator) {
    char *text = room(strlen(*at) + 1);
    size_t n = 0;
    const char *p = *at;
    if (*p == '"') {
        for (p++; !(p[0] == '"' && p[1] != '"'); p++) {
            text[n++] = *p;
            p += *p == '"';
        }
        p++;
    } else {
        for (; *p != separator && *p != '\r'; p++) text[n++] = *p;
    }
    *at = p + (*p == '\r' ? 2 : 1);
    return text;
}

/* Numbers with a comma, everything else as it was. */
static void decimal_commas_read_back(void **unused) {
    (void)unused;
    explaint_error error = {0};
    char *text[2];
    size_t size, commas = 0;
    const explaint_record *record = filled(&explaint_infer_kind);
    for (int k = 0; k < 2; k++) {
        FILE *out = open_memstream(&text[k], &size);
        assert_int_equal(explaint_record_write_csv(record, NULL, k == 0 ? '.' : ',', out, &error), EXPLAINT_OK);
        fclose(out);
    }
    const char *a = text[0], *b = text[1];
    while (*a != 0 && *b != 0) {
        char *one = next_field(&a, ','), *other = next_field(&b, ';');
        if (strcmp(one, other) != 0) {
            char *comma = strchr(other, ',');
            assert_non_null(comma);
            *comma = '.';
            commas++;
        }
        assert_string_equal(one, other);
    }
    assert_int_equal(*a + *b, 0);
    assert_true(commas >= 8);
    free(text[0]);
    free(text[1]);
}

/* "a,b,c\r": the columns that a view has, as an outsider's SQLite sees them. */
static char *columns_of(sqlite3 *db, const char *view) {
    char sql[160], *all = room(4096);
    sqlite3_stmt *s = NULL;
    snprintf(sql, sizeof sql, "SELECT group_concat(name) || char(13) FROM pragma_table_info('%s')", view);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_true(snprintf(all, 4096, "%s", (const char *)sqlite3_column_text(s, 0)) < 4096);
    sqlite3_finalize(s);
    return all;
}

static void every_field_is_a_column_of_sql(void **unused) {
    (void)unused;
    static const struct {
        const char *view;
        const explaint_kind *kind;
    } views[] = {{"results", &explaint_row_kind},
                 {"assumptions", &explaint_assumption_kind},
                 {"verdicts", &explaint_verdict_kind},
                 {"verdicts", &explaint_attend_verdict_kind},
                 {"verdicts", &explaint_relate_verdict_kind},
                 {"relations", &explaint_relate_row_kind},
                 {"relation_heads", &explaint_relate_head_kind},
                 {"attention", &explaint_attend_row_kind},
                 {"attention_layers", &explaint_attend_layer_kind},
                 {"attention_heads", &explaint_attend_head_kind},
                 {"inputs", &explaint_input_kind},
                 {"settings", &explaint_setting_kind},
                 {"lints", &explaint_lint_kind},
                 {"dropped", &explaint_dropped_kind}};
    static const explaint_kind *const documents[] = {&explaint_infer_kind, &explaint_attend_kind, &explaint_embed_kind,
                                                     &explaint_relate_kind};
    char path[64];
    explaint_error error = {0};
    explaint_ledger *ledger = NULL;
    snprintf(path, sizeof path, "/tmp/explaint-records-%ld.db", (long)getpid());
    remove(path);
    if (explaint_ledger_open(path, true, &ledger, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    for (size_t d = 0; d < sizeof documents / sizeof *documents; d++) {
        char identity[200];
        explaint_units units = {0};
        explaint_record *back = NULL;
        snprintf(identity, sizeof identity,
                 "{\"explaint\":\"1\",\"command\":[\"%s\"],\"inputs\":[],\"settings\":{\"seed\":%zu}}",
                 documents[d]->name, d);
        const explaint_record *record = filled(documents[d]);
        if (explaint_ledger_begin(ledger, identity, false, &units, &error) != EXPLAINT_OK ||
            explaint_ledger_finish(ledger, record, &error) != EXPLAINT_OK ||
            explaint_ledger_record(ledger, 0, &back, &error) != EXPLAINT_OK)
            fail_msg("%s", error.message);
        char *text = json_of(record), *again = json_of(back);
        assert_string_equal(text, again);
        explaint_record_free(back);
        free(text);
        free(again);
    }
    explaint_ledger_close(ledger);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (size_t v = 0; v < sizeof views / sizeof *views; v++)
        are_there(views[v].kind, columns_of(db, views[v].view), views[v].view);
    sqlite3_close(db);
    remove(path);
}

static void the_catalogue_names_each_once(void **unused) {
    (void)unused;
    static const char *const lists[] = {"metrics",  "lengths",  "conditions", "tests",
                                        "mappings", "measures", "damages",    "families"};
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
        size_t n;
        const explaint_entry *entry = explaint_catalogue(lists[l], &n);
        assert_true(n > 0);
        for (size_t i = 0; i < n; i++) {
            assert_true(entry[i].label[0] != 0 && entry[i].short_label[0] != 0 && entry[i].help[0] != 0);
            assert_ptr_equal(explaint_catalogue_find(lists[l], entry[i].name), &entry[i]); /* the first of its name */
        }
        assert_null(explaint_catalogue_find(lists[l], "no such thing"));
    }
    assert_ptr_equal(explaint_catalogue_find("metrics", "f1-at-10"), explaint_catalogue_find("metrics", "f1_at_10"));
    size_t n;
    assert_null(explaint_catalogue("nothing", &n));
    assert_int_equal(n, 0);
}

static int tidy(void **unused) {
    (void)unused;
    for (size_t i = 0; i < n_kept; i++) free(kept[i]);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),  cmocka_unit_test(every_field_is_a_column_of_csv),
        cmocka_unit_test(decimal_commas_read_back),      cmocka_unit_test(every_field_is_a_column_of_sql),
        cmocka_unit_test(the_catalogue_names_each_once),
    };
    return cmocka_run_group_tests(tests, NULL, tidy);
}

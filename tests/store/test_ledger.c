/* A ledger's life: runs, units, results, views, and files that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/json_read.h"
#include "base/memory.h"
#include "explaint/ledger.h"
#include "store/ledger_file.h"
#include "store/sample.h"

/* What a function of `runs` prints. */
typedef enum { LIST, LIST_JSON, SHOW, EXPORT_JSON, EXPORT_CSV } what;

static explaint_status print(explaint_ledger *ledger, what which, long run, char **text, explaint_error *error) {
    size_t size = 0;
    FILE *out = open_memstream(text, &size);
    explaint_status status =
        which == LIST || which == LIST_JSON ? explaint_ledger_list(ledger, which == LIST_JSON, out, error)
        : which == SHOW                     ? explaint_ledger_show(ledger, run, out, error)
                        : explaint_ledger_export(ledger, run, which == EXPORT_CSV ? "rows" : NULL, '.', out, error);
    fclose(out);
    if (status != EXPLAINT_OK) assert_int_equal(size, 0);
    return status;
}

static void run_and_finish(const char *path) {
    explaint_error error = {0};
    explaint_ledger *ledger = open_ledger(path);
    explaint_units units = {0};
    ok(explaint_ledger_begin(ledger, IDENTITY_1, true, &units, &error), &error);
    ok(units.keep(units.self, "system", "\0\1\2", 3, &error), &error);
    ok(units.keep(units.self, "shuffle", "", 0, &error), &error);
    ok(explaint_ledger_finish(ledger, &sample_result.record, &error), &error);
    explaint_ledger_close(ledger);
}

static void round_trip(void **unused) {
    (void)unused;
    const char *path = fresh("round");
    run_and_finish(path);
    explaint_error error = {0};
    explaint_ledger *ledger = open_ledger(path);
    explaint_units units = {0};
    ok(explaint_ledger_begin(ledger, IDENTITY_1, true, &units, &error), &error); /* finished, and gone on with */
    assert_int_equal(explaint_ledger_n_units(ledger), 2);
    void *bytes = NULL;
    size_t size = 9;
    ok(units.find(units.self, "system", &bytes, &size, &error), &error);
    assert_int_equal(size, 3);
    assert_memory_equal(bytes, "\0\1\2", 3);
    free(bytes);
    ok(units.find(units.self, "shuffle", &bytes, &size, &error), &error);
    assert_non_null(bytes);
    assert_int_equal(size, 0);
    free(bytes);
    ok(units.find(units.self, "mean", &bytes, &size, &error), &error);
    assert_null(bytes);
    ok(units.keep(units.self, "system", "other", 5, &error), &error); /* the first stays */
    ok(units.find(units.self, "system", &bytes, &size, &error), &error);
    assert_int_equal(size, 3);
    free(bytes);
    ok(explaint_ledger_finish(ledger, &sample_result.record, &error), &error); /* twice is once */

    char *stored = NULL, *written = NULL;
    size_t length = 0;
    ok(print(ledger, EXPORT_JSON, 0, &stored, &error), &error);
    FILE *out = open_memstream(&written, &length);
    ok(explaint_record_write_json(&sample_result.record, out, &error), &error);
    fclose(out);
    assert_string_equal(stored, written);
    free(stored);
    free(written);
    ok(print(ledger, EXPORT_CSV, 1, &stored, &error), &error);
    out = open_memstream(&written, &length);
    ok(explaint_record_write_csv(&sample_result.record, NULL, '.', out, &error), &error);
    fclose(out);
    assert_string_equal(stored, written);
    free(stored);
    free(written);
    explaint_ledger_close(ledger);
    explaint_ledger_close(NULL);
}

/* Permutations of version 0.1 are of another statistic: nothing can go on with them, and the sentence says so. */
static void unfinished_tests_of_before_are_not_gone_on_with(void **unused) {
    (void)unused;
    static const char before[] = "{\"explaint\":\"0.1.0\",\"command\":[\"infer\"],\"inputs\":[],\"settings\":{"
                                 "\"permutations\":999}}",
                      now[] = "{\"explaint\":\"0.1.0\",\"command\":[\"infer\"],\"inputs\":[],\"settings\":{"
                              "\"statistic\":\"agreement\",\"permutations\":999}}";
    explaint_error error = {0};
    explaint_ledger *ledger = open_ledger(fresh("before"));
    explaint_units units = {0};
    ok(explaint_ledger_begin(ledger, before, false, &units, &error), &error);
    ok(units.keep(units.self, "test/E1/1", "1", 1, &error), &error);
    assert_int_equal(explaint_ledger_begin(ledger, now, true, &units, &error), EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "run 1 is unfinished and of version 0.1"));
    assert_non_null(strstr(error.message, "leave out --resume"));
    ok(explaint_ledger_begin(ledger, now, false, &units, &error), &error);
    explaint_ledger_close(ledger);
}

static void begin_finds_the_right_run(void **unused) {
    (void)unused;
    const char *path = fresh("begin");
    explaint_error error = {0};
    explaint_ledger *ledger = open_ledger(path);
    explaint_units units = {0};
    assert_int_equal(explaint_ledger_finish(ledger, &sample_result.record, &error), EXPLAINT_USAGE);
    ok(explaint_ledger_begin(ledger, IDENTITY_1, true, &units, &error), &error);
    ok(units.keep(units.self, "u", "1", 1, &error), &error);
    /* Another seed, other norms: refused with the difference. */
    assert_int_equal(explaint_ledger_begin(ledger, IDENTITY_2, true, &units, &error), EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "setting seed was 1, now 2"));
    assert_int_equal(explaint_ledger_begin(ledger, SAMPLE_IDENTITY(SHA_B, "1"), true, &units, &error),
                     EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "norms had sha256 \"" SHA_A "\", now \"" SHA_B "\""));
    assert_int_equal(explaint_ledger_n_units(ledger), 0);
    static const char *const others[][2] = {
        {"{\"explaint\":\"0.2.0\",\"command\":[\"infer\"],\"inputs\":[],\"settings\":{}}",
         "version was 0.1.0, now 0.2.0"},
        {"{\"explaint\":\"0.1.0\",\"command\":[\"infer\"],\"inputs\":[],\"settings\":{}}",
         "norms was given, now it is not"},
        {"{\"explaint\":\"0.1.0\",\"command\":[\"infer\"],\"inputs\":[{\"role\":\"folds\"}],\"settings\":{}}",
         "folds was not given, now it is"},
        {"{\"explaint\":\"0.1.0\",\"command\":[\"infer\"],\"inputs\":[1,{},null],\"settings\":{\"a\":1,\"b\":2,\"c\":3,"
         "\"d\":4,\"e\":5}}",
         "and more"},
        {"{\"explaint\":\"0.1.0\",\"command\":[\"infer\"],\"inputs\":[],\"settings\":{\"x\":[1.5]}}",
         "setting x was absent, now [1.5]"},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(explaint_ledger_begin(ledger, others[i][0], true, &units, &error), EXPLAINT_INVALID);
        assert_non_null(strstr(error.message, others[i][1]));
        assert_non_null(strstr(error.message, "run 1 is unfinished"));
    }
    /* Another command is another matter. */
    ok(explaint_ledger_begin(ledger, "{\"explaint\":\"0.1.0\",\"command\":[\"attend\"],\"inputs\":[],\"settings\":{}}",
                             true, &units, &error),
       &error);
    assert_int_equal(explaint_ledger_n_units(ledger), 0);
    /* Without --resume a run of the same identity is new; with it, the newest is taken. */
    ok(explaint_ledger_begin(ledger, IDENTITY_1, false, &units, &error), &error);
    assert_int_equal(explaint_ledger_n_units(ledger), 0);
    ok(explaint_ledger_finish(ledger, &sample_result.record, &error), &error);
    ok(explaint_ledger_begin(ledger, IDENTITY_1, true, &units, &error), &error);
    assert_int_equal(explaint_ledger_n_units(ledger), 0);
    static const char *const bad[] = {
        "",      "[]", "{}", "{\"explaint\":1}", "{\"explaint\":\"0\",\"command\":[],\"inputs\":{},\"settings\":{}}",
        "{\x1b["};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(explaint_ledger_begin(ledger, bad[i], true, &units, &error), EXPLAINT_INVALID);
        assert_int_equal(explaint_ledger_begin(ledger, bad[i], true, &units, NULL), EXPLAINT_INVALID);
        assert_null(strchr(error.message, 0x1b));
    }
    explaint_ledger_close(ledger);
}

static void runs_are_listed_and_shown(void **unused) {
    (void)unused;
    const char *path = fresh("show");
    explaint_error error = {0};
    explaint_ledger *ledger = open_ledger(path);
    char *text = NULL;
    ok(print(ledger, LIST, 0, &text, &error), &error);
    assert_non_null(strstr(text, "run"));
    free(text);
    assert_int_equal(print(ledger, SHOW, 0, &text, &error), EXPLAINT_INVALID); /* none yet */
    free(text);
    explaint_ledger_close(ledger);
    run_and_finish(path);
    ledger = open_ledger(path);
    explaint_units units = {0};
    ok(explaint_ledger_begin(ledger, IDENTITY_2, false, &units, &error), &error);
    ok(units.keep(units.self, "u", "1", 1, &error), &error);

    ok(print(ledger, LIST, 0, &text, &error), &error);
    assert_non_null(strstr(text, "information undecided; mapping not supported"));
    assert_non_null(strstr(text, "unfinished"));
    assert_null(strstr(text, " \n"));
    free(text);
    ok(print(ledger, LIST_JSON, 0, &text, &error), &error);
    xp_value *list = xp_value_parse(text, strlen(text), NULL, &error);
    assert_non_null(list);
    const xp_value *run = xp_value_item(xp_value_member(list, "runs"), 1);
    assert_string_equal(xp_value_string(xp_value_member(run, "state")), "unfinished");
    assert_string_equal(xp_value_string(xp_value_item(xp_value_member(run, "command"), 2)), "2");
    assert_null(xp_value_member(run, "finished"));
    const xp_value *verdicts = xp_value_member(xp_value_item(xp_value_member(list, "runs"), 0), "verdicts");
    assert_string_equal(xp_value_string(xp_value_member(xp_value_item(verdicts, 0), "verdict")), "undecided");
    xp_value_free(list);
    free(text);

    ok(print(ledger, SHOW, 1, &text, &error), &error);
    static const char *const parts[] = {"It could not be told whether the vectors of any of 3 layers know",
                                        "run 1, finished, units stored: 2",
                                        "explaint infer --seed 1",
                                        SHA_A,
                                        "0.2671",
                                        "verdict on information: undecided, decided by E2",
                                        "E2 not testable: no categories",
                                        "F1@10 cannot",
                                        "dunebuggy",
                                        "\\x1b[31mcarry"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) assert_non_null(strstr(text, parts[i]));
    assert_null(strchr(text, 0x1b)); /* a terminal does not obey a ledger */
    free(text);
    ok(print(ledger, SHOW, 2, &text, &error), &error);
    assert_non_null(strstr(text, "unfinished, units stored: 1; to go on"));
    free(text);
    assert_int_equal(print(ledger, EXPORT_JSON, 2, &text, &error), EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "run 2 is not finished"));
    free(text);
    for (what w = SHOW; w <= EXPORT_CSV; w++) {
        assert_int_equal(print(ledger, w, 3, &text, &error), EXPLAINT_USAGE);
        assert_non_null(strstr(error.message, "no run 3, its newest is 2"));
        free(text);
        assert_int_equal(print(ledger, w, -1, &text, &error), EXPLAINT_USAGE);
        free(text);
    }
    FILE *full = fopen("/dev/full", "w");
    assert_int_equal(explaint_ledger_show(ledger, 1, full, &error), EXPLAINT_FAILED);
    assert_int_equal(explaint_ledger_list(ledger, true, full, &error), EXPLAINT_FAILED);
    assert_int_equal(explaint_ledger_export(ledger, 1, NULL, '.', full, &error), EXPLAINT_FAILED);
    fclose(full);
    explaint_ledger_close(ledger);
}

/* One text of a query by an outsider's SQLite. */
static void expect(const char *path, const char *sql, const char *expected) {
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    const char *text = (const char *)sqlite3_column_text(s, 0);
    if (expected == NULL)
        assert_null(text);
    else
        assert_string_equal(text, expected);
    sqlite3_finalize(s);
    sqlite3_close(db);
}

static void views_have_the_promised_columns(void **unused) {
    (void)unused;
    const char *path = fresh("views");
    run_and_finish(path);
    expect(path, "PRAGMA application_id", "1163415636");
    expect(path, "PRAGMA user_version", "4");
    expect(path, "PRAGMA integrity_check", "ok");
    expect(path, "PRAGMA journal_mode", "wal");
    expect(path,
           "SELECT run_id || state || units || version || (document LIKE '{%') FROM runs WHERE finished >= started",
           "1finished20.1.01");
    expect(path, "SELECT json_extract(document, '$.signature') = signature FROM runs", "1");
    expect(path, "SELECT group_concat(role || ' ' || substr(sha256, 1, 2)) FROM inputs WHERE run_id = 1",
           "norms aa,embeddings bb,folds aa");
    expect(path,
           "SELECT json_extract(command, '$[0]') || substr(norms_sha256, 1, 1) || substr(embeddings_sha256, 1, 1) || "
           "version FROM results LIMIT 1",
           "inferab0.1.0");
    static const char *const columns[] = {
        "norms", "source", "layer", "mapping",   "n_components", "condition", "target", "metric",
        "fold",  "value",  "n",     "undefined", "ci_low",       "ci_high",   "p",      "p_adjusted"};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        char sql[160];
        snprintf(
            sql, sizeof sql,
            "SELECT count(*) FROM (SELECT run_id, \"%s\" FROM results), pragma_table_info('results') WHERE name = '%s'",
            columns[i], columns[i]);
        expect(path, sql, "4");
    }
    expect(path, "SELECT path FROM inputs WHERE role = 'embeddings'", "glove\xef\xbf\xbd.txt");
    expect(path, "SELECT ci_low = 0.256 AND ci_high = 0.278 FROM results LIMIT 1", "1");
    expect(path, "SELECT value = 0.1 + 0.2 AND layer = 3 AND fold = 0 FROM results LIMIT 1 OFFSET 1", "1");
    expect(path, "SELECT coalesce(value, layer, n_components, fold, ci_low, p) FROM results LIMIT 1 OFFSET 2", NULL);
    expect(path, "SELECT group_concat(claim || verdict || coalesce(decided_by, '-'), ';') FROM verdicts",
           "informationundecidedE2;mappingnot supported-");
    expect(path, "SELECT count(*) || max(gain) || max(permutations) FROM assumptions WHERE claim = 'information'",
           "20.169999");
    expect(path, "SELECT id || level || text FROM lints", "ceilingnoteF1@10 cannot be above .8");
    expect(path, "SELECT group_concat(key || '=' || json) FROM settings",
           "mapping=\"plsr\",n_components=[25],folds=10,seed=1");
}

static void sql(const char *path, const char *text) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    char *why = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", text, why);
    sqlite3_close(db);
}

static void refused(const char *path, bool create, explaint_status code, const char *part) {
    explaint_error error = {0};
    explaint_ledger *ledger = (explaint_ledger *)(void *)&error;
    assert_int_equal(explaint_ledger_open(path, create, &ledger, &error), code);
    assert_null(ledger);
    assert_int_equal(error.code, code);
    if (strstr(error.message, part) == NULL) fail_msg("\"%s\" is not in \"%s\"", part, error.message);
}

static void file(const char *path, const char *bytes, size_t size) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fwrite(bytes, 1, size, f);
    fclose(f);
}

static void what_is_no_ledger_is_refused(void **unused) {
    (void)unused;
    const char *path = fresh("none");
    refused(path, false, EXPLAINT_INVALID, "no such ledger");
    refused("", true, EXPLAINT_USAGE, "--ledger");
    refused(directory(), true, EXPLAINT_INVALID, "folder");
    refused("/dev/null", true, EXPLAINT_INVALID, "device");
    refused("/nowhere/at/all.db", true, EXPLAINT_FAILED, "cannot be written");
    file(path, "", 0);
    refused(path, false, EXPLAINT_INVALID, "empty file");
    explaint_ledger_close(open_ledger(path)); /* create: an empty file becomes a ledger */
    explaint_ledger *again = NULL;
    explaint_error error = {0};
    ok(explaint_ledger_open(path, false, &again, &error), &error);
    explaint_ledger_close(again);

    path = fresh("garbage");
    for (size_t size = 1; size < 3000; size = 2 * size + 1) {
        char bytes[4096];
        memset(bytes, 'x', sizeof bytes);
        file(path, bytes, size);
        refused(path, true, EXPLAINT_INVALID, "is no explaint ledger");
        memcpy(bytes, "SQLite format 3", 16);
        if (size < 16) continue;
        file(path, bytes, size);
        refused(path, true, EXPLAINT_INVALID, "ledger");
    }
    path = fresh("foreign");
    sql(path, "CREATE TABLE run (run_id)");
    refused(path, true, EXPLAINT_INVALID, "another program's");
    path = fresh("foreign2");
    sql(path, "PRAGMA application_id = 7");
    refused(path, true, EXPLAINT_INVALID, "0x00000007");
    path = fresh("newer");
    run_and_finish(path);
    sql(path, "PRAGMA user_version = 5");
    refused(path, true, EXPLAINT_INVALID, "schema version 5, and this explaint reads up to version 4");
    sql(path, "PRAGMA user_version = -1");
    refused(path, true, EXPLAINT_INVALID, "damaged");
    path = fresh("blank");
    sql(path, "PRAGMA user_version = 0; CREATE TABLE t (a); DROP TABLE t"); /* a database without anything */
    refused(path, false, EXPLAINT_INVALID, "empty SQLite database");
    explaint_ledger_close(open_ledger(path));
}

/* As another user (tests may run as root, whom no folder is closed to). */
static void a_closed_folder_can_be_read(void **unused) {
    (void)unused;
    const char *path = fresh("closed");
    run_and_finish(path);
    chmod(directory(), 0555);
    pid_t child = fork();
    if (child == 0) {
        explaint_error error = {0};
        explaint_ledger *ledger = NULL;
        if (geteuid() == 0 && setuid(65534) != 0) _exit(9);
        if (explaint_ledger_open(path, true, &ledger, &error) != EXPLAINT_FAILED) _exit(1);
        if (strstr(error.message, "cannot be written") == NULL) _exit(2);
        if (explaint_ledger_open(path, false, &ledger, &error) != EXPLAINT_OK) _exit(3);
        FILE *out = fopen("/dev/null", "w");
        if (explaint_ledger_show(ledger, 1, out, &error) != EXPLAINT_OK) _exit(4);
        explaint_units units = {0};
        if (explaint_ledger_begin(ledger, IDENTITY_1, false, &units, &error) != EXPLAINT_FAILED) _exit(5);
        if (strstr(error.message, "cannot be written") == NULL) _exit(6);
        explaint_ledger_close(ledger);
        fclose(out);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    chmod(directory(), 0700);
    assert_int_equal(status, 0);
}

static void odd_names_are_names(void **unused) {
    (void)unused;
    char before[1024];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(directory()), 0);
    static const char *const names[] = {":memory:", "file:x.db?mode=memory", "-", "a b\n'\".db"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        run_and_finish(names[i]);
        assert_int_equal(access(names[i], F_OK), 0);
        unlink(names[i]);
    }
    assert_int_equal(chdir(before), 0);
}

static void a_damaged_ledger_is_said_to_be(void **unused) {
    (void)unused;
    static const char *const harm[] = {
        "DROP TABLE run",
        "DROP TABLE unit",
        "DROP TABLE result_row",
        "DROP TABLE verdict; DROP TABLE assumption",
        "DROP TABLE input",
        "DROP VIEW runs; DROP VIEW results; ALTER TABLE run RENAME COLUMN document TO paper",
        "UPDATE run SET document = NULL",
        "UPDATE run SET document = x'00ff', identity = x'00', command = 7",
        "UPDATE result_row SET value = 'x', n = -5, layer = 1e300, fold = 'q', n_components = x'00', norms = NULL",
        "UPDATE unit SET bytes = 'text'",
        "DROP VIEW runs; ALTER TABLE run RENAME TO other; CREATE VIEW run AS SELECT * FROM other",
        "DELETE FROM run",
        "UPDATE run SET state = 'unfinished', identity = '[]', identity_sha256 = ''",
        "CREATE TRIGGER t AFTER INSERT ON unit BEGIN DELETE FROM unit; END",
    };
    for (size_t i = 0; i < sizeof harm / sizeof harm[0]; i++) {
        const char *path = fresh("damaged");
        run_and_finish(path);
        sql(path, harm[i]);
        explaint_error error = {0};
        explaint_ledger *ledger = NULL;
        if (explaint_ledger_open(path, false, &ledger, &error) != EXPLAINT_OK) {
            assert_int_equal(error.code, EXPLAINT_INVALID);
            continue;
        }
        char *text = NULL;
        for (what w = LIST; w <= EXPORT_CSV; w++) {
            explaint_status status = print(ledger, w, 0, &text, &error);
            assert_true(status == EXPLAINT_OK || status == EXPLAINT_INVALID);
            free(text);
        }
        explaint_units units = {0};
        for (int resume = 1; resume >= 0; resume--) {
            if (explaint_ledger_begin(ledger, IDENTITY_1, resume, &units, &error) != EXPLAINT_OK) continue;
            void *bytes = NULL;
            size_t size = 0;
            (void)units.keep(units.self, "more", "1", 1, &error);
            (void)units.find(units.self, "system", &bytes, &size, &error);
            free(bytes);
            (void)explaint_ledger_finish(ledger, &sample_result.record, &error);
        }
        explaint_ledger_close(ledger);
    }
}

static explaint_status everything(const char *path, explaint_error *error) {
    explaint_ledger *ledger = NULL;
    explaint_units units = {0};
    explaint_status status = explaint_ledger_open(path, true, &ledger, error);
    if (status == EXPLAINT_OK) status = explaint_ledger_begin(ledger, IDENTITY_1, true, &units, error);
    if (status == EXPLAINT_OK) status = units.keep(units.self, "u", "1", 1, error);
    if (status == EXPLAINT_OK) status = explaint_ledger_finish(ledger, &sample_result.record, error);
    for (what w = LIST; status == EXPLAINT_OK && w <= EXPORT_CSV; w++) {
        char *text = NULL;
        status = print(ledger, w, 0, &text, error);
        free(text);
    }
    explaint_ledger_close(ledger);
    return status;
}

static void every_allocation_may_fail(void **unused) {
    (void)unused;
    const char *path = fresh("memory");
    explaint_status status = EXPLAINT_FAILED;
    size_t n = 0;
    while (status != EXPLAINT_OK && n < 5000) {
        explaint_error error = {0};
        xp_fail_allocation(++n);
        status = everything(path, &error);
        xp_fail_allocation(0);
        assert_true(status == EXPLAINT_OK || status == EXPLAINT_FAILED);
        if (status != EXPLAINT_OK) assert_non_null(strstr(error.message, "memory"));
    }
    assert_true(n > 10 && n < 5000);
    printf("%zu allocations\n", n - 1);
    expect(path, "SELECT count(*) || state FROM runs", "1finished"); /* no half-written run among the attempts */
}

/* A ledger whose tables lack columns and whole tables: read as it is by who only reads, filled up by the next run, its runs kept. */
static void a_ledger_that_lacks_columns_is_brought_up_to_date(void **unused) {
    (void)unused;
    const char *path = fresh("older");
    run_and_finish(path);
    sql(path,
        "DROP VIEW results; DROP VIEW verdicts; DROP VIEW assumptions; DROP VIEW attention; DROP TABLE attend_row;"
        "ALTER TABLE result_row DROP COLUMN p_adjusted; ALTER TABLE verdict DROP COLUMN layer;"
        "ALTER TABLE assumption DROP COLUMN statistic; ALTER TABLE assumption DROP COLUMN z;"
        "PRAGMA user_version = 1");
    explaint_ledger *ledger = NULL;
    explaint_error error = {0};
    ok(explaint_ledger_open(path, false, &ledger, &error), &error);
    char *rows = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&rows, &size);
    ok(explaint_ledger_export(ledger, 1, "rows", '.', out, &error), &error); /* from the document */
    fclose(out);
    assert_non_null(strstr(rows, "0.278,,,,,,,\r\n"));
    free(rows);
    explaint_ledger_close(ledger);
    expect(path, "PRAGMA user_version", "1");
    expect(path, "SELECT count(*) FROM pragma_table_info('result_row') WHERE name = 'p_adjusted'", "0");

    ledger = open_ledger(path);
    explaint_units units = {0};
    ok(explaint_ledger_begin(ledger, IDENTITY_2, false, &units, &error), &error);
    ok(explaint_ledger_finish(ledger, &sample_result.record, &error), &error);
    explaint_ledger_close(ledger);
    expect(path, "PRAGMA user_version", "4");
    expect(path,
           "SELECT group_concat(coalesce(statistic || r || z || level || effect || effect_refits || layers, 'old'), "
           "';') FROM assumptions WHERE id = 'E1'",
           "old;agreement0.27493.50.050.16193");
    expect(path, "SELECT count(*) FROM attention", "0");
    expect(path, "SELECT count(*) FROM verdicts WHERE layer IS NULL", "4");
    expect(path, "PRAGMA integrity_check", "ok");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(begin_finds_the_right_run),
        cmocka_unit_test(unfinished_tests_of_before_are_not_gone_on_with),
        cmocka_unit_test(runs_are_listed_and_shown),
        cmocka_unit_test(views_have_the_promised_columns),
        cmocka_unit_test(a_ledger_that_lacks_columns_is_brought_up_to_date),
        cmocka_unit_test(what_is_no_ledger_is_refused),
        cmocka_unit_test(a_closed_folder_can_be_read),
        cmocka_unit_test(odd_names_are_names),
        cmocka_unit_test(a_damaged_ledger_is_said_to_be),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}

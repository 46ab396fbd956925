/* A hostile ledger: whatever is in the file, opening, listing, showing, exporting, reporting, comparing and going on with it end in
 * a status.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Iinclude -Isrc -Itests fuzz/fuzz_ledger.c ...
 *     ./fuzz_ledger fuzz/corpus/ledger
 *
 * An input that begins as an SQLite file is that file. Any other is SQL that is run on a good ledger first: NULLs,
 * wrong types, dropped tables, views in their place, which no mutation of pages would find soon.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "explaint/compare.h"
#include "explaint/ledger.h"
#include "explaint/report.h"
#include "store/sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[64], path[96];
static uint8_t good[1 << 18]; /* a ledger with one finished run */
static size_t good_size;

static void clean(void) {
    static const char *const suffix[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < 4; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", path, suffix[i]);
        unlink(name);
    }
}

static void clean_up(void) {
    clean();
    rmdir(folder);
}

static void write_file(const uint8_t *bytes, size_t size) {
    clean();
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) abort();
}

static void set_up(void) {
    strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz-ledger-XXXXXX" : "/tmp/fuzz-ledger-XXXXXX");
    if (mkdtemp(folder) == NULL) abort();
    snprintf(path, sizeof path, "%s/l.db", folder);
    atexit(clean_up);
    explaint_ledger *ledger = NULL;
    explaint_units units = {0};
    if (explaint_ledger_open(path, true, &ledger, NULL) != EXPLAINT_OK ||
        explaint_ledger_begin(ledger, SAMPLE_IDENTITY(SHA_A, "1"), true, &units, NULL) != EXPLAINT_OK ||
        units.keep(units.self, "system", "bytes", 5, NULL) != EXPLAINT_OK ||
        explaint_ledger_finish(ledger, &sample_result.record, NULL) != EXPLAINT_OK)
        abort();
    explaint_ledger_close(ledger);
    FILE *file = fopen(path, "rb");
    if (file == NULL || (good_size = fread(good, 1, sizeof good, file)) == sizeof good) abort();
    fclose(file);
}

/* No other files, no settings of the process: only what a ledger's file can hold. */
static int authorise(void *unused, int action, const char *a, const char *b, const char *c, const char *d) {
    (void)unused, (void)b, (void)c, (void)d;
    static const char *const pragmas[] = {"writable_schema", "user_version", "application_id", "foreign_keys"};
    if (action == SQLITE_ATTACH || action == SQLITE_DETACH) return SQLITE_DENY;
    if (action != SQLITE_PRAGMA) return SQLITE_OK;
    for (size_t i = 0; i < sizeof pragmas / sizeof pragmas[0]; i++)
        if (sqlite3_stricmp(a, pragmas[i]) == 0) return SQLITE_OK;
    return SQLITE_DENY;
}

static int enough(void *unused) {
    (void)unused;
    return 1;
}

static void run_sql(const uint8_t *data, size_t size) {
    sqlite3 *db = NULL;
    char *sql = malloc(size + 1);
    if (sql == NULL || sqlite3_open(path, &db) != SQLITE_OK) abort();
    memcpy(sql, data, size);
    sql[size] = 0;
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1 << 20);
    sqlite3_set_authorizer(db, authorise, NULL);
    sqlite3_progress_handler(db, 200000, enough, NULL);
    sqlite3_exec(db, "PRAGMA foreign_keys = OFF", NULL, NULL, NULL);
    sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    free(sql);
}

static void check(explaint_status status, const explaint_error *error) {
    if (status == EXPLAINT_OK) return;
    size_t length = strnlen(error->message, sizeof error->message);
    if (length == 0 || length == sizeof error->message || error->code != status) abort();
    for (const char *p = error->message; *p != 0; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f) abort(); /* a terminal does not obey a file */
}

static void print(explaint_ledger *ledger, int which) {
    explaint_error error = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    explaint_status status = which < 2 ? explaint_ledger_list(ledger, which == 1, out, &error)
                             : which < 3
                                 ? explaint_ledger_show(ledger, 0, out, &error)
                                 : explaint_ledger_export(ledger, 0, which == 4 ? "rows" : NULL, '.', out, &error);
    fclose(out);
    check(status, &error);
    if (status != EXPLAINT_OK && size != 0) abort();
    if (which < 3 && memchr(text, 0x1b, size) != NULL) abort();
    free(text);
}

static void report(void) {
    const char *const paths[] = {path};
    const explaint_report_options options = {.format = "latex", .all_components = true};
    explaint_error error = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    explaint_status status = explaint_report_write(paths, 1, &options, out, &error);
    fclose(out);
    check(status, &error);
    if (status != EXPLAINT_OK && size != 0) abort();
    free(text);
}

/* Its runs' units are hostile, too: what they say is checked, or left out. */
static void compare(void) {
    const explaint_compare_options options = {.ledger = path, .flips = 99, .bootstrap = 100, .seed = 1};
    explaint_comparison *c = NULL;
    explaint_error error = {0};
    check(explaint_compare("1", "1@3", &options, &c, &error), &error);
    explaint_comparison_free(c);
    c = NULL;
    check(explaint_compare("1", "1", &options, &c, &error), &error);
    explaint_comparison_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (folder[0] == 0) set_up();
    if (size >= 6 && memcmp(data, "SQLite", 6) == 0) {
        write_file(data, size);
    } else {
        write_file(good, good_size);
        run_sql(data, size);
    }
    explaint_error error = {0};
    explaint_ledger *ledger = NULL;
    explaint_status status = explaint_ledger_open(path, false, &ledger, &error);
    check(status, &error);
    if (status != EXPLAINT_OK) return 0;
    for (int which = 0; which < 5; which++) print(ledger, which);
    report();
    compare();
    static const char *const identities[] = {SAMPLE_IDENTITY(SHA_A, "1"), SAMPLE_IDENTITY(SHA_B, "2")};
    for (int i = 0; i < 4; i++) {
        explaint_units units = {0};
        error = (explaint_error){0};
        status = explaint_ledger_begin(ledger, identities[i % 2], i < 2, &units, &error);
        check(status, &error);
        if (status != EXPLAINT_OK) continue;
        void *bytes = NULL;
        size_t length = 0;
        check(units.find(units.self, "system", &bytes, &length, &error), &error);
        free(bytes);
        check(units.keep(units.self, "system", "more", 4, &error), &error);
        (void)explaint_ledger_n_units(ledger);
        check(explaint_ledger_finish(ledger, &sample_result.record, &error), &error);
    }
    explaint_ledger_close(ledger);
    return 0;
}

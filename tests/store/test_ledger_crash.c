/* A ledger among accidents: kill -9, two processes at once, a full disk. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "explaint/ledger.h"
#include "store/ledger_file.h"
#include "store/sample.h"

enum { LARGEST = 60000, ROUNDS = 40 };

/* Unit i: its size and bytes follow from i. */
static size_t unit(size_t i, char *key, unsigned char *bytes) {
    snprintf(key, 32, "unit:%zu", i);
    size_t size = (i * 7919) % LARGEST;
    for (size_t k = 0; k < size; k++) bytes[k] = (unsigned char)(i * 31 + k * 7 + (k >> 8));
    return size;
}

static bool whole(const explaint_units *units, size_t i, bool *stored) {
    static unsigned char expected[LARGEST];
    char key[32];
    void *bytes = NULL;
    size_t size = 0, length = unit(i, key, expected);
    explaint_error error = {0};
    if (units->find(units->self, key, &bytes, &size, &error) != EXPLAINT_OK) return false;
    *stored = bytes != NULL;
    bool same = bytes == NULL || (size == length && memcmp(bytes, expected, size) == 0);
    free(bytes);
    return same;
}

static explaint_status keep(const explaint_units *units, size_t i, explaint_error *error) {
    static unsigned char bytes[LARGEST];
    char key[32];
    size_t size = unit(i, key, bytes);
    return units->keep(units->self, key, bytes, size, error);
}

static void check(const char *path, const char *sql, const char *expected) {
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(s, 0), expected);
    sqlite3_finalize(s);
    sqlite3_close(db);
}

/* Stores units from `first` on and says so by a byte each, until it is killed. */
_Noreturn static void store_forever(const char *path, size_t first, int said) {
    explaint_error error = {0};
    explaint_ledger *ledger = NULL;
    explaint_units units = {0};
    if (explaint_ledger_open(path, true, &ledger, &error) != EXPLAINT_OK ||
        explaint_ledger_begin(ledger, IDENTITY_1, true, &units, &error) != EXPLAINT_OK) {
        fprintf(stderr, "%s\n", error.message);
        _exit(1);
    }
    for (size_t i = first; i < first + 100000; i++) {
        if (keep(&units, i, &error) != EXPLAINT_OK || write(said, "x", 1) != 1) _exit(1);
    }
    _exit(2);
}

static void killed_at_any_moment(void **unused) {
    (void)unused;
    const char *path = fresh("killed");
    unsigned seed = 20240517;
    printf("seed %u\n", seed);
    size_t stored = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            store_forever(path, stored, ends[1]);
        }
        close(ends[1]);
        seed = seed * 1103515245u + 12345u;
        /* The first rounds fall into the making of the file, later ones into units: after a few are said, and a moment.
         */
        bool early = round < ROUNDS / 3;
        size_t acknowledged = stored;
        char bytes[256];
        for (unsigned wait = early ? 0 : seed >> 28; wait > 0 && read(ends[0], bytes, 1) == 1; wait--) acknowledged++;
        struct timespec moment = {0, (long)(seed >> 8) % (early ? 20000000 : 6000000)};
        nanosleep(&moment, NULL);
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status)); /* it did not end by an error of its own */
        for (ssize_t got; (got = read(ends[0], bytes, sizeof bytes)) > 0;) acknowledged += (size_t)got;
        close(ends[0]);

        explaint_error error = {0};
        explaint_ledger *ledger = open_ledger(path);
        explaint_units units = {0};
        ok(explaint_ledger_begin(ledger, IDENTITY_1, true, &units, &error), &error);
        size_t now = explaint_ledger_n_units(ledger);
        assert_in_range(now, acknowledged, acknowledged + 1); /* one may be stored and not yet said */
        bool is = false;
        for (size_t i = round % 10 == 0 ? 0 : stored; i < now; i++) assert_true(whole(&units, i, &is) && is);
        assert_true(whole(&units, now, &is) && !is);
        stored = now;
        explaint_ledger_close(ledger);
    }
    printf("%zu units over %d kills\n", stored, ROUNDS);
    assert_true(stored > 0);
    explaint_error error = {0};
    explaint_ledger *ledger = open_ledger(path);
    explaint_units units = {0};
    ok(explaint_ledger_begin(ledger, IDENTITY_1, true, &units, &error), &error);
    ok(explaint_ledger_finish(ledger, &sample_result.record, &error), &error);
    explaint_ledger_close(ledger);
    check(path, "PRAGMA integrity_check", "ok");
    check(path, "SELECT count(*) || max(state) FROM runs", "1finished");
}

static void processes_share_a_run(void **unused) {
    (void)unused;
    enum { PROCESSES = 4, UNITS = 60 };
    for (int round = 0; round < 5; round++) {
        const char *path = fresh("shared");
        pid_t children[PROCESSES];
        int gate[2];
        assert_int_equal(pipe(gate), 0);
        for (int p = 0; p < PROCESSES; p++) {
            children[p] = fork();
            if (children[p] != 0) continue;
            explaint_error error = {0};
            explaint_ledger *ledger = NULL;
            explaint_units units = {0};
            close(gate[1]);
            char byte;
            if (read(gate[0], &byte, 1) != 0)
                _exit(1); /* all start when the gate closes, on a file that is not there */
            explaint_status status = explaint_ledger_open(path, true, &ledger, &error);
            if (status == EXPLAINT_OK) status = explaint_ledger_begin(ledger, IDENTITY_1, true, &units, &error);
            for (size_t i = 0; status == EXPLAINT_OK && i < UNITS; i++) {
                bool stored = false;
                if (!whole(&units, i, &stored)) _exit(3);
                if (!stored) status = keep(&units, i, &error);
            }
            if (status == EXPLAINT_OK) status = explaint_ledger_finish(ledger, &sample_result.record, &error);
            if (status != EXPLAINT_OK) fprintf(stderr, "%s\n", error.message);
            explaint_ledger_close(ledger);
            _exit((int)status);
        }
        close(gate[0]);
        close(gate[1]);
        for (int p = 0; p < PROCESSES; p++) {
            int status = 0;
            waitpid(children[p], &status, 0);
            assert_int_equal(status, 0);
        }
        check(path, "PRAGMA integrity_check", "ok");
        check(path, "SELECT count(*) || ' ' || max(units) FROM runs", "1 60");
        check(path, "SELECT count(*) FROM results", "4");
        check(path, "SELECT count(*) FROM assumptions", "2");
    }
}

static void set_limit(rlim_t bytes) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* A file that may not grow stands for a full disk: the write fails with EFBIG rather than ENOSPC. */
static void a_full_disk(void **unused) {
    (void)unused;
    const char *path = fresh("full");
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t limit = 0; limit < 400000; limit += limit < 20000 ? 2000 : 46000) {
        explaint_error error = {0};
        explaint_ledger *ledger = NULL;
        explaint_units units = {0};
        path = fresh("full");
        set_limit(limit);
        size_t stored = 0;
        explaint_status status = explaint_ledger_open(path, true, &ledger, &error);
        if (status == EXPLAINT_OK) status = explaint_ledger_begin(ledger, IDENTITY_1, true, &units, &error);
        while (status == EXPLAINT_OK && stored < 30 && (status = keep(&units, stored, &error)) == EXPLAINT_OK) stored++;
        explaint_error second = {0};
        if (status != EXPLAINT_OK && ledger != NULL && units.self != NULL) /* a second failure is one too */
            assert_int_equal(explaint_ledger_finish(ledger, &sample_result.record, &second) == EXPLAINT_OK
                                 ? EXPLAINT_FAILED
                                 : second.code,
                             EXPLAINT_FAILED);
        explaint_ledger_close(ledger);
        set_limit(RLIM_INFINITY);
        assert_int_equal(status, EXPLAINT_FAILED);
        if (strstr(error.message, "disk is full") == NULL) fail_msg("limit %zu: %s", (size_t)limit, error.message);

        ledger = open_ledger(path); /* space again: what was stored is there, and the run goes on */
        ok(explaint_ledger_begin(ledger, IDENTITY_1, true, &units, &error), &error);
        assert_int_equal(explaint_ledger_n_units(ledger), stored);
        bool is = false;
        for (size_t i = 0; i < stored; i++) assert_true(whole(&units, i, &is) && is);
        ok(keep(&units, stored, &error), &error);
        ok(explaint_ledger_finish(ledger, &sample_result.record, &error), &error);
        explaint_ledger_close(ledger);
        check(path, "PRAGMA integrity_check", "ok");
    }
}

static void the_cost_of_a_unit(void **unused) {
    (void)unused;
    explaint_error error = {0};
    explaint_ledger *ledger = open_ledger(fresh("cost"));
    explaint_units units = {0};
    ok(explaint_ledger_begin(ledger, IDENTITY_1, true, &units, &error), &error);
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (size_t i = 0; i < 200; i++) ok(keep(&units, i, &error), &error);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%.2f ms a unit of 30 kB, on the disk\n",
           ((double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6) / 200);
    explaint_ledger_close(ledger);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_any_moment),
        cmocka_unit_test(processes_share_a_run),
        cmocka_unit_test(a_full_disk),
        cmocka_unit_test(the_cost_of_a_unit),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}

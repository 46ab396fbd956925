/* attend in a ledger: whole or resumed, after a stop, a kill or damaged units, the same bytes. */
#include "support/models.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <time.h>

#include "explaint/attend.h"
#include "explaint/ledger.h"

enum { MOST = 1 << 21, KILLS = 12 };

static const char vocabulary[] =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\nq\nr\ns\nt\n";
static const char few[] = "a b c d e f g\nh i j k l m\nq r s t a b c d\na b c\n";

typedef struct audit {
    explaint_model *model;
    explaint_tokenizer *tokenizer;
    explaint_texts *texts, *fit_texts;
    explaint_attend_options options;
} audit;

static audit open_audit(void) {
    audit a = {.options = explaint_attend_defaults()};
    explaint_error error = {0};
    char fit[4096] = "";
    for (int i = 0; i < 60; i++)
        snprintf(fit + strlen(fit), 64, "%c %c b %c d q\n", 'a' + i % 20, 'c' + i % 17, 'b' + i % 13);
    if (explaint_model_open(models_golden("bert-gelu"), NULL, &a.model, &error) != EXPLAINT_OK ||
        explaint_tokenizer_open(files_text("vocab.txt", vocabulary), &a.tokenizer, &error) != EXPLAINT_OK ||
        explaint_texts_open(files_text("texts.txt", few), &a.texts, &error) != EXPLAINT_OK ||
        explaint_texts_open(files_text("fit.txt", fit), &a.fit_texts, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    a.options.measures = "all";
    a.options.g = "identity,linear,mlp";
    a.options.fit_texts = a.fit_texts;
    a.options.threads = 2;
    return a;
}

static void close_audit(audit *a) {
    explaint_model_close(a->model);
    explaint_tokenizer_close(a->tokenizer);
    explaint_texts_close(a->texts);
    explaint_texts_close(a->fit_texts);
}

static char *text_of(const explaint_record *record) {
    explaint_error error = {0};
    char *text = calloc(1, MOST);
    FILE *file = fmemopen(text, MOST, "w");
    assert_non_null(file);
    assert_int_equal(explaint_record_write_json(record, file, &error), EXPLAINT_OK);
    assert_int_equal(fclose(file), 0);
    return text;
}

/* Without a ledger. */
static char *whole(const audit *a) {
    explaint_attend_result *result = NULL;
    explaint_error error = {0};
    if (explaint_attend(a->model, a->tokenizer, a->texts, &a->options, &result, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    char *text = text_of(&result->record);
    explaint_attend_free(result);
    return text;
}

/* Goes on with the run of the ledger; the document, NULL: it was stopped. */
static char *resume(const audit *a, const char *path, size_t *n_units, explaint_error *error) {
    explaint_attend_plan *plan = NULL;
    explaint_ledger *ledger = NULL;
    explaint_units units = {0};
    explaint_attend_result *result = NULL;
    char *text = NULL;
    explaint_status status = explaint_attend_prepare(a->model, a->tokenizer, a->texts, &a->options, &plan, error);
    if (status == EXPLAINT_OK) status = explaint_ledger_open(path, true, &ledger, error);
    if (status == EXPLAINT_OK)
        status = explaint_ledger_begin(ledger, explaint_attend_plan_identity(plan), true, &units, error);
    if (status == EXPLAINT_OK) status = explaint_attend_plan_run(plan, &units, &result, error);
    if (status == EXPLAINT_OK) status = explaint_ledger_finish(ledger, &result->record, error);
    if (status == EXPLAINT_OK) text = text_of(&result->record);
    if (n_units != NULL) *n_units = ledger != NULL ? explaint_ledger_n_units(ledger) : 0;
    if (status == EXPLAINT_OK) assert_int_equal(explaint_ledger_n_units(ledger), explaint_attend_plan_n_units(plan));
    explaint_attend_plan_close(plan); /* a result outlives its plan */
    explaint_attend_free(result);
    explaint_ledger_close(ledger);
    return text;
}

static void stored_is(const char *path, const char *document) {
    explaint_error error = {0};
    explaint_ledger *ledger = NULL;
    explaint_record *record = NULL;
    assert_int_equal(explaint_ledger_open(path, false, &ledger, &error), EXPLAINT_OK);
    assert_int_equal(explaint_ledger_record(ledger, 0, &record, &error), EXPLAINT_OK);
    assert_ptr_equal(record->kind, &explaint_attend_kind);
    char *text = text_of(record);
    assert_string_equal(text, document);
    free(text);
    explaint_record_free(record);
    explaint_ledger_close(ledger);
}

typedef struct patience {
    size_t reports, most;
} patience;

static bool is_patient(void *self, const char *stage, double done, double total) {
    patience *p = self;
    (void)stage;
    assert_true(done >= -1e-9 && done <= total + 1e-9);
    return p->reports++ < p->most;
}

static void a_stopped_run_goes_on(void **state) {
    (void)state;
    audit a = open_audit();
    char *document = whole(&a), *text = NULL;
    const char *path = files_path("stopped.db");
    size_t stops = 0, units = 0, grew = 0;
    for (patience p = {0}; text == NULL; p.most += 3, stops++) {
        explaint_error error = {0};
        const explaint_progress progress = {&p, is_patient};
        size_t before = units;
        p.reports = 0;
        a.options.progress = &progress;
        text = resume(&a, path, &units, &error);
        if (text == NULL && error.code != EXPLAINT_INTERRUPTED) fail_msg("%s", error.message);
        assert_true(units >= before);
        grew += units > before;
        assert_true(stops < 1000);
    }
    assert_true(stops > 3 && grew > 2);
    assert_string_equal(text, document);
    stored_is(path, document);
    free(text);
    a.options.progress = NULL;
    text = resume(&a, path, NULL, NULL); /* all is there: nothing but reading */
    assert_string_equal(text, document);
    free(text);
    free(document);
    close_audit(&a);
}

static void killed_at_any_moment(void **state) {
    (void)state;
    audit a = open_audit();
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    char *document = whole(&a);
    clock_gettime(CLOCK_MONOTONIC, &after);
    const double seconds = (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec);
    unsigned seed = 20261129;
    size_t killed = 0;
    for (int kill_number = 0; kill_number < KILLS; kill_number++) {
        char name[32];
        snprintf(name, sizeof name, "killed-%d.db", kill_number % 3); /* several kills of one run, too */
        const char *path = files_path(name);
        pid_t child = fork();
        if (child == 0) {
            explaint_error error = {0};
            _exit(resume(&a, path, NULL, &error) == NULL);
        }
        seed = seed * 1103515245u + 12345u;
        const double wait = seconds * (double)(seed >> 8 & 0xffff) / 0xffff;
        nanosleep(&(struct timespec){(time_t)wait, (long)(1e9 * (wait - (double)(time_t)wait))}, NULL);
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        killed += WIFSIGNALED(status);
    }
    printf("%zu of %d killed, in %.2f s\n", killed, KILLS, seconds);
    for (int k = 0; k < 3; k++) {
        char name[32];
        explaint_error error = {0};
        snprintf(name, sizeof name, "killed-%d.db", k);
        char *text = resume(&a, files_path(name), NULL, &error);
        if (text == NULL) fail_msg("%s", error.message);
        assert_string_equal(text, document);
        stored_is(files_path(name), document);
        free(text);
    }
    free(document);
    close_audit(&a);
}

static void sql(const char *path, const char *text) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) fail_msg("%s: %s", text, sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* Units that are cut, empty, of another text, or gone are made again, in any number. */
static void damaged_units_are_made_again(void **state) {
    (void)state;
    static const char *const damages[] = {
        "UPDATE unit SET bytes = x''",
        "UPDATE unit SET bytes = substr(bytes, 1, length(bytes) - 1) WHERE key LIKE 'text/%'",
        "UPDATE unit SET bytes = (SELECT bytes FROM unit WHERE key = 'text/0') WHERE key IN ('text/1', 'judged/0')",
        "UPDATE unit SET bytes = zeroblob(length(bytes)) WHERE key LIKE 'layer/%'",
        /* no row has a rank: readable, and those of other rows */
        "UPDATE unit SET bytes = CAST(substr(bytes, 1, length(bytes) / 2) || zeroblob(length(bytes) - length(bytes) / "
        "2) "
        "AS BLOB) WHERE key LIKE 'layer/%'",
        "DELETE FROM unit WHERE key IN ('layer/1', 'recovered/2', 'text/2')",
        "DELETE FROM unit WHERE key LIKE 'recovered/%'",
        "UPDATE unit SET bytes = zeroblob(length(bytes)) WHERE key LIKE 'flow/%'",
        "UPDATE unit SET bytes = (SELECT bytes FROM unit WHERE key = 'flow/0') WHERE key = 'flow/1'",
    };
    audit a = open_audit();
    char *document = whole(&a);
    const char *path = files_path("damaged.db");
    free(resume(&a, path, NULL, NULL));
    for (size_t k = 0; k < sizeof damages / sizeof *damages; k++) {
        explaint_error error = {0};
        sql(path, damages[k]);
        char *text = resume(&a, path, NULL, &error);
        if (text == NULL) fail_msg("%s: %s", damages[k], error.message);
        if (strcmp(text, document) != 0) fail_msg("%s: another document", damages[k]);
        free(text);
        sql(path, "DELETE FROM unit"); /* the first to store a unit wins: damaged ones stay */
        free(resume(&a, path, NULL, NULL));
    }
    free(document);
    close_audit(&a);
}

/* Of other texts or options it is another run, and an unfinished one is not taken for it. */
static void another_run_is_not_resumed(void **state) {
    (void)state;
    audit a = open_audit();
    explaint_error error = {0};
    patience p = {0, 2};
    const explaint_progress progress = {&p, is_patient};
    const char *path = files_path("other.db");
    a.options.progress = &progress;
    assert_null(resume(&a, path, NULL, &error));
    a.options.progress = NULL;
    a.options.share = .8;
    assert_null(resume(&a, path, NULL, &error));
    assert_int_equal(error.code, EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "setting share was 0.9, now 0.8"));
    close_audit(&a);
}

static void a_plan_runs_once(void **state) {
    (void)state;
    audit a = open_audit();
    explaint_error error = {0};
    explaint_attend_plan *plan = NULL;
    explaint_attend_result *result = NULL, *second = NULL;
    assert_int_equal(explaint_attend_prepare(a.model, a.tokenizer, a.texts, &a.options, &plan, &error), EXPLAINT_OK);
    assert_int_equal(explaint_attend_plan_run(plan, NULL, &result, &error), EXPLAINT_OK);
    assert_int_equal(explaint_attend_plan_run(plan, NULL, &second, &error), EXPLAINT_USAGE);
    assert_null(second);
    explaint_attend_free(result);
    explaint_attend_plan_close(plan);
    close_audit(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_stopped_run_goes_on, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(killed_at_any_moment, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(damaged_units_are_made_again, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(another_run_is_not_resumed, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(a_plan_runs_once, files_setup, files_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

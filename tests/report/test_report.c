/* The report of made-up documents against goldens, from documents and from a ledger; what is refused; failing writes and
 * allocations. The goldens are what the program printed, read by eye; anew in golden/ with
 *     explaint report --markdown plain.json hostile.json --components all > report.md     (--latex: report.tex)
 *     explaint report --markdown plain.json attention.json --components all > attention.md     (--latex: attention.tex)
 *     explaint report --markdown relation.json --all > relation.md     (--latex: relation.tex)
 *     explaint report --markdown layers.json hostile.json plain.json attention.json relation.json > page.md     (--latex: page.tex)
 */
#include "support/files.h"

#include "base/memory.h"
#include "explaint/ledger.h"
#include "explaint/report.h"
#include "store/sample.h"

static const explaint_report_options markdown = {.format = "markdown", .all_components = true};
static const explaint_report_options latex = {.format = "latex", .all_components = true};

static int enter_goldens(void **state) { /* paths are in the report */
    return files_setup(state) || chdir(EXPLAINT_SOURCE_DIR "/tests/report/golden");
}

/* The report as text, NULL where there is none. */
static char *report(const char *const *paths, size_t n, const explaint_report_options *options, explaint_status *status,
                    explaint_error *error) {
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    *error = (explaint_error){0};
    *status = explaint_report_write(paths, n, options, out, error);
    fclose(out);
    if (*status == EXPLAINT_OK) return written;
    assert_int_equal(size, 0); /* nothing on stdout after an error */
    assert_int_equal(error->code, *status);
    assert_null(strpbrk(error->message, "\n\x1b"));
    free(written);
    return NULL;
}

static char *good(const char *const *paths, size_t n, const explaint_report_options *options) {
    explaint_error error;
    explaint_status status;
    char *text = report(paths, n, options, &status, &error);
    if (text == NULL) fail_msg("%s", error.message);
    return text;
}

static void refused(const char *path, const explaint_report_options *options, explaint_status expected,
                    const char *says) {
    explaint_error error;
    explaint_status status;
    free(report(&path, 1, options, &status, &error));
    assert_int_equal(status, expected);
    assert_contains(error.message, says);
    assert_contains(error.message, path);
}

static void documents_give_the_goldens(void **state) {
    (void)state;
    static const char *const paths[][2] = {
        {"plain.json", "hostile.json"}, {"plain.json", "attention.json"}, {"relation.json"}};
    static const char *const goldens[] = {"report.md",     "report.tex",  "attention.md",
                                          "attention.tex", "relation.md", "relation.tex"};
    for (int i = 0; i < 6; i++) {
        char *text = good(paths[i / 2], i / 2 == 2 ? 1 : 2, i % 2 == 0 ? &markdown : &latex);
        char *expected = files_slurp(goldens[i], NULL);
        assert_non_null(expected);
        assert_string_equal(text, expected);
        free(text);
        free(expected);
    }
    static const char *const page[] = {"layers.json", "hostile.json", "plain.json", "attention.json", "relation.json"};
    for (int i = 0; i < 2; i++) {
        char *text = good(page, 5, i == 0 ? NULL : &(explaint_report_options){.format = "latex"});
        char *expected = files_slurp(i == 0 ? "page.md" : "page.tex", NULL);
        assert_non_null(expected);
        assert_string_equal(text, expected);
        free(text);
        free(expected);
    }
    static const char *const alone[] = {"attention.json", "attention.json"};
    char *text = good(alone, 2, &markdown);
    assert_int_equal(strncmp(text, "# Attention, layer by layer\n", 28), 0);
    assert_contains(text, "- A: the same document is in attention.json; printed once.");
    assert_null(strstr(text, "Property inference"));
    free(text);
}

/* Every layer's line has its own numbers, and those that all layers share; what no layer has keeps a line. */
static void layers_have_their_own_numbers(void **state) {
    (void)state;
    static const char *const paths[] = {"layers.json"};
    char *text = good(paths, 1, &markdown);
    assert_contains(text, "| A, PLSR, layer 3, c = 25 | .310 [.290, .330] | .500 [.480, .520] | .110 [.090, .130] |");
    assert_contains(text, "| A, PLSR, layer 7, c = 25 | .420 [.400, .440] | .500 [.480, .520] | .220 [.200, .240] |");
    assert_contains(text, "| A, PLSR, c = 50          |                 – | .600 [.580, .620] |");
    assert_null(strstr(text, "| A, PLSR, c = 25"));
    assert_contains(text, "layer 3, c = 25 | .130 [.110, .150] | .120 [.100, .140] |   .310 | .330 | −.020");
    assert_contains(text, "layer 7, c = 25 | .130 [.110, .150] | .120 [.100, .140] |   .420 | .410 |  .010");
    assert_contains(text,
                    "| A, layer 3 | information | supported |  25 | E3         |   – |   .050 [.040, .060] | .020 |");
    assert_contains(text,
                    "| A, layer 7 | information | supported |  25 | E3         |   – |   .050 [.040, .060] | .010 |");
    assert_contains(text, "**A, layer 7, information: supported.** Text of layer 7.");
    const char *left_out = strstr(text, "A: mcrae, F1@10, upper: concepts without a value");
    assert_non_null(left_out); /* of a column that layers share it is said once */
    assert_null(strstr(left_out + 1, "A: mcrae, F1@10, upper: concepts without a value"));
    free(text);
}

/* Without --all: the answer, a line with all that decides, the warning, the source; nothing of the paper's columns. */
static void a_report_is_a_page(void **state) {
    (void)state;
    static const char *const paths[] = {"plain.json"};
    char *text = good(paths, 1, NULL);
    assert_contains(text, "**A.** These vectors know more about these properties than which group");
    assert_contains(text, "| A, PLSR | .677 [.665, .689] | .219 | .295 |");
    assert_contains(text, "supported   | not supported |");
    assert_contains(text, "- A: 9 concepts share a vector.");
    assert_null(strstr(text, "shuffle-upper"));
    size_t lines = 0;
    for (const char *at = text; *at != 0; at++) lines += *at == '\n';
    assert_true(lines < 50);
    free(text);
}

static void the_verdicts_count_is_the_default(void **state) {
    (void)state;
    static const char *const paths[] = {"plain.json"};
    const size_t fifty = 50, none = 7;
    char *text = good(paths, 1, &(explaint_report_options){.all = true});
    assert_contains(text, "A, PLSR, c = 25 |");
    assert_null(strstr(text, "A, PLSR, c = 50 |"));
    free(text);
    text = good(paths, 1, &(explaint_report_options){.components = &fifty, .n_components = 1});
    assert_contains(text, "A, PLSR, c = 50 |");
    assert_null(strstr(text, "A, PLSR, c = 25 |"));
    free(text);
    text = good(paths, 1, &(explaint_report_options){.components = &none, .n_components = 1});
    assert_contains(text, "the run has none of these columns");
    assert_null(strstr(text, "A, PLSR, c ="));
    free(text);
}

/* ---- ledgers ---- */

static explaint_ledger *open_new(const char *path) {
    explaint_error error = {0};
    explaint_ledger *ledger = NULL;
    assert_int_equal(explaint_ledger_open(path, true, &ledger, &error), EXPLAINT_OK);
    return ledger;
}

static void begin(explaint_ledger *ledger, const char *identity) {
    explaint_error error = {0};
    explaint_units units = {0};
    assert_int_equal(explaint_ledger_begin(ledger, identity, false, &units, &error), EXPLAINT_OK);
    assert_int_equal(units.keep(units.self, "unit", "bytes", 5, &error), EXPLAINT_OK);
}

/* Runs 1 and 3 finished, 2 and 4 not. */
static const char *make_ledger(void) {
    explaint_error error = {0};
    const char *path = files_path("runs.db");
    explaint_ledger *ledger = open_new(path);
    explaint_result other = sample_result;
    other.signature = "another";
    for (int i = 0; i < 2; i++) {
        begin(ledger, SAMPLE_IDENTITY(SHA_A, "1"));
        assert_int_equal(explaint_ledger_finish(ledger, i == 0 ? &sample_result.record : &other.record, &error),
                         EXPLAINT_OK);
        begin(ledger, SAMPLE_IDENTITY(SHA_A, "2"));
    }
    explaint_ledger_close(ledger);
    return path;
}

static void a_ledger_gives_its_finished_runs(void **state) {
    (void)state;
    const char *path = make_ledger();
    char *text = good(&path, 1, &markdown);
    assert_contains(text, "**A** is run 1 of ");
    assert_contains(text, "**B** is run 3 of ");
    assert_null(strstr(text, "**C**"));
    assert_contains(text, "- Left out: run 2 of ");
    assert_contains(text, "is not finished (1 units stored).");
    assert_contains(text, "| .267 [.256, .278] |");
    free(text);
    const size_t third = 3, second = 2, seventh = 7;
    text = good(&path, 1, &(explaint_report_options){.runs = &third, .n_runs = 1});
    assert_contains(text, "**A** is run 3 of ");
    assert_null(strstr(text, "run 1 of"));
    assert_null(strstr(text, "Left out"));
    free(text);
    refused(path, &(explaint_report_options){.runs = &second, .n_runs = 1}, EXPLAINT_INVALID, "run 2 is not finished");
    refused(path, &(explaint_report_options){.runs = &seventh, .n_runs = 1}, EXPLAINT_USAGE, "no run 7");
}

static void a_document_is_printed_once(void **state) {
    (void)state;
    explaint_error error = {0};
    const char *ledger = make_ledger(), *document = files_path("run.json");
    FILE *out = fopen(document, "w");
    assert_non_null(out);
    assert_int_equal(explaint_record_write_json(&sample_result.record, out, &error), EXPLAINT_OK);
    fclose(out);
    char *from_ledger = good(&ledger, 1, &(explaint_report_options){.runs = (size_t[]){1}, .n_runs = 1});
    char *from_document = good(&document, 1, &(explaint_report_options){.format = "markdown"});
    char *place = strstr(from_ledger, "**A** is"), *same = strstr(from_document, "**A** is");
    assert_true(place - from_ledger == same - from_document);
    assert_memory_equal(from_ledger, from_document, (size_t)(place - from_ledger));
    assert_string_equal(strchr(place, '\n'), strchr(same, '\n'));
    free(from_ledger);
    free(from_document);
    char *both = good((const char *const[]){document, ledger}, 2, &markdown);
    assert_contains(both, "- A: the same document is in run 1 of ");
    assert_contains(both, "**B** is run 3 of ");
    free(both);
    explaint_status status;
    const explaint_report_options first = {.runs = (size_t[]){1}, .n_runs = 1};
    free(report((const char *const[]){document, ledger}, 2, &first, &status, &error));
    assert_int_equal(status, EXPLAINT_USAGE);
    refused(document, &first, EXPLAINT_USAGE, "leave out --run");
}

static void what_is_no_result_is_refused(void **state) {
    (void)state;
    refused("none.db", &markdown, EXPLAINT_INVALID, "none.db");
    refused(files_text("empty", ""), &markdown, EXPLAINT_INVALID, "empty");
    refused(files_text("text", "norms,value\n"), &markdown, EXPLAINT_INVALID, "neither a ledger");
    refused(files_text("space", " \n "), &markdown, EXPLAINT_INVALID, "not valid JSON");
    refused(files_text("array", "[1]"), &markdown, EXPLAINT_INVALID, "neither a ledger");
    refused(files_text("cut", "{\"explaint\": \"0.1.0\","), &markdown, EXPLAINT_INVALID, "not valid JSON");
    refused(files_text("other", "{\"runs\": []}"), &markdown, EXPLAINT_INVALID, "member \"explaint\"");
    refused(files_text("partly", "{\"explaint\": \"1\", \"command\": [], \"inputs\": {}}"), &markdown, EXPLAINT_INVALID,
            "the list \"inputs\"");
    refused(files_text("embed",
                       "{\"explaint\": \"1\", \"command\": [\"embed\"], \"inputs\": [], \"settings\": {}, \"rows\": 3,"
                       " \"verdicts\": []}"),
            &markdown, EXPLAINT_INVALID, "no finished run of 'explaint infer', 'explaint attend' or 'explaint relate'");
    refused(files_text("sqlite", "SQLite format 3"), &markdown, EXPLAINT_INVALID, "sqlite");
    refused(files_folder, &markdown, EXPLAINT_INVALID, "folder");
    const char *path = files_path("none.db");
    explaint_ledger *ledger = open_new(path);
    refused(path, &markdown, EXPLAINT_INVALID, "no runs yet");
    begin(ledger, SAMPLE_IDENTITY(SHA_A, "1"));
    explaint_ledger_close(ledger);
    refused(path, &markdown, EXPLAINT_INVALID, "no finished run");
    explaint_error error = {0};
    assert_int_equal(explaint_report_write(NULL, 0, &markdown, stdout, &error), EXPLAINT_USAGE);
}

/* Nothing but the lists must be there: what is absent is a dash or nothing. */
static void an_empty_document_is_a_report(void **state) {
    (void)state;
    const char *path =
        files_text("bare.json", "{\"explaint\": 1, \"command\": [], \"inputs\": [], \"rows\": [], \"verdicts\": "
                                "[{}, 3, {\"decided_by\": \"E1\", \"assumptions\": {}}]}");
    char *text = good(&path, 1, &markdown);
    assert_contains(text, "the run has none of these columns");
    assert_contains(text, "**A** is ");
    free(text);
    free(good(&path, 1, &latex));
}

/* Of several penalties the verdict's stands in the page of tables and in the page. */
static void the_verdicts_penalty_is_shown(void **state) {
    (void)state;
#define SCORE(mapping, value)                                                                                          \
    "{\"norms\": \"n\", \"source\": \"v\", \"mapping\": \"" mapping                                                    \
    "\", \"condition\": \"system\", \"target\": \"norms\", "                                                           \
    "\"metric\": \"f1_at_10\", \"fold\": null, \"value\": " value ", \"ci\": [0.1, 0.4]}"
    const char *path = files_text(
        "penalties.json",
        "{\"explaint\": \"1\", \"command\": [\"infer\"], \"inputs\": [], \"settings\": {\"mapping\": \"ridge\", "
        "\"verdict_metric\": \"f1_at_10\"}, \"rows\": [" SCORE("ridge:1", "0.111") ", " SCORE(
            "ridge:10", "0.222") "], \"verdicts\": [{\"claim\": \"mapping\", \"mapping\": \"ridge:10\", \"verdict\": "
                                 "\"supported\"}]}");
    char *text = good(&path, 1, NULL);
    assert_contains(text, ".222 [.100, .400]");
    assert_null(strstr(text, ".111"));
    free(text);
    text = good(&path, 1, &(explaint_report_options){.format = "html"});
    assert_contains(text, "norms: 0.222 [0.100, 0.400]");
    assert_null(strstr(text, "norms: 0.111"));
    free(text);
}

static void a_full_disk_is_a_failure(void **state) {
    (void)state;
    static const char *const paths[] = {"plain.json"};
    explaint_error error = {0};
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(explaint_report_write(paths, 1, &latex, full, &error), EXPLAINT_FAILED);
    assert_contains(error.message, "No space left");
    fclose(full);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    static const char *const paths[] = {"plain.json", "hostile.json"};
    for (int i = 0; i < 2; i++) {
        char *expected = good(paths, 2, i == 0 ? &markdown : &latex);
        explaint_status status = EXPLAINT_FAILED;
        size_t n = 0, step = 1;
        while (status != EXPLAINT_OK) {
            explaint_error error;
            n += step;
            if (n > 500) step = 13; /* most of them are alike: cells and rows */
            xp_fail_allocation(n);
            char *text = report(paths, 2, i == 0 ? &markdown : &latex, &status, &error);
            xp_fail_allocation(0);
            if (status == EXPLAINT_OK) assert_string_equal(text, expected);
            if (status != EXPLAINT_OK && status != EXPLAINT_FAILED) fail_msg("allocation %zu: %s", n, error.message);
            if (status == EXPLAINT_FAILED) assert_contains(error.message, "not enough memory for");
            assert_true(n < 100000);
            free(text);
        }
        print_message("%zu allocations\n", n);
        assert_true(n > 1000);
        free(expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_give_the_goldens),
        cmocka_unit_test(layers_have_their_own_numbers),
        cmocka_unit_test(a_report_is_a_page),
        cmocka_unit_test(the_verdicts_count_is_the_default),
        cmocka_unit_test(a_ledger_gives_its_finished_runs),
        cmocka_unit_test(a_document_is_printed_once),
        cmocka_unit_test(what_is_no_result_is_refused),
        cmocka_unit_test(an_empty_document_is_a_report),
        cmocka_unit_test(the_verdicts_penalty_is_shown),
        cmocka_unit_test(a_full_disk_is_a_failure),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, enter_goldens, files_teardown);
}

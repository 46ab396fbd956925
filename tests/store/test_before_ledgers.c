/* Ledgers of earlier schemas are read, reported and compared, and what paired tests they had they keep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "explaint/explaint.h"
#include "formats/file.h"

static const char *unpacked(const char *name) {
    static char path[1024];
    char from[1024];
    explaint_error error = {0};
    xp_stream *stream = NULL;
    xp_bytes bytes = {0};
    const char *folder = getenv("TMPDIR");
    snprintf(from, sizeof from, "%s/tests/store/before/%s.db.gz", EXPLAINT_SOURCE_DIR, name);
    snprintf(path, sizeof path, "%s/explaint-%s-%ld.db", folder != NULL ? folder : "/tmp", name, (long)getpid());
    assert_int_equal(xp_stream_open(from, &stream, &error), EXPLAINT_OK);
    assert_int_equal(xp_stream_all(stream, XP_LIMIT_TABLE, &bytes, &error), EXPLAINT_OK);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
    fclose(file);
    xp_bytes_free(&bytes);
    xp_stream_close(stream);
    return path;
}

static void is_read(const char *path) {
    explaint_ledger *ledger = NULL;
    explaint_error error = {0};
    explaint_record *record = NULL;
    assert_int_equal(explaint_ledger_open(path, false, &ledger, &error), EXPLAINT_OK);
    assert_int_equal(explaint_ledger_record(ledger, 1, &record, &error), EXPLAINT_OK);
    assert_ptr_equal(record->kind, &explaint_infer_kind);
    const explaint_result *result = (const explaint_result *)record;
    assert_int_equal(result->n_verdicts, 2);
    assert_true(result->n_rows == 20 && result->rows[0].value > 0 && result->verdicts[0].assumptions[0].p > 0);
    explaint_record_free(record);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(explaint_ledger_list(ledger, false, out, &error), EXPLAINT_OK);
    assert_int_equal(explaint_ledger_show(ledger, 1, out, &error), EXPLAINT_OK);
    assert_int_equal(explaint_ledger_export(ledger, 1, "verdicts/assumptions", '.', out, &error), EXPLAINT_OK);
    const char *const lists[] = {"nulls", "concepts", "neighbours"}; /* it does not hold them, and says so */
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(explaint_ledger_export(ledger, 1, lists[i], '.', out, &error), EXPLAINT_INVALID);
        assert_non_null(strstr(error.message, "run it again with another --ledger"));
    }
    explaint_ledger_close(ledger);
    const char *const paths[] = {path};
    const explaint_report_options all = {.all = true};
    assert_int_equal(explaint_report_write(paths, 1, &all, out, &error), EXPLAINT_OK);
    assert_int_equal(explaint_report_write(paths, 1, NULL, out, &error), EXPLAINT_OK);
    fclose(out);
    assert_non_null(strstr(text, "verdict on information"));
    assert_non_null(strstr(text, "Where the numbers come from"));
    assert_non_null(strstr(text, "these properties")); /* the answer, which no document of before has */
    free(text);
}

static void is_compared(const char *path, size_t rows, bool paired_rows, size_t paired_assumptions) {
    explaint_compare_options options = explaint_compare_defaults();
    explaint_comparison *c = NULL;
    explaint_error error = {0};
    options.ledger = path;
    assert_int_equal(explaint_compare("1", "2", &options, &c, &error), EXPLAINT_OK);
    assert_int_equal(c->n_rows, rows);
    for (size_t i = 0; i < c->n_rows; i++)
        assert_int_equal(c->rows[i].paired.paired, paired_rows); /* every metric that the version had */
    size_t paired = 0;
    for (size_t v = 0; v < c->n_verdicts; v++)
        for (size_t i = 0; i < c->verdicts[v].n_assumptions; i++) paired += c->verdicts[v].assumptions[i].paired.paired;
    assert_int_equal(paired, paired_assumptions);
    explaint_comparison_free(c);
}

/* Of development: without columns for adjusted p, the detectable effect and layers. */
static void the_first_schema(void **unused) {
    (void)unused;
    const char *path = unpacked("schema-1");
    is_read(path);
    is_compared(path, 19, false,
                0); /* it kept no names of concepts, and kNN on the norms had no neighbours among inputs */
    remove(path);
}

static void version_0_1(void **unused) {
    (void)unused;
    const char *path = unpacked("schema-2");
    is_read(path);
    is_compared(path, 20, true, 0); /* its tests are of a score */
    remove(path);
}

static void the_version_between(void **unused) {
    (void)unused;
    const char *path = unpacked("schema-3");
    is_read(path);
    is_compared(path, 20, true, 0);
    remove(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_schema), cmocka_unit_test(version_0_1),
                                       cmocka_unit_test(the_version_between)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

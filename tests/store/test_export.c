/* The document and the CSV against goldens, failing writes, failing allocations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_read.h"
#include "base/memory.h"
#include "explaint/ledger.h"
#include "store/sample.h"

static char *slurp(const char *name, size_t *length) {
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/store/golden/%s", EXPLAINT_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = calloc(1, 1 << 20);
    assert_non_null(bytes);
    *length = fread(bytes, 1, (1 << 20) - 1, file);
    fclose(file);
    return bytes;
}

static explaint_status write_json(const explaint_result *result, FILE *out, explaint_error *error) {
    return explaint_record_write_json(&result->record, out, error);
}
static explaint_status write_csv(const explaint_result *result, FILE *out, explaint_error *error) {
    return explaint_record_write_csv(&result->record, NULL, '.', out, error);
}
typedef explaint_status (*write_fn)(const explaint_result *, FILE *, explaint_error *);

static void matches(write_fn function, const char *golden) {
    explaint_error error = {0};
    char *written = NULL;
    size_t size = 0, length = 0;
    FILE *out = open_memstream(&written, &size);
    assert_int_equal(function(&sample_result, out, &error), EXPLAINT_OK);
    fclose(out);
    char *expected = slurp(golden, &length);
    assert_string_equal(written, expected);
    assert_int_equal(size, length);
    free(expected);
    free(written);
}

static void json_is_the_golden(void **unused) {
    (void)unused;
    matches(write_json, "document.json");
}

static void csv_is_the_golden(void **unused) {
    (void)unused;
    matches(write_csv, "rows.csv");
}

static void an_empty_result_is_a_document(void **unused) {
    (void)unused;
    explaint_result empty = {.record = {&explaint_infer_kind}, .version = "0.1.0", .chance = NAN, .ceiling = NAN};
    explaint_error error = {0};
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    assert_int_equal(explaint_record_write_json(&empty.record, out, &error), EXPLAINT_OK);
    fclose(out);
    xp_value *document = xp_value_parse(written, size, NULL, &error);
    assert_non_null(document);
    static const char *const keys[] = {"explaint", "command", "inputs", "settings", "dropped",
                                       "norms",    "rows",    "lints",  "verdicts"};
    size_t i = 0;
    for (void *at = xp_value_first(document); at != NULL; at = xp_value_next(document, at))
        assert_string_equal(xp_value_key(at), keys[i++]);
    assert_int_equal(i, 9);
    xp_value_free(document);
    free(written);
}

static void a_full_disk_is_a_failure(void **unused) {
    (void)unused;
    write_fn functions[] = {write_json, write_csv};
    for (size_t i = 0; i < 2; i++) {
        explaint_error error = {0};
        FILE *full = fopen("/dev/full", "w");
        assert_non_null(full);
        assert_int_equal(functions[i](&sample_result, full, &error), EXPLAINT_FAILED);
        assert_non_null(strstr(error.message, "No space left"));
        assert_int_equal(functions[i](&sample_result, full, NULL), EXPLAINT_FAILED);
        fclose(full);
        FILE *read_only = fopen("/dev/null", "r");
        assert_int_equal(functions[i](&sample_result, read_only, &error), EXPLAINT_FAILED);
        fclose(read_only);
    }
}

static void a_setting_that_is_no_json_is_refused(void **unused) {
    (void)unused;
    const explaint_setting settings[] = {{"seed", "1, \"x\": 2"}};
    explaint_result result = sample_result;
    result.settings = settings;
    result.n_settings = 1;
    explaint_error error = {0};
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    assert_int_equal(explaint_record_write_json(&result.record, out, &error), EXPLAINT_FAILED);
    assert_non_null(strstr(error.message, "seed"));
    fclose(out);
    assert_int_equal(size, 0);
    free(written);
}

static void every_allocation_may_fail(void **unused) {
    (void)unused;
    write_fn functions[] = {write_json, write_csv};
    for (size_t i = 0; i < 2; i++) {
        explaint_status status = EXPLAINT_FAILED;
        size_t n = 0;
        while (status != EXPLAINT_OK && n < 1000) {
            explaint_error error = {0};
            char *written = NULL;
            size_t size = 0;
            FILE *out = open_memstream(&written, &size);
            xp_fail_allocation(++n);
            status = functions[i](&sample_result, out, &error);
            xp_fail_allocation(0);
            fclose(out);
            assert_true(status == EXPLAINT_OK || (status == EXPLAINT_FAILED && size == 0));
            if (status != EXPLAINT_OK) assert_non_null(strstr(error.message, "memory"));
            free(written);
        }
        assert_true(n > 1 && n < 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_the_golden),
        cmocka_unit_test(csv_is_the_golden),
        cmocka_unit_test(an_empty_result_is_a_document),
        cmocka_unit_test(a_full_disk_is_a_failure),
        cmocka_unit_test(a_setting_that_is_no_json_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Texts from files: what a file may be encoded in, and what is refused. */
#include "support/files.h"

#include "text/texts.h"

static explaint_texts *open_texts(const char *name, const char *bytes, size_t size) {
    explaint_error error = {0};
    explaint_texts *t = NULL;
    if (explaint_texts_open(files_write(name, bytes, size), &t, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return t;
}

static void check(const char *name, const char *bytes, size_t size, const char *first, size_t n_notes) {
    explaint_texts *t = open_texts(name, bytes, size);
    size_t length = 0;
    assert_int_equal(explaint_texts_n(t), 2);
    assert_string_equal(explaint_texts_text(t, 0, &length), first);
    assert_int_equal(length, strlen(first));
    assert_int_equal(explaint_texts_n_notes(t), n_notes);
    explaint_texts_close(t);
}
#define CHECK(name, bytes, first, n_notes) check(name, bytes, sizeof(bytes) - 1, first, n_notes)

/* As editors of Windows write them, a JSON list as well as lines. */
static void encodings(void **state) {
    (void)state;
    CHECK("a.txt", "the bird\r\nx\r\n", "the bird", 0);
    CHECK("a.txt", "\xef\xbb\xbfthe bird\nx\n", "the bird", 0);
    CHECK("a.json", "[\"the bird\", \"x\"]", "the bird", 0);
    CHECK("a.json", "\xef\xbb\xbf[\"the bird\", \"x\"]", "the bird", 0);
    CHECK("a.json", "[\"V\xf6gel\", \"x\"]", "V\xc3\xb6gel", 1);
}

static void refuse(const char *name, const char *bytes, size_t size, const char *part) {
    explaint_error error = {0};
    explaint_texts *t = NULL;
    assert_int_equal(explaint_texts_open(files_write(name, bytes, size), &t, &error), EXPLAINT_INVALID);
    assert_null(t);
    if (strstr(error.message, part) == NULL) fail_msg("expected \"%s\", found \"%s\"", part, error.message);
}
#define REFUSE(name, bytes, part) refuse(name, bytes, sizeof(bytes) - 1, part)

static void refused(void **state) {
    (void)state;
    REFUSE("a.json", "\xff\xfe[\0\"\0x\0\"\0]\0", "UTF-16");
    REFUSE("a.json", "{\"a\": 1}", "expected a JSON list of strings");
    REFUSE("a.json", "[\"a\", 1]", "item 1, counted from 0: expected a string");
    REFUSE("a.json", "\xef\xbb\xbf", "empty but for a byte order mark");
    REFUSE("a.json", "[]", "at least one text");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(encodings, files_setup, files_teardown),
                                       cmocka_unit_test_setup_teardown(refused, files_setup, files_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

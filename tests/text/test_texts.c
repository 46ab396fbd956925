/* Texts of a file, of standard input and of the caller: the same texts, and the same hash. */
#include "support/files.h"

#include "explaint/texts.h"

static const char *const three[] = {"A dog barks.", "", "Zwei \xc3\xa4ltere Hunde"};
static const char lines[] = "A dog barks.\n\nZwei \xc3\xa4ltere Hunde\n";

static void are_the_three(const explaint_texts *texts, const char *path) {
    assert_int_equal(explaint_texts_n(texts), 3);
    for (size_t i = 0; i < 3; i++) {
        size_t length;
        assert_string_equal(explaint_texts_text(texts, i, &length), three[i]);
        assert_int_equal(length, strlen(three[i]));
    }
    assert_string_equal(explaint_texts_path(texts), path);
    /* sha256sum of the three lines */
    assert_string_equal(explaint_texts_sha256(texts),
                        "7555e50624f70ff1d83f076287c5637889707b6df1b35ddc40e0192be07b7224");
    assert_int_equal(explaint_texts_n_notes(texts), 0);
}

static void read_standard_input(const char *content, size_t size, explaint_texts **texts, explaint_status expected,
                                explaint_error *error) {
    files_write("in", content, size);
    const int before = dup(0);
    FILE *in = fopen(files_path("in"), "rb");
    assert_non_null(in);
    assert_true(dup2(fileno(in), 0) == 0);
    assert_int_equal(explaint_texts_open("-", texts, error), expected);
    assert_true(dup2(before, 0) == 0);
    close(before);
    fclose(in);
}

static void three_ways_give_the_same(void **unused) {
    (void)unused;
    explaint_error error = {0};
    explaint_texts *texts = NULL;
    files_write("three", lines, sizeof lines - 1);
    assert_int_equal(explaint_texts_open(files_path("three"), &texts, &error), EXPLAINT_OK);
    are_the_three(texts, files_path("three"));
    explaint_texts_close(texts);
    assert_int_equal(explaint_texts_of(three, 3, &texts, &error), EXPLAINT_OK);
    are_the_three(texts, "--text");
    explaint_texts_close(texts);
    read_standard_input(lines, sizeof lines - 1, &texts, EXPLAINT_OK, &error);
    are_the_three(texts, "standard input");
    explaint_texts_close(texts);
}

static void what_is_no_text_is_refused(void **unused) {
    (void)unused;
    static const char *const broken[] = {"a", "b\xff"};
    explaint_error error = {0};
    explaint_texts *texts = NULL;
    assert_int_equal(explaint_texts_of(three, 0, &texts, &error), EXPLAINT_INVALID);
    assert_int_equal(explaint_texts_of(broken, 2, &texts, &error), EXPLAINT_INVALID);
    assert_string_equal(error.message, "--text: text 1, counted from 0: expected UTF-8");
    read_standard_input("", 0, &texts, EXPLAINT_INVALID, &error);
    assert_string_equal(error.message, "standard input: the file is empty");
    assert_null(texts);
    const int before = dup(0);
    close(0);
    assert_int_equal(explaint_texts_open("-", &texts, &error), EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "standard input: cannot be opened"));
    assert_true(dup2(before, 0) == 0);
    close(before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(three_ways_give_the_same, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_text_is_refused, files_setup, files_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

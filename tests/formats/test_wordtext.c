#include "support/files.h"

#include "formats/wordtext.h"

/* "dog" is 0, "new york" 1, "caf\xc3\xa9" 2. */
static size_t lookup(void *context, const char *word, size_t length) {
    (void)context;
    static const char *const wanted[] = {"dog", "new york", "caf\xc3\xa9"};
    for (size_t i = 0; i < 3; i++)
        if (strlen(wanted[i]) == length && memcmp(word, wanted[i], length) == 0) return i;
    return XP_NOT_WANTED;
}

static explaint_status read_bytes(const void *bytes, size_t size, xp_wordtext *read, explaint_error *error) {
    xp_stream *stream;
    explaint_status status = xp_stream_open_memory("v.txt", bytes, size, &stream, error);
    if (status != EXPLAINT_OK) return status;
    xp_wordtext_caller caller = {.n_wanted = 3, .lookup = lookup};
    status = xp_wordtext_read(stream, &caller, read, error);
    xp_stream_close(stream);
    return status;
}

static explaint_status read_text(const char *text, xp_wordtext *read, explaint_error *error) {
    return read_bytes(text, strlen(text), read, error);
}

static void forms_of_the_same_file(void **state) {
    (void)state;
    static const char *const texts[] = {
        "the 1 2 3\ndog 0.1 -2e-3 +4\n. . . 1 1 1\n",
        "3 3\nthe 1 2 3 \ndog 0.1 -2e-3 +4 \n. . . 1 1 1 \n",
        "\xef\xbb\xbfthe\t1\t2\t3\r\ndog\t0.1\t-2e-3\t+4\r\n. . .\t1\t1\t1\r\n\r\n",
        "the 1 2 3\ndog 0.1  -2e-3   4.\nx .5 1 1",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        explaint_error error = {0};
        xp_wordtext r;
        if (read_text(texts[i], &r, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        assert_int_equal(r.n_words, 3);
        assert_int_equal(r.width, 3);
        assert_int_equal(r.n_rows, 1);
        assert_int_equal(r.row[0], 0);
        assert_int_equal(r.line[0], i == 1 ? 3 : 2);
        assert_true(r.row[1] == XP_NO_ROW);
        assert_true(r.values[0] == 0.1 && r.values[1] == -2e-3 && r.values[2] == 4);
        xp_wordtext_free(&r);
    }
}

static void words_with_spaces_and_latin1(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_wordtext r;
    assert_int_equal(read_text("a 1 2\nnew york 3 4\ncaf\xe9 5 6\n", &r, &error), EXPLAINT_OK);
    assert_int_equal(r.n_rows, 2);
    assert_true(r.values[r.row[1] * 2] == 3);
    assert_true(r.values[r.row[2] * 2 + 1] == 6);
    assert_int_equal(r.notes.count, 1);
    assert_contains(r.notes.item[0], "read as Latin-1: 1 word that is not UTF-8, the first in line 3");
    xp_wordtext_free(&r);
}

static void notes(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_wordtext r;
    assert_int_equal(read_text("a 1 2\ndog 1 2\ndog 3 4\nnew york 0 -0\n", &r, &error), EXPLAINT_OK);
    assert_int_equal(r.duplicates.count, 1);
    assert_contains(r.duplicates.item[0], "\"dog\" stands in line 2 and again in line 3");
    assert_true(r.values[0] == 1);
    assert_contains(r.notes.item[0], "\"new york\" in line 4 is zero in every place");
    xp_wordtext_free(&r);
}

static void many_duplicates(void **state) {
    (void)state;
    char text[4096] = "";
    for (size_t i = 0; i < 150; i++) strcat(text, "dog 1 2\n");
    explaint_error error = {0};
    xp_wordtext r;
    assert_int_equal(read_text(text, &r, &error), EXPLAINT_OK);
    assert_int_equal(r.duplicates.count, XP_DUPLICATES_SHOWN + 1);
    assert_contains(r.duplicates.item[XP_DUPLICATES_SHOWN], "49 more lines");
    xp_wordtext_free(&r);
}

static void one_dimension(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_wordtext r;
    assert_int_equal(read_text("5 3\n6 4\n", &r, &error), EXPLAINT_OK); /* words "5" and "6" */
    assert_int_equal(r.n_words, 2);
    assert_int_equal(r.width, 1);
    xp_wordtext_free(&r);
    assert_int_equal(read_text("2 1\ndog 3\nb 4\n", &r, &error), EXPLAINT_OK); /* a header */
    assert_int_equal(r.n_words, 2);
    xp_wordtext_free(&r);
}

static void errors(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t line;
        const char *part;
    } cases[] = {
        {"a 1 2\nb 1 2\nc 1\n", 3, "expected a word and 2 numbers, as in the first rows, found 1 after the word \"c\""},
        {"a 1 2\nb 1 2\nc 1 2 3\n", 3, "found more after the word \"c\""},
        {"a 1 2\nb 1 2\ndog 1 2 3\n", 3, "found more after the word \"dog\""},
        {"a 1 2\nb nan 2\n", 2, "value 1 of the word \"b\", found \"nan\", which is NaN"},
        {"a 1 2\ndog 1 inf\n", 2, "value 2 of the word \"dog\", found \"inf\", which is infinite"},
        {"a 1 2\nb 1 1e999\n", 2, "too large for a double"},
        {"a 1 2\nb 1 1,5\n", 2, "found \"1,5\", which is not a number"},
        {"a 1 2\nb 1 0x5\n", 2, "not a number"},
        {"a 1 2\n\nb 1 2\n", 2, "found an empty line"},
        {"a 1 2\n b 1 2\n", 2, "found a blank"},
        {"3 2\na 1 2\nb 1 2\n", 1, "announces 3 words, the file holds 2; it was cut off"},
        {"1 2\na 1 2\nb 1 2\n", 1, "announces 1 words, the file holds 2; correct"},
        {"2 3\na 1 2\nb 1 2\n", 2, "3 numbers (announced in line 1), found 2"},
        {"2 0\na 1 2\nb 1 2\n", 1, "vectors of 0 numbers"},
        {"just\nwords\n", 1, "found no numbers"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        explaint_error error = {0};
        xp_wordtext r;
        assert_int_equal(read_text(cases[i].text, &r, &error), EXPLAINT_INVALID);
        assert_contains(error.message, cases[i].part);
        assert_int_equal(error.line, cases[i].line);
    }
    explaint_error error = {0};
    xp_wordtext r;
    assert_int_equal(read_bytes("\xff\xfe"
                                "a\0 \0"
                                "1\0",
                                8, &r, &error),
                     EXPLAINT_INVALID);
    assert_contains(error.message, "iconv -f UTF-16");
    assert_int_equal(read_bytes("2 2\na\0\1\2\3\4\5\n", 13, &r, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "NUL byte");
}

/* A number too large without an exponent, in a row that nobody wants. */
static void a_long_integer(void **state) {
    (void)state;
    char text[1024] = "a 1 2\nb 1";
    size_t at = strlen(text);
    memset(text + at, '0', 309);
    strcpy(text + at + 309, " 2\n");
    explaint_error error = {0};
    xp_wordtext r;
    assert_int_equal(read_text(text, &r, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "too large for a double");
}

static void a_line_without_end(void **state) {
    (void)state;
    size_t size = XP_LINE_LIMIT + 100;
    char *text = malloc(size);
    memset(text, 'x', size);
    memcpy(text, "a 1 2\nb 1 2\n", 12);
    explaint_error error = {0};
    xp_wordtext r;
    assert_int_equal(read_bytes(text, size, &r, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "is it a binary file?");
    assert_int_equal(error.line, 3);
    free(text);
}

/* Lines that cross the edges of the buffer. */
static void many_rows(void **state) {
    (void)state;
    size_t capacity = 1 << 20, at = 0, rows = 0;
    char *text = malloc(capacity);
    while (at + 64 < capacity - 64) {
        at += (size_t)snprintf(text + at, 64, "w%zu %zu.25 -%zue-2\n", rows, rows, rows % 97);
        rows++;
    }
    at += (size_t)snprintf(text + at, 64, "dog 1 2");
    explaint_error error = {0};
    xp_wordtext r;
    if (read_bytes(text, at, &r, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(r.n_words, rows + 1);
    assert_int_equal(r.line[0], rows + 1);
    xp_wordtext_free(&r);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_of_the_same_file),
        cmocka_unit_test(words_with_spaces_and_latin1),
        cmocka_unit_test(notes),
        cmocka_unit_test(many_duplicates),
        cmocka_unit_test(one_dimension),
        cmocka_unit_test(errors),
        cmocka_unit_test(a_long_integer),
        cmocka_unit_test(a_line_without_end),
        cmocka_unit_test(many_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

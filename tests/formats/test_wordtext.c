#include "support/files.h"

#include "formats/lines.h"
#include "formats/wordtext.h"

/* "dog" is 0, "new york" 1, "caf\xc3\xa9" 2. */
static void three(xp_wanted *wanted) {
    static const char *const words[] = {"dog", "new york", "caf\xc3\xa9"};
    assert_true(xp_wanted_begin(wanted, 3));
    for (size_t i = 0; i < 3; i++) {
        size_t number;
        assert_true(xp_wanted_add(wanted, (xp_view){words[i], strlen(words[i])}, &number));
        assert_int_equal(number, i);
    }
}

static explaint_status read_with(const void *bytes, size_t size, const xp_wanted *wanted,
                                 const xp_wordtext_options *options, xp_word_rows *read, explaint_error *error) {
    xp_stream *stream;
    *read = (xp_word_rows){0};
    explaint_status status = xp_stream_open_memory("v.txt", bytes, size, &stream, error);
    if (status != EXPLAINT_OK) return status;
    assert_true(xp_word_rows_begin(read, wanted));
    status = xp_wordtext_read(stream, options, read, error);
    if (status != EXPLAINT_OK) xp_word_rows_free(read);
    xp_stream_close(stream);
    return status;
}

static explaint_status read_bytes(const void *bytes, size_t size, xp_word_rows *read, explaint_error *error) {
    static const xp_wordtext_options defaults = {0};
    xp_wanted wanted;
    three(&wanted);
    explaint_status status = read_with(bytes, size, &wanted, &defaults, read, error);
    xp_wanted_free(&wanted);
    return status;
}

static explaint_status read_text(const char *text, xp_word_rows *read, explaint_error *error) {
    return read_bytes(text, strlen(text), read, error);
}

static void forms_of_the_same_file(void **state) {
    (void)state;
    static const char *const texts[] = {
        "the 1 2 3\ndog 0.1 -2e-3 +4\n. . . 1 1 1\n",
        "3 3\nthe 1 2 3 \ndog 0.1 -2e-3 +4 \n. . . 1 1 1 \n",
        "\xef\xbb\xbfthe\t1\t2\t3\r\ndog\t0.1\t-2e-3\t+4\r\n. . .\t1\t1\t1\r\n\r\n",
        "the 1 2 3\ndog 0.1  -2e-3   4.\nx .5 1 1",
        "word d0 d1 d2\ndog 0.1 -2e-3 4\nx .5 1 1\ny 1 1 1\n",
        "d0 d1 d2\ndog 0.1 -2e-3 4\nx .5 1 1\ny 1 1 1\n",
        "word 0 1 2\ndog 0.1 -2e-3 4\nx .5 1 1\ny 1 1 1\n",
        "  the   1  2 3\n  dog 0.1  -2e-3 4\n   x   1  1 1\n",
        "9 3\nthe 1 2 3\ndog 0.1 -2e-3 4\nx 1 1 1\n",
        "1 3\nthe 1 2 3\ndog 0.1 -2e-3 4\nx 1 1 1\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        explaint_error error = {0};
        xp_word_rows r;
        if (read_text(texts[i], &r, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        assert_int_equal(r.n_words, 3);
        assert_int_equal(r.width, 3);
        assert_int_equal(r.n_rows, 1);
        assert_int_equal(r.place[0], i == 1 || i > 7 ? 3 : 2);
        assert_null(r.row[1]);
        assert_true(r.row[0][0] == 0.1 && r.row[0][1] == -2e-3 && r.row[0][2] == 4);
        xp_word_rows_free(&r);
    }
}

static void words_with_spaces_and_latin1(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_word_rows r;
    assert_int_equal(read_text("a 1 2\nnew york 3 4\ncaf\xe9 5 6\n", &r, &error), EXPLAINT_OK);
    assert_int_equal(r.n_rows, 2);
    assert_true(r.row[1][0] == 3);
    assert_true(r.row[2][1] == 6);
    assert_int_equal(r.notes.count, 1);
    assert_contains(r.notes.item[0], "read as Latin-1: 1 word that is not UTF-8, the first in line 3");
    xp_word_rows_free(&r);
}

/* Words of several parts and of none, and what is said about them. */
static void strange_words(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t words, kept;
        const char *note;
    } cases[] = {
        {"4 2\ndog 1 2\nroute 66 3 4\n7 of 9 1 1\nnew york 5 6\n", 4, 2,
         "2 words end in a number, the first in line 3: \"route 66\"; the width in line 1 says where"},
        {"dog\t1\t2\nroute 66\t3\t4\nnew york\t5\t6\n", 3, 2, NULL},
        {"\"x\" 1 2\n\"dog\" 1 2\n\"new york\" 3 4\n", 3, 2, NULL},
        {"new york 5 6\nlos angeles 7 8\nsan jose 1 1\ndog 1 2\n", 4, 2, NULL},
        {"dog 1 2\n  3 4\nnew york 5 6\n", 3, 2, "1 row has no word but a blank and is passed over, in line 2"},
        {"\t.3\t1\ndog\t1\t2\n \t3 4\n", 3, 1,
         "2 rows have no word but a blank and are passed over, the first in line 1"},
        {"dog 1 2\n\xc2\xa0 3 4\n\xe2\x80\x83 5 6\n", 3, 1, NULL},
        {"dog 1 2\n\n 3 4\n\n\n", 2, 1, "1 empty line between the rows is passed over, line 2"},
        {"\n\ndog 1 2\n  \nx 3 4\n", 2, 1, "3 empty lines between the rows are passed over, the first is line 1"},
        {" dog 1 2\nx 3 4\n", 2, 1, "1 word stands behind blanks that are no part of it, in line 1: \"dog\""},
        {"5 2\ndog 1 2\nx 3 4\n", 2, 1,
         "announces 5 words, the file holds 2: it was shortened, or cut off at the end of a"},
        {"1 2\ndog 1 2\nx 3 4\n", 2, 1, "the first line announces 1 word, the file holds 2; all are read"},
        {"w x1 x2\ndog 1 2\nx 3 4\n", 2, 1, "line 1 holds the names of columns"},
        {"dog 1.25 2.25\nx 3.25 4.2", 2, 1, "line 2: if the file was cut off, the last number of \"x\" is not whole"},
        {"dog 1.25 2.25\nx 3.25 4.25", 2, 1, NULL},
        {"dog 1 2\nx 3 4", 2, 1, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        explaint_error error = {0};
        xp_word_rows r;
        if (read_text(cases[i].text, &r, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        if (r.n_words != cases[i].words) fail_msg("case %zu: %zu words", i, r.n_words);
        assert_int_equal(r.n_rows, cases[i].kept);
        assert_true(r.row[0] == NULL || (r.row[0][0] > 0.9 && r.row[0][1] > 1.9));
        if ((r.notes.count > 0) != (cases[i].note != NULL)) fail_msg("case %zu: %s", i, cases[i].text);
        if (cases[i].note != NULL) assert_contains(r.notes.item[r.notes.count - 1], cases[i].note);
        xp_word_rows_free(&r);
    }
}

static void notes(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_word_rows r;
    assert_int_equal(read_text("a 1 2\ndog 1 2\ndog 3 4\nnew york 0 -0\n", &r, &error), EXPLAINT_OK);
    assert_int_equal(r.duplicates.count, 1);
    assert_contains(r.duplicates.item[0], "\"dog\" stands in line 2 and again in line 3");
    assert_true(r.row[0][0] == 1);
    assert_contains(r.notes.item[0], "\"new york\" in line 4 is zero in every place");
    xp_word_rows_free(&r);
}

static void many_duplicates(void **state) {
    (void)state;
    char text[4096] = "";
    for (size_t i = 0; i < 150; i++) strcat(text, "dog 1 2\n");
    explaint_error error = {0};
    xp_word_rows r;
    assert_int_equal(read_text(text, &r, &error), EXPLAINT_OK);
    assert_int_equal(r.duplicates.count, XP_NOTES_SHOWN + 1);
    assert_contains(r.duplicates.item[XP_NOTES_SHOWN], "49 more lines");
    xp_word_rows_free(&r);
}

static void one_dimension(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_word_rows r;
    assert_int_equal(read_text("5 3\n6 4\n", &r, &error), EXPLAINT_OK); /* words "5" and "6" */
    assert_int_equal(r.n_words, 2);
    assert_int_equal(r.width, 1);
    xp_word_rows_free(&r);
    assert_int_equal(read_text("2 1\ndog 3\nb 4\n", &r, &error), EXPLAINT_OK); /* a header */
    assert_int_equal(r.n_words, 2);
    xp_word_rows_free(&r);
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
        {"a 1 2\nb 1 2\nc 1 2 3\n", 3, "say how many belong to the vector: a first line \"COUNT 2\""},
        {"a 1 2\nb 1,5 2\n", 2, "which is not a number (numbers have a decimal point"},
        {"a 1,5 2,5\nb 1,5 2,5\n", 1, "found \"2,5\", a decimal comma"},
        {"3 2\na 1 2\nb 1", 3, "found 1 after the word \"b\", where the file ends: it was cut off"},
        {"a 1 2\nb 1 2\nc 1 -", 3, "found \"-\", which is not a number, where the file ends: it was cut off"},
        {"a 1 2\n b 1\nc 1 2\n", 2,
         "expected a word and 2 numbers, as in the first rows, found 1 after the word \"b\""},
        {"a 1 2\n  1\nc 1 2\n", 2, "found 0 after the word \"1\""},
        {"2 3\na 1 2\nb 1 2\n", 1, "announces vectors of 3 numbers, the rows behind it hold 2; correct the line"},
        {"3 3\na 1 2\nb 1 2\nc 1 2 3\n", 2, "3 numbers (announced in line 1), found 2"},
        {"2 2\na .1 1 2\nb .2 1 2\n", 1, "announces vectors of 2 numbers, the rows behind it hold 3"},
        {"0.5 1 2\n0.25 1 2\n", 1, "expected a word before its numbers, found \"0.5\""},
        {"a 1 2\rb 1 2\r", 0, "convert: tr"},
        {"2 0\na 1 2\nb 1 2\n", 1, "vectors of 0 numbers"},
        {"just\nwords\n", 1, "found no numbers"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        explaint_error error = {0};
        xp_word_rows r;
        assert_int_equal(read_text(cases[i].text, &r, &error), EXPLAINT_INVALID);
        assert_contains(error.message, cases[i].part);
        assert_int_equal(error.line, cases[i].line);
    }
    explaint_error error = {0};
    xp_word_rows r;
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
    xp_word_rows r;
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
    xp_word_rows r;
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
    xp_word_rows r;
    if (read_bytes(text, at, &r, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(r.n_words, rows + 1);
    assert_int_equal(r.place[0], rows + 1);
    xp_word_rows_free(&r);
    free(text);
}

/* ---- the law: neither blocks nor threads change anything ---- */

static uint64_t state_of_test = 20240501;
static unsigned draw(unsigned n) {
    state_of_test = state_of_test * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state_of_test >> 40) % n;
}

static void assert_same_strings(const xp_strings *a, const xp_strings *b) {
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) assert_string_equal(a->item[i], b->item[i]);
}

static void assert_same_reading(const char *text, size_t size, const xp_wanted *wanted) {
    static const xp_wordtext_options options[] = {{0},     {1, 1},  {1, 7},   {1, 1000},  {2, 1},
                                                  {3, 64}, {5, 17}, {2, 500}, {8, 10000}, {2, 4096}};
    xp_word_rows first, other;
    explaint_error expected = {0};
    explaint_status status = read_with(text, size, wanted, &options[0], &first, &expected);
    for (size_t k = 1; k < sizeof options / sizeof options[0]; k++) {
        explaint_error error = {0};
        assert_int_equal(read_with(text, size, wanted, &options[k], &other, &error), status);
        assert_string_equal(error.message, expected.message);
        assert_int_equal(error.line, expected.line);
        if (status != EXPLAINT_OK) continue;
        assert_int_equal(other.n, first.n);
        assert_int_equal(other.n_words, first.n_words);
        assert_int_equal(other.n_rows, first.n_rows);
        for (size_t i = 0; i < first.n; i++) {
            assert_int_equal(first.row[i] != NULL, other.row[i] != NULL);
            if (first.row[i] == NULL) continue;
            assert_int_equal(first.place[i], other.place[i]);
            assert_memory_equal(first.row[i], other.row[i], first.width * sizeof **first.row);
            if (!first.all) continue;
            assert_int_equal(first.word[i].length, other.word[i].length);
            assert_memory_equal(first.word[i].data, other.word[i].data, first.word[i].length + 1);
        }
        assert_same_strings(&first.notes, &other.notes);
        assert_same_strings(&first.duplicates, &other.duplicates);
        xp_word_rows_free(&other);
    }
    xp_word_rows_free(&first);
}

/* Random files with words again, zero vectors, Latin-1, words with spaces, and up to two faults anywhere. */
static void any_block_any_threads(void **state) {
    (void)state;
    static const char *const faults[] = {"x 1\n",     "x 1 2 3 4\n", "x 1 nan 3\n",       "\n",
                                         "\n\n",      " x 1 2 3\n",  "x 1 1e999 2\n",     "x 1,5 2 3\n",
                                         "  1 2 3\n", " \t\n",       " cafe\xe9 1 2 3\n", "\t1 2 3\n"};
    static const char *const words[] = {"dog", "new york", "caf\xe9", "caf\xc3\xa9", "x", "1", ". . ."};
    xp_wanted wanted;
    three(&wanted);
    char *text = malloc(1 << 16);
    for (int round = 0; round < 60; round++) {
        size_t at = 0;
        unsigned rows = 1 + draw(round % 2 != 0 ? 300 : 40);
        if (round % 3 == 0) at += (size_t)sprintf(text, "%u 3\n", rows);
        for (unsigned i = 0; i < rows; i++) {
            if (draw(3) == 0)
                at += (size_t)sprintf(text + at, "%s", words[draw(7)]);
            else
                at += (size_t)sprintf(text + at, "w%u", i);
            for (int k = 0; k < 3; k++)
                at += (size_t)sprintf(text + at, round % 4 == 3 && draw(2) == 0 ? " %.17g" : " %g",
                                      draw(2) == 0 ? 0 : (double)draw(100000) / 1024 - 40);
            at += (size_t)sprintf(text + at, "%s", round % 5 == 4 ? "\r\n" : "\n");
            if (round % 4 == 2 && draw(rows) < 2)
                at +=
                    (size_t)sprintf(text + at, "%s", faults[draw(round % 8 == 6 ? 12 : 7) + (round % 8 == 2 ? 3 : 0)]);
        }
        if (draw(3) == 0) at--; /* no line end */
        if (draw(4) == 0) at += (size_t)sprintf(text + at, "\n\n\n");
        assert_same_reading(text, at, &wanted);
        assert_same_reading(text, at, NULL);
    }
    free(text);
    xp_wanted_free(&wanted);
}

static void every_word(void **state) {
    (void)state;
    static const char text[] = "the 1 2\ncaf\xe9 3 4\nthe 5 6\nnew york 0 0\n";
    xp_wordtext_options options = {0};
    explaint_error error = {0};
    xp_word_rows r;
    assert_int_equal(read_with(text, sizeof text - 1, NULL, &options, &r, &error), EXPLAINT_OK);
    assert_int_equal(r.n_words, 4);
    assert_int_equal(r.n, 3);
    assert_string_equal(r.word[0].data, "the");
    assert_string_equal(r.word[1].data, "caf\xc3\xa9");
    assert_string_equal(r.word[2].data, "new york");
    assert_true(r.row[0][1] == 2 && r.row[1][0] == 3 && r.row[2][1] == 0);
    assert_int_equal(r.place[2], 4);
    assert_contains(r.duplicates.item[0], "\"the\" stands in line 1 and again in line 3");
    xp_word_rows_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_of_the_same_file),
        cmocka_unit_test(words_with_spaces_and_latin1),
        cmocka_unit_test(strange_words),
        cmocka_unit_test(notes),
        cmocka_unit_test(many_duplicates),
        cmocka_unit_test(one_dimension),
        cmocka_unit_test(errors),
        cmocka_unit_test(a_long_integer),
        cmocka_unit_test(a_line_without_end),
        cmocka_unit_test(many_rows),
        cmocka_unit_test(any_block_any_threads),
        cmocka_unit_test(every_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

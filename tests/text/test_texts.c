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

/* The same three of files whose names say what they are. */
static void names_say_what_a_file_is(void **unused) {
    (void)unused;
    static const char *const said[] = {"A dog, \"barking\".", "two\nlines", "Zwei \xc3\xa4ltere Hunde"};
    static const struct {
        const char *name, *content;
    } files[] = {
        {"t.json", "[\"A dog, \\\"barking\\\".\", \"two\\nlines\", \"Zwei \xc3\xa4ltere Hunde\"]"},
        {"t.jsonl", "{\"id\": 1, \"text\": \"A dog, \\\"barking\\\".\"}\r\n\"two\\nlines\"\n\n{\"text\": \"Zwei "
                    "\\u00e4ltere Hunde\", "
                    "\"sentence\": \"other\"}\n"},
        {"t.ndjson", "\xef\xbb\xbf{\"sentence\": \"A dog, \\\"barking\\\".\"}\n{\"sentence\": "
                     "\"two\\nlines\"}\n{\"sentence\": \"Zwei "
                     "\xc3\xa4ltere Hunde\"}"},
        {"T.CSV", "\xef\xbb\xbfid;Text;label\r\n1;\"A dog, \"\"barking\"\".\";0,5\r\n2;\"two\nlines\";1,5\r\n3;Zwei "
                  "\xe4ltere Hunde;2\r\n"},
        {"t.csv", "sentence,id\n\"A dog, \"\"barking\"\".\",1\n\"two\nlines\",2\nZwei \xc3\xa4ltere Hunde,3\n"},
        {"t.tsv", "id\ttext\n1\t\"A dog, \"\"barking\"\".\"\n2\t\"two\nlines\"\n3\tZwei \xc3\xa4ltere Hunde\n"},
    };
    explaint_error error = {0};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        explaint_texts *texts = NULL;
        if (explaint_texts_open(files_text(files[k].name, files[k].content), &texts, &error) != EXPLAINT_OK)
            fail_msg("%s: %s", files[k].name, error.message);
        assert_int_equal(explaint_texts_n(texts), 3);
        for (size_t i = 0; i < 3; i++) assert_string_equal(explaint_texts_text(texts, i, NULL), said[i]);
        explaint_texts_close(texts);
    }
}

static void refuse(const char *name, const char *content, const char *says) {
    explaint_error error = {0};
    explaint_texts *texts = NULL;
    assert_int_equal(explaint_texts_open(files_text(name, content), &texts, &error), EXPLAINT_INVALID);
    if (strstr(error.message, says) == NULL) fail_msg("%s: %s", name, error.message);
    assert_null(texts);
}

static void a_file_without_texts_says_what_it_has(void **unused) {
    (void)unused;
    refuse("t.csv", "id,label\n1,2\n",
           "t.csv:1: expected a column text or sentence, found \"id\" and \"label\"; name the column so");
    refuse("t.csv", "The robin sings.\nIt is late now.\nYes.\n", "found \"The robin sings.\"");
    refuse("t.tsv", "a\tb\tc\td\te\tf\tg\th\ti\tj\n1\t2\t3\t4\t5\t6\t7\t8\t9\t10\n", "\"h\" and 2 more");
    refuse("t.csv", "text,text\na,b\n", "t.csv:1: expected one column \"text\", found a second one");
    refuse("t.csv", "text,id\n", "expected at least one text, found none");
    refuse("t.jsonl", "{\"text\": \"a\"}\n{\"id\": 4, \"x\": 5}\n",
           "t.jsonl:2: expected a string, or an object in which the member text or "
           "sentence is one, found an object with the members \"id\" and \"x\"");
    refuse("t.jsonl", "{\"text\": \"a\"}\n5\n",
           "t.jsonl:2: expected a string, or an object in which the member text or sentence is one, found 5");
    refuse("t.jsonl", "{\"text\": \"a\"}\n{\"text\": \n",
           "t.jsonl:2: expected JSON in one line, such as {\"text\": \"...\"}: is not valid");
    refuse("t.json", "{\"texts\": [\"a\"]}",
           "expected a JSON list of strings, found an object with the member \"texts\"");
    refuse("t.json", "[\"a\", {\"text\": \"b\"}]",
           "item 1, counted from 0: expected a string, found an object with the member \"text\"");
    refuse("t.json", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n",
           "found a JSON object in each of 2 lines; where the name ends in .jsonl, the member text");
    refuse("t.txt", "{\"text\": \"a\"}\n\n{\"text\": \"b\"}\n",
           "expected one text a line, found a JSON object in each of 2 lines");
    explaint_error error = {0};
    explaint_texts *texts = NULL;
    read_standard_input("{\"text\": \"a\"}\n", 14, &texts, EXPLAINT_OK, &error); /* has no name, and is lines */
    assert_string_equal(explaint_texts_text(texts, 0, NULL), "{\"text\": \"a\"}");
    explaint_texts_close(texts);
    assert_int_equal(explaint_texts_open(files_text("t.txt", "{\"text\": \"a\"}\nb\n"), &texts, &error), EXPLAINT_OK);
    assert_int_equal(explaint_texts_n(texts), 2);
    explaint_texts_close(texts);
}

static void words_of_tables(void **unused) {
    (void)unused;
    static const struct {
        const char *name, *content;
        size_t n;
    } files[] = {{"w.csv", "freq,word\n5,dog\n3,cat\n", 2},
                 {"w.csv", "dog\ncat\n", 2},
                 {"w.csv", "word\ndog\ncat\n", 2},
                 {"w.jsonl", "{\"word\": \"dog\"}\n\"cat\"\n", 2},
                 {"w.txt", "dog\ncat\n", 2}};
    explaint_error error = {0};
    explaint_texts *texts = NULL;
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        if (explaint_texts_open_words(files_text(files[k].name, files[k].content), &texts, &error) != EXPLAINT_OK)
            fail_msg("%zu: %s", k, error.message);
        assert_int_equal(explaint_texts_n(texts), files[k].n);
        assert_string_equal(explaint_texts_text(texts, 0, NULL), "dog");
        assert_string_equal(explaint_texts_text(texts, 1, NULL), "cat");
        explaint_texts_close(texts);
    }
    assert_int_equal(explaint_texts_open_words(files_text("w.csv", "lemma,freq\ndog,5\n"), &texts, &error),
                     EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "w.csv:1: expected a column word, found \"lemma\" and \"freq\""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(three_ways_give_the_same, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(names_say_what_a_file_is, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(a_file_without_texts_says_what_it_has, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(words_of_tables, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_text_is_refused, files_setup, files_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

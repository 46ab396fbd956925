/* Tokenizers from small files. That ids and places equal the oracle's is shown by tests/oracle/check_tokenizer.py; here: what
 * the public functions promise, by hand, and what runs short of memory. */
#include "support/files.h"

#include "base/memory.h"
#include "text/tokenizer.h"
#include "text/unicode.h"

#define FLAGS(lstrip)                                                                                                  \
    "\"single_word\": false, \"lstrip\": " lstrip ", \"rstrip\": false, \"normalized\": false, \"special\": true"
static const char small[] =
    "{\"version\": \"1.0\", \"truncation\": {\"max_length\": 8, \"strategy\": \"LongestFirst\", \"stride\": 0},\n"
    " \"padding\": null, \"decoder\": null,\n"
    " \"added_tokens\": [{\"id\": 1, \"content\": \"[CLS]\", " FLAGS(
        "false") "},\n"
                 "                    {\"id\": 2, \"content\": \"[SEP]\", " FLAGS(
                     "false") "},\n"
                              "                    {\"id\": 11, \"content\": \"<mask>\", " FLAGS(
                                  "true") "}],\n"
                                          " \"normalizer\": {\"type\": \"BertNormalizer\", \"clean_text\": true, "
                                          "\"handle_chinese_chars\": true,\n"
                                          "                 \"strip_accents\": null, \"lowercase\": true},\n"
                                          " \"pre_tokenizer\": {\"type\": \"BertPreTokenizer\"},\n"
                                          " \"post_processor\": {\"type\": \"RobertaProcessing\", \"sep\": [\"[SEP]\", "
                                          "2], \"cls\": [\"[CLS]\", 1],\n"
                                          "                    \"trim_offsets\": true, \"add_prefix_space\": false},\n"
                                          " \"model\": {\"type\": \"WordPiece\", \"unk_token\": \"[UNK]\", "
                                          "\"continuing_subword_prefix\": \"##\",\n"
                                          "  \"max_input_chars_per_word\": 10,\n"
                                          "  \"vocab\": {\"[UNK]\": 0, \"[CLS]\": 1, \"[SEP]\": 2, \"un\": 3, "
                                          "\"##able\": 4, \"##a\": 5, \"istanbul\": 6, \"中\": 7,\n"
                                          "              \".\": 8, \"a\": 9, \"##ble\": 10}}}";

static explaint_tokenizer *open_small(void) {
    explaint_error error = {0};
    explaint_tokenizer *t = NULL;
    if (explaint_tokenizer_open(files_text("tokenizer.json", small), &t, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return t;
}

typedef struct expected {
    int32_t id, word;
    uint32_t begin, end;
} expected;

static void check(const explaint_tokenizer *t, const char *text, size_t length, const expected *want, size_t n) {
    explaint_error error = {0};
    explaint_encoding e = {0};
    assert_int_equal(explaint_tokenizer_encode(t, text, length, NULL, &e, &error), EXPLAINT_OK);
    assert_int_equal(e.n, n + 2);
    assert_int_equal(e.id[0], 1);
    assert_int_equal(e.id[n + 1], 2);
    for (size_t i = 0; i < e.n; i += n + 1) {
        assert_int_equal(e.word[i], -1);
        assert_int_equal(e.begin[i] | e.end[i], 0);
        assert_int_equal(e.special[i], 1);
    }
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(e.id[i + 1], want[i].id);
        assert_int_equal(e.word[i + 1], want[i].word);
        assert_int_equal(e.begin[i + 1], want[i].begin);
        assert_int_equal(e.end[i + 1], want[i].end);
        assert_int_equal(e.special[i + 1], want[i].id == 11 || want[i].id == 2);
    }
    assert_int_equal(e.cut, 0);
    explaint_encoding_free(&e);
    assert_null(e.id);
}
#define CHECK(t, text, ...)                                                                                            \
    do {                                                                                                               \
        const expected want[] = {__VA_ARGS__};                                                                         \
        check(t, text, sizeof(text) - 1, want, sizeof want / sizeof want[0]);                                          \
    } while (0)

static void by_hand(void **state) {
    (void)state;
    explaint_tokenizer *t = open_small();
    check(t, "", 0, NULL, 0);
    check(t, " \t\n", 3, NULL, 0);
    CHECK(t, "Unable.", {3, 0, 0, 2}, {4, 0, 2, 6}, {8, 1, 6, 7});
    CHECK(t, "unablx a", {0, 0, 0, 6}, {9, 1, 7, 8}); /* one step fails: all of the word */
    CHECK(t, "unableable unableablea", {3, 0, 0, 2}, {4, 0, 2, 6}, {4, 0, 6, 10},
          {0, 1, 11, 22});                     /* 10 and 11 characters */
    CHECK(t, "\xc4\xb0STANBUL", {6, 0, 0, 9}); /* U+0130: 2 bytes, 2 points, 1 left */
    CHECK(t,
          "a\xcc\x81 x\xe4\xb8\xad"
          "a",
          {9, 0, 0, 1}, {0, 1, 4, 5}, {7, 2, 5, 8}, {9, 3, 8, 9}); /* the stripped accent is no part */
    CHECK(t, "a \t<mask>a<", {9, 0, 0, 1}, {11, 1, 3, 9}, {9, 2, 9, 10},
          {0, 3, 10, 11}); /* trimmed: its blanks are not its place */
    CHECK(t, "a\0[SEP]", {9, 0, 0, 1}, {2, 1, 2, 7});
    assert_int_equal(explaint_tokenizer_n_pieces(t), 12);
    assert_string_equal(explaint_tokenizer_piece(t, 4), "##able");
    assert_string_equal(explaint_tokenizer_piece(t, 11), "<mask>");
    assert_null(explaint_tokenizer_piece(t, 12));
    assert_null(explaint_tokenizer_piece(t, -1));
    assert_int_equal(explaint_tokenizer_n_notes(t), 1);
    assert_non_null(strstr(explaint_tokenizer_note(t, 0), "truncation {\"max_length\": 8,"));
    assert_null(explaint_tokenizer_note(t, 1));
    explaint_tokenizer_close(t);
}

static void options(void **state) {
    (void)state;
    explaint_tokenizer *t = open_small();
    explaint_error error = {0};
    explaint_encoding e = {0};
    explaint_encode_options o = {.truncate = 4};
    assert_int_equal(explaint_tokenizer_encode(t, "a a a a a", 9, &o, &e, &error), EXPLAINT_OK);
    assert_int_equal(e.n, 4);
    assert_int_equal(e.cut, 3);
    assert_int_equal(e.begin[2], 2);
    assert_int_equal(e.id[3], 2);
    o.no_special_tokens = true; /* into the same encoding */
    assert_int_equal(explaint_tokenizer_encode(t, "a a a a a", 9, &o, &e, &error), EXPLAINT_OK);
    assert_int_equal(e.n, 4);
    assert_int_equal(e.cut, 1);
    assert_int_equal(e.begin[3], 6);
    o = (explaint_encode_options){.truncate = 2};
    assert_int_equal(explaint_tokenizer_encode(t, "a a", 3, &o, &e, &error), EXPLAINT_OK);
    assert_int_equal(e.n, 2);
    assert_int_equal(e.cut, 2);
    o.truncate = 1;
    assert_int_equal(explaint_tokenizer_encode(t, "a a", 3, &o, &e, &error), EXPLAINT_USAGE);
    assert_non_null(strstr(error.message, "at least 2 pieces"));
    assert_int_equal(e.n, 0);
    explaint_tokenizer_close(t);
}

static void broken_text(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {{"a\xff", "byte 1 is 0xff"},
                 {"abc\xc3", "byte 3 is 0xc3"},
                 {"12345678\xed\xa0\x80", "byte 8 is 0xed"},
                 {"\xc0\x80", "byte 0 is 0xc0"},
                 {"\xf4\x90\x80\x80", "byte 0 is 0xf4"}};
    explaint_tokenizer *t = open_small();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        explaint_error error = {0};
        explaint_encoding e = {0};
        assert_int_equal(explaint_tokenizer_encode(t, cases[i].text, strlen(cases[i].text), NULL, &e, &error),
                         EXPLAINT_INVALID);
        assert_non_null(strstr(error.message, cases[i].part));
        assert_null(e.id);
    }
    explaint_tokenizer_close(t);
}

static void folders(void **state) {
    (void)state;
    explaint_error error = {0};
    explaint_tokenizer *t = NULL;
    remove(files_path("tokenizer.json"));
    assert_int_equal(explaint_tokenizer_open(files_folder, &t, &error), EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "found neither"));
    assert_int_equal(explaint_tokenizer_open(files_path("none.json"), &t, NULL), EXPLAINT_INVALID);
    files_text("vocab.txt", "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\nA\r\na");
    assert_int_equal(explaint_tokenizer_open(files_folder, &t, &error), EXPLAINT_OK);
    assert_int_equal(explaint_tokenizer_n_pieces(t), 7); /* BertTokenizer adds the [MASK] that is not there */
    assert_string_equal(explaint_tokenizer_piece(t, 4), "A");
    assert_string_equal(explaint_tokenizer_piece(t, 6), "[MASK]");
    assert_non_null(strstr(explaint_tokenizer_note(t, 0), "do_lower_case true (by default)"));
    explaint_encoding e = {0};
    assert_int_equal(explaint_tokenizer_encode(t, "A", 1, NULL, &e, &error), EXPLAINT_OK);
    assert_int_equal(e.id[1], 5);
    explaint_tokenizer_close(t);
    files_text("vocab.txt", "[PAD]\n[UNK]\na \t\n[CLS]\n[SEP]\n\n[MASK]\na\n\n"); /* equal lines: the last one */
    assert_int_equal(explaint_tokenizer_open(files_folder, &t, &error), EXPLAINT_OK);
    assert_int_equal(explaint_tokenizer_n_pieces(t), 9);
    assert_non_null(strstr(explaint_tokenizer_note(t, 0), "\"a\" in line 3 and again in line 8, which counts"));
    assert_int_equal(explaint_tokenizer_encode(t, "a", 1, NULL, &e, &error), EXPLAINT_OK);
    assert_int_equal(e.id[1], 7);
    explaint_tokenizer_close(t);
    files_text("vocab.txt", "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\nA\r\na");
    files_text("tokenizer_config.json", "{\"do_lower_case\": false}");
    assert_int_equal(explaint_tokenizer_open(files_path("vocab.txt"), &t, &error), EXPLAINT_OK);
    assert_non_null(strstr(explaint_tokenizer_note(t, 0), "do_lower_case false (tokenizer_config.json)"));
    assert_int_equal(explaint_tokenizer_encode(t, "A", 1, NULL, &e, &error), EXPLAINT_OK);
    assert_int_equal(e.id[1], 4);
    explaint_encoding_free(&e);
    explaint_tokenizer_close(t);
    files_text("added_tokens.json", "{\"[x]\": 7}");
    assert_int_equal(explaint_tokenizer_open(files_folder, &t, &error), EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "added_tokens.json: expected the id 6"));
    files_text("added_tokens.json", "{\"[x]\": 6}");
    assert_int_equal(explaint_tokenizer_open(files_folder, &t, &error), EXPLAINT_OK);
    assert_string_equal(explaint_tokenizer_piece(t, 6), "[x]");
    explaint_tokenizer_close(t);
    remove(files_path("added_tokens.json"));
    remove(files_path("tokenizer_config.json"));
    t = open_small(); /* beside a vocab.txt: tokenizer.json is preferred */
    explaint_tokenizer_close(t);
    assert_int_equal(explaint_tokenizer_open(files_folder, &t, &error), EXPLAINT_OK);
    assert_int_equal(explaint_tokenizer_n_pieces(t), 12);
    explaint_tokenizer_close(t);
    explaint_tokenizer_close(NULL);
}

/* Of 50,000 marks in a row, in the worst order; and of what the rule for Hangul and the tables say of single points. */
static void unicode(void **state) {
    (void)state;
    uint32_t parts[XP_PARTS];
    assert_int_equal(xp_unicode_decompose(0xac01, parts), 3);
    assert_int_equal(parts[2], 0x11a8);
    assert_int_equal(xp_unicode_decompose(0x1f82, parts), 4);
    assert_int_equal(xp_unicode_decompose(0x10ffff, parts), 1);
    assert_int_equal(xp_unicode_lower(0x130, parts), 2);
    assert_int_equal(xp_unicode_lower(0x3a3, parts), 1);
    assert_int_equal(parts[0], 0x3c3);
    assert_true(xp_unicode_of(0x345).order > xp_unicode_of(0x301).order);
    assert_true(xp_unicode_of(0x301).order > xp_unicode_of(0x323).order);
    explaint_tokenizer *t = open_small();
    explaint_error error = {0};
    explaint_encoding e = {0};
    size_t n = 50000;
    char *text = malloc(2 * n + 1);
    text[0] = 'a';
    for (size_t i = 0; i < n; i++) memcpy(text + 1 + 2 * i, i % 2 == 0 ? "\xcd\x85" : "\xcc\xb4", 2);
    assert_int_equal(explaint_tokenizer_encode(t, text, 2 * n + 1, NULL, &e, &error), EXPLAINT_OK);
    assert_int_equal(e.n, 3);
    assert_int_equal(e.id[1], 9);
    explaint_encoding_free(&e);
    free(text);
    explaint_tokenizer_close(t);
}

static void trie(void **state) {
    (void)state;
    const xp_view strings[] = {{"ab", 2}, {"", 0}, {"a", 1}, {"abc\0d", 5}, {"\xff", 1}};
    xp_trie t;
    size_t first, second;
    int32_t value = -1;
    assert_true(xp_trie_build(&t, strings, 5, &first, &second));
    assert_int_equal(xp_trie_longest(&t, 0, "abcd", 4, &value), 2);
    assert_int_equal(value, 0);
    assert_int_equal(xp_trie_longest(&t, 0, "abc\0d", 5, &value), 5);
    assert_int_equal(value, 3);
    assert_int_equal(xp_trie_longest(&t, 0, "ba", 2, &value), 0);
    assert_int_equal(xp_trie_find(&t, (xp_view){"\xff", 1}), 4);
    assert_int_equal(xp_trie_find(&t, (xp_view){"abc", 3}), -1);
    assert_int_equal(xp_trie_find(&t, (xp_view){"", 0}), -1);
    xp_trie_free(&t);
    const xp_view twice[] = {{"x", 1}, {"y", 1}, {"x", 1}};
    assert_false(xp_trie_build(&t, twice, 3, &first, &second));
    assert_int_equal(first, 0);
    assert_int_equal(second, 2);
    assert_true(xp_trie_build(&t, strings, 0, &first, &second));
    assert_int_equal(xp_trie_longest(&t, 0, "a", 1, &value), 0);
    xp_trie_free(&t);
    char all[256]; /* a node with every byte has a table */
    xp_view bytes[256];
    for (size_t i = 0; i < 256; i++) {
        all[i] = (char)i;
        bytes[i] = (xp_view){all + i, 1};
    }
    assert_true(xp_trie_build(&t, bytes, 256, &first, &second));
    for (int32_t i = 0; i < 256; i++) assert_int_equal(xp_trie_find(&t, bytes[i]), i);
    xp_trie_free(&t);
}

static void open_folder_starved(void) {
    bool done = false;
    for (size_t n = 1; !done; n++) {
        explaint_error error = {0};
        explaint_tokenizer *t = NULL;
        xp_fail_allocation(n);
        done = explaint_tokenizer_open(files_folder, &t, &error) == EXPLAINT_OK;
        xp_fail_allocation(0);
        assert_int_equal(t != NULL, done);
        if (error.code != (done ? EXPLAINT_OK : EXPLAINT_FAILED)) fail_msg("%s", error.message);
        explaint_tokenizer_close(t);
        assert_true(n < 1000);
    }
}

static void allocations(void **state) {
    (void)state;
    static const char text[] = "Unable \xc3\xa9\xe4\xb8\xad <mask> un";
    const char *path = files_text("tokenizer.json", small);
    bool done = false;
    for (size_t n = 1; !done; n++) {
        explaint_error error = {0};
        explaint_tokenizer *t = NULL;
        explaint_encoding e = {0};
        xp_fail_allocation(n);
        explaint_status status = explaint_tokenizer_open(path, &t, &error);
        assert_int_equal(t != NULL, status == EXPLAINT_OK);
        if (status == EXPLAINT_OK) status = explaint_tokenizer_encode(t, text, sizeof text - 1, NULL, &e, &error);
        xp_fail_allocation(0);
        assert_true(status == EXPLAINT_OK || status == EXPLAINT_FAILED);
        assert_int_equal(e.id != NULL, status == EXPLAINT_OK);
        done = status == EXPLAINT_OK;
        if (!done) assert_non_null(strstr(error.message, "not enough memory"));
        explaint_encoding_free(&e);
        explaint_tokenizer_close(t);
        assert_true(n < 1000);
    }
    remove(path);
    files_text("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n");
    files_text("tokenizer_config.json",
               "{\"mask_token\": {\"content\": \"a\", \"lstrip\": true}, \"do_basic_tokenize\": false}");
    files_text("special_tokens_map.json", "{\"additional_special_tokens\": [\"[y]\"], \"own_token\": \"[z]\"}");
    files_text("added_tokens.json", "{\"[x]\": 5}");
    files_text("config.json", "{\"model_type\": \"bert\"}");
    open_folder_starved();
    files_text("tokenizer.json", small);
    files_text("tokenizer_config.json",
               "{\"tokenizer_class\": \"MPNetTokenizer\", \"cls_token\": \"[CLS]\", \"pad_token\": "
               "\"a\", \"do_lower_case\": false, \"added_tokens_decoder\": {}}");
    open_folder_starved();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(by_hand, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(options, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(broken_text, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(folders, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(unicode, files_setup, files_teardown),
        cmocka_unit_test(trie),
        cmocka_unit_test_setup_teardown(allocations, files_setup, files_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

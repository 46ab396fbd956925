/* Files that are damaged, hostile, or ask for what is not there: each is refused with one sentence that says so. A case takes
 * a good file and changes one thing in it. */
#include "support/files.h"

#include "text/tokenizer.h"

static const char good[] =
    "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[{\"id\":1,\"content\":\"[CLS]\","
    "\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":true,\"special\":true}],"
    "\"normalizer\":{\"type\":\"BertNormalizer\",\"clean_text\":true,\"handle_chinese_chars\":true,\"strip_accents\":"
    "null,"
    "\"lowercase\":true},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},"
    "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"[CLS]\",\"type_id\":0}"
    "},"
    "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],\"pair\":[],"
    "\"special_tokens\":{\"[CLS]\":{\"id\":\"[CLS]\",\"ids\":[1],\"tokens\":[\"[CLS]\"]}}},\"decoder\":null,"
    "\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\","
    "\"max_input_chars_per_word\":100,\"vocab\":{\"[UNK]\":0,\"[CLS]\":1,\"a\":2,\"##b\":3}}}";

static const struct {
    const char *from, *to; /* the first place of `from` becomes `to` */
    const char *part;      /* of the sentence */
} cases[] = {
    {"{\"version\"", "\"version\"", "is not valid JSON"},
    {"\"a\":2", "\"a\":2,\"a\":3", "duplicate"},
    {"\"1.0\"", "\"2.0\"", "expected \"1.0\" for \"version\" of the file, found \"2.0\""},
    {"\"decoder\"", "\"decorator\"", "the key \"decorator\" of the file is not implemented"},
    {"\"WordPiece\"", "\"BPE\"", "the model \"BPE\" is not implemented; expected WordPiece"},
    {"\"type\":\"WordPiece\",", "", "expected a name for \"type\" of the model, found absent"},
    {"\"BertNormalizer\"", "\"Precompiled\"",
     "the normalizer \"Precompiled\" is not implemented; expected BertNormalizer"},
    {"\"clean_text\":true", "\"clean_text\":1",
     "expected true or false for \"clean_text\" of the normalizer BertNormalizer, found 1"},
    {"\"strip_accents\":null", "\"strip_accents\":\"no\"", "expected true, false or null for \"strip_accents\""},
    {"\"lowercase\":true", "\"lowercase\":true,\"norm\":1", "the key \"norm\" of the normalizer BertNormalizer"},
    {"\"BertPreTokenizer\"", "\"ByteLevel\"", "the pre_tokenizer \"ByteLevel\" is not implemented"},
    {"{\"type\":\"BertPreTokenizer\"}", "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\"}]}",
     "the pre_tokenizer \"Digits\""},
    {"{\"type\":\"BertPreTokenizer\"}", "{\"type\":\"Sequence\"}",
     "expected a list for \"pretokenizers\" of a Sequence, found absent"},
    {"{\"type\":\"BertPreTokenizer\"}", "[]", "expected an object or null for \"pre_tokenizer\""},
    {"\"TemplateProcessing\"", "\"ByteLevel\"", "the post_processor \"ByteLevel\" is not implemented"},
    {"{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}", "{\"Sequence\":{\"id\":\"B\",\"type_id\":0}}",
     "the text once, as \"A\""},
    {",{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}", "", "the text once, as \"A\""},
    {"\"type_id\":0", "\"type_id\":1", "expected 0 (other types of tokens are not implemented)"},
    {"\"SpecialToken\":{\"id\":\"[CLS]\"", "\"SpecialToken\":{\"id\":\"[X]\"",
     "the template uses \"[X]\", which its special_tokens do not explain"},
    {"\"ids\":[1]", "\"ids\":[4]", "gives \"[CLS]\" the id 4, beyond the 4 pieces"},
    {"\"ids\":[1]", "\"ids\":[-1]", "expected an id of 0 or more"},
    {"\"unk_token\":\"[UNK]\"", "\"unk_token\":\"<unk>\"",
     "the piece for unknown words, \"<unk>\", is not in the vocabulary"},
    {"\"unk_token\":\"[UNK]\"", "\"unk_token\":null", "expected a string for \"unk_token\""},
    {"\"max_input_chars_per_word\":100", "\"max_input_chars_per_word\":-1", "expected a number of characters"},
    {"\"a\":2", "\"a\":-2", "expected an id of 0 or more for \"a\" of the vocabulary, found -2"},
    {"\"a\":2", "\"a\":2.5", "found 2.5"},
    {"\"a\":2", "\"a\":3", "the pieces \"a\" and \"##b\" have the same id, 3"},
    {"\"a\":2", "\"a\":4", "the piece \"a\" has the id 4; expected 0 to 3, as there are 4 pieces"},
    {"\"a\":2", "\"a\":99999999999999999999", "expected an id of 0 or more"},
    {"\"vocab\":{", "\"vocab\":[", "is not valid JSON"},
    {"\"id\":1,\"content\"", "\"id\":2,\"content\"",
     "expected the id 1 for the added token \"[CLS]\" (it has that in the vocabulary), found 2"},
    {"\"content\":\"[CLS]\"", "\"content\":\"<x>\"",
     "expected the id 4 for the added token \"<x>\" (the next one after the vocabulary), found 1"},
    {"\"content\":\"[CLS]\"", "\"content\":\"\"", "an added token is empty"},
    {"\"id\":1,\"content\":\"[CLS]\"", "\"id\":4,\"content\":\"\xcc\x81\"", "nothing is left of the added token"},
    {"\"lstrip\":false", "\"lstrip\":0", "expected true or false for \"lstrip\" of an added token"},
    {"\"added_tokens\":[",
     "\"added_tokens\":[{\"id\":4,\"content\":\"[cls]\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
     "\"normalized\":true,\"special\":true},",
     "are the same once they are normalized"},
    {"\"added_tokens\":[",
     "\"added_tokens\":[{\"id\":1,\"content\":\"[CLS]\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
     "\"normalized\":false,\"special\":true},",
     "the added token \"[CLS]\" stands there twice"},
    {"\"added_tokens\":[", "\"added_tokens\":[7,", "expected a list of objects"},
};

static char *changed(const char *from, const char *to) {
    const char *at = strstr(good, from);
    assert_non_null(at);
    char *text = malloc(sizeof good + strlen(to));
    sprintf(text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    return text;
}

static void refused(void **state) {
    (void)state;
    explaint_error error = {0};
    explaint_tokenizer *t = NULL;
    assert_int_equal(xp_tokenizer_read("tokenizer.json", good, sizeof good - 1, &t, &error), EXPLAINT_OK);
    explaint_tokenizer_close(t);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = changed(cases[i].from, cases[i].to);
        assert_int_equal(xp_tokenizer_read("tokenizer.json", text, strlen(text), &t, &error), EXPLAINT_INVALID);
        assert_null(t);
        if (strstr(error.message, cases[i].part) == NULL || strncmp(error.message, "tokenizer.json:", 15) != 0)
            fail_msg("case %zu: expected \"%s\", found \"%s\"", i, cases[i].part, error.message);
        free(text);
    }
    for (size_t size = 0; size < sizeof good - 1; size++) /* cut off anywhere */
        assert_int_equal(xp_tokenizer_read("tokenizer.json", good, size, &t, &error), EXPLAINT_INVALID);
}

static const struct {
    const char *vocab, *config, *part;
} vocabularies[] = {
    {"[UNK]\n[CLS]\n[SEP]\na\n\nb\n", NULL, "vocab.txt:5: expected a piece, found an empty line"},
    {"[UNK]\n[CLS]\n[SEP]\na\na\n", NULL, "the piece \"a\" has two ids, 3 and 4"},
    {"[UNK]\n[CLS]\n[SEP]\na\xff\n", NULL, "vocab.txt:4: expected UTF-8, found the byte 0xff"},
    {"[CLS]\n[SEP]\na\n", NULL, "the piece for unknown words, \"[UNK]\", is not in the vocabulary"},
    {"[UNK]\n[CLS]\na\n", NULL, "expected the piece \"[SEP]\""},
    {"[UNK]\n[CLS]\n[SEP]\na\n", "{", "tokenizer_config.json:1: is not valid JSON"},
    {"[UNK]\n[CLS]\n[SEP]\na\n", "[]", "expected an object with settings"},
    {"[UNK]\n[CLS]\n[SEP]\na\n", "{\"do_lower_case\":1}", "expected true or false for \"do_lower_case\", found 1"},
    {"[UNK]\n[CLS]\n[SEP]\na\n", "{\"tokenizer_class\":\"GPT2Tokenizer\"}", "found \"GPT2Tokenizer\""},
    {"[UNK]\n[CLS]\n[SEP]\na\n", "{\"do_basic_tokenize\":false}", "is not implemented"},
    {"[UNK]\n[CLS]\n[SEP]\na\n", "{\"never_split\":[\"a\"]}", "is not implemented"},
    {"[UNK]\n[CLS]\n[SEP]\na\n", "{\"additional_special_tokens\":[\"x\"]}",
     "expected none without added_tokens_decoder"},
    {"[UNK]\n[CLS]\n[SEP]\na\n", "{\"cls_token\":7}", "expected the name of a token for \"cls_token\", found 7"},
    {"[UNK]\n[CLS]\n[SEP]\na\n", "{\"added_tokens_decoder\":{\"x\":{\"content\":\"a\"}}}", "expected ids of tokens"},
    {"[UNK]\n[CLS]\n[SEP]\na\n", "{\"added_tokens_decoder\":{\"7\":{\"content\":\"a\"}}}",
     "expected the id 3 for the added token \"a\""},
};

static void refused_vocabularies(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vocabularies / sizeof vocabularies[0]; i++) {
        const char *vocab = vocabularies[i].vocab, *config = vocabularies[i].config;
        explaint_error error = {0};
        explaint_tokenizer *t = NULL;
        assert_int_equal(xp_vocab_read("vocab.txt", vocab, strlen(vocab), "tokenizer_config.json", config,
                                       config != NULL ? strlen(config) : 0, &t, &error),
                         EXPLAINT_INVALID);
        if (strstr(error.message, vocabularies[i].part) == NULL)
            fail_msg("case %zu: expected \"%s\", found \"%s\"", i, vocabularies[i].part, error.message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(refused), cmocka_unit_test(refused_vocabularies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

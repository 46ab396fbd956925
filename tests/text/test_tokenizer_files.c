/* Files that are damaged, hostile, or ask for what is not there: each is refused with one sentence that says so. A case takes
 * a good file and changes one thing in it. */
#include "support/files.h"

#include "base/memory.h"
#include "text/folder.h"

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
    {"\"WordPiece\"", "\"WordLevel\"",
     "the model \"WordLevel\" is not implemented; expected WordPiece, BPE or Unigram"},
    {"\"WordPiece\"", "\"Unigram\"", "the key \"unk_token\" of the model Unigram is not implemented"},
    {"\"type\":\"WordPiece\"", "\"type\":null", "expected a name for \"type\" of the model, found null"},
    {"\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\"", "\"unk_token\":\"[UNK]\"",
     "no \"type\" and no \"continuing_subword_prefix\", as WordLevel has"},
    {"\"BertNormalizer\"", "\"Append\"", "the normalizer \"Append\" is not implemented; expected BertNormalizer"},
    {"\"BertNormalizer\"", "\"NFC\"", "the key \"clean_text\" of a normalizer without settings is not implemented"},
    {"\"clean_text\":true", "\"clean_text\":1",
     "expected true or false for \"clean_text\" of the normalizer BertNormalizer, found 1"},
    {"\"strip_accents\":null", "\"strip_accents\":\"no\"", "expected true, false or null for \"strip_accents\""},
    {"\"lowercase\":true", "\"lowercase\":true,\"norm\":1", "the key \"norm\" of the normalizer BertNormalizer"},
    {"\"BertPreTokenizer\"", "\"UnicodeScripts\"", "the pre_tokenizer \"UnicodeScripts\" is not implemented"},
    {"{\"type\":\"BertPreTokenizer\"}", "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\"}]}",
     "expected true or false for \"individual_digits\" of the pre_tokenizer Digits, found absent"},
    {"{\"type\":\"BertPreTokenizer\"}", "{\"type\":\"Sequence\"}",
     "expected a list for \"pretokenizers\" of a Sequence, found absent"},
    {"{\"type\":\"BertPreTokenizer\"}", "[]", "expected an object or null for \"pre_tokenizer\""},
    {"\"TemplateProcessing\"", "\"PairProcessing\"", "the post_processor \"PairProcessing\" is not implemented"},
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
    {"\"added_tokens\":[", "\"added_tokens\":[7,", "expected a list of objects"},
};

/* The same of a BPE, and of a Unigram. */
static const char bpe[] = "{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\"-\"},\"content\":\" "
                          "\"},\"pre_tokenizer\":{\"type\":"
                          "\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\" "
                          "?\\\\w+\"},\"behavior\":\"Isolated\",\"invert\":"
                          "false},{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true}]},\"post_"
                          "processor\":null,\"decoder\":{\"type\":"
                          "\"CTC\"},\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,\"fuse_unk\":false,"
                          "\"byte_fallback\":false,\"vocab\":{"
                          "\"a\":0,\"b\":1,\"ab\":2},\"merges\":[\"a b\"]}}";
static const char unigram[] = "{\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"BAAAAAAAAABhAA==\"}"
                              ",\"pre_tokenizer\":{\"type\":\"Metaspace\","
                              "\"replacement\":\"_\",\"prepend_scheme\":\"first\"},\"model\":{\"type\":\"Unigram\","
                              "\"unk_id\":0,\"vocab\":[[\"<unk>\",0],[\"a\",-1.5]]}}";

static const struct {
    const char *file, *from, *to, *part;
} others[] = {
    {bpe, "\"a b\"", "\"a c\"", "merge 0 of the model BPE needs the piece \"c\", which is not in the vocabulary"},
    {bpe, "\"a b\"", "\"b a\"", "merge 0 of the model BPE needs the piece \"ba\""},
    {bpe, "\"a b\"", "\"a  b\"", "for \"merges\" of the model BPE, found \"a  b\""},
    {bpe, "\"a b\"", "\"a b\",[\"a\",\"b\"]", "throughout for \"merges\" of the model BPE, found [\"a\", \"b\"]"},
    {bpe, "[\"a b\"]", "{}", "expected a list for \"merges\" of the model BPE"},
    {bpe, "\"dropout\":null", "\"dropout\":0.1",
     "expected null or 0 (pieces are never left to chance) for \"dropout\""},
    {bpe, "\"byte_fallback\":false", "\"byte_fallback\":true,\"end_of_word_suffix\":\"x\"",
     "byte_fallback of the model BPE together with"},
    {bpe, "\"fuse_unk\":false", "\"fuse_unk\":1", "expected true or false for \"fuse_unk\" of the model BPE, found 1"},
    {bpe, "\"ab\":2", "\"ab\":9", "the piece \"ab\" has the id 9"},
    {bpe, " ?\\\\w+", "(",
     "the pre_tokenizer Split has a pattern that is no regular expression: \"(\" (end pattern with unmatched "
     "parenthesis)"},
    {bpe, " ?\\\\w+", "\\\\p{Nothing}", "invalid character property name {Nothing}"},
    {bpe, "{\"Regex\"", "{\"Glob\"",
     "expected an object with \"String\" or \"Regex\" for \"pattern\" of the pre_tokenizer Split"},
    {bpe, "\"Isolated\"", "\"Isolate\"",
     "MergedWithNext for \"behavior\" of the pre_tokenizer Split, found \"Isolate\""},
    {bpe, "\"content\":\" \"", "\"content\":7", "expected a string for \"content\" of the normalizer Replace, found 7"},
    {bpe, "\"post_processor\":null", "\"post_processor\":{\"type\":\"ByteLevel\",\"trim_offsets\":1}",
     "expected true or false for \"trim_offsets\" of the post_processor ByteLevel"},
    {unigram, "\"unk_id\":0", "\"unk_id\":2",
     "expected the id of a piece, or null for \"unk_id\" of the model Unigram, found 2"},
    {unigram, "[\"a\",-1.5]", "[\"a\"]",
     "expected a list of pieces with their scores for \"vocab\" of the model Unigram, found [\"a\"]"},
    {unigram,
     "BAAAAAAAAABhAA==", "BAAAAAAAAABhAA=", "the precompiled_charsmap of the normalizer Precompiled is no base64"},
    {unigram, "BAAAAAAAAABhAA==", "", "precompiled_charsmap of the normalizer Precompiled is too short"},
    {unigram, "BAAAAAAAAABhAA==", "/wAAAAAAAABhAA==",
     "precompiled_charsmap of the normalizer Precompiled is shorter than it says"},
    {unigram, "BAAAAAAAAABhAA==", "BAAAAAAAAAD/AA==", "has replacements that are not UTF-8"},
    {unigram, "\"_\"", "\"__\"",
     "expected one character for \"replacement\" of the pre_tokenizer Metaspace, found \"__\""},
    {unigram, "\"first\"", "\"last\"", "expected always, first or never for \"prepend_scheme\""},
    {unigram, "\"first\"", "\"first\",\"add_prefix_space\":false", "expected never, as add_prefix_space is false"},
};

static char *changed_in(const char *file, const char *from, const char *to) {
    const char *at = strstr(file, from);
    assert_non_null(at);
    char *text = malloc(strlen(file) + strlen(to) + 1);
    sprintf(text, "%.*s%s%s", (int)(at - file), file, to, at + strlen(from));
    return text;
}

static void refused_kinds(void **state) {
    (void)state;
    explaint_error error = {0};
    explaint_tokenizer *t = NULL;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const char *file = others[i].file;
        if (xp_tokenizer_read("tokenizer.json", file, strlen(file), &t, &error) != EXPLAINT_OK)
            fail_msg("%s", error.message);
        explaint_tokenizer_close(t);
        char *text = changed_in(file, others[i].from, others[i].to);
        assert_int_equal(xp_tokenizer_read("tokenizer.json", text, strlen(text), &t, &error), EXPLAINT_INVALID);
        if (strstr(error.message, others[i].part) == NULL || strncmp(error.message, "tokenizer.json:", 15) != 0)
            fail_msg("case %zu: expected \"%s\", found \"%s\"", i, others[i].part, error.message);
        free(text);
    }
}

/* Sequences in Sequences are read to some depth, and no deeper. */
static void nested(void **state) {
    (void)state;
    for (int depth = 1; depth < 40; depth++) {
        explaint_error error = {0};
        explaint_tokenizer *t = NULL;
        char part[4096] = "{\"type\":\"NFC\"}", more[4096];
        for (int i = 0; i < depth; i++) {
            snprintf(more, sizeof more, "{\"type\":\"Sequence\",\"normalizers\":[%s]}", part);
            memcpy(part, more, sizeof part);
        }
        char *text = changed_in(bpe, "{\"type\":\"Replace\",\"pattern\":{\"String\":\"-\"},\"content\":\" \"}", part);
        explaint_status status = xp_tokenizer_read("tokenizer.json", text, strlen(text), &t, &error);
        assert_int_equal(status, depth <= 8 ? EXPLAINT_OK : EXPLAINT_INVALID);
        if (status != EXPLAINT_OK)
            assert_non_null(strstr(error.message, "the normalizer has a Sequence inside of 8 others"));
        explaint_tokenizer_close(t);
        free(text);
    }
}

/* What a file can say, and a text cannot have: the text is refused, by a sentence of its own. */
static void refused_texts(void **state) {
    (void)state;
    static const struct {
        const char *file, *from, *to, *text, *part;
    } texts[] = {{bpe, "\"unk_token\":null", "\"unk_token\":\"<unk>\"", "c",
                  "the tokenizer has no piece for \"c\", and its unk_token is no piece either"},
                 {unigram, "\"unk_id\":0", "\"unk_id\":null", "c",
                  "the tokenizer has no piece for \"_\", and no unk_id for unknown ones"},
                 {bpe, " ?\\\\w+", "(a|aa)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
                  "takes too many steps on a text of 41 bytes"}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        explaint_error error = {0};
        explaint_tokenizer *t = NULL;
        explaint_encoding e = {0};
        char *text = changed_in(texts[i].file, texts[i].from, texts[i].to);
        assert_int_equal(xp_tokenizer_read("tokenizer.json", text, strlen(text), &t, &error), EXPLAINT_OK);
        assert_int_equal(explaint_tokenizer_encode(t, texts[i].text, strlen(texts[i].text), NULL, &e, &error),
                         EXPLAINT_INVALID);
        if (strstr(error.message, texts[i].part) == NULL) fail_msg("case %zu: found \"%s\"", i, error.message);
        explaint_encoding_free(&e);
        explaint_tokenizer_close(t);
        free(text);
    }
}

/* Memory that runs out anywhere: in reading a file, a text, or a text back. */
static void starved(void **state) {
    (void)state;
    static const char text[] = "ab a-b \xc3\xa9 a";
    for (size_t i = 0; i < 2; i++) {
        char *file = i == 0 ? changed_in(bpe, "\"CTC\"", "\"ByteLevel\"")
                            : changed_in(unigram, "\"model\"",
                                         "\"decoder\":{\"type\":\"Metaspace\",\"replacement\":\"_\"},\"model\"");
        bool done = false;
        for (size_t n = 1; !done; n++) {
            explaint_error error = {0};
            explaint_tokenizer *t = NULL;
            explaint_encoding e = {0};
            explaint_decoded back = {0};
            xp_fail_allocation(n);
            explaint_status status = xp_tokenizer_read("tokenizer.json", file, strlen(file), &t, &error);
            if (status == EXPLAINT_OK) status = explaint_tokenizer_encode(t, text, sizeof text - 1, NULL, &e, &error);
            if (status == EXPLAINT_OK) status = explaint_tokenizer_decode(t, e.id, e.n, false, &back, &error);
            xp_fail_allocation(0);
            done = status == EXPLAINT_OK;
            if (status != EXPLAINT_OK && status != EXPLAINT_FAILED) fail_msg("%s", error.message);
            if (!done) assert_non_null(strstr(error.message, "not enough memory"));
            assert_int_equal(back.text != NULL, done);
            explaint_decoded_free(&back);
            explaint_encoding_free(&e);
            explaint_tokenizer_close(t);
            assert_true(n < 2000);
        }
        free(file);
    }
}

/* A decoder that is not implemented is refused where text is asked for, not before. */
static void undecoded(void **state) {
    (void)state;
    explaint_error error = {0};
    explaint_tokenizer *t = NULL;
    explaint_decoded text = {0};
    const int32_t id[] = {2};
    assert_int_equal(xp_tokenizer_read("tokenizer.json", bpe, strlen(bpe), &t, &error), EXPLAINT_OK);
    assert_int_equal(explaint_tokenizer_decode(t, id, 1, true, &text, &error), EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "the decoder \"CTC\" is not implemented; expected ByteLevel"));
    explaint_tokenizer_close(t);
}

static char *changed(const char *from, const char *to) { return changed_in(good, from, to); }

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

/* What old files leave out, and what is read all the same. */
static void inferred(void **state) {
    (void)state;
    static const struct {
        const char *from, *to;
    } old[] = {{"\"type\":\"WordPiece\",", ""},
               {"\"type\":\"BertNormalizer\",", ""},
               {"\"type\":\"TemplateProcessing\",", ""},
               {"\"normalized\":true,\"special\"", "\"special\""},
               {"{\"version\"", "\xef\xbb\xbf{\"version\""},
               {"\"added_tokens\":[", "\"added_tokens\":[{\"id\":1,\"content\":\"[CLS]\",\"special\":true},"}};
    explaint_error error = {0};
    explaint_tokenizer *t = NULL;
    for (size_t i = 0; i < sizeof old / sizeof old[0]; i++) {
        char *text = changed(old[i].from, old[i].to);
        explaint_encoding e = {0};
        if (xp_tokenizer_read("tokenizer.json", text, strlen(text), &t, &error) != EXPLAINT_OK)
            fail_msg("case %zu: %s", i, error.message);
        assert_int_equal(explaint_tokenizer_encode(t, "AB", 2, NULL, &e, &error), EXPLAINT_OK);
        assert_int_equal(e.n, 3);
        assert_int_equal(e.id[1], 2);
        assert_int_equal(e.id[2], 3);
        explaint_encoding_free(&e);
        explaint_tokenizer_close(t);
        free(text);
    }
}

/* ---- folders ---- */

static const char vocab[] = "[UNK]\n[CLS]\n[SEP]\na\nA\n##b\n";

/* Contents by xp_folder_file; NULL: there is no such file. */
static explaint_status read_folder(const char *const *content, explaint_tokenizer **t, explaint_error *error) {
    xp_folder_files files = {.folder = "model/"};
    for (size_t i = 0; i < XP_FOLDER_FILES; i++) {
        files.file[i].path = xp_folder_file_name((xp_folder_file)i);
        files.file[i].data = content[i];
        files.file[i].size = content[i] != NULL ? strlen(content[i]) : 0;
    }
    return xp_folder_read(&files, t, error);
}

static const struct {
    xp_folder_file file;
    const char *content, *part;
} folders[] = {
    {XP_VOCAB_TXT, "[UNK]\n[CLS]\n[SEP]\na\xff\n", "vocab.txt:4: expected UTF-8, found the byte 0xff"},
    {XP_VOCAB_TXT, "[CLS]\n[SEP]\na\n", "the piece for unknown words, \"[UNK]\", is not in the vocabulary"},
    {XP_VOCAB_TXT, "[UNK]\n[CLS]\na\n\n\n", "the added token \"[SEP]\" has no id of its own, as there are equal lines"},
    {XP_TOKENIZER_CONFIG, "{", "tokenizer_config.json:1: is not valid JSON"},
    {XP_TOKENIZER_CONFIG, "\xff\xfe{",
     "tokenizer_config.json: expected JSON in UTF-8, found the byte order mark of UTF-16"},
    {XP_TOKENIZER_CONFIG, "[]", "expected an object, as every tokenizer_config.json has"},
    {XP_TOKENIZER_CONFIG, "{\"do_lower_case\":1}", "expected true or false for \"do_lower_case\", found 1"},
    {XP_TOKENIZER_CONFIG, "{\"do_lower_case\":null}", "expected true or false for \"do_lower_case\", found null"},
    {XP_TOKENIZER_CONFIG, "{\"strip_accents\":\"no\"}", "expected true, false or null for \"strip_accents\""},
    {XP_TOKENIZER_CONFIG, "{\"split_special_tokens\":2}", "expected true or false for \"split_special_tokens\""},
    {XP_TOKENIZER_CONFIG, "{\"tokenizer_class\":\"GPT2Tokenizer\"}", "found \"GPT2Tokenizer\""},
    {XP_TOKENIZER_CONFIG, "{\"tokenizer_class\":7}", "PreTrainedTokenizerFast does for \"tokenizer_class\", found 7"},
    {XP_TOKENIZER_CONFIG, "{\"tokenizer_class\":\"PreTrainedTokenizerFast\"}", "model/: expected a tokenizer.json"},
    {XP_TOKENIZER_CONFIG, "{\"vocab\":{}}", "expected no such key (it is not implemented) for \"vocab\""},
    {XP_TOKENIZER_CONFIG, "{\"auto_map\":{\"AutoTokenizer\":[null,\"a.B\"]}}",
     "expected no tokenizer of the folder's own"},
    {XP_TOKENIZER_CONFIG, "{\"init_inputs\":[1]}", "expected an empty list for \"init_inputs\""},
    {XP_TOKENIZER_CONFIG, "{\"fast_tokenizer_files\":[\"tokenizer.4.0.0.json\"]}", "expected tokenizer.json alone"},
    {XP_TOKENIZER_CONFIG, "{\"cls_token\":7}", "expected a token for \"cls_token\", found 7"},
    {XP_TOKENIZER_CONFIG, "{\"cls_token\":null}", "expected a token for \"cls_token\", found null"},
    {XP_TOKENIZER_CONFIG, "{\"cls_token\":\"\"}", "expected a token for \"cls_token\", found \"\""},
    {XP_TOKENIZER_CONFIG, "{\"sep_token\":\"a:b\"}",
     "expected a name without blanks, colons and dollars for \"sep_token\""},
    {XP_TOKENIZER_CONFIG, "{\"mask_token\":{\"content\":\"a\",\"lstrip\":0}}",
     "expected true or false for \"lstrip\" of mask_token, found 0"},
    {XP_TOKENIZER_CONFIG, "{\"added_tokens_decoder\":null}", "expected an object for \"added_tokens_decoder\""},
    {XP_TOKENIZER_CONFIG, "{\"added_tokens_decoder\":{\"x\":{\"content\":\"a\"}}}", "expected objects by their ids"},
    {XP_TOKENIZER_CONFIG, "{\"added_tokens_decoder\":{\"7\":{\"content\":\"a\"}}}",
     "tokenizer_config.json: expected the id 3 for the added token \"a\""},
    {XP_TOKENIZER_CONFIG, "{\"extra_special_tokens\":{\"cls_token\":\"a\"}}",
     "expected that role as a key of the file itself"},
    {XP_TOKENIZER_CONFIG, "{\"additional_special_tokens\":\"a\"}", "expected a list of tokens"},
    {XP_SPECIAL_TOKENS_MAP, "{\"additional_special_tokens\":[1]}",
     "expected a token for \"additional_special_tokens\""},
    {XP_SPECIAL_TOKENS_MAP, "{\"unk_token\":\"x\"}", "the piece for unknown words, \"x\""},
    {XP_SPECIAL_TOKENS_MAP, "{\"do_lower_case\":7}",
     "special_tokens_map.json: expected true or false for \"do_lower_case\""},
    {XP_ADDED_TOKENS, "{\"x\":-1}", "added_tokens.json: expected an id of 0 or more for \"x\", found -1"},
    {XP_ADDED_TOKENS, "{\"x\":9}", "added_tokens.json: expected the id 6 for the added token \"x\""},
    {XP_ADDED_TOKENS, "[]", "expected an object, as every added_tokens.json has"},
    {XP_MODEL_CONFIG, "{\"model_type\":\"roberta\"}",
     "PreTrainedTokenizerFast does for \"tokenizer_class\", found absent"},
    {XP_MODEL_CONFIG, "{\"tokenizer_class\":\"XTokenizer\"}", "config.json: expected a tokenizer that works as"},
};

static void refused_folders(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        const char *content[XP_FOLDER_FILES] = {[XP_VOCAB_TXT] = vocab};
        explaint_error error = {0};
        explaint_tokenizer *t = NULL;
        content[folders[i].file] = folders[i].content;
        assert_int_equal(read_folder(content, &t, &error), EXPLAINT_INVALID);
        assert_null(t);
        if (strstr(error.message, folders[i].part) == NULL)
            fail_msg("case %zu: expected \"%s\", found \"%s\"", i, folders[i].part, error.message);
    }
}

/* A tokenizer.json with BPE decides, whatever class is named; what it does not have is noted. */
static void alone(void **state) {
    (void)state;
    static const char *const notes[] = {
        "tokenizer_config.json adds \"<x>\", which is no token here: tokenizer.json, which decides, does not have it",
        "added_tokens.json adds \"<y>\", which is no token here",
        "tokenizer_config.json asks for add_bos_token true, which is not applied: tokenizer.json decides"};
    const char *content[XP_FOLDER_FILES] = {
        [XP_TOKENIZER_JSON] = bpe,
        [XP_ADDED_TOKENS] = "{\"ab\":2,\"<y>\":9}",
        [XP_TOKENIZER_CONFIG] =
            "{\"tokenizer_class\":\"LlamaTokenizer\",\"add_bos_token\":true,\"add_eos_token\":false,"
            "\"added_tokens_decoder\":{\"2\":{\"content\":\"ab\"},\"8\":{\"content\":\"<x>\"}}}"};
    explaint_error error = {0};
    explaint_tokenizer *t = NULL;
    if (read_folder(content, &t, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(explaint_tokenizer_n_notes(t), 3);
    for (size_t i = 0; i < 3; i++) assert_non_null(strstr(explaint_tokenizer_note(t, i), notes[i]));
    explaint_tokenizer_close(t);
}

/* A file that another one goes before is said to be so. The ids are those of "Ab [x]" between [CLS] and [SEP]; that they are
 * what transformers gives is shown on many more folders by tests/oracle/vary_tokenizer.py. */
static const struct {
    const char *json, *config, *map, *added, *note;
    int32_t id[6];
} agreements[] = {
    {NULL, NULL, NULL, NULL, "read as BERT's, with do_lower_case true (by default)", {3, 5, 0, 0, 0}},
    {NULL, "{\"do_lower_case\":false}", NULL, NULL, "do_lower_case false (tokenizer_config.json)", {4, 5, 0, 0, 0}},
    {NULL, "{\"do_lower_case\":false}", "{\"do_lower_case\":true}", NULL, "(special_tokens_map.json)", {3, 5, 0, 0, 0}},
    {NULL, NULL, NULL, "{\"[x]\":6}", NULL, {3, 5, 6}},
    {NULL, "{\"additional_special_tokens\":[\"[x]\"]}", NULL, NULL, NULL, {3, 5, 8}},
    {NULL, "{\"do_basic_tokenize\":false}", NULL, NULL, "do_basic_tokenize is not applied", {3, 5, 0, 0, 0}},
    {NULL, "{\"never_split\":[\"[x]\"]}", NULL, NULL, "never_split is not applied", {3, 5, 0, 0, 0}},
    {NULL,
     "{\"added_tokens_decoder\":{}}",
     NULL,
     "{\"[x]\":6}",
     "added_tokens.json adds \"[x]\", which is no token",
     {3, 5, 0, 0, 0}},
    {NULL,
     "{\"added_tokens_decoder\":{}}",
     "{\"mask_token\":\"[x]\"}",
     NULL,
     "has the mask_token \"[x]\", which is not applied",
     {3, 5, 0, 0, 0}},
    {NULL, "{\"added_tokens_decoder\":{\"6\":{\"content\":\"[x]\"}}}", NULL, NULL, NULL, {3, 5, 6}},
    {good,
     NULL,
     NULL,
     NULL,
     "is not looked at beside tokenizer.json, which has \"a\" where its line 3 has \"[SEP]\"",
     {2, 3, 0, 0, 0}},
    {good,
     "{\"tokenizer_class\":\"BertTokenizer\",\"strip_accents\":false,\"do_lower_case\":false}",
     NULL,
     NULL,
     "asks for lowercase true, which is not applied: BertTokenizer in transformers 5 goes by do_lower_case, false "
     "(tokenizer_config.json)",
     {0, 0, 0, 0}},
    {good,
     "{\"tokenizer_class\":\"MPNetTokenizer\",\"tokenize_chinese_chars\":false}",
     NULL,
     NULL,
     "asks for handle_chinese_chars true, which is not applied",
     {2, 3, 0, 0, 0}},
    {good,
     "{\"tokenizer_class\":\"BertTokenizer\"}",
     NULL,
     NULL,
     "asks for the post_processor {\"type\": \"TemplateProcessing\"",
     {2, 3, 0, 0, 0}},
    {good,
     "{\"tokenizer_class\":\"PreTrainedTokenizerFast\",\"do_lower_case\":false}",
     NULL,
     NULL,
     "asks for do_lower_case false, which is not applied: PreTrainedTokenizerFast goes by tokenizer.json",
     {2, 3, 0, 0, 0}},
};

static void check_agreement(size_t k, const explaint_tokenizer *t) {
    explaint_error error = {0};
    explaint_encoding e = {0};
    explaint_encode_options bare = {.no_special_tokens = true};
    bool noted = agreements[k].note == NULL;
    for (size_t i = 0; i < explaint_tokenizer_n_notes(t); i++)
        noted |= agreements[k].note != NULL && strstr(explaint_tokenizer_note(t, i), agreements[k].note) != NULL;
    for (size_t i = 0; !noted && i < explaint_tokenizer_n_notes(t); i++)
        print_message("%s\n", explaint_tokenizer_note(t, i));
    if (!noted) fail_msg("case %zu: no note has \"%s\"", k, agreements[k].note);
    assert_int_equal(explaint_tokenizer_encode(t, "Ab [x]", 6, &bare, &e, &error), EXPLAINT_OK);
    for (size_t i = 0; i < e.n; i++)
        if (i >= 6 || e.id[i] != agreements[k].id[i]) fail_msg("case %zu: piece %zu is %d", k, i, (int)e.id[i]);
    explaint_encoding_free(&e);
}

/* A template for conversations is noted, wherever it stands, and changes no piece. */
static void chats(void **state) {
    (void)state;
    static const char *const config[] = {NULL, "{\"chat_template\":null}", "{\"chat_template\":\"{{x}}\"}",
                                         "{\"chat_template\":[{\"name\":\"default\",\"template\":\"{{x}}\"}]}"};
    for (size_t k = 0; k < 5; k++) {
        const char *folder = files_path(""), *where = k == 4 ? "chat_template.jinja" : "tokenizer_config.json";
        explaint_error error = {0};
        explaint_tokenizer *t = NULL;
        files_text("vocab.txt", vocab);
        if (k > 0 && k < 4) files_text("tokenizer_config.json", config[k]);
        if (k == 4) remove(files_path("tokenizer_config.json"));
        if (k == 4) files_text("chat_template.jinja", "{{x}}");
        if (explaint_tokenizer_open(folder, &t, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        size_t noted = 0;
        for (size_t i = 0; i < explaint_tokenizer_n_notes(t); i++)
            noted += strstr(explaint_tokenizer_note(t, i), where) != NULL &&
                     strstr(explaint_tokenizer_note(t, i), "chat template, which is never applied") != NULL;
        assert_int_equal(noted, k > 1);
        explaint_encoding e = {0};
        assert_int_equal(explaint_tokenizer_encode(t, "ab", 2, NULL, &e, &error), EXPLAINT_OK);
        assert_int_equal(e.n, 4);
        explaint_encoding_free(&e);
        explaint_tokenizer_close(t);
    }
}

static void agree(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof agreements / sizeof agreements[0]; k++) {
        const char *content[XP_FOLDER_FILES] = {agreements[k].json,  vocab, agreements[k].config, agreements[k].map,
                                                agreements[k].added, NULL};
        explaint_error error = {0};
        explaint_tokenizer *t = NULL;
        if (read_folder(content, &t, &error) != EXPLAINT_OK) fail_msg("case %zu: %s", k, error.message);
        check_agreement(k, t);
        explaint_tokenizer_close(t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(refused),
                                       cmocka_unit_test(refused_kinds),
                                       cmocka_unit_test(nested),
                                       cmocka_unit_test(refused_texts),
                                       cmocka_unit_test(undecoded),
                                       cmocka_unit_test(inferred),
                                       cmocka_unit_test(starved),
                                       cmocka_unit_test(refused_folders),
                                       cmocka_unit_test(alone),
                                       cmocka_unit_test(agree),
                                       cmocka_unit_test_setup_teardown(chats, files_setup, files_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Folders of sentence-transformers in memory: vectors worked out by hand, what each file may say, every allocation that fails once. The
 * same beside sentence-transformers itself: tests/oracle/vary_sentence_transformers.py. */
#include "sentence/sentence.h"

#include <math.h>

#include "support/files.h"
#include "support/parts.h"

#define MODULES                                                                                                        \
    "@modules.json\n[{\"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\"}, "                       \
    "{\"path\": \"1_Pooling\", \"type\": \"sentence_transformers.models.Pooling\"}]\n"
#define MORE(kind)                                                                                                     \
    "@modules.json\n[{\"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\"}, "                       \
    "{\"path\": \"1_Pooling\", \"type\": \"sentence_transformers.models.Pooling\"}, "                                  \
    "{\"path\": \"2\", \"type\": \"sentence_transformers.models." kind "\"}]\n"
#define POOLING(keys) "@1_Pooling/config.json\n{\"word_embedding_dimension\": 2" keys "}\n"
#define PROMPTS(keys) "@config_sentence_transformers.json\n{\"prompts\": {\"a\": \"the \", \"b\": null}" keys "}\n"

static explaint_model_info model(void) {
    return (explaint_model_info){.path = "m", .root = "m", .dtype = "F32", .width = 2, .n_positions = 9};
}

static explaint_status read_bytes(const char *text, size_t size, xp_sentence *s, explaint_error *error) {
    parts all = {text, size};
    const xp_source source = parts_source(&all);
    const explaint_model_info info = model();
    return xp_sentence_read_from(&source, &info, false, s, error);
}

static xp_sentence open_text(const char *text) {
    xp_sentence s;
    explaint_error error = {0};
    if (read_bytes(text, strlen(text), &s, &error) != EXPLAINT_OK) fail_msg("%s: %s", text, error.message);
    return s;
}

static void refuse(const char *text, const char *part) {
    xp_sentence s;
    explaint_error error = {0};
    if (read_bytes(text, strlen(text), &s, &error) != EXPLAINT_INVALID) fail_msg("%s", text);
    assert_contains(error.message, part);
}

static void gives(const xp_sentence *s, size_t first, const double *want) {
    static const float rows[] = {1, 5, -2, 7, 4, -3}; /* three pieces */
    float room[64];
    assert_true(s->room <= 64);
    xp_sentence_vector(s, 3, first, rows, room);
    for (size_t d = 0; d < s->width; d++)
        if (!(fabs((double)room[d] - want[d]) < 1e-6)) fail_msg("%zu: %g, expected %g", d, (double)room[d], want[d]);
}

static void ways_of_pooling(void **state) {
    (void)state;
    static const struct {
        const char *keys;
        size_t width;
        double all[4], behind[4]; /* all pieces; behind the first, which is the prompt's */
    } cases[] = {
        {"", 2, {1, 3}, {1, 2}},
        {", \"pooling_mode\": \"cls\"", 2, {1, 5}, {-2, 7}},
        {", \"pooling_mode\": \"lasttoken\"", 2, {4, -3}, {4, -3}},
        {", \"pooling_mode\": \"max\"", 2, {4, 7}, {4, 7}},
        {", \"pooling_mode\": \"mean_sqrt_len_tokens\"",
         2,
         {3 / 1.7320508, 9 / 1.7320508},
         {2 / 1.4142136, 4 / 1.4142136}},
        {", \"pooling_mode\": \"weightedmean\"", 2, {9. / 6, 10. / 6}, {8. / 5, 5. / 5}},
        {", \"pooling_mode\": [\"lasttoken\", \"cls\"]", 4, {4, -3, 1, 5}, {4, -3, -2, 7}},
        {", \"pooling_mode_lasttoken\": true, \"pooling_mode_cls_token\": 1", 4, {1, 5, 4, -3}, {-2, 7, 4, -3}},
        {", \"pooling_mode_max_tokens\": true, \"pooling_mode\": \"mean\"", 2, {1, 3}, {1, 2}},
        {", \"pooling_mode_max_tokens\": false", 2, {1, 3}, {1, 2}}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, MODULES POOLING("%s"), cases[i].keys);
        xp_sentence s = open_text(text);
        assert_int_equal(s.width, cases[i].width);
        gives(&s, 0, cases[i].all);
        gives(&s, 1, cases[i].behind);
        assert_true(s.prompt == NULL && s.most == 0 && s.prompt_counts);
        xp_sentence_free(&s);
    }
}

static void scaled_and_shortened(void **state) {
    (void)state;
    xp_sentence s =
        open_text(MORE("Normalize") POOLING("") "@config_sentence_transformers.json\n{\"truncate_dim\": 1}");
    assert_int_equal(s.width, 1);
    gives(&s, 0, (const double[]){1 / 3.1622777}); /* shortened after it was scaled */
    xp_sentence_free(&s);
}

/* A Dense of 2 x 2 with the weights 1 2 3 4 and the bias 0 -6, or without bias. */
static size_t dense(char *text, const char *config, bool bias) {
    const float weight[] = {1, 2, 3, 4, 0, -6};
    const char *head = bias ? "{\"linear.weight\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},"
                              "\"linear.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]}}"
                            : "{\"linear.weight\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}";
    const uint64_t length = strlen(head);
    size_t size = (size_t)sprintf(text, MORE("Dense") POOLING("") "@2/config.json\n%s\n@2/model.safetensors\n", config);
    memcpy(text + size, &length, 8);
    memcpy(text + size + 8, head, length);
    memcpy(text + size + 8 + length, weight, bias ? 24 : 16);
    return size + 8 + length + (bias ? 24 : 16);
}

static void linear_maps(void **state) {
    (void)state;
#define SIZES "\"in_features\": 2, \"out_features\": 2"
    static const struct {
        const char *config;
        bool bias;
        double want[2]; /* of 1 3 */
    } cases[] = {{"{" SIZES "}", true, {0.9999983, 0.99999}},
                 {"{" SIZES ", \"activation_function\": \"torch.nn.modules.linear.Identity\"}", true, {7, 9}},
                 {"{" SIZES ", \"activation_function\": \"torch.nn.Identity\", \"bias\": false}", false, {7, 15}},
                 {"{" SIZES ", \"activation_function\": \"torch.nn.ReLU\", \"bias\": null}", false, {7, 15}}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[2048];
        explaint_error error = {0};
        xp_sentence s;
        const size_t size = dense(text, cases[i].config, cases[i].bias);
        if (read_bytes(text, size, &s, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        double want[2] = {cases[i].want[0], cases[i].want[1]};
        if (i == 0) { /* without the key it is Tanh */
            want[0] = tanh(7);
            want[1] = tanh(9);
        }
        gives(&s, 0, want);
        xp_sentence_free(&s);
    }
    static const struct {
        const char *config, *part;
        bool bias;
    } wrong[] = {{"{\"in_features\": 3, \"out_features\": 2}", "\"in_features\"", true},
                 {"{\"in_features\": 2, \"out_features\": 3}", "linear.weight, 3 x 2", true},
                 {"{" SIZES "}", "linear.weight and linear.bias", false},
                 {"{" SIZES ", \"bias\": false}", "linear.weight, and no others", true},
                 {"{" SIZES ", \"activation_function\": \"mine.Tanh\"}", "\"activation_function\"", true},
                 {"{" SIZES ", \"activation_function\": \"torch.tanh\"}", "\"activation_function\"", true},
                 {"{" SIZES ", \"use_residual\": true}", "\"use_residual\"", true},
                 {"{" SIZES ", \"module_input_name\": \"token_embeddings\"}", "\"module_input_name\"", true},
                 {"{" SIZES ", \"depth\": 2}", "\"depth\"", true}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[2048];
        explaint_error error = {0};
        xp_sentence s;
        const size_t size = dense(text, wrong[i].config, wrong[i].bias);
        assert_int_equal(read_bytes(text, size, &s, &error), EXPLAINT_INVALID);
        assert_contains(error.message, wrong[i].part);
    }
}

static void prompts(void **state) {
    (void)state;
    xp_sentence s =
        open_text(MODULES POOLING(", \"include_prompt\": false") PROMPTS(", \"default_prompt_name\": \"a\""));
    assert_string_equal(s.prompt, "the ");
    assert_string_equal(s.prompt_name, "a");
    assert_false(s.prompt_counts);
    xp_sentence_free(&s);
    static const char *const none[] = {"", ", \"default_prompt_name\": null", ", \"default_prompt_name\": \"b\"",
                                       ", \"default_prompt_name\": \"query\"",
                                       ", \"default_prompt_name\": \"document\""};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, MODULES POOLING("") PROMPTS("%s"), none[i]);
        s = open_text(text);
        assert_null(s.prompt);
        xp_sentence_free(&s);
    }
    refuse(MODULES POOLING("") PROMPTS(", \"default_prompt_name\": \"c\""), "\"default_prompt_name\", found \"c\"");
    refuse(MODULES POOLING("") PROMPTS(", \"default_prompt_name\": 1"), "\"default_prompt_name\", found 1");
    refuse(MODULES POOLING("") "@config_sentence_transformers.json\n{\"prompts\": []}", "\"prompts\", found []");
    refuse(MODULES POOLING("") PROMPTS(", \"model_type\": \"SparseEncoder\""), "\"model_type\"");
}

static void lengths(void **state) {
    (void)state;
#define BERT(keys) "@sentence_bert_config.json\n{" keys "}\n"
#define TOKENIZER(keys) "@tokenizer_config.json\n{" keys "}\n"
#define CONFIG(keys) "@config.json\n{" keys "}\n"
    static const struct {
        const char *files;
        size_t most;
        const char *from;
    } cases[] = {{"", 0, NULL},
                 {CONFIG("\"max_position_embeddings\": 7"), 7, "\"max_position_embeddings\" of config.json"},
                 {TOKENIZER("\"model_max_length\": 5") CONFIG("\"max_position_embeddings\": 7"), 5,
                  "\"model_max_length\" of tokenizer_config.json"},
                 {TOKENIZER("\"model_max_length\": 8") CONFIG("\"max_position_embeddings\": 7"), 7, NULL},
                 {TOKENIZER("\"model_max_length\": 1000000000000000019884624838656"), 0, NULL},
                 {TOKENIZER("\"max_len\": 4"), 4, "\"max_len\" of tokenizer_config.json"},
                 {BERT("\"max_seq_length\": 8") TOKENIZER("\"model_max_length\": 5")
                      CONFIG("\"max_position_embeddings\": 7"),
                  8, "\"max_seq_length\" of sentence_bert_config.json"},
                 {BERT("\"max_seq_length\": null") TOKENIZER("\"model_max_length\": 5"), 5, NULL},
                 {BERT("") "@sentence_roberta_config.json\n{\"max_seq_length\": 3}\n", 3,
                  "\"max_seq_length\" of sentence_roberta_config.json"},
                 {BERT("\"max_seq_length\": 8, \"processing_kwargs\": {\"text\": {\"max_length\": 6}}"), 6, NULL},
                 {BERT("\"max_seq_length\": 8, \"tokenizer_args\": {\"model_max_length\": 9}"), 9, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, MODULES POOLING("") "%s", cases[i].files);
        xp_sentence s = open_text(text);
        if (s.most != cases[i].most) fail_msg("%s: %zu", cases[i].files, s.most);
        if (cases[i].from != NULL) assert_string_equal(s.most_from, cases[i].from);
        xp_sentence_free(&s);
    }
}

static void what_contradicts(void **state) {
    (void)state;
    static const struct {
        const char *files, *part;
    } cases[] = {{POOLING(", \"pooling_mode\": \"first\""), "\"pooling_mode\", found \"first\""},
                 {POOLING(", \"pooling_mode\": []"), "\"pooling_mode\", found []"},
                 {POOLING(", \"pooling_mode\": null"), "\"pooling_mode\", found null"},
                 {POOLING(", \"pooling_mode\": [\"mean\", 2]"), "\"pooling_mode\", found [\"mean\", 2]"},
                 {POOLING(", \"pooling_mode_first\": true"), "\"pooling_mode_first\""},
                 {"@1_Pooling/config.json\n{\"embedding_dimension\": 3}\n", "\"embedding_dimension\", found 3"},
                 {"@1_Pooling/config.json\n{}\n", "\"word_embedding_dimension\", found absent"},
                 {"@1_Pooling/config.json\n[]\n", "expected an object"},
                 {"", "1_Pooling/config.json: modules.json names it"},
                 {POOLING("") BERT("\"do_lower_case\": true"), "\"do_lower_case\""},
                 {POOLING("") BERT("\"max_seq_length\": 0"), "\"max_seq_length\", found 0"},
                 {POOLING("") BERT("\"max_seq_length\": \"9\""), "\"max_seq_length\", found \"9\""},
                 {POOLING("") BERT("\"length\": 9"), "\"length\", found 9"},
                 {POOLING("") BERT("\"transformer_task\": \"fill-mask\""), "\"transformer_task\""},
                 {POOLING("") BERT("\"modality_config\": {\"message\": {}}"), "\"modality_config\""},
                 {POOLING("") BERT("\"config_args\": {\"hidden_act\": \"relu\"}"), "\"hidden_act\""},
                 {POOLING("") BERT("\"model_args\": {\"dtype\": \"float16\"}"), "\"dtype\""},
                 {POOLING("") BERT("\"model_args\": {}, \"model_kwargs\": {}"), "\"model_args\""},
                 {POOLING("") BERT("\"tokenizer_args\": {\"do_lower_case\": false}"), "\"do_lower_case\""},
                 {POOLING("") BERT("\"tokenizer_name_or_path\": \"x\""), "\"tokenizer_name_or_path\""},
                 {POOLING("") BERT("\"query_expansion\": {}"), "\"query_expansion\""},
                 {POOLING("") BERT("\"processing_kwargs\": {\"common\": {\"a\": 1}}"), "\"common\""},
                 {POOLING("") TOKENIZER("\"padding_side\": \"left\""), "\"padding_side\""},
                 {POOLING("") TOKENIZER("\"truncation_side\": \"up\""), "\"truncation_side\""},
                 {POOLING("") "@tokenizer.json\n{\"padding\": {\"direction\": \"Left\"}}\n", "\"padding_side\""},
                 {POOLING("") "@config_sentence_transformers.json\n{\"truncate_dim\": 0}", "\"truncate_dim\""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, MODULES "%s", cases[i].files);
        refuse(text, cases[i].part);
    }
    refuse("", "modules.json: expected the pooling of texts there, found no such file");
    refuse("@modules.json\n{}", "expected a list of modules");
    refuse(MORE("LayerNorm") POOLING(""), "\"sentence_transformers.models.LayerNorm\"");
    refuse(MORE("Pooling") POOLING(""), "twice");
    refuse(MORE("Transformer") POOLING(""), "behind another module");
    refuse(MORE("Normalize") POOLING("") "@2/config.json\n{\"module_input_name\": \"token_embeddings\"}",
           "\"module_input_name\"");
    refuse("@modules.json\n[{\"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\", \"name\": \"0\"}, "
           "{\"path\": \"\", \"type\": \"sentence_transformers.models.Normalize\", \"name\": \"0\"}]",
           "a \"name\" that no module before has in module 1");
}

static void half_precision_is_noted(void **state) {
    (void)state;
    xp_sentence s = open_text(MODULES POOLING("") CONFIG("\"torch_dtype\": \"float16\""));
    assert_int_equal(s.notes.count, 1);
    assert_contains(s.notes.item[0], "in float16, here it is float32");
    xp_sentence_free(&s);
    s = open_text(MODULES POOLING("") CONFIG("\"torch_dtype\": \"float16\"")
                      BERT("\"model_kwargs\": {\"dtype\": \"float32\"}"));
    assert_int_equal(s.notes.count, 0);
    xp_sentence_free(&s);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    char text[4096];
    size_t size = dense(text, "{" SIZES "}", true), n = 1;
    size += (size_t)sprintf(text + size, "\n" BERT("\"max_seq_length\": 8") PROMPTS(", \"default_prompt_name\": \"a\"")
                                             CONFIG("\"dtype\": \"float16\""));
    explaint_status status = EXPLAINT_FAILED;
    for (; status != EXPLAINT_OK; n++) {
        xp_sentence s;
        xp_strings lines = {0};
        explaint_error error = {0};
        xp_fail_allocation(n);
        status = read_bytes(text, size, &s, &error);
        if (status == EXPLAINT_OK && !xp_sentence_describe(&s, &lines)) status = xp_no_memory(&error, "lines");
        xp_fail_allocation(0);
        if (status != EXPLAINT_OK && status != EXPLAINT_FAILED) fail_msg("%zu: %s", n, error.message);
        xp_strings_free(&lines);
        xp_sentence_free(&s);
    }
    assert_true(n > 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(ways_of_pooling),
                                       cmocka_unit_test(scaled_and_shortened),
                                       cmocka_unit_test(linear_maps),
                                       cmocka_unit_test(prompts),
                                       cmocka_unit_test(lengths),
                                       cmocka_unit_test(what_contradicts),
                                       cmocka_unit_test(half_precision_is_noted),
                                       cmocka_unit_test(every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

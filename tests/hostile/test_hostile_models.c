/* Model folders that people and programs get wrong, one fault each: every one is refused with EXPLAINT_INVALID and a sentence
 * that names the key or the tensor. */
#include "support/models.h"
#include "support/tiny_model.h"

static void refused(const char *folder, const char *part, const char *what) {
    explaint_error error = {0};
    explaint_model *model = NULL;
    explaint_status status = explaint_model_open(folder, NULL, &model, &error);
    if (status != EXPLAINT_INVALID || error.code != status || model != NULL)
        fail_msg("%s: status %d, %s", what, (int)status, error.message);
    assert_contains(error.message, part);
    for (const char *p = error.message; *p != 0; p++) assert_true((unsigned char)*p >= 0x20);
    explaint_model_close(model);
}

static void the_tiny_model_opens(void **state) {
    (void)state;
    tiny_model tiny = tiny_create();
    explaint_model *model = models_open(tiny_write(&tiny), NULL);
    assert_string_equal(explaint_model_describe(model)->dtype, "F32");
    explaint_model_close(model);
    /* what changes nothing: keys, a prefix, a head */
    for (size_t i = 0; i < tiny.n; i++) {
        char name[96];
        snprintf(name, sizeof name, "bert.%.80s", tiny.tensor[i].name);
        memcpy(tiny.tensor[i].name, name, sizeof name);
    }
    tiny_add(&tiny, "cls.predictions.bias", 7, 0);
    tiny_add(&tiny, "bert.embeddings.position_ids", 1, 6);
    tiny.tensor[tiny.n - 1].dtype = "I64";
    model = models_open(tiny_write(&tiny), NULL);
    explaint_model_close(model);
}

static void configs(void **state) {
    (void)state;
#define DEBERTA "{\"model_type\": \"deberta-v2\", \"relative_attention\": true, "
    static const struct {
        const char *from, *to, *part;
    } cases[] = {
        {"\"bert\"", "\"gpt9\"",
         "expected \"model_type\" to be one of the families that are implemented (bert, mpnet, roberta"},
        {"\"model_type\": \"bert\", ", "", "found absent"},
        {"\"model_type\": \"bert\"", "\"model_type\": 7", "\"model_type\""},
        {"\"num_attention_heads\": 2", "\"num_attention_heads\": 3",
         "expected num_attention_heads to divide hidden_size, found 3 heads and a width of 4"},
        {"\"hidden_size\": 4", "\"hidden_size\": 0",
         "expected \"hidden_size\" to be a whole number of 1 to 131072, found 0"},
        {"\"hidden_size\": 4", "\"hidden_size\": -4", "found -4"},
        {"\"hidden_size\": 4", "\"hidden_size\": 4.5", "found 4.5"},
        {"\"hidden_size\": 4", "\"hidden_size\": 1000000000000", "found 1000000000000"},
        {"\"hidden_size\": 4", "\"hidden_size\": 99999999999999999999", "\"hidden_size\""},
        {"\"hidden_size\": 4", "\"hidden_size\": null", "found null"},
        {"\"hidden_size\": 4", "\"hidden_size\": 4, \"hidden_size\": 8", "duplicate object key"},
        {"\"num_hidden_layers\": 1", "\"num_hidden_layers\": 0", "\"num_hidden_layers\""},
        {"\"num_hidden_layers\": 1", "\"num_hidden_layers\": 2",
         "expected a tensor \"encoder.layer.1.attention.self.query.weight\" of the shape 4 x 4, found none"},
        {"\"num_hidden_layers\": 1", "\"num_hidden_layers\": 100000", "found 100000"},
        {"\"vocab_size\": 7", "\"vocab_size\": 16000000",
         "tensor \"embeddings.word_embeddings.weight\": expected the shape 16000000 x 4, as config.json says, found 7 "
         "x 4"},
        {"\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": 0", "expected \"layer_norm_eps\" to be a number above 0"},
        {"\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": \"small\"", "found \"small\""},
        {"\"gelu\"", "\"laplace\"",
         "expected \"hidden_act\" to be gelu, gelu_new, gelu_pytorch_tanh, relu, silu or tanh, found \"laplace\""},
        {"\"gelu\"", "\"gelu\", \"position_embedding_type\": \"relative_key\"",
         "expected \"position_embedding_type\" to be \"absolute\", which is what is implemented, found "
         "\"relative_key\""},
        {"\"gelu\"", "\"gelu\", \"is_decoder\": true", "expected \"is_decoder\" to be absent or false"},
        {"\"gelu\"", "\"gelu\", \"add_cross_attention\": true", "\"add_cross_attention\""},
        {"\"gelu\"", "\"gelu\", \"pruned_heads\": {\"0\": [1]}", "found {\"0\": [1]}"},
        {"\"gelu\"", "\"gelu\", \"quantization_config\": {\"bits\": 4}", "\"quantization_config\""},
        {"\"gelu\"", "\"gelu\", \"auto_map\": {\"AutoModel\": \"evil.py\"}", "\"auto_map\""},
        {"\"bert\"", "\"mpnet\", \"relative_attention_num_buckets\": 16", "to be at least 32"},
        {"\"bert\", \"hidden_size\": 4", "\"mpnet\", \"hidden_size\": 4",
         "expected a tensor \"encoder.relative_attention_bias.weight\" of the shape 32 x 2"},
        {TINY_CONFIG, "{\"model_type\": \"roberta\", \"vocab_size\": 7, \"pad_token_id\": 7}",
         "expected \"pad_token_id\" to be a piece of the vocabulary of 7"},
        {TINY_CONFIG, "{\"model_type\": \"roberta\", \"pad_token_id\": null}",
         "expected \"pad_token_id\" to be a piece"},
        {TINY_CONFIG, "{\"model_type\": \"xlm-roberta\", \"max_position_embeddings\": 2}",
         "expected \"max_position_embeddings\" to be at least 3, since positions begin at 2, found 2"},
        {TINY_CONFIG, "{\"model_type\": \"albert\", \"num_hidden_groups\": 13}", "found 13 groups and 12 layers"},
        {TINY_CONFIG, "{\"model_type\": \"albert\", \"inner_group_num\": 100}",
         "to be at most 1024, found 12 times 100"},
        {TINY_CONFIG, "{\"model_type\": \"modernbert\", \"local_attention\": 0}",
         "\"local_attention\" to be a whole number"},
        {TINY_CONFIG, "{\"model_type\": \"modernbert\", \"global_attn_every_n_layers\": 0}",
         "a whole number above 0, found 0"},
        {TINY_CONFIG, DEBERTA "\"position_buckets\": 7}",
         "expected \"position_buckets\" to be an even number below twice the largest distance of 511, or -1, found 7"},
        {TINY_CONFIG, DEBERTA "\"position_buckets\": 8, \"max_relative_positions\": 5}",
         "below twice the largest distance of 4, or -1, found 8"},
        {TINY_CONFIG, DEBERTA "\"position_buckets\": null}",
         "\"position_buckets\" to be a whole number of at most 8388608"},
        {TINY_CONFIG, DEBERTA "\"max_relative_positions\": 1.5}", "\"max_relative_positions\" to be a whole number"},
        {TINY_CONFIG, DEBERTA "\"pos_att_type\": [\"c2p\", \"p2p\"]}",
         "expected \"pos_att_type\" to be c2p, p2c or both"},
        {TINY_CONFIG, DEBERTA "\"pos_att_type\": \"c2p|\"}", "found \"c2p|\""},
        {TINY_CONFIG, DEBERTA "\"pos_att_type\": [\"c2p\", 1]}", "\"pos_att_type\""},
        {TINY_CONFIG, DEBERTA "\"norm_rel_ebd\": null}",
         "expected \"norm_rel_ebd\" to be none or layer_norm, found null"},
        {TINY_CONFIG, DEBERTA "\"share_att_key\": 1}", "expected \"share_att_key\" to be true or false, found 1"},
        {TINY_CONFIG, DEBERTA "\"conv_kernel_size\": 4}", "\"conv_kernel_size\" to be an odd number, or 0, found 4"},
        {TINY_CONFIG, DEBERTA "\"conv_kernel_size\": -1}", "\"conv_kernel_size\" to be a whole number of 0 to 1024"},
        {TINY_CONFIG, DEBERTA "\"conv_groups\": 2}", "\"conv_groups\" to be 1, which is what is implemented, found 2"},
        {TINY_CONFIG, DEBERTA "\"attention_head_size\": 5}",
         "\"attention_head_size\" to be hidden_size / num_attention_heads"},
        {TINY_CONFIG, DEBERTA "\"type_vocab_size\": null}", "\"type_vocab_size\" to be a whole number of 0"},
        {TINY_CONFIG,
         "{\"model_type\": \"deberta-v2\", \"vocab_size\": 7, \"hidden_size\": 4, \"num_attention_heads\": 2, "
         "\"position_biased_input\": false, "
         "\"conv_kernel_size\": 3}",
         "expected a tensor \"encoder.conv.conv.weight\" of the shape 4 x 4 x 3, found none of that name"},
        {TINY_CONFIG, "{\"model_type\": \"gemma3\", \"text_config\": {\"model_type\": \"gemma3_text\"}}",
         "expected a model of text, found one of text and more"},
        {"{", "[", "not valid JSON"},
        {TINY_CONFIG, "[1, 2]", "expected a JSON object"},
        {TINY_CONFIG, "", "the file is empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tiny_model tiny = tiny_create();
        char *at = strstr(tiny.config, cases[i].from);
        assert_non_null(at);
        char rest[1024];
        snprintf(rest, sizeof rest, "%s", at + strlen(cases[i].from));
        snprintf(at, sizeof tiny.config - (size_t)(at - tiny.config), "%s%s", cases[i].to, rest);
        refused(tiny_write(&tiny), cases[i].part, cases[i].to);
    }
}

/* Of decoders, read before any weight is. */
static void configs_of_decoders(void **state) {
    (void)state;
#define LLAMA                                                                                                          \
    "{\"model_type\": \"llama\", \"hidden_size\": 8, \"num_attention_heads\": 2, \"num_hidden_layers\": 1, "           \
    "\"intermediate_size\": 5, \"vocab_size\": 7, "
    static const struct {
        const char *config, *part;
    } cases[] = {
        {LLAMA "\"head_dim\": 3}", "expected an even number of at most 3 rotating dimensions of a head, found 3"},
        {LLAMA "\"num_key_value_heads\": 3}", "expected num_key_value_heads to divide num_attention_heads"},
        {LLAMA "\"attention_bias\": 1}", "expected \"attention_bias\" to be true or false, found 1"},
        {LLAMA "\"head_dim\": 100000}", "at most 131072 wide together"},
        {LLAMA "\"rope_theta\": 0}", "expected \"rope_theta\" to be a number above 0"},
        {LLAMA "\"rope_scaling\": 4}", "expected \"rope_parameters\" or \"rope_scaling\" to be an object"},
        {LLAMA "\"rope_scaling\": {\"type\": \"mrope\"}}",
         "expected \"rope_type\" to be default, linear, dynamic, yarn, longrope, llama3 or proportional, found "
         "\"mrope\""},
        {LLAMA "\"rope_scaling\": {\"rope_type\": \"linear\"}}", "expected \"factor\" for the \"rope_type\" linear"},
        {LLAMA "\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": -1}}",
         "expected \"factor\" of rotary positions to be a number above 0"},
        {LLAMA "\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 2, \"low_freq_factor\": 1}}",
         "expected \"high_freq_factor\""},
        {LLAMA "\"rope_scaling\": {\"rope_type\": \"longrope\", \"short_factor\": [1], \"long_factor\": [1, 1]}}",
         "expected \"short_factor\" to be a list of 2 numbers above 0"},
        {LLAMA "\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 2, \"truncate\": 0}}", "\"truncate\""},
        {LLAMA "\"head_dim\": 2, \"rope_scaling\": {\"rope_type\": \"dynamic\", \"factor\": 2}}",
         "expected more than 2 rotating dimensions"},
        {LLAMA "\"partial_rotary_factor\": 0.5, \"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 2}}",
         "expected whole heads to rotate"},
        {LLAMA "\"rope_parameters\": {\"full_attention\": {\"rope_theta\": 2}}}",
         "expected rotary positions that are the same in all layers, found \"full_attention\""},
        {LLAMA "\"per_layer_config\": {\"0\": {}}}", "\"per_layer_config\""},
        {LLAMA "\"partial_rotary_factor\": 0.5}",
         "expected a tensor \"embed_tokens.weight\" of the shape 7 x 8"}, /* which does nothing: weights are next */
    };
#define MODEL(family, more)                                                                                            \
    "{\"model_type\": \"" family "\", \"hidden_size\": 8, \"num_attention_heads\": 2, \"num_hidden_layers\": 2, "      \
    "\"head_dim\": 4, \"num_key_value_heads\": 1, " more "}"
    static const struct {
        const char *config, *part;
    } others[] = {
        {MODEL("mistral", "\"sliding_window\": 0"),
         "expected \"sliding_window\" to be a whole number of 1 to 16777216"},
        {MODEL("qwen2", "\"layer_types\": [\"sliding_attention\", \"full_attention\"]"),
         "expected \"sliding_window\" to be a whole number above 0, since layer 1 slides"},
        {MODEL("qwen2", "\"layer_types\": [\"full_attention\"]"),
         "expected \"layer_types\" to be a list of 2 times full_attention or sliding_attention"},
        {MODEL("qwen3", "\"layer_types\": [\"full_attention\", \"chunked_attention\"]"), "\"layer_types\""},
        {MODEL("qwen3", "\"max_window_layers\": \"all\""), "expected \"max_window_layers\" to be a whole number"},
        {MODEL("smollm3", "\"no_rope_layers\": [1]"), "expected \"no_rope_layers\" to be a list of 1 and 0"},
        {MODEL("smollm3", "\"no_rope_layer_interval\": 0"), "expected \"no_rope_layer_interval\" to be a whole number"},
        {MODEL("gemma", "\"use_bidirectional_attention\": true"), "\"use_bidirectional_attention\""},
        {MODEL("gemma2", "\"attn_logit_softcapping\": -1"),
         "expected \"attn_logit_softcapping\" to be a number above 0"},
        {MODEL("gemma3_text", "\"sliding_window_pattern\": 0"),
         "expected \"sliding_window_pattern\" to be a whole number"},
        {MODEL("gemma3_text", "\"rope_scaling\": {\"rope_type\": \"default\"}, \"rope_parameters\": {\"a\": 1}"),
         "expected \"rope_scaling\" to be absent, where there is \"rope_parameters\""},
        {MODEL("phi3", "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}"),
         "expected \"rope_type\" to be default or longrope, as this family has it, found \"linear\""},
        {MODEL("phi", "\"partial_rotary_factor\": 2"),
         "expected \"partial_rotary_factor\" to be a number above 0 and at most 1"},
        {MODEL("gpt2", "\"add_cross_attention\": true"), "\"add_cross_attention\""},
        {MODEL("opt", "\"word_embed_proj_dim\": -1"), "expected \"word_embed_proj_dim\" to be a whole number"}};
#undef LLAMA
#undef MODEL
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        files_text("config.json", others[i].config);
        refused(files_folder, others[i].part, others[i].config);
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        files_text("config.json", cases[i].config);
        refused(files_folder, cases[i].part, cases[i].config);
    }
}

/* Keys with a value that changes nothing, and keys nobody knows. */
static void harmless_configs(void **state) {
    (void)state;
    static const char *const more[] = {"\"position_embedding_type\": \"absolute\"",
                                       "\"is_decoder\": false",
                                       "\"add_cross_attention\": false",
                                       "\"pruned_heads\": {}",
                                       "\"quantization_config\": null",
                                       "\"torch_dtype\": \"float16\"",
                                       "\"use_cache\": true",
                                       "\"gradient_checkpointing\": false",
                                       "\"hidden_dropout_prob\": 0.5",
                                       "\"something_new\": [1, {}]"};
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        tiny_model tiny = tiny_create();
        char *end = strrchr(tiny.config, '}');
        snprintf(end, sizeof tiny.config - (size_t)(end - tiny.config), ", %s}", more[i]);
        explaint_model_close(models_open(tiny_write(&tiny), NULL));
    }
}

static void tensors(void **state) {
    (void)state;
    static const char query[] = "encoder.layer.0.attention.self.query.weight",
                      up[] = "encoder.layer.0.intermediate.dense.weight";
    for (int fault = 0; fault < 10; fault++) {
        tiny_model tiny = tiny_create();
        tiny_tensor *t = tiny_find(&tiny, query);
        const char *part = NULL;
        switch (fault) {
        case 0:
            strcpy(t->name, "encoder.layer.0.attention.self.qwery.weight");
            part = "expected a tensor \"encoder.layer.0.attention.self.query.weight\" of the shape 4 x 4, found none";
            break;
        case 1:
            t->shape[1] = 5;
            part = "tensor \"encoder.layer.0.attention.self.query.weight\": expected the shape 4 x 4, as config.json "
                   "says, "
                   "found 4 x 5";
            break;
        case 2:
            t->shape[0] = 16;
            t->shape[1] = 0;
            part = "expected the shape 4 x 4, as config.json says, found 16";
            break;
        case 3:
            tiny_find(&tiny, up)->shape[0] = 4;
            part = "expected the shape 5 x 4, as config.json says, found 4 x 4";
            break;
        case 4:
            t->dtype = "F64";
            part = "expected F32, F16 or BF16, found F64";
            break;
        case 5:
            t->dtype = "I32";
            part = "expected F32, F16 or BF16, found I32";
            break;
        case 6: {
            const uint32_t nan = 0x7fc00000;
            memcpy(&t->first, &nan, sizeof nan);
            part = "tensor \"encoder.layer.0.attention.self.query.weight\": expected finite numbers, found NaN or "
                   "infinity at "
                   "row 0, column 0";
            break;
        }
        case 7: {
            const uint32_t infinity = 0xff800000;
            memcpy(&tiny_find(&tiny, "embeddings.LayerNorm.bias")->first, &infinity, sizeof infinity);
            part = "tensor \"embeddings.LayerNorm.bias\": expected finite numbers, found NaN or infinity at place 0";
            break;
        }
        case 8:
            tiny_add(&tiny, "encoder.layer.1.output.dense.bias", 4, 0);
            part = "found a tensor \"encoder.layer.1.output.dense.bias\" (4) that a bert of this config.json does not "
                   "have";
            break;
        default:
            tiny_add(&tiny, "embeddings.distance_embedding.weight", 3, 2);
            part = "found a tensor \"embeddings.distance_embedding.weight\" (3 x 2)";
            break;
        }
        refused(tiny_write(&tiny), part, part);
    }
}

static void folders(void **state) {
    (void)state;
    tiny_model tiny = tiny_create();
    tiny_write(&tiny);
    assert_int_equal(unlink(files_path("model.safetensors")), 0);
    refused(files_folder, "expected model.safetensors or pytorch_model.bin, or the .index.json of either, found none",
            "no weights");
    files_text("pytorch_model.bin", "x");
    refused(files_folder, "pytorch_model.bin: expected what torch.save writes, found something else", "no pickle");
    files_text("model.safetensors", "not a file of tensors");
    refused(files_folder, "model.safetensors", "text");
    refused(files_path("config.json"), "found JSON", "a file");
    assert_int_equal(unlink(files_path("config.json")), 0);
    refused(files_folder, "found no config.json", "no config");
    assert_int_equal(unlink(files_path("model.safetensors")), 0);
}

static void shards(void **state) {
    (void)state;
    static unsigned char bytes[1 << 16];
    static char index[8192];
    const struct {
        const char *of_first, *part;
    } cases[] = {{NULL, NULL},
                 {"b.safetensors", "weight_map puts tensor \"embeddings.word_embeddings.weight\" into b.safetensors"},
                 {"../a.safetensors", "expected the name of a file in the model's folder, found \"../a.safetensors\""},
                 {"/etc/passwd", "found \"/etc/passwd\""},
                 {"c/../../a.safetensors", "expected the name of a file in the model's folder"},
                 {"..", "found \"..\""},
                 {"", "found \"\""},
                 {"absent.safetensors", "absent.safetensors"}};
    tiny_model tiny = tiny_create();
    tiny_write(&tiny);
    assert_int_equal(unlink(files_path("model.safetensors")), 0);
    files_write("a.safetensors", bytes, tiny_pack(&tiny, 0, 2, bytes));
    files_write("b.safetensors", bytes, tiny_pack(&tiny, 1, 2, bytes));
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        int length = snprintf(index, sizeof index, "{\"weight_map\": {");
        for (size_t i = 0; i < tiny.n; i++)
            length += snprintf(index + length, sizeof index - (size_t)length, "%s\"%s\": \"%s\"", i > 0 ? ", " : "",
                               tiny.tensor[i].name,
                               i == 0 && cases[c].of_first != NULL ? cases[c].of_first
                               : i % 2 == 0                        ? "a.safetensors"
                                                                   : "b.safetensors");
        snprintf(index + length, sizeof index - (size_t)length, "}}");
        files_text("model.safetensors.index.json", index);
        if (cases[c].part == NULL)
            explaint_model_close(models_open(files_folder, NULL));
        else
            refused(files_folder, cases[c].part, cases[c].of_first);
    }
    files_text("model.safetensors.index.json", "{\"weight_map\": {\"pooler.dense.bias\": 7}}");
    refused(files_folder, "found \"no string\"", "number");
    files_text("model.safetensors.index.json", "{\"weight_map\": {}}");
    refused(files_folder, "expected \"weight_map\": an object", "empty");
    files_text("model.safetensors.index.json",
               "{\"weight_map\": {\"embeddings.word_embeddings.weight\": \"a.safetensors\"}}");
    refused(files_folder, "weight_map does not name tensor", "not named");
    files_write("b.safetensors", bytes, tiny_pack(&tiny, 0, 3, bytes));
    files_text("model.safetensors.index.json", index);
    files_text(
        "model.safetensors.index.json",
        "{\"weight_map\": {\"embeddings.word_embeddings.weight\": \"a.safetensors\", \"x\": \"b.safetensors\"}}");
    refused(files_folder,
            "tensor \"embeddings.word_embeddings.weight\" stands in a.safetensors and again in b.safetensors", "twice");
    assert_int_equal(unlink(files_path("model.safetensors.index.json")), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_tiny_model_opens),
                                       cmocka_unit_test(configs),
                                       cmocka_unit_test(configs_of_decoders),
                                       cmocka_unit_test(harmless_configs),
                                       cmocka_unit_test(tensors),
                                       cmocka_unit_test(folders),
                                       cmocka_unit_test(shards)};
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}

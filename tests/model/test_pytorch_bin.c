/* pytorch_model.bin in the place of model.safetensors: the same hidden states and maps, bit for bit
 * (tests/oracle/make_torch_files.py). */
#include "support/models.h"

static void copy(const char *from, const char *to) {
    char path[512];
    size_t size;
    snprintf(path, sizeof path, "%s/tests/golden/%s", EXPLAINT_SOURCE_DIR, from);
    char *bytes = files_slurp(path, &size);
    if (bytes == NULL) fail_msg("no %s", path);
    files_write(to, bytes, size);
    free(bytes);
}

static void config_of(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "models/%s/config.json", name);
    copy(path, "config.json");
}

static void forget_weights(void) {
    static const char *const names[] = {"pytorch_model.bin", "pytorch_model.bin.index.json",
                                        "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin",
                                        "model.safetensors"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) unlink(files_path(names[i]));
}

static void same_states(const char *name) {
    const int32_t ids[] = {1, 5, 0, 20, 3, 3, 17};
    const explaint_ids text = {ids, sizeof ids / sizeof ids[0]};
    explaint_model *model[2] = {models_open(models_golden(name), NULL), models_open(files_folder, NULL)};
    models_kept kept[2];
    explaint_error error = {0};
    for (size_t i = 0; i < 2; i++)
        if (models_run(model[i], &text, 1, 1, MODELS_MAPS, &kept[i], &error) != EXPLAINT_OK)
            fail_msg("%s", error.message);
    const explaint_model_info *a = explaint_model_describe(model[0]), *b = explaint_model_describe(model[1]);
    assert_string_equal(a->dtype, b->dtype);
    assert_int_equal(a->parameters, b->parameters);
    assert_memory_equal(kept[0].hidden[0], kept[1].hidden[0], (a->n_layers + 1) * text.n * a->width * sizeof(float));
    assert_memory_equal(kept[0].maps[0], kept[1].maps[0], a->n_layers * a->n_heads * text.n * text.n * sizeof(float));
    for (size_t i = 0; i < 2; i++) {
        models_forget(&kept[i]);
        explaint_model_close(model[i]);
    }
}

static void one_file(void **state) {
    (void)state;
    static const char *const names[] = {"bert-gelu", "bert-f16", "mpnet-f16-head"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char file[64];
        forget_weights();
        config_of(names[i]);
        snprintf(file, sizeof file, "torch/%s.bin", names[i]);
        copy(file, "pytorch_model.bin");
        same_states(names[i]);
    }
}

static void shards(void **state) {
    (void)state;
    forget_weights();
    config_of("bert-bf16-shards");
    copy("torch/bert-bf16-shards.index.json", "pytorch_model.bin.index.json");
    copy("torch/bert-bf16-shards-00001-of-00002.bin", "pytorch_model-00001-of-00002.bin");
    copy("torch/bert-bf16-shards-00002-of-00002.bin", "pytorch_model-00002-of-00002.bin");
    same_states("bert-bf16-shards");
    explaint_model *model = models_open(files_folder, NULL);
    const explaint_model_info *info = explaint_model_describe(model);
    assert_int_equal(info->n_files, 4); /* every file has its hash in results */
    assert_contains(info->file[1].path, "/pytorch_model.bin.index.json");
    for (size_t i = 0; i < info->n_files; i++) {
        assert_int_equal(strlen(info->file[i].sha256), 64);
        assert_int_equal(info->file[i].weights, i > 1);
    }
    explaint_model_close(model);
}

/* As transformers does. */
static void safetensors_first(void **state) {
    (void)state;
    forget_weights();
    config_of("bert-f16");
    copy("models/bert-f16/model.safetensors", "model.safetensors");
    files_text("pytorch_model.bin", "not looked at");
    same_states("bert-f16");
}

static void refused(const char *part) {
    explaint_error error = {0};
    explaint_model *model = NULL;
    assert_int_equal(explaint_model_open(files_folder, NULL, &model, &error), EXPLAINT_INVALID);
    assert_null(model);
    assert_contains(error.message, part);
}

static void refusals(void **state) {
    (void)state;
    forget_weights();
    config_of("bert-gelu");
    copy("torch/refused-program.bin", "pytorch_model.bin");
    refused("pytorch_model.bin: byte 169 of the pickle: it asks Python for \"__builtin__.print\"");
    copy("torch/views.bin", "pytorch_model.bin");
    refused("expected a tensor \"embeddings.word_embeddings.weight\" of the shape 50 x 20, found none");
    copy("torch/bert-f16.bin", "pytorch_model.bin");
    refused("pytorch_model.bin: tensor \"bert.embeddings.word_embeddings.weight\": expected the shape 50 x 20, as "
            "config.json says, found 31 x 7");
    files_text("pytorch_model.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 440473133\n");
    refused("found a pointer of Git LFS in the file's place");
    unlink(files_path("pytorch_model.bin"));
    files_text("pytorch_model.bin.index.json", "{\"weight_map\": {\"a\": \"../pytorch_model.bin\"}}");
    refused("expected the name of a file in the model's folder");
    unlink(files_path("pytorch_model.bin.index.json"));
    refused("expected model.safetensors or pytorch_model.bin, or the .index.json of either, found none");
    files_text("tf_model.h5", "x");
    refused("found none; tf_model.h5 is TensorFlow's");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_file), cmocka_unit_test(shards),
                                       cmocka_unit_test(safetensors_first), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}

/* A BERT of one layer that a test can break: written to the test's folder as config.json and model.safetensors. */
#ifndef XP_TESTS_SUPPORT_TINY_MODEL_H
#define XP_TESTS_SUPPORT_TINY_MODEL_H

#include "support/files.h"

#define TINY_CONFIG                                                                                                    \
    "{\"model_type\": \"bert\", \"hidden_size\": 4, \"num_attention_heads\": 2, \"num_hidden_layers\": 1, "            \
    "\"intermediate_size\": 5, \"vocab_size\": 7, \"max_position_embeddings\": 6, \"type_vocab_size\": 2, "            \
    "\"hidden_act\": \"gelu\", \"layer_norm_eps\": 1e-12, \"pad_token_id\": 0}"

enum { TINY_MOST = 32 };

typedef struct tiny_tensor {
    char name[96];
    const char *dtype;
    size_t shape[2]; /* shape[1] 0: a vector */
    float first;     /* of its values */
} tiny_tensor;

typedef struct tiny_model {
    char config[1024];
    tiny_tensor tensor[TINY_MOST];
    size_t n;
} tiny_model;

static inline tiny_tensor *tiny_find(tiny_model *tiny, const char *name) {
    for (size_t i = 0; i < tiny->n; i++)
        if (strcmp(tiny->tensor[i].name, name) == 0) return &tiny->tensor[i];
    fail_msg("no tensor %s", name);
    return NULL;
}

static inline void tiny_add(tiny_model *tiny, const char *name, size_t rows, size_t columns) {
    tiny_tensor *t = &tiny->tensor[tiny->n++];
    *t = (tiny_tensor){.dtype = "F32", .shape = {rows, columns}, .first = .5f};
    snprintf(t->name, sizeof t->name, "%s", name);
}

static inline tiny_model tiny_create(void) {
    static const struct {
        const char *name;
        size_t rows, columns;
    } all[] = {{"embeddings.word_embeddings.weight", 7, 4},
               {"embeddings.position_embeddings.weight", 6, 4},
               {"embeddings.token_type_embeddings.weight", 2, 4},
               {"embeddings.LayerNorm.weight", 4, 0},
               {"embeddings.LayerNorm.bias", 4, 0},
               {"encoder.layer.0.attention.self.query.weight", 4, 4},
               {"encoder.layer.0.attention.self.query.bias", 4, 0},
               {"encoder.layer.0.attention.self.key.weight", 4, 4},
               {"encoder.layer.0.attention.self.key.bias", 4, 0},
               {"encoder.layer.0.attention.self.value.weight", 4, 4},
               {"encoder.layer.0.attention.self.value.bias", 4, 0},
               {"encoder.layer.0.attention.output.dense.weight", 4, 4},
               {"encoder.layer.0.attention.output.dense.bias", 4, 0},
               {"encoder.layer.0.attention.output.LayerNorm.weight", 4, 0},
               {"encoder.layer.0.attention.output.LayerNorm.bias", 4, 0},
               {"encoder.layer.0.intermediate.dense.weight", 5, 4},
               {"encoder.layer.0.intermediate.dense.bias", 5, 0},
               {"encoder.layer.0.output.dense.weight", 4, 5},
               {"encoder.layer.0.output.dense.bias", 4, 0},
               {"encoder.layer.0.output.LayerNorm.weight", 4, 0},
               {"encoder.layer.0.output.LayerNorm.bias", 4, 0},
               {"pooler.dense.bias", 4, 0}};
    tiny_model tiny = {.config = TINY_CONFIG};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) tiny_add(&tiny, all[i].name, all[i].rows, all[i].columns);
    return tiny;
}

static inline size_t tiny_count(const tiny_tensor *t) { return t->shape[0] * (t->shape[1] > 0 ? t->shape[1] : 1); }

static inline size_t tiny_size(const tiny_tensor *t) {
    const size_t one = strcmp(t->dtype, "F64") == 0 || strcmp(t->dtype, "I64") == 0 ? 8 : 4;
    return tiny_count(t) * one;
}

/* The bytes of the tensors first, first + step, ...; returns their size. */
static inline size_t tiny_pack(const tiny_model *tiny, size_t first, size_t step, unsigned char *bytes) {
    char header[8192] = "{";
    size_t length = 1, at = 0;
    for (size_t i = first; i < tiny->n; i += step) {
        const tiny_tensor *t = &tiny->tensor[i];
        char shape[32];
        snprintf(shape, sizeof shape, t->shape[1] > 0 ? "%zu, %zu" : "%zu", t->shape[0], t->shape[1]);
        length += (size_t)snprintf(header + length, sizeof header - length,
                                   "%s\"%s\": {\"dtype\": \"%s\", \"shape\": [%s], \"data_offsets\": [%zu, %zu]}",
                                   length > 1 ? ", " : "", t->name, t->dtype, shape, at, at + tiny_size(t));
        at += tiny_size(t);
    }
    header[length++] = '}';
    assert_true(length < sizeof header);
    const uint64_t announced = length;
    memcpy(bytes, &announced, 8);
    memcpy(bytes + 8, header, length);
    size_t end = 8 + length;
    for (size_t i = first; i < tiny->n; i += step) {
        const tiny_tensor *t = &tiny->tensor[i];
        memset(bytes + end, 0, tiny_size(t));
        for (size_t k = 0; k < tiny_size(t) / 4; k++) {
            const float x = k == 0 ? t->first : .01f * (float)((k * 7 + i * 13) % 23) - .1f;
            memcpy(bytes + end + 4 * k, &x, 4);
        }
        end += tiny_size(t);
    }
    return end;
}

/* Writes the model into the test's folder and returns the folder. */
static inline const char *tiny_write(const tiny_model *tiny) {
    static unsigned char bytes[1 << 16];
    files_text("config.json", tiny->config);
    files_write("model.safetensors", bytes, tiny_pack(tiny, 0, 1, bytes));
    return files_folder;
}

#endif

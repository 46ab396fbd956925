/* GGUF, and the model and the tokenizer in it. The laws: tensors of a file that opens lie in it without overlap and are as large as their shapes say, every number of
 * them can be widened, every value read and shown, and names and keys find what has them. */
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "formats/ggml.h"
#include "formats/gguf.h"
#include "model/gguf.h"
#include "model/open.h"
#include "text/gguf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_value(const xp_gguf *file, size_t i) {
    const xp_gguf_value *v = xp_gguf_value_at(file, i);
    xp_text text = {0};
    xp_view string;
    double number;
    bool truth;
    size_t whole;
    if (xp_gguf_find(file, v->key) != v) abort();
    xp_gguf_value_json(v, 9, 9, &text);
    if (text.length == 0) abort();
    xp_text_free(&text);
    const int kinds =
        xp_gguf_value_number(v, &number) + xp_gguf_value_bool(v, &truth) + xp_gguf_value_string(v, &string);
    if (kinds != (v->type != XP_GGUF_ARRAY)) abort();
    if (xp_gguf_value_size(v, &whole) && !(number >= 0)) abort();
    xp_view *strings = malloc((v->count + 1) * sizeof *strings);
    double *numbers = malloc((v->count + 1) * sizeof *numbers);
    if (strings == NULL || numbers == NULL) abort();
    volatile char last = 0; /* the strings were read */
    if (xp_gguf_value_strings(v, strings))
        for (size_t k = 0; k < v->count; k++)
            if (strings[k].length > 0) last = strings[k].data[strings[k].length - 1];
    (void)last;
    (void)xp_gguf_value_numbers(v, numbers);
    free(strings);
    free(numbers);
}

static void read_tensor(const xp_gguf *file, size_t i, const uint8_t *data, size_t size) {
    const xp_tensor *t = xp_gguf_tensor(file, i);
    size_t cells = 1;
    if (xp_gguf_find_tensor(file, t->name) != t) abort();
    if (t->size > size || t->data < data || t->data > data + size - t->size) abort();
    for (size_t k = 0; k < t->n_dimensions; k++) cells *= t->shape[k];
    if (cells % t->blocks->block != 0 || t->size != cells / t->blocks->block * t->blocks->bytes) abort();
    for (size_t k = 0; k < i; k++) {
        const xp_tensor *other = xp_gguf_tensor(file, k);
        if (t->data < other->data + other->size && other->data < t->data + t->size) abort();
    }
    if (t->blocks->widen == NULL) return;
    float *to = malloc(cells * sizeof *to);
    if (to == NULL) abort();
    xp_ggml_widen(t->blocks, t->data, cells / t->blocks->block, to);
    volatile float keep = to[cells - 1]; /* the numbers were made */
    (void)keep;
    free(to);
}

static void open_tokenizer(const xp_gguf *file) {
    static const char text[] = "The dog's 12 \xe2\x96\x81 caf\xc3\xa9\n";
    explaint_error error = {0};
    explaint_tokenizer *tokenizer = NULL;
    explaint_encoding e = {0};
    if (xp_gguf_tokenizer_read("fuzz.gguf", file, &tokenizer, &error) != EXPLAINT_OK) {
        if (error.code != EXPLAINT_INVALID || error.message[0] == 0 || tokenizer != NULL) abort();
        return;
    }
    const explaint_status status = explaint_tokenizer_encode(tokenizer, text, sizeof text - 1, NULL, &e, &error);
    if (status != EXPLAINT_OK && status != EXPLAINT_INVALID) abort();
    for (size_t i = 0; status == EXPLAINT_OK && i < e.n; i++)
        if (e.id[i] < 0 || (size_t)e.id[i] >= explaint_tokenizer_n_pieces(tokenizer) || e.end[i] >= sizeof text)
            abort();
    explaint_encoding_free(&e);
    explaint_tokenizer_close(tokenizer);
}

/* As a model of random weights or its own, if it is small. */
static void open_model(const uint8_t *data, size_t size) {
    explaint_error error = {0};
    xp_gguf_model gguf;
    xp_bytes bytes = {.data = malloc(size), .size = size};
    if (bytes.data == NULL) abort();
    memcpy(bytes.data, data, size);
    if (xp_gguf_model_read("fuzz.gguf", bytes, &gguf, &error) != EXPLAINT_OK) {
        if (error.code != EXPLAINT_INVALID || error.message[0] == 0) abort();
        return;
    }
    const xp_source source = xp_gguf_model_source("fuzz.gguf", &gguf);
    const explaint_model_options options = {.threads = 1};
    explaint_model *model = NULL;
    xp_strings strings = {0};
    if (xp_model_open(&source, "fuzz.gguf", "fuzz.gguf", &strings, &options, &model, &error) != EXPLAINT_OK &&
        (error.code != EXPLAINT_INVALID || error.message[0] == 0 || model != NULL))
        abort();
    explaint_model_close(model);
    xp_gguf_model_close(&gguf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    explaint_error error = {0};
    xp_gguf *file;
    if (xp_gguf_open("fuzz.gguf", data, size, &file, &error) != EXPLAINT_OK) {
        if (error.code != EXPLAINT_INVALID || error.message[0] == 0 || file != NULL) abort();
        return 0;
    }
    if (xp_gguf_version(file) != 2 && xp_gguf_version(file) != 3) abort();
    for (size_t i = 0; i < xp_gguf_n_values(file); i++) read_value(file, i);
    for (size_t i = 0; i < xp_gguf_n(file); i++) read_tensor(file, i, data, size);
    open_tokenizer(file);
    xp_gguf_close(file);
    open_model(data, size);
    return 0;
}

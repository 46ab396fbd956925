/* A model's folder: three files in one input, each behind its length in two bytes: config.json, model.safetensors.index.json
 * (empty: none), and one file of tensors, which stands for model.safetensors and for every shard. The laws: what opens can be run
 * and gives finite states or says that it cannot; what does not open says why. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/open.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct part {
    const uint8_t *data;
    size_t size;
} part;

static const part *part_of(const part *parts, const char *name) {
    if (strcmp(name, "config.json") == 0) return &parts[0];
    if (strcmp(name, "model.safetensors.index.json") == 0) return &parts[1];
    if (strcmp(name, "model.safetensors") == 0 && parts[1].size > 0) return NULL;
    return &parts[2];
}

static bool has(void *self, const char *name) { return part_of(self, name) != NULL && part_of(self, name)->size > 0; }

static explaint_status open_part(void *self, const char *name, const char *path, xp_bytes *bytes,
                                 explaint_error *error) {
    const part *p = part_of(self, name);
    if (strchr(name, '/') != NULL) abort(); /* nothing outside the folder is asked for */
    if (p == NULL) return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected a file");
    *bytes = (xp_bytes){.data = xp_alloc(p->size + 1, 1), .size = p->size};
    if (bytes->data == NULL) abort();
    memcpy(bytes->data, p->data, p->size);
    bytes->data[p->size] = 0;
    return EXPLAINT_OK;
}

static bool all_finite(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    const explaint_model_info *info = self;
    (void)text, (void)layer;
    for (size_t i = 0; i < n * info->width; i++)
        if (!(rows[i] - rows[i] == 0)) abort();
    return true;
}

static bool look_at_logits(void *self, size_t text, size_t first, size_t n, const float *rows) {
    const explaint_model_info *info = self;
    (void)text, (void)first;
    volatile float sum = 0;
    for (size_t i = 0; i < n * info->vocabulary; i++) sum = sum + rows[i];
    return true;
}

static void run_model(const explaint_model *model, bool logits) {
    const explaint_model_info *info = explaint_model_describe(model);
    if (info->width * info->n_layers > 4096 || info->feed_forward > 4096) return;
    const int32_t id[] = {0, (int32_t)info->vocabulary - 1, 0};
    const explaint_ids text = {id, info->n_positions < 3 ? info->n_positions : 3};
    union {
        const explaint_model_info *in;
        void *out;
    } pass = {.in = info};
    const explaint_observer look = {.self = pass.out, .hidden = all_finite, .logits = logits ? look_at_logits : NULL};
    explaint_error error = {0};
    if (explaint_model_run(model, &text, 1, &look, 1, &error) != EXPLAINT_OK && error.code != EXPLAINT_INVALID) abort();
}

static void open_parts(part *parts, bool logits, bool *causal) {
    const xp_source source = {.folder = "model", .self = parts, .open = open_part, .has = has};
    const explaint_model_options options = {.threads = 1, .logits = logits};
    explaint_model *model = NULL;
    xp_strings strings = {0};
    explaint_error error = {0};
    if (xp_model_open(&source, "model", "model", &strings, &options, &model, &error) == EXPLAINT_OK) {
        *causal = explaint_model_describe(model)->causal;
        run_model(model, logits);
    } else if (error.code != EXPLAINT_INVALID || error.message[0] == 0 || model != NULL) {
        abort();
    }
    explaint_model_close(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    part parts[3];
    for (size_t i = 0; i < 3; i++) {
        size_t length = size;
        if (i < 2) {
            if (size < 2) return 0;
            length = (size_t)(data[0] | data[1] << 8);
            data += 2;
            size -= 2;
            if (length > size) length = size;
        }
        parts[i] = (part){data, length};
        data += length;
        size -= length;
    }
    bool causal = false;
    open_parts(parts, false, &causal);
    if (causal) open_parts(parts, true, &causal);
    return 0;
}

/* What torch.save writes: a zip archive or the stream before torch 1.6 as they are; anything else is taken for the pickle alone, over
 * storages that are all there, so that the fuzzer reaches the machine and the shapes without an archive around them. The laws: a
 * tensor is as large as its shape says, and every number of it can be read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/torch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STORAGE = 4096 };

static explaint_status any_storage(void *self, xp_view key, xp_view *bytes, explaint_error *error) {
    if (key.length > 1) return xp_fail(error, EXPLAINT_INVALID, "fuzz.bin", 0, "no storage \"%.*s\"", XP_SHOW(key));
    *bytes = (xp_view){self, STORAGE};
    return EXPLAINT_OK;
}

static void read_numbers(const xp_torch *file) {
    unsigned sum = 0;
    for (size_t i = 0; i < xp_torch_n(file); i++) {
        const xp_tensor *t = xp_torch_tensor(file, i);
        if (xp_torch_find(file, t->name) != t || t->name[0] == 0) abort();
        size_t cells = 1;
        for (size_t k = 0; k < t->n_dimensions; k++) cells *= t->shape[k];
        if (cells == 0 ? t->size != 0 : t->size % cells != 0) abort();
        if (t->type != XP_N_TYPES && t->size != cells * xp_type_size(t->type)) abort();
        for (size_t k = 0; k < t->size; k++) sum += t->data[k];
    }
    volatile unsigned keep = sum; /* the numbers were read */
    (void)keep;
}

static explaint_status read_pickle(const uint8_t *data, size_t size, xp_torch **file, explaint_error *error) {
    char *storage = calloc(STORAGE, 1); /* of its own, so that a step too far is seen */
    xp_pickle *pickle;
    if (storage == NULL) abort();
    explaint_status status = xp_pickle_read("fuzz.bin", data, size, xp_torch_globals, &pickle, error);
    if (status == EXPLAINT_OK) {
        if (xp_pickle_length(pickle) > size) abort();
        const xp_storages storages = {.self = storage, .find = any_storage, .most = (size_t)1 << 20};
        status = xp_torch_read("fuzz.bin", xp_pickle_root(pickle), &storages, file, error);
        xp_pickle_close(pickle);
    }
    if (status == EXPLAINT_OK)
        xp_torch_keep(*file, storage, free);
    else
        free(storage);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    explaint_error error = {0};
    xp_torch *file = NULL;
    explaint_status status = xp_torch_open("fuzz.bin", data, size, &file, &error);
    const bool alone = status != EXPLAINT_OK && strstr(error.message, "found a Python pickle");
    if (alone) status = read_pickle(data, size, &file, &error);
    if (status == EXPLAINT_OK)
        read_numbers(file);
    else if (error.code != EXPLAINT_INVALID || error.message[0] == 0 || file != NULL)
        abort();
    xp_torch_close(file);
    return 0;
}

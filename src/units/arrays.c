#include "units/arrays.h"

#include <string.h>

#include "base/memory.h"
#include "formats/safetensors.h"
#include "formats/tensors_out.h"

static const char HOLDS[] = "holds";

size_t xp_units_array_bytes(const xp_units_array *array) {
    size_t bytes = strcmp(array->dtype, "U8") == 0 ? 1 : strcmp(array->dtype, "F64") == 0 ? 8 : 4;
    for (size_t k = 0; k < array->n_dimensions; k++) bytes *= array->shape[k];
    return bytes;
}

bool xp_units_pack(const char *holds, const xp_units_array *array, size_t n, void **bytes, size_t *size) {
    xp_tensors_out out = {0};
    xp_text text = {0};
    xp_tensors_out_note(&out, HOLDS, holds);
    for (size_t i = 0; i < n; i++)
        xp_tensors_out_add(&out, array[i].name, array[i].dtype, array[i].n_dimensions, array[i].shape);
    bool ok = xp_tensors_out_text(&out, &text);
    size_t all = 0;
    for (size_t i = 0; i < n; i++) all += xp_units_array_bytes(&array[i]);
    xp_text_reserve(&text, all);
    for (size_t i = 0; ok && i < n; i++)
        if (xp_units_array_bytes(&array[i]) > 0) xp_text_add(&text, array[i].values, xp_units_array_bytes(&array[i]));
    ok = ok && !text.failed;
    xp_tensors_out_free(&out);
    if (ok) { /* moved */
        *bytes = text.data;
        *size = text.length;
    } else {
        xp_text_free(&text);
    }
    return ok;
}

static bool is(const xp_tensor *t, const xp_units_array *array) {
    if (t == NULL || strcmp(t->dtype, array->dtype) != 0 || t->n_dimensions != array->n_dimensions) return false;
    for (size_t k = 0; k < t->n_dimensions; k++)
        if (t->shape[k] != array->shape[k]) return false;
    return true;
}

explaint_status xp_units_read(const char *holds, const xp_units_array *array, size_t n, const void *bytes,
                              size_t size) {
    xp_safetensors *file = NULL;
    explaint_status status = xp_safetensors_open("a unit", bytes, size, &file, NULL);
    if (status != EXPLAINT_OK) return status;
    const char *said = xp_safetensors_metadata(file, HOLDS);
    bool ok = said != NULL && strcmp(said, holds) == 0 && xp_safetensors_n(file) == n;
    for (size_t i = 0; ok && i < n; i++) ok = is(xp_safetensors_find(file, array[i].name), &array[i]);
    for (size_t i = 0; ok && i < n; i++) {
        const xp_tensor *t = xp_safetensors_find(file, array[i].name);
        if (t->size > 0 && array[i].values != NULL) memcpy(array[i].values, t->data, t->size);
    }
    xp_safetensors_close(file);
    return ok ? EXPLAINT_OK : EXPLAINT_INVALID;
}

bool xp_units_unpack(const char *holds, const xp_units_array *array, size_t n, const void *bytes, size_t size) {
    return xp_units_read(holds, array, n, bytes, size) == EXPLAINT_OK;
}

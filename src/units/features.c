#include "units/features.h"

#include <string.h>

#include "base/memory.h"
#include "base/strings.h"
#include "formats/safetensors.h"
#include "units/arrays.h"

static const char HOLDS[] = "kept features, and which kept concepts have them";

void xp_units_features_free(xp_units_features *f) {
    xp_csr_free(&f->gold);
    xp_free_all(f->name, f->names);
    *f = (xp_units_features){0};
}

enum { ARRAYS = 4 };

/* count: of each concept's features; in the order of the concepts. */
static void list_arrays(const xp_csr *gold, uint32_t *count, size_t nonzero, char *names, size_t length,
                        xp_units_array array[ARRAYS]) {
    array[0] = (xp_units_array){"value", "F64", 1, {nonzero}, gold->value};
    array[1] = (xp_units_array){"count", "U32", 1, {gold->n}, count};
    array[2] = (xp_units_array){"feature", "U32", 1, {nonzero}, gold->column};
    array[3] = (xp_units_array){"names", "U8", 1, {length}, names};
}

bool xp_units_features_pack(const xp_csr *gold, const char *const *name, void **bytes, size_t *size) {
    xp_units_array array[ARRAYS];
    xp_text names = {0};
    uint32_t *count = xp_alloc(gold->n, sizeof *count);
    for (size_t j = 0; j < gold->m; j++) xp_text_add(&names, name[j], strlen(name[j]) + 1);
    for (size_t i = 0; count != NULL && i < gold->n; i++) count[i] = (uint32_t)(gold->start[i + 1] - gold->start[i]);
    bool ok = count != NULL && !names.failed;
    if (ok) {
        list_arrays(gold, count, gold->start[gold->n], names.data, names.length, array);
        ok = xp_units_pack(HOLDS, array, ARRAYS, bytes, size);
    }
    xp_text_free(&names);
    xp_free(count);
    return ok;
}

/* Rows end where the pairs do, and columns ascend. */
static bool make_rows(xp_csr *gold, const uint32_t *count, size_t nonzero) {
    for (size_t i = 0; i < gold->n; i++) {
        gold->start[i + 1] = gold->start[i] + count[i];
        if (gold->start[i + 1] > nonzero) return false;
        for (size_t e = gold->start[i]; e < gold->start[i + 1]; e++)
            if (gold->column[e] >= gold->m || (e > gold->start[i] && gold->column[e] <= gold->column[e - 1]))
                return false;
    }
    return gold->start[gold->n] == nonzero;
}

static bool make_names(xp_units_features *f, size_t length) {
    size_t at = 0, j = 0;
    for (; j < f->gold.m && at < length; j++) {
        f->name[j] = f->names + at;
        at += strlen(f->name[j]) + 1;
    }
    return j == f->gold.m && at == length;
}

static size_t size_of(const xp_safetensors *file, const char *name) {
    const xp_tensor *t = xp_safetensors_find(file, name);
    return t != NULL ? t->size : 0;
}

static size_t zeros(const xp_safetensors *file, const char *name) {
    const xp_tensor *t = xp_safetensors_find(file, name);
    size_t count = 0;
    for (size_t i = 0; t != NULL && i < t->size; i++) count += ((const char *)t->data)[i] == 0;
    return count;
}

static explaint_status read(const void *bytes, size_t size, xp_units_features *f) {
    xp_safetensors *file = NULL;
    explaint_status status = xp_safetensors_open("a unit", bytes, size, &file, NULL);
    if (status != EXPLAINT_OK) return status;
    const size_t n = size_of(file, "count") / sizeof(uint32_t), nonzero = size_of(file, "feature") / sizeof(uint32_t);
    const size_t length = size_of(file, "names"), m = zeros(file, "names");
    xp_safetensors_close(file);
    if (n == 0 || m == 0) return EXPLAINT_INVALID;
    uint32_t *count = xp_alloc(n, sizeof *count);
    f->names = xp_calloc(length + 1, 1);
    f->name = xp_alloc(m, sizeof *f->name);
    if (count == NULL || f->names == NULL || f->name == NULL || !xp_csr_alloc(&f->gold, n, m, nonzero)) {
        xp_free(count);
        return EXPLAINT_FAILED;
    }
    xp_units_array array[ARRAYS];
    list_arrays(&f->gold, count, nonzero, f->names, length, array);
    status = xp_units_read(HOLDS, array, ARRAYS, bytes, size);
    if (status == EXPLAINT_OK && !(make_rows(&f->gold, count, nonzero) && make_names(f, length)))
        status = EXPLAINT_INVALID;
    xp_free(count);
    return status;
}

explaint_status xp_units_features_unpack(const void *bytes, size_t size, xp_units_features *f) {
    *f = (xp_units_features){0};
    explaint_status status = read(bytes, size, f);
    if (status != EXPLAINT_OK) xp_units_features_free(f);
    return status;
}

#include "units/concepts.h"

#include <string.h>

#include "base/memory.h"
#include "base/strings.h"
#include "formats/safetensors.h"
#include "units/arrays.h"

static const char HOLDS[] = "kept concepts";

void xp_concepts_free(xp_concepts *c) {
    xp_free_all(c->fold, c->twin, c->label, c->name, c->names);
    *c = (xp_concepts){0};
}

bool xp_units_concepts_pack(const xp_concepts *c, void **bytes, size_t *size) {
    xp_text names = {0};
    for (size_t i = 0; i < c->n; i++) xp_text_add(&names, c->name[i], strlen(c->name[i]) + 1);
    const xp_units_array array[] = {{"fold", "U32", 1, {c->n}, c->fold},
                                    {"twin", "U32", 1, {c->n}, c->twin},
                                    {"category", "I32", 1, {c->n}, c->label},
                                    {"names", "U8", 1, {names.length}, names.data}};
    const bool ok = !names.failed && xp_units_pack(HOLDS, array, 4, bytes, size);
    xp_text_free(&names);
    return ok;
}

static bool room(xp_concepts *c, size_t n, size_t names) {
    *c = (xp_concepts){.n = n,
                       .fold = xp_alloc(n, sizeof *c->fold),
                       .twin = xp_alloc(n, sizeof *c->twin),
                       .label = xp_alloc(n, sizeof *c->label),
                       .name = xp_alloc(n, sizeof *c->name),
                       .names = xp_alloc(names + 1, 1)};
    const bool ok = c->fold && c->twin && c->label && c->name && c->names;
    if (ok) c->names[names] = 0;
    if (!ok) xp_concepts_free(c);
    return ok;
}

/* Twins are concepts before; there are as many names as concepts. */
static bool make_sense(xp_concepts *c, size_t length) {
    size_t at = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (at >= length || (c->twin[i] > i && c->twin[i] != UINT32_MAX)) return false;
        c->name[i] = c->names + at;
        at += strlen(c->name[i]) + 1;
    }
    return at == length && c->n > 0;
}

/* As version 0.1 has them: n, then fold, twin and category of each, then the names. */
static explaint_status read_before(const unsigned char *at, size_t size, xp_concepts *c) {
    uint64_t n;
    if (size < sizeof n) return EXPLAINT_INVALID;
    memcpy(&n, at, sizeof n);
    at += sizeof n;
    size -= sizeof n;
    if (n == 0 || n > size / (3 * sizeof(uint32_t) + 1)) return EXPLAINT_INVALID; /* a name has its zero at least */
    const size_t names = size - n * 3 * sizeof(uint32_t);
    if (!room(c, n, names)) return EXPLAINT_FAILED;
    for (size_t i = 0; i < n; i++, at += 3 * sizeof(uint32_t)) {
        memcpy(&c->fold[i], at, sizeof c->fold[i]);
        memcpy(&c->twin[i], at + sizeof(uint32_t), sizeof c->twin[i]);
        memcpy(&c->label[i], at + 2 * sizeof(uint32_t), sizeof c->label[i]);
    }
    memcpy(c->names, at, names);
    return make_sense(c, names) ? EXPLAINT_OK : EXPLAINT_INVALID;
}

static explaint_status read(const void *bytes, size_t size, xp_concepts *c) {
    xp_safetensors *file = NULL;
    explaint_status status = xp_safetensors_open("a unit", bytes, size, &file, NULL);
    if (status != EXPLAINT_OK) return status;
    const xp_tensor *fold = xp_safetensors_find(file, "fold"), *names = xp_safetensors_find(file, "names");
    const size_t n = fold != NULL ? fold->size / sizeof(uint32_t) : 0, length = names != NULL ? names->size : 0;
    xp_safetensors_close(file);
    if (n == 0 || length < n) return EXPLAINT_INVALID;
    if (!room(c, n, length)) return EXPLAINT_FAILED;
    const xp_units_array array[] = {{"fold", "U32", 1, {n}, c->fold},
                                    {"twin", "U32", 1, {n}, c->twin},
                                    {"category", "I32", 1, {n}, c->label},
                                    {"names", "U8", 1, {length}, c->names}};
    status = xp_units_read(HOLDS, array, 4, bytes, size);
    return status == EXPLAINT_OK && !make_sense(c, length) ? EXPLAINT_INVALID : status;
}

explaint_status xp_units_concepts_unpack(const void *bytes, size_t size, xp_concepts *c) {
    *c = (xp_concepts){0};
    explaint_status status = xp_safetensors_is(bytes, size) ? read(bytes, size, c) : read_before(bytes, size, c);
    if (status != EXPLAINT_OK) xp_concepts_free(c);
    return status;
}

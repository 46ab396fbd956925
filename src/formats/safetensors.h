/* safetensors: named tensors in one file, by a JSON header.
 *
 *     xp_bytes bytes = {0};
 *     xp_safetensors *file = NULL;
 *     if (xp_stream_map(stream, XP_LIMIT_ARRAY, &bytes, error) != EXPLAINT_OK ||
 *         xp_safetensors_open(path, bytes.data, bytes.size, &file, error) != EXPLAINT_OK) return error->code;
 *     const xp_tensor *table = xp_safetensors_find(file, "wte.weight");
 *     xp_array rows;
 *     if (table != NULL && xp_tensor_matrix(table, &rows)) xp_array_row(&rows, i, values);
 *     xp_safetensors_close(file);
 *
 * Everything is checked when the file is opened: the header's length against the file and a cap of 100 MB, JSON without
 * duplicate keys, known types, sizes equal to the product of the shape (with overflow checks), and tensors that cover
 * the data from the first to the last byte without hole or overlap. So a tensor that is there can be read at every place.
 * The format: the README of the safetensors library. */
#ifndef XP_FORMATS_SAFETENSORS_H
#define XP_FORMATS_SAFETENSORS_H

#include "base/error.h"
#include "formats/array.h"

typedef struct xp_safetensors xp_safetensors;

typedef struct xp_tensor {
    const char *name;
    const char *dtype; /* as the file spells it: "F32", "BF16", "F8_E4M3", ... */
    xp_type type;      /* XP_N_TYPES: one that has no numbers here (F8_...) */
    size_t n_dimensions;
    const size_t *shape; /* n_dimensions */
    const unsigned char *data;
    size_t size;                  /* bytes */
    const struct xp_ggml *blocks; /* of a GGUF: how its numbers lie (formats/ggml.h); else NULL */
} xp_tensor;

/* By the first bytes of a file: a header's length, and a brace. */
bool xp_safetensors_is(const void *head, size_t size);

/* bytes are borrowed and outlive the file. path is for messages. */
explaint_status xp_safetensors_open(const char *path, const void *bytes, size_t size, xp_safetensors **file,
                                    explaint_error *error);
void xp_safetensors_close(xp_safetensors *file);

/* In the order of their bytes. */
size_t xp_safetensors_n(const xp_safetensors *file);
const xp_tensor *xp_safetensors_tensor(const xp_safetensors *file, size_t i);
const xp_tensor *xp_safetensors_find(const xp_safetensors *file, const char *name); /* NULL: none */
const char *xp_safetensors_metadata(const xp_safetensors *file, const char *key);   /* NULL: none */

/* false unless the tensor has two dimensions, neither 0, of numbers that are read here. */
bool xp_tensor_matrix(const xp_tensor *tensor, xp_array *array);

#endif

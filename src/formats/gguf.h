/* GGUF, versions 2 and 3: metadata by key, and named tensors in the types of GGML, in one file.
 *
 *     xp_gguf *file = NULL;
 *     if (xp_file_map(path, XP_LIMIT_ARRAY, &bytes, error) != EXPLAINT_OK ||
 *         xp_gguf_open(path, bytes.data, bytes.size, &file, error) != EXPLAINT_OK) return error->code;
 *     const xp_gguf_value *arch = xp_gguf_find(file, "general.architecture");
 *     const xp_tensor *table = xp_gguf_tensor(file, i); // "token_embd.weight", shape rows x width
 *     if (table->blocks->widen != NULL) xp_ggml_widen(table->blocks, table->data, n, to);
 *     xp_gguf_close(file);
 *
 * Everything is checked when the file is opened: counts and lengths against the file, keys and names that stand twice,
 * types, shapes (with overflow checks; rows are whole blocks), offsets against alignment and file, and that no two tensors
 * share a byte. So a tensor that is there can be read at every place. Dimensions are given rows first, as everywhere else;
 * the file has them the other way round. The format is described in the ggml project. */
#ifndef XP_FORMATS_GGUF_H
#define XP_FORMATS_GGUF_H

#include "formats/gguf_values.h"
#include "formats/safetensors.h"

typedef struct xp_gguf xp_gguf;

/* By the first bytes: four letters, and a version that no text has. */
bool xp_gguf_is(const void *head, size_t size);

/* Is the path a file that begins so? An error: it could not be read. */
explaint_status xp_gguf_is_file(const char *path, bool *is, explaint_error *error);

/* bytes are borrowed and outlive the file. path is for messages. */
explaint_status xp_gguf_open(const char *path, const void *bytes, size_t size, xp_gguf **file, explaint_error *error);
void xp_gguf_close(xp_gguf *file);

unsigned xp_gguf_version(const xp_gguf *file);

size_t xp_gguf_n_values(const xp_gguf *file); /* in the order of the file */
const xp_gguf_value *xp_gguf_value_at(const xp_gguf *file, size_t i);
const xp_gguf_value *xp_gguf_find(const xp_gguf *file, const char *key); /* NULL: none */

size_t xp_gguf_n(const xp_gguf *file); /* tensors, in the order of the file's table */
const xp_tensor *xp_gguf_tensor(const xp_gguf *file, size_t i);
const xp_tensor *xp_gguf_find_tensor(const xp_gguf *file, const char *name); /* NULL: none */

#endif

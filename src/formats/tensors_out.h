/* Writing arrays: the head of a safetensors file, and that of an .npy; what follows are the numbers as they lie in memory.
 *
 *     xp_tensors_out out = {0};
 *     xp_tensors_out_note(&out, "model", "all-MiniLM-L6-v2");                    // __metadata__, before the tensors
 *     xp_tensors_out_add(&out, "layer.6", "F32", 2, (const size_t[]){n, width}); // in the order of the bytes
 *     if (!xp_tensors_out_head(&out, file)) ...
 *     fwrite(values, sizeof(float), n * width, file) ...
 *     xp_tensors_out_free(&out);
 *
 * Little-endian, as every machine that this runs on. */
#ifndef XP_FORMATS_TENSORS_OUT_H
#define XP_FORMATS_TENSORS_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/strings.h"

typedef struct xp_tensors_out {
    xp_text notes, tensors; /* JSON members */
    size_t offset;
    bool failed; /* without memory, or a size that does not fit */
} xp_tensors_out;

void xp_tensors_out_note(xp_tensors_out *out, const char *key, const char *value);
/* dtype: "F32", "F64", "I64", "U32", "I32" or "U8". */
void xp_tensors_out_add(xp_tensors_out *out, const char *name, const char *dtype, size_t n_dimensions,
                        const size_t *shape);
/* Appends the head. false: out.failed. */
bool xp_tensors_out_text(xp_tensors_out *out, xp_text *text);
/* false: out.failed, or the file could not be written. */
bool xp_tensors_out_head(xp_tensors_out *out, FILE *file);
void xp_tensors_out_free(xp_tensors_out *out);

/* The head of an .npy of float32, rows one after the other. */
bool xp_npy_out_head(size_t rows, size_t width, FILE *file);

#endif

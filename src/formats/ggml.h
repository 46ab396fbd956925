/* How GGML keeps numbers, the types of a GGUF's tensors: blocks of 32 or 256 that share their scales, or one number after another.
 *
 *     const xp_ggml *type = xp_ggml_find(12);             // "Q4_K": 256 numbers in 144 bytes
 *     if (type->widen != NULL) xp_ggml_widen(type, bytes, 2, to); // two blocks: 512 floats
 *
 * What comes out is what the `gguf` package of llama.cpp computes in float32, bit for bit (a NaN may have other bits): the products and
 * sums stand here in its order. */
#ifndef XP_FORMATS_GGML_H
#define XP_FORMATS_GGML_H

#include <stddef.h>
#include <stdint.h>

#include "formats/array.h"

typedef struct xp_ggml {
    const char *name;
    size_t block, bytes; /* numbers of a block, and what it takes */
    xp_type type;        /* the same as safetensors have it; XP_N_TYPES: blocks that share scales */
    void (*widen)(const unsigned char *block, float *to); /* NULL: it is known by name and size alone */
} xp_ggml;

const xp_ggml *xp_ggml_find(uint32_t number); /* by its number in files; NULL: not known, or given up by the format */
void xp_ggml_widen(const xp_ggml *type, const unsigned char *from, size_t n_blocks, float *to);

#endif

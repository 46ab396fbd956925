/* Vectors from a matrix and the words of its rows. */
#ifndef XP_NORMS_VECTORS_ARRAY_H
#define XP_NORMS_VECTORS_ARRAY_H

#include "formats/file.h"
#include "formats/kept.h"

/* .npy, .npz or safetensors by the first bytes of the stream. */
bool xp_vectors_is_array(const xp_stream *stream);

/* Reads the stream to its end. words: a file with a word a line, or NULL; tensor: a name in the file, or NULL for the
 * only matrix there is. */
typedef struct xp_hashes {
    char array[XP_SHA256_TEXT], words[XP_SHA256_TEXT]; /* words: "" without a file of words */
} xp_hashes;
explaint_status xp_vectors_read_array(xp_stream *stream, const char *words, const char *tensor, xp_kept *kept,
                                      xp_hashes *hashes, explaint_error *error);

#endif

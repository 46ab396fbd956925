/* Vectors from a matrix and the words of its rows. */
#ifndef XP_NORMS_VECTORS_ARRAY_H
#define XP_NORMS_VECTORS_ARRAY_H

#include "formats/array.h"
#include "formats/file.h"
#include "formats/word_rows.h"
#include "formats/wordlist.h"

/* .npy, .npz or safetensors by the first bytes of the stream. */
bool xp_vectors_is_array(const xp_stream *stream);

/* Reads the stream to its end. words: a file with a word per line, or NULL; tensor: a name in the file, or NULL for the
 * only matrix there is. */
typedef struct xp_hashes {
    char array[XP_SHA256_TEXT], words[XP_SHA256_TEXT]; /* words: "" without a file of words */
} xp_hashes;
/* The pieces of which xp_vectors_read_array is made, for who reads several arrays of a file (layers.c). */
struct xp_safetensors;
explaint_status xp_vectors_find_tensor(const struct xp_safetensors *file, const char *path, const char *tensor,
                                       xp_array *array, explaint_error *error);
explaint_status xp_vectors_read_list(xp_wordlist *list, const char *path, xp_strings *notes, xp_hashes *hashes,
                                     explaint_error *error);
/* The words that the file itself names, a JSON list in its metadata; list->word stays NULL if it names none. */
explaint_status xp_vectors_own_words(const struct xp_safetensors *file, const char *path, xp_wordlist *list,
                                     explaint_error *error);
/* A word for each row, without the blanks around it. path: of the array. */
explaint_status xp_vectors_fit_words(xp_wordlist *words, size_t rows, const char *path, xp_strings *notes,
                                     explaint_error *error);
explaint_status xp_vectors_keep_rows(const xp_array *array, const char *path, const xp_wordlist *words,
                                     xp_word_rows *kept, explaint_error *error);

explaint_status xp_vectors_read_array(xp_stream *stream, const char *words, const char *tensor, xp_word_rows *kept,
                                      xp_hashes *hashes, explaint_error *error);

#endif

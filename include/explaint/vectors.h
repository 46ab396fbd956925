/* Word vectors: the embeddings under audit.
 *
 *     explaint_vectors *vectors = NULL;
 *     explaint_vectors_open("glove.6B.100d.txt.gz", norms, NULL, &vectors, &error);
 *
 * Only the words that the norms ask for are kept, so a file of millions of words costs its reading. Without norms every
 * word is kept.
 */
#ifndef EXPLAINT_VECTORS_H
#define EXPLAINT_VECTORS_H

#include "explaint/error.h"
#include "explaint/norms.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct explaint_vectors explaint_vectors;

typedef struct explaint_vectors_options {
    const char *words;  /* the rows of an array, one word a line; NULL for files that name their rows */
    const char *name;   /* `source` in results; NULL: from the file's name */
    const char *tensor; /* which array of an .npz or safetensors file, or layer of a CSV; NULL: its only one */
    unsigned threads;   /* that read text; 0: all processors. What is read does not depend on it */
} explaint_vectors_options;

EXPLAINT_API explaint_vectors_options explaint_vectors_defaults(void);

/* Opens vectors by the file's content, plain or .gz: GloVe or word2vec text (with or without a "count width" line), CSV,
 * word2vec .bin, .npy [words x width] with a word list, .npz or safetensors with one inside or beside; and matches every
 * concept of `norms` (docs/methods.md#matching: sense tag stripped, underscores to spaces; its own capitals first, then lower case, then
 * other capitals). norms may be NULL: then all words are kept and none are matched. The name "wordnet" opens the vectors that ship inside the library. Errors:
 * EXPLAINT_INVALID with file and line, or row (a ragged row, a value that is no finite number, no concept with a
 * vector); EXPLAINT_USAGE where `words` or `tensor` is missing, or given for a file that needs none. */
EXPLAINT_API explaint_status explaint_vectors_open(const char *path, const explaint_norms *norms,
                                                   const explaint_vectors_options *options, explaint_vectors **vectors,
                                                   explaint_error *error);
EXPLAINT_API void explaint_vectors_close(explaint_vectors *vectors);

EXPLAINT_API const char *explaint_vectors_name(const explaint_vectors *vectors);
EXPLAINT_API const char *explaint_vectors_path(const explaint_vectors *vectors);
EXPLAINT_API const char *explaint_vectors_sha256(const explaint_vectors *vectors);
EXPLAINT_API size_t explaint_vectors_n_words(const explaint_vectors *vectors); /* words in the file */
EXPLAINT_API size_t explaint_vectors_width(const explaint_vectors *vectors);
/* The vector of concept i of the norms (width values, borrowed), or NULL: it has none. */
EXPLAINT_API const double *explaint_vectors_of_concept(const explaint_vectors *vectors, size_t i);
/* Opened without norms: the different words in the order of the file, as UTF-8, and their vectors; else n is 0. */
EXPLAINT_API size_t explaint_vectors_n_kept(const explaint_vectors *vectors);
EXPLAINT_API const char *explaint_vectors_word(const explaint_vectors *vectors, size_t i);
EXPLAINT_API const double *explaint_vectors_of_word(const explaint_vectors *vectors, size_t i);
EXPLAINT_API size_t explaint_vectors_n_notes(const explaint_vectors *vectors);
EXPLAINT_API const char *explaint_vectors_note(const explaint_vectors *vectors, size_t i);

/* ---- layers ---- */

/* One layer of several. Its vectors must outlive a plan that is made of it. */
typedef struct explaint_layer {
    int number; /* 0 .. 100000, ascending */
    const explaint_vectors *vectors;
} explaint_layer;

typedef struct explaint_layers {
    explaint_layer *layer; /* n */
    size_t n;
} explaint_layers;

/* Several arrays of an .npz or safetensors file, each a layer: those that options->tensor names, with commas between them, or for
 * "all" every one of two dimensions. They have one shape, one type and one list of words: options->words, or the file's own (an
 * array of texts; in safetensors a JSON list, "words" of the metadata). A layer's number is the one in which the names differ
 * (layer.6, h_6, 6); other names are counted from 0 in natural order, and a note says which is which. Errors as
 * explaint_vectors_open's. Released by explaint_layers_close. */
EXPLAINT_API explaint_status explaint_layers_open(const char *path, const explaint_norms *norms,
                                                  const explaint_vectors_options *options, explaint_layers *layers,
                                                  explaint_error *error);
EXPLAINT_API void explaint_layers_close(explaint_layers *layers);

#ifdef __cplusplus
}
#endif
#endif

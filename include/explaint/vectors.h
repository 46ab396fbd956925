/* Word vectors: the embeddings under audit.
 *
 *     explaint_vectors *vectors = NULL;
 *     if (explaint_vectors_open("glove.6B.100d.txt.gz", norms, NULL, &vectors, &error) != EXPLAINT_OK) return error.code;
 *     for (size_t i = 0; i < explaint_norms_n_concepts(norms); i++)
 *         if (explaint_vectors_of_concept(vectors, i) == NULL) printf("no vector for %s\n", explaint_norms_concept(norms, i));
 *     explaint_vectors_close(vectors);
 *
 * Only the words that the norms ask for are kept, so a file of millions of words takes no more memory than they need. Without norms every
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
    const char *words;  /* the rows of an array, one word per line; NULL for files that name their rows */
    const char *name;   /* `source` in results; NULL: from the file's name */
    const char *tensor; /* which array of an .npz or safetensors file, or layer of a CSV; NULL: its only one */
    unsigned threads;   /* that read text; 0: all processors. What is read does not depend on it */
} explaint_vectors_options;

EXPLAINT_API explaint_vectors_options explaint_vectors_defaults(void);

/* Opens vectors, plain or .gz. The kind is known by the content: GloVe or word2vec text (with or without a "count width" line), CSV,
 * word2vec .bin, .npy [words x width] with a word list, .npz or safetensors with one inside or beside. The name "wordnet" opens the
 * vectors that ship inside the library. Every concept of `norms` is matched to a word (docs/methods.md#matching); with norms NULL all words
 * are kept and none are matched. options NULL: the defaults. Errors: EXPLAINT_INVALID with file and line, or row (a row of another width, a
 * value that is no finite number, no concept with a vector); EXPLAINT_USAGE if `words` or `tensor` is missing, or given for a file that
 * needs none. */
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
/* Of vectors opened without norms: the different words in the order of the file, as UTF-8, and their vectors. With norms n is 0. */
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

/* Several arrays of an .npz or safetensors file, each of them a layer. options->tensor names them with commas between; "all" takes every
 * array of two dimensions. All must have the same shape, type and words. The words come from options->words or from the file itself (an
 * array of texts; in safetensors the JSON list "words" of the metadata). A layer has the number in which the names differ (layer.6, h_6, 6);
 * arrays whose names hold no such number are counted from 0 in natural order, and a note says which is which. Errors are those of
 * explaint_vectors_open. Released by explaint_layers_close. */
EXPLAINT_API explaint_status explaint_layers_open(const char *path, const explaint_norms *norms,
                                                  const explaint_vectors_options *options, explaint_layers *layers,
                                                  explaint_error *error);
EXPLAINT_API void explaint_layers_close(explaint_layers *layers);

#ifdef __cplusplus
}
#endif
#endif

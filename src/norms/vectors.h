/* The vectors of the norms' concepts inside. */
#ifndef XP_NORMS_VECTORS_H
#define XP_NORMS_VECTORS_H

#include "base/strings.h"
#include "explaint/vectors.h"
#include "norms/vectors_array.h"

struct explaint_vectors {
    char *name, *path, *tensor; /* tensor: as chosen, or NULL */
    xp_hashes sha256;
    size_t n_words, width; /* of the file */
    size_t n_concepts;     /* of the norms; 0 without */
    const double **row;    /* n_concepts: the concept's vector, or NULL; concepts of one word share it */
    xp_strings notes;      /* level note */
    xp_strings warnings;   /* level warning */
    xp_strings duplicates; /* a word twice: one sentence each, names the line; becomes a lint */
    xp_word_rows kept;     /* what row points into; its notes are moved to the two above */
    bool of_model;         /* made by a model: path and sha256 are the model's */
    xp_strings settings;   /* of a model: names and JSON values in turns, how they were made */
};

/* Vectors that a model made: n x width. word(self, i) is the word of row i. */
typedef struct xp_made_vectors {
    const char *name, *path, *sha256; /* of the model */
    size_t n, width;
    const float *rows;
    const char *(*word)(const void *self, size_t i);
    const void *self;
    const xp_strings *settings, *notes; /* copied */
} xp_made_vectors;

/* Matches them to norms as a file's are. Rows and words are copied. */
explaint_status xp_vectors_make(const xp_made_vectors *made, const explaint_norms *norms, explaint_vectors **vectors,
                                explaint_error *error);

/* An array of a file of several, with what is common to them. */
typedef struct xp_array_vectors {
    const char *path, *tensor;
    const xp_array *array;
    const xp_wordlist *words;
    const xp_hashes *hashes;
    const xp_strings *notes; /* copied */
} xp_array_vectors;
explaint_status xp_vectors_of_array(const xp_array_vectors *from, const explaint_norms *norms, const char *name,
                                    explaint_vectors **vectors, explaint_error *error);

/* Vectors from bytes in memory (plain or gzip), which need not outlive the call. */
explaint_status xp_vectors_read(const char *display_path, const void *bytes, size_t size, const explaint_norms *norms,
                                const explaint_vectors_options *options, explaint_vectors **vectors,
                                explaint_error *error);

#endif

/* Vectors from inside of a model: words or texts go in, vectors of any layer come out (a whole program: docs/examples/embed.c).
 *
 *     explaint_embedding *embedding = NULL;
 *     explaint_embed_options options = explaint_embed_defaults();
 *     options.pattern = "This is a {}.";
 *     if (explaint_embed_words(model, tokenizer, words, n_words, &options, &embedding, &error) != EXPLAINT_OK) return error.code;
 *     const float *last = explaint_embedding_matrix(embedding, explaint_embedding_n_layers(embedding) - 1);
 *     printf("%s: %g ...\n", explaint_embedding_word(embedding, 0), (double)last[0]);
 *     if (explaint_embedding_write(embedding, "words.safetensors", NULL, &error) != EXPLAINT_OK) puts(error.message);
 *     explaint_embedding_close(embedding);
 *
 * A word's vector is made of the states of its own pieces. They are found by the bytes where the word stands in the text, not by their
 * ids, so it does not matter whether the template holds the same letters elsewhere, or whether the word is cut differently beside other
 * words. An embedding never changes after it was made, and threads may share it.
 */
#ifndef EXPLAINT_EMBED_H
#define EXPLAINT_EMBED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "explaint/error.h"
#include "explaint/model.h"
#include "explaint/norms.h"
#include "explaint/result.h"
#include "explaint/texts.h"
#include "explaint/tokenizer.h"
#include "explaint/vectors.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct explaint_embedding explaint_embedding;

typedef struct explaint_embed_options {
    const size_t *layers; /* ascending, each once, 0 to L; NULL: all of them */
    size_t n_layers;
    unsigned threads; /* 0: all processors. No result depends on it */
    bool truncate;    /* texts longer than the positions are cut, and counted; else refused */
    /* of words */
    const char *pattern;            /* "This is a {}.": the word stands at {}; NULL: it stands alone */
    const explaint_texts *contexts; /* the word in its occurrences in these texts; not with `pattern` */
    size_t max_contexts;            /* of a word, drawn by `seed` from all there are, 200 */
    size_t prototypes;              /* K: the centres of K clusters of its contexts; 0: their mean */
    uint64_t seed;                  /* 1 */
    /* The rows of a word's pieces that stand for it: "mean", "first", "last"; "next": the row behind the last one, which in a decoder has
     * seen all of the word; a word that ends its text has none. */
    const char *pieces;
    /* [CLS], [SEP] and their like, a decoder's <s>: what the tokenizer's file puts around each text. "seen": the model sees them, and the mean of pieces is without; "pooled": the mean is with them;
     * "none": the model does not see them. */
    const char *special_tokens;
    /* of texts */
    /* Of the pieces of a text, special tokens included. "folder": as sentence-transformers do with the folder (prompt, length, ways of
     * pooling, Dense, Normalize). "mean", "cls" or "max": nothing else of sentence-transformers' files counts. */
    const char *pooling;
    const char *prompt; /* put before every text; NULL: the folder's, with pooling by the folder; "": none */
    /* What is done to the finished vectors of each layer: every dimension is scaled to mean 0 and standard deviation 1; then so many principal
     * components are taken out (which centres as well). Both are fitted on fit_words, which are embedded in the same way, or, without
     * them, on all rows of the result, and a note says so. */
    bool standardise;
    size_t remove_top;
    const char *const *fit_words;
    size_t n_fit_words;
    const explaint_input
        *inputs; /* files that the words came from: named in what the embedding says of itself; NULL: none */
    size_t n_inputs;
} explaint_embed_options;

EXPLAINT_API explaint_embed_options explaint_embed_defaults(void);

/* Vectors of words (UTF-8, not trimmed). The rows are the words in the given order. Words without a vector (they have no piece, or stand in
 * no context) are left out, and a note names them. With prototypes a word has up to K rows, the largest cluster first.
 * options NULL: the defaults. Errors: EXPLAINT_USAGE for options that are out of range or exclude each other; EXPLAINT_INVALID if
 * no word has a vector, and those of the model and the tokenizer. */
EXPLAINT_API explaint_status explaint_embed_words(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                                  const char *const *words, size_t n_words,
                                                  const explaint_embed_options *options, explaint_embedding **embedding,
                                                  explaint_error *error);

/* The same for the concepts of norms. A concept is a word in the form under which vectors are looked up (docs/methods.md#matching: without
 * its sense tag, with spaces for underscores, capitals as they are); each form is embedded once. */
EXPLAINT_API explaint_status explaint_embed_concepts(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                                     const explaint_norms *norms, const explaint_embed_options *options,
                                                     explaint_embedding **embedding, explaint_error *error);

/* Vectors of whole texts, one row per text. */
EXPLAINT_API explaint_status explaint_embed_texts(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                                  const explaint_texts *texts, const explaint_embed_options *options,
                                                  explaint_embedding **embedding, explaint_error *error);

EXPLAINT_API void explaint_embedding_close(explaint_embedding *embedding);

EXPLAINT_API size_t explaint_embedding_n_rows(const explaint_embedding *embedding);
EXPLAINT_API size_t explaint_embedding_width(const explaint_embedding *embedding);
EXPLAINT_API size_t explaint_embedding_n_layers(const explaint_embedding *embedding);
/* Number of the k-th layer, ascending; 0 is the embedding layer. */
EXPLAINT_API size_t explaint_embedding_layer(const explaint_embedding *embedding, size_t k);
/* n_rows x width of the k-th layer, borrowed. */
EXPLAINT_API const float *explaint_embedding_matrix(const explaint_embedding *embedding, size_t k);
/* The word of row i, borrowed; NULL for texts. */
EXPLAINT_API const char *explaint_embedding_word(const explaint_embedding *embedding, size_t i);
/* The most pieces that the word of row i was cut into; how many texts its vector is made of. */
EXPLAINT_API size_t explaint_embedding_n_pieces(const explaint_embedding *embedding, size_t i);
EXPLAINT_API size_t explaint_embedding_n_contexts(const explaint_embedding *embedding, size_t i);
/* Words that were asked for and have no vector, and why: "stands in no context". */
EXPLAINT_API size_t explaint_embedding_n_dropped(const explaint_embedding *embedding);
EXPLAINT_API const char *explaint_embedding_dropped(const explaint_embedding *embedding, size_t i, const char **why);
/* What makes vectors worth little: unknown pieces, texts without a word. */
EXPLAINT_API size_t explaint_embedding_n_warnings(const explaint_embedding *embedding);
EXPLAINT_API const char *explaint_embedding_warning(const explaint_embedding *embedding, size_t i);
EXPLAINT_API size_t explaint_embedding_n_notes(const explaint_embedding *embedding);
EXPLAINT_API const char *explaint_embedding_note(const explaint_embedding *embedding, size_t i);

/* The k-th layer as vectors under audit, matched to norms as those of a file are. They carry how they were made, so that a run on them can
 * be repeated, and live on after the embedding is closed. EXPLAINT_INVALID if no concept has a vector, EXPLAINT_USAGE for texts and if words
 * have several prototypes. */
EXPLAINT_API explaint_status explaint_embedding_vectors(const explaint_embedding *embedding, size_t k,
                                                        const explaint_norms *norms, explaint_vectors **vectors,
                                                        explaint_error *error);

/* The same for every layer; released by explaint_layers_close. */
EXPLAINT_API explaint_status explaint_embedding_layers(const explaint_embedding *embedding, const explaint_norms *norms,
                                                       explaint_layers *layers, explaint_error *error);

/* Writes the vectors by the suffix of the path: .npy (one layer: n x width, float32), .safetensors (a tensor "layer.8",
 * n x width, for each layer; how they were made in its metadata), .csv (a row for each word and layer). The words of the rows
 * go to words_path, one a line, or, if that is NULL, to the path with the suffix .words (for texts: to none). Read again by
 * explaint_vectors_open with `words` and `tensor`. EXPLAINT_USAGE for another suffix, and for several layers in an .npy. */
EXPLAINT_API explaint_status explaint_embedding_write(const explaint_embedding *embedding, const char *path,
                                                      const char *words_path, explaint_error *error);
/* EXPLAINT_USAGE if explaint_embedding_write would refuse the path for so many layers. Ask before the work, not after. */
EXPLAINT_API explaint_status explaint_embedding_check_path(const char *path, size_t n_layers, explaint_error *error);

/* ---- how they were made ---- */

typedef struct explaint_embed_dropped {
    const char *word, *text; /* one of both */
    const char *why;
} explaint_embed_dropped;

typedef struct explaint_embed_result {
    explaint_record record; /* explaint_embed_kind */
    const char *version;
    const char *const *command; /* NULL-terminated */
    const explaint_input *inputs;
    size_t n_inputs;
    const explaint_setting *settings;
    size_t n_settings;
    size_t n_texts, n_words; /* that were asked for: one of both */
    size_t n_rows, width;
    const size_t *layers;
    size_t n_layers;
    int several_pieces; /* words that the tokenizer cuts; -1: of texts */
    size_t cut;         /* texts cut at the model's positions */
    const explaint_embed_dropped *dropped;
    size_t n_dropped;
    const char *const *notes;
    size_t n_notes;
    const char *const *warnings;
    size_t n_warnings;
    const char *vectors_sha256; /* of the file that holds them; NULL: none was named */
} explaint_embed_result;

/* The record of an embedding (explaint/result.h), which lives as long as that. command (may be NULL) is NULL-terminated, and borrowed. path: the file that
 * the vectors were written to, whose SHA-256 the record then has; NULL: none. Errors: EXPLAINT_FAILED: no memory, or the file cannot be read. */
EXPLAINT_API explaint_status explaint_embedding_record(explaint_embedding *embedding, const char *const *command,
                                                       const char *path, const explaint_record **record,
                                                       explaint_error *error);
EXPLAINT_API extern const explaint_kind explaint_embed_kind;

/* Does the file at this path hold the vectors of the record, by its SHA-256? false, too, if it cannot be read. */
EXPLAINT_API bool explaint_embed_result_is_in(const explaint_embed_result *result, const char *path);

/* What names a run in a ledger (explaint/ledger.h), before it is made: the command with all that changes the vectors, the files of the model, and what
 * else was read. *identity is released by free(). EXPLAINT_FAILED: no memory. */
EXPLAINT_API explaint_status explaint_embed_identity(const explaint_model *model, const char *const *command,
                                                     const explaint_input *inputs, size_t n_inputs, char **identity,
                                                     explaint_error *error);

#ifdef __cplusplus
}
#endif
#endif

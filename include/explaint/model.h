/* A language model that can be looked into: hidden states, attention maps and values of every layer (a whole program:
 * docs/examples/forward.c).
 *
 *     const int32_t ids[] = {101, 1996, 3899, 102}; // [CLS] the dog [SEP]
 *     const explaint_ids text = {ids, 4};
 *     explaint_observer observer = {0};
 *     explaint_model *model = NULL;
 *     observer.attention = look_at_maps; // called once for each layer
 *     explaint_status status = explaint_model_open("all-MiniLM-L6-v2", NULL, &model, &error);
 *     if (status == EXPLAINT_OK) status = explaint_model_run(model, &text, 1, &observer, 0, &error);
 *     explaint_model_close(model);
 *
 * What is computed is what Hugging Face's transformers compute in fp32 with eager attention. The same ids give the same bits whatever other
 * texts are in the call, for any number of threads, and on any instruction set.
 *
 * h^0 is the output of the embedding layer (after its norm, if it has one), and block l = 1..L makes h^l from h^(l-1). In decoders h^L is
 * before the final norm; the last hidden state of transformers is behind it. A model never
 * changes after it was opened, and threads may share it.
 */
#ifndef EXPLAINT_MODEL_H
#define EXPLAINT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "explaint/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct explaint_model explaint_model;

typedef struct explaint_model_options {
    unsigned threads; /* that read the weights; 0: all processors. What is read does not depend on it */
    const char *isa; /* "avx512", "avx2" or "scalar"; NULL: EXPLAINT_ISA of the environment, else the widest there is */
    bool random_init; /* no weights are read: the architecture of config.json with weights drawn as for training */
    uint64_t seed;    /* of random_init */
    bool
        logits; /* of a decoder: what makes logits of states is read as well (lm_head, embed_out, or the rows of words where they are tied) */
} explaint_model_options;

EXPLAINT_API explaint_model_options explaint_model_defaults(void);

typedef struct explaint_model_file {
    const char *path, *sha256;
    bool weights; /* it holds tensors */
} explaint_model_file;

typedef struct explaint_model_info {
    const char *family; /* model_type: "bert", "llama", ... */
    const char *name;   /* the folder's last part, or the name in the cache */
    const char *path;   /* of the folder that was read */
    /* The folder that was given: another one than `path` if its modules.json has the model in a folder of its own. */
    const char *root;
    const char *
        dtype; /* of the weights: "F32", "F16", "BF16", "mixed", "random", or of a GGUF how many tensors: "210 Q4_1, 61 F32" */
    const char *isa; /* of the kernels that run: changes no bit */
    size_t n_layers, n_heads, width, feed_forward, n_positions, vocabulary; /* n_positions: pieces a text may have */
    size_t n_key_heads,
        head; /* heads that share keys and values, at most n_heads; width of a head, which need not be width / n_heads */
    bool causal;     /* a piece sees itself and what stands before it: decoders */
    bool open_ended; /* no table of positions: texts longer than n_positions run, though nothing was trained there */
    bool final_norm; /* between the last block and the words: what the observer's `normed` gets */
    double eps;      /* of the norms */
    size_t parameters, memory; /* numbers of the model; bytes held */
    size_t
        in_file; /* of these: matrices of a GGUF, which stay in the mapped file as they are, and are widened when they are used */
    bool random_init;
    uint64_t seed;
    size_t n_files; /* that mattered: config.json first */
    const explaint_model_file *file;
} explaint_model_info;

/* path is a folder as Hugging Face lays it out, a GGUF file, or the name of a model, with or without its organisation, in Hugging Face's cache. A folder
 * holds config.json and the weights: model.safetensors, the shards that model.safetensors.index.json names, or pytorch_model.bin, of which
 * no code is run. A folder of sentence-transformers may hold the model in a folder of its own. docs/formats.md#models has the details.
 * Weights of a folder are F32, F16 or BF16; everything is computed in fp32. A GGUF stays mapped until the model is closed: whoever shortens
 * or overwrites it meanwhile ends the program or gives it other weights; putting another file in its place is harmless. options NULL: the
 * defaults. Errors: EXPLAINT_INVALID names the key of the config or the tensor that is not as expected; EXPLAINT_USAGE for an `isa` that
 * this processor does not have. */
EXPLAINT_API explaint_status explaint_model_open(const char *path, const explaint_model_options *options,
                                                 explaint_model **model, explaint_error *error);
EXPLAINT_API void explaint_model_close(explaint_model *model);

EXPLAINT_API const explaint_model_info *explaint_model_describe(const explaint_model *model);

/* Some rows of the map of one head, after the softmax. Of a text of 8,192 pieces a map has 268 MB, and a model some hundred maps; rows
 * need a few megabytes. */
typedef struct explaint_attention_rows {
    size_t text, layer, head; /* layer and head from 1 */
    size_t n;                 /* pieces of the text */
    size_t first, many;       /* rows first .. first + many - 1 */
    size_t from, to;          /* columns that are here; the others are 0 in all of these rows */
    const float *row;         /* entry j of row first + i: row[i * n + j], from <= j < to */
    const float *entropy;     /* of each row, in nats */
    const float *largest;     /* its largest entry */
} explaint_attention_rows;

/* An observer gets what it has a function for. Calls for one text come in the order of the layers, at layer l: attention_rows, attention,
 * values, hidden; different texts may come at the same time. What is passed is borrowed for the call. false stops the run. */
typedef struct explaint_observer {
    void *self;
    /* layer 0..L; rows: n x width */
    bool (*hidden)(void *self, size_t text, size_t layer, size_t n, const float *rows);
    /* layer 1..L; maps: heads x n x n after the softmax, row i is where piece i looks */
    bool (*attention)(void *self, size_t text, size_t layer, size_t n, const float *maps);
    /* The same in rows, without any map as a whole: each head's rows once, in any order, of a long text from several threads at the same
     * time; all rows of a layer before what else there is of it. */
    bool (*attention_rows)(void *self, const explaint_attention_rows *rows);
    /* layer 1..L; values: n_heads x n x head, with their bias; heads of one group have the same */
    bool (*values)(void *self, size_t text, size_t layer, size_t n, const float *values);
    /* Of models with a final norm, after the last layer: its rows behind that norm, n x width. */
    bool (*normed)(void *self, size_t text, size_t n, const float *rows);
    /* Of models that were opened with `logits`, after `normed`: how much each word is expected behind the pieces first to first + n - 1 of the
     * text, n x vocabulary; all pieces in order, some at a time. Of logits e^x / (sum of e^x) is the probability. */
    bool (*logits)(void *self, size_t text, size_t first, size_t n, const float *rows);
} explaint_observer;

typedef struct explaint_ids {
    const int32_t *id;
    size_t n;
} explaint_ids;

/* Runs every text through the model, each on its own and without padding. threads 0: all processors. Errors:
 * EXPLAINT_INVALID for a text without pieces or longer than n_positions (cut it first) unless the model is open-ended, for an id outside the vocabulary,
 * and for a state that is no finite number; EXPLAINT_USAGE for an observer of logits where the model was opened without; EXPLAINT_FAILED if the observer stopped it. */
EXPLAINT_API explaint_status explaint_model_run(const explaint_model *model, const explaint_ids *texts, size_t n_texts,
                                                const explaint_observer *observer, unsigned threads,
                                                explaint_error *error);

#ifdef __cplusplus
}
#endif
#endif

/* Looking at a model: what its folder holds, whether it computes what the reference implementation does, and all of its states and maps
 * as a file.
 *
 *     explaint_check *check = NULL;
 *     if (explaint_model_check(model, tokenizer, NULL, 0, &check, &error) != EXPLAINT_OK) return error.code;
 *     if (check->outcome == EXPLAINT_CHECK_DIFFERS) puts("do not believe what follows");
 *     explaint_check_close(check);
 */
#ifndef EXPLAINT_INSPECT_H
#define EXPLAINT_INSPECT_H

#include <stdbool.h>
#include <stdio.h>

#include "explaint/error.h"
#include "explaint/model.h"
#include "explaint/result.h"
#include "explaint/texts.h"
#include "explaint/tokenizer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- check ---- */

typedef enum explaint_check_outcome {
    EXPLAINT_CHECK_NO = 0, /* there are no stored values for these weights */
    EXPLAINT_CHECK_YES,    /* within the bounds everywhere */
    EXPLAINT_CHECK_DIFFERS
} explaint_check_outcome;

typedef struct explaint_check_layer {
    size_t layer;
    /* The largest absolute differences. attention: of the block that makes the layer, NaN for layer 0. */
    double hidden, attention;
} explaint_check_layer;

typedef struct explaint_check {
    explaint_record record;      /* explaint_check_kind */
    const char *version, *model; /* of this library; the model's name */
    const char *const *command;  /* NULL-terminated, for the document: whoever writes one may set it */
    explaint_check_outcome outcome;
    const char *stamp;     /* "yes", "no", "differs": for reports */
    const char *sentence;  /* the same with its numbers, for people */
    const char *reference; /* whose values: "transformers 4.57.1, torch 2.9.0, fp32, eager"; or the file; NULL: none */
    size_t n_texts;
    int n_ids;       /* texts that came with their text, whose ids were made again; -1: nothing was compared */
    int n_other_ids; /* how many of these have ids that differ; -1: nothing was compared */
    size_t n_layers; /* entries of `layer`: L + 1; 0 without stored values */
    const explaint_check_layer *layer;    /* from 0 */
    double hidden_bound, attention_bound; /* NaN without stored values */
} explaint_check;

/* Runs the model on ids for which the values of Hugging Face's transformers (fp32, eager attention) are stored, and
 * compares. reference NULL: values that ship inside the library, found by the SHA-256 of the weights; else a
 * safetensors file with, for text i from 0, i.ids [n] and i.hidden_states [L+1, n, width] and i.attentions
 * [L, heads, n, n] (either may be left out): what `explaint model dump` writes, made by the reference instead.
 * tokenizer may be NULL: then ids are taken as they are stored. Errors: EXPLAINT_INVALID for a file that does not fit. */
EXPLAINT_API explaint_status explaint_model_check(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                                  const char *reference, unsigned threads, explaint_check **check,
                                                  explaint_error *error);
EXPLAINT_API void explaint_check_close(explaint_check *check);
/* The record of a check (explaint/result.h). */
EXPLAINT_API extern const explaint_kind explaint_check_kind;

/* ---- dump ---- */

typedef struct explaint_dump_options {
    bool truncate; /* texts longer than the positions are cut, and counted; else refused */
    unsigned threads;
    size_t *n_cut;    /* becomes the number of texts that were cut; may be NULL */
    bool logits;      /* i.logits as well; the model is opened with them */
    size_t *n_longer; /* how many texts are longer than the positions of training is added to it; NULL: nobody asks */
} explaint_dump_options;

EXPLAINT_API explaint_dump_options explaint_dump_defaults(void);

/* Writes for text i from 0: i.ids I64 [n], i.hidden_states F32 [L+1, n, width] (of a decoder the last entry is behind
 * its final norm, and i.hidden_last_raw F32 [n, width] is before it), i.attentions F32 [L, heads, n, n], where they are asked for i.logits F32 [n, vocabulary], in
 * safetensors; `pieces` of the metadata is a JSON list of lists. options may be NULL. Errors: EXPLAINT_INVALID for a text
 * without any token. */
EXPLAINT_API explaint_status explaint_model_dump(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                                 const explaint_texts *texts, const explaint_dump_options *options,
                                                 const char *path, explaint_error *error);

/* ---- inspect ---- */

typedef struct explaint_model_tensor {
    const char *name, *dtype, *file; /* dtype: "F32", "Q4_K", as the file has it */
    size_t n_dimensions;
    const size_t *shape;
    size_t bytes;
} explaint_model_tensor;

/* A key of a GGUF's metadata. */
typedef struct explaint_model_value {
    const char *key, *type; /* type: "u32", "f32", "bool", "string"; of a list, that of its items */
    bool is_list;
    size_t n_items;
    const char *json; /* the value; of a list the first items, as a list */
} explaint_model_value;

typedef struct explaint_inspection {
    /* Of a GGUF that cannot be run (a note says why): what its metadata say, 0 where they are silent. */
    const explaint_model_info *model;
    size_t n_tensors;
    const explaint_model_tensor *tensor; /* in the order of the files */
    size_t stored;                       /* bytes of the tensors in the files */
    size_t
        held; /* bytes of memory for the weights, with the matrices of a GGUF as they lie in the file (model->in_file) */
    size_t a_thread; /* more for each thread, while short texts run */
    size_t longest;  /* the same for a text that fills all positions, its maps kept */
    size_t n_pieces; /* of the tokenizer; 0: none could be read, and a note says why */
    size_t n_notes;
    const char *const *note;
    size_t n_sentence; /* how the folder makes a vector of a text, step by step; 0: it has no modules.json */
    const char *const *sentence;
    size_t n_metadata; /* of a GGUF, in the order of the file */
    const explaint_model_value *metadata;
} explaint_inspection;

/* Opens the folder, with its tokenizer if there is one, or the GGUF file. Errors: those of explaint_model_open; EXPLAINT_INVALID for a
 * GGUF that is damaged. */
EXPLAINT_API explaint_status explaint_model_inspect(const char *path, explaint_inspection **inspection,
                                                    explaint_error *error);
EXPLAINT_API void explaint_inspection_close(explaint_inspection *inspection);

/* A JSON document. command (may be NULL) is NULL-terminated. */
EXPLAINT_API explaint_status explaint_inspection_write_json(const explaint_inspection *inspection,
                                                            const char *const *command, FILE *out,
                                                            explaint_error *error);

#ifdef __cplusplus
}
#endif
#endif

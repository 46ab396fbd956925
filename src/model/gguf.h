/* A GGUF as the folder that it stands for: config.json made of its metadata, tensors under the names that Hugging Face gives them.
 *
 *     xp_gguf_model gguf = {0};
 *     if (xp_gguf_model_read("model.gguf", bytes, &gguf, error) != EXPLAINT_OK) return error->code;
 *     ... gguf.config.data: {"model_type": "llama", "hidden_size": 576, ...}
 *     ... gguf.tensor[i].name: "model.layers.0.self_attn.q_proj.weight", gguf.reading[i]: its rows are interleaved ...
 *     xp_gguf_model_close(&gguf);
 *
 * So a family knows nothing of GGUF: its keys and its table of tensors are those of the folder. What the architectures are called, which
 * keys they have and what llama.cpp did to their tensors stands in gguf_config.c and gguf_names.c, from convert_hf_to_gguf.py of
 * llama.cpp. */
#ifndef XP_MODEL_GGUF_H
#define XP_MODEL_GGUF_H

#include "base/strings.h"
#include "formats/gguf.h"
#include "model/source.h"

/* What was done to a tensor when the file was made. */
typedef enum xp_gguf_reading {
    XP_GGUF_AS_IT_IS,    /* nothing */
    XP_GGUF_INTERLEAVED, /* rows of a head: k and k + head / 2 side by side */
    XP_GGUF_DONE /* what a folder's tensor needs: norms of Gemma are one more, matrices of GPT-2 are [out, in] */
} xp_gguf_reading;

typedef struct xp_gguf_model {
    xp_bytes bytes;
    xp_gguf *file;
    xp_text config;
    size_t n;
    xp_tensor *tensor; /* n, in the order of the file; without those that went into the config */
    xp_gguf_reading *reading;
    size_t head; /* width of a head */
    xp_strings names;
} xp_gguf_model;

/* The bytes become the model's. Errors: EXPLAINT_INVALID for a damaged file, an architecture that has no family here, keys of it that are not as expected or not known,
 * and a model in several files. */
explaint_status xp_gguf_model_read(const char *path, xp_bytes bytes, xp_gguf_model *model, explaint_error *error);
void xp_gguf_model_close(xp_gguf_model *model);

/* The model as a source: path is the file's, and outlives it as the model does. */
xp_source xp_gguf_model_source(const char *path, xp_gguf_model *model);

/* Where row `row` of a head's rows, as the folder has them, stands among those that are interleaved. */
size_t xp_gguf_interleaved(size_t row, size_t head);

/* How many tensors of each type, the most frequent first: "210 Q4_1, 61 F32, 1 Q8_0". */
void xp_gguf_count_types(const xp_gguf *file, xp_text *text);

/* ---- inside ---- */

typedef struct xp_gguf_architecture {
    const char *name, *model_type;
    unsigned is; /* bits */
} xp_gguf_architecture;

enum {
    XP_GGUF_IS_GPT2 = 1,
    XP_GGUF_IS_PHI3 = 2,
    XP_GGUF_IS_GEMMA = 4,
    XP_GGUF_IS_GEMMA2 = 8,
    XP_GGUF_IS_GEMMA3 = 16,
    XP_GGUF_IS_INTERLEAVED = 32,
    XP_GGUF_HAS_BIAS_KEY = 64,
    XP_GGUF_IS_OLMO2 = 128
};

/* Of the file's general.architecture. */
explaint_status xp_gguf_architecture_find(const char *path, const xp_gguf *file,
                                          const xp_gguf_architecture **architecture, explaint_error *error);
/* Fills the config, and the width of a head. */
explaint_status xp_gguf_config_write(const char *path, const xp_gguf_architecture *architecture, xp_gguf_model *model,
                                     explaint_error *error);
/* In a sentence about its config: the keys as the metadata call them. */
void xp_gguf_config_rename(const char *path, const xp_gguf_model *model, explaint_error *error);
/* Fills the tensors. */
explaint_status xp_gguf_names_read(const char *path, const xp_gguf_architecture *architecture, xp_gguf_model *model,
                                   explaint_error *error);

#endif

/* config.json to an architecture: every key that changes a result is read or refused by name. */
#ifndef XP_MODEL_CONFIG_H
#define XP_MODEL_CONFIG_H

#include <stddef.h>

#include "base/error.h"
#include "base/json_read.h"
#include "model/rope.h"
#include "tensor/kernels.h"

#define XP_NO_PAD ((size_t)-1)

/* Far above every model there is, far below what overflows. */
enum {
    XP_MOST_LAYERS = 1 << 10,
    XP_MOST_HEADS = 1 << 12,
    XP_MOST_WIDTH = 1 << 17,
    XP_MOST_ROWS = 1 << 24, /* of a table: words, positions */
    XP_MOST_THETA = 1 << 30,
    XP_MOST_ENDS = 64
};

/* What one model has and another has not, as bits: a key of config.json, the block and the table of tensors speak of them. */
enum {
    XP_HAS_PRE_NORM = 1 << 0,       /* norms before attention and feed-forward layer */
    XP_HAS_POST_NORM = 1 << 1,      /* norms on what they give, before it is added */
    XP_HAS_END_NORM = 1 << 2,       /* norms of the rows, after it was added */
    XP_HAS_ONE_NORM = 1 << 3,       /* the feed-forward layer sees what attention sees */
    XP_HAS_FINAL_NORM = 1 << 4,     /* after the last block */
    XP_HAS_RMS_NORM = 1 << 5,       /* every norm divides by the root of the mean square; else a LayerNorm */
    XP_HAS_NORM_WEIGHTS = 1 << 6,   /* a family says so whose norms may have none */
    XP_HAS_QK_NORM = 1 << 7,        /* of each head's query and key */
    XP_HAS_QK_NORM_OF_ALL = 1 << 8, /* or of the queries of all heads at once, and of the keys */
    XP_HAS_GATE = 1 << 9,           /* feed-forward layer: activation(x W) * (x V) */
    XP_HAS_QKV_BIAS = 1 << 10,      /* of query, key and value */
    XP_HAS_OUTPUT_BIAS = 1 << 11,   /* of what attention gives */
    XP_HAS_MLP_BIAS = 1 << 12,
    XP_HAS_PARTIAL_ROPE = 1 << 13,   /* partial_rotary_factor counts */
    XP_HAS_LONGROPE_ONLY = 1 << 14,  /* xp_rope_basis.longrope_only */
    XP_HAS_SCALE = 1 << 15,          /* a family says so whose scores may have none */
    XP_HAS_SCALE_BY_LAYER = 1 << 16, /* scores are divided by the number of the layer as well */
    XP_HAS_WORD_MAP = 1 << 17,       /* rows of words have a width of their own and are mapped to the model's */
    XP_HAS_PAD_POSITIONS = 1 << 18,  /* positions begin behind the padding piece's, and such pieces are not counted */
    XP_HAS_NORM_BIAS = 1 << 19,      /* a family says so whose norms may have none */
    XP_HAS_NO_FIRST_NORM = 1 << 20,  /* no norm before the first layer's attention; rows that need it are not there */
    XP_IS_PARALLEL = 1 << 21,        /* the feed-forward layer sees the rows that attention sees */
    XP_IS_CAUSAL = 1 << 22,          /* a piece sees itself and what stands before it */
    XP_IS_TIED = 1 << 23,       /* states become logits by the rows of words, where there is no matrix of their own */
    XP_WANTS_LOGITS = 1 << 24,  /* explaint_model_options.logits */
    XP_IF_THERE = 1 << 25,      /* of a row: the tensor need not be there */
    XP_HAS_POSITIONS = 1 << 26, /* a family says so that may have no table of positions */
    XP_HAS_CONV = 1 << 27,      /* a convolution beside the first block */
    XP_HAS_DISTANCE_NORM = 1 << 28,
    XP_HAS_DISTANCE_KEY = 1 << 29, /* rows of distances have maps of their own */
    XP_HAS_DISTANCE_QUERY = 1 << 30
};

/* Of one layer. */
enum { XP_LAYER_SLIDES = 1, XP_LAYER_HAS_NO_ROPE = 2 };

/* Tokens that end a text. */
typedef struct xp_ends {
    size_t n, id[XP_MOST_ENDS];
} xp_ends;

typedef struct xp_config {
    size_t n_layers, n_heads, width, feed_forward, vocabulary;
    size_t
        n_key_heads; /* heads of keys and values, each for n_heads / n_key_heads of queries; 0 until it is settled: n_heads */
    size_t head; /* width of a head, which need not be width / n_heads; 0 until it is settled: that */
    size_t
        n_positions; /* rows of the table of positions, or pieces in training where there is no table; a text may be shorter */
    size_t offset;      /* rows of the table of positions that no piece of a text takes */
    size_t n_types;     /* segments; 0: the family has none */
    size_t n_buckets;   /* relative positions; 0: the family has none */
    size_t n_distances; /* rows of distances, to either side half of them; 0: none */
    size_t n_log,
        farthest;  /* buckets of distances whose width grows up to the farthest; 0: every distance has its own row */
    size_t kernel; /* pieces that the convolution sees; 0: there is none */
    bool c2p, p2c; /* scores gain query x key of the distance, key x query of the distance */
    size_t n_groups, n_inner; /* layers whose weights are in the file: groups of so many; 0: every layer has its own */
    size_t pad;               /* id whose row begins as zeros in training; XP_NO_PAD: none */
    size_t
        window; /* pieces that one sees where a layer slides, itself among them, to its left and, if it sees any there, as many to its right; 0: no layer slides */
    double eps, initializer_range;
    double scale;                         /* of scores; 0: head ^ -1/2 */
    double cap;                           /* scores become cap tanh(score / cap); 0: they stay */
    double logit_cap;                     /* the same of logits */
    double word_scale;                    /* of rows of words; 0: 1 */
    size_t word_width;                    /* of rows of words, with XP_HAS_WORD_MAP */
    double theta, sliding_theta, partial; /* rotary positions where nothing is said beside them: rope.h */
    size_t n_original; /* positions before they were stretched, where that is said beside them; 0: it is not */
    xp_activation activation, conv_activation;
    unsigned has;
    unsigned char layer[XP_MOST_LAYERS]; /* bits */
    xp_ends ends;
    xp_rope *rope, *sliding_rope; /* rotary positions; of layers that slide, NULL: the same. Owned */
} xp_config;

typedef enum xp_key_kind {
    XP_KEY_SIZE, /* a whole number from 1 to `most` */
    XP_KEY_SIZE_OR_NULL,
    XP_KEY_NUMBER, /* above 0, at most `most` */
    XP_KEY_NUMBER_OR_NULL,
    XP_KEY_FLAG, /* place is the bit */
    XP_KEY_ID,   /* anything but a whole number: XP_NO_PAD */
    XP_KEY_ACTIVATION
} xp_key_kind;

/* A key of config.json and the field of xp_config that it fills; an absent key leaves the default, null is 0. */
typedef struct xp_config_key {
    const char *name; /* NULL: the end of a table */
    xp_key_kind kind;
    size_t place;
    size_t most;
} xp_config_key;

#define XP_KEY(field) offsetof(xp_config, field)

/* As most families call them. */
#define XP_KEYS_OF_SIZES                                                                                               \
    {"num_hidden_layers", XP_KEY_SIZE, XP_KEY(n_layers), XP_MOST_LAYERS},                                              \
        {"num_attention_heads", XP_KEY_SIZE, XP_KEY(n_heads), XP_MOST_HEADS},                                          \
        {"hidden_size", XP_KEY_SIZE, XP_KEY(width), XP_MOST_WIDTH},                                                    \
        {"intermediate_size", XP_KEY_SIZE, XP_KEY(feed_forward), XP_MOST_WIDTH},                                       \
        {"max_position_embeddings", XP_KEY_SIZE, XP_KEY(n_positions), XP_MOST_ROWS},                                   \
        {"vocab_size", XP_KEY_SIZE, XP_KEY(vocabulary), XP_MOST_ROWS},                                                 \
        {"initializer_range", XP_KEY_NUMBER, XP_KEY(initializer_range), 1}, {                                          \
        "tie_word_embeddings", XP_KEY_FLAG, XP_IS_TIED, 0                                                              \
    }

#define XP_KEYS_OF_MOST                                                                                                \
    XP_KEYS_OF_SIZES, { "hidden_act", XP_KEY_ACTIVATION, XP_KEY(activation), 0 }

#define XP_KEYS_OF_HEADS                                                                                               \
    {"num_key_value_heads", XP_KEY_SIZE_OR_NULL, XP_KEY(n_key_heads), XP_MOST_HEADS},                                  \
        {"head_dim", XP_KEY_SIZE_OR_NULL, XP_KEY(head), XP_MOST_WIDTH}, {                                              \
        "pad_token_id", XP_KEY_ID, XP_KEY(pad), 0                                                                      \
    }

/* Of decoders with RMS norms, and of Llama and its like. */
#define XP_KEYS_OF_DECODERS                                                                                            \
    XP_KEYS_OF_SIZES, XP_KEYS_OF_HEADS, { "rms_norm_eps", XP_KEY_NUMBER, XP_KEY(eps), 1 }
#define XP_KEYS_OF_LLAMA                                                                                               \
    XP_KEYS_OF_DECODERS, { "hidden_act", XP_KEY_ACTIVATION, XP_KEY(activation), 0 }

/* Of rotary positions, beside what describes them. */
#define XP_KEYS_OF_ROPE                                                                                                \
    {"rope_theta", XP_KEY_NUMBER, XP_KEY(theta), XP_MOST_THETA},                                                       \
        {"partial_rotary_factor", XP_KEY_NUMBER, XP_KEY(partial), 1}, {                                                \
        "original_max_position_embeddings", XP_KEY_SIZE_OR_NULL, XP_KEY(n_original), XP_MOST_ROWS                      \
    }

struct xp_family;

/* Fills the config and finds its family. path is for messages. */
explaint_status xp_config_read(const char *path, const char *text, size_t length, xp_config *config,
                               const struct xp_family **family, explaint_error *error);
void xp_config_free(xp_config *config); /* what it owns */

/* How many layers have weights in the file, and which of them layer i takes, from 0. */
size_t xp_config_stored_layers(const xp_config *config);
size_t xp_config_stored_layer(const xp_config *config, size_t i);

/* Norms neither before the halves of a block nor on what they give: then behind the sums. */
static inline bool xp_config_ends_with_norm(const xp_config *config) {
    return !(config->has & (XP_HAS_PRE_NORM | XP_HAS_POST_NORM));
}

/* The rotary positions of a layer, from 0; NULL: none. */
const xp_rope *xp_config_rope(const xp_config *config, size_t layer);

/* "eos_token_id" of config.json or generation_config.json: a number, a list of them, or nothing (false). */
bool xp_config_ends(const xp_value *object, xp_ends *ends);

/* For a family's own keys. */

/* "expected KEY to be EXPECTED, found ...". */
explaint_status xp_config_unexpected(const char *path, const xp_value *object, const char *key, const char *expected,
                                     explaint_error *error);
/* The string must be `expected` or absent. */
explaint_status xp_config_string(const char *path, const xp_value *object, const char *key, const char *expected,
                                 explaint_error *error);
/* The keys of a table. */
explaint_status xp_config_keys(const char *path, const xp_value *object, const xp_config_key *keys, xp_config *config,
                               explaint_error *error);
/* Keys that would change the result and must be off: absent, null, false, or empty. */
explaint_status xp_config_off(const char *path, const xp_value *object, const char *const *keys, explaint_error *error);
/* "layer_types", which says of each layer whether it slides; *found false: it is absent. */
explaint_status xp_config_layer_types(const char *path, const xp_value *object, xp_config *config, bool *found,
                                      explaint_error *error);

#endif

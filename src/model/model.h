/* A model inside: its config, its weights where the kernels want them, what it was made from. */
#ifndef XP_MODEL_MODEL_H
#define XP_MODEL_MODEL_H

#include "base/strings.h"
#include "explaint/model.h"
#include "model/config.h"
#include "tensor/linear.h"

typedef struct xp_norm {
    const float *weight, *bias;
} xp_norm;

/* Linear maps as panels (tensor/linear.h); query, key and value are one map of three times the width. */
typedef struct xp_layer {
    const float *qkv, *qkv_bias, *output, *output_bias, *up, *up_bias, *down, *down_bias;
    xp_norm attention_norm, output_norm;
} xp_layer;

struct explaint_model {
    explaint_model_info info;
    xp_config config;
    const struct xp_family *family;
    const xp_kernels *kernels;
    const float *words, *positions, *types; /* rows of the width */
    const float *buckets;                   /* n_buckets x heads */
    const float *relative;                  /* heads x (2 n_positions - 1): what a score gains by distance; or NULL */
    xp_norm embedding_norm;
    xp_layer *layers;
    float *arena; /* all of these */
    explaint_model_file *files;
    xp_strings strings; /* what info and files point to */
    float *derived;     /* relative */
};

/* How many of something a tensor has. */
typedef enum xp_extent {
    XP_NONE, /* the second of a vector */
    XP_WIDTH,
    XP_FEED_FORWARD,
    XP_VOCABULARY,
    XP_POSITIONS,
    XP_TYPES,
    XP_BUCKETS,
    XP_HEADS
} xp_extent;

typedef enum xp_init { XP_NORMAL, XP_ZEROS, XP_ONES } xp_init;

/* A tensor of a family: its name (a star is the number of the layer), its shape, where it goes. */
typedef struct xp_weight_row {
    const char *name;
    xp_extent rows, columns;
    size_t place;           /* of the pointer in explaint_model, or in xp_layer where the name has a star */
    bool panels;            /* packed; else row by row */
    unsigned part, n_parts; /* which of several maps that lie together */
    xp_init init;
    bool pad; /* drawn at random, its row of the padding id is zero */
} xp_weight_row;

#endif

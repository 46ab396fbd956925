/* A model inside: its config, its weights where the kernels want them, what it was made from. */
#ifndef XP_MODEL_MODEL_H
#define XP_MODEL_MODEL_H

#include "base/strings.h"
#include "explaint/model.h"
#include "formats/file.h"
#include "model/config.h"
#include "model/matrix.h"

typedef struct xp_norm {
    const float *weight, *bias;
} xp_norm;

/* Query, key and value are one map, and so are the gate and what it opens. A bias is NULL where the family has none. */
typedef struct xp_layer {
    xp_matrix qkv, output, up, down;
    const float *qkv_bias, *output_bias, *up_bias, *down_bias;
    xp_norm input_norm, mlp_norm;        /* before attention and feed-forward layer */
    xp_norm attention_norm, output_norm; /* behind them */
    xp_norm query_norm, key_norm;
    /* Keys and queries of distances: maps of their own, and what maps make of rows of distances, as panels of head x
     * n_distances, head after head; NULL: nothing is added to scores */
    xp_matrix distance_key, distance_query;
    const float *distance_key_bias, *distance_query_bias, *distance_keys, *distance_queries;
} xp_layer;

struct explaint_model {
    explaint_model_info info;
    xp_config config;
    const struct xp_family *family;
    const xp_kernels *kernels;
    xp_matrix words;                /* rows of the width, or of word_width */
    const float *positions, *types; /* the same; NULL: the family has none */
    xp_matrix word_map;             /* from rows of word_width to the width; no rows: there is none */
    const float *word_map_bias;
    xp_matrix word_rows;  /* rows of words as wide as the model: words, or what word_map makes of them */
    const float *buckets; /* n_buckets x heads */
    const float
        *relative; /* heads x (2 n_positions - 1): what a score gains where the other piece stands d to the right, d
                            * from -(n_positions - 1); NULL: nothing */
    const float *distances; /* n_distances x width, before distance_norm */
    xp_matrix conv;
    const float *conv_bias;
    xp_norm embedding_norm, final_norm, distance_norm, conv_norm;
    xp_matrix
        output; /* of logits: vocabulary x width (word_width, where that is another); no rows: none, or not read */
    const float *output_bias;
    xp_matrix word_unmap; /* from the width back to word_width */
    xp_layer *layers;
    float *arena;     /* all numbers of these, but those that stay in */
    xp_bytes in_file; /* a GGUF, mapped */
    explaint_model_file *files;
    xp_strings strings;  /* what info and files point to */
    float *derived;      /* what the family made of them */
    float *mapped_words; /* word_rows, where there is a word_map */
    size_t *buckets_of;  /* of distances from 0 on; the last is that of all beyond (n_near) */
    size_t n_near;
};

/* model->derived: rows x columns floats, not cleared. */
explaint_status xp_model_derive(explaint_model *model, size_t rows, size_t columns, explaint_error *error);

/* How many of something a tensor has. */
typedef enum xp_extent {
    XP_NONE, /* the second of a vector */
    XP_WIDTH,
    XP_WORD_WIDTH, /* of rows of words, where it is another */
    XP_FEED_FORWARD,
    XP_GATE_AND_UP, /* twice that */
    XP_VOCABULARY,
    XP_POSITIONS,
    XP_TYPES,
    XP_BUCKETS,
    XP_DISTANCES,
    XP_PATCH, /* inputs of a convolution: of each column `kernel` neighbours; in the file a dimension more */
    XP_HEADS,
    XP_HEAD,    /* width of one */
    XP_QUERIES, /* of all heads */
    XP_KEYS,    /* of all heads of keys, and of values */
    XP_QUERIES_AND_KEYS,
    XP_QKV
} xp_extent;

typedef enum xp_init {
    XP_NORMAL,
    XP_NORMAL_BUT_PAD,  /* its row of the padding id is zero */
    XP_NORMAL_BY_DEPTH, /* its deviation is divided by the root of twice the layers */
    XP_ZEROS,
    XP_ONES
} xp_init;

/* How a tensor lies in its file. */
typedef enum xp_layout {
    XP_AS_IT_IS,
    XP_PLUS_ONE,   /* what counts is one more */
    XP_TRANSPOSED, /* inputs x outputs; only of maps */
    XP_BY_HEAD,    /* rows (a vector's numbers) of query, key and value of head 1, then of head 2, ... */
    XP_INTERLEAVED /* of each head rows k and k + head / 2 side by side; of a GGUF, whatever the family's table says */
} xp_layout;

/* What a tensor becomes. */
typedef enum xp_form {
    XP_AS_FLOATS, /* numbers, row after row */
    XP_AS_TABLE,  /* an xp_matrix of which rows are looked up */
    XP_AS_MAP     /* one that multiplies */
} xp_form;

/* A tensor of a family: its name (a star is the number of the layer), its shape, where it goes. */
typedef struct xp_weight_row {
    const char *name;
    xp_extent rows, columns;
    size_t
        place; /* in explaint_model, or in xp_layer where the name has a star: of a matrix, or of a pointer to floats */
    xp_form form;
    xp_extent before,
        together;   /* of maps that lie together: rows before this one's, rows of all; XP_NONE: it lies alone */
    xp_init init;   /* how weights are drawn at random */
    unsigned needs; /* bits of xp_config.has: the tensor is there where all of them are */
    xp_layout layout;
} xp_weight_row;

/* A row that every model of the family has, one that needs bits, and one that lies in its own way; behind the columns its place and how
 * it is drawn. */
#define XP_ROW(name, rows, columns, ...) XP_ROW_AS(XP_AS_IT_IS, 0, name, rows, columns, __VA_ARGS__)
#define XP_ROW_IF(needs, name, rows, columns, ...) XP_ROW_AS(XP_AS_IT_IS, needs, name, rows, columns, __VA_ARGS__)
#define XP_ROW_AS(layout, needs, name, rows, columns, ...)                                                             \
    { name, rows, columns, __VA_ARGS__, needs, layout }

/* The matrix that makes logits of states; a name after a stroke has no prefix. */
#define XP_ROW_OF_OUTPUT                                                                                               \
    XP_ROW_IF(XP_WANTS_LOGITS | XP_IF_THERE, "/lm_head.weight", XP_VOCABULARY, XP_WIDTH, XP_GLOBAL_TABLE(output),      \
              XP_NORMAL)

/* The places of a row: floats, a table or a map of the model, a vector of a layer, a map of a layer, and a part of either. */
#define XP_PLACE(type, of, field) (offsetof(of, field) + 0 * sizeof(char[_Generic(((of *)0)->field, type : 1)]))
#define XP_FLOATS_OF(of, field) XP_PLACE(const float *, of, field), XP_AS_FLOATS
#define XP_MATRIX_OF(of, field, form) XP_PLACE(xp_matrix, of, field), form
#define XP_GLOBAL(field) XP_FLOATS_OF(explaint_model, field), XP_NONE, XP_NONE
#define XP_GLOBAL_TABLE(field) XP_MATRIX_OF(explaint_model, field, XP_AS_TABLE), XP_NONE, XP_NONE
#define XP_GLOBAL_MAP(field) XP_MATRIX_OF(explaint_model, field, XP_AS_MAP), XP_NONE, XP_NONE
#define XP_VECTOR(field) XP_FLOATS_OF(xp_layer, field), XP_NONE, XP_NONE
#define XP_VECTOR_PART(field, before, together) XP_FLOATS_OF(xp_layer, field), before, together
#define XP_MAP(field) XP_MATRIX_OF(xp_layer, field, XP_AS_MAP), XP_NONE, XP_NONE
#define XP_MAP_PART(field, before, together) XP_MATRIX_OF(xp_layer, field, XP_AS_MAP), before, together

/* Weight and bias: of a map of a layer, or of a part of one, whose bias needs bits; of a norm, both of which need bits, its bias some more.
 * PLACE: XP_GLOBAL or XP_VECTOR. */
#define XP_ROWS_OF_MAP(bias, name, rows, columns, field)                                                               \
    XP_ROWS_OF_MAP_PART(bias, name, rows, columns, field, XP_NONE, XP_NONE)
#define XP_ROWS_OF_MAP_PART(bias, name, rows, columns, field, before, together)                                        \
    XP_ROW(name ".weight", rows, columns, XP_MAP_PART(field, before, together), XP_NORMAL),                            \
        XP_ROW_IF(bias, name ".bias", rows, XP_NONE, XP_VECTOR_PART(field##_bias, before, together), XP_ZEROS)
#define XP_ROWS_OF_QKV(bias, query, key, value)                                                                        \
    XP_ROWS_OF_MAP_PART(bias, query, XP_QUERIES, XP_WIDTH, qkv, XP_NONE, XP_QKV),                                      \
        XP_ROWS_OF_MAP_PART(bias, key, XP_KEYS, XP_WIDTH, qkv, XP_QUERIES, XP_QKV),                                    \
        XP_ROWS_OF_MAP_PART(bias, value, XP_KEYS, XP_WIDTH, qkv, XP_QUERIES_AND_KEYS, XP_QKV)
#define XP_ROWS_OF_NORM(name, extent, PLACE, field) XP_ROWS_OF_NORM_IF(0, 0, name, extent, PLACE, field)
#define XP_ROWS_OF_NORM_IF(needs, more, name, extent, PLACE, field)                                                    \
    XP_ROW_IF(needs, name ".weight", extent, XP_NONE, PLACE(field.weight), XP_ONES),                                   \
        XP_ROW_IF((needs) | (more), name ".bias", extent, XP_NONE, PLACE(field.bias), XP_ZEROS)

#endif

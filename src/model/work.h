/* What one thread works on: rows of one text or of several, and the scratch of a block. */
#ifndef XP_MODEL_WORK_H
#define XP_MODEL_WORK_H

#include "base/error.h"
#include "model/model.h"

typedef struct xp_span {
    size_t text, first, n; /* number of the text, its first row, its rows */
} xp_span;

typedef struct xp_model_work {
    float *rows; /* n_rows x width: h^(l-1), then h^l */
    size_t n_rows, n_spans;
    const xp_span *spans;
    bool attention_only; /* no h^l is wanted */
    /* What is wanted of each span: NULL, or called with borrowed memory. false: stop. */
    void *self;
    bool (*attention)(void *self, const xp_span *span, size_t layer, const float *maps);
    bool (*values)(void *self, const xp_span *span, size_t layer, const float *values);
    /* scratch */
    float *qkv;     /* n_rows x 3 width */
    float *context; /* n_rows x width */
    float *sum;     /* n_rows x width */
    float *middle;  /* n_rows x feed_forward */
    float *keys;    /* panels of one head: (width / heads) x n */
    float *mixed;   /* panels of one head: n x (width / heads) */
    float *maps;    /* heads x n x n of the longest text if attention is wanted, else XP_MAP_ROWS x n */
    float *split;   /* heads x n x (width / heads) if values are wanted */
    float *arena;
    size_t n_floats; /* of the arena */
} xp_model_work;

/* Scores of so many rows of one head stay in the cache between product, softmax and product. */
enum { XP_MAP_ROWS = 48 };

/* Rows that pass the weights together: fewer, and reading 28 MB of weights a layer of MPNet is slower than multiplying (128 rows
 * cost 15 % more); more, and there are fewer batches than threads. A row does not depend on it. */
enum { XP_BATCH_ROWS = 384 };

/* Scratch for up to n_rows rows of texts of up to `longest`. */
explaint_status xp_work_create(const explaint_model *model, size_t n_rows, size_t longest, bool attention, bool values,
                               xp_model_work *work, explaint_error *error);
void xp_work_destroy(xp_model_work *work);

/* Attention of every span from work->qkv into work->context, to be called by a family's block; false: stopped. */
bool xp_model_work_attend(const explaint_model *model, size_t layer, xp_model_work *work);

/* The pieces of a block that ends each half with a norm. */
/* Layer `number` + 1 of an encoder with its norms after each half (BERT, MPNet): rows to rows. false: no memory. */
bool xp_model_work_post_norm_block(const explaint_model *model, size_t number, xp_model_work *work);

#endif

/* What one thread works on: rows of one text or of several, the scratch of a block, and the pieces that blocks are made of. */
#ifndef XP_MODEL_WORK_H
#define XP_MODEL_WORK_H

#include "base/error.h"
#include "model/model.h"

typedef struct xp_span {
    size_t text, first, n; /* number of the text, its first row, its rows */
} xp_span;

/* Scores of one head of a text, before they are scaled. */
typedef struct xp_score_block {
    const xp_span *span;
    size_t head, first, n, from, to; /* rows from `first`, n of them; columns from..to - 1 */
    float *scores;                   /* row i begins i * span->n behind it; column 0 */
} xp_score_block;

/* Keys and values of the pieces that a text had before those of the work, where attention wants them (attend.c): all layers, as panels. */
typedef struct xp_past {
    size_t n, room; /* pieces; for how many there is room */
    size_t
        all; /* of the whole text, with those of the work and what comes behind them: positions may be stretched by that */
    float *keys;   /* layers x heads of keys x (panels of head x room) */
    float *values; /* layers x heads of keys x (panels of room x head) */
} xp_past;

struct xp_model_block;

typedef struct xp_model_work {
    float *rows; /* n_rows x width: h^(l-1), then h^l */
    size_t n_rows, n_spans;
    const xp_span *spans;
    xp_past *past; /* of the only span, whose keys and values come behind it; NULL: texts begin with their first row */
    unsigned team; /* threads that share its rows: a long text alone would leave the others idle */
    bool attention_only; /* no h^l is wanted */
    /* Queries and keys of all rows (n_rows x (queries of all heads, keys)), before positions turn them: where they are wanted, and then the block ends
     * there; or what to take in place of making them. NULL: neither. */
    float *projected;
    const float *given;
    /* What is wanted of each span: NULL, or called with borrowed memory. false: stop. */
    void *self;
    bool (*attention)(void *self, const xp_span *span, size_t layer, const float *maps);
    bool (*attention_rows)(void *self, const explaint_attention_rows *rows);
    bool (*values)(void *self, const xp_span *span, size_t layer, const float *values);
    bool (*block)(void *self, const xp_span *span,
                  const struct xp_model_block *block); /* block.h; not with attention_only */
    /* scratch */
    float *qkv;     /* n_rows x (queries of all heads, keys, values) */
    float *context; /* n_rows x (heads x head) */
    float *sum;     /* n_rows x width; a block may exchange it with rows */
    float *middle;  /* n_rows x feed_forward; twice that with a gate */
    float *keys;    /* panels of one head: head x n */
    float *mixed;   /* panels of one head: n x head */
    float *
        maps; /* heads x n x n of the longest text if attention or block is wanted, else XP_MAP_ROWS x n for each of the team */
    float *split;   /* heads x n x head if values are wanted */
    float *narrow;  /* longest x word_width where the model has a word_map: scratch of h^0 */
    float *related; /* of relative positions: (longest + XP_MAP_ROWS) x n_distances, that in whole panels */
    float *patches; /* of the convolution: XP_MAP_ROWS x (width x kernel) */
    float *blurred; /* what it gives: n_rows x width */
    float *turns;   /* n_rows x (cosines, sines) of xp_config.rope, then of its sliding_rope */
    float *logits;  /* of its own; logits.h */
    float *arena;
    size_t n_floats; /* of the arena */
} xp_model_work;

/* Scores of so many rows of one head stay in the cache between product, softmax and product. */
enum { XP_MAP_ROWS = 48 };

/* Rows that pass the weights together: fewer, and reading 28 MB of weights a layer of MPNet is slower than multiplying (128 rows
 * cost 15 % more); more, and there are fewer batches than threads. A row does not depend on it. */
enum { XP_BATCH_ROWS = 384 };

/* Scratch for up to n_rows rows of texts of up to `longest`. attention: or block. */
explaint_status xp_work_create(const explaint_model *model, size_t n_rows, size_t longest, bool attention, bool values,
                               unsigned team, xp_model_work *work, explaint_error *error);
void xp_work_destroy(xp_model_work *work);

/* Does all tasks 0 .. n - 1 on the team's threads, as worker 0 .. team - 1; false: one of them said so. Where no thread can be started, on this
 * one: a task that was not done yet is done the same by anybody. */
bool xp_work_share(const xp_model_work *work, size_t n, bool (*task)(void *self, size_t i, unsigned worker),
                   void *self);

/* Floats that it takes; false: more than there can be. */
bool xp_work_size(const explaint_model *model, size_t n_rows, size_t longest, bool attention, bool values,
                  unsigned team, size_t *n_floats);

/* Rotary positions of all rows of the spans, before their first block. */
void xp_work_place(const explaint_model *model, xp_model_work *work);

static inline size_t xp_work_past(const xp_model_work *work) { return work->past != NULL ? work->past->n : 0; }

/* Up to whole panels of the kernels. */
static inline size_t xp_work_round(size_t n) { return (n + XP_PANEL - 1) / XP_PANEL * XP_PANEL; }

/* Floats of a head's keys or values in a past. */
size_t xp_work_past_keys(const xp_config *config, size_t room);
size_t xp_work_past_values(const xp_config *config, size_t room);

/* ---- pieces of a block; a family's block calls them, h^(l-1) in rows ---- */

/* One of the family's norms on n rows of `columns` numbers; to may be x. */
void xp_work_norm(const explaint_model *model, const xp_norm *norm, size_t n, size_t columns, const float *x,
                  size_t ldx, float *to, size_t ldt);

/* Queries, keys and values of x (n_rows x width), with the norms of heads and the rotary positions that the model has. */
void xp_work_project(const explaint_model *model, size_t layer, xp_model_work *work, const float *x);
/* Floats of a row of work->projected. */
size_t xp_work_projected(const xp_config *config);

/* What scores are multiplied with, before a cap or what depends on positions alone. */
float xp_work_scale(const xp_config *config, size_t layer);

/* Attention of every span from work->qkv into work->context; false: stopped. */
bool xp_work_attend(const explaint_model *model, size_t layer, xp_model_work *work);

/* sum = context x output (+ rows, with `add`). */
void xp_work_output(const explaint_model *model, const xp_layer *layer, xp_model_work *work, bool add);

/* The feed-forward layer of x, first half into work->middle, second half into sum (+ rows, with `add`). x may be sum. */
void xp_work_up(const explaint_model *model, const xp_layer *layer, xp_model_work *work, const float *x);
void xp_work_down(const explaint_model *model, const xp_layer *layer, xp_model_work *work, bool add);

/* ---- blocks that several families have; number: of the layer, from 0; false: stopped ---- */

/* Of an encoder that ends each half with a norm (BERT, MPNet). */
bool xp_work_post_norm_block(const explaint_model *model, size_t number, xp_model_work *work);
/* Its second half, from the rows behind the first norm. */
void xp_work_post_norm_rest(const explaint_model *model, size_t number, xp_model_work *work);

#endif

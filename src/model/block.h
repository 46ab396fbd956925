/* A look into a block while it runs: what attention adds to the rows of one text, part by part.
 *
 * Row i between the halves of a block (y_i, before the feed-forward layer) is
 *
 *     y_i = after(x_i + inner(b + sum over heads h and pieces j of a_ij f_h(x_j)))
 *
 * x_i: the row that came in (h^(l-1)); a_ij: the map of head h; f_h(x_j): the value of piece j, with its bias, through the columns of the output map
 * that belong to head h; b: the output map's bias; inner: a norm on what attention gives (Gemma 2 and 3, OLMo 2); after: a norm behind the sum
 * (BERT and its like). What a family does before the values (its norm of x_j) is in them already. All families are of this form; where the
 * feed-forward layer runs beside attention (Phi, GPT-NeoX), y_i is what would enter one that came behind, and h^l is y_i and more. */
#ifndef XP_MODEL_BLOCK_H
#define XP_MODEL_BLOCK_H

#include "model/work.h"

typedef struct xp_model_block { /* of one text; all borrowed, for the call */
    const explaint_model *model;
    size_t layer, n;      /* from 0; pieces */
    const float *rows;    /* n x width: x */
    const float *maps;    /* heads x n x n */
    const float *values;  /* of the first head of row 0; the others by xp_block_value */
    size_t stride;        /* from row to row */
    const float *context; /* n x (heads x head): of each head the sum over j of a_ij times the value of j */
} xp_model_block;

/* The value of piece j for head h of queries: `head` numbers. */
const float *xp_block_value(const xp_model_block *block, size_t h, size_t j);

/* The output map as panels (tensor/linear.h), by head: packed into `room` where the model keeps it in another form; so many floats. */
size_t xp_block_room(const xp_model_block *block);
const float *xp_block_panels(const xp_model_block *block, float *room);

/* to = context through the output map, without its bias: n rows (heads x head) to n rows (width). */
void xp_block_output(const xp_model_block *block, const float *panels, size_t n, const float *context, float *to);
/* f_h of the pieces first .. first + many - 1: the value of head h alone; to: rows, ldt apart. */
void xp_block_head(const xp_model_block *block, const float *panels, size_t h, size_t first, size_t many, float *to,
                   size_t ldt);
const float *xp_block_bias(const xp_model_block *block); /* b; NULL: none */

/* The norms; NULL: the family has none there. */
const xp_norm *xp_block_inner(const xp_model_block *block);
const xp_norm *xp_block_after(const xp_model_block *block);

/* The feed-forward layer stands beside attention: h^l = y + what it makes of x, which is n rows (width) in `to`. The work has room for n rows. */
bool xp_block_is_parallel(const explaint_model *model);
void xp_block_beside(const xp_model_block *block, xp_model_work *work, float *to);
/* y, in work->rows, to h^l there; n_rows of any texts. Not of parallel blocks, nor where something else makes h^l as well, DeBERTa's convolution in
 * the first layer. layer from 0. */
bool xp_block_can_finish(const explaint_model *model, size_t layer);
void xp_block_finish(const explaint_model *model, size_t layer, xp_model_work *work);

#endif

/* Row i between the halves of a block as a sum (model/block.h): what each piece j gives to y_i, and what belongs to no piece.
 *
 *     xp_parts p;
 *     if (!xp_parts_create(&block, &p)) ...                 // no memory
 *     for (size_t j = 0; j < block.n; j++) {
 *         xp_parts_source(&p, j, terms);                    // before any norm: sum over heads of a_ij f_h(x_j), for all i
 *         for (size_t i = 0; i < block.n; i++) xp_parts_term(&p, i, i == j, terms + i * p.width, term);
 *     }
 *     xp_parts_free(&p);
 *
 * A norm is linear once the row that it is measured on is fixed: it takes its mean away, and divides by a number of that row. So the terms of a row
 * and the biases (of output map and norms) add up to y_i. */
#ifndef XP_FLOW_PARTS_H
#define XP_FLOW_PARTS_H

#include "model/block.h"

/* Sources that pass the output map together. */
enum { XP_SOURCES = 16 };

typedef struct xp_parts {
    const xp_model_block *block;
    const float *output; /* the map behind the heads, as panels */
    size_t n, width;
    bool causal;
    float *own, *others; /* n x width: what attention takes from the row itself, and from all others, before any norm */
    float *y;            /* n x width */
    double *inner, *after; /* of a row: what each norm multiplies with */
    float *heads;          /* of XP_SOURCES sources from `source` on: source x heads x width */
    size_t source;         /* SIZE_MAX: none yet */
    float *panels, *maps;  /* of one source: the same packed, n x heads */
    float *arena;
} xp_parts;

/* false: no memory. */
bool xp_parts_create(const xp_model_block *block, xp_parts *parts);
void xp_parts_free(xp_parts *parts);

/* to: n x width; rows before j of a decoder, which do not see it, are zeros. Fastest with j ascending. */
void xp_parts_source(xp_parts *parts, size_t j, float *to);

/* What is left of a part x of row i (width) behind the inner norm, with the row itself added if the part is its own. to may be x. */
void xp_parts_inner(const xp_parts *parts, size_t i, bool own, const float *x, float *to);
/* The same, and behind the norm that follows the sum, where there is one. */
void xp_parts_term(const xp_parts *parts, size_t i, bool own, const float *x, float *to);
/* y_i as it would be if attention gave less: `less` (width, before any norm; NULL: nothing) is taken away, and both norms are measured anew. */
void xp_parts_without(const xp_parts *parts, size_t i, const float *less, float *to);
/* What belongs to no piece: y_i without its terms. */
void xp_parts_rest(const xp_parts *parts, size_t i, float *to);

#endif

/* How the rows of a block move when the rows that come in move: the derivative of a block at the rows of one text, applied to many directions at
 * once (tangents, forward mode).
 *
 *     xp_tangent t;
 *     if (!xp_tangent_create(&point, &t)) ...              // no memory
 *     xp_tangent_push(&t, maps, &tile, &room);             // of each direction: how h^(l-1) moves, then how h^l does
 *     xp_tangent_free(&t);
 *
 * A norm is x -> weight (x - mean) / deviation + bias; its derivative takes away what a direction has of the mean and of the row itself, and
 * divides. A softmax's is a_j (ds_j - sum over k of a_k ds_k). All else is linear, or multiplies number by number. */
#ifndef XP_MODEL_TANGENT_H
#define XP_MODEL_TANGENT_H

#include "model/block.h"

/* Where the derivative is taken: what a block saw of one text (block.h has the same names). Borrowed. */
typedef struct xp_tangent_point {
    const explaint_model *model;
    size_t layer, n; /* from 0; pieces */
    const float *rows, *maps, *context;
} xp_tangent_point;

/* A norm of the family at its rows; of heads, `heads` rows for each piece. */
typedef struct xp_tangent_norm {
    bool there;
    size_t columns, heads;
    const float *weight; /* NULL: none */
    float *unit, *by;    /* rows x columns, behind the norm but for weight and bias; what each row is multiplied with */
} xp_tangent_norm;

typedef struct xp_tangent {
    xp_tangent_point point;
    const float *qkv_panels, *output_panels, *up_panels, *down_panels;
    float *qkv;    /* n x (queries, keys, values), as scores see them */
    float *turns;  /* n x (cosines, sines) */
    float *damp;   /* heads x n x n: what a cap of scores leaves of a change; NULL: there is no cap */
    float *slopes; /* n x feed_forward: of the activation; with a gate twice that: of the gate, then of what it opens */
    float *blurred; /* n x width: slopes of the convolution's activation, in the layer that has one */
    xp_tangent_norm input, query, key, inner, after, mlp, output, conv;
    float *arena;
} xp_tangent;

/* false: no memory. */
bool xp_tangent_create(const xp_tangent_point *point, xp_tangent *tangent);
void xp_tangent_free(xp_tangent *tangent);

/* Directions that all begin at one piece. A row before it does not move in a decoder, and has no place here. */
typedef struct xp_tangent_tile {
    size_t source, many; /* the piece; directions */
    size_t first, n;     /* of the text's rows: from which on, how many */
    bool alone;          /* only the row of the source moves yet: layer 0 */
    float *rows;         /* many x n x width */
} xp_tangent_tile;

/* Scratch of a thread, for texts of up to n pieces and tiles of up to `many` directions. */
typedef struct xp_tangent_room {
    float *normed, *qkv, *context, *scores, *turned, *pairs, *keys, *queries, *values, *a, *b, *made, *middle, *related,
        *patches, *blurred;
    float *arena;
} xp_tangent_room;
bool xp_tangent_room_create(const explaint_model *model, size_t n, size_t many, xp_tangent_room *room);
void xp_tangent_room_free(xp_tangent_room *room);
size_t xp_tangent_room_size(const explaint_model *model, size_t n, size_t many); /* floats */

/* All that a block does to row i by itself, behind attention, as one matrix in panels: worth its making where many directions pass.
 * panels: xp_tangent_map_size floats. The room has `many` directions. */
size_t xp_tangent_map_size(const explaint_model *model);
bool xp_tangent_map_pays(const explaint_model *model, size_t directions);
void xp_tangent_map(const xp_tangent *tangent, size_t i, size_t many, float *panels, const xp_tangent_room *room);

/* The tile from h^(l-1) to h^l. maps: of each row of the text that matrix, or NULL. */
void xp_tangent_push(const xp_tangent *tangent, const float *const *maps, const xp_tangent_tile *tile,
                     const xp_tangent_room *room);

/* Multiplications of a push for each direction and row (the map of a row apart), and of a map. */
double xp_tangent_work(const explaint_model *model, size_t n, bool mapped);
double xp_tangent_map_work(const explaint_model *model);

/* From the row of a word in its table, before a position is added and before any norm, to h^0. */
typedef struct xp_tangent_embed {
    const explaint_model *model;
    size_t word_width; /* of that row */
    xp_tangent_norm norm;
    float *arena;
} xp_tangent_embed;
bool xp_tangent_embed_create(const explaint_model *model, const explaint_ids *text, xp_tangent_embed *embed);
void xp_tangent_embed_free(xp_tangent_embed *embed);
/* words: many x word_width, overwritten; to: many rows of the width, ld apart. */
void xp_tangent_embed_push(const xp_tangent_embed *embed, size_t i, size_t many, float *words, float *to, size_t ld);

/* For tangent*.c: settles a norm at rows, ldx apart, and gives what comes out of it (to NULL: nothing); pushes directions through it in place, the k-th
 * at x + k ld. */
void xp_tangent_norm_settle(const explaint_model *model, const xp_norm *norm, size_t rows, const float *x, size_t ldx,
                            xp_tangent_norm *to, float *out, size_t ldo);
void xp_tangent_norm_push(const explaint_model *model, const xp_tangent_norm *norm, size_t row, size_t many, float *x,
                          size_t ld);

#endif

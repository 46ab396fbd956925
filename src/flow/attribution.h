/* Hidden token attribution (Brunner et al. 2020): how much of row i of a layer moves when the word at j moves.
 *
 *     c_ij = |d h_i^l / d x_j|, the Frobenius norm;  x_j: the row of word j in its table, before a position is added and before any norm
 *
 * and each row divided by its sum. Exact, from the directions of all numbers of x_j; or estimated from a few directions drawn at random: q_1 .. q_m,
 * orthonormal and uniform, so that c^2 is the mean of (width of x_j) |J q_k|^2, exact again where there are as many as x_j has numbers.
 *
 * Directions go forward through the blocks (model/tangent.h): one sweep gives all rows of all layers. Backward, a sweep from each layer gives that
 * layer alone, (layers + 1) / 2 times the work for all of them, and no less for the last alone. In a decoder rows before j do not move: half of
 * the work. What a block does to a row by itself is one matrix where enough directions pass it, an eighth of the feed-forward layer's two. */
#ifndef XP_FLOW_ATTRIBUTION_H
#define XP_FLOW_ATTRIBUTION_H

#include "base/error.h"
#include "explaint/model.h"

/* What xp_attribution_options.held is for half a gigabyte. */
enum { XP_ATTRIBUTION_HELD = 1 << 27 };

typedef struct xp_attribution_options {
    size_t probes;   /* directions of each piece, at least 2; as many as a word's row has numbers, or more: exact */
    size_t n_layers; /* the first so many */
    size_t
        held; /* floats of directions at once, if those of one piece are no more; less: fewer pass a row together, and what it has by itself is not made one matrix */
    uint64_t seed;
    uint32_t stream;  /* number of the text: directions depend on it, on the seed and on the piece */
    unsigned threads; /* changes no result */
    bool (*progress)(void *self, double done); /* 0 to 1; false: stop. NULL: none */
    void *self;
} xp_attribution_options;

/* share: n_layers x n x n, rows add up to 1. error: n_layers x n, the standard error of a row's own share; 0 where shares are exact. Errors:
 * those of a run of the model; EXPLAINT_INTERRUPTED; no memory. */
explaint_status xp_attribution_of(const explaint_model *model, const explaint_ids *text,
                                  const xp_attribution_options *options, double *share, double *deviation,
                                  explaint_error *error);

/* Before a run: directions that make it exact; multiplications; bytes at once. */
size_t xp_attribution_exact(const explaint_model *model);
double xp_attribution_work(const explaint_model *model, size_t n, size_t n_layers, size_t probes);
double xp_attribution_memory(const explaint_model *model, size_t n, size_t n_layers, size_t probes, unsigned threads);

typedef struct xp_attribution_says {
    double own;         /* mean share of the row's own word */
    double not_largest; /* share of rows of which another word has more */
    double deviation;   /* mean standard error of the own share */
    size_t rows;        /* in a decoder without row 0, which comes from itself alone */
} xp_attribution_says;

/* Of a layer: share n x n, deviation n, or NULL. Without rows the numbers are NaN. */
xp_attribution_says xp_attribution_describe(size_t n, bool causal, const double *share, const double *deviation);

#endif

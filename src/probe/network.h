/* A network d -> h -> m with tanh units in fp32, and one step of Adam on it. It belongs to one thread; nothing in it depends on any other.
 *
 * Weights lie in panels of 32 units, panel[k * 32 + unit % 32] is the weight of input k, and behind the last input lies the bias, whose input is 1.
 * So the products forward need no packing, and a panel of output weights is read once in each step: its outputs, their errors, what flows back
 * through it, its gradient and its step of Adam, all while it is in the cache. Only the errors of a panel (rows x 32) are ever transposed.
 *
 * Targets are subtracted from where they are not zero; a missing cell has error 0. */
#ifndef XP_PROBE_NETWORK_H
#define XP_PROBE_NETWORK_H

#include "probe/target.h"
#include "tensor/kernels.h"

typedef struct xp_network {
    const xp_kernels *kernels;
    size_t d, h, m;                 /* of the fit under way */
    size_t capacity;                /* rows of a step, at most */
    size_t step;                    /* steps of Adam done */
    size_t n_weights;               /* in panels, both layers */
    size_t n_first;                 /* of these, of the hidden layer; the output layer begins behind */
    float *weight, *first, *second; /* weights and the two moments of their gradients */
    float *x, *active, *hidden, *mask, *back, *error, *turned; /* of the rows of a step */
    size_t *at, *missing_at;                                   /* where the cells of each row's target continue */
    float *arena;
    size_t n_floats;
} xp_network;

/* Rows of inputs with the concepts whose targets they have. A row has d values, then a 1, then anything up to the stride. */
typedef struct xp_network_rows {
    const float *x;
    size_t stride;
    const uint32_t *concept;
    const xp_target *target;
    double unit; /* targets are divided by it */
} xp_network_rows;

/* Sizes of the largest fit; capacity: rows of a step, at most. false without memory. */
bool xp_network_alloc(xp_network *network, size_t d, size_t h, size_t m, size_t capacity);
void xp_network_free(xp_network *network);

/* Of at most the sizes allocated: all weights and moments zero, no step done. */
void xp_network_begin(xp_network *network, size_t d, size_t h, size_t m);

/* The place of a weight among those of its layer; input = inputs: the bias. */
static inline size_t xp_network_place(size_t inputs, size_t unit, size_t input) {
    return (unit / XP_PANEL * (inputs + 1) + input) * XP_PANEL + unit % XP_PANEL;
}

typedef struct xp_network_loss {
    double squares; /* sum of squared errors, before the step */
    size_t cells;   /* observed */
} xp_network_loss;

/* What a step of Adam does besides. Masks hold 0 or 1 / (1 - p) by row. */
typedef struct xp_network_step {
    double learning_rate;
    bool sum;                 /* the loss is the sum of squares; else its mean over the observed cells of the batch */
    const float *hidden_mask; /* n x h, or NULL: nothing is dropped */
    const float *output_mask; /* n x m, or NULL */
} xp_network_step;

/* One step on the rows `row` (n <= capacity, positions in `rows`). */
xp_network_loss xp_network_train(xp_network *network, const xp_network_rows *rows, size_t n, const uint32_t *row,
                                 const xp_network_step *step);

/* The errors of any number of rows; nothing is dropped, nothing learned. */
xp_network_loss xp_network_test(xp_network *network, const xp_network_rows *rows, size_t n, const uint32_t *row);

/* What the network says of the rows 0 .. n-1, in units of the targets: m x n, an output's rows together. */
void xp_network_predict(xp_network *network, const xp_network_rows *rows, size_t n, double *prediction);

#endif

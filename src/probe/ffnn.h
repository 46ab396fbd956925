/* The mapping ffnn (docs/methods.md#ffnn): d -> h -> m with tanh units, trained by Adam on mini-batches, stopped early by concepts of the training fold.
 *
 *     xp_ffnn_settings settings = xp_ffnn_recipe(XP_FFNN_DEFAULT);
 *     xp_ffnn_input input;                                           // of a fold: for all targets, permutations and threads
 *     xp_ffnn_input_create(&input, x, d, &fold, settings.recipe);
 *     xp_ffnn ffnn;                                                  // of a thread
 *     xp_ffnn_alloc(&ffnn, &settings, fold.n_train, d, m);
 *     xp_ffnn_fit(&ffnn, &input, &target, &fold, &columns, &settings, seed, stream, prediction, &curve);
 *
 * A fit draws from streams of its own (seed, stream): initial weights, the development concepts, the order of the concepts in each epoch,
 * which units are dropped. Its bits depend on nothing else: not on the thread, nor on the instruction set. */
#ifndef XP_PROBE_FFNN_H
#define XP_PROBE_FFNN_H

#include "base/error.h"
#include "probe/network.h"

typedef enum xp_ffnn_kind {
    XP_FFNN_DEFAULT,
    /* Chronis, Mahowald & Erk 2023, as their code has it: inputs and targets as they are, weights zero and biases as
     * torch draws them, dropout on the output and in the first epoch only, one concept per step, sum of squared errors,
     * no early stopping. */
    XP_FFNN_CHRONIS2023
} xp_ffnn_kind;

typedef struct xp_ffnn_settings {
    xp_ffnn_kind recipe;
    size_t hidden, batch, epochs;
    size_t patience; /* epochs without a better development loss before it stops; 0: no development concepts */
    double dropout, learning_rate;
} xp_ffnn_settings;

xp_ffnn_settings xp_ffnn_recipe(xp_ffnn_kind recipe);

/* Inputs of a fold, read-only once made. */
typedef struct xp_ffnn_input {
    size_t d, stride, n_train, n_test;
    float *train, *test; /* rows of `stride`: d values and a 1 */
} xp_ffnn_input;

/* x is n x d; scaled by the training rows as PLSR's is (mean 0, deviation 1, ddof 1) but for chronis2023. false without memory. */
bool xp_ffnn_input_create(xp_ffnn_input *input, const double *x, size_t d, const xp_fold *fold, xp_ffnn_kind recipe);
void xp_ffnn_input_free(xp_ffnn_input *input);

/* Losses by epoch. Default: mean squared error over cells, where 1 is that of the training mean. chronis2023: sum of squared errors over
 * concepts. Training losses are with dropout and before each step, as everyone plots them. */
typedef struct xp_ffnn_curve {
    size_t n;            /* epochs run */
    size_t best;         /* the epoch whose weights predict, from 0 */
    double *train, *dev; /* room for `epochs` each; dev is NAN without development concepts */
    bool diverged;       /* in epoch n - 1 */
} xp_ffnn_curve;

/* Scratch of one thread, for fits up to these sizes. */
typedef struct xp_ffnn {
    xp_network network;
    uint32_t *order; /* development concepts, then the others: positions in the training fold */
    float *best, *mask;
} xp_ffnn;

bool xp_ffnn_alloc(xp_ffnn *ffnn, const xp_ffnn_settings *settings, size_t n_train, size_t d, size_t m);
void xp_ffnn_free(xp_ffnn *ffnn);

/* prediction: m x n_test, an output's test rows together. false: diverged, the prediction is not made. */
bool xp_ffnn_fit(xp_ffnn *ffnn, const xp_ffnn_input *input, const xp_target *target, const xp_fold *fold,
                 const xp_columns *columns, const xp_ffnn_settings *settings, uint64_t seed, uint32_t stream,
                 double *prediction, xp_ffnn_curve *curve);

/* The sentence for a fit that diverged. */
explaint_status xp_ffnn_diverged(const xp_ffnn_curve *curve, const xp_ffnn_settings *settings, explaint_error *error);

#endif

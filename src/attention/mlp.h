/* g with one hidden layer: tanh units between the states of a layer and the word rows of their tokens (docs/attention.md#continuity). */
#ifndef XP_ATTENTION_MLP_H
#define XP_ATTENTION_MLP_H

#include "attention/corpus.h"

typedef struct xp_mlp_g {
    size_t n_layers, width, hidden, n_rows;
    double *mean, *deviation; /* of states and of word rows, (L + 1) x 2 width */
    double *weight;           /* a layer: hidden x width, hidden, width x hidden, width */
} xp_mlp_g;

enum { XP_MLP_HIDDEN = 256 };

/* The corpus is encoded; its states are made and forgotten on the way, EPOCHS times. layer: those that are wanted, of L + 1. */
explaint_status xp_fit_mlp(xp_corpus *corpus, const bool *layer, uint64_t seed, unsigned threads,
                           bool (*progress)(void *self, double done), void *self, xp_mlp_g *g, explaint_error *error);
void xp_mlp_g_apply(const xp_mlp_g *g, size_t layer, size_t n, const double *states, double *rows);
void xp_mlp_g_free(xp_mlp_g *g);

#endif

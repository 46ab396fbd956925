/* g, fitted: a linear map from the states of a layer to the word rows of their tokens (docs/attention.md#continuity).
 *
 *     xp_linear_g g = {0};
 *     if (!xp_linear_g_create(&g, n_layers, width, n_rows)) ...
 *     if (xp_fit_linear(&corpus, layer, seed, threads, NULL, NULL, &g, error) != EXPLAINT_OK) ...
 *     xp_linear_g_apply(&g, layer, false, n, states, rows);        // rows: n x width
 *     xp_linear_g_free(&g);
 *
 * Ridge in fp64, centred; the penalty is chosen for each layer on a tenth of the texts (PENALTIES times the mean of the
 * diagonal of the Gram matrix), then everything is fitted with it. Beside it stands the same map fitted on pairs that
 * were shuffled: each row with the token of another one. What comes out does not depend on threads. */
#ifndef XP_ATTENTION_FIT_H
#define XP_ATTENTION_FIT_H

#include "attention/corpus.h"

enum { XP_FIT_VERSION = 1 };  /* of what is fitted: what was kept of another one is fitted anew */
enum { XP_FIT_ROWS = 20000 }; /* that the maps are to be fitted on, without those that choose the penalty */

typedef struct xp_linear_g {
    size_t n_layers, width, n_rows; /* n_rows: of all texts that it was fitted on */
    double *mean;                   /* of states: (L + 1) x width */
    double *word_mean;              /* of word rows: width */
    double *weight[2];              /* true, shuffled pairs: (L + 1) x width x width; row j makes dimension j */
    double *penalty;                /* L + 1, as a share of the mean of the diagonal */
} xp_linear_g;

/* Room, cleared. false: no memory; xp_linear_g_free in both cases. */
bool xp_linear_g_create(xp_linear_g *g, size_t n_layers, size_t width, size_t n_rows);
/* Into g, which has the room. The corpus is encoded; its states are made and forgotten on the way. layer: those that are wanted, of L + 1;
 * others stay as they are. progress may be NULL; false stops. */
explaint_status xp_fit_linear(xp_corpus *corpus, const bool *layer, uint64_t seed, unsigned threads,
                              bool (*progress)(void *self, double done), void *self, xp_linear_g *g,
                              explaint_error *error);
void xp_linear_g_apply(const xp_linear_g *g, size_t layer, bool shuffled, size_t n, const double *states, double *rows);
void xp_linear_g_free(xp_linear_g *g);

#endif

/* Attention rollout (Abnar & Zuidema 2020): if a row keeps half of itself and takes the other half as the map says, what share of row i of
 * layer l is row j of the embedding layer?
 *
 *     xp_rollout_begin(n, rollout);                        // the identity: h^0 is itself
 *     for (each layer) {
 *         xp_rollout_mix(n, mean_of_heads, mixed);         // half of the map, half of the identity
 *         xp_rollout_step(n, mixed, rollout, scratch);     // rollout: of this layer
 *     }
 *
 * All are n x n, row by row; rows of a rollout add up to 1 if those of the maps do. docs/attention.md#flow. */
#ifndef XP_FLOW_ROLLOUT_H
#define XP_FLOW_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>

void xp_rollout_begin(size_t n, double *rollout);
void xp_rollout_mix(size_t n, const double *map, double *mixed); /* mixed may be map */
/* rollout := mixed rollout; scratch: n x n. */
void xp_rollout_step(size_t n, const double *mixed, double *rollout, double *scratch);

/* Chosen columns of it, or sums of some, from rows as they are made, without a map as a whole: what comes of piece j is multiplied by one layer after
 * the other. Memory grows with n.
 *
 *     if (!xp_rollout_columns_create(n, n_heads, 1, &c)) ...
 *     c.share[j] = 1;                                                 // of piece j
 *     for (each layer) {
 *         xp_rollout_columns_take(&c, head, i, from, to, weights);    // each row of each head, in any order, on any threads
 *         xp_rollout_columns_rise(&c);                                // then c.share is that of this layer
 *     }
 *     xp_rollout_columns_free(&c);
 */
typedef struct xp_rollout_columns {
    size_t n, n_heads, n_columns;
    double *share; /* columns x n: of row i */
    double *taken; /* heads x columns x n: what row i takes in a layer */
} xp_rollout_columns;

/* share: zeros, until the caller says what each column follows. false: no memory. */
bool xp_rollout_columns_create(size_t n, size_t n_heads, size_t n_columns, xp_rollout_columns *c);
/* Row i of a head's map from column `from` to `to` - 1; weights[j] is that of piece j. */
void xp_rollout_columns_take(xp_rollout_columns *c, size_t head, size_t i, size_t from, size_t to,
                             const float *weights);
void xp_rollout_columns_rise(xp_rollout_columns *c);
void xp_rollout_columns_free(xp_rollout_columns *c);

/* One column of the rollout of maps that give equal shares to all rows, or with `causal` to those up to row i: of this layer in place of that below. */
void xp_rollout_equal_rise(size_t n, bool causal, double *share);

#endif

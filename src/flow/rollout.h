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

#include <stddef.h>

void xp_rollout_begin(size_t n, double *rollout);
void xp_rollout_mix(size_t n, const double *map, double *mixed); /* mixed may be map */
/* rollout := mixed rollout; scratch: n x n. */
void xp_rollout_step(size_t n, const double *mixed, double *rollout, double *scratch);

#endif

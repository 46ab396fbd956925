/* ALTI (Ferrando et al. 2022): how near a row comes to what one piece alone gives to it.
 *
 *     c_ij = max(0, |y_i| - |y_i - T_i(x_j)|)      lengths are sums of absolute values; T_i(x_j): the term of piece j (flow/parts.h)
 *
 * Each row is divided by its sum. A row without any positive entry has no share to tell: it becomes the row of the identity, and is counted. Over
 * layers the maps are multiplied, C_l ... C_1, as a rollout is (xp_rollout_step). */
#ifndef XP_FLOW_ALTI_H
#define XP_FLOW_ALTI_H

#include "flow/parts.h"

/* map: n x n. *unit_rows: rows of the identity. false: no memory. */
bool xp_alti_map(xp_parts *parts, double *map, size_t *unit_rows);

#endif

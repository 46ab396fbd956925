/* Attention flow (Abnar & Zuidema 2020): layers are the storeys of a graph, an edge from row i of a layer to row j of the one below carries at
 * most what the map says, and the flow from row i of the top to row j of the bottom is the largest there can be.
 *
 *     ok = xp_maxflow_pairs(n, n_layers, mixed, flow);      // mixed: n_layers x n x n, of xp_rollout_mix, layer 1 first
 *
 * One maximum flow for each of the n x n pairs; they compete with no other pair. In one layer it is the map itself. Capacities are whole
 * multiples of 2^-40, so that a flow is exact and does not depend on the order of its paths. */
#ifndef XP_FLOW_MAXFLOW_H
#define XP_FLOW_MAXFLOW_H

#include <stdbool.h>
#include <stddef.h>

/* flow: n x n. false: no memory. */
bool xp_maxflow_pairs(size_t n, size_t n_layers, const double *mixed, double *flow);

#endif

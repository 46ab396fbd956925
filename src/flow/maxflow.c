/* Dinic's algorithm (1970) on a graph of storeys. Node (k, i) is row i of layer k, its number k n + i; edges run from layer k to k - 1, and what
 * has flowed may flow back. Nearly all pairs are done after one phase: all ways down are equally long. */
#include "flow/maxflow.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"

typedef struct graph {
    size_t n, top;          /* rows, layers */
    int64_t *room;          /* of edge (k, i) to (k - 1, j): what it can carry still; layer x i x j, from layer 1 */
    int64_t *sent;          /* what may flow back */
    int64_t *full;          /* room without any flow */
    uint32_t *far;          /* steps to the sink; NEVER: there is no way */
    uint32_t *next, *queue; /* the edge to try; nodes */
} graph;

static const uint32_t NEVER = UINT32_MAX;
static const double UNIT = 1099511627776.; /* 2^40 */

static size_t edge(const graph *g, size_t layer, size_t i, size_t j) { return ((layer - 1) * g->n + i) * g->n + j; }

static void visit(const graph *g, size_t node, uint32_t steps, size_t *end) {
    if (g->far[node] != NEVER) return;
    g->far[node] = steps;
    g->queue[(*end)++] = (uint32_t)node;
}

/* Steps to the sink from all nodes, over edges that have room. Is there a way from the source? */
static bool measure(const graph *g, size_t source, size_t sink) {
    const size_t n = g->n;
    size_t end = 0;
    memset(g->far, 0xff, (g->top + 1) * n * sizeof *g->far);
    memset(g->next, 0, (g->top + 1) * n * sizeof *g->next);
    visit(g, sink, 0, &end);
    for (size_t at = 0; at < end && g->far[source] == NEVER; at++) {
        const size_t layer = g->queue[at] / n, j = g->queue[at] % n;
        const uint32_t steps = g->far[g->queue[at]] + 1;
        for (size_t i = 0; layer < g->top && i < n; i++)
            if (g->room[edge(g, layer + 1, i, j)] > 0) visit(g, (layer + 1) * n + i, steps, &end);
        for (size_t i = 0; layer > 0 && i < n; i++)
            if (g->sent[edge(g, layer, j, i)] > 0) visit(g, (layer - 1) * n + i, steps, &end);
    }
    return g->far[source] != NEVER;
}

/* As much of `most` as gets from the node to the sink; the first n edges of a node lead down, the others back up. */
static int64_t push(const graph *g, size_t node, size_t sink, int64_t most) {
    const size_t n = g->n, layer = node / n, i = node % n;
    int64_t done = 0;
    if (node == sink) return most;
    for (uint32_t *at = &g->next[node]; *at < 2 * n; ++*at) {
        const bool down = *at < n;
        const size_t j = *at % n;
        if (down ? layer == 0 : layer == g->top) continue;
        const size_t other = (down ? layer - 1 : layer + 1) * n + j;
        const size_t e = down ? edge(g, layer, i, j) : edge(g, layer + 1, j, i);
        int64_t *forth = down ? &g->room[e] : &g->sent[e], *back = down ? &g->sent[e] : &g->room[e];
        if (*forth == 0 || g->far[other] == NEVER || g->far[other] + 1 != g->far[node]) continue;
        const int64_t rest = most - done, got = push(g, other, sink, rest < *forth ? rest : *forth);
        *forth -= got;
        *back += got;
        done += got;
        if (done == most) return done; /* this edge may have room still */
    }
    return done;
}

/* What leaves the source, and what enters the sink: no flow is larger. */
static int64_t bound(const graph *g, size_t i, size_t j) {
    int64_t leaves = 0, enters = 0;
    for (size_t k = 0; k < g->n; k++) {
        leaves += g->full[edge(g, g->top, i, k)];
        enters += g->full[edge(g, 1, k, j)];
    }
    return leaves < enters ? leaves : enters;
}

static int64_t flow_of(const graph *g, size_t i, size_t j) {
    const size_t size = g->top * g->n * g->n, source = g->top * g->n + i;
    const int64_t most = bound(g, i, j);
    int64_t flow = 0;
    memcpy(g->room, g->full, size * sizeof *g->room);
    memset(g->sent, 0, size * sizeof *g->sent);
    while (flow < most && measure(g, source, j)) flow += push(g, source, j, most - flow);
    return flow;
}

bool xp_maxflow_pairs(size_t n, size_t n_layers, const double *mixed, double *flow) {
    const size_t nodes = (n_layers + 1) * n, edges = n_layers * n * n;
    graph g = {.n = n, .top = n_layers};
    g.full = xp_alloc(edges, 3 * sizeof *g.full);
    g.far = xp_alloc(nodes, 3 * sizeof *g.far);
    const bool ok = g.full != NULL && g.far != NULL;
    if (ok) {
        g.room = g.full + edges;
        g.sent = g.room + edges;
        g.next = g.far + nodes;
        g.queue = g.next + nodes;
        for (size_t e = 0; e < edges; e++) g.full[e] = llrint(mixed[e] * UNIT);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) flow[i * n + j] = (double)flow_of(&g, i, j) / UNIT;
    }
    xp_free_all(g.full, g.far);
    return ok;
}

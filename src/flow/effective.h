/* Effective attention (Brunner et al. 2020): what of a map reaches the output of its head at all. T is what is added up, the values of the head (n x
 * head, with their bias); a part of a row of the map that lies in the left null space of T changes nothing, and is taken away. What is left gives
 * the same output: E T = A T. With no more pieces than a head is wide, and T of full rank, nothing can be taken away, E = A. */
#ifndef XP_FLOW_EFFECTIVE_H
#define XP_FLOW_EFFECTIVE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct xp_effective_heads {
    size_t n, n_heads, n_value_heads,
        head;            /* pieces; heads of maps and of values, each for n_heads / n_value_heads; width of a head */
    bool causal;         /* row i is about T's rows 0 .. i */
    const float *maps;   /* n_heads x n x n */
    const float *values; /* head k of piece j at j stride + k head */
    size_t stride;
} xp_effective_heads;

typedef struct xp_effective {
    double removed;            /* of the squared length of a row: mean over heads and rows */
    size_t rank_min, rank_max; /* of T, over heads: singular values above 1e-5 of the largest */
} xp_effective;

/* left: n_heads x n x n, E; or NULL. false: no memory, or no decomposition. */
bool xp_effective_of(const xp_effective_heads *heads, double *left, xp_effective *effective);

#endif

/* Value zeroing (Mohebbi et al. 2023): how much does row i of a layer turn if piece t has no value in that layer, in all heads? Nothing else is
 * changed: maps, queries, keys and what came in are as they were, and all that follows up to the end of the block is computed again.
 *
 *     S_it = 1 - cos(row i of the layer, row i without the value of t)
 *
 * computed as half of the squared distance of the rows at length 1, since 1 - cos would cancel. */
#ifndef XP_FLOW_ZEROING_H
#define XP_FLOW_ZEROING_H

#include "flow/parts.h"

/* Is it defined in this layer, from 0? Not where more than the two halves of a block makes the row, DeBERTa's convolution. */
bool xp_zeroing_is_defined(const explaint_model *model, size_t layer);
/* map: n x n. false: no memory. */
bool xp_zeroing_map(xp_parts *parts, double *map);

typedef struct xp_zeroing {
    double own;       /* mean of S_ii */
    double other;     /* mean over rows of the mean of S_it, t not i, of what the row sees; NaN: no row sees another */
    double own_share; /* mean of S_ii beside the sum of its row, over rows that are not zero; NaN: all are */
    double largest;   /* mean over rows of the largest entry */
    size_t zero_rows; /* that nothing turns */
    size_t others;    /* rows that see another */
} xp_zeroing;

xp_zeroing xp_zeroing_describe(size_t n, bool causal, const double *map);

#endif

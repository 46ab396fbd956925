/* How much of a row comes from other rows (Kobayashi et al. 2020, 2021): the length of what they give beside the length of what the row keeps of
 * itself, by the map alone and by more and more of what the block does. */
#ifndef XP_FLOW_MIXING_H
#define XP_FLOW_MIXING_H

#include "flow/parts.h"

typedef enum xp_mixing {
    XP_MIXING_ATTN_W,      /* by the mean of the heads' weights */
    XP_MIXING_ATTN_N,      /* by the vectors that attention adds up */
    XP_MIXING_ATTNRES_N,   /* with the row itself, which is added */
    XP_MIXING_ATTNRESLN_N, /* behind the norm of the sum, where the block has one */
    XP_N_MIXINGS
} xp_mixing;

/* Means over the rows that have a value, and how many have. In a decoder row 0 is left out: it sees itself alone. */
void xp_mixing_of(const xp_parts *parts, double mean[XP_N_MIXINGS], size_t rows[XP_N_MIXINGS]);

#endif

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

/* The same by words: pieces of a group are one source, what they give is added up, and a word has the mean over its rows. group: of each piece, 0 to
 * n_groups - 1; what is larger is left out, as a row and as a source. false: no memory. */
bool xp_mixing_of_groups(xp_parts *parts, const uint32_t *group, size_t n_groups, double mean[XP_N_MIXINGS],
                         size_t rows[XP_N_MIXINGS]);

#endif

/* Does what relates vectors and norms inside of a unit (a category, a cluster of norms) stand in other units too? (docs/methods.md#e4)
 *
 * Every unit is held out by itself from the reader. If its relation is its own, what its norms have beyond the means of its cells could as well have the
 * other sign, both where it is scored and where others learn from it; and so could each part of the features by itself, as long as what goes
 * together inside of units stays together. The parts: each principal component of the norms within cells, W = PZ, that holds at least a sixteenth of
 * W's squares (at least the first one), and what they leave of W in 48 groups of features, dealt in the order of the norms.
 *
 *     T(s) = sum_ug s_ug R_ug + sum_uvg s_ug s_vg D_uvg,    s = +1 or -1 by a coin
 *     A[u,t] = (I - S_uu)^-1 S_ut, 0 within u;  P takes the mean of the cell off, rows in no cell are 0;  M = PA
 *     D_uvg = sum over i in u, j in v of M_ij (W_g W_g')_ij;  R_ug = sum over i in u and all j of M_ij (W_g (Z - PZ)_g')_ij
 *
 * The sample are units and parts, and permutations within units (stats/agreement.h) are not what decides. */
#ifndef XP_STATS_FLIPS_H
#define XP_STATS_FLIPS_H

#include "stats/permute.h"

enum { XP_FLIP_COMPONENTS = 16, XP_FLIP_GROUPS = 48, XP_FLIP_PARTS = XP_FLIP_COMPONENTS + XP_FLIP_GROUPS };

typedef struct xp_flips {
    size_t n_units; /* those that have a cell */
    double *alone;  /* n_units x XP_FLIP_PARTS: R */
    double *pairs;  /* pairs of units (the lower triangle by rows) x XP_FLIP_PARTS: D_uv + D_vu */
} xp_flips;

/* s: n x n, of the reader (probe/reader.h). z: n x m, rows of the norms (probe/relation.h). unit (n): < 0: by itself. cells: of at least two concepts,
 * each within one unit. Holds z twice more while it works. false without memory. */
bool xp_flips_create(xp_flips *flips, size_t n, const double *s, size_t m, const double *z, const int *unit,
                     const xp_blocks *cells);
void xp_flips_free(xp_flips *flips);

/* t (count): T under sign vectors first .. first + count - 1 of a purpose; number 0 has every sign +. false without memory. */
bool xp_flips_run(const xp_flips *flips, uint64_t seed, unsigned purpose, uint32_t first, size_t count, double *t);

#endif

/* Does what relates vectors and norms inside of a unit (a category, a cluster of norms) stand in other units too? (docs/methods.md#e4, E4)
 *
 * Every unit is held out by itself from the reader. If its relation is its own, the part of its norms that differs within its cells could as well
 * have the other sign, both where it is scored and where others learn from it:
 *
 *     T(s) = sum_u s_u R_u + sum_uv s_u s_v D_uv,    s_u = +1 or -1 by a coin
 *     A[u,t] = (I - S_uu)^-1 S_ut, 0 within u;  P takes the mean of the cell off, rows in no cell are 0;  M = PA
 *     D_uv = sum over i in u, j in v of M_ij (PLP)_ij;  R_u = sum over i in u and all j of M_ij (PL(I - P))_ij
 *
 * The sample are the units, so that their number is the power, and permutations within them (stats/agreement.h) are not what decides. */
#ifndef XP_STATS_FLIPS_H
#define XP_STATS_FLIPS_H

#include "stats/permute.h"

typedef struct xp_flips {
    size_t n_units; /* those that have a cell */
    double *alone;  /* n_units: R */
    double *pairs;  /* lower triangle by rows, with the diagonal: D_uv + D_vu, D_uu */
} xp_flips;

/* s, l: n x n; S of the reader (probe/reader.h), the relation of the norms. unit (n): < 0: by itself. cells: of at least two concepts, each within one
 * unit. false without memory. */
bool xp_flips_create(xp_flips *flips, size_t n, const double *s, const double *l, const int *unit,
                     const xp_blocks *cells);
void xp_flips_free(xp_flips *flips);

/* t (count): T under sign vectors first .. first + count - 1 of a purpose; number 0 has every sign +. false without memory. */
bool xp_flips_run(const xp_flips *flips, uint64_t seed, unsigned purpose, uint32_t first, size_t count, double *t);

#endif

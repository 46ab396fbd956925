/* What the rows of a map say: entry (i, j) is the share of row i that comes from row j. Maps are n x n, row by row. */
#ifndef XP_FLOW_SHARES_H
#define XP_FLOW_SHARES_H

#include <stddef.h>
#include <stdint.h>

typedef struct xp_shares {
    double own;     /* of row i itself */
    double entropy; /* of a row, in nats */
} xp_shares;

/* The mean over rows. */
xp_shares xp_shares_of(size_t n, const double *map);

/* Of the rows that are not left out: those whose own share is larger than every other one, by more than rounding. *rows: how many there are. */
size_t xp_shares_own_largest(size_t n, const double *map, const uint8_t *left_out, size_t *rows);

/* Each row divided by its sum; a row that adds up to 0 stays as it is. to may be map. Returns how many such rows there are. */
size_t xp_shares_normalise(size_t n, const double *map, double *to);

#endif

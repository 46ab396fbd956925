/* Symmetric matrices, half stored: what the loop over components touches. */
#ifndef XP_TENSOR_PACKED_H
#define XP_TENSOR_PACKED_H

#include <stddef.h>

size_t xp_packed_size(size_t n);                                /* doubles */
void xp_packed_from(size_t n, const double *a, double *packed); /* a: n x n, the upper triangle is read */
/* y = A x; y does not overlap x. */
void xp_packed_product(size_t n, const double *packed, const double *x, double *y);
/* A := A - p u' - u p' */
void xp_packed_update(size_t n, const double *p, const double *u, double *packed);

#endif

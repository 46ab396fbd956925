/* Symmetric matrices, half stored: what the loop over components touches. */
#ifndef XP_TENSOR_PACKED_H
#define XP_TENSOR_PACKED_H

#include <stdbool.h>
#include <stddef.h>

#include "tensor/kernels.h"

size_t xp_packed_size(size_t n);                                /* doubles */
void xp_packed_from(size_t n, const double *a, double *packed); /* a: n x n, the upper triangle is read */
/* y = A x; y does not overlap x. */
void xp_packed_product(size_t n, const double *packed, const double *x, double *y);
/* A := A - p u' - u p' */
void xp_packed_update(size_t n, const double *p, const double *u, double *packed);

/* The same in single precision: half the bytes, so that order 487 leaves half of a cache of 1 MB free, and A = S'S by the kernels of the forward
 * pass. A is within about 1e-7 of its largest value, and so is a product. One thread's. */
typedef struct xp_single {
    const xp_kernels *kernels;
    size_t n;      /* order of A */
    float *packed; /* A */
    float *whole, *panels, *x, *y;
} xp_single;

/* For orders up to n, on a processor that xp_kernels_find knows kernels for. false: no memory. */
bool xp_single_alloc(xp_single *single, size_t n);
void xp_single_free(xp_single *single);
void xp_single_gram(xp_single *single, size_t n, size_t rows, const double *s); /* A = S'S, S rows x n, rows > 0 */
void xp_single_product(const xp_single *single, const double *x, double *y);    /* y = A x */
void xp_single_update(xp_single *single, const double *p, const double *u);     /* A := A - p u' - u p' */

#endif

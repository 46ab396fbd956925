/* Elementwise loops that a library call would cost more than. */
#ifndef XP_TENSOR_LOOPS_H
#define XP_TENSOR_LOOPS_H

#include <stddef.h>

/* y += a x. Each element sees one multiplication and one addition, so the same bits on every machine: xp_axpy may fuse them. */
void xp_add_scaled(size_t n, double a, const double *x, double *y);

/* y = A'(A x), A rows x columns and read once; returns |A x| squared. The same bits on every machine. */
double xp_gram_product(size_t rows, size_t columns, const double *A, const double *x, double *y);

/* The sum of -m ln m over all numbers above 0, m the mean of a and b, which may be the same: a number's logarithm is off by one or two of its last
 * bits. The same bits on every machine. */
double xp_entropy_of_mean(size_t n, const double *a, const double *b);

#endif

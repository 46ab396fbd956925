/* Eight doubles at a time, as two vectors of four: vectors of eight are kept in memory by gcc where registers hold four (five times slower, measured). */
#ifndef XP_TENSOR_LANES_H
#define XP_TENSOR_LANES_H

#include <stdint.h>

enum { LANES = 8, QUAD = 4 };

/* Not aligned: rows start anywhere. */
typedef double quad __attribute__((vector_size(QUAD * sizeof(double)), aligned(8), may_alias));

static inline const quad *quad_at(const double *x) { return (const quad *)x; }

/* The sum of four, always in this order. (A macro: a vector as an argument has no one calling convention.) */
#define SUM_OF(four) (((four)[0] + (four)[2]) + ((four)[1] + (four)[3]))

/* Their bits: whole numbers in instructions that all sets have. */
typedef uint64_t quad_bits __attribute__((vector_size(QUAD * sizeof(uint64_t)), aligned(8), may_alias));

/* Whole numbers below 2^52 as doubles, less `minus`. (A macro, too.) */
#define QUAD_OF(whole, minus) ((quad)((whole) | ((uint64_t)1075 << 52)) - (0x1p52 + (minus)))

/* Logarithms of numbers above 0, off by one or two of their last bits; of others anything. ln x = k ln 2 + 2 artanh s, s = (m - 1) / (m + 1), x = 2^k m
 * and m from sqrt(1/2) to sqrt(2): powers of s^2 up to .0294^11 / 23, under half of the last bit. */
static inline __attribute__((always_inline)) void quad_ln(const quad *x, quad *ln) {
    const uint64_t one = (uint64_t)1023 << 52, root = 0x3fe6a09e667f3bcd, ones = ((uint64_t)1 << 52) - 1;
    const quad_bits bits = *(const quad_bits *)x, shifted = bits - root + one;
    const quad k = QUAD_OF(shifted >> 52, 1023);
    const quad m = (quad)(bits - (shifted & ~ones) + one), s = (m - 1) / (m + 1), z = s * s, w = z * z;
    const quad odd = 1. / 3 + w * (1. / 7 + w * (1. / 11 + w * (1. / 15 + w * (1. / 19 + w * (1. / 23)))));
    const quad even = 1. / 5 + w * (1. / 9 + w * (1. / 13 + w * (1. / 17 + w * (1. / 21))));
    *ln = k * 0x1.62e42fefa39efp-1 + (s + s * z * (odd + z * even)) * 2;
}

#endif

/* Eight doubles at a time, as two vectors of four: vectors of eight are kept in memory by gcc where registers hold four (five times slower, measured). */
#ifndef XP_TENSOR_LANES_H
#define XP_TENSOR_LANES_H

enum { LANES = 8, QUAD = 4 };

/* Not aligned: rows start anywhere. */
typedef double quad __attribute__((vector_size(QUAD * sizeof(double)), aligned(8), may_alias));

static inline const quad *quad_at(const double *x) { return (const quad *)x; }

/* The sum of four, always in this order. (A macro: a vector as an argument has no one calling convention.) */
#define SUM_OF(four) (((four)[0] + (four)[2]) + ((four)[1] + (four)[3]))

#endif

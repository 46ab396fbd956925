/* Eight doubles at a time; the compiler makes of them what the machine has. */
#ifndef XP_TENSOR_LANES_H
#define XP_TENSOR_LANES_H

enum { LANES = 8 };

/* Not aligned: rows start anywhere. */
typedef double lanes __attribute__((vector_size(64), aligned(8), may_alias));

/* The sum of eight, always in this order. (By address: a vector as an argument has no one calling convention.) */
static inline double sum_of(const double part[LANES]) {
    return ((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7]));
}

#endif

/* What one thread of this machine can do, measured in the process that is timed against it. */
#ifndef BENCH_LIMITS_H
#define BENCH_LIMITS_H

#include <stddef.h>

typedef struct limits {
    double fma, dgemm;   /* flops a second, fp64: a loop in registers; the BLAS on 1024 x 1024 */
    double l2, l3, dram; /* bytes read a second */
    size_t l2_size;
} limits;

double seconds(void);
double processor_seconds(void); /* of this process: says how much of a time was waiting for a processor */
limits measure_limits(void);
double measure_fma(void); /* the first of them alone, in under a millisecond */

#endif

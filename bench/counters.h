/* Where a fit spends itself: calls, operations and time of the routines below it. The linker puts these counters between the library's
 * callers and its routines (--wrap); they cost two clock readings a call and only while switched on. */
#ifndef BENCH_COUNTERS_H
#define BENCH_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>

enum { COUNT_SYMV, COUNT_GEMV, COUNT_GEMM, COUNT_GRAM, COUNT_LQ, COUNT_VECTOR, COUNT_SMALL, N_COUNTERS };

typedef struct counter {
    const char *name;
    bool matrix_matrix; /* bound by multiply-adds, else by reading */
    size_t calls;
    double flops, seconds;
    double near, far; /* bytes read from operands that fit half of the second cache, and from those that do not */
} counter;

extern counter counters[N_COUNTERS];
void counters_start(size_t l2_size);
void counters_stop(void);

#endif

/* Compiled with -ffp-contract=fast, so that a * b + c is one instruction where the processor has it. */
#include "limits.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tensor/blas.h"

static double clock_seconds(clockid_t which) {
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double seconds(void) { return clock_seconds(CLOCK_MONOTONIC); }
double processor_seconds(void) { return clock_seconds(CLOCK_PROCESS_CPUTIME_ID); }

static volatile double sink;

/* Twelve accumulators hide the latency of two multiply-adds a cycle, and the sums of eight hide that of the loads. */
#define LOOPS(NAME, BYTES, TARGET)                                                                                     \
    typedef double NAME##_vector __attribute__((vector_size(BYTES), aligned(BYTES), may_alias));                       \
    TARGET static double NAME##_fma(size_t rounds) {                                                                   \
        NAME##_vector a[12], b, c;                                                                                     \
        for (size_t j = 0; j < BYTES / 8; j++) b[j] = 1 - 1e-9 * (double)(j + 1), c[j] = 1e-9;                         \
        for (size_t i = 0; i < 12; i++) a[i] = b + c * (double)i;                                                      \
        for (size_t k = 0; k < rounds; k++)                                                                            \
            for (size_t i = 0; i < 12; i++) a[i] = a[i] * b + c;                                                       \
        for (size_t i = 1; i < 12; i++) a[0] += a[i];                                                                  \
        sink = a[0][0];                                                                                                \
        return (double)rounds * 12 * 2 * BYTES / 8;                                                                    \
    }                                                                                                                  \
    TARGET static void NAME##_read(const double *x, size_t n) {                                                        \
        NAME##_vector s[8];                                                                                            \
        memset(s, 0, sizeof s);                                                                                        \
        const NAME##_vector *v = (const NAME##_vector *)(const void *)x;                                               \
        for (size_t i = 0; i + 8 <= n * 8 / BYTES; i += 8)                                                             \
            for (size_t j = 0; j < 8; j++) s[j] += v[i + j];                                                           \
        for (size_t j = 1; j < 8; j++) s[0] += s[j];                                                                   \
        sink = s[0][0];                                                                                                \
    }

LOOPS(narrow, 16, )
#if defined(__x86_64__)
LOOPS(avx2, 32, __attribute__((target("avx2,fma"))))
LOOPS(avx512, 64, __attribute__((target("avx512f"))))
#endif

typedef struct loops {
    double (*fma)(size_t rounds);
    void (*read)(const double *x, size_t n);
} loops;

static loops widest(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return (loops){avx512_fma, avx512_read};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return (loops){avx2_fma, avx2_read};
#endif
    return (loops){narrow_fma, narrow_read};
}

static double bandwidth(loops loop, const double *x, size_t bytes) {
    double best = 0, until = seconds() + .05;
    const size_t repeats = 1 + (16u << 20) / bytes;
    do {
        double t = seconds();
        for (size_t i = 0; i < repeats; i++) loop.read(x, bytes / 8);
        double rate = (double)(bytes * repeats) / (seconds() - t);
        if (rate > best) best = rate;
    } while (seconds() < until);
    return best;
}

double measure_fma(void) {
    double t = seconds(), flops = widest().fma(20000);
    return flops / (seconds() - t);
}

limits measure_limits(void) {
    enum { ORDER = 1024, WHOLE = 256 << 20 };
    const loops loop = widest();
    limits found = {0};
    long l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
    found.l2_size = l2 > 0 ? (size_t)l2 : 1u << 20;
    for (int i = 0; i < 20; i++) {
        double t = seconds(), flops = loop.fma(200000), rate = flops / (seconds() - t);
        if (rate > found.fma) found.fma = rate;
    }
    double *x = aligned_alloc(64, WHOLE);
    if (x == NULL) abort();
    for (size_t i = 0; i < WHOLE / 8; i++) x[i] = 1e-3 * (double)(i % 1000);
    for (int i = 0; i < 8; i++) {
        double t = seconds();
        xp_gemm(false, false, ORDER, ORDER, ORDER, 1, x, ORDER, x + ORDER * ORDER, ORDER, 0, x + 2 * ORDER * ORDER,
                ORDER);
        double rate = 2. * ORDER * ORDER * ORDER / (seconds() - t);
        if (rate > found.dgemm) found.dgemm = rate;
    }
    found.l2 = bandwidth(loop, x, found.l2_size / 2);
    found.l3 = bandwidth(loop, x, 8u << 20);
    found.dram = bandwidth(loop, x, WHOLE);
    free(x);
    return found;
}

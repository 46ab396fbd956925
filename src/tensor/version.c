#include "explaint/version.h"

#include <pthread.h>
#include <stdio.h>

#include "tensor/blas.h"

const char *explaint_version(void) { return EXPLAINT_VERSION; }

const char *explaint_build(void) {
#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "an unknown compiler"
#endif
#if defined(__OPTIMIZE__)
    return COMPILER ", optimised";
#else
    return COMPILER ", not optimised";
#endif
}

static char blas[96];
static void name_blas(void) {
    snprintf(blas, sizeof blas, "%.60s%s", xp_blas_core(), xp_blas_takes_turns() ? ", one caller at a time" : "");
}
const char *explaint_blas(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, name_blas);
    return blas;
}

const char *explaint_cpu(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return "x86-64 avx2 fma avx512f";
    if (__builtin_cpu_supports("avx2")) return "x86-64 avx2 fma";
    return "x86-64";
#elif defined(__aarch64__)
    return "aarch64 neon";
#else
    return "unknown";
#endif
}

#include "explaint/version.h"

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

const char *explaint_blas(void) { return xp_blas_core(); }

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

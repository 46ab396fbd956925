/* AVX-512: sixteen lanes are one register; 12 x 32 outputs are 24 of the 32 registers. SLEEF's adapter for it. */
#include "tensor/kernels_isa.h"

#include <immintrin.h>
#include <sleef.h>

typedef __m512 wide;

static inline wide wide_set(float x) { return _mm512_set1_ps(x); }
static inline wide wide_load(const float *x) { return _mm512_loadu_ps(x); }
static inline void wide_store(float *x, wide a) { _mm512_storeu_ps(x, a); }
static inline wide wide_add(wide a, wide b) { return _mm512_add_ps(a, b); }
static inline wide wide_sub(wide a, wide b) { return _mm512_sub_ps(a, b); }
static inline wide wide_mul(wide a, wide b) { return _mm512_mul_ps(a, b); }
static inline wide wide_div(wide a, wide b) { return _mm512_div_ps(a, b); }
static inline wide wide_max(wide a, wide b) { return _mm512_max_ps(a, b); }
static inline wide wide_fma(wide a, wide b, wide c) { return _mm512_fmadd_ps(a, b, c); }
static inline wide wide_sqrt(wide a) { return _mm512_sqrt_ps(a); }
static inline wide wide_exp(wide a) { return Sleef_finz_expf16_u10avx512f(a); }
static inline wide wide_erf(wide a) { return Sleef_finz_erff16_u10avx512f(a); }
static inline wide wide_tanh(wide a) { return Sleef_finz_tanhf16_u10avx512f(a); }

static bool usable(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

enum { TILE_ROWS = 12, TILE_WIDES = 2 };

#include "tensor/kernels_body.h"

const xp_kernels xp_kernels_avx512 = {"avx512", usable,  product,   cross,        descend,
                                      finish,   softmax, normalise, normalise_rms};

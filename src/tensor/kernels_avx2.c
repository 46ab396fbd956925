/* AVX2 and FMA: sixteen lanes are two registers; 6 x 16 outputs are 12 of the 16 registers. SLEEF's adapter for it. */
#include "tensor/kernels_isa.h"

#include <immintrin.h>
#include <sleef.h>

typedef struct wide {
    __m256 low, high;
} wide;

#define BOTH(name, call)                                                                                               \
    static inline wide name(wide a, wide b) { return (wide){call(a.low, b.low), call(a.high, b.high)}; }
#define EACH(name, call)                                                                                               \
    static inline wide name(wide a) { return (wide){call(a.low), call(a.high)}; }

static inline wide wide_set(float x) { return (wide){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
static inline wide wide_load(const float *x) { return (wide){_mm256_loadu_ps(x), _mm256_loadu_ps(x + 8)}; }
static inline void wide_store(float *x, wide a) {
    _mm256_storeu_ps(x, a.low);
    _mm256_storeu_ps(x + 8, a.high);
}
BOTH(wide_add, _mm256_add_ps)
BOTH(wide_sub, _mm256_sub_ps)
BOTH(wide_mul, _mm256_mul_ps)
BOTH(wide_div, _mm256_div_ps)
BOTH(wide_max, _mm256_max_ps)
static inline wide wide_fma(wide a, wide b, wide c) {
    return (wide){_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
EACH(wide_sqrt, _mm256_sqrt_ps)
EACH(wide_exp, Sleef_finz_expf8_u10avx2)
EACH(wide_erf, Sleef_finz_erff8_u10avx2)
EACH(wide_tanh, Sleef_finz_tanhf8_u10avx2)

static bool usable(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

enum { TILE_ROWS = 6, TILE_WIDES = 1 };

#include "tensor/kernels_body.h"

const xp_kernels xp_kernels_avx2 = {"avx2", usable, product, cross, descend, finish, softmax, normalise, normalise_rms};

/* The reference: sixteen lanes are sixteen floats, one after another, every multiply-add is C's fmaf. SLEEF's adapter for
 * it. SLEEF's scalar functions use FMA instructions themselves, so on x86-64 this set needs them too. */
#include "tensor/kernels_isa.h"

#include <math.h>

#if !defined(FP_FAST_FMA) /* sleef.h declares the functions wherever the compiler says that fma is fast */
#define FP_FAST_FMA
#endif
#if !defined(FP_FAST_FMAF)
#define FP_FAST_FMAF
#endif
#include <sleef.h>

typedef struct wide {
    float x[XP_LANES];
} wide;

#define LANES(name, parameters, value)                                                                                 \
    static inline wide name parameters {                                                                               \
        wide y;                                                                                                        \
        for (int i = 0; i < XP_LANES; i++) y.x[i] = (value);                                                           \
        return y;                                                                                                      \
    }

LANES(wide_set, (float a), a)
LANES(wide_load, (const float *a), a[i])
static inline void wide_store(float *to, wide a) {
    for (int i = 0; i < XP_LANES; i++) to[i] = a.x[i];
}
LANES(wide_add, (wide a, wide b), a.x[i] + b.x[i])
LANES(wide_sub, (wide a, wide b), a.x[i] - b.x[i])
LANES(wide_mul, (wide a, wide b), a.x[i] * b.x[i])
LANES(wide_div, (wide a, wide b), a.x[i] / b.x[i])
LANES(wide_max, (wide a, wide b), a.x[i] > b.x[i] ? a.x[i] : b.x[i])
LANES(wide_fma, (wide a, wide b, wide c), fmaf(a.x[i], b.x[i], c.x[i]))
LANES(wide_sqrt, (wide a), sqrtf(a.x[i]))
LANES(wide_exp, (wide a), Sleef_finz_expf1_u10purecfma(a.x[i]))
LANES(wide_erf, (wide a), Sleef_finz_erff1_u10purecfma(a.x[i]))
LANES(wide_tanh, (wide a), Sleef_finz_tanhf1_u10purecfma(a.x[i]))

static bool usable(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return true;
#endif
}

enum { TILE_ROWS = 1, TILE_WIDES = 1 };

#include "tensor/kernels_body.h"

const xp_kernels xp_kernels_scalar = {"scalar", usable,  product,   cross,        descend,
                                      finish,   softmax, normalise, normalise_rms};

/* NEON of 64-bit Arm: sixteen lanes are four registers; 6 x 16 outputs are 24 of the 32 registers. SLEEF's adapter for it. */
#include "tensor/kernels_isa.h"

#include <arm_neon.h>
#include <sleef.h>

enum { PARTS = 4 };

typedef struct wide {
    float32x4_t part[PARTS];
} wide;

#define PARTS_OF(name, parameters, value)                                                                              \
    static inline wide name parameters {                                                                               \
        wide y;                                                                                                        \
        for (int i = 0; i < PARTS; i++) y.part[i] = (value);                                                           \
        return y;                                                                                                      \
    }

PARTS_OF(wide_set, (float a), vdupq_n_f32(a))
PARTS_OF(wide_load, (const float *a), vld1q_f32(a + 4 * i))
static inline void wide_store(float *to, wide a) {
    for (int i = 0; i < PARTS; i++) vst1q_f32(to + 4 * i, a.part[i]);
}
PARTS_OF(wide_add, (wide a, wide b), vaddq_f32(a.part[i], b.part[i]))
PARTS_OF(wide_sub, (wide a, wide b), vsubq_f32(a.part[i], b.part[i]))
PARTS_OF(wide_mul, (wide a, wide b), vmulq_f32(a.part[i], b.part[i]))
PARTS_OF(wide_div, (wide a, wide b), vdivq_f32(a.part[i], b.part[i]))
/* Not vmaxq_f32, which gives NaN for a NaN and +0 for the zeros: the other sets take b unless a is larger. */
PARTS_OF(wide_max, (wide a, wide b), vbslq_f32(vcgtq_f32(a.part[i], b.part[i]), a.part[i], b.part[i]))
PARTS_OF(wide_fma, (wide a, wide b, wide c), vfmaq_f32(c.part[i], a.part[i], b.part[i]))
PARTS_OF(wide_sqrt, (wide a), vsqrtq_f32(a.part[i]))
PARTS_OF(wide_exp, (wide a), Sleef_finz_expf4_u10advsimd(a.part[i]))
PARTS_OF(wide_erf, (wide a), Sleef_finz_erff4_u10advsimd(a.part[i]))
PARTS_OF(wide_tanh, (wide a), Sleef_finz_tanhf4_u10advsimd(a.part[i]))

static bool usable(void) { return true; } /* every 64-bit Arm has it */

enum { TILE_ROWS = 6, TILE_WIDES = 1 };

#include "tensor/kernels_body.h"

const xp_kernels xp_kernels_neon = {"neon", usable, product, cross, descend, finish, softmax, normalise, normalise_rms};

#include "tensor/normals.h"

#include <math.h>
#include <string.h>

#include "tensor/blas.h"
#include "tensor/lanes.h"

/* Pairs of numbers that are made together. */
enum { PAIRS = 64 };

typedef uint32_t quad_words __attribute__((vector_size(QUAD * sizeof(uint32_t)), aligned(4), may_alias));

/* Words to pairs: the radius sqrt(-2 ln u), u = (word + 1/2) / 2^32; of the other word the first two bits are the quarter of the circle, the others
 * where in the quarter, from -pi/4 to pi/4: powers up to the 12th and 13th leave 1e-12. */
XP_CLONES static void box_muller(const uint32_t *radius, const uint32_t *angle, double deviation, float *to) {
    for (size_t i = 0; i < PAIRS; i += QUAD) {
        const quad_bits r = __builtin_convertvector(*(const quad_words *)(radius + i), quad_bits),
                        a = __builtin_convertvector(*(const quad_words *)(angle + i), quad_bits);
        const quad u = QUAD_OF(r, -.5) * 0x1p-32;
        quad size;
        quad_ln(&u, &size);
        size *= -2;
        for (size_t k = 0; k < QUAD; k++) size[k] = sqrt(size[k]);
        size *= deviation;
        const quad x = (QUAD_OF(a & 0x3fffffff, -.5) * 0x1p-30 - .5) * 0x1.921fb54442d18p+0, z = x * x;
        const quad sine =
            x *
            (1 - z * (1. / 6) *
                     (1 - z * (1. / 20) *
                              (1 - z * (1. / 42) * (1 - z * (1. / 72) * (1 - z * (1. / 110) * (1 - z * (1. / 156)))))));
        const quad cosine =
            1 - z * .5 *
                    (1 - z * (1. / 12) *
                             (1 - z * (1. / 30) * (1 - z * (1. / 56) * (1 - z * (1. / 90) * (1 - z * (1. / 132))))));
        /* Turned by quarters: (c, s), (-s, c), (-c, -s), (s, -c). */
        const quad_bits turned = -(a >> 30 & 1), half = a >> 31, s = (quad_bits)(size * sine),
                        c = (quad_bits)(size * cosine);
        const quad first = (quad)(((c & ~turned) | (s & turned)) ^ (((turned & 1) ^ half) << 63)),
                   second = (quad)(((s & ~turned) | (c & turned)) ^ (half << 63));
        for (size_t k = 0; k < QUAD; k++) {
            to[2 * (i + k)] = (float)first[k];
            to[2 * (i + k) + 1] = (float)second[k];
        }
    }
}

void xp_normals(const xp_rng *rng, uint64_t first, size_t n, double deviation, float *to) {
    enum { MANY = 2 * PAIRS };
    uint32_t radius[PAIRS], angle[PAIRS], word[4];
    float made[MANY];
    for (uint64_t at = first / 4 * 4; at < first + n; at += MANY) {
        for (size_t pair = 0; pair < PAIRS; pair += 2) {
            xp_rng_words(rng, at / 4 + pair / 2, word);
            radius[pair] = word[0];
            angle[pair] = word[1];
            radius[pair + 1] = word[2];
            angle[pair + 1] = word[3];
        }
        box_muller(radius, angle, deviation, made);
        const uint64_t begin = at < first ? first : at, end = at + MANY < first + n ? at + MANY : first + n;
        memcpy(to + (begin - first), made + (begin - at), (size_t)(end - begin) * sizeof *to);
    }
}

/* Numbers of two bytes as float32: IEEE 754's binary16, and the upper half of a binary32 ("brain"). Exact; a NaN keeps its bits. */
#ifndef XP_FORMATS_HALF_H
#define XP_FORMATS_HALF_H

#include <stdint.h>
#include <string.h>

static inline float xp_half_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* 1 sign, 5 exponent (bias 15), 10 fraction: seen as a binary32 (bias 127), it lacks 2^112. */
static inline float xp_half(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16, rest = (uint32_t)(half & 0x7fff) << 13;
    if (rest >= 0x0f800000) return xp_half_of_bits(sign | 0x70000000 | rest); /* infinity, NaN */
    const float value = xp_half_of_bits(rest) * 0x1p112f;
    return sign != 0 ? -value : value;
}

static inline float xp_half_brain(uint16_t half) { return xp_half_of_bits((uint32_t)half << 16); }

#endif

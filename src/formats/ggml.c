#include "formats/ggml.h"

#include <string.h>

#include "formats/half.h"

enum { SMALL = 32, LARGE = 256 }; /* numbers of a block */

static uint16_t word(const unsigned char *p) { return (uint16_t)(p[0] | p[1] << 8); }
static float half(const unsigned char *p) { return xp_half(word(p)); }

/* ---- one number after another ---- */

static void widen_f32(const unsigned char *p, float *to) { memcpy(to, p, sizeof *to); }
static void widen_f16(const unsigned char *p, float *to) { *to = half(p); }
static void widen_bf16(const unsigned char *p, float *to) { *to = xp_half_brain(word(p)); }

/* ---- blocks of 32: a scale, perhaps what is added, and codes. The lower halves of 16 bytes come first, then the upper halves ---- */

static int nibble(const unsigned char *p, size_t i) { return i < 16 ? p[i] & 15 : p[i - 16] >> 4; }

static void widen_q8_0(const unsigned char *p, float *to) {
    const float d = half(p);
    for (size_t i = 0; i < SMALL; i++) to[i] = (float)(int8_t)p[2 + i] * d;
}

static void widen_q4_0(const unsigned char *p, float *to) {
    const float d = half(p);
    for (size_t i = 0; i < SMALL; i++) to[i] = d * (float)(nibble(p + 2, i) - 8);
}

static void widen_q4_1(const unsigned char *p, float *to) {
    const float d = half(p), m = half(p + 2);
    for (size_t i = 0; i < SMALL; i++) to[i] = d * (float)nibble(p + 4, i) + m;
}

/* The fifth bits stand apart, one for each number. */
static int fifth(const unsigned char *p, size_t i) { return (p[i / 8] >> (i % 8) & 1) << 4; }

static void widen_q5_0(const unsigned char *p, float *to) {
    const float d = half(p);
    for (size_t i = 0; i < SMALL; i++) to[i] = d * (float)((nibble(p + 6, i) | fifth(p + 2, i)) - 16);
}

static void widen_q5_1(const unsigned char *p, float *to) {
    const float d = half(p), m = half(p + 2);
    for (size_t i = 0; i < SMALL; i++) to[i] = d * (float)(nibble(p + 8, i) | fifth(p + 4, i)) + m;
}

/* Codes name one of sixteen values, closer to each other around 0. */
static const int8_t uneven[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

static void widen_iq4_nl(const unsigned char *p, float *to) {
    const float d = half(p);
    for (size_t i = 0; i < SMALL; i++) to[i] = d * (float)uneven[nibble(p + 2, i)];
}

/* ---- blocks of 256 in 16 groups of 16 or 8 of 32, each with a scale of its own, which the block's scale multiplies ---- */

/* Codes of two bits: of each 128 numbers, 32 bytes hold the first to fourth 32 in their lowest to highest bits. */
static int pair(const unsigned char *p, size_t i) { return p[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3; }
/* Of four bits: of each 2 * half numbers, `half` bytes hold the first half in their lower, the second in their upper bits. */
static int quad(const unsigned char *p, size_t half_size, size_t i) {
    const size_t twice = 2 * half_size;
    return p[i / twice * half_size + i % half_size] >> (i % twice / half_size * 4) & 15;
}
/* Of one bit: 32 bytes hold the first to eighth 32 in their lowest to highest bit. */
static int bit(const unsigned char *p, size_t i) { return p[i % 32] >> (i / 32) & 1; }

static void widen_q2_k(const unsigned char *p, float *to) {
    const float d = half(p + 80), least = half(p + 82);
    for (size_t i = 0; i < LARGE; i++) {
        const float scale = d * (float)(p[i / 16] & 15), minimum = least * (float)(p[i / 16] >> 4);
        to[i] = scale * (float)pair(p + 16, i) - minimum;
    }
}

/* Scales of six bits in 12 bytes: the lower four bits in eight bytes, the upper two in four. */
static int scale_of_q3(const unsigned char *p, size_t k) {
    const int low = k < 8 ? p[k] & 15 : p[k - 8] >> 4, high = p[8 + k % 4] >> (k / 4 * 2) & 3;
    return (low | high << 4) - 32;
}

static void widen_q3_k(const unsigned char *p, float *to) {
    const float d = half(p + 108);
    for (size_t i = 0; i < LARGE; i++) {
        const float scale = d * (float)scale_of_q3(p + 96, i / 16);
        to[i] = scale * (float)(pair(p + 32, i) - (bit(p, i) == 0 ? 4 : 0));
    }
}

/* The scale and the minimum of 32 numbers of a block: eight of each, of six bits, in 12 bytes behind what both are multiplied by. Of the last four,
 * the upper two bits stand above the first four. */
static void scale_of_q4(const unsigned char *block, size_t k, float *scale, float *minimum) {
    const unsigned char *p = block + 4;
    const size_t j = k % 4;
    if (k < 4) {
        *scale = (float)(p[j] & 63);
        *minimum = (float)(p[4 + j] & 63);
    } else {
        *scale = (float)((p[8 + j] & 15) | (p[j] >> 2 & 48));
        *minimum = (float)(p[8 + j] >> 4 | (p[4 + j] >> 2 & 48));
    }
    *scale *= half(block);
    *minimum *= half(block + 2);
}

static void widen_q4_k(const unsigned char *p, float *to) {
    for (size_t k = 0; k < 8; k++) {
        float scale, minimum;
        scale_of_q4(p, k, &scale, &minimum);
        for (size_t i = 32 * k; i < 32 * k + 32; i++) to[i] = scale * (float)quad(p + 16, 32, i) - minimum;
    }
}

static void widen_q5_k(const unsigned char *p, float *to) {
    for (size_t k = 0; k < 8; k++) {
        float scale, minimum;
        scale_of_q4(p, k, &scale, &minimum);
        for (size_t i = 32 * k; i < 32 * k + 32; i++)
            to[i] = scale * (float)(quad(p + 48, 32, i) | bit(p + 16, i) << 4) - minimum;
    }
}

static void widen_q6_k(const unsigned char *p, float *to) {
    const float d = half(p + 208);
    for (size_t i = 0; i < LARGE; i++) {
        const float scale = d * (float)(int8_t)p[192 + i / 16];
        to[i] = scale * (float)((quad(p, 64, i) | pair(p + 128, i) << 4) - 32);
    }
}

static void widen_iq4_xs(const unsigned char *p, float *to) {
    const float d = half(p);
    for (size_t k = 0; k < 8; k++) {
        const int low = p[4 + k / 2] >> (k % 2 * 4) & 15, high = word(p + 2) >> (2 * k) & 3;
        const float scale = d * (float)((low | high << 4) - 32);
        for (size_t i = 0; i < 32; i++) to[32 * k + i] = scale * (float)uneven[nibble(p + 8 + 16 * k, i)];
    }
}

/* ---- the table: numbers, sizes and names are those of ggml.h of llama.cpp ---- */

static const xp_ggml types[] = {
    [0] = {"F32", 1, 4, XP_F32, widen_f32},
    [1] = {"F16", 1, 2, XP_F16, widen_f16},
    [2] = {"Q4_0", SMALL, 18, XP_N_TYPES, widen_q4_0},
    [3] = {"Q4_1", SMALL, 20, XP_N_TYPES, widen_q4_1},
    [6] = {"Q5_0", SMALL, 22, XP_N_TYPES, widen_q5_0},
    [7] = {"Q5_1", SMALL, 24, XP_N_TYPES, widen_q5_1},
    [8] = {"Q8_0", SMALL, 34, XP_N_TYPES, widen_q8_0},
    [9] = {"Q8_1", SMALL, 40, XP_N_TYPES, NULL},
    [10] = {"Q2_K", LARGE, 84, XP_N_TYPES, widen_q2_k},
    [11] = {"Q3_K", LARGE, 110, XP_N_TYPES, widen_q3_k},
    [12] = {"Q4_K", LARGE, 144, XP_N_TYPES, widen_q4_k},
    [13] = {"Q5_K", LARGE, 176, XP_N_TYPES, widen_q5_k},
    [14] = {"Q6_K", LARGE, 210, XP_N_TYPES, widen_q6_k},
    [15] = {"Q8_K", LARGE, 292, XP_N_TYPES, NULL},
    [16] = {"IQ2_XXS", LARGE, 66, XP_N_TYPES, NULL},
    [17] = {"IQ2_XS", LARGE, 74, XP_N_TYPES, NULL},
    [18] = {"IQ3_XXS", LARGE, 98, XP_N_TYPES, NULL},
    [19] = {"IQ1_S", LARGE, 50, XP_N_TYPES, NULL},
    [20] = {"IQ4_NL", SMALL, 18, XP_N_TYPES, widen_iq4_nl},
    [21] = {"IQ3_S", LARGE, 110, XP_N_TYPES, NULL},
    [22] = {"IQ2_S", LARGE, 82, XP_N_TYPES, NULL},
    [23] = {"IQ4_XS", LARGE, 136, XP_N_TYPES, widen_iq4_xs},
    [24] = {"I8", 1, 1, XP_I8, NULL},
    [25] = {"I16", 1, 2, XP_I16, NULL},
    [26] = {"I32", 1, 4, XP_I32, NULL},
    [27] = {"I64", 1, 8, XP_I64, NULL},
    [28] = {"F64", 1, 8, XP_F64, NULL},
    [29] = {"IQ1_M", LARGE, 56, XP_N_TYPES, NULL},
    [30] = {"BF16", 1, 2, XP_BF16, widen_bf16},
    [34] = {"TQ1_0", LARGE, 54, XP_N_TYPES, NULL},
    [35] = {"TQ2_0", LARGE, 66, XP_N_TYPES, NULL},
    [39] = {"MXFP4", SMALL, 17, XP_N_TYPES, NULL},
    [40] = {"NVFP4", 64, 36, XP_N_TYPES, NULL},
    [41] = {"Q1_0", 128, 18, XP_N_TYPES, NULL},
};

const xp_ggml *xp_ggml_find(uint32_t number) {
    return number < sizeof types / sizeof types[0] && types[number].name != NULL ? &types[number] : NULL;
}

void xp_ggml_widen(const xp_ggml *type, const unsigned char *from, size_t n_blocks, float *to) {
    for (size_t i = 0; i < n_blocks; i++) type->widen(from + i * type->bytes, to + i * type->block);
}

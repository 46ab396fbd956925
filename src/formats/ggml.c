#include "formats/ggml.h"

#include <string.h>

#include "formats/half.h"

enum { SMALL = 32, LARGE = 256 }; /* numbers of a block */

static uint16_t word(const unsigned char *p) { return (uint16_t)(p[0] | p[1] << 8); }
static float half(const unsigned char *p) { return xp_half(word(p)); }

/* ---- one number after another ---- */

static void widen_f32(const unsigned char *p, float *to) { xp_type_floats(XP_F32, p, 1, to); }
static void widen_f16(const unsigned char *p, float *to) { xp_type_floats(XP_F16, p, 1, to); }
static void widen_bf16(const unsigned char *p, float *to) { xp_type_floats(XP_BF16, p, 1, to); }

/* ---- codes: a byte for each number first, in loops that the compiler makes wide, then the scales ---- */

/* Of four bits: of each 2 * size numbers, `size` bytes hold the first half in their lower, the second in their upper bits. */
static inline void quads(size_t n, size_t size, const unsigned char *p, int8_t *code) {
    for (; n > 0; n -= 2 * size, p += size, code += 2 * size) {
        for (size_t i = 0; i < size; i++) code[i] = (int8_t)(p[i] & 15);
        for (size_t i = 0; i < size; i++) code[size + i] = (int8_t)(p[i] >> 4);
    }
}

/* Of two bits: of each 128 of 256 numbers, 32 bytes hold the first to fourth 32 in their lowest to highest bits. */
static inline void pairs(const unsigned char *p, int8_t *code) {
    for (size_t part = 0; part < 8; part++)
        for (size_t i = 0; i < 32; i++) code[32 * part + i] = (int8_t)(p[part / 4 * 32 + i] >> (part % 4 * 2) & 3);
}

/* Of one bit: 32 bytes hold the first to eighth 32 of 256 numbers in their lowest to highest bit. */
static inline void bits(const unsigned char *p, int8_t *code) {
    for (size_t part = 0; part < 8; part++)
        for (size_t i = 0; i < 32; i++) code[32 * part + i] = (int8_t)(p[i] >> part & 1);
}

/* Bits above those that are there. */
static inline void add_above(size_t n, const int8_t *above, int shift, int8_t *code) {
    for (size_t i = 0; i < n; i++) code[i] = (int8_t)(code[i] | above[i] << shift);
}

static inline void scale(size_t n, const int8_t *code, int zero, float d, float *to) {
    for (size_t i = 0; i < n; i++) to[i] = d * (float)(code[i] - zero);
}

static inline void scale_and_add(size_t n, const int8_t *code, float d, float m, float *to) {
    for (size_t i = 0; i < n; i++) to[i] = d * (float)code[i] + m;
}

/* ---- blocks of 32: a scale, perhaps what is added, and codes ---- */

static void widen_q8_0(const unsigned char *p, float *to) {
    int8_t code[SMALL];
    memcpy(code, p + 2, SMALL);
    scale(SMALL, code, 0, half(p), to);
}

static void widen_q4_0(const unsigned char *p, float *to) {
    int8_t code[SMALL];
    quads(SMALL, 16, p + 2, code);
    scale(SMALL, code, 8, half(p), to);
}

static void widen_q4_1(const unsigned char *p, float *to) {
    int8_t code[SMALL];
    quads(SMALL, 16, p + 4, code);
    scale_and_add(SMALL, code, half(p), half(p + 2), to);
}

/* The fifth bits stand apart, one for each number. */
static inline void fives(const unsigned char *bit, const unsigned char *p, int8_t *code) {
    int8_t above[SMALL];
    for (size_t i = 0; i < 4; i++) { /* eight bytes with a bit each, which becomes their highest and then their fifth */
        const uint64_t each = bit[i] * UINT64_C(0x0101010101010101) & UINT64_C(0x8040201008040201);
        const uint64_t fifth = ((each + UINT64_C(0x7f7f7f7f7f7f7f7f)) & UINT64_C(0x8080808080808080)) >> 3;
        memcpy(above + 8 * i, &fifth, sizeof fifth);
    }
    quads(SMALL, 16, p, code);
    add_above(SMALL, above, 0, code);
}

static void widen_q5_0(const unsigned char *p, float *to) {
    int8_t code[SMALL];
    fives(p + 2, p + 6, code);
    scale(SMALL, code, 16, half(p), to);
}

static void widen_q5_1(const unsigned char *p, float *to) {
    int8_t code[SMALL];
    fives(p + 4, p + 8, code);
    scale_and_add(SMALL, code, half(p), half(p + 2), to);
}

/* Codes name one of sixteen values, closer to each other around 0. */
static inline void uneven(size_t n, int8_t *code) {
    static const int8_t value[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    for (size_t i = 0; i < n; i++) code[i] = value[code[i]];
}

static void widen_iq4_nl(const unsigned char *p, float *to) {
    int8_t code[SMALL];
    quads(SMALL, 16, p + 2, code);
    uneven(SMALL, code);
    scale(SMALL, code, 0, half(p), to);
}

/* ---- blocks of 256 in 16 groups of 16 or 8 of 32, each with a scale of its own, which the block's scale multiplies ---- */

static void widen_q2_k(const unsigned char *p, float *to) {
    const float d = half(p + 80), least = half(p + 82);
    int8_t code[LARGE];
    pairs(p + 16, code);
    for (size_t k = 0; k < 16; k++)
        scale_and_add(16, code + 16 * k, d * (float)(p[k] & 15), -(least * (float)(p[k] >> 4)), to + 16 * k);
}

/* Scales of six bits in 12 bytes: the lower four bits in eight bytes, the upper two in four. */
static int scale_of_q3(const unsigned char *p, size_t k) {
    const int low = k < 8 ? p[k] & 15 : p[k - 8] >> 4, high = p[8 + k % 4] >> (k / 4 * 2) & 3;
    return (low | high << 4) - 32;
}

static void widen_q3_k(const unsigned char *p, float *to) {
    const float d = half(p + 108);
    int8_t code[LARGE], high[LARGE];
    pairs(p + 32, code);
    bits(p, high);
    add_above(LARGE, high, 2, code);
    for (size_t k = 0; k < 16; k++) scale(16, code + 16 * k, 4, d * (float)scale_of_q3(p + 96, k), to + 16 * k);
}

/* The scale and the minimum of 32 numbers of a block: eight of each, of six bits, in 12 bytes behind what both are multiplied by. Of the last four,
 * the upper two bits stand above the first four. */
static void scale_of_q4(const unsigned char *block, size_t k, float *factor, float *minimum) {
    const unsigned char *p = block + 4;
    const size_t j = k % 4;
    if (k < 4) {
        *factor = (float)(p[j] & 63);
        *minimum = (float)(p[4 + j] & 63);
    } else {
        *factor = (float)((p[8 + j] & 15) | (p[j] >> 2 & 48));
        *minimum = (float)(p[8 + j] >> 4 | (p[4 + j] >> 2 & 48));
    }
    *factor *= half(block);
    *minimum *= half(block + 2);
}

static inline void scale_q4(const unsigned char *p, const int8_t *code, float *to) {
    for (size_t k = 0; k < 8; k++) {
        float factor, minimum;
        scale_of_q4(p, k, &factor, &minimum);
        scale_and_add(32, code + 32 * k, factor, -minimum, to + 32 * k);
    }
}

static void widen_q4_k(const unsigned char *p, float *to) {
    int8_t code[LARGE];
    quads(LARGE, 32, p + 16, code);
    scale_q4(p, code, to);
}

static void widen_q5_k(const unsigned char *p, float *to) {
    int8_t code[LARGE], high[LARGE];
    quads(LARGE, 32, p + 48, code);
    bits(p + 16, high);
    add_above(LARGE, high, 4, code);
    scale_q4(p, code, to);
}

static void widen_q6_k(const unsigned char *p, float *to) {
    const float d = half(p + 208);
    int8_t code[LARGE], high[LARGE];
    quads(LARGE, 64, p, code);
    pairs(p + 128, high);
    add_above(LARGE, high, 4, code);
    for (size_t k = 0; k < 16; k++) scale(16, code + 16 * k, 32, d * (float)(int8_t)p[192 + k], to + 16 * k);
}

static void widen_iq4_xs(const unsigned char *p, float *to) {
    const float d = half(p);
    int8_t code[LARGE];
    quads(LARGE, 16, p + 8, code);
    uneven(LARGE, code);
    for (size_t k = 0; k < 8; k++) {
        const int low = p[4 + k / 2] >> (k % 2 * 4) & 15, high = word(p + 2) >> (2 * k) & 3;
        scale(32, code + 32 * k, 0, d * (float)((low | high << 4) - 32), to + 32 * k);
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
    if (type->block == 1) /* many at once */
        xp_type_floats(type->type, from, n_blocks, to);
    else
        for (size_t i = 0; i < n_blocks; i++) type->widen(from + i * type->bytes, to + i * type->block);
}

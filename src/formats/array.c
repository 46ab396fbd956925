#include "formats/array.h"

#include <stdint.h>
#include <string.h>

#include "formats/half.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the numbers are copied as they lie in the file: little-endian machines only"
#endif

size_t xp_type_size(xp_type type) {
    static const unsigned char size[XP_N_TYPES] = {
        [XP_F16] = 2, [XP_BF16] = 2, [XP_F32] = 4, [XP_F64] = 8, [XP_I8] = 1,  [XP_I16] = 2, [XP_I32] = 4,
        [XP_I64] = 8, [XP_U8] = 1,   [XP_U16] = 2, [XP_U32] = 4, [XP_U64] = 8, [XP_BOOL] = 1};
    return size[type];
}

const char *xp_type_name(xp_type type) {
    static const char *const name[XP_N_TYPES] = {
        [XP_F16] = "F16", [XP_BF16] = "BF16", [XP_F32] = "F32",  [XP_F64] = "F64", [XP_I8] = "I8",
        [XP_I16] = "I16", [XP_I32] = "I32",   [XP_I64] = "I64",  [XP_U8] = "U8",   [XP_U16] = "U16",
        [XP_U32] = "U32", [XP_U64] = "U64",   [XP_BOOL] = "BOOL"};
    return name[type];
}

void xp_type_floats(xp_type type, const unsigned char *from, size_t n, float *to) {
    if (type == XP_F32) {
        memcpy(to, from, n * sizeof *to);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint16_t bits;
        memcpy(&bits, from + i * sizeof bits, sizeof bits);
        to[i] = type == XP_F16 ? xp_half(bits) : xp_half_brain(bits);
    }
}

static double half(uint16_t bits) { return (double)xp_half(bits); }
static double brain(uint16_t bits) { return (double)xp_half_brain(bits); }

#define EACH(FROM, CONVERT)                                                                                            \
    for (size_t k = 0; k < n; k++) {                                                                                   \
        FROM x;                                                                                                        \
        memcpy(&x, from + k * step * sizeof x, sizeof x);                                                              \
        to[k] = CONVERT(x);                                                                                            \
    }                                                                                                                  \
    break

void xp_array_row(const xp_array *array, size_t row, double *to) {
    size_t n = array->width, step = array->fortran ? array->rows : 1;
    const unsigned char *from = array->data + (array->fortran ? row : row * n) * xp_type_size(array->type);
    switch (array->type) {
    case XP_F16: EACH(uint16_t, half);
    case XP_BF16: EACH(uint16_t, brain);
    case XP_F32: EACH(float, (double));
    case XP_F64: EACH(double, (double));
    case XP_I8: EACH(int8_t, (double));
    case XP_I16: EACH(int16_t, (double));
    case XP_I32: EACH(int32_t, (double));
    case XP_I64: EACH(int64_t, (double));
    case XP_BOOL: EACH(uint8_t, 0 !=);
    case XP_U8: EACH(uint8_t, (double));
    case XP_U16: EACH(uint16_t, (double));
    case XP_U32: EACH(uint32_t, (double));
    case XP_U64: EACH(uint64_t, (double));
    case XP_N_TYPES: break;
    }
}

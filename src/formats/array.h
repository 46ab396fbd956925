/* A matrix of numbers as it lies in a file: what .npy, .npz and safetensors have in common.
 *
 *     for (size_t i = 0; i < array.rows; i++) xp_array_row(&array, i, values); // width doubles
 *
 * Little-endian, rows or columns one after another. */
#ifndef XP_FORMATS_ARRAY_H
#define XP_FORMATS_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

typedef enum xp_type {
    XP_F16,
    XP_BF16,
    XP_F32,
    XP_F64,
    XP_I8,
    XP_I16,
    XP_I32,
    XP_I64,
    XP_U8,
    XP_U16,
    XP_U32,
    XP_U64,
    XP_BOOL,
    XP_N_TYPES
} xp_type;

typedef struct xp_array {
    size_t rows, width;
    xp_type type;
    bool fortran;              /* columns one after another */
    const unsigned char *data; /* perhaps not aligned */
} xp_array;

size_t xp_type_size(xp_type type);
const char *xp_type_name(xp_type type); /* "F32", as safetensors spell it */
/* n numbers of type F32, F16 or BF16, which all are floats; `from` need not be aligned. */
void xp_type_floats(xp_type type, const unsigned char *from, size_t n, float *to);

/* Also NaN and infinities, as they stand there. Integers beyond 2^53 are rounded. */
void xp_array_row(const xp_array *array, size_t row, double *values);

#endif

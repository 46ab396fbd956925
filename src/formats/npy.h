/* NumPy's .npy, versions 1 to 3: one matrix of numbers.
 *
 *     xp_npy array;
 *     if (xp_npy_open(&array, path, bytes.data, bytes.size, error) != EXPLAINT_OK) return error->code;
 *     double x = xp_npy_at(&array, i, j);           // i < rows, j < width
 *
 * Little-endian f2, f4, f8, i4, i8 and u1, two dimensions, C or Fortran order. The format:
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#ifndef XP_FORMATS_NPY_H
#define XP_FORMATS_NPY_H

#include "base/error.h"
#include "base/view.h"

typedef enum xp_npy_type { XP_NPY_F2, XP_NPY_F4, XP_NPY_F8, XP_NPY_I4, XP_NPY_I8, XP_NPY_U1 } xp_npy_type;

typedef struct xp_npy {
    size_t rows, width;
    xp_npy_type type;
    bool fortran;              /* columns one after another */
    const unsigned char *data; /* inside of the bytes given, perhaps not aligned */
} xp_npy;

bool xp_npy_is(const void *head, size_t size);

/* bytes are borrowed and outlive the array. EXPLAINT_INVALID unless the header is sound, the shape has no 0, and the
 * file holds exactly the bytes it announces. */
explaint_status xp_npy_open(xp_npy *array, const char *path, const void *bytes, size_t size, explaint_error *error);

/* Also NaN and infinities, as they stand there. Integers beyond 2^53 are rounded. */
double xp_npy_at(const xp_npy *array, size_t row, size_t column);

#endif

/* NumPy's .npy, versions 1 to 3: a matrix of numbers, or a list of words.
 *
 *     xp_array array;
 *     if (xp_npy_open(&array, path, bytes.data, bytes.size, error) != EXPLAINT_OK) return error->code;
 *     xp_array_row(&array, i, values);              // i < array.rows; array.width values
 *
 * Little-endian f2, f4, f8, i1 to i8, u1 to u8, and bool as 0 and 1; two dimensions, C or Fortran order. The format:
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#ifndef XP_FORMATS_NPY_H
#define XP_FORMATS_NPY_H

#include "base/error.h"
#include "base/strings.h"
#include "base/view.h"
#include "formats/array.h"

bool xp_npy_is(const void *head, size_t size);

/* bytes are borrowed and outlive the array. EXPLAINT_INVALID unless the header is sound, the shape has no 0, and the
 * file holds exactly the bytes it announces. */
explaint_status xp_npy_open(xp_array *array, const char *path, const void *bytes, size_t size, explaint_error *error);

/* The same of one dimension, as an array of one row. */
explaint_status xp_npy_open_row(xp_array *array, const char *path, const void *bytes, size_t size,
                                explaint_error *error);

/* A list of texts: one dimension of <U or |S. Each is appended to `words` as UTF-8, behind it a 0; trailing zeros, with
 * which NumPy fills, are no part of a word. *count becomes their number. */
explaint_status xp_npy_words(xp_text *words, size_t *count, const char *path, const void *bytes, size_t size,
                             explaint_error *error);

/* What an array would be, from its header alone: XP_NPY_MATRIX for two dimensions of numbers that are read here,
 * XP_NPY_BOOLS for two of bool, which beside a matrix of numbers are a mask of it, XP_NPY_ROW for one dimension, XP_NPY_OBJECTS
 * for a pickle inside. */
typedef enum xp_npy_kind {
    XP_NPY_OTHER,
    XP_NPY_MATRIX,
    XP_NPY_BOOLS,
    XP_NPY_ROW,
    XP_NPY_WORDS,
    XP_NPY_OBJECTS
} xp_npy_kind;
xp_npy_kind xp_npy_what(const void *bytes, size_t size);

#endif

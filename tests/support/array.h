/* One number of an array from a file. */
#ifndef XP_TESTS_SUPPORT_ARRAY_H
#define XP_TESTS_SUPPORT_ARRAY_H

#include <stdlib.h>

#include "formats/array.h"

static inline double array_at(const xp_array *array, size_t row, size_t column) {
    double *values = malloc(array->width * sizeof *values); /* so that a step too far is seen */
    xp_array_row(array, row, values);
    double value = values[column];
    free(values);
    return value;
}

#endif

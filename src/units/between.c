#include "units/between.h"

#include <stdio.h>

#include "units/arrays.h"

static const float MOST = 1.001F; /* a sum of parts of 1, rounded */

enum { ARRAYS = 2, SENTENCE = 160 };

static size_t describe(const xp_units_between *b, xp_units_array array[ARRAYS], char holds[SENTENCE]) {
    snprintf(holds, SENTENCE, "attention between the words of texts %zu to %zu: directions x layers x heads", b->first,
             b->first + b->n_texts - 1);
    array[0] = (xp_units_array){"value", "F32", 2, {b->n_texts, b->n}, b->value};
    array[1] = (xp_units_array){"damaged", "F32", 3, {b->n_texts, b->draws, b->n}, b->damaged};
    return b->damaged != NULL ? ARRAYS : 1;
}

bool xp_units_between_pack(const xp_units_between *b, void **bytes, size_t *size) {
    char holds[SENTENCE];
    xp_units_array array[ARRAYS];
    const size_t n = describe(b, array, holds);
    return xp_units_pack(holds, array, n, bytes, size);
}

static bool are_shares(const float *value, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(value[i] >= 0 && value[i] <= MOST)) return false;
    return true;
}

bool xp_units_between_unpack(xp_units_between *b, const void *bytes, size_t size) {
    char holds[SENTENCE];
    xp_units_array array[ARRAYS];
    const size_t n = describe(b, array, holds), all = b->n_texts * b->n;
    return xp_units_unpack(holds, array, n, bytes, size) && are_shares(b->value, all) &&
           (b->damaged == NULL || are_shares(b->damaged, b->draws * all));
}

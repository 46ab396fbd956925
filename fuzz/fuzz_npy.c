/* Arrays. The law: an array that opens can be read at every place, and a list of words has as many as it says. */
#include <stdint.h>
#include <stdlib.h>

#include "formats/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    explaint_error error = {0};
    xp_array array;
    xp_text words = {0};
    size_t count = 0;
    if (xp_npy_words(&words, &count, "fuzz.npy", data, size, &error) == EXPLAINT_OK) {
        for (size_t i = 0; i < words.length; i++) count -= words.data[i] == 0;
        if (count != 0 || xp_npy_what(data, size) != XP_NPY_WORDS) abort();
    }
    xp_text_free(&words);
    if (xp_npy_open(&array, "fuzz.npy", data, size, &error) != EXPLAINT_OK) {
        if (error.code != EXPLAINT_INVALID || error.message[0] == 0) abort();
        return 0;
    }
    if (xp_npy_what(data, size) != XP_NPY_MATRIX) abort();
    if (array.rows == 0 || array.width == 0 || array.data < data || array.data > data + size) abort();
    double *row = malloc(array.width * sizeof *row), sum = 0;
    for (size_t i = 0; i < array.rows; i++) {
        xp_array_row(&array, i, row);
        sum += row[array.width - 1];
    }
    free(row);
    volatile double keep = sum; /* the numbers were read */
    (void)keep;
    return 0;
}

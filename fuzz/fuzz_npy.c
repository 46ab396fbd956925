/* Arrays. The law: an array that opens can be read at every place. */
#include <stdint.h>
#include <stdlib.h>

#include "formats/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    explaint_error error = {0};
    xp_npy array;
    if (xp_npy_open(&array, "fuzz.npy", data, size, &error) != EXPLAINT_OK) {
        if (error.code != EXPLAINT_INVALID || error.message[0] == 0) abort();
        return 0;
    }
    if (array.rows == 0 || array.width == 0 || array.data < data || array.data > data + size) abort();
    double sum = 0;
    for (size_t i = 0; i < array.rows; i++)
        for (size_t k = 0; k < array.width; k++) sum += xp_npy_at(&array, i, k);
    volatile double keep = sum; /* the numbers were read */
    (void)keep;
    return 0;
}

/* safetensors. The laws: the tensors of a file that opens cover its data without overlap, each is as large as its shape
 * says, and every matrix can be read at every place. */
#include <stdint.h>
#include <stdlib.h>

#include "formats/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static double sum_matrix(const xp_array *array) {
    double *row = malloc(array->width * sizeof *row), sum = 0;
    if (row == NULL) abort();
    for (size_t i = 0; i < array->rows; i++) {
        xp_array_row(array, i, row);
        sum += row[array->width - 1];
    }
    free(row);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    explaint_error error = {0};
    xp_safetensors *file;
    if (xp_safetensors_open("fuzz.safetensors", data, size, &file, &error) != EXPLAINT_OK) {
        if (error.code != EXPLAINT_INVALID || error.message[0] == 0 || file != NULL) abort();
        return 0;
    }
    volatile double keep = 0; /* the numbers were read */
    const unsigned char *at = NULL;
    for (size_t i = 0; i < xp_safetensors_n(file); i++) {
        const xp_tensor *t = xp_safetensors_tensor(file, i);
        if (at != NULL && t->data != at) abort();
        if (t->size > size || t->data < data || t->data > data + size - t->size) abort();
        if (xp_safetensors_find(file, t->name) != t) abort();
        at = t->data + t->size;
        size_t cells = 1;
        for (size_t k = 0; k < t->n_dimensions; k++) cells *= t->shape[k];
        if (cells == 0 ? t->size != 0 : t->size % cells != 0) abort();
        xp_array array;
        if (xp_tensor_matrix(t, &array)) keep = keep + sum_matrix(&array);
    }
    if (at != NULL && at != data + size) abort();
    (void)xp_safetensors_metadata(file, "format");
    xp_safetensors_close(file);
    return 0;
}

/* .npz. The laws: a matrix that opens can be read at every place, and a list of words has its words. */
#include <stdint.h>
#include <stdlib.h>

#include "formats/npz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_npz_matrix(const xp_array *array) {
    double *row = malloc(array->width * sizeof *row);
    volatile double sum = 0; /* the numbers were read */
    if (row == NULL) abort();
    for (size_t i = 0; i < array->rows; i++) {
        xp_array_row(array, i, row);
        sum = sum + row[array->width - 1];
    }
    free(row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    explaint_error error = {0};
    xp_npz *npz;
    if (xp_npz_open("fuzz.npz", data, size, &npz, &error) != EXPLAINT_OK) {
        if (error.message[0] == 0 || npz != NULL) abort();
        return 0;
    }
    xp_array array;
    if (xp_npz_matrix(npz, NULL, &array, &error) == EXPLAINT_OK)
        read_npz_matrix(&array);
    else if (error.message[0] == 0)
        abort();
    xp_wordlist list = {0};
    if (xp_npz_words(npz, &list, &error) == EXPLAINT_OK)
        for (size_t i = 0; i < list.count; i++)
            if (list.word[i].data[list.word[i].length] != 0) abort();
    xp_wordlist_free(&list);
    if (xp_npz_is_words(npz) && xp_npz_rows(npz, &array, &list, &error) == EXPLAINT_OK) {
        if (list.count != array.rows) abort();
        read_npz_matrix(&array);
    }
    xp_wordlist_free(&list);
    xp_npz_close(npz);
    return 0;
}

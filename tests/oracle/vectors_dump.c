/* vectors_dump FILE WORDS TENSOR THREADS ("" for none): every word of a vector file and its doubles, as bytes: two sizes,
 * then for each word its bytes, a 0 and the doubles. check_vectors.py compares them with what it wrote. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explaint/vectors.h"

int main(int count, char **argument) {
    if (count != 5) return 2;
    explaint_vectors *v = NULL;
    explaint_error error = {0};
    explaint_vectors_options options = {.words = *argument[2] != 0 ? argument[2] : NULL,
                                        .tensor = *argument[3] != 0 ? argument[3] : NULL,
                                        .threads = (unsigned)strtoul(argument[4], NULL, 10)};
    explaint_status status = explaint_vectors_open(argument[1], NULL, &options, &v, &error);
    if (status != EXPLAINT_OK) {
        fprintf(stderr, "%s\n", error.message);
        return (int)status;
    }
    uint64_t size[2] = {explaint_vectors_n_kept(v), explaint_vectors_width(v)};
    fwrite(size, sizeof size, 1, stdout);
    for (size_t i = 0; i < size[0]; i++) {
        const char *word = explaint_vectors_word(v, i);
        fwrite(word, 1, strlen(word) + 1, stdout);
        fwrite(explaint_vectors_of_word(v, i), sizeof(double), size[1], stdout);
    }
    fprintf(stderr, "%s\n", explaint_vectors_sha256(v));
    for (size_t i = 0; i < explaint_vectors_n_notes(v); i++) fprintf(stderr, "%s\n", explaint_vectors_note(v, i));
    explaint_vectors_close(v);
    return fflush(stdout) != 0;
}

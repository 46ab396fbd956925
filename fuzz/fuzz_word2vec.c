/* word2vec's .bin. The laws: what is read is finite, and a file is refused or not whether its words are wanted or not. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/word2vec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static explaint_status read_binary_words(const uint8_t *data, size_t size, const xp_wanted *wanted, xp_kept *kept) {
    explaint_error error = {0};
    xp_stream *stream;
    *kept = (xp_kept){0};
    explaint_status status = xp_stream_open_memory("fuzz.bin", data, size, &stream, &error);
    if (status != EXPLAINT_OK) return status;
    const unsigned char *head;
    size_t length = xp_stream_head(stream, &head);
    (void)xp_word2vec_is(head, length);
    if (!xp_kept_begin(kept, wanted)) abort();
    status = xp_word2vec_read(stream, kept, &error);
    if (status != EXPLAINT_OK && error.message[0] == 0) abort();
    for (size_t i = 0; i < kept->n && status == EXPLAINT_OK; i++) {
        if (kept->word[i].data[kept->word[i].length] != 0) abort();
        for (size_t k = 0; k < kept->width; k++)
            if (!isfinite(kept->row[i][k])) abort();
    }
    xp_stream_close(stream);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    xp_kept all, none;
    xp_wanted nothing;
    if (!xp_wanted_begin(&nothing, 1)) abort();
    explaint_status status = read_binary_words(data, size, NULL, &all);
    if (read_binary_words(data, size, &nothing, &none) != status) abort();
    if (status == EXPLAINT_OK && (all.n_words != none.n_words || all.n > all.n_words || all.n == 0)) abort();
    xp_kept_free(&all);
    xp_kept_free(&none);
    xp_wanted_free(&nothing);
    return 0;
}

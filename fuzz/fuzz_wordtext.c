/* Word vectors in text, read three times: with every word kept, in one block and in tiny ones, and with none wanted. The
 * laws: blocks change nothing, and rows that nobody wants are checked as the others are. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/wordtext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static explaint_status read_text_words(const uint8_t *data, size_t size, const xp_wanted *wanted, size_t block,
                                       xp_kept *kept) {
    explaint_error error = {0};
    xp_stream *stream;
    *kept = (xp_kept){0};
    explaint_status status = xp_stream_open_memory("fuzz.txt", data, size, &stream, &error);
    if (status != EXPLAINT_OK) return status;
    xp_wordtext_options options = {.block = block};
    if (!xp_kept_begin(kept, wanted)) abort();
    status = xp_wordtext_read(stream, &options, kept, &error);
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
    xp_kept all, tiny, none;
    xp_wanted nothing;
    if (!xp_wanted_begin(&nothing, 1)) abort();
    explaint_status status = read_text_words(data, size, NULL, 0, &all);
    if (read_text_words(data, size, NULL, 16, &tiny) != status ||
        read_text_words(data, size, &nothing, 0, &none) != status)
        abort();
    if (status == EXPLAINT_OK) {
        if (all.n_words != none.n_words || all.n_words != tiny.n_words || all.n != tiny.n) abort();
        for (size_t i = 0; i < all.n; i++)
            if (memcmp(all.row[i], tiny.row[i], all.width * sizeof **all.row) != 0 || all.place[i] != tiny.place[i])
                abort();
    }
    xp_kept_free(&all);
    xp_kept_free(&tiny);
    xp_kept_free(&none);
    xp_wanted_free(&nothing);
    return 0;
}

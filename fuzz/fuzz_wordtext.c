/* Word vectors in text, read three times: with every word kept, in one block and in tiny ones, and with none wanted. The
 * laws: blocks change nothing, and rows that nobody wants are checked as the others are. */
#include <string.h>

#include "formats/wordtext.h"
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static explaint_status read_text(xp_stream *stream, const void *how, xp_word_rows *kept, explaint_error *error) {
    return xp_wordtext_read(stream, how, kept, error);
}

static explaint_status read_text_words(const uint8_t *data, size_t size, const xp_wanted *wanted, size_t block,
                                       xp_word_rows *kept) {
    const xp_wordtext_options options = {.block = block};
    return fuzz_read_words("fuzz.txt", data, size, read_text, &options, wanted, kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    xp_word_rows all, tiny, none;
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
    xp_word_rows_free(&all);
    xp_word_rows_free(&tiny);
    xp_word_rows_free(&none);
    xp_wanted_free(&nothing);
    return 0;
}

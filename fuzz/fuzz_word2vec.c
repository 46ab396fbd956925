/* word2vec's .bin. The law: a file is refused or not whether its words are wanted or not. */
#include "formats/word2vec.h"
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static explaint_status read_binary(xp_stream *stream, const void *how, xp_word_rows *kept, explaint_error *error) {
    (void)how;
    const unsigned char *head;
    size_t length = xp_stream_head(stream, &head);
    (void)xp_word2vec_is(head, length);
    return xp_word2vec_read(stream, kept, error);
}

static explaint_status read_binary_words(const uint8_t *data, size_t size, const xp_wanted *wanted,
                                         xp_word_rows *kept) {
    return fuzz_read_words("fuzz.bin", data, size, read_binary, NULL, wanted, kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    xp_word_rows all, none;
    xp_wanted nothing;
    if (!xp_wanted_begin(&nothing, 1)) abort();
    explaint_status status = read_binary_words(data, size, NULL, &all);
    if (read_binary_words(data, size, &nothing, &none) != status) abort();
    if (status == EXPLAINT_OK && (all.n_words != none.n_words || all.n > all.n_words || all.n == 0)) abort();
    xp_word_rows_free(&all);
    xp_word_rows_free(&none);
    xp_wanted_free(&nothing);
    return 0;
}

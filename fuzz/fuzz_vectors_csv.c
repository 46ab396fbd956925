/* Vectors from a table. The laws: a file is refused or not whether its words are wanted or not, and a layer that is chosen has no
 * more rows than there are. */
#include "norms/vectors_table.h"
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static explaint_status read_table(xp_stream *stream, const void *layer, xp_word_rows *kept, explaint_error *error) {
    char sha256[XP_SHA256_TEXT];
    const unsigned char *head;
    size_t length = xp_stream_head(stream, &head);
    (void)xp_vectors_is_table(head, length);
    return xp_vectors_read_table(stream, layer, kept, sha256, error);
}

static explaint_status read_table_words(const uint8_t *data, size_t size, const xp_wanted *wanted, const char *layer,
                                        xp_word_rows *kept) {
    return fuzz_read_words("fuzz.csv", data, size, read_table, layer, wanted, kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    xp_word_rows all, none, layer;
    xp_wanted nothing = {0};
    if (!xp_wanted_begin(&nothing, 1)) abort();
    explaint_status status = read_table_words(data, size, NULL, NULL, &all);
    if (read_table_words(data, size, &nothing, NULL, &none) != status) abort();
    if (status == EXPLAINT_OK && (all.n_words != none.n_words || all.n > all.n_words || all.width == 0)) abort();
    if (read_table_words(data, size, NULL, "layer.3", &layer) == EXPLAINT_OK && status == EXPLAINT_OK &&
        layer.n_words > all.n_words)
        abort();
    xp_word_rows_free(&all);
    xp_word_rows_free(&none);
    xp_word_rows_free(&layer);
    xp_wanted_free(&nothing);
    return 0;
}

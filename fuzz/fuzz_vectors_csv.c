/* Vectors from a table. The laws: what is read is finite, a file is refused or not whether its words are wanted or not, and a layer
 * that is chosen has no more rows than there are. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "norms/vectors_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static explaint_status read_table_words(const uint8_t *data, size_t size, const xp_wanted *wanted, const char *layer,
                                        xp_kept *kept) {
    explaint_error error = {0};
    xp_stream *stream;
    char sha256[XP_SHA256_TEXT];
    *kept = (xp_kept){0};
    explaint_status status = xp_stream_open_memory("fuzz.csv", data, size, &stream, &error);
    if (status != EXPLAINT_OK) return status;
    const unsigned char *head;
    size_t length = xp_stream_head(stream, &head);
    (void)xp_vectors_is_table(head, length);
    if (!xp_kept_begin(kept, wanted)) abort();
    status = xp_vectors_read_table(stream, layer, kept, sha256, &error);
    if (status != EXPLAINT_OK && error.message[0] == 0) abort();
    for (size_t i = 0; i < kept->n && status == EXPLAINT_OK && kept->all; i++) {
        if (kept->word[i].data[kept->word[i].length] != 0) abort();
        for (size_t k = 0; k < kept->width; k++)
            if (!isfinite(kept->row[i][k])) abort();
    }
    xp_stream_close(stream);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    xp_kept all, none, layer;
    xp_wanted nothing = {0};
    if (!xp_wanted_begin(&nothing, 1)) abort();
    explaint_status status = read_table_words(data, size, NULL, NULL, &all);
    if (read_table_words(data, size, &nothing, NULL, &none) != status) abort();
    if (status == EXPLAINT_OK && (all.n_words != none.n_words || all.n > all.n_words || all.width == 0)) abort();
    if (read_table_words(data, size, NULL, "layer.3", &layer) == EXPLAINT_OK && status == EXPLAINT_OK &&
        layer.n_words > all.n_words)
        abort();
    xp_kept_free(&all);
    xp_kept_free(&none);
    xp_kept_free(&layer);
    xp_wanted_free(&nothing);
    return 0;
}

/* What every reader of word vectors must keep to: an error says something, a word ends with a 0, and what is read is finite. */
#ifndef XP_FUZZ_WORDS_H
#define XP_FUZZ_WORDS_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/file.h"
#include "formats/word_rows.h"

typedef explaint_status fuzz_reader(xp_stream *stream, const void *how, xp_word_rows *kept, explaint_error *error);

/* name: its ending says of what kind a file is. wanted NULL: every word is kept. how: handed on to the reader. */
static inline explaint_status fuzz_read_words(const char *name, const uint8_t *data, size_t size, fuzz_reader *read,
                                              const void *how, const xp_wanted *wanted, xp_word_rows *kept) {
    explaint_error error = {0};
    xp_stream *stream;
    *kept = (xp_word_rows){0};
    explaint_status status = xp_stream_open_memory(name, data, size, &stream, &error);
    if (status != EXPLAINT_OK) return status;
    if (!xp_word_rows_begin(kept, wanted)) abort();
    status = read(stream, how, kept, &error);
    if (status != EXPLAINT_OK && error.message[0] == 0) abort();
    for (size_t i = 0; i < kept->n && status == EXPLAINT_OK && kept->all; i++) {
        if (kept->word[i].data[kept->word[i].length] != 0) abort();
        for (size_t k = 0; k < kept->width; k++)
            if (!isfinite(kept->row[i][k])) abort();
    }
    xp_stream_close(stream);
    return status;
}

#endif

/* Word vectors in text, read twice: with every word wanted, and with none. The law: the automaton over unwanted rows and
 * the conversion of wanted ones agree about what is valid, and how many words there are. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/wordtext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N_WANTED 7

/* Every word is wanted, as one of seven; or none is. */
static size_t lookup_any(void *context, const char *word, size_t length) {
    size_t hash = 0;
    for (size_t i = 0; i < length; i++) hash = 31 * hash + (unsigned char)word[i];
    return *(const int *)context != 0 ? hash % N_WANTED : XP_NOT_WANTED;
}

static explaint_status read_words(const uint8_t *data, size_t size, int wanted, size_t *n_words) {
    explaint_error error = {0};
    xp_stream *stream;
    explaint_status status = xp_stream_open_memory("fuzz.txt", data, size, &stream, &error);
    if (status != EXPLAINT_OK) return status;
    xp_wordtext_caller caller = {.n_wanted = N_WANTED, .lookup = lookup_any, .context = &wanted};
    xp_wordtext read;
    status = xp_wordtext_read(stream, &caller, &read, &error);
    if (status == EXPLAINT_OK) {
        *n_words = read.n_words;
        for (size_t i = 0; i < read.n_rows * read.width; i++)
            if (!isfinite(read.values[i])) abort();
        for (size_t w = 0; w < N_WANTED; w++)
            if (read.row[w] != XP_NO_ROW && read.row[w] >= read.n_rows) abort();
        xp_wordtext_free(&read);
    } else if (error.message[0] == 0) {
        abort();
    }
    xp_stream_close(stream);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t all = 0, none = 0;
    if (read_words(data, size, 1, &all) != read_words(data, size, 0, &none) || all != none) abort();
    return 0;
}

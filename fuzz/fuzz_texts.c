/* Texts from a file; the first byte says what it is called. The laws: each is UTF-8, ends with a 0, and lines put together
 * again are the file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/encoding.h"
#include "text/texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) return 0;
    const char *const name = data[0] == 'j'   ? "t.json"
                             : data[0] == 'l' ? "t.jsonl"
                             : data[0] == 'c' ? "t.csv"
                                              : "t.txt";
    const bool lines = strcmp(name, "t.txt") == 0;
    explaint_error error = {0};
    explaint_texts *texts = NULL;
    xp_bytes bytes = {.data = xp_alloc(size, 1), .size = size - 1};
    if (bytes.data == NULL) abort();
    memcpy(bytes.data, data + 1, size - 1);
    bytes.data[size - 1] = 0;
    explaint_status status = xp_texts_read(name, &bytes, &texts, &error);
    if (status != EXPLAINT_OK) {
        if (error.message[0] == 0 || texts != NULL) abort();
    } else {
        if (explaint_texts_n(texts) == 0) abort();
        size_t total = 0, length;
        for (size_t i = 0; i < explaint_texts_n(texts); i++) {
            const char *text = explaint_texts_text(texts, i, &length);
            if (text[length] != 0 || strlen(text) != length || xp_encoding_invalid(text, length) != length) abort();
            if (lines && memchr(text, '\n', length) != NULL) abort();
            total += length + 1;
        }
        if (lines && total > bytes.size + 1) abort(); /* less: CRLF */
    }
    explaint_texts_close(texts);
    xp_bytes_free(&bytes);
    return 0;
}

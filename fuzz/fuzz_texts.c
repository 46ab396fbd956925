/* Texts from a file; the first byte says whether it is called .json. The laws: each is UTF-8, ends with a 0, and lines put
 * together again are the file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/encoding.h"
#include "text/texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) return 0;
    const bool json = data[0] == 'j';
    explaint_error error = {0};
    explaint_texts *texts = NULL;
    xp_bytes bytes = {.data = xp_alloc(size, 1), .size = size - 1};
    if (bytes.data == NULL) abort();
    memcpy(bytes.data, data + 1, size - 1);
    bytes.data[size - 1] = 0;
    explaint_status status = xp_texts_read(json ? "t.json" : "t.txt", &bytes, &texts, &error);
    if (status != EXPLAINT_OK) {
        if (error.message[0] == 0 || texts != NULL) abort();
    } else {
        if (explaint_texts_n(texts) == 0) abort();
        size_t total = 0, length;
        for (size_t i = 0; i < explaint_texts_n(texts); i++) {
            const char *text = explaint_texts_text(texts, i, &length);
            if (text[length] != 0 || strlen(text) != length || xp_encoding_invalid(text, length) != length) abort();
            if (!json && memchr(text, '\n', length) != NULL) abort();
            total += length + 1;
        }
        if (!json && total > bytes.size + 1) abort(); /* less: CRLF */
    }
    explaint_texts_close(texts);
    xp_bytes_free(&bytes);
    return 0;
}

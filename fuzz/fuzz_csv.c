/* Tables. The laws: every row has the header's width, views lie inside of the buffer, lines never go back, rows that were
 * looked at are read as the same rows; and text that decodes is UTF-8 without NUL. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/csv.h"
#include "formats/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    explaint_error error = {0};
    xp_strings notes = {0};
    xp_bytes bytes = {.data = xp_strndup((const char *)data, size), .size = size};
    if (bytes.data == NULL) return 0;
    if (size > 0 && xp_encoding_decode("fuzz.csv", &bytes, &notes, &error) == EXPLAINT_OK) {
        if (xp_encoding_invalid(bytes.data, bytes.size) != bytes.size || memchr(bytes.data, 0, bytes.size) != NULL)
            abort();
        xp_csv csv;
        if (xp_csv_open(&csv, "fuzz.csv", bytes.data, bytes.size, &error) == EXPLAINT_OK) {
            bool more = true;
            size_t line = 0, total = 0, looked = 0, read = 0, last = 0;
            xp_csv_look(&csv);
            while (xp_csv_next(&csv, &more, &error) == EXPLAINT_OK && more) {
                looked++;
                last = csv.line;
            }
            xp_csv_rewind(&csv);
            while (xp_csv_next(&csv, &more, &error) == EXPLAINT_OK && more) {
                if (csv.line <= line) abort();
                line = csv.line;
                read++;
                for (size_t k = 0; k < csv.width; k++) {
                    xp_view text = csv.cell[k].text;
                    if (text.data < bytes.data || text.data + text.length > bytes.data + bytes.size) abort();
                    for (size_t i = 0; i < text.length; i++) total += (unsigned char)text.data[i];
                }
            }
            if (read != looked || line != last) abort();
            if (total == SIZE_MAX) abort(); /* the bytes were read */
            xp_csv_close(&csv);
        }
    }
    xp_strings_free(&notes);
    xp_bytes_free(&bytes);
    return 0;
}

/* Streams, plain and gzip. The law: what is read in pieces of any size is what is read at once. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) return 0;
    size_t piece = 1 + data[0] % 61, got = 1, at = 0;
    explaint_error error = {0};
    xp_stream *stream;
    xp_bytes bytes = {0};
    data++;
    size--;
    explaint_status whole = xp_stream_open_memory("fuzz.gz", data, size, &stream, &error);
    if (whole == EXPLAINT_OK) whole = xp_stream_all(stream, (size_t)16 << 20, &bytes, &error);
    xp_stream_close(stream);
    if (whole != EXPLAINT_OK && error.message[0] == 0) abort();
    if (whole == EXPLAINT_OK) {
        if (xp_stream_open_memory("fuzz.gz", data, size, &stream, &error) != EXPLAINT_OK) abort();
        while (got > 0) {
            char buffer[64];
            if (xp_stream_read(stream, buffer, piece, &got, &error) != EXPLAINT_OK) abort();
            if (got > piece || got > bytes.size - at || memcmp(buffer, bytes.data + at, got) != 0) abort();
            at += got;
        }
        if (at != bytes.size) abort();
        xp_stream_close(stream);
    }
    xp_bytes_free(&bytes);
    return 0;
}

/* Formats whose first bytes are no fixed ones: each is recognised here, and read in a file of its own. */
#include <string.h>

#include "formats/number.h"
#include "formats/safetensors.h"
#include "formats/torch.h"
#include "formats/word2vec.h"

bool xp_safetensors_is(const void *head, size_t size) {
    const unsigned char *p = head;
    return size >= 9 && p[8] == '{' && p[7] == 0 && p[6] == 0;
}

static const char magic[] = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"; /* the first pickle's number */

bool xp_torch_is_stream(const void *head, size_t size) {
    /* Behind the protocol, and perhaps a frame and the instruction for a long integer. */
    return memmem(head, size < 32 ? size : 32, magic, sizeof magic - 1) != NULL;
}

/* "count width": the bytes of the line with its end, or 0. */
size_t xp_word2vec_header(const char *text, size_t size, size_t *count, size_t *width) {
    const char *end = memchr(text, '\n', size < 64 ? size : 64);
    if (end == NULL) return 0;
    xp_view line = xp_view_trim((xp_view){text, (size_t)(end - text)});
    if (line.length > 0 && line.data[line.length - 1] == '\r') line.length--;
    const char *space = memchr(line.data, ' ', line.length);
    if (space == NULL) return 0;
    xp_view first = {line.data, (size_t)(space - line.data)};
    xp_view second = xp_view_trim((xp_view){space, line.length - first.length});
    return xp_number_count(first, count) && xp_number_count(second, width) ? (size_t)(end - text) + 1 : 0;
}

static bool ends_in_number(xp_view line) {
    while (line.length > 0 && (line.data[line.length - 1] == '\r' || line.data[line.length - 1] == ' ')) line.length--;
    size_t from = line.length;
    while (from > 0 && line.data[from - 1] != ' ' && line.data[from - 1] != '\t') from--;
    double value;
    return xp_number_read((xp_view){line.data + from, line.length - from}, &value) != XP_NUMBER_NONE;
}

bool xp_word2vec_is(const void *head, size_t size) {
    const char *text = head, *end = text + size;
    size_t count, width, header = xp_word2vec_header(text, size, &count, &width);
    if (header == 0 || width == 0 || width > XP_WORD2VEC_WIDEST) return false;
    const char *space = memchr(text + header, ' ', size - header);
    if (space == NULL) return false;
    const char *stop = memchr(space, '\n', (size_t)(end - space));
    if (stop != NULL && ends_in_number((xp_view){space, (size_t)(stop - space)})) return false; /* a row of text */
    size_t window = (size_t)(end - space - 1) < 4 * width ? (size_t)(end - space - 1) : 4 * width;
    for (size_t i = 1; i <= window; i++) {
        unsigned char c = (unsigned char)space[i];
        if (c >= 0x80 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r')) return true;
    }
    return false;
}

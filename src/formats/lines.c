#include "formats/lines.h"

#include <string.h>

#include "base/memory.h"

static bool reserve(char **data, size_t *capacity, size_t size) {
    if (size <= *capacity) return true;
    char *grown = xp_realloc(*data, size, 1);
    if (grown == NULL) return false;
    *data = grown;
    *capacity = size;
    return true;
}

static size_t count_lines(const char *from, const char *end) {
    size_t count = 0;
    while (from < end && (from = memchr(from, '\n', (size_t)(end - from))) != NULL) count++, from++;
    return count;
}

/* What is behind the last line end waits for the next call. */
static bool cut(xp_lines *lines, xp_block *block, size_t whole) {
    lines->rest_size = block->size - whole;
    if (!reserve(&lines->rest, &lines->rest_capacity, lines->rest_size)) return false;
    if (lines->rest_size > 0) memcpy(lines->rest, block->text + whole, lines->rest_size);
    block->size = whole;
    return true;
}

static explaint_status no_memory(xp_block *block, explaint_error *error) {
    block->size = 0;
    return xp_no_memory(error, "a block of a vector file");
}

explaint_status xp_lines_read(xp_lines *lines, xp_block *block, size_t bytes, size_t n_lines, explaint_error *error) {
    size_t whole = 0, n = 0; /* bytes up to the last line end, and its number */
    explaint_status status = EXPLAINT_OK;
    block->size = lines->rest_size;
    if (!reserve(&block->text, &block->capacity, bytes + lines->rest_size + XP_BLOCK_PAD))
        return no_memory(block, error);
    if (lines->rest_size > 0) memcpy(block->text, lines->rest, lines->rest_size);
    while (!lines->ended && (block->size < bytes || whole == 0 || n < n_lines)) {
        if (block->size - whole > XP_LINE_LIMIT) {
            lines->ended = true;
            break;
        }
        size_t room = block->size < bytes ? bytes - block->size : bytes, got;
        if (!reserve(&block->text, &block->capacity, block->size + room + XP_BLOCK_PAD)) return no_memory(block, error);
        char *from = block->text + block->size;
        status = xp_stream_read(lines->stream, from, room, &got, error);
        if (status != EXPLAINT_OK) break;
        lines->ended = got == 0;
        const char *last = memrchr(from, '\n', got);
        if (last != NULL) whole = (size_t)(last - block->text) + 1;
        if (n < n_lines) n += count_lines(from, from + got);
        block->size += got;
    }
    if (!lines->ended && !cut(lines, block, whole)) return no_memory(block, error);
    memset(block->text + block->size, 0, XP_BLOCK_PAD);
    return status;
}

void xp_lines_free(xp_lines *lines) {
    xp_free(lines->rest);
    *lines = (xp_lines){.stream = lines->stream};
}

void xp_block_free(xp_block *block) {
    xp_free(block->text);
    *block = (xp_block){0};
}

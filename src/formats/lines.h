/* A stream in blocks of whole lines, so that several threads may work on one file.
 *
 *     xp_lines lines = {.stream = stream};
 *     xp_block block = {0};
 *     do {
 *         if (xp_lines_read(&lines, &block, (size_t)1 << 20, 0, error) != EXPLAINT_OK) ...
 *         ... block.text, block.size: lines with their ends, but perhaps for the last line of the file ...
 *     } while (!lines.ended);
 *     xp_lines_free(&lines), xp_block_free(&block); */
#ifndef XP_FORMATS_LINES_H
#define XP_FORMATS_LINES_H

#include <stdbool.h>

#include "formats/file.h"

/* A line of 65,536 numbers of 24 characters is 1.6 MB. What is longer is no vector but a binary file. */
#define XP_LINE_LIMIT ((size_t)4 << 20)

#define XP_BLOCK_PAD 32 /* zero bytes behind a block's text */

typedef struct xp_block {
    char *text;
    size_t size, capacity;
} xp_block;

typedef struct xp_lines {
    xp_stream *stream;
    char *rest; /* of the last line read, whose end is not read yet */
    size_t rest_size, rest_capacity;
    bool ended;
} xp_lines;

/* The next lines: about `bytes` of them, and at least n_lines if the file has as many. A line beyond XP_LINE_LIMIT ends
 * the reading: it is the last of the block, perhaps not whole. After a failed read the block holds the lines before it. */
explaint_status xp_lines_read(xp_lines *lines, xp_block *block, size_t bytes, size_t n_lines, explaint_error *error);
void xp_lines_free(xp_lines *lines);
void xp_block_free(xp_block *block);

#endif

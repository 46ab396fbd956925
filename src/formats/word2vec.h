/* word2vec's .bin: a line "count width", then for each word its bytes, a space, and width little-endian fp32, perhaps
 * with a line end behind them.
 *
 *     xp_word_rows kept;
 *     if (!xp_word_rows_begin(&kept, &wanted)) return xp_no_memory(error, "word vectors");
 *     if (xp_word2vec_read(stream, &kept, error) != EXPLAINT_OK) return error->code;
 *     ... kept.row[w] is the vector of wanted word w, or NULL ...
 *     xp_word_rows_free(&kept);
 *
 * Streamed: three million words of 300 numbers (3.6 GB) cost their reading. Every number is checked, wanted or not. A
 * word may hold any byte; one that is not UTF-8 is read as Latin-1. A word with blanks ends where the rows behind it are
 * rows, and a file whose rows are none is refused.
 *
 * The format: distance.c and word2vec.c of the original program. Some writers end a record with a line end, others do
 * not; so one in front of a word is no part of it. */
#ifndef XP_FORMATS_WORD2VEC_H
#define XP_FORMATS_WORD2VEC_H

#include "formats/file.h"
#include "formats/word_rows.h"

/* By the first bytes of a file (xp_stream_head): after "count width" comes what no text holds. */
bool xp_word2vec_is(const void *head, size_t size);

#define XP_WORD2VEC_WIDEST ((size_t)1 << 22)
/* The first line, "count width": its bytes with its end, or 0. (heads.c) */
size_t xp_word2vec_header(const char *text, size_t size, size_t *count, size_t *width);

/* Reads to the end of the stream. After a failure kept has to be freed all the same. */
explaint_status xp_word2vec_read(xp_stream *stream, xp_word_rows *kept, explaint_error *error);

#endif

/* Vectors from a table: CSV with commas, semicolons or tabs, a word and its numbers in each row, with or without a header. */
#ifndef XP_NORMS_VECTORS_TABLE_H
#define XP_NORMS_VECTORS_TABLE_H

#include "formats/file.h"
#include "formats/word_rows.h"

/* By the first bytes of a stream: rows whose cells are numbers, where fields between blanks are none; or tabs under a header
 * of names, which say what is a number of the vector and what is not. */
bool xp_vectors_is_table(const void *head, size_t size);

/* Reads the stream to its end. layer: "layer.3" or "3", of a table with a column layer; NULL: it has but one layer. After a
 * failure kept has to be freed all the same. */
explaint_status xp_vectors_read_table(xp_stream *stream, const char *layer, xp_word_rows *kept,
                                      char sha256[XP_SHA256_TEXT], explaint_error *error);

#endif

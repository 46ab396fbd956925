/* Word vectors as text: a word and its numbers in each line (GloVe), perhaps after a line "count width" (word2vec,
 * fastText).
 *
 *     xp_word_rows kept;
 *     xp_wordtext_options options = {.threads = 4};
 *     if (!xp_word_rows_begin(&kept, &wanted)) return xp_no_memory(error, "word vectors");
 *     if (xp_wordtext_read(stream, &options, &kept, error) != EXPLAINT_OK) return error->code;
 *     ... kept.row[w] is the vector of wanted word w, or NULL ...
 *     xp_word_rows_free(&kept);
 *
 * Streamed: only rows that are kept stay in memory. *Every* row is read in full, kept or not, so what is wrong in a row
 * that nobody wants is found, too.
 *
 * Blocks of whole lines are read one after another and parsed by several threads; what they found is put together in
 * the order of the file. So rows, notes and the error that is reported, the first by line, do not depend on the number
 * of threads or on where blocks end.
 *
 * The last `width` fields of a line are its numbers and what stands before is the word: some GloVe files have words
 * with spaces (". . ."). A word with spaces whose second or later part is a number is taken for a row with a number
 * too many: an error. Fields are separated by spaces or tabs. Without a header the width is the most frequent one of
 * the first 32 rows. */
#ifndef XP_FORMATS_WORDTEXT_H
#define XP_FORMATS_WORDTEXT_H

#include "formats/file.h"
#include "formats/word_rows.h"

typedef struct xp_wordtext_options {
    unsigned threads; /* 0: one */
    size_t block;     /* bytes a block; 0: what measured best */
} xp_wordtext_options;

/* Reads to the end of the stream. After a failure kept has to be freed all the same. */
explaint_status xp_wordtext_read(xp_stream *stream, const xp_wordtext_options *options, xp_word_rows *kept,
                                 explaint_error *error);

#endif

/* Word vectors as text: a word and its numbers a line (GloVe), perhaps after a line "count width" (word2vec,
 * fastText).
 *
 *     xp_wordtext read = {0};
 *     xp_wordtext_caller wanted = {.n_wanted = n, .lookup = find_word, .context = index};
 *     if (xp_wordtext_read(stream, &wanted, &read, error) != EXPLAINT_OK) return error->code;
 *     ... read.row[w] is the row in read.values of wanted word w, or XP_NO_ROW ...
 *     xp_wordtext_free(&read);
 *
 * Streamed: only wanted rows are kept. *Every* row is checked in full, wanted or not: the number of its fields, and
 * each field against the grammar of formats/number.h by a table-driven automaton that passes over a row once; only
 * rows where a double may overflow (an exponent of three digits, a field of 200 characters) are converted for the
 * check.
 *
 * The last `width` fields of a line are its numbers and what stands before is the word: some GloVe files have words
 * with spaces (". . ."). A word with spaces whose second or later part is a number is taken for a row with a number
 * too many: an error. Fields are separated by spaces or tabs. Without a header the width is the most frequent one of
 * the first 32 rows. */
#ifndef XP_FORMATS_WORDTEXT_H
#define XP_FORMATS_WORDTEXT_H

#include <stdint.h>

#include "base/strings.h"
#include "base/view.h"
#include "formats/file.h"

/* A line of 65,536 numbers of 24 characters is 1.6 MB. What is longer is no vector but a binary file. */
#define XP_LINE_LIMIT ((size_t)4 << 20)

/* Sentences about words that stand there twice; further ones are counted in one more. */
#define XP_DUPLICATES_SHOWN 100

#define XP_NOT_WANTED SIZE_MAX
#define XP_NO_ROW SIZE_MAX

typedef struct xp_wordtext_caller {
    size_t n_wanted;
    size_t (*lookup)(void *context, const char *word, size_t length); /* index < n_wanted, or XP_NOT_WANTED */
    void *context;
} xp_wordtext_caller;

typedef struct xp_wordtext {
    size_t n_words, width; /* of the file */
    size_t n_rows;
    double *values;     /* n_rows x width, in the order of the file */
    size_t *row, *line; /* n_wanted: its row (or XP_NO_ROW) and the line where it stands */
    char sha256[XP_SHA256_TEXT];
    xp_strings notes;
    xp_strings duplicates; /* a wanted word twice: a sentence each, with both lines, up to XP_DUPLICATES_SHOWN; the
                            * first is kept */
} xp_wordtext;

/* Reads to the end of the stream. Nothing needs releasing after a failure. */
explaint_status xp_wordtext_read(xp_stream *stream, const xp_wordtext_caller *caller, xp_wordtext *out,
                                 explaint_error *error);
void xp_wordtext_free(xp_wordtext *read);

#endif

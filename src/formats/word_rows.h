/* The words of a vector file that its reader's caller keeps, with their vectors: what the readers of text, word2vec .bin
 * and arrays fill.
 *
 *     xp_word_rows kept;
 *     if (!xp_word_rows_begin(&kept, &wanted)) ...                 // the words of formats/wanted.h; NULL: keep all
 *     size_t number = xp_word_rows_number(&kept, word);            // XP_NOT_WANTED: pass over it
 *     ... xp_word_rows_own(&kept, memory), xp_word_rows_add(&kept, number, word, row in memory, line) ...
 *     if (!xp_word_rows_end(&kept)) ...
 *     const double *vector = kept.row[number];                // NULL: the file does not have the word
 *     xp_word_rows_free(&kept);
 *
 * A word that comes again is not kept again: a sentence names both places. Of words that are wanted for their letters alone
 * (xp_wanted_other) the first is kept, and nothing is said of them here, since most are not needed. */
#ifndef XP_FORMATS_WORD_ROWS_H
#define XP_FORMATS_WORD_ROWS_H

#include "base/strings.h"
#include "base/view.h"
#include "formats/wanted.h"

/* Sentences about words that stand there twice, and about zero vectors; further ones are counted in one more. */
#define XP_NOTES_SHOWN 100

#define XP_ANY_WORD (SIZE_MAX - 1) /* all are kept: the number comes with xp_word_rows_add */

typedef struct xp_word_rows {
    size_t n_words, width; /* of the file; set by the reader */
    size_t n;              /* wanted words; where all are kept the different words so far, in the order of the file */
    size_t n_rows;         /* of them have a vector */
    const double **row;    /* by number: width values, or NULL */
    size_t *place;         /* by number: the line or row where the word stands, counted from 1 */
    bool all;              /* every word is kept, their numbers are 0 .. n - 1 */
    xp_view *word;         /* by number, where all are kept, and of other spellings that were found; a 0 follows */
    const char *unit;      /* "line" or "row": what places count; set by the reader */
    const char *list;      /* NULL, or the file of words whose lines are places, beside the rows of an array */
    char shown[3 * (XP_QUOTED_MAX + 4)]; /* the first words of the file, for a message: "the", "of", "and" */
    xp_strings notes;
    xp_strings duplicates; /* a sentence for each word that is kept and comes again */

    const xp_wanted *wanted; /* below: inside */
    xp_index *index;
    size_t capacity, again, zeros, n_shown, n_owned, owned_capacity;
    void **owned;
} xp_word_rows;

/* All return false without memory. After a failure only xp_word_rows_free is called. */
bool xp_word_rows_begin(xp_word_rows *kept, const xp_wanted *wanted);
bool xp_word_rows_end(xp_word_rows *kept); /* adds the sentences about what was only counted */
void xp_word_rows_free(xp_word_rows *kept);

/* May be asked on several threads while another adds. */
size_t xp_word_rows_number(const xp_word_rows *kept, xp_view word);

/* Memory that rows and words lie in; freed with the rest, and at once on failure. */
bool xp_word_rows_own(xp_word_rows *kept, void *memory);

/* Notes a vector that is zero in every place, which of other spellings only who takes them knows to be worth a note. */
bool xp_word_rows_check(xp_word_rows *kept, size_t number);

/* Words of the file as they come, wanted or not: the first three are shown. */
void xp_word_rows_show(xp_word_rows *kept, xp_view word);

/* The next word that is kept, in the order of the file. number is xp_word_rows_number's. row, and where all words are kept
 * word and the 0 behind it, lie in memory that outlives `kept` or that it owns. */
bool xp_word_rows_add(xp_word_rows *kept, size_t number, xp_view word, const double *row, size_t place);

/* The same for a row and a word that are copied. */
bool xp_word_rows_copy(xp_word_rows *kept, size_t number, xp_view word, const double *row, size_t place);

#endif

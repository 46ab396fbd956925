/* What stands at the sides of a map: the pieces of a text, or its words, with special tokens or without (docs/attention.md#level). By words a map has
 * the mean of the rows of a word's pieces and the sum of their columns, and a row of states is the mean of theirs. A special token is a row of its
 * own, and so is piece 0 of a decoder. Without special tokens their rows and columns are left out, and each row is divided by what is left of it.
 *
 *     xp_sides s;
 *     if (!xp_sides_create(&pieces, text, &how, &s)) ...      // no memory
 *     xp_sides_fold(&s, map, NULL, folded);                   // n_pieces x n_pieces to n x n
 *     xp_sides_free(&s);
 */
#ifndef XP_ATTENTION_SIDES_H
#define XP_ATTENTION_SIDES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum xp_level { XP_LEVEL_PIECE, XP_LEVEL_WORD, XP_N_LEVELS } xp_level;
extern const char *const xp_level_names[XP_N_LEVELS]; /* as --level and rows have them */

typedef struct xp_sides_how {
    xp_level level;
    bool without_special;
} xp_sides_how;

/* Of one text. */
typedef struct xp_sides {
    size_t n_pieces, n; /* of the map as the model makes it, and as it is read */
    bool same, lacks;   /* the rows are the pieces; some pieces are left out */
    int32_t *
        id; /* n: equal for equal words of a corpus, once they are numbered (xp_sides_number); and the four that follow, in one block */
    uint32_t *begin, *end; /* n: the pieces of each row */
    uint32_t *row;         /* n_pieces: the row of each piece; XP_LEFT_OUT */
    uint8_t *special;      /* n */
} xp_sides;

#define XP_LEFT_OUT UINT32_MAX

/* The pieces of a text as an encoding has them. */
typedef struct xp_sides_pieces {
    size_t n;
    const int32_t *id, *word;
    const uint32_t *begin; /* bytes of the text */
    const uint8_t *special;
} xp_sides_pieces;

/* false: no memory. */
bool xp_sides_create(const xp_sides_pieces *pieces, const char *text, const xp_sides_how *how, xp_sides *s);
void xp_sides_free(xp_sides *s);

/* Words of several pieces, of all texts, get numbers from `first` on; words of one piece have the piece's. pieces: of each text. false: no memory. */
bool xp_sides_number(size_t n_texts, xp_sides *const *of, const int32_t *const *pieces, int32_t first);

/* A map as it is read: n x n. order not NULL: row i of the map belongs to piece order[i], rows and columns. Maps of shares: a row of zeros stays. to is
 * not map. */
void xp_sides_fold(const xp_sides *s, const float *map, const uint32_t *order, float *to);
void xp_sides_fold_shares(const xp_sides *s, const double *map, double *to);
/* The same of numbers that are no shares of a row: what is left out divides nothing. */
void xp_sides_fold_sums(const xp_sides *s, const double *map, double *to);
/* Rows of states, or of words: n_pieces x width to n x width. */
void xp_sides_mean(const xp_sides *s, size_t width, const float *rows, double *to);

#endif

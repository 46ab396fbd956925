#include "attention/sides.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/view.h"

const char *const xp_level_names[XP_N_LEVELS] = {"piece", "word"};

/* ---- words ---- */

static bool begins_with_blank(const char *text) {
    bool seen;
    return xp_blank(text, strnlen(text, 3), &seen) > 0;
}

static bool ends_with_blank(const char *text, size_t length) {
    bool seen;
    for (size_t size = 1; size <= 3 && size <= length; size++)
        if (xp_blank(text + length - size, size, &seen) == size) return true;
    return false;
}

/* Piece i goes on with the word of the piece before. Tokenizers that split no text into words (SentencePiece) call all of it one: theirs begin behind
 * a blank, which the piece may hold. */
static bool goes_on(const xp_sides_pieces *p, const char *text, size_t i) {
    const uint32_t begin = p->begin[i];
    return i > 0 && !p->special[i] && !p->special[i - 1] && p->word[i] >= 0 && p->word[i] == p->word[i - 1] &&
           !begins_with_blank(text + begin) && !ends_with_blank(text, begin);
}

bool xp_sides_create(const xp_sides_pieces *p, const char *text, const xp_sides_how *how, xp_sides *s) {
    *s = (xp_sides){.n_pieces = p->n};
    s->id = xp_alloc(p->n, sizeof *s->id + 3 * sizeof *s->row + sizeof *s->special);
    if (s->id == NULL) return false;
    s->begin = (uint32_t *)(void *)(s->id + p->n);
    s->end = s->begin + p->n;
    s->row = s->end + p->n;
    s->special = (uint8_t *)(s->row + p->n);
    for (size_t i = 0; i < p->n; i++) {
        const bool out = how->without_special && p->special[i];
        s->row[i] = XP_LEFT_OUT;
        s->lacks = s->lacks || out;
        if (out) continue;
        if (how->level == XP_LEVEL_PIECE || !goes_on(p, text, i)) {
            s->id[s->n] = p->id[i];
            s->special[s->n] = p->special[i];
            s->begin[s->n++] = (uint32_t)i;
        }
        s->row[i] = (uint32_t)s->n - 1;
        s->end[s->n - 1] = (uint32_t)i + 1;
    }
    s->same = s->n == p->n;
    return true;
}

void xp_sides_free(xp_sides *s) {
    xp_free(s->id);
    *s = (xp_sides){0};
}

typedef struct word {
    const int32_t *piece;
    size_t n;
    int32_t *id;
} word;

static int by_pieces(const void *a, const void *b) {
    const word *p = a, *q = b;
    if (p->n != q->n) return p->n < q->n ? -1 : 1;
    return memcmp(p->piece, q->piece, p->n * sizeof *p->piece);
}

bool xp_sides_number(size_t n_texts, xp_sides *const *of, const int32_t *const *pieces, int32_t first) {
    size_t most = 0, n = 0;
    for (size_t t = 0; t < n_texts; t++) most += of[t]->same ? 0 : of[t]->n;
    if (most == 0) return true;
    word *words = xp_alloc(most, sizeof *words);
    if (words == NULL) return false;
    for (size_t t = 0; t < n_texts; t++)
        for (size_t k = 0; !of[t]->same && k < of[t]->n; k++) {
            const size_t many = of[t]->end[k] - of[t]->begin[k];
            if (many > 1) words[n++] = (word){pieces[t] + of[t]->begin[k], many, &of[t]->id[k]};
        }
    qsort(words, n, sizeof *words, by_pieces);
    for (size_t k = 0; k < n; k++) {
        if (k > 0 && by_pieces(&words[k], &words[k - 1]) != 0) first++;
        *words[k].id = first;
    }
    xp_free(words);
    return true;
}

/* ---- maps and rows ---- */

/* Where the row of a piece stands. */
static size_t place_of(const uint32_t *order, size_t piece) {
    size_t at = piece;
    if (order != NULL)
        for (at = 0; order[at] != piece;) at++;
    return at;
}

/* The fold of maps of a type; divides: by what is left of a row of which something is left out. */
#define FOLD(NAME, TYPE)                                                                                               \
    static void NAME(const xp_sides *s, const TYPE *map, const uint32_t *order, bool divides, TYPE *to) {              \
        for (size_t k = 0; k < s->n; k++) {                                                                            \
            TYPE *row = to + k * s->n, all = 0;                                                                        \
            for (size_t j = 0; j < s->n; j++) row[j] = 0;                                                              \
            for (size_t i = s->begin[k]; i < s->end[k]; i++) {                                                         \
                const TYPE *from = map + place_of(order, i) * s->n_pieces;                                             \
                for (size_t j = 0; j < s->n_pieces; j++) {                                                             \
                    const uint32_t column = s->row[order != NULL ? order[j] : j];                                      \
                    if (column != XP_LEFT_OUT) row[column] += from[j];                                                 \
                }                                                                                                      \
            }                                                                                                          \
            for (size_t j = 0; j < s->n; j++) all += row[j];                                                           \
            if (!divides || !s->lacks) all = (TYPE)(s->end[k] - s->begin[k]);                                          \
            for (size_t j = 0; all > 0 && j < s->n; j++) row[j] /= all;                                                \
        }                                                                                                              \
    }
FOLD(fold_floats, float)
FOLD(fold_doubles, double)

void xp_sides_fold(const xp_sides *s, const float *map, const uint32_t *order, float *to) {
    fold_floats(s, map, order, true, to);
}
void xp_sides_fold_shares(const xp_sides *s, const double *map, double *to) { fold_doubles(s, map, NULL, true, to); }
void xp_sides_fold_sums(const xp_sides *s, const double *map, double *to) { fold_doubles(s, map, NULL, false, to); }

void xp_sides_mean(const xp_sides *s, size_t width, const float *rows, double *to) {
    for (size_t k = 0; k < s->n; k++) {
        double *row = to + k * width;
        const double many = (double)(s->end[k] - s->begin[k]);
        for (size_t c = 0; c < width; c++) row[c] = 0;
        for (size_t i = s->begin[k]; i < s->end[k]; i++)
            for (size_t c = 0; c < width; c++) row[c] += (double)rows[i * width + c];
        for (size_t c = 0; many > 1 && c < width; c++) row[c] /= many;
    }
}

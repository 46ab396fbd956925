/* Is row i nearer to its own token than to any other? And how alike are the rows of many texts? (docs/attention.md#continuity)
 *
 *     xp_nearest(n, d, rows, &candidates, own, scratch, found);   // found[XP_COSINE].rank[i] == 1: recovered
 */
#ifndef XP_ATTENTION_NEAREST_H
#define XP_ATTENTION_NEAREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XP_NEARER 1e-6 /* another candidate is nearer only by more: embedding rows can be equal */

typedef enum xp_distance { XP_COSINE, XP_L2, XP_N_DISTANCES } xp_distance;
extern const char *const xp_distance_names[XP_N_DISTANCES]; /* as rows have them */

/* The distinct ids of a text, its tokens: first[k] is where token k stands first, own[i] the token of piece i. Returns how many;
 * both have room for n. */
size_t xp_nearest_tokens(size_t n, const int32_t *id, uint32_t *first, uint32_t *own);

/* What rows are compared with. A token may have several candidates, in the order in which it stands in the text. */
typedef struct xp_candidates {
    size_t n;
    const double *row;     /* n x d */
    const uint32_t *token; /* whose candidate k is; NULL: token k's */
    const uint32_t *place; /* where it stands in the text; NULL: at place k */
} xp_candidates;

/* Of each row; what is NULL is not asked, nothing without rank. A token is as near as the nearest of its candidates. */
typedef struct xp_found {
    uint32_t *rank; /* 1 + the candidates nearer than the own token by more than XP_NEARER */
    uint8_t *row;   /* the rank is 1, and the first of the own candidates that are as near as the nearest stands here */
    uint8_t
        *next; /* of all but the last row: no candidate is nearer than the next piece's token by more than XP_NEARER */
} xp_found;

/* rows n x d, row i of the piece at place i, whose token is own[i]; scratch: n x m + n + 2 m for m candidates. found: by each distance, which come
 * from the same products. */
void xp_nearest(size_t n, size_t d, const double *rows, const xp_candidates *candidates, const uint32_t *own,
                double *scratch, const xp_found found[XP_N_DISTANCES]);

/* The same for candidates that are many, as all words are: what is the same for all rows, and one row's products with
 * all of them. before[k]: the candidates nearer than candidate of[k] by more than XP_NEARER. */
typedef struct xp_many {
    size_t n, d;
    const double *inverse;                                   /* 1 / norm of each candidate, 1 for a zero row */
    const double *square;                                    /* squared norm */
    void (*row_of)(const void *self, size_t k, double *row); /* candidate k, d numbers */
    const void *self;
    double *scratch; /* d */
} xp_many;
void xp_nearest_of_many(const xp_many *many, const float *product, const double *row, xp_distance distance,
                        const size_t of[2], uint32_t before[2]);

/* Each dimension of rows (n x d) to mean 0 and standard deviation 1 with these means and deviations. */
void xp_nearest_moments(size_t n, size_t d, const double *rows, double *mean, double *deviation);
void xp_nearest_standardise(size_t n, size_t d, const double *mean, const double *deviation, double *rows);

/* Mean cosines over pairs of rows; NaN where there is no such pair. */
typedef struct xp_pairs {
    double all;           /* any two rows: anisotropy */
    double random;        /* of two texts */
    double same_token;    /* of two texts, the same id at different places */
    double same_position; /* of two texts, the same place with different ids */
} xp_pairs;

/* n rows of width d get the length 1; rows of zeros stay. */
void xp_nearest_unit_rows(size_t n, size_t d, double *rows);

/* unit: rows of length 1 or 0, n x d; where each row stands. false without memory. */
bool xp_nearest_pair_cosines(size_t n, size_t d, const double *unit, const int32_t *id, const uint32_t *text,
                             const uint32_t *place, xp_pairs *pairs);

/* The mean cosine of any two rows of each text: value[text]; NaN for fewer than two. The rows of a text stand together. false without
 * memory. */
bool xp_nearest_text_cosines(size_t n, size_t d, const double *unit, const uint32_t *text, double *value);

#endif

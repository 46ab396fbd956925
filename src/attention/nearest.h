/* Is row i nearer to its own token than to any other? And how alike are the rows of many texts? (docs/attention.md#continuity)
 *
 *     xp_nearest(n, d, rows, m, candidates, own, XP_COSINE, scratch, rank, next);   // rank[i] == 1: recovered
 */
#ifndef XP_ATTENTION_NEAREST_H
#define XP_ATTENTION_NEAREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XP_NEARER 1e-6 /* another candidate is nearer only by more: embedding rows can be equal */

typedef enum xp_distance { XP_COSINE, XP_L2, XP_N_DISTANCES } xp_distance;

/* One candidate for each distinct id: first[k] is where it stands first, own[i] the candidate of piece i. Returns how
 * many; both have room for n. */
size_t xp_nearest_candidates(size_t n, const int32_t *id, uint32_t *first, uint32_t *own);

/* rank[i]: 1 + the candidates nearer to row i than its own by more than XP_NEARER. next[i]: for i < n - 1, whether none is
 * nearer than own[i + 1], the next piece's; NULL: not asked. rows n x d, candidates m x d; scratch: n x m + n + m. */
void xp_nearest(size_t n, size_t d, const double *rows, size_t m, const double *candidates, const uint32_t *own,
                xp_distance distance, double *scratch, uint32_t *rank, uint8_t *next);

/* The same for candidates that are many, as all words are: what is the same for all rows, and one row's products with
 * all of them. before[k]: the candidates nearer than candidate of[k] by more than XP_NEARER. */
typedef struct xp_many {
    size_t n;
    const double *inverse; /* 1 / norm of each candidate, 1 for a zero row */
    const double *square;  /* squared norm */
} xp_many;
void xp_nearest_of_many(const xp_many *many, const float *product, double norm, xp_distance distance,
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

/* rows n x d; where each row stands. false without memory. */
bool xp_nearest_pair_cosines(size_t n, size_t d, const double *rows, const int32_t *id, const uint32_t *text,
                             const uint32_t *place, xp_pairs *pairs);

/* Linear CKA of two sets of n rows of width d. NaN: one is constant. false without memory. */
bool xp_nearest_cka(size_t n, size_t d, const double *a, const double *b, double *value);

#endif

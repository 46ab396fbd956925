/* How alike are two attention maps of one head? (docs/attention.md#damage)
 *
 *     size_t n = xp_similarity_scope(n_pieces, map, NULL, special, XP_CONTENT, a);   // of the intact map
 *     xp_similarity_scope(n_pieces, damaged, order, special, XP_CONTENT, b);         // of the damaged one, undone
 *     double r = xp_similarity_pearson(false, n, a, xp_similarity_mean(false, n, a), b);                              // NaN: a map without variation
 *
 * causal: the maps are of a decoder. Then the entries that count are those of rows i >= 1 at j <= i: the zeros of the mask are alike
 * in all maps, and so is row 0, which sees itself alone.
 */
#ifndef XP_ATTENTION_SIMILARITY_H
#define XP_ATTENTION_SIMILARITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum xp_scope { XP_WHOLE, XP_CONTENT, XP_N_SCOPES } xp_scope;

/* Where a map looks most. XP_SPECIAL exists in the whole map only. */
typedef enum xp_pattern { XP_DIAGONAL, XP_PREVIOUS, XP_NEXT, XP_SPECIAL, XP_VERTICAL, XP_UNIFORM } xp_pattern;

/* The map (n x n) as doubles in `to`, and its size: all of it, or without the rows and columns of special pieces, each
 * row divided by what is left of it (a row of zeros stays). order not NULL: row i of the map belongs to piece order[i],
 * and goes back to its place, rows and columns. to: n x n; without order what is kept. */
size_t xp_similarity_scope(size_t n, const float *map, const uint32_t *order, const uint8_t *special, xp_scope scope,
                           double *to);

/* Over all entries that count; mean: of a. NaN where one of the maps is constant: its standard deviation is below 1e-5 of its mean, what the
 * rounding of a uniform softmax in fp32 can make. */
double xp_similarity_pearson(bool causal, size_t n, const double *a, double mean, const double *b);
/* The mean of a's entries that count, for it; NaN: none does. */
double xp_similarity_mean(bool causal, size_t n, const double *a);
/* Entropy in nats, the sum over rows. */
double xp_similarity_entropy(size_t n, const double *a);
/* Jensen-Shannon divergence in nats, the mean over rows: 0 to ln 2. The entropy of the mean map less the mean of the
 * maps' own, which are given. NaN for n = 0. */
double xp_similarity_jsd(bool causal, size_t n, const double *a, double entropy_a, const double *b, double entropy_b);
/* Share of rows with the same strongest target; the first of equal ones counts. NaN for n = 0. */
double xp_similarity_same_target(bool causal, size_t n, const double *a, const double *b);
/* Share of rows that look most where most rows look most: what a constant guess would reach. NaN for n = 0. votes: scratch of n. */
double xp_similarity_modal_share(bool causal, size_t n, const double *a, uint32_t *votes);
/* The map of a decoder that looks at all it sees alike: row i has i + 1 equal entries. */
void xp_similarity_uniform(size_t n, float *map);
/* Uniform where the mean entropy of rows is at least .95 of that of a uniform map, ln n; else where most of the mass lies: on the diagonal, one
 * before it, one behind it, on all special pieces together, on the one ordinary piece that gets most. special: of the
 * rows in scope, NULL: none. */
xp_pattern xp_similarity_pattern(bool causal, size_t n, const double *a, double entropy, const uint8_t *special);

#endif

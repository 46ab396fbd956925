/* The conditions as functions: (X, Y, labels, seed) into another X or Y (docs/methods.md#conditions). This room does not know what is fitted on them. */
#ifndef XP_CONTROL_CONDITIONS_H
#define XP_CONTROL_CONDITIONS_H

#include "tensor/csr.h"

/* A matrix of norms with the cells that are missing (start NULL: none). */
typedef struct xp_gold {
    xp_csr y;
    size_t *missing_start;
    uint32_t *missing_column;
} xp_gold;

void xp_gold_free(xp_gold *gold);
/* The given rows, in this order, and the columns with keep[j] (NULL: all), renumbered. `to` has no missing cells where none
 * of these rows has one. false without memory. */
bool xp_gold_select(const xp_gold *gold, const uint32_t *row, size_t n, const uint8_t *keep, xp_gold *to);

/* Permutes each feature column independently over all concepts (only those with which[j]; NULL: all). `draw` numbers independent draws. Missing
 * cells move as values do. */
bool xp_control_shuffle_columns(const xp_gold *gold, const uint8_t *which, uint64_t seed, unsigned purpose,
                                uint32_t draw, xp_gold *shuffled);
/* order[i]: which concept's row concept i gets. */
void xp_control_shuffle_rows(size_t n, uint64_t seed, uint32_t *order);
/* Each row's values that are not zero at distinct columns drawn uniformly from all; dense norms: uniform over the observed range. */
bool xp_control_random_norms(const xp_gold *gold, bool dense, uint64_t seed, xp_gold *random);
/* Only the columns with which[j] == keep. */
bool xp_control_select_columns(const xp_gold *gold, const uint8_t *keep, xp_gold *selected);

/* Categories exchanged: a derangement of the categories with at least `least` members within blocks of similar size; each concept gets the row of a
 * member of the mapped category, without replacement, cycling only if that is short. order[i] is UINT32_MAX for concepts left out. false: fewer
 * than two such categories, or no memory. */
bool xp_control_swap_categories(const int *label, size_t n, size_t n_labels, size_t least, uint64_t seed,
                                uint32_t *order);

/* Gaussian rows with the mean and covariance of x (n x d): what the shape of the input gives. */
bool xp_control_random_embedding(const double *x, size_t n, size_t d, uint64_t seed, double *random);

/* ---- spelling ---- */

enum { XP_SPELLING = 1 + 26 + 26 + 26 }; /* length, letter counts, first letter, last letter */
/* Features of the spelling of a form (lower case, UTF-8; length in characters). row: XP_SPELLING values. */
void xp_control_spelling(const char *form, double *row);

#endif

/* Cross-validation in which no word of a test pair is in a training pair, on either side: words have folds, not pairs. A test cell (a, b) has the pairs whose
 * words are of folds a and b, and learns from the pairs of which neither word is of a or b.
 *
 *     xp_word_split split = {0};
 *     if (!xp_split_create(sentences, fold, k, 1, &split)) ...       // pairs against the first set of counterfactuals
 *     status = xp_split_classify(&split, x, d, split.label, score, error);
 *     xp_split_free(&split);
 */
#ifndef XP_RELATE_SPLIT_H
#define XP_RELATE_SPLIT_H

#include "base/error.h"
#include "relate/sentences.h"

/* Folds of the words of all rows: a seeded permutation of the distinct words, rank mod k. */
typedef struct xp_word_folds {
    size_t k;
    size_t *left, *right; /* n_rows each */
    size_t n_words;
} xp_word_folds;

bool xp_split_folds_create(const explaint_pairs *pairs, const xp_sentences *sentences, size_t k, uint64_t seed,
                           xp_word_folds *folds);
void xp_split_folds_free(xp_word_folds *folds);

/* True pairs and one set of counterfactuals: 2i and 2i + 1 are the true and the counterfactual row of pair i. */
typedef struct xp_word_split {
    size_t n;       /* rows: twice the pairs */
    size_t *row;    /* n: number among all rows */
    uint8_t *label; /* n: 1, 0 */
    size_t n_cells; /* that have a row to test */
    uint32_t *train, *test;
    size_t *train_start, *test_start; /* n_cells + 1 */
} xp_word_split;

/* set: from 1. false: no memory. */
bool xp_split_create(const xp_sentences *sentences, const xp_word_folds *folds, size_t set, xp_word_split *split);
void xp_split_free(xp_word_split *split);
/* The fewest training rows of a label that any cell has. */
size_t xp_split_fewest(const xp_word_split *split);

/* Held-out scores of logistic regression with C = 1: positive for a true pair; 0 where a training set has one label alone. x: rows as the split numbers
 * them, n x d. */
explaint_status xp_split_classify(const xp_word_split *split, const double *x, size_t d, const uint8_t *label,
                                  double *score, explaint_error *error);

/* Share of rows on their side of 0, 0 itself a half. */
double xp_split_accuracy(size_t n, const double *score, const uint8_t *label);
/* Share of pairs of a true and a counterfactual row, of which the true one has the higher score; equal ones count a half. false: no memory. */
bool xp_split_auc(size_t n, const double *score, const uint8_t *label, double *auc);

/* Ranks from 1, equal values their mean. order: scratch of n. */
void xp_split_ranks(size_t n, const double *value, uint32_t *order, double *rank);

#endif

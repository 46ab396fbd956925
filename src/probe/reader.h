/* The reader of the statistic "agreement": ridge regression with a fixed penalty, made from the vectors alone. It never sees the norms, so
 * that a permutation of them needs no other fit (docs/methods.md#reader).
 *
 *     columns standardised (ddof 1; a constant one is 0), rows to length 1, columns centred: V.  G = VV'
 *     S = G (G + .03 n I)^-1        row i: what of every concept goes into the prediction of concept i
 *     A_ij = S_ij / (1 - S_ii)      the same without concept i itself: leave-one-out in closed form
 *     A[f,t] = G[f,t] (G[t,t] + .03 |t| I)^-1    a fold f, predicted from all others t */
#ifndef XP_PROBE_READER_H
#define XP_PROBE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct xp_reader {
    size_t n, d;
    double *v; /* n x d */
    double *g; /* n x n, where vectors are as wide as there are concepts; else NULL: d x d systems are solved */
} xp_reader;

/* x: n x d, copied. false without memory. */
bool xp_reader_create(xp_reader *reader, const double *x, size_t n, size_t d);
void xp_reader_free(xp_reader *reader);

/* s: n x n, symmetric. false without memory, or a value that is not finite. */
bool xp_reader_smooth(const xp_reader *reader, double *s);
/* S becomes A, in place; the diagonal 0. */
void xp_reader_leave_one_out(size_t n, double *s);
/* a: n x n; weights of concepts of the same fold are 0. fold (n): below n_folds. false as xp_reader_smooth. */
bool xp_reader_held_out(const xp_reader *reader, const uint32_t *fold, size_t n_folds, double *a);

/* Each concept from those of other folds, or (fold NULL) from all others. */
bool xp_reader_others(const xp_reader *reader, const uint32_t *fold, size_t n_folds, double *a);

/* Copied neighbours in the place of A: 1/10 on each of the 10 nearest by cosine (ties: the first), outside of the concept's fold where there
 * are folds (NULL: none), for a statistic that stands beside. a: n x n. false without memory. */
bool xp_reader_neighbours(const double *x, size_t n, size_t d, const uint32_t *fold, double *a);

#endif

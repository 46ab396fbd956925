/* The statistic "agreement": do concepts whose vectors differ alike differ alike in their properties? (docs/methods.md#agreement)
 *
 *     T(pi) = sum_ij M_ij L[pi i, pi j]
 *
 * L (n x n) relates concepts by their norms. M = CA is what a reader made from the vectors alone has (probe/reader.h), less the means of the blocks
 * within which rows are exchanged; rows that cannot move are 0, and the diagonal is. Nothing is fitted under a permutation, and ten thousand of
 * them take a second. The sum runs over pairs of concepts that can move; what pairs with the fixed ones give is linear in pi and worked out before.
 *
 *     xp_agreement g;
 *     xp_blocks_centre(&blocks, a, true);                      // A becomes M
 *     xp_agreement_create(&g, n, l, &blocks);
 *     xp_agreement_add(&g, a);                                 // weights 0; others may see the same permutations
 *     xp_agreement_run(&g, seed, purpose, 1, 500, t);          // t[0 .. 499]
 */
#ifndef XP_STATS_AGREEMENT_H
#define XP_STATS_AGREEMENT_H

#include "stats/permute.h"

enum { XP_AGREEMENT_WEIGHTS = 3 };

typedef struct xp_agreement {
    size_t n, m;             /* concepts; those that can move, numbered as in blocks->member */
    const double *l;         /* n x n, symmetric; borrowed */
    const xp_blocks *blocks; /* borrowed */
    uint32_t *place;         /* n: of a concept within its block */
    size_t *own;             /* m: where the numbers of a concept begin in `fixed` */
    size_t n_weights;
    size_t panels;                       /* of four concepts that can move */
    double *pairs[XP_AGREEMENT_WEIGHTS]; /* M_ij + M_ji of the lower triangle in panels; NULL: the few in `few` */
    struct xp_few_pairs *few[XP_AGREEMENT_WEIGHTS];
    double *
        fixed[XP_AGREEMENT_WEIGHTS]; /* by concept and member of its block: what it adds in that one's place; NULL: 0 */
} xp_agreement;

/* Takes the mean of its block off every row, and makes rows that cannot move 0. a: n x n. no_diagonal: and the diagonal. */
bool xp_blocks_centre(const xp_blocks *blocks, double *a, bool no_diagonal);

bool xp_agreement_create(xp_agreement *agreement, size_t n, const double *l, const xp_blocks *blocks);
/* Weights for the same permutations, copied: n x n, rows that cannot move 0. false without memory. */
bool xp_agreement_add(xp_agreement *agreement, const double *weight);
/* The same with M = CA, its diagonal 0, for an A (n x n) that is 0 on its diagonal and but for a few cells of a row: copied neighbours. */
bool xp_agreement_add_few(xp_agreement *agreement, const double *a);
void xp_agreement_free(xp_agreement *agreement);

/* t (n_weights x count): T under permutations first .. first + count - 1 of a purpose; number 0 is the identity. The numbers depend on nothing
 * else: not on first or count, nor on threads. false without memory. */
bool xp_agreement_run(const xp_agreement *agreement, uint64_t seed, unsigned purpose, uint32_t first, size_t count,
                      double *t);
/* The same of n that have one L and equal blocks, in t[0 .. n - 1]: what a permutation looks up is looked up once. The same bits as each alone. */
bool xp_agreement_run_together(const xp_agreement *const *agreement, size_t n, uint64_t seed, unsigned purpose,
                               uint32_t first, size_t count, double *const *t);

/* T as observed, and what it is measured by. r = T / divisor, under any permutation. */
typedef struct xp_agreed {
    double t, divisor; /* sqrt(sum M^2 sum_{i != j} (CL)_ij^2): 0 where nothing varies */
    double error;      /* standard error of r: jackknife over the concepts that can move */
} xp_agreed;
/* left_out (n): r without that concept's row and column of M and CL; NaN for those that cannot move. false without memory. */
bool xp_agreement_observe(size_t n, const double *m, const double *l, const xp_blocks *blocks, xp_agreed *agreed,
                          double *left_out);

#endif

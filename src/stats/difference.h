/* Two statistics of the same concepts, each with its jackknife: does one differ from the other? (docs/methods.md#two-sets-of-vectors)
 *
 * Statistic k has pseudo-values v_k by concept, whose mean is the statistic. What a concept adds to the difference, and its variance:
 *
 *     d_i = (v_2i - mean v_2) / m_2 - (v_1i - mean v_1) / m_1    a concept that one of them lacks counts in the other alone
 *     V   = m / (m - 1) sum d_i^2                               m: concepts that either has
 *
 * The statistics are sums over pairs of concepts. What belongs to a pair alone, and to neither of the two, stands in the pseudo-values of both, so that V
 * has it twice. Its size is known from permutations, under which there is nothing else: N. V becomes the larger of V - N and N, and stays what it is where it
 * was smaller than N. The means of permutations that were taken off the statistics are means of draws, whose variance comes on top. p and interval are those of Student's t with m - 1 degrees of freedom. */
#ifndef XP_STATS_DIFFERENCE_H
#define XP_STATS_DIFFERENCE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct xp_difference {
    size_t n;        /* concepts that either has: m */
    double value[2]; /* the two statistics */
    double difference, error;
    double p;     /* two-sided; 1 where no concept differs; NaN with fewer than two concepts */
    double ci[2]; /* 95 % */
} xp_difference;

/* pseudo[k] (n): NaN: not in statistic k. of_pairs: N; 0: not known, and nothing is taken off. of_draws: variance of the difference of the two means. */
void xp_difference_of(size_t n, const double *const pseudo[2], double of_pairs, double of_draws,
                      xp_difference *difference);

/* Variance over draws of null - less (NULL: 0). Where both statistics saw the same permutations it is N; else the sum of the two by themselves. */
double xp_difference_null_variance(size_t draws, const double *null, const double *less);

/* The share of Student's t with that many degrees of freedom which is at least as far from 0 as t. */
double xp_difference_student_p(double t, double freedom);

#endif

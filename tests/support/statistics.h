/* What tests of p-values share. */
#ifndef XP_TESTS_SUPPORT_STATISTICS_H
#define XP_TESTS_SUPPORT_STATISTICS_H

#include "support/matrix.h"

static inline int double_ascending(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

/* Kolmogorov-Smirnov distance of p-values k / (B + 1), k = 1 .. B + 1, from the uniform distribution on those: sorts p. *above: how far there are too
 * few small ones, which ties of a statistic bring about, and which is no false alarm. */
static inline double uniform_distance(double *p, size_t count, size_t permutations, double *above) {
    double below = 0;
    *above = 0;
    qsort(p, count, sizeof *p, double_ascending);
    for (size_t i = 0, k = 1; k <= permutations + 1; k++) {
        double edge = (double)k / (double)(permutations + 1);
        while (i < count && p[i] <= edge + 1e-12) i++;
        double distance = (double)i / (double)count - edge;
        below = fmax(below, distance);
        *above = fmax(*above, -distance);
    }
    return below;
}

/* Above this a true null is rejected once in a thousand seeds (for discrete p-values less often). */
static inline double uniform_limit(size_t count) { return 1.95 / sqrt((double)count); }

#endif

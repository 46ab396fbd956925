#include "stats/adjust.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

static int ascending(const void *a, const void *b) {
    double p = **(const double *const *)a, q = **(const double *const *)b;
    return p < q ? -1 : p > q;
}

bool xp_adjust_benjamini_hochberg(size_t n, const double *p, double *adjusted) {
    const double **order = xp_alloc(n, sizeof *order);
    if (order == NULL) return false;
    size_t family = 0;
    for (size_t i = 0; i < n; i++) {
        adjusted[i] = NAN;
        if (!isnan(p[i])) order[family++] = &p[i];
    }
    qsort(order, family, sizeof *order, ascending);
    double least = 1;
    for (size_t rank = family; rank > 0; rank--) { /* from the largest: what a larger p may have, a smaller one may */
        double value = *order[rank - 1] * (double)family / (double)rank;
        if (value < least) least = value;
        adjusted[order[rank - 1] - p] = least;
    }
    xp_free(order);
    return true;
}

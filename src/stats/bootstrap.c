#include "stats/bootstrap.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/rng.h"
#include "tensor/blas.h"

static bool begin(xp_bootstrap *b, size_t n, size_t resamples) {
    size_t cells;
    *b = (xp_bootstrap){.n = n, .resamples = resamples};
    if (xp_mul_overflows(resamples, n, &cells)) return false;
    b->weight = xp_calloc(cells, sizeof *b->weight);
    b->sums = xp_alloc(resamples, 2 * sizeof *b->sums);
    if (b->weight != NULL && b->sums != NULL) return true;
    xp_bootstrap_free(b);
    return false;
}

bool xp_bootstrap_create(xp_bootstrap *b, size_t n, size_t resamples, uint64_t seed) {
    if (!begin(b, n, resamples)) return false;
    for (size_t r = 0; r < resamples; r++) {
        xp_rng rng = xp_rng_begin(seed, XP_RNG_BOOTSTRAP, (uint32_t)r);
        for (size_t i = 0; i < n; i++) b->weight[r * n + xp_rng_below(&rng, n)]++;
    }
    return true;
}

/* cluster[i]: labels in their order of first appearance, each concept without one by itself. Returns how many. */
static size_t number_clusters(size_t n, const int *label, size_t *of_label, uint32_t *cluster) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (label[i] < 0)
            cluster[i] = (uint32_t)count++;
        else if (of_label[label[i]] > 0)
            cluster[i] = (uint32_t)of_label[label[i]] - 1;
        else
            of_label[label[i]] = (cluster[i] = (uint32_t)count++) + 1;
    }
    return count;
}

bool xp_bootstrap_create_clusters(xp_bootstrap *b, size_t n, const int *label, size_t resamples, uint64_t seed) {
    int top = -1;
    for (size_t i = 0; i < n; i++)
        if (label[i] > top) top = label[i];
    if (!begin(b, n, resamples)) return false;
    size_t *of_label = xp_calloc((size_t)(top + 1), sizeof *of_label);
    uint32_t *cluster = xp_alloc(n, sizeof *cluster), *drawn = xp_alloc(n, sizeof *drawn);
    bool ok = of_label != NULL && cluster != NULL && drawn != NULL;
    size_t count = ok ? number_clusters(n, label, of_label, cluster) : 0;
    for (size_t r = 0; ok && r < resamples; r++) {
        xp_rng rng = xp_rng_begin(seed, XP_RNG_CLUSTERS, (uint32_t)r);
        for (size_t c = 0; c < count; c++) drawn[c] = 0;
        for (size_t c = 0; c < count; c++) drawn[xp_rng_below(&rng, count)]++;
        for (size_t i = 0; i < n; i++) b->weight[r * n + i] = drawn[cluster[i]];
    }
    xp_free_all(of_label, cluster, drawn);
    if (!ok) xp_bootstrap_free(b);
    return ok;
}

void xp_bootstrap_free(xp_bootstrap *b) {
    xp_free_all(b->weight, b->sums);
    *b = (xp_bootstrap){0};
}

static int ascending(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

/* Linear interpolation between order statistics, as NumPy's default. */
static double quantile(const double *sorted, size_t count, double share) {
    double at = share * (double)(count - 1);
    size_t low = (size_t)at;
    if (low + 1 >= count) return sorted[count - 1];
    return sorted[low] + (at - (double)low) * (sorted[low + 1] - sorted[low]);
}

bool xp_bootstrap_ratio(xp_bootstrap *b, const double *num, const double *den, double interval[2]) {
    double *above = b->sums, *below = b->sums + b->resamples;
    xp_gemv(false, b->resamples, b->n, 1, b->weight, b->n, num, 0, above);
    xp_gemv(false, b->resamples, b->n, 1, b->weight, b->n, den, 0, below);
    size_t count = 0;
    for (size_t r = 0; r < b->resamples; r++)
        if (below[r] > 0) above[count++] = above[r] / below[r];
    if (count == 0) return false;
    qsort(above, count, sizeof *above, ascending);
    interval[0] = quantile(above, count, .025);
    interval[1] = quantile(above, count, .975);
    return true;
}

void xp_bootstrap_widen(double centre, double factor, double interval[2]) {
    interval[0] = centre + factor * (interval[0] - centre);
    interval[1] = centre + factor * (interval[1] - centre);
}

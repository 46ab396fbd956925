/* Percentile bootstrap over concepts or whole categories, conditional on the fitted folds (docs/methods.md#intervals). */
#ifndef XP_STATS_BOOTSTRAP_H
#define XP_STATS_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One shared set of resamples: how often each of n concepts was drawn. Shared, so that differences are paired. */
typedef struct xp_bootstrap {
    size_t n, resamples;
    double *weight; /* resamples x n */
    double *sums;   /* scratch: 2 x resamples */
} xp_bootstrap;

bool xp_bootstrap_create(xp_bootstrap *bootstrap, size_t n, size_t resamples, uint64_t seed);
/* The same with whole clusters drawn: concepts of one label come together, concepts without one (label < 0) are clusters of one. As many
 * clusters are drawn as there are, so that the number of concepts differs between resamples. */
bool xp_bootstrap_create_clusters(xp_bootstrap *bootstrap, size_t n, const int *label, size_t resamples, uint64_t seed);
void xp_bootstrap_free(xp_bootstrap *bootstrap);
/* 95 % interval of sum(num) / sum(den) over concepts. false: den is 0 in every resample. */
bool xp_bootstrap_ratio(xp_bootstrap *bootstrap, const double *num, const double *den, double interval[2]);
/* The same, widened about `centre`: out-of-fold scores share training data, and the plain interval is too narrow (docs/methods.md#intervals). */
void xp_bootstrap_widen(double centre, double factor, double interval[2]);

#endif

/* Bits of a Bernoulli code whose probabilities come from scores (docs/methods.md#description-length). */
#ifndef XP_STATS_CODELENGTH_H
#define XP_STATS_CODELENGTH_H

#include <stddef.h>
#include <stdint.h>

/* P(positive | score) = 1 / (1 + exp(-(slope score + offset))). */
typedef struct xp_platt {
    double slope, offset;
} xp_platt;

/* The slope and offset of greatest likelihood for Platt's targets (N+ + 1) / (N+ + 2) and 1 / (N- + 2), which keep them finite where scores separate
 * the classes (Platt 1999). n 0: no slope, probability 1/2. */
xp_platt xp_platt_fit(size_t n, const double *score, const uint8_t *positive);

/* -log2 of the probability given to what is the case. */
double xp_platt_bits(const xp_platt *platt, double score, int positive);

#endif

/* k-means of the contexts of one word (Chronis & Erk 2020: several vectors for a word, each for one way of using it). */
#ifndef XP_EMBED_PROTOTYPES_H
#define XP_EMBED_PROTOTYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Centres of min(k, n) clusters of n points, largest cluster first (ties: the one with the first point), as rows of
 * `centre`. Where fewer than that many points differ, the first centre fills the rest. row(self, i) is point i.
 * Returns the number of centres, 0 without memory. */
size_t xp_prototypes(size_t n, size_t width, const float *(*row)(const void *self, size_t i), const void *self,
                     size_t k, uint64_t seed, uint32_t stream, float *centre);

#endif

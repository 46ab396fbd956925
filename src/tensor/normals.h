/* Many normal numbers of a stream: what weights are drawn from.
 *
 *     const xp_rng stream = xp_rng_begin(seed, XP_RNG_MODEL, tensor);
 *     xp_normals(&stream, row * columns, columns, .02, weights);
 *
 * Number i is made of block i / 4 of the stream, by Box and Muller's method: words 0 and 1 give the first two, words 2 and 3 the others. A word has 32
 * bits, so that no number is farther than 6.8 deviations from 0. The same bits on every machine. */
#ifndef XP_TENSOR_NORMALS_H
#define XP_TENSOR_NORMALS_H

#include "base/rng.h"

/* Numbers first .. first + n - 1 of the stream, times `deviation`. Where rng stands in the stream makes no difference. */
void xp_normals(const xp_rng *rng, uint64_t first, size_t n, double deviation, float *to);

#endif

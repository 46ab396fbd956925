#include "base/rng.h"

#include <math.h>

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wextra"
#endif
#include <Random123/philox.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

xp_rng xp_rng_begin(uint64_t seed, unsigned purpose, uint32_t stream) {
    return (xp_rng){.seed = seed, .purpose = purpose, .stream = stream};
}

void xp_rng_words(const xp_rng *rng, uint64_t index, uint32_t to[4]) {
    philox4x32_ctr_t counter = {{(uint32_t)index, (uint32_t)(index >> 32), rng->stream, rng->purpose}};
    philox4x32_key_t key = {{(uint32_t)rng->seed, (uint32_t)(rng->seed >> 32)}};
    philox4x32_ctr_t out = philox4x32(counter, key);
    for (int i = 0; i < 4; i++) to[i] = out.v[i];
}

uint64_t xp_rng_bits(xp_rng *rng) {
    if (rng->left < 2) {
        xp_rng_words(rng, rng->index++, rng->block);
        rng->left = 4;
    }
    rng->left -= 2;
    return (uint64_t)rng->block[rng->left] << 32 | rng->block[rng->left + 1];
}

double xp_rng_uniform(xp_rng *rng) { return (double)(xp_rng_bits(rng) >> 11) * 0x1p-53; }

size_t xp_rng_below(xp_rng *rng, size_t n) {
    uint64_t limit = UINT64_MAX - UINT64_MAX % n; /* rejection keeps it unbiased */
    uint64_t bits;
    do bits = xp_rng_bits(rng);
    while (bits >= limit);
    return (size_t)(bits % n);
}

double xp_rng_normal(xp_rng *rng) {
    double radius = sqrt(-2 * log(1 - xp_rng_uniform(rng)));
    return radius * cos(6.283185307179586477 * xp_rng_uniform(rng));
}

void xp_rng_permutation(xp_rng *rng, size_t n, uint32_t *item) {
    for (size_t i = n; i > 1; i--) {
        size_t j = xp_rng_below(rng, i);
        uint32_t swap = item[i - 1];
        item[i - 1] = item[j];
        item[j] = swap;
    }
}

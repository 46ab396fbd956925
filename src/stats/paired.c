#include "stats/paired.h"

#include <math.h>

#include "base/memory.h"
#include "base/rng.h"

/* The sum under the signs of one draw, 64 to a random number. */
static double flipped(const double *d, size_t n, xp_rng *rng) {
    double sum = 0;
    uint64_t bits = 0;
    for (size_t i = 0; i < n; i++) {
        if (i % 64 == 0) bits = xp_rng_bits(rng);
        sum += bits >> (i % 64) & 1 ? d[i] : -d[i];
    }
    return sum;
}

static double signed_by(const double *d, size_t n, uint32_t signs) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += signs >> i & 1 ? d[i] : -d[i];
    return sum;
}

bool xp_paired_sign_flips(const double *difference, size_t n, size_t draws, uint64_t seed, xp_paired *r) {
    *r = (xp_paired){.mean = NAN, .p = NAN, .p_error = NAN};
    double *d = xp_alloc(n, sizeof *d), sum = 0, size = 0;
    if (d == NULL) return false;
    size_t left = 0; /* a difference of 0 has no sign */
    for (size_t i = 0; i < n; i++) {
        if (isnan(difference[i])) continue;
        r->n++;
        sum += difference[i];
        size += fabs(difference[i]);
        if (difference[i] != 0) d[left++] = difference[i];
    }
    if (r->n > 0) {
        r->mean = sum / (double)r->n;
        /* equal in exact arithmetic is reached: sums in another order of signs differ by rounding */
        const double edge = fabs(sum) - 1e-12 * size;
        size_t reached = 0;
        r->exact = left <= XP_FLIPS_EXACT;
        r->flips = r->exact ? (size_t)1 << left : draws;
        for (size_t b = 0; b < r->flips; b++) {
            xp_rng rng = xp_rng_begin(seed, XP_RNG_SIGN_FLIPS, (uint32_t)b);
            reached += fabs(r->exact ? signed_by(d, left, (uint32_t)b) : flipped(d, left, &rng)) >= edge;
        }
        r->p = r->exact ? (double)reached / (double)r->flips : (double)(1 + reached) / (double)(1 + r->flips);
        r->p_error = r->exact || draws == 0 ? 0 : sqrt(r->p * (1 - r->p) / (double)draws);
    }
    xp_free(d);
    return true;
}

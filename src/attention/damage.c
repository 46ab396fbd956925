#include "attention/damage.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"

const char *const xp_damage_names[] = {EXPLAINT_DAMAGES(EXPLAINT_AS_NAME)};

bool xp_damage_can_be_undone(xp_damage damage) { return damage <= XP_DAMAGE_REVERSE; }

static size_t content_places(const xp_rows *rows, uint32_t *place) {
    size_t m = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (!rows->special[i]) place[m++] = (uint32_t)i;
    return m;
}

void xp_damage_order(xp_damage damage, const xp_rows *rows, uint64_t seed, uint32_t stream, uint32_t *scratch,
                     uint32_t *order) {
    xp_rng rng = xp_rng_begin(seed, XP_RNG_DAMAGE + (unsigned)damage, stream);
    for (size_t i = 0; i < rows->n; i++) order[i] = (uint32_t)i;
    if (damage == XP_DAMAGE_PERMUTE) {
        xp_rng_permutation(&rng, rows->n, order);
        return;
    }
    const size_t m = content_places(rows, scratch);
    if (damage == XP_DAMAGE_REVERSE) {
        for (size_t k = 0; k < m; k++) order[scratch[k]] = scratch[m - 1 - k];
        return;
    }
    for (size_t k = m; k > 1; k--) { /* Fisher-Yates on the places of content */
        const size_t other = xp_rng_below(&rng, k);
        const uint32_t moved = order[scratch[k - 1]];
        order[scratch[k - 1]] = order[scratch[other]];
        order[scratch[other]] = moved;
    }
}

static size_t take_next(bool content, size_t d, const xp_rows *rows, const xp_rows *next, float *to) {
    size_t i = 0, j = 0, left = 0;
    memcpy(to, rows->row, rows->n * d * sizeof *to);
    for (; i < rows->n; i++) {
        if (content && rows->special[i]) continue;
        while (content && j < next->n && next->special[j]) j++;
        if (j < next->n)
            memcpy(to + i * d, next->row + j++ * d, d * sizeof *to);
        else
            left++;
    }
    return left;
}

/* Normal numbers, and their squared norm. */
static double draw_noise(size_t d, xp_rng *rng, float *to) {
    double size = 0;
    for (size_t j = 0; j < d; j++) {
        const double z = xp_rng_normal(rng);
        size += z * z;
        to[j] = (float)z;
    }
    return size;
}

/* Noise, scaled to the norm of the row that it replaces; to may be noise. */
static void scale_noise(size_t d, const float *row, const float *noise, double size, float *to) {
    double own = 0;
    for (size_t j = 0; j < d; j++) own += (double)row[j] * row[j];
    const double scale = size > 0 ? sqrt(own / size) : 0;
    for (size_t j = 0; j < d; j++) to[j] = (float)(scale * noise[j]);
}

static void draw_order(size_t n, xp_rng *rng, uint32_t *order) {
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    xp_rng_permutation(rng, n, order);
}

/* Dimension j, in another order. */
static void shuffle_dimension(size_t j, size_t d, const xp_rows *rows, const uint32_t *order, float *to) {
    for (size_t i = 0; i < rows->n; i++) to[i * d + j] = rows->row[order[i] * d + j];
}

void xp_damage_draw(xp_damage damage, size_t n, size_t d, uint64_t seed, uint32_t stream,
                    const xp_damage_drawn *drawn) {
    xp_rng rng = xp_rng_begin(seed, XP_RNG_DAMAGE + (unsigned)damage, stream);
    for (size_t i = 0; damage == XP_DAMAGE_GAUSSIAN && i < n; i++)
        drawn->size[i] = draw_noise(d, &rng, drawn->noise + i * d);
    for (size_t j = 0; damage == XP_DAMAGE_SHUFFLE_DIMENSIONS && j < d; j++) draw_order(n, &rng, drawn->order + j * n);
}

void xp_damage_rows_drawn(xp_damage damage, size_t d, const xp_rows *rows, const xp_damage_drawn *drawn, float *to) {
    for (size_t i = 0; damage == XP_DAMAGE_GAUSSIAN && i < rows->n; i++)
        scale_noise(d, rows->row + i * d, drawn->noise + i * d, drawn->size[i], to + i * d);
    for (size_t j = 0; damage == XP_DAMAGE_SHUFFLE_DIMENSIONS && j < d; j++)
        shuffle_dimension(j, d, rows, drawn->order + j * rows->n, to);
}

size_t xp_damage_rows(xp_damage damage, size_t d, const xp_rows *rows, const xp_rows *next, uint64_t seed,
                      uint32_t stream, uint32_t *scratch, uint32_t *order, float *to) {
    xp_rng rng = xp_rng_begin(seed, XP_RNG_DAMAGE + (unsigned)damage, stream);
    switch (damage) {
    case XP_DAMAGE_PERMUTE:
    case XP_DAMAGE_PERMUTE_CONTENT:
    case XP_DAMAGE_REVERSE:
        xp_damage_order(damage, rows, seed, stream, scratch, order);
        for (size_t i = 0; i < rows->n; i++) memcpy(to + i * d, rows->row + order[i] * d, d * sizeof *to);
        return 0;
    case XP_DAMAGE_NEXT_ROWS:
    case XP_DAMAGE_NEXT_CONTENT_ROWS: return take_next(damage == XP_DAMAGE_NEXT_CONTENT_ROWS, d, rows, next, to);
    case XP_DAMAGE_GAUSSIAN:
        for (size_t i = 0; i < rows->n; i++)
            scale_noise(d, rows->row + i * d, to + i * d, draw_noise(d, &rng, to + i * d), to + i * d);
        return 0;
    case XP_DAMAGE_SHUFFLE_DIMENSIONS:
        for (size_t j = 0; j < d; j++) {
            draw_order(rows->n, &rng, order);
            shuffle_dimension(j, d, rows, order, to);
        }
        return 0;
    case XP_DAMAGE_RANDOM_INIT:
    case XP_N_DAMAGES: break;
    }
    memcpy(to, rows->row, rows->n * d * sizeof *to);
    return 0;
}

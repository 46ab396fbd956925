#include "flow/shares.h"

#include <math.h>

xp_shares xp_shares_of(size_t n, const double *map) {
    xp_shares sum = {0, 0};
    for (size_t i = 0; i < n; i++) {
        const double *row = map + i * n;
        sum.own += row[i];
        for (size_t j = 0; j < n; j++)
            if (row[j] > 0) sum.entropy -= row[j] * log(row[j]);
    }
    return (xp_shares){sum.own / (double)n, sum.entropy / (double)n};
}

/* A share is a quotient of sums in fp64 of what a model computed in fp32. */
static const double ROUNDING = 1e-6;

size_t xp_shares_own_largest(size_t n, const double *map, const uint8_t *left_out, size_t *rows) {
    size_t own = 0;
    *rows = 0;
    for (size_t i = 0; i < n; i++) {
        if (left_out[i]) continue;
        double rival = 0;
        for (size_t j = 0; j < n; j++)
            if (j != i && map[i * n + j] > rival) rival = map[i * n + j];
        own += map[i * n + i] > rival + ROUNDING;
        ++*rows;
    }
    return own;
}

size_t xp_shares_normalise(size_t n, const double *map, double *to) {
    size_t empty = 0;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++) sum += map[i * n + j];
        empty += !(sum > 0);
        for (size_t j = 0; j < n; j++) to[i * n + j] = sum > 0 ? map[i * n + j] / sum : map[i * n + j];
    }
    return empty;
}

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

#include "flow/alti.h"

#include <math.h>

#include "flow/shares.h"
#include "tensor/floats.h"

/* The sum of |x - y|; y NULL: of |x|. In sixteen partial sums, whatever the registers are. */
static double distance(size_t n, const float *x, const float *y) {
    double lane[XP_LANES] = {0}, sum = 0;
    size_t k = 0;
    for (; k + XP_LANES <= n; k += XP_LANES)
        for (size_t l = 0; l < XP_LANES; l++) lane[l] += fabs((double)x[k + l] - (y != NULL ? (double)y[k + l] : 0));
    for (size_t l = 0; k < n; k++, l++) lane[l] += fabs((double)x[k] - (y != NULL ? (double)y[k] : 0));
    for (size_t l = 0; l < XP_LANES; l++) sum += lane[l];
    return sum;
}

bool xp_alti_map(xp_parts *p, double *map, size_t *unit_rows) {
    const size_t n = p->n, d = p->width;
    float *terms = xp_floats_create(n * d);
    if (terms == NULL) return false;
    for (size_t j = 0; j < n; j++) {
        xp_parts_source(p, j, terms);
        for (size_t i = 0; i < n; i++) {
            const float *y = p->y + i * d;
            map[i * n + j] = 0;
            if (p->causal && i < j) continue;
            xp_parts_term(p, i, i == j, terms + i * d, terms + i * d);
            map[i * n + j] = fmax(0, distance(d, y, NULL) - distance(d, y, terms + i * d));
        }
    }
    xp_floats_destroy(terms);
    *unit_rows = xp_shares_normalise(n, map, map);
    for (size_t i = 0; *unit_rows > 0 && i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++) sum += map[i * n + j];
        if (!(sum > 0)) map[i * n + i] = 1;
    }
    return true;
}

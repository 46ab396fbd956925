/* Standardisation and removal of top components: fitted on some rows, applied to any.
 *
 *     xp_transform t = {0};
 *     if (!xp_transform_fit(&t, n, width, rows, true, 3)) ...    // the training rows of a fold, or all
 *     xp_transform_apply(&t, m, others);
 *     xp_transform_free(&t);
 *
 * Both use means, deviations and directions of all rows they see: fitted on rows that are later tested, they leak. */
#ifndef XP_EMBED_TRANSFORM_H
#define XP_EMBED_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>

typedef struct xp_transform {
    size_t width, n_directions;
    double *mean, *scale; /* width; scale is 1 / deviation (denominator n), 0 where a dimension is constant */
    double *direction;    /* n_directions x width, orthonormal: taken out (Mu & Viswanath 2018) */
    size_t n_constant;
} xp_transform;

/* remove_top < min(n, width). Fewer directions are taken out where the rows span fewer. false: no memory. */
bool xp_transform_fit(xp_transform *transform, size_t n, size_t width, const float *rows, bool standardise,
                      size_t remove_top);
void xp_transform_apply(const xp_transform *transform, size_t n, float *rows);
void xp_transform_free(xp_transform *transform);

#endif

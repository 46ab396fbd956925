/* Token continuity of every layer (docs/attention.md#continuity): all that was asked for of a->texts (and of a->random_texts).
 *
 *     xp_continuity *c = NULL;
 *     status = xp_continuity_find(a, &c, error);                    // one unit per layer: xp_continuity_missing(c)
 *     status = xp_continuity_make(c, &linear, &mlp, error);         // states are there
 *     status = xp_continuity_rows(c, error);                        // the measures, as rows of the result
 *     xp_continuity_free(c);
 */
#ifndef XP_ATTENTION_CONTINUITY_H
#define XP_ATTENTION_CONTINUITY_H

#include "attention/fit.h"
#include "attention/mlp.h"
#include "attention/stored.h"

typedef struct xp_continuity xp_continuity;

/* The texts are encoded. */
explaint_status xp_continuity_find(xp_attend *a, xp_continuity **c, explaint_error *error);
/* Layers 0..L that have to be made, and how many. */
const bool *xp_continuity_missing(const xp_continuity *c, size_t *n);
/* linear, mlp: of the missing layers, where they are asked for. */
explaint_status xp_continuity_make(xp_continuity *c, const xp_linear_g *linear, const xp_mlp_g *mlp,
                                   explaint_error *error);
explaint_status xp_continuity_rows(xp_continuity *c, explaint_error *error);
void xp_continuity_free(xp_continuity *c);

#endif

/* How many rows of each text a linear g gives back: what A1 is decided by (docs/attention.md#verdict). */
#ifndef XP_ATTENTION_RECOVERED_H
#define XP_ATTENTION_RECOVERED_H

#include "attention/experiment.h"
#include "attention/fit.h"

/* By reference word, candidates sentence, cosine, hit by id, in the layers from 1 that are asked for. */
typedef struct xp_recovery {
    const xp_corpus *corpus;
    const xp_linear_g *linear; /* while it is made */
    xp_units_hits *layer;      /* 0..L; hits is NULL in layers not asked for */
    double *rows;              /* of each text */
    xp_stored pieces;          /* one per layer */
} xp_recovery;

/* The corpus is encoded. */
explaint_status xp_recovery_find(xp_attend *a, const xp_corpus *corpus, xp_recovery *r, explaint_error *error);
/* Its states are there, and linear holds the layers that are missing. */
explaint_status xp_recovery_make(xp_attend *a, const xp_linear_g *linear, xp_recovery *r, explaint_error *error);
void xp_recovery_free(xp_recovery *r);

#endif

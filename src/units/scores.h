/* condition/system/norms: scores of every concept, level by level; its strongest features; how each fold was fitted; and what a report shows of
 * single concepts, where the run kept it. */
#ifndef XP_UNITS_SCORES_H
#define XP_UNITS_SCORES_H

#include <stdint.h>

#include "base/error.h"
#include "probe/mapping.h"
#include "probe/metrics.h"

/* Where a concept has neighbours: among predictions, among norms, among what goes in. */
typedef enum xp_space { XP_SPACE_PREDICTION, XP_SPACE_GOLD, XP_SPACE_INPUT, XP_N_SPACES } xp_space;
extern const char *const xp_units_spaces[XP_N_SPACES];

/* At the verdict's level, n x XP_TOP each. */
typedef struct xp_shown {
    size_t level;
    float *score;                   /* predicted, of the strongest features at this level; NULL: nothing is kept */
    uint8_t *hit;                   /* 1: the target has that feature */
    bool neighbours;                /* they are to be kept, in the spaces where they are looked for */
    uint32_t *nearest[XP_N_SPACES]; /* concepts, nearest first, UINT32_MAX past the last; NULL: not kept */
    float *cosine[XP_N_SPACES];
} xp_shown;

typedef struct xp_scores {
    size_t n, n_levels;
    xp_score *score; /* n_levels x n x XP_N_METRICS; concepts that take no part have den 0 */
    int *top;        /* n_levels x n x XP_TOP: strongest first, -1 past the last feature */
    size_t n_folds;
    double *chosen; /* n_folds: the level, 0 where none is chosen */
    xp_note *note;  /* n_folds */
    size_t n_epochs;
    double *losses; /* n_folds x 2 x n_epochs, NULL without epochs; NaN behind the last one */
    xp_shown shown;
} xp_scores;

bool xp_scores_alloc(xp_scores *scores, size_t n, size_t n_levels, size_t n_folds);
/* Losses are kept, too. false without memory. */
bool xp_scores_keep_losses(xp_scores *scores, size_t n_epochs);
/* What is shown of this level is kept; its neighbours in this space. false without memory. */
bool xp_scores_show(xp_scores *scores, size_t level);
bool xp_scores_show_neighbours(xp_scores *scores, xp_space space);
void xp_scores_free(xp_scores *scores);
static inline xp_score *xp_score_at(const xp_scores *s, size_t level, size_t i) {
    return s->score + (level * s->n + i) * XP_N_METRICS;
}

/* wanted: bit set of the metrics that are kept, by their names. false: no memory. */
bool xp_units_scores_pack(const xp_scores *scores, unsigned wanted, void **bytes, size_t *size);
/* Those of the wanted metrics that are there; *found tells which. Bytes of version 0.1 name no metrics: they hold those of `wanted` that it had.
 * EXPLAINT_INVALID: they are damaged, or of other concepts; EXPLAINT_FAILED: no memory. */
explaint_status xp_units_scores_unpack(const void *bytes, size_t size, size_t n, unsigned wanted, xp_scores *scores,
                                       unsigned *found);

#endif

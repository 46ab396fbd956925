/* Token continuity of every layer (docs/attention.md#continuity): the measures, as rows of the result, and the shares that A1 needs. */
#ifndef XP_ATTENTION_CONTINUITY_H
#define XP_ATTENTION_CONTINUITY_H

#include "attention/fit.h"
#include "attention/mlp.h"
#include "attention/result.h"

/* All that was asked for of a->texts (and a->random_texts). linear, mlp: NULL where they were not fitted. */
explaint_status xp_continuity(xp_attend *a, const xp_linear_g *linear, const xp_mlp_g *mlp, explaint_error *error);

/* Rows of each text that a linear g gives back (reference word, candidates sentence, cosine, hit by id), true and shuffled
 * pairs: hits[pairs][(layer) * n_texts + text], for layers 0..L. */
explaint_status xp_recovered(const xp_corpus *corpus, const xp_linear_g *linear, unsigned threads, double *hits[2],
                             explaint_error *error);

#endif

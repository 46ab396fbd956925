/* What a layer, or a head, is judged by: numbers of the texts that decide, their intervals over texts, and what follows for each assumption
 * (docs/attention.md#verdict).
 *
 *     xp_judge j = {0};
 *     if (xp_judge_create(&j, a, &evidence, error) != EXPLAINT_OK) ...
 *     xp_judge_map(&j, 3, 0, &layer);
 *     xp_judge_free(&j);
 */
#ifndef XP_ATTENTION_JUDGE_H
#define XP_ATTENTION_JUDGE_H

#include "attention/experiment.h"
#include "attention/flows.h"
#include "attention/recovered.h"
#include "stats/bootstrap.h"

#define XP_HOLDS "holds"
#define XP_FAILS "fails"
#define XP_UNDECIDED "undecided"
#define XP_NOT_TESTABLE "not testable"

/* Of the texts that decide, all of one length. */
typedef struct xp_evidence {
    const xp_experiment *maps;   /* what permuted content did to them */
    const xp_flows *origin;      /* XP_FLOW_ALTI_PRODUCT_OWN_LARGEST */
    const xp_recovery *recovery; /* NULL without a linear g, and A1 is not testable then */
} xp_evidence;

typedef struct xp_judge {
    xp_attend *a;
    const xp_evidence *of;
    xp_bootstrap bootstrap;
    double *value, *weight; /* of texts */
    bool enough_rows;       /* g was fitted on as many as A1 asks for */
    size_t n_alike;         /* texts that have too few others to be compared with (A3) */
    bool comparable;        /* most have enough of them */
    double worst_row;       /* largest distance of a row's sum from 1 */
} xp_judge;

/* Asked of the share of rows whose own token gives most (A2); how far above its null the similarity of A3 has to be, and at which p; and r of other
 * texts' maps from which on they are the same picture. */
extern const double xp_judge_half, xp_judge_margin, xp_judge_level, xp_judge_same;
enum { XP_JUDGE_PEERS = 10 }; /* other texts that A3 compares a text with, at least */

explaint_status xp_judge_create(xp_judge *j, xp_attend *a, const xp_evidence *of, explaint_error *error);
void xp_judge_free(xp_judge *j);

/* layer from 1; head as xp_similarity has it: 0 is the mean of heads. Rows of a layer are the same for all of its heads, so that only A3 and the sink
 * depend on it. */
void xp_judge_map(xp_judge *j, size_t layer, size_t head, explaint_attend_layer *to);
/* A3 fails, and the similarity of permuted content does not say so: other texts have the same picture. */
bool xp_judge_same_picture(const explaint_attend_layer *layer);
/* A0 of the whole run. */
const char *xp_judge_exactness(const xp_judge *j);

#endif

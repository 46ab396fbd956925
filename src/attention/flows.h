/* Where the rows of each text come from, as rows of the result and as maps (docs/attention.md#flow).
 *
 *     xp_flows *flows = NULL;
 *     if (xp_flows_find(a, &flows, error) != EXPLAINT_OK) ...    // what is stored is read back
 *     if (xp_flows_make(flows, NULL, share, error) != EXPLAINT_OK) ...        // one pass of the model for what is missing
 *     xp_flows_rows(flows);
 *     xp_flows_free(flows);
 */
#ifndef XP_ATTENTION_FLOWS_H
#define XP_ATTENTION_FLOWS_H

#include "attention/result.h"
#include "units/flow.h"

/* Hidden token attribution is wanted; of how many directions of each word it is made, from the options or, once texts are encoded, by what it
 * costs, with the setting that says so; whether these are all that a word has. */
enum { XP_FLOWS_LEAST_PROBES = 2 };
bool xp_flows_attributes(const xp_attend *a);
void xp_flows_choose_probes(xp_attend *a);
bool xp_flows_is_exact(const xp_attend *a);
size_t xp_flows_attribution_layers(const xp_attend *a); /* that it passes */

/* One unit per text of a->texts, which are encoded. */
explaint_status xp_flows_find(xp_attend *a, xp_flows **flows, explaint_error *error);
/* Of the texts that decide, ALTI alone; units origin/0, origin/1, ... */
explaint_status xp_flows_find_judged(xp_attend *a, xp_flows **flows, explaint_error *error);
/* No text has its unit. */
bool xp_flows_all_missing(const xp_flows *flows);
/* share: of all the work, as xp_attend_stage has it. keep: the texts, all of them missing, if the same pass is to keep their states and maps; NULL. */
explaint_status xp_flows_make(xp_flows *flows, xp_corpus *keep, double share, explaint_error *error);
/* Adds rows and lints to the result. */
void xp_flows_rows(xp_flows *flows);
/* Of a text: a measure's sum over the *rows that have it. layer from 1. */
double xp_flows_sum(const xp_flows *flows, xp_flow measure, size_t layer, size_t text, double *rows);
void xp_flows_free(xp_flows *flows);

/* Does a measure that is wanted need the map of a head as a whole? Else memory grows with the length of a text. */
bool xp_flows_need_maps(const xp_attend *a);
/* How many columns of rollouts are followed from their piece: piece 0, if it is wanted, and those asked for. */
size_t xp_flows_n_columns(const xp_attend *a);

/* The i-th of the maps of a text that --maps writes, with keep_maps; its name is NULL where the text has none. false: i is behind the last. */
typedef struct xp_flow_map {
    const char *name; /* "rollout" */
    const double *map;
    size_t n_dimensions, shape[3]; /* n x n of the last layer, or layers x n x n */
} xp_flow_map;
bool xp_flows_map(const xp_flows *flows, size_t text, size_t i, xp_flow_map *map);

#endif

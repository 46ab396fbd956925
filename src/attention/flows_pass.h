/* The pass of the model that flow is measured in (flows.h): what is seen of each block of a text, until its unit is made. */
#ifndef XP_ATTENTION_FLOWS_PASS_H
#define XP_ATTENTION_FLOWS_PASS_H

#include "attention/flows.h"
#include "attention/stored.h"
#include "flow/rollout.h"
#include "units/flow.h"

/* Maps of every layer, layers x n x n; with keep_maps until the result is freed. */
typedef enum xp_plane {
    XP_PLANE_MIXED, /* xp_rollout_mix of the mean of heads */
    XP_PLANE_ALTI,
    XP_PLANE_ZEROING,
    XP_PLANE_ATTRIBUTION,
    XP_N_PLANES
} xp_plane;

struct xp_flows {
    xp_attend *a;
    const xp_corpus *corpus;
    bool kept; /* maps are, for --maps */
    bool wants[XP_N_FLOWS], plane[XP_N_PLANES], effective, mixing, maps_needed;
    size_t *column, n_columns;  /* of rollouts that are followed from a piece: piece 0, then those asked for */
    xp_rollout_columns *rolled; /* of each text while it runs */
    xp_units_flow *text;
    xp_stored pieces;               /* one per text */
    double *(*planes)[XP_N_PLANES]; /* of a text; NULL where it is not wanted, or over */
    double **maps;                  /* of a text, with keep_maps: flows.c */
};

/* A map of shares of the text as it is read (sides.h): itself, or folded into `to`. */
const double *xp_flows_read(const xp_flows *flows, size_t text, const double *map, double *to);
/* A value of a measure in a layer (from 0), over so many rows of the text. */
void xp_flows_put(const xp_units_flow *f, size_t measure, size_t layer, double value, size_t rows);

/* Of the texts that are missing: planes, and the measures that need a block. keep: as xp_flows_make has it. */
explaint_status xp_flows_pass(xp_flows *flows, xp_corpus *keep, explaint_error *error);
/* Their attribution, one text after another. */
explaint_status xp_flows_attribute(xp_flows *flows, explaint_error *error);

#endif

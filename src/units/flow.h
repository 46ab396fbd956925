/* What `attend --measures flow` keeps in a ledger: flow/3 says where the rows of text 3 come from, layer by layer. The bytes (units/arrays.h) name
 * text, pieces, layers and measures. origin/3 is the same of a text that decides, of the one measure that A2 needs. */
#ifndef XP_UNITS_FLOW_H
#define XP_UNITS_FLOW_H

#include <stdbool.h>
#include <stddef.h>

/* As rows call them. */
typedef enum xp_flow {
    XP_FLOW_ROLLOUT_OWN,
    XP_FLOW_ROLLOUT_ENTROPY,
    XP_FLOW_ROLLOUT_FIRST,
    XP_FLOW_UNIFORM_FIRST,
    XP_FLOW_OWN,
    XP_FLOW_MIXING_ATTN_W,
    XP_FLOW_MIXING_ATTN_N,
    XP_FLOW_MIXING_ATTNRES_N,
    XP_FLOW_MIXING_ATTNRESLN_N,
    XP_FLOW_ALTI_OWN,
    XP_FLOW_ALTI_ENTROPY,
    XP_FLOW_ALTI_PRODUCT_OWN,
    XP_FLOW_ALTI_PRODUCT_ENTROPY,
    XP_FLOW_ALTI_PRODUCT_OWN_LARGEST,
    XP_FLOW_ALTI_UNIT_ROWS,
    XP_FLOW_ZEROING_OWN,
    XP_FLOW_ZEROING_OTHER,
    XP_FLOW_ZEROING_OWN_NORMALISED,
    XP_FLOW_ZEROING_MAX,
    XP_FLOW_ZEROING_ZERO_ROWS,
    XP_FLOW_EFFECTIVE_RANK_MIN,
    XP_FLOW_EFFECTIVE_RANK_MAX,
    XP_FLOW_EFFECTIVE_REMOVED,
    XP_FLOW_ATTRIBUTION_OWN,
    XP_FLOW_ATTRIBUTION_OWN_NOT_LARGEST,
    XP_FLOW_ATTRIBUTION_ERROR,
    XP_N_FLOWS
} xp_flow;
extern const char *const xp_units_flows[XP_N_FLOWS];

/* What texts have together. */
typedef enum xp_flow_joining { XP_FLOW_MEAN_OF_ROWS, XP_FLOW_SUM, XP_FLOW_LEAST, XP_FLOW_MOST } xp_flow_joining;
extern const xp_flow_joining xp_units_flow_joinings[XP_N_FLOWS];

typedef struct xp_units_flow {
    size_t text, n_pieces, n_layers;
    size_t n_columns;     /* of a rollout, beside the measures: what is XP_N_FLOWS + k in their place */
    const size_t *column; /* their pieces; borrowed */
    double *mean;         /* measure x layer (from 0): over the rows of the text that have a value; NaN: none has */
    double *rows;         /* how many have; x layer, as mean */
} xp_units_flow;

/* Room, in one piece that f->mean begins (xp_free): no row has a value. false: no memory. */
bool xp_units_flow_create(xp_units_flow *f);
static inline size_t xp_units_flow_at(const xp_units_flow *f, size_t measure, size_t layer) {
    return measure * f->n_layers + layer;
}

/* false: no memory. Bytes are released by xp_free. */
bool xp_units_flow_pack(const xp_units_flow *f, void **bytes, size_t *size);
/* Into the room of a unit of this shape. false: they are those of another one, or hold what cannot be. */
bool xp_units_flow_unpack(xp_units_flow *f, const void *bytes, size_t size);

#endif

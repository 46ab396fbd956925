/* A layer of a design while it runs: what its units gave, and what they share. */
#ifndef XP_AUDIT_EXECUTION_H
#define XP_AUDIT_EXECUTION_H

#include "audit/design.h"
#include "audit/refits.h"
#include "units/columns.h"
#include "units/concepts.h"
#include "units/features.h"
#include "units/tests.h"

/* What a unit gave. */
typedef struct xp_unit_output {
    double *value;              /* of a test, of columns: as units/ has them */
    xp_units_observed observed; /* left_out: value */
    void *bytes;                /* of conditions, concepts and features: packed */
    size_t size;
    bool finished; /* it is whole */
} xp_unit_output;

typedef struct xp_execution {
    const xp_design_layer *layer;
    xp_unit_output *output; /* of each of its units */
    double **predictions;   /* a condition: levels x n x m, if they are kept; else NULL */
    /* what units share, while they run */
    xp_relation relation; /* of distinct concepts */
    xp_statistic statistic[XP_N_TESTS];
    xp_refits refits[XP_N_TESTS];
    xp_inputs inputs; /* of conditions that share it; or nothing */
} xp_execution;

/* Layers whose test exchanges the same rows draw together as long as their weights take no more bytes than this. */
#define XP_TOGETHER_KEEP 256e6
/* What n of them take. */
static inline double xp_execution_weights(const xp_design_layer *layer, size_t test, size_t n) {
    const double m = (double)layer->test[test].blocks.n_movable;
    return (double)(n * xp_permutation_test_n_draws((xp_test_id)test)) * m * m / 2 * sizeof(double);
}

/* false: no memory; to be freed either way. */
bool xp_execution_create(xp_execution *execution, const xp_design_layer *layer);
void xp_execution_free(xp_execution *execution);

/* ---- units ---- */

/* Runs one unit. false: no memory, a number that is not finite, or what `error` says. */
bool xp_unit_run(const xp_execution *execution, const xp_unit *unit, xp_unit_output *output, explaint_error *error);
/* Bytes for a store, released by xp_free; the output stays as it is. false: no memory. */
bool xp_unit_pack(const xp_design_layer *layer, const xp_unit *unit, const xp_unit_output *output, void **bytes,
                  size_t *size);
/* Takes what a store had (xp_free). false: no such unit of this layer, and the bytes are released: a stored unit is not believed blindly. */
bool xp_unit_unpack(const xp_design_layer *layer, const xp_unit *unit, xp_unit_output *output, void *bytes,
                    size_t size);
void xp_unit_output_clear(xp_unit_output *output);

/* ---- what they gave ---- */

/* NULL: there is no such unit. */
const xp_unit_output *xp_execution_output(const xp_execution *execution, xp_unit_kind kind, size_t index);
/* What a finished test drew, 1 + permutations values, the observed one first. which: XP_BY_READER and XP_BY_NEIGHBOURS as r; the others on no scale. */
void xp_execution_test_values(const xp_execution *execution, xp_test_id id, size_t which, double *value);

#endif

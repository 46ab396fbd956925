/* A comparison under construction: every string and list it shows is owned here. */
#ifndef XP_COMPARE_COMPARISON_H
#define XP_COMPARE_COMPARISON_H

#include <math.h>

#include "compare/stored_result.h"
#include "explaint/compare.h"
#include "stats/bootstrap.h"

typedef struct xp_comparison {
    explaint_comparison view; /* first: the public struct */
    explaint_compare_options options;
    xp_stored_result arm[2];
    xp_strings texts, command, notes;
    const char **words; /* command, NULL-terminated */
    explaint_compared_change *change;
    explaint_compared_row *row;
    explaint_compared_measure *measure;
    explaint_compared_verdict *verdict;
    size_t change_capacity, row_capacity, measure_capacity, verdict_capacity;
    bool failed;         /* without memory: checked once at the end */
    bool older_tests[2]; /* E1 to E4 of an arm are of version 0.1: gains in scores, not in r */

    /* ---- pairing ---- */
    bool paired;           /* the concepts of both are known, and scored against the same norms */
    bool same_draws;       /* the seed and the kept concepts are the same: so are random targets */
    size_t n;              /* concepts of both */
    uint32_t *place[2];    /* n: place of a concept of both among each arm's */
    xp_bootstrap resample; /* of these n */
} xp_comparison;

const char *xp_comparison_keep(xp_comparison *c, const char *format, ...) XP_PRINTF(2, 3);
void xp_comparison_note(xp_comparison *c, const char *format, ...) XP_PRINTF(2, 3);
/* Room for one more in a growing list, zeroed; NULL without memory. */
void *xp_comparison_grow(xp_comparison *c, void **list, size_t *count, size_t *capacity, size_t size);

/* Adds a change; a, b: as JSON text, NULL: there is none. */
void xp_comparison_change(xp_comparison *c, const char *what, const char *key, const char *a, const char *b);
/* Adds those of the version, and of inputs: for each role (or_role: what may stand in its place) whose files differ. (settings.c) */
typedef struct xp_comparison_role {
    const char *role, *or_role;
} xp_comparison_role;
void xp_comparison_inputs(xp_comparison *c, const xp_comparison_role *roles, size_t n);
/* Adds the settings that differ; without (NULL-terminated): but those. */
void xp_comparison_settings(xp_comparison *c, const char *const *without);
/* All files of the role, in their order: a model has several. */
bool xp_comparison_same_input(const xp_comparison *c, const char *role, const char *or_role);
const explaint_input *xp_comparison_input(const xp_stored_result *arm, const char *role, const char *or_role);

/* What differs, and whether scores may be paired (settings.c). EXPLAINT_INVALID: other norms. */
explaint_status xp_compare_settings(xp_comparison *c, explaint_error *error);

/* Adds a verdict of both arms, each a layer's. NULL without memory. */
explaint_compared_verdict *xp_comparison_verdict(xp_comparison *c, const char *claim, const char *const verdict[2],
                                                 const char *const decided_by[2], const int layer[2]);

/* Adds a measure without qualifiers; head -1: none. NULL without memory. */
explaint_compared_measure *xp_comparison_measure(xp_comparison *c, const int layer[2], int head, const char *measure,
                                                 const double value[2]);
/* Adds numbers that the two structs a and b hold, as measures, but those that neither has. false without memory. */
typedef struct xp_comparison_number {
    const char *measure;
    size_t offset;
} xp_comparison_number;
bool xp_comparison_numbers(xp_comparison *c, const int layer[2], int head, const xp_comparison_number *number, size_t n,
                           const void *a, const void *b);

/* Orders rows of a kind by all that tells them apart: texts and places, but no number and no count. */
int xp_comparison_order(const explaint_kind *kind, const void *a, const void *b);

/* A difference that is not tested. */
static inline explaint_paired xp_comparison_untested(double difference) {
    return (explaint_paired){.difference = difference, .value = {NAN, NAN}, .ci = {NAN, NAN}, .p = NAN, .p_error = NAN};
}
/* Fills *paired from B - A by concept of both (NaN: not in it). widen: of the interval, because out-of-fold scores share training data. */
void xp_comparison_pair(xp_comparison *c, const double *difference, double widen, explaint_paired *paired);

/* Layer a of A beside layer b of B (-1: none); shared: also what no layer enters (rows.c, verdicts.c). */
explaint_status xp_compare_rows(xp_comparison *c, int a, int b, bool shared, explaint_error *error);
explaint_status xp_compare_verdicts(xp_comparison *c, int a, int b, explaint_error *error);

/* Two runs of attend (attention.c): what differs, and whether they are paired by text; layer a beside layer b. */
explaint_status xp_attention_settings(xp_comparison *c, explaint_error *error);
explaint_status xp_attention_layers(xp_comparison *c, int a, int b, bool shared, explaint_error *error);

/* Two runs of relate (relations.c): what differs; rows, heads and verdicts. They have no layers to choose from. */
explaint_status xp_relations_settings(xp_comparison *c, explaint_error *error);
explaint_status xp_relations_all(xp_comparison *c, int a, int b, bool shared, explaint_error *error);

#endif

/* What will run: of each layer a study, the tests it allows and its units. Vectors without layers are one layer without a number. Never changes after it
 * was made: a unit's bytes depend on nothing else. */
#ifndef XP_AUDIT_DESIGN_H
#define XP_AUDIT_DESIGN_H

#include "audit/permutation_tests.h"
#include "audit/request.h"

enum {
    XP_REFIT_BLOCK = 4,     /* refits of a unit */
    XP_GROUP = 12,          /* S: concepts of an unlabelled group (E3) */
    XP_HELD_OUT_GROUP = 18, /* norm clusters held out where no categories are */
    XP_HELD_OUT_FOLDS = 10, /* of the reader, whatever the mapping's are */
    XP_LEAST_LEFT = 10,     /* dimensions of the norms once covariates are taken off */
    XP_LINT_DRAWS = 20,
    XP_LINT_DRAWS_SAVED = 5, /* where fits are saved */
    XP_PERMUTATIONS = 9999,  /* where none are asked for */
    XP_PERMUTATIONS_OF_MANY = 999,
    XP_MANY = 2000, /* distinct concepts, from which on a permutation takes long */
    XP_REFITS = 19
};

typedef enum xp_unit_kind {
    XP_UNIT_CONCEPTS,
    XP_UNIT_FEATURES,
    XP_UNIT_CONDITION,
    XP_UNIT_OBSERVED,
    XP_UNIT_PERMUTATIONS,
    XP_UNIT_EFFECT,
    XP_UNIT_WORD_FORM,
    XP_UNIT_BASELINES,
    XP_UNIT_LINT,
    XP_UNIT_LENGTH
} xp_unit_kind;

typedef struct xp_unit {
    xp_unit_kind kind;
    size_t index;          /* of the condition or test */
    uint32_t first, count; /* permutations, or refits, first .. first + count - 1 */
    double work;           /* arbitrary units, for progress */
    char key[96];
} xp_unit;

typedef struct xp_design_layer {
    const struct xp_design *design;
    const xp_request *request;
    int number;                      /* -1: vectors without layers */
    const explaint_vectors *vectors; /* NULL: none */
    xp_study study, distinct;
    xp_study_notes notes;
    bool has_test[XP_N_TESTS];
    xp_permutation_test test[XP_N_TESTS]; /* of distinct concepts */
    bool shares;                          /* conditions without vectors are those of the first layer */
    xp_unit *units;
    size_t n_units, unit_capacity;
} xp_design_layer;

/* Its address stays, and its layers'. */
typedef struct xp_design {
    const xp_request *request;
    const explaint_norms *norms;
    xp_design_layer *layer; /* all of the same concepts */
    size_t n_layers;
    bool by_layer;           /* they have numbers */
    xp_metric metric;        /* the verdict's */
    unsigned metrics;        /* bit set: that one, too */
    uint8_t *runs_condition; /* xp_n_conditions */
    size_t permutations, refits;
    xp_adjust adjust; /* over layers; none without */
    /* what names the run, in its identity and in the result; texts of inputs are borrowed */
    explaint_input *inputs;
    size_t n_inputs;
    xp_strings setting_keys, setting_values; /* values as JSON text */
    explaint_setting *settings;
    size_t n_settings;
    char *identity;
} xp_design;

/* Fits that decide nothing would take longer than all the rest. */
static inline bool xp_design_saves_fits(const xp_design *design) {
    return design->request->mapping.mapper->slow || design->by_layer;
}
static inline size_t xp_design_lint_draws(const xp_design *design) {
    return xp_design_saves_fits(design) ? XP_LINT_DRAWS_SAVED : XP_LINT_DRAWS;
}

/* request, norms, vectors: borrowed. by_layer: layers have numbers. To be freed either way. */
explaint_status xp_design_make(xp_design *design, const xp_request *request, const explaint_norms *norms,
                               const explaint_layer *layers, size_t n_layers, bool by_layer, explaint_error *error);
void xp_design_free(xp_design *design);

/* ---- its steps; false: no memory ---- */

bool xp_design_list_units(xp_design_layer *layer);
/* Settings and identity, once the layers are there. */
bool xp_design_name(xp_design *design);
/* Which tests the study has (within: as the option), and what each exchanges and holds out (blocks.c). has, test: XP_N_TESTS, zeroed. */
bool xp_permutation_tests_make(const xp_study *distinct, const char *within, bool *has, xp_permutation_test *test);
/* Clusters of the norms, as of E3's cells. label: n. */
bool xp_study_cluster(const xp_study *study, size_t clusters, int *label);

/* ---- what units read (design_layer.c) ---- */

/* How levels are chosen inside. */
xp_inner_cv xp_design_inner_cv(const xp_design_layer *layer);
/* The layer's vectors, norms and folds. */
xp_problem xp_design_problem(const xp_design_layer *layer, const xp_mapping *mapping);
/* Components that no fold of the mapping can exceed: the width of the vectors, and one less than its training concepts. At least 1. */
size_t xp_design_rank(const xp_design *design);
/* Components of the largest fit, 1 where there are none. */
double xp_design_most_components(const xp_request *request);

#endif

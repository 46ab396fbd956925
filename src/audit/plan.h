/* The plan inside: what will run, unit by unit, and what the units gave. */
#ifndef XP_AUDIT_PLAN_H
#define XP_AUDIT_PLAN_H

#include <string.h>

#include "audit/conditions.h"
#include "audit/permutation_tests.h"
#include "audit/refits.h"
#include "units/columns.h"
#include "units/concepts.h"
#include "units/features.h"
#include "units/tests.h"

enum {
    XP_BLOCK = 250,         /* permutations of a unit */
    XP_REFIT_BLOCK = 4,     /* refits of a unit */
    XP_GROUP = 12,          /* S: concepts of an unlabelled group (E3) */
    XP_HELD_OUT_GROUP = 18, /* norm clusters held out where no categories are */
    XP_HELD_OUT_FOLDS = 10, /* of the reader, whatever the mapping's are */
    XP_TEST_K = 10,         /* neighbours of kNN in refits: fixed, so that no choice is repeated in each */
    XP_GRAPH_K = 10,        /* of label propagation's graph */
    XP_LEAST_MOVABLE = 20,
    XP_LEAST_LEFT = 10, /* dimensions of the norms once covariates are taken off */
    XP_LINT_DRAWS = 20,
    XP_LINT_DRAWS_SAVED = 5, /* where fits are saved */
    XP_PERMUTATIONS = 9999,  /* where none are asked for */
    XP_PERMUTATIONS_OF_MANY = 999,
    XP_MANY = 2000, /* distinct concepts, from which on a permutation takes long */
    XP_REFITS = 19,
    XP_MOST_CHOSEN = 100 /* components chosen inside: 1 to this, unless candidates are given */
};

static const double XP_ALPHA = .05;

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
    /* what it gave */
    double *value;              /* of a test, of columns: as units/ has them */
    xp_units_observed observed; /* left_out: value */
    void *bytes;                /* of conditions, concepts and features: packed */
    size_t size;
    bool finished; /* it is whole */
} xp_unit;

typedef enum xp_adjust { XP_ADJUST_NONE, XP_ADJUST_MAX_T, XP_ADJUST_BH } xp_adjust;

struct explaint_plan {
    explaint_infer_options options; /* its strings are in texts */
    xp_strings texts;
    size_t *components; /* owned: the options' */
    double *levels;     /* owned: the mapping's */
    xp_mapping mapping;
    double verdict_level;    /* the largest candidate where they are chosen, 0 where there are none */
    xp_mapping verdict;      /* the mapping at that level, or choosing */
    double test_k;           /* of kNN in refits */
    xp_mapping test_mapping; /* the verdict's, but kNN has a fixed k there: of refits */
    unsigned metrics;        /* bit set */
    bool wants_length;       /* description_length, which is no metric of a prediction */
    xp_metric metric;        /* the verdict's */
    bool claims_information, claims_mapping;
    xp_adjust adjust; /* over layers */
    bool by_category; /* intervals of scores resample categories */
    const explaint_norms *norms;
    const explaint_vectors *vectors;
    xp_study study, distinct;
    xp_study_notes notes;
    uint8_t *runs_condition; /* xp_n_conditions */
    bool has_test[XP_N_TESTS];
    xp_permutation_test test[XP_N_TESTS];
    xp_refits refits[XP_N_TESTS]; /* while they run */
    xp_inputs inputs;             /* of conditions that share it, while they run; or nothing */
    xp_relation relation;         /* of distinct concepts, while tests run */
    bool lint_shuffle;
    xp_unit *units;
    size_t n_units, unit_capacity;
    double **predictions; /* a condition: levels x n x m, if kept */
    char *identity;
    xp_strings command;
    xp_strings setting_keys, setting_values; /* values as JSON text: the one source of identity and result */
    int layer;                               /* of a part; -1: none */
    const struct explaint_plan
        *shares;                 /* of a part: the first one, if its conditions without vectors serve this one too */
    struct explaint_plan **part; /* layer by layer: a plan each, which runs alone; this one then has no units */
    size_t n_parts;
};

static inline size_t xp_plan_n_parts(const struct explaint_plan *plan) { return plan->n_parts > 0 ? plan->n_parts : 1; }
/* Do rows tell the level under this name? */
static inline bool xp_plan_tells(const struct explaint_plan *plan, const char *level) {
    const char *told = plan->mapping.mapper->level;
    return told != NULL && strcmp(told, level) == 0;
}
/* Several penalties side by side are mappings of their own name. */
static inline bool xp_plan_names_levels(const struct explaint_plan *plan) {
    return xp_plan_tells(plan, "alpha") && xp_mapping_n_levels(&plan->mapping) > 1;
}
/* Fits that decide nothing would take longer than all the rest. */
static inline bool xp_plan_saves_fits(const struct explaint_plan *plan) {
    return plan->mapping.mapper->slow || plan->layer >= 0;
}
static inline size_t xp_plan_lint_draws(const struct explaint_plan *plan) {
    return xp_plan_saves_fits(plan) ? XP_LINT_DRAWS_SAVED : XP_LINT_DRAWS;
}
static inline struct explaint_plan *xp_plan_part(const struct explaint_plan *plan, size_t i) {
    return plan->n_parts > 0 ? plan->part[i] : (struct explaint_plan *)plan;
}

/* The study's vectors, norms and folds. */
xp_problem xp_plan_problem(const struct explaint_plan *plan, const xp_mapping *mapping);

/* Two layers of one model, or of one file. */
bool xp_plan_same_file(const explaint_vectors *a, const explaint_vectors *b);

/* Runs one unit. false: no memory, a number that is not finite, or what `error` says. */
bool xp_unit_run(const struct explaint_plan *plan, xp_unit *unit, double *predictions, explaint_error *error);
/* Bytes for a store, released by xp_free; unit->bytes stay as they are. false: no memory. */
bool xp_unit_pack(const struct explaint_plan *plan, const xp_unit *unit, void **bytes, size_t *size);
/* Takes what a store had (xp_free). false: no such unit of this plan, and the bytes are released: a stored unit is not believed blindly. */
bool xp_unit_unpack(const struct explaint_plan *plan, xp_unit *unit, void *bytes, size_t size);
void xp_unit_clear(xp_unit *unit);

/* What a finished test drew, 1 + permutations values, the observed one first. which: XP_BY_READER and XP_BY_NEIGHBOURS as r; the others on no scale. */
void xp_plan_test_values(const struct explaint_plan *plan, xp_test_id id, size_t which, double *value);

/* Which tests the study has (within: as the option), and what each exchanges and holds out (blocks.c). has, test: XP_N_TESTS, zeroed. false without
 * memory. */
bool xp_permutation_tests_make(const xp_study *distinct, const char *within, bool *has, xp_permutation_test *test);
/* Clusters of the norms, as of E3's cells. label: n. false without memory. */
bool xp_study_cluster(const xp_study *study, size_t clusters, int *label);

const xp_unit *xp_plan_unit(const struct explaint_plan *plan, xp_unit_kind kind, size_t index);

#endif

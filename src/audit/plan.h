/* The plan inside: what will run, unit by unit, and what the units gave. */
#ifndef XP_AUDIT_PLAN_H
#define XP_AUDIT_PLAN_H

#include <string.h>

#include "audit/conditions.h"
#include "audit/trials.h"

enum {
    XP_BLOCK = 20,          /* permutations of a unit */
    XP_GROUP = 12,          /* S: concepts of an unlabelled group (E3) */
    XP_HELD_OUT_GROUP = 18, /* norm clusters held out where no categories are */
    XP_TEST_K =
        10, /* neighbours of the kNN beside the tests: fixed, so that no choice is repeated in each permutation */
    XP_GRAPH_K = 10, /* of label propagation's graph */
    XP_LEAST_MOVABLE = 20,
    XP_LINT_DRAWS = 20,
    XP_MOST_CHOSEN = 100 /* components chosen inside: 1 to this, unless candidates are given */
};

typedef enum xp_trial_id { XP_E1, XP_E2, XP_E3, XP_E4, XP_HELD_OUT, XP_N_TRIALS } xp_trial_id;

/* Mappings compared on one concept per equal vector (methods 3.1, mapping). */
typedef enum xp_rival {
    XP_RIVAL_SYSTEM,
    XP_RIVAL_MEAN,
    XP_RIVAL_KNN,
    XP_RIVAL_BOTTLENECK,
    XP_RIVAL_LABEL,
    XP_N_RIVALS
} xp_rival;

typedef enum xp_unit_kind {
    XP_UNIT_CONDITION,
    XP_UNIT_OBSERVED,
    XP_UNIT_PERMUTATIONS,
    XP_UNIT_RIVALS,
    XP_UNIT_LINT
} xp_unit_kind;

typedef struct xp_unit {
    xp_unit_kind kind;
    size_t index;          /* of the condition or trial */
    uint32_t first, count; /* permutations first .. first + count - 1, from 1 */
    double work;           /* arbitrary units, for progress */
    char key[96];
    void *bytes; /* what it gave, NULL before */
    size_t size;
} xp_unit;

struct explaint_plan {
    explaint_infer_options options; /* its strings are in texts */
    xp_strings texts;
    size_t *components; /* owned: the options' */
    double *levels;     /* owned: the mapping's */
    xp_mapping mapping;
    double verdict_level;    /* the largest candidate where they are chosen, 0 where there are none */
    xp_mapping verdict;      /* the mapping at that level, or choosing */
    double test_k;           /* of kNN within the tests */
    xp_mapping test_mapping; /* the verdict's, but kNN has a fixed k there */
    unsigned metrics;        /* bit set */
    xp_metric metric;        /* the verdict's */
    bool claims_information, claims_mapping;
    const explaint_norms *norms;
    const explaint_vectors *vectors;
    xp_study study, distinct;
    xp_study_notes notes;
    uint8_t *runs_condition; /* xp_n_conditions */
    bool has_trial[XP_N_TRIALS];
    xp_trial trial[XP_N_TRIALS];
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
    return xp_plan_tells(plan, "alpha") && xp_n_levels(&plan->mapping) > 1;
}
static inline struct explaint_plan *xp_plan_part(const struct explaint_plan *plan, size_t i) {
    return plan->n_parts > 0 ? plan->part[i] : (struct explaint_plan *)plan;
}

/* Two layers of one model, or of one file. */
bool xp_same_file(const explaint_vectors *a, const explaint_vectors *b);

/* A unit's bytes are doubles and what they mean is read back only by these. */

/* XP_UNIT_CONDITION: scores of the wanted metrics, top features, by fold the chosen level and what the fit says of itself. */
bool xp_pack_scores(const xp_scores *scores, unsigned wanted, void **bytes, size_t *size);
bool xp_unpack_scores(const void *bytes, size_t size, size_t n, unsigned wanted, xp_scores *scores);
/* XP_UNIT_OBSERVED: n values a contender. XP_UNIT_PERMUTATIONS: `count` statistics a contender, then the sum and the number of the system's
 * scores by concept. XP_UNIT_RIVALS: n scores a rival, then by fold the components (ridge: the chosen penalty) of the
 * system and the k of kNN. XP_UNIT_LINT: a difference a draw. */

/* Runs one unit. false: no memory, a number that is not finite, or what `error` says. */
bool xp_unit_run(const struct explaint_plan *plan, xp_unit *unit, xp_trial_scratch *scratch, double *predictions,
                 explaint_error *error);
/* Right size for its kind: a stored unit is not believed blindly. */
bool xp_unit_plausible(const struct explaint_plan *plan, const xp_unit *unit);

/* The system's statistics of a trial under permutations, in their order: null holds as many as were asked for. Returns how many there are. */
size_t xp_trial_null(const struct explaint_plan *plan, size_t trial, size_t contender, double *null);

const xp_unit *xp_plan_unit(const struct explaint_plan *plan, xp_unit_kind kind, size_t index);

#endif

/* The conditions of docs/methods.md#conditions as data: what goes in, what is predicted, beside which mean predictor. */
#ifndef XP_AUDIT_CONDITIONS_H
#define XP_AUDIT_CONDITIONS_H

#include "audit/evaluate.h"

typedef enum xp_input_kind {
    XP_IN_VECTORS,
    XP_IN_NORMS,
    XP_IN_NOTHING,
    XP_IN_LABEL,
    XP_IN_RANDOM,
    XP_IN_SPELLING /* of a study without vectors, where letters stand in their place */
} xp_input_kind;

typedef enum xp_gold_kind {
    XP_GOLD_NORMS,
    XP_GOLD_SHUFFLE,
    XP_GOLD_SHUFFLE_ROWS,
    XP_GOLD_RANDOM,
    XP_GOLD_WORD_FORM,
    XP_GOLD_TAXONOMIC_SHUFFLE,
    XP_GOLD_TAXONOMIC_DROP,
    XP_GOLD_TAXONOMIC_SWAP,
    XP_GOLD_IN_CATEGORY /* the norms, of concepts in categories of at least 5: what taxonomic-swap is compared with */
} xp_gold_kind;

typedef struct xp_condition_spec {
    const char *name, *target; /* as in results; target NULL: computed, not reported as a row */
    xp_input_kind input;
    xp_gold_kind gold;
    bool by_category;   /* whole categories are held out */
    const char *beside; /* a mean predictor runs with this condition; NULL: it is no mean predictor */
} xp_condition_spec;

extern const xp_condition_spec xp_conditions[];
extern const size_t xp_n_conditions;

/* Others are the same for every layer of a model. */
static inline bool xp_condition_sees_vectors(const xp_condition_spec *spec) {
    return spec->input == XP_IN_VECTORS || spec->input == XP_IN_RANDOM;
}

/* Do those that say yes differ in the values of the target alone? Their input side is the same. */
bool xp_condition_shares_input(const xp_condition_spec *spec);

/* Are the columns of its target the features of the norms? Elsewhere they are letters, or have no name. */
bool xp_condition_keeps_features(const xp_condition_spec *spec);

/* Does a study with vectors, or one without, have this condition at all? */
bool xp_condition_serves(const xp_condition_spec *spec, bool vectors);

/* Can the study have this condition? If not, *why says what is missing. */
bool xp_condition_possible(const xp_study *study, const xp_condition_spec *spec, const char **why);

/* The problem of a condition, with the matrices it owns. */
typedef struct xp_prepared {
    xp_problem problem;
    xp_gold gold;    /* if the condition makes its own */
    uint32_t *order; /* rows of the target */
    uint32_t *fold;
    uint8_t *member;
    int *label;
    double *x;
} xp_prepared;

/* mapping: the one under audit. inner_cv: of conditions that choose. false without memory. */
bool xp_condition_prepare(const xp_study *study, const xp_condition_spec *spec, const xp_mapping *mapping,
                          const xp_inner_cv *inner_cv, xp_prepared *prepared);
void xp_prepared_free(xp_prepared *prepared);

#endif

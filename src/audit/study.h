/* The study: what is left of norms and vectors once they are matched, and everything a unit may read. Never changes after it was made. */
#ifndef XP_AUDIT_STUDY_H
#define XP_AUDIT_STUDY_H

#include "base/strings.h"
#include "control/conditions.h"
#include "explaint/infer.h"
#include "norms/norms.h"
#include "probe/target.h"

enum { XP_LEAST_CATEGORIES = 4 }; /* fewer categories are not held out */

typedef struct xp_study {
    bool no_vectors;      /* every concept is kept, and x is the spelling */
    size_t n, m, d;       /* kept concepts, kept features, width of the vectors */
    uint32_t *concept_of; /* n: index in the norms */
    uint32_t *feature_of; /* m */
    xp_gold gold;         /* n x m */
    double *x;            /* n x d */
    bool dense;           /* at least half of the cells are not zero */
    uint8_t *taxonomic;   /* m, or NULL: not known */
    int *label;           /* n: category, -1 none */
    size_t n_labels;
    size_t n_categories; /* categories that a kept concept has */
    size_t n_large;      /* those of at least 5 concepts */
    bool has_labels;     /* there is one */
    uint32_t *fold;      /* n */
    size_t n_folds;
    uint32_t *twin; /* n: the first concept with an equal vector */
    uint32_t *
        tested; /* n: who stands for it in the tests: the first concept with an equal vector and a feature; UINT32_MAX: it has no feature itself */
    double *spelling;   /* n x XP_SPELLING */
    double *covariates; /* n x n_covariates, from 0 to 1; NULL: none */
    size_t n_covariates;
} xp_study;

/* What was read beside the norms and vectors. */
typedef struct xp_study_notes {
    xp_strings labels;       /* category names */
    xp_strings covariates;   /* their names */
    xp_strings dropped, why; /* concepts that are left out */
    xp_strings notes;
    char folds_sha256[65], categories_sha256[65], covariates_sha256[65]; /* "" if no file */
} xp_study_notes;

/* vectors: NULL: none. */
explaint_status xp_study_create(xp_study *study, xp_study_notes *notes, const explaint_norms *norms,
                                const explaint_vectors *vectors, const explaint_infer_options *options,
                                explaint_error *error);
void xp_study_free(xp_study *study);
void xp_study_notes_free(xp_study_notes *notes);

/* The study as the tests need it (docs/methods.md#distinct): one concept per distinct vector, none without a feature. Columns stay. */
bool xp_study_distinct(const xp_study *study, xp_study *distinct);

/* The study of n of its concepts, each of them once. Columns stay. false without memory. */
bool xp_study_select(const xp_study *study, const uint32_t *row, size_t n, xp_study *selected);

/* Folds of whole categories: units from the largest (ties: the one whose first concept comes first), each into the smallest fold (ties: the lowest); concepts
 * without category are units of one. Returns the number of folds, min(k, units); 0: no memory. */
size_t xp_study_category_folds(const int *label, size_t n, size_t n_labels, size_t k, uint32_t *fold);
size_t xp_study_categories_of_size(const int *label, size_t n, size_t n_labels, size_t least, int *only);

static inline xp_target xp_study_target(const xp_gold *gold, const uint32_t *row) {
    return (xp_target){
        .y = &gold->y, .row = row, .missing_start = gold->missing_start, .missing_column = gold->missing_column};
}

#endif

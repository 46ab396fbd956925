/* Permutation tests with refit (methods 1.6, 3.1): one trial for each of E1 to E4. */
#ifndef XP_AUDIT_TRIALS_H
#define XP_AUDIT_TRIALS_H

#include "audit/evaluate.h"
#include "probe/plsr.h"
#include "stats/permute.h"

/* What is fitted beside each other on the same permutations. */
typedef enum xp_contender { XP_SYSTEM, XP_PEER, XP_WORD_FORM, XP_N_CONTENDERS } xp_contender;

typedef struct xp_trial_settings {
    size_t n_components; /* of the claim; the largest candidate where they are chosen */
    xp_plsr_rule rule;
    size_t k; /* neighbours of kNN: fixed, so that no choice has to be repeated */
    bool knn; /* the system is kNN, and there is no peer */
    xp_metric metric;
    uint64_t seed;
} xp_trial_settings;

typedef struct xp_trial {
    const char *id;
    unsigned purpose;      /* of the permutations' randomness */
    const xp_study *study; /* one concept per equal vector */
    xp_trial_settings settings;
    bool word_form; /* also the spelling, by ridge */
    xp_blocks blocks;
    uint32_t *fold;
    size_t n_folds;
    struct xp_trial_fold *folds; /* the input side of each fold, prepared once, read by all threads */
    size_t r, n_test_max;
} xp_trial;

/* label: blocks of rows that are exchanged (< 0: fixed). fold: taken over (copied). false without memory. */
bool xp_trial_create(xp_trial *trial, const char *id, unsigned purpose, const xp_study *study,
                     const xp_trial_settings *settings, bool word_form, const int *label, const uint32_t *fold,
                     size_t n_folds);
void xp_trial_free(xp_trial *trial);

/* Scratch of one thread. */
typedef struct xp_trial_scratch {
    xp_plsr plsr;
    xp_nipals nipals; /* of plsr, if the rule asks for it */
    xp_path path;
    xp_columns columns;
    xp_ranking ranking;
    double *block, *row;
    uint32_t *seen; /* m */
    int *top;
    uint32_t *order, *permuting;
} xp_trial_scratch;

bool xp_trial_scratch_alloc(xp_trial_scratch *scratch, const xp_trial *trial);
void xp_trial_scratch_free(xp_trial_scratch *scratch);

/* Refits everything on permutation `number` (0: as observed). score[contender]: n values of the metric, NaN for concepts that cannot move or have none;
 * contenders that do not run are left alone. false: no memory or not finite. */
bool xp_trial_run(const xp_trial *trial, xp_trial_scratch *scratch, uint32_t number, double *score[XP_N_CONTENDERS]);

#endif

/* Permutation tests with refit (methods 1.6, 3.1): one trial for each of E1 to E4. */
#ifndef XP_AUDIT_TRIALS_H
#define XP_AUDIT_TRIALS_H

#include "audit/evaluate.h"
#include "stats/permute.h"

/* Bytes, about, up to which a trial keeps the input sides of inner splits. */
#define XP_TRIAL_KEEPS 256e6

/* What is fitted beside each other on the same permutations. */
typedef enum xp_contender { XP_SYSTEM, XP_PEER, XP_WORD_FORM, XP_N_CONTENDERS } xp_contender;

typedef struct xp_trial_settings {
    xp_mapping system; /* of the claim: one level, several side by side, or those it is chosen from */
    size_t verdict;    /* place of the level that is the system's; the others are scored beside it */
    size_t k;          /* neighbours of the peer, kNN: fixed, so that no choice has to be repeated */
    xp_metric metric;
    uint64_t seed;
} xp_trial_settings;

/* The side of a contender: what goes in, and of each fold what does not depend on the permutation. */
typedef struct xp_side {
    xp_mapping mapping; /* mapper NULL: does not run */
    double level;       /* where there is one, its place */
    xp_data data;
    xp_input *input; /* n_folds */
} xp_side;

typedef struct xp_trial {
    const char *id;
    unsigned purpose;      /* of the permutations' randomness */
    const xp_study *study; /* one concept per equal vector */
    xp_trial_settings settings;
    xp_side side[XP_N_CONTENDERS];
    xp_blocks blocks;
    uint32_t *fold;
    size_t n_folds;
    struct xp_trial_fold *folds; /* read by all threads; NULL before xp_trial_prepare */
    size_t n_test_max;
} xp_trial;

/* Where the system is kNN, there is no peer. */
static inline bool xp_trial_has(const xp_trial *trial, xp_contender contender) {
    return trial->side[contender].mapping.mapper != NULL;
}

/* Several levels on the same permutations, from one fit; 0: one alone. */
static inline size_t xp_trial_levels(const xp_trial *trial) {
    const xp_mapping *system = &trial->settings.system;
    return !system->choose && system->levels.count > 1 ? system->levels.count : 0;
}

/* label: blocks of rows that are exchanged (< 0: fixed). fold: taken over (copied). false without memory. */
bool xp_trial_create(xp_trial *trial, const char *id, unsigned purpose, const xp_study *study,
                     const xp_trial_settings *settings, bool word_form, const int *label, const uint32_t *fold,
                     size_t n_folds);
void xp_trial_free(xp_trial *trial);
/* The input side of the folds, tens of megabytes: made before the first run, released after the last. false without memory. */
bool xp_trial_prepare(xp_trial *trial);
void xp_trial_release(xp_trial *trial);

/* Scratch of one thread. */
typedef struct xp_trial_scratch {
    xp_work work[XP_N_CONTENDERS];
    xp_columns columns;
    xp_ranking ranking;
    double *block, *row;
    int *top;
    double *level; /* levels x n, where there are several: the system's scores at each, after a run */
    uint32_t *order, *permuting;
} xp_trial_scratch;

bool xp_trial_scratch_alloc(xp_trial_scratch *scratch, const xp_trial *trial);
void xp_trial_scratch_free(xp_trial_scratch *scratch);

/* Refits everything on permutation `number` (0: as observed). score[contender]: n values of the metric, NaN for concepts that cannot move or have none;
 * contenders that do not run are left alone. false: no memory, not finite, or what `error` says. */
bool xp_trial_run(const xp_trial *trial, xp_trial_scratch *scratch, uint32_t number, double *score[XP_N_CONTENDERS],
                  explaint_error *error);

#endif

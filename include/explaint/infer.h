/* Property inference with every control: norms and vectors go in, scores, tests and verdicts come out (docs/methods.md; a whole program:
 * docs/examples/infer.c).
 *
 *     explaint_infer_options options = explaint_infer_defaults();
 *     explaint_plan *plan = NULL;
 *     explaint_result *result = NULL;
 *     options.permutations = 999;
 *     if (explaint_infer_plan(norms, vectors, &options, &plan, &error) != EXPLAINT_OK) return error.code;
 *     if (explaint_plan_run(plan, NULL, NULL, &result, &error) == EXPLAINT_OK) puts(result->verdicts[0].text);
 *     explaint_result_free(result);
 *     explaint_plan_close(plan);
 *
 * A plan is a list of units, such as one condition, or 250 permutations of one test. What a unit gives depends on nothing but the plan,
 * so units may run on any number of threads, be stored, and be read back by a later run.
 */
#ifndef EXPLAINT_INFER_H
#define EXPLAINT_INFER_H

#include <stdbool.h>
#include <stdint.h>

#include "explaint/catalogue.h"
#include "explaint/error.h"
#include "explaint/norms.h"
#include "explaint/result.h"
#include "explaint/vectors.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of the mapping ffnn. 0, and a dropout below 0, take the preset's. */
typedef struct explaint_ffnn_options {
    const char *preset;   /* "default" (NULL too) or "chronis2023" */
    size_t hidden;        /* units of the hidden layer, 300 */
    size_t batch;         /* concepts of a step, 32; chronis2023: 1 */
    size_t epochs;        /* at most, 50 */
    double dropout;       /* share of units dropped in training, .2 */
    double learning_rate; /* of Adam, 1e-3; chronis2023: 1e-4 */
} explaint_ffnn_options;

#define EXPLAINT_BY_DEFAULT SIZE_MAX /* of a count: as many as the norms and the mapping suggest */

typedef struct explaint_infer_options {
    const char *mapping; /* "plsr" (default), or another of the catalogue (explaint/catalogue.h) */
    const char *pls;     /* "exact" (default), or "sklearn": as scikit-learn's PLSRegression with its defaults stops */
    /* Component counts, ascending. NULL: explaint_norms_components, or fewer where vectors or folds are too small for them; with choose_components 1 to
     * 100. */
    const size_t *components;
    size_t n_components;    /* how many counts */
    bool choose_components; /* each fold takes the best of these counts on an inner split of its training concepts */
    /* The count that the verdict is about. 0: the norms' usual one if it is among the counts, else the largest. */
    size_t verdict_components;
    /* Of ridge: penalties, ascending, with commas. "auto" or NULL: each fold takes one on an inner split. */
    const char *alpha;
    const char *conditions;      /* "all" or names with commas (docs/methods.md#conditions) */
    const char *metrics;         /* "all" or names with commas */
    size_t folds;                /* K, 10 */
    const char *folds_file;      /* CSV concept,fold; NULL: a seeded permutation, rank mod K */
    const char *categories_file; /* CSV concept,category; NULL: from the norms */
    /* CSV concept,NAME,...: numbers that are taken off the norms in the tests; NULL: none. */
    const char *covariates_file;
    uint64_t seed;        /* 1 */
    size_t permutations;  /* B; by default 9,999, of 2,000 distinct concepts and more 999; 0: no tests, no verdict */
    size_t refits;        /* of the mapping, for the size of an effect; by default 19, of ffnn and over layers 0 */
    const char *within;   /* "default", "all", "category" or "cluster": which tests to run */
    size_t bootstrap;     /* resamples of an interval, 2000 */
    const char *interval; /* what the intervals of scores resample: "concepts", or "categories" as a whole */
    const char *adjust;   /* p over layers: "max-t" (default), "bh" or "none" */
    /* Neighbours of kNN and of label propagation's graph. 0: kNN chooses among 1, 5, 10, 20 on an inner split, the graph has 10. */
    size_t k;
    double margin;              /* a gain in r below it is no gain worth having, .02 */
    bool group_identical;       /* concepts with equal vectors go into one fold */
    bool by_fold;               /* rows by fold follow the pooled ones */
    bool keep_predictions;      /* keep every out-of-fold matrix for explaint_result_predictions */
    const char *claim;          /* "all", "information" or "mapping" */
    explaint_ffnn_options ffnn; /* of the mapping ffnn */
    unsigned threads;           /* 0: all processors. Changes no result */
    const char *const *command; /* what the user typed, without what changes no result; NULL-terminated; may be NULL */
} explaint_infer_options;

EXPLAINT_API explaint_infer_options explaint_infer_defaults(void);

/* ---- what a run gives; every pointer belongs to the result ---- */

typedef struct explaint_row {
    const char *norms, *source;
    const char *mapping; /* "ridge:10" where several penalties stand side by side */
    const char *condition, *target, *metric;
    int layer;           /* -1: null */
    size_t n_components; /* 0: null */
    int fold;            /* -1: null, the mean over all concepts pooled over folds */
    double value;
    size_t n, undefined; /* concepts in the mean; concepts whose value does not exist */
    double ci[2];        /* NaN: none, as of all numbers below */
    /* only of stored runs of version 0.1, whose tests were of a score */
    double p, p_adjusted, mde, p_interval[2];
    int sequential; /* -1: null */
    size_t permutations;
} explaint_row;

/* One assumption of a claim and its test. A number that does not exist is NaN here and absent in JSON. */
typedef struct explaint_assumption {
    const char *id;        /* "E1".."E4", "E4-clusters", "W", "mean", "knn", "bottleneck", "reader" */
    const char *text;      /* what is assumed, in words */
    const char *outcome;   /* "holds", "fails", "undecided", "not testable"; "shown": decides nothing */
    const char *why;       /* one sentence: the numbers, or why it is not testable */
    const char *statistic; /* "agreement"; NULL: a difference of scores */
    double observed;       /* r; of a difference the mapping's score */
    double r;              /* of the statistic "agreement": the same */
    double gain, ci[2], p, p_error, z, mde, null_mean, null_sd;
    /* It holds if p is at most `level`. Else it fails if `upper`, which is gain + 1.645 null_sd, is below `margin`. */
    double level, upper, margin;
    double peer_gain, peer_p;  /* of copied neighbours in the place of the reader, on the same permutations */
    bool peer_rejects;         /* p at most the level */
    double effect;             /* size: gain in the verdict's metric by refits of the mapping; it decides nothing */
    const char *effect_metric; /* NULL: no refits */
    size_t effect_refits;
    size_t n, permutations; /* concepts that can move; B */
    double p_adjusted;      /* over layers, by max-T or Benjamini-Hochberg */
    /* The last two are only of stored runs of version 0.1. */
    double p_interval[2];
    int sequential; /* stopped early; -1: null */
} explaint_assumption;

typedef struct explaint_verdict {
    const char *claim;      /* "information", "mapping" */
    const char *verdict;    /* "supported", "not supported", "undecided" */
    const char *decided_by; /* id of the assumption that decided; "" if none stands out */
    const char *text;       /* the verdict in plain words */
    const char *metric;     /* of scores, "f1_at_10" or "spearman" */
    size_t n_components;    /* 0: none, or chosen by fold */
    const char *mapping;    /* "ridge:10" where several penalties stand side by side; else NULL */
    const explaint_assumption *assumptions;
    size_t n_assumptions;
    int layer; /* -1: vectors without layers, or all layers */
    /* 0: the claim is about one source. Else it is that the claim is so in at least one of these layers, by p adjusted over them. */
    size_t n_layers;
    int best_layer;     /* of such a verdict: the one whose assumptions are listed; else -1 */
    const char *answer; /* what came out, in a sentence that needs no statistics */
} explaint_verdict;

/* How many components were used, which may be fewer than were asked for if the rank ran out. With choose_components there is one entry for
 * each fold, and `asked` is the count that was chosen inside. */
typedef struct explaint_fold_components {
    const char *condition, *target; /* target: NULL unless chosen */
    size_t fold, asked, used;
    int layer; /* -1: none */
} explaint_fold_components;

/* The penalty that a fold of ridge chose inside. */
typedef struct explaint_fold_penalty {
    const char *condition, *target;
    size_t fold;
    double alpha;
    int layer; /* -1: none */
} explaint_fold_penalty;

/* Iterations of pls "sklearn" in one fold, over its components. */
typedef struct explaint_fold_iterations {
    const char *condition, *target;
    size_t fold, components, total, most;
    size_t capped; /* components that stopped at the most iterations allowed, 500 */
    int layer;     /* -1: none */
} explaint_fold_iterations;

/* How a fold of ffnn was trained: the loss of each epoch, on the training concepts and on the development concepts. */
typedef struct explaint_fold_losses {
    const char *condition, *target;
    size_t fold, epochs, best; /* epochs run; the one whose weights predict, from 1 */
    const double *train, *dev; /* dev: NULL without development concepts */
    int layer;                 /* -1: none */
} explaint_fold_losses;

typedef struct explaint_result {
    explaint_record record; /* explaint_infer_kind */
    const char *version;
    const char *const *command; /* NULL-terminated */
    const explaint_input *inputs;
    size_t n_inputs;
    const explaint_setting *settings;
    size_t n_settings;
    const explaint_dropped *dropped;
    size_t
        n_dropped; /* Conditions in the paper's order; within one, metrics in the order of docs/methods.md#metrics. */
    const explaint_row *rows;
    size_t n_rows;
    const explaint_lint *lints;
    size_t n_lints;
    const explaint_verdict *verdicts;
    size_t n_verdicts;
    const explaint_fold_components *components;
    size_t n_component_notes;
    bool components_chosen;                     /* by fold: rows have n_components 0 */
    const explaint_fold_iterations *iterations; /* of the largest count, conditions in order; NULL with pls "exact" */
    size_t n_iterations;
    const explaint_fold_losses *losses; /* of ffnn, conditions in order; else NULL */
    size_t n_losses;
    size_t n_losses_listed;                 /* in documents: all if they are asked for, else none */
    const explaint_fold_penalty *penalties; /* of ridge, if they are chosen */
    size_t n_penalties;
    const char *signature;
    const char *verdict_mapping;   /* as rows name it */
    const char *verdict_metric;    /* "f1_at_10" or "spearman" */
    size_t verdict_components;     /* 0: none, or chosen by fold */
    size_t n_concepts, n_features; /* kept */
    double chance, ceiling;        /* of F1@10 on the norms */
    const char *answer;            /* what came out of all verdicts, in plain words */
    void *internals;
} explaint_result;

/* The record of a run, and what it is made of (explaint/result.h). */
EXPLAINT_API extern const explaint_kind explaint_infer_kind, explaint_row_kind, explaint_verdict_kind,
    explaint_assumption_kind;

EXPLAINT_API void explaint_result_free(explaint_result *result);

/* The ten strongest predicted features of concept i under a condition: numbers of kept features, -1 where there are fewer than ten. count: a
 * component count of the run, 0 if it has none. NULL: there is no such condition. */
EXPLAINT_API const int *explaint_result_top(const explaint_result *result, const char *condition, size_t count,
                                            size_t i);
EXPLAINT_API const char *explaint_result_concept(const explaint_result *result, size_t i);
EXPLAINT_API const char *explaint_result_feature(const explaint_result *result, size_t j);
EXPLAINT_API int explaint_result_fold(const explaint_result *result, size_t i);
/* Gold value of kept concept i, kept feature j in the norms. */
EXPLAINT_API double explaint_result_gold(const explaint_result *result, size_t i, size_t j);
/* Writes predictions. A path with the suffix .safetensors holds whole out-of-fold matrices (fp64, n x m, "predictions.CONDITION.COUNT"), for which
 * keep_predictions must have been set; any other path is a CSV of each concept's top features with hit or miss. */
EXPLAINT_API explaint_status explaint_result_write_predictions(const explaint_result *result, const char *path,
                                                               explaint_error *error);

/* ---- running ---- */

typedef struct explaint_plan explaint_plan;

/* Where finished units are kept. The functions are never called from two threads at once. `find` sets *bytes to NULL if the unit is not
 * stored; otherwise the bytes belong to the caller, who releases them with free(). */
typedef struct explaint_units {
    void *self;
    explaint_status (*find)(void *self, const char *key, void **bytes, size_t *size, explaint_error *error);
    explaint_status (*keep)(void *self, const char *key, const void *bytes, size_t size, explaint_error *error);
} explaint_units;

/* `report` is called after each unit and about ten times a second, from one thread at a time. Work is in arbitrary units. Return false to
 * stop: units that are running are given up, stored ones stay. */
typedef struct explaint_progress {
    void *self;
    bool (*report)(void *self, const char *what, double work_done, double work_total);
} explaint_progress;

/* Reads folds and categories, matches concepts, and decides what will run. Norms and vectors must outlive the plan. Without vectors (NULL) it
 * plans what norms give by themselves (explaint/baseline.h): no tests, and the letters of the words in the place of vectors. options NULL: the
 * defaults. Errors: EXPLAINT_USAGE (a setting out of range), EXPLAINT_INVALID (folds, categories or covariates that do not fit, norms that
 * allow no fit). */
EXPLAINT_API explaint_status explaint_infer_plan(const explaint_norms *norms, const explaint_vectors *vectors,
                                                 const explaint_infer_options *options, explaint_plan **plan,
                                                 explaint_error *error);

/* The same for several layers. Concepts, folds, seed and permutations are the same for all of them, so that p can also be adjusted over the
 * layers: the best layer is picked after looking, and its p should know it. Rows, verdicts and lists by fold carry the layer; a row that
 * depends on no vector stands there once. The first verdict is about all layers: that the claim is so in at least one of them. Errors are
 * those of explaint_infer_plan; EXPLAINT_INVALID also if a layer has vectors for other concepts. */
EXPLAINT_API explaint_status explaint_infer_plan_layers(const explaint_norms *norms, const explaint_layer *layers,
                                                        size_t n_layers, const explaint_infer_options *options,
                                                        explaint_plan **plan, explaint_error *error);
EXPLAINT_API void explaint_plan_close(explaint_plan *plan);
/* One JSON object (inputs, settings, command, version): two plans with equal identity give equal bytes. Borrowed. */
EXPLAINT_API const char *explaint_plan_identity(const explaint_plan *plan);
EXPLAINT_API size_t explaint_plan_n_units(const explaint_plan *plan);
EXPLAINT_API const char *explaint_plan_unit(const explaint_plan *plan, size_t i); /* key */
EXPLAINT_API const char *explaint_plan_covariate(const explaint_plan *plan,
                                                 size_t i);          /* its name; NULL: there are fewer */
EXPLAINT_API double explaint_plan_memory(const explaint_plan *plan); /* bytes, estimated */
EXPLAINT_API double explaint_plan_seconds(
    const explaint_plan *plan); /* estimated from the operations and a short measurement */

/* Runs what is not stored yet. units and progress may be NULL. EXPLAINT_INTERRUPTED: stopped by progress. */
EXPLAINT_API explaint_status explaint_plan_run(explaint_plan *plan, const explaint_units *units,
                                               const explaint_progress *progress, explaint_result **result,
                                               explaint_error *error);

#ifdef __cplusplus
}
#endif
#endif

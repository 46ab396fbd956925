/* A stand-in for the library's scores without vectors: fixed numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explaint/explaint.h"

static const explaint_needs needs = {.need = {{"E1", 100, .036, 1},
                                              {"E1", 300, .012, 1},
                                              {"E1", 541, .007, 1},
                                              {"E1", 1000, .004, 0},
                                              {"E2", 300, .024, 1},
                                              {"E2", 541, .013, 1},
                                              {"E2", 1000, .0072, 0},
                                              {"E3", 100, .06, 1},
                                              {"E3", 300, .024, 1},
                                              {"E3", 541, .013, 1},
                                              {"E3", 1000, .0072, 0},
                                              {"E4", 300, .014, 1},
                                              {"E4", 541, .008, 1},
                                              {"E4", 1000, .0045, 0}},
                                     .n_needs = 14,
                                     .present = 541};

explaint_status explaint_plan_needs(const explaint_plan *plan, explaint_needs *out, explaint_error *error) {
    (void)plan, (void)error;
    *out = needs;
    return EXPLAINT_OK;
}

static explaint_input input = {"norms", "mcrae", "mcrae", "00", {541, 2526}, 7257};
static const explaint_setting settings[] = {{"mapping", "\"plsr\""}, {"folds", "10"}, {"seed", "1"}};
#define ROW(mapping_, condition_, components, value_, low, high, n_)                                                   \
    {                                                                                                                  \
        .norms = "mcrae", .mapping = mapping_, .condition = condition_, .target = "norms", .metric = "f1_at_10",       \
        .layer = -1, .n_components = components, .fold = -1, .value = value_, .n = n_, .ci = {low, high},              \
    }
static const explaint_row rows[] = {ROW("mean", "mean", 0, .137, .131, .142, 541),
                                    ROW("plsr", "upper", 25, .273, .262, .284, 541),
                                    ROW("category-mean", "category-mean", 0, .397, .383, .411, 340),
                                    ROW("plsr", "word-form", 25, .099, .09, .108, 541)};
static explaint_result result = {.version = EXPLAINT_VERSION,
                                 .inputs = &input,
                                 .n_inputs = 1,
                                 .settings = settings,
                                 .n_settings = 3,
                                 .rows = rows,
                                 .n_rows = 4,
                                 .verdict_mapping = "plsr",
                                 .verdict_metric = "f1_at_10",
                                 .verdict_components = 25,
                                 .n_concepts = 541,
                                 .n_features = 2526,
                                 .chance = .005,
                                 .ceiling = .836};
static const explaint_scored claim = {
    .metric = "f1_at_10",
    .value = .25,
    .share = .16,
    .chance = .005,
    .mean = .137,
    .spelling = .099,
    .category = .397,
    .upper = .273,
    .ceiling = .836,
    .in_category = 340,
    .text = "A score of 0.25 in F1@10 is 16 % of the way from the mean predictor (0.137) to the ceiling (0.836)."};

explaint_status explaint_baseline_run(const explaint_norms *norms, const explaint_infer_options *options,
                                      const explaint_score *score, const explaint_progress *progress,
                                      explaint_baseline **baseline, explaint_error *error) {
    (void)norms, (void)error;
    *baseline = calloc(1, sizeof **baseline);
    result.command = options->command;
    **baseline = (explaint_baseline){.record.kind = &explaint_baseline_kind,
                                     .version = EXPLAINT_VERSION,
                                     .rows = rows,
                                     .n_rows = 4,
                                     .chance = .005,
                                     .ceiling = .836,
                                     .needs = needs.need,
                                     .n_needs = needs.n_needs,
                                     .present = needs.present,
                                     .result = &result};
    if (score != NULL) (*baseline)->claim = claim;
    (*baseline)->answer = score != NULL ? claim.text : "Without any vectors, a category label alone reaches .398.";
    if (score != NULL && score->metric != NULL && strcmp(score->metric, "f1_at_10") != 0) exit(99);
    if (score != NULL && fabs(score->value - .25) > 1e-12) exit(98);
    if (progress != NULL) progress->report(progress->self, "condition/mean/norms", 1, 1);
    return EXPLAINT_OK;
}

void explaint_baseline_free(explaint_baseline *baseline) { free(baseline); }

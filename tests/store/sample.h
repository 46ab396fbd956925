/* A small result with every kind of member, absent ones, and text that needs escaping. golden/document.py says the same in
 * Python and makes the expected document. */
#ifndef TESTS_STORE_SAMPLE_H
#define TESTS_STORE_SAMPLE_H

#include <math.h>

#include "explaint/infer.h"

#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const char *const sample_command[] = {"infer", "--norms", "mc \"rae\"", "--embeddings", "glove\n.txt", NULL};
static const explaint_input sample_inputs[] = {
    {"norms", "mcrae", "norms/mc\\rae.csv", SHA_A, {541, 2526}, 7257},
    {"embeddings", "glove.100d", "glove\xff.txt", SHA_B, {540, 100}, 0},
    {"folds", "folds", NULL, SHA_A, {0, 0}, 0},
};
static const explaint_setting sample_settings[] = {
    {"mapping", "\"plsr\""}, {"n_components", "[25]"}, {"folds", "10"}, {"seed", "1"}};
static const explaint_dropped sample_dropped[] = {{"dunebuggy", "no vector"}, {"caf\xc3\xa9, \"le\"", "no vector"}};
/* Rows have no tests of their own; p only in stored runs of version 0.1. */
#define NO_TEST(P) .p = (P), .p_adjusted = NAN, .mde = NAN, .p_interval = {NAN, NAN}, .sequential = -1
static const explaint_row sample_rows[] = {
    {.norms = "mcrae",
     .source = "glove.100d",
     .mapping = "plsr",
     .condition = "system",
     .target = "norms",
     .metric = "f1_at_10",
     .layer = -1,
     .n_components = 25,
     .fold = -1,
     .value = .2671,
     .n = 540,
     .undefined = 0,
     .ci = {.256, .278},
     NO_TEST(NAN)},
    {.norms = "mcrae",
     .source = "glove.100d",
     .mapping = "plsr",
     .condition = "system",
     .target = "norms",
     .metric = "f1_at_10",
     .layer = 3,
     .n_components = 25,
     .fold = 0,
     .value = 0.1 + 0.2,
     .n = 54,
     .undefined = 1,
     .ci = {NAN, NAN},
     NO_TEST(NAN)},
    {.norms = "mcrae",
     .source = "glove.100d",
     .mapping = "plsr",
     .condition = "mean",
     .target = "shuffle, rows",
     .metric = "f1_at_10",
     .layer = -1,
     .n_components = 0,
     .fold = -1,
     .value = NAN,
     .n = 540,
     .undefined = 540,
     .ci = {NAN, .2},
     NO_TEST(NAN)},
    {.norms = "mcrae",
     .source = "a \"b\", c",
     .mapping = "plsr",
     .condition = "random",
     .target = "norms",
     .metric = "spearman",
     .layer = -1,
     .n_components = 25,
     .fold = -1,
     .value = -1.5e-30,
     .n = 540,
     .undefined = 0,
     .ci = {NAN, NAN},
     NO_TEST(INFINITY)},
};
static const explaint_lint sample_lints[] = {{"ceiling", "note", "F1@10 cannot be above .8"}};
static const explaint_assumption sample_assumptions[] = {
    {.id = "E1",
     .text = "there is anything",
     .outcome = "holds",
     .why = "gain .169, p .001",
     .statistic = "agreement",
     .observed = .274,
     .r = .274,
     .gain = .169,
     .ci = {.15, .19},
     .p = .001,
     .p_error = .0005,
     .z = 93.5,
     .mde = .0049,
     .null_mean = .105,
     .null_sd = .0018,
     .level = .05,
     .upper = .172,
     .margin = .02,
     .peer_gain = .18,
     .peer_p = .001,
     .effect = .16,
     .effect_metric = "f1_at_10",
     .effect_refits = 19,
     .n = 531,
     .permutations = 999,
     .p_adjusted = .004,
     .p_interval = {NAN, NAN},
     .sequential = -1},
    {.id = "E2",
     .text = "beyond the categories",
     .outcome = "not testable",
     .why = "no categories",
     .observed = NAN,
     .r = NAN,
     .gain = NAN,
     .ci = {NAN, NAN},
     .p = NAN,
     .p_error = NAN,
     .z = NAN,
     .mde = NAN,
     .null_mean = NAN,
     .null_sd = NAN,
     .level = NAN,
     .upper = NAN,
     .margin = NAN,
     .peer_gain = NAN,
     .peer_p = NAN,
     .effect = NAN,
     .p_adjusted = NAN,
     .p_interval = {NAN, NAN},
     .sequential = -1},
};
static const explaint_verdict sample_verdicts[] = {
    {"information", "undecided", "E2", "The vectors may \x1b[31mcarry information.", "f1_at_10", 25, NULL,
     sample_assumptions, 2, -1, 3, 5, NULL},
    {"mapping", "not supported", "", "This mapping does not recover the properties.", "f1_at_10", 25, NULL, NULL, 0, -1,
     0, -1, NULL},
};
static const explaint_fold_components sample_components[] = {{"shuffle", NULL, 3, 25, 24, -1}};

static const explaint_result sample_result = {
    .record = {&explaint_infer_kind},
    .version = "0.1.0",
    .command = sample_command,
    .inputs = sample_inputs,
    .n_inputs = 3,
    .settings = sample_settings,
    .n_settings = 4,
    .dropped = sample_dropped,
    .n_dropped = 2,
    .rows = sample_rows,
    .n_rows = 4,
    .lints = sample_lints,
    .n_lints = 1,
    .verdicts = sample_verdicts,
    .n_verdicts = 2,
    .components = sample_components,
    .n_component_notes = 1,
    .signature = "explaint|0.1.0|mcrae:541x2526|glove.100d|plsr:25:exact|cv10:seed1",
    .verdict_metric = "f1_at_10",
    .verdict_components = 25,
    .n_concepts = 540,
    .n_features = 2526,
    .chance = .0028,
    .ceiling = .81,
};

#define SAMPLE_IDENTITY(sha, seed)                                                                                     \
    "{\"explaint\":\"0.1.0\",\"command\":[\"infer\",\"--seed\",\"" seed "\"],\"inputs\":[{\"role\":\"norms\","         \
    "\"name\":\"mcrae\",\"path\":\"mcrae.csv\",\"sha256\":\"" sha "\",\"shape\":[541,2526],\"nonzero\":7257},"         \
    "{\"role\":\"embeddings\",\"name\":\"glove\",\"path\":\"g.txt\",\"sha256\":\"" SHA_B "\",\"shape\":[540,100]}],"   \
    "\"settings\":{\"mapping\":\"plsr\",\"seed\":" seed "}}"

#endif

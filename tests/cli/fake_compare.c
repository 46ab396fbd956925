/* The stand-in's comparison: two runs, paired or not, by what they are called. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explaint/adjust.h"
#include "explaint/compare.h"
#include "result/answer.h"

static const char *const notes[] = {"The folds differ: a difference holds their luck, too."};
static const explaint_compared_change changes[] = {{"setting", "mapping", {"\"plsr\"", "\"knn\""}},
                                                   {"setting", "pls", {"\"exact\"", NULL}},
                                                   {"input", "embeddings", {"\"a\"", "\"b\""}}};
static const explaint_compared_row rows[] = {
    {"system",
     "norms",
     "f1_at_10",
     {"plsr", "knn"},
     {-1, -1},
     {25, 0},
     {.265, .293},
     {.028, true, 540, {.265, .293}, {.016, .039}, .0001, .0001},
     .0002},
    {"mean",
     "norms",
     "f1_at_10",
     {"plsr", "knn"},
     {-1, -1},
     {0, 0},
     {.137, .137},
     {0, true, 540, {.137, .137}, {0, 0}, 1, 0},
     NAN},
    {"mean",
     "shuffle",
     "f1_at_10",
     {"plsr", "knn"},
     {-1, -1},
     {0, 0},
     {.133, .131},
     {-.002, false, 0, {NAN, NAN}, {NAN, NAN}, NAN, NAN},
     NAN},
    {"system",
     "norms",
     "r2",
     {"plsr", "knn"},
     {-1, -1},
     {25, 0},
     {.1, .2},
     {.1, true, 540, {.1, .2}, {.05, .15}, .001, .001},
     .002},
};
static const explaint_compared_assumption assumptions[] = {
    {"E1",
     {"holds", "holds"},
     {.164, .220},
     {.01, .01},
     {.321, .377},
     {.056, true, 531, {.164, .220}, {.045, .069}, .0001, .0001},
     0},
    {"E3",
     {"undecided", "holds"},
     {.004, .026},
     {.01, .01},
     {.125, .151},
     {.022, true, 500, {.004, .026}, {.012, .032}, .001, .001},
     1},
    {"knn",
     {"fails", "not testable"},
     {-.027, NAN},
     {.01, NAN},
     {NAN, NAN},
     {NAN, false, 0, {NAN, NAN}, {NAN, NAN}, NAN, NAN},
     1},
};
static const explaint_compared_verdict verdicts[] = {{"information",
                                                      {"undecided", "supported"},
                                                      {"E3", "E3"},
                                                      "The vectors of B agree better with the norms than those of A "
                                                      "(E1: difference in r +0.056, 95 % interval +0.045 to +0.069, "
                                                      "p 0.0001); better in E3.",
                                                      {-1, -1},
                                                      0,
                                                      assumptions,
                                                      3,
                                                      1}};

#define MEASURE(AT, NAME, MAP, DAMAGE, SCOPE, A, B, N, LOW, HIGH, P)                                                   \
    {                                                                                                                  \
        .layer = {AT, AT}, .head = -1, .measure = NAME, .g = MAP, .standardised = -1, .damage = DAMAGE, .undone = -1,  \
        .column = -1, .scope = SCOPE, .value = {A, B}, .paired = {(B) - (A), (N) > 0, N, {A, B}, {LOW, HIGH}, P, 0},   \
        .p_adjusted = P                                                                                                \
    }
static const explaint_compared_measure measures[] = {
    MEASURE(0, "identity_recovered", "identity", NULL, NULL, 1, 1, 40, 0, 0, 1),
    MEASURE(3, "identity_recovered", "identity", NULL, NULL, .81, .64, 40, -.2, -.14, .0001),
    MEASURE(3, "damage_pearson", NULL, "permute-content", "content", .02, .09, 40, .03, .11, .002),
    MEASURE(3, "damage_pearson", NULL, "reverse", "content", .02, .09, 40, .03, .11, .002),
    MEASURE(3, "judged_recovered", NULL, NULL, NULL, .97, .93, 0, NAN, NAN, NAN),
};
static const explaint_compared_verdict attend_verdicts[] = {
    {"tokens", {"supported", "undecided"}, {"", "A1"}, NULL, {3, 3}, 0, NULL, 0, 1},
    {"head", {"supported", "undecided"}, {"", "A4"}, NULL, {3, 3}, 7, NULL, 0, 1},
    {"head", {"undecided", "undecided"}, {"", ""}, NULL, {3, 3}, 8, NULL, 0, 0}};

static xp_strings texts; /* answers */

explaint_compare_options explaint_compare_defaults(void) {
    return (explaint_compare_options){.flips = 9999, .bootstrap = 2000, .seed = 1};
}

explaint_status explaint_compare(const char *a, const char *b, const explaint_compare_options *options,
                                 explaint_comparison **comparison, explaint_error *error) {
    *comparison = NULL;
    if (strcmp(a, "nothing") == 0) {
        snprintf(error->message, sizeof error->message, "nothing: no such file");
        return error->code = EXPLAINT_INVALID;
    }
    explaint_comparison *c = calloc(1, sizeof *c);
    if (c == NULL) abort();
    *c = (explaint_comparison){
        .record = {&explaint_compare_kind},
        .version = "0.1.0",
        .arm = {{a, "glove", "plsr", "explaint|a", true}, {b, "glove", "knn", "explaint|b", true}},
        .changes = changes,
        .n_changes = strcmp(a, b) == 0 ? 0 : 3,
        .notes = notes,
        .n_notes = 1,
        .rows = rows,
        .n_rows = 4,
        .verdicts = verdicts,
        .n_verdicts = 1,
        .verdict_metric = "f1_at_10",
        .verdict_components = {25, 0},
        .command = options->command};
    static explaint_compared_row fallen;
    fallen = rows[0];
    fallen.paired.difference = -.028;
    fallen.paired.ci[0] = -.04;
    fallen.paired.ci[1] = strcmp(b, "unsure") == 0 ? .01 : -.016;
    if (strcmp(b, "lower") == 0 || strcmp(b, "unsure") == 0) {
        c->rows = &fallen;
        c->n_rows = 1;
        c->n_verdicts = 0;
    }
    if (strcmp(a, "attend") == 0) {
        for (int s = 0; s < 2; s++) c->arm[s].mapping = NULL;
        c->n_changes = c->n_notes = c->n_rows = 0;
        c->verdict_metric = "";
        c->measures = measures;
        c->n_measures = 5;
        c->verdicts = attend_verdicts;
        c->n_verdicts = 3;
    }
    if (!xp_answer_record(&c->record, &texts)) abort();
    *comparison = c;
    return EXPLAINT_OK;
}

void explaint_comparison_free(explaint_comparison *comparison) {
    xp_strings_free(&texts);
    free(comparison);
}

static const explaint_adjusted_test tests[] = {
    {"E1", "run 1 of a.db", "mcrae", "glove", "plsr", -1, 25, .164, .001, .002, .05, true},
    {"E1", "run 2 of a.db", "mcrae", "a model of a very long name", "ridge", 7, 0, .02, .04, .071, .05, true},
    {"E4-clusters", "run 1 of a.db", "mcrae", "glove", "plsr", -1, 25, -.003, .7, .9, .02, true},
};
static const char *const adjusted_notes[] = {"E1: 1 of 2 tests have other permutations than the first one."};

explaint_adjust_options explaint_adjust_defaults(void) { return (explaint_adjust_options){.method = "max-t"}; }

explaint_status explaint_adjust(const char *const *results, size_t n, const explaint_adjust_options *options,
                                explaint_adjustment **adjustment, explaint_error *error) {
    static explaint_adjustment a;
    *adjustment = NULL;
    if (n > 1 && strcmp(results[0], results[1]) == 0) {
        snprintf(error->message, sizeof error->message, "%s is given twice", results[0]);
        return EXPLAINT_USAGE;
    }
    a = (explaint_adjustment){.record = {&explaint_adjust_kind},
                              .version = "0.1.0",
                              .method = options->method,
                              .tests = tests,
                              .n_tests = 3,
                              .notes = adjusted_notes,
                              .n_notes = 1,
                              .command = options->command};
    if (!xp_answer_record(&a.record, &texts)) abort();
    *adjustment = &a;
    return EXPLAINT_OK;
}

void explaint_adjustment_free(explaint_adjustment *adjustment) {
    (void)adjustment;
    xp_strings_free(&texts);
}

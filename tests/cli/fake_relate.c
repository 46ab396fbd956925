/* A stand-in for explaint_relate: numbers like those measured on MiniLM. FAKE_FAIL=relate fails there. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "explaint/relate.h"
#include "result/answer.h"

explaint_relate_options explaint_relate_defaults(void) {
    return (explaint_relate_options){.heads = "all", .folds = 5, .permutations = 9999, .refits = 99, .seed = 1};
}

explaint_status explaint_pairs_open(const char *path, uint64_t seed, explaint_pairs **pairs, explaint_error *error) {
    (void)path, (void)seed, (void)error;
    *pairs = NULL;
    return EXPLAINT_OK;
}

explaint_status explaint_pairs_hypernymy(const explaint_norms *norms, const char *wordnet, size_t most, uint64_t seed,
                                         explaint_pairs **pairs, explaint_error *error) {
    (void)norms, (void)wordnet, (void)most;
    return explaint_pairs_open("", seed, pairs, error);
}

void explaint_pairs_close(explaint_pairs *pairs) { (void)pairs; }

#define ALL(set, name, what, number)                                                                                   \
    { .counterfactuals = set, .layer = -1, .head = -1, .measure = name, .control = what, .value = number }

static const explaint_relate_row rows[] = {
    ALL("abstraction", "accuracy", NULL, .767), ALL("abstraction", "accuracy", "form", .55),
    ALL("abstraction", "p", "form", .004),      ALL("similarity", "accuracy", NULL, .642),
    ALL("similarity", "p", "damaged", .563),
};
static const explaint_relate_head heads[] = {
    {3, 6, "undecided", "right-to-left", .683, .617, .021, .145, "similarity, permuted"},
    {5, 4, "holds", "right-to-left", .739, .633, .0012, .027, "similarity, untrained"},
};
static explaint_relate_verdict verdicts[] = {
    {.claim = "heads", .verdict = "supported", .decided_by = "similarity, untrained", .text = "1 of 2 heads hold"},
    {.claim = "model", .verdict = "undecided", .decided_by = "similarity, damaged", .text = "all heads together"},
};
static const explaint_input inputs[] = {{.role = "model", .name = "MiniLM"}};
static const explaint_lint lints[] = {{"pairs", "note", "60 of 568 pairs were drawn by the seed"}};
static explaint_relate_result result;
static xp_strings texts;
static const explaint_progress *progress;
enum { UNITS = 40 };

explaint_status explaint_relate_prepare(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                        const explaint_pairs *pairs, const explaint_relate_options *options,
                                        explaint_relate_plan **plan, explaint_error *error) {
    const char *fail = getenv("FAKE_FAIL");
    (void)model, (void)tokenizer, (void)pairs;
    *plan = NULL;
    if (fail != NULL && strcmp(fail, "relate") == 0)
        return xp_fail(error, EXPLAINT_INVALID, NULL, 0, "expected at least 20 pairs");
    progress = options->progress;
    result = (explaint_relate_result){.record = {&explaint_relate_kind},
                                      .version = "0.1.0",
                                      .command = options->command,
                                      .inputs = inputs,
                                      .n_inputs = 1,
                                      .n_pairs = 60,
                                      .n_groups = 31,
                                      .n_texts = 720,
                                      .rows = rows,
                                      .n_rows = sizeof rows / sizeof *rows,
                                      .lints = lints,
                                      .n_lints = 1,
                                      .heads = heads,
                                      .n_heads = 2,
                                      .verdicts = verdicts,
                                      .n_verdicts = 2,
                                      .signature = "explaint|0.1.0|relate"};
    verdicts[0].answer = verdicts[1].answer = NULL;
    *plan = (explaint_relate_plan *)(void *)&result;
    return EXPLAINT_OK;
}
void explaint_relate_plan_close(explaint_relate_plan *plan) { (void)plan; }
const char *explaint_relate_plan_identity(const explaint_relate_plan *plan) { return (void)plan, "relate"; }
size_t explaint_relate_plan_n_units(const explaint_relate_plan *plan) { return (void)plan, UNITS; }

/* FAKE_SLOW: a unit takes a twentieth of a second. */
explaint_status explaint_relate_plan_run(explaint_relate_plan *plan, const explaint_units *units,
                                         explaint_relate_result **made, explaint_error *error) {
    (void)plan;
    *made = NULL;
    for (size_t i = 0; i < UNITS; i++) {
        char key[32];
        void *bytes = NULL;
        size_t size = 0;
        snprintf(key, sizeof key, "between/%zu", i);
        if (units != NULL) units->find(units->self, key, &bytes, &size, error);
        const int known = bytes != NULL;
        free(bytes);
        if (!known && getenv("FAKE_SLOW") != NULL) nanosleep(&(struct timespec){0, 50000000}, NULL);
        if (!known && units != NULL) units->keep(units->self, key, "x", 1, error);
        if (!progress->report(progress->self, "sentences", (double)(i + 1) / UNITS, 1))
            return xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped before all sentences were read");
    }
    if (!xp_answer_record(&result.record, &texts)) return xp_no_memory(error, "the result");
    *made = &result;
    return EXPLAINT_OK;
}

void explaint_relate_free(explaint_relate_result *r) {
    (void)r;
    xp_strings_free(&texts);
}

explaint_status explaint_relate_write_features(const explaint_relate_result *r, const char *path,
                                               explaint_error *error) {
    (void)r, (void)path, (void)error;
    return EXPLAINT_OK;
}

/* Holds of any head; FAKE_RELATION: the ledger knows of it. */
static explaint_relation relation = {
    .result = &result, .place = "relation.json", .path = "relation.json", .sha256 = ""};
explaint_status explaint_relation_open(const char *path, explaint_relation **r, explaint_error *error) {
    *r = NULL;
    if (access(path, R_OK) != 0) return xp_fail(error, EXPLAINT_INVALID, path, 0, "cannot be read");
    *r = &relation;
    return EXPLAINT_OK;
}
explaint_status explaint_relation_find(const char *ledger, const explaint_model *model, size_t layer, size_t head,
                                       explaint_relation **r, explaint_error *error) {
    (void)ledger, (void)model, (void)error;
    *r = getenv("FAKE_RELATION") != NULL && layer == 2 && head == 1 ? &relation : NULL;
    return EXPLAINT_OK;
}
void explaint_relation_close(explaint_relation *r) { (void)r; }

/* A run from pairs to record. */
#include "explaint/relate.h"

#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/pool.h"
#include "formats/tensors_out.h"
#include "relate/pairs.h"
#include "relate/plan.h"
#include "result/record.h"
#include "tensor/blas.h"

/* ---- what is looked at ---- */

static void note_left_out(xp_relate *r, size_t n, size_t first, const char *why) {
    if (n > 0)
        xp_relate_lint(r, "left-out", "warning",
                       xp_relate_keep(r, "%zu of %zu pairs %s left out, such as %.60s and %.60s: %s", n, r->pairs->n,
                                      n == 1 ? "was" : "were", r->pairs->left.item[first], r->pairs->right.item[first],
                                      why));
}

static explaint_status group_pairs(xp_relate *r, explaint_error *error) {
    const xp_sentences *s = &r->sentences;
    const char **right = xp_alloc(s->n_pairs, sizeof *right);
    for (size_t i = 0; right != NULL && i < s->n_pairs; i++) right[i] = r->pairs->right.item[s->pair[i]];
    const bool ok = right != NULL && xp_groups_create(&r->groups, right, s->n_pairs);
    xp_free(right);
    if (!ok) return xp_no_memory(error, "pairs");
    if (s->n_pairs < XP_RELATE_PAIRS || r->groups.n < XP_RELATE_GROUPS)
        return xp_fail(
            error, EXPLAINT_INVALID, NULL, 0,
            "expected at least %d pairs with %d different words on the right, found %zu with %zu%s; give more "
            "pairs",
            XP_RELATE_PAIRS, XP_RELATE_GROUPS, s->n_pairs, r->groups.n,
            s->n_pairs < r->pairs->n ? " whose words this tokenizer can spell" : "");
    return EXPLAINT_OK;
}

static explaint_status split_words(xp_relate *r, explaint_error *error) {
    const xp_sentences *s = &r->sentences;
    bool ok = xp_split_folds_create(r->pairs, s, r->options.folds, r->options.seed, &r->folds);
    for (size_t set = 1; ok && set < s->n_variants; set++) {
        ok = xp_split_create(s, &r->folds, set, &r->split[set - 1]);
        if (ok && xp_split_fewest(&r->split[set - 1]) < XP_RELATE_ROWS)
            return xp_fail(
                error, EXPLAINT_INVALID, NULL, 0,
                "expected words that can be split into %zu folds with at least %d pairs to learn from beside "
                "each, found %zu words that cannot; give more pairs, or another --folds",
                r->options.folds, XP_RELATE_ROWS, r->folds.n_words);
    }
    return ok ? EXPLAINT_OK : xp_no_memory(error, "the folds of words");
}

static explaint_status prepare(xp_relate *r, explaint_error *error) {
    explaint_status status = xp_relate_read_options(r, error);
    if (status == EXPLAINT_OK)
        status = xp_sentences_create(r->model, r->tokenizer, r->pairs, r->options.templates, &r->sentences, error);
    if (status != EXPLAINT_OK) return status;
    xp_relate_describe(r);
    const xp_sentences *s = &r->sentences;
    note_left_out(r, s->n_unknown, s->first_unknown, "the tokenizer has no pieces for one of their words");
    note_left_out(r, s->n_mixed, s->first_mixed, "their two words share a piece");
    r->untrained = !r->info->random_init;
    if (!r->untrained)
        xp_relate_lint(r, "untrained", "note", "the model is untrained itself, and is not compared with one");
    if (r->options.refits < 19)
        xp_relate_lint(
            r, "refits", "warning",
            "with fewer than 19 refits the classifier of all heads cannot be supported: their p is never below "
            ".05");
    status = group_pairs(r, error);
    if (status == EXPLAINT_OK) status = split_words(r, error);
    if (status != EXPLAINT_OK) return status;
    r->form = xp_alloc(s->n_rows, XP_FORM_COLUMNS * sizeof *r->form);
    r->score = xp_calloc(s->n_variants, sizeof *r->score);
    if (r->form == NULL || r->score == NULL) return xp_no_memory(error, "pairs");
    xp_sentences_form(s, r->form);
    return EXPLAINT_OK;
}

/* ---- the run ---- */

static explaint_status look(xp_relate *r, explaint_error *error) {
    xp_between_watch watch = {xp_relate_report, r, r->units, "between"};
    const uint64_t seed = r->options.seed;
    xp_relate_stage(r, "sentences", r->untrained ? .4 : .6);
    explaint_status status = xp_between_create(r->model, &r->sentences, seed, r->threads, &watch,
                                               &r->looks[XP_SOURCE_MODEL], &r->looks[XP_SOURCE_DAMAGED], error);
    if (status != EXPLAINT_OK || !r->untrained) return status;
    explaint_model *random = NULL;
    const explaint_model_options draw = {.threads = r->threads, .isa = r->info->isa, .random_init = true, .seed = seed};
    xp_relate_stage(r, "sentences, untrained", .2);
    watch.stem = "untrained";
    status = explaint_model_open(r->info->path, &draw, &random, error);
    if (status == EXPLAINT_OK)
        status = xp_between_create(random, &r->sentences, seed, r->threads, &watch, &r->looks[XP_SOURCE_UNTRAINED],
                                   NULL, error);
    explaint_model_close(random);
    return status;
}

static explaint_status run(xp_relate *r, explaint_error *error) {
    explaint_status status = look(r, error);
    xp_relate_stage(r, "tests of heads", .05);
    if (status == EXPLAINT_OK) status = xp_relate_test_heads(r, error);
    xp_relate_stage(r, "classifiers", .35);
    if (status == EXPLAINT_OK) status = xp_relate_classify(r, error);
    return status == EXPLAINT_OK ? xp_relate_record(r, error) : status;
}

static void release_scores(xp_relate *r) {
    for (size_t set = 0; r->score != NULL && set + 1 < r->sentences.n_variants; set++) {
        xp_set_scores *s = &r->score[set];
        for (size_t k = 0; k < XP_N_MAPS; k++) {
            xp_free_all(s->head_accuracy[k], s->over[k]);
        }
        xp_free_all(s->auc_of, s->alone);
    }
    xp_free(r->score);
}

/* What both the plan and its result need is released by the last of them. */
static void release(xp_relate *r) {
    if (r->planned || r->given) return;
    release_scores(r);
    for (size_t k = 0; k < XP_N_MAPS; k++) xp_between_free(&r->looks[k]);
    for (size_t k = 0; k < sizeof r->split / sizeof *r->split; k++) xp_split_free(&r->split[k]);
    xp_sentences_free(&r->sentences);
    xp_groups_free(&r->groups);
    xp_split_folds_free(&r->folds);
    xp_strings_free(&r->strings);
    xp_free_all(r->identity, r->form, r->chosen, r->place, r->rows, r->heads, r->verdicts, r->assumptions, r->listed,
                r->lints, r->inputs, r->settings, r);
}

explaint_status explaint_relate_prepare(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                        const explaint_pairs *pairs, const explaint_relate_options *options,
                                        explaint_relate_plan **plan, explaint_error *error) {
    static const char *const no_command[] = {"relate", NULL}; /* a stored record is known by it */
    *plan = NULL;
    xp_relate *r = xp_calloc(1, sizeof *r);
    if (r == NULL) return xp_no_memory(error, "the result");
    r->planned = true;
    r->model = model;
    r->info = explaint_model_describe(model);
    r->tokenizer = tokenizer;
    r->pairs = pairs;
    r->options = options != NULL ? *options : explaint_relate_defaults();
    r->stages.progress = r->options.progress;
    if (r->options.command == NULL) r->options.command = no_command;
    r->threads = xp_pool_threads(r->options.threads);
    r->result.internals = r;
    xp_blas_single_thread();
    explaint_status status = prepare(r, error);
    if (status == EXPLAINT_OK && (r->failed || !xp_record_identity(r->options.command, r->inputs, r->n_inputs,
                                                                   r->settings, r->n_settings, &r->identity)))
        status = xp_no_memory(error, "the result");
    if (status == EXPLAINT_OK)
        *plan = r;
    else
        explaint_relate_plan_close(r);
    return status;
}

void explaint_relate_plan_close(explaint_relate_plan *plan) {
    if (plan == NULL) return;
    plan->planned = false;
    release(plan);
}

const char *explaint_relate_plan_identity(const explaint_relate_plan *plan) { return plan->identity; }

size_t explaint_relate_plan_n_units(const explaint_relate_plan *plan) {
    return (1 + (size_t)plan->untrained) * xp_between_n_units(&plan->sentences);
}

explaint_status explaint_relate_plan_run(explaint_relate_plan *plan, const explaint_units *units,
                                         explaint_relate_result **result, explaint_error *error) {
    *result = NULL;
    if (plan->begun) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a plan that did not run yet");
    plan->begun = true;
    plan->units = units;
    explaint_status status = run(plan, error);
    if (status == EXPLAINT_OK && plan->failed) status = xp_no_memory(error, "the result");
    if (status != EXPLAINT_OK) return status;
    plan->given = true;
    *result = &plan->result;
    return EXPLAINT_OK;
}

explaint_status explaint_relate(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                const explaint_pairs *pairs, const explaint_relate_options *options,
                                explaint_relate_result **result, explaint_error *error) {
    explaint_relate_plan *plan = NULL;
    *result = NULL;
    explaint_status status = explaint_relate_prepare(model, tokenizer, pairs, options, &plan, error);
    if (status == EXPLAINT_OK) status = explaint_relate_plan_run(plan, NULL, result, error);
    explaint_relate_plan_close(plan);
    return status;
}

void explaint_relate_free(explaint_relate_result *result) {
    if (result == NULL) return;
    xp_relate *r = result->internals;
    r->given = false;
    release(r);
}

/* ---- the numbers behind it ---- */

/* "damaged", "damaged.2" and so on: a tensor for each draw. */
static void add_looks(const xp_relate *r, xp_relate_source k, xp_tensors_out *head) {
    static const char *const name[XP_N_MAPS] = {"features", "untrained", "damaged"};
    const xp_between *looks = &r->looks[k];
    const size_t shape[] = {looks->n_rows, XP_DIRECTIONS, looks->n_layers, looks->n_heads};
    for (size_t draw = 0; draw < looks->draws; draw++) {
        char later[32] = "";
        if (draw > 0 && snprintf(later, sizeof later, "%s.%zu", name[k], draw + 1) < 0) head->failed = true;
        xp_tensors_out_add(head, draw > 0 ? later : name[k], "F64", 4, shape);
    }
}

static bool write_places(const xp_sentences *s, FILE *out) {
    bool ok = true;
    for (size_t i = 0; ok && i < s->n_texts; i++) {
        const xp_sentence_text *t = &s->text[i];
        const int64_t place[4] = {(int64_t)t->left[0], (int64_t)t->left[1], (int64_t)t->right[0], (int64_t)t->right[1]};
        ok = fwrite(place, sizeof place, 1, out) == 1;
    }
    return ok;
}

explaint_status explaint_relate_write_features(const explaint_relate_result *result, const char *path,
                                               explaint_error *error) {
    const xp_relate *r = result->internals;
    const xp_sentences *s = &r->sentences;
    const size_t form[] = {s->n_rows, XP_FORM_COLUMNS}, places[] = {s->n_texts, 4};
    xp_tensors_out head = {0};
    xp_output out;
    explaint_status status = xp_output_open(&out, path, error);
    if (status != EXPLAINT_OK) return status;
    xp_tensors_out_note(&head, "model", r->info->name);
    for (xp_relate_source k = XP_SOURCE_MODEL; k < XP_SOURCE_FORM; k++)
        if (xp_relate_has(r, k)) add_looks(r, k, &head);
    xp_tensors_out_add(&head, "form", "F64", 2, form);
    xp_tensors_out_add(&head, "places", "I64", 2, places);
    bool ok = xp_tensors_out_head(&head, out.file);
    for (xp_relate_source k = XP_SOURCE_MODEL; ok && k < XP_SOURCE_FORM; k++) {
        const size_t count = r->looks[k].draws * s->n_rows * r->looks[k].n;
        if (xp_relate_has(r, k)) ok = fwrite(r->looks[k].value, sizeof(double), count, out.file) == count;
    }
    ok = ok && fwrite(r->form, sizeof(double), s->n_rows * XP_FORM_COLUMNS, out.file) == s->n_rows * XP_FORM_COLUMNS;
    ok = ok && write_places(s, out.file);
    const bool no_memory = head.failed;
    xp_tensors_out_free(&head);
    if (no_memory) {
        xp_output_discard(&out);
        return xp_no_memory(error, "the features of pairs");
    }
    status = xp_output_commit(&out, error); /* says why it could not be written */
    return status != EXPLAINT_OK || ok ? status : xp_fail(error, EXPLAINT_FAILED, path, 0, "could not be written");
}

/* The plan of explaint_attend: what was asked for, the texts in pieces, what names the run. run.c does the work. */
#include "explaint/attend.h"

#include <stdlib.h>
#include <string.h>

#include "attention/experiment.h"
#include "attention/fit_kept.h"
#include "attention/flows.h"
#include "attention/glosses.h"
#include "attention/options.h"
#include "attention/plan_memory.h"
#include "attention/verdict.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "explaint/inspect.h"
#include "result/record.h"
#include "tensor/blas.h"

static const char what[] = "the result";

/* Of the shipped texts: so many to take those from that decide, so many that do; the maps are fitted on the others. */
enum { SHIPPED_OFFERED = 120, SHIPPED_JUDGED = 60, SHORTEST_JUDGED = 6 };

static void add_input(xp_attend *a, const char *role, const char *name, const char *path, const char *sha256) {
    explaint_input *grown = xp_realloc(a->inputs, a->n_inputs + 1, sizeof *grown);
    if (grown == NULL) {
        a->failed = true;
        return;
    }
    a->inputs = grown;
    a->inputs[a->n_inputs++] = (explaint_input){.role = role,
                                                .name = xp_attend_keep(a, "%s", name),
                                                .path = xp_attend_keep(a, "%s", path),
                                                .sha256 = xp_attend_keep(a, "%s", sha256)};
}

static void add_texts(xp_attend *a, const char *role, const explaint_texts *texts) {
    const char *path = explaint_texts_path(texts), *slash = strrchr(path, '/');
    add_input(a, role, slash != NULL ? slash + 1 : path, path, explaint_texts_sha256(texts));
}

/* ---- texts ---- */

/* Said of the texts that are looked at. */
static void lint_texts(xp_attend *a) {
    xp_text blank = {0}, unknown = {0};
    xp_blank_say(a->source, &blank);
    xp_unknown_say(&a->texts.unknown, &unknown);
    if (blank.length > 0) xp_attend_lint(a, "blank-texts", "warning", xp_attend_keep(a, "%s", blank.data));
    if (unknown.length > 0)
        xp_attend_lint(a, "unknown-pieces", xp_unknown_many(&a->texts.unknown) ? "warning" : "note",
                       xp_attend_keep(a, "%s", unknown.data));
    a->failed = a->failed || blank.failed || unknown.failed;
    xp_text_free(&blank);
    xp_text_free(&unknown);
}

static explaint_status encode_texts(xp_attend *a, explaint_error *error) {
    const xp_corpus_options own = {.truncate = a->options.truncate, .read = a->read};
    explaint_status status = xp_corpus_encode(a->model, a->tokenizer, a->source, &own, &a->texts, error);
    if (status != EXPLAINT_OK) return status;
    lint_texts(a);
    if (a->texts.cut > 0)
        xp_attend_lint(a, "truncated", "warning",
                       xp_attend_keep(a, "%zu of %zu texts were cut to %zu pieces", a->texts.cut, a->texts.n_texts,
                                      a->texts.longest));
    if (a->n_columns > 0 && a->column[a->n_columns - 1] >= a->texts.most_sides)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "expected columns of %ss 0 to %zu, those of the longest text, found %zu",
                       xp_level_names[a->read.level], a->texts.most_sides - 1, a->column[a->n_columns - 1]);
    a->wants_random = !a->info->random_init &&
                      (xp_attend_wants(a, "continuity", "identity_recovered") || a->damage[XP_DAMAGE_RANDOM_INIT]);
    a->damage[XP_DAMAGE_RANDOM_INIT] &= a->wants_random && a->damages;
    if (a->texts.n_texts == 1 && a->damages &&
        (a->damage[XP_DAMAGE_NEXT_ROWS] || a->damage[XP_DAMAGE_NEXT_CONTENT_ROWS])) {
        a->damage[XP_DAMAGE_NEXT_ROWS] = a->damage[XP_DAMAGE_NEXT_CONTENT_ROWS] = false;
        xp_attend_lint(a, "one-text", "note", "one text has no next one: next-rows and next-content-rows are left out");
    }
    return EXPLAINT_OK;
}

static int descending(const void *x, const void *y) {
    const size_t p = *(const size_t *)x, q = *(const size_t *)y;
    return p > q ? -1 : p < q;
}

/* Rows of its map with special tokens, of which each piece is one. */
static size_t rows_of(const xp_sides *side) {
    size_t n = side->n;
    for (size_t i = 0; side->lacks && i < side->n_pieces; i++) n += side->row[i] == XP_LEFT_OUT;
    return n;
}

/* The length, in such rows, that two of three texts reach, and at least XP_JUDGED_TEXTS of them. 0: there is none. */
static explaint_status common_length(const xp_corpus *c, size_t *length, explaint_error *error) {
    size_t wanted = (2 * c->n_texts + 2) / 3;
    *length = 0;
    if (wanted < XP_JUDGED_TEXTS) wanted = XP_JUDGED_TEXTS;
    if (wanted > c->n_texts) return EXPLAINT_OK;
    size_t *lengths = xp_alloc(c->n_texts, sizeof *lengths);
    if (lengths == NULL) return xp_no_memory(error, "the lengths of texts");
    for (size_t t = 0; t < c->n_texts; t++) lengths[t] = rows_of(&c->text[t].side);
    qsort(lengths, c->n_texts, sizeof *lengths, descending);
    if (lengths[wanted - 1] >= SHORTEST_JUDGED) *length = lengths[wanted - 1];
    xp_free(lengths);
    return EXPLAINT_OK;
}

/* Those that g is fitted on. */
static explaint_status encode_fit_texts(xp_attend *a, const explaint_texts *shipped, explaint_error *error) {
    const bool own = a->options.fit_texts != NULL;
    const explaint_texts *source = own ? a->options.fit_texts : shipped;
    const xp_corpus_options how = {.truncate = a->info->n_positions,
                                   .rows = own ? 0 : XP_FIT_ROWS + XP_FIT_ROWS / 8,
                                   .first = own ? 0 : SHIPPED_OFFERED,
                                   .without = a->source};
    add_texts(a, "fit_texts", source);
    explaint_status status = xp_corpus_encode(a->model, a->tokenizer, source, &how, &a->fit_texts, error);
    if (status == EXPLAINT_OK && a->fit_texts.n_texts == 0)
        status = xp_fail(error, EXPLAINT_INVALID, explaint_texts_path(source), 0,
                         "expected texts that are not among those looked at, found none to fit a linear map on");
    if (status == EXPLAINT_OK && a->fit_texts.n_rows < XP_FIT_ROWS)
        xp_attend_lint(a, "fit-rows", "warning",
                       xp_attend_keep(a, "g was fitted on %zu rows; %d are asked for, so that A1 cannot fail here",
                                      a->fit_texts.n_rows, XP_FIT_ROWS));
    return status;
}

/* Why the texts that were given do not decide. */
static void lint_illustration(xp_attend *a, size_t length) {
    size_t enough = 0;
    for (size_t t = 0; t < a->texts.n_texts; t++) enough += rows_of(&a->texts.text[t].side) >= SHORTEST_JUDGED;
    const char *unit = xp_level_names[a->read.level],
               *why = enough < XP_JUDGED_TEXTS
                          ? xp_attend_keep(a, "%zu text%s of sufficient length: fewer than %d do not decide", enough,
                                           enough == 1 ? "" : "s", XP_JUDGED_TEXTS)
                          : xp_attend_keep(a,
                                           "%zu of %zu texts have %d %ss or more: where fewer than two of three have, "
                                           "they do not decide",
                                           enough, a->texts.n_texts, SHORTEST_JUDGED, unit);
    xp_attend_lint(a, "illustration", "note",
                   xp_attend_keep(a, "%s; null and verdict are those of %zu shipped texts, cut to %zu %ss, and %s them",
                                  why, a->judged.n_texts, length, unit,
                                  a->texts.n_texts == 1 ? "this text illustrates" : "these texts illustrate"));
}

/* The texts that decide, cut to equal length: the user's, or the shipped ones. Special tokens stay: the rule asks with and without them. */
static explaint_status encode_judged_texts(xp_attend *a, const explaint_texts *shipped, explaint_error *error) {
    xp_corpus_options how = {.truncate = a->options.truncate, .read = {.level = a->read.level}};
    size_t length;
    explaint_status status = common_length(&a->texts, &length, error);
    a->result.judged_own = length > 0;
    if (status == EXPLAINT_OK && length == 0) {
        if (how.truncate == 0) how.truncate = a->info->n_positions;
        how.most_texts = SHIPPED_OFFERED;
        status = xp_corpus_encode(a->model, a->tokenizer, shipped, &how, &a->judged, error);
        if (status == EXPLAINT_OK) status = common_length(&a->judged, &length, error);
        xp_corpus_free(&a->judged);
        how.most_texts = SHIPPED_JUDGED;
    }
    how.sides = length;
    if (status == EXPLAINT_OK)
        status = xp_corpus_encode(a->model, a->tokenizer, a->result.judged_own ? a->source : shipped, &how, &a->judged,
                                  error);
    a->result.n_judged = a->judged.n_texts;
    a->result.judged_length = length;
    if (status != EXPLAINT_OK || a->result.judged_own) return status;
    lint_illustration(a, length);
    add_texts(a, "judged_texts", shipped);
    return EXPLAINT_OK;
}

static explaint_status encode_all(xp_attend *a, explaint_error *error) {
    explaint_texts *shipped = NULL;
    char key[XP_SHA256_TEXT];
    explaint_status status = xp_glosses_open(&shipped, error);
    if (status == EXPLAINT_OK) status = encode_texts(a, error);
    if (status == EXPLAINT_OK && a->continuity && (a->g[XP_G_LINEAR] || a->g[XP_G_MLP]))
        status = encode_fit_texts(a, shipped, error);
    if (status == EXPLAINT_OK && a->continuity && a->g[XP_G_LINEAR]) {
        xp_fit_key(a, key);
        xp_attend_setting(a, "linear_g", key);
    }
    if (status == EXPLAINT_OK && a->judging) status = encode_judged_texts(a, shipped, error);
    explaint_texts_close(shipped);
    return status;
}

/* ---- what names the run ---- */

static void describe_relation(xp_attend *a) {
    const explaint_relation *r = a->options.relation;
    if (r != NULL && a->judging)
        add_input(a, "relation", r->place, r->path != NULL ? r->path : r->place, r->sha256 != NULL ? r->sha256 : "");
}

static void describe(xp_attend *a) {
    for (size_t i = 0; i < a->info->n_files; i++)
        add_input(a, "model", a->info->name, a->info->file[i].path, a->info->file[i].sha256);
    add_texts(a, "texts", a->source);
    describe_relation(a);
    xp_attend_settings(a);
    if (a->read.level == XP_LEVEL_WORD)
        xp_attend_lint(a, "by-words", "note",
                       "rows and columns of maps are words: the mean of the rows of a word's pieces, the sum of their "
                       "columns; how often a verdict is right was measured by pieces");
    if (a->read.without_special)
        xp_attend_lint(a, "without-special", "note",
                       "special tokens are left out: their rows and columns are in no map, and each row is divided by "
                       "what is left of it; a verdict asks with them and without");
    for (size_t i = 0; i < explaint_texts_n_notes(a->source); i++)
        xp_attend_lint(a, "texts", "note", xp_attend_keep(a, "%s", explaint_texts_note(a->source, i)));
    for (size_t i = 0; i < explaint_tokenizer_n_notes(a->tokenizer); i++)
        xp_attend_lint(a, "tokenizer", "note", xp_attend_keep(a, "%s", explaint_tokenizer_note(a->tokenizer, i)));
}

/* Beside every number of a model stands whether it is run as the reference runs it. */
static explaint_status stamp(xp_attend *a, explaint_error *error) {
    explaint_check *check = NULL;
    explaint_status status = explaint_model_check(a->model, a->tokenizer, NULL, a->threads, &check, error);
    if (status == EXPLAINT_OK)
        xp_attend_lint(a, "model-check", check->outcome == EXPLAINT_CHECK_DIFFERS ? "warning" : "note",
                       xp_attend_keep(a, "%s", check->sentence));
    explaint_check_close(check);
    return status;
}

static size_t count_units(const xp_attend *a) {
    size_t n = ((size_t)a->damages + a->looks + a->flow) * a->texts.n_texts + 2 * a->judged.n_texts;
    for (size_t l = 0; l <= a->info->n_layers; l++)
        n += a->layer[l] * ((size_t)a->continuity + (a->judging && a->g[XP_G_LINEAR] && l > 0));
    return n;
}

/* ---- the plan, seen from outside ---- */

/* What both the plan and its result need is released by the last of them. */
static void release(xp_attend *a) {
    if (a->planned || a->given) return;
    for (size_t i = 0; i < a->n_verdicts; i++) xp_free((void *)(uintptr_t)a->verdicts[i].assumptions);
    xp_flows_free(a->flows);
    xp_corpus_free(&a->texts);
    xp_corpus_free(&a->random_texts);
    xp_corpus_free(&a->judged);
    xp_corpus_free(&a->fit_texts);
    explaint_model_close(a->random);
    if (a->experiment != NULL) xp_experiment_free(a->experiment);
    xp_free(a->experiment);
    xp_strings_free(&a->measures);
    xp_strings_free(&a->strings);
    xp_free_all(a->identity, a->layer, a->column, a->rows, a->lints, a->inputs, a->settings, a->layers, a->verdicts, a);
}

explaint_status explaint_attend_prepare(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                        const explaint_texts *texts, const explaint_attend_options *options,
                                        explaint_attend_plan **plan, explaint_error *error) {
    static const char *const no_command[] = {"attend", NULL}; /* a stored record is known by it */
    *plan = NULL;
    xp_attend *a = xp_calloc(1, sizeof *a);
    if (a == NULL) return xp_no_memory(error, what);
    a->result.judged_own = -1;
    a->result.internals = a;
    a->planned = true;
    a->model = model;
    a->info = explaint_model_describe(model);
    a->tokenizer = tokenizer;
    a->source = texts;
    a->options = options != NULL ? *options : explaint_attend_defaults();
    a->stages.progress = a->options.progress;
    if (a->options.command == NULL) a->options.command = no_command;
    a->threads = xp_pool_threads(a->options.threads);
    xp_blas_single_thread();
    explaint_status status = xp_attend_read_options(a, error);
    if (status == EXPLAINT_OK) {
        describe(a);
        status = stamp(a, error);
    }
    if (status == EXPLAINT_OK) status = encode_all(a, error);
    if (status == EXPLAINT_OK) xp_flows_choose_probes(a);
    if (status == EXPLAINT_OK && (a->failed || !xp_record_identity(a->options.command, a->inputs, a->n_inputs,
                                                                   a->settings, a->n_settings, &a->identity)))
        status = xp_no_memory(error, what);
    if (status == EXPLAINT_OK) a->n_units = count_units(a);
    if (status == EXPLAINT_OK) xp_attend_plan_memory(a);
    if (status == EXPLAINT_OK)
        *plan = a;
    else
        explaint_attend_plan_close(a);
    return status;
}

void explaint_attend_plan_close(explaint_attend_plan *plan) {
    if (plan == NULL) return;
    plan->planned = false;
    release(plan);
}

const char *explaint_attend_plan_identity(const explaint_attend_plan *plan) { return plan->identity; }

const char *explaint_attend_plan_cost(const explaint_attend_plan *plan) { return plan->cost; }

const char *explaint_attend_plan_kept(const explaint_attend_plan *plan) { return plan->kept; }

size_t explaint_attend_plan_n_units(const explaint_attend_plan *plan) { return plan->n_units; }

explaint_status explaint_attend_plan_run(explaint_attend_plan *plan, const explaint_units *units,
                                         explaint_attend_result **result, explaint_error *error) {
    *result = NULL;
    if (plan->begun) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a plan that did not run yet");
    plan->begun = true;
    plan->units = units;
    explaint_status status = xp_attend_run(plan, error);
    if (status != EXPLAINT_OK) return status;
    plan->given = true;
    *result = &plan->result;
    return EXPLAINT_OK;
}

explaint_status explaint_attend(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                const explaint_texts *texts, const explaint_attend_options *options,
                                explaint_attend_result **result, explaint_error *error) {
    explaint_attend_plan *plan = NULL;
    *result = NULL;
    explaint_status status = explaint_attend_prepare(model, tokenizer, texts, options, &plan, error);
    if (status == EXPLAINT_OK) status = explaint_attend_plan_run(plan, NULL, result, error);
    explaint_attend_plan_close(plan);
    return status;
}

void explaint_attend_free(explaint_attend_result *result) {
    if (result == NULL) return;
    xp_attend *a = result->internals;
    a->given = false;
    release(a);
}

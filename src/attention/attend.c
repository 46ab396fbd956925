/* explaint_attend: texts, fitted maps, measures, verdict, in this order. */
#include "explaint/attend.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attention/continuity.h"
#include "attention/damages.h"
#include "attention/glosses.h"
#include "attention/options.h"
#include "attention/verdict.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "explaint/inspect.h"
#include "explaint/version.h"
#include "tensor/blas.h"

/* Of the shipped texts: so many to take those from that decide, so many that do; the maps are fitted on the others. */
enum { SHIPPED_OFFERED = 120, SHIPPED_JUDGED = 60, SHORTEST_JUDGED = 6 };

/* ---- growing the result ---- */

void xp_attend_add(xp_attend *a, const explaint_attend_row *row) {
    if (!isfinite(row->value)) return;
    explaint_attend_row *place = xp_grow((void **)&a->rows, a->n_rows, &a->capacity, sizeof *place);
    if (place == NULL) {
        a->failed = true;
        return;
    }
    *place = *row;
    a->n_rows++;
}

const char *xp_attend_keep(xp_attend *a, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const char *kept = xp_strings_keep(&a->strings, &a->failed, format, list);
    va_end(list);
    return kept;
}

void xp_attend_lint(xp_attend *a, const char *id, const char *level, const char *text) {
    explaint_lint *grown = xp_realloc(a->lints, a->n_lints + 1, sizeof *grown);
    if (grown == NULL) {
        a->failed = true;
        return;
    }
    a->lints = grown;
    a->lints[a->n_lints++] = (explaint_lint){id, level, text};
}

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

/* ---- progress ---- */

typedef struct stage {
    const explaint_progress *progress;
    const char *what;
    double from, share; /* of all the work */
} stage;

static bool report(void *self, double done) {
    const stage *s = self;
    return s->progress == NULL || s->progress->report == NULL ||
           s->progress->report(s->progress->self, s->what, s->from + done * s->share, 1);
}

/* ---- texts ---- */

static explaint_status encode_texts(xp_attend *a, const explaint_texts *texts, explaint_error *error) {
    const xp_corpus_options own = {.truncate = a->options.truncate};
    explaint_status status = xp_corpus_encode(a->model, a->tokenizer, texts, &own, &a->texts, error);
    if (status != EXPLAINT_OK) return status;
    if (a->texts.cut > 0)
        xp_attend_lint(a, "truncated", "warning",
                       xp_attend_keep(a, "%zu of %zu texts were cut to %zu pieces", a->texts.cut, a->texts.n_texts,
                                      a->texts.longest));
    status = xp_corpus_run(&a->texts, a->model, 0, a->texts.n_texts, true, a->threads, error);
    const bool random = xp_attend_wants(a, "continuity", "identity_recovered") || a->damage[XP_DAMAGE_RANDOM_INIT];
    if (status != EXPLAINT_OK || a->info->random_init || !random) {
        a->damage[XP_DAMAGE_RANDOM_INIT] = false;
        return status;
    }
    const explaint_model_options draw = {
        .threads = a->threads, .isa = a->info->isa, .random_init = true, .seed = a->options.seed};
    status = explaint_model_open(a->info->path, &draw, &a->random, error);
    if (status == EXPLAINT_OK) status = xp_corpus_encode(a->random, a->tokenizer, texts, &own, &a->random_texts, error);
    if (status == EXPLAINT_OK)
        status = xp_corpus_run(&a->random_texts, a->random, 0, a->random_texts.n_texts, true, a->threads, error);
    return status;
}

static int descending(const void *x, const void *y) {
    const size_t p = *(const size_t *)x, q = *(const size_t *)y;
    return p > q ? -1 : p < q;
}

/* The length that two of three texts reach, and at least XP_JUDGED_TEXTS of them. 0: there is none. */
static explaint_status common_length(const xp_corpus *c, size_t *length, explaint_error *error) {
    size_t wanted = (2 * c->n_texts + 2) / 3;
    *length = 0;
    if (wanted < XP_JUDGED_TEXTS) wanted = XP_JUDGED_TEXTS;
    if (wanted > c->n_texts) return EXPLAINT_OK;
    size_t *lengths = xp_alloc(c->n_texts, sizeof *lengths);
    if (lengths == NULL) return xp_no_memory(error, "the lengths of texts");
    for (size_t t = 0; t < c->n_texts; t++) lengths[t] = c->text[t].n;
    qsort(lengths, c->n_texts, sizeof *lengths, descending);
    if (lengths[wanted - 1] >= SHORTEST_JUDGED) *length = lengths[wanted - 1];
    xp_free(lengths);
    return EXPLAINT_OK;
}

/* The texts that decide, cut to equal length: the user's, or the shipped ones. */
static explaint_status judged_texts(xp_attend *a, const explaint_texts *texts, const explaint_texts *shipped,
                                    xp_corpus *judged, explaint_error *error) {
    size_t length;
    explaint_status status = common_length(&a->texts, &length, error);
    a->result.judged_own = length > 0;
    if (status == EXPLAINT_OK && length == 0) {
        const size_t most = a->options.truncate > 0 ? a->options.truncate : a->info->n_positions;
        const xp_corpus_options offer = {.most_texts = SHIPPED_OFFERED, .truncate = most};
        status = xp_corpus_encode(a->model, a->tokenizer, shipped, &offer, judged, error);
        if (status == EXPLAINT_OK) status = common_length(judged, &length, error);
        xp_corpus_free(judged);
    }
    const xp_corpus_options cut = {
        .truncate = length, .exactly = length, .most_texts = a->result.judged_own ? 0 : SHIPPED_JUDGED};
    if (status == EXPLAINT_OK)
        status = xp_corpus_encode(a->model, a->tokenizer, a->result.judged_own ? texts : shipped, &cut, judged, error);
    if (status == EXPLAINT_OK) status = xp_corpus_run(judged, a->model, 0, judged->n_texts, true, a->threads, error);
    a->result.n_judged = judged->n_texts;
    a->result.judged_length = length;
    if (status == EXPLAINT_OK && !a->result.judged_own)
        xp_attend_lint(a, "illustration", "note",
                       xp_attend_keep(a,
                                      "%zu texts of sufficient length: fewer than %d do not decide; null and verdict "
                                      "are those of %zu shipped "
                                      "texts, cut to %zu pieces, and these texts illustrate them",
                                      a->texts.n_texts, XP_JUDGED_TEXTS, judged->n_texts, length));
    return status;
}

/* ---- fitted maps ---- */

static explaint_status fit_maps(xp_attend *a, const explaint_texts *texts, const explaint_texts *shipped,
                                xp_linear_g *linear, xp_mlp_g *mlp, explaint_error *error) {
    const bool own = a->options.fit_texts != NULL;
    const explaint_texts *source = own ? a->options.fit_texts : shipped;
    const xp_corpus_options how = {.truncate = a->info->n_positions,
                                   .rows = own ? 0 : XP_FIT_ROWS + XP_FIT_ROWS / 8,
                                   .first = own ? 0 : SHIPPED_OFFERED,
                                   .without = texts};
    xp_corpus corpus = {0};
    add_texts(a, "fit_texts", source);
    explaint_status status = xp_corpus_encode(a->model, a->tokenizer, source, &how, &corpus, error);
    if (status == EXPLAINT_OK && corpus.n_texts == 0)
        status = xp_fail(error, EXPLAINT_INVALID, explaint_texts_path(source), 0,
                         "expected texts that are not among those looked at, found none to fit a linear map on");
    if (status == EXPLAINT_OK && corpus.n_rows < XP_FIT_ROWS)
        xp_attend_lint(a, "fit-rows", "warning",
                       xp_attend_keep(a, "g was fitted on %zu rows; %d are asked for, so that A1 cannot fail here",
                                      corpus.n_rows, XP_FIT_ROWS));
    stage s = {a->options.progress, "linear maps", 0, a->g[XP_G_MLP] ? .2 : .8};
    if (status == EXPLAINT_OK && a->g[XP_G_LINEAR])
        status = xp_fit_linear(&corpus, a->options.seed, a->threads, report, &s, linear, error);
    s = (stage){a->options.progress, "maps with a hidden layer", .2, .7};
    if (status == EXPLAINT_OK && a->g[XP_G_MLP])
        status = xp_fit_mlp(&corpus, a->options.seed, a->threads, report, &s, mlp, error);
    xp_corpus_free(&corpus);
    return status;
}

/* ---- all of it ---- */

static explaint_status measure(xp_attend *a, const xp_linear_g *linear, const xp_mlp_g *mlp, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    stage s = {a->options.progress, "continuity", .9, .1};
    if (!report(&s, 0)) return xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped");
    if (xp_attend_wants(a, "continuity", NULL)) status = xp_continuity(a, linear, mlp, error);
    if (status != EXPLAINT_OK || (!xp_attend_wants(a, "damage", NULL) && !a->options.keep_maps)) return status;
    s.what = "damage";
    if (!report(&s, .3)) return xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped");
    status = xp_experiment_run(&a->texts, a->random != NULL ? &a->random_texts : NULL, a->damage, a->options.seed,
                               a->options.keep_maps, a->threads, &a->experiment, error);
    if (status == EXPLAINT_OK) status = xp_damage_measures(a, &a->experiment, error);
    return status;
}

static explaint_status run(xp_attend *a, const explaint_texts *texts, explaint_error *error) {
    xp_linear_g linear = {0};
    xp_mlp_g mlp = {0};
    xp_corpus judged = {0};
    explaint_texts *shipped = NULL;
    const bool continuity = xp_attend_wants(a, "continuity", NULL), damage = xp_attend_wants(a, "damage", NULL);
    const bool judging = xp_attend_wants(a, "continuity", "") && xp_attend_wants(a, "damage", "");
    explaint_status status = xp_glosses_open(&shipped, error);
    if (status == EXPLAINT_OK) status = encode_texts(a, texts, error);
    a->damage[XP_DAMAGE_RANDOM_INIT] &= damage;
    if (a->texts.n_texts == 1 && (a->damage[XP_DAMAGE_NEXT_ROWS] || a->damage[XP_DAMAGE_NEXT_CONTENT_ROWS])) {
        a->damage[XP_DAMAGE_NEXT_ROWS] = a->damage[XP_DAMAGE_NEXT_CONTENT_ROWS] = false;
        xp_attend_lint(a, "one-text", "note", "one text has no next one: next-rows and next-content-rows are left out");
    }
    if (status == EXPLAINT_OK && continuity && (a->g[XP_G_LINEAR] || a->g[XP_G_MLP]))
        status = fit_maps(a, texts, shipped, &linear, &mlp, error);
    if (status == EXPLAINT_OK) status = measure(a, &linear, &mlp, error);
    if (status == EXPLAINT_OK && judging) status = judged_texts(a, texts, shipped, &judged, error);
    if (status == EXPLAINT_OK && judging && !a->result.judged_own) add_texts(a, "judged_texts", shipped);
    if (status == EXPLAINT_OK && judging)
        status = xp_judge_attention(a, &judged, linear.weight[0] != NULL ? &linear : NULL, error);
    xp_linear_g_free(&linear);
    xp_mlp_g_free(&mlp);
    xp_corpus_free(&judged);
    explaint_texts_close(shipped);
    return status;
}

static void describe(xp_attend *a, const explaint_texts *texts) {
    for (size_t i = 0; i < a->info->n_files; i++)
        add_input(a, "model", a->info->name, a->info->file[i].path, a->info->file[i].sha256);
    add_texts(a, "texts", texts);
    xp_attend_settings(a);
    for (size_t i = 0; i < explaint_texts_n_notes(texts); i++)
        xp_attend_lint(a, "texts", "note", xp_attend_keep(a, "%s", explaint_texts_note(texts, i)));
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

static void finish(xp_attend *a) {
    explaint_attend_result *r = &a->result;
    const explaint_attend_options *o = &a->options;
    size_t short_of = 0;
    if (a->damage[XP_DAMAGE_NEXT_ROWS] && a->experiment.kept != NULL)
        for (size_t t = 0; t < a->texts.n_texts; t++)
            short_of += a->experiment.kept[(size_t)XP_DAMAGE_NEXT_ROWS * a->texts.n_texts + t];
    if (short_of > 0)
        xp_attend_lint(a, "next-rows", "note",
                       xp_attend_keep(a,
                                      "next-rows left %zu of %zu rows as they were, because the next text is shorter: "
                                      "texts of equal length have none",
                                      short_of, a->texts.n_rows));
    r->record.kind = &explaint_attend_kind;
    r->version = explaint_version();
    r->command = o->command;
    r->inputs = a->inputs;
    r->n_inputs = a->n_inputs;
    r->settings = a->settings;
    r->n_settings = a->n_settings;
    r->rows = a->rows;
    r->n_rows = a->n_rows;
    r->lints = a->lints;
    r->n_lints = a->n_lints;
    r->layers = a->layers;
    r->verdicts = a->verdicts;
    r->n_verdicts = a->n_verdicts;
    r->n_texts = a->texts.n_texts;
    r->n_pieces = a->texts.n_rows;
    r->signature =
        xp_attend_keep(a, "explaint|%s|attend|%s:%s|%zu texts, %zu pieces|%s|seed%llu", explaint_version(),
                       a->info->name, a->info->dtype, r->n_texts, r->n_pieces, o->g, (unsigned long long)o->seed);
    r->internals = a;
    if (!o->keep_maps) xp_experiment_free(&a->experiment);
}

explaint_status explaint_attend(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                const explaint_texts *texts, const explaint_attend_options *options,
                                explaint_attend_result **result, explaint_error *error) {
    static const char *const no_command[] = {NULL};
    *result = NULL;
    xp_attend *a = xp_calloc(1, sizeof *a);
    if (a == NULL) return xp_no_memory(error, "the result");
    a->result.judged_own = -1;
    a->model = model;
    a->info = explaint_model_describe(model);
    a->tokenizer = tokenizer;
    a->options = options != NULL ? *options : explaint_attend_defaults();
    if (a->options.command == NULL) a->options.command = no_command;
    a->threads = xp_pool_threads(a->options.threads);
    a->result.internals = a;
    xp_blas_single_thread();
    explaint_status status = xp_attend_read_options(a, error);
    if (status == EXPLAINT_OK) {
        describe(a, texts);
        status = stamp(a, error);
    }
    if (status == EXPLAINT_OK) status = run(a, texts, error);
    if (status == EXPLAINT_OK) finish(a);
    if (status == EXPLAINT_OK && a->failed) status = xp_no_memory(error, "the result");
    if (status != EXPLAINT_OK) {
        explaint_attend_free(&a->result);
        return status;
    }
    *result = &a->result;
    return EXPLAINT_OK;
}

void explaint_attend_free(explaint_attend_result *result) {
    if (result == NULL) return;
    xp_attend *a = result->internals;
    for (size_t i = 0; i < a->n_verdicts; i++) xp_free((void *)(uintptr_t)a->verdicts[i].assumptions);
    xp_corpus_free(&a->texts);
    xp_corpus_free(&a->random_texts);
    explaint_model_close(a->random);
    xp_experiment_free(&a->experiment);
    xp_strings_free(&a->measures);
    xp_strings_free(&a->strings);
    xp_free(a->layer);
    xp_free(a->rows);
    xp_free(a->lints);
    xp_free(a->inputs);
    xp_free(a->settings);
    xp_free(a->layers);
    xp_free(a->verdicts);
    xp_free(a);
}

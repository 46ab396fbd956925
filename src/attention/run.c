/* The work of a plan: damage of the texts, fitted maps, continuity, the texts that decide. What a ledger holds is not done again; rows and verdicts
 * are made of the units at the end, so that it makes no difference where they came from. */
#include <math.h>
#include <string.h>

#include "attention/continuity.h"
#include "attention/damages.h"
#include "attention/fit_kept.h"
#include "attention/flows.h"
#include "attention/looks.h"
#include "attention/verdict.h"
#include "base/error.h"
#include "base/memory.h"
#include "explaint/version.h"
#include "result/answer.h"

typedef struct work {
    xp_attend *a;
    xp_continuity *continuity;
    xp_looks *looks;
    xp_experiment judged;
    xp_flows *origin; /* of the texts that decide */
    xp_recovery recovery;
    xp_linear_g linear;
    xp_mlp_g mlp;
    bool *layer; /* L + 1: of which g is fitted */
} work;

/* How long a part takes beside the others, for progress. */
enum { LOOKS = 1, DAMAGE = 2, LINEAR = 8, MLP = 40, CONTINUITY = 4, FLOW = 1, JUDGED = 2, ORIGIN = 1 };

static bool recovers(const xp_attend *a) { return a->judging && a->g[XP_G_LINEAR]; }
static bool experiments(const xp_attend *a) { return a->damages || a->options.keep_maps; }

static double share_of(const xp_attend *a, int weight) {
    const int all = (a->looks ? LOOKS : 0) + (experiments(a) ? DAMAGE : 0) +
                    (a->fit_texts.n_texts > 0 && a->g[XP_G_LINEAR] ? LINEAR : 0) +
                    (a->fit_texts.n_texts > 0 && a->g[XP_G_MLP] ? MLP : 0) + (a->continuity ? CONTINUITY : 0) +
                    (a->flow ? FLOW : 0) + (a->judging ? JUDGED + ORIGIN : 0);
    return (double)weight / all;
}

static void begin_stage(xp_attend *a, const char *what, int weight) { xp_attend_stage(a, what, share_of(a, weight)); }

/* ---- what is there already ---- */

static explaint_status find(work *w, explaint_error *error) {
    static const bool permuted[XP_N_DAMAGES] = {[XP_DAMAGE_PERMUTE_CONTENT] = true};
    xp_attend *a = w->a;
    const xp_experiment_options texts = {.stem = "text",
                                         .damage = a->damage,
                                         .by_head = a->options.by_head,
                                         .keep_maps = a->options.keep_maps,
                                         .alone = !a->damages};
    const xp_experiment_options judged = {.stem = "judged", .damage = permuted, .head = a->head, .differ = true};
    explaint_status status = EXPLAINT_OK;
    if (experiments(a)) {
        a->experiment = xp_calloc(1, sizeof *a->experiment);
        status = a->experiment != NULL ? xp_experiment_find(a, &a->texts, &texts, a->experiment, error)
                                       : xp_no_memory(error, "damaged maps");
    }
    if (status == EXPLAINT_OK && a->looks) status = xp_looks_find(a, &w->looks, error);
    if (status == EXPLAINT_OK && a->continuity) status = xp_continuity_find(a, &w->continuity, error);
    if (status == EXPLAINT_OK && a->flow) status = xp_flows_find(a, &a->flows, error);
    if (status == EXPLAINT_OK && a->judging) status = xp_experiment_find(a, &a->judged, &judged, &w->judged, error);
    if (status == EXPLAINT_OK && a->judging) status = xp_flows_find_judged(a, &w->origin, error);
    if (status == EXPLAINT_OK && recovers(a)) status = xp_recovery_find(a, &a->judged, &w->recovery, error);
    return status;
}

/* ---- states and maps ---- */

static explaint_status run_random(xp_attend *a, explaint_error *error) {
    const xp_corpus_options own = {.truncate = a->options.truncate, .read = a->read};
    const explaint_model_options draw = {
        .threads = a->threads, .isa = a->info->isa, .random_init = true, .seed = a->options.seed};
    explaint_status status = explaint_model_open(a->info->path, &draw, &a->random, error);
    if (status == EXPLAINT_OK)
        status = xp_corpus_encode(a->random, a->tokenizer, a->source, &own, &a->random_texts, error);
    if (status == EXPLAINT_OK)
        status = xp_corpus_run(&a->random_texts, a->random, 0, a->random_texts.n_texts,
                               a->damage[XP_DAMAGE_RANDOM_INIT], NULL, NULL, a->threads, error);
    return status;
}

/* Where rows look is seen in the run that keeps states, if all of it is missing; else the texts that lack it run for it alone. */
static explaint_status run_texts(work *w, explaint_error *error) {
    xp_attend *a = w->a;
    size_t n_layers = 0, n_texts = a->experiment != NULL ? a->experiment->pieces.n_missing : 0;
    if (w->continuity != NULL) xp_continuity_missing(w->continuity, &n_layers);
    const bool keeps = n_layers + n_texts > 0, rides = keeps && a->looks && xp_looks_all_missing(w->looks);
    const explaint_observer *beside = NULL;
    explaint_status status = EXPLAINT_OK;
    if (a->looks && !rides) status = xp_looks_make(w->looks, share_of(a, LOOKS), error);
    if (status != EXPLAINT_OK || !keeps) return status;
    if (rides) status = xp_looks_begin(w->looks, share_of(a, LOOKS), &beside, error);
    if (status == EXPLAINT_OK)
        status = xp_corpus_run(&a->texts, a->model, 0, a->texts.n_texts, n_texts > 0, beside, NULL, a->threads, error);
    if (rides) status = xp_looks_end(w->looks, status, error);
    const bool random = a->wants_random && (n_layers > 0 || a->damage[XP_DAMAGE_RANDOM_INIT]);
    return status == EXPLAINT_OK && random ? run_random(a, error) : status;
}

/* ---- fitted maps ---- */

/* Of the layers that something is still missing in. */
static explaint_status fit(work *w, explaint_error *error) {
    xp_attend *a = w->a;
    size_t n = 0;
    const bool *missing = xp_continuity_missing(w->continuity, &n);
    if (a->fit_texts.n_texts == 0 || n + w->recovery.pieces.n_missing == 0) return EXPLAINT_OK;
    if ((w->layer = xp_calloc(a->info->n_layers + 1, sizeof *w->layer)) == NULL)
        return xp_no_memory(error, "the linear maps");
    for (size_t l = 0; l <= a->info->n_layers; l++)
        w->layer[l] = missing[l] || (w->recovery.pieces.missing != NULL && w->recovery.pieces.missing[l]);
    explaint_status status = EXPLAINT_OK;
    if (a->g[XP_G_LINEAR]) {
        begin_stage(a, "linear maps", LINEAR);
        status = xp_fit_kept(a, w->layer, &w->linear, error);
    }
    if (status == EXPLAINT_OK && a->g[XP_G_MLP] && n > 0) {
        begin_stage(a, "maps with a hidden layer", MLP);
        status = xp_fit_mlp(&a->fit_texts, missing, a->options.seed, a->threads, xp_attend_report, a, &w->mlp, error);
    }
    return status;
}

/* ---- all of it ---- */

static explaint_status make_damage(work *w, explaint_error *error) {
    xp_attend *a = w->a;
    if (!experiments(a)) return EXPLAINT_OK;
    begin_stage(a, "damage", DAMAGE);
    return xp_experiment_make(a, a->damage[XP_DAMAGE_RANDOM_INIT] ? &a->random_texts : NULL, a->experiment, error);
}

static explaint_status make_continuity(work *w, explaint_error *error) {
    xp_attend *a = w->a;
    if (w->continuity == NULL) return EXPLAINT_OK;
    explaint_status status = fit(w, error);
    begin_stage(a, "continuity", CONTINUITY);
    return status == EXPLAINT_OK ? xp_continuity_make(w->continuity, &w->linear, &w->mlp, error) : status;
}

static explaint_status make_flow(work *w, explaint_error *error) {
    xp_attend *a = w->a;
    if (!a->flow) return EXPLAINT_OK;
    return xp_flows_make(a->flows, NULL, share_of(a, FLOW), error);
}

static explaint_status make_judged(work *w, explaint_error *error) {
    xp_attend *a = w->a;
    if (!a->judging) return EXPLAINT_OK;
    /* One run for all that is asked about them, if all of that is missing. */
    const bool keeps = w->judged.pieces.n_missing + w->recovery.pieces.n_missing > 0,
               together = keeps && xp_flows_all_missing(w->origin);
    explaint_status status = EXPLAINT_OK;
    if (keeps && !together)
        status = xp_corpus_run(&a->judged, a->model, 0, a->judged.n_texts, true, NULL, NULL, a->threads, error);
    if (status == EXPLAINT_OK)
        status = xp_flows_make(w->origin, together ? &a->judged : NULL, share_of(a, ORIGIN), error);
    begin_stage(a, "the texts that decide", JUDGED);
    if (status == EXPLAINT_OK) status = xp_experiment_make(a, NULL, &w->judged, error);
    if (status == EXPLAINT_OK && recovers(a)) status = xp_recovery_make(a, &w->linear, &w->recovery, error);
    return status;
}

static explaint_status make(work *w, explaint_error *error) {
    explaint_status status = find(w, error);
    if (status == EXPLAINT_OK) status = run_texts(w, error);
    if (status == EXPLAINT_OK) status = make_damage(w, error);
    if (status == EXPLAINT_OK) status = make_continuity(w, error);
    if (status == EXPLAINT_OK) status = make_flow(w, error);
    if (status == EXPLAINT_OK) status = make_judged(w, error);
    return status;
}

static void finish(xp_attend *a) {
    explaint_attend_result *r = &a->result;
    const explaint_attend_options *o = &a->options;
    size_t short_of = 0;
    if (a->damage[XP_DAMAGE_NEXT_ROWS] && a->experiment != NULL)
        for (size_t t = 0; t < a->texts.n_texts; t++)
            short_of += (size_t)a->experiment->text[t].left[a->experiment->series[XP_DAMAGE_NEXT_ROWS][0]];
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
    r->heads = &a->about;
    r->verdicts = a->verdicts;
    r->n_verdicts = a->n_verdicts;
    r->n_texts = a->texts.n_texts;
    r->n_pieces = a->texts.n_rows;
    r->level = a->read.level == XP_LEVEL_WORD ? xp_level_names[XP_LEVEL_WORD] : NULL;
    r->special = a->read.without_special ? "out" : NULL;
    r->signature =
        xp_attend_keep(a, "explaint|%s|attend|%s:%s|%zu texts, %zu pieces|%s%s%s|seed%llu", explaint_version(),
                       a->info->name, a->info->dtype, r->n_texts, r->n_pieces, o->g, r->level != NULL ? "|words" : "",
                       r->special != NULL ? "|without special" : "", (unsigned long long)o->seed);
}

explaint_status xp_attend_run(xp_attend *a, explaint_error *error) {
    work w = {.a = a};
    explaint_status status = make(&w, error);
    if (status == EXPLAINT_OK && a->continuity) status = xp_continuity_rows(w.continuity, error);
    if (status == EXPLAINT_OK && a->looks) xp_looks_rows(w.looks);
    if (status == EXPLAINT_OK && experiments(a)) status = xp_damage_measures(a, a->experiment, error);
    if (status == EXPLAINT_OK && a->flow) xp_flows_rows(a->flows);
    if (status == EXPLAINT_OK && a->judging)
        status = xp_attention_judge(
            a, &(xp_evidence){.maps = &w.judged, .origin = w.origin, .recovery = recovers(a) ? &w.recovery : NULL},
            error);
    if (status == EXPLAINT_OK) finish(a);
    if (status == EXPLAINT_OK && !xp_answer_record(&a->result.record, &a->strings)) a->failed = true;
    if (status == EXPLAINT_OK && a->failed) status = xp_no_memory(error, "the result");
    xp_continuity_free(w.continuity);
    xp_looks_free(w.looks);
    xp_experiment_free(&w.judged);
    xp_flows_free(w.origin);
    if (w.recovery.corpus != NULL) xp_recovery_free(&w.recovery);
    xp_linear_g_free(&w.linear);
    xp_mlp_g_free(&w.mlp);
    xp_free(w.layer);
    xp_corpus_free(&a->judged);
    xp_corpus_free(&a->fit_texts);
    return status;
}

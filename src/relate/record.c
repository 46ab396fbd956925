/* The record: rows, what came out for each head, the verdict on the relation (A4). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "explaint/version.h"
#include "relate/pairs.h"
#include "relate/plan.h"
#include "result/answer.h"
#include "result/record.h"

static const double LEVEL = .05;
static const double MARGIN = .05; /* a gain (in accuracy, or of an AUC over .5) that cannot be larger is none */

/* ---- rows ---- */

static void add_row(xp_relate *r, explaint_relate_row row, double value) {
    if (!isfinite(value)) return;
    explaint_relate_row *place = xp_grow((void **)&r->rows, r->n_rows, &r->capacity, sizeof *place);
    if (place == NULL) {
        r->failed = true;
        return;
    }
    *place = row;
    place->value = value;
    r->n_rows++;
}

static void add_measure(xp_relate *r, explaint_relate_row row, const char *measure, const char *control, double value) {
    row.measure = measure;
    row.control = control;
    add_row(r, row, value);
}

static const char *control_of(xp_relate_source k) { return k == XP_SOURCE_MODEL ? NULL : xp_relate_sources[k]; }

static void add_all_heads(xp_relate *r, size_t set) {
    const xp_set_scores *s = &r->score[set];
    const explaint_relate_row row = {.counterfactuals = r->pairs->set.item[set], .layer = -1, .head = -1};
    for (xp_relate_source k = XP_SOURCE_MODEL; k < XP_N_SOURCES; k++) {
        if (!xp_relate_has(r, k)) continue;
        add_measure(r, row, "accuracy", control_of(k), s->accuracy[k]);
        add_measure(r, row, "auc", control_of(k), s->auc[k]);
        if (k == XP_SOURCE_MODEL) continue;
        add_measure(r, row, "gain", control_of(k), s->gain[k].mean);
        add_measure(r, row, "p", control_of(k), s->gain[k].p);
    }
    add_measure(r, row, "accuracy", "permuted", s->permuted_mean);
    add_measure(r, row, "gain", "permuted", s->accuracy[XP_SOURCE_MODEL] - s->permuted_mean);
    add_measure(r, row, "p", "permuted", s->permuted_p);
}

static void add_tests(xp_relate *r, explaint_relate_row row, const char *control, const xp_gain *gain) {
    add_measure(r, row, "gain", control, gain->mean);
    add_measure(r, row, "p", control, gain->p);
    add_measure(r, row, "p_adjusted", control, gain->p_adjusted);
}

static void add_head(xp_relate *r, size_t set, size_t k) {
    const xp_set_scores *s = &r->score[set];
    const size_t place = r->place[k], half = r->looks[0].n / XP_DIRECTIONS;
    explaint_relate_row row = {.counterfactuals = r->pairs->set.item[set],
                               .layer = (int)(place / r->info->n_heads) + 1,
                               .head = (int)(place % r->info->n_heads) + 1};
    for (xp_relate_source m = XP_SOURCE_MODEL; m < XP_SOURCE_FORM; m++)
        if (xp_relate_has(r, m)) add_measure(r, row, "accuracy", control_of(m), s->head_accuracy[m][k]);
    for (xp_relate_source m = XP_SOURCE_UNTRAINED; m < XP_N_SOURCES; m++)
        if (xp_relate_has(r, m))
            add_measure(r, row, "gain", control_of(m),
                        s->head_accuracy[0][k] -
                            (m == XP_SOURCE_FORM ? s->accuracy[XP_SOURCE_FORM] : s->head_accuracy[m][k]));
    for (size_t direction = 0; direction < XP_DIRECTIONS; direction++) {
        if (!r->looks[0].carried[direction]) continue;
        const size_t j = direction * half + place;
        row.direction = xp_between_directions[direction];
        add_measure(r, row, "auc", NULL, s->auc_of[j]);
        add_tests(r, row, "permuted", &s->alone[j]);
        for (xp_relate_source m = XP_SOURCE_UNTRAINED; m < XP_SOURCE_FORM; m++)
            if (xp_relate_has(r, m)) add_tests(r, row, control_of(m), &s->over[m][j]);
    }
}

/* ---- heads ---- */

/* The worst of all sets and controls, in one direction. */
typedef struct worst {
    double p, p_adjusted, auc, upper;
    size_t set;
    const char *control;
} worst;

static void look_at(worst *w, const xp_gain *gain, size_t set, const char *control) {
    if (w->control == NULL || gain->p_adjusted > w->p_adjusted) {
        w->p_adjusted = gain->p_adjusted;
        w->set = set;
        w->control = control;
    }
    w->p = fmax(w->p, gain->p);
    w->upper = fmin(w->upper, gain->upper);
}

static worst worst_of(const xp_relate *r, size_t j) {
    worst w = {.auc = 1, .upper = HUGE_VAL};
    for (size_t set = 0; set + 1 < r->sentences.n_variants; set++) {
        const xp_set_scores *s = &r->score[set];
        w.auc = fmin(w.auc, s->auc_of[j]);
        look_at(&w, &s->alone[j], set, "permuted");
        for (xp_relate_source k = XP_SOURCE_UNTRAINED; k < XP_SOURCE_FORM; k++)
            if (xp_relate_has(r, k)) look_at(&w, &s->over[k][j], set, xp_relate_sources[k]);
    }
    return w;
}

static explaint_relate_head judge_head(xp_relate *r, size_t k) {
    const size_t place = r->place[k], half = r->looks[0].n / XP_DIRECTIONS;
    worst best = {0};
    size_t chosen = XP_DIRECTIONS;
    double upper = -HUGE_VAL;
    for (size_t direction = 0; direction < XP_DIRECTIONS; direction++) {
        if (!r->looks[0].carried[direction]) continue;
        const worst w = worst_of(r, direction * half + place);
        upper = fmax(upper, w.upper);
        if (chosen == XP_DIRECTIONS || w.p_adjusted < best.p_adjusted ||
            (w.p_adjusted == best.p_adjusted && w.auc > best.auc)) {
            best = w;
            chosen = direction;
        }
    }
    double accuracy = 1;
    for (size_t set = 0; set + 1 < r->sentences.n_variants; set++)
        accuracy = fmin(accuracy, r->score[set].head_accuracy[XP_SOURCE_MODEL][k]);
    return (explaint_relate_head){.layer = place / r->info->n_heads + 1,
                                  .head = place % r->info->n_heads + 1,
                                  .outcome = best.p_adjusted <= LEVEL ? "holds"
                                             : upper < MARGIN         ? "fails"
                                                                      : "undecided",
                                  .direction = xp_between_directions[chosen],
                                  .auc = best.auc,
                                  .accuracy = accuracy,
                                  .p = best.p,
                                  .p_adjusted = best.p_adjusted,
                                  .decided_by =
                                      xp_relate_keep(r, "%s, %s", r->pairs->set.item[best.set], best.control)};
}

/* ---- verdicts ---- */

static const char *verdict_of(const char *outcome) {
    return strcmp(outcome, "holds") == 0 ? "supported" : strcmp(outcome, "fails") == 0 ? "not supported" : "undecided";
}

static size_t count_outcome(const xp_relate *r, const char *outcome) {
    size_t n = 0;
    for (size_t i = 0; i < r->n_heads; i++) n += strcmp(r->heads[i].outcome, outcome) == 0;
    return n;
}

static void judge_heads(xp_relate *r, explaint_relate_verdict *v) {
    const explaint_relate_head *best = NULL;
    const size_t holds = count_outcome(r, "holds"), fails = count_outcome(r, "fails");
    for (size_t i = 0; i < r->n_heads; i++)
        if (best == NULL || r->heads[i].p_adjusted < best->p_adjusted ||
            (r->heads[i].p_adjusted == best->p_adjusted && r->heads[i].auc > best->auc))
            best = &r->heads[i];
    *v = (explaint_relate_verdict){.claim = "heads", .decided_by = best->decided_by};
    v->verdict = holds > 0 ? "supported" : fails == r->n_heads ? "not supported" : "undecided";
    v->text = xp_relate_keep(r,
                             "%zu of %zu heads hold against every set and control, %zu fail; the first is %zu.%zu: AUC "
                             "%.3f, adjusted p %.4f (%s)",
                             holds, r->n_heads, fails, best->layer, best->head, best->auc, best->p_adjusted,
                             best->decided_by);
}

static void add_assumption(xp_relate *r, size_t set, const char *control, double own, double other, const xp_gain *g) {
    const char *outcome = g->p <= LEVEL ? "holds" : g->upper < MARGIN ? "fails" : "undecided";
    r->assumptions[r->n_assumptions++] =
        (explaint_relate_assumption){.id = "A4",
                                     .counterfactuals = r->pairs->set.item[set],
                                     .control = control,
                                     .outcome = outcome,
                                     .gain = g->mean,
                                     .upper = g->upper,
                                     .p = g->p,
                                     .why = xp_relate_keep(r, "accuracy %.3f against %.3f, p %.4f", own, other, g->p)};
}

static void assume(xp_relate *r, size_t set) {
    const xp_set_scores *s = &r->score[set];
    const double own = s->accuracy[XP_SOURCE_MODEL];
    if (r->options.refits > 0) {
        const double gain = own - s->permuted_mean;
        const xp_gain g = {.mean = gain, .upper = gain + 1.645 * s->permuted_sd, .p = s->permuted_p};
        add_assumption(r, set, "permuted", own, s->permuted_mean, &g);
    }
    for (xp_relate_source k = XP_SOURCE_UNTRAINED; k < XP_N_SOURCES; k++)
        if (xp_relate_has(r, k)) add_assumption(r, set, xp_relate_sources[k], own, s->accuracy[k], &s->gain[k]);
}

/* One that fails decides before one that is open; of equals the one with the largest p. */
static void judge_model(xp_relate *r, explaint_relate_verdict *v) {
    const explaint_relate_assumption *worst_one = NULL;
    for (size_t set = 0; set + 1 < r->sentences.n_variants; set++) assume(r, set);
    for (size_t i = 0; i < r->n_assumptions; i++) {
        const explaint_relate_assumption *a = &r->assumptions[i];
        const bool fails = strcmp(a->outcome, "fails") == 0;
        if (worst_one == NULL || (fails && strcmp(worst_one->outcome, "fails") != 0) ||
            (fails == (strcmp(worst_one->outcome, "fails") == 0) && a->p > worst_one->p))
            worst_one = a;
    }
    *v = (explaint_relate_verdict){
        .claim = "model",
        .verdict = verdict_of(worst_one->outcome),
        .decided_by = xp_relate_keep(r, "%s, %s", worst_one->counterfactuals, worst_one->control),
        .text = xp_relate_keep(r, "all heads together against %s, %s: %s", worst_one->counterfactuals,
                               worst_one->control, worst_one->why),
        .assumptions = r->assumptions,
        .n_assumptions = r->n_assumptions};
}

/* ---- all of it ---- */

static void list_pairs(xp_relate *r) {
    const xp_sentences *s = &r->sentences;
    for (size_t row = 0; row < s->n_rows; row++) {
        const size_t pair = s->pair[row / s->n_variants], variant = row % s->n_variants;
        r->listed[row] = (explaint_relate_pair){
            .left = xp_relate_keep(r, "%s", r->pairs->left.item[pair]),
            .right = xp_relate_keep(r, "%s", xp_sentences_right(r->pairs, pair, variant)),
            .counterfactuals = variant > 0 ? xp_relate_keep(r, "%s", r->pairs->set.item[variant - 1]) : NULL,
            .left_fold = r->folds.left[row],
            .right_fold = r->folds.right[row]};
    }
}

static void fill(xp_relate *r) {
    explaint_relate_result *to = &r->result;
    to->record.kind = &explaint_relate_kind;
    to->version = explaint_version();
    to->command = r->options.command;
    to->inputs = r->inputs;
    to->n_inputs = r->n_inputs;
    to->settings = r->settings;
    to->n_settings = r->n_settings;
    to->n_pairs = r->sentences.n_pairs;
    to->n_groups = r->groups.n;
    to->n_texts = r->sentences.n_texts;
    to->rows = r->rows;
    to->n_rows = r->n_rows;
    to->lints = r->lints;
    to->n_lints = r->n_lints;
    to->heads = r->heads;
    to->n_heads = r->n_heads;
    to->verdicts = r->verdicts;
    to->n_verdicts = 2;
    to->pairs = r->listed;
    to->n_listed = r->sentences.n_rows;
    to->signature = xp_relate_keep(r, "explaint|%s|relate|%s:%s|%s, %zu pairs, %zu texts|cv%zu words|seed%llu",
                                   explaint_version(), r->info->name, r->info->dtype, r->pairs->name, to->n_pairs,
                                   to->n_texts, r->options.folds, (unsigned long long)r->options.seed);
}

explaint_status xp_relate_record(xp_relate *r, explaint_error *error) {
    const size_t sets = r->sentences.n_variants - 1;
    r->heads = xp_calloc(r->n_chosen, sizeof *r->heads);
    r->verdicts = xp_calloc(2, sizeof *r->verdicts);
    r->assumptions = xp_calloc(sets * (XP_N_SOURCES + 1), sizeof *r->assumptions);
    r->listed = xp_calloc(r->sentences.n_rows, sizeof *r->listed);
    if (r->heads == NULL || r->verdicts == NULL || r->assumptions == NULL || r->listed == NULL)
        return xp_no_memory(error, "the result");
    for (size_t set = 0; set < sets; set++) {
        add_all_heads(r, set);
        for (size_t k = 0; k < r->n_chosen; k++) add_head(r, set, k);
    }
    for (size_t k = 0; k < r->n_chosen; k++) r->heads[r->n_heads++] = judge_head(r, k);
    judge_heads(r, &r->verdicts[0]);
    judge_model(r, &r->verdicts[1]);
    list_pairs(r);
    fill(r);
    if (!xp_answer_record(&r->result.record, &r->strings)) r->failed = true;
    return r->failed ? xp_no_memory(error, "the result") : EXPLAINT_OK;
}

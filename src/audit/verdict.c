/* The verdicts of methods 3.1: assumptions as a list, outcomes by one rule, texts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "audit/result.h"
#include "base/memory.h"
#include "base/strings.h"
#include "stats/paired.h"

/* Ours: an assumption holds only if its gain is also this many null sds (a normal tail of .01, whatever B is). Where labels are wrong, coarse or absent,
 * E3 alone stands between a category and a supported claim, and at p <= .05 it lets 1 in 20 pass: on planted worlds the false ones that passed had gains
 * of 1.7 to 2.1 sd, the true ones of 3.4 and more (bench/truth). */
static const double SURE = 2.33;
static const double WIDER = 1.25, WIDER_HELD_OUT = 1.5; /* out-of-fold scores share training data (measured coverage) */
static const double ONE_SIDED = 1.645;
static const double DETECTS =
    (1.96 + .8416) / 1.96; /* of the half of a 95 % interval: a difference found with 80 % power */

static const explaint_assumption NOTHING = {.gain = NAN,
                                            .ci = {NAN, NAN},
                                            .p = NAN,
                                            .p_error = NAN,
                                            .p_adjusted = NAN,
                                            .mde = NAN,
                                            .null_mean = NAN,
                                            .null_sd = NAN,
                                            .observed = NAN,
                                            .peer_gain = NAN,
                                            .peer_p = NAN};

static bool is(const explaint_assumption *a, const char *outcome) {
    return a != NULL && strcmp(a->outcome, outcome) == 0;
}

/* ---- numbers of a trial ---- */

typedef struct trial_numbers {
    bool ran;
    xp_test_result system, peer, word_form;
    bool has_peer, has_word_form;
    double ci[2];
    size_t n;
} trial_numbers;

size_t xp_trial_null(const struct explaint_plan *plan, size_t trial, size_t which, double *null) {
    const xp_trial *t = &plan->trial[trial];
    const bool spelling = xp_trial_has(t, XP_WORD_FORM) && which == (xp_trial_has(t, XP_PEER) ? 2u : 1u);
    const size_t used = xp_trial_used(plan, trial, spelling ? XP_WORD_FORM : XP_SYSTEM);
    size_t at = 0;
    for (size_t u = 0; u < plan->n_units && at < used; u++) {
        const xp_unit *unit = &plan->units[u];
        if (unit->kind != XP_UNIT_PERMUTATIONS || unit->index != trial) continue;
        memcpy(null + at, (const double *)unit->bytes + which * unit->count, unit->count * sizeof *null);
        at += unit->count;
    }
    return at;
}

/* Interval of the gain: bootstrap over the concepts that can move, of observed score - mean of its own null. */
static void gain_interval(xp_result *r, xp_readback *back, size_t trial, size_t contenders, const double *observed,
                          double gain, double ci[2]) {
    const struct explaint_plan *plan = back->plan;
    const size_t n = plan->distinct.n;
    double *sum = xp_calloc(4 * n, sizeof *sum);
    if (sum == NULL) {
        r->failed = true;
        return;
    }
    double *count = sum + n, *num = sum + 2 * n, *den = sum + 3 * n;
    const size_t used = xp_trial_used(plan, trial, XP_SYSTEM);
    for (size_t u = 0; u < plan->n_units; u++) {
        const xp_unit *unit = &plan->units[u];
        if (unit->kind != XP_UNIT_PERMUTATIONS || unit->index != trial || unit->first > used) continue;
        const double *by_concept = (const double *)unit->bytes + contenders * unit->count;
        for (size_t i = 0; i < 2 * n; i++) sum[i] += by_concept[i]; /* sums, then counts */
    }
    for (size_t i = 0; i < n; i++) {
        if (isnan(observed[i]) || !(count[i] > 0)) continue;
        num[i] = observed[i] - sum[i] / count[i];
        den[i] = 1;
    }
    if (xp_bootstrap_ratio(&back->distinct, num, den, ci))
        xp_widen(gain, trial == XP_E4 || trial == XP_HELD_OUT ? WIDER_HELD_OUT : WIDER, ci);
    xp_free(sum);
}

static trial_numbers numbers_of(xp_result *r, xp_readback *back, xp_trial_id id) {
    const struct explaint_plan *plan = back->plan;
    trial_numbers t = {.ci = {NAN, NAN}};
    const xp_unit *unit = xp_plan_unit(plan, XP_UNIT_OBSERVED, id);
    if (unit == NULL) return t;
    const xp_trial *trial = &plan->trial[id];
    const double *observed = unit->bytes;
    const size_t n = plan->distinct.n;
    t.n = trial->blocks.n_movable;
    if (isnan(xp_mean_of_defined(observed, n))) return t;
    double *null = xp_alloc(plan->options.permutations, sizeof *null);
    if (null == NULL) {
        r->failed = true;
        return t;
    }
    t.ran = true;
    t.has_peer = xp_trial_has(trial, XP_PEER);
    t.has_word_form = xp_trial_has(trial, XP_WORD_FORM);
    size_t contenders = 1 + (size_t)t.has_peer + (size_t)t.has_word_form, which = 0;
    xp_test_summarise(xp_mean_of_defined(observed, n), null, xp_trial_null(plan, id, which, null), &t.system);
    if (t.has_peer) {
        which++;
        xp_test_summarise(xp_mean_of_defined(observed + which * n, n), null, xp_trial_null(plan, id, which, null),
                          &t.peer);
    }
    if (t.has_word_form) {
        which++;
        xp_test_summarise(xp_mean_of_defined(observed + which * n, n), null, xp_trial_null(plan, id, which, null),
                          &t.word_form);
    }
    gain_interval(r, back, id, contenders, observed, t.system.gain, t.ci);
    xp_free(null);
    return t;
}

/* ---- assumptions ---- */

static const struct {
    const char *text, *beyond;
} tests[] = {
    [XP_E1] = {"there is anything (rows permuted over all concepts)", "chance"},
    [XP_E2] = {"beyond the given categories (rows permuted within categories)", "the category"},
    [XP_E3] = {"beyond groups that nobody labelled (rows permuted within cells of embedding clusters × norm clusters)",
               "unlabelled groups"},
    [XP_E4] = {"for unseen categories (whole categories held out, rows permuted within categories)",
               "known categories"},
    [XP_HELD_OUT] = {"for unseen groups (norm clusters of about 18 held out, rows permuted within the cells of E3)",
                     "known groups"}};

static const char *not_testable(const struct explaint_plan *plan, xp_trial_id id) {
    if (strcmp(plan->options.within, "default") != 0) return "left out by --within";
    if (id == XP_E2) return "no category has at least 5 concepts";
    return "there are fewer than 4 categories, or none of at least 5 concepts; held-out norm clusters take its place";
}

/* How many permutations there were, and where that was not all of them, what is known of p. */
static void note_stop(const struct explaint_plan *plan, const xp_test_result *test, explaint_assumption *a) {
    a->permutations = test->permutations;
    a->sequential = test->permutations < plan->options.permutations;
    if (!a->sequential) return;
    const double reached = a->p * (1 + (double)test->permutations) - 1;
    xp_sequential_interval(test->permutations, (size_t)llround(reached), .95, a->p_interval);
}

static explaint_assumption judge_trial(xp_result *r, xp_readback *back, xp_trial_id id) {
    const struct explaint_plan *plan = back->plan;
    explaint_assumption a = NOTHING;
    a.id = xp_trial_name(id);
    a.text = tests[id].text;
    if (!plan->has_trial[id]) {
        a.outcome = "not testable";
        a.why = not_testable(plan, id);
        return a;
    }
    trial_numbers t = numbers_of(r, back, id);
    a.n = t.n;
    if (!t.ran) {
        a.outcome = "undecided";
        a.why = xp_keep(r, "only %zu concepts can move: too few to test", t.n);
        return a;
    }
    a.observed = t.system.observed;
    a.gain = t.system.gain;
    a.ci[0] = t.ci[0];
    a.ci[1] = t.ci[1];
    a.p = t.system.p;
    a.p_error = t.system.p_error;
    a.mde = t.system.mde;
    a.null_mean = t.system.null_mean;
    a.null_sd = t.system.null_sd;
    note_stop(plan, &t.system, &a);
    if (t.has_peer) {
        a.peer_gain = t.peer.gain;
        a.peer_p = t.peer.p;
        a.peer_rejects = t.peer.p <= XP_ALPHA && t.peer.gain >= SURE * t.peer.null_sd;
    }
    const double margin = plan->options.margin;
    if (id != XP_E1 && t.n < XP_LEAST_MOVABLE) {
        a.outcome = "undecided";
        a.why =
            xp_keep(r, "only %zu concepts can move, fewer than %d (an effect of %.3f would be found with 80 %% power)",
                    t.n, XP_LEAST_MOVABLE, a.mde);
    } else if (!(a.null_sd > 0)) {
        a.outcome = "undecided";
        a.why = "every permutation scores the same: the metric cannot vary here (F1@10 of at most 10 features cannot)";
    } else if (a.p <= XP_ALPHA && a.gain >= SURE * a.null_sd) {
        a.outcome = "holds";
        a.why = xp_keep(r, "gain %+.3f, p = %.3g", a.gain, a.p);
    } else if (a.gain + ONE_SIDED * a.null_sd < margin) {
        a.outcome = "fails";
        a.why = xp_keep(r,
                        "the gain beyond %s is below %g with this mapping (%+.3f, p = %.2g; an effect of %.3f would be "
                        "found with 80 %% power)",
                        tests[id].beyond, margin, a.gain, a.p, a.mde);
    } else {
        a.outcome = "undecided";
        a.why =
            xp_keep(r, "gain %+.3f, p = %.2g; an effect of %.3f would be found with 80 %% power", a.gain, a.p, a.mde);
    }
    return a;
}

/* The difference of two lists of scores, paired by concept, with a widened interval. */
static void difference(xp_result *r, xp_readback *back, const double *a, const double *b, explaint_assumption *out) {
    const size_t n = back->plan->distinct.n;
    double *num = xp_calloc(2 * n, sizeof *num), sum = 0, count = 0;
    if (num == NULL) {
        r->failed = true;
        return;
    }
    double *den = num + n;
    for (size_t i = 0; i < n; i++) {
        if (isnan(a[i]) || isnan(b[i])) continue;
        num[i] = a[i] - b[i];
        den[i] = 1;
        sum += num[i];
        count++;
    }
    if (count > 0) {
        out->gain = sum / count;
        out->n = (size_t)count;
        out->observed = xp_mean_of_defined(a, n);
        if (xp_bootstrap_ratio(&back->distinct, num, den, out->ci)) {
            xp_widen(out->gain, WIDER, out->ci);
            out->mde = DETECTS * (out->ci[1] - out->ci[0]) / 2;
        }
    }
    xp_free(num);
}

/* p of a difference, by sign flips. */
static void flip_signs(xp_result *r, const xp_readback *back, const double *a, const double *b,
                       explaint_assumption *out) {
    const struct explaint_plan *plan = back->plan;
    const size_t n = plan->distinct.n;
    double *d = xp_alloc(n, sizeof *d);
    xp_paired paired;
    for (size_t i = 0; d != NULL && i < n; i++) d[i] = a[i] - b[i];
    if (d != NULL && xp_sign_flips(d, n, plan->options.permutations, plan->options.seed, &paired)) {
        out->p = paired.p;
        out->p_error = paired.p_error;
    } else {
        r->failed = true;
    }
    xp_free(d);
}

static explaint_assumption judge_word_form(xp_result *r, xp_readback *back) {
    const struct explaint_plan *plan = back->plan;
    explaint_assumption a = NOTHING;
    a.id = "W";
    a.text = "not the spelling";
    trial_numbers t = numbers_of(r, back, XP_E1);
    if (!t.ran) {
        a.outcome = "not testable";
        a.why = "left out by --within";
        return a;
    }
    const xp_unit *unit = xp_plan_unit(plan, XP_UNIT_OBSERVED, XP_E1);
    const double *system = unit->bytes, *spelling = system + (t.has_peer ? 2 : 1) * plan->distinct.n;
    difference(r, back, system, spelling, &a);
    a.p = t.word_form.p;
    a.p_error = t.word_form.p_error;
    note_stop(plan, &t.word_form, &a);
    if (a.p > XP_ALPHA) {
        a.outcome = "holds";
        a.why = xp_keep(r, "the spelling does not predict the norms (p = %.2g)", a.p);
    } else if (a.ci[0] > 0) {
        a.outcome = "holds";
        a.why = xp_keep(r, "the spelling predicts the norms (p = %.2g), the system does better by %+.3f", a.p, a.gain);
    } else {
        a.outcome = "fails";
        a.why = xp_keep(r,
                        "the spelling predicts the norms (p = %.2g), and the system is not clearly better (%+.3f; a "
                        "difference of %.3f would be found with 80 %% power)",
                        a.p, a.gain, a.mde);
    }
    return a;
}

/* ---- information ---- */

typedef struct information {
    explaint_assumption *list;
    size_t count;
    const explaint_assumption *by[XP_N_TRIALS], *word_form;
    const char *verdict, *decided_by;
} information;

static bool testable(const explaint_assumption *a) { return a != NULL && !is(a, "not testable"); }

static void decide(information *info) {
    const explaint_assumption *failed = NULL, *open = NULL, *hardest = NULL;
    size_t tested = 0;
    for (size_t i = 0; i < info->count; i++) {
        const explaint_assumption *a = &info->list[i];
        if (!testable(a)) continue;
        tested++;
        if (failed == NULL && is(a, "fails")) failed = a;
        if (open == NULL && is(a, "undecided")) open = a;
        if (a->id[0] == 'E' && (hardest == NULL || a->gain / a->null_sd < hardest->gain / hardest->null_sd))
            hardest = a;
    }
    bool complete = info->by[XP_E1] != NULL && testable(info->by[XP_E1]) && testable(info->by[XP_E3]);
    info->verdict = failed != NULL                             ? "not supported"
                    : open != NULL || tested == 0 || !complete ? "undecided"
                                                               : "supported";
    info->decided_by = failed != NULL                ? failed->id
                       : open != NULL                ? open->id
                       : complete && hardest != NULL ? hardest->id
                                                     : "";
}

static bool missing(const information *info, xp_trial_id id) { return !testable(info->by[id]); }

/* "23 %", of the gain over everything. */
static const char *share(xp_result *r, const information *info, xp_trial_id id) {
    double all = info->by[XP_E1]->gain;
    return xp_keep(r, "%.0f %%", 100 * info->by[id]->gain / all);
}

static void add_label_remark(xp_result *r, xp_readback *back, xp_text *text) {
    const struct explaint_plan *plan = back->plan;
    const xp_unit *unit = xp_plan_unit(plan, XP_UNIT_RIVALS, 0);
    if (unit == NULL) return;
    const double *score = unit->bytes;
    const size_t n = plan->distinct.n;
    explaint_assumption d = NOTHING;
    difference(r, back, score + XP_RIVAL_LABEL * n, score + XP_RIVAL_SYSTEM * n, &d);
    if (d.ci[0] > 0)
        xp_text_addf(
            text,
            " Yet a category label alone predicts better than the embedding (%.3f against %.3f on the %zu concepts "
            "with a category).",
            d.observed, d.observed - d.gain, d.n);
}

static void information_text(xp_result *r, xp_readback *back, const information *info, xp_text *text) {
    const struct explaint_plan *plan = back->plan;
    const char *mapping = plan->mapping.mapper->words;
    const explaint_assumption *held_out = missing(info, XP_E4) ? info->by[XP_HELD_OUT] : info->by[XP_E4];
    if (strcmp(info->verdict, "supported") == 0) {
        xp_text_addf(text, "The vectors carry property information beyond groups of about %d concepts, found by %s",
                     XP_GROUP, mapping);
        if (!missing(info, XP_E4))
            xp_text_adds(text, ", also for categories that were never seen in training");
        else if (testable(held_out))
            xp_text_adds(text, ", also for groups that were never seen in training");
        xp_text_adds(text, ".");
        xp_text_addf(text, " Of the gain over chance assignment (%+.3f),", info->by[XP_E1]->gain);
        if (!missing(info, XP_E2)) xp_text_addf(text, " %s is beyond the category and", share(r, info, XP_E2));
        xp_text_addf(text, " %s beyond unlabelled groups.", share(r, info, XP_E3));
        add_label_remark(r, back, text);
    } else if (is(info->by[XP_E1], "fails")) {
        xp_text_addf(text, "No property information is found in the vectors by %s: %s.", mapping, info->by[XP_E1]->why);
    } else if (is(info->word_form, "fails")) {
        xp_text_addf(text, "What the vectors predict may be the spelling: %s.", info->word_form->why);
    } else if (strcmp(info->verdict, "not supported") == 0) {
        if (is(info->by[XP_E2], "fails"))
            xp_text_addf(text, "Category information only: %s.", info->by[XP_E2]->why);
        else if (is(info->by[XP_E3], "fails"))
            xp_text_addf(text, "Category information only, or groups finer than the labels (of about %d concepts): %s.",
                         XP_GROUP, info->by[XP_E3]->why);
        else
            xp_text_addf(text, "Within known categories only: %s.",
                         held_out != NULL ? held_out->why : "nothing is left");
    } else {
        xp_text_addf(text,
                     "Not decided whether the vectors carry property information beyond groups of about %d concepts",
                     XP_GROUP);
        for (size_t i = 0; i < info->count; i++)
            if (strcmp(info->list[i].id, info->decided_by) == 0)
                xp_text_addf(text, ": %s: %s", info->list[i].id, info->list[i].why);
        xp_text_adds(text, ".");
    }
    if (missing(info, XP_E2) || missing(info, XP_E4)) {
        bool both = missing(info, XP_E2) && missing(info, XP_E4);
        xp_text_addf(text, " %s not testable (%s).",
                     both                   ? "E2 and E4 are"
                     : missing(info, XP_E2) ? "E2 is"
                                            : "E4 is",
                     not_testable(plan, missing(info, XP_E2) ? XP_E2 : XP_E4));
    }
    for (size_t i = 0; i < info->count; i++) {
        const explaint_assumption *a = &info->list[i];
        if (a->id[0] == 'E' && testable(a) && !is(a, "holds") && a->peer_rejects) {
            xp_text_addf(text, " Neighbours find what this mapping does not (%s: kNN %+.3f, p = %.2g).", a->id,
                         a->peer_gain, a->peer_p);
            break;
        }
    }
}

static void judge_information(xp_result *r, xp_readback *back, explaint_verdict *verdict, information *info) {
    *info = (information){.list = xp_calloc(XP_N_TRIALS + 1, sizeof *info->list)};
    r->assumptions[0] = info->list;
    if (info->list == NULL) {
        r->failed = true;
        return;
    }
    for (int id = 0; id < XP_N_TRIALS; id++) {
        if (id == XP_HELD_OUT && !back->plan->has_trial[id]) continue;
        info->list[info->count] = judge_trial(r, back, (xp_trial_id)id);
        info->by[id] = &info->list[info->count++];
    }
    info->list[info->count] = judge_word_form(r, back);
    info->word_form = &info->list[info->count++];
    decide(info);
    xp_text text = {0};
    information_text(r, back, info, &text);
    *verdict = (explaint_verdict){.claim = "information",
                                  .verdict = info->verdict,
                                  .decided_by = info->decided_by,
                                  .text = xp_keep(r, "%s", text.data != NULL ? text.data : ""),
                                  .assumptions = info->list,
                                  .n_assumptions = info->count};
    r->failed = r->failed || text.failed;
    xp_text_free(&text);
}

/* ---- mapping ---- */

/* The mapping and its level, as the text names them. least, most: what folds used or chose. */
static void name_pair(const struct explaint_plan *plan, size_t least, size_t most, char *text, size_t size) {
    const char *words = plan->mapping.mapper->words;
    const bool inside = plan->mapping.choose;
    if (xp_plan_tells(plan, "alpha") && !inside)
        snprintf(text, size, "%s with penalty %g", words, plan->verdict_level);
    else if (xp_plan_tells(plan, "alpha") && least < most)
        snprintf(text, size, "%s with penalties from %zu to %zu, chosen inside", words, least, most);
    else if (xp_plan_tells(plan, "alpha"))
        snprintf(text, size, "%s with penalty %zu, chosen inside", words, most);
    else if (!xp_plan_tells(plan, "n_components"))
        snprintf(text, size, "%s", words);
    else if (inside && least < most)
        snprintf(text, size, "%s with %zu to %zu components, chosen inside", words, least, most);
    else if (inside)
        snprintf(text, size, "%s with %zu components, chosen inside", words, most);
    else if ((double)most < plan->verdict_level)
        snprintf(text, size, "%s with %zu components, all there are", words, most);
    else
        snprintf(text, size, "%s with %zu components", words, most);
}

static void judge_mapping(xp_result *r, xp_readback *back, const information *info, explaint_verdict *verdict) {
    static const struct {
        xp_rival rival;
        const char *id, *text;
    } comparisons[] = {
        {XP_RIVAL_MEAN, "mean", "better than the mean predictor"},
        {XP_RIVAL_KNN, "knn", "better than copying neighbours (k in 1, 5, 10, 20 chosen on an inner split)"},
        {XP_RIVAL_BOTTLENECK, "bottleneck",
         "better than the group bottleneck (discriminant analysis, then the mean of the norm cluster)"}};
    enum { N = sizeof comparisons / sizeof *comparisons };
    const struct explaint_plan *plan = back->plan;
    const xp_unit *unit = xp_plan_unit(plan, XP_UNIT_RIVALS, 0);
    explaint_assumption *list = r->assumptions[1] = xp_calloc(N + 1, sizeof *list);
    if (list == NULL || unit == NULL) {
        r->failed = true;
        return;
    }
    const double *score = unit->bytes;
    const size_t n = plan->distinct.n;
    list[0] = NOTHING;
    list[0].id = "information";
    list[0].text = "the information claim";
    list[0].outcome = strcmp(info->verdict, "supported") == 0   ? "holds"
                      : strcmp(info->verdict, "undecided") == 0 ? "undecided"
                                                                : "fails";
    list[0].why = xp_keep(r, "information is %s", info->verdict);
    const explaint_assumption *failed = is(&list[0], "fails") ? &list[0] : NULL,
                              *open = is(&list[0], "undecided") ? &list[0] : NULL;
    size_t used = 0, least_used = SIZE_MAX, least_k = SIZE_MAX, most_k = 0;
    for (size_t f = 0; f < plan->distinct.n_folds; f++) {
        const double *by_fold = score + XP_N_RIVALS * n;
        size_t k = (size_t)by_fold[plan->distinct.n_folds + f];
        if ((size_t)by_fold[f] > used) used = (size_t)by_fold[f];
        if ((size_t)by_fold[f] < least_used) least_used = (size_t)by_fold[f];
        if (k > 0 && k < least_k) least_k = k;
        if (k > most_k) most_k = k;
    }
    const explaint_assumption *worst = NULL;
    for (size_t i = 0; i < N; i++) {
        explaint_assumption *a = &list[i + 1];
        *a = NOTHING;
        a->id = comparisons[i].id;
        a->text = comparisons[i].text;
        if (comparisons[i].rival == XP_RIVAL_KNN && plan->mapping.mapper == &xp_knn_mapper) {
            a->outcome = "not testable";
            a->why = "the mapping is kNN itself";
            continue;
        }
        difference(r, back, score + XP_RIVAL_SYSTEM * n, score + (size_t)comparisons[i].rival * n, a);
        flip_signs(r, back, score + XP_RIVAL_SYSTEM * n, score + (size_t)comparisons[i].rival * n, a);
        a->null_mean = a->observed - a->gain;
        a->outcome = a->ci[0] > 0 ? "holds" : a->ci[1] < 0 ? "fails" : "undecided";
        a->why = xp_keep(r, "gain %+.3f [%+.3f, %+.3f] over %.3f", a->gain, a->ci[0], a->ci[1], a->null_mean);
        if (comparisons[i].rival == XP_RIVAL_KNN && least_k == most_k)
            a->why = xp_keep(r, "%s with k = %zu", a->why, most_k);
        else if (comparisons[i].rival == XP_RIVAL_KNN)
            a->why = xp_keep(r, "%s with k from %zu to %zu", a->why, least_k, most_k);
        if (!is(a, "holds") && !isnan(a->mde))
            a->why = xp_keep(r, "%s; a difference of %.3f would be found with 80 %% power", a->why, a->mde);
        if (is(a, "fails") && (worst == NULL || a->gain < worst->gain)) worst = a;
        if (open == NULL && is(a, "undecided")) open = a;
    }
    if (worst != NULL) failed = worst;
    const char *outcome = failed != NULL ? "not supported" : open != NULL ? "undecided" : "supported";
    char pair[96];
    name_pair(plan, least_used, used, pair, sizeof pair);
    const char *text;
    const explaint_assumption *decided = failed != NULL ? failed : open;
    if (decided == NULL && plan->mapping.mapper == &xp_knn_mapper)
        text = xp_keep(r,
                       "This mapping (%s, %.3f) recovers the properties better than the mean predictor (%.3f) and than "
                       "a group bottleneck (%.3f).",
                       pair, list[1].observed, list[1].null_mean, list[3].null_mean);
    else if (decided == NULL)
        text = xp_keep(r,
                       "This mapping (%s, %.3f) recovers the properties better than the mean predictor (%.3f), than "
                       "copying neighbours (%.3f) and "
                       "than a group bottleneck (%.3f).",
                       pair, list[1].observed, list[1].null_mean, list[2].null_mean, list[3].null_mean);
    else if (decided == &list[0])
        text = xp_keep(r, "That this mapping (%s) recovers the properties is %s, because information is %s.", pair,
                       outcome, info->verdict);
    else
        text = xp_keep(r, "%s (%s, %.3f) %s the properties %s: %s.", "This mapping", pair, decided->observed,
                       failed != NULL ? "does not recover" : "may or may not recover", decided->text, decided->why);
    *verdict = (explaint_verdict){.claim = "mapping",
                                  .verdict = outcome,
                                  .decided_by = decided != NULL ? decided->id : "",
                                  .text = xp_keep(r, "%s Intervals are conditional on the fitted folds.", text),
                                  .assumptions = list,
                                  .n_assumptions = N + 1};
}

void xp_judge(xp_result *r, xp_readback *back) {
    information info;
    explaint_verdict verdict;
    judge_information(r, back, &verdict, &info);
    if (r->failed) return;
    verdict.layer = back->plan->layer;
    if (back->plan->claims_information) r->verdicts[r->view.n_verdicts++] = verdict;
    if (back->plan->claims_mapping) {
        judge_mapping(r, back, &info, &verdict);
        verdict.layer = back->plan->layer;
        if (!r->failed) r->verdicts[r->view.n_verdicts++] = verdict;
    }
    /* the published row carries the p of the test of anything at all */
    const explaint_assumption *e1 = info.by[XP_E1];
    for (size_t i = 0; testable(e1) && i < r->view.n_rows; i++) {
        explaint_row *row = &r->rows[i];
        if (row->fold == -1 && strcmp(row->condition, "system") == 0 &&
            strcmp(row->metric, r->view.verdict_metric) == 0 && row->n_components == r->view.verdict_components &&
            strcmp(row->mapping, r->view.verdict_mapping) == 0) {
            row->has_p = true;
            row->p = e1->p;
            row->has_mde = !is(e1, "holds") && !isnan(e1->mde);
            row->mde = e1->mde;
            row->sequential = e1->sequential;
            row->permutations = e1->permutations;
            memcpy(row->p_interval, e1->p_interval, sizeof row->p_interval);
        }
    }
}

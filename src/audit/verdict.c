/* The verdict on information (docs/methods.md#information): its assumptions as a list, outcomes by one rule, a text. It is about the vectors; no mapping plays a part. */
#include <math.h>
#include <string.h>

#include "audit/judging.h"
#include "base/memory.h"
#include "base/strings.h"

static const double ONE_SIDED = 1.645, TWO_SIDED = 1.96;

#define is xp_judging_outcome_is

/* ---- E1 to E4 ---- */

#define TEST(IDENTIFIER, NAME, LABEL, SHORT, ROLE, NEEDS, HELP) [XP_##IDENTIFIER] = {LABEL, SHORT},
static const struct { const char *text, *beyond; } tests[] = {EXPLAINT_TESTS(TEST)};
#undef TEST

static const char *not_testable(const xp_design_layer *layer, xp_test_id id) {
    if (strcmp(layer->request->options.within, "default") != 0) return "left out by --within";
    if (id == XP_E2) return "no category has at least 5 concepts";
    return "fewer than 4 categories have at least 5 concepts; norm clusters that are held out take its place";
}

/* Of what an arm of a finished test drew; value: 1 + permutations. */
static xp_test_result summary_of(const xp_execution *execution, xp_test_id id, size_t which, double *value) {
    xp_test_result summary;
    xp_execution_test_values(execution, id, which, value);
    xp_permute_summarise(value[0], value + 1, execution->layer->design->permutations, &summary);
    return summary;
}

/* r, null, p, z, and what copied neighbours have. false: nothing varies, or no memory (result->failed). */
static bool read_numbers(xp_result *r, const xp_execution *execution, xp_test_id id, explaint_assumption *a) {
    const xp_units_observed *seen = &xp_execution_output(execution, XP_UNIT_OBSERVED, id)->observed;
    const size_t permutations = execution->layer->design->permutations;
    if (!(seen->divisor > 0)) return false;
    double *value = xp_alloc(permutations + 1, sizeof *value);
    if (value == NULL) {
        r->failed = true;
        return false;
    }
    const xp_test_result raw = summary_of(execution, id, XP_BY_READER, value),
                         deciding = summary_of(execution, id, xp_permutation_test_decided_by(id), value);
    a->statistic = "agreement";
    a->permutations = permutations;
    a->observed = a->r = raw.observed;
    a->null_mean = raw.null_mean;
    a->null_sd = raw.null_sd;
    a->gain = raw.gain;
    a->ci[0] = raw.gain - TWO_SIDED * seen->error;
    a->ci[1] = raw.gain + TWO_SIDED * seen->error;
    a->upper = raw.gain + ONE_SIDED * raw.null_sd;
    a->mde = xp_permutation_test_detects(id) * raw.null_sd;
    a->p = deciding.p;
    a->p_error = deciding.p_error;
    a->z = deciding.gain / deciding.null_sd;
    if (seen->peer_divisor > 0) {
        const xp_test_result peer = summary_of(execution, id, XP_BY_NEIGHBOURS, value);
        a->peer_gain = peer.gain;
        a->peer_p = peer.p;
        a->peer_rejects = peer.p <= a->level;
    }
    xp_free(value);
    return raw.null_sd > 1e-12 && deciding.null_sd > 0; /* below it is rounding: blocks of alike concepts */
}

static void read_effect(const xp_execution *execution, xp_test_id id, explaint_assumption *a) {
    double observed = NAN, sum = 0, count = 0;
    const xp_design_layer *layer = execution->layer;
    for (size_t u = 0; u < layer->n_units; u++) {
        const xp_unit *unit = &layer->units[u];
        const double *score = execution->output[u].value;
        if (unit->kind != XP_UNIT_EFFECT || unit->index != (size_t)id) continue;
        for (size_t b = 0; b < unit->count; b++) {
            if (unit->first + b == 0)
                observed = score[b];
            else if (!isnan(score[b])) {
                sum += score[b];
                count++;
            }
        }
    }
    if (isnan(observed) || count == 0) return;
    a->effect = observed - sum / count;
    a->effect_metric = xp_metric_name(layer->design->metric);
    a->effect_refits = layer->design->refits;
}

static explaint_assumption judge_test(xp_result *r, const xp_execution *execution, xp_test_id id) {
    const xp_design_layer *layer = execution->layer;
    explaint_assumption a = xp_judging_begin(xp_permutation_test_name(id), tests[id].text, "undecided");
    if (!layer->has_test[id]) {
        a.outcome = "not testable";
        a.why = not_testable(layer, id);
        return a;
    }
    a.n = layer->test[id].blocks.n_movable;
    a.level = xp_permutation_test_level(id);
    a.margin = layer->request->options.margin;
    const bool varies = read_numbers(r, execution, id, &a);
    read_effect(execution, id, &a);
    if (a.n < 2) {
        a.why = xp_result_keep(r, "only %zu concepts can move: too few to test", a.n);
    } else if (xp_judging_out_of_reach(layer, a.level)) {
        a.why = xp_result_keep(r, "its level, %g, cannot be reached with %zu permutation%s", a.level,
                               layer->design->permutations, layer->design->permutations == 1 ? "" : "s");
    } else if (!varies) {
        a.why = "every permutation gives the same: there is nothing that could agree";
    } else if (id != XP_E1 && a.n < XP_LEAST_MOVABLE) {
        a.why = xp_result_keep(
            r, "only %zu concepts can move, fewer than %d (a gain of %.3f in r would be found with 80 %% power)", a.n,
            XP_LEAST_MOVABLE, a.mde);
    } else if (a.p <= a.level) {
        a.outcome = "holds";
        a.why = xp_result_keep(r, "r is %.3f, %+.3f beyond %s, p = %.3g", a.observed, a.gain, tests[id].beyond, a.p);
    } else if (a.upper < a.margin) {
        a.outcome = "fails";
        a.why = xp_result_keep(
            r,
            "what r gains beyond %s is below %g (%+.3f, p = %.2g; a gain of %.3f would be found with 80 %% "
            "power)",
            tests[id].beyond, a.margin, a.gain, a.p, a.mde);
    } else {
        a.why = xp_result_keep(r, "r gains %+.3f beyond %s, p = %.2g; a gain of %.3f would be found with 80 %% power",
                               a.gain, tests[id].beyond, a.p, a.mde);
    }
    return a;
}

/* ---- W ---- */

static explaint_assumption judge_word_form(xp_result *r, xp_readback *back) {
    const xp_design_layer *layer = back->layer;
    const size_t n = layer->distinct.n, permutations = layer->design->permutations;
    explaint_assumption a = xp_judging_begin("W", "not the spelling", "not testable");
    if (!layer->has_test[XP_E1]) {
        a.why = "left out by --within";
        return a;
    }
    double *value = xp_alloc(permutations + 1, sizeof *value);
    if (value == NULL) {
        r->failed = true;
        return a;
    }
    const double *score = xp_execution_output(back->execution, XP_UNIT_WORD_FORM, 0)->value;
    const xp_test_result spelling = summary_of(back->execution, XP_E1, XP_BY_SPELLING, value);
    xp_free(value);
    xp_judging_difference(r, back, score + XP_WORD_FORM_READER * n, score + XP_WORD_FORM_SPELLING * n, &a);
    a.p = spelling.p;
    a.p_error = spelling.p_error;
    a.permutations = permutations;
    const char *metric = strcmp(xp_metric_name(layer->design->metric), "spearman") == 0 ? "Spearman's rho" : "F1@10";
    if (xp_judging_out_of_reach(layer, XP_ALPHA)) {
        a.outcome = "undecided";
        a.why = xp_result_keep(r, "p = %g cannot be reached with %zu permutation%s", XP_ALPHA, permutations,
                               permutations == 1 ? "" : "s");
    } else if (a.p > XP_ALPHA) {
        a.outcome = "holds";
        a.why = xp_result_keep(r, "concepts spelled alike are not alike in their properties (p = %.2g)", a.p);
    } else if (a.ci[0] > 0) {
        a.outcome = "holds";
        a.why = xp_result_keep(
            r,
            "concepts spelled alike are alike in their properties (p = %.2g), and the vectors predict them "
            "better than the spelling does, by %+.3f in %s",
            a.p, a.gain, metric);
    } else {
        a.outcome = "fails";
        a.why = xp_result_keep(
            r,
            "concepts spelled alike are alike in their properties (p = %.2g), and the vectors do not "
            "predict them clearly better than the spelling does (%+.3f in %s; a difference of %.3f would "
            "be found with 80 %% power)",
            a.p, a.gain, metric, a.mde);
    }
    return a;
}

/* ---- the claim ---- */

static const explaint_assumption *with_id(const explaint_assumption *list, size_t count, const char *id) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].id, id) == 0) return &list[i];
    return NULL;
}

const char *xp_judging_decide(const explaint_assumption *list, size_t count, const explaint_assumption **decided) {
    const explaint_assumption *failed = NULL, *open = NULL, *hardest = NULL;
    for (size_t i = 0; i < count; i++) {
        const explaint_assumption *a = &list[i];
        if (!xp_judging_testable(a)) continue;
        if (failed == NULL && is(a, "fails")) failed = a;
        if (open == NULL && is(a, "undecided")) open = a;
        if (a->id[0] == 'E' && (hardest == NULL || a->z < hardest->z)) hardest = a;
    }
    const bool complete =
        xp_judging_testable(with_id(list, count, "E1")) && xp_judging_testable(with_id(list, count, "E3"));
    *decided = failed != NULL ? failed : open != NULL ? open : complete ? hardest : NULL;
    return failed != NULL ? "not supported" : open != NULL || !complete ? "undecided" : "supported";
}

/* "frequency, length and 3 more": what is taken off the norms. */
static const char *name_covariates(xp_result *r, const xp_design_layer *layer) {
    enum { SHOWN = 4 };
    const xp_strings *names = &layer->notes.covariates;
    const size_t shown = names->count > SHOWN + 1 ? SHOWN : names->count;
    xp_text text = {0};
    for (size_t i = 0; i < shown; i++)
        xp_text_addf(&text, "%s%.60s", i == 0 ? "" : i + 1 == names->count ? " and " : ", ", names->item[i]);
    if (shown < names->count) xp_text_addf(&text, " and %zu more", names->count - shown);
    return xp_result_keep_text(r, &text);
}

const char *xp_judging_information_claim(xp_result *r, const xp_design_layer *layer, const explaint_assumption *list,
                                         size_t count) {
    const char *also = xp_judging_testable(with_id(list, count, "E4")) ? ", also in categories that were left out"
                       : xp_judging_testable(with_id(list, count, "E4-clusters"))
                           ? ", also in groups that were left out"
                           : "";
    const bool covariates = layer->notes.covariates.count > 0;
    return xp_result_keep(
        r,
        "eyond groups of about %d concepts, %s%s%sconcepts whose vectors differ alike differ alike in their "
        "properties%s",
        XP_GROUP, covariates ? "and beyond " : "", covariates ? name_covariates(r, layer) : "", covariates ? ", " : "",
        also);
}

static void say_what_is_missing(const xp_design_layer *layer, const explaint_assumption *list, size_t count,
                                xp_text *text) {
    const bool e2 = !xp_judging_testable(with_id(list, count, "E2")),
               e4 = !xp_judging_testable(with_id(list, count, "E4"));
    if (e2 || e4)
        xp_text_addf(text, " %s not testable (%s).",
                     e2 && e4 ? "E2 and E4 are"
                     : e2     ? "E2 is"
                              : "E4 is",
                     not_testable(layer, e2 ? XP_E2 : XP_E4));
}

static void information_text(xp_result *r, const xp_design_layer *layer, const explaint_assumption *list, size_t count,
                             const char *verdict, const explaint_assumption *decided, xp_text *text) {
    const char *id = decided != NULL ? decided->id : "", *claim = xp_judging_information_claim(r, layer, list, count),
               *off =
                   layer->notes.covariates.count > 0 ? xp_result_keep(r, " beyond %s", name_covariates(r, layer)) : "";
    if (strcmp(verdict, "supported") == 0)
        xp_text_addf(text, "B%s.", claim);
    else if (strcmp(verdict, "undecided") == 0 && decided != NULL)
        xp_text_addf(text, "Not decided whether, b%s: %s: %s.", claim, id, decided->why);
    else if (strcmp(verdict, "undecided") == 0)
        xp_text_addf(text, "Not decided whether, b%s: E1 and E3 were not both tested.", claim);
    else if (strcmp(id, "E1") == 0)
        xp_text_addf(text, "No property information%s is found in the vectors: %s.", off, decided->why);
    else if (strcmp(id, "W") == 0)
        xp_text_addf(text, "What vectors and properties share may be the spelling: %s.", decided->why);
    else if (!is(with_id(list, count, "E1"), "holds"))
        xp_text_addf(text, "Nothing beyond %s%s is found in the vectors: %s.",
                     tests[xp_permutation_test_named(id)].beyond, off[0] != 0 ? xp_result_keep(r, ", and%s,", off) : "",
                     decided->why);
    else if (strcmp(id, "E2") == 0)
        xp_text_addf(text, "Category information only: %s.", decided->why);
    else if (strcmp(id, "E3") == 0)
        xp_text_addf(text, "Category information only, or groups finer than the labels (of about %d concepts): %s.",
                     XP_GROUP, decided->why);
    else
        xp_text_addf(text, "Within known categories only: %s.", decided->why);
    say_what_is_missing(layer, list, count, text);
    for (size_t i = 0; i < count; i++) {
        const explaint_assumption *a = &list[i];
        if (a->id[0] != 'E' || !xp_judging_testable(a) || is(a, "holds") || !a->peer_rejects) continue;
        xp_text_addf(text, " Nearest neighbours find what the reader does not (%s: r gains %+.3f, p = %.2g).", a->id,
                     a->peer_gain, a->peer_p);
        break;
    }
}

/* The information claim. false: no memory. */
static bool judge_information(xp_result *r, xp_readback *back, explaint_verdict *verdict) {
    const xp_design_layer *layer = back->layer;
    explaint_assumption *list = back->tests = xp_result_own(r, XP_N_TESTS + 2, sizeof *list);
    size_t count = 0;
    if (list == NULL) return false;
    for (int id = 0; id < XP_N_TESTS; id++)
        if (id != XP_HELD_OUT || layer->has_test[id]) list[count++] = judge_test(r, back->execution, (xp_test_id)id);
    list[count++] = judge_word_form(r, back);
    const explaint_assumption *decided;
    const char *outcome = xp_judging_decide(list, count, &decided);
    xp_text text = {0};
    information_text(r, layer, list, count, outcome, decided, &text);
    *verdict = (explaint_verdict){.claim = "information",
                                  .verdict = outcome,
                                  .decided_by = decided != NULL ? decided->id : "",
                                  .text = xp_result_keep_text(r, &text),
                                  .assumptions = list,
                                  .n_assumptions = count,
                                  .layer = layer->number,
                                  .best_layer = -1};
    return true;
}

void xp_judging_name_scores(const explaint_result *result, explaint_verdict *verdict) {
    verdict->metric = result->verdict_metric;
    verdict->n_components = result->verdict_components;
    if (strchr(result->verdict_mapping, ':') != NULL) verdict->mapping = result->verdict_mapping;
}

static void add_verdict(xp_result *r, explaint_verdict *verdict) {
    xp_judging_name_scores(&r->view, verdict);
    r->verdicts[++r->view.n_verdicts] = *verdict;
}

void xp_result_judge(xp_result *r, xp_readback *back) {
    const xp_request *request = back->layer->request;
    explaint_verdict information, mapping;
    if (!judge_information(r, back, &information)) return;
    if (request->claims_information) add_verdict(r, &information);
    if (!request->claims_mapping || r->failed) return;
    xp_judging_mapping(r, back, information.verdict, &mapping);
    if (!r->failed) add_verdict(r, &mapping);
}

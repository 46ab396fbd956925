/* The verdict on a mapping (docs/methods.md#mapping): what it recovers beside what needs no mapping, by score differences with intervals. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "audit/judging.h"
#include "base/memory.h"
#include "base/strings.h"
#include "stats/paired.h"

/* p of a difference, by sign flips. */
static void flip_signs(xp_result *r, const xp_readback *back, const double *a, const double *b,
                       explaint_assumption *out) {
    const xp_design_layer *layer = back->layer;
    const size_t n = layer->distinct.n;
    double *d = xp_alloc(n, sizeof *d);
    xp_paired paired;
    for (size_t i = 0; d != NULL && i < n; i++) d[i] = a[i] - b[i];
    if (d != NULL && xp_paired_sign_flips(d, n, layer->design->permutations, layer->request->options.seed, &paired)) {
        out->p = paired.p;
        out->p_error = paired.p_error;
    } else {
        r->failed = true;
    }
    xp_free(d);
}

/* The mapping and its level, as the text names them. least, most: what folds used or chose. */
static void name_pair(const xp_design_layer *layer, size_t least, size_t most, char *text, size_t size) {
    const char *words = layer->request->mapping.mapper->words;
    const bool inside = layer->request->mapping.choose;
    if (xp_request_tells(layer->request, "alpha") && !inside)
        snprintf(text, size, "%s with penalty %g", words, layer->request->verdict_level);
    else if (xp_request_tells(layer->request, "alpha") && least < most)
        snprintf(text, size, "%s with penalties from %zu to %zu, chosen inside", words, least, most);
    else if (xp_request_tells(layer->request, "alpha"))
        snprintf(text, size, "%s with penalty %zu, chosen inside", words, most);
    else if (!xp_request_tells(layer->request, "n_components"))
        snprintf(text, size, "%s", words);
    else if (inside && least < most)
        snprintf(text, size, "%s with %zu to %zu components, chosen inside", words, least, most);
    else if (inside)
        snprintf(text, size, "%s with %zu components, chosen inside", words, most);
    else if ((double)most < layer->request->verdict_level)
        snprintf(text, size, "%s with %zu components, all there are", words, most);
    else
        snprintf(text, size, "%s with %zu components", words, most);
}

/* Yet a category label alone may predict better. */
static void add_label_remark(xp_result *r, xp_readback *back, xp_text *text) {
    const double *score = xp_execution_output(back->execution, XP_UNIT_BASELINES, 0)->value;
    const size_t n = back->layer->distinct.n;
    explaint_assumption d = xp_judging_begin("label", NULL, NULL);
    xp_judging_difference(r, back, score + XP_BASELINE_LABEL * n, score + XP_BASELINE_SYSTEM * n, &d);
    if (d.ci[0] > 0)
        xp_text_addf(text,
                     " A category label alone predicts better than this mapping (%.3f against %.3f on the %zu concepts "
                     "with a category).",
                     d.observed, d.observed - d.gain, d.n);
}

/* ---- comparisons ---- */

static const struct comparison {
    xp_units_baseline baseline;
    const char *id, *text;
} comparisons[] = {
    {XP_BASELINE_MEAN, "mean", "better than the mean predictor"},
    {XP_BASELINE_KNN, "knn", "better than copying neighbours (k in 1, 5, 10, 20 chosen on an inner split)"},
    {XP_BASELINE_BOTTLENECK, "bottleneck",
     "better than the group bottleneck (discriminant analysis, then the mean of the norm cluster)"},
    {XP_BASELINE_READER, "reader",
     "beside the reader of the tests, a plain ridge, in the same folds (decides nothing)"}};
/* Places in the list of assumptions. */
enum { INFORMATION, MEAN, KNN, BOTTLENECK, READER, N_ASSUMPTIONS };

typedef struct range {
    size_t least, most;
} range;

/* Of what folds used or chose, those from `from` on. */
static range range_of(const double *by_fold, size_t n_folds, size_t from) {
    range r = {SIZE_MAX, 0};
    for (size_t f = 0; f < n_folds; f++) {
        const size_t value = (size_t)by_fold[f];
        if (value >= from && value < r.least) r.least = value;
        if (value > r.most) r.most = value;
    }
    return r;
}

/* score: of the baselines, n each. k: that kNN chose. */
static explaint_assumption compare_with(xp_result *r, xp_readback *back, const struct comparison *with,
                                        const double *score, range k) {
    const xp_design_layer *layer = back->layer;
    const size_t n = layer->distinct.n;
    const double *own = score + XP_BASELINE_SYSTEM * n, *other = score + (size_t)with->baseline * n;
    const bool shown = with->baseline == XP_BASELINE_READER, knn = with->baseline == XP_BASELINE_KNN,
               out_of_reach = xp_judging_out_of_reach(layer, XP_ALPHA);
    explaint_assumption a = xp_judging_begin(with->id, with->text, shown ? "shown" : "undecided");
    if (knn && layer->request->mapping.mapper->copies) {
        a.outcome = "not testable";
        a.why = "the mapping is kNN itself";
        return a;
    }
    xp_judging_difference(r, back, own, other, &a);
    if (a.n == 0) {
        a.why = "there is no concept with both scores";
        return a;
    }
    flip_signs(r, back, own, other, &a);
    a.null_mean = a.observed - a.gain;
    if (!shown && !out_of_reach && a.ci[0] > 0) a.outcome = "holds";
    if (!shown && !out_of_reach && a.ci[1] < 0) a.outcome = "fails";
    a.why = xp_result_keep(r, "gain %+.3f [%+.3f, %+.3f] over %.3f", a.gain, a.ci[0], a.ci[1], a.null_mean);
    if (knn && k.least == k.most)
        a.why = xp_result_keep(r, "%s with k = %zu", a.why, k.most);
    else if (knn)
        a.why = xp_result_keep(r, "%s with k from %zu to %zu", a.why, k.least, k.most);
    if (!shown && !xp_judging_outcome_is(&a, "holds") && !isnan(a.mde))
        a.why = xp_result_keep(r, "%s; a difference of %.3f would be found with 80 %% power", a.why, a.mde);
    if (out_of_reach)
        a.why = xp_result_keep(r, "%s; p = %g cannot be reached with so few permutations", a.why, XP_ALPHA);
    return a;
}

/* What fails decides: the worst comparison, else the information claim; then the first that is open. NULL: all hold. */
static const explaint_assumption *find_deciding(const explaint_assumption *list) {
    const explaint_assumption *open = NULL, *worst = NULL;
    for (size_t i = 0; i < N_ASSUMPTIONS; i++) {
        const explaint_assumption *a = &list[i];
        if (xp_judging_outcome_is(a, "fails") &&
            (worst == NULL || worst == &list[INFORMATION] || a->gain < worst->gain))
            worst = a;
        if (open == NULL && xp_judging_outcome_is(a, "undecided")) open = a;
    }
    return worst != NULL ? worst : open;
}

/* ---- in words ---- */

static const char *mapping_text(xp_result *r, xp_readback *back, const explaint_assumption *list,
                                const explaint_assumption *decided, const char *outcome, const char *information,
                                range used) {
    const xp_design_layer *layer = back->layer;
    char pair[96];
    xp_text text = {0};
    name_pair(layer, used.least, used.most, pair, sizeof pair);
    if (decided == NULL) {
        xp_text_addf(&text, "This mapping (%s, %.3f) recovers the properties better than the mean predictor (%.3f)",
                     pair, list[MEAN].observed, list[MEAN].null_mean);
        if (!layer->request->mapping.mapper->copies)
            xp_text_addf(&text, ", than copying neighbours (%.3f)", list[KNN].null_mean);
        xp_text_addf(&text, " and than a group bottleneck (%.3f).", list[BOTTLENECK].null_mean);
    } else if (decided == &list[INFORMATION]) {
        xp_text_addf(&text, "That this mapping (%s) recovers the properties is %s, because information is %s.", pair,
                     outcome, information);
    } else {
        xp_text_addf(&text, "This mapping (%s, %.3f) %s the properties %s: %s.", pair, decided->observed,
                     xp_judging_outcome_is(decided, "fails") ? "does not recover" : "may or may not recover",
                     decided->text, decided->why);
    }
    xp_text_adds(&text, " Intervals are conditional on the fitted folds.");
    add_label_remark(r, back, &text);
    return xp_result_keep_text(r, &text);
}

void xp_judging_mapping(xp_result *r, xp_readback *back, const char *information, explaint_verdict *verdict) {
    const xp_design_layer *layer = back->layer;
    const xp_unit_output *output = xp_execution_output(back->execution, XP_UNIT_BASELINES, 0);
    explaint_assumption *list = xp_result_own(r, N_ASSUMPTIONS, sizeof *list);
    if (list == NULL || output == NULL) {
        r->failed = true;
        return;
    }
    const size_t n_folds = layer->distinct.n_folds;
    const double *by_fold = output->value + XP_N_BASELINES * layer->distinct.n;
    const range used = range_of(by_fold, n_folds, 0), k = range_of(by_fold + n_folds, n_folds, 1);
    list[INFORMATION] = xp_judging_begin("information", "the information claim",
                                         strcmp(information, "supported") == 0   ? "holds"
                                         : strcmp(information, "undecided") == 0 ? "undecided"
                                                                                 : "fails");
    list[INFORMATION].why = xp_result_keep(r, "information is %s", information);
    for (size_t i = MEAN; i < N_ASSUMPTIONS; i++)
        list[i] = compare_with(r, back, &comparisons[i - MEAN], output->value, k);
    const explaint_assumption *decided = find_deciding(list);
    const char *outcome = decided == NULL                           ? "supported"
                          : xp_judging_outcome_is(decided, "fails") ? "not supported"
                                                                    : "undecided";
    *verdict = (explaint_verdict){.claim = "mapping",
                                  .verdict = outcome,
                                  .decided_by = decided != NULL ? decided->id : "",
                                  .text = mapping_text(r, back, list, decided, outcome, information, used),
                                  .assumptions = list,
                                  .n_assumptions = N_ASSUMPTIONS,
                                  .layer = layer->number,
                                  .best_layer = -1};
}

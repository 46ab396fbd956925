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
    explaint_assumption d = xp_no_numbers;
    xp_judging_difference(r, back, score + XP_BASELINE_LABEL * n, score + XP_BASELINE_SYSTEM * n, &d);
    if (d.ci[0] > 0)
        xp_text_addf(text,
                     " A category label alone predicts better than this mapping (%.3f against %.3f on the %zu concepts "
                     "with a category).",
                     d.observed, d.observed - d.gain, d.n);
}

void xp_judging_mapping(xp_result *r, xp_readback *back, const char *information, explaint_verdict *verdict) {
    static const struct {
        xp_units_baseline baseline;
        const char *id, *text;
    } comparisons[] = {
        {XP_BASELINE_MEAN, "mean", "better than the mean predictor"},
        {XP_BASELINE_KNN, "knn", "better than copying neighbours (k in 1, 5, 10, 20 chosen on an inner split)"},
        {XP_BASELINE_BOTTLENECK, "bottleneck",
         "better than the group bottleneck (discriminant analysis, then the mean of the norm cluster)"},
        {XP_BASELINE_READER, "reader",
         "beside the reader of the tests, a plain ridge, in the same folds (decides nothing)"}};
    enum { N = sizeof comparisons / sizeof *comparisons };
    const xp_design_layer *layer = back->layer;
    const xp_unit_output *output = xp_execution_output(back->execution, XP_UNIT_BASELINES, 0);
    explaint_assumption *list = xp_result_own(r, N + 1, sizeof *list);
    if (list == NULL || output == NULL) {
        r->failed = true;
        return;
    }
    const double *score = output->value;
    const size_t n = layer->distinct.n;
    list[0] = xp_no_numbers;
    list[0].id = "information";
    list[0].text = "the information claim";
    list[0].outcome = strcmp(information, "supported") == 0   ? "holds"
                      : strcmp(information, "undecided") == 0 ? "undecided"
                                                              : "fails";
    list[0].why = xp_result_keep(r, "information is %s", information);
    const explaint_assumption *failed = xp_judging_outcome_is(&list[0], "fails") ? &list[0] : NULL,
                              *open = xp_judging_outcome_is(&list[0], "undecided") ? &list[0] : NULL;
    size_t used = 0, least_used = SIZE_MAX, least_k = SIZE_MAX, most_k = 0;
    for (size_t f = 0; f < layer->distinct.n_folds; f++) {
        const double *by_fold = score + XP_N_BASELINES * n;
        size_t k = (size_t)by_fold[layer->distinct.n_folds + f];
        if ((size_t)by_fold[f] > used) used = (size_t)by_fold[f];
        if ((size_t)by_fold[f] < least_used) least_used = (size_t)by_fold[f];
        if (k > 0 && k < least_k) least_k = k;
        if (k > most_k) most_k = k;
    }
    const explaint_assumption *worst = NULL;
    for (size_t i = 0; i < N; i++) {
        explaint_assumption *a = &list[i + 1];
        *a = xp_no_numbers;
        a->id = comparisons[i].id;
        a->text = comparisons[i].text;
        if (comparisons[i].baseline == XP_BASELINE_KNN && layer->request->mapping.mapper->copies) {
            a->outcome = "not testable";
            a->why = "the mapping is kNN itself";
            continue;
        }
        xp_judging_difference(r, back, score + XP_BASELINE_SYSTEM * n, score + (size_t)comparisons[i].baseline * n, a);
        if (a->n == 0) {
            a->outcome = comparisons[i].baseline == XP_BASELINE_READER ? "shown" : "undecided";
            a->why = "there is no concept with both scores";
            if (open == NULL && comparisons[i].baseline != XP_BASELINE_READER) open = a;
            continue;
        }
        flip_signs(r, back, score + XP_BASELINE_SYSTEM * n, score + (size_t)comparisons[i].baseline * n, a);
        a->null_mean = a->observed - a->gain;
        const bool open_anyway = xp_judging_out_of_reach(layer, XP_ALPHA);
        a->outcome = comparisons[i].baseline == XP_BASELINE_READER ? "shown"
                     : open_anyway                                 ? "undecided"
                     : a->ci[0] > 0                                ? "holds"
                     : a->ci[1] < 0                                ? "fails"
                                                                   : "undecided";
        a->why = xp_result_keep(r, "gain %+.3f [%+.3f, %+.3f] over %.3f", a->gain, a->ci[0], a->ci[1], a->null_mean);
        if (comparisons[i].baseline == XP_BASELINE_KNN && least_k == most_k)
            a->why = xp_result_keep(r, "%s with k = %zu", a->why, most_k);
        else if (comparisons[i].baseline == XP_BASELINE_KNN)
            a->why = xp_result_keep(r, "%s with k from %zu to %zu", a->why, least_k, most_k);
        if ((xp_judging_outcome_is(a, "fails") || xp_judging_outcome_is(a, "undecided")) && !isnan(a->mde))
            a->why = xp_result_keep(r, "%s; a difference of %.3f would be found with 80 %% power", a->why, a->mde);
        if (open_anyway)
            a->why = xp_result_keep(r, "%s; p = %g cannot be reached with so few permutations", a->why, XP_ALPHA);
        if (xp_judging_outcome_is(a, "fails") && (worst == NULL || a->gain < worst->gain)) worst = a;
        if (open == NULL && xp_judging_outcome_is(a, "undecided")) open = a;
    }
    if (worst != NULL) failed = worst;
    const char *outcome = failed != NULL ? "not supported" : open != NULL ? "undecided" : "supported";
    char pair[96];
    name_pair(layer, least_used, used, pair, sizeof pair);
    const char *text;
    const explaint_assumption *decided = failed != NULL ? failed : open;
    if (decided == NULL && layer->request->mapping.mapper->copies)
        text = xp_result_keep(
            r,
            "This mapping (%s, %.3f) recovers the properties better than the mean predictor (%.3f) and than "
            "a group bottleneck (%.3f).",
            pair, list[1].observed, list[1].null_mean, list[3].null_mean);
    else if (decided == NULL)
        text = xp_result_keep(
            r,
            "This mapping (%s, %.3f) recovers the properties better than the mean predictor (%.3f), than "
            "copying neighbours (%.3f) and "
            "than a group bottleneck (%.3f).",
            pair, list[1].observed, list[1].null_mean, list[2].null_mean, list[3].null_mean);
    else if (decided == &list[0])
        text = xp_result_keep(r, "That this mapping (%s) recovers the properties is %s, because information is %s.",
                              pair, outcome, information);
    else
        text =
            xp_result_keep(r, "%s (%s, %.3f) %s the properties %s: %s.", "This mapping", pair, decided->observed,
                           failed != NULL ? "does not recover" : "may or may not recover", decided->text, decided->why);
    xp_text all = {0};
    xp_text_addf(&all, "%s Intervals are conditional on the fitted folds.", text);
    add_label_remark(r, back, &all);
    *verdict = (explaint_verdict){.claim = "mapping",
                                  .verdict = outcome,
                                  .decided_by = decided != NULL ? decided->id : "",
                                  .text = xp_result_keep(r, "%s", all.data != NULL ? all.data : ""),
                                  .assumptions = list,
                                  .n_assumptions = N + 1,
                                  .layer = layer->number,
                                  .best_layer = -1};
    r->failed = r->failed || all.failed;
    xp_text_free(&all);
}

/* What a reader should know before believing a number: each lint with the number that triggered it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "audit/result.h"
#include "base/memory.h"
#include "norms/norms.h"
#include "norms/vectors.h"

/* The first of them. */
static const char *name_some(xp_result *r, const xp_strings *names) {
    enum { MOST = 5 };
    xp_text text = {0};
    for (size_t i = 0; i < names->count && i < MOST; i++)
        xp_text_addf(&text, "%s%s", i > 0 ? ", " : "", names->item[i]);
    if (names->count > MOST) xp_text_addf(&text, " and %zu more", names->count - MOST);
    return xp_result_keep_text(r, &text);
}

/* A lint for each. */
static void lint_each(xp_result *r, const char *id, const char *level, const xp_strings *texts) {
    for (size_t i = 0; i < texts->count; i++) xp_result_add_lint(r, id, level, "%s", texts->item[i]);
}

static void lint_shuffle(xp_result *r, const xp_readback *back) {
    const xp_unit_output *output = xp_execution_output(back->execution, XP_UNIT_LINT, 0);
    if (output == NULL) return;
    const double *difference = output->value;
    const size_t draws = xp_design_lint_draws(back->layer->design);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < draws; i++) sum += difference[i];
    double mean = sum / (double)draws;
    for (size_t i = 0; i < draws; i++) squares += (difference[i] - mean) * (difference[i] - mean);
    const double t = draws == XP_LINT_DRAWS ? 2.093 : 2.776; /* 19 and 4 degrees of freedom */
    double half = t * sqrt(squares / (double)(draws - 1) / (double)draws);
    bool above = mean - half > 0;
    xp_result_add_lint(
        r, mean > 0 ? "shuffle-above-mean" : "shuffle-below-mean", above ? "warning" : "note",
        "on shuffled features the mapping scores %.4f %s than the mean predictor (%+.4f to %+.4f over %zu draws)%s",
        fabs(mean), mean > 0 ? "more" : "less", mean - half, mean + half, draws,
        above ? ": something other than meaning lets it beat the mean"
              : ": shuffling leaves nothing but feature frequency");
}

static void lint_twins(xp_result *r, const xp_design_layer *layer) {
    const xp_study *s = &layer->study;
    size_t twins = 0, apart = 0;
    xp_strings names = {0};
    for (size_t i = 0; i < s->n; i++) {
        if (s->twin[i] == i) continue;
        twins++;
        if (s->fold[i] == s->fold[s->twin[i]]) continue;
        apart++;
        if (!xp_strings_addf(&names, "%s = %s", layer->design->norms->concepts.item[s->concept_of[s->twin[i]]],
                             layer->design->norms->concepts.item[s->concept_of[i]]))
            r->failed = true;
    }
    if (twins > 0)
        xp_result_add_lint(r, "duplicate-inputs", apart > 0 ? "warning" : "note",
                           "%zu concepts share a vector with an earlier one, %zu of them over a fold border%s%s; the "
                           "tests keep one of each, --group-identical puts them into one fold",
                           twins, apart, apart > 0 ? ": " : "", name_some(r, &names));
    xp_strings_free(&names);
}

static void lint_several_words(xp_result *r, const xp_design_layer *layer) {
    xp_strings several = {0};
    for (size_t i = 0; i < layer->study.n; i++) {
        const char *name = layer->design->norms->concepts.item[layer->study.concept_of[i]];
        xp_text form = {0};
        if (!xp_concept_form(name, &form) || form.failed) r->failed = true;
        if (form.data != NULL && strchr(form.data, ' ') != NULL && !xp_strings_add(&several, name, strlen(name)))
            r->failed = true;
        xp_text_free(&form);
    }
    if (several.count > 0)
        xp_result_add_lint(r, "several-words", "note", "%zu concepts are of more than one word: %s", several.count,
                           name_some(r, &several));
    xp_strings_free(&several);
}

static void lint_vocabulary(xp_result *r, const xp_design_layer *layer) {
    const xp_strings *dropped = &layer->notes.dropped;
    if (dropped->count > 0)
        xp_result_add_lint(r, "vocabulary", "note", "%zu of %zu concepts %s no vector, left out of every condition: %s",
                           dropped->count, layer->design->norms->n_concepts, dropped->count == 1 ? "has" : "have",
                           name_some(r, dropped));
    size_t empty = 0;
    for (size_t i = 0; i < layer->study.n; i++) empty += layer->study.tested[i] == UINT32_MAX;
    if (empty > 0 && layer->vectors != NULL)
        xp_result_add_lint(r, "no-features", "note", "%zu concept%s no feature: the tests leave %s out", empty,
                           empty == 1 ? " has" : "s have", empty == 1 ? "it" : "them");
    const size_t features = layer->design->norms->n_features - layer->study.m;
    lint_several_words(r, layer);
    if (features > 0)
        xp_result_add_lint(r, "features", "note",
                           "%zu of %zu features are left out: no kept concept has them, or a cell of theirs is missing",
                           features, layer->design->norms->n_features);
}

static void lint_norms(xp_result *r, const xp_design_layer *layer) {
    const xp_study *s = &layer->study;
    const explaint_norms *norms = layer->design->norms;
    const size_t n_levels = xp_mapping_n_levels(&layer->request->mapping);
    const double zero = 1 - (double)s->gold.y.start[s->n] / ((double)s->n * (double)s->m);
    if (zero > .95)
        xp_result_add_lint(r, "sparse-targets", "note",
                           "%.1f %% of the targets are zero: R2, MSE and cosine say little, and a constant scores well",
                           100 * zero);
    if (norms->n_missing > 0 && norms->na == XP_NA_ZERO)
        xp_result_add_lint(
            r, "missing-as-zero", "warning",
            "%zu missing cells of the norms are read as 0: where cells are missing for a reason (a question that was "
            "not asked of verbs) the zeros encode that reason; --na drop-features or --na mask leaves them out",
            norms->n_missing);
    if (!s->dense)
        xp_result_add_lint(
            r, "ceiling", "note",
            "F1@10 of a perfect prediction is %.3f, of ten random features %.4f: read scores between these",
            r->view.ceiling, r->view.chance);
    if (n_levels > 1)
        xp_result_add_lint(
            r, "choice-on-reported-fold", "note",
            "%zu %s stand side by side: picking the best of them picks on the reported folds; the verdict is about %g",
            n_levels, xp_request_tells(layer->request, "alpha") ? "penalties" : "component counts",
            layer->request->verdict_level);
    lint_each(r, "norms", "warning", &norms->warnings);
    lint_each(r, "norms", "note", &norms->notes);
    if (layer->vectors != NULL) {
        lint_each(r, "embeddings", "warning", &layer->vectors->warnings);
        lint_each(r, "embeddings", "note", &layer->vectors->notes);
        lint_each(r, "duplicate-words", "warning", &layer->vectors->duplicates);
    }
    lint_each(r, "conditions", "note", &layer->notes.notes);
}

static void lint_cells(xp_result *r, const xp_design_layer *layer) {
    for (int id = XP_E2; id < XP_N_TESTS; id++) {
        if (!layer->has_test[id] || layer->test[id].blocks.n_movable >= XP_LEAST_MOVABLE) continue;
        xp_result_add_lint(r, "cells", "warning", "%s: only %zu concepts can move, fewer than %d: undecided",
                           xp_permutation_test_name((xp_test_id)id), layer->test[id].blocks.n_movable,
                           XP_LEAST_MOVABLE);
    }
}

/* Tests whose level no p of so few permutations can reach: they do not hold, whatever there is, and do not fail. */
static void lint_levels(xp_result *r, const xp_design_layer *layer) {
    const double reached = 1 / (1 + (double)layer->design->permutations);
    xp_text which = {0};
    double needed = 0;
    for (int id = 0; id < XP_N_TESTS && layer->design->permutations > 0; id++) {
        const double level = xp_permutation_test_level((xp_test_id)id);
        if (!layer->has_test[id] || !(level < reached - 1e-12)) continue;
        xp_text_addf(&which, "%s%s (level %g)", which.length > 0 ? ", " : "", xp_permutation_test_name((xp_test_id)id),
                     level);
        needed = fmax(needed, ceil(1 / level - 1 - 1e-9));
    }
    if (which.length > 0)
        xp_result_add_lint(r, "few-permutations", "warning",
                           "with %zu permutations no p is below %.3g, so that what needs less cannot hold, and is "
                           "left undecided: %s; --permutations %.0f is the least for all of them",
                           layer->design->permutations, reached, which.data, needed);
    r->failed = r->failed || which.failed;
    xp_text_free(&which);
}

static void lint_swap(xp_result *r, const xp_readback *back) {
    const xp_design_layer *layer = back->layer;
    const double level = layer->request->verdict_level;
    double swapped = xp_readback_value(back, "taxonomic-swap", "taxonomic-swap", level, layer->design->metric, NULL);
    double intact = xp_readback_value(back, "taxonomic-swap", NULL, level, layer->design->metric, NULL);
    double reference = xp_readback_value(back, "mean", NULL, level, layer->design->metric, NULL);
    double wrong = xp_readback_value(back, "mean", "taxonomic-swap", level, layer->design->metric, NULL);
    if (isnan(wrong)) wrong = reference;
    if (isnan(swapped) || isnan(intact) || isnan(reference) || !(intact > reference)) return;
    xp_result_add_lint(r, "taxonomic-swap", "note",
                       "with categories exchanged (right geometry, wrong meaning) %.0f %% of the gain over the mean "
                       "predictor survives (%+.3f of %+.3f)",
                       100 * (swapped - wrong) / (intact - reference), swapped - wrong, intact - reference);
}

/* A choice at the end of its list says that the list ends too early. */
static void lint_choice(xp_result *r, const xp_readback *back) {
    const xp_design_layer *layer = back->layer;
    const double most = layer->request->verdict_level;
    const bool penalties = xp_request_tells(layer->request, "alpha");
    const bool chosen = (penalties || xp_request_tells(layer->request, "n_components")) &&
                        layer->request->mapping.choose && layer->request->mapping.levels.count > 1;
    xp_text text = {0};
    for (size_t c = 0; c < xp_n_conditions && chosen; c++) {
        const xp_scores *scores = &back->scores[c];
        size_t at_end = 0;
        if (scores->n == 0 || xp_conditions[c].target == NULL) continue;
        for (size_t f = 0; f < scores->n_folds; f++) at_end += scores->chosen[f] == most;
        if (at_end > 0)
            xp_text_addf(&text, "%s%s in %zu of %zu folds", text.length > 0 ? ", " : "", xp_conditions[c].name, at_end,
                         scores->n_folds);
    }
    if (text.length > 0)
        xp_result_add_lint(r, penalties ? "penalty-at-end" : "components-at-end", "note",
                           penalties ? "the choice is a penalty of %.0f, the largest there was to choose from: %s"
                                     : "the choice is %.0f components, the most there was to choose from: %s",
                           most, text.data);
    r->failed = r->failed || text.failed;
    xp_text_free(&text);
}

void xp_result_lint(xp_result *r, const xp_readback *back) {
    const xp_design_layer *layer = back->layer;
    lint_shuffle(r, back);
    if (layer->vectors != NULL) lint_twins(r, layer);
    lint_vocabulary(r, layer);
    lint_cells(r, layer);
    lint_levels(r, layer);
    lint_swap(r, back);
    lint_choice(r, back);
    lint_norms(r, layer);
}

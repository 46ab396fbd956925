#include "audit/design.h"

#include <string.h>

#include "audit/length.h"
#include "base/memory.h"
#include "explaint/catalogue.h"
#include "norms/norms.h"
#include "norms/vectors.h"

/* ---- conditions ---- */

/* Takes out what a study without vectors, or one with them, has not. */
static void keep_served(const xp_design_layer *layer, uint8_t *runs) {
    for (size_t c = 0; c < xp_n_conditions; c++)
        if (!xp_condition_serves(&xp_conditions[c], layer->vectors != NULL)) runs[c] = 0;
}

/* The mean predictor of every target that runs, if means were asked for; the norms' own always has one then. */
static void add_means(bool wanted, uint8_t *runs) {
    for (size_t c = 0; c < xp_n_conditions; c++) {
        const char *beside = xp_conditions[c].beside;
        if (beside == NULL) continue;
        bool has = strcmp(beside, "system") == 0;
        for (size_t o = 0; o < xp_n_conditions; o++)
            has = has || (runs[o] && strcmp(xp_conditions[o].name, beside) == 0);
        runs[c] = (wanted || xp_conditions[c].target == NULL) && has;
    }
}

/* Conditions that cannot run, in one note: those that lack the same thing together, with why the first of them does not. */
typedef struct missing {
    xp_text text;
    const char *needs, *why; /* of the condition before */
} missing;

static void add_missing(missing *m, const char *name, const char *why) {
    const explaint_entry *entry = explaint_catalogue_find("conditions", name);
    const char *needs = entry != NULL ? entry->needs : "";
    const bool same = m->needs != NULL && strcmp(needs, m->needs) == 0;
    if (m->needs != NULL && !same) xp_text_addf(&m->text, " (%s)", m->why);
    xp_text_addf(&m->text, "%s%s", m->needs == NULL ? "these do not run: " : same ? ", " : "; ", name);
    if (!same) m->why = why;
    m->needs = needs;
}

static bool keep_missing(missing *m, xp_strings *notes) {
    if (m->needs != NULL) xp_text_addf(&m->text, " (%s)", m->why);
    const bool kept = !m->text.failed && (m->needs == NULL || xp_strings_add(notes, m->text.data, m->text.length));
    xp_text_free(&m->text);
    return kept;
}

/* Those that are asked for and that the study can have. All layers have the same concepts, and so the same conditions. */
static bool choose_conditions(xp_design_layer *layer, uint8_t *runs) {
    missing m = {.needs = NULL};
    memcpy(runs, layer->request->conditions, xp_n_conditions);
    keep_served(layer, runs);
    for (size_t c = 0; c < xp_n_conditions; c++) {
        const char *why, *name = xp_conditions[c].name;
        if (!runs[c] || xp_condition_possible(&layer->study, &xp_conditions[c], &why)) continue;
        runs[c] = 0;
        const bool said = c > 0 && strcmp(name, xp_conditions[c - 1].name) == 0;
        if (xp_conditions[c].target != NULL && !said) add_missing(&m, name, why);
    }
    if (!keep_missing(&m, &layer->notes.notes)) return false;
    add_means(xp_request_has_condition(layer->request, "mean"), runs);
    keep_served(layer, runs);
    return true;
}

/* ---- what only the study shows to be wrong ---- */

/* A mapping cannot look at more neighbours than there are. */
static explaint_status check_k(const xp_design_layer *layer, explaint_error *error) {
    const xp_study *s = &layer->study;
    const size_t k = layer->request->options.k;
    size_t least = s->n;
    for (size_t f = 0; f < s->n_folds; f++) {
        size_t train = 0;
        for (size_t i = 0; i < s->n; i++) train += s->fold[i] != f;
        if (train < least) least = train;
    }
    if (k <= least) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                   "expected --k up to %zu, the training concepts of the smallest fold; found %zu", least, k);
}

static explaint_status check_length(const xp_design_layer *layer, explaint_error *error) {
    const char *path = layer->design->norms->path;
    if (!layer->request->wants_length) return EXPLAINT_OK;
    if (layer->vectors == NULL)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "description_length is of a code that learns from vectors, and there are none");
    if (layer->study.dense)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "description_length is of a code for which features a concept has, and at least half of the "
                       "cells of these norms are not 0: it needs sparse norms");
    if (layer->study.n < XP_LENGTH_LEAST)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "description_length needs at least %d concepts with a vector, found %zu", XP_LENGTH_LEAST,
                       layer->study.n);
    return EXPLAINT_OK;
}

static explaint_status check_covariates(const xp_design_layer *layer, explaint_error *error) {
    const xp_study *s = &layer->distinct;
    const size_t taken = s->n_covariates + (s->dense ? 1 : 3);
    if (s->n_covariates == 0 || taken + XP_LEAST_LEFT <= s->n) return EXPLAINT_OK;
    return xp_fail(
        error, EXPLAINT_INVALID, layer->request->options.covariates_file, 0,
        "%zu covariates of %zu concepts with distinct vectors leave next to nothing of the norms to be tested: "
        "give fewer columns, or norms of more concepts",
        s->n_covariates, s->n);
}

static explaint_status check_categories(const xp_design_layer *layer, explaint_error *error) {
    if (!layer->request->by_category || layer->study.n_categories > 0) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, layer->design->norms->path, 0,
                   "intervals over categories need concepts with a category, and none has one: give a file of "
                   "categories, or intervals over concepts");
}

/* The permutations of one layer are those of the other only if the same concepts are permuted. */
static explaint_status same_concepts(const xp_design_layer *a, const xp_design_layer *b, explaint_error *error) {
    if (a->study.n == b->study.n &&
        memcmp(a->study.concept_of, b->study.concept_of, a->study.n * sizeof *a->study.concept_of) == 0)
        return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, b->vectors->path, 0,
                   "expected vectors of the same concepts in every layer, found %zu concepts in layer %d and %zu in "
                   "layer %d, or others",
                   a->study.n, a->number, b->study.n, b->number);
}

/* ---- layers ---- */

/* How many permutations and refits, where it is left to us: as the first layer suggests. Twins differ between layers, these numbers do not. */
static void count_draws(xp_design *d) {
    const xp_design_layer *first = &d->layer[0];
    d->permutations = d->request->options.permutations;
    d->refits = d->request->options.refits;
    if (first->vectors == NULL) d->permutations = d->refits = 0; /* tests are of vectors */
    if (d->permutations == EXPLAINT_BY_DEFAULT)
        d->permutations = first->distinct.n < XP_MANY ? XP_PERMUTATIONS : XP_PERMUTATIONS_OF_MANY;
    if (d->refits == EXPLAINT_BY_DEFAULT) d->refits = xp_design_saves_fits(d) ? 0 : XP_REFITS;
}

/* With --group-identical folds depend on the vectors. */
static bool same_folds(const xp_study *a, const xp_study *b) {
    return a->n_folds == b->n_folds && memcmp(a->fold, b->fold, a->n * sizeof *a->fold) == 0;
}

static explaint_status make_layer(xp_design *d, xp_design_layer *layer, explaint_error *error) {
    const xp_design_layer *first = &d->layer[0];
    explaint_status status =
        xp_study_create(&layer->study, &layer->notes, d->norms, layer->vectors, &d->request->options, error);
    if (status == EXPLAINT_OK && layer != first) status = same_concepts(first, layer, error);
    if (status == EXPLAINT_OK) status = check_k(layer, error);
    if (status != EXPLAINT_OK) return status;
    if (!choose_conditions(layer, d->runs_condition)) return xp_no_memory(error, "the plan");
    d->metric = layer->study.dense ? XP_SPEARMAN : XP_F1_AT_10;
    d->metrics = d->request->metrics | 1u << d->metric;
    status = check_length(layer, error);
    if (status != EXPLAINT_OK) return status;
    if (!xp_study_distinct(&layer->study, &layer->distinct)) return xp_no_memory(error, "the study");
    status = check_covariates(layer, error);
    if (status == EXPLAINT_OK) status = check_categories(layer, error);
    if (status != EXPLAINT_OK) return status;
    if (layer == first) count_draws(d);
    layer->shares = layer != first && same_folds(&first->study, &layer->study);
    if (d->permutations > 0 &&
        !xp_permutation_tests_make(&layer->distinct, d->request->options.within, layer->has_test, layer->test))
        return xp_no_memory(error, "the tests");
    return xp_design_list_units(layer) ? EXPLAINT_OK : xp_no_memory(error, "the plan");
}

explaint_status xp_design_make(xp_design *d, const xp_request *request, const explaint_norms *norms,
                               const explaint_layer *layers, size_t n_layers, bool by_layer, explaint_error *error) {
    *d = (xp_design){.request = request,
                     .norms = norms,
                     .by_layer = by_layer,
                     .adjust = by_layer ? request->adjust : XP_ADJUST_NONE,
                     .layer = xp_calloc(n_layers, sizeof *d->layer),
                     .runs_condition = xp_calloc(xp_n_conditions, 1)};
    if (d->layer == NULL || d->runs_condition == NULL) return xp_no_memory(error, "the plan");
    explaint_status status = EXPLAINT_OK;
    while (status == EXPLAINT_OK && d->n_layers < n_layers) {
        xp_design_layer *layer = &d->layer[d->n_layers];
        *layer = (xp_design_layer){.design = d,
                                   .request = request,
                                   .number = layers[d->n_layers].number,
                                   .vectors = layers[d->n_layers].vectors};
        d->n_layers++;
        status = make_layer(d, layer, error);
    }
    if (status == EXPLAINT_OK && !xp_design_name(d)) status = xp_no_memory(error, "the plan");
    return status;
}

void xp_design_free(xp_design *d) {
    for (size_t l = 0; l < d->n_layers; l++) {
        xp_design_layer *layer = &d->layer[l];
        xp_study_free(&layer->study);
        xp_study_free(&layer->distinct);
        xp_study_notes_free(&layer->notes);
        for (size_t t = 0; t < XP_N_TESTS; t++) xp_permutation_test_free(&layer->test[t]);
        xp_free(layer->units);
    }
    xp_free_all(d->layer, d->runs_condition, d->inputs, d->settings);
    xp_strings_free(&d->setting_keys);
    xp_strings_free(&d->setting_values);
    xp_free(d->identity);
    *d = (xp_design){0};
}

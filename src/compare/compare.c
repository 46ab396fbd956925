/* The whole comparison: which layers stand beside which, then rows and verdicts. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "compare/comparison.h"
#include "explaint/version.h"
#include "result/answer.h"
#include "stats/adjust.h"

explaint_compare_options explaint_compare_defaults(void) {
    return (explaint_compare_options){.flips = 9999, .bootstrap = 2000, .seed = 1};
}

/* ---- what is done with two records of a kind ---- */

static explaint_status of_infer(xp_comparison *c, int a, int b, bool shared, explaint_error *error) {
    explaint_status status = xp_compare_rows(c, a, b, shared, error);
    return status == EXPLAINT_OK ? xp_compare_verdicts(c, a, b, error) : status;
}

static const struct way {
    const explaint_kind *kind;
    explaint_status (*settings)(xp_comparison *c, explaint_error *error);
    /* layer a beside layer b (-1: none); shared: also what no layer enters */
    explaint_status (*layers)(xp_comparison *c, int a, int b, bool shared, explaint_error *error);
} ways[] = {{&explaint_infer_kind, xp_compare_settings, of_infer},
            {&explaint_attend_kind, xp_attention_settings, xp_attention_layers},
            {&explaint_relate_kind, xp_relations_settings, xp_relations_all}};

/* NULL: they are of two kinds. */
static const struct way *way_of(const xp_comparison *c) {
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++)
        if (c->arm[0].record->kind == ways[k].kind && c->arm[1].record->kind == ways[k].kind) return &ways[k];
    return NULL;
}

/* ---- layers ---- */

static bool has_layer(const xp_stored_result *arm, int layer) {
    for (size_t i = 0; i < arm->n_layers; i++)
        if (arm->layer[i] == layer) return true;
    return false;
}

/* The one layer of an arm that has no choice: named, or its only one; -1: it has none. false: it has several. */
static bool one_layer(const xp_stored_result *arm, int *layer) {
    *layer = arm->only >= 0 ? arm->only : arm->n_layers == 1 ? arm->layer[0] : -1;
    return arm->only >= 0 || arm->n_layers <= 1;
}

static void layers_differ(xp_comparison *c, int a, int b) {
    xp_comparison_change(c, "setting", "layer", a >= 0 ? xp_comparison_keep(c, "%d", a) : NULL,
                         b >= 0 ? xp_comparison_keep(c, "%d", b) : NULL);
}

static explaint_status compare_layers(xp_comparison *c, explaint_error *error) {
    const xp_stored_result *a = &c->arm[0], *b = &c->arm[1];
    int la, lb;
    const bool one_a = one_layer(a, &la), one_b = one_layer(b, &lb);
    if (one_a && one_b) {
        if (la != lb) layers_differ(c, la, lb);
        return way_of(c)->layers(c, la, lb, true, error);
    }
    if (one_a || one_b) {
        const xp_stored_result *many = one_a ? b : a;
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "%s has %zu layers, and of %s there is one: name the layer to compare, as in %s@%d", many->place,
                       many->n_layers, (one_a ? a : b)->place, many->run > 0 ? "FILE:RUN" : "FILE",
                       many->layer[many->n_layers - 1]);
    }
    explaint_status status = EXPLAINT_OK;
    size_t common = 0;
    for (size_t i = 0; status == EXPLAINT_OK && i < a->n_layers; i++)
        if (has_layer(b, a->layer[i])) status = way_of(c)->layers(c, a->layer[i], a->layer[i], common++ == 0, error);
    if (status == EXPLAINT_OK && common == 0)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "%s and %s have no layer in common: name one of each, as in FILE:RUN@%d FILE:RUN@%d", a->place,
                       b->place, a->layer[0], b->layer[0]);
    if (common < a->n_layers || common < b->n_layers)
        xp_comparison_note(c, "Compared in the %zu layers that both have (A %zu, B %zu).", common, a->n_layers,
                           b->n_layers);
    return status;
}

/* ---- all of it ---- */

static void note_older_tests(xp_comparison *c) {
    const bool *of = c->older_tests;
    if (!of[0] && !of[1]) return;
    xp_comparison_note(
        c,
        "E1 to E4 of %s%s%s are tests of version 0.1: their gains are in scores of the mapping, those of this version "
        "in "
        "the agreement of vectors and norms, r. No difference of them is tested%s. Run the command again to have the "
        "tests of this version.",
        of[0] ? c->arm[0].place : c->arm[1].place, of[0] && of[1] ? " and of " : "",
        of[0] && of[1] ? c->arm[1].place : "", of[0] && of[1] ? "" : ", and none is printed");
}

/* NaN where nothing differs: what a change cannot touch (the mean predictor) is no test. */
static double p_of(const explaint_paired *pair) {
    return pair->paired && (pair->difference != 0 || pair->ci[0] != pair->ci[1]) ? pair->p : NAN;
}

/* Over all rows, and over all measures. */
static bool adjust(xp_comparison *c) {
    const size_t n_rows = c->view.n_rows, n_measures = c->view.n_measures, n = n_rows + n_measures;
    double *p = xp_alloc(2 * n, sizeof *p);
    if (p == NULL) return false;
    double *adjusted = p + n;
    for (size_t i = 0; i < n_rows; i++) p[i] = p_of(&c->row[i].paired);
    for (size_t i = 0; i < n_measures; i++) p[n_rows + i] = p_of(&c->measure[i].paired);
    const bool ok = xp_adjust_benjamini_hochberg(n_rows, p, adjusted) &&
                    xp_adjust_benjamini_hochberg(n_measures, p + n_rows, adjusted + n_rows);
    for (size_t i = 0; ok && i < n_rows; i++) c->row[i].p_adjusted = adjusted[i];
    for (size_t i = 0; ok && i < n_measures; i++) c->measure[i].p_adjusted = adjusted[n_rows + i];
    xp_free(p);
    return ok;
}

/* The vectors or the model that it is about. */
static const char *source_of(const xp_stored_result *arm) {
    const explaint_result *r = arm->result;
    if (r != NULL) return r->n_rows > 0 ? xp_stored_result_text(r->rows[0].source) : "";
    const explaint_input *model = xp_comparison_input(arm, "model", "model");
    return model != NULL ? xp_stored_result_text(model->name) : "";
}

static void show(xp_comparison *c) {
    explaint_comparison *v = &c->view;
    for (int s = 0; s < 2; s++) {
        const xp_stored_result *arm = &c->arm[s];
        v->arm[s] = (explaint_compared_arm){
            .place = arm->only >= 0 ? xp_comparison_keep(c, "layer %d of %s", arm->only, arm->place) : arm->place,
            .source = source_of(arm),
            .mapping = arm->result != NULL ? xp_stored_result_setting(arm, "mapping") : NULL,
            .signature = xp_stored_result_text(arm->says.signature),
            .has_scores = arm->result != NULL ? arm->concepts.n > 0 : c->paired};
    }
    for (int s = 0; s < 2; s++) v->verdict_components[s] = c->arm[s].verdict_count;
    v->changes = c->change;
    v->rows = c->row;
    v->measures = c->measure;
    v->verdicts = c->verdict;
    v->notes = (const char *const *)c->notes.item;
    v->n_notes = c->notes.count;
    v->verdict_metric = xp_stored_result_setting(&c->arm[0], "verdict_metric");
    v->command = c->words;
}

explaint_status explaint_compare(const char *a, const char *b, const explaint_compare_options *options,
                                 explaint_comparison **comparison, explaint_error *error) {
    *comparison = NULL;
    const explaint_compare_options defaults = explaint_compare_defaults();
    if (options == NULL) options = &defaults;
    if (options->bootstrap < 100 || options->bootstrap > 100000)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected 100 to 100000 bootstrap resamples, found %zu",
                       options->bootstrap);
    if (options->flips < 99 || options->flips > 10000000)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected 99 to 10000000 sign flips, found %zu", options->flips);
    xp_comparison *c = xp_calloc(1, sizeof *c);
    if (c == NULL) return xp_no_memory(error, "the comparison");
    c->view.internals = c;
    c->view.record.kind = &explaint_compare_kind;
    c->view.version = EXPLAINT_VERSION;
    c->options = *options;
    c->arm[0].only = c->arm[1].only = -1;
    explaint_status status = xp_stored_result_open(a, options->ledger, &c->arm[0], error);
    if (status == EXPLAINT_OK) status = xp_stored_result_open(b, options->ledger, &c->arm[1], error);
    if (status == EXPLAINT_OK)
        status = way_of(c) != NULL ? way_of(c)->settings(c, error)
                                   : xp_fail(error, EXPLAINT_INVALID, c->arm[1].path, 0,
                                             "%s is of 'explaint %s', %s of 'explaint %s': only two of one command can "
                                             "be compared",
                                             c->arm[0].place, c->arm[0].record->kind->name, c->arm[1].place,
                                             c->arm[1].record->kind->name);
    if (status == EXPLAINT_OK) status = compare_layers(c, error);
    if (status == EXPLAINT_OK) note_older_tests(c);
    if (status == EXPLAINT_OK && (!adjust(c) || (c->words = xp_strings_words(&c->command, options->command)) == NULL))
        c->failed = true;
    if (status == EXPLAINT_OK) show(c);
    if (status == EXPLAINT_OK && !xp_answer_record(&c->view.record, &c->texts)) c->failed = true;
    if (status == EXPLAINT_OK && c->failed) status = xp_no_memory(error, "the comparison");
    if (status == EXPLAINT_OK)
        *comparison = &c->view;
    else
        explaint_comparison_free(&c->view);
    return status;
}

void explaint_comparison_free(explaint_comparison *comparison) {
    if (comparison == NULL || comparison->internals == NULL) return;
    xp_comparison *c = comparison->internals;
    for (size_t i = 0; i < c->view.n_verdicts; i++) xp_free((void *)c->verdict[i].assumptions);
    xp_stored_result_close(&c->arm[0]);
    xp_stored_result_close(&c->arm[1]);
    xp_bootstrap_free(&c->resample);
    xp_strings_free(&c->texts);
    xp_strings_free(&c->command);
    xp_strings_free(&c->notes);
    xp_free_all(c->words, c->change, c->row, c->measure, c->verdict, c->place[0], c->place[1], c);
}

/* What is said of all layers together: a verdict by p adjusted over them, each lint once. */
#include <math.h>
#include <string.h>

#include "audit/judging.h"
#include "base/memory.h"

/* ---- the verdict on all layers ---- */

static const explaint_verdict *information_of(const xp_result *r, int layer) {
    for (size_t v = 1; v <= r->view.n_verdicts; v++)
        if (r->verdicts[v].layer == layer && strcmp(r->verdicts[v].claim, "information") == 0) return &r->verdicts[v];
    return NULL;
}

/* How far a layer is from holding every assumption by p adjusted over the layers: 0 and less if it does, the farthest below among those; what fails by
 * itself, or cannot be tested, is farthest. */
static double distance(const explaint_verdict *v) {
    double most = -HUGE_VAL, least_z = HUGE_VAL;
    for (size_t i = 0; i < v->n_assumptions; i++) {
        const explaint_assumption *a = &v->assumptions[i];
        if (!xp_judging_testable(a)) continue;
        double own = xp_judging_outcome_is(a, "holds") ? 0 : xp_judging_outcome_is(a, "undecided") ? 1e6 : 2e6;
        if (!isnan(a->p_adjusted)) own += a->p_adjusted > a->level ? a->p_adjusted / a->level : 0;
        most = fmax(most, own);
        if (!isnan(a->z)) least_z = fmin(least_z, a->z);
    }
    return most > 0 ? most : -fmin(least_z, 1e300);
}

/* The nearest layer's assumptions, judged by p adjusted. NULL without memory. */
static explaint_assumption *list_adjusted(xp_result *r, const xp_design *d, const explaint_verdict *v) {
    explaint_assumption *list = xp_result_own(r, v->n_assumptions, sizeof *list);
    for (size_t i = 0; list != NULL && i < v->n_assumptions; i++) {
        explaint_assumption *a = &list[i];
        *a = v->assumptions[i];
        if (!xp_judging_outcome_is(a, "holds") || isnan(a->p_adjusted) || a->p_adjusted <= a->level) continue;
        a->outcome = "undecided";
        a->why = xp_result_keep(r, "r gains %+.3f, p = %.2g, adjusted over %zu layers %.2g", a->gain, a->p, d->n_layers,
                                a->p_adjusted);
    }
    return list;
}

/* In at least one layer: where one holds everything by p adjusted over all of them. It fails where it fails in every layer. */
bool xp_result_judge_layers(xp_result *r, const xp_design *d) {
    const explaint_verdict *best = NULL;
    size_t failed = 0;
    if (d->adjust == XP_ADJUST_NONE) return true;
    for (size_t l = 0; l < d->n_layers; l++) {
        const explaint_verdict *v = information_of(r, d->layer[l].number);
        if (v == NULL) return true;
        failed += strcmp(v->verdict, "not supported") == 0;
        if (best == NULL || distance(v) < distance(best)) best = v;
    }
    const explaint_assumption *decided, *list = list_adjusted(r, d, best);
    if (list == NULL) return false;
    const size_t count = best->n_assumptions;
    const char *outcome = xp_judging_decide(list, count, &decided),
               *claim = xp_judging_information_claim(r, &d->layer[0], list, count),
               *by = d->adjust == XP_ADJUST_BH ? "Benjamini and Hochberg" : "max-T", *text;
    if (strcmp(outcome, "not supported") == 0 && failed < d->n_layers) outcome = "undecided";
    if (strcmp(outcome, "supported") == 0)
        text = xp_result_keep(
            r,
            "In at least one of %zu layers (p adjusted over them by %s): b%s. The evidence is strongest in layer %d.",
            d->n_layers, by, claim, best->layer);
    else
        text = xp_result_keep(r, "%s of %zu layers (p adjusted over them by %s): b%s. Layer %d comes nearest%s%s%s%s.",
                              strcmp(outcome, "undecided") == 0 ? "Not decided for any" : "In none", d->n_layers, by,
                              claim, best->layer, decided != NULL ? ": " : "", decided != NULL ? decided->id : "",
                              decided != NULL ? ": " : "", decided != NULL ? decided->why : "");
    r->verdicts[0] = (explaint_verdict){.claim = "information",
                                        .verdict = outcome,
                                        .decided_by = decided != NULL ? decided->id : "",
                                        .text = text,
                                        .assumptions = list,
                                        .n_assumptions = count,
                                        .layer = -1,
                                        .n_layers = d->n_layers,
                                        .best_layer = best->layer};
    xp_judging_name_scores(&r->view, &r->verdicts[0]);
    r->view.verdicts = r->verdicts;
    r->view.n_verdicts++;
    return true;
}

/* ---- lints ---- */

static bool says(const xp_result *r, size_t from, size_t to, const char *text) {
    for (size_t i = from; i < to; i++)
        if (strcmp(r->lints[i].text, text) == 0) return true;
    return false;
}

/* Each layer's own p is of a layer that was named before. */
static void add_choice_note(xp_result *r, const xp_design *d) {
    if (d->permutations == 0 || d->n_layers < 2) return;
    xp_result_add_lint(r, "choice-of-layer", "note",
                       "%zu layers were tested: picking the best of them by hand is a choice after looking, which its "
                       "own p does not know; %s",
                       d->n_layers,
                       d->adjust == XP_ADJUST_NONE ? "nothing is adjusted over the layers (--adjust none)"
                                                   : "the verdict on all layers does, by p adjusted over them");
}

/* What is said of every layer stands once, with the first; what is said of some names them. */
bool xp_result_merge_lints(xp_result *r, const xp_design *d, const xp_readback *back) {
    const size_t n = r->view.n_lints;
    explaint_lint *all = xp_alloc(n, sizeof *all);
    for (size_t l = 0, i = 0; all != NULL && l < d->n_layers; l++)
        for (; i < back[l].lints; i++) {
            size_t layers = 0;
            for (size_t k = 0; k < d->n_layers; k++)
                layers += says(r, k > 0 ? back[k - 1].lints : 0, back[k].lints, r->lints[i].text);
            all[i] = r->lints[i];
            if (layers < d->n_layers)
                all[i].text = xp_result_keep(r, "layer %d: %s", d->layer[l].number, r->lints[i].text);
            else if (l > 0)
                all[i].text = NULL;
        }
    r->view.n_lints = 0;
    for (size_t i = 0; all != NULL && i < n; i++)
        if (all[i].text != NULL) r->lints[r->view.n_lints++] = all[i];
    xp_free(all);
    add_choice_note(r, d);
    return all != NULL;
}

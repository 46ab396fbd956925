/* The result of a plan of several layers: the results of its parts in one, p adjusted over layers. */
#include <math.h>
#include <string.h>

#include "audit/judging.h"
#include "base/memory.h"
#include "norms/vectors.h"
#include "result/answer.h"

/* A part's list is copied as it is: its strings live in the part's result, which the whole owns. */
typedef struct lists {
    size_t rows, lints, verdicts, components, iterations, penalties, losses;
} lists;

static lists count_all(const xp_result *r) {
    lists n = {0};
    for (size_t p = 0; p < r->n_parts; p++) {
        const explaint_result *part = r->part[p];
        n.rows += part->n_rows;
        n.lints += part->n_lints;
        n.verdicts += part->n_verdicts;
        n.components += part->n_component_notes;
        n.iterations += part->n_iterations;
        n.losses += part->n_losses;
        n.penalties += part->n_penalties;
    }
    return n;
}

static bool alloc_all(xp_result *r, lists n) {
    r->rows = xp_alloc(n.rows, sizeof *r->rows);
    r->lints = xp_alloc(n.lints + 1, sizeof *r->lints);
    r->all_verdicts = xp_alloc(n.verdicts + 1, sizeof *r->all_verdicts);
    r->components = xp_alloc(n.components, sizeof *r->components);
    r->iterations = xp_alloc(n.iterations, sizeof *r->iterations);
    r->penalties = xp_alloc(n.penalties, sizeof *r->penalties);
    r->losses = xp_alloc(n.losses, sizeof *r->losses);
    r->all_inputs = xp_alloc(r->n_parts + 4, sizeof *r->all_inputs);
    r->lint_capacity = n.lints + 1;
    return r->rows && r->lints && r->all_verdicts && r->components && r->iterations && r->penalties && r->losses &&
           r->all_inputs;
}

/* Said of every layer, or of one. */
static void add_lints(xp_result *r, const struct explaint_plan *plan, size_t p) {
    const explaint_result *part = r->part[p], *first = r->part[0];
    for (size_t i = 0; i < part->n_lints; i++) {
        const explaint_lint *lint = &part->lints[i];
        size_t everywhere = 0;
        for (size_t q = 0; q < r->n_parts; q++)
            for (size_t k = 0; k < r->part[q]->n_lints; k++)
                if (strcmp(r->part[q]->lints[k].text, lint->text) == 0) {
                    everywhere++;
                    break;
                }
        if (everywhere == r->n_parts && part != first) continue;
        explaint_lint *out = &r->lints[r->view.n_lints++];
        *out = *lint;
        if (everywhere < r->n_parts) out->text = xp_result_keep(r, "layer %d: %s", plan->part[p]->layer, lint->text);
    }
}

/* norms, the vectors of every layer (those of one file once), then what the first part read beside them. */
static void add_inputs(xp_result *r, const struct explaint_plan *plan) {
    const explaint_result *first = r->part[0];
    size_t n = 0;
    r->all_inputs[n++] = first->inputs[0];
    for (size_t p = 0; p < r->n_parts; p++)
        if (p == 0 || !xp_plan_same_file(plan->part[p]->vectors, plan->part[p - 1]->vectors))
            r->all_inputs[n++] = r->part[p]->inputs[1];
    for (size_t i = 2; i < first->n_inputs; i++) r->all_inputs[n++] = first->inputs[i];
    r->view.inputs = r->all_inputs;
    r->view.n_inputs = n;
}

static void add_part(xp_result *r, const struct explaint_plan *plan, size_t p) {
    const explaint_result *part = r->part[p];
    for (size_t i = 0; i < part->n_rows; i++)
        if (p == 0 || part->rows[i].layer >= 0) r->rows[r->view.n_rows++] = part->rows[i];
    for (size_t i = 0; i < part->n_verdicts; i++) r->all_verdicts[r->view.n_verdicts++] = part->verdicts[i];
    for (size_t i = 0; i < part->n_component_notes; i++)
        r->components[r->view.n_component_notes++] = part->components[i];
    for (size_t i = 0; i < part->n_iterations; i++) r->iterations[r->view.n_iterations++] = part->iterations[i];
    for (size_t i = 0; i < part->n_losses; i++) r->losses[r->view.n_losses++] = part->losses[i];
    for (size_t i = 0; i < part->n_penalties; i++) r->penalties[r->view.n_penalties++] = part->penalties[i];
    add_lints(r, plan, p);
}

/* ---- the verdict on all layers ---- */

static const explaint_verdict *information_of(const explaint_result *part) {
    for (size_t v = 0; v < part->n_verdicts; v++)
        if (strcmp(part->verdicts[v].claim, "information") == 0) return &part->verdicts[v];
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

/* The nearest layer's assumptions, judged by p adjusted. false without memory. */
static bool list_adjusted(xp_result *r, const struct explaint_plan *plan, const explaint_verdict *v) {
    explaint_assumption *list = r->assumptions[0] = xp_calloc(v->n_assumptions, sizeof *list);
    for (size_t i = 0; list != NULL && i < v->n_assumptions; i++) {
        explaint_assumption *a = &list[i];
        *a = v->assumptions[i];
        if (!xp_judging_outcome_is(a, "holds") || isnan(a->p_adjusted) || a->p_adjusted <= a->level) continue;
        a->outcome = "undecided";
        a->why = xp_result_keep(r, "r gains %+.3f, p = %.2g, adjusted over %zu layers %.2g", a->gain, a->p,
                                plan->n_parts, a->p_adjusted);
    }
    return list != NULL;
}

/* In at least one layer: where one holds everything by p adjusted over all of them. It fails where it fails in every layer. */
static bool judge_all(xp_result *r, const struct explaint_plan *plan) {
    const explaint_verdict *best = NULL;
    size_t failed = 0;
    if (plan->adjust == XP_ADJUST_NONE) return true;
    for (size_t p = 0; p < r->n_parts; p++) {
        const explaint_verdict *v = information_of(r->part[p]);
        if (v == NULL) return true;
        failed += strcmp(v->verdict, "not supported") == 0;
        if (best == NULL || distance(v) < distance(best)) best = v;
    }
    if (!list_adjusted(r, plan, best)) return false;
    const explaint_assumption *decided, *list = r->assumptions[0];
    const size_t count = best->n_assumptions;
    const char *outcome = xp_judging_decide(list, count, &decided),
               *claim = xp_judging_information_claim(r, plan->part[0], list, count),
               *by = plan->adjust == XP_ADJUST_BH ? "Benjamini and Hochberg" : "max-T", *text;
    if (strcmp(outcome, "not supported") == 0 && failed < r->n_parts) outcome = "undecided";
    if (strcmp(outcome, "supported") == 0)
        text = xp_result_keep(
            r,
            "In at least one of %zu layers (p adjusted over them by %s): b%s. The evidence is strongest in layer %d.",
            r->n_parts, by, claim, best->layer);
    else
        text = xp_result_keep(r, "%s of %zu layers (p adjusted over them by %s): b%s. Layer %d comes nearest%s%s%s%s.",
                              strcmp(outcome, "undecided") == 0 ? "Not decided for any" : "In none", r->n_parts, by,
                              claim, best->layer, decided != NULL ? ": " : "", decided != NULL ? decided->id : "",
                              decided != NULL ? ": " : "", decided != NULL ? decided->why : "");
    r->all_verdicts[r->view.n_verdicts++] = (explaint_verdict){.claim = "information",
                                                               .verdict = outcome,
                                                               .decided_by = decided != NULL ? decided->id : "",
                                                               .text = text,
                                                               .assumptions = list,
                                                               .n_assumptions = count,
                                                               .layer = -1,
                                                               .n_layers = r->n_parts,
                                                               .best_layer = best->layer};
    xp_result_name_scores(&r->view, &r->all_verdicts[r->view.n_verdicts - 1]);
    return true;
}

/* Each layer's own p is of a layer that was named before. */
static void add_choice_note(xp_result *r, const struct explaint_plan *plan) {
    if (plan->options.permutations == 0 || plan->n_parts < 2) return;
    xp_result_add_lint(
        r, "choice-of-layer", "note",
        xp_result_keep(r,
                       "%zu layers were tested: picking the best of them by hand is a choice after looking, which its "
                       "own p does not know; %s",
                       plan->n_parts,
                       plan->adjust == XP_ADJUST_NONE ? "nothing is adjusted over the layers (--adjust none)"
                                                      : "the verdict on all layers does, by p adjusted over them"));
}

/* ---- all of it ---- */

static explaint_status make_parts(struct explaint_plan *plan, xp_result *r, explaint_error *error) {
    r->part = xp_calloc(plan->n_parts, sizeof *r->part);
    if (r->part == NULL) return xp_no_memory(error, "the result");
    for (size_t p = 0; p < plan->n_parts; p++) {
        explaint_status status = xp_result_create(plan->part[p], &r->part[p], error);
        if (status != EXPLAINT_OK) return status;
        r->n_parts++;
    }
    return EXPLAINT_OK;
}

static bool gather(const struct explaint_plan *plan, xp_result *r) {
    const explaint_result *first = r->part[0];
    if (!xp_result_adjust_families(plan, r->part) || !alloc_all(r, count_all(r))) return false;
    r->view = *first;
    r->view.internals = r;
    r->view.n_rows = r->view.n_lints = r->view.n_verdicts = r->view.n_component_notes = r->view.n_iterations = 0;
    r->view.n_penalties = r->view.n_losses = 0;
    if (!judge_all(r, plan)) return false;
    for (size_t p = 0; p < r->n_parts; p++) add_part(r, plan, p);
    add_choice_note(r, plan);
    add_inputs(r, plan);
    r->settings = xp_alloc(plan->setting_keys.count, sizeof *r->settings);
    for (size_t i = 0; r->settings != NULL && i < plan->setting_keys.count; i++)
        r->settings[i] = (explaint_setting){xp_result_keep(r, "%s", plan->setting_keys.item[i]),
                                            xp_result_keep(r, "%s", plan->setting_values.item[i])};
    r->view.n_settings = plan->setting_keys.count;
    r->view.settings = r->settings;
    r->view.rows = r->rows;
    r->view.penalties = r->penalties;
    r->view.lints = r->lints;
    r->view.verdicts = r->all_verdicts;
    r->view.components = r->components;
    r->view.iterations = r->iterations;
    r->view.losses = r->losses;
    r->view.n_losses_listed = plan->options.by_fold ? r->view.n_losses : 0;
    r->view.signature = xp_result_keep(r, "%s|layers%d-%d:%zu", first->signature, plan->part[0]->layer,
                                       plan->part[plan->n_parts - 1]->layer, plan->n_parts);
    r->view.answer = NULL; /* not the first part's */
    return r->settings != NULL && !r->failed && xp_answer_record(&r->view.record, &r->texts);
}

explaint_status xp_layers_result(struct explaint_plan *plan, explaint_result **result, explaint_error *error) {
    xp_result *r = xp_calloc(1, sizeof *r);
    if (r == NULL) return xp_no_memory(error, "the result");
    r->view.internals = r;
    explaint_status status = make_parts(plan, r, error);
    if (status == EXPLAINT_OK && !gather(plan, r)) status = xp_no_memory(error, "the result");
    if (status == EXPLAINT_OK)
        *result = &r->view;
    else
        explaint_result_free(&r->view);
    return status;
}

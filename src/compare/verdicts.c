/* Differences of verdicts, and of the assumptions behind them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "compare/comparison.h"

static const double WIDER = 1.25, WIDER_HELD_OUT = 1.5; /* as in the verdicts themselves (docs/methods.md#intervals) */

static const xp_value *verdict_of(const xp_party *side, const char *claim, int layer) {
    for (size_t i = 0; i < xp_value_count(side->verdicts); i++) {
        const xp_value *v = xp_value_item(side->verdicts, i);
        if (xp_party_layer(v) == layer && strcmp(xp_party_text(v, "claim"), claim) == 0) return v;
    }
    return NULL;
}

static const xp_value *assumption_of(const xp_value *verdict, const char *id) {
    const xp_value *list = xp_value_member(verdict, "assumptions");
    for (size_t i = 0; i < xp_value_count(list); i++)
        if (strcmp(xp_party_text(xp_value_item(list, i), "id"), id) == 0) return xp_value_item(list, i);
    return NULL;
}

static explaint_status pair_gains(xp_comparison *c, const int layer[2], const xp_value *const assumptions[2],
                                  explaint_compared_assumption *out, explaint_error *error) {
    if (!c->paired) return EXPLAINT_OK;
    const size_t n[2] = {c->side[0].people.n, c->side[1].people.n};
    double *work = xp_alloc(n[0] + n[1] + c->n, sizeof *work);
    if (work == NULL) return xp_no_memory(error, "the comparison");
    double *const gain[2] = {work, work + n[0]}, *difference = work + n[0] + n[1];
    explaint_status status = EXPLAINT_OK;
    bool found = true;
    for (int k = 0; k < 2 && status == EXPLAINT_OK && found; k++)
        status = xp_party_gains(&c->side[k], layer[k], assumptions[k], gain[k], &found, error);
    if (status == EXPLAINT_OK && found) {
        double sum[2] = {0, 0}, count = 0;
        for (size_t i = 0; i < c->n; i++) {
            const double a = gain[0][c->place[0][i]], b = gain[1][c->place[1][i]];
            difference[i] = b - a; /* NaN where either has none */
            if (isnan(difference[i])) continue;
            sum[0] += a;
            sum[1] += b;
            count++;
        }
        for (int k = 0; k < 2; k++) out->paired.value[k] = sum[k] / count;
        xp_pair_up(c, difference, strncmp(out->id, "E4", 2) == 0 ? WIDER_HELD_OUT : WIDER, &out->paired);
    }
    xp_free(work);
    return status;
}

static explaint_status compare_assumptions(xp_comparison *c, const int layer[2], const xp_value *const verdicts[2],
                                           explaint_compared_verdict *out, explaint_error *error) {
    const xp_value *list = xp_value_member(verdicts[0], "assumptions");
    const size_t n = xp_value_count(list);
    explaint_compared_assumption *made = xp_calloc(n, sizeof *made);
    out->assumptions = made;
    explaint_status status = made != NULL ? EXPLAINT_OK : xp_no_memory(error, "the comparison");
    for (size_t i = 0; status == EXPLAINT_OK && i < n; i++) {
        const xp_value *a = xp_value_item(list, i);
        const char *id = xp_party_text(a, "id");
        const xp_value *const both[2] = {a, assumption_of(verdicts[1], id)};
        if (both[1] == NULL || assumption_of(verdicts[0], id) != a) continue; /* the first of an id counts */
        explaint_compared_assumption *assumption = &made[out->n_assumptions++];
        assumption->id = id;
        for (int k = 0; k < 2; k++) {
            assumption->outcome[k] = xp_party_text(both[k], "outcome");
            assumption->gain[k] = xp_party_number(both[k], "gain");
            assumption->mde[k] = xp_party_number(both[k], "mde");
        }
        assumption->changed = strcmp(assumption->outcome[0], assumption->outcome[1]) != 0;
        assumption->paired = (explaint_paired){.difference = assumption->gain[1] - assumption->gain[0],
                                               .value = {NAN, NAN},
                                               .ci = {NAN, NAN},
                                               .p = NAN,
                                               .p_error = NAN};
        status = pair_gains(c, layer, both, assumption, error);
    }
    return status;
}

/* An outcome that changed where its gain did not: said, lest a threshold be taken for a finding. */
static void note_thresholds(xp_comparison *c, const explaint_compared_verdict *v) {
    const char *near = NULL;
    double p = 1;
    if (strcmp(v->verdict[0], v->verdict[1]) == 0) return;
    for (size_t i = 0; i < v->n_assumptions; i++) {
        const explaint_compared_assumption *a = &v->assumptions[i];
        if (!a->paired.paired || strcmp(a->outcome[0], a->outcome[1]) == 0) continue;
        if (a->paired.p <= XP_ALPHA) return; /* a change that is one */
        if (near == NULL || a->paired.p < p) {
            near = a->id;
            p = a->paired.p;
        }
    }
    if (near == NULL) return;
    char layer[40] = "";
    if (v->layer[0] >= 0) snprintf(layer, sizeof layer, ", layer %d", v->layer[0]);
    xp_comparison_note(
        c,
        "%s%s: the verdict changed, and no gain behind it by more than chance (%s: p %.2g): it stands near "
        "a threshold, and the change alone says little.",
        v->claim, layer, near, p);
}

explaint_status xp_compare_verdicts(xp_comparison *c, int a, int b, explaint_error *error) {
    static const char *const claims[] = {"information", "mapping"};
    const int layer[2] = {a, b};
    explaint_status status = EXPLAINT_OK;
    for (size_t k = 0; status == EXPLAINT_OK && k < 2; k++) {
        const xp_value *const both[2] = {verdict_of(&c->side[0], claims[k], a), verdict_of(&c->side[1], claims[k], b)};
        if (both[0] == NULL || both[1] == NULL) continue;
        explaint_compared_verdict *out =
            xp_comparison_grow(c, (void **)&c->verdict, &c->view.n_verdicts, &c->verdict_capacity, sizeof *out);
        if (out == NULL) return xp_no_memory(error, "the comparison");
        out->claim = claims[k];
        for (int s = 0; s < 2; s++) {
            out->verdict[s] = xp_party_text(both[s], "verdict");
            out->decided_by[s] = xp_party_text(both[s], "decided_by");
            out->layer[s] = layer[s];
        }
        out->changed = strcmp(out->verdict[0], out->verdict[1]) != 0;
        status = compare_assumptions(c, layer, both, out, error);
        if (status == EXPLAINT_OK) note_thresholds(c, out);
    }
    return status;
}

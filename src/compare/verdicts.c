/* Differences of verdicts, and of the assumptions behind them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "compare/comparison.h"
#include "stats/difference.h"

static const double WIDER = 1.25; /* as in the verdicts themselves (docs/methods.md#intervals) */

/* ---- gains of scores: W, and over baselines ---- */

static explaint_status pair_gains(xp_comparison *c, const int layer[2], const explaint_assumption *const assumptions[2],
                                  explaint_compared_assumption *out, explaint_error *error) {
    const size_t n[2] = {c->arm[0].concepts.n, c->arm[1].concepts.n};
    double *work = xp_alloc(n[0] + n[1] + c->n, sizeof *work);
    if (work == NULL) return xp_no_memory(error, "the comparison");
    double *const gain[2] = {work, work + n[0]}, *difference = work + n[0] + n[1];
    explaint_status status = EXPLAINT_OK;
    bool found = true;
    for (int k = 0; k < 2 && status == EXPLAINT_OK && found; k++)
        status = xp_stored_result_gains(&c->arm[k], layer[k], assumptions[k], gain[k], &found, error);
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
        xp_comparison_pair(c, difference, WIDER, &out->paired);
    }
    xp_free(work);
    return status;
}

/* ---- E1 to E4: do the vectors of one agree more with the norms? ---- */

typedef struct agreement {
    xp_concepts concepts;
    size_t permutations;
    double *pseudo, *null; /* by concept; by permutation */
    double *common;        /* pseudo by concept of both */
} agreement;

static explaint_status read_agreement(const xp_comparison *c, int k, int layer, const explaint_assumption *assumption,
                                      agreement *a, bool *found, explaint_error *error) {
    const xp_stored_result *arm = &c->arm[k];
    explaint_status status = xp_stored_result_concepts(arm, layer, &a->concepts, found, error);
    a->permutations = assumption->permutations;
    *found = *found && a->concepts.n == arm->concepts.n && a->permutations > 0 && a->permutations <= 10000000;
    if (status != EXPLAINT_OK || !*found) return status;
    a->pseudo = xp_alloc(a->concepts.n, sizeof *a->pseudo);
    a->null = xp_alloc(a->permutations, sizeof *a->null);
    a->common = xp_alloc(c->n, sizeof *a->common);
    if (a->pseudo == NULL || a->null == NULL || a->common == NULL) return xp_no_memory(error, "the comparison");
    status = xp_stored_result_agreement(arm, layer, &a->concepts, assumption, a->permutations, a->pseudo, a->null,
                                        found, error);
    for (size_t i = 0; status == EXPLAINT_OK && *found && i < c->n; i++) a->common[i] = a->pseudo[c->place[k][i]];
    return status;
}

/* Student's t on fewer concepts would find differences in anything. */
static bool enough(const xp_difference *d) { return d->n >= XP_LEAST_MOVABLE && !isnan(d->p); }

/* N and the variance of the null means. Cells are made of the vectors: each run permutes within its own. */
static void find_difference(const xp_comparison *c, const agreement of[2], const char *id, xp_difference *d) {
    const double *const pseudo[2] = {of[0].common, of[1].common};
    const size_t draws[2] = {of[0].permutations, of[1].permutations};
    const xp_test_id test = xp_permutation_test_named(id);
    const double apart[2] = {xp_difference_null_variance(draws[0], of[0].null, NULL),
                             xp_difference_null_variance(draws[1], of[1].null, NULL)};
    const bool same =
        xp_stored_result_shares_permutations(&c->arm[0], &of[0].concepts, &c->arm[1], &of[1].concepts, id) &&
        draws[0] == draws[1];
    const bool equal = same && memcmp(of[0].null, of[1].null, draws[0] * sizeof(double)) == 0; /* the same vectors */
    if (equal || (same && test != XP_E3 && test != XP_HELD_OUT)) {
        const double pairs = xp_difference_null_variance(draws[0], of[1].null, of[0].null);
        xp_difference_of(c->n, pseudo, pairs, pairs / (double)draws[0], d);
    } else {
        xp_difference_of(c->n, pseudo, same ? apart[0] + apart[1] : 0,
                         apart[0] / (double)draws[0] + apart[1] / (double)draws[1], d);
    }
}

static explaint_status compare_agreement(const xp_comparison *c, const int layer[2],
                                         const explaint_assumption *const assumptions[2],
                                         explaint_compared_assumption *out, explaint_error *error) {
    agreement of[2] = {0};
    explaint_status status = EXPLAINT_OK;
    bool found = true;
    for (int k = 0; k < 2 && status == EXPLAINT_OK && found; k++)
        status = read_agreement(c, k, layer[k], assumptions[k], &of[k], &found, error);
    if (status == EXPLAINT_OK && found) {
        xp_difference d;
        find_difference(c, of, out->id, &d);
        if (enough(&d))
            out->paired = (explaint_paired){.difference = d.difference,
                                            .paired = true,
                                            .n = d.n,
                                            .value = {d.value[0], d.value[1]},
                                            .ci = {d.ci[0], d.ci[1]},
                                            .p = d.p,
                                            .p_error = 0};
    }
    for (int k = 0; k < 2; k++) {
        xp_concepts_free(&of[k].concepts);
        xp_free_all(of[k].pseudo, of[k].null, of[k].common);
    }
    return status;
}

/* ---- an assumption ---- */

/* Before the statistic "agreement" a gain of E1 to E4 was one of scores: -1 such, 1 of r, 0: no test of the vectors. */
static int kind_of_test(const explaint_assumption *assumption) {
    if (xp_permutation_test_named(xp_stored_result_text(assumption->id)) == XP_N_TESTS || isnan(assumption->gain))
        return 0;
    return strcmp(xp_stored_result_text(assumption->statistic), "agreement") == 0 ? 1 : -1;
}

static explaint_status compare_assumption(xp_comparison *c, const int layer[2],
                                          const explaint_assumption *const both[2], explaint_compared_assumption *out,
                                          explaint_error *error) {
    for (int k = 0; k < 2; k++) {
        out->outcome[k] = xp_stored_result_text(both[k]->outcome);
        out->gain[k] = both[k]->gain;
        out->mde[k] = both[k]->mde;
        out->r[k] = kind_of_test(both[k]) > 0 ? both[k]->r : NAN;
    }
    out->changed = strcmp(out->outcome[0], out->outcome[1]) != 0;
    const int kind[2] = {kind_of_test(both[0]), kind_of_test(both[1])};
    out->paired = xp_comparison_untested(kind[0] * kind[1] < 0 ? NAN : out->gain[1] - out->gain[0]);
    for (int k = 0; k < 2; k++) c->older_tests[k] = c->older_tests[k] || kind[k] < 0;
    if (!c->paired || kind[0] < 0 || kind[1] < 0) return EXPLAINT_OK;
    return kind[0] > 0 && kind[1] > 0 ? compare_agreement(c, layer, both, out, error)
                                      : pair_gains(c, layer, both, out, error);
}

static explaint_status compare_assumptions(xp_comparison *c, const int layer[2],
                                           const explaint_verdict *const verdicts[2], explaint_compared_verdict *out,
                                           explaint_error *error) {
    const size_t n = verdicts[0]->n_assumptions;
    explaint_compared_assumption *made = xp_calloc(n, sizeof *made);
    out->assumptions = made;
    explaint_status status = made != NULL ? EXPLAINT_OK : xp_no_memory(error, "the comparison");
    for (size_t i = 0; status == EXPLAINT_OK && i < n; i++) {
        const explaint_assumption *a = &verdicts[0]->assumptions[i];
        const char *id = xp_stored_result_text(a->id);
        const explaint_assumption *const both[2] = {a, xp_stored_result_assumption(verdicts[1], id)};
        if (both[1] == NULL || xp_stored_result_assumption(verdicts[0], id) != a)
            continue; /* the first of an id counts */
        made[out->n_assumptions].id = id;
        status = compare_assumption(c, layer, both, &made[out->n_assumptions++], error);
    }
    return status;
}

/* ---- in words ---- */

/* Of a difference that is more than chance; 0: it is not. */
static int sign_of(const explaint_paired *p) { return p->p > XP_ALPHA ? 0 : p->difference > 0 ? 1 : -1; }

/* Adds the tests whose difference has that sign (0: none was found), after `before`. */
static void list_tests(xp_text *text, const explaint_compared_verdict *v, const explaint_compared_assumption *but,
                       int sign, const char *before) {
    for (size_t i = 0; i < v->n_assumptions; i++) {
        const explaint_compared_assumption *a = &v->assumptions[i];
        if (a == but || !a->paired.paired || xp_permutation_test_named(a->id) == XP_N_TESTS ||
            sign_of(&a->paired) != sign)
            continue;
        xp_text_addf(text, "%s%s", before, a->id);
        before = ", ";
    }
}

/* The first test that both have decides: E1, unless it was left out. */
static const char *answer(xp_comparison *c, const explaint_compared_verdict *v) {
    const explaint_compared_assumption *first = NULL;
    for (size_t i = 0; first == NULL && i < v->n_assumptions; i++)
        if (v->assumptions[i].paired.paired && xp_permutation_test_named(v->assumptions[i].id) != XP_N_TESTS)
            first = &v->assumptions[i];
    if (first == NULL) return NULL;
    const explaint_paired *p = &first->paired;
    const int sign = sign_of(p);
    xp_text text = {0};
    if (sign == 0)
        xp_text_adds(&text, "No difference was found in how well the vectors of A and of B agree with the norms");
    else
        xp_text_addf(&text, "The vectors of B agree %s with the norms than those of A",
                     sign > 0 ? "better" : "less well");
    xp_text_addf(&text, " (%s: difference in r %+.3f, 95 %% interval %+.3f to %+.3f, p %.2g)", first->id, p->difference,
                 p->ci[0], p->ci[1], p->p);
    list_tests(&text, v, first, 1, "; better in ");
    list_tests(&text, v, first, -1, "; less well in ");
    list_tests(&text, v, first, 0, sign == 0 ? "; none in " : "; no difference found in ");
    xp_text_adds(&text, ".");
    return xp_strings_keep_text(&c->texts, &c->failed, &text);
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
        const explaint_verdict *const both[2] = {xp_stored_result_verdict(&c->arm[0], claims[k], a),
                                                 xp_stored_result_verdict(&c->arm[1], claims[k], b)};
        if (both[0] == NULL || both[1] == NULL) continue;
        explaint_compared_verdict *out =
            xp_comparison_verdict(c, claims[k], (const char *const[]){both[0]->verdict, both[1]->verdict},
                                  (const char *const[]){both[0]->decided_by, both[1]->decided_by}, layer);
        if (out == NULL) return xp_no_memory(error, "the comparison");
        status = compare_assumptions(c, layer, both, out, error);
        if (status != EXPLAINT_OK) break;
        if (k == 0) out->answer = answer(c, out);
        note_thresholds(c, out);
    }
    return status;
}

#include "attention/judge.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"

enum { RESAMPLES = 2000 };
static const double VISIBLE = .3;    /* r of whole maps from which on there is a picture that survives */
static const double IN_SPECIAL = .5; /* of the surviving similarity: more than this in special tokens is a sink */
static const double ROUNDING_OF_ROWS = 1e-5;
const double xp_judge_half = .5;
const double xp_judge_level = .05;
const double xp_judge_margin =
    .05; /* surely above the null by less is nothing: some permuted tokens fall on their own place */
const double xp_judge_same = .9; /* position alone makes the picture */

/* ---- numbers ---- */

static double ratio(size_t n, const double *above, const double *below) {
    double a = 0, b = 0;
    for (size_t t = 0; t < n; t++) {
        a += above[t];
        b += below[t];
    }
    return b > 0 ? a / b : NAN;
}

static double ratio_with_interval(xp_judge *j, const double *above, const double *below, double interval[2]) {
    if (!xp_bootstrap_ratio(&j->bootstrap, above, below, interval)) interval[0] = interval[1] = NAN;
    return ratio(j->of->maps->n_texts, above, below);
}

/* Mean over the texts that have a value, and its interval over texts; NaN if fewer than half have one. */
static double mean_with_interval(xp_judge *j, double interval[2]) {
    const size_t all = j->of->maps->n_texts;
    size_t n = 0;
    interval[0] = interval[1] = NAN;
    for (size_t t = 0; t < all; t++) {
        j->weight[t] = !isnan(j->value[t]);
        n += j->weight[t] > 0;
        if (isnan(j->value[t])) j->value[t] = 0;
    }
    return 2 * n < all || n == 0 ? NAN : ratio_with_interval(j, j->value, j->weight, interval);
}

static void measure_a1(xp_judge *j, explaint_attend_layer *l) {
    const xp_recovery *r = j->of->recovery;
    if (r == NULL) return;
    const double *of_true = r->layer[l->layer].hits, *of_shuffled = of_true + r->corpus->n_texts;
    l->recovered = ratio_with_interval(j, of_true, r->rows, l->recovered_ci);
    l->shuffled = ratio_with_interval(j, of_shuffled, r->rows, l->shuffled_ci);
    if (isnan(l->recovered_ci[0])) l->recovered = NAN;
    if (isnan(l->shuffled_ci[0])) l->shuffled = NAN;
}

static void measure_a2(xp_judge *j, explaint_attend_layer *l) {
    for (size_t t = 0; t < j->of->maps->n_texts; t++)
        j->value[t] = xp_flows_sum(j->of->origin, XP_FLOW_ALTI_PRODUCT_OWN_LARGEST, l->layer, t, &j->weight[t]);
    l->own_largest = ratio_with_interval(j, j->value, j->weight, l->own_largest_ci);
}

static void gather(xp_judge *j, xp_scope scope, size_t layer, size_t head) {
    for (size_t t = 0; t < j->of->maps->n_texts; t++)
        j->value[t] = xp_similarity(j->of->maps, XP_DAMAGE_PERMUTE_CONTENT, false, scope, XP_PEARSON, layer, head, t);
}

static void measure_a3(xp_judge *j, size_t head, explaint_attend_layer *l) {
    const xp_experiment *e = j->of->maps;
    gather(j, XP_WHOLE, l->layer, head);
    l->whole = mean_with_interval(j, l->whole_ci);
    gather(j, XP_CONTENT, l->layer, head);
    const xp_null null = xp_null_of(e, j->value, XP_CONTENT, l->layer, head);
    l->p = null.p;
    l->content = mean_with_interval(j, l->content_ci);
    for (size_t t = 0; t < e->n_texts; t++) j->value[t] = xp_experiment_peers_mean(e, XP_CONTENT, l->layer, head, t);
    l->null_mean = mean_with_interval(j, l->null_ci);
}

/* ---- outcomes ---- */

static const char *outcome_a1(const xp_judge *j, const explaint_attend_layer *l) {
    const double asked = j->a->options.share;
    if (isnan(l->recovered)) return XP_NOT_TESTABLE;
    if (l->recovered_ci[0] >= asked && l->recovered_ci[0] > l->shuffled_ci[1]) return XP_HOLDS;
    if (l->recovered_ci[1] < asked) return j->enough_rows ? XP_FAILS : XP_UNDECIDED;
    return XP_UNDECIDED;
}

static const char *outcome_a2(const explaint_attend_layer *l) {
    if (isnan(l->own_largest) || isnan(l->own_largest_ci[0])) return XP_NOT_TESTABLE;
    if (l->own_largest_ci[0] >= xp_judge_half) return XP_HOLDS;
    return l->own_largest_ci[1] < xp_judge_half ? XP_FAILS : XP_UNDECIDED;
}

static bool survives(const explaint_attend_layer *l) {
    return l->p <= xp_judge_level && l->content_ci[0] - l->null_mean >= xp_judge_margin;
}

bool xp_judge_same_picture(const explaint_attend_layer *l) { return !survives(l) && l->null_ci[0] >= xp_judge_same; }

/* Not above its null says little where the null is the same picture again: there position makes it, not tokens. And where texts are the same, so are
 * their pictures: that says nothing of either. */
static const char *outcome_a3(const xp_judge *j, const explaint_attend_layer *l) {
    if (isnan(l->content)) return XP_NOT_TESTABLE;
    if (!j->comparable) return XP_UNDECIDED;
    if (isnan(l->p)) return XP_NOT_TESTABLE;
    return survives(l) || xp_judge_same_picture(l) ? XP_FAILS : XP_HOLDS;
}

static const char *outcome_sink(const explaint_attend_layer *l) {
    if (isnan(l->whole)) return XP_NOT_TESTABLE;
    const double content = isnan(l->content) ? 0 : l->content;
    if (l->whole_ci[0] >= VISIBLE && content <= IN_SPECIAL * l->whole) return XP_HOLDS;
    return l->whole_ci[1] < VISIBLE || content > IN_SPECIAL * l->whole ? XP_FAILS : XP_UNDECIDED;
}

void xp_judge_map(xp_judge *j, size_t layer, size_t head, explaint_attend_layer *to) {
    *to = (explaint_attend_layer){
        .layer = layer, .recovered = NAN, .recovered_ci = {NAN, NAN}, .shuffled = NAN, .shuffled_ci = {NAN, NAN}};
    measure_a1(j, to);
    measure_a2(j, to);
    measure_a3(j, head, to);
    to->a1 = outcome_a1(j, to);
    to->a2 = outcome_a2(to);
    to->a3 = outcome_a3(j, to);
    to->sink = outcome_sink(to);
}

const char *xp_judge_exactness(const xp_judge *j) { return j->worst_row <= ROUNDING_OF_ROWS ? XP_HOLDS : XP_FAILS; }

/* ---- room ---- */

explaint_status xp_judge_create(xp_judge *j, xp_attend *a, const xp_evidence *of, explaint_error *error) {
    const size_t n = of->maps->n_texts;
    *j = (xp_judge){.a = a, .of = of, .enough_rows = a->fit_texts.n_rows >= XP_FIT_ROWS};
    j->value = xp_alloc(n, sizeof *j->value);
    j->weight = xp_alloc(n, sizeof *j->weight);
    if (j->value == NULL || j->weight == NULL || !xp_bootstrap_create(&j->bootstrap, n, RESAMPLES, a->options.seed))
        return xp_no_memory(error, "the verdict");
    for (size_t t = 0; t < n; t++) {
        j->worst_row = *of->maps->text[t].farthest > j->worst_row ? *of->maps->text[t].farthest : j->worst_row;
        j->n_alike += of->maps->text[t].n_others < XP_JUDGE_PEERS;
    }
    j->comparable = 2 * j->n_alike <= n;
    return EXPLAINT_OK;
}

void xp_judge_free(xp_judge *j) {
    xp_bootstrap_free(&j->bootstrap);
    xp_free_all(j->value, j->weight);
}

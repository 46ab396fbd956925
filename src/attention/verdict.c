#include "attention/verdict.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/bootstrap.h"

enum { RESAMPLES = 2000 };
static const double ALIKE = .9;      /* r of other texts' maps from which on position alone makes the picture */
static const double VISIBLE = .3;    /* r of whole maps from which on there is a picture that survives */
static const double IN_SPECIAL = .5; /* of the surviving similarity: more than this in special tokens is a sink */
static const double LEVEL = .05;
static const double MARGIN = .05; /* above the null by less is nothing: some permuted tokens fall on their own place */
static const double ROUNDING_OF_ROWS = 1e-5;

static const char HOLDS[] = "holds", FAILS[] = "fails", UNDECIDED[] = "undecided", NOT_TESTABLE[] = "not testable";

typedef struct judging {
    xp_attend *a;
    const xp_corpus *corpus;
    const xp_experiment *e;
    xp_bootstrap bootstrap;
    const xp_recovery *recovery; /* NULL: no linear g */
    double *value, *ones;        /* of texts */
    bool enough_rows;            /* g was fitted on as many as A1 asks for */
    double worst_row;            /* largest distance of a row's sum from 1 */
} judging;

/* ---- numbers ---- */

static double ratio(size_t n, const double *above, const double *below) {
    double a = 0, b = 0;
    for (size_t t = 0; t < n; t++) {
        a += above[t];
        b += below[t];
    }
    return b > 0 ? a / b : NAN;
}

/* Mean over the texts that have a value, and its interval over texts; NaN if fewer than half have one. */
static double mean_with_interval(judging *j, double interval[2]) {
    size_t n = 0;
    interval[0] = interval[1] = NAN;
    for (size_t t = 0; t < j->corpus->n_texts; t++) {
        j->ones[t] = !isnan(j->value[t]);
        n += j->ones[t] > 0;
        if (isnan(j->value[t])) j->value[t] = 0;
    }
    if (2 * n < j->corpus->n_texts || n == 0) return NAN;
    if (!xp_bootstrap_ratio(&j->bootstrap, j->value, j->ones, interval)) interval[0] = interval[1] = NAN;
    return ratio(j->corpus->n_texts, j->value, j->ones);
}

static void measure_a1(judging *j, explaint_attend_layer *l) {
    const size_t n = j->corpus->n_texts;
    if (j->recovery == NULL) return;
    const double *of_true = j->recovery->layer[l->layer].hits, *of_shuffled = of_true + n, *rows = j->recovery->rows;
    l->recovered = ratio(n, of_true, rows);
    l->shuffled = ratio(n, of_shuffled, rows);
    if (!xp_bootstrap_ratio(&j->bootstrap, of_true, rows, l->recovered_ci)) l->recovered = NAN;
    if (!xp_bootstrap_ratio(&j->bootstrap, of_shuffled, rows, l->shuffled_ci)) l->shuffled = NAN;
}

static void gather(judging *j, xp_scope scope, size_t layer) {
    for (size_t t = 0; t < j->corpus->n_texts; t++)
        j->value[t] = xp_similarity(j->e, XP_DAMAGE_PERMUTE_CONTENT, false, scope, XP_PEARSON, layer, 0, t);
}

static void measure_a3(judging *j, explaint_attend_layer *l) {
    const xp_experiment *e = j->e;
    gather(j, XP_WHOLE, l->layer);
    l->whole = mean_with_interval(j, l->whole_ci);
    gather(j, XP_CONTENT, l->layer);
    const xp_null null = xp_null_of(e, j->value, XP_CONTENT, l->layer, 0, j->a->options.seed);
    l->p = null.p;
    l->content = mean_with_interval(j, l->content_ci);
    for (size_t t = 0; t < e->n_texts; t++) j->value[t] = xp_experiment_peers_mean(e, XP_CONTENT, l->layer, 0, t);
    l->null_mean = mean_with_interval(j, l->null_ci);
}

/* ---- outcomes of a layer ---- */

static const char *outcome_a1(const judging *j, const explaint_attend_layer *l) {
    const double asked = j->a->options.share;
    if (isnan(l->recovered)) return NOT_TESTABLE;
    if (l->recovered_ci[0] >= asked && l->recovered_ci[0] > l->shuffled_ci[1]) return HOLDS;
    if (l->recovered_ci[1] < asked) return j->enough_rows ? FAILS : UNDECIDED;
    return UNDECIDED;
}

/* Not above its null says little where the null is the same picture again: there position makes it, not tokens. */
static const char *outcome_a3(const explaint_attend_layer *l) {
    if (isnan(l->content) || isnan(l->p)) return NOT_TESTABLE;
    if ((l->p <= LEVEL && l->content - l->null_mean >= MARGIN) || l->null_ci[0] >= ALIKE) return FAILS;
    return HOLDS;
}

static const char *outcome_sink(const explaint_attend_layer *l) {
    if (isnan(l->whole)) return NOT_TESTABLE;
    const double content = isnan(l->content) ? 0 : l->content;
    if (l->whole_ci[0] >= VISIBLE && content <= IN_SPECIAL * l->whole) return HOLDS;
    return l->whole_ci[1] < VISIBLE || content > IN_SPECIAL * l->whole ? FAILS : UNDECIDED;
}

static void judge_layer(judging *j, explaint_attend_layer *l) {
    *l = (explaint_attend_layer){
        .layer = l->layer, .recovered = NAN, .recovered_ci = {NAN, NAN}, .shuffled = NAN, .shuffled_ci = {NAN, NAN}};
    measure_a1(j, l);
    measure_a3(j, l);
    l->a1 = outcome_a1(j, l);
    l->a3 = outcome_a3(l);
    l->sink = outcome_sink(l);
}

/* ---- words ---- */

/* "layers 1 to 3", "layer 4" */
static const char *layers_of(xp_attend *a, size_t first, size_t last) {
    return first == last ? xp_attend_keep(a, "layer %zu", first) : xp_attend_keep(a, "layers %zu to %zu", first, last);
}

typedef struct span { /* smallest and largest of a number over layers */
    double low, high;
} span;

static span span_of(const explaint_attend_layer *l, size_t n, size_t offset) {
    span s = {INFINITY, -INFINITY};
    for (size_t k = 0; k < n; k++) {
        const double value = *(const double *)(const void *)((const char *)&l[k] + offset);
        if (isnan(value)) continue;
        s.low = value < s.low ? value : s.low;
        s.high = value > s.high ? value : s.high;
    }
    return s;
}

static const char *say(xp_attend *a, int digits, span s) {
    if (s.low > s.high) return "not defined";
    const char *one = xp_attend_keep(a, "%.*f", digits, s.low), *other = xp_attend_keep(a, "%.*f", digits, s.high);
    return strcmp(one, other) == 0 ? one : xp_attend_keep(a, "%s to %s", one, other);
}

#define SAY(member) say(a, 2, span_of(l, n, offsetof(explaint_attend_layer, member)))

static const char *why_a0(judging *j) {
    const explaint_model_info *info = j->a->info;
    return xp_attend_keep(
        j->a,
        "The softmax was computed here in fp32 with all special tokens and %s, from weights stored as %s; "
        "rows add up to 1 within %.0e.",
        info->causal ? "behind the mask of a decoder" : "without a mask", info->dtype,
        j->worst_row > 0 ? j->worst_row : 1e-8);
}

static const char *why_a1(judging *j, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    if (isnan(l->recovered)) return "No linear map was fitted (--g linear).";
    return xp_attend_keep(a,
                          "A linear map fitted on other texts gives back %s of the rows (95 %% from %s); on shuffled "
                          "pairs %s; asked for is %.2f.",
                          SAY(recovered), SAY(recovered_ci[0]), SAY(shuffled), a->options.share);
}

static const char *why_a3(judging *j, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    if (strcmp(l->a3, NOT_TESTABLE) == 0)
        return "Without special tokens the maps have no variation, or there is no other text of this length.";
    return xp_attend_keep(
        a,
        "With permuted content the map without special tokens keeps r = %s, maps of other texts of %zu "
        "pieces have r = %s (p = %s); the limit is %.2f above theirs, with p of %.2f or less.",
        SAY(content), j->corpus->longest, SAY(null_mean), say(a, 3, span_of(l, n, offsetof(explaint_attend_layer, p))),
        MARGIN, LEVEL);
}

static const char *why_sink(judging *j, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    return xp_attend_keep(a, "With permuted content r = %s on whole maps, %s without special tokens.", SAY(whole),
                          SAY(content));
}

static const char *tokens_text(judging *j, const char *where, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    const bool a1 = strcmp(l->a1, HOLDS) == 0, a3 = strcmp(l->a3, HOLDS) == 0;
    if (a1 && a3)
        return xp_attend_keep(a,
                              "In %s rows stand for their tokens (a linear map gives back %s), and the picture depends "
                              "on which tokens they are (r = %s once they are permuted).",
                              where, SAY(recovered), SAY(content));
    if (strcmp(l->a1, FAILS) == 0)
        return xp_attend_keep(
            a,
            "In %s rows no longer stand for their tokens: a linear map gives back %s of them, and %.2f is asked for.",
            where, SAY(recovered), a->options.share);
    if (strcmp(l->a3, FAILS) == 0)
        return xp_attend_keep(a,
                              "In %s the picture does not depend on the tokens: with the tokens permuted the map keeps "
                              "r = %s, and other texts have r = %s.",
                              where, SAY(content), SAY(null_mean));
    if (strcmp(l->a3, NOT_TESTABLE) == 0)
        return xp_attend_keep(
            a, "In %s the maps have no variation between ordinary tokens, so that nothing can be read from them.",
            where);
    if (strcmp(l->a1, NOT_TESTABLE) == 0)
        return xp_attend_keep(
            a, "In %s it was not tested whether rows stand for their tokens: no linear map was fitted.", where);
    return xp_attend_keep(
        a, "In %s it is undecided whether rows stand for their tokens: a linear map gives back %s of them.", where,
        SAY(recovered));
}

/* ---- verdicts ---- */

static explaint_attend_assumption *assume(xp_attend *a, size_t n) {
    explaint_attend_assumption *list = xp_calloc(n, sizeof *list);
    if (list == NULL) a->failed = true;
    return list;
}

static explaint_attend_verdict *add_verdict(xp_attend *a, const char *claim, const explaint_attend_layer *l, size_t n) {
    explaint_attend_verdict *v = &a->verdicts[a->n_verdicts++];
    *v = (explaint_attend_verdict){.claim = claim, .layers = {l[0].layer, l[n - 1].layer}, .decided_by = ""};
    return v;
}

static void tokens_verdict(judging *j, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    explaint_attend_verdict *v = add_verdict(a, "tokens", l, n);
    explaint_attend_assumption *list = assume(a, 3);
    v->assumptions = list;
    v->n_assumptions = list != NULL ? 3 : 0;
    if (list == NULL) return;
    const bool exact = j->worst_row <= ROUNDING_OF_ROWS;
    list[0] =
        (explaint_attend_assumption){"A0", "the map is what the model computed", exact ? HOLDS : FAILS, why_a0(j)};
    list[1] = (explaint_attend_assumption){"A1", "rows stand for their tokens", l->a1, why_a1(j, l, n)};
    list[2] = (explaint_attend_assumption){"A3", "the picture depends on the tokens", l->a3, why_a3(j, l, n)};
    v->verdict = "supported";
    for (size_t k = 0; k < 3; k++) /* what fails decides, before what is open */
        if (strcmp(list[k].outcome, FAILS) == 0 && strcmp(v->verdict, "supported") == 0) {
            v->verdict = "not supported";
            v->decided_by = list[k].id;
        }
    for (size_t k = 0; k < 3; k++)
        if (strcmp(list[k].outcome, HOLDS) != 0 && strcmp(v->verdict, "supported") == 0) {
            v->verdict = "undecided";
            v->decided_by = list[k].id;
        }
    v->text = exact ? tokens_text(j, layers_of(a, v->layers[0], v->layers[1]), l, n)
                    : "Rows of the map do not add up to 1: it is not what the model computed.";
}

static void sink_verdict(judging *j, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    explaint_attend_verdict *v = add_verdict(a, "sink", l, n);
    explaint_attend_assumption *list = assume(a, 1);
    const char *where = layers_of(a, v->layers[0], v->layers[1]);
    v->assumptions = list;
    v->n_assumptions = list != NULL ? 1 : 0;
    if (list == NULL) return;
    list[0] = (explaint_attend_assumption){"sink", "what survives sits in special tokens", l->sink, why_sink(j, l, n)};
    v->decided_by = "sink";
    if (strcmp(l->sink, HOLDS) == 0) {
        v->verdict = "supported";
        v->text = xp_attend_keep(a,
                                 "In %s most of the picture is a sink, the columns of special tokens: with the tokens "
                                 "permuted the whole map keeps r = %s, without special tokens %s. Only what is left "
                                 "without them can be about the tokens.",
                                 where, SAY(whole), SAY(content));
    } else if (strcmp(l->sink, FAILS) == 0) {
        v->verdict = "not supported";
        v->text = xp_attend_keep(
            a, "In %s no sink: with the tokens permuted r = %s on whole maps, %s without special tokens.", where,
            SAY(whole), SAY(content));
    } else {
        v->verdict = "undecided";
        v->text = xp_attend_keep(a, "In %s it is undecided whether the map shows a sink (r = %s on whole maps).", where,
                                 SAY(whole));
    }
}

static bool same(const explaint_attend_layer *x, const explaint_attend_layer *y, bool sink) {
    if (x->layer + 1 != y->layer) return false;
    return sink ? strcmp(x->sink, y->sink) == 0 : strcmp(x->a1, y->a1) == 0 && strcmp(x->a3, y->a3) == 0;
}

static void verdicts(judging *j) {
    xp_attend *a = j->a;
    const size_t n = a->result.n_layers;
    for (int sink = 0; sink < 2; sink++)
        for (size_t first = 0, end; first < n; first = end) {
            for (end = first + 1; end < n && same(&a->layers[end - 1], &a->layers[end], sink);) end++;
            if (sink)
                sink_verdict(j, &a->layers[first], end - first);
            else
                tokens_verdict(j, &a->layers[first], end - first);
        }
}

static explaint_status create(judging *j, explaint_error *error) {
    const xp_corpus *c = j->corpus;
    const size_t n = c->n_texts;
    xp_attend *a = j->a;
    j->value = xp_alloc(n, sizeof *j->value);
    j->ones = xp_alloc(n, sizeof *j->ones);
    a->layers = xp_calloc(c->n_layers, sizeof *a->layers);
    a->verdicts = xp_calloc(2 * c->n_layers, sizeof *a->verdicts);
    if (j->value == NULL || j->ones == NULL || a->layers == NULL || a->verdicts == NULL ||
        !xp_bootstrap_create(&j->bootstrap, n, RESAMPLES, a->options.seed))
        return xp_no_memory(error, "the verdict");
    for (size_t t = 0; t < n; t++)
        j->worst_row = *j->e->text[t].farthest > j->worst_row ? *j->e->text[t].farthest : j->worst_row;
    return EXPLAINT_OK;
}

explaint_status xp_attention_judge(xp_attend *a, const xp_experiment *e, const xp_recovery *recovery,
                                   explaint_error *error) {
    judging j = {.a = a, .corpus = e->corpus, .e = e, .recovery = recovery};
    j.enough_rows = a->fit_texts.n_rows >= XP_FIT_ROWS;
    explaint_status status = create(&j, error);
    if (status == EXPLAINT_OK) {
        for (size_t layer = 1; layer <= e->n_layers; layer++) {
            if (!a->layer[layer]) continue;
            a->layers[a->result.n_layers].layer = layer;
            judge_layer(&j, &a->layers[a->result.n_layers++]);
        }
        verdicts(&j);
        if (a->failed) status = xp_no_memory(error, "the verdict");
    }
    xp_bootstrap_free(&j.bootstrap);
    xp_free(j.value);
    xp_free(j.ones);
    return status;
}

#include "attention/verdict.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "result/answer.h"
#include "result/relate_head.h"

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

static const char *why_a0(xp_judge *j) {
    const explaint_model_info *info = j->a->info;
    return xp_attend_keep(
        j->a,
        "The softmax was computed here in fp32 with all special tokens and %s, from weights stored as %s; "
        "rows add up to 1 within %.0e.",
        info->causal ? "behind the mask of a decoder" : "without a mask", info->dtype,
        j->worst_row > 0 ? j->worst_row : 1e-8);
}

static const char *why_a1(xp_judge *j, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    if (isnan(l->recovered)) return "No linear map was fitted (--g linear).";
    return xp_attend_keep(a,
                          "A linear map fitted on other texts gives back %s of the rows (95 %% from %s); on shuffled "
                          "pairs %s; asked for is %.2f.",
                          SAY(recovered), SAY(recovered_ci[0]), SAY(shuffled), a->options.share);
}

/* What attribution says of the same, where it was asked for: of the texts given, and it never decides. */
static const char *beside_a2(xp_attend *a, const explaint_attend_layer *l, size_t n) {
    span s = {INFINITY, -INFINITY};
    for (size_t i = 0; i < a->n_rows; i++) {
        const explaint_attend_row *row = &a->rows[i];
        if (row->text >= 0 || row->layer < (int)l[0].layer || row->layer > (int)l[n - 1].layer ||
            strcmp(row->measure, xp_units_flows[XP_FLOW_ATTRIBUTION_OWN_NOT_LARGEST]) != 0)
            continue;
        s.low = fmin(s.low, row->value);
        s.high = fmax(s.high, row->value);
    }
    if (s.low > s.high) return "";
    return xp_attend_keep(a, " By attribution, on the texts given, another token moves %s of the rows more.",
                          say(a, 2, s));
}

static const char *why_a2(xp_judge *j, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    if (strcmp(l->a2, XP_NOT_TESTABLE) == 0) return "There are no rows of ordinary tokens.";
    const bool holds = strcmp(l->a2, XP_HOLDS) == 0;
    return xp_attend_keep(
        a,
        "By ALTI over layers the own token gives most to %s of the rows (95 %% %s %s), special tokens "
        "left out; asked for is %.2f.%s",
        SAY(own_largest), holds ? "from" : "up to", holds ? SAY(own_largest_ci[0]) : SAY(own_largest_ci[1]),
        xp_judge_half, beside_a2(a, l, n));
}

/* Layers in which A3 fails because other texts have the same picture, and not because it survives. */
static size_t with_same_picture(const explaint_attend_layer *l, size_t n) {
    size_t count = 0;
    for (size_t k = 0; k < n; k++) count += xp_judge_same_picture(&l[k]);
    return count;
}

static const char *why_a3(xp_judge *j, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    const size_t same_picture = with_same_picture(l, n);
    if (strcmp(l->a3, XP_NOT_TESTABLE) == 0) return "Without special tokens the maps have no variation.";
    if (strcmp(l->a3, XP_UNDECIDED) == 0)
        return xp_attend_keep(
            a,
            "%zu of the %zu texts that decide have fewer than %d others that share less than two thirds "
            "of their %ss with them and with each other.",
            j->n_alike, j->of->maps->n_texts, XP_JUDGE_PEERS, xp_level_names[a->read.level]);
    if (same_picture == n)
        return xp_attend_keep(
            a,
            "Maps of other texts of %zu %ss are the same picture without special tokens: they have r = %s (95 %% from "
            "%s), and it fails from %.2f on.",
            j->of->maps->corpus->most_sides, xp_level_names[a->read.level], SAY(null_mean), SAY(null_ci[0]),
            xp_judge_same);
    return xp_attend_keep(
        a,
        "With permuted content the map without special tokens keeps r = %s, maps of other texts of %zu "
        "%ss have r = %s (p = %s); it fails where its lower bound is %.2f above theirs and p at most %.2f%s.",
        SAY(content), j->of->maps->corpus->most_sides, xp_level_names[a->read.level], SAY(null_mean),
        say(a, 3, span_of(l, n, offsetof(explaint_attend_layer, p))), xp_judge_margin, xp_judge_level,
        same_picture == 0
            ? ""
            : xp_attend_keep(a, ", or where the lower bound of theirs is %.2f: the same picture", xp_judge_same));
}

static const char *why_sink(xp_judge *j, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    return xp_attend_keep(a, "With permuted content r = %s on whole maps, %s without special tokens.", SAY(whole),
                          SAY(content));
}

static const char *tokens_text(xp_judge *j, const char *where, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    const bool a1 = strcmp(l->a1, XP_HOLDS) == 0, a2 = strcmp(l->a2, XP_HOLDS) == 0, a3 = strcmp(l->a3, XP_HOLDS) == 0;
    if (a1 && a2 && a3)
        return xp_attend_keep(
            a,
            "In %s rows stand for their tokens (a linear map gives back %s) and come mostly from them "
            "(%s), and the picture depends on which tokens they are (r = %s once they are permuted).",
            where, SAY(recovered), SAY(own_largest), SAY(content));
    if (strcmp(l->a1, XP_FAILS) == 0)
        return xp_attend_keep(
            a,
            "In %s rows no longer stand for their tokens: a linear map gives back %s of them, and %.2f is asked for.",
            where, SAY(recovered), a->options.share);
    if (strcmp(l->a2, XP_FAILS) == 0)
        return xp_attend_keep(a,
                              "In %s rows come mostly from other tokens than their own, which gives most to %s of them "
                              "(ALTI over layers); %.2f is asked for.",
                              where, SAY(own_largest), xp_judge_half);
    if (strcmp(l->a3, XP_FAILS) == 0 && with_same_picture(l, n) == n)
        return xp_attend_keep(a,
                              "In %s the picture does not depend on the tokens: maps of other texts are the same "
                              "picture (r = %s).",
                              where, SAY(null_mean));
    if (strcmp(l->a3, XP_FAILS) == 0)
        return xp_attend_keep(a,
                              "In %s the picture does not depend on the tokens: with the tokens permuted the map keeps "
                              "r = %s, and other texts have r = %s.",
                              where, SAY(content), SAY(null_mean));
    if (a1 && a2 && strcmp(l->a3, XP_UNDECIDED) == 0)
        return xp_attend_keep(a,
                              "In %s it is undecided whether the picture depends on the tokens: the texts that decide "
                              "are too much alike to be compared.",
                              where);
    if (strcmp(l->a3, XP_NOT_TESTABLE) == 0)
        return xp_attend_keep(
            a, "In %s the maps have no variation between ordinary tokens, so that nothing can be read from them.",
            where);
    if (strcmp(l->a1, XP_NOT_TESTABLE) == 0)
        return xp_attend_keep(
            a, "In %s it was not tested whether rows stand for their tokens: no linear map was fitted.", where);
    if (a1)
        return xp_attend_keep(
            a, "In %s it is undecided whether rows come mostly from their tokens: these give most to %s of them.",
            where, SAY(own_largest));
    return xp_attend_keep(
        a, "In %s it is undecided whether rows stand for their tokens: a linear map gives back %s of them.", where,
        SAY(recovered));
}

/* ---- verdicts ---- */

/* With room for its assumptions; NULL: no memory. */
static explaint_attend_verdict *add_verdict(xp_attend *a, const char *claim, const explaint_attend_layer *l, size_t n,
                                            size_t n_assumptions, explaint_attend_assumption **list) {
    explaint_attend_verdict *v = &a->verdicts[a->n_verdicts++];
    *list = xp_calloc(n_assumptions, sizeof **list);
    if (*list == NULL) a->failed = true;
    *v = (explaint_attend_verdict){.claim = claim,
                                   .layers = {l[0].layer, l[n - 1].layer},
                                   .decided_by = "",
                                   .assumptions = *list,
                                   .n_assumptions = *list != NULL ? n_assumptions : 0};
    return *list != NULL ? v : NULL;
}

/* What fails decides, before what is open; of the first n. */
static void decide(explaint_attend_verdict *v, size_t n) {
    const char *open = NULL, *failed = NULL;
    for (size_t k = 0; k < n; k++) {
        const explaint_attend_assumption *one = &v->assumptions[k];
        const bool holds = strcmp(one->outcome, XP_HOLDS) == 0, fails = strcmp(one->outcome, XP_FAILS) == 0;
        if (fails && failed == NULL) failed = one->id;
        if (!holds && !fails && open == NULL) open = one->id;
    }
    v->verdict = failed != NULL ? "not supported" : open != NULL ? "undecided" : "supported";
    v->decided_by = failed != NULL ? failed : open != NULL ? open : "";
}

enum { OF_TOKENS = 4 };

static void assume_tokens(xp_judge *j, const explaint_attend_layer *l, size_t n, explaint_attend_assumption *list) {
    list[0] =
        (explaint_attend_assumption){"A0", "the map is what the model computed", xp_judge_exactness(j), why_a0(j)};
    list[1] = (explaint_attend_assumption){"A1", "rows stand for their tokens", l->a1, why_a1(j, l, n)};
    list[2] = (explaint_attend_assumption){"A2", "rows come mostly from their tokens", l->a2, why_a2(j, l, n)};
    list[3] = (explaint_attend_assumption){"A3", "the picture depends on the tokens", l->a3, why_a3(j, l, n)};
}

static void tokens_verdict(xp_judge *j, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    explaint_attend_assumption *list;
    explaint_attend_verdict *v = add_verdict(a, "tokens", l, n, OF_TOKENS, &list);
    if (v == NULL) return;
    assume_tokens(j, l, n, list);
    decide(v, OF_TOKENS);
    v->text = strcmp(list[0].outcome, XP_HOLDS) == 0
                  ? tokens_text(j, layers_of(a, v->layers[0], v->layers[1]), l, n)
                  : "Rows of the map do not add up to 1: it is not what the model computed.";
}

static explaint_attend_assumption assume_sink(xp_judge *j, const explaint_attend_layer *l, size_t n) {
    return (explaint_attend_assumption){"sink", "what survives sits in special tokens", l->sink, why_sink(j, l, n)};
}

static void sink_verdict(xp_judge *j, const explaint_attend_layer *l, size_t n) {
    xp_attend *a = j->a;
    explaint_attend_assumption *list;
    explaint_attend_verdict *v = add_verdict(a, "sink", l, n, 1, &list);
    if (v == NULL) return;
    const char *where = layers_of(a, v->layers[0], v->layers[1]);
    list[0] = assume_sink(j, l, n);
    v->decided_by = "sink";
    if (strcmp(l->sink, XP_HOLDS) == 0) {
        v->verdict = "supported";
        v->text = xp_attend_keep(a,
                                 "In %s most of the picture is a sink, the columns of special tokens: with the tokens "
                                 "permuted the whole map keeps r = %s, without special tokens %s. Only what is left "
                                 "without them can be about the tokens.",
                                 where, SAY(whole), SAY(content));
    } else if (strcmp(l->sink, XP_FAILS) == 0) {
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

/* ---- a head ---- */

/* What was found of it, by who asked about pairs of words; NULL: nobody did. */
static const explaint_relate_head *related(const xp_attend *a) {
    return a->options.relation != NULL ? xp_relate_head_find(a->options.relation->result, a->head_layer, a->head)
                                       : NULL;
}

static const char *outcome_a4(const explaint_relate_head *h) {
    if (h == NULL) return XP_NOT_TESTABLE;
    return strcmp(h->outcome, XP_HOLDS) == 0 ? XP_HOLDS : strcmp(h->outcome, XP_FAILS) == 0 ? XP_FAILS : XP_UNDECIDED;
}

static const char *why_a4(xp_attend *a, const explaint_relate_head *h) {
    if (h == NULL)
        return xp_attend_keep(a,
                              "explaint relate --heads %zu.%zu asks it, of pairs of words beside counterfactual ones; "
                              "--relate takes its result.",
                              a->head_layer, a->head);
    const explaint_relation *r = a->options.relation;
    return xp_attend_keep(
        a, "By %s, of %zu pairs with %zu right words: AUC %s against the worst set (%s), p = %s, adjusted %s.",
        r->place, r->result->n_pairs, r->result->n_groups, say(a, 3, (span){h->auc, h->auc}),
        h->decided_by != NULL ? h->decided_by : "none stands out", say(a, 4, (span){h->p, h->p}),
        say(a, 4, (span){h->p_adjusted, h->p_adjusted}));
}

/* Of a head whose rows are their tokens and whose map depends on them. */
static const char *head_relation(xp_attend *a) {
    const char *outcome = outcome_a4(related(a));
    const char *place = a->options.relation != NULL ? a->options.relation->place : "";
    if (strcmp(outcome, XP_HOLDS) == 0)
        return xp_attend_keep(a, "it tells true partners from others (A4, by %s)", place);
    if (strcmp(outcome, XP_FAILS) == 0)
        return xp_attend_keep(a, "it does not tell true partners from others (A4, by %s)", place);
    if (strcmp(outcome, XP_UNDECIDED) == 0)
        return xp_attend_keep(a, "whether it tells true partners from others is undecided (A4, by %s)", place);
    return "whether it shows a relation of tokens was not tested (A4)";
}

/* What may be said of its map without special tokens; l: a single one. */
static const char *head_content(xp_judge *j, const explaint_attend_verdict *v, const explaint_attend_layer *l) {
    enum { n = 1 };
    xp_attend *a = j->a;
    const bool no = strcmp(v->verdict, "not supported") == 0;
    if (strcmp(v->decided_by, "A0") == 0) return "it is not what the model computed";
    if (strcmp(v->decided_by, "A1") == 0)
        return strcmp(l->a1, XP_NOT_TESTABLE) == 0
                   ? "no linear map was fitted to tell whether rows stand for their tokens"
                   : xp_attend_keep(
                         a,
                         no ? "rows of this layer no longer stand for their tokens (a linear map gives back %s)"
                            : "it is undecided whether rows of this layer stand for their tokens (a linear map gives "
                              "back %s)",
                         SAY(recovered));
    if (strcmp(v->decided_by, "A2") == 0)
        return xp_attend_keep(
            a,
            no ? "rows of this layer come mostly from other tokens (their own gives most to %s)"
               : "it is undecided whether rows of this layer come mostly from their tokens (these give most to %s)",
            SAY(own_largest));
    if (strcmp(v->decided_by, "A3") == 0)
        return no && with_same_picture(l, n) > 0
                   ? xp_attend_keep(
                         a, "it does not depend on the tokens (maps of other texts are the same picture, r = %s)",
                         SAY(null_mean))
               : no ? xp_attend_keep(
                          a, "it does not depend on the tokens (r = %s once they are permuted, of other texts %s)",
                          SAY(content), SAY(null_mean))
               : strcmp(l->a3, XP_UNDECIDED) == 0 ? "it is undecided whether it depends on the tokens, because the "
                                                    "texts that decide are too much alike"
                                                  : "it has no variation, so that nothing can be read from it";
    return xp_attend_keep(
        a, "each row is its token and the map depends on which they are (r = %s once they are permuted); %s",
        SAY(content), head_relation(a));
}

static const char *head_whole(xp_judge *j, const explaint_attend_layer *l) {
    enum { n = 1 };
    xp_attend *a = j->a;
    if (isnan(l->whole)) return "it has no variation";
    return xp_attend_keep(a, "%s (r = %s)",
                          strcmp(l->sink, XP_HOLDS) == 0       ? "a sink, the columns of special tokens"
                          : strcmp(l->sink, XP_UNDECIDED) == 0 ? "perhaps a sink"
                                                               : "no sink",
                          SAY(whole));
}

/* One verdict on its map, without special tokens and whole. That it shows a relation (A4) is what `relate` tests: its result is taken over. */
static void head_verdict(xp_judge *j) {
    xp_attend *a = j->a;
    explaint_attend_layer l;
    explaint_attend_assumption *list;
    xp_judge_map(j, a->head_layer, 1, &l);
    a->about = (explaint_attend_head){.layer = a->head_layer,
                                      .head = a->head,
                                      .a3 = l.a3,
                                      .a4 = outcome_a4(related(a)),
                                      .sink = l.sink,
                                      .whole = l.whole,
                                      .whole_ci = {l.whole_ci[0], l.whole_ci[1]},
                                      .content = l.content,
                                      .content_ci = {l.content_ci[0], l.content_ci[1]},
                                      .null_mean = l.null_mean,
                                      .null_ci = {l.null_ci[0], l.null_ci[1]},
                                      .p = l.p};
    a->result.n_heads = 1;
    explaint_attend_verdict *v = add_verdict(a, "head", &l, 1, OF_TOKENS + 2, &list);
    if (v == NULL) return;
    v->head = a->head;
    assume_tokens(j, &l, 1, list);
    list[OF_TOKENS] =
        (explaint_attend_assumption){"A4", "it shows a relation of tokens", a->about.a4, why_a4(a, related(a))};
    list[OF_TOKENS + 1] = assume_sink(j, &l, 1);
    decide(v, OF_TOKENS + 1);
    v->text = xp_attend_keep(a, "Head %zu.%zu without special tokens: %s; the whole picture: %s.", a->head_layer,
                             a->head, head_content(j, v, &l), head_whole(j, &l));
}

/* ---- all of it ---- */

static bool same(const explaint_attend_layer *x, const explaint_attend_layer *y, bool sink) {
    if (x->layer + 1 != y->layer) return false;
    return sink ? strcmp(x->sink, y->sink) == 0
                : strcmp(x->a1, y->a1) == 0 && strcmp(x->a2, y->a2) == 0 && strcmp(x->a3, y->a3) == 0;
}

static void verdicts(xp_judge *j) {
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

static void say_whose(xp_attend *a) {
    xp_text whose = {0};
    xp_answer_attend_whose(&whose, &a->result);
    for (size_t i = 0; whose.length > 0 && i < a->n_verdicts; i++)
        a->verdicts[i].text = xp_attend_keep(a, "%s%s", a->verdicts[i].text, whose.data);
    a->failed = a->failed || whose.failed;
    xp_text_free(&whose);
}

explaint_status xp_attention_judge(xp_attend *a, const xp_evidence *of, explaint_error *error) {
    xp_judge j = {0};
    explaint_status status = xp_judge_create(&j, a, of, error);
    a->layers = xp_calloc(of->maps->n_layers, sizeof *a->layers);
    a->verdicts = xp_calloc(2 * of->maps->n_layers + 1, sizeof *a->verdicts);
    if (status == EXPLAINT_OK && (a->layers == NULL || a->verdicts == NULL))
        status = xp_no_memory(error, "the verdict");
    for (size_t layer = 1; status == EXPLAINT_OK && layer <= of->maps->n_layers; layer++)
        if (a->layer[layer]) xp_judge_map(&j, layer, 0, &a->layers[a->result.n_layers++]);
    if (status == EXPLAINT_OK && !j.comparable)
        xp_attend_lint(a, "alike-texts", "warning",
                       xp_attend_keep(a,
                                      "the texts that decide resemble each other (two thirds of their %ss are the "
                                      "same, or more), so that their maps are alike "
                                      "whatever makes them, and A3 is undecided: give 30 texts or more that differ",
                                      xp_level_names[a->read.level]));
    if (status == EXPLAINT_OK) verdicts(&j);
    if (status == EXPLAINT_OK && a->head > 0) head_verdict(&j);
    if (status == EXPLAINT_OK) say_whose(a);
    if (status == EXPLAINT_OK && a->failed) status = xp_no_memory(error, "the verdict");
    xp_judge_free(&j);
    return status;
}

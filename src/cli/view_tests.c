/* Tests, grouped by the claim that rests on them: each assumption with its numbers. */
#include <math.h>
#include <string.h>

#include "view.h"

enum {
    ID = 11,
    R = 6,
    GAIN = 8,
    INTERVAL = 14,
    P = 8,
    ASKED = 7,
    DETECTS = 8,
    PEER = 13,
    OUTCOME = 12,
    TABLE = 80,
    WIDE = 118
};
enum { NUMBERS = R + GAIN + INTERVAL + P + ASKED + DETECTS };

static void sign_and_name(const term *t, const explaint_assumption *a) {
    term_spaces(t, 2);
    term_begin(t, view_outcome_style(a->outcome));
    fputs(view_outcome_sign(t, a->outcome), t->out);
    term_end(t, view_outcome_style(a->outcome));
    term_spaces(t, 1);
    term_field_in(t, STRONG, a->id, ID);
}

static void end_with_outcome(const term *t, const char *outcome) {
    term_put_in(t, view_outcome_style(outcome), outcome);
    fputc('\n', t->out);
}

static bool testable(const explaint_assumption *a) { return !view_is(a->outcome, "not testable"); }

/* What is assumed; of a comparison that the outcome calls better or worse the rest of the sentence; and why it is not testable. */
static void words_of(const explaint_assumption *a, char *text, size_t size) {
    static const char better[] = "better ";
    const char *words = a->text != NULL ? a->text : "";
    if (strncmp(words, better, strlen(better)) == 0) words += strlen(better);
    const bool why = !testable(a) && a->why != NULL && a->why[0] != 0;
    snprintf(text, size, "%s%s%s", words, why ? ": " : "", why ? a->why : "");
}

/* What a test would have found says nothing where it found something. */
static double detects(const explaint_assumption *a) {
    return view_is(a->outcome, "fails") || view_is(a->outcome, "undecided") ? a->mde : NAN;
}

/* W's p says whether there is a spelling to be beaten, and nothing of its gain: the reason has it. */
static double p_of_gain(const explaint_assumption *a) { return view_is(a->id, "W") ? NAN : a->p; }

/* The numbers of a test in their columns. */
static void columns(const term *t, const explaint_assumption *a, bool peer) {
    char text[136] = "";
    term_field(t, a->statistic != NULL ? view_number(a->observed, 3, false).text : "", -R);
    term_field(t, view_number(a->gain, 3, true).text, -GAIN);
    term_field_in(t, FAINT, view_interval(a->ci, true).text, -INTERVAL);
    term_field(t, view_number(p_of_gain(a), 4, false).text, -P);
    term_begin(t, FAINT);
    term_field(t, view_level(a->level).text, -ASKED);
    term_field(t, view_number(detects(a), 3, false).text, -DETECTS);
    if (!isnan(a->peer_gain))
        snprintf(text, sizeof text, "%s %s", view_number(a->peer_gain, 3, true).text,
                 view_number(a->peer_p, 4, false).text);
    if (peer) term_field(t, text, -PEER);
    term_end(t, FAINT);
    term_spaces(t, 2);
}

/* From WIDE columns on, one line per test. */
static void wide(const term *t, const explaint_verdict *v, const explaint_assumption *a) {
    char text[1024];
    const int at = 4 + ID + NUMBERS + PEER + 2 + OUTCOME + 1;
    sign_and_name(t, a);
    columns(t, a, true);
    const char *outcome = view_outcome(v, a);
    term_field_in(t, view_outcome_style(outcome), outcome, OUTCOME);
    term_spaces(t, 1);
    words_of(a, text, sizeof text);
    term_wrap(t, text, at, at);
}

/* From TABLE columns on, the same columns, and what is assumed under them. */
static void table(const term *t, const explaint_verdict *v, const explaint_assumption *a) {
    char text[1024];
    sign_and_name(t, a);
    if (testable(a))
        columns(t, a, false);
    else
        term_spaces(t, NUMBERS + 2);
    end_with_outcome(t, view_outcome(v, a));
    if (view_is(a->id, "information")) return; /* the verdict above: its name says it */
    words_of(a, text, sizeof text);
    term_block_in(t, FAINT, text, 4);
}

static void numbers(const explaint_assumption *a, char *text, size_t size) {
    text[0] = 0;
    if (a->statistic != NULL) view_add(text, size, "r %s, ", view_number(a->observed, 3, false).text);
    if (!isnan(a->gain)) view_add(text, size, "gain %s", view_number(a->gain, 3, true).text);
    if (!isnan(a->ci[0]))
        view_add(text, size, " (%s to %s)", view_number(a->ci[0], 3, true).text, view_number(a->ci[1], 3, true).text);
    if (!isnan(p_of_gain(a))) view_add(text, size, ", p %s", view_number(a->p, 4, false).text);
    if (!isnan(a->level)) view_add(text, size, " where %s is asked", view_level(a->level).text);
    if (!isnan(detects(a))) view_add(text, size, ", detects %s", view_number(a->mde, 3, false).text);
    if (isnan(a->peer_gain)) return;
    view_add(text, size, "; kNN %s", view_number(a->peer_gain, 3, true).text);
    if (!isnan(a->peer_p)) view_add(text, size, ", p %s", view_number(a->peer_p, 4, false).text);
}

static void narrow(const term *t, const explaint_verdict *v, const explaint_assumption *a) {
    char text[1024];
    sign_and_name(t, a);
    fputc(' ', t->out); /* the longest name fills its field */
    end_with_outcome(t, view_outcome(v, a));
    words_of(a, text, sizeof text);
    term_block_in(t, FAINT, text, 4);
    numbers(a, text, sizeof text);
    if (text[0] == 0 || !testable(a)) return;
    term_block_in(t, PLAIN, text, 4);
}

/* Of the tests of vectors r, and p that is asked; of scores the columns that they have. */
static void heads(const term *t, bool of_vectors) {
    term_begin(t, FAINT);
    term_spaces(t, 4 + ID);
    term_field(t, of_vectors ? "r" : "", -R);
    term_field(t, "gain", -GAIN);
    term_field(t, "95 % interval", -INTERVAL);
    term_field(t, "p", -P);
    term_field(t, of_vectors ? "asked" : "", -ASKED);
    term_field(t, "detects", -DETECTS);
    if (t->width >= WIDE && of_vectors) term_field(t, "kNN, its p", -PEER);
    term_end(t, FAINT);
    fputc('\n', t->out);
}

/* "E1 +.169, E2 +.039": what the tested relation is worth in scores of the mapping. */
static void sizes(const explaint_verdict *v, const term *t) {
    char text[512] = "";
    for (size_t i = 0; i < v->n_assumptions; i++) {
        const explaint_assumption *a = &v->assumptions[i];
        if (a->effect_metric == NULL || strlen(text) + 64 > sizeof text) continue;
        const bool first = text[0] == 0;
        if (first)
            snprintf(text, sizeof text, "in scores, by %zu refits on permuted rows, %s gains:", a->effect_refits,
                     view_metric_name(a->effect_metric));
        view_add(text, sizeof text, "%s %s %s", first ? "" : ",", a->id, view_number(a->effect, 3, true).text);
    }
    if (text[0] == 0) return;
    term_block_in(t, FAINT, text, 4);
}

static void of_claim(const explaint_verdict *v, size_t permutations, const term *t) {
    const bool mapping = view_is(v->claim, "mapping");
    view_title(t, mapping ? "Tests of the mapping" : "Tests of information");
    if (mapping && v->metric != NULL)
        term_putf(t, ", in %s", view_metric_name(v->metric));
    else if (permutations > 0)
        term_putf(t, ", %zu permutations", permutations);
    fputc('\n', t->out);
    if (t->width >= TABLE) heads(t, !mapping);
    for (size_t i = 0; i < v->n_assumptions; i++) {
        if (t->width >= WIDE)
            wide(t, v, &v->assumptions[i]);
        else if (t->width >= TABLE)
            table(t, v, &v->assumptions[i]);
        else
            narrow(t, v, &v->assumptions[i]);
    }
    sizes(v, t);
}

void view_tests(const explaint_result *result, const term *t) {
    for (size_t v = 0; v < result->n_verdicts; v++) {
        const explaint_verdict *verdict = &result->verdicts[v];
        size_t permutations = 0;
        for (size_t i = 0; i < verdict->n_assumptions; i++)
            if (verdict->assumptions[i].permutations > permutations)
                permutations = verdict->assumptions[i].permutations;
        of_claim(verdict, permutations, t);
    }
}

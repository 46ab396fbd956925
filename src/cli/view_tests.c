/* Tests and verdicts: each assumption with its numbers, then each claim in a sentence. */
#include <math.h>
#include <string.h>

#include "view.h"

enum { ID = 11, R = 5, GAIN = 7, INTERVAL = 12, P = 7, DETECTS = 8, PEER = 12, OUTCOME = 12, TABLE = 80, WIDE = 112 };
enum { NUMBERS = R + GAIN + INTERVAL + P + DETECTS + PEER };

static term_style outcome_style(const char *outcome) {
    if (strcmp(outcome, "holds") == 0 || strcmp(outcome, "supported") == 0) return GOOD;
    if (strcmp(outcome, "fails") == 0 || strcmp(outcome, "not supported") == 0) return BAD;
    return strcmp(outcome, "undecided") == 0 ? OPEN : FAINT;
}

static const char *outcome_sign(const term *t, const char *outcome) {
    switch (outcome_style(outcome)) {
    case GOOD: return term_sign(t, "✓", "+");
    case BAD: return term_sign(t, "✗", "x");
    case OPEN: return "?";
    default: return term_sign(t, "–", "-");
    }
}

static void outcome(const term *t, const char *text, int width) {
    term_style style = outcome_style(text);
    term_begin(t, style);
    if (width > 0)
        term_field(t, text, width);
    else
        term_put(t, text);
    term_end(t, style);
}

static void sign_and_name(const term *t, const explaint_assumption *a) {
    term_style style = outcome_style(a->outcome);
    term_spaces(t, 2);
    term_begin(t, style);
    fputs(outcome_sign(t, a->outcome), t->out);
    term_end(t, style);
    term_spaces(t, 1);
    term_begin(t, STRONG);
    term_field(t, a->id, ID);
    term_end(t, STRONG);
}

static bool testable(const explaint_assumption *a) { return strcmp(a->outcome, "not testable") != 0; }

/* The numbers of a test in their columns. */
static void columns(const term *t, const explaint_assumption *a) {
    char number[32], low[32], high[32], text[96] = "";
    term_field(t, a->statistic != NULL ? view_number(a->observed, 3, false, number) : "", -R);
    term_field(t, view_number(a->gain, 3, true, number), -GAIN);
    if (!isnan(a->ci[0]))
        snprintf(text, sizeof text, "%s %s", view_number(a->ci[0], 3, true, low), view_number(a->ci[1], 3, true, high));
    term_begin(t, FAINT);
    term_field(t, text, -INTERVAL);
    term_end(t, FAINT);
    term_field(t, view_number(a->p, 4, false, number), -P);
    term_begin(t, FAINT);
    term_field(t, view_number(a->mde, 3, false, number), -DETECTS);
    text[0] = 0;
    if (!isnan(a->peer_gain))
        snprintf(text, sizeof text, "%s %s", view_number(a->peer_gain, 3, true, low),
                 view_number(a->peer_p, 4, false, high));
    term_field(t, text, -PEER);
    term_end(t, FAINT);
    term_spaces(t, 2);
}

/* From WIDE columns on, one line per test. */
static void wide(const term *t, const explaint_assumption *a) {
    sign_and_name(t, a);
    columns(t, a);
    outcome(t, a->outcome, OUTCOME);
    term_spaces(t, 1);
    int at = 4 + ID + NUMBERS + 2 + OUTCOME + 1;
    bool why = !testable(a) && a->why != NULL && a->why[0] != 0;
    char text[1024];
    snprintf(text, sizeof text, "%s%s%s", a->text, why ? ": " : "", why ? a->why : "");
    term_wrap(t, text, at, at);
}

/* From TABLE columns on, the same columns, and what is assumed under them. */
static void table(const term *t, const explaint_assumption *a) {
    sign_and_name(t, a);
    if (testable(a)) {
        columns(t, a);
        outcome(t, a->outcome, 0);
        fputc('\n', t->out);
        term_spaces(t, 4);
        term_begin(t, FAINT);
        term_wrap(t, a->text, 4, 4);
        term_end(t, FAINT);
        return;
    }
    term_spaces(t, NUMBERS + 2);
    outcome(t, a->outcome, 0);
    fputc('\n', t->out);
    term_spaces(t, 4);
    term_begin(t, FAINT);
    char text[1024];
    bool why = a->why != NULL && a->why[0] != 0;
    snprintf(text, sizeof text, "%s%s%s", a->text, why ? ": " : "", why ? a->why : "");
    term_wrap(t, text, 4, 4);
    term_end(t, FAINT);
}

static void numbers(const explaint_assumption *a, char *text, size_t size) {
    char b1[32], b2[32];
    size_t at = 0;
    text[0] = 0;
#define ADD(...) at += (size_t)snprintf(text + at, at < size ? size - at : 0, __VA_ARGS__)
    if (a->statistic != NULL) ADD("r %s, ", view_number(a->observed, 3, false, b1));
    if (!isnan(a->gain)) ADD("gain %s", view_number(a->gain, 3, true, b1));
    if (!isnan(a->ci[0])) ADD(" (%s to %s)", view_number(a->ci[0], 3, true, b1), view_number(a->ci[1], 3, true, b2));
    if (!isnan(a->p)) ADD(", p %s", view_number(a->p, 4, false, b1));
    if (!isnan(a->mde)) ADD(", detects %s", view_number(a->mde, 3, false, b1));
    if (!isnan(a->peer_gain)) {
        ADD("; kNN %s", view_number(a->peer_gain, 3, true, b1));
        if (!isnan(a->peer_p)) ADD(", p %s", view_number(a->peer_p, 4, false, b1));
    }
#undef ADD
}

static void narrow(const term *t, const explaint_assumption *a) {
    char text[512];
    sign_and_name(t, a);
    fputc(' ', t->out); /* the longest name fills its field */
    outcome(t, a->outcome, 0);
    fputc('\n', t->out);
    term_spaces(t, 4);
    term_begin(t, FAINT);
    term_wrap(t, a->text, 4, 4);
    term_end(t, FAINT);
    if (testable(a))
        numbers(a, text, sizeof text);
    else
        snprintf(text, sizeof text, "%s", a->why != NULL ? a->why : "");
    if (text[0] == 0) return;
    term_spaces(t, 4);
    term_wrap(t, text, 4, 4);
}

static void heads(const term *t) {
    term_begin(t, FAINT);
    term_spaces(t, 4 + ID);
    term_field(t, "r", -R);
    term_field(t, "gain", -GAIN);
    term_field(t, "interval", -INTERVAL);
    term_field(t, "p", -P);
    term_field(t, "detects", -DETECTS);
    term_field(t, "kNN, its p", -PEER);
    term_end(t, FAINT);
    fputc('\n', t->out);
}

/* "E1 +.169, E2 +.039": what the tested relation is worth in scores of the mapping. */
static void sizes(const explaint_result *result, const term *t) {
    char text[512] = "", number[32];
    size_t at = 0;
    for (size_t v = 0; v < result->n_verdicts; v++)
        for (size_t i = 0; i < result->verdicts[v].n_assumptions; i++) {
            const explaint_assumption *a = &result->verdicts[v].assumptions[i];
            if (a->effect_metric == NULL || at + 64 > sizeof text) continue;
            if (at == 0)
                at = (size_t)snprintf(text, sizeof text, "size, as %s gained over %zu refits on permuted rows:",
                                      view_metric_name(a->effect_metric), a->effect_refits);
            at += (size_t)snprintf(text + at, sizeof text - at, "%s %s %s", text[at - 1] == ':' ? "" : ",", a->id,
                                   view_number(a->effect, 3, true, number));
        }
    if (at == 0) return;
    term_spaces(t, 4);
    term_begin(t, FAINT);
    term_wrap(t, text, 4, 4);
    term_end(t, FAINT);
}

void view_tests(const explaint_result *result, const term *t) {
    size_t permutations = 0, n = 0;
    for (size_t v = 0; v < result->n_verdicts; v++) {
        for (size_t i = 0; i < result->verdicts[v].n_assumptions; i++, n++)
            if (result->verdicts[v].assumptions[i].permutations > permutations)
                permutations = result->verdicts[v].assumptions[i].permutations;
    }
    if (n == 0) return;
    view_heading(t, "Tests");
    if (permutations > 0) term_putf(t, ", %zu permutations", permutations);
    fputc('\n', t->out);
    if (t->width >= TABLE) heads(t);
    for (size_t v = 0; v < result->n_verdicts; v++) {
        for (size_t i = 0; i < result->verdicts[v].n_assumptions; i++) {
            const explaint_assumption *a = &result->verdicts[v].assumptions[i];
            if (t->width >= WIDE)
                wide(t, a);
            else if (t->width >= TABLE)
                table(t, a);
            else
                narrow(t, a);
        }
    }
    sizes(result, t);
}

void view_verdicts(const explaint_result *result, const term *t) {
    if (result->n_verdicts == 0) return;
    view_heading(t, result->n_verdicts == 1 ? "Verdict" : "Verdicts");
    fputc('\n', t->out);
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const explaint_verdict *v = &result->verdicts[i];
        term_style style = outcome_style(v->verdict);
        term_spaces(t, 2);
        term_begin(t, style);
        fputs(outcome_sign(t, v->verdict), t->out);
        term_putf(t, " %s: %s", v->claim, v->verdict);
        term_end(t, style);
        if (v->decided_by != NULL && v->decided_by[0] != 0) {
            term_begin(t, FAINT);
            term_putf(t, " (decided by %s)", v->decided_by);
            term_end(t, FAINT);
        }
        fputc('\n', t->out);
        term_spaces(t, 4);
        term_wrap(t, v->text, 4, 4);
    }
}

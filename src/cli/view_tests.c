/* Tests and verdicts: each assumption with its numbers, then each claim in a sentence. */
#include <math.h>
#include <string.h>

#include "view.h"

enum { ONE_LINE = 104 }; /* from this width on a test fits on one line */

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
    term_field(t, text, width);
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
    term_field(t, a->id, 11);
    term_end(t, STRONG);
}

static void p_value(const explaint_assumption *a, char *text, size_t size) {
    char p[32], error[32];
    text[0] = 0;
    if (isnan(a->p)) return;
    view_number(a->p, 3, false, p);
    if (isnan(a->p_error))
        snprintf(text, size, "%s", p);
    else
        snprintf(text, size, "%s ±%s", p, view_number(a->p_error, 3, false, error));
}

static void wide(const term *t, const explaint_assumption *a) {
    char number[32], low[32], high[32], text[96];
    int label = t->width - 14 - 11 - 8 - 13 - 12 - 8 - 15 - 2;
    if (label > 46) label = 46;
    sign_and_name(t, a);
    term_field(t, a->text, label);
    term_spaces(t, 1);
    outcome(t, a->outcome, strcmp(a->outcome, "not testable") == 0 ? 12 : 10);
    if (strcmp(a->outcome, "not testable") == 0) {
        fputc('\n', t->out);
        return;
    }
    term_field(t, view_number(a->gain, 3, true, number), -8);
    text[0] = 0;
    if (!isnan(a->ci[0]))
        snprintf(text, sizeof text, "%s %s", view_number(a->ci[0], 3, true, low), view_number(a->ci[1], 3, true, high));
    term_field(t, text, -13);
    p_value(a, text, sizeof text);
    term_field(t, text, -12);
    term_field(t, view_number(a->mde, 3, false, number), -8);
    if (!isnan(a->peer_gain)) {
        snprintf(text, sizeof text, "%s %s", view_number(a->peer_gain, 3, true, low), view_number(a->peer_p, 3, false, high));
        term_field(t, text, -13);
    }
    fputc('\n', t->out);
}

static void numbers(const explaint_assumption *a, char *text, size_t size) {
    char b1[32], b2[32], p[64];
    size_t at = 0;
    text[0] = 0;
#define ADD(...) at += (size_t)snprintf(text + at, at < size ? size - at : 0, __VA_ARGS__)
    if (!isnan(a->gain)) ADD("gain %s", view_number(a->gain, 3, true, b1));
    if (!isnan(a->ci[0]))
        ADD(" (%s to %s)", view_number(a->ci[0], 3, true, b1), view_number(a->ci[1], 3, true, b2));
    p_value(a, p, sizeof p);
    if (p[0] != 0) ADD(", p %s", p);
    if (!isnan(a->mde)) ADD(", detects %s", view_number(a->mde, 3, false, b1));
    if (!isnan(a->peer_gain)) {
        ADD("; kNN %s", view_number(a->peer_gain, 3, true, b1));
        if (!isnan(a->peer_p)) ADD(", p %s", view_number(a->peer_p, 3, false, b1));
    }
#undef ADD
}

static void narrow(const term *t, const explaint_assumption *a) {
    char text[512];
    sign_and_name(t, a);
    int room = t->width - 15;
    term_field(t, a->outcome, 12);
    (void)room;
    term_begin(t, FAINT);
    term_wrap(t, a->text, 27, 15);
    term_end(t, FAINT);
    numbers(a, text, sizeof text);
    if (text[0] == 0 || strcmp(a->outcome, "not testable") == 0) return;
    term_spaces(t, 15);
    term_wrap(t, text, 15, 15);
}

static void heads(const term *t) {
    int label = t->width - 14 - 11 - 8 - 13 - 12 - 8 - 15 - 2;
    if (label > 46) label = 46;
    term_begin(t, FAINT);
    term_spaces(t, 15 + label + 11);
    term_field(t, "gain", -8);
    term_field(t, "95 % interval", -14);
    term_field(t, "p", -7);
    term_field(t, "detects", -12);
    term_field(t, "kNN, its p", -13);
    term_end(t, FAINT);
    fputc('\n', t->out);
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
    if (permutations > 0) term_putf(t, ", %zu permutations, each fitted anew", permutations);
    fputc('\n', t->out);
    if (t->width >= ONE_LINE) heads(t);
    for (size_t v = 0; v < result->n_verdicts; v++) {
        for (size_t i = 0; i < result->verdicts[v].n_assumptions; i++) {
            const explaint_assumption *a = &result->verdicts[v].assumptions[i];
            if (t->width >= ONE_LINE)
                wide(t, a);
            else
                narrow(t, a);
        }
    }
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

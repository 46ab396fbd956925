/* The answer, which comes first, and the verdicts at the end, each with what decided it in numbers that can be checked. */
#include <math.h>
#include <string.h>

#include "view.h"

bool view_is(const char *text, const char *word) { return text != NULL && strcmp(text, word) == 0; }

bool view_fits(const char *asked, const char *has) { return asked == NULL || view_is(has, asked); }

int view_rank(const char *verdict) { return view_is(verdict, "supported") ? 2 : view_is(verdict, "undecided") ? 1 : 0; }

term_style view_outcome_style(const char *outcome) {
    static const char *const good[] = {"holds", "supported", "better"}, *const bad[] = {"fails", "not supported",
                                                                                        "worse"};
    for (size_t i = 0; i < 3; i++) {
        if (view_is(outcome, good[i])) return GOOD;
        if (view_is(outcome, bad[i])) return BAD;
    }
    return view_is(outcome, "undecided") ? OPEN : FAINT;
}

const char *view_outcome_sign(const term *t, const char *outcome) {
    switch (view_outcome_style(outcome)) {
    case GOOD: return term_sign(t, "✓", "+");
    case BAD: return term_sign(t, "✗", "x");
    case OPEN: return "?";
    default: return term_sign(t, "–", "-");
    }
}

const char *view_outcome(const explaint_verdict *v, const explaint_assumption *a) {
    if (!view_is(v->claim, "mapping") || isnan(a->ci[0])) return a->outcome;
    return view_is(a->outcome, "holds") ? "better" : view_is(a->outcome, "fails") ? "worse" : a->outcome;
}

const explaint_assumption *view_decided(const explaint_verdict *v) {
    for (size_t i = 0; i < v->n_assumptions; i++)
        if (view_is(v->decided_by, v->assumptions[i].id)) return &v->assumptions[i];
    return NULL;
}

/* ---- the answer ---- */

void view_sentence(const term *t, const char *sentence) {
    if (sentence == NULL || sentence[0] == 0) return;
    term_wrap_in(t, STRONG, sentence, 0, 0);
}

void view_word(const term *t, const char *claim, const char *verdict) {
    const term_style style = view_outcome_style(verdict);
    term_spaces(t, 2);
    term_begin(t, style);
    fputs(view_outcome_sign(t, verdict), t->out);
    term_putf(t, " %s: %s", claim, verdict);
    term_end(t, style);
    fputc('\n', t->out);
}

/* Each sentence with its verdict's word; of layers all sentences first. */
void view_answer(const explaint_result *result, const term *t) {
    bool layered = false;
    for (size_t i = 0; i < result->n_verdicts; i++) layered = layered || result->verdicts[i].n_layers > 0;
    layered = layered || result->n_verdicts > 2;
    if (layered || result->n_verdicts == 0) view_sentence(t, result->answer);
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const explaint_verdict *v = &result->verdicts[i];
        if (layered && v->n_layers == 0) continue; /* a layer's own stand below */
        if (!layered) view_sentence(t, v->answer);
        view_word(t, layered ? "information, all layers together" : v->claim, v->verdict);
    }
    fputc('\n', t->out);
}

/* ---- what decided ---- */

/* "E4: r gains +.006 beyond chance, z 1.2, p .1100 where .02 is asked, at most +.014 < .020: fails" */
static void of_test(const explaint_verdict *v, const explaint_assumption *a, char *text, size_t size) {
    snprintf(text, size, "%s: r gains %s", a->id, view_number(a->gain, 3, true).text);
    if (!isnan(a->z)) view_add(text, size, ", z %s", view_number(a->z, 1, false).text);
    if (!isnan(a->p_adjusted))
        view_add(text, size, ", p %s over all layers", view_p(a->p_adjusted).text);
    else
        view_add(text, size, ", p %s", view_p(a->p).text);
    if (!isnan(a->level)) view_add(text, size, " where %s is asked", view_level(a->level).text);
    if (!view_is(a->outcome, "holds") && !isnan(a->upper) && !isnan(a->margin))
        view_add(text, size, ", at most %s %s %s", view_number(a->upper, 3, true).text,
                 a->upper < a->margin ? "<" : "≥", view_number(a->margin, 3, false).text);
    view_add(text, size, ": %s", view_outcome(v, a));
}

/* "knn: .296 against .365, a difference of −.069, with 95 % between −.082 and −.056: worse" */
static void of_scores(const explaint_verdict *v, const explaint_assumption *a, char *text, size_t size) {
    snprintf(text, size, "%s: ", a->id);
    if (!isnan(a->observed))
        view_add(text, size, "%s against %s, ", view_number(a->observed, 3, false).text,
                 view_number(a->observed - a->gain, 3, false).text);
    view_add(text, size, "a difference of %s, 95 %% between %s and %s", view_number(a->gain, 3, true).text,
             view_number(a->ci[0], 3, true).text, view_number(a->ci[1], 3, true).text);
    view_add(text, size, ": %s", view_outcome(v, a));
}

void view_deciding(const explaint_verdict *v, const explaint_assumption *a, char *text, size_t size) {
    if (a->statistic != NULL && !isnan(a->gain) && !isnan(a->p))
        of_test(v, a, text, size);
    else if (!isnan(a->gain) && !isnan(a->ci[0]))
        of_scores(v, a, text, size);
    else
        snprintf(text, size, "%s: %s: %s", a->id, a->why != NULL ? a->why : "", a->outcome);
}

static void what_decided(const explaint_verdict *v, const term *t) {
    const explaint_assumption *a = view_decided(v);
    char text[640], line[768];
    if (a == NULL || view_is(a->id, "information")) return; /* the verdict above it says it */
    view_deciding(v, a, text, sizeof text);
    snprintf(line, sizeof line, "%s: %s", view_is(v->verdict, "supported") ? "the weakest test" : "what decided", text);
    term_block_in(t, PLAIN, line, 4);
}

void view_verdict(const explaint_verdict *v, const char *claim, const term *t) {
    view_word(t, claim, v->verdict);
    what_decided(v, t);
    term_block_in(t, FAINT, v->text != NULL ? v->text : "", 4);
}

void view_verdicts(const explaint_result *result, const term *t) {
    if (result->n_verdicts == 0) return;
    view_heading(t, result->n_verdicts == 1 ? "Verdict" : "Verdicts");
    for (size_t i = 0; i < result->n_verdicts; i++) view_verdict(&result->verdicts[i], result->verdicts[i].claim, t);
}

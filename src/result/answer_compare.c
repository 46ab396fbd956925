/* The answers of `compare` and `adjust`: did anything change, and does it hold once all that was tried is counted? */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "explaint/adjust.h"
#include "explaint/compare.h"
#include "result/answer.h"

/* ---- compare ---- */

static const double TOO_LITTLE = .005; /* of a gain in r; a quarter of the margin that `infer` asks of a gain */

/* More, less, or no difference that stands out of chance. */
static int sign_of(const explaint_paired *p) { return !p->paired ? 0 : p->ci[0] > 0 ? 1 : p->ci[1] < 0 ? -1 : 0; }

/* The test that both arms have first, E1 unless it was left out. */
static const explaint_paired *first_test(const explaint_compared_verdict *v) {
    for (size_t i = 0; i < v->n_assumptions; i++)
        if (v->assumptions[i].paired.paired && v->assumptions[i].id != NULL && v->assumptions[i].id[0] == 'E')
            return &v->assumptions[i].paired;
    return NULL;
}

static const explaint_compared_row *system_row(const explaint_comparison *c) {
    for (size_t i = 0; i < c->n_rows; i++)
        if (xp_answer_is(c->rows[i].condition, "system") && xp_answer_is(c->rows[i].target, "norms") &&
            c->verdict_metric != NULL && xp_answer_is(c->rows[i].metric, c->verdict_metric))
            return &c->rows[i];
    return NULL;
}

static void add_vectors(xp_text *text, const explaint_comparison *c) {
    size_t n = 0, count[3] = {0};
    double most = 0;
    for (size_t i = 0; i < c->n_verdicts; i++) {
        const explaint_paired *p = first_test(&c->verdicts[i]);
        if (!xp_answer_is(c->verdicts[i].claim, "information") || p == NULL) continue;
        n++;
        count[sign_of(p) + 1]++;
        if (sign_of(p) != 0) most = fmax(most, fabs(p->difference));
    }
    if (n == 1 && count[1] == 1)
        xp_text_adds(text, "No difference was found in what the vectors of A and B know about these properties.");
    else if (n == 1)
        xp_text_addf(text, "The vectors of B know %s about these properties than those of A.",
                     count[2] == 1 ? "more" : "less");
    else if (n > 1)
        xp_text_addf(text,
                     "Of %zu layers, the vectors of B know more about these properties than those of A in %zu and less "
                     "in %zu.",
                     n, count[2], count[0]);
    /* Copies of a model in another precision differ beyond chance, and by next to nothing. */
    if (count[1] < n && most < TOO_LITTLE) xp_text_adds(text, " The difference is too small to matter.");
}

static void add_score(xp_text *text, const explaint_comparison *c) {
    const explaint_compared_row *row = system_row(c);
    if (row == NULL || (row->layer[0] >= 0 && c->n_verdicts > 2)) return;
    const int sign = sign_of(&row->paired);
    if (text->length > 0) xp_text_adds(text, " ");
    if (row->paired.paired && sign == 0)
        xp_text_adds(text, "No difference was found in how well the two predict them.");
    else if (row->paired.paired)
        xp_text_addf(text, "B predicts them %s than A.", sign > 0 ? "better" : "less well");
    else
        xp_text_adds(text, "Whether one predicts better than the other was not tested.");
}

/* What a verdict is on, in a sentence. */
static const char *subject_of(const explaint_compared_verdict *v) {
    if (xp_answer_is(v->claim, "heads")) return "single heads";
    if (xp_answer_is(v->claim, "model")) return "all heads together";
    return v->claim != NULL ? v->claim : "?";
}

static void add_changes(xp_text *text, const explaint_comparison *c) {
    size_t n = 0;
    for (size_t i = 0; i < c->n_verdicts; i++) n += c->verdicts[i].changed > 0;
    if (c->n_verdicts == 0) return;
    if (text->length > 0) xp_text_adds(text, " ");
    if (n == 0) {
        xp_text_adds(text, c->n_verdicts == 1 ? "The verdict is the same." : "All verdicts are the same.");
        return;
    }
    if (n > 2) {
        xp_text_addf(text, "%zu of %zu verdicts changed.", n, c->n_verdicts);
        return;
    }
    for (size_t i = 0, said = 0; i < c->n_verdicts; i++) {
        const explaint_compared_verdict *v = &c->verdicts[i];
        if (v->changed <= 0) continue;
        xp_text_addf(text, "%s %s", said++ == 0 ? "The verdict on" : " and that on", subject_of(v));
        if (v->head > 0)
            xp_text_addf(text, " %d.%zu", v->layer[0], v->head);
        else if (v->layer[0] >= 0)
            xp_text_addf(text, " in layer %d", v->layer[0]);
        xp_text_addf(text, " went from %s to %s", v->verdict[0] != NULL ? v->verdict[0] : "none",
                     v->verdict[1] != NULL ? v->verdict[1] : "none");
    }
    xp_text_adds(text, ".");
}

/* Are all numbers of both the same, with nothing left out? */
static bool nothing_differs(const explaint_comparison *c) {
    if (c->n_rows + c->n_measures == 0) return false;
    for (size_t i = 0; i < c->n_rows; i++)
        if (fabs(c->rows[i].value[0] - c->rows[i].value[1]) > 0) return false;
    for (size_t i = 0; i < c->n_measures; i++)
        if (fabs(c->measures[i].value[0] - c->measures[i].value[1]) > 0) return false;
    for (size_t i = 0; i < c->n_verdicts; i++) {
        const explaint_compared_verdict *v = &c->verdicts[i];
        if (v->changed > 0) return false;
        for (size_t k = 0; k < v->n_assumptions; k++)
            if (fabs(v->assumptions[k].gain[0] - v->assumptions[k].gain[1]) > 0) return false;
    }
    return true;
}

bool xp_answer_compare(explaint_record *record, xp_strings *texts) {
    explaint_comparison *c = (explaint_comparison *)record;
    if (c->answer != NULL) return true;
    xp_text text = {0};
    if (nothing_differs(c)) {
        xp_text_adds(&text, "Nothing changed: A and B have the same numbers and the same verdicts.");
    } else {
        add_vectors(&text, c);
        add_score(&text, c);
        add_changes(&text, c);
    }
    return (c->answer = xp_answer_keep(&text, texts)) != NULL;
}

/* ---- adjust ---- */

static bool same_try(const explaint_adjusted_test *a, const explaint_adjusted_test *b) {
    return xp_answer_is(a->place != NULL ? a->place : "", b->place != NULL ? b->place : "") && a->layer == b->layer &&
           a->n_components == b->n_components &&
           xp_answer_is(a->mapping != NULL ? a->mapping : "", b->mapping != NULL ? b->mapping : "");
}

/* Tries are runs, or layers of runs; each has one test of an id, and holds if all of its tests do. */
bool xp_answer_adjust(explaint_record *record, xp_strings *texts) {
    explaint_adjustment *a = (explaint_adjustment *)record;
    size_t tries = 0, hold = 0;
    if (a->answer != NULL) return true;
    for (size_t i = 0; i < a->n_tests; i++) {
        bool first = true, all = true;
        for (size_t k = 0; k < a->n_tests; k++) {
            if (!same_try(&a->tests[i], &a->tests[k])) continue;
            first = first && k >= i;
            all = all && a->tests[k].p_adjusted <= (a->tests[k].level > 0 ? a->tests[k].level : .05);
        }
        tries += first;
        hold += first && all;
    }
    xp_text text = {0};
    if (tries == 0)
        xp_text_adds(&text, "There is nothing to adjust.");
    else if (hold == 0)
        xp_text_addf(&text, "Once all %zu tries are counted, none holds in every test.", tries);
    else if (hold == tries)
        xp_text_addf(&text, "Once all %zu tries are counted, every one still holds in every test.", tries);
    else
        xp_text_addf(&text, "Once all %zu tries are counted, %zu still hold%s in every test.", tries, hold,
                     hold == 1 ? "s" : "");
    return (a->answer = xp_answer_keep(&text, texts)) != NULL;
}

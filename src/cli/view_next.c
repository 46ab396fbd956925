/* What may be done next: what would change a verdict, what to look at, how to report it, where it is kept. */
#include <math.h>
#include <string.h>

#include "view.h"

void view_item(const term *t, const char *text) {
    term_put(t, term_sign(t, "  · ", "  - "));
    term_wrap(t, text, 4, 4);
}

void view_where(const view_kept *kept, const term *t) {
    char text[512];
    if (kept == NULL || kept->ledger == NULL) {
        view_item(t, "to keep it, and then to report it or to compare it with another run: --ledger results.db");
        return;
    }
    snprintf(text, sizeof text, "kept as run %ld of %.300s: explaint runs show %.100s %ld", kept->run, kept->ledger,
             kept->ledger, kept->run);
    view_item(t, text);
    snprintf(text, sizeof text, "as a page: explaint report %.300s --run %ld --output report.html", kept->ledger,
             kept->run);
    view_item(t, text);
}

/* ---- what would change a verdict ---- */

/* Two digits are enough for a number of concepts that is a guess. */
static double rounded_up(double n) {
    const double step = n > 1 ? pow(10, floor(log10(n)) - 1) : 1;
    return ceil(n / step - 1e-9) * step;
}

/* A test of the vectors that found nothing either way: as many concepts as let it see a gain at the margin, by the law 1/n. */
static void more_for_test(const explaint_assumption *a, char *text, size_t size) {
    const double least = 1 / ((double)a->permutations + 1);
    if (a->permutations > 0 && !isnan(a->level) && least > a->level)
        snprintf(text, size,
                 "%s can reach the p that it asks for with %.0f permutations or more, and this run had %zu: "
                 "--permutations 9999",
                 a->id, ceil(1 / a->level - 1e-9) - 1, a->permutations);
    else if (!isnan(a->mde) && !isnan(a->margin) && a->mde > a->margin && a->n > 0)
        snprintf(
            text, size,
            "more concepts: about %s in place of %zu would let %s see a gain of %s, the least that is worth having",
            view_size((size_t)rounded_up((double)a->n * a->mde / a->margin)).text, a->n, a->id,
            view_number(a->margin, 3, false).text);
    else if (!isnan(a->level))
        snprintf(text, size, "more concepts, or more words in each category: %s had %zu that could be exchanged", a->id,
                 a->n);
    else
        snprintf(text, size, "more permutations: --permutations 9999");
}

/* A difference of scores whose interval holds 0: as many concepts as make it as wide as the difference, by the law of the square root. */
static void more_for_scores(const explaint_assumption *a, char *text, size_t size) {
    const double times = fabs(a->gain) > 0 ? pow(a->mde / fabs(a->gain), 2) : INFINITY;
    if (isnan(times) || times <= 1)
        snprintf(text, size, "more permutations: --permutations 9999");
    else if (times < 100)
        snprintf(text, size, "more concepts: about %s in place of %zu would settle a difference to %s of %s",
                 view_size((size_t)rounded_up((double)a->n * times)).text, a->n, a->id,
                 view_number(a->gain, 3, true).text);
    else
        snprintf(text, size, "no number of concepts: the mapping and %s score the same here", a->id);
}

static void of_verdict(const explaint_verdict *v, char *text, size_t size) {
    const explaint_assumption *a = view_decided(v);
    const bool open = view_is(v->verdict, "undecided"), of_scores = a != NULL && a->statistic == NULL;
    text[0] = 0;
    if (view_is(v->verdict, "supported")) return;
    if (a == NULL)
        snprintf(text, size, "both E1 and E3 have to be tested: leave --within out");
    else if (view_is(a->id, "information"))
        text[0] = 0; /* its own line says it */
    else if (open && of_scores)
        more_for_scores(a, text, size);
    else if (open)
        more_for_test(a, text, size);
    else if (view_is(v->claim, "mapping"))
        snprintf(text, size,
                 "another mapping (--mapping ridge, --components auto); more concepts would not, since it "
                 "does worse by more than chance");
    else if (view_is(a->id, "W"))
        snprintf(text, size, "norms without features that the spelling gives away, or other vectors");
    else
        snprintf(text, size,
                 "other vectors; these are no better by a gain worth having, whatever the number of concepts");
}

static bool has_untested(const explaint_result *r, const char *id) {
    for (size_t v = 0; v < r->n_verdicts; v++)
        for (size_t i = 0; i < r->verdicts[v].n_assumptions; i++)
            if (view_is(r->verdicts[v].assumptions[i].id, id) &&
                view_is(r->verdicts[v].assumptions[i].outcome, "not testable"))
                return true;
    return false;
}

void view_next(const explaint_result *result, const view_kept *kept, const term *t) {
    char text[512], line[640];
    bool layers = false;
    view_heading(t, "Next");
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const explaint_verdict *v = &result->verdicts[i];
        layers = layers || v->layer >= 0;
        if (v->layer >= 0 && result->n_verdicts > 2) continue; /* one layer of several */
        of_verdict(v, text, sizeof text);
        if (text[0] == 0) continue;
        snprintf(line, sizeof line, "what would change the verdict on %s: %s", v->claim, text);
        view_item(t, line);
    }
    if (result->n_verdicts == 0) view_item(t, "for a verdict, leave --permutations 0 out");
    if (has_untested(result, "E2") && view_is(view_setting(result, "within"), "\"default\""))
        view_item(t, "for E2 and E4, name the category of each concept: --categories FILE, a CSV concept,category");
    if (layers && result->n_verdicts > 2)
        view_item(t, "what decided in one layer: the same command with --layers and its number");
    else if (kept == NULL || !kept->predictions)
        view_item(t, "which properties of which word were hit and missed: --predictions top.csv");
    view_where(kept, t);
}

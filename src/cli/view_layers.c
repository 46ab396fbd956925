/* The table layer by layer: a line per layer for the scores, one for the tests, and each verdict with the layers it holds for. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "view.h"

enum { MOST_LAYERS = 1024, LAYER = 5, NUMBER = 9, INTERVAL = 14, TEST = 15, NARROW = 70, NARROW_TEST = 10 };

/* The layers of the run, in their order. */
static size_t layers_of(const explaint_result *result, int *layers, size_t room) {
    size_t n = 0;
    for (size_t i = 0; i < result->n_rows; i++) {
        size_t at = 0;
        const int layer = result->rows[i].layer;
        while (at < n && layers[at] != layer) at++;
        if (layer >= 0 && at == n && n < room) layers[n++] = layer;
    }
    return n;
}

static const explaint_row *row_of(const explaint_result *result, const char *condition, int layer) {
    const char *metric = view_metric(result);
    for (size_t i = 0; i < result->n_rows; i++) {
        const explaint_row *row = &result->rows[i];
        if (row->layer == layer && row->fold == -1 && strcmp(row->condition, condition) == 0 &&
            strcmp(row->metric, metric) == 0 && view_of_verdict(result, row) &&
            (row->n_components == result->verdict_components || row->n_components == 0))
            return row;
    }
    return NULL;
}

static const explaint_verdict *verdict_of(const explaint_result *result, const char *claim, int layer) {
    for (size_t v = 0; v < result->n_verdicts; v++)
        if (result->verdicts[v].layer == layer && strcmp(result->verdicts[v].claim, claim) == 0)
            return &result->verdicts[v];
    return NULL;
}

static void number(const term *t, const explaint_row *row, int width) {
    term_field(t, row != NULL ? view_number(row->value, 3, false).text : "", -width);
}

/* The layer with the highest score: picked after looking, which is why its p is adjusted. */
static int best_layer(const explaint_result *result, const int *layers, size_t n) {
    int best = layers[0];
    double most = -HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        const explaint_row *row = row_of(result, "system", layers[i]);
        if (row == NULL || !(row->value > most)) continue;
        most = row->value;
        best = layers[i];
    }
    return best;
}

/* ---- scores ---- */

/* The score as a bar from 0: what differs between layers is small beside the score, and looks it. */
static void bar(const term *t, double share, int width) {
    const int full = (int)lround(share * width);
    term_begin(t, SUBJECT);
    for (int i = 0; i < full; i++) fputs(term_sign(t, "█", "#"), t->out);
    term_end(t, SUBJECT);
}

static void scores(const explaint_result *result, const int *layers, size_t n, const term *t) {
    static const char *const broken[] = {"shuffle", "random"};
    const size_t n_broken = t->width < NARROW ? 1 : 2;
    double top = 0;
    for (size_t i = 0; i < n; i++) {
        const explaint_row *row = row_of(result, "system", layers[i]);
        if (row != NULL && row->value > top) top = row->value;
    }
    view_title(t, view_metric_name(view_metric(result)));
    term_put(t, " by layer");
    if (result->verdict_components > 0) term_putf(t, ", %zu components", result->verdict_components);
    fputc('\n', t->out);
    term_begin(t, FAINT);
    term_spaces(t, 2);
    term_field(t, "layer", -LAYER);
    term_field(t, "system", -NUMBER);
    term_field(t, "95 % interval", -INTERVAL - 1);
    for (size_t k = 0; k < n_broken; k++) term_field(t, broken[k], -NUMBER);
    term_end(t, FAINT);
    fputc('\n', t->out);
    const int room = t->width - 2 - LAYER - NUMBER - INTERVAL - 1 - (int)n_broken * NUMBER - 2;
    for (size_t i = 0; i < n; i++) {
        const explaint_row *row = row_of(result, "system", layers[i]);
        fprintf(t->out, "  %*d", LAYER, layers[i]);
        number(t, row, NUMBER);
        term_field(t, row != NULL ? view_interval(row->ci, false).text : "", -INTERVAL - 1);
        for (size_t k = 0; k < n_broken; k++) number(t, row_of(result, broken[k], layers[i]), NUMBER);
        if (row != NULL && top > 0 && row->value > 0 && room >= 8) {
            term_spaces(t, 2);
            bar(t, row->value / top, room > 40 ? 40 : room);
        }
        fputc('\n', t->out);
    }
}

/* What no layer enters: one line. */
static void beside(const explaint_result *result, const term *t) {
    static const char *const conditions[] = {"mean", "upper", "shuffle-upper", "category-mean"};
    char text[256] = "";
    for (size_t k = 0; k < sizeof conditions / sizeof *conditions; k++) {
        const explaint_row *row = row_of(result, conditions[k], -1);
        if (row == NULL) continue;
        view_add(text, sizeof text, "%s%s %s", text[0] != 0 ? ", " : "", conditions[k],
                 view_number(row->value, 3, false).text);
    }
    if (text[0] == 0) return;
    term_begin(t, FAINT);
    term_put(t, "  without vectors: ");
    term_wrap(t, text, 19, 4);
    term_end(t, FAINT);
}

/* ---- tests ---- */

static void explain_p(const explaint_result *result, bool narrow, const term *t) {
    const char *how = view_setting(result, "adjust");
    const bool max_t = view_is(how, "\"max-t\""), adjusted = max_t || view_is(how, "\"bh\"");
    char text[160];
    const char *by = max_t ? "max-T" : "Benjamini-Hochberg";
    if (!adjusted)
        snprintf(text, sizeof text, "gain beyond the null; p is not adjusted for the choice among the layers");
    else if (narrow)
        snprintf(text, sizeof text,
                 "gain beyond the null; * p adjusted for the choice among the layers (%s) reaches the test's level",
                 by);
    else
        snprintf(text, sizeof text, "gain beyond the null (p, adjusted for the choice among the layers by %s)", by);
    view_note(t, text);
}

static void tests(const explaint_result *result, const int *layers, size_t n, const term *t) {
    const explaint_verdict *first = verdict_of(result, "information", layers[0]);
    if (first == NULL) return;
    const bool narrow = t->width < NARROW;
    const int width = narrow ? NARROW_TEST : TEST;
    view_heading(t, "Tests by layer");
    explain_p(result, narrow, t);
    term_begin(t, FAINT);
    term_spaces(t, 2);
    term_field(t, "layer", -LAYER);
    for (size_t a = 0; a < first->n_assumptions; a++)
        if (first->assumptions[a].id[0] == 'E') term_field(t, first->assumptions[a].id, -width);
    term_end(t, FAINT);
    fputc('\n', t->out);
    for (size_t i = 0; i < n; i++) {
        const explaint_verdict *verdict = verdict_of(result, "information", layers[i]);
        char text[136];
        fprintf(t->out, "  %*d", LAYER, layers[i]);
        for (size_t a = 0; verdict != NULL && a < verdict->n_assumptions; a++) {
            const explaint_assumption *test = &verdict->assumptions[a];
            if (test->id[0] != 'E') continue;
            if (isnan(test->gain))
                snprintf(text, sizeof text, "%s", term_sign(t, "–", "-"));
            else if (!narrow && isnan(test->p_adjusted))
                snprintf(text, sizeof text, "%s  %s ", view_number(test->gain, 3, true).text,
                         view_number(test->p, 4, false).text);
            else if (narrow)
                snprintf(text, sizeof text, "%s%s", view_number(test->gain, 3, true).text,
                         test->p_adjusted <= test->level ? "*" : " ");
            else
                snprintf(text, sizeof text, "%s (%s)", view_number(test->gain, 3, true).text,
                         view_number(test->p_adjusted, 4, false).text);
            term_field(t, text, -width);
        }
        fputc('\n', t->out);
    }
}

/* ---- verdicts ---- */

/* "0-3, 5" of the layers whose verdict on the claim is this one. */
static size_t layers_with(const explaint_result *result, const char *claim, const char *verdict, const int *layers,
                          size_t n, char *text, size_t size) {
    size_t found = 0;
    text[0] = 0;
    for (size_t i = 0; i < n && strlen(text) + 32 < size; i++) {
        const explaint_verdict *v = verdict_of(result, claim, layers[i]);
        if (v == NULL || strcmp(v->verdict, verdict) != 0) continue;
        size_t last = i;
        while (last + 1 < n && layers[last + 1] == layers[last] + 1 &&
               (v = verdict_of(result, claim, layers[last + 1])) != NULL && strcmp(v->verdict, verdict) == 0)
            last++;
        view_add(text, size, "%s%d", text[0] != 0 ? ", " : "", layers[i]);
        if (last > i) view_add(text, size, "-%d", layers[last]);
        found += last - i + 1;
        i = last;
    }
    return found;
}

/* The claim that it is so in at least one layer. */
static bool verdict_on_all(const explaint_result *result, const char *claim, const term *t) {
    char text[80];
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const explaint_verdict *v = &result->verdicts[i];
        if (v->n_layers == 0 || !view_is(v->claim, claim)) continue;
        snprintf(text, sizeof text, "%s, all layers together", claim);
        view_verdict(v, text, t);
        return true;
    }
    return false;
}

static void verdicts(const explaint_result *result, const int *layers, size_t n, const term *t) {
    static const char *const claims[] = {"information", "mapping"};
    static const char *const outcomes[] = {"supported", "undecided", "not supported"};
    static const term_style styles[] = {GOOD, OPEN, BAD};
    if (result->n_verdicts == 0) return;
    view_heading(t, "Verdicts");
    const int best = best_layer(result, layers, n);
    for (size_t c = 0; c < 2; c++) {
        const bool said = verdict_on_all(result, claims[c], t);
        for (size_t o = 0; o < 3; o++) {
            char text[4096]; /* 1,024 layers with every other verdict */
            size_t found = layers_with(result, claims[c], outcomes[o], layers, n, text, sizeof text);
            if (found == 0) continue;
            term_spaces(t, 2);
            term_putf_in(t, styles[o], "%s: %s", claims[c], outcomes[o]);
            char where[4200];
            snprintf(where, sizeof where, " in layer%s %s%s", found == 1 ? "" : "s", text,
                     said ? ", each by itself" : "");
            term_wrap(t, where, 4 + (int)strlen(claims[c]) + (int)strlen(outcomes[o]), 4);
        }
        const explaint_verdict *v = verdict_of(result, claims[c], best);
        if (v == NULL || said) continue;
        char first[64];
        const int length = snprintf(first, sizeof first, "Layer %d, the highest score: ", best);
        term_spaces(t, 4);
        term_put(t, first);
        term_wrap(t, v->text, 4 + length, 4);
    }
}

bool view_layers(const explaint_result *result, const term *t) {
    int *layers = malloc(MOST_LAYERS * sizeof *layers);
    const size_t n = layers != NULL ? layers_of(result, layers, MOST_LAYERS) : 0;
    if (n > 0) {
        scores(result, layers, n, t);
        beside(result, t);
        tests(result, layers, n, t);
        view_lints(result, best_layer(result, layers, n), t);
        verdicts(result, layers, n, t);
    }
    free(layers);
    return n > 0;
}

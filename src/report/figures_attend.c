/* Figures of runs of attend. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "draw/color.h"
#include "report/figures.h"

enum { NUMBERS = 5 };

/* What a layer was judged by. */
static void numbers_of(const explaint_attend_layer *l, double value[NUMBERS][3]) {
    const struct {
        double value;
        const double *ci;
    } all[NUMBERS] = {{l->recovered, l->recovered_ci},
                      {l->shuffled, l->shuffled_ci},
                      {l->whole, l->whole_ci},
                      {l->content, l->content_ci},
                      {l->null_mean, l->null_ci}};
    for (size_t k = 0; k < NUMBERS; k++) {
        value[k][0] = all[k].value;
        value[k][1] = all[k].ci[0];
        value[k][2] = all[k].ci[1];
    }
}

static bool lines(const xp_report_run *run, const xp_figure_sink *sink, const double *number, bool maps) {
    static const char *const name[NUMBERS] = {"rows that a linear map gives back", "the same, fitted on shuffled pairs",
                                              "permuted rows, whole map", "permuted rows, without special tokens",
                                              "other texts"};
    static const size_t series[NUMBERS] = {0, 5, 1, 0, 5};
    const size_t n = run->attention->n_layers, first = maps ? 2 : 0, last = maps ? NUMBERS : 2;
    xp_chart_series s[NUMBERS];
    for (size_t k = first; k < last; k++) {
        const double *x = number, *y = number + (1 + 3 * k) * n;
        s[k - first] = (xp_chart_series){name[k], x, y, y + n, y + 2 * n, n, series[k]};
    }
    const char *title = maps ? "Does the map depend on the tokens?" : "Do rows still stand for their tokens?";
    const char *caption = maps ? "Correlation r of the attention map of exchanged rows with the intact one, layer by "
                                 "layer, with 95 % intervals. If the map told of the "
                                 "tokens, r would fall to that of other texts."
                               : "Share of rows of each layer that a linear map, fitted on other texts, gives back as "
                                 "their own token, with 95 % intervals. Only "
                                 "where it is near 1 does entry (i, j) of the map speak of tokens i and j.";
    const xp_chart_lines chart = {.title = title,
                                  .description = caption,
                                  .x_axis = "layer",
                                  .y_axis = maps ? "r with the intact map" : "share of rows",
                                  .series = s,
                                  .n = last - first,
                                  .mark = NAN};
    return xp_figure_hand(sink, run, maps ? "maps" : "rows", title, caption, XP_FIGURE_LINES, &chart);
}

bool xp_figure_attention(const xp_report_run *run, const xp_figure_sink *sink) {
    const size_t n = run->attention->n_layers;
    if (n == 0) return true;
    double *number = xp_alloc((1 + 3 * NUMBERS) * n, sizeof *number), value[NUMBERS][3];
    if (number == NULL) return false;
    for (size_t i = 0; i < n; i++) {
        number[i] = (double)run->attention->layers[i].layer;
        numbers_of(&run->attention->layers[i], value);
        for (size_t k = 0; k < NUMBERS; k++)
            for (size_t part = 0; part < 3; part++) number[(1 + 3 * k + part) * n + i] = value[k][part];
    }
    const bool good = lines(run, sink, number, false) && lines(run, sink, number, true);
    xp_free(number);
    return good;
}

/* ---- several runs in one figure ---- */

enum {
    RUNS = XP_COLOR_SERIES,
    PARTS = 4
}; /* series that can be told apart; layer, value, and both ends of its interval */

/* A line for each run: the share of rows (0) or r without special tokens (3) of numbers_of. */
static bool beside(const xp_collection *c, const xp_figure_sink *sink, size_t which, double *number,
                   const char *const *name) {
    const bool maps = which > 0;
    xp_chart_series s[RUNS];
    const size_t n_runs = c->n_attention < RUNS ? c->n_attention : RUNS;
    for (size_t k = 0; k < n_runs; k++) {
        const explaint_attend_result *r = c->run[c->n_infer + k].attention;
        const size_t n = r->n_layers;
        double value[NUMBERS][3];
        for (size_t i = 0; i < n; i++) {
            number[i] = (double)r->layers[i].layer;
            numbers_of(&r->layers[i], value);
            for (size_t part = 0; part < 3; part++) number[(1 + part) * n + i] = value[which][part];
        }
        s[k] = (xp_chart_series){name[k], number, number + n, number + 2 * n, number + 3 * n, n, k};
        number += PARTS * n;
    }
    const char *title = maps ? "Do the maps of these runs depend on the tokens?"
                             : "Where do rows still stand for their tokens, in each run?";
    const char *caption =
        maps ? "Correlation r of the attention map of exchanged rows with the intact one, both without special tokens, "
               "layer by layer, with 95 % intervals. The lower it is, the more the picture depends on the tokens."
             : "Share of rows of each layer that a linear map, fitted on other texts, gives back as their own token, "
               "with "
               "95 % intervals.";
    char all[512];
    snprintf(all, sizeof all, c->n_attention > RUNS ? "%s Drawn are the first %zu of %zu runs." : "%s", caption,
             (size_t)RUNS, c->n_attention);
    const xp_chart_lines chart = {.title = title,
                                  .description = all,
                                  .x_axis = "layer",
                                  .y_axis = maps ? "r with the intact map" : "share of rows",
                                  .series = s,
                                  .n = n_runs,
                                  .mark = NAN};
    return sink->take(sink->self,
                      &(xp_figure){maps ? "attention-maps" : "attention-rows", title, all, XP_FIGURE_LINES, &chart});
}

bool xp_figure_attention_runs(const xp_collection *c, const xp_figure_sink *sink) {
    xp_strings names = {0};
    size_t total = 0;
    bool good = true;
    for (size_t k = 0; k < c->n_attention; k++) {
        const xp_report_run *run = &c->run[c->n_infer + k];
        total += run->attention->n_layers;
        good = good && xp_strings_addf(&names, "%s, %s", run->label, xp_report_input(run, "model"));
    }
    double *number = good && total > 0 ? xp_alloc(PARTS * total, sizeof *number) : NULL;
    if (total > 0) good = good && number != NULL;
    if (good && total > 0)
        good = beside(c, sink, 0, number, (const char *const *)names.item) &&
               beside(c, sink, 3, number, (const char *const *)names.item);
    xp_free(number);
    xp_strings_free(&names);
    return good;
}

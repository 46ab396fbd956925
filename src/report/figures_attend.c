/* Figures of runs of attend. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
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

static bool lines(const xp_report_attention *run, const xp_figure_sink *sink, const double *number, bool maps) {
    static const char *const name[NUMBERS] = {"rows that a linear map gives back", "the same, fitted on shuffled pairs",
                                              "permuted rows, whole map", "permuted rows, without special tokens",
                                              "other texts"};
    static const size_t series[NUMBERS] = {0, 5, 1, 0, 5};
    const size_t n = run->result->n_layers, first = maps ? 2 : 0, last = maps ? NUMBERS : 2;
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
    char id[32];
    snprintf(id, sizeof id, "%s-%s", run->label, maps ? "maps" : "rows");
    const xp_chart_lines chart = {.title = title,
                                  .description = caption,
                                  .x_axis = "layer",
                                  .y_axis = maps ? "r with the intact map" : "share of rows",
                                  .series = s,
                                  .n = last - first,
                                  .mark = NAN};
    return sink->take(sink->self, &(xp_figure){id, title, caption, XP_FIGURE_LINES, &chart});
}

bool xp_figure_attention(const xp_report_attention *run, const xp_figure_sink *sink) {
    const size_t n = run->result->n_layers;
    if (n == 0) return true;
    double *number = xp_alloc((1 + 3 * NUMBERS) * n, sizeof *number), value[NUMBERS][3];
    if (number == NULL) return false;
    for (size_t i = 0; i < n; i++) {
        number[i] = (double)run->result->layers[i].layer;
        numbers_of(&run->result->layers[i], value);
        for (size_t k = 0; k < NUMBERS; k++)
            for (size_t part = 0; part < 3; part++) number[(1 + 3 * k + part) * n + i] = value[k][part];
    }
    const bool good = lines(run, sink, number, false) && lines(run, sink, number, true);
    xp_free(number);
    return good;
}

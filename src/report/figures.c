/* Figures of runs of infer; figures_attend.c has those of attend. */
#include "report/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "draw/scale.h"
#include "explaint/catalogue.h"
#include "explaint/visible.h"
#include "report/nulls.h"

enum { ROWS = 40, TEXT = 700, PLACES = 1000 };

void xp_figure_draw(const xp_figure *figure, double width, bool file, xp_svg *svg) {
    *svg = (xp_svg){.file = file};
    if (figure->kind == XP_FIGURE_POINTS) {
        xp_chart_points chart = *(const xp_chart_points *)figure->chart;
        chart.width = width;
        xp_chart_points_draw(&chart, svg);
    } else if (figure->kind == XP_FIGURE_LINES) {
        xp_chart_lines chart = *(const xp_chart_lines *)figure->chart;
        chart.width = width;
        xp_chart_lines_draw(&chart, svg);
    } else if (figure->kind == XP_FIGURE_HEAT) {
        xp_chart_heat chart = *(const xp_chart_heat *)figure->chart;
        chart.width = width;
        xp_chart_heat_draw(&chart, svg);
    } else if (figure->kind == XP_FIGURE_GRAPH) {
        xp_chart_graph chart = *(const xp_chart_graph *)figure->chart;
        chart.width = width;
        xp_chart_graph_draw(&chart, svg);
    } else {
        xp_chart_histogram chart = *(const xp_chart_histogram *)figure->chart;
        chart.width = width;
        xp_chart_histogram_draw(&chart, svg);
    }
}

static size_t series_of(const char *condition) {
    const explaint_entry *entry = explaint_catalogue_find("conditions", condition);
    const char *role = entry != NULL ? entry->role : "";
    return xp_report_is(role, "subject") ? 0 : xp_report_is(role, "broken") ? 1 : xp_report_is(role, "bound") ? 2 : 5;
}

/* ---- conditions ---- */

bool xp_figure_conditions(const xp_report_run *run, const xp_figure_sink *sink) {
    const explaint_result *r = run->result;
    const int layer = xp_report_main_layer(r);
    const char *metric = run->verdict_metric, *label = xp_report_metric_label(metric);
    const explaint_row *pair[XP_REPORT_PAIRS];
    const size_t n_pairs = xp_report_pairs(r, pair);
    xp_chart_row row[XP_REPORT_PAIRS];
    char name[XP_REPORT_PAIRS][96];
    size_t n = 0;
    for (size_t i = 0; i < n_pairs; i++) {
        const bool is_mean = xp_report_is(pair[i]->condition, "mean");
        if (is_mean && !xp_report_is(pair[i]->target, "norms")) continue; /* the strokes */
        const explaint_row *found =
            xp_report_row(run, pair[i]->condition, pair[i]->target, metric, layer, run->verdict_components);
        const explaint_row *mean =
            is_mean ? NULL : xp_report_row(run, "mean", pair[i]->target, metric, layer, run->verdict_components);
        if (found == NULL) continue;
        const size_t series = series_of(found->condition);
        const bool again =
            i > 0 && xp_report_is(pair[i - 1]->condition, pair[i]->condition); /* against another target */
        char label_of[61], target[31];                                         /* cut between characters */
        explaint_visible_text(xp_report_condition_label(xp_report_or_empty(found->condition)), label_of,
                              sizeof label_of);
        explaint_visible_text(xp_report_or_empty(found->target), target, sizeof target);
        snprintf(name[n], sizeof name[n], again ? "%s (%s)" : "%s", label_of, target);
        row[n] = (xp_chart_row){.label = name[n],
                                .value = found->value,
                                .ci = {found->ci[0], found->ci[1]},
                                .stroke = mean != NULL ? mean->value : NAN,
                                .range = {NAN, NAN},
                                .series = series,
                                .hollow = series != 0};
        n++;
    }
    char title[128], ceiling[64], number[XP_SCALE_LABEL], caption[TEXT];
    const bool has_ceiling = xp_report_is(metric, "f1_at_10") && isfinite(r->ceiling);
    xp_scale_number(r->ceiling, 3, number);
    snprintf(title, sizeof title, "%s of every condition", label);
    snprintf(ceiling, sizeof ceiling, "ceiling %s", number);
    snprintf(caption, sizeof caption,
             "%s on concepts that were not fitted on, with 95 %% bootstrap intervals. Filled discs are what is "
             "claimed, squares are "
             "conditions whose meaning was broken on purpose, triangles what could be reached. A score says little "
             "until it is beyond "
             "the mean predictor, which sees no vector: the upright stroke.%s",
             label, has_ceiling ? " The ceiling is what a perfect prediction would score." : "");
    return n == 0 || xp_figure_hand(sink, run, "conditions", title, caption, XP_FIGURE_POINTS,
                                    &(xp_chart_points){.title = title,
                                                       .description = caption,
                                                       .axis = label,
                                                       .row = row,
                                                       .n = n,
                                                       .decimals = 3,
                                                       .line = has_ceiling ? r->ceiling : NAN,
                                                       .line_label = has_ceiling ? ceiling : NULL,
                                                       .legend = {"the mean predictor on the same target", NULL, NULL},
                                                       .from_zero = true});
}

/* ---- the ladder of tests ---- */

/* "E2: beyond the category" */
static const char *test_label(const explaint_assumption *a, char label[96]) {
    const explaint_entry *entry = explaint_catalogue_find("tests", xp_report_or_empty(a->id));
    if (entry != NULL)
        snprintf(label, 96, "%.20s: beyond %.60s", a->id, entry->short_label);
    else
        explaint_visible_text(xp_report_or_empty(a->id), label, 91);
    return label;
}

bool xp_figure_tests(const xp_report_run *run, const xp_figure_sink *sink) {
    const explaint_verdict *v = xp_report_main_verdict(run->result, "information");
    xp_chart_row row[ROWS];
    char label[ROWS][96];
    size_t n = 0;
    for (size_t i = 0; v != NULL && i < v->n_assumptions && n < ROWS; i++) {
        const explaint_assumption *a = &v->assumptions[i];
        if (a->statistic == NULL || !isfinite(a->r)) continue;
        row[n] = (xp_chart_row){.label = test_label(a, label[n]),
                                .value = a->r,
                                .ci = {a->ci[0] + a->null_mean, a->ci[1] + a->null_mean},
                                .stroke = NAN,
                                .range = {a->null_mean - 2 * a->null_sd, a->null_mean + 2 * a->null_sd},
                                .series = xp_report_is(a->outcome, "holds")   ? 2
                                          : xp_report_is(a->outcome, "fails") ? 1
                                                                              : 5,
                                .hollow = !xp_report_is(a->outcome, "holds")};
        n++;
    }
    static const char title[] = "The ladder of tests";
    static const char caption[] = "How far vectors and norms agree on which concepts are alike (r), with 95 % "
                                  "intervals. Each step down allows less: the grey bar is what "
                                  "permutations leave possible there (mean and two standard deviations). A filled "
                                  "triangle right of its bar holds; a ring does not.";
    return n == 0 || xp_figure_hand(sink, run, "tests", title, caption, XP_FIGURE_POINTS,
                                    &(xp_chart_points){.title = title,
                                                       .description = caption,
                                                       .axis = "agreement r",
                                                       .row = row,
                                                       .n = n,
                                                       .decimals = 3,
                                                       .line = 0,
                                                       .legend = {NULL, "what permutations give", NULL}});
}

bool xp_figure_nulls(const xp_report_run *run, const xp_figure_sink *sink) {
    bool good = true;
    const explaint_verdict *v = xp_report_main_verdict(run->result, "information");
    for (size_t i = 0; v != NULL && good && i < v->n_assumptions; i++) {
        const explaint_assumption *a = &v->assumptions[i];
        const xp_null_distribution *null = xp_null_find(run, xp_report_or_empty(a->id));
        if (null == NULL) continue;
        char title[160], label[96], observed[64], number[XP_SCALE_LABEL], caption[TEXT], name[64];
        xp_scale_number(a->r, 3, number);
        snprintf(title, sizeof title, "%s: what chance gives", test_label(a, label));
        snprintf(observed, sizeof observed, "observed r %s", number);
        xp_scale_number(a->p, 4, number);
        snprintf(caption, sizeof caption, "r under %zu permutations, and as it was observed; p %s%s.", null->n, number,
                 xp_report_is(a->id, "E4") || xp_report_is(a->id, "E4-clusters") ? ", from flipped signs of groups"
                                                                                 : "");
        snprintf(name, sizeof name, "null-%.40s", a->id);
        good = xp_figure_hand(sink, run, name, title, caption, XP_FIGURE_HISTOGRAM,
                              &(xp_chart_histogram){.title = title,
                                                    .description = caption,
                                                    .axis = "agreement r under permutation",
                                                    .value = null->r,
                                                    .n = null->n,
                                                    .observed = a->r,
                                                    .observed_label = observed});
    }
    return good;
}

/* ---- what the mapping is compared with ---- */

static const char *compared_with(const explaint_assumption *a) {
    static const char *const names[][2] = {{"mean", "the mean predictor"},
                                           {"knn", "copying neighbours"},
                                           {"bottleneck", "the group bottleneck"},
                                           {"reader", "a plain ridge"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (xp_report_is(a->id, names[i][0])) return names[i][1];
    return a->id;
}

bool xp_figure_comparisons(const xp_report_run *run, const xp_figure_sink *sink) {
    const explaint_verdict *v = xp_report_main_verdict(run->result, "mapping");
    xp_chart_row row[ROWS];
    size_t n = 0;
    for (size_t i = 0; v != NULL && i < v->n_assumptions && n < ROWS; i++) {
        const explaint_assumption *a = &v->assumptions[i];
        if (!isfinite(a->gain)) continue;
        row[n++] = (xp_chart_row){.label = compared_with(a),
                                  .value = a->gain,
                                  .ci = {a->ci[0], a->ci[1]},
                                  .stroke = NAN,
                                  .range = {NAN, NAN},
                                  .series = xp_report_is(a->outcome, "holds")   ? 2
                                            : xp_report_is(a->outcome, "fails") ? 1
                                                                                : 5,
                                  .hollow = !xp_report_is(a->outcome, "holds")};
    }
    static const char title[] = "The mapping beside simpler ways to predict";
    static const char caption[] = "Score of the mapping less that of each of them, on the concepts with distinct "
                                  "vectors, with 95 % intervals. Right of 0 the mapping is better. "
                                  "A plain ridge stands beside and decides nothing.";
    char axis[96];
    snprintf(axis, sizeof axis, "gain in %s", xp_report_metric_label(v != NULL ? xp_report_or_empty(v->metric) : ""));
    return n == 0 || xp_figure_hand(sink, run, "comparisons", title, caption, XP_FIGURE_POINTS,
                                    &(xp_chart_points){.title = title,
                                                       .description = caption,
                                                       .axis = axis,
                                                       .row = row,
                                                       .n = n,
                                                       .decimals = 3,
                                                       .line = 0,
                                                       .signed_values = true});
}

/* ---- curves ---- */

/* Conditions that a curve shows, each against its target. */
static const char *const curved[][2] = {{"system", "norms"},           {"shuffle", "shuffle"},      {"upper", "norms"},
                                        {"random-embedding", "norms"}, {"category-folds", "norms"}, {"mean", "norms"}};
enum { CURVES = sizeof curved / sizeof *curved };

typedef struct curve_data {
    xp_chart_series series[CURVES];
    double *number; /* 4 x CURVES x n */
    size_t n_series;
} curve_data;

/* A line for each condition that has a value at some place; one that does not depend on it is flat. */
static bool collect(const xp_report_run *run, bool layers, const size_t *place, size_t n, curve_data *data) {
    const int layer = xp_report_main_layer(run->result);
    *data = (curve_data){.number = xp_alloc(4 * CURVES * n, sizeof *data->number)};
    if (data->number == NULL) return false;
    for (size_t c = 0; c < CURVES; c++) {
        double *x = data->number + 4 * c * n, *y = x + n, *low = y + n, *high = low + n;
        bool any = false;
        for (size_t i = 0; i < n; i++) {
            const explaint_row *row =
                xp_report_row(run, curved[c][0], curved[c][1], run->verdict_metric, layers ? (int)place[i] : layer,
                              layers ? run->verdict_components : place[i]);
            x[i] = (double)place[i];
            y[i] = row != NULL ? row->value : NAN;
            low[i] = row != NULL ? row->ci[0] : NAN;
            high[i] = row != NULL ? row->ci[1] : NAN;
            any |= isfinite(y[i]);
        }
        if (any)
            data->series[data->n_series++] =
                (xp_chart_series){xp_report_condition_label(curved[c][0]), x, y, low, high, n, c};
    }
    return true;
}

static bool curve(const xp_report_run *run, const xp_figure_sink *sink, bool layers, const size_t *place, size_t n) {
    const char *metric = xp_report_metric_label(run->verdict_metric);
    const int layer = xp_report_main_layer(run->result);
    char title[128], caption[TEXT];
    curve_data data;
    if (!collect(run, layers, place, n, &data)) return false;
    snprintf(title, sizeof title, layers ? "%s over layers" : "%s over components", metric);
    snprintf(caption, sizeof caption,
             "%s with 95 %% bootstrap intervals. The dashed line stands at the %s that the verdict is about%s.", metric,
             layers ? "layer" : "count", layers ? ", the best of all, which its p knows" : "");
    const double mark = layers ? layer : (double)run->verdict_components;
    bool good = data.n_series == 0 ||
                xp_figure_hand(sink, run, layers ? "layers" : "components", title, caption, XP_FIGURE_LINES,
                               &(xp_chart_lines){.title = title,
                                                 .description = caption,
                                                 .x_axis = layers ? "layer" : "components",
                                                 .y_axis = metric,
                                                 .series = data.series,
                                                 .n = data.n_series,
                                                 .mark = mark > 0 || layers ? mark : NAN,
                                                 .mark_label = "the verdict"});
    xp_free(data.number);
    return good;
}

/* The different layers, or component counts, of the rows, in order. NULL: no memory. */
static size_t *places(const explaint_result *r, bool layers, size_t *n) {
    size_t *place = xp_alloc(r->n_rows + 1, sizeof *place);
    *n = 0;
    for (size_t i = 0; place != NULL && i < r->n_rows && *n < PLACES; i++) {
        if (layers ? r->rows[i].layer < 0 : r->rows[i].n_components == 0) continue;
        const size_t value = layers ? (size_t)r->rows[i].layer : r->rows[i].n_components;
        size_t at = *n;
        while (at > 0 && place[at - 1] > value) at--;
        if (at > 0 && place[at - 1] == value) continue;
        memmove(place + at + 1, place + at, (*n - at) * sizeof *place);
        place[at] = value;
        ++*n;
    }
    return place;
}

bool xp_figure_curves(const xp_report_run *run, const xp_figure_sink *sink) {
    bool good = true;
    for (int layers = 0; layers < 2 && good; layers++) {
        size_t n;
        size_t *place = places(run->result, layers != 0, &n);
        good = place != NULL && (n < 2 || curve(run, sink, layers != 0, place, n));
        xp_free(place);
    }
    return good;
}

bool xp_figure_all(const xp_report_run *run, const xp_figure_sink *sink) {
    return xp_figure_conditions(run, sink) && xp_figure_tests(run, sink) && xp_figure_nulls(run, sink) &&
           xp_figure_comparisons(run, sink) && xp_figure_curves(run, sink) && xp_figure_predictions(run, sink);
}

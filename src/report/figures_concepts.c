/* Figures of what was predicted of single concepts: do scores follow how many features a concept has, and how many concepts a feature has? */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/figures.h"
#include "report/predictions.h"

enum { CONDITIONS = 4, CEILING = CONDITIONS, CURVES, BINS = 64, TEXT = 700 };

/* Against the norms: what is claimed, what sees no vector, what could be had. */
static const char *const condition[CONDITIONS] = {"system", "mean", "category-folds", "upper"};
static const size_t series_of[CURVES] = {0, 5, 3, 2, 4};

/* Concepts or features, in the order of their counts. */
typedef struct item {
    double count, value[CURVES]; /* NaN: none */
} item;

typedef struct items {
    item *at;
    size_t n;
    bool has[CURVES];
} items;

static int by_count(const void *a, const void *b) {
    const item *x = a, *y = b;
    return x->count < y->count ? -1 : x->count > y->count;
}

/* ---- means of bins ---- */

typedef struct bins {
    double x[BINS], y[CURVES][BINS], low[CURVES][BINS], high[CURVES][BINS];
    size_t n;
} bins;

/* Mean, and where it is by its standard error, items as the sample, and not beyond what any of them has; of one item no interval. */
static void mean_of(const item *first, size_t n, size_t curve, double *mean, double *low, double *high) {
    double sum = 0, squares = 0, least = INFINITY, most = -INFINITY;
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(first[i].value[curve])) {
            sum += first[i].value[curve];
            least = fmin(least, first[i].value[curve]);
            most = fmax(most, first[i].value[curve]);
            count++;
        }
    *mean = count > 0 ? sum / (double)count : NAN;
    for (size_t i = 0; i < n; i++)
        if (!isnan(first[i].value[curve])) squares += pow(first[i].value[curve] - *mean, 2);
    const double half = count > 1 ? 1.96 * sqrt(squares / (double)(count - 1) / (double)count) : NAN;
    *low = isnan(half) ? NAN : fmax(*mean - half, least);
    *high = isnan(half) ? NAN : fmin(*mean + half, most);
}

static void add_bin(bins *b, const item *first, size_t n) {
    double sum = 0;
    if (b->n == BINS) return;
    for (size_t i = 0; i < n; i++) sum += first[i].count;
    b->x[b->n] = sum / (double)n;
    for (size_t k = 0; k < CURVES; k++) mean_of(first, n, k, &b->y[k][b->n], &b->low[k][b->n], &b->high[k][b->n]);
    b->n++;
}

/* Equal counts stay together. Doublings: 1, 2 to 3, 4 to 7; else tenths of the items. */
static void divide(const items *all, bool doublings, bins *b) {
    size_t first = 0, bin = 0;
    b->n = 0;
    for (size_t i = 0, equal = 0; i <= all->n; i++) { /* equal: the first with this count */
        if (i < all->n && i > 0 && all->at[i].count > all->at[i - 1].count) equal = i;
        const size_t now = i == all->n ? SIZE_MAX : doublings ? (size_t)ilogb(all->at[i].count) : 10 * equal / all->n;
        if (i > 0 && now != bin) {
            add_bin(b, all->at + first, i - first);
            first = i;
        }
        bin = now;
    }
}

static bool draw(const xp_report_run *run, const xp_figure_sink *sink, const items *all, bool doublings,
                 const char *name, const char *title, const char *caption, const char *x_axis, const char *y_axis) {
    bins b;
    xp_chart_series series[CURVES];
    size_t n = 0, n_dots = 0;
    qsort(all->at, all->n, sizeof *all->at, by_count);
    divide(all, doublings, &b);
    if (b.n < 3) return true; /* a line of nothing */
    double *dot = xp_alloc(2 * all->n, sizeof *dot);
    if (dot == NULL) return false;
    for (size_t i = 0; i < all->n; i++)
        if (!isnan(all->at[i].value[0])) {
            dot[n_dots] = all->at[i].count;
            dot[all->n + n_dots++] = all->at[i].value[0];
        }
    for (size_t k = 0; k < CURVES; k++)
        if (all->has[k])
            series[n++] = (xp_chart_series){k == CEILING ? "ceiling" : xp_report_condition_label(condition[k]),
                                            b.x,
                                            b.y[k],
                                            k == CEILING ? NULL : b.low[k],
                                            k == CEILING ? NULL : b.high[k],
                                            b.n,
                                            series_of[k]};
    const xp_chart_lines chart = {.title = title,
                                  .description = caption,
                                  .x_axis = x_axis,
                                  .y_axis = y_axis,
                                  .series = series,
                                  .n = n,
                                  .dot_x = dot,
                                  .dot_y = dot + all->n,
                                  .n_dots = n_dots,
                                  .mark = NAN,
                                  .log_x = doublings};
    const bool good = xp_figure_hand(sink, run, name, title, caption, XP_FIGURE_LINES, &chart);
    xp_free(dot);
    return good;
}

static bool begin(items *all, size_t n) {
    *all = (items){.at = xp_alloc(n, sizeof(item)), .n = n};
    for (size_t i = 0; all->at != NULL && i < n; i++)
        for (size_t k = 0; k < CURVES; k++) all->at[i].value[k] = NAN;
    return all->at != NULL;
}

/* ---- concepts: richness ---- */

static bool richness(const xp_report_run *run, const xp_figure_sink *sink) {
    const xp_csr *gold = &run->predictions->features.gold;
    const char *metric = xp_report_metric_label(run->verdict_metric);
    const bool f1 = xp_report_is(run->verdict_metric, "f1_at_10");
    char title[128], caption[TEXT];
    items all;
    if (!begin(&all, gold->n)) return false;
    for (size_t i = 0; i < gold->n; i++) {
        const size_t count = gold->start[i + 1] - gold->start[i];
        all.at[i].count = (double)count;
        if (f1) all.at[i].value[CEILING] = xp_metric_f1_ceiling(count, gold->m);
    }
    all.has[CEILING] = f1;
    for (size_t k = 0; k < CONDITIONS; k++) {
        const xp_predicted *p = xp_predicted_find(run->predictions, condition[k], "norms");
        for (size_t i = 0; p != NULL && i < gold->n; i++) all.at[i].value[k] = p->score[i];
        all.has[k] = p != NULL;
    }
    snprintf(title, sizeof title, "%s and how many features a concept has", metric);
    snprintf(
        caption, sizeof caption,
        "Means of tenths of the concepts, by how many features a concept has in the norms, with 95 %% intervals by "
        "the standard error over concepts. Discs are the scores of single concepts under the first condition, "
        "larger where more lie.%s",
        f1 ? " With few features, or with many, no prediction of ten can score 1: the ceiling." : "");
    const bool good = draw(run, sink, &all, false, "richness", title, caption, "features of the concept", metric);
    xp_free(all.at);
    return good;
}

/* ---- features: frequency ---- */

/* Of the concepts with each feature the share that has it as a hit. */
static void recall(const xp_predicted *p, size_t n, size_t curve, items *all) {
    for (size_t j = 0; j < all->n; j++) all->at[j].value[curve] = 0;
    for (size_t i = 0; i < n * XP_TOP; i++)
        if (p->feature[i] >= 0 && p->shown.hit[i]) all->at[p->feature[i]].value[curve]++;
    for (size_t j = 0; j < all->n; j++) all->at[j].value[curve] /= all->at[j].count;
}

static bool frequency(const xp_report_run *run, const xp_figure_sink *sink) {
    static const char title[] = "Hits and how many concepts have a feature";
    static const char caption[] =
        "Of the concepts that have a feature, the share of which it is among the ten that are predicted most strongly. "
        "Means of features that as many concepts have (one, two or three, four to seven, and so on), with 95 % "
        "intervals "
        "by the standard error over features; discs are single features under the first condition. A feature of one "
        "concept alone cannot be learned from others, and the most frequent ones need no vector.";
    const xp_csr *gold = &run->predictions->features.gold;
    items all;
    bool every = true;                                              /* each feature has a concept */
    if (2 * gold->start[gold->n] >= gold->n * gold->m) return true; /* dense: every concept has nearly every feature */
    if (!begin(&all, gold->m)) return false;
    for (size_t j = 0; j < gold->m; j++) all.at[j].count = 0;
    for (size_t k = 0; k < gold->start[gold->n]; k++) all.at[gold->column[k]].count++;
    for (size_t j = 0; j < gold->m; j++) every = every && all.at[j].count > 0;
    for (size_t k = 0; every && k < CONDITIONS; k++) {
        const xp_predicted *p = xp_predicted_find(run->predictions, condition[k], "norms");
        if (p != NULL) recall(p, gold->n, k, &all);
        all.has[k] = p != NULL;
    }
    const bool good = !every || draw(run, sink, &all, true, "frequency", title, caption,
                                     "concepts that have the feature", "share that is hit");
    xp_free(all.at);
    return good;
}

bool xp_figure_predictions(const xp_report_run *run, const xp_figure_sink *sink) {
    return run->predictions == NULL || (richness(run, sink) && frequency(run, sink));
}

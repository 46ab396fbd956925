/* Points, lines and histograms; heat.c has the matrix. */
#include "draw/chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "draw/scale.h"

enum { TEXT = XP_SVG_TEXT_SIZE, GAP = 8 };

static void widen(double value, double *low, double *high) {
    if (!isfinite(value)) return;
    if (!(value >= *low)) *low = value;
    if (!(value <= *high)) *high = value;
}

/* As many ticks as have room, at some 60 pixels each. */
static size_t ticks_for(double pixels) {
    const double n = pixels / 64;
    return n < 3 ? 3 : n > 9 ? 9 : (size_t)n;
}

static void class_list(char names[48], const char *first, size_t series, bool dashed) {
    const size_t s = series % 6;
    if (dashed && s > 0)
        snprintf(names, 48, "%s s%zu dash%zu", first, s, s);
    else
        snprintf(names, 48, "%s s%zu", first, s);
}

/* The axis below a plot: rules through it, ticks, and its name. */
static void x_axis(xp_svg *svg, const xp_scale *x, double top, double bottom, const char *name) {
    char label[XP_SCALE_LABEL];
    double free = -1; /* where the last label ends */
    for (size_t i = 0; i < x->n_ticks; i++) {
        const double at = xp_scale_at(x, x->tick[i]);
        xp_svg_line(svg, at, top, at, bottom, "rule");
        xp_scale_tick_label(x, i, label);
        const double half = xp_svg_text_width(label) * 11 / TEXT / 2;
        if (at - half < free) continue;
        xp_svg_text(svg, &(xp_svg_label){.x = fmin(fmax(at, half + 1), svg->width - half - 1),
                                         .y = bottom + 15,
                                         .anchor = 'm',
                                         .class_names = "muted small",
                                         .text = label});
        free = at + half + 4;
    }
    xp_svg_line(svg, x->from, bottom, x->to, bottom, "axis");
    xp_svg_text(svg,
                &(xp_svg_label){
                    .x = (x->from + x->to) / 2, .y = bottom + 32, .anchor = 'm', .class_names = "muted", .text = name});
}

static void nothing(xp_svg *svg, double width, const char *title, const char *description) {
    xp_svg_begin(svg, width, 60, title, description);
    xp_svg_text(
        svg,
        &(xp_svg_label){
            .x = width / 2, .y = 34, .anchor = 'm', .class_names = "muted", .text = "There are no values to draw."});
    xp_svg_end(svg);
}

/* ---- points ---- */

typedef struct points_layout {
    bool narrow;
    double left, right, row_height, top, bottom;
} points_layout;

static points_layout lay_points(const xp_chart_points *chart) {
    points_layout l = {.narrow = chart->width < XP_CHART_NARROW, .left = 12, .right = 12};
    if (!l.narrow) {
        for (size_t i = 0; i < chart->n; i++) l.left = fmax(l.left, xp_svg_text_width(chart->row[i].label) + 2 * GAP);
        l.left = fmin(l.left, chart->width * .42);
        l.right = 64;
        for (size_t i = 0; i < chart->n; i++)
            if (isfinite(chart->row[i].ci[0])) l.right = 168;
    }
    size_t legends = 0;
    for (size_t i = 0; i < 3; i++) legends += chart->legend[i] != NULL;
    const size_t lines = legends == 0 ? 0 : l.narrow ? legends : 1;
    l.row_height = l.narrow ? 38 : 25;
    l.top = 6 + (double)lines * 19 + (chart->line_label != NULL && isfinite(chart->line) ? 18 : 0);
    l.bottom = l.top + l.row_height * (double)chart->n + 6;
    return l;
}

static void legend_symbol(xp_svg *svg, size_t which, double x, double y) {
    if (which == 1)
        xp_svg_rect(svg, x, y - 9, 22, 9, "null");
    else
        xp_svg_line(svg, x + 11, y - 11, x + 11, y + 2, which == 0 ? "stroke" : "axis dash1");
}

static void points_legend(const xp_chart_points *chart, const points_layout *l, xp_svg *svg) {
    double x = l->narrow ? 4 : l->left - GAP, y = 15;
    for (size_t i = 0; i < 3; i++) {
        if (chart->legend[i] == NULL) continue;
        legend_symbol(svg, i, x, y);
        const double room =
            l->narrow ? chart->width - x - 32 : fmin(xp_svg_text_width(chart->legend[i]), chart->width - x - 32);
        xp_svg_text(svg,
                    &(xp_svg_label){
                        .x = x + 28, .y = y, .room = fmax(room, 40), .class_names = "muted", .text = chart->legend[i]});
        if (l->narrow)
            y += 19;
        else
            x += 28 + room + 2 * GAP;
    }
}

static void one_row(const xp_chart_points *chart, const points_layout *l, const xp_scale *x, size_t i, xp_svg *svg) {
    const xp_chart_row *row = &chart->row[i];
    const double upper = l->top + l->row_height * (double)i, y = upper + (l->narrow ? 28 : l->row_height / 2 + 2);
    char value[XP_SCALE_LABEL], low[XP_SCALE_LABEL], high[XP_SCALE_LABEL], title[512], name[48];
    (chart->signed_values ? xp_scale_signed : xp_scale_number)(row->value, chart->decimals, value);
    (chart->signed_values ? xp_scale_signed : xp_scale_number)(row->ci[0], chart->decimals, low);
    (chart->signed_values ? xp_scale_signed : xp_scale_number)(row->ci[1], chart->decimals, high);
    snprintf(title, sizeof title, isfinite(row->ci[0]) ? "%.300s: %s [%s, %s]" : "%.300s: %s", row->label, value, low,
             high);
    xp_svg_group(svg, title);
    xp_svg_rect(svg, xp_scale_at(x, row->range[0]), y - 7,
                xp_scale_at(x, row->range[1]) - xp_scale_at(x, row->range[0]), 14, "null");
    xp_svg_line(svg, xp_scale_at(x, row->stroke), y - 9, xp_scale_at(x, row->stroke), y + 9, "stroke");
    class_list(name, "span", row->series, false);
    xp_svg_line(svg, xp_scale_at(x, row->ci[0]), y, xp_scale_at(x, row->ci[1]), y, name);
    class_list(name, row->hollow ? "hollow" : "mark", row->series, false);
    xp_svg_mark(svg, xp_scale_at(x, row->value), y, 5, row->series, name);
    if (l->narrow) {
        xp_svg_text(svg, &(xp_svg_label){.x = 4, .y = upper + 16, .room = chart->width - 70, .text = row->label});
        xp_svg_text(svg, &(xp_svg_label){.x = chart->width - 4, .y = upper + 16, .anchor = 'e', .text = value});
    } else {
        xp_svg_text(svg,
                    &(xp_svg_label){
                        .x = l->left - GAP, .y = y + 4, .room = l->left - GAP - 2, .anchor = 'e', .text = row->label});
        xp_svg_text(svg, &(xp_svg_label){.x = chart->width - l->right + 56, .y = y + 4, .anchor = 'e', .text = value});
        snprintf(title, sizeof title, "[%s, %s]", low, high);
        if (isfinite(row->ci[0]))
            xp_svg_text(svg, &(xp_svg_label){.x = chart->width - 2,
                                             .y = y + 4,
                                             .room = 110,
                                             .anchor = 'e',
                                             .class_names = "muted small",
                                             .text = title});
    }
    xp_svg_group_end(svg);
}

void xp_chart_points_draw(const xp_chart_points *chart, xp_svg *svg) {
    double low = chart->from_zero ? 0 : NAN, high = NAN;
    for (size_t i = 0; i < chart->n; i++) {
        const xp_chart_row *row = &chart->row[i];
        const double all[] = {row->value, row->ci[0], row->ci[1], row->stroke, row->range[0], row->range[1]};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) widen(all[k], &low, &high);
    }
    if (!isfinite(high)) {
        nothing(svg, chart->width, chart->title, chart->description);
        return;
    }
    widen(chart->line, &low, &high);
    const points_layout l = lay_points(chart);
    xp_svg_begin(svg, chart->width, l.bottom + 42, chart->title, chart->description);
    const xp_scale x =
        xp_scale_linear(low, high, l.left + 6, chart->width - l.right - 6, ticks_for(chart->width - l.left - l.right));
    points_legend(chart, &l, svg);
    x_axis(svg, &x, l.top, l.bottom, chart->axis);
    const double line = xp_scale_at(&x, chart->line);
    xp_svg_line(svg, line, l.top - 2, line, l.bottom, "axis dash1");
    if (chart->line_label != NULL && isfinite(line)) {
        const double half = xp_svg_text_width(chart->line_label) / 2, most = chart->width - half - 2;
        xp_svg_text(svg, &(xp_svg_label){.x = fmax(fmin(line, most), half + 2),
                                         .y = l.top - 6,
                                         .anchor = 'm',
                                         .class_names = "muted",
                                         .text = chart->line_label});
    }
    for (size_t i = 0; i < chart->n; i++) one_row(chart, &l, &x, i, svg);
    xp_svg_end(svg);
}

/* ---- lines ---- */

/* Names of series with their lines, in as many rows as they need. Returns the height; svg NULL: only that. */
static double lines_legend(const xp_chart_lines *chart, xp_svg *svg) {
    double x = 4, y = 15;
    for (size_t i = 0; i < chart->n; i++) {
        const double width = fmin(xp_svg_text_width(chart->series[i].name), chart->width - 56) + 40 + 2 * GAP;
        if (x > 4 && x + width > chart->width) {
            x = 4;
            y += 19;
        }
        if (svg != NULL) {
            char name[48];
            class_list(name, "line", chart->series[i].series, true);
            xp_svg_line(svg, x, y - 4, x + 30, y - 4, name);
            class_list(name, "mark", chart->series[i].series, false);
            xp_svg_mark(svg, x + 15, y - 4, 4, chart->series[i].series, name);
            xp_svg_text(svg, &(xp_svg_label){.x = x + 36, .y = y, .room = width - 40, .text = chart->series[i].name});
        }
        x += width;
    }
    return chart->n > 0 ? y + 8 : 4;
}

/* "vectors → norms at 25: 0.296 [0.284, 0.307]" */
static void value_title(const xp_chart_series *s, size_t i, char title[512]) {
    const bool bounded = s->low != NULL && s->high != NULL && isfinite(s->low[i]) && isfinite(s->high[i]);
    char x[XP_SCALE_LABEL], y[XP_SCALE_LABEL], low[XP_SCALE_LABEL], high[XP_SCALE_LABEL];
    xp_scale_number(s->x[i], s->x[i] == floor(s->x[i]) ? 0 : 1, x);
    xp_scale_number(s->y[i], 3, y);
    xp_scale_number(bounded ? s->low[i] : NAN, 3, low);
    xp_scale_number(bounded ? s->high[i] : NAN, 3, high);
    snprintf(title, 512, bounded ? "%.300s at %s: %s [%s, %s]" : "%.300s at %s: %s", s->name, x, y, low, high);
}

static bool one_series(const xp_chart_series *s, const xp_scale *x, const xp_scale *y, xp_svg *svg) {
    double *place = xp_alloc(4 * s->n + 1, sizeof *place);
    if (place == NULL) return false;
    double *px = place, *py = place + 2 * s->n;
    char name[48];
    if (s->low != NULL && s->high != NULL) {
        for (size_t i = 0; i < s->n; i++) {
            px[i] = px[2 * s->n - 1 - i] = xp_scale_at(x, s->x[i]);
            py[i] = xp_scale_at(y, s->low[i]);
            py[2 * s->n - 1 - i] = xp_scale_at(y, s->high[i]);
        }
        class_list(name, "band", s->series, false);
        xp_svg_polyline(svg, px, py, s->n, true, name);
    }
    for (size_t i = 0; i < s->n; i++) {
        px[i] = xp_scale_at(x, s->x[i]);
        py[i] = xp_scale_at(y, s->y[i]);
    }
    class_list(name, "line", s->series, true);
    xp_svg_polyline(svg, px, py, s->n, false, name);
    const size_t every = s->n > 16 ? s->n / 8 : 1; /* marks on a line that is long stand apart */
    class_list(name, "mark", s->series, false);
    for (size_t i = 0; i < s->n; i += every) {
        if (!isfinite(px[i]) || !isfinite(py[i])) continue;
        char title[512];
        value_title(s, i, title);
        xp_svg_group(svg, title);
        xp_svg_mark(svg, px[i], py[i], 3.5, s->series, name);
        xp_svg_group_end(svg);
    }
    xp_free(place);
    return true;
}

/* One disc for all dots of a cell of CELL pixels, at their middle, so that thousands are few shapes. */
enum { CELL = 8 };

typedef struct heap {
    double x, y;
    size_t n;
} heap;

static bool dots(const xp_chart_lines *chart, const xp_scale *x, const xp_scale *y, xp_svg *svg) {
    const size_t columns = (size_t)(svg->width / CELL) + 1, rows = (size_t)(svg->height / CELL) + 1;
    heap *cell = xp_calloc(columns * rows, sizeof *cell);
    if (cell == NULL) return false;
    size_t most = 1;
    for (size_t i = 0; i < chart->n_dots; i++) {
        const double px = xp_scale_at(x, chart->dot_x[i]), py = xp_scale_at(y, chart->dot_y[i]);
        if (!(px >= 0 && px <= svg->width && py >= 0 && py <= svg->height)) continue;
        heap *h = &cell[(size_t)(py / CELL) * columns + (size_t)(px / CELL)];
        h->x += px;
        h->y += py;
        if (++h->n > most) most = h->n;
    }
    for (size_t i = 0; i < columns * rows; i++)
        if (cell[i].n > 0)
            xp_svg_mark(svg, cell[i].x / (double)cell[i].n, cell[i].y / (double)cell[i].n,
                        fmax(1.6, .55 * CELL * sqrt((double)cell[i].n / (double)most)), 0, "dots s0");
    xp_free(cell);
    return true;
}

void xp_chart_lines_draw(const xp_chart_lines *chart, xp_svg *svg) {
    double range[2][2] = {{NAN, NAN}, {NAN, NAN}};
    char label[XP_SCALE_LABEL];
    for (size_t k = 0; k < chart->n; k++)
        for (size_t i = 0; i < chart->series[k].n; i++) {
            const xp_chart_series *s = &chart->series[k];
            widen(s->x[i], &range[0][0], &range[0][1]);
            widen(s->y[i], &range[1][0], &range[1][1]);
            if (s->low != NULL) widen(s->low[i], &range[1][0], &range[1][1]);
            if (s->high != NULL) widen(s->high[i], &range[1][0], &range[1][1]);
        }
    for (size_t i = 0; i < chart->n_dots; i++) {
        widen(chart->dot_x[i], &range[0][0], &range[0][1]);
        widen(chart->dot_y[i], &range[1][0], &range[1][1]);
    }
    if (!isfinite(range[1][0])) {
        nothing(svg, chart->width, chart->title, chart->description);
        return;
    }
    const double top = lines_legend(chart, NULL) + 24, height = chart->width < XP_CHART_NARROW ? 210 : 260,
                 bottom = top + height;
    xp_scale y = xp_scale_linear(range[1][0], range[1][1], bottom, top, 6);
    double left = 12;
    for (size_t i = 0; i < y.n_ticks; i++) {
        xp_scale_tick_label(&y, i, label);
        left = fmax(left, xp_svg_text_width(label) + 12);
    }
    xp_svg_begin(svg, chart->width, bottom + 42, chart->title, chart->description);
    const size_t most = ticks_for(chart->width - left);
    xp_scale x = chart->log_x ? xp_scale_log(range[0][0], range[0][1], left, chart->width - 14, most)
                              : xp_scale_linear(range[0][0], range[0][1], left, chart->width - 14, most);
    lines_legend(chart, svg);
    xp_svg_text(svg, &(xp_svg_label){.x = 4, .y = top - 9, .class_names = "muted", .text = chart->y_axis});
    for (size_t i = 0; i < y.n_ticks; i++) {
        const double at = xp_scale_at(&y, y.tick[i]);
        xp_scale_tick_label(&y, i, label);
        xp_svg_line(svg, left, at, chart->width - 14, at, "rule");
        xp_svg_text(svg, &(xp_svg_label){
                             .x = left - 6, .y = at + 4, .anchor = 'e', .class_names = "muted small", .text = label});
    }
    x_axis(svg, &x, top, bottom, chart->x_axis);
    const double mark = xp_scale_at(&x, chart->mark);
    xp_svg_line(svg, mark, top, mark, bottom, "axis dash1");
    if (chart->mark_label != NULL && isfinite(mark)) {
        const bool before = mark > chart->width / 2;
        xp_svg_text(svg, &(xp_svg_label){.x = before ? mark - 5 : mark + 5,
                                         .y = top + 12,
                                         .anchor = before ? 'e' : 's',
                                         .class_names = "muted small",
                                         .text = chart->mark_label});
    }
    svg->out.failed |= chart->n_dots > 0 && !dots(chart, &x, &y, svg);
    for (size_t i = 0; i < chart->n; i++) svg->out.failed |= !one_series(&chart->series[i], &x, &y, svg);
    xp_svg_end(svg);
}

/* ---- histograms ---- */

enum { BINS = 31 };

void xp_chart_histogram_draw(const xp_chart_histogram *chart, xp_svg *svg) {
    double low = NAN, high = NAN;
    size_t bin[BINS] = {0}, most = 0;
    for (size_t i = 0; i < chart->n; i++) widen(chart->value[i], &low, &high);
    if (!isfinite(low)) {
        nothing(svg, chart->width, chart->title, chart->description);
        return;
    }
    const double first = low, step = high > low ? (high - low) / BINS : 1;
    for (size_t i = 0; i < chart->n; i++) {
        if (!isfinite(chart->value[i])) continue;
        const double at = (chart->value[i] - first) / step;
        const size_t b = at >= BINS ? BINS - 1 : (size_t)at;
        if (++bin[b] > most) most = bin[b];
    }
    widen(chart->observed, &low, &high);
    const double top = 30, bottom = 130;
    xp_svg_begin(svg, chart->width, bottom + 42, chart->title, chart->description);
    const xp_scale x = xp_scale_linear(low, high, 12, chart->width - 12, ticks_for(chart->width - 24));
    x_axis(svg, &x, top, bottom, chart->axis);
    for (size_t b = 0; b < BINS; b++) {
        const double left = xp_scale_at(&x, first + step * (double)b),
                     right = xp_scale_at(&x, first + step * (double)(b + 1));
        const double height = (bottom - top) * (double)bin[b] / (double)most;
        if (bin[b] > 0) xp_svg_rect(svg, left, bottom - height, fmax(right - left, 1), height, "bar");
    }
    const double observed = xp_scale_at(&x, chart->observed);
    xp_svg_line(svg, observed, top - 4, observed, bottom, "s1 line");
    if (chart->observed_label != NULL && isfinite(observed)) {
        const bool before = observed > chart->width / 2;
        xp_svg_text(svg, &(xp_svg_label){.x = before ? fmin(observed + 4, chart->width - 4) : fmax(observed - 4, 4),
                                         .y = top - 9,
                                         .anchor = before ? 'e' : 's',
                                         .text = chart->observed_label});
    }
    xp_svg_end(svg);
}

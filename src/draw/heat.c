/* A matrix as tiles, with the scale below. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "base/memory.h"
#include "draw/chart.h"
#include "draw/color.h"
#include "draw/scale.h"

enum {
    STEPS = 256,
    NONE = STEPS,
    LEAST = 11
}; /* colours, as the page has them; no value; pixels from label to label */

static uint16_t step_of(const xp_chart_heat *chart, double value) {
    double at = (value - chart->low) / (chart->high - chart->low);
    if (!isfinite(at)) return NONE;
    if (chart->root) at = sqrt(fmax(at, 0));
    return (uint16_t)lround((STEPS - 1) * fmin(fmax(at, 0), 1));
}

static double widest(const char *const *label, size_t n, double most) {
    double width = 0;
    for (size_t i = 0; label != NULL && i < n; i++) width = fmax(width, xp_svg_text_width(label[i]));
    return fmin(width, most);
}

/* The scale, with its ends and the middle. */
static void legend(const xp_chart_heat *chart, double left, double top, double width, xp_svg *svg) {
    enum { BARS = 64 };
    char label[XP_SCALE_LABEL];
    for (size_t i = 0; i < BARS; i++)
        xp_svg_tile(svg, left + width * (double)i / BARS, top, width / BARS + .2, 10,
                    xp_color_scale((double)i / (BARS - 1)));
    for (size_t i = 0; i < 3; i++) {
        const double at = (double)i / 2, share = chart->root ? at * at : at;
        xp_scale_number(chart->low + share * (chart->high - chart->low), 3, label);
        xp_svg_text(svg, &(xp_svg_label){.x = left + width * at,
                                         .y = top + 24,
                                         .anchor = i == 0   ? 's'
                                                   : i == 1 ? 'm'
                                                            : 'e',
                                         .class_names = "muted small",
                                         .text = label});
    }
}

/* A shape for each colour; neighbours in a row are one tile. */
static void tiles(const xp_chart_heat *chart, double left, double top, double side, xp_svg *svg) {
    const size_t n = chart->rows * chart->columns;
    uint16_t *step = xp_alloc(n, sizeof *step);
    size_t times[STEPS + 1] = {0};
    svg->out.failed |= step == NULL;
    if (step == NULL) return;
    for (size_t at = 0; at < n; at++) times[step[at] = step_of(chart, chart->value[at])]++;
    for (size_t s = 0; s <= STEPS; s++) {
        if (times[s] == 0) continue;
        xp_svg_tiles_begin(svg, xp_color_scale(s == NONE ? NAN : (double)s / (STEPS - 1)));
        for (size_t i = 0; i < chart->rows; i++)
            for (size_t j = 0, end; j < chart->columns; j = end) {
                const uint16_t *row = step + i * chart->columns;
                for (end = j + 1; end < chart->columns && row[end] == row[j];) end++;
                if (row[j] == s)
                    xp_svg_tiles_add(svg, left + side * (double)j, top + side * (double)i,
                                     side * (double)(end - j) + .1, side + .1);
            }
        xp_svg_tiles_end(svg);
    }
    xp_free(step);
}

/* Light within dark: seen on every colour of the scale. */
static void marks(const xp_chart_heat *chart, double left, double top, double side, xp_svg *svg) {
    for (size_t at = 0; chart->marked != NULL && at < chart->rows * chart->columns; at++)
        if (chart->marked[at])
            xp_svg_mark(svg, left + side * ((double)(at % chart->columns) + .5),
                        top + side * ((double)(at / chart->columns) + .5), side * .25, 0, "marked");
}

void xp_chart_heat_draw(const xp_chart_heat *chart, xp_svg *svg) {
    if (chart->rows == 0 || chart->columns == 0) {
        xp_svg_begin(svg, chart->width, 60, chart->title, chart->description);
        xp_svg_text(svg, &(xp_svg_label){.x = chart->width / 2,
                                         .y = 34,
                                         .anchor = 'm',
                                         .class_names = "muted",
                                         .text = "There are no values to draw."});
        xp_svg_end(svg);
        return;
    }
    const double left = 8 + widest(chart->row_label, chart->rows, chart->width * .3), room = chart->width - left - 8;
    const double side = fmin(room / (double)chart->columns, 26),
                 above = 24 + widest(chart->column_label, chart->columns, 90);
    const size_t every = side >= LEAST ? 1 : (size_t)ceil(LEAST / side);
    const double bottom = above + side * (double)chart->rows;
    xp_svg_begin(svg, chart->width, bottom + 44, chart->title, chart->description);
    xp_svg_text(svg, &(xp_svg_label){.x = 4, .y = 15, .class_names = "bold", .text = chart->title});
    for (size_t j = 0; chart->column_label != NULL && j < chart->columns; j += every)
        xp_svg_text(svg, &(xp_svg_label){.x = (double)lround(left + side * ((double)j + .5) + 4),
                                         .y = (double)lround(above - 4),
                                         .room = above - 22,
                                         .upwards = true,
                                         .class_names = "small",
                                         .text = chart->column_label[j]});
    for (size_t i = 0; chart->row_label != NULL && i < chart->rows; i += every)
        xp_svg_text(svg, &(xp_svg_label){.x = left - 4,
                                         .y = above + side * ((double)i + .5) + 4,
                                         .room = left - 6,
                                         .anchor = 'e',
                                         .class_names = "small",
                                         .text = chart->row_label[i]});
    tiles(chart, left, above, side, svg);
    marks(chart, left, above, side, svg);
    legend(chart, left, bottom + 10, fmin(room, fmax(side * (double)chart->columns, 120)), svg);
    xp_svg_end(svg);
}

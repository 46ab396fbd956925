/* Rows of layers joined by lines: what each takes from the layer below. */
#include <math.h>
#include <stdio.h>

#include "draw/chart.h"

enum { ROW = 18, WIDTHS = 4, TOP = 44 };

/* Stronger lines are wider and less transparent. */
static const char *width_of(double share) {
    static const char *const names[WIDTHS] = {"s0 edge0", "s0 edge1", "s0 edge2", "s0 edge3"};
    const double at = floor(share * WIDTHS);
    return names[at < 0 ? 0 : at >= WIDTHS ? WIDTHS - 1 : (size_t)at];
}

static void edges(const xp_chart_graph *chart, double left, double step, xp_svg *svg) {
    const size_t n = chart->rows;
    for (size_t l = 0; l < chart->layers; l++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                const double share = chart->value[(l * n + i) * n + j];
                if (share >= chart->least)
                    xp_svg_line(svg, left + step * (double)l, TOP + ROW * ((double)j + .5),
                                left + step * (double)(l + 1), TOP + ROW * ((double)i + .5), width_of(share));
            }
}

void xp_chart_graph_draw(const xp_chart_graph *chart, xp_svg *svg) {
    double labels = 0;
    for (size_t i = 0; i < chart->rows; i++) labels = fmax(labels, xp_svg_text_width(chart->row_label[i]));
    labels = fmin(labels, chart->width * .25);
    const double left = 12 + labels, room = chart->width - 2 * left,
                 step = fmin(room / (double)(chart->layers > 0 ? chart->layers : 1), 90);
    const size_t every = (size_t)ceil(22 / fmax(step, 1));
    const double bottom = TOP + ROW * (double)chart->rows;
    xp_svg_begin(svg, chart->width, bottom + 8, chart->title, chart->description);
    xp_svg_text(
        svg, &(xp_svg_label){.x = 4, .y = 15, .class_names = "bold", .room = chart->width - 8, .text = chart->title});
    edges(chart, left, step, svg);
    for (size_t l = 0; l <= chart->layers; l++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", l);
        if (l % every == 0)
            xp_svg_text(svg, &(xp_svg_label){.x = left + step * (double)l,
                                             .y = TOP - 8,
                                             .anchor = 'm',
                                             .class_names = "muted small",
                                             .text = number});
        for (size_t i = 0; i < chart->rows; i++)
            xp_svg_rect(svg, left + step * (double)l - 1.5, TOP + ROW * ((double)i + .5) - 1.5, 3, 3, "bar");
    }
    for (size_t i = 0; i < chart->rows; i++)
        for (int end = 0; end < 2; end++)
            xp_svg_text(svg, &(xp_svg_label){.x = end ? left + step * (double)chart->layers + 6 : left - 6,
                                             .y = TOP + ROW * ((double)i + .5) + 4,
                                             .room = labels + 4,
                                             .anchor = end ? 's' : 'e',
                                             .class_names = "small",
                                             .text = chart->row_label[i]});
    xp_svg_end(svg);
}

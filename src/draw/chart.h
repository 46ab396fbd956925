/* Charts of numbers. Each begins and ends one drawing of a given width; its height follows from what is in it. Below XP_CHART_NARROW pixels labels
 * stand above their rows, as on a telephone. A value that is not finite is not drawn, and a chart without any says so. */
#ifndef XP_DRAW_CHART_H
#define XP_DRAW_CHART_H

#include "draw/svg.h"

enum { XP_CHART_NARROW = 480 };

/* ---- points with intervals, a row each, on one axis ---- */

typedef struct xp_chart_row {
    const char *label;
    double value, ci[2];
    double stroke;   /* a stroke across the row, such as what a baseline reaches; NaN: none */
    double range[2]; /* a grey bar under the row, such as what chance gives; NaN: none */
    size_t series;   /* colour and shape */
    bool hollow;     /* the point is a ring: it is beside the subject */
} xp_chart_row;

typedef struct xp_chart_points {
    const char *title, *description, *axis;
    const xp_chart_row *row;
    size_t n;
    double width;
    int decimals;           /* of the values that stand at the right */
    double line;            /* a line over all rows; NaN: none */
    const char *line_label; /* at its upper end */
    const char *legend[3];  /* what stroke, range and line mean, in words; NULL: nothing is said */
    bool from_zero, signed_values;
} xp_chart_points;

void xp_chart_points_draw(const xp_chart_points *chart, xp_svg *svg);

/* ---- lines with bands ---- */

typedef struct xp_chart_series {
    const char *name;
    const double *x, *y, *low, *high; /* n each; low and high may be NULL */
    size_t n;
    size_t series; /* colour, dash and shape */
} xp_chart_series;

typedef struct xp_chart_lines {
    const char *title, *description, *x_axis, *y_axis;
    const xp_chart_series *series;
    size_t n;
    double width;
    const double *dot_x, *dot_y; /* n_dots: what the first series is a mean of; discs, larger where more lie */
    size_t n_dots;
    double mark; /* a line at this x, such as the layer that decides; NaN: none */
    const char *mark_label;
    bool log_x;
} xp_chart_lines;

void xp_chart_lines_draw(const xp_chart_lines *chart, xp_svg *svg);

/* ---- how often values came, and where the observed one lies ---- */

typedef struct xp_chart_histogram {
    const char *title, *description, *axis;
    const double *value; /* those that are not finite do not count */
    size_t n;
    double observed;
    const char *observed_label;
    double width;
} xp_chart_histogram;

void xp_chart_histogram_draw(const xp_chart_histogram *chart, xp_svg *svg);

/* ---- a matrix ---- */

typedef struct xp_chart_heat {
    const char *title, *description;
    const double *value; /* rows x columns */
    size_t rows, columns;
    const char *const *row_label, *const *column_label; /* NULL: none */
    const bool *marked;                                 /* rows x columns: tiles with a disc in them; NULL: none */
    double low, high; /* values of both ends of the scale, the same for maps side by side */
    bool root;        /* the scale is one of square roots, so that small values are seen */
    double width;
} xp_chart_heat;

void xp_chart_heat_draw(const xp_chart_heat *chart, xp_svg *svg);

/* ---- layers side by side, joined by what their rows take from the layer before ---- */

typedef struct xp_chart_graph {
    const char *title, *description;
    const double *value; /* layers x rows x rows: row i of layer l + 1 takes this share from row j of layer l */
    size_t layers, rows;
    const char *const *row_label;
    double least; /* share of a line that is drawn */
    double width;
} xp_chart_graph;

void xp_chart_graph_draw(const xp_chart_graph *chart, xp_svg *svg);

#endif

/* Writing SVG: shapes and texts within a view box, for a page and for a file alike.
 *
 *     xp_svg svg = {0};
 *     xp_svg_begin(&svg, 640, 200, "Scores", "Scores of all conditions with 95 % intervals.");
 *     xp_svg_line(&svg, 10, 20, 600, 20, "axis");
 *     xp_svg_text(&svg, &(xp_svg_label){.x = 10, .y = 40, .room = 120, .text = name_from_a_file});
 *     xp_svg_end(&svg);
 *     if (svg.out.failed) ... no memory ...; svg.out.data holds the drawing
 *     xp_text_free(&svg.out);
 *
 * Nothing lies outside of the view box: places are moved to its edge, and what has a place that is not finite is not drawn. A text is
 * shortened to its room, and is whole in its title. Texts are hostile: control characters and those that turn the direction of writing
 * become visible (explaint/visible.h). Colours are classes: xp_svg_style says what they look like on paper, and a page may say more. */
#ifndef XP_DRAW_SVG_H
#define XP_DRAW_SVG_H

#include <stdbool.h>

#include "base/strings.h"

typedef struct xp_svg {
    xp_text out;
    double width, height;
    double x, y; /* of a drawing within another */
    bool file;   /* a file of its own: it carries its style */
} xp_svg;

/* Sets width and height. The title is what a screen reader says. */
void xp_svg_begin(xp_svg *svg, double width, double height, const char *title, const char *description);
void xp_svg_end(xp_svg *svg);

/* What is drawn until the end of the group has this title: it shows under the pointer. */
void xp_svg_group(xp_svg *svg, const char *title);
void xp_svg_group_end(xp_svg *svg);

void xp_svg_line(xp_svg *svg, double x1, double y1, double x2, double y2, const char *class_names);
void xp_svg_rect(xp_svg *svg, double x, double y, double width, double height, const char *class_names);
/* The same with a colour of its own, 0xRRGGBB. */
void xp_svg_tile(xp_svg *svg, double x, double y, double width, double height, unsigned colour);

/* Many of one colour are one shape, which keeps a large map small: tiles are added between begin and end. */
void xp_svg_tiles_begin(xp_svg *svg, unsigned colour);
void xp_svg_tiles_add(xp_svg *svg, double x, double y, double width, double height);
void xp_svg_tiles_end(xp_svg *svg);

/* Points of series are told apart by their shapes too: disc, square, triangle, diamond, and again. */
void xp_svg_mark(xp_svg *svg, double x, double y, double radius, size_t shape, const char *class_names);

/* A line through points, or (area) what lies between two of them: there along the first n, back along the other n. Points that are not finite
 * are left out. */
void xp_svg_polyline(xp_svg *svg, const double *x, const double *y, size_t n, bool area, const char *class_names);

typedef struct xp_svg_label {
    double x, y;
    double room;             /* pixels that it may take; 0: as many as there are */
    char anchor;             /* 's' start (0 too), 'm' middle, 'e' end */
    bool upwards;            /* turned about its place, to read from below */
    const char *class_names; /* NULL: ordinary text; "small", "muted", "bold" */
    const char *text;
} xp_svg_label;
void xp_svg_text(xp_svg *svg, const xp_svg_label *label);

/* Pixels that a text takes at most, at the size of ordinary text, as it is shown. Fonts differ: these are the widths of a wide one. */
double xp_svg_text_width(const char *text);

/* Text of XML and HTML, also within an attribute's double quotes. */
void xp_svg_escape(xp_text *out, const char *text);

enum { XP_SVG_TEXT_SIZE = 13 };

/* The style sheet of drawings. */
extern const char xp_svg_style[];

#endif

#include "draw/svg.h"

#include <math.h>
#include <string.h>

#include "explaint/visible.h"

/* Colours of series: color.h says what is asked of them. In dark pages only text, axes and the ground change. */
const char xp_svg_style[] = "svg.drawing{font:13px Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif}"
                            ".drawing text{fill:#1b1f24}"
                            ".drawing .muted{fill:#5b636d}"
                            ".drawing .bold{font-weight:bold}"
                            ".drawing .small{font-size:11px}"
                            ".drawing .axis{stroke:#5b636d;fill:none}"
                            ".drawing .rule{stroke:#d9dde2;fill:none}"
                            ".drawing .stroke{stroke:#1b1f24;stroke-width:2;fill:none}"
                            ".drawing .bar{fill:#9aa3ad}"
                            ".drawing .null{fill:#d9dde2}"
                            ".drawing .s0{stroke:#3f7fc1;fill:#3f7fc1}"
                            ".drawing .s1{stroke:#c4651b;fill:#c4651b}"
                            ".drawing .s2{stroke:#2f8f6a;fill:#2f8f6a}"
                            ".drawing .s3{stroke:#b0569e;fill:#b0569e}"
                            ".drawing .s4{stroke:#7d7f2a;fill:#7d7f2a}"
                            ".drawing .s5{stroke:#78808a;fill:#78808a}"
                            ".drawing .line{fill:none;stroke-width:2}"
                            ".drawing .span{fill:none;stroke-width:3}"
                            ".drawing .band{stroke:none;fill-opacity:.2}"
                            ".drawing .dots{stroke:none;fill-opacity:.45}"
                            ".drawing .hollow{fill:#fff;stroke-width:2}"
                            ".drawing .marked{fill:#fff;stroke:#1b1f24;stroke-width:1.5}"
                            ".drawing .edge0{stroke-width:.7;stroke-opacity:.45}"
                            ".drawing .edge1{stroke-width:1.3;stroke-opacity:.6}"
                            ".drawing .edge2{stroke-width:2;stroke-opacity:.8}"
                            ".drawing .edge3{stroke-width:2.8}"
                            ".drawing .dash1{stroke-dasharray:7 3}"
                            ".drawing .dash2{stroke-dasharray:2 3}"
                            ".drawing .dash3{stroke-dasharray:9 3 2 3}"
                            ".drawing .dash4{stroke-dasharray:4 2}"
                            ".drawing .dash5{stroke-dasharray:1 2}";

/* ---- text ---- */

void xp_svg_escape(xp_text *out, const char *text) {
    char shown[EXPLAINT_VISIBLE];
    while (*text != 0) {
        text += explaint_visible(text, shown);
        switch (shown[0]) {
        case '&': xp_text_adds(out, "&amp;"); break;
        case '<': xp_text_adds(out, "&lt;"); break;
        case '>': xp_text_adds(out, "&gt;"); break;
        case '"': xp_text_adds(out, "&quot;"); break;
        case '\'': xp_text_adds(out, "&#39;"); break;
        default:
            /* U+FFFE and U+FFFF are no characters of XML */
            xp_text_adds(out, strncmp(shown, "\xef\xbf\xbe", 3) == 0 || strncmp(shown, "\xef\xbf\xbf", 3) == 0
                                  ? "\xef\xbf\xbd"
                                  : shown);
        }
    }
}

/* Hundredths of the font's size, from the blank to the tilde: the advance widths of DejaVu Sans, rounded up, which is wider than the others of
 * the style's list. */
static const unsigned char advance[95] = {32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37,  32, 34, 64, 64, 64,
                                          64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54, 100, 69, 69, 70, 78, 64,
                                          58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64,  62, 74, 69, 99, 69,
                                          62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36,  64, 64, 28, 28, 58,
                                          28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60, 82, 60, 60,  53, 64, 34, 64, 84};

/* Of one character as it is shown, in pixels. Latin, Greek and Cyrillic letters are seldom wider than an M; Chinese ones are squares. */
static double width_of(const char *shown) {
    const unsigned char first = (unsigned char)shown[0];
    double sum = 0;
    if (first >= 0xe2) return XP_SVG_TEXT_SIZE * (first == 0xe2 ? 1.0 : 1.05);
    if (first >= 0x80) return XP_SVG_TEXT_SIZE * .9;
    for (; *shown >= ' ' && *shown <= '~'; shown++) sum += advance[*shown - ' '];
    return sum * XP_SVG_TEXT_SIZE / 100;
}

double xp_svg_text_width(const char *text) {
    char shown[EXPLAINT_VISIBLE];
    double sum = 0;
    while (*text != 0) {
        text += explaint_visible(text, shown);
        sum += width_of(shown);
    }
    return sum;
}

/* The part of the text that fits, with an ellipsis if it is not all. */
static bool fits(const char *text, double room, xp_text *part) {
    char shown[EXPLAINT_VISIBLE];
    const char *at = text;
    double sum = 0;
    size_t length = 0; /* of what leaves room for the ellipsis */
    while (*at != 0) {
        const size_t bytes = explaint_visible(at, shown);
        sum += width_of(shown);
        if (sum > room) {
            xp_text_add(part, text, length);
            xp_text_adds(part, "\xe2\x80\xa6");
            return false;
        }
        at += bytes;
        if (sum + XP_SVG_TEXT_SIZE <= room) length = (size_t)(at - text);
    }
    xp_text_adds(part, text);
    return true;
}

/* ---- numbers ---- */

/* A tenth of a pixel is enough, and no locale gets between. */
static void number(xp_svg *svg, const char *name, double value) {
    const long tenths = lround(fabs(value) * 10);
    xp_text_addf(&svg->out, " %s=\"%s%ld", name, value < 0 && tenths > 0 ? "-" : "", tenths / 10);
    if (tenths % 10 != 0) xp_text_addf(&svg->out, ".%ld", tenths % 10);
    xp_text_adds(&svg->out, "\"");
}

static double within(double value, double most) { return value < 0 ? 0 : value > most ? most : value; }

static void class_of(xp_svg *svg, const char *names) {
    if (names != NULL) xp_text_addf(&svg->out, " class=\"%s\"", names);
}

/* ---- the whole ---- */

void xp_svg_begin(xp_svg *svg, double width, double height, const char *title, const char *description) {
    svg->width = width;
    svg->height = height;
    if (svg->file) xp_text_adds(&svg->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xp_text_addf(&svg->out,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"drawing\" role=\"img\" viewBox=\"0 0 %ld %ld\"",
                 lround(width), lround(height));
    if (svg->x > 0) number(svg, "x", svg->x);
    if (svg->y > 0) number(svg, "y", svg->y);
    number(svg, "width", width);
    number(svg, "height", height);
    xp_text_adds(&svg->out, " aria-label=\"");
    xp_svg_escape(&svg->out, title);
    xp_text_adds(&svg->out, ". ");
    xp_svg_escape(&svg->out, description);
    xp_text_adds(&svg->out, "\">");
    if (svg->file) {
        xp_text_adds(&svg->out, "<title>");
        xp_svg_escape(&svg->out, title);
        xp_text_adds(&svg->out, "</title><desc>");
        xp_svg_escape(&svg->out, description);
        xp_text_addf(&svg->out, "</desc>\n<style>%s</style><rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>",
                     xp_svg_style);
    }
    xp_text_adds(&svg->out, "\n");
}

void xp_svg_end(xp_svg *svg) { xp_text_adds(&svg->out, "</svg>\n"); }

void xp_svg_group(xp_svg *svg, const char *title) {
    xp_text_adds(&svg->out, "<g><title>");
    xp_svg_escape(&svg->out, title);
    xp_text_adds(&svg->out, "</title>");
}

void xp_svg_group_end(xp_svg *svg) { xp_text_adds(&svg->out, "</g>\n"); }

/* ---- shapes ---- */

void xp_svg_line(xp_svg *svg, double x1, double y1, double x2, double y2, const char *class_names) {
    if (!isfinite(x1) || !isfinite(x2) || !isfinite(y1) || !isfinite(y2)) return;
    xp_text_adds(&svg->out, "<line");
    number(svg, "x1", within(x1, svg->width));
    number(svg, "y1", within(y1, svg->height));
    number(svg, "x2", within(x2, svg->width));
    number(svg, "y2", within(y2, svg->height));
    class_of(svg, class_names);
    xp_text_adds(&svg->out, "/>");
}

static bool rectangle(xp_svg *svg, double x, double y, double width, double height) {
    if (!isfinite(x) || !isfinite(y) || !isfinite(width) || !isfinite(height)) return false;
    const double left = within(x, svg->width), top = within(y, svg->height);
    xp_text_adds(&svg->out, "<rect");
    number(svg, "x", left);
    number(svg, "y", top);
    number(svg, "width", fmax(0, within(x + width, svg->width) - left));
    number(svg, "height", fmax(0, within(y + height, svg->height) - top));
    return true;
}

void xp_svg_rect(xp_svg *svg, double x, double y, double width, double height, const char *class_names) {
    if (!rectangle(svg, x, y, width, height)) return;
    class_of(svg, class_names);
    xp_text_adds(&svg->out, "/>");
}

void xp_svg_tile(xp_svg *svg, double x, double y, double width, double height, unsigned colour) {
    if (!rectangle(svg, x, y, width, height)) return;
    xp_text_addf(&svg->out, " fill=\"#%06x\" shape-rendering=\"crispEdges\"/>", colour & 0xffffff);
}

static void tenths(xp_svg *svg, const char *before, double value, double most) {
    const long at = lround(within(value, most) * 10);
    xp_text_addf(&svg->out, "%s%ld.%ld", before, at / 10, at % 10);
}

static void point(xp_svg *svg, double x, double y) {
    tenths(svg, "", x, svg->width);
    tenths(svg, ",", y, svg->height);
    xp_text_adds(&svg->out, " ");
}

void xp_svg_tiles_begin(xp_svg *svg, unsigned colour) {
    xp_text_addf(&svg->out, "<path fill=\"#%06x\" shape-rendering=\"crispEdges\" d=\"", colour & 0xffffff);
}

void xp_svg_tiles_add(xp_svg *svg, double x, double y, double width, double height) {
    if (!isfinite(x) || !isfinite(y) || !isfinite(width) || !isfinite(height)) return;
    tenths(svg, "M", x, svg->width);
    tenths(svg, ",", y, svg->height);
    tenths(svg, "H", x + width, svg->width);
    tenths(svg, "V", y + height, svg->height);
    tenths(svg, "H", x, svg->width);
    xp_text_adds(&svg->out, "z");
}

void xp_svg_tiles_end(xp_svg *svg) { xp_text_adds(&svg->out, "\"/>\n"); }

void xp_svg_mark(xp_svg *svg, double x, double y, double radius, size_t shape, const char *class_names) {
    static const double corner[3][4][2] = {{{-.9, -.9}, {.9, -.9}, {.9, .9}, {-.9, .9}},
                                           {{0, -1.2}, {1.1, .8}, {-1.1, .8}, {0, -1.2}},
                                           {{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}}};
    if (!isfinite(x) || !isfinite(y)) return;
    x = fmin(fmax(x, radius), svg->width - radius);
    y = fmin(fmax(y, radius), svg->height - radius);
    if (shape % 4 == 0) {
        xp_text_adds(&svg->out, "<circle");
        number(svg, "cx", x);
        number(svg, "cy", y);
        number(svg, "r", radius);
    } else {
        xp_text_adds(&svg->out, "<polygon points=\"");
        for (size_t i = 0; i < 4; i++)
            point(svg, x + radius * corner[shape % 4 - 1][i][0], y + radius * corner[shape % 4 - 1][i][1]);
        xp_text_adds(&svg->out, "\"");
    }
    class_of(svg, class_names);
    xp_text_adds(&svg->out, "/>");
}

void xp_svg_polyline(xp_svg *svg, const double *x, const double *y, size_t n, bool area, const char *class_names) {
    xp_text_adds(&svg->out, area ? "<polygon points=\"" : "<polyline points=\"");
    for (size_t i = 0; i < (area ? 2 * n : n); i++)
        if (isfinite(x[i]) && isfinite(y[i])) point(svg, x[i], y[i]);
    xp_text_adds(&svg->out, "\"");
    class_of(svg, class_names);
    xp_text_adds(&svg->out, "/>");
}

void xp_svg_text(xp_svg *svg, const xp_svg_label *label) {
    const char anchor = label->anchor != 0 ? label->anchor : 's';
    if (!isfinite(label->x) || !isfinite(label->y) || label->text == NULL) return;
    const double x = within(label->x, svg->width), left = x, right = svg->width - x;
    double room = anchor == 's' ? right : anchor == 'e' ? left : 2 * fmin(left, right);
    if (label->upwards) room = label->y;
    if (label->room > 0 && label->room < room) room = label->room;
    if (label->class_names != NULL && strstr(label->class_names, "bold") != NULL) room /= 1.12; /* letters are wider */
    if (label->class_names != NULL && strstr(label->class_names, "small") != NULL) room *= XP_SVG_TEXT_SIZE / 11.0;
    xp_text part = {0};
    const bool whole = fits(label->text, room, &part);
    svg->out.failed |= part.failed;
    if (!whole) xp_svg_group(svg, label->text);
    xp_text_adds(&svg->out, "<text");
    number(svg, "x", x);
    number(svg, "y", fmin(fmax(label->y, XP_SVG_TEXT_SIZE), svg->height - 3)); /* letters hang below their line */
    if (label->upwards) {
        xp_text_addf(&svg->out, " transform=\"rotate(-90 %ld", lround(x));
        xp_text_addf(&svg->out, " %ld)\"", lround(label->y));
    }
    if (anchor != 's') xp_text_addf(&svg->out, " text-anchor=\"%s\"", anchor == 'm' ? "middle" : "end");
    class_of(svg, label->class_names);
    xp_text_adds(&svg->out, ">");
    if (part.data != NULL) xp_svg_escape(&svg->out, part.data);
    xp_text_adds(&svg->out, "</text>");
    if (!whole) xp_svg_group_end(svg);
    xp_text_free(&part);
}

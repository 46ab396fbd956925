/* Drawings are well-formed, stay inside of their view box, and survive what numbers and names can be. */
#include <expat.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "draw/chart.h"
#include "draw/color.h"
#include "draw/scale.h"

static void near(double a, double b, double most) { assert_true(fabs(a - b) <= most); }

/* ---- reading a drawing back ---- */

typedef struct seen {
    double width, height, tiled; /* tiled: the area of tiles */
    size_t elements, texts, outside, turned;
    char text[40000];
} seen;

static const char *attribute(const XML_Char **list, const char *name) {
    for (; *list != NULL; list += 2)
        if (strcmp(list[0], name) == 0) return list[1];
    return NULL;
}

static double number(const XML_Char **list, const char *name, double otherwise) {
    const char *text = attribute(list, name);
    return text != NULL ? strtod(text, NULL) : otherwise;
}

static void inside(seen *s, double x, double y) {
    if (!(x >= 0 && y >= 0 && x <= s->width + .05 && y <= s->height + .05)) s->outside++;
}

static void XMLCALL begin(void *self, const XML_Char *name, const XML_Char **list) {
    seen *s = self;
    s->elements++;
    if (strcmp(name, "svg") == 0) {
        assert_int_equal(sscanf(attribute(list, "viewBox"), "0 0 %lf %lf", &s->width, &s->height), 2);
        assert_non_null(attribute(list, "aria-label"));
    } else if (strcmp(name, "line") == 0) {
        inside(s, number(list, "x1", NAN), number(list, "y1", NAN));
        inside(s, number(list, "x2", NAN), number(list, "y2", NAN));
    } else if (strcmp(name, "rect") == 0 && attribute(list, "x") != NULL) {
        inside(s, number(list, "x", NAN), number(list, "y", NAN));
        inside(s, number(list, "x", NAN) + number(list, "width", NAN),
               number(list, "y", NAN) + number(list, "height", NAN));
    } else if (strcmp(name, "circle") == 0) {
        const double r = number(list, "r", NAN);
        inside(s, number(list, "cx", NAN) - r, number(list, "cy", NAN) - r);
        inside(s, number(list, "cx", NAN) + r, number(list, "cy", NAN) + r);
    } else if (strncmp(name, "poly", 4) == 0) {
        double x, y;
        int used;
        for (const char *at = attribute(list, "points"); sscanf(at, "%lf,%lf %n", &x, &y, &used) == 2; at += used)
            inside(s, x, y);
    } else if (strcmp(name, "path") == 0) {
        double x, y, right, bottom, left;
        int used;
        for (const char *at = attribute(list, "d");
             sscanf(at, "M%lf,%lfH%lfV%lfH%lfz%n", &x, &y, &right, &bottom, &left, &used) == 5; at += used) {
            s->tiled += (right - x) * (bottom - y);
            inside(s, x, y);
            inside(s, right, bottom);
            assert_true(x == left);
        }
    } else if (strcmp(name, "text") == 0) {
        s->texts++;
        inside(s, number(list, "x", NAN), number(list, "y", NAN));
    }
    assert_null(attribute(list, "onload"));
    assert_string_not_equal(name, "script");
}

static void XMLCALL characters(void *self, const XML_Char *text, int length) {
    seen *s = self;
    strncat(s->text, text, (size_t)length < sizeof s->text - strlen(s->text) - 1 ? (size_t)length : 0);
}

/* Releases the drawing. */
static seen *read_back(xp_svg *svg) {
    static seen s;
    s = (seen){0};
    assert_false(svg->out.failed);
    XML_Parser parser = XML_ParserCreate(NULL);
    XML_SetUserData(parser, &s);
    XML_SetElementHandler(parser, begin, NULL);
    XML_SetCharacterDataHandler(parser, characters);
    if (XML_Parse(parser, svg->out.data, (int)svg->out.length, 1) != XML_STATUS_OK)
        fail_msg("%s: %.300s", XML_ErrorString(XML_GetErrorCode(parser)),
                 svg->out.data + XML_GetCurrentByteIndex(parser));
    XML_ParserFree(parser);
    assert_int_equal(s.outside, 0);
    xp_text_free(&svg->out);
    return &s;
}

static const double widths[] = {340, 760};
static const char *const hostile[] = {"</text><script>alert(1)</script>", "\"><&'", "\xe2\x80\xaelive",
                                      "a\x01\x1b[2J\n\t\xff\xfe",         "",       "\xef\xbf\xbe"};

/* ---- scales ---- */

static void ticks_are_round(void **state) {
    (void)state;
    static const double range[][2] = {
        {0, .83}, {-.064, .161},         {3, 1e7}, {5, 5}, {0, 0}, {-1e300, 1e300}, {1e-12, 3e-12},
        {NAN, 2}, {INFINITY, -INFINITY}, {7, -2}};
    for (size_t i = 0; i < sizeof range / sizeof *range; i++)
        for (size_t most = 2; most <= 9; most++) {
            const xp_scale s = xp_scale_linear(range[i][0], range[i][1], 10, 110, most);
            assert_true(s.n_ticks >= 2 && s.n_ticks <= (most < 3 ? 3 : most));
            assert_true(s.low < s.high && isfinite(s.low) && isfinite(s.high));
            for (size_t k = 0; k < s.n_ticks; k++) {
                const double at = xp_scale_at(&s, s.tick[k]);
                char label[XP_SCALE_LABEL];
                assert_true(at >= 10 && at <= 110);
                xp_scale_tick_label(&s, k, label);
                assert_true(strlen(label) > 0 && strlen(label) < 12);
            }
        }
    char label[XP_SCALE_LABEL];
    const xp_scale s = xp_scale_linear(0, .83, 0, 100, 6);
    near(s.high, 1, 1e-12);
    xp_scale_tick_label(&s, 1, label);
    assert_string_equal(label, "0.2");
    assert_true(isnan(xp_scale_at(&s, NAN)));
    near(xp_scale_at(&s, 7), 100, 0);
    const xp_scale log = xp_scale_log(3, 2000, 0, 100, 9);
    near(log.low, 1, 1e-9);
    near(log.high, 10000, 1e-6);
    near(xp_scale_at(&log, 100), 50, 1e-9);
    assert_true(xp_scale_log(NAN, -3, 0, 1, 3).low > 0);
}

static void numbers_for_people(void **state) {
    (void)state;
    char label[XP_SCALE_LABEL];
    xp_scale_number(-.0644, 3, label);
    assert_string_equal(label, "\xe2\x88\x92"
                               "0.064");
    xp_scale_number(-.0001, 3, label);
    assert_string_equal(label, "0.000");
    xp_scale_signed(.1605, 3, label);
    assert_string_equal(label, "+0.161");
    xp_scale_number(NAN, 3, label);
    assert_string_equal(label, "\xe2\x80\x93");
    xp_scale_number(-1.7e308, 3, label);
    assert_string_equal(label, "\xe2\x88\x92"
                               "1.7e+308");
}

/* ---- colours ---- */

static double oklab_lightness(unsigned color) { /* from its definition, the other way than color.c */
    double c[3];
    for (int i = 0; i < 3; i++) {
        const double v = (color >> (16 - 8 * i) & 255) / 255.0;
        c[i] = v <= .04045 ? v / 12.92 : pow((v + .055) / 1.055, 2.4);
    }
    return .2104542553 * cbrt(.4122214708 * c[0] + .5363325363 * c[1] + .0514459929 * c[2]) +
           .7936177850 * cbrt(.2119034982 * c[0] + .6806995451 * c[1] + .1073969566 * c[2]) -
           .0040720468 * cbrt(.0883024619 * c[0] + .2817188376 * c[1] + .6299787005 * c[2]);
}

static void lightness_rises_in_equal_steps(void **state) {
    (void)state;
    enum { STEPS = 32 };
    double before = oklab_lightness(xp_color_scale(0)), least = 1, most = 0;
    for (int i = 1; i <= STEPS; i++) {
        const double lightness = oklab_lightness(xp_color_scale((double)i / STEPS)), step = lightness - before;
        least = fmin(least, step);
        most = fmax(most, step);
        before = lightness;
    }
    assert_true(least > 0);
    assert_true(most < 1.35 * least); /* colours of 8 bits */
    assert_int_equal(xp_color_scale(-3), xp_color_scale(0));
    assert_int_equal(xp_color_scale(NAN), 0x808080);
}

static void series_stand_out(void **state) {
    (void)state;
    near(xp_color_contrast(0, 0xffffff), 21, 1e-9);
    for (size_t i = 0; i < XP_COLOR_SERIES; i++) {
        char rule[64];
        assert_true(xp_color_contrast(xp_color_series(i), 0xffffff) >= 3);
        assert_true(xp_color_contrast(xp_color_series(i), XP_COLOR_DARK_GROUND) >= 3);
        snprintf(rule, sizeof rule, ".s%zu{stroke:#%06x;fill:#%06x}", i, xp_color_series(i), xp_color_series(i));
        assert_non_null(strstr(xp_svg_style, rule));
    }
}

/* ---- charts ---- */

static void points(const double *value, size_t n, const char *label) {
    xp_chart_row row[8];
    for (size_t w = 0; w < 2; w++) {
        for (size_t i = 0; i < n; i++)
            row[i] = (xp_chart_row){label,
                                    value[i],
                                    {value[(i + 1) % n], value[(i + 2) % n]},
                                    value[(i + 3) % n],
                                    {value[i], value[(i + 1) % n]},
                                    i,
                                    i % 2 == 0};
        xp_svg svg = {.file = w == 1};
        xp_chart_points_draw(&(xp_chart_points){.title = label,
                                                .description = label,
                                                .axis = label,
                                                .row = row,
                                                .n = n,
                                                .width = widths[w],
                                                .decimals = 3,
                                                .line = value[0],
                                                .line_label = label,
                                                .legend = {label, label, NULL}},
                             &svg);
        read_back(&svg);
    }
}

static void any_numbers_and_names(void **state) {
    (void)state;
    static const double sets[][5] = {
        {.1, .2, .3, .4, .5},          {NAN, NAN, NAN, NAN, NAN}, {INFINITY, -INFINITY, 1, 2, 3},
        {-1e300, 1e300, 0, 1e-300, 5}, {2, 2, 2, 2, 2},           {0, 0, 0, 0, 0}};
    char *longest = malloc(10001);
    assert_non_null(longest);
    memset(longest, 'W', 10000);
    longest[10000] = 0;
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++)
        for (size_t k = 0; k <= sizeof hostile / sizeof *hostile; k++) {
            const char *label = k < sizeof hostile / sizeof *hostile ? hostile[k] : longest;
            points(sets[s], 5, label);
            for (size_t w = 0; w < 2; w++) {
                xp_svg svg = {0};
                const xp_chart_series series[] = {{label, sets[0], sets[s], sets[s], sets[0], 5, 1},
                                                  {label, sets[s], sets[0], NULL, NULL, 5, 2}};
                xp_chart_lines_draw(&(xp_chart_lines){.title = label,
                                                      .description = label,
                                                      .x_axis = label,
                                                      .y_axis = label,
                                                      .series = series,
                                                      .n = 2,
                                                      .width = widths[w],
                                                      .dot_x = sets[s],
                                                      .dot_y = sets[0],
                                                      .n_dots = 5,
                                                      .mark = sets[s][1],
                                                      .mark_label = label,
                                                      .log_x = s % 2 == 1},
                                    &svg);
                read_back(&svg);
                svg = (xp_svg){0};
                xp_chart_histogram_draw(
                    &(xp_chart_histogram){label, label, label, sets[s], 5, sets[s][2], label, widths[w]}, &svg);
                read_back(&svg);
                svg = (xp_svg){.file = true};
                const char *const labels[] = {label, label, label, label};
                xp_chart_heat_draw(&(xp_chart_heat){.title = label,
                                                    .description = label,
                                                    .value = sets[s],
                                                    .rows = 2,
                                                    .columns = 2,
                                                    .row_label = labels,
                                                    .column_label = labels,
                                                    .low = 0,
                                                    .high = sets[s][1],
                                                    .root = true,
                                                    .width = widths[w]},
                                   &svg);
                read_back(&svg);
                svg = (xp_svg){.file = true};
                xp_chart_graph_draw(&(xp_chart_graph){.title = label,
                                                      .description = label,
                                                      .value = sets[s],
                                                      .layers = 1,
                                                      .rows = 2,
                                                      .row_label = labels,
                                                      .least = sets[s][1],
                                                      .width = widths[w]},
                                    &svg);
                read_back(&svg);
            }
        }
    free(longest);
}

static void nothing_to_draw(void **state) {
    (void)state;
    xp_svg svg = {0};
    xp_chart_points_draw(&(xp_chart_points){.title = "t", .description = "d", .axis = "a", .width = 340, .line = NAN},
                         &svg);
    assert_non_null(strstr(read_back(&svg)->text, "no values"));
    svg = (xp_svg){0};
    xp_chart_heat_draw(&(xp_chart_heat){.title = "t", .description = "d", .width = 340}, &svg);
    assert_non_null(strstr(read_back(&svg)->text, "no values"));
}

/* All tiles of a large map are there, labels have room on both sides, and the drawing stays small. */
static void a_large_map(void **state) {
    (void)state;
    enum { N = 200, WIDTH = 420 };
    static double value[N * N];
    static const char *label[N];
    for (size_t i = 0; i < N * N; i++) value[i] = (double)(i * 2654435761u % 1009) / 1009;
    for (size_t i = 0; i < N; i++) label[i] = "piece";
    xp_svg svg = {0};
    xp_chart_heat_draw(&(xp_chart_heat){.title = "t",
                                        .description = "d",
                                        .value = value,
                                        .rows = N,
                                        .columns = N,
                                        .row_label = label,
                                        .column_label = label,
                                        .high = 1,
                                        .width = WIDTH},
                       &svg);
    assert_in_range(svg.out.length, 100000, 1500000);
    const double side = (WIDTH - 16 - xp_svg_text_width("piece")) / N;
    const size_t labels = (N + (size_t)ceil(11 / side) - 1) / (size_t)ceil(11 / side);
    const seen *s = read_back(&svg);
    near(s->tiled / (N * N * (side + .1) * (side + .1)), 1, .02);
    assert_int_equal(s->texts, 1 + 2 * labels + 3);
}

/* Lines from the threshold on, each to its row and layer; marks in their tiles. */
static void lines_and_marks(void **state) {
    (void)state;
    static const double value[2 * 3 * 3] = {.9, .05, .05, .1, .8, .1, 0, .5, .5, 1, 0, 0, .3, .7, 0, NAN, NAN, NAN};
    static const char *const labels[] = {"a", "b", "c"};
    static const bool marked[9] = {[4] = true, [8] = true};
    xp_svg svg = {0};
    xp_chart_graph_draw(&(xp_chart_graph){.title = "t",
                                          .description = "d",
                                          .value = value,
                                          .layers = 2,
                                          .rows = 3,
                                          .row_label = labels,
                                          .least = .3,
                                          .width = 340},
                        &svg);
    size_t lines = 0;
    for (const char *at = svg.out.data; (at = strstr(at, "<line")) != NULL; at++) lines++;
    assert_int_equal(lines, 7);
    assert_int_equal(read_back(&svg)->texts, 1 + 3 + 2 * 3);
    svg = (xp_svg){0};
    xp_chart_heat_draw(&(xp_chart_heat){.title = "t",
                                        .description = "d",
                                        .value = value,
                                        .rows = 3,
                                        .columns = 3,
                                        .row_label = labels,
                                        .column_label = labels,
                                        .marked = marked,
                                        .high = 1,
                                        .width = 340},
                       &svg);
    size_t discs = 0;
    double x[2] = {0}, y[2] = {0};
    for (const char *at = svg.out.data; (at = strstr(at, "<circle")) != NULL && discs < 2; at++, discs++)
        assert_int_equal(sscanf(at, "<circle cx=\"%lf\" cy=\"%lf\"", &x[discs], &y[discs]), 2);
    assert_int_equal(discs, 2);
    near(x[1] - x[0], 26, .11); /* one tile to the right and one down */
    near(y[1] - y[0], 26, .11);
    read_back(&svg);
}

/* A long name is shortened, and whole in its title; its letters cannot reach past the drawing. */
static void names_are_shortened(void **state) {
    (void)state;
    xp_svg svg = {0};
    xp_svg_begin(&svg, 200, 40, "t", "d");
    xp_svg_text(&svg, &(xp_svg_label){.x = 10, .y = 20, .room = 60, .text = "a name that has no room"});
    xp_svg_end(&svg);
    assert_non_null(strstr(svg.out.data, "<title>a name that has no room</title>"));
    assert_non_null(strstr(svg.out.data, "\xe2\x80\xa6</text>"));
    read_back(&svg);
    near(xp_svg_text_width("MMMM"), 4 * .87 * XP_SVG_TEXT_SIZE, 1e-9);
    assert_true(xp_svg_text_width("\xe7\x8c\xab") >= XP_SVG_TEXT_SIZE); /* a square */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round),
        cmocka_unit_test(numbers_for_people),
        cmocka_unit_test(lightness_rises_in_equal_steps),
        cmocka_unit_test(series_stand_out),
        cmocka_unit_test(any_numbers_and_names),
        cmocka_unit_test(nothing_to_draw),
        cmocka_unit_test(a_large_map),
        cmocka_unit_test(lines_and_marks),
        cmocka_unit_test(names_are_shortened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

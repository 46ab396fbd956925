/* Score against component count: one plot for the paper's conditions, and the numbers at a few counts for all. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "view.h"

enum { ROWS = 12, MOST_COLUMNS = 160, MOST_SERIES = 6, MOST_COUNTS = 4096, LABELS = 20 };

typedef struct series {
    const char *condition;
    const char *letter; /* where there is no braille */
    double value[MOST_COUNTS];
    bool flat; /* no component count: a level line */
} series;

typedef struct plot {
    uint8_t dots[ROWS][MOST_COLUMNS];
    int8_t owner[ROWS][MOST_COLUMNS]; /* series, -1: none */
    int columns;
    double top;
    size_t first, last; /* component counts */
} plot;

/* The component counts of the run, ascending. */
static size_t counts_of(const explaint_result *result, const char *metric, size_t *counts) {
    size_t n = 0;
    for (size_t i = 0; i < result->n_rows; i++) {
        const explaint_row *row = &result->rows[i];
        if (row->fold != -1 || row->n_components == 0 || strcmp(row->metric, metric) != 0) continue;
        size_t at = 0;
        while (at < n && counts[at] < row->n_components) at++;
        if ((at < n && counts[at] == row->n_components) || n == MOST_COUNTS) continue;
        memmove(counts + at + 1, counts + at, (n - at) * sizeof *counts);
        counts[at] = row->n_components;
        n++;
    }
    return n;
}

static bool load(const explaint_result *result, const char *metric, const size_t *counts, size_t n, series *s) {
    bool any = false;
    const char *target = NULL;
    s->flat = true;
    for (size_t i = 0; i < n; i++) s->value[i] = NAN;
    bool mean = strcmp(s->condition, "mean") == 0;
    for (size_t r = 0; r < result->n_rows; r++) {
        const explaint_row *row = &result->rows[r];
        if (row->fold != -1 || strcmp(row->metric, metric) != 0 || strcmp(row->condition, s->condition) != 0) continue;
        if (mean && strcmp(row->target, "norms") != 0) continue;
        if (target != NULL && strcmp(row->target, target) != 0) continue; /* the first of several targets */
        target = row->target;
        any = true;
        for (size_t i = 0; i < n; i++)
            if (row->n_components == 0 || row->n_components == counts[i]) s->value[i] = row->value;
        if (row->n_components != 0) s->flat = false;
    }
    return any;
}

/* Quarters of it are round. */
static double nice_top(double value) {
    static const double steps[] = {.04, .08, .12, .16, .2, .24, .28, .32, .36, .4, .48, .6, .8, 1, 2, 4, 8, 20};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (value <= steps[i]) return steps[i];
    return value;
}

/* ---- drawing ---- */

static void dot(plot *p, int x, int y, int who) { /* y counts from the bottom */
    if (x < 0 || y < 0 || x >= 2 * p->columns || y >= 4 * ROWS) return;
    static const uint8_t bit[4][2] = {{0x40, 0x80}, {0x04, 0x20}, {0x02, 0x10}, {0x01, 0x08}};
    int row = ROWS - 1 - y / 4, column = x / 2;
    p->dots[row][column] |= bit[y % 4][x % 2];
    p->owner[row][column] = (int8_t)who;
}

static int height_of(const plot *p, double value) {
    double share = value / p->top;
    return (int)lround((share < 0 ? 0 : share) * (4 * ROWS - 1));
}

static int place_of(const plot *p, size_t count) {
    return (int)lround((double)(count - p->first) / (double)(p->last - p->first) * (2 * p->columns - 1));
}

static void draw(plot *p, const series *s, const size_t *counts, size_t n, int who) {
    for (size_t i = 1; i < n; i++) {
        double from = s->value[i - 1], to = s->value[i];
        if (isnan(from) || isnan(to)) continue;
        int x0 = place_of(p, counts[i - 1]), x1 = place_of(p, counts[i]), before = height_of(p, from);
        for (int x = x0; x <= x1; x++) {
            double share = x1 > x0 ? (double)(x - x0) / (x1 - x0) : 1;
            int y = height_of(p, from + share * (to - from));
            if (s->flat && x % 4 > 1) continue; /* a level line is dashed */
            int step = y > before ? 1 : -1;
            for (int between = before; between != y; between += step) dot(p, x, between, who);
            dot(p, x, y, who);
            before = y;
        }
    }
}

static void cell(const term *t, const plot *p, const series *all, int row, int column) {
    int who = p->owner[row][column];
    uint8_t dots = p->dots[row][column];
    if (dots == 0) {
        fputc(' ', t->out);
        return;
    }
    term_style style = view_style(all[who].condition);
    term_begin(t, style);
    if (t->utf8) { /* U+2800 + dots */
        char text[4] = {(char)0xE2, (char)(0xA0 | dots >> 6), (char)(0x80 | (dots & 0x3F)), 0};
        fputs(text, t->out);
    } else {
        fputs(all[who].letter, t->out);
    }
    term_end(t, style);
}

/* NaN: it has no value. */
static double end_of(const series *s, size_t n) {
    while (n > 0 && isnan(s->value[n - 1])) n--;
    return n > 0 ? s->value[n - 1] : NAN;
}

/* Each series' name stands at the height where it ends; names that would collide move apart. */
static void place_labels(const plot *p, const series *all, int n_series, size_t n, int *line) {
    double height[MOST_SERIES];
    int order[MOST_SERIES];
    for (int s = 0; s < n_series; s++) {
        const double end = end_of(&all[s], n);
        height[s] = isnan(end) ? 0 : end;
        int at = s;
        while (at > 0 && height[order[at - 1]] < height[s]) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = s;
    }
    for (int i = 0; i < n_series; i++) { /* from the top, each at least one line below the one before */
        line[order[i]] = ROWS - 1 - height_of(p, height[order[i]]) / 4;
        if (i > 0 && line[order[i]] <= line[order[i - 1]]) line[order[i]] = line[order[i - 1]] + 1;
    }
    for (int i = n_series - 1, floor = ROWS - 1; i >= 0; i--, floor--)
        if (line[order[i]] > floor) line[order[i]] = floor;
}

static void label(const term *t, const series *s, size_t n) {
    term_style style = view_style(s->condition);
    term_spaces(t, 1);
    term_begin(t, style);
    if (!t->utf8) term_putf(t, "%s ", s->letter);
    term_putf(t, "%s %s", s->condition, view_number(end_of(s, n), 3, false).text);
    term_end(t, style);
}

static void foot(const term *t, const plot *p) {
    term_begin(t, FAINT);
    fputs(term_sign(t, "    0 └", "    0 +"), t->out);
    for (int i = 0; i < p->columns; i++) fputs(term_sign(t, "─", "-"), t->out);
    fputc('\n', t->out);
    char line[MOST_COLUMNS + 32], number[32];
    memset(line, ' ', sizeof line);
    int right = 0;
    for (int i = 0; i <= 4; i++) {
        size_t count = p->first + (size_t)lround((double)(p->last - p->first) * i / 4);
        int length = snprintf(number, sizeof number, "%zu", count);
        int at = 7 + place_of(p, count) / 2 - (i == 0 ? 0 : length / 2);
        if (at <= right && i > 0) continue;
        memcpy(line + at, number, (size_t)length);
        right = at + length;
    }
    snprintf(line + right, sizeof line - (size_t)right, " components");
    fprintf(t->out, "%s\n", line);
    term_end(t, FAINT);
}

static void graph(const term *t, const series *all, int n_series, const size_t *counts, size_t n, double most) {
    static plot p;
    memset(&p, 0, sizeof p);
    memset(p.owner, -1, sizeof p.owner);
    p.columns = t->width - 7 - (t->utf8 ? LABELS : LABELS + 2);
    if (p.columns > 100) p.columns = 100;
    p.first = counts[0];
    p.last = counts[n - 1];
    p.top = nice_top(most);
    for (int s = n_series - 1; s >= 0; s--) draw(&p, &all[s], counts, n, s); /* the system lies on top */
    int line[MOST_SERIES];
    place_labels(&p, all, n_series, n, line);
    for (int row = 0; row < ROWS; row++) {
        bool tick = row % 3 == 0; /* a row's top is the height ROWS - row */
        term_begin(t, FAINT);
        term_field(t, tick ? view_number(p.top * (ROWS - row) / ROWS, 2, false).text : "", -5);
        fputs(tick ? term_sign(t, " ┤", " +") : term_sign(t, " │", " |"), t->out);
        term_end(t, FAINT);
        for (int column = 0; column < p.columns; column++) cell(t, &p, all, row, column);
        for (int s = 0; s < n_series; s++)
            if (line[s] == row) label(t, &all[s], n);
        fputc('\n', t->out);
    }
    foot(t, &p);
}

/* ---- numbers ---- */

/* Round counts first, then whatever fits, always the ends and the verdict's. */
static size_t choose(const size_t *counts, size_t n, size_t verdict, size_t room, size_t *chosen) {
    static const size_t round[] = {1, 100, 10, 50, 5, 200, 20, 500, 2, 1000, 25, 75, 150, 300, 40, 30, 15, 3};
    static bool take[MOST_COUNTS];
    memset(take, 0, sizeof take);
    size_t taken = 0;
#define TAKE(i)                                                                                                        \
    if (!take[i] && taken < room) {                                                                                    \
        take[i] = true;                                                                                                \
        taken++;                                                                                                       \
    }
    if (n <= room) {
        for (size_t i = 0; i < n; i++) TAKE(i)
    }
    for (size_t i = 0; i < n; i++)
        if (counts[i] == verdict) TAKE(i)
    TAKE(0)
    TAKE(n - 1)
    for (size_t r = 0; r < sizeof round / sizeof *round; r++) {
        for (size_t i = 0; i < n; i++)
            if (counts[i] == round[r]) TAKE(i)
    }
#undef TAKE
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        if (take[i]) chosen[at++] = i;
    return at;
}

static void spark(const term *t, const series *s, size_t n, double top, int width) {
    static const char *const levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char ascii[] = "_.-:=+*#";
    term_style style = view_style(s->condition);
    term_begin(t, style);
    for (int i = 0; i < width; i++) {
        double value = s->value[(size_t)i * (n - 1) / (size_t)(width > 1 ? width - 1 : 1)];
        int level = isnan(value) || value < 0 ? 0 : (int)(value / top * 8);
        if (level > 7) level = 7;
        if (t->utf8)
            fputs(levels[level], t->out);
        else
            fputc(ascii[level], t->out);
    }
    term_end(t, style);
}

static void table(const explaint_result *result, const char *metric, const term *t, const size_t *counts, size_t n,
                  double top) {
    enum { LABEL = 18, COLUMN = 7, MOST = 24 };
    static series s;
    size_t chosen[MOST];
    char number[32];
    int sparks = n < 4 ? 0 : n < 12 ? (int)n : 12;
    int room = (t->width - 2 - LABEL - sparks) / COLUMN;
    size_t some = choose(counts, n, result->verdict_components, room > MOST ? MOST : (size_t)room, chosen);
    term_begin(t, FAINT);
    term_field(t, "  components", 2 + LABEL);
    term_spaces(t, sparks);
    for (size_t i = 0; i < some; i++) {
        snprintf(number, sizeof number, "%zu", counts[chosen[i]]);
        term_field(t, number, -COLUMN);
    }
    term_end(t, FAINT);
    fputc('\n', t->out);
    for (size_t c = 0; view_order[c] != NULL; c++) {
        s.condition = view_order[c];
        if (!load(result, metric, counts, n, &s)) continue;
        term_spaces(t, 2);
        term_field(t, s.condition, LABEL);
        if (sparks > 0) spark(t, &s, n, top, sparks);
        for (size_t i = 0; i < some; i++) term_field(t, view_number(s.value[chosen[i]], 3, false).text, -COLUMN);
        fputc('\n', t->out);
    }
}

void view_curves(const explaint_result *result, const char *metric, const term *t) {
    static const char *const drawn[][2] = {{"system", "s"},        {"upper", "u"},  {"shuffle", "h"},
                                           {"shuffle-upper", "p"}, {"random", "r"}, {"mean", "m"}};
    static series all[MOST_SERIES];
    static size_t counts[MOST_COUNTS + 1];
    size_t n = counts_of(result, metric, counts);
    if (n < 2) return;
    int n_series = 0;
    double most = 0;
    for (int i = 0; i < MOST_SERIES; i++) {
        all[n_series].condition = drawn[i][0];
        all[n_series].letter = drawn[i][1];
        if (!load(result, metric, counts, n, &all[n_series])) continue;
        for (size_t j = 0; j < n; j++)
            if (all[n_series].value[j] > most) most = all[n_series].value[j];
        n_series++;
    }
    char title[128];
    snprintf(title, sizeof title, "%s by component count", view_metric_name(metric));
    view_heading(t, title);
    if (n >= 4) {
        graph(t, all, n_series, counts, n, most);
        fputc('\n', t->out);
    }
    for (size_t i = 0; i < result->n_rows; i++) /* the sparklines share one scale */
        if (result->rows[i].fold == -1 && strcmp(result->rows[i].metric, metric) == 0 && result->rows[i].value > most)
            most = result->rows[i].value;
    table(result, metric, t, counts, n, most);
}

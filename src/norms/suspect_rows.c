/* Rows of a table that sum others up, Total or Mean, or name a scale, and were read as concepts. */
#include <math.h>

#include "base/memory.h"
#include "norms/header.h"
#include "norms/suspects.h"

/* Fewer rows, or columns that tell, may agree by chance; and not more warnings than these. */
enum { LEAST_ROWS = 8, LEAST_TELLING = 3, MOST_SAID = 8 };

typedef enum summary { NONE, SUMS, MEANS, NAMED } summary;

/* A column in the rows so far, those that sum others up apart. */
typedef struct above {
    double sum, least, most;
    size_t there; /* cells that are not missing */
} above;

typedef struct rows {
    const xp_builder *b;
    size_t n, m;
    above *of;
    double *row; /* m: the row at hand, NaN where a cell is missing */
    uint8_t *is; /* summary, by row */
} rows;

/* Whether every cell is the column's sum, or its mean; rows_above counts the empty cells as well (0: without them). Numbers
 * may be rounded to two digits, and were perhaps not where they were summed up. Of a column that holds one value, or a single
 * one that is not 0, neither tells anything. */
static bool holds(const rows *r, summary what, size_t rows_above) {
    size_t telling = 0;
    for (size_t j = 0; j < r->m; j++) {
        const above *c = &r->of[j];
        const size_t count = rows_above > 0 ? rows_above : c->there;
        const double expected = what == SUMS || count == 0 ? c->sum : c->sum / (double)count;
        const double room = (what == SUMS ? .005 * (double)count + .006 : .011) + 1e-9 * fabs(expected);
        if (fabs(r->row[j] - expected) > room || (c->there > 0 && isnan(r->row[j]))) return false;
        telling += c->least < c->most && fabs(expected) > 5 * room && (what == MEANS || fabs(c->sum - c->most) > room);
    }
    return telling >= LEAST_TELLING;
}

static void add_row(rows *r) {
    for (size_t j = 0; j < r->m; j++) {
        above *c = &r->of[j];
        const double v = r->row[j];
        if (isnan(v)) continue;
        if (c->there == 0 || v < c->least) c->least = v;
        if (c->there == 0 || v > c->most) c->most = v;
        c->there++;
        c->sum += v;
    }
}

/* The cells of each row in turn; zeros are not among them. */
static void look_at_numbers(rows *r) {
    size_t counted = 0;
    for (size_t i = 0, at = 0; i < r->n; i++) {
        memset(r->row, 0, r->m * sizeof *r->row);
        for (; at < r->b->n_cells && r->b->cell[at].row == i; at++)
            r->row[r->b->cell[at].column] = r->b->cell[at].value;
        if (counted >= LEAST_ROWS)
            r->is[i] = holds(r, SUMS, 0) ? SUMS : holds(r, MEANS, 0) || holds(r, MEANS, counted) ? MEANS : NONE;
        if (r->is[i] != NONE) continue;
        add_row(r);
        counted++;
    }
}

/* The last rows, up to one that is none of these, and the first. Elsewhere "sum" and "count" are words like any other. */
static void look_at_names(rows *r) {
    const xp_strings *names = &r->b->norms->concepts;
    for (size_t i = r->n; i-- > 0 && (r->is[i] != NONE || xp_header_of_summary(names->item[i]));)
        if (r->is[i] == NONE) r->is[i] = NAMED;
    if (r->is[0] == NONE && xp_header_of_summary(names->item[0])) r->is[0] = NAMED;
}

/* The largest value of the table in every cell of the first row, and there alone: 7, 7, 7, ... of a scale from 1 to 7. 0: not so. */
static double find_scale(const rows *r) {
    const xp_built_cell *cell = r->b->cell;
    size_t first = 0, equal = 0, other = 0;
    if (r->b->n_cells == 0 || r->m < LEAST_TELLING) return 0;
    const double value = cell[0].value;
    for (size_t k = 0; k < r->b->n_cells; k++) {
        if (cell[k].value > value) return 0;
        if (cell[k].row == 0) {
            first++;
            equal += cell[k].value == value;
        } else {
            other += cell[k].value == value;
        }
    }
    return value > 1 && first == r->m && equal == r->m && other < r->n ? value : 0;
}

/* "line 62", where the row is known by a cell; room is returned. */
static const char *place_of(const xp_builder *b, size_t row, char room[64]) {
    size_t line = 0;
    for (size_t k = 0; k < b->n_cells; k++)
        if (b->cell[k].row == row && b->cell[k].line > 0 && (line == 0 || b->cell[k].line < line))
            line = b->cell[k].line;
    room[0] = 0;
    if (line > 0) snprintf(room, 64, " (%s %zu)", b->unit, line);
    return room;
}

static bool warn(const rows *r, size_t i, double scale) {
    char place[64], value[32];
    const char *name = r->b->norms->concepts.item[i];
    xp_strings *to = &r->b->norms->warnings;
    place_of(r->b, i, place);
    xp_shortest_double(scale, value);
    if (r->is[i] == NAMED)
        return xp_strings_addf(
            to,
            "\"%.100s\"%s, at the %s of the table, is named like a summary of the other concepts and "
            "is read as one of them; if it is none, take it out of the file",
            name, place, i == 0 ? "beginning" : "end");
    if (r->is[i] != NONE)
        return xp_strings_addf(to,
                               "the row \"%.100s\"%s holds the %s of the rows above it and is read as a concept; take "
                               "it out of the file",
                               name, place, r->is[i] == SUMS ? "sums" : "means");
    return xp_strings_addf(to,
                           "the first row, \"%.100s\"%s, has the largest value of all, %s, in every column, as a row "
                           "that names the scale, and is read as a concept; if it is none, take it out of the file",
                           name, place, value);
}

bool xp_suspects_warn_of_rows(const xp_builder *b, bool wide) {
    rows r = {.b = b, .n = b->norms->concepts.count, .m = b->norms->features.count};
    size_t said = 0;
    if (r.n < LEAST_ROWS) return true;
    r.of = xp_calloc(r.m, sizeof *r.of);
    r.row = xp_alloc(r.m, sizeof *r.row);
    r.is = xp_calloc(r.n, sizeof *r.is);
    bool good = r.of != NULL && r.row != NULL && r.is != NULL;
    if (good && wide) look_at_numbers(&r);
    if (good) look_at_names(&r);
    const double scale = good && wide && r.is[0] == NONE ? find_scale(&r) : 0;
    for (size_t i = 0; i < r.n && good && said < MOST_SAID; i++)
        if (r.is[i] != NONE || (i == 0 && scale > 0)) {
            good = warn(&r, i, scale);
            said++;
        }
    xp_free_all(r.of, r.row, r.is);
    return good;
}

#include "formats/csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "formats/number.h"

const char *xp_csv_separator(const xp_csv *csv) {
    return csv->separator == '\t' ? "tabs" : csv->separator == ';' ? "semicolons" : "commas";
}

const char *xp_csv_unit(const xp_csv *csv) { return csv->sheet != NULL ? "row" : "line"; }

/* 1 is A, 27 is AA. */
static void column_name(size_t column, char name[8]) {
    char letter[8];
    size_t n = 0;
    for (; column > 0 && n < 7; column = (column - 1) / 26) letter[n++] = (char)('A' + (column - 1) % 26);
    for (size_t i = 0; i < n; i++) name[i] = letter[n - 1 - i];
    name[n] = 0;
}

explaint_status xp_csv_fail(const xp_csv *csv, const xp_cell *cell, explaint_error *error, const char *format, ...) {
    char text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (csv->sheet == NULL)
        return xp_fail(error, EXPLAINT_INVALID, csv->path, cell != NULL ? cell->line : csv->line, "%s", text);
    if (cell == NULL)
        return xp_fail(error, EXPLAINT_INVALID, csv->path, 0, "sheet %zu, row %zu: %s", csv->sheet->number, csv->line,
                       text);
    char name[8];
    column_name(cell->column, name);
    return xp_fail(error, EXPLAINT_INVALID, csv->path, 0, "sheet %zu, cell %s%zu: %s", csv->sheet->number, name,
                   cell->line, text);
}

static bool line_end(char c) { return c == '\n' || c == '\r'; }

/* Steps over one line end; at stands on it. */
static void step_line(xp_csv *csv) {
    if (*csv->place.at == '\r' && csv->place.at + 1 < csv->end && csv->place.at[1] == '\n') csv->place.at++;
    csv->place.at++;
    csv->place.at_line++;
    csv->place.line_begin = csv->place.at;
}

static explaint_status quoted_cell(xp_csv *csv, xp_cell *cell, explaint_error *error) {
    char *to = ++csv->place.at;
    cell->quoted = true;
    cell->text.data = to;
    for (;;) {
        if (csv->place.at == csv->end)
            return xp_fail(error, EXPLAINT_INVALID, csv->path, cell->line,
                           "the quote opened in column %zu of this line is never closed; close it, or double a quote "
                           "that is meant "
                           "literally",
                           cell->column);
        char c = *csv->place.at;
        char *from = csv->place.at;
        if (c == '"') {
            if (from + 1 == csv->end || from[1] != '"') break;
            csv->place.at += 2;
            from += !csv->looking;
        } else if (line_end(c)) {
            step_line(csv);
        } else {
            csv->place.at++;
        }
        for (; from < csv->place.at; from++, to++)
            if (to != from) *to = *from;
    }
    cell->text.length = (size_t)(to - cell->text.data);
    csv->place.at++;
    if (csv->place.at < csv->end && *csv->place.at != csv->separator && !line_end(*csv->place.at))
        return xp_fail(error, EXPLAINT_INVALID, csv->path, csv->place.at_line,
                       "expected a separator (the cells are separated by %s) or the end of the line after the closing "
                       "quote, found text in "
                       "column %zu; double a quote that is meant literally",
                       xp_csv_separator(csv), (size_t)(csv->place.at - csv->place.line_begin) + 1);
    return EXPLAINT_OK;
}

static explaint_status read_cell(xp_csv *csv, explaint_error *error) {
    xp_cell *cell = xp_grow((void **)&csv->cell, csv->count, &csv->capacity, sizeof *cell);
    if (cell == NULL) return xp_no_memory(error, "a table's row");
    csv->count++;
    *cell = (xp_cell){.line = csv->place.at_line, .column = (size_t)(csv->place.at - csv->place.line_begin) + 1};
    if (csv->place.at < csv->end && *csv->place.at == '"' && !csv->plain_quotes) return quoted_cell(csv, cell, error);
    cell->text.data = csv->place.at;
    while (csv->place.at < csv->end && *csv->place.at != csv->separator && !line_end(*csv->place.at)) csv->place.at++;
    cell->text.length = (size_t)(csv->place.at - cell->text.data);
    return EXPLAINT_OK;
}

/* The cells of one line into csv->cell, whatever their number. */
static explaint_status read_line(xp_csv *csv, bool *more, explaint_error *error) {
    while (csv->place.at < csv->end && line_end(*csv->place.at)) step_line(csv);
    csv->count = 0;
    csv->line = csv->place.at_line;
    *more = csv->place.at < csv->end;
    if (!*more) return EXPLAINT_OK;
    for (;;) {
        explaint_status status = read_cell(csv, error);
        if (status != EXPLAINT_OK) return status;
        if (csv->place.at == csv->end) return EXPLAINT_OK;
        if (line_end(*csv->place.at)) {
            step_line(csv);
            return EXPLAINT_OK;
        }
        csv->place.at++; /* the separator; another cell follows, even if it is empty */
    }
}

static bool is_blank(const xp_cell *cell) { return xp_view_trim(cell->text).length == 0; }

/* Spreadsheets write the empty rows below a table as rows of separators. */
static explaint_status read_row(xp_csv *csv, bool *more, explaint_error *error) {
    for (;;) {
        explaint_status status = read_line(csv, more, error);
        if (status != EXPLAINT_OK || !*more) return status;
        for (size_t k = 0; k < csv->count; k++)
            if (!is_blank(&csv->cell[k])) return EXPLAINT_OK;
    }
}

/* ---- the separator ---- */

/* What the first rows look like under a separator. */
typedef struct shape {
    size_t header, row;           /* cells of the header, and of each row */
    bool same;                    /* there are rows, and all have as many */
    bool blank_header, blank_row; /* the last cell of the header is blank; of every row */
    bool names;                   /* the first cells may be R's row names: in quotes, or 1, 2, 3, ... */
} shape;

enum { ROWS_LOOKED_AT = 100 };

static explaint_status look_under(const xp_csv *csv, char separator, shape *s, explaint_error *error) {
    xp_csv look = {.path = csv->path,
                   .separator = separator,
                   .place = csv->place,
                   .end = csv->end,
                   .looking = true,
                   .plain_quotes = csv->plain_quotes};
    explaint_error own = {0};
    bool more;
    explaint_status status = read_row(&look, &more, &own);
    *s = (shape){.header = look.count, .blank_row = true};
    bool in_quotes = false, numbered = true;
    if (status == EXPLAINT_OK && more) {
        s->blank_header = is_blank(&look.cell[look.count - 1]);
        in_quotes = look.cell[0].quoted;
    }
    size_t rows = 0, number;
    for (; status == EXPLAINT_OK && more && rows < ROWS_LOOKED_AT; rows++) {
        status = read_row(&look, &more, &own);
        if (status != EXPLAINT_OK || !more) break;
        if (rows > 0 && look.count != s->row) status = EXPLAINT_INVALID;
        s->row = look.count;
        s->blank_row = s->blank_row && is_blank(&look.cell[look.count - 1]);
        in_quotes = in_quotes && look.cell[0].quoted;
        numbered = numbered && xp_number_count(look.cell[0].text, &number) && number == rows + 1;
    }
    s->same = status == EXPLAINT_OK && rows > 0;
    s->names = in_quotes || numbered || separator != ','; /* 1,5 makes two cells of every decimal */
    xp_free_all(look.header, look.cell);
    if (status != EXPLAINT_FAILED) return EXPLAINT_OK; /* what cannot be cut so is no error yet */
    if (error != NULL) *error = own;
    return status;
}

/* 2: header and rows have the same count of cells, 1: they have but for a separator at the end or a name missing at the
 * beginning, 0: they have not, or it is one. */
static int fit(const shape *s) {
    if (!s->same || s->row < 2) return 0;
    if (s->row == s->header) return 2;
    if (s->row == s->header + 1) return s->blank_row || s->names ? 1 : 0;
    return s->row + 1 == s->header && s->blank_header ? 1 : 0;
}

/* Counts outside of quotes up to the end of the header. Ties go to the tab, which hardly occurs in names, then to the
 * comma. */
static char most_in_header(const char *p, const char *end) {
    size_t tabs = 0, commas = 0, semicolons = 0;
    bool quoted = false;
    for (; p < end && (quoted || !line_end(*p)); p++) {
        if (*p == '"') quoted = !quoted;
        if (quoted) continue;
        tabs += *p == '\t';
        commas += *p == ',';
        semicolons += *p == ';';
    }
    if (tabs > 0 && tabs >= commas && tabs >= semicolons) return '\t';
    return semicolons > commas ? ';' : ',';
}

/* Tabs with quotes that enclose nothing: "big" dogs. */
static explaint_status look_without_quotes(xp_csv *csv, shape *s, explaint_error *error) {
    csv->plain_quotes = true;
    explaint_status status = look_under(csv, '\t', s, error);
    csv->plain_quotes = status == EXPLAINT_OK && fit(s) == 2;
    if (csv->plain_quotes) csv->separator = '\t';
    return status;
}

static explaint_status choose_separator(xp_csv *csv, shape *chosen, explaint_error *error) {
    static const char separators[] = {'\t', ';', ','}, unread[] = {' ', '|'};
    int best = 0;
    for (size_t k = 0; k < sizeof separators; k++) {
        shape s;
        explaint_status status = look_under(csv, separators[k], &s, error);
        if (status != EXPLAINT_OK) return status;
        if (fit(&s) < best || fit(&s) == 0 || (fit(&s) == best && s.row <= chosen->row)) continue;
        best = fit(&s);
        *chosen = s;
        csv->separator = separators[k];
    }
    if (best > 0) return EXPLAINT_OK;
    explaint_status status = look_without_quotes(csv, chosen, error);
    if (status != EXPLAINT_OK || csv->plain_quotes) return status;
    csv->separator = most_in_header(csv->place.at, csv->end);
    status = look_under(csv, csv->separator, chosen, error);
    for (size_t k = 0; k < sizeof unread && status == EXPLAINT_OK && chosen->header == 1; k++) {
        shape s;
        status = look_under(csv, unread[k], &s, error);
        if (status == EXPLAINT_OK && fit(&s) > 0)
            return xp_fail(error, EXPLAINT_INVALID, csv->path, csv->place.at_line,
                           "expected cells separated by commas, tabs or semicolons, found %zu in each row separated by "
                           "%s; write the table with another separator (of R: sep = \",\")",
                           s.row, unread[k] == ' ' ? "spaces" : "vertical bars");
    }
    return status;
}

/* "sep=;", perhaps in quotes or with separators behind it, as a spreadsheet saves it again. */
static explaint_status read_sep_line(xp_csv *csv, explaint_error *error) {
    const char *p = csv->place.at, *stop = p;
    while (stop < csv->end && !line_end(*stop)) stop++;
    if (p < stop && *p == '"') p++;
    if (stop - p < 5 || !xp_view_is_nocase((xp_view){p, 4}, "sep=")) return EXPLAINT_OK;
    char separator = p[4];
    for (p += 5; p < stop; p++)
        if (*p != separator && *p != '"') return EXPLAINT_OK; /* a header, whatever it means */
    if (separator != ',' && separator != ';' && separator != '\t')
        return xp_fail(error, EXPLAINT_INVALID, csv->path, csv->place.at_line,
                       "expected cells separated by commas, tabs or semicolons, found a first line that names another "
                       "separator, \"%c\"; write the table with one of the three",
                       separator);
    csv->separator = separator;
    while (csv->place.at < stop) csv->place.at++;
    while (csv->place.at < csv->end && line_end(*csv->place.at)) step_line(csv);
    return EXPLAINT_OK;
}

/* ---- opening ---- */

/* The header's cells, as all rows have them. */
static explaint_status fit_header(xp_csv *csv, const shape *s, explaint_error *error) {
    csv->header = csv->cell;
    csv->width = csv->count;
    csv->cell = NULL;
    csv->capacity = 0;
    if (fit(s) != 1) return EXPLAINT_OK;
    if (s->row < s->header) {
        csv->width--; /* the header alone ends in a separator */
        return EXPLAINT_OK;
    }
    csv->ends_in_separator = s->blank_row;
    if (csv->ends_in_separator) return EXPLAINT_OK;
    xp_cell *grown = xp_realloc(csv->header, csv->width + 1, sizeof *grown);
    if (grown == NULL) return xp_no_memory(error, "a table's row");
    csv->has_row_names = true;
    csv->header = grown;
    memmove(grown + 1, grown, csv->width++ * sizeof *grown);
    grown[0] = (xp_cell){.text = {"", 0}, .line = grown[1].line, .column = 1};
    return EXPLAINT_OK;
}

explaint_status xp_csv_open(xp_csv *csv, const char *path, char *data, size_t size, explaint_error *error) {
    *csv = (xp_csv){.path = path, .place = {.at = data, .line_begin = data, .at_line = 1}, .end = data + size};
    shape s = {0};
    bool more = false;
    while (csv->place.at < csv->end && line_end(*csv->place.at)) step_line(csv);
    explaint_status status = read_sep_line(csv, error);
    if (status == EXPLAINT_OK)
        status = csv->separator != 0 ? look_under(csv, csv->separator, &s, error) : choose_separator(csv, &s, error);
    if (status == EXPLAINT_OK) status = read_row(csv, &more, error);
    if (status == EXPLAINT_OK && !more)
        status =
            xp_fail(error, EXPLAINT_INVALID, path, 0, "expected a table with a header line, found only empty lines");
    if (status == EXPLAINT_OK) status = fit_header(csv, &s, error);
    if (status != EXPLAINT_OK) {
        xp_csv_close(csv);
        return status;
    }
    csv->first_row = csv->place;
    return EXPLAINT_OK;
}

void xp_csv_look(xp_csv *csv) { csv->looking = true; }

void xp_csv_rewind(xp_csv *csv) {
    csv->looking = false;
    csv->place = csv->first_row;
}

/* ---- a sheet ---- */

static xp_view blank_view(void) { return (xp_view){"", 0}; }

explaint_status xp_csv_open_sheet(xp_csv *csv, const char *path, const xp_sheet *sheet, explaint_error *error) {
    *csv = (xp_csv){.path = path, .sheet = sheet};
    if (sheet->n_cells == 0)
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected a table, found nothing in sheet %zu (\"%.80s\")",
                       sheet->number, sheet->name);
    csv->line = sheet->cell[0].row;
    while (csv->place.next < sheet->n_cells && sheet->cell[csv->place.next].row == csv->line) csv->place.next++;
    csv->width = csv->count = csv->capacity = sheet->cell[csv->place.next - 1].column;
    csv->header = xp_alloc(csv->width, sizeof *csv->header);
    csv->cell = xp_alloc(csv->width, sizeof *csv->cell);
    if (csv->header == NULL || csv->cell == NULL) {
        xp_csv_close(csv);
        return xp_no_memory(error, "a table's row");
    }
    for (size_t k = 0; k < csv->width; k++) csv->header[k] = (xp_cell){blank_view(), csv->line, k + 1, false};
    size_t rows = 1;
    for (size_t i = 0; i < csv->place.next; i++) csv->header[sheet->cell[i].column - 1].text = sheet->cell[i].text;
    csv->first_row = csv->place;
    for (size_t i = 1; i < sheet->n_cells; i++) rows += sheet->cell[i].row != sheet->cell[i - 1].row;
    if (rows <= XP_SHEET_PLACES / csv->width) return EXPLAINT_OK;
    size_t width = csv->width;
    xp_csv_close(csv);
    return xp_fail(error, EXPLAINT_INVALID, path, 0,
                   "sheet %zu is too large: %zu rows x %zu columns, at most %d cells are read", sheet->number, rows,
                   width, XP_SHEET_PLACES);
}

bool xp_csv_has_title(const xp_csv *csv) {
    size_t filled = 0;
    for (size_t k = 0; k < csv->width; k++) filled += xp_view_trim(csv->header[k].text).length > 0;
    return filled == 1;
}

static explaint_status next_sheet_row(xp_csv *csv, bool *more, explaint_error *error) {
    const xp_sheet *sheet = csv->sheet;
    *more = csv->place.next < sheet->n_cells;
    if (!*more) return EXPLAINT_OK;
    csv->line = sheet->cell[csv->place.next].row;
    for (size_t k = 0; k < csv->width; k++) csv->cell[k] = (xp_cell){blank_view(), csv->line, k + 1, false};
    for (; csv->place.next < sheet->n_cells && sheet->cell[csv->place.next].row == csv->line; csv->place.next++) {
        const xp_sheet_cell *cell = &sheet->cell[csv->place.next];
        if (cell->column <= csv->width) {
            csv->cell[cell->column - 1].text = cell->text;
            continue;
        }
        const xp_cell beyond = {cell->text, cell->row, cell->column, false};
        return xp_csv_fail(csv, &beyond, error,
                           "expected nothing beyond the %zu columns of the header (row %u), found \"%.*s\"%s",
                           csv->width, sheet->cell[0].row, XP_SHOW(cell->text),
                           xp_csv_has_title(csv) ? "; that row looks like a title: if it is one, remove it, so that "
                                                   "the sheet begins with the names of columns"
                                                 : "");
    }
    return EXPLAINT_OK;
}

explaint_status xp_csv_next(xp_csv *csv, bool *more, explaint_error *error) {
    if (csv->sheet != NULL) return next_sheet_row(csv, more, error);
    explaint_status status = read_row(csv, more, error);
    if (status != EXPLAINT_OK || !*more) return status;
    if (csv->ends_in_separator && csv->count == csv->width + 1 && is_blank(&csv->cell[csv->width])) csv->count--;
    if (csv->count == csv->width) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, csv->path, csv->line,
                   "expected %zu cell%s separated by %s, as in the header, found %zu; %s", csv->width,
                   csv->width == 1 ? "" : "s", xp_csv_separator(csv), csv->count,
                   xp_csv_has_title(csv) ? "the first line looks like a title: if it is one, remove it, so that the "
                                           "file begins with the names of columns"
                                         : "quote a cell that holds the separator");
}

void xp_csv_close(xp_csv *csv) {
    xp_free_all(csv->header, csv->cell);
    *csv = (xp_csv){0};
}

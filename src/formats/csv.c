#include "formats/csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

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

/* Counts outside of quotes up to the end of the first line that has a character. Ties go to the tab, which hardly
 * occurs in names, then to the comma. */
static char detect(const char *p, const char *end) {
    size_t tabs = 0, commas = 0, semicolons = 0;
    bool quoted = false;
    for (; p < end && (quoted || (*p != '\n' && *p != '\r')); p++) {
        if (*p == '"') quoted = !quoted;
        if (quoted) continue;
        tabs += *p == '\t';
        commas += *p == ',';
        semicolons += *p == ';';
    }
    if (tabs > 0 && tabs >= commas && tabs >= semicolons) return '\t';
    return semicolons > commas ? ';' : ',';
}

static bool line_end(char c) { return c == '\n' || c == '\r'; }

/* Steps over one line end; at stands on it. */
static void step_line(xp_csv *csv) {
    if (*csv->at == '\r' && csv->at + 1 < csv->end && csv->at[1] == '\n') csv->at++;
    csv->at++;
    csv->at_line++;
    csv->line_begin = csv->at;
}

static explaint_status quoted_cell(xp_csv *csv, xp_cell *cell, explaint_error *error) {
    char *to = ++csv->at;
    cell->quoted = true;
    cell->text.data = to;
    for (;;) {
        if (csv->at == csv->end)
            return xp_fail(error, EXPLAINT_INVALID, csv->path, cell->line,
                           "the quote opened in column %zu of this line is never closed; close it, or double a quote "
                           "that is meant "
                           "literally",
                           cell->column);
        char c = *csv->at;
        if (c == '"') {
            if (csv->at + 1 == csv->end || csv->at[1] != '"') break;
            *to++ = '"';
            csv->at += 2;
        } else if (line_end(c)) {
            char *from = csv->at;
            step_line(csv);
            while (from < csv->at) *to++ = *from++;
        } else {
            *to++ = c;
            csv->at++;
        }
    }
    cell->text.length = (size_t)(to - cell->text.data);
    csv->at++;
    if (csv->at < csv->end && *csv->at != csv->separator && !line_end(*csv->at))
        return xp_fail(error, EXPLAINT_INVALID, csv->path, csv->at_line,
                       "expected a separator (the cells are separated by %s) or the end of the line after the closing "
                       "quote, found text in "
                       "column %zu; double a quote that is meant literally",
                       xp_csv_separator(csv), (size_t)(csv->at - csv->line_begin) + 1);
    return EXPLAINT_OK;
}

static explaint_status read_cell(xp_csv *csv, explaint_error *error) {
    if (csv->count == csv->capacity) {
        size_t capacity = csv->capacity > 0 ? 2 * csv->capacity : 16;
        xp_cell *grown = xp_realloc(csv->cell, capacity, sizeof *grown);
        if (grown == NULL) return xp_no_memory(error, "a table's row");
        csv->cell = grown;
        csv->capacity = capacity;
    }
    xp_cell *cell = &csv->cell[csv->count++];
    *cell = (xp_cell){.line = csv->at_line, .column = (size_t)(csv->at - csv->line_begin) + 1};
    if (csv->at < csv->end && *csv->at == '"') return quoted_cell(csv, cell, error);
    cell->text.data = csv->at;
    while (csv->at < csv->end && *csv->at != csv->separator && !line_end(*csv->at)) csv->at++;
    cell->text.length = (size_t)(csv->at - cell->text.data);
    return EXPLAINT_OK;
}

/* The cells of one row into csv->cell, whatever their number. */
static explaint_status read_row(xp_csv *csv, bool *more, explaint_error *error) {
    while (csv->at < csv->end && line_end(*csv->at)) step_line(csv);
    csv->count = 0;
    csv->line = csv->at_line;
    *more = csv->at < csv->end;
    if (!*more) return EXPLAINT_OK;
    for (;;) {
        explaint_status status = read_cell(csv, error);
        if (status != EXPLAINT_OK) return status;
        if (csv->at == csv->end) return EXPLAINT_OK;
        if (line_end(*csv->at)) {
            step_line(csv);
            return EXPLAINT_OK;
        }
        csv->at++; /* the separator; another cell follows, even if it is empty */
    }
}

explaint_status xp_csv_open(xp_csv *csv, const char *path, char *data, size_t size, explaint_error *error) {
    *csv = (xp_csv){.path = path, .at = data, .line_begin = data, .end = data + size, .at_line = 1};
    while (csv->at < csv->end && line_end(*csv->at)) step_line(csv);
    csv->separator = detect(csv->at, csv->end);
    bool more;
    explaint_status status = read_row(csv, &more, error);
    if (status == EXPLAINT_OK && !more)
        status =
            xp_fail(error, EXPLAINT_INVALID, path, 0, "expected a table with a header line, found only empty lines");
    if (status != EXPLAINT_OK) {
        xp_csv_close(csv);
        return status;
    }
    csv->width = csv->count;
    csv->header = csv->cell;
    csv->cell = NULL;
    csv->capacity = 0;
    return EXPLAINT_OK;
}

/* ---- a sheet ---- */

static xp_view blank_view(void) { return (xp_view){"", 0}; }

explaint_status xp_csv_open_sheet(xp_csv *csv, const char *path, const xp_sheet *sheet, explaint_error *error) {
    *csv = (xp_csv){.path = path, .sheet = sheet};
    if (sheet->n_cells == 0)
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected a table, found nothing in sheet %zu (\"%.80s\")",
                       sheet->number, sheet->name);
    csv->line = sheet->cell[0].row;
    while (csv->next < sheet->n_cells && sheet->cell[csv->next].row == csv->line) csv->next++;
    csv->width = csv->count = csv->capacity = sheet->cell[csv->next - 1].column;
    csv->header = xp_alloc(csv->width, sizeof *csv->header);
    csv->cell = xp_alloc(csv->width, sizeof *csv->cell);
    if (csv->header == NULL || csv->cell == NULL) {
        xp_csv_close(csv);
        return xp_no_memory(error, "a table's row");
    }
    for (size_t k = 0; k < csv->width; k++) csv->header[k] = (xp_cell){blank_view(), csv->line, k + 1, false};
    size_t rows = 1;
    for (size_t i = 0; i < csv->next; i++) csv->header[sheet->cell[i].column - 1].text = sheet->cell[i].text;
    for (size_t i = 1; i < sheet->n_cells; i++) rows += sheet->cell[i].row != sheet->cell[i - 1].row;
    if (rows <= XP_SHEET_PLACES / csv->width) return EXPLAINT_OK;
    size_t width = csv->width;
    xp_csv_close(csv);
    return xp_fail(error, EXPLAINT_INVALID, path, 0,
                   "sheet %zu is too large: %zu rows x %zu columns, at most %d cells are read", sheet->number, rows,
                   width, XP_SHEET_PLACES);
}

static explaint_status next_sheet_row(xp_csv *csv, bool *more, explaint_error *error) {
    const xp_sheet *sheet = csv->sheet;
    *more = csv->next < sheet->n_cells;
    if (!*more) return EXPLAINT_OK;
    csv->line = sheet->cell[csv->next].row;
    for (size_t k = 0; k < csv->width; k++) csv->cell[k] = (xp_cell){blank_view(), csv->line, k + 1, false};
    for (; csv->next < sheet->n_cells && sheet->cell[csv->next].row == csv->line; csv->next++) {
        const xp_sheet_cell *cell = &sheet->cell[csv->next];
        if (cell->column <= csv->width) {
            csv->cell[cell->column - 1].text = cell->text;
            continue;
        }
        const xp_cell beyond = {cell->text, cell->row, cell->column, false};
        return xp_csv_fail(csv, &beyond, error,
                           "expected nothing beyond the %zu columns of the header (row %u), found \"%.*s\"", csv->width,
                           sheet->cell[0].row, XP_SHOW(cell->text));
    }
    return EXPLAINT_OK;
}

explaint_status xp_csv_next(xp_csv *csv, bool *more, explaint_error *error) {
    if (csv->sheet != NULL) return next_sheet_row(csv, more, error);
    explaint_status status = read_row(csv, more, error);
    if (status != EXPLAINT_OK || !*more || csv->count == csv->width) return status;
    return xp_fail(
        error, EXPLAINT_INVALID, csv->path, csv->line,
        "expected %zu cell%s separated by %s, as in the header, found %zu; quote a cell that holds the separator",
        csv->width, csv->width == 1 ? "" : "s", xp_csv_separator(csv), csv->count);
}

void xp_csv_close(xp_csv *csv) {
    xp_free(csv->header);
    xp_free(csv->cell);
    *csv = (xp_csv){0};
}

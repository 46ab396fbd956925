#include "formats/csv.h"

#include <string.h>

#include "base/memory.h"

const char *xp_csv_separator(const xp_csv *csv) {
    return csv->separator == '\t' ? "tabs" : csv->separator == ';' ? "semicolons" : "commas";
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

explaint_status xp_csv_next(xp_csv *csv, bool *more, explaint_error *error) {
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

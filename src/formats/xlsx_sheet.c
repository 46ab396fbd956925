/* Workbooks: the cells of a sheet. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "formats/number.h"
#include "formats/xlsx_private.h"

enum { MOST_ROWS = 1048576, MOST_COLUMNS = 16384 }; /* of the format */

typedef struct sheet_reader {
    xp_xlsx *book;
    xp_sheet *sheet;
    size_t capacity;
    size_t row, column; /* of the cell at hand, or of the last one; 1-based */
    char type[12];
    size_t style;
    xp_text text;
    size_t begin; /* of the run at hand */
    bool in_data, in_cell, in_value, in_inline, in_text, spoken, formula, valued;
} sheet_reader;

static explaint_status bad_cell(const sheet_reader *r, explaint_error *error, const char *what) {
    const xp_cell cell = {.line = r->row, .column = r->column};
    const xp_csv at = {.path = r->book->path, .sheet = r->sheet, .line = r->row};
    return xp_csv_fail(&at, &cell, error, "%s", what);
}

/* "AB12"; false unless letters and digits are both there and within the format's limits. */
static bool read_reference(const char *text, size_t *row, size_t *column) {
    size_t at = 0;
    *row = *column = 0;
    for (; text[at] >= 'A' && text[at] <= 'Z' && *column <= MOST_COLUMNS; at++)
        *column = 26 * *column + (size_t)(text[at] - 'A') + 1;
    for (; text[at] >= '0' && text[at] <= '9' && *row <= MOST_ROWS; at++) *row = 10 * *row + (size_t)(text[at] - '0');
    return text[at] == 0 && *row >= 1 && *row <= MOST_ROWS && *column >= 1 && *column <= MOST_COLUMNS;
}

static explaint_status begin_row(sheet_reader *r, const char *const *attributes, explaint_error *error) {
    const char *given = xp_xml_attribute(attributes, "r");
    size_t row = r->row + 1;
    if ((given != NULL && !xp_number_count((xp_view){given, strlen(given)}, &row)) || row <= r->row || row > MOST_ROWS)
        return xp_fail(error, EXPLAINT_INVALID, r->book->path, 0,
                       "sheet %zu: expected a row from %zu to %d after row %zu, found \"%.40s\"", r->sheet->number,
                       r->row + 1, MOST_ROWS, r->row, given != NULL ? given : "one more");
    r->row = row;
    r->column = 0;
    return EXPLAINT_OK;
}

static explaint_status begin_cell(sheet_reader *r, const char *const *attributes, explaint_error *error) {
    const char *given = xp_xml_attribute(attributes, "r"), *type = xp_xml_attribute(attributes, "t"),
               *style = xp_xml_attribute(attributes, "s");
    size_t row = r->row, column = r->column + 1;
    if ((given != NULL && !read_reference(given, &row, &column)) || row != r->row || column <= r->column ||
        column > MOST_COLUMNS)
        return xp_fail(error, EXPLAINT_INVALID, r->book->path, 0,
                       "sheet %zu, row %zu: expected the reference of a cell of this row after column %zu, found "
                       "\"%.40s\"",
                       r->sheet->number, r->row, r->column, given != NULL ? given : "one cell more");
    r->column = column;
    if (snprintf(r->type, sizeof r->type, "%s", type != NULL ? type : "n") >= (int)sizeof r->type)
        return bad_cell(r, error, "the cell has a type that no workbook has");
    r->style = SIZE_MAX;
    if (style != NULL) (void)xp_number_count((xp_view){style, strlen(style)}, &r->style);
    r->text.length = 0;
    r->in_cell = true;
    r->in_value = r->in_inline = r->in_text = r->spoken = r->formula = r->valued = false;
    return EXPLAINT_OK;
}

static explaint_status sheet_begin(void *context, const char *name, const char *const *attributes,
                                   explaint_error *error) {
    sheet_reader *r = context;
    if (strcmp(name, "sheetData") == 0) r->in_data = true;
    if (!r->in_data) return EXPLAINT_OK;
    if (strcmp(name, "row") == 0) return begin_row(r, attributes, error);
    if (strcmp(name, "c") == 0) return begin_cell(r, attributes, error);
    if (!r->in_cell) return EXPLAINT_OK;
    if (strcmp(name, "v") == 0) r->in_value = r->valued = true;
    if (strcmp(name, "f") == 0) r->formula = true;
    if (strcmp(name, "is") == 0) r->in_inline = true;
    if (strcmp(name, "rPh") == 0) r->spoken = true;
    if (strcmp(name, "t") == 0) {
        r->in_text = r->in_inline && !r->spoken;
        r->begin = r->text.length;
    }
    return EXPLAINT_OK;
}

static explaint_status sheet_text(void *context, xp_view piece, explaint_error *error) {
    sheet_reader *r = context;
    (void)error;
    if (r->in_value || r->in_text) xp_text_add(&r->text, piece.data, piece.length);
    return EXPLAINT_OK;
}

/* ---- dates ---- */

/* Days since 1899-12-30 (before March 1900, which has a 29th of February here, since 1899-12-31), or since 1904-01-01. */
static bool show_date(const sheet_reader *r, double serial, char *text, size_t size) {
    if (!(serial >= 0) || serial >= 2958466) return false; /* the year 10000 */
    double whole = floor(serial), seconds = round((serial - whole) * 86400);
    time_t days = (time_t)whole - 25569 + (r->book->epoch_1904 ? 1462 : whole < 60 ? 1 : 0);
    time_t instant = days * 86400 + (time_t)seconds;
    struct tm date;
    if (gmtime_r(&instant, &date) == NULL) return false;
    const char *format = whole == 0 && seconds > 0 ? "%H:%M:%S" : seconds > 0 ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d";
    return strftime(text, size, format, &date) > 0;
}

/* ---- the end of a cell ---- */

static bool is_type(const sheet_reader *r, const char *type) { return strcmp(r->type, type) == 0; }

/* The text of the cell; empty: no cell. */
static explaint_status cell_text(sheet_reader *r, char date[32], xp_view *text, explaint_error *error) {
    *text = (xp_view){r->text.length > 0 ? r->text.data : "", r->text.length};
    if (is_type(r, "str") || is_type(r, "inlineStr") || is_type(r, "e") || is_type(r, "d")) return EXPLAINT_OK;
    *text = xp_view_trim(*text);
    if (text->length == 0) return EXPLAINT_OK;
    if (is_type(r, "s")) {
        size_t index;
        if (!xp_number_count(*text, &index) || index >= r->book->n_strings)
            return bad_cell(r, error, "the cell names a shared string that the workbook does not have");
        *text = r->book->string[index];
        return EXPLAINT_OK;
    }
    if (is_type(r, "b")) {
        *text = xp_view_is(*text, "0") ? (xp_view){"FALSE", 5} : (xp_view){"TRUE", 4};
        return EXPLAINT_OK;
    }
    double value;
    if (!is_type(r, "n")) return bad_cell(r, error, "the cell has a type that no workbook has");
    if (xp_number_read(*text, &value) != XP_NUMBER_OK)
        return bad_cell(r, error, "the cell says that it is a number, and is none");
    if (r->style < r->book->n_styles && r->book->is_date[r->style] && show_date(r, value, date, 32))
        *text = (xp_view){date, strlen(date)};
    return EXPLAINT_OK;
}

static explaint_status end_cell(sheet_reader *r, explaint_error *error) {
    char date[32];
    xp_view text;
    r->in_cell = false;
    if (r->text.failed) return xp_no_memory(error, "a sheet");
    if (r->formula && (!r->valued || (r->text.length == 0 && !is_type(r, "str"))))
        return bad_cell(r, error,
                        "the formula has no stored value; open the file in a spreadsheet program and save it again");
    explaint_status status = cell_text(r, date, &text, error);
    if (status != EXPLAINT_OK || text.length == 0) return status;
    xp_sheet *sheet = r->sheet;
    xp_sheet_cell *cell = xp_grow((void **)&sheet->cell, sheet->n_cells, &r->capacity, sizeof *cell);
    if (cell == NULL) return xp_no_memory(error, "a sheet");
    *cell = (xp_sheet_cell){(uint32_t)r->row, (uint32_t)r->column, text};
    bool lasting = is_type(r, "s") || is_type(r, "b"); /* shared strings and literals stay where they are */
    if (!lasting && !xp_texts_add(&r->book->texts, text.data, text.length, &cell->text))
        return xp_no_memory(error, "a sheet");
    sheet->n_cells++;
    return EXPLAINT_OK;
}

static explaint_status sheet_end(void *context, const char *name, explaint_error *error) {
    sheet_reader *r = context;
    if (strcmp(name, "sheetData") == 0) r->in_data = false;
    if (!r->in_cell) return EXPLAINT_OK;
    if (strcmp(name, "v") == 0) {
        if (is_type(r, "str")) xp_xlsx_unescape(&r->text, 0);
        r->in_value = false;
    }
    if (strcmp(name, "is") == 0) r->in_inline = false;
    if (strcmp(name, "rPh") == 0) r->spoken = false;
    if (strcmp(name, "t") == 0) {
        if (r->in_text) xp_xlsx_unescape(&r->text, r->begin);
        r->in_text = false;
    }
    return strcmp(name, "c") == 0 ? end_cell(r, error) : EXPLAINT_OK;
}

explaint_status xp_xlsx_sheet(xp_xlsx *book, size_t k, xp_sheet *sheet, explaint_error *error) {
    const xp_sheet_entry *entry = &book->sheet[k];
    *sheet = (xp_sheet){.name = entry->name, .number = entry->number};
    sheet_reader r = {.book = book, .sheet = sheet};
    const xp_xml_handler handler = {sheet_begin, sheet_end, sheet_text, &r};
    explaint_status status = xp_xlsx_part(book, entry->part, &handler, error);
    xp_text_free(&r.text);
    if (status == EXPLAINT_OK) return status;
    xp_free(sheet->cell);
    sheet->cell = NULL;
    sheet->n_cells = 0;
    return status;
}

/* Tables, row by row: text (RFC 4180 with comma, semicolon or tab) over a buffer, or a sheet of a workbook.
 *
 *     xp_csv csv;
 *     if (xp_csv_open(&csv, path, bytes.data, bytes.size, error) != EXPLAINT_OK) return error->code;
 *     bool more;                                   // csv.header[k] names column k
 *     while ((status = xp_csv_next(&csv, &more, error)) == EXPLAINT_OK && more) ... csv.cell[0 .. csv.width)
 *     xp_csv_close(&csv);
 *
 * Cells are views into the buffer, which is written to (doubled quotes are closed up), and live as long as it does.
 * The separator is the one that a first line sep=; names, as Excel reads and writes it; else the one of the three that
 * gives the header and the first hundred rows the same count of cells, and most of them (ties: tab, semicolon, comma,
 * since a number may hold one comma); else the one that the header line has most of outside of quotes. Quotes mean the
 * same in tab-separated files as in the others: programs that write tabs quote in this way, too. A quote counts only at
 * the beginning of a cell; 5" inside of one is a 5 and a quote. Where tabs separate and the first hundred rows can be
 * read without quotes alone, as Google writes its tables, every quote is one. Spaces belong to the cell. Lines end in LF, CRLF or CR,
 * also inside of quotes; rows whose cells are all blank are skipped. Every row must have as many cells as the header,
 * but for two habits of programs, which then all rows share: one cell more and that one blank (a separator at the end),
 * or one cell more and not blank (R's row names, in quotes or 1, 2, 3, ... where commas separate; the header then begins
 * with a column that has no name).
 *
 * A sheet (formats/xlsx.h) is the same table: rows without text are skipped, the header ends with its last cell that has
 * text, cells that a row lacks are empty, and a cell beyond the header is an error. */
#ifndef XP_FORMATS_CSV_H
#define XP_FORMATS_CSV_H

#include <stdint.h>

#include "base/error.h"
#include "base/view.h"

typedef struct xp_cell {
    xp_view text;
    size_t line, column; /* where it begins: 1-based, column in bytes; of a sheet: row and column */
    bool quoted;
} xp_cell;

/* A cell with text of a sheet; cells ascend by row, then by column. */
typedef struct xp_sheet_cell {
    uint32_t row, column; /* 1-based */
    xp_view text;
} xp_sheet_cell;

/* Rows x columns of a sheet, empty cells included: these take room in norms, but none in the file. */
enum { XP_SHEET_PLACES = 1 << 26 };

typedef struct xp_sheet {
    const char *name;
    size_t number; /* 1-based place in the workbook */
    xp_sheet_cell *cell;
    size_t n_cells;
} xp_sheet;

typedef struct xp_csv_place {
    char *at, *line_begin;
    size_t at_line;
    size_t next; /* of a sheet's cells */
} xp_csv_place;

typedef struct xp_csv {
    const char *path;
    char separator;
    xp_cell *header, *cell; /* width each */
    size_t width;
    size_t line;        /* where the row in `cell` begins; the row of a sheet */
    bool decimal_comma; /* of numbers in cells, for those who read them (norms/survey.h) */
    bool has_row_names; /* column 0 has no place in the header line */
    /* inside */
    const xp_sheet *sheet; /* NULL: text */
    xp_csv_place place, first_row;
    char *end;
    bool ends_in_separator; /* every row */
    bool looking;           /* nothing is written, to be read again */
    bool plain_quotes;      /* a quote is a quote wherever it stands */
    size_t capacity, count;
} xp_csv;

/* Reads the header. data has size bytes, is written to, and outlives csv; path is borrowed as well. Nothing needs
 * closing after a failure. */
explaint_status xp_csv_open(xp_csv *csv, const char *path, char *data, size_t size, explaint_error *error);

/* The same of a sheet, which outlives csv. */
explaint_status xp_csv_open_sheet(xp_csv *csv, const char *path, const xp_sheet *sheet, explaint_error *error);

/* The next row; *more is false at the end. */
explaint_status xp_csv_next(xp_csv *csv, bool *more, explaint_error *error);
void xp_csv_close(xp_csv *csv);

/* To read the rows twice: after xp_csv_look doubled quotes in cells stay doubled; xp_csv_rewind goes back to the first
 * row. */
void xp_csv_look(xp_csv *csv);
void xp_csv_rewind(xp_csv *csv);

/* "commas", "tabs", "semicolons". */
const char *xp_csv_separator(const xp_csv *csv);

/* The header is one cell with text alone: a title, perhaps, in front of it. */
bool xp_csv_has_title(const xp_csv *csv);

/* "line", or "row" of a sheet: for notes. */
const char *xp_csv_unit(const xp_csv *csv);

/* EXPLAINT_INVALID with the place of a cell ("FILE:12: ...", "FILE: sheet 1, cell C12: ..."), or of the row at hand
 * (cell NULL). */
explaint_status xp_csv_fail(const xp_csv *csv, const xp_cell *cell, explaint_error *error, const char *format, ...)
    XP_PRINTF(4, 5);

#endif

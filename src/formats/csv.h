/* Tables in text: RFC 4180 with comma, semicolon or tab, over a buffer.
 *
 *     xp_csv csv;
 *     if (xp_csv_open(&csv, path, bytes.data, bytes.size, error) != EXPLAINT_OK) return error->code;
 *     bool more;                                   // csv.header[k] names column k
 *     while ((status = xp_csv_next(&csv, &more, error)) == EXPLAINT_OK && more) ... csv.cell[0 .. csv.width)
 *     xp_csv_close(&csv);
 *
 * Cells are views into the buffer, which is written to (doubled quotes are closed up), and live as long as it does.
 * The separator is the one of the three that the header line has most of outside of quotes. Quotes mean the same in
 * tab-separated files as in the others: programs that write tabs quote in this way, too. A quote counts only at the
 * beginning of a cell; 5" inside of one is a 5 and a quote. Spaces belong to the cell. Lines end in LF, CRLF or CR,
 * also inside of quotes; lines without any character are skipped. Every row must have as many cells as the header. */
#ifndef XP_FORMATS_CSV_H
#define XP_FORMATS_CSV_H

#include "base/error.h"
#include "base/view.h"

typedef struct xp_cell {
    xp_view text;
    size_t line, column; /* where it begins: 1-based, column in bytes */
    bool quoted;
} xp_cell;

typedef struct xp_csv {
    const char *path;
    char separator;
    xp_cell *header, *cell; /* width each */
    size_t width;
    size_t line; /* where the row in `cell` begins */
    /* inside */
    char *at, *end, *line_begin;
    size_t at_line;
    size_t capacity, count;
} xp_csv;

/* Reads the header. data has size bytes, is written to, and outlives csv; path is borrowed as well. Nothing needs
 * closing after a failure. */
explaint_status xp_csv_open(xp_csv *csv, const char *path, char *data, size_t size, explaint_error *error);

/* The next row; *more is false at the end. */
explaint_status xp_csv_next(xp_csv *csv, bool *more, explaint_error *error);
void xp_csv_close(xp_csv *csv);

/* "commas", "tabs", "semicolons". */
const char *xp_csv_separator(const xp_csv *csv);

#endif

/* A table: in Markdown with columns aligned, in LaTeX a tabular with booktabs' rules.
 *
 *     xp_report_table table;
 *     xp_report_table_begin(&table, latex, "lr");          l, r; p: text that may break into lines (LaTeX)
 *     xp_markup_prose(xp_report_table_cell(&table), "norms"); first row: the header
 *     ...
 *     xp_report_table_row(&table);
 *     xp_report_table_write(&table, "A caption.", "label", &markup); releases the table
 */
#ifndef XP_REPORT_TABLE_H
#define XP_REPORT_TABLE_H

#include "report/markup.h"

enum { XP_REPORT_TABLE_COLUMNS = 16 };

typedef struct xp_report_table {
    bool latex, failed, any_below;
    const char *
        align; /* of each column: l, r, p (a paragraph), w (a word or two, in two lines); Markdown knows l and r alone */
    size_t columns, filled; /* cells of the current row */
    xp_markup cell;         /* the current one */
    xp_markup row, below;   /* LaTeX: the current row, and the intervals under it */
    xp_strings item;        /* Markdown: cells; LaTeX: rows */
} xp_report_table;

void xp_report_table_begin(xp_report_table *table, bool latex, const char *align);
/* The header: prose. */
void xp_report_table_heads(xp_report_table *table, const char *const *name, size_t n);
/* The next cell, to be written into until the next call. */
xp_markup *xp_report_table_cell(xp_report_table *table);
/* A cell with a name; a dash for "" and NULL. */
void xp_report_table_word(xp_report_table *table, const char *text);
/* A cell with a number, and its interval (NULL: none) beside it, or in LaTeX under it. */
void xp_report_table_number(xp_report_table *table, double value, const double *ci);
/* p of the current cell: beside it in parentheses, or in LaTeX under it. */
void xp_report_table_p(xp_report_table *table, double p);
void xp_report_table_row(xp_report_table *table);
/* LaTeX only: a heading over the rows that follow, with some space before it. Takes the text, finished markup. */
void xp_report_table_span(xp_report_table *table, xp_markup *text, bool space);
/* LaTeX: a floating table, or several where there are many rows. Caption: our own words. */
void xp_report_table_write(xp_report_table *table, const char *caption, const char *label, xp_markup *markup);

#endif

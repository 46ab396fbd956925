/* A table: in Markdown with columns aligned, in LaTeX a tabular with booktabs' rules.
 *
 *     xp_grid grid;
 *     xp_grid_begin(&grid, latex, "lr");          l, r; p: text that may break into lines (LaTeX)
 *     xp_pen_prose(xp_grid_cell(&grid), "norms"); first row: the header
 *     ...
 *     xp_grid_row(&grid);
 *     xp_grid_write(&grid, "A caption.", "label", &pen); releases the grid
 */
#ifndef XP_REPORT_GRID_H
#define XP_REPORT_GRID_H

#include "report/pen.h"

enum { XP_GRID_COLUMNS = 12 };

typedef struct xp_grid {
    bool latex, failed, any_below;
    const char *align;
    size_t columns, filled; /* cells of the current row */
    xp_pen cell;            /* the current one */
    xp_pen row, below;      /* LaTeX: the current row, and the intervals under it */
    xp_strings item;        /* Markdown: cells; LaTeX: rows */
} xp_grid;

void xp_grid_begin(xp_grid *grid, bool latex, const char *align);
/* The next cell, to be written into until the next call. */
xp_pen *xp_grid_cell(xp_grid *grid);
/* A cell with a number, and its interval (NULL: none) beside it, or in LaTeX under it. */
void xp_grid_number(xp_grid *grid, double value, const double *ci);
void xp_grid_row(xp_grid *grid);
/* LaTeX only: a heading over the rows that follow, with some space before it. Takes the text, finished markup. */
void xp_grid_span(xp_grid *grid, xp_pen *text, bool space);
/* LaTeX: a floating table, or several where there are many rows. Caption: our own words. */
void xp_grid_write(xp_grid *grid, const char *caption, const char *label, xp_pen *pen);

#endif

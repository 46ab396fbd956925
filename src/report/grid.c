#include "report/grid.h"

#include <math.h>
#include <string.h>

void xp_grid_begin(xp_grid *grid, bool latex, const char *align) {
    *grid = (xp_grid){.latex = latex, .align = align, .columns = strlen(align)};
    grid->cell.latex = grid->row.latex = grid->below.latex = latex;
}

static void keep(xp_grid *grid, xp_pen *pen) {
    const char *text = pen->out.length > 0 ? pen->out.data : "";
    if (pen->out.failed || !xp_strings_add(&grid->item, text, strlen(text))) grid->failed = true;
    xp_pen_free(pen);
}

/* Ends the current cell. */
static void end_cell(xp_grid *grid) {
    if (grid->filled == 0) return;
    if (!grid->latex) {
        keep(grid, &grid->cell);
        return;
    }
    grid->row.out.failed |= grid->cell.out.failed;
    if (grid->cell.out.length > 0) xp_text_adds(&grid->row.out, grid->cell.out.data);
    xp_pen_free(&grid->cell);
}

xp_pen *xp_grid_cell(xp_grid *grid) {
    end_cell(grid);
    if (grid->latex && grid->filled > 0) {
        xp_text_adds(&grid->row.out, " & ");
        xp_text_adds(&grid->below.out, " & ");
    }
    grid->filled++;
    return &grid->cell;
}

void xp_grid_number(xp_grid *grid, double value, const double *ci) {
    xp_pen *pen = xp_grid_cell(grid);
    xp_pen_number(pen, value);
    if (ci == NULL || !isfinite(value)) return;
    if (grid->latex) {
        xp_text_adds(&grid->below.out, "{\\scriptsize ");
        xp_pen_interval(&grid->below, ci);
        xp_text_adds(&grid->below.out, "}");
        grid->any_below = true;
    } else {
        xp_text_adds(&pen->out, " ");
        xp_pen_interval(pen, ci);
    }
}

void xp_grid_row(xp_grid *grid) {
    end_cell(grid);
    grid->filled = 0;
    if (!grid->latex) return;
    xp_text_adds(&grid->row.out, " \\\\");
    grid->row.out.failed |= grid->below.out.failed;
    if (grid->any_below) {
        xp_text_adds(&grid->row.out, "\n");
        xp_text_adds(&grid->row.out, grid->below.out.data != NULL ? grid->below.out.data : "");
        xp_text_adds(&grid->row.out, " \\\\");
    }
    grid->any_below = false;
    xp_pen_free(&grid->below);
    keep(grid, &grid->row);
}

void xp_grid_span(xp_grid *grid, xp_pen *text, bool space) {
    if (space) xp_text_adds(&grid->row.out, "\\addlinespace\n");
    xp_text_addf(&grid->row.out, "\\multicolumn{%zu}{@{}l@{}}{", grid->columns);
    grid->row.out.failed |= text->out.failed;
    xp_text_adds(&grid->row.out, text->out.length > 0 ? text->out.data : "");
    xp_text_adds(&grid->row.out, "} \\\\");
    keep(grid, &grid->row);
    xp_pen_free(text);
}

/* ---- writing ---- */

static size_t width(const char *cell) { /* code points: close enough without a table of wide characters */
    size_t count = 0;
    for (; *cell != 0; cell++) count += ((unsigned char)*cell & 0xc0) != 0x80;
    return count;
}

static void repeat(xp_text *out, const char *what, size_t count) {
    while (count-- > 0) xp_text_adds(out, what);
}

static void write_markdown(const xp_grid *grid, xp_text *out) {
    size_t widths[XP_GRID_COLUMNS], rows = grid->item.count / grid->columns;
    for (size_t c = 0; c < grid->columns; c++) {
        widths[c] = 3; /* --- */
        for (size_t r = 0; r < rows; r++) {
            size_t wide = width(grid->item.item[r * grid->columns + c]);
            if (wide > widths[c]) widths[c] = wide;
        }
    }
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < grid->columns; c++) {
            const char *cell = grid->item.item[r * grid->columns + c];
            size_t padding = widths[c] - width(cell);
            xp_text_adds(out, c == 0 ? "| " : " | ");
            if (grid->align[c] == 'r') repeat(out, " ", padding);
            xp_text_adds(out, cell);
            if (grid->align[c] != 'r') repeat(out, " ", padding);
        }
        xp_text_adds(out, " |\n");
        for (size_t c = 0; r == 0 && c < grid->columns; c++) {
            xp_text_adds(out, c == 0 ? "| " : " | ");
            repeat(out, "-", widths[c] - 1);
            xp_text_adds(out, grid->align[c] == 'r' ? ":" : "-");
        }
        if (r == 0) xp_text_adds(out, " |\n");
    }
    xp_text_adds(out, "\n");
}

static void latex_head(const xp_grid *grid, const char *caption, const char *label, bool first, xp_pen *pen) {
    xp_text *out = &pen->out;
    xp_text_adds(out, "\\begin{table}[htbp]\n\\centering\\small\\setlength{\\tabcolsep}{3pt}\n\\caption{");
    xp_pen_prose(pen, first ? caption : "(continued)");
    xp_text_adds(out, "}\\smallskip\n");
    if (first) xp_text_addf(out, "\\label{tab:explaint-%s}\n", label);
    xp_text_adds(out, "\\begin{tabular}{@{}");
    for (const char *a = grid->align; *a != 0; a++) {
        if (*a == 'p')
            xp_text_adds(out, ">{\\raggedright\\arraybackslash}p{.17\\linewidth}");
        else
            xp_text_add(out, a, 1);
    }
    xp_text_adds(out, "@{}}\n\\toprule\n");
    xp_text_adds(out, grid->item.item[0]);
    xp_text_adds(out, "\n\\midrule\n");
}

/* A float holds what fits on a page. LaTeX keeps some fifty floats that wait for their page: \clearpage lets them out. */
static void write_latex(const xp_grid *grid, const char *caption, const char *label, xp_pen *pen) {
    enum { ROWS = 18, FLOATS = 10 };
    for (size_t begin = 1, floats = 0; begin < grid->item.count; begin += ROWS) {
        latex_head(grid, caption, label, begin == 1, pen);
        for (size_t r = begin; r < grid->item.count && r < begin + ROWS; r++) {
            xp_text_adds(&pen->out, grid->item.item[r]);
            xp_text_adds(&pen->out, "\n");
        }
        xp_text_adds(&pen->out, "\\bottomrule\n\\end{tabular}\n\\end{table}\n");
        if (++floats % FLOATS == 0) xp_text_adds(&pen->out, "\\clearpage\n");
        xp_text_adds(&pen->out, "\n");
    }
}

void xp_grid_write(xp_grid *grid, const char *caption, const char *label, xp_pen *pen) {
    pen->out.failed |= grid->failed;
    if (!pen->out.failed && grid->latex)
        write_latex(grid, caption, label, pen);
    else if (!pen->out.failed)
        write_markdown(grid, &pen->out);
    xp_pen_free(&grid->cell);
    xp_pen_free(&grid->row);
    xp_pen_free(&grid->below);
    xp_strings_free(&grid->item);
}

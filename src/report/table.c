#include "report/table.h"

#include <math.h>
#include <string.h>

void xp_report_table_begin(xp_report_table *table, bool latex, const char *align) {
    *table = (xp_report_table){.latex = latex, .align = align, .columns = strlen(align)};
    table->cell.latex = table->row.latex = table->below.latex = latex;
    table->failed = table->columns > XP_REPORT_TABLE_COLUMNS; /* of ours, which a test sees */
}

static void keep(xp_report_table *table, xp_markup *markup) {
    const char *text = markup->out.length > 0 ? markup->out.data : "";
    if (markup->out.failed || !xp_strings_add(&table->item, text, strlen(text))) table->failed = true;
    xp_markup_free(markup);
}

/* Ends the current cell. */
static void end_cell(xp_report_table *table) {
    if (table->filled == 0) return;
    if (!table->latex) {
        keep(table, &table->cell);
        return;
    }
    table->row.out.failed |= table->cell.out.failed;
    if (table->cell.out.length > 0) xp_text_adds(&table->row.out, table->cell.out.data);
    xp_markup_free(&table->cell);
}

xp_markup *xp_report_table_cell(xp_report_table *table) {
    end_cell(table);
    if (table->latex && table->filled > 0) {
        xp_text_adds(&table->row.out, " & ");
        xp_text_adds(&table->below.out, " & ");
    }
    table->filled++;
    return &table->cell;
}

void xp_report_table_heads(xp_report_table *table, const char *const *name, size_t n) {
    for (size_t i = 0; i < n; i++) xp_markup_prose(xp_report_table_cell(table), name[i]);
    xp_report_table_row(table);
}

void xp_report_table_word(xp_report_table *table, const char *text) {
    if (text != NULL && text[0] != 0)
        xp_markup_text(xp_report_table_cell(table), text);
    else
        xp_markup_either(xp_report_table_cell(table), XP_DASH, "--");
}

void xp_report_table_number(xp_report_table *table, double value, const double *ci) {
    xp_markup *markup = xp_report_table_cell(table);
    xp_markup_number(markup, value);
    if (ci == NULL || !isfinite(value)) return;
    if (table->latex) {
        xp_text_adds(&table->below.out, "{\\scriptsize ");
        xp_markup_interval(&table->below, ci);
        xp_text_adds(&table->below.out, "}");
        table->any_below = true;
    } else {
        xp_text_adds(&markup->out, " ");
        xp_markup_interval(markup, ci);
    }
}

void xp_report_table_p(xp_report_table *table, double p) {
    xp_markup *markup = table->latex ? &table->below : &table->cell;
    xp_text_adds(&markup->out, table->latex ? "{\\scriptsize " : " (");
    xp_markup_p(markup, p);
    xp_text_adds(&markup->out, table->latex ? "}" : ")");
    table->any_below |= table->latex;
}

void xp_report_table_row(xp_report_table *table) {
    end_cell(table);
    table->filled = 0;
    if (!table->latex) return;
    xp_text_adds(&table->row.out, " \\\\");
    table->row.out.failed |= table->below.out.failed;
    if (table->any_below) {
        xp_text_adds(&table->row.out, "\n");
        xp_text_adds(&table->row.out, table->below.out.data != NULL ? table->below.out.data : "");
        xp_text_adds(&table->row.out, " \\\\");
    }
    table->any_below = false;
    xp_markup_free(&table->below);
    keep(table, &table->row);
}

void xp_report_table_span(xp_report_table *table, xp_markup *text, bool space) {
    if (space) xp_text_adds(&table->row.out, "\\addlinespace\n");
    xp_text_addf(&table->row.out, "\\multicolumn{%zu}{@{}l@{}}{", table->columns);
    table->row.out.failed |= text->out.failed;
    xp_text_adds(&table->row.out, text->out.length > 0 ? text->out.data : "");
    xp_text_adds(&table->row.out, "} \\\\");
    keep(table, &table->row);
    xp_markup_free(text);
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

static void write_markdown(const xp_report_table *table, xp_text *out) {
    size_t widths[XP_REPORT_TABLE_COLUMNS], rows = table->item.count / table->columns;
    for (size_t c = 0; c < table->columns; c++) {
        widths[c] = 3; /* --- */
        for (size_t r = 0; r < rows; r++) {
            size_t wide = width(table->item.item[r * table->columns + c]);
            if (wide > widths[c]) widths[c] = wide;
        }
    }
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < table->columns; c++) {
            const char *cell = table->item.item[r * table->columns + c];
            size_t padding = widths[c] - width(cell);
            xp_text_adds(out, c == 0 ? "| " : " | ");
            if (table->align[c] == 'r') repeat(out, " ", padding);
            xp_text_adds(out, cell);
            if (table->align[c] != 'r') repeat(out, " ", padding);
        }
        xp_text_adds(out, " |\n");
        for (size_t c = 0; r == 0 && c < table->columns; c++) {
            xp_text_adds(out, c == 0 ? "| " : " | ");
            repeat(out, "-", widths[c] - 1);
            xp_text_adds(out, table->align[c] == 'r' ? ":" : "-");
        }
        if (r == 0) xp_text_adds(out, " |\n");
    }
    xp_text_adds(out, "\n");
}

enum { WIDE = 10 }; /* columns of which a page holds no more in ordinary letters */

static void latex_head(const xp_report_table *table, const char *caption, const char *label, bool first,
                       xp_markup *markup) {
    xp_text *out = &markup->out;
    xp_text_adds(out, "\\begin{table}[htbp]\n\\centering");
    xp_text_adds(out, table->columns > WIDE ? "\\footnotesize\\setlength{\\tabcolsep}{2pt}\n\\caption{"
                                            : "\\small\\setlength{\\tabcolsep}{3pt}\n\\caption{");
    xp_markup_prose(markup, first ? caption : "(continued)");
    xp_text_adds(out, "}\\smallskip\n");
    if (first) xp_text_addf(out, "\\label{tab:explaint-%s}\n", label);
    xp_text_adds(out, "\\begin{tabular}{@{}");
    for (const char *a = table->align; *a != 0; a++) {
        if (*a == 'p')
            xp_text_adds(out, ">{\\raggedright\\arraybackslash}p{.17\\linewidth}");
        else if (*a == 'w') /* a word or two */
            xp_text_adds(out, ">{\\raggedright\\arraybackslash}p{5.2em}");
        else
            xp_text_add(out, a, 1);
    }
    xp_text_adds(out, "@{}}\n\\toprule\n");
    xp_text_adds(out, table->item.item[0]);
    xp_text_adds(out, "\n\\midrule\n");
}

/* A float holds what fits on a page. LaTeX keeps some fifty floats that wait for their page: \clearpage lets them out. */
static void write_latex(const xp_report_table *table, const char *caption, const char *label, xp_markup *markup) {
    enum { ROWS = 18, FLOATS = 10 };
    for (size_t begin = 1, floats = 0; begin < table->item.count; begin += ROWS) {
        latex_head(table, caption, label, begin == 1, markup);
        for (size_t r = begin; r < table->item.count && r < begin + ROWS; r++) {
            xp_text_adds(&markup->out, table->item.item[r]);
            xp_text_adds(&markup->out, "\n");
        }
        xp_text_adds(&markup->out, "\\bottomrule\n\\end{tabular}\n\\end{table}\n");
        if (++floats % FLOATS == 0) xp_text_adds(&markup->out, "\\clearpage\n");
        xp_text_adds(&markup->out, "\n");
    }
}

void xp_report_table_write(xp_report_table *table, const char *caption, const char *label, xp_markup *markup) {
    markup->out.failed |= table->failed;
    if (!markup->out.failed && table->latex)
        write_latex(table, caption, label, markup);
    else if (!markup->out.failed)
        write_markdown(table, &markup->out);
    xp_markup_free(&table->cell);
    xp_markup_free(&table->row);
    xp_markup_free(&table->below);
    xp_strings_free(&table->item);
}

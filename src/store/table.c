#include "store/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "explaint/visible.h"

void xp_table_visible(xp_text *text, const char *value) {
    char shown[EXPLAINT_VISIBLE];
    while (*value != 0) {
        value += explaint_visible(value, shown);
        xp_text_adds(text, shown);
    }
}

/* Words that a shell would split or expand stand in single quotes. */
void xp_table_command(xp_text *text, const char *const *command) {
    xp_text_adds(text, "explaint");
    for (size_t i = 0; command != NULL && command[i] != NULL; i++) {
        const char *word = command[i];
        xp_text_adds(text, " ");
        if (word[0] != 0 && strpbrk(word, " \t\n\"'\\$`*?[]{}()<>|&;~#!") == NULL) {
            xp_text_adds(text, word);
            continue;
        }
        xp_text_adds(text, "'");
        for (const char *quote; (quote = strchr(word, '\'')) != NULL; word = quote + 1) {
            xp_text_add(text, word, (size_t)(quote - word));
            xp_text_adds(text, "'\\''");
        }
        xp_text_adds(text, word);
        xp_text_adds(text, "'");
    }
}

void xp_table_cell(xp_table *table, const char *value) {
    xp_text shown = {0};
    xp_table_visible(&shown, value);
    if (shown.failed || !xp_strings_add(&table->cells, shown.data != NULL ? shown.data : "", shown.length))
        table->failed = true;
    xp_text_free(&shown);
}

void xp_table_number(xp_table *table, double value) {
    char digits[32] = "";
    if (!isnan(value)) snprintf(digits, sizeof digits, "%.4g", value);
    xp_table_cell(table, digits);
}

static size_t width(const char *cell) { /* code points: close enough without a table of wide characters */
    size_t count = 0;
    for (; *cell != 0; cell++) count += ((unsigned char)*cell & 0xc0) != 0x80;
    return count;
}

static bool is_number(const char *cell) { return cell[0] == 0 || cell[strspn(cell, "0123456789.+-e")] == 0; }

static void spaces(xp_text *text, size_t count) {
    while (count-- > 0) xp_text_add(text, " ", 1);
}

void xp_table_write(const xp_table *table, const char *indent, xp_text *text) {
    if (table->failed) text->failed = true;
    if (text->failed || table->columns == 0) return;
    size_t widths[XP_TABLE_COLUMNS] = {0}, rows = table->cells.count / table->columns;
    bool right[XP_TABLE_COLUMNS];
    for (size_t c = 0; c < table->columns; c++) {
        right[c] = rows > 1;
        for (size_t r = 0; r < rows; r++) {
            const char *cell = table->cells.item[r * table->columns + c];
            if (width(cell) > widths[c]) widths[c] = width(cell);
            if (r > 0 && !is_number(cell)) right[c] = false;
        }
    }
    for (size_t r = 0; r < rows; r++) {
        xp_text_adds(text, indent);
        size_t owed = 0; /* spaces before the next cell: none are left at the end of a line */
        for (size_t c = 0; c < table->columns; c++) {
            const char *cell = table->cells.item[r * table->columns + c];
            size_t padding = widths[c] - width(cell);
            if (right[c]) owed += padding;
            if (cell[0] != 0) {
                spaces(text, owed);
                xp_text_adds(text, cell);
                owed = 0;
            }
            owed += 2 + (right[c] ? 0 : padding);
        }
        xp_text_add(text, "\n", 1);
    }
}

void xp_table_free(xp_table *table) { xp_strings_free(&table->cells); }

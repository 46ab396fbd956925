/* A table for people, and text that a terminal can show.
 *
 *     xp_table table = {.columns = 2};
 *     xp_table_cell(&table, "run");  xp_table_cell(&table, "value");
 *     xp_table_cell(&table, "1");    xp_table_cell(&table, "0.25");
 *     xp_table_write(&table, "  ", &text); // columns aligned, numbers to the right
 *     xp_table_free(&table);
 */
#ifndef XP_STORE_TABLE_H
#define XP_STORE_TABLE_H

#include "base/strings.h"

enum { XP_TABLE_COLUMNS = 32 };

typedef struct xp_table {
    size_t columns;   /* at most XP_TABLE_COLUMNS */
    xp_strings cells; /* the first row is the header */
    bool failed;
} xp_table;

void xp_table_cell(xp_table *table, const char *text);
void xp_table_number(xp_table *table, double value); /* empty where it is NaN; 4 significant digits */
void xp_table_write(const xp_table *table, const char *indent, xp_text *text);
void xp_table_free(xp_table *table);

/* The text as explaint_visible shows it: a terminal must not obey what a file says. */
void xp_table_visible(xp_text *text, const char *value);

/* A command (NULL-terminated; NULL: none) as one would type it: "explaint infer --norms 'a b.csv'". Not made visible yet. */
void xp_table_command(xp_text *text, const char *const *command);

#endif

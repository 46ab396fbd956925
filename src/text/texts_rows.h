/* Texts that are a member of objects, one in a line (JSON Lines), or a column of a table. The texts have room already: for all bytes, a 0 behind each text, and
 * a text in each line. */
#ifndef XP_TEXT_TEXTS_ROWS_H
#define XP_TEXT_TEXTS_ROWS_H

#include "base/json_read.h"
#include "text/texts.h"

/* The names that the member or column may have, the first one that is there: NULL at the end. */
typedef const char *const *xp_texts_names;

/* A string in each line, or an object with such a member. Lines without anything are none. */
explaint_status xp_texts_take_json_lines(explaint_texts *t, const xp_bytes *bytes, xp_texts_names names,
                                         explaint_error *error);
/* The column of a table, whose cells may be written to. */
explaint_status xp_texts_take_column(explaint_texts *t, xp_bytes *bytes, xp_texts_names names, explaint_error *error);

/* How many lines there are, if each is a JSON object, but for those without anything; else 0. */
explaint_status xp_texts_json_lines(const xp_bytes *bytes, size_t *n, explaint_error *error);

/* "an object with the members \"a\", \"b\" and 3 more"; another value as it is. */
void xp_texts_show_members(const xp_value *value, xp_text *text);

#endif

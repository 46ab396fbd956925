#include "text/texts_rows.h"

#include <string.h>

#include "base/memory.h"
#include "formats/csv.h"

enum { SHOWN = 8 };

static void take(explaint_texts *t, char **at, xp_view text) {
    memcpy(*at, text.data, text.length);
    (*at)[text.length] = 0;
    t->text[t->n++] = (xp_view){*at, text.length};
    *at += text.length + 1;
}

/* "text or sentence" */
static void say_names(xp_texts_names names, xp_text *text) {
    for (size_t i = 0; names[i] != NULL; i++) xp_text_addf(text, "%s%s", i > 0 ? " or " : "", names[i]);
}

/* `a "x", "y" and 3 more`: the first of n, one after the other. */
static void show_name(xp_text *text, xp_view name, size_t i, size_t n) {
    if (i < SHOWN)
        xp_text_addf(text, "%s\"%.*s\"", i == 0 ? "" : i + 1 == n ? " and " : ", ", XP_SHOW(name));
    else if (i == SHOWN)
        xp_text_addf(text, " and %zu more", n - SHOWN);
}

/* The next line from *at on, without its end and blanks around it. false: there is none. */
static bool next_line(const char **at, const char *end, xp_view *line) {
    const bool there = xp_view_line(at, end, line);
    if (there) *line = xp_view_trim(*line);
    return there;
}

/* ---- objects ---- */

void xp_texts_show_members(const xp_value *value, xp_text *text) {
    const size_t n = xp_value_count(value);
    size_t i = 0;
    if (!xp_value_is_object(value) || n == 0) {
        xp_text_adds(text, xp_value_is_object(value) ? "an empty object" : "");
        if (!xp_value_is_object(value)) xp_value_show(value, text);
        return;
    }
    xp_text_adds(text, n == 1 ? "an object with the member " : "an object with the members ");
    for (void *at = xp_value_first(value); at != NULL; at = xp_value_next(value, at), i++)
        show_name(text, (xp_view){xp_value_key(at), strlen(xp_value_key(at))}, i, n);
}

static const char *text_of(const xp_value *value, xp_texts_names names) {
    const char *text = xp_value_string(value);
    for (size_t i = 0; text == NULL && names[i] != NULL; i++) text = xp_value_string(xp_value_member(value, names[i]));
    return text;
}

static explaint_status refuse_value(const explaint_texts *t, size_t line, const xp_value *value, xp_texts_names names,
                                    explaint_error *error) {
    xp_text said = {0};
    xp_text_adds(&said, "expected a string, or an object in which the member ");
    say_names(names, &said);
    xp_text_adds(&said, " is one, found ");
    xp_texts_show_members(value, &said);
    return xp_text_fail(&said, "texts", error, EXPLAINT_INVALID, t->path, line, "%s", said.data);
}

explaint_status xp_texts_take_json_lines(explaint_texts *t, const xp_bytes *bytes, xp_texts_names names,
                                         explaint_error *error) {
    const char *at = bytes->data, *end = at + bytes->size;
    char *to = t->data;
    xp_view line;
    for (size_t number = 1; next_line(&at, end, &line); number++) {
        explaint_error why = {0};
        if (line.length == 0) continue;
        xp_value *value = xp_value_parse(line.data, line.length, NULL, &why);
        if (value == NULL && why.code == EXPLAINT_FAILED) {
            if (error != NULL) *error = why;
            return why.code;
        }
        if (value == NULL)
            return xp_fail(error, EXPLAINT_INVALID, t->path, number,
                           "expected JSON in one line, such as {\"%s\": \"...\"}: %.*s", names[0], XP_QUOTED_MAX,
                           why.message);
        const char *text = text_of(value, names);
        const explaint_status status = text != NULL ? EXPLAINT_OK : refuse_value(t, number, value, names, error);
        if (text != NULL) take(t, &to, (xp_view){text, strlen(text)});
        xp_value_free(value);
        if (status != EXPLAINT_OK) return status;
    }
    return EXPLAINT_OK;
}

explaint_status xp_texts_json_lines(const xp_bytes *bytes, size_t *n, explaint_error *error) {
    const char *at = bytes->data, *end = at + bytes->size;
    explaint_error why = {0};
    xp_view line;
    size_t found = 0;
    *n = 0;
    while (next_line(&at, end, &line)) { /* a look first, because that is enough for nearly all texts */
        if (line.length == 0) continue;
        if (line.data[0] != '{' || line.data[line.length - 1] != '}') return EXPLAINT_OK;
        found++;
    }
    at = bytes->data;
    while (found > 0 && next_line(&at, end, &line)) {
        if (line.length == 0) continue;
        xp_value *value = xp_value_parse(line.data, line.length, NULL, &why);
        const bool is = xp_value_is_object(value);
        xp_value_free(value);
        if (value == NULL && why.code == EXPLAINT_FAILED) return xp_no_memory(error, "texts");
        if (!is) return EXPLAINT_OK;
    }
    *n = found;
    return EXPLAINT_OK;
}

/* ---- tables ---- */

/* The column of the first name that some column has; csv->width: none. */
static size_t find_column(const xp_csv *csv, xp_texts_names names) {
    for (size_t i = 0; names[i] != NULL; i++)
        for (size_t k = 0; k < csv->width; k++)
            if (xp_view_is_nocase(xp_view_trim(csv->header[k].text), names[i])) return k;
    return csv->width;
}

static explaint_status refuse_table(const xp_csv *csv, xp_texts_names names, explaint_error *error) {
    xp_text said = {0};
    xp_text_adds(&said, "expected a column ");
    say_names(names, &said);
    xp_text_adds(&said, ", found ");
    for (size_t k = 0; k < csv->width; k++) show_name(&said, csv->header[k].text, k, csv->width);
    xp_text_adds(&said, "; name the column so, or give its cells alone, one a line, as .txt");
    return xp_text_fail(&said, "texts", error, EXPLAINT_INVALID, csv->path, 1, "%s", said.data);
}

explaint_status xp_texts_take_column(explaint_texts *t, xp_bytes *bytes, xp_texts_names names, explaint_error *error) {
    xp_csv csv;
    char *to = t->data;
    bool more = true;
    explaint_status status = xp_csv_open(&csv, t->path, bytes->data, bytes->size, error);
    if (status != EXPLAINT_OK) return status;
    const size_t column = find_column(&csv, names);
    if (column == csv.width) status = refuse_table(&csv, names, error);
    for (size_t k = column + 1; status == EXPLAINT_OK && k < csv.width; k++)
        if (xp_view_equal(xp_view_trim(csv.header[k].text), xp_view_trim(csv.header[column].text)))
            status = xp_csv_fail(&csv, &csv.header[k], error, "expected one column \"%.*s\", found a second one",
                                 XP_SHOW(xp_view_trim(csv.header[k].text)));
    while (status == EXPLAINT_OK && more) {
        status = xp_csv_next(&csv, &more, error);
        if (status == EXPLAINT_OK && more) take(t, &to, csv.cell[column].text);
    }
    xp_csv_close(&csv);
    return status;
}

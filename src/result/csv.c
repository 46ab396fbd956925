/* A list of a record as CSV (RFC 4180, or with decimal commas between semicolons): a header, then a line for each element; what does not exist is empty. */
#include <math.h>
#include <string.h>

#include "base/output.h"
#include "result/record.h"

static void add_number(xp_text *text, double value) {
    char digits[32];
    if (isfinite(value)) xp_text_add(text, digits, xp_shortest_double(value, digits));
}

void xp_field_text(xp_text *text, const explaint_field *field, size_t column, const void *record) {
    const void *at = xp_field_at(field, record);
    switch (field->type) {
    case EXPLAINT_FIELD_TEXT:
    case EXPLAINT_FIELD_JSON:
        if (*(const char *const *)at != NULL) xp_text_adds(text, *(const char *const *)at);
        break;
    case EXPLAINT_FIELD_PLACE:
        if (*(const int *)at >= 0) xp_text_addf(text, "%d", *(const int *)at);
        break;
    case EXPLAINT_FIELD_COUNT:
        if (*(const size_t *)at > 0) xp_text_addf(text, "%zu", *(const size_t *)at);
        break;
    case EXPLAINT_FIELD_SIZE: xp_text_addf(text, "%zu", *(const size_t *)at); break;
    case EXPLAINT_FIELD_NUMBER: add_number(text, *(const double *)at); break;
    case EXPLAINT_FIELD_INTERVAL: /* whole, or not at all */
        if (isfinite(((const double *)at)[1 - column])) add_number(text, ((const double *)at)[column]);
        break;
    case EXPLAINT_FIELD_PAIR:
        if (((const size_t *)at)[0] > 0 || ((const size_t *)at)[1] > 0)
            xp_text_addf(text, "%zu", ((const size_t *)at)[column]);
        break;
    case EXPLAINT_FIELD_FLAG:
        if (*(const int *)at >= 0) xp_text_adds(text, *(const int *)at > 0 ? "true" : "false");
        break;
    default: break;
    }
}

void xp_record_csv_cell(xp_text *text, const char *value, char separator) {
    const char marks[] = {separator, '"', '\r', '\n', 0};
    if (value == NULL) return;
    if (strpbrk(value, marks) == NULL) {
        xp_text_adds(text, value);
        return;
    }
    xp_text_adds(text, "\"");
    for (const char *quote; (quote = strchr(value, '"')) != NULL; value = quote + 1) {
        xp_text_add(text, value, (size_t)(quote - value) + 1);
        xp_text_adds(text, "\"");
    }
    xp_text_adds(text, value);
    xp_text_adds(text, "\"");
}

static void add_column(xp_text *text, const explaint_field *field, size_t column, const void *record, char decimal) {
    if (field->type == EXPLAINT_FIELD_TEXT || field->type == EXPLAINT_FIELD_JSON) {
        xp_record_csv_cell(text, *(const char *const *)xp_field_at(field, record), decimal == ',' ? ';' : ',');
        return;
    }
    const size_t from = text->length;
    xp_field_text(text, field, column, record);
    for (size_t i = from; !text->failed && i < text->length; i++)
        if (text->data[i] == '.') text->data[i] = decimal;
}

/* What is written of each element: the fields of what is around it that have no namesake in it, then its own. */
typedef struct shape {
    const explaint_kind *around; /* NULL: nothing */
    const explaint_kind *kind;
    char decimal;
    bool any;         /* something stands before on the line */
    long long run_id; /* the first column; 0: there is none */
} shape;

static void add_separator(shape *s, xp_text *text) {
    if (s->any) xp_text_adds(text, s->decimal == ',' ? ";" : ",");
    s->any = true;
}

/* record NULL: the names. own: names that others must not have, NULL: all are welcome. */
static void add_fields(shape *s, xp_text *text, const explaint_kind *kind, const void *record,
                       const explaint_kind *own) {
    char name[80];
    for (size_t i = 0; i < kind->n_fields; i++) {
        const explaint_field *field = &kind->field[i];
        if (field->type == EXPLAINT_FIELD_OBJECT)
            add_fields(s, text, field->of, record != NULL ? xp_field_at(field, record) : NULL, own);
        if (own != NULL && explaint_kind_field(own, field->name) != NULL) continue;
        for (size_t column = 0; column < xp_field_columns(field); column++) {
            add_separator(s, text);
            if (record == NULL)
                xp_text_adds(text, xp_field_column(field, column, name));
            else
                add_column(text, field, column, record, s->decimal);
        }
    }
}

static void add_line(shape s, xp_text *text, const void *around, const void *record) {
    if (s.run_id > 0) {
        add_separator(&s, text);
        if (record != NULL)
            xp_text_addf(text, "%lld", s.run_id);
        else
            xp_text_adds(text, "run_id");
    }
    if (s.around != NULL) add_fields(&s, text, s.around, around, s.kind);
    add_fields(&s, text, s.kind, record, NULL);
    xp_text_adds(text, "\r\n");
}

/* Each element of `outer`, or of its list `inner`. */
static void add_list(xp_text *text, const explaint_record *record, const explaint_field *outer,
                     const explaint_field *inner, char decimal, long long run_id) {
    const shape s = {inner != NULL ? outer->of : NULL, inner != NULL ? inner->of : outer->of, decimal, false, run_id};
    add_line(s, text, NULL, NULL);
    for (size_t i = 0; i < xp_field_count(outer, record); i++) {
        const void *element = xp_field_item(outer, record, i);
        if (inner == NULL) add_line(s, text, NULL, element);
        for (size_t k = 0; inner != NULL && k < xp_field_count(inner, element); k++)
            add_line(s, text, element, xp_field_item(inner, element, k));
    }
}

static const explaint_field *list_named(const explaint_kind *kind, const char *name, size_t length) {
    for (size_t i = 0; i < kind->n_fields; i++)
        if (kind->field[i].type == EXPLAINT_FIELD_LIST && strlen(kind->field[i].name) == length &&
            memcmp(kind->field[i].name, name, length) == 0)
            return &kind->field[i];
    return NULL;
}

explaint_status explaint_record_write_csv(const explaint_record *record, const char *list, char decimal, FILE *out,
                                          explaint_error *error) {
    return xp_record_csv(record, list, decimal, 0, out, error);
}

explaint_status xp_record_csv(const explaint_record *record, const char *list, char decimal, long long run_id,
                              FILE *out, explaint_error *error) {
    if (list == NULL) list = "rows";
    const size_t length = strcspn(list, "/");
    const explaint_field *outer = list_named(record->kind, list, length), *inner = NULL;
    if (outer != NULL && list[length] != 0) inner = list_named(outer->of, list + length + 1, strlen(list + length + 1));
    if (outer == NULL || (list[length] != 0 && inner == NULL))
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "a document of 'explaint %s' has no list \"%s\"",
                       record->kind->name, list);
    xp_text text = {0};
    add_list(&text, record, outer, inner, decimal, run_id);
    explaint_status status = xp_write_text(&text, "the CSV", out, error);
    xp_text_free(&text);
    return status;
}

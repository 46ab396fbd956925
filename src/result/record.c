/* How a field lies in its struct. */
#include "result/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

const explaint_field *explaint_kind_field(const explaint_kind *kind, const char *name) {
    for (size_t i = 0; i < kind->n_fields; i++)
        if (strcmp(kind->field[i].name, name) == 0) return &kind->field[i];
    return NULL;
}

static void clear_field(const explaint_field *field, void *record) {
    void *at = (char *)record + field->offset;
    switch (field->type) {
    case EXPLAINT_FIELD_PLACE:
    case EXPLAINT_FIELD_FLAG: *(int *)at = -1; break;
    case EXPLAINT_FIELD_NUMBER: *(double *)at = NAN; break;
    case EXPLAINT_FIELD_INTERVAL: ((double *)at)[0] = ((double *)at)[1] = NAN; break;
    case EXPLAINT_FIELD_OBJECT:
        for (size_t i = 0; i < field->of->n_fields; i++) clear_field(&field->of->field[i], at);
        break;
    default: break; /* zero says it */
    }
}

void xp_record_clear(const explaint_kind *kind, void *record) {
    memset(record, 0, kind->size);
    for (size_t i = 0; i < kind->n_fields; i++) clear_field(&kind->field[i], record);
}

bool xp_record_add_lint(explaint_lint **list, size_t *n, const explaint_lint *lint) {
    explaint_lint *grown = xp_realloc(*list, *n + 1, sizeof *grown);
    if (grown == NULL) return false;
    *list = grown;
    grown[(*n)++] = *lint;
    return true;
}

size_t xp_field_count(const explaint_field *field, const void *record) {
    if (field->type == EXPLAINT_FIELD_WORDS) {
        const char *const *word = *(const char *const *const *)xp_field_at(field, record);
        size_t n = 0;
        while (word != NULL && word[n] != NULL) n++;
        return n;
    }
    return *(const size_t *)((const char *)record + field->count);
}

const void *xp_field_item(const explaint_field *field, const void *record, size_t i) {
    return *(const char *const *)xp_field_at(field, record) + i * field->of->size;
}

size_t xp_field_columns(const explaint_field *field) {
    if (field->type == EXPLAINT_FIELD_INTERVAL || field->type == EXPLAINT_FIELD_PAIR) return 2;
    return field->type <= EXPLAINT_FIELD_JSON ? 1 : 0;
}

const char *xp_field_column(const explaint_field *field, size_t column, char *text) {
    if (xp_field_columns(field) == 1) return field->name;
    if (field->columns != NULL) return field->columns[column];
    snprintf(text, 80, "%s_%s", field->name, column == 0 ? "low" : "high");
    return text;
}

const char *xp_record_text(const explaint_kind *kind, const void *record, const char *name) {
    const explaint_field *field = explaint_kind_field(kind, name);
    const char *text =
        field != NULL && field->type == EXPLAINT_FIELD_TEXT ? *(const char *const *)xp_field_at(field, record) : NULL;
    return text != NULL ? text : "";
}

/* A record as a JSON document. */
#include <string.h>

#include "base/json.h"
#include "base/output.h"
#include "result/record.h"

/* An object that may be absent says so by its first text. */
static bool is_there(const explaint_field *object, const void *record) {
    if (!(object->form & EXPLAINT_FIELD_IF_ANY)) return true;
    const explaint_field *first = object->of->field;
    return *(const char *const *)xp_field_at(first, xp_field_at(object, record)) != NULL;
}

static void write_fields(xp_json *json, const explaint_kind *kind, const void *record);

/* A struct with a list on lines of its own stands on lines itself. */
static xp_json_layout layout_of(const explaint_kind *kind) {
    for (size_t i = 0; i < kind->n_fields; i++)
        if (kind->field[i].form & EXPLAINT_FIELD_LINES) return XP_JSON_BLOCK;
    return XP_JSON_LINE;
}

static void write_struct(xp_json *json, const char *key, const explaint_kind *kind, const void *record) {
    xp_json_open(json, key, '{', layout_of(kind));
    write_fields(json, kind, record);
    xp_json_close(json);
}

static void write_field(xp_json *json, const explaint_field *field, const void *record);

/* The value of each under its key. */
static void write_members(xp_json *json, const explaint_field *field, const void *record, size_t n) {
    const explaint_field *key = &field->of->field[0];
    explaint_field value = field->of->field[1];
    for (size_t i = 0; i < n; i++) {
        const void *element = xp_field_item(field, record, i);
        value.name = *(const char *const *)xp_field_at(key, element);
        write_field(json, &value, element);
    }
}

static void write_elements(xp_json *json, const explaint_field *field, const void *record, size_t n) {
    const void *list = *(const void *const *)xp_field_at(field, record);
    if (field->type == EXPLAINT_FIELD_MEMBERS) {
        write_members(json, field, record, n);
        return;
    }
    for (size_t i = 0; i < n; i++) switch (field->type) {
        case EXPLAINT_FIELD_LIST: write_struct(json, NULL, field->of, xp_field_item(field, record, i)); break;
        case EXPLAINT_FIELD_NUMBERS: xp_json_number(json, NULL, ((const double *)list)[i]); break;
        case EXPLAINT_FIELD_SIZES: xp_json_size(json, NULL, ((const size_t *)list)[i]); break;
        default: xp_json_string(json, NULL, ((const char *const *)list)[i]); break;
        }
}

static void write_list(xp_json *json, const explaint_field *field, const void *record) {
    const size_t n = xp_field_count(field, record);
    const bool none = field->type == EXPLAINT_FIELD_NUMBERS && *(const void *const *)xp_field_at(field, record) == NULL;
    if (none || (n == 0 && field->form & EXPLAINT_FIELD_IF_ANY)) return;
    xp_json_open(json, field->name, field->type == EXPLAINT_FIELD_MEMBERS ? '{' : '[',
                 field->form & EXPLAINT_FIELD_LINES ? XP_JSON_BLOCK : XP_JSON_LINE);
    write_elements(json, field, record, n);
    xp_json_close(json);
}

/* false: there is none. */
static bool write_value(xp_json *json, const explaint_field *field, const void *at) {
    const size_t length = json->text.length;
    switch (field->type) {
    case EXPLAINT_FIELD_TEXT: {
        const char *text = *(const char *const *)at;
        /* where none is null, an empty text is none */
        if (text == NULL || (text[0] == 0 && field->form & EXPLAINT_FIELD_NULL)) return false;
        xp_json_string(json, field->name, text);
        break;
    }
    case EXPLAINT_FIELD_PLACE:
        if (*(const int *)at >= 0) xp_json_integer(json, field->name, *(const int *)at);
        break;
    case EXPLAINT_FIELD_COUNT:
        if (*(const size_t *)at > 0) xp_json_size(json, field->name, *(const size_t *)at);
        break;
    case EXPLAINT_FIELD_SIZE: xp_json_size(json, field->name, *(const size_t *)at); break;
    case EXPLAINT_FIELD_NUMBER: xp_json_number(json, field->name, *(const double *)at); break;
    case EXPLAINT_FIELD_INTERVAL: xp_json_interval(json, field->name, at); break;
    case EXPLAINT_FIELD_PAIR: {
        const size_t *pair = at;
        if (pair[0] == 0 && pair[1] == 0) break;
        xp_json_open(json, field->name, '[', XP_JSON_LINE);
        for (int i = 0; i < 2; i++) xp_json_size(json, NULL, pair[i]);
        xp_json_close(json);
        break;
    }
    case EXPLAINT_FIELD_FLAG:
        if (*(const int *)at >= 0) xp_json_raw(json, field->name, *(const int *)at > 0 ? "true" : "false");
        break;
    case EXPLAINT_FIELD_JSON:
        if (*(const char *const *)at != NULL) xp_json_raw(json, field->name, *(const char *const *)at);
        break;
    default: break;
    }
    return json->text.length > length;
}

static void write_field(xp_json *json, const explaint_field *field, const void *record) {
    if (field->type == EXPLAINT_FIELD_OBJECT && !is_there(field, record)) return;
    if (field->type == EXPLAINT_FIELD_OBJECT)
        write_struct(json, field->name, field->of, xp_field_at(field, record));
    else if (xp_field_columns(field) == 0)
        write_list(json, field, record);
    else if (!write_value(json, field, xp_field_at(field, record)) && field->form & EXPLAINT_FIELD_NULL)
        xp_json_null(json, field->name);
}

static void write_fields(xp_json *json, const explaint_kind *kind, const void *record) {
    for (size_t i = 0; i < kind->n_fields; i++) write_field(json, &kind->field[i], record);
}

/* Settings come as JSON text: one that is not would spoil the whole document, so each is read once. */
static explaint_status check_members(const explaint_record *record, explaint_error *error) {
    for (size_t f = 0; f < record->kind->n_fields; f++) {
        const explaint_field *field = &record->kind->field[f];
        if (field->type != EXPLAINT_FIELD_MEMBERS || field->of != &explaint_setting_kind) continue;
        const explaint_setting *setting = *(const explaint_setting *const *)xp_field_at(field, record);
        for (size_t i = 0; i < xp_field_count(field, record); i++) {
            explaint_error why = {0};
            const char *value = setting[i].json;
            xp_value *parsed = value != NULL ? xp_value_parse(value, strlen(value), NULL, &why) : NULL;
            if (why.code == EXPLAINT_FAILED) return xp_no_memory(error, "the JSON document");
            if (parsed == NULL)
                return xp_fail(
                    error, EXPLAINT_FAILED, NULL, 0,
                    "the setting \"%s\" should be JSON text, found \"%s\": a mistake in explaint, please report it",
                    setting[i].key, value != NULL ? value : "nothing");
            xp_value_free(parsed);
        }
    }
    return EXPLAINT_OK;
}

explaint_status xp_record_document(const explaint_record *record, xp_text *text, explaint_error *error) {
    explaint_status status = check_members(record, error);
    if (status != EXPLAINT_OK) return status;
    xp_json json = {0};
    xp_json_open(&json, NULL, '{', XP_JSON_BLOCK);
    write_fields(&json, record->kind, record);
    xp_json_close(&json);
    if (!xp_json_end(&json)) {
        const bool misused = json.misused;
        xp_json_free(&json);
        return misused ? xp_fail(error, EXPLAINT_FAILED, NULL, 0,
                                 "the JSON document came out unbalanced: a mistake in explaint, please report it")
                       : xp_no_memory(error, "the JSON document");
    }
    if (text->data == NULL && !text->failed) {
        *text = json.text; /* moved: documents are large */
    } else {
        xp_text_add(text, json.text.data, json.text.length);
        xp_json_free(&json);
    }
    return text->failed ? xp_no_memory(error, "the JSON document") : EXPLAINT_OK;
}

explaint_status explaint_record_write_json(const explaint_record *record, FILE *out, explaint_error *error) {
    xp_text text = {0};
    explaint_status status = xp_record_document(record, &text, error);
    if (status == EXPLAINT_OK) status = xp_write_text(&text, "the JSON document", out, error);
    xp_text_free(&text);
    return status;
}

#include "base/json_read.h"

#include <jansson.h>

static const json_t *seen(const xp_value *value) { return (const json_t *)(const void *)value; }
static json_t *owned(const xp_value *value) { return (json_t *)(void *)(size_t)(const void *)value; }

xp_value *xp_value_parse(const char *text, size_t length, const char *file, explaint_error *error) {
    json_error_t why;
    size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
    json_t *value = json_loadb(text, length, flags, &why);
    if (value == NULL && json_error_code(&why) == json_error_numeric_overflow)
        value = json_loadb(text, length, flags | JSON_DECODE_INT_AS_REAL, &why);
    if (value == NULL && json_error_code(&why) == json_error_out_of_memory)
        xp_no_memory(error, "a JSON document");
    else if (value == NULL)
        xp_fail(error, EXPLAINT_INVALID, file, why.line > 0 ? (size_t)why.line : 0, "is not valid JSON: %s", why.text);
    return (xp_value *)(void *)value;
}

void xp_value_free(xp_value *value) { json_decref((json_t *)(void *)value); }

bool xp_value_is_object(const xp_value *value) { return json_is_object(seen(value)); }
bool xp_value_is_array(const xp_value *value) { return json_is_array(seen(value)); }

const xp_value *xp_value_member(const xp_value *object, const char *key) {
    return (const xp_value *)(void *)json_object_get(seen(object), key);
}

size_t xp_value_count(const xp_value *value) {
    return json_is_object(seen(value)) ? json_object_size(seen(value)) : json_array_size(seen(value));
}

const xp_value *xp_value_item(const xp_value *array, size_t i) {
    return (const xp_value *)(void *)json_array_get(seen(array), i);
}

const char *xp_value_string(const xp_value *value) { return json_string_value(seen(value)); }

bool xp_value_size(const xp_value *value, size_t *size) {
    if (!json_is_integer(seen(value)) || json_integer_value(seen(value)) < 0) return false;
    *size = (size_t)json_integer_value(seen(value));
    return true;
}

bool xp_value_equal(const xp_value *a, const xp_value *b) {
    return a == b || json_equal(seen(a), seen(b)) == 1;
}

void *xp_value_first(const xp_value *object) { return json_object_iter(owned(object)); }
void *xp_value_next(const xp_value *object, void *at) { return json_object_iter_next(owned(object), at); }
const char *xp_value_key(void *at) { return json_object_iter_key(at); }
const xp_value *xp_value_at(void *at) { return (const xp_value *)(void *)json_object_iter_value(at); }

static int append(const char *bytes, size_t size, void *text) {
    xp_text_add(text, bytes, size);
    return 0;
}

void xp_value_text(const xp_value *value, xp_text *text) {
    if (value == NULL)
        xp_text_adds(text, "absent");
    else if (json_dump_callback(seen(value), append, text, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(17)) != 0)
        text->failed = true;
}

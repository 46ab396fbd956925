#include "base/json_read.h"

#include <pthread.h>
#include <string.h>

#include <jansson.h>

#include "base/json.h"

static const json_t *seen(const xp_value *value) { return (const json_t *)(const void *)value; }
/* NOLINTNEXTLINE(performance-no-int-to-ptr): the library takes no const; nothing is written */
static json_t *owned(const xp_value *value) { return (json_t *)(void *)(size_t)(const void *)value; }

/* Without memory jansson says "invalid token", or says nothing, or gives a string that lacks a byte, and where that byte
 * is the closing quote it reads on behind its buffer. So allocations are watched: one that fails is remembered, and
 * those after it fail too, which ends the parsing in a safe place. Whoever else uses jansson in this process, with
 * functions of their own perhaps, sees nothing of it. */
static _Thread_local bool parsing, refused;
static json_malloc_t host_malloc;

static void *watched_malloc(size_t size) {
    void *memory = parsing && refused ? NULL : host_malloc(size);
    refused = refused || (parsing && memory == NULL);
    return memory;
}

static void watch_memory(void) {
    json_free_t host_free;
    json_get_alloc_funcs(&host_malloc, &host_free);
    json_set_alloc_funcs(watched_malloc, host_free);
}

/* Windows writes the mark before UTF-8, and the standard lets a reader pass over it. */
static void skip_mark(const char **text, size_t *length) {
    if (*length < 3 || memcmp(*text, "\xef\xbb\xbf", 3) != 0) return;
    *text += 3;
    *length -= 3;
}

static bool is_utf16(const char *text, size_t length) {
    return length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
}

xp_value *xp_value_parse(const char *text, size_t length, const char *file, explaint_error *error) {
    json_error_t why;
    size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_memory);
    if (is_utf16(text, length)) {
        xp_fail(error, EXPLAINT_INVALID, file, 0,
                "expected JSON in UTF-8, found the byte order mark of UTF-16; save it as UTF-8");
        return NULL;
    }
    skip_mark(&text, &length);
    refused = false;
    parsing = true;
    json_t *value = json_loadb(text, length, flags, &why);
    if (value == NULL && json_error_code(&why) == json_error_numeric_overflow)
        value = json_loadb(text, length, flags | JSON_DECODE_INT_AS_REAL, &why);
    parsing = false;
    if (refused) {
        json_decref(value);
        value = NULL;
        xp_no_memory(error, "a JSON document");
    }
    if (value == NULL && !refused)
        xp_fail(error, EXPLAINT_INVALID, file, why.line > 0 ? (size_t)why.line : 0, "is not valid JSON: %s", why.text);
    return (xp_value *)(void *)value;
}

void xp_value_free(xp_value *value) { json_decref((json_t *)(void *)value); }

bool xp_value_is_object(const xp_value *value) { return json_is_object(seen(value)); }
bool xp_value_is_array(const xp_value *value) { return json_is_array(seen(value)); }
bool xp_value_is_null(const xp_value *value) { return value == NULL || json_is_null(seen(value)); }

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
    double real = json_is_real(seen(value)) ? json_real_value(seen(value)) : -1;
    if (real >= 0 && real <= 0x1p53 && real == (double)(size_t)real) { /* beside an integer past 63 bits */
        *size = (size_t)real;
        return true;
    }
    if (!json_is_integer(seen(value)) || json_integer_value(seen(value)) < 0) return false;
    *size = (size_t)json_integer_value(seen(value));
    return true;
}

bool xp_value_number(const xp_value *value, double *number) {
    if (!json_is_number(seen(value))) return false;
    *number = json_number_value(seen(value));
    return true;
}

bool xp_value_bool(const xp_value *value, bool *truth) {
    if (!json_is_boolean(seen(value))) return false;
    *truth = json_is_true(seen(value));
    return true;
}

bool xp_value_is_off(const xp_value *value) { return json_is_false(seen(value)) || json_is_null(seen(value)); }

bool xp_value_equal(const xp_value *a, const xp_value *b) {
    const json_t *x = seen(a), *y = seen(b);
    if (x == NULL || y == NULL) return x == y;
    if (json_is_number(x) && json_is_number(y)) { /* 10 and 10.0 are one number; integers compare with all digits */
        return json_is_integer(x) && json_is_integer(y) ? json_integer_value(x) == json_integer_value(y)
                                                        : json_number_value(x) == json_number_value(y);
    }
    if (json_typeof(x) != json_typeof(y)) return false;
    if (json_is_array(x)) {
        bool equal = xp_value_count(a) == xp_value_count(b);
        for (size_t i = 0; equal && i < xp_value_count(a); i++)
            equal = xp_value_equal(xp_value_item(a, i), xp_value_item(b, i));
        return equal;
    }
    if (json_is_object(x)) {
        bool equal = xp_value_count(a) == xp_value_count(b);
        for (void *at = xp_value_first(a); equal && at != NULL; at = xp_value_next(a, at))
            equal = xp_value_equal(xp_value_at(at), xp_value_member(b, xp_value_key(at)));
        return equal;
    }
    return json_equal(x, y) == 1;
}

void *xp_value_first(const xp_value *object) { return json_object_iter(owned(object)); }
void *xp_value_next(const xp_value *object, void *at) { return json_object_iter_next(owned(object), at); }
const char *xp_value_key(void *at) { return json_object_iter_key(at); }
const xp_value *xp_value_at(void *at) { return (const xp_value *)(void *)json_object_iter_value(at); }

void xp_value_text(const xp_value *value, xp_text *text) {
    const json_t *v = seen(value);
    char digits[32];
    bool any = false;
    if (v == NULL) {
        xp_text_adds(text, "absent");
        return;
    }
    switch (json_typeof(v)) {
    case JSON_NULL: xp_text_adds(text, "null"); break;
    case JSON_TRUE: xp_text_adds(text, "true"); break;
    case JSON_FALSE: xp_text_adds(text, "false"); break;
    case JSON_STRING: xp_json_quote(text, json_string_value(v), json_string_length(v)); break;
    case JSON_INTEGER: xp_text_addf(text, "%" JSON_INTEGER_FORMAT, json_integer_value(v)); break;
    case JSON_REAL: xp_text_add(text, digits, xp_shortest_double(json_real_value(v), digits)); break;
    case JSON_ARRAY:
        xp_text_adds(text, "[");
        for (size_t i = 0; i < xp_value_count(value); i++) {
            if (i > 0) xp_text_adds(text, ", ");
            xp_value_text(xp_value_item(value, i), text);
        }
        xp_text_adds(text, "]");
        break;
    case JSON_OBJECT:
        xp_text_adds(text, "{");
        for (void *at = xp_value_first(value); at != NULL; at = xp_value_next(value, at), any = true) {
            if (any) xp_text_adds(text, ", ");
            xp_json_quote(text, xp_value_key(at), strlen(xp_value_key(at)));
            xp_text_adds(text, ": ");
            xp_value_text(xp_value_at(at), text);
        }
        xp_text_adds(text, "}");
        break;
    }
}

void xp_value_show(const xp_value *value, xp_text *text) {
    enum { MOST = 200 };
    xp_text whole = {0};
    xp_value_text(value, &whole);
    if (whole.failed) {
        text->failed = true;
    } else if (whole.length <= MOST) {
        xp_text_adds(text, whole.data);
    } else {
        size_t shown = MOST;
        while (((unsigned char)whole.data[shown] & 0xc0) == 0x80) shown--; /* never cut inside of a character */
        xp_text_add(text, whole.data, shown);
        xp_text_adds(text, "...");
    }
    xp_text_free(&whole);
}

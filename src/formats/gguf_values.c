#include "formats/gguf_values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

enum { DEEPEST = 4 }; /* arrays within arrays */

static const struct {
    const char *name;
    size_t size; /* 0: by what stands there */
} types[XP_GGUF_N_TYPES] = {
    [XP_GGUF_U8] = {"u8", 1},       [XP_GGUF_I8] = {"i8", 1},     [XP_GGUF_U16] = {"u16", 2},
    [XP_GGUF_I16] = {"i16", 2},     [XP_GGUF_U32] = {"u32", 4},   [XP_GGUF_I32] = {"i32", 4},
    [XP_GGUF_F32] = {"f32", 4},     [XP_GGUF_BOOL] = {"bool", 1}, [XP_GGUF_STRING] = {"string", 0},
    [XP_GGUF_ARRAY] = {"array", 0}, [XP_GGUF_U64] = {"u64", 8},   [XP_GGUF_I64] = {"i64", 8},
    [XP_GGUF_F64] = {"f64", 8}};

const char *xp_gguf_type_name(xp_gguf_type type) { return types[type].name; }

static uint64_t bits(const unsigned char *p, size_t size) {
    uint64_t value = 0;
    for (size_t i = size; i-- > 0;) value = value << 8 | p[i];
    return value;
}

/* ---- reading ---- */

static size_t left(const xp_gguf_cursor *c) { return c->size - c->at; }

static explaint_status cut(const xp_gguf_cursor *c, const char *what, uint64_t needed) {
    return xp_fail(
        c->error, EXPLAINT_INVALID, c->path, 0,
        "%.120s at byte %zu needs %llu bytes, the file holds %zu from there; it was cut off or is damaged, get it "
        "again",
        what, c->at, (unsigned long long)needed, left(c));
}

static explaint_status read_bits(xp_gguf_cursor *c, const char *what, size_t size, uint64_t *value) {
    if (left(c) < size) return cut(c, what, size);
    *value = bits(c->bytes + c->at, size);
    c->at += size;
    return EXPLAINT_OK;
}

explaint_status xp_gguf_cursor_word(xp_gguf_cursor *c, const char *what, uint32_t *word) {
    uint64_t value = 0;
    explaint_status status = read_bits(c, what, 4, &value);
    *word = (uint32_t)value;
    return status;
}

explaint_status xp_gguf_cursor_long(xp_gguf_cursor *c, const char *what, uint64_t *number) {
    return read_bits(c, what, 8, number);
}

explaint_status xp_gguf_cursor_string(xp_gguf_cursor *c, const char *what, xp_view *text) {
    uint64_t length = 0;
    explaint_status status = read_bits(c, what, 8, &length);
    if (status != EXPLAINT_OK) return status;
    if (length > left(c)) return cut(c, what, length);
    *text = (xp_view){(const char *)c->bytes + c->at, (size_t)length};
    c->at += (size_t)length;
    return EXPLAINT_OK;
}

static explaint_status bad(const xp_gguf_cursor *c, const char *key, const char *what) {
    return xp_fail(c->error, EXPLAINT_INVALID, c->path, 0, "key \"%.80s\" of the metadata: %s", key, what);
}

static explaint_status read_type(xp_gguf_cursor *c, const char *key, xp_gguf_type *type) {
    uint32_t number;
    explaint_status status = xp_gguf_cursor_word(c, "the type of a value", &number);
    if (status != EXPLAINT_OK) return status;
    if (number >= XP_GGUF_N_TYPES)
        return xp_fail(c->error, EXPLAINT_INVALID, c->path, 0,
                       "key \"%.80s\" of the metadata: expected a type of value from 0 to %d, found %u", key,
                       XP_GGUF_N_TYPES - 1, (unsigned)number);
    *type = (xp_gguf_type)number;
    return EXPLAINT_OK;
}

static explaint_status skip_items(xp_gguf_cursor *c, const char *key, xp_gguf_type type, uint64_t count, int depth);

static explaint_status skip_array(xp_gguf_cursor *c, const char *key, int depth) {
    xp_gguf_type item;
    uint64_t count = 0;
    if (depth == DEEPEST) return bad(c, key, "arrays within arrays, more than four deep");
    explaint_status status = read_type(c, key, &item);
    if (status == EXPLAINT_OK) status = read_bits(c, "the length of an array", 8, &count);
    return status == EXPLAINT_OK ? skip_items(c, key, item, count, depth + 1) : status;
}

static explaint_status skip_items(xp_gguf_cursor *c, const char *key, xp_gguf_type type, uint64_t count, int depth) {
    const size_t size = types[type].size;
    xp_view text;
    if (count > left(c) || (size > 0 && count > left(c) / size)) /* each item takes a byte at least */
        return cut(c, key, size > 0 && count <= UINT64_MAX / size ? count * size : count);
    const unsigned char *first = c->bytes + c->at;
    if (size > 0) c->at += (size_t)count * size;
    for (size_t i = 0; type == XP_GGUF_BOOL && i < count; i++)
        if (first[i] > 1) return bad(c, key, "expected 0 or 1 as a bool, found another byte");
    explaint_status status = EXPLAINT_OK;
    for (uint64_t i = 0; size == 0 && status == EXPLAINT_OK && i < count; i++)
        status = type == XP_GGUF_STRING ? xp_gguf_cursor_string(c, key, &text) : skip_array(c, key, depth);
    return status;
}

explaint_status xp_gguf_cursor_value(xp_gguf_cursor *c, xp_gguf_value *value) {
    uint64_t count = 1;
    explaint_status status = read_type(c, value->key, &value->type);
    value->item = value->type;
    if (status == EXPLAINT_OK && value->type == XP_GGUF_ARRAY) {
        status = read_type(c, value->key, &value->item);
        if (status == EXPLAINT_OK) status = read_bits(c, "the length of an array", 8, &count);
    }
    if (status != EXPLAINT_OK) return status;
    value->data = c->bytes + c->at;
    value->count = (size_t)count; /* at most the bytes of the file, or refused here */
    return skip_items(c, value->key, value->item, count, 1);
}

/* ---- asking ---- */

static int64_t whole(xp_gguf_type type, uint64_t raw) {
    switch (type) {
    case XP_GGUF_I8: return (int8_t)raw;
    case XP_GGUF_I16: return (int16_t)raw;
    case XP_GGUF_I32: return (int32_t)raw;
    default: return (int64_t)raw;
    }
}

static bool is_unsigned(xp_gguf_type type) {
    return type == XP_GGUF_U8 || type == XP_GGUF_U16 || type == XP_GGUF_U32 || type == XP_GGUF_U64;
}

static bool is_number(xp_gguf_type type) { return type != XP_GGUF_BOOL && types[type].size > 0; }

static double number_at(xp_gguf_type type, const unsigned char *p) {
    const uint64_t raw = bits(p, types[type].size);
    const uint32_t low = (uint32_t)raw;
    float single;
    double twice;
    memcpy(&single, &low, sizeof single);
    memcpy(&twice, &raw, sizeof twice);
    if (type == XP_GGUF_F32) return (double)single;
    if (type == XP_GGUF_F64) return twice;
    return is_unsigned(type) ? (double)raw : (double)whole(type, raw);
}

bool xp_gguf_value_number(const xp_gguf_value *v, double *number) {
    if (!is_number(v->type)) return false;
    *number = number_at(v->type, v->data);
    return true;
}

bool xp_gguf_value_size(const xp_gguf_value *v, size_t *size) {
    if (!is_number(v->type) || v->type == XP_GGUF_F32 || v->type == XP_GGUF_F64) return false;
    const uint64_t raw = bits(v->data, types[v->type].size);
    if (!is_unsigned(v->type) && whole(v->type, raw) < 0) return false;
    *size = (size_t)raw;
    return true;
}

bool xp_gguf_value_bool(const xp_gguf_value *v, bool *truth) {
    if (v->type != XP_GGUF_BOOL) return false;
    *truth = *v->data == 1;
    return true;
}

/* The string at *p, which moves on. */
static xp_view next_string(const unsigned char **p) {
    const size_t length = (size_t)bits(*p, 8);
    const xp_view text = {(const char *)*p + 8, length};
    *p += 8 + length;
    return text;
}

bool xp_gguf_value_string(const xp_gguf_value *v, xp_view *text) {
    const unsigned char *at = v->data;
    if (v->type != XP_GGUF_STRING) return false;
    *text = next_string(&at);
    return true;
}

bool xp_gguf_value_strings(const xp_gguf_value *v, xp_view *texts) {
    const unsigned char *at = v->data;
    if (v->type != XP_GGUF_ARRAY || v->item != XP_GGUF_STRING) return false;
    for (size_t i = 0; i < v->count; i++) texts[i] = next_string(&at);
    return true;
}

bool xp_gguf_value_numbers(const xp_gguf_value *v, double *numbers) {
    if (v->type != XP_GGUF_ARRAY || !is_number(v->item)) return false;
    for (size_t i = 0; i < v->count; i++) numbers[i] = number_at(v->item, v->data + i * types[v->item].size);
    return true;
}

/* As short as the number's own type allows: 1e-05 of an f32. */
static void add_float(xp_gguf_type type, double number, xp_text *text) {
    char shortest[32];
    for (int digits = 6; type == XP_GGUF_F32 && digits <= 9; digits++) {
        if (snprintf(shortest, sizeof shortest, "%.*g", digits, number) < 0) text->failed = true;
        if (text->failed || strtof(shortest, NULL) != (float)number) continue;
        number = strtod(shortest, NULL);
        break;
    }
    xp_text_add(text, shortest, xp_shortest_double(number, shortest));
}

static void add_number(xp_gguf_type type, const unsigned char *p, xp_text *text) {
    const uint64_t raw = bits(p, types[type].size);
    if (type == XP_GGUF_BOOL)
        xp_text_adds(text, raw == 1 ? "true" : "false");
    else if (is_unsigned(type))
        xp_text_addf(text, "%llu", (unsigned long long)raw);
    else if (type != XP_GGUF_F32 && type != XP_GGUF_F64)
        xp_text_addf(text, "%lld", (long long)whole(type, raw));
    else if (!isfinite(number_at(type, p)))
        xp_text_adds(text, "null");
    else
        add_float(type, number_at(type, p), text);
}

/* Cut to `most` bytes, never inside of a character. */
static void add_string(xp_view string, size_t most, xp_text *text) {
    size_t length = string.length < most ? string.length : most;
    while (length < string.length && length > 0 && ((unsigned char)string.data[length] & 0xc0) == 0x80) length--;
    xp_json_quote(text, string.data, length);
}

void xp_gguf_value_json(const xp_gguf_value *v, size_t items, size_t bytes, xp_text *text) {
    const unsigned char *at = v->data;
    const bool list = v->type == XP_GGUF_ARRAY;
    if (list) xp_text_adds(text, "[");
    for (size_t i = 0; i < v->count && (!list || i < items); i++) {
        if (i > 0) xp_text_adds(text, ", ");
        if (v->item == XP_GGUF_ARRAY) {
            xp_text_adds(text, "null");
        } else if (v->item == XP_GGUF_STRING) {
            add_string(next_string(&at), bytes, text);
        } else {
            add_number(v->item, at, text);
            at += types[v->item].size;
        }
    }
    if (list) xp_text_adds(text, "]");
}

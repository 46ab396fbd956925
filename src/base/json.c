#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

size_t xp_utf8_length(const unsigned char *p, const unsigned char *end) {
    if (p >= end) return 0;
    size_t left = (size_t)(end - p);
    unsigned c = p[0];
    if (c < 0x80) return 1;
    /* Table 3-7 of the Unicode standard: the second byte's range excludes overlong forms, surrogates and > U+10FFFF. */
    unsigned low = 0x80, high = 0xbf;
    size_t length;
    if (c >= 0xc2 && c <= 0xdf) {
        length = 2;
    } else if (c >= 0xe0 && c <= 0xef) {
        length = 3;
        if (c == 0xe0) low = 0xa0;
        if (c == 0xed) high = 0x9f;
    } else if (c >= 0xf0 && c <= 0xf4) {
        length = 4;
        if (c == 0xf0) low = 0x90;
        if (c == 0xf4) high = 0x8f;
    } else {
        return 0;
    }
    if (left < length || p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if (p[i] < 0x80 || p[i] > 0xbf) return 0;
    return length;
}

void xp_json_quote(xp_text *text, const char *value, size_t length) {
    const unsigned char *p = (const unsigned char *)value, *end = p + length;
    xp_text_add(text, "\"", 1);
    while (p < end) {
        const unsigned char *plain = p; /* the run that needs no escape */
        size_t step = 0;
        while (p < end && *p >= 0x20 && *p != '"' && *p != '\\' && (step = xp_utf8_length(p, end)) > 0) p += step;
        if (p > plain) xp_text_add(text, (const char *)plain, (size_t)(p - plain));
        if (p == end) break;
        switch (*p) {
        case '"': xp_text_adds(text, "\\\""); break;
        case '\\': xp_text_adds(text, "\\\\"); break;
        case '\b': xp_text_adds(text, "\\b"); break;
        case '\f': xp_text_adds(text, "\\f"); break;
        case '\n': xp_text_adds(text, "\\n"); break;
        case '\r': xp_text_adds(text, "\\r"); break;
        case '\t': xp_text_adds(text, "\\t"); break;
        default:
            if (*p < 0x20)
                xp_text_addf(text, "\\u%04x", (unsigned)*p);
            else
                xp_text_adds(text, "\xef\xbf\xbd");
        }
        p++;
    }
    xp_text_add(text, "\"", 1);
}

/* What stands between the elements, and the key. */
static void before(xp_json *json, const char *key) {
    if (json->depth > 0) {
        size_t top = json->depth - 1;
        bool line = json->level[top].line;
        if (json->level[top].any) xp_text_adds(&json->text, line ? ", " : ",");
        if (!line) xp_text_addf(&json->text, "\n%*s", (int)(2 * json->depth), "");
        json->level[top].any = true;
        if ((json->level[top].close == '}') != (key != NULL)) json->misused = true;
    }
    if (key == NULL) return;
    xp_json_quote(&json->text, key, strlen(key));
    xp_text_adds(&json->text, ": ");
}

void xp_json_open(xp_json *json, const char *key, char bracket, xp_json_layout layout) {
    if (json->depth == XP_JSON_DEPTH) {
        json->misused = true;
        return;
    }
    before(json, key);
    bool within_line = json->depth > 0 && json->level[json->depth - 1].line;
    xp_text_add(&json->text, &bracket, 1);
    json->level[json->depth].close = bracket == '{' ? '}' : ']';
    json->level[json->depth].line = within_line || layout == XP_JSON_LINE;
    json->level[json->depth].any = false;
    json->depth++;
}

void xp_json_close(xp_json *json) {
    if (json->depth == 0) {
        json->misused = true;
        return;
    }
    json->depth--;
    if (json->level[json->depth].any && !json->level[json->depth].line)
        xp_text_addf(&json->text, "\n%*s", (int)(2 * json->depth), "");
    xp_text_add(&json->text, &json->level[json->depth].close, 1);
}

void xp_json_string(xp_json *json, const char *key, const char *value) {
    if (value == NULL) return;
    before(json, key);
    xp_json_quote(&json->text, value, strlen(value));
}

void xp_json_number(xp_json *json, const char *key, double value) {
    if (!isfinite(value)) return;
    char digits[32];
    size_t length = xp_shortest_double(value, digits);
    before(json, key);
    xp_text_add(&json->text, digits, length);
}

void xp_json_integer(xp_json *json, const char *key, long long value) {
    before(json, key);
    xp_text_addf(&json->text, "%lld", value);
}

void xp_json_size(xp_json *json, const char *key, size_t value) {
    before(json, key);
    xp_text_addf(&json->text, "%zu", value);
}

void xp_json_null(xp_json *json, const char *key) {
    before(json, key);
    xp_text_adds(&json->text, "null");
}

void xp_json_raw(xp_json *json, const char *key, const char *value) {
    before(json, key);
    xp_text_adds(&json->text, value);
}

void xp_json_interval(xp_json *json, const char *key, const double interval[2]) {
    if (!isfinite(interval[0]) || !isfinite(interval[1])) return;
    xp_json_open(json, key, '[', XP_JSON_LINE);
    xp_json_number(json, NULL, interval[0]);
    xp_json_number(json, NULL, interval[1]);
    xp_json_close(json);
}

bool xp_json_end(xp_json *json) {
    if (json->depth != 0) json->misused = true;
    xp_text_add(&json->text, "\n", 1);
    return !json->text.failed && !json->misused;
}

explaint_status xp_json_write(xp_json *json, FILE *out, explaint_error *error) {
    if (!xp_json_end(json)) json->text.failed = true;
    explaint_status status = xp_write_text(&json->text, "the JSON document", out, error);
    xp_json_free(json);
    return status;
}

void xp_json_free(xp_json *json) {
    xp_text_free(&json->text);
    *json = (xp_json){0};
}

/* A strict JSON writer into an xp_text.
 *
 *     xp_json json = {0};
 *     xp_json_open(&json, NULL, '{', XP_JSON_BLOCK);
 *     xp_json_string(&json, "norms", "mcrae");
 *     xp_json_open(&json, "ci", '[', XP_JSON_LINE);
 *     xp_json_number(&json, NULL, .25);
 *     xp_json_close(&json);
 *     xp_json_close(&json);
 *     if (!xp_json_end(&json)) ... no memory, or unbalanced ...; json.text holds the document
 *
 * A block puts each element on a line of its own, indented by 2; a line keeps everything within it on one line, so
 * that a list of rows has one row per line and documents diff well. `key` is NULL within arrays. A value that does not
 * exist (a NaN or infinite number, a NULL string) leaves no member: absent means absent.
 */
#ifndef XP_BASE_JSON_H
#define XP_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/output.h"
#include "base/strings.h"

enum { XP_JSON_DEPTH = 16 };

typedef enum xp_json_layout { XP_JSON_BLOCK, XP_JSON_LINE } xp_json_layout;

typedef struct xp_json {
    xp_text text;
    struct {
        char close; /* '}' or ']' */
        bool line, any;
    } level[XP_JSON_DEPTH];
    size_t depth;
    bool misused; /* closed too often, left open, or too deep: a mistake of the caller */
} xp_json;

void xp_json_open(xp_json *json, const char *key, char bracket, xp_json_layout layout); /* bracket: '{' or '[' */
void xp_json_close(xp_json *json);

void xp_json_string(xp_json *json, const char *key, const char *value);
void xp_json_number(xp_json *json, const char *key, double value);
void xp_json_integer(xp_json *json, const char *key, long long value);
void xp_json_size(xp_json *json, const char *key, size_t value);
void xp_json_null(xp_json *json, const char *key);
void xp_json_raw(xp_json *json, const char *key, const char *value); /* value: JSON text, copied as it is */

/* "ci": [low, high], where both ends are finite. */
void xp_json_interval(xp_json *json, const char *key, const double interval[2]);

/* Ends the document with a newline. false: without memory, or misused. */
bool xp_json_end(xp_json *json);
/* Ends the document, writes it, and releases it. EXPLAINT_FAILED as xp_write_text, and where it was misused. */
explaint_status xp_json_write(xp_json *json, FILE *out, explaint_error *error);
void xp_json_free(xp_json *json);

/* The string with quotes: RFC 8259 escapes, bytes that are no UTF-8 as U+FFFD. */
void xp_json_quote(xp_text *text, const char *value, size_t length);

/* Length of the valid UTF-8 sequence at p (shortest form, no surrogates, at most U+10FFFF), 0 if there is none. */
size_t xp_utf8_length(const unsigned char *p, const unsigned char *end);

#endif

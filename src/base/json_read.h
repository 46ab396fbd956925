/* Reading JSON: the only room that sees the JSON library.
 *
 *     xp_value *value = xp_value_parse(text, strlen(text), "config.json", &error);
 *     const char *type = xp_value_string(xp_value_member(value, "model_type")); // NULL: absent, or no string
 *     xp_value_free(value);
 *
 * Strict: duplicate keys are refused. Every getter takes NULL and values of another type, and answers that there is
 * nothing there; what is got from a value lives as long as the value that was parsed.
 */
#ifndef XP_BASE_JSON_READ_H
#define XP_BASE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strings.h"

typedef struct xp_value xp_value;

/* NULL and EXPLAINT_INVALID (EXPLAINT_FAILED: no memory) in the error, which names `file` (may be NULL) and the line. Where an integer is past 63
 * bits (a seed of 2^64 - 1), all numbers of the text are read as doubles. Any value may stand at the top; a byte order mark before it
 * is passed over. */
xp_value *xp_value_parse(const char *text, size_t length, const char *file, explaint_error *error);
void xp_value_free(xp_value *value);

bool xp_value_is_object(const xp_value *value);
bool xp_value_is_array(const xp_value *value);
bool xp_value_is_null(const xp_value *value); /* NULL or null: absent, or said not to be there */
const xp_value *xp_value_member(const xp_value *object, const char *key);
size_t xp_value_count(const xp_value *value); /* members or elements */
const xp_value *xp_value_item(const xp_value *array, size_t i);
const char *xp_value_string(const xp_value *value);
bool xp_value_size(const xp_value *value, size_t *size); /* an integer >= 0 */
bool xp_value_number(const xp_value *value, double *number);
bool xp_value_bool(const xp_value *value, bool *truth);
bool xp_value_is_off(const xp_value *value);               /* false or null */
bool xp_value_equal(const xp_value *a, const xp_value *b); /* NULL equals NULL only */

/* for (void *at = xp_value_first(object); at != NULL; at = xp_value_next(object, at)) in the order of the text */
void *xp_value_first(const xp_value *object);
void *xp_value_next(const xp_value *object, void *at);
const char *xp_value_key(void *at);
const xp_value *xp_value_at(void *at);

/* The value as JSON text on one line; "absent" for NULL. */
void xp_value_text(const xp_value *value, xp_text *text);
/* The same within a sentence: what is longer ends in "...". */
void xp_value_show(const xp_value *value, xp_text *text);

#endif

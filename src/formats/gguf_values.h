/* The metadata of a GGUF: values of thirteen types by key, as they lie in the file.
 *
 *     const xp_gguf_value *layers = xp_gguf_find(file, "llama.block_count");
 *     size_t n;
 *     if (layers != NULL && xp_gguf_value_size(layers, &n)) ...
 *
 * Everything was checked when the file was opened: that a value is whole, a bool 0 or 1, an array as long as it says. So
 * what is asked here cannot fail but for being of another type. */
#ifndef XP_FORMATS_GGUF_VALUES_H
#define XP_FORMATS_GGUF_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strings.h"
#include "base/view.h"

typedef enum xp_gguf_type { /* the numbers of the file */
                            XP_GGUF_U8 = 0,
                            XP_GGUF_I8 = 1,
                            XP_GGUF_U16 = 2,
                            XP_GGUF_I16 = 3,
                            XP_GGUF_U32 = 4,
                            XP_GGUF_I32 = 5,
                            XP_GGUF_F32 = 6,
                            XP_GGUF_BOOL = 7,
                            XP_GGUF_STRING = 8,
                            XP_GGUF_ARRAY = 9,
                            XP_GGUF_U64 = 10,
                            XP_GGUF_I64 = 11,
                            XP_GGUF_F64 = 12,
                            XP_GGUF_N_TYPES
} xp_gguf_type;

typedef struct xp_gguf_value {
    const char *key;
    xp_gguf_type type;
    xp_gguf_type item;         /* of an array */
    size_t count;              /* items of an array; else 1 */
    const unsigned char *data; /* the first item */
} xp_gguf_value;

const char *xp_gguf_type_name(xp_gguf_type type); /* "u32", "string" */

/* false where the value is of another type: any number; one that is whole and not negative; ... */
bool xp_gguf_value_number(const xp_gguf_value *value, double *number);
bool xp_gguf_value_size(const xp_gguf_value *value, size_t *size);
bool xp_gguf_value_bool(const xp_gguf_value *value, bool *truth);
bool xp_gguf_value_string(const xp_gguf_value *value, xp_view *text); /* into the file: may hold any byte */

/* An array of strings to `count` views; an array of numbers to `count` doubles. */
bool xp_gguf_value_strings(const xp_gguf_value *value, xp_view *texts);
bool xp_gguf_value_numbers(const xp_gguf_value *value, double *numbers);

/* The value as JSON, and of an array the first `items` of its items; strings are cut to some `bytes`. No finite number, and an
 * array within an array, is null. */
void xp_gguf_value_json(const xp_gguf_value *value, size_t items, size_t bytes, xp_text *text);

/* ---- inside: reading the file from its beginning ---- */

typedef struct xp_gguf_cursor {
    const char *path; /* for messages */
    explaint_error *error;
    const unsigned char *bytes;
    size_t size, at;
} xp_gguf_cursor;

/* `what` is read, for the sentence where the file ends before it is whole. */
explaint_status xp_gguf_cursor_word(xp_gguf_cursor *cursor, const char *what, uint32_t *word);
explaint_status xp_gguf_cursor_long(xp_gguf_cursor *cursor, const char *what, uint64_t *number);
explaint_status xp_gguf_cursor_string(xp_gguf_cursor *cursor, const char *what, xp_view *text);
/* The type and value behind a key; the key is set. */
explaint_status xp_gguf_cursor_value(xp_gguf_cursor *cursor, xp_gguf_value *value);

#endif

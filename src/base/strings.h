/* A growing list of owned strings (notes, names), and a growing text. */
#ifndef XP_BASE_STRINGS_H
#define XP_BASE_STRINGS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct xp_strings {
    char **item;
    size_t count, capacity;
} xp_strings;
struct xp_text;

bool xp_strings_add(xp_strings *list, const char *text, size_t length); /* copies; false without memory */
bool xp_strings_addf(xp_strings *list, const char *format, ...) XP_PRINTF(2, 3);
/* Adds the text and gives it back as the list holds it; without memory "", and *failed is set. */
const char *xp_strings_keep(xp_strings *list, bool *failed, const char *format, va_list arguments);
/* The same of a text that has grown, which is released. */
const char *xp_strings_keep_text(xp_strings *list, bool *failed, struct xp_text *text);
/* Adds words (NULL-terminated; NULL: none). The list's items as a NULL-terminated array, released by xp_free; NULL without memory. */
const char **xp_strings_words(xp_strings *list, const char *const *words);
void xp_strings_free(xp_strings *list);

/* A text that grows. After a failed allocation `failed` stays set and appends do nothing: check once at the end. */
typedef struct xp_text {
    char *data; /* always terminated once anything was added */
    size_t length, capacity;
    bool failed;
} xp_text;

void xp_text_reserve(xp_text *text, size_t more); /* room for so many bytes more, and not twice as much */
void xp_text_add(xp_text *text, const char *data, size_t length);
void xp_text_adds(xp_text *text, const char *data);
void xp_text_addf(xp_text *text, const char *format, ...) XP_PRINTF(2, 3);
void xp_text_free(xp_text *text);
/* xp_fail with a sentence that has the text in it, which is released. Where it failed: xp_no_memory, for `what`. */
explaint_status xp_text_fail(xp_text *text, const char *what, explaint_error *error, explaint_status code,
                             const char *file, size_t line, const char *format, ...) XP_PRINTF(7, 8);

/* The shortest decimal that reads back to the same double, as JSON wants it ("0.1", "5", "1e-30"). value is finite.
 * buffer holds at least 32 bytes. Returns its length. */
size_t xp_shortest_double(double value, char *buffer);

/* A map from strings to indices (open addressing; keys are borrowed and must outlive the map). */
typedef struct xp_index xp_index;
xp_index *xp_index_create(size_t expected);
void xp_index_destroy(xp_index *index);
/* The value stored for the key, or `value` after storing it. false without memory. *found tells which. */
bool xp_index_intern(xp_index *index, const char *key, size_t length, size_t value, size_t *stored, bool *found);
bool xp_index_find(const xp_index *index, const char *key, size_t length, size_t *stored);
/* The number of a name in a list whose index this is; a new one is added to both. false without memory. */
bool xp_index_number(xp_index *index, xp_strings *names, const char *name, size_t length, size_t *number);

#endif

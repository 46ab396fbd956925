#include "base/strings.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

bool xp_strings_add(xp_strings *list, const char *text, size_t length) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity > 0 ? 2 * list->capacity : 8;
        char **item = xp_realloc(list->item, capacity, sizeof *item);
        if (item == NULL) return false;
        list->item = item;
        list->capacity = capacity;
    }
    char *copy = xp_strndup(text, length);
    if (copy == NULL) return false;
    list->item[list->count++] = copy;
    return true;
}

static void add_formatted(xp_text *text, const char *format, va_list arguments) {
    char small[512];
    va_list again;
    va_copy(again, arguments);
    const int length = vsnprintf(small, sizeof small, format, arguments); /* it needs memory for many conversions */
    if (length < 0) {
        text->failed = true;
    } else if ((size_t)length < sizeof small) {
        xp_text_add(text, small, (size_t)length);
    } else {
        char *large = xp_alloc((size_t)length + 1, 1);
        if (large != NULL && vsnprintf(large, (size_t)length + 1, format, again) == length)
            xp_text_add(text, large, (size_t)length);
        else
            text->failed = true;
        xp_free(large);
    }
    va_end(again);
}

const char *xp_strings_keep(xp_strings *list, bool *failed, const char *format, va_list arguments) {
    xp_text text = {0};
    add_formatted(&text, format, arguments);
    return xp_strings_keep_text(list, failed, &text);
}

bool xp_strings_addf(xp_strings *list, const char *format, ...) {
    bool failed = false;
    va_list arguments;
    va_start(arguments, format);
    xp_strings_keep(list, &failed, format, arguments);
    va_end(arguments);
    return !failed;
}

const char *xp_strings_keep_text(xp_strings *list, bool *failed, xp_text *text) {
    const bool kept = !text->failed && xp_strings_add(list, text->data != NULL ? text->data : "", text->length);
    xp_text_free(text);
    *failed = *failed || !kept;
    return kept ? list->item[list->count - 1] : "";
}

const char **xp_strings_words(xp_strings *list, const char *const *words) {
    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        if (!xp_strings_add(list, words[i], strlen(words[i]))) return NULL;
    const char **item = xp_calloc(list->count + 1, sizeof *item);
    for (size_t i = 0; item != NULL && i < list->count; i++) item[i] = list->item[i];
    return item;
}

void xp_strings_free(xp_strings *list) {
    for (size_t i = 0; i < list->count; i++) xp_free(list->item[i]);
    xp_free(list->item);
    *list = (xp_strings){0};
}

static void hold(xp_text *text, size_t capacity) {
    char *grown = xp_realloc(text->data, capacity, 1);
    if (grown == NULL) {
        text->failed = true;
        return;
    }
    text->data = grown;
    text->capacity = capacity;
}

void xp_text_reserve(xp_text *text, size_t more) {
    if (!text->failed && text->length + more + 1 > text->capacity) hold(text, text->length + more + 1);
}

void xp_text_add(xp_text *text, const char *data, size_t length) {
    if (!text->failed && text->length + length + 1 > text->capacity) hold(text, 2 * (text->length + length + 1));
    if (text->failed) return;
    memcpy(text->data + text->length, data, length);
    text->length += length;
    text->data[text->length] = 0;
}

void xp_text_adds(xp_text *text, const char *data) { xp_text_add(text, data, strlen(data)); }

void xp_text_addf(xp_text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add_formatted(text, format, arguments);
    va_end(arguments);
}

void xp_text_free(xp_text *text) {
    xp_free(text->data);
    *text = (xp_text){0};
}

explaint_status xp_text_fail(xp_text *text, const char *what, explaint_error *error, explaint_status code,
                             const char *file, size_t line, const char *format, ...) {
    char sentence[2048] = ""; /* more than xp_fail takes, which cuts between characters */
    va_list list;
    va_start(list, format);
    vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    code = text->failed ? xp_no_memory(error, what) : xp_fail(error, code, file, line, "%s", sentence);
    xp_text_free(text);
    return code;
}

size_t xp_shortest_double(double value, char *buffer) {
    if (value == 0) { /* -0 is 0 to a reader */
        memcpy(buffer, "0", 2);
        return 1;
    }
    /* A decimal of up to 15 digits survives the way through a normal double, and %g drops trailing zeros: so 15 digits
     * give the shortest form if one of 15 or fewer exists. Subnormals have fewer digits to keep and are tried from 1. */
    int length = 0;
    for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        length = snprintf(buffer, 32, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value) break;
    }
    for (char *p = buffer; *p != 0; p++) /* the program that we are a library of may have set a locale with "0,5" */
        if (*p == ',') *p = '.';
    return (size_t)length;
}

/* ---- index ---- */

typedef struct slot {
    const char *key; /* NULL: free */
    size_t length, value;
} slot;

struct xp_index {
    slot *slots;
    size_t capacity, count; /* capacity is a power of two */
};

static uint64_t hash_bytes(const char *key, size_t length) { /* FNV-1a, finished by a multiply-shift */
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)key[i]) * 1099511628211u;
    return (hash ^ (hash >> 29)) * 0x9E3779B97F4A7C15u;
}

xp_index *xp_index_create(size_t expected) {
    xp_index *index = xp_calloc(1, sizeof *index);
    if (index == NULL) return NULL;
    index->capacity = 16;
    while (index->capacity < 2 * expected) index->capacity *= 2;
    index->slots = xp_calloc(index->capacity, sizeof *index->slots);
    if (index->slots == NULL) {
        xp_free(index);
        return NULL;
    }
    return index;
}

void xp_index_destroy(xp_index *index) {
    if (index == NULL) return;
    xp_free_all(index->slots, index);
}

static slot *locate(const xp_index *index, const char *key, size_t length) {
    size_t at = (size_t)(hash_bytes(key, length) >> 11) & (index->capacity - 1);
    for (;; at = (at + 1) & (index->capacity - 1)) {
        slot *s = &index->slots[at];
        if (s->key == NULL || (s->length == length && memcmp(s->key, key, length) == 0)) return s;
    }
}

static bool grow(xp_index *index) {
    xp_index larger = {.capacity = 2 * index->capacity, .count = index->count};
    larger.slots = xp_calloc(larger.capacity, sizeof *larger.slots);
    if (larger.slots == NULL) return false;
    for (size_t i = 0; i < index->capacity; i++) {
        const slot *s = &index->slots[i];
        if (s->key != NULL) *locate(&larger, s->key, s->length) = *s;
    }
    xp_free(index->slots);
    *index = larger;
    return true;
}

bool xp_index_intern(xp_index *index, const char *key, size_t length, size_t value, size_t *stored, bool *found) {
    if (2 * (index->count + 1) > index->capacity && !grow(index)) return false;
    slot *s = locate(index, key, length);
    *found = s->key != NULL;
    if (!*found) {
        *s = (slot){.key = key, .length = length, .value = value};
        index->count++;
    }
    *stored = s->value;
    return true;
}

bool xp_index_find(const xp_index *index, const char *key, size_t length, size_t *stored) {
    const slot *s = locate(index, key, length);
    if (s->key == NULL) return false;
    *stored = s->value;
    return true;
}

bool xp_index_number(xp_index *index, xp_strings *names, const char *name, size_t length, size_t *number) {
    bool found;
    if (xp_index_find(index, name, length, number)) return true;
    *number = names->count;
    /* The index borrows its keys: the list's own copy, which stays where it is. */
    return xp_strings_add(names, name, length) &&
           xp_index_intern(index, names->item[*number], length, *number, number, &found);
}

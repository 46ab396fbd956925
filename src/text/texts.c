#include "text/texts.h"

#include <string.h>

#include "base/json.h"
#include "base/json_read.h"
#include "base/memory.h"
#include "formats/encoding.h"

void explaint_texts_close(explaint_texts *t) {
    if (t == NULL) return;
    xp_free(t->path);
    xp_free(t->data);
    xp_free(t->text);
    xp_strings_free(&t->notes);
    xp_free(t);
}

size_t explaint_texts_n(const explaint_texts *t) { return t->n; }
const char *explaint_texts_path(const explaint_texts *t) { return t->path; }
const char *explaint_texts_sha256(const explaint_texts *t) { return t->sha256; }
size_t explaint_texts_n_notes(const explaint_texts *t) { return t->notes.count; }
const char *explaint_texts_note(const explaint_texts *t, size_t i) { return t->notes.item[i]; }
const char *explaint_texts_text(const explaint_texts *t, size_t i, size_t *length) {
    if (length != NULL) *length = t->text[i].length;
    return t->text[i].data;
}

static bool ends_with(const char *path, const char *suffix) {
    size_t n = strlen(path), m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

static explaint_status cut_lines(explaint_texts *t, const xp_bytes *bytes, explaint_error *error) {
    size_t lines = 0;
    for (size_t i = 0; i < bytes->size; i++) lines += bytes->data[i] == '\n' || i + 1 == bytes->size;
    t->by_line = true;
    t->data = xp_alloc(bytes->size + 1, 1);
    t->text = xp_alloc(lines, sizeof *t->text);
    if (t->data == NULL || t->text == NULL) return xp_no_memory(error, "texts");
    memcpy(t->data, bytes->data, bytes->size);
    t->data[bytes->size] = 0;
    for (char *p = t->data, *end = p + bytes->size; p < end;) {
        char *stop = memchr(p, '\n', (size_t)(end - p));
        char *next = stop != NULL ? stop + 1 : end;
        if (stop == NULL) stop = end;
        if (stop > p && stop[-1] == '\r') stop--;
        *stop = 0;
        t->text[t->n++] = (xp_view){p, (size_t)(stop - p)};
        p = next;
    }
    return EXPLAINT_OK;
}

static explaint_status take_items(explaint_texts *t, const xp_value *list, explaint_error *error) {
    if (!xp_value_is_array(list))
        return xp_fail(error, EXPLAINT_INVALID, t->path, 0, "expected a JSON list of strings, found something else");
    const size_t n = xp_value_count(list);
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        const char *text = xp_value_string(xp_value_item(list, i));
        if (text == NULL)
            return xp_fail(error, EXPLAINT_INVALID, t->path, 0,
                           "item %zu, counted from 0: expected a string, found something else", i);
        total += strlen(text) + 1;
    }
    t->data = xp_alloc(total, 1);
    t->text = xp_alloc(n, sizeof *t->text);
    if (t->data == NULL || t->text == NULL) return xp_no_memory(error, "texts");
    char *at = t->data;
    for (; t->n < n; t->n++) {
        const char *text = xp_value_string(xp_value_item(list, t->n));
        t->text[t->n] = (xp_view){at, strlen(text)};
        memcpy(at, text, t->text[t->n].length + 1);
        at += t->text[t->n].length + 1;
    }
    return EXPLAINT_OK;
}

explaint_status xp_texts_read(const char *path, xp_bytes *bytes, explaint_texts **texts, explaint_error *error) {
    *texts = NULL;
    explaint_texts *t = xp_calloc(1, sizeof *t);
    if (t == NULL) return xp_no_memory(error, "texts");
    t->path = xp_strdup(path);
    memcpy(t->sha256, bytes->sha256, sizeof t->sha256);
    explaint_status status = t->path == NULL ? xp_no_memory(error, "texts") : EXPLAINT_OK;
    if (status == EXPLAINT_OK) status = xp_encoding_decode(path, bytes, &t->notes, error);
    if (status == EXPLAINT_OK && (ends_with(path, ".json") || ends_with(path, ".json.gz"))) {
        xp_value *list = xp_value_parse(bytes->data, bytes->size, path, error);
        status = list == NULL ? (error != NULL ? error->code : EXPLAINT_INVALID) : take_items(t, list, error);
        xp_value_free(list);
    } else if (status == EXPLAINT_OK) {
        status = cut_lines(t, bytes, error);
    }
    if (status == EXPLAINT_OK && t->n == 0)
        status = xp_fail(error, EXPLAINT_INVALID, path, 0, "expected at least one text, found none");
    if (status != EXPLAINT_OK) {
        explaint_texts_close(t);
        return status;
    }
    *texts = t;
    return EXPLAINT_OK;
}

explaint_status explaint_texts_open(const char *path, explaint_texts **texts, explaint_error *error) {
    xp_bytes bytes = {0};
    *texts = NULL;
    explaint_status status = xp_file_read(path, XP_LIMIT_TABLE, &bytes, error);
    if (status == EXPLAINT_OK) status = xp_texts_read(xp_file_name(path), &bytes, texts, error);
    xp_bytes_free(&bytes);
    return status;
}

explaint_status explaint_texts_of(const char *const *text, size_t n, explaint_texts **texts, explaint_error *error) {
    static const char name[] = "--text";
    xp_sha256 hash;
    size_t total = 0;
    *texts = NULL;
    if (n == 0) return xp_fail(error, EXPLAINT_INVALID, name, 0, "expected at least one text, found none");
    for (size_t i = 0; i < n; i++) {
        const unsigned char *p = (const unsigned char *)text[i], *end = p + strlen(text[i]);
        for (size_t step = 1; p < end && step > 0; p += step) step = xp_utf8_length(p, end);
        if (p < end) return xp_texts_refuse(name, false, i, "expected UTF-8", error);
        total += strlen(text[i]) + 1;
    }
    explaint_texts *t = xp_calloc(1, sizeof *t);
    if (t == NULL) return xp_no_memory(error, "texts");
    t->path = xp_strdup(name);
    t->data = xp_alloc(total, 1);
    t->text = xp_alloc(n, sizeof *t->text);
    if (t->path == NULL || t->data == NULL || t->text == NULL) {
        explaint_texts_close(t);
        return xp_no_memory(error, "texts");
    }
    xp_sha256_begin(&hash);
    for (char *at = t->data; t->n < n; t->n++) {
        const size_t length = strlen(text[t->n]);
        memcpy(at, text[t->n], length + 1);
        t->text[t->n] = (xp_view){at, length};
        xp_sha256_add(&hash, at, length);
        xp_sha256_add(&hash, "\n", 1);
        at += length + 1;
    }
    xp_sha256_end(&hash, t->sha256);
    *texts = t;
    return EXPLAINT_OK;
}

explaint_status xp_texts_refuse(const char *path, bool by_line, size_t number, const char *why, explaint_error *error) {
    if (by_line) return xp_fail(error, EXPLAINT_INVALID, path, number + 1, "%s", why);
    return xp_fail(error, EXPLAINT_INVALID, path, 0, "text %zu, counted from 0: %s", number, why);
}

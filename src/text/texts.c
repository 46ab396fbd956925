#include "text/texts.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/json_read.h"
#include "base/memory.h"
#include "formats/encoding.h"
#include "text/texts_rows.h"

/* What is read of a file. */
typedef struct form {
    xp_texts_names names; /* of the member or column */
    bool may_lack_head;   /* a table of one column */
    bool from_input;      /* standard input, which has no name and is lines */
} form;

static const form of_texts = {.names = (const char *const[]){"text", "sentence", NULL}},
                  of_words = {.names = (const char *const[]){"word", NULL}, .may_lack_head = true};

void explaint_texts_close(explaint_texts *t) {
    if (t == NULL) return;
    xp_free_all(t->path, t->data, t->text);
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

/* Of a file's name, whatever it is packed with. */
static bool ends_with(const char *path, const char *suffix) {
    xp_view name = {path, strlen(path)};
    const size_t length = strlen(suffix);
    if (name.length > 3 && xp_view_is_nocase((xp_view){path + name.length - 3, 3}, ".gz")) name.length -= 3;
    return name.length > length && xp_view_is_nocase((xp_view){path + name.length - length, length}, suffix);
}

/* For all texts that so many bytes hold, a 0 behind each. A line ends with LF, CRLF or, in tables, CR. */
static explaint_status make_room(explaint_texts *t, const xp_bytes *bytes, explaint_error *error) {
    size_t lines = 1;
    for (size_t i = 0; i < bytes->size; i++) lines += bytes->data[i] == '\n' || bytes->data[i] == '\r';
    t->data = xp_alloc(bytes->size + lines, 1);
    t->text = xp_alloc(lines, sizeof *t->text);
    return t->data == NULL || t->text == NULL ? xp_no_memory(error, "texts") : EXPLAINT_OK;
}

static explaint_status refuse_json_lines(const explaint_texts *t, size_t n, const char *expected, const form *as,
                                         explaint_error *error) {
    return xp_fail(
        error, EXPLAINT_INVALID, t->path, 0,
        "expected %s, found a JSON object in each of %zu lines; where the name ends in .jsonl, the member %s "
        "of each is read",
        expected, n, as->names[0]);
}

static explaint_status cut_lines(explaint_texts *t, const xp_bytes *bytes, const form *as, explaint_error *error) {
    size_t objects = 0;
    explaint_status status = as->from_input ? EXPLAINT_OK : xp_texts_json_lines(bytes, &objects, error);
    if (status == EXPLAINT_OK && objects > 0) status = refuse_json_lines(t, objects, "one text a line", as, error);
    if (status == EXPLAINT_OK) status = make_room(t, bytes, error);
    if (status != EXPLAINT_OK) return status;
    t->by_line = true;
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

static explaint_status refuse_item(const explaint_texts *t, const char *where, const char *expected,
                                   const xp_value *value, explaint_error *error) {
    xp_text found = {0};
    if (!xp_value_is_array(value))
        xp_texts_show_members(value, &found);
    else
        xp_text_adds(&found, "a list");
    return xp_text_fail(&found, "texts", error, EXPLAINT_INVALID, t->path, 0, "%sexpected %s, found %s%s", where,
                        expected, found.data,
                        xp_value_is_object(value) ? "; objects are read from a .jsonl file, one a line" : "");
}

static explaint_status take_items(explaint_texts *t, const xp_value *list, explaint_error *error) {
    if (!xp_value_is_array(list)) return refuse_item(t, "", "a JSON list of strings", list, error);
    const size_t n = xp_value_count(list);
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        const char *text = xp_value_string(xp_value_item(list, i));
        if (text == NULL) {
            char where[64];
            snprintf(where, sizeof where, "item %zu, counted from 0: ", i);
            return refuse_item(t, where, "a string", xp_value_item(list, i), error);
        }
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

static explaint_status take_list(explaint_texts *t, const xp_bytes *bytes, const form *as, explaint_error *error) {
    size_t objects;
    explaint_status status = xp_texts_json_lines(bytes, &objects, error);
    if (status == EXPLAINT_OK && objects > 1)
        status = refuse_json_lines(t, objects, "a JSON list of strings", as, error);
    if (status != EXPLAINT_OK) return status;
    xp_value *list = xp_value_parse(bytes->data, bytes->size, t->path, error);
    status = list == NULL ? (error != NULL ? error->code : EXPLAINT_INVALID) : take_items(t, list, error);
    xp_value_free(list);
    return status;
}

/* Words need no head where they stand alone. */
static bool is_table(const char *path, const xp_bytes *bytes, const form *as) {
    if (!ends_with(path, ".csv") && !ends_with(path, ".tsv")) return false;
    if (!as->may_lack_head) return true;
    const char *at = bytes->data;
    xp_view head = {at, 0};
    if (xp_view_line(&at, at + bytes->size, &head)) head = xp_view_trim(head);
    bool is = xp_view_is_nocase(head, as->names[0]);
    for (size_t i = 0; i < head.length; i++) is = is || strchr(",;\t", head.data[i]) != NULL;
    return is;
}

static explaint_status take(explaint_texts *t, xp_bytes *bytes, const form *as, explaint_error *error) {
    if (as->from_input) return cut_lines(t, bytes, as, error);
    if (ends_with(t->path, ".json")) return take_list(t, bytes, as, error);
    const bool table = is_table(t->path, bytes, as);
    if (!table && !ends_with(t->path, ".jsonl") && !ends_with(t->path, ".ndjson"))
        return cut_lines(t, bytes, as, error);
    const explaint_status status = make_room(t, bytes, error);
    if (status != EXPLAINT_OK) return status;
    return table ? xp_texts_take_column(t, bytes, as->names, error)
                 : xp_texts_take_json_lines(t, bytes, as->names, error);
}

static explaint_status read_as(const char *path, xp_bytes *bytes, const form *as, explaint_texts **texts,
                               explaint_error *error) {
    *texts = NULL;
    explaint_texts *t = xp_calloc(1, sizeof *t);
    if (t == NULL) return xp_no_memory(error, "texts");
    t->path = xp_strdup(path);
    memcpy(t->sha256, bytes->sha256, sizeof t->sha256);
    explaint_status status = t->path == NULL ? xp_no_memory(error, "texts") : EXPLAINT_OK;
    if (status == EXPLAINT_OK) status = xp_encoding_decode(path, bytes, &t->notes, error);
    if (status == EXPLAINT_OK) status = take(t, bytes, as, error);
    if (status == EXPLAINT_OK && t->n == 0)
        status = xp_fail(error, EXPLAINT_INVALID, path, 0, "expected at least one text, found none");
    if (status != EXPLAINT_OK) {
        explaint_texts_close(t);
        return status;
    }
    *texts = t;
    return EXPLAINT_OK;
}

static explaint_status open_as(const char *path, const form *as, explaint_texts **texts, explaint_error *error) {
    xp_bytes bytes = {0};
    form how = *as;
    *texts = NULL;
    explaint_status status = xp_file_read(path, XP_LIMIT_TABLE, &bytes, error);
    how.from_input = strcmp(path, "-") == 0;
    if (status == EXPLAINT_OK) status = read_as(xp_file_name(path), &bytes, &how, texts, error);
    xp_bytes_free(&bytes);
    return status;
}

explaint_status xp_texts_read(const char *path, xp_bytes *bytes, explaint_texts **texts, explaint_error *error) {
    return read_as(path, bytes, &of_texts, texts, error);
}

explaint_status explaint_texts_open(const char *path, explaint_texts **texts, explaint_error *error) {
    return open_as(path, &of_texts, texts, error);
}

explaint_status explaint_texts_open_words(const char *path, explaint_texts **texts, explaint_error *error) {
    return open_as(path, &of_words, texts, error);
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

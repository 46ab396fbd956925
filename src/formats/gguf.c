#include "formats/gguf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "formats/file.h"
#include "formats/ggml.h"
#include "formats/kinds.h"

enum {
    ALIGNMENT = 32,                   /* where general.alignment does not say another */
    MOST_DIMENSIONS = 4,              /* of the format */
    LEAST_VALUE = 8 + 1 + 4 + 1,      /* bytes of a key of one letter with a value of one */
    LEAST_TENSOR = 8 + 1 + 4 + 4 + 8, /* of a name of one letter without dimensions */
    LONGEST_NAME = 65535              /* of a key, by the format; a tensor's is shorter */
};

struct xp_gguf {
    uint32_t version;
    xp_strings names; /* of keys and tensors */
    xp_gguf_value *value;
    xp_tensor *tensor;
    size_t *shapes; /* of all tensors */
    xp_index *by_key, *by_name;
    size_t n_values, n_tensors;
    size_t data, alignment; /* where the tensors' bytes begin */
};

bool xp_gguf_is(const void *head, size_t size) {
    const unsigned char *p = head;
    return size >= 5 && memcmp(p, "GGUF", 4) == 0 && p[4] < ' ';
}

explaint_status xp_gguf_is_file(const char *path, bool *is, explaint_error *error) {
    struct stat kind;
    xp_stream *stream = NULL;
    const unsigned char *head;
    *is = false;
    if (path == NULL || stat(path, &kind) != 0 || !S_ISREG(kind.st_mode) || kind.st_size == 0) return EXPLAINT_OK;
    explaint_status status = xp_stream_open(path, &stream, error);
    if (status != EXPLAINT_OK) return status;
    const size_t size = xp_stream_head(stream, &head);
    *is = xp_gguf_is(head, size);
    xp_stream_close(stream);
    return EXPLAINT_OK;
}

/* ---- names ---- */

/* A key or a name, which `index` must not know yet; a text of the file's own list comes back. */
static explaint_status read_name(xp_gguf_cursor *c, xp_gguf *f, const char *what, xp_index *index, size_t number,
                                 const char **name) {
    xp_view text;
    size_t stored;
    bool found;
    explaint_status status = xp_gguf_cursor_string(c, what, &text);
    if (status != EXPLAINT_OK) return status;
    if (text.length == 0 || text.length > LONGEST_NAME || memchr(text.data, 0, text.length) != NULL)
        return xp_fail(c->error, EXPLAINT_INVALID, c->path, 0,
                       "%s, number %zu: expected 1 to %d bytes without a zero, found %s", what, number + 1,
                       LONGEST_NAME,
                       text.length == 0             ? "none"
                       : text.length > LONGEST_NAME ? "more"
                                                    : "a zero");
    if (!xp_strings_add(&f->names, text.data, text.length)) return xp_no_memory(c->error, "the names of a GGUF");
    *name = f->names.item[f->names.count - 1];
    if (!xp_index_intern(index, *name, text.length, number, &stored, &found))
        return xp_no_memory(c->error, "the names of a GGUF");
    if (!found) return EXPLAINT_OK;
    return xp_fail(c->error, EXPLAINT_INVALID, c->path, 0, "%s \"%.80s\" stands twice, as number %zu and number %zu",
                   what, *name, stored + 1, number + 1);
}

static explaint_status read_values(xp_gguf_cursor *c, xp_gguf *f, size_t n) {
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; i < n && status == EXPLAINT_OK; i++) {
        xp_gguf_value *value = &f->value[i];
        status = read_name(c, f, "a key of the metadata", f->by_key, i, &value->key);
        if (status == EXPLAINT_OK) status = xp_gguf_cursor_value(c, value);
        if (status == EXPLAINT_OK) f->n_values++;
    }
    return status;
}

/* ---- tensors ---- */

static explaint_status bad_tensor(const xp_gguf_cursor *c, const char *name, const char *what) {
    return xp_fail(c->error, EXPLAINT_INVALID, c->path, 0, "tensor \"%.80s\": %s", name, what);
}

/* Rows first; and the bytes that they take. */
static explaint_status measure(const xp_gguf_cursor *c, xp_tensor *t) {
    const size_t width = t->n_dimensions > 0 ? t->shape[t->n_dimensions - 1] : 1;
    if (width % t->blocks->block != 0)
        return xp_fail(c->error, EXPLAINT_INVALID, c->path, 0,
                       "tensor \"%.80s\": expected rows of whole blocks of %zu numbers, as %s has them, found a first "
                       "dimension of %zu",
                       t->name, t->blocks->block, t->dtype, width);
    size_t cells = width / t->blocks->block;
    bool beyond = xp_mul_overflows(cells, t->blocks->bytes, &t->size);
    for (size_t k = 0; !beyond && k + 1 < t->n_dimensions; k++)
        beyond = xp_mul_overflows(t->size, t->shape[k], &t->size);
    for (size_t k = 0, all = 1; !beyond && k < t->n_dimensions; k++) beyond = xp_mul_overflows(all, t->shape[k], &all);
    return beyond ? bad_tensor(c, t->name, "its shape is larger than any file") : EXPLAINT_OK;
}

static explaint_status read_shape(xp_gguf_cursor *c, xp_tensor *t, size_t *shape) {
    uint32_t n = 0;
    explaint_status status = xp_gguf_cursor_word(c, "the number of dimensions of a tensor", &n);
    if (status != EXPLAINT_OK) return status;
    if (n > MOST_DIMENSIONS)
        return xp_fail(c->error, EXPLAINT_INVALID, c->path, 0,
                       "tensor \"%.80s\": expected at most %d dimensions, found %u", t->name, MOST_DIMENSIONS,
                       (unsigned)n);
    for (size_t k = n; k-- > 0 && status == EXPLAINT_OK;) {
        uint64_t extent = 0;
        status = xp_gguf_cursor_long(c, "a dimension of a tensor", &extent);
        if (status == EXPLAINT_OK && extent == 0)
            return bad_tensor(c, t->name, "expected numbers in it, found a dimension of 0");
        if (extent > SIZE_MAX / 2) return bad_tensor(c, t->name, "its shape is larger than any file");
        shape[k] = (size_t)extent;
    }
    t->n_dimensions = n;
    t->shape = shape;
    return status;
}

/* All but the place of its bytes, whose offset is kept in *offset. */
static explaint_status read_tensor(xp_gguf_cursor *c, xp_tensor *t, size_t *shape, uint64_t *offset) {
    uint32_t type = 0;
    explaint_status status = read_shape(c, t, shape);
    if (status == EXPLAINT_OK) status = xp_gguf_cursor_word(c, "the type of a tensor", &type);
    if (status == EXPLAINT_OK) status = xp_gguf_cursor_long(c, "the offset of a tensor", offset);
    if (status != EXPLAINT_OK) return status;
    t->blocks = xp_ggml_find(type);
    if (t->blocks == NULL)
        return xp_fail(
            c->error, EXPLAINT_INVALID, c->path, 0,
            "tensor \"%.80s\": its numbers have type %u, which this version does not know; convert the model "
            "to another type (llama-quantize), such as Q8_0",
            t->name, (unsigned)type);
    t->dtype = t->blocks->name;
    t->type = t->blocks->type;
    return measure(c, t);
}

static explaint_status place_tensor(const xp_gguf_cursor *c, const xp_gguf *f, xp_tensor *t, uint64_t offset) {
    const size_t there = f->data < c->size ? c->size - f->data : 0;
    if (offset % f->alignment != 0)
        return xp_fail(c->error, EXPLAINT_INVALID, c->path, 0,
                       "tensor \"%.80s\": expected an offset that is a multiple of the alignment %zu, found %llu",
                       t->name, f->alignment, (unsigned long long)offset);
    if (offset > there || t->size > there - (size_t)offset)
        return xp_fail(
            c->error, EXPLAINT_INVALID, c->path, 0,
            "tensor \"%.80s\" takes %zu bytes from byte %llu of the data, the file holds %zu; it was cut off, get "
            "it again",
            t->name, t->size, (unsigned long long)offset, there);
    t->data = c->bytes + f->data + offset;
    return EXPLAINT_OK;
}

static int by_place(const void *a, const void *b) {
    const xp_tensor *x = *(const xp_tensor *const *)a, *y = *(const xp_tensor *const *)b;
    return x->data != y->data ? (x->data < y->data ? -1 : 1) : 0;
}

static explaint_status check_overlap(const xp_gguf_cursor *c, const xp_gguf *f) {
    const xp_tensor **order = xp_alloc(f->n_tensors, sizeof(void *));
    if (order == NULL) return xp_no_memory(c->error, "the tensors of a GGUF");
    for (size_t i = 0; i < f->n_tensors; i++) order[i] = &f->tensor[i];
    if (f->n_tensors > 1) qsort(order, f->n_tensors, sizeof(void *), by_place);
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 1; i < f->n_tensors && status == EXPLAINT_OK; i++)
        if (order[i - 1]->data + order[i - 1]->size > order[i]->data)
            status = xp_fail(c->error, EXPLAINT_INVALID, c->path, 0,
                             "tensors \"%.80s\" and \"%.80s\" share bytes of the file; it is damaged",
                             order[i - 1]->name, order[i]->name);
    xp_free(order);
    return status;
}

static explaint_status read_tensors(xp_gguf_cursor *c, xp_gguf *f, size_t n) {
    uint64_t *offset = xp_alloc(n, sizeof *offset);
    if (offset == NULL) return xp_no_memory(c->error, "the tensors of a GGUF");
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; i < n && status == EXPLAINT_OK; i++) {
        status = read_name(c, f, "the name of a tensor", f->by_name, i, &f->tensor[i].name);
        if (status == EXPLAINT_OK) status = read_tensor(c, &f->tensor[i], f->shapes + MOST_DIMENSIONS * i, &offset[i]);
        if (status == EXPLAINT_OK) f->n_tensors++;
    }
    f->data = c->at + (f->alignment - c->at % f->alignment) % f->alignment;
    for (size_t i = 0; i < n && status == EXPLAINT_OK; i++) status = place_tensor(c, f, &f->tensor[i], offset[i]);
    xp_free(offset);
    return status == EXPLAINT_OK ? check_overlap(c, f) : status;
}

/* ---- the file ---- */

static explaint_status read_version(xp_gguf_cursor *c, xp_gguf *f) {
    explaint_status status = xp_gguf_cursor_word(c, "the version", &f->version);
    if (status != EXPLAINT_OK || f->version == 2 || f->version == 3) return status;
    if ((f->version & 0xffff) == 0)
        return xp_fail(
            c->error, EXPLAINT_INVALID, c->path, 0,
            "expected a GGUF of little-endian numbers, found big-endian ones; turn it round with gguf-convert-endian "
            "FILE little, of the Python package gguf");
    return xp_fail(c->error, EXPLAINT_INVALID, c->path, 0, "expected a GGUF of version 2 or 3, found version %u; %s",
                   (unsigned)f->version,
                   f->version == 1 ? "convert the model anew" : "it is newer than this program, or damaged");
}

/* How many there are: so many must fit into what is left of the file. */
static explaint_status read_count(xp_gguf_cursor *c, const char *what, size_t least, size_t *count) {
    uint64_t number = 0;
    explaint_status status = xp_gguf_cursor_long(c, what, &number);
    if (status != EXPLAINT_OK) return status;
    if (number > (c->size - c->at) / least)
        return xp_fail(
            c->error, EXPLAINT_INVALID, c->path, 0,
            "%s is given as %llu, more than fit into the %zu bytes of the file; it was cut off or is damaged, get it "
            "again",
            what, (unsigned long long)number, c->size);
    *count = (size_t)number;
    return EXPLAINT_OK;
}

static explaint_status read_alignment(const xp_gguf_cursor *c, xp_gguf *f) {
    const xp_gguf_value *value = xp_gguf_find(f, "general.alignment");
    f->alignment = ALIGNMENT;
    if (value == NULL) return EXPLAINT_OK;
    if (value->type == XP_GGUF_U32 && xp_gguf_value_size(value, &f->alignment) && f->alignment > 0 &&
        (f->alignment & (f->alignment - 1)) == 0)
        return EXPLAINT_OK;
    xp_text found = {0};
    xp_gguf_value_json(value, 3, 80, &found);
    return xp_text_fail(&found, "a key of a GGUF", c->error, EXPLAINT_INVALID, c->path, 0,
                        "key \"general.alignment\" of the metadata: expected a power of two as u32, found "
                        "%.80s as %s",
                        found.data, xp_gguf_type_name(value->type));
}

static explaint_status read_file(xp_gguf_cursor *c, xp_gguf *f) {
    size_t n_tensors = 0, n_values = 0;
    c->at = 4; /* behind the letters */
    explaint_status status = read_version(c, f);
    if (status == EXPLAINT_OK) status = read_count(c, "the number of tensors", LEAST_TENSOR, &n_tensors);
    if (status == EXPLAINT_OK) status = read_count(c, "the number of keys", LEAST_VALUE, &n_values);
    if (status != EXPLAINT_OK) return status;
    f->value = xp_calloc(n_values, sizeof *f->value);
    f->tensor = xp_calloc(n_tensors, sizeof *f->tensor);
    f->shapes = xp_calloc(n_tensors, MOST_DIMENSIONS * sizeof *f->shapes);
    f->by_key = xp_index_create(n_values);
    f->by_name = xp_index_create(n_tensors);
    if (f->value == NULL || f->tensor == NULL || f->shapes == NULL || f->by_key == NULL || f->by_name == NULL)
        return xp_no_memory(c->error, "the header of a GGUF");
    status = read_values(c, f, n_values);
    if (status == EXPLAINT_OK) status = read_alignment(c, f);
    return status == EXPLAINT_OK ? read_tensors(c, f, n_tensors) : status;
}

explaint_status xp_gguf_open(const char *path, const void *bytes, size_t size, xp_gguf **file, explaint_error *error) {
    *file = NULL;
    explaint_error own = {0};
    if (error == NULL) error = &own;
    explaint_status status = xp_kind_refuse(path, bytes, size, XP_READER_GGUF, error);
    if (status != EXPLAINT_OK) return status;
    if (!xp_gguf_is(bytes, size))
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected a GGUF, which begins with these four letters, found %s",
                       size < 5 ? "less than five bytes" : "other bytes");
    xp_gguf *f = xp_calloc(1, sizeof *f);
    if (f == NULL) return xp_no_memory(error, "the header of a GGUF");
    xp_gguf_cursor cursor = {.path = path, .error = error, .bytes = bytes, .size = size};
    status = read_file(&cursor, f);
    if (status == EXPLAINT_OK)
        *file = f;
    else
        xp_gguf_close(f);
    return status;
}

void xp_gguf_close(xp_gguf *f) {
    if (f == NULL) return;
    xp_strings_free(&f->names);
    xp_free_all(f->value, f->tensor, f->shapes);
    xp_index_destroy(f->by_key);
    xp_index_destroy(f->by_name);
    xp_free(f);
}

unsigned xp_gguf_version(const xp_gguf *f) { return f->version; }

size_t xp_gguf_n_values(const xp_gguf *f) { return f->n_values; }
const xp_gguf_value *xp_gguf_value_at(const xp_gguf *f, size_t i) { return &f->value[i]; }

const xp_gguf_value *xp_gguf_find(const xp_gguf *f, const char *key) {
    size_t i;
    return xp_index_find(f->by_key, key, strlen(key), &i) ? &f->value[i] : NULL;
}

size_t xp_gguf_n(const xp_gguf *f) { return f->n_tensors; }
const xp_tensor *xp_gguf_tensor(const xp_gguf *f, size_t i) { return &f->tensor[i]; }

const xp_tensor *xp_gguf_find_tensor(const xp_gguf *f, const char *name) {
    size_t i;
    return xp_index_find(f->by_name, name, strlen(name), &i) ? &f->tensor[i] : NULL;
}

#include "formats/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/memory.h"
#include "formats/kinds.h"

#define HEADER_LIMIT ((size_t)100000000) /* the format's own */

struct xp_safetensors {
    xp_value *header;
    xp_tensor *tensors;
    size_t *shapes; /* of all tensors */
    size_t n;
};

typedef struct reader {
    const char *path;
    explaint_error *error;
    const unsigned char *data; /* behind the header */
    size_t size;
} reader;

static size_t length_of(const unsigned char *p) {
    size_t length = 0;
    for (size_t i = 8; i-- > 0;) length = length << 8 | p[i];
    return length;
}

/* ---- one tensor ---- */

typedef struct dtype {
    const char *name;
    size_t size;
    xp_type type;
} dtype;

static const dtype *find_dtype(const char *name) {
    static const dtype known[] = {{"F32", 4, XP_F32},         {"F16", 2, XP_F16},         {"BF16", 2, XP_BF16},
                                  {"F64", 8, XP_F64},         {"I64", 8, XP_I64},         {"I32", 4, XP_I32},
                                  {"I16", 2, XP_I16},         {"I8", 1, XP_I8},           {"U64", 8, XP_U64},
                                  {"U32", 4, XP_U32},         {"U16", 2, XP_U16},         {"U8", 1, XP_U8},
                                  {"BOOL", 1, XP_BOOL},       {"F8_E4M3", 1, XP_N_TYPES}, {"F8_E5M2", 1, XP_N_TYPES},
                                  {"F8_E8M0", 1, XP_N_TYPES}, {"C64", 8, XP_N_TYPES}};
    for (size_t i = 0; name != NULL && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0) return &known[i];
    return NULL;
}

static explaint_status bad(const reader *r, const char *name, const char *what) {
    return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0, "tensor \"%.80s\" of the header: %s", name, what);
}

/* Fills the tensor from its entry; shape has room for its dimensions. */
static explaint_status read_tensor(const reader *r, const char *name, const xp_value *entry, size_t *shape,
                                   xp_tensor *t) {
    const xp_value *dimensions = xp_value_member(entry, "shape"), *offsets = xp_value_member(entry, "data_offsets");
    const dtype *type = find_dtype(xp_value_string(xp_value_member(entry, "dtype")));
    if (!xp_value_is_object(entry) || xp_value_count(entry) != 3 || !xp_value_is_array(dimensions) ||
        xp_value_string(xp_value_member(entry, "dtype")) == NULL || !xp_value_is_array(offsets))
        return bad(r, name, "expected the keys dtype, shape and data_offsets, and no others");
    if (type == NULL)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                       "tensor \"%.80s\" of the header: expected a dtype such as F32 or BF16, found \"%.40s\"", name,
                       xp_value_string(xp_value_member(entry, "dtype")));
    *t = (xp_tensor){.name = name, .dtype = type->name, .type = type->type, .shape = shape};
    t->n_dimensions = xp_value_count(dimensions);
    size_t bytes = type->size;
    for (size_t k = 0; k < t->n_dimensions; k++) {
        if (!xp_value_size(xp_value_item(dimensions, k), &shape[k]))
            return bad(r, name, "expected counts in its shape, found something else");
        if (xp_mul_overflows(bytes, shape[k], &bytes)) return bad(r, name, "its shape is larger than any file");
    }
    size_t begin, end;
    if (xp_value_count(offsets) != 2 || !xp_value_size(xp_value_item(offsets, 0), &begin) ||
        !xp_value_size(xp_value_item(offsets, 1), &end) || begin > end)
        return bad(r, name, "expected data_offsets [begin, end], begin not behind end");
    if (end > r->size)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                       "tensor \"%.80s\" of the header ends at byte %zu of the data, the file holds %zu; it was cut "
                       "off, get it again",
                       name, end, r->size);
    if (end - begin != bytes)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                       "tensor \"%.80s\" of the header: its shape and dtype need %zu bytes, data_offsets give it %zu",
                       name, bytes, end - begin);
    t->data = r->data + begin;
    t->size = bytes;
    return EXPLAINT_OK;
}

/* ---- the file ---- */

static int by_place(const void *a, const void *b) {
    const xp_tensor *x = a, *y = b;
    if (x->data != y->data) return x->data < y->data ? -1 : 1;
    return x->size < y->size ? -1 : x->size > y->size; /* empty ones first */
}

static explaint_status check_cover(const reader *r, const xp_safetensors *f) {
    const unsigned char *at = r->data;
    for (size_t i = 0; i < f->n; i++) {
        const xp_tensor *t = &f->tensors[i];
        if (t->data != at)
            return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                           "tensor \"%.80s\" of the header: expected it to begin at byte %zu of the data, behind the "
                           "one before, found %zu; tensors neither overlap nor leave holes",
                           t->name, (size_t)(at - r->data), (size_t)(t->data - r->data));
        at += t->size;
    }
    if ((size_t)(at - r->data) != r->size)
        return xp_fail(
            r->error, EXPLAINT_INVALID, r->path, 0,
            "the tensors of the header cover %zu bytes, the file holds %zu; the header does not belong to it",
            (size_t)(at - r->data), r->size);
    return EXPLAINT_OK;
}

static explaint_status check_metadata(const reader *r, const xp_value *metadata) {
    bool good = xp_value_is_object(metadata);
    for (void *at = good ? xp_value_first(metadata) : NULL; at != NULL && good; at = xp_value_next(metadata, at))
        good = xp_value_string(xp_value_at(at)) != NULL;
    if (good) return EXPLAINT_OK;
    return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                   "expected __metadata__ of the header to hold strings by name, found something else");
}

static explaint_status read_tensors(const reader *r, xp_safetensors *f) {
    size_t dimensions = 0;
    for (void *at = xp_value_first(f->header); at != NULL; at = xp_value_next(f->header, at))
        dimensions += xp_value_count(xp_value_member(xp_value_at(at), "shape"));
    f->tensors = xp_alloc(xp_value_count(f->header), sizeof *f->tensors);
    f->shapes = xp_alloc(dimensions, sizeof *f->shapes);
    if (f->tensors == NULL || f->shapes == NULL) return xp_no_memory(r->error, "the header of safetensors");
    size_t *shape = f->shapes;
    for (void *at = xp_value_first(f->header); at != NULL; at = xp_value_next(f->header, at)) {
        const char *name = xp_value_key(at);
        explaint_status status = EXPLAINT_OK;
        if (strcmp(name, "__metadata__") == 0) {
            status = check_metadata(r, xp_value_at(at));
        } else {
            status = read_tensor(r, name, xp_value_at(at), shape, &f->tensors[f->n]);
            if (status == EXPLAINT_OK) shape += f->tensors[f->n++].n_dimensions;
        }
        if (status != EXPLAINT_OK) return status;
    }
    if (f->n > 1) qsort(f->tensors, f->n, sizeof *f->tensors, by_place);
    return check_cover(r, f);
}

static explaint_status read_file(const char *path, const unsigned char *p, size_t size, xp_safetensors *f,
                                 explaint_error *error) {
    if (size < 8)
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected safetensors, found %zu bytes; it was cut off", size);
    size_t length = length_of(p);
    if (length > HEADER_LIMIT)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected safetensors with a header of at most %zu bytes, found one that announces %zu",
                       HEADER_LIMIT, length);
    if (length > size - 8)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "the header of safetensors announces %zu bytes, the file holds %zu after that; it was cut off, "
                       "get it again",
                       length, size - 8);
    if (length == 0 || p[8] != '{')
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected safetensors with a JSON object, found none");
    f->header = xp_value_parse((const char *)p + 8, length, path, error);
    if (f->header == NULL) return error != NULL ? error->code : EXPLAINT_INVALID;
    reader r = {.path = path, .error = error, .data = p + 8 + length, .size = size - 8 - length};
    return read_tensors(&r, f);
}

explaint_status xp_safetensors_open(const char *path, const void *bytes, size_t size, xp_safetensors **file,
                                    explaint_error *error) {
    *file = NULL;
    explaint_error own = {0};
    if (error == NULL) error = &own;
    explaint_status status = xp_kind_refuse(path, bytes, size, XP_READER_TENSORS, error);
    if (status != EXPLAINT_OK) return status;
    xp_safetensors *f = xp_calloc(1, sizeof *f);
    if (f == NULL) return xp_no_memory(error, "the header of safetensors");
    status = read_file(path, bytes, size, f, error);
    if (status == EXPLAINT_OK)
        *file = f;
    else
        xp_safetensors_close(f);
    return status;
}

void xp_safetensors_close(xp_safetensors *f) {
    if (f == NULL) return;
    if (f->header != NULL) xp_value_free(f->header);
    xp_free_all(f->tensors, f->shapes, f);
}

size_t xp_safetensors_n(const xp_safetensors *f) { return f->n; }
const xp_tensor *xp_safetensors_tensor(const xp_safetensors *f, size_t i) { return &f->tensors[i]; }

const xp_tensor *xp_safetensors_find(const xp_safetensors *f, const char *name) {
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->tensors[i].name, name) == 0) return &f->tensors[i];
    return NULL;
}

const char *xp_safetensors_metadata(const xp_safetensors *f, const char *key) {
    return xp_value_string(xp_value_member(xp_value_member(f->header, "__metadata__"), key));
}

bool xp_tensor_matrix(const xp_tensor *t, xp_array *array) {
    if (t->n_dimensions != 2 || t->type == XP_N_TYPES || t->size == 0) return false;
    *array = (xp_array){.rows = t->shape[0], .width = t->shape[1], .type = t->type, .data = t->data};
    return true;
}

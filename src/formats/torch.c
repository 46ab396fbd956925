/* From the value of a pickle to tensors. */
#include "formats/torch.h"

#include <string.h>

#include "base/memory.h"
#include "base/strings.h"
#include "formats/encoding.h"

enum { MOST_DIMENSIONS = 64, MOST_WRAPPINGS = 8 };

struct xp_torch {
    xp_tensor *tensors;
    size_t n;
    xp_strings names;
    xp_index *by_name;
    void **owned; /* shapes, and copies of tensors whose numbers do not lie row after row */
    size_t n_owned, owned_capacity;
    void *storages;
    void (*release)(void *storages);
};

typedef struct reader {
    const char *path;
    explaint_error *error;
    const xp_storages *storages;
    xp_torch *file;
    const char *name; /* of the tensor */
    size_t copied;
} reader;

/* ---- names of Python's ---- */

typedef struct type_name {
    const char *storage, *dtype; /* NULL: there is none of the kind */
    const char *name;            /* as safetensors spell it */
    size_t size;
    xp_type type;
} type_name;

static const type_name types[] = {{"torch.FloatStorage", "torch.float32", "F32", 4, XP_F32},
                                  {"torch.HalfStorage", "torch.float16", "F16", 2, XP_F16},
                                  {"torch.BFloat16Storage", "torch.bfloat16", "BF16", 2, XP_BF16},
                                  {"torch.DoubleStorage", "torch.float64", "F64", 8, XP_F64},
                                  {"torch.LongStorage", "torch.int64", "I64", 8, XP_I64},
                                  {"torch.IntStorage", "torch.int32", "I32", 4, XP_I32},
                                  {"torch.ShortStorage", "torch.int16", "I16", 2, XP_I16},
                                  {"torch.CharStorage", "torch.int8", "I8", 1, XP_I8},
                                  {"torch.ByteStorage", "torch.uint8", "U8", 1, XP_U8},
                                  {"torch.BoolStorage", "torch.bool", "BOOL", 1, XP_BOOL},
                                  {NULL, "torch.uint16", "U16", 2, XP_U16},
                                  {NULL, "torch.uint32", "U32", 4, XP_U32},
                                  {NULL, "torch.uint64", "U64", 8, XP_U64},
                                  {NULL, "torch.float8_e4m3fn", "F8_E4M3", 1, XP_N_TYPES},
                                  {NULL, "torch.float8_e5m2", "F8_E5M2", 1, XP_N_TYPES},
                                  {"torch.ComplexFloatStorage", "torch.complex64", "C64", 8, XP_N_TYPES},
                                  {"torch.ComplexDoubleStorage", "torch.complex128", "C128", 16, XP_N_TYPES}};
enum { N_TYPES = sizeof types / sizeof types[0] };

#define UNTYPED "torch.storage.UntypedStorage" /* its dtype is told by the tensor */
#define TENSOR "torch._utils._rebuild_tensor"
#define TENSOR_2 "torch._utils._rebuild_tensor_v2"
#define TENSOR_3 "torch._utils._rebuild_tensor_v3"
#define PARAMETER "torch._utils._rebuild_parameter"
#define PARAMETER_2 "torch._utils._rebuild_parameter_with_state"
#define FROM_TYPE "torch._tensor._rebuild_from_type_v2"

const char *const xp_torch_globals[] = {TENSOR_2,
                                        PARAMETER,
                                        "torch.FloatStorage",
                                        "torch.HalfStorage",
                                        "torch.BFloat16Storage",
                                        "torch.DoubleStorage",
                                        "torch.LongStorage",
                                        "torch.IntStorage",
                                        "torch.ShortStorage",
                                        "torch.CharStorage",
                                        "torch.ByteStorage",
                                        "torch.BoolStorage",
                                        "torch.ComplexFloatStorage",
                                        "torch.ComplexDoubleStorage",
                                        TENSOR,
                                        TENSOR_3,
                                        PARAMETER_2,
                                        FROM_TYPE,
                                        UNTYPED,
                                        "torch.Tensor",
                                        "torch.nn.parameter.Parameter",
                                        "torch.float32",
                                        "torch.float16",
                                        "torch.bfloat16",
                                        "torch.float64",
                                        "torch.int64",
                                        "torch.int32",
                                        "torch.int16",
                                        "torch.int8",
                                        "torch.uint8",
                                        "torch.bool",
                                        "torch.uint16",
                                        "torch.uint32",
                                        "torch.uint64",
                                        "torch.float8_e4m3fn",
                                        "torch.float8_e5m2",
                                        "torch.complex64",
                                        "torch.complex128",
                                        NULL};

static bool is_global(const xp_pickled *value, const char *name) {
    return value->kind == XP_PICKLE_GLOBAL && strcmp(value->as.global, name) == 0;
}

static const type_name *find_type(const xp_pickled *value, bool storage) {
    for (size_t i = 0; value->kind == XP_PICKLE_GLOBAL && i < N_TYPES; i++) {
        const char *name = storage ? types[i].storage : types[i].dtype;
        if (name != NULL && strcmp(name, value->as.global) == 0) return &types[i];
    }
    return NULL;
}

static explaint_status bad(const reader *r, const char *what) {
    return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0, "tensor \"%.200s\": %s", r->name, what);
}

static void *own(reader *r, size_t count, size_t size) {
    xp_torch *f = r->file;
    void **room = xp_grow((void **)&f->owned, f->n_owned, &f->owned_capacity, sizeof *room);
    if (room == NULL) return NULL;
    *room = xp_alloc(count, size);
    if (*room != NULL) f->n_owned++;
    return *room;
}

/* ---- one tensor ---- */

/* What a tensor is made of, as the file says it. */
typedef struct view {
    const type_name *type;
    xp_view bytes;    /* of the storage */
    size_t n, offset; /* numbers in the storage; before the first of the tensor */
    size_t n_dimensions, *shape, stride[MOST_DIMENSIONS];
    size_t cells;
} view;

static bool read_size(const xp_pickled *value, size_t *size) {
    if (value->kind != XP_PICKLE_INTEGER || value->as.integer < 0) return false;
    *size = (size_t)value->as.integer;
    return true;
}

static bool is_storage(const xp_pickled *value) {
    const xp_pickled *id = value->kind == XP_PICKLE_STORED ? value->as.item[0] : NULL;
    return id != NULL && id->kind == XP_PICKLE_TUPLE && (id->count == 5 || id->count == 6) &&
           id->as.item[0]->kind == XP_PICKLE_TEXT && xp_view_is(xp_pickled_text(id->as.item[0]), "storage") &&
           id->as.item[2]->kind == XP_PICKLE_TEXT;
}

bool xp_torch_storage(const xp_pickled *value, xp_view *key, size_t *number_size) {
    if (!is_storage(value)) return false;
    xp_pickled *const *id = value->as.item[0]->as.item;
    const type_name *type = find_type(id[1], true);
    if (type == NULL && !is_global(id[1], UNTYPED)) return false;
    *key = xp_pickled_text(id[2]);
    *number_size = type != NULL ? type->size : 1;
    return true;
}

/* ('storage', type, key, location, length), and before torch 1.6 a sixth that is None. dtype: NULL, or of a storage without a
 * type, whose length is in bytes. */
static explaint_status read_storage(const reader *r, const xp_pickled *value, const xp_pickled *dtype, view *v) {
    size_t length, bytes;
    if (!is_storage(value) || !read_size(value->as.item[0]->as.item[4], &length))
        return bad(r, "expected a storage with its type, key and length; the file is damaged");
    xp_pickled *const *id = value->as.item[0]->as.item;
    if (value->as.item[0]->count == 6 && id[5]->kind != XP_PICKLE_NONE)
        return bad(r, "its storage is a part of another one, as torch before 0.4 wrote it; save it again");
    v->type = dtype != NULL ? find_type(dtype, false) : find_type(id[1], true);
    if (v->type == NULL || (dtype != NULL && !is_global(id[1], UNTYPED)))
        return bad(r, "its numbers are of a type that is not known here");
    if (xp_mul_overflows(length, dtype != NULL ? 1 : v->type->size, &bytes))
        return bad(r, "its storage is larger than any file");
    explaint_status status = r->storages->find(r->storages->self, xp_pickled_text(id[2]), &v->bytes, r->error);
    if (status != EXPLAINT_OK) return status;
    if (v->bytes.length < bytes)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                       "tensor \"%.200s\": its storage needs %zu bytes, the file holds %zu of it; it was cut off, get "
                       "it again",
                       r->name, bytes, v->bytes.length);
    v->n = bytes / v->type->size;
    return EXPLAINT_OK;
}

/* Does every number of the tensor lie in its storage? */
static bool fits(const view *v) {
    size_t last = v->offset;
    if (v->cells == 0) return true;
    for (size_t k = 0; k < v->n_dimensions; k++) {
        size_t step;
        if (xp_mul_overflows(v->shape[k] - 1, v->stride[k], &step) || step >= v->n) return false;
        last += step; /* at most 64 of these */
        if (last >= v->n) return false;
    }
    return last < v->n;
}

static explaint_status read_extent(reader *r, const xp_pickled *size, const xp_pickled *stride, view *v) {
    if (size->kind != XP_PICKLE_TUPLE || stride->kind != XP_PICKLE_TUPLE || size->count != stride->count ||
        size->count > MOST_DIMENSIONS)
        return bad(r, "expected as many strides as sizes, at most 64; the file is damaged");
    v->n_dimensions = size->count;
    v->shape = own(r, size->count, sizeof *v->shape);
    if (v->shape == NULL) return xp_no_memory(r->error, "the shapes of tensors");
    v->cells = 1;
    bool none = false, overflows = false;
    for (size_t k = 0; k < size->count; k++) {
        if (!read_size(size->as.item[k], &v->shape[k]) || !read_size(stride->as.item[k], &v->stride[k]))
            return bad(r, "expected counts in its shape and strides, found something else");
        none = none || v->shape[k] == 0;
        overflows = overflows || xp_mul_overflows(v->cells, v->shape[k], &v->cells);
    }
    if (none) v->cells = 0;
    if (!none && (overflows || v->cells > SIZE_MAX / 32)) return bad(r, "its shape is larger than any file");
    if (!fits(v))
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                       "tensor \"%.200s\": its shape, strides and offset lead beyond its storage of %zu numbers; the "
                       "file is damaged",
                       r->name, v->n);
    return EXPLAINT_OK;
}

static bool lies_in_rows(const view *v) {
    size_t step = 1;
    for (size_t k = v->n_dimensions; k-- > 0;) {
        if (v->shape[k] != 1 && v->stride[k] != step) return false;
        step *= v->shape[k];
    }
    return true;
}

static void copy_cells(const view *v, unsigned char *to) {
    const size_t size = v->type->size;
    const unsigned char *from = (const unsigned char *)v->bytes.data;
    size_t place[MOST_DIMENSIONS] = {0}, at = v->offset;
    for (size_t i = 0; i < v->cells; i++) {
        memcpy(to + i * size, from + at * size, size);
        for (size_t k = v->n_dimensions; k-- > 0;) { /* the next place, the last dimension first */
            at += v->stride[k];
            if (++place[k] < v->shape[k]) break;
            at -= v->stride[k] * v->shape[k];
            place[k] = 0;
        }
    }
}

static explaint_status place_cells(reader *r, const view *v, xp_tensor *t) {
    const unsigned char *data = (const unsigned char *)v->bytes.data;
    t->size = v->cells * v->type->size;
    if (v->cells == 0) {
        t->data = data;
    } else if (lies_in_rows(v)) {
        t->data = data + v->offset * v->type->size;
    } else {
        if (t->size > r->storages->most - r->copied)
            return bad(r, "it and others before repeat the same numbers, to more than four times the file's size; save "
                          "contiguous tensors");
        unsigned char *copy = own(r, t->size, 1);
        if (copy == NULL) return xp_no_memory(r->error, "a tensor");
        copy_cells(v, copy);
        r->copied += t->size;
        t->data = copy;
    }
    return EXPLAINT_OK;
}

/* The call behind those that only wrap it: a Parameter, a tensor with attributes. */
static bool unwrap(const xp_pickled *value, const xp_pickled **function, const xp_pickled **arguments) {
    for (int i = 0; i < MOST_WRAPPINGS && value->kind == XP_PICKLE_CALL; i++) {
        *function = value->as.item[0];
        *arguments = value->as.item[1];
        const size_t n = (*arguments)->count;
        if (is_global(*function, FROM_TYPE)) { /* function, type, arguments, attributes */
            if (n != 4 || (*arguments)->as.item[2]->kind != XP_PICKLE_TUPLE) return false;
            *function = (*arguments)->as.item[0];
            *arguments = (*arguments)->as.item[2];
            return (*arguments)->count > 0;
        }
        if (n == 0) return false;
        if (!is_global(*function, PARAMETER) && !is_global(*function, PARAMETER_2)) return true;
        value = (*arguments)->as.item[0];
    }
    return false;
}

static explaint_status read_tensor(reader *r, const xp_pickled *value, xp_tensor *t) {
    const xp_pickled *function, *arguments, *dtype = NULL;
    if (value->kind != XP_PICKLE_CALL)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                       "entry \"%.200s\": expected a tensor, found %s; save the model's state_dict() alone", r->name,
                       xp_pickled_name(value));
    bool known = unwrap(value, &function, &arguments);
    size_t least = 4;
    if (known && is_global(function, TENSOR_3)) {
        least = 7;
        if (arguments->count >= least) dtype = arguments->as.item[6];
    } else if (known) {
        known = is_global(function, TENSOR) || is_global(function, TENSOR_2);
    }
    view v = {.n = 0};
    if (!known || arguments->count < least || !read_size(arguments->as.item[1], &v.offset))
        return bad(r, "it is made in a way that is not known here; save the model's state_dict() with torch.save");
    explaint_status status = read_storage(r, arguments->as.item[0], dtype, &v);
    if (status == EXPLAINT_OK) status = read_extent(r, arguments->as.item[2], arguments->as.item[3], &v);
    if (status != EXPLAINT_OK) return status;
    *t = (xp_tensor){
        .name = r->name, .dtype = v.type->name, .type = v.type->type, .n_dimensions = v.n_dimensions, .shape = v.shape};
    return place_cells(r, &v, t);
}

/* ---- all of them ---- */

static explaint_status read_name(reader *r, const xp_pickled *key) {
    const xp_view name = key->kind == XP_PICKLE_TEXT ? xp_pickled_text(key) : (xp_view){0};
    if (name.length == 0 || memchr(name.data, 0, name.length) != NULL ||
        xp_encoding_invalid(name.data, name.length) != name.length)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                       "expected a dictionary of tensors by name, found a key that is no name; it is none that "
                       "transformers writes");
    size_t stored;
    bool found;
    if (!xp_strings_add(&r->file->names, name.data, name.length)) return xp_no_memory(r->error, "the names of tensors");
    r->name = r->file->names.item[r->file->n];
    if (!xp_index_intern(r->file->by_name, r->name, name.length, r->file->n, &stored, &found))
        return xp_no_memory(r->error, "the names of tensors");
    return found ? bad(r, "its name stands there twice") : EXPLAINT_OK;
}

/* A dictionary within the dictionary: where training was interrupted, or another program's own form. */
static explaint_status refuse_nested(const reader *r, const xp_pickled *root) {
    for (size_t i = 0; i + 1 < root->count; i += 2) {
        const xp_pickled *key = root->as.item[i];
        if (root->as.item[i + 1]->kind != XP_PICKLE_DICT || key->kind != XP_PICKLE_TEXT) continue;
        const xp_view name = xp_pickled_text(key);
        return xp_fail(
            r->error, EXPLAINT_INVALID, r->path, 0,
            "expected tensors by name, found a dictionary within the dictionary, \"%.*s\", as checkpoints of "
            "training are; save the model's tensors alone, if they are in there: "
            "torch.save(torch.load(FILE)[\"%.*s\"], \"pytorch_model.bin\")",
            XP_SHOW(name), XP_SHOW(name));
    }
    return EXPLAINT_OK;
}

static explaint_status read_all(reader *r, const xp_pickled *root) {
    if (root->kind != XP_PICKLE_DICT)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                       "expected a dictionary of tensors by name, found %s; save the model's state_dict()",
                       xp_pickled_name(root));
    explaint_status status = refuse_nested(r, root);
    if (status != EXPLAINT_OK) return status;
    const size_t n = root->count / 2;
    r->file->tensors = xp_alloc(n, sizeof *r->file->tensors);
    r->file->by_name = xp_index_create(n);
    if (r->file->tensors == NULL || r->file->by_name == NULL) return xp_no_memory(r->error, "the names of tensors");
    for (size_t i = 0; status == EXPLAINT_OK && i < n; i++) {
        status = read_name(r, root->as.item[2 * i]);
        if (status == EXPLAINT_OK) status = read_tensor(r, root->as.item[2 * i + 1], &r->file->tensors[i]);
        if (status == EXPLAINT_OK) r->file->n++;
    }
    return status;
}

explaint_status xp_torch_read(const char *path, const xp_pickled *root, const xp_storages *storages, xp_torch **file,
                              explaint_error *error) {
    explaint_error own_error = {0};
    reader r = {.path = path, .error = error != NULL ? error : &own_error, .storages = storages};
    *file = NULL;
    r.file = xp_calloc(1, sizeof *r.file);
    if (r.file == NULL) return xp_no_memory(error, "the names of tensors");
    explaint_status status = read_all(&r, root);
    if (status == EXPLAINT_OK)
        *file = r.file;
    else
        xp_torch_close(r.file);
    return status;
}

void xp_torch_keep(xp_torch *file, void *storages, void (*release)(void *storages)) {
    file->storages = storages;
    file->release = release;
}

void xp_torch_close(xp_torch *file) {
    if (file == NULL) return;
    for (size_t i = 0; i < file->n_owned; i++) xp_free(file->owned[i]);
    xp_free_all(file->owned, file->tensors);
    xp_index_destroy(file->by_name);
    xp_strings_free(&file->names);
    if (file->release != NULL) file->release(file->storages);
    xp_free(file);
}

size_t xp_torch_n(const xp_torch *file) { return file->n; }
const xp_tensor *xp_torch_tensor(const xp_torch *file, size_t i) { return &file->tensors[i]; }

const xp_tensor *xp_torch_find(const xp_torch *file, const char *name) {
    size_t i;
    return xp_index_find(file->by_name, name, strlen(name), &i) ? &file->tensors[i] : NULL;
}

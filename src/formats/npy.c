#include "formats/npy.h"

#include <stdint.h>

#include "base/memory.h"
#include "formats/encoding.h"
#include "formats/number.h"

static const char magic[6] = "\x93NUMPY";

bool xp_npy_is(const void *head, size_t size) { return size >= sizeof magic && memcmp(head, magic, sizeof magic) == 0; }

/* ---- the header: a Python dictionary of three known keys ---- */

typedef struct header {
    const char *path;
    explaint_error *error;
    const char *at, *end;
    xp_view descr;
    bool fortran, has_descr, has_order, has_shape;
    size_t shape[2], dimensions;
} header;

static explaint_status bad(header *h, const char *expected) {
    xp_view rest = {h->at, (size_t)(h->end - h->at)};
    if (rest.length > 20) rest.length = 20;
    return xp_fail(h->error, EXPLAINT_INVALID, h->path, 0,
                   "the header of the .npy file is not valid: expected %s, found \"%.*s\"", expected, XP_SHOW(rest));
}

static void blanks(header *h) {
    while (h->at < h->end && (*h->at == ' ' || *h->at == '\n' || *h->at == '\t')) h->at++;
}

static bool take(header *h, char c) {
    blanks(h);
    if (h->at == h->end || *h->at != c) return false;
    h->at++;
    return true;
}

static bool take_word(header *h, const char *word) {
    size_t n = strlen(word);
    blanks(h);
    if ((size_t)(h->end - h->at) < n || memcmp(h->at, word, n) != 0) return false;
    h->at += n;
    return true;
}

static bool take_string(header *h, xp_view *text) {
    blanks(h);
    if (h->at == h->end || (*h->at != '\'' && *h->at != '"')) return false;
    char quote = *h->at;
    const char *close = memchr(h->at + 1, quote, (size_t)(h->end - h->at - 1));
    if (close == NULL) return false;
    *text = (xp_view){h->at + 1, (size_t)(close - h->at - 1)};
    h->at = close + 1;
    return true;
}

static explaint_status read_shape(header *h) {
    if (!take(h, '(')) return bad(h, "a shape such as (400000, 100)");
    while (!take(h, ')')) {
        const char *from = h->at;
        while (h->at < h->end && *h->at >= '0' && *h->at <= '9') h->at++;
        size_t value;
        xp_view digits = {from, (size_t)(h->at - from)};
        if (!xp_number_count(digits, &value)) {
            h->at = from;
            return bad(h, "a size of at most 18 digits in the shape");
        }
        if (h->dimensions < 2) h->shape[h->dimensions] = value;
        h->dimensions++;
        if (!take(h, ',') && (blanks(h), h->at == h->end || *h->at != ')')) return bad(h, "a comma or ) in the shape");
    }
    return EXPLAINT_OK;
}

static explaint_status read_entry(header *h) {
    xp_view key;
    if (!take_string(h, &key)) return bad(h, "a quoted key");
    if (!take(h, ':')) return bad(h, "a colon after the key");
    if (xp_view_is(key, "descr") && !h->has_descr) {
        h->has_descr = true;
        if (!take_string(h, &h->descr)) return bad(h, "a simple type such as '<f4' (arrays of records are not read)");
        return EXPLAINT_OK;
    }
    if (xp_view_is(key, "fortran_order") && !h->has_order) {
        h->has_order = true;
        h->fortran = take_word(h, "True");
        if (!h->fortran && !take_word(h, "False")) return bad(h, "True or False after fortran_order");
        return EXPLAINT_OK;
    }
    if (xp_view_is(key, "shape") && !h->has_shape) {
        h->has_shape = true;
        return read_shape(h);
    }
    h->at = key.data - 1;
    return bad(h, "one each of the keys descr, fortran_order and shape");
}

static explaint_status read_header(header *h) {
    if (!take(h, '{')) return bad(h, "a dictionary");
    while (!take(h, '}')) {
        explaint_status status = read_entry(h);
        if (status != EXPLAINT_OK) return status;
        if (!take(h, ',') && (blanks(h), h->at == h->end || *h->at != '}')) return bad(h, "a comma or }");
    }
    blanks(h);
    if (h->at != h->end) return bad(h, "nothing after the dictionary");
    if (!h->has_descr || !h->has_order || !h->has_shape) return bad(h, "the keys descr, fortran_order and shape");
    return EXPLAINT_OK;
}

/* ---- the file ---- */

/* The header's dictionary, and where the numbers begin and how many bytes of them there are. */
static explaint_status open_header(header *h, const char *path, const void *bytes, size_t size,
                                   const unsigned char **data, size_t *held, explaint_error *error) {
    const unsigned char *p = bytes;
    *h = (header){.path = path, .error = error};
    *data = NULL;
    *held = 0;
    if (!xp_npy_is(bytes, size))
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected a .npy file, found other content");
    size_t begin = size >= 8 && p[6] == 1 ? 10 : 12;
    if (size < begin)
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "the .npy file ends inside its header; it was cut off");
    if (p[6] < 1 || p[6] > 3)
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected version 1, 2 or 3 of the .npy format, found %u",
                       (unsigned)p[6]);
    size_t length = (size_t)p[8] | (size_t)p[9] << 8;
    if (p[6] > 1) length |= (size_t)p[10] << 16 | (size_t)p[11] << 24;
    if (length > size - begin)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "the .npy header announces %zu bytes, the file holds %zu after that; it was cut off or damaged",
                       length, size - begin);
    h->at = (const char *)p + begin;
    h->end = h->at + length;
    *data = p + begin + length;
    *held = size - begin - length;
    return read_header(h);
}

static bool find_type(xp_view descr, xp_type *type) {
    static const struct {
        const char *descr;
        xp_type type;
    } known[] = {{"<f4", XP_F32}, {"<f8", XP_F64}, {"<f2", XP_F16}, {"|i1", XP_I8}, {"<i2", XP_I16},
                 {"<i4", XP_I32}, {"<i8", XP_I64}, {"|u1", XP_U8},  {"u1", XP_U8},  {"<u2", XP_U16},
                 {"<u4", XP_U32}, {"<u8", XP_U64}, {"|b1", XP_BOOL}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!xp_view_is(descr, known[i].descr)) continue;
        *type = known[i].type;
        return true;
    }
    return false;
}

/* "<U12" is 12 UTF-32 characters, "|S12" 12 bytes. */
static bool find_text(xp_view descr, bool *wide, size_t *length) {
    if (descr.length < 3) return false;
    *wide = memcmp(descr.data, "<U", 2) == 0;
    return (*wide || memcmp(descr.data, "|S", 2) == 0) &&
           xp_number_count((xp_view){descr.data + 2, descr.length - 2}, length);
}

xp_npy_kind xp_npy_what(const void *bytes, size_t size) {
    header h;
    const unsigned char *data;
    size_t held, length;
    bool wide;
    xp_type type;
    if (open_header(&h, NULL, bytes, size, &data, &held, NULL) != EXPLAINT_OK) return XP_NPY_OTHER;
    if (h.dimensions == 2 && find_type(h.descr, &type)) return type == XP_BOOL ? XP_NPY_BOOLS : XP_NPY_MATRIX;
    if (h.dimensions == 1 && find_type(h.descr, &type)) return XP_NPY_ROW;
    if (xp_view_is(h.descr, "|O")) return XP_NPY_OBJECTS;
    return h.dimensions == 1 && find_text(h.descr, &wide, &length) ? XP_NPY_WORDS : XP_NPY_OTHER;
}

static explaint_status check_size(const header *h, size_t rows, size_t width, size_t item, size_t held) {
    size_t cells, announced;
    if (xp_mul_overflows(rows, width, &cells) || xp_mul_overflows(cells, item, &announced) || announced > held)
        return xp_fail(h->error, EXPLAINT_INVALID, h->path, 0,
                       "the header announces %zu x %zu numbers of %zu bytes, the file holds %zu bytes of them; it was "
                       "cut off or damaged",
                       rows, width, item, held);
    if (announced < held)
        return xp_fail(h->error, EXPLAINT_INVALID, h->path, 0,
                       "the header announces %zu bytes of numbers (%zu x %zu), the file holds %zu more; the header "
                       "does not belong to it",
                       announced, rows, width, held - announced);
    return EXPLAINT_OK;
}

static explaint_status refuse_type(const header *h) {
    if (xp_view_is(h->descr, "|O"))
        return xp_fail(h->error, EXPLAINT_INVALID, h->path, 0, "expected numbers, found %s",
                       h->dimensions == 0
                           ? "a Python object (a pickle); a dictionary of vectors is read so: np.savez(\"NEW.npz\", "
                             "**np.load(\"FILE\", allow_pickle=True).item())"
                           : "an array of Python objects (a pickle); where they are rows of numbers, save those: "
                             "np.save(FILE, np.stack(a).astype('<f4'))");
    return xp_fail(
        h->error, EXPLAINT_INVALID, h->path, 0,
        "expected numbers of type <f4, <f8, <f2, integers such as <i4, or |b1 (bool), found '%.*s'; convert: "
        "np.save(FILE, a.astype('<f4'))",
        XP_SHOW(h->descr));
}

static explaint_status open_array(xp_array *array, size_t dimensions, const char *path, const void *bytes, size_t size,
                                  explaint_error *error) {
    header h;
    size_t held;
    *array = (xp_array){0};
    explaint_status status = open_header(&h, path, bytes, size, &array->data, &held, error);
    if (status != EXPLAINT_OK) return status;
    if (!find_type(h.descr, &array->type)) return refuse_type(&h);
    if (h.dimensions != dimensions)
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected an array of %s, found %zu",
                       dimensions == 2 ? "2 dimensions (words x width)" : "1 dimension", h.dimensions);
    if (dimensions == 1) h.shape[1] = h.shape[0];
    if (dimensions == 1) h.shape[0] = 1;
    if (h.shape[0] == 0 || h.shape[1] == 0)
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "the array is empty: its shape is %zu x %zu", h.shape[0],
                       h.shape[1]);
    array->rows = h.shape[0];
    array->width = h.shape[1];
    array->fortran = h.fortran;
    return check_size(&h, array->rows, array->width, xp_type_size(array->type), held);
}

explaint_status xp_npy_open(xp_array *array, const char *path, const void *bytes, size_t size, explaint_error *error) {
    return open_array(array, 2, path, bytes, size, error);
}

explaint_status xp_npy_open_row(xp_array *array, const char *path, const void *bytes, size_t size,
                                explaint_error *error) {
    return open_array(array, 1, path, bytes, size, error);
}

/* ---- words ---- */

/* One word of `length` characters; false: it has one that is none. */
static bool add_word(xp_text *words, const unsigned char *at, bool wide, size_t length) {
    if (!wide) {
        while (length > 0 && at[length - 1] == 0) length--;
        if (memchr(at, 0, length) != NULL) return false;
        xp_text_add(words, (const char *)at, length);
    } else {
        uint32_t c;
        for (; length > 0; length--) {
            memcpy(&c, at + 4 * (length - 1), 4);
            if (c != 0) break;
        }
        for (size_t k = 0; k < length; k++) {
            char bytes[4];
            memcpy(&c, at + 4 * k, 4);
            size_t n = c > 0 ? xp_encoding_put(c, bytes) : 0;
            if (n == 0) return false;
            xp_text_add(words, bytes, n);
        }
    }
    xp_text_add(words, "", 1);
    return true;
}

explaint_status xp_npy_words(xp_text *words, size_t *count, const char *path, const void *bytes, size_t size,
                             explaint_error *error) {
    header h;
    const unsigned char *data;
    size_t held, length;
    bool wide;
    explaint_status status = open_header(&h, path, bytes, size, &data, &held, error);
    if (status != EXPLAINT_OK) return status;
    if (h.dimensions != 1 || !find_text(h.descr, &wide, &length))
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected words, an array of one dimension of type <U or |S, found %zu of type '%.*s'",
                       h.dimensions, XP_SHOW(h.descr));
    *count = h.shape[0];
    if (*count > held) /* also where a word has no character at all */
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "the header announces %zu words, the file holds %zu bytes",
                       *count, held);
    status = check_size(&h, *count, length, wide ? 4 : 1, held);
    for (size_t i = 0; i < *count && status == EXPLAINT_OK && !words->failed; i++)
        if (!add_word(words, data + i * length * (wide ? 4 : 1), wide, length))
            status = xp_fail(error, EXPLAINT_INVALID, path, 0,
                             "word %zu, counted from 1, holds a character that is none", i + 1);
    return status == EXPLAINT_OK && words->failed ? xp_no_memory(error, "a list of words") : status;
}

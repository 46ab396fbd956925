#include "formats/npy.h"

#include <math.h>
#include <stdint.h>

#include "base/memory.h"
#include "formats/number.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the numbers are copied as they lie in the file: little-endian machines only"
#endif

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

static bool find_type(xp_view descr, xp_npy_type *type, size_t *size) {
    static const struct {
        const char *descr;
        xp_npy_type type;
        size_t size;
    } known[] = {{"<f4", XP_NPY_F4, 4}, {"<f8", XP_NPY_F8, 8}, {"<f2", XP_NPY_F2, 2}, {"<i4", XP_NPY_I4, 4},
                 {"<i8", XP_NPY_I8, 8}, {"|u1", XP_NPY_U1, 1}, {"u1", XP_NPY_U1, 1}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!xp_view_is(descr, known[i].descr)) continue;
        *type = known[i].type;
        *size = known[i].size;
        return true;
    }
    return false;
}

explaint_status xp_npy_open(xp_npy *array, const char *path, const void *bytes, size_t size, explaint_error *error) {
    const unsigned char *p = bytes;
    *array = (xp_npy){0};
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
    header h = {.path = path, .error = error, .at = (const char *)p + begin, .end = (const char *)p + begin + length};
    explaint_status status = read_header(&h);
    if (status != EXPLAINT_OK) return status;

    size_t item, cells, announced, held = size - begin - length;
    if (!find_type(h.descr, &array->type, &item))
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected numbers of type <f4, <f8, <f2, <i4, <i8 or |u1, found '%.*s'; convert: np.save(FILE, "
                       "a.astype('<f4'))",
                       XP_SHOW(h.descr));
    if (h.dimensions != 2)
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected an array of 2 dimensions (words x width), found %zu",
                       h.dimensions);
    if (h.shape[0] == 0 || h.shape[1] == 0)
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "the array is empty: its shape is %zu x %zu", h.shape[0],
                       h.shape[1]);
    if (xp_mul_overflows(h.shape[0], h.shape[1], &cells) || xp_mul_overflows(cells, item, &announced) ||
        announced > held)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "the header announces %zu x %zu numbers of %zu bytes, the file holds %zu bytes of them; it was "
                       "cut off or damaged",
                       h.shape[0], h.shape[1], item, held);
    if (announced < held)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "the header announces %zu bytes of numbers (%zu x %zu), the file holds %zu more; the header "
                       "does not belong to it",
                       announced, h.shape[0], h.shape[1], held - announced);
    array->rows = h.shape[0];
    array->width = h.shape[1];
    array->fortran = h.fortran;
    array->data = p + begin + length;
    return EXPLAINT_OK;
}

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction. */
static double half(uint16_t bits) {
    int exponent = (bits >> 10) & 31, fraction = bits & 1023;
    double v = exponent == 31  ? (fraction != 0 ? (double)NAN : (double)INFINITY)
               : exponent == 0 ? ldexp(fraction, -24)
                               : ldexp(1024 + fraction, exponent - 25);
    return (bits & 0x8000) != 0 ? -v : v;
}

double xp_npy_at(const xp_npy *array, size_t row, size_t column) {
    size_t at = array->fortran ? column * array->rows + row : row * array->width + column;
    union {
        float f4;
        double f8;
        uint16_t f2;
        int32_t i4;
        int64_t i8;
    } number;
    switch (array->type) {
    case XP_NPY_F2: memcpy(&number.f2, array->data + 2 * at, 2); return half(number.f2);
    case XP_NPY_F4: memcpy(&number.f4, array->data + 4 * at, 4); return (double)number.f4;
    case XP_NPY_F8: memcpy(&number.f8, array->data + 8 * at, 8); return number.f8;
    case XP_NPY_I4: memcpy(&number.i4, array->data + 4 * at, 4); return (double)number.i4;
    case XP_NPY_I8: memcpy(&number.i8, array->data + 8 * at, 8); return (double)number.i8;
    case XP_NPY_U1: break;
    }
    return (double)array->data[at];
}

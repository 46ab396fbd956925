#include "formats/npz.h"

#include <string.h>

#include "base/memory.h"
#include "formats/npy.h"
#include "formats/zip.h"

struct xp_npz {
    const char *path;
    xp_zip *zip;
    xp_npy_kind *kind; /* of each member */
    xp_bytes matrix;
};

/* ---- what the members are, from their first bytes ---- */

size_t xp_npz_n(const xp_npz *npz) { return xp_zip_n(npz->zip); }
bool xp_npz_is_matrix(const xp_npz *npz, size_t i) { return npz->kind[i] == XP_NPY_MATRIX; }
bool xp_npz_is_text(const xp_npz *npz, size_t i) { return npz->kind[i] == XP_NPY_WORDS; }

xp_view xp_npz_name(const xp_npz *npz, size_t i) {
    const char *name = xp_zip_name(npz->zip, i);
    size_t length = strlen(name);
    if (length > 4 && strcmp(name + length - 4, ".npy") == 0) length -= 4;
    return (xp_view){name, length};
}

explaint_status xp_npz_open(const char *path, const void *bytes, size_t size, xp_npz **npz, explaint_error *error) {
    *npz = NULL;
    xp_npz *made = xp_calloc(1, sizeof *made);
    if (made == NULL) return xp_no_memory(error, "an .npz file");
    made->path = path;
    explaint_status status = xp_zip_open(path, bytes, size, &made->zip, error);
    size_t n = status == EXPLAINT_OK ? xp_zip_n(made->zip) : 0;
    made->kind = xp_calloc(n, sizeof *made->kind);
    if (made->kind == NULL) {
        xp_npz_close(made);
        return status == EXPLAINT_OK ? xp_no_memory(error, "an .npz file") : status;
    }
    for (size_t i = 0; i < n && status == EXPLAINT_OK; i++) {
        char head[1 << 12];
        size_t length = 0;
        status = xp_zip_head(made->zip, i, head, sizeof head, &length, error);
        if (status == EXPLAINT_OK) made->kind[i] = xp_npy_what(head, length);
    }
    if (status == EXPLAINT_OK)
        *npz = made;
    else
        xp_npz_close(made);
    return status;
}

void xp_npz_close(xp_npz *npz) {
    if (npz == NULL) return;
    xp_zip_close(npz->zip);
    xp_free(npz->kind);
    xp_bytes_free(&npz->matrix);
    xp_free(npz);
}

/* The only member of a kind: its number, or *several says the first names, or neither. */
static bool find_only(const xp_npz *npz, xp_npy_kind kind, size_t *found, xp_text *several) {
    size_t n = xp_zip_n(npz->zip), count = 0;
    for (size_t i = 0; i < n; i++) {
        if (npz->kind[i] != kind) continue;
        xp_view name = xp_npz_name(npz, i);
        if (count++ == 0) *found = i;
        if (count <= 8) xp_text_addf(several, "%s%.*s", count > 1 ? ", " : "", XP_SHOW(name));
    }
    return count == 1;
}

/* ---- reading ---- */

static explaint_status find_named(const xp_npz *npz, const char *name, size_t *found, explaint_error *error) {
    size_t n = xp_zip_n(npz->zip);
    for (*found = 0; *found < n; ++*found)
        if (xp_view_is(xp_npz_name(npz, *found), name)) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_USAGE, npz->path, 0, "there is no array \"%.80s\" in the file (--tensor)", name);
}

static bool has(const xp_npz *npz, const char *name) {
    for (size_t i = 0; i < xp_zip_n(npz->zip); i++)
        if (xp_view_is(xp_npz_name(npz, i), name)) return true;
    return false;
}

static explaint_status no_matrix(const xp_npz *npz, explaint_error *error) {
    if (has(npz, "format") && has(npz, "shape") && has(npz, "data"))
        return xp_fail(
            error, EXPLAINT_INVALID, npz->path, 0,
            "expected an array of two dimensions (words x width), found a sparse matrix of SciPy; in Python: "
            "numpy.save(\"NEW.npy\", scipy.sparse.load_npz(\"FILE\").toarray())");
    for (size_t i = 0; i < xp_zip_n(npz->zip); i++) {
        if (npz->kind[i] != XP_NPY_OBJECTS) continue;
        xp_view name = xp_npz_name(npz, i);
        return xp_fail(
            error, EXPLAINT_INVALID, npz->path, 0,
            "expected arrays of numbers, found Python objects (a pickle) in the array \"%.*s\"; where they are rows "
            "of numbers, save those: np.stack(a).astype('<f4')",
            XP_SHOW(name));
    }
    return xp_fail(
        error, EXPLAINT_INVALID, npz->path, 0,
        "expected an .npz with an array of two dimensions (words x width), or with an array of one for each word, "
        "found a zip archive without one; if it holds vectors, unpack it (unzip) and name the file inside of it");
}

static explaint_status find_matrix(const xp_npz *npz, size_t *found, explaint_error *error) {
    xp_text several = {0};
    explaint_status status = EXPLAINT_OK;
    if (!find_only(npz, XP_NPY_MATRIX, found, &several) &&
        (several.length > 0 || !find_only(npz, XP_NPY_BOOLS, found, &several))) {
        if (several.failed)
            status = xp_no_memory(error, "names of arrays");
        else if (several.length == 0)
            status = no_matrix(npz, error);
        else
            status = xp_fail(error, EXPLAINT_USAGE, npz->path, 0,
                             "the file holds several arrays of two dimensions: %.300s; choose one (--tensor NAME)",
                             several.data);
    }
    xp_text_free(&several);
    return status;
}

explaint_status xp_npz_matrix(xp_npz *npz, const char *name, xp_array *array, explaint_error *error) {
    size_t i;
    explaint_status status = name != NULL ? find_named(npz, name, &i, error) : find_matrix(npz, &i, error);
    xp_bytes_free(&npz->matrix);
    if (status == EXPLAINT_OK) status = xp_zip_read_all(npz->zip, i, XP_LIMIT_ARRAY, &npz->matrix, error);
    if (status == EXPLAINT_OK) status = xp_npy_open(array, npz->path, npz->matrix.data, npz->matrix.size, error);
    return status;
}

/* ---- an array per word ---- */

bool xp_npz_is_words(const xp_npz *npz) {
    size_t n = xp_zip_n(npz->zip);
    for (size_t i = 0; i < n; i++)
        if (npz->kind[i] != XP_NPY_ROW) return false;
    return n > 1;
}

/* Row i of the matrix, from its member. The first member says how wide the matrix is, and makes room for it. */
static explaint_status add_row(xp_npz *npz, size_t i, xp_array *array, explaint_error *error) {
    xp_bytes bytes = {0};
    xp_array row;
    size_t cells;
    xp_view name = xp_npz_name(npz, i), first = xp_npz_name(npz, 0);
    explaint_status status = xp_zip_read_all(npz->zip, i, XP_LIMIT_ARRAY, &bytes, error);
    if (status == EXPLAINT_OK) status = xp_npy_open_row(&row, npz->path, bytes.data, bytes.size, error);
    if (status == EXPLAINT_OK && i == 0) {
        npz->matrix.data = xp_mul_overflows(array->rows, row.width, &cells) ? NULL : xp_alloc(cells, sizeof(double));
        array->width = row.width;
        if (npz->matrix.data == NULL) status = xp_no_memory(error, "word vectors");
    }
    if (status == EXPLAINT_OK && row.width != array->width)
        status = xp_fail(error, EXPLAINT_INVALID, npz->path, 0,
                         "expected one vector per word, all of one width, found %zu numbers for \"%.*s\" and %zu for "
                         "\"%.*s\"",
                         array->width, XP_SHOW(first), row.width, XP_SHOW(name));
    if (status == EXPLAINT_OK) xp_array_row(&row, 0, (double *)(void *)npz->matrix.data + i * array->width);
    xp_bytes_free(&bytes);
    return status;
}

explaint_status xp_npz_rows(xp_npz *npz, xp_array *array, xp_wordlist *list, explaint_error *error) {
    size_t n = xp_zip_n(npz->zip);
    explaint_status status = EXPLAINT_OK;
    *array = (xp_array){.rows = n, .type = XP_F64};
    list->path = npz->path;
    for (size_t i = 0; i < n && status == EXPLAINT_OK; i++) {
        xp_view name = xp_npz_name(npz, i);
        status = add_row(npz, i, array, error);
        xp_text_add(&list->text, name.data, name.length);
        xp_text_add(&list->text, "", 1);
    }
    array->data = (const unsigned char *)npz->matrix.data;
    if (status == EXPLAINT_OK && list->text.failed) status = xp_no_memory(error, "a list of words");
    return status == EXPLAINT_OK ? xp_wordlist_cut(list, n, error) : status;
}

explaint_status xp_npz_words(xp_npz *npz, xp_wordlist *list, explaint_error *error) {
    size_t i, count = 0;
    xp_text several = {0};
    xp_bytes bytes = {0};
    explaint_status status = EXPLAINT_OK;
    list->path = npz->path;
    if (find_only(npz, XP_NPY_WORDS, &i, &several)) {
        status = xp_zip_read_all(npz->zip, i, XP_LIMIT_ARRAY, &bytes, error);
        if (status == EXPLAINT_OK) status = xp_npy_words(&list->text, &count, npz->path, bytes.data, bytes.size, error);
        if (status == EXPLAINT_OK) status = xp_wordlist_cut(list, count, error);
    } else if (several.failed) {
        status = xp_no_memory(error, "names of arrays");
    } else if (several.length > 0) {
        status = xp_fail(error, EXPLAINT_USAGE, npz->path, 0,
                         "the file holds several lists of words: %.300s; give those of the rows, one a line (--words "
                         "FILE)",
                         several.data);
    }
    xp_text_free(&several);
    xp_bytes_free(&bytes);
    return status;
}

/* Norms as an .npy array, with the names of its rows (concepts) and columns (features) in files of their own, one per
 * line. NaN is a missing cell. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "formats/encoding.h"
#include "formats/file.h"
#include "formats/npy.h"
#include "norms/build.h"
#include "norms/suspects.h"

static explaint_status read_lines(const char *path, const xp_bytes *bytes, const char *what, xp_names *names,
                                  explaint_error *error) {
    const xp_view text = xp_view_trim((xp_view){bytes->data, bytes->size}); /* empty lines at the end are no names */
    const char *p = bytes->data, *end = text.length > 0 ? text.data + text.length : p;
    xp_view name;
    for (size_t line = 1; xp_view_line(&p, end, &name); line++) {
        if (xp_view_trim(name).length == 0)
            return xp_fail(error, EXPLAINT_INVALID, path, line, "expected a %s in each line, found an empty line",
                           what);
        uint32_t index;
        bool is_new;
        if (!xp_names_number(names, name, &index, &is_new)) return xp_no_memory(error, "names");
        if (!is_new)
            return xp_fail(
                error, EXPLAINT_INVALID, path, line,
                "the %s \"%.*s\" stands in line %zu and again in line %zu%s; names of rows and columns differ", what,
                XP_SHOW(name), (size_t)index + 1, line, xp_names_differ(names, index));
    }
    return EXPLAINT_OK;
}

static explaint_status read_names(const char *path, const char *what, xp_names *names, xp_strings *notes,
                                  char sha256[XP_SHA256_TEXT], explaint_error *error) {
    xp_bytes bytes = {0};
    explaint_status status = xp_file_read(path, XP_LIMIT_TABLE, &bytes, error);
    path = xp_file_name(path);
    if (status == EXPLAINT_OK) status = xp_encoding_decode(path, &bytes, notes, error);
    if (status == EXPLAINT_OK) status = read_lines(path, &bytes, what, names, error);
    if (status == EXPLAINT_OK) memcpy(sha256, bytes.sha256, XP_SHA256_TEXT);
    xp_bytes_free(&bytes);
    return status;
}

static explaint_status number_features(xp_builder *b, size_t width, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    for (size_t j = 0; j < width && status == EXPLAINT_OK; j++) {
        char name[32];
        uint32_t index;
        int length = snprintf(name, sizeof name, "f%zu", j);
        status = xp_builder_feature(b, (xp_view){name, (size_t)length}, &index, NULL, error);
    }
    return status;
}

static explaint_status read_row(const double *values, uint32_t i, size_t width, xp_builder *b, explaint_error *error) {
    const explaint_norms *n = b->norms;
    explaint_status status = EXPLAINT_OK;
    for (uint32_t j = 0; j < width && status == EXPLAINT_OK; j++) {
        if (isinf(values[j]))
            return xp_fail(error, EXPLAINT_INVALID, b->path, 0,
                           "expected finite numbers or NaN (missing), found infinity in row %u (\"%.80s\"), column %u "
                           "(\"%.80s\")",
                           i + 1, n->concepts.item[i], j + 1, n->features.item[j]);
        if (isnan(values[j]))
            status = xp_builder_missing(b, i, j, error);
        else if (values[j] != 0)
            status = xp_builder_cell(b, i, j, values[j], 0, error);
    }
    return status;
}

static explaint_status read_cells(const xp_array *array, xp_builder *b, explaint_error *error) {
    double *values = xp_alloc(array->width, sizeof *values);
    explaint_status status = values != NULL ? EXPLAINT_OK : xp_no_memory(error, "norms");
    for (uint32_t i = 0; i < array->rows && status == EXPLAINT_OK; i++) {
        xp_array_row(array, i, values);
        status = read_row(values, i, array->width, b, error);
    }
    xp_free(values);
    return status;
}

static explaint_status check_count(const char *path, const char *what, const char *side, size_t names, size_t expected,
                                   const char *array, explaint_error *error) {
    if (names == expected) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected %zu %s, one for each %s of %.200s, found %zu", expected,
                   what, side, array, names);
}

explaint_status xp_norms_read_array(const void *bytes, size_t size, const explaint_norms_options *o, xp_builder *b,
                                    explaint_error *error) {
    explaint_norms *n = b->norms;
    if (o->concepts == NULL)
        return xp_fail(error, EXPLAINT_USAGE, b->path, 0,
                       "an .npy array does not name its rows; give the concepts, one a line (--concepts FILE)");
    xp_array array;
    explaint_status status = xp_npy_open(&array, b->path, bytes, size, error);
    if (status == EXPLAINT_OK && (array.rows >= UINT32_MAX || array.width >= UINT32_MAX))
        status =
            xp_fail(error, EXPLAINT_INVALID, b->path, 0, "the array is too large: %zu x %zu", array.rows, array.width);
    if (status == EXPLAINT_OK)
        status = read_names(o->concepts, "concept", &b->concepts, &b->norms->notes, n->concepts_sha256, error);
    if (status == EXPLAINT_OK)
        status = check_count(o->concepts, "concepts", "row", n->concepts.count, array.rows, b->path, error);
    if (status == EXPLAINT_OK && o->features == NULL) status = number_features(b, array.width, error);
    if (status == EXPLAINT_OK && o->features != NULL) {
        status = read_names(o->features, "feature", &b->features, &b->norms->notes, n->features_sha256, error);
        if (status == EXPLAINT_OK)
            status = check_count(o->features, "features", "column", n->features.count, array.width, b->path, error);
    }
    if (status == EXPLAINT_OK) status = read_cells(&array, b, error);
    return status == EXPLAINT_OK ? xp_suspects_warn(b, false, error) : status;
}

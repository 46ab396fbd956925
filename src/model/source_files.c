/* The files of a model's source: a folder, or what stands for one. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "model/source.h"

bool xp_source_has(const xp_source *source, const char *name) {
    char path[4096];
    struct stat kind;
    if (source->has != NULL) return source->has(source->self, name);
    const int length = snprintf(path, sizeof path, "%s/%s", source->folder, name);
    return length > 0 && (size_t)length < sizeof path && stat(path, &kind) == 0;
}

explaint_status xp_source_open(const xp_source *source, const char *name, size_t limit, xp_bytes *bytes,
                               explaint_error *error) {
    xp_text path = {0};
    explaint_status status = EXPLAINT_OK;
    xp_text_addf(&path, "%s/%s", source->folder, name);
    if (path.failed)
        status = xp_no_memory(error, name);
    else if (source->open != NULL)
        status = source->open(source->self, name, path.data, bytes, error);
    else
        status = xp_file_map(path.data, limit, bytes, error);
    xp_text_free(&path);
    return status;
}

explaint_status xp_source_json(const xp_source *source, const char *name, size_t limit, xp_value **value,
                               char sha256[XP_SHA256_TEXT], explaint_error *error) {
    xp_bytes bytes = {0};
    xp_text path = {0};
    explaint_error inner = {0};
    *value = NULL;
    sha256[0] = 0;
    if (!xp_source_has(source, name)) return EXPLAINT_OK;
    xp_text_addf(&path, "%s/%s", source->folder, name);
    explaint_status status =
        path.failed ? xp_no_memory(&inner, name) : xp_source_open(source, name, limit, &bytes, &inner);
    if (status == EXPLAINT_OK) {
        xp_bytes_hash(&bytes);
        memcpy(sha256, bytes.sha256, XP_SHA256_TEXT);
        *value = xp_value_parse(bytes.data, bytes.size, path.data, &inner);
        if (*value == NULL) status = inner.code;
    }
    if (status != EXPLAINT_OK && error != NULL) *error = inner;
    xp_bytes_free(&bytes);
    xp_text_free(&path);
    return status;
}

#include "formats/json_file.h"

#include <string.h>
#include <unistd.h>

#include "formats/file.h"

explaint_status xp_json_file(const char *path, size_t limit, xp_value **value, char sha256[XP_SHA256_TEXT],
                             explaint_error *error) {
    xp_bytes bytes = {0};
    *value = NULL;
    if (access(path, F_OK) != 0) return EXPLAINT_OK;
    explaint_status status = xp_file_read(path, limit, &bytes, error);
    if (status == EXPLAINT_OK) {
        explaint_error inner = {0};
        *value = xp_value_parse(bytes.data, bytes.size, path, &inner);
        if (*value == NULL) {
            status = inner.code;
            if (error != NULL) *error = inner;
        }
        memcpy(sha256, bytes.sha256, XP_SHA256_TEXT);
    }
    xp_bytes_free(&bytes);
    return status;
}

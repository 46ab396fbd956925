/* A JSON file that may be there or not: the small files beside a model. */
#ifndef XP_FORMATS_JSON_FILE_H
#define XP_FORMATS_JSON_FILE_H

#include "base/json_read.h"
#include "base/sha256.h"

/* *value NULL and EXPLAINT_OK: there is no such file. `limit` bytes at most; sha256 is of the file's bytes. */
explaint_status xp_json_file(const char *path, size_t limit, xp_value **value, char sha256[XP_SHA256_TEXT],
                             explaint_error *error);

#endif

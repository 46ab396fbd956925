/* Where the files of a model come from: a folder, Hugging Face's cache, or memory (tests). */
#ifndef XP_MODEL_SOURCE_H
#define XP_MODEL_SOURCE_H

#include "base/json_read.h"
#include "base/strings.h"
#include "formats/file.h"

typedef struct xp_source {
    const char *folder; /* for messages; files are named folder/name */
    void *self;         /* NULL: a folder on the disk */
    /* Bytes that xp_bytes_free releases; path is for messages. */
    explaint_status (*open)(void *self, const char *name, const char *path, xp_bytes *bytes, explaint_error *error);
    bool (*has)(void *self, const char *name);
    struct xp_gguf_model *gguf; /* the folder is one of these, and is named as a file; else NULL */
} xp_source;

/* Where a model is: its folder; the folder that was given, which is another one where modules.json has the model in a folder of its
 * own; its name, the folder's last part or the name in the cache. */
typedef struct xp_place {
    const char *folder, *root, *name;
    bool is_gguf; /* the folder is a file */
} xp_place;

/* path: a folder, a GGUF, or a name in Hugging Face's cache (model/cache.h). What the place points to is added to `strings`. */
explaint_status xp_source_find(const char *path, xp_strings *strings, xp_place *place, explaint_error *error);

bool xp_source_has(const xp_source *source, const char *name); /* name: of a file, perhaps in a folder of the source */
explaint_status xp_source_open(const xp_source *source, const char *name, size_t limit, xp_bytes *bytes,
                               explaint_error *error);

/* A JSON file of at most `limit` bytes, and the SHA-256 of its bytes ("": they could not be read). *value NULL and EXPLAINT_OK: there
 * is no such file. */
explaint_status xp_source_json(const xp_source *source, const char *name, size_t limit, xp_value **value,
                               char sha256[XP_SHA256_TEXT], explaint_error *error);

#endif

#include "model/source.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "formats/gguf.h"
#include "formats/kinds.h"
#include "model/cache.h"
#include "model/modules.h"

static bool is_folder(const char *path) {
    struct stat kind;
    return stat(path, &kind) == 0 && S_ISDIR(kind.st_mode);
}

static bool add(xp_strings *strings, const char **text, const char *from, size_t length) {
    if (!xp_strings_add(strings, from, length)) return false;
    *text = strings->item[strings->count - 1];
    return true;
}

/* The last part of a path, without slashes behind it. */
static const char *last_part(const char *path, size_t *length) {
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/') end--;
    size_t first = end;
    while (first > 0 && path[first - 1] != '/') first--;
    *length = end - first;
    return path + first;
}

/* Where the given folder has no model of its own, the one that modules.json has first: older folders of sentence-transformers keep
 * it in 0_Transformer. */
static explaint_status enter(xp_text *folder, explaint_error *error) {
    xp_text config = {0};
    xp_modules modules = {0};
    explaint_status status = EXPLAINT_OK;
    xp_text_addf(&config, "%s/config.json", folder->data);
    if (config.failed)
        status = xp_no_memory(error, folder->data);
    else if (access(config.data, F_OK) != 0)
        status = xp_modules_read(&(const xp_source){.folder = folder->data}, &modules, error);
    if (status == EXPLAINT_OK && modules.n > 0 && modules.module[0].kind == XP_MODULE_TRANSFORMER &&
        modules.module[0].path[0] != 0)
        xp_text_addf(folder, "/%s", modules.module[0].path);
    if (status == EXPLAINT_OK && folder->failed) status = xp_no_memory(error, "the path of a model");
    xp_modules_free(&modules);
    xp_text_free(&config);
    return status;
}

/* A GGUF is a model. Any other file, which may be of a kind that has a name, or nothing, is none. */
static explaint_status check_file(const char *path, bool *is_gguf, explaint_error *error) {
    struct stat kind;
    xp_stream *stream = NULL;
    explaint_status status = xp_gguf_is_file(path, is_gguf, error);
    if (status != EXPLAINT_OK || *is_gguf) return status;
    if (stat(path, &kind) == 0 && S_ISREG(kind.st_mode) && kind.st_size > 0)
        status = xp_stream_open(path, &stream, error);
    const unsigned char *head;
    size_t size = stream != NULL ? xp_stream_head(stream, &head) : 0;
    if (size > 0) status = xp_kind_refuse(path, head, size, XP_READER_MODEL, error);
    xp_stream_close(stream);
    if (status != EXPLAINT_OK) return status;
    return xp_fail(error, EXPLAINT_INVALID, path, 0,
                   "expected a folder with config.json and model.safetensors, a GGUF file, or a name in Hugging Face's "
                   "cache, found %s",
                   stat(path, &kind) == 0 ? "a file" : "nothing there");
}

explaint_status xp_source_find(const char *path, xp_strings *strings, xp_place *place, explaint_error *error) {
    struct stat kind;
    xp_text folder = {0};
    size_t length;
    explaint_status status = EXPLAINT_OK;
    if (path == NULL || *path == 0) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected the path of a model");
    *place = (xp_place){0};
    if (stat(path, &kind) == 0 || !xp_cache_is_name(path)) {
        if (!is_folder(path)) status = check_file(path, &place->is_gguf, error);
        if (status != EXPLAINT_OK) return status;
        const char *last = last_part(path, &length);
        xp_text_adds(&folder, path);
        if (!add(strings, &place->name, last, length)) status = xp_no_memory(error, path);
    } else {
        status = xp_cache_find(path, &folder, strings, &place->name, error);
    }
    if (status == EXPLAINT_OK && (folder.failed || !add(strings, &place->root, folder.data, folder.length)))
        status = xp_no_memory(error, path);
    if (status == EXPLAINT_OK && !place->is_gguf) status = enter(&folder, error);
    if (status == EXPLAINT_OK && !add(strings, &place->folder, folder.data, folder.length))
        status = xp_no_memory(error, path);
    xp_text_free(&folder);
    return status;
}

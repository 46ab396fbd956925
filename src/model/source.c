#include "model/source.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

static bool is_folder(const char *path) {
    struct stat kind;
    return stat(path, &kind) == 0 && S_ISDIR(kind.st_mode);
}

static bool add(xp_strings *strings, const char **text, const char *from, size_t length) {
    if (!xp_strings_add(strings, from, length)) return false;
    *text = strings->item[strings->count - 1];
    return true;
}

/* As huggingface_hub looks for it. */
static void cache_folder(xp_text *folder) {
    const char *hub = getenv("HF_HUB_CACHE"), *hf = getenv("HF_HOME"), *cache = getenv("XDG_CACHE_HOME"),
               *home = getenv("HOME");
    if (hub != NULL && *hub != 0)
        xp_text_adds(folder, hub);
    else if (hf != NULL && *hf != 0)
        xp_text_addf(folder, "%s/hub", hf);
    else if (cache != NULL && *cache != 0)
        xp_text_addf(folder, "%s/huggingface/hub", cache);
    else
        xp_text_addf(folder, "%s/.cache/huggingface/hub", home != NULL ? home : "");
}

/* org/name of letters, digits, '.', '_' and '-', no part of dots alone. */
static bool is_repository(const char *path) {
    size_t slashes = 0, plain = 0;
    for (const char *p = path; *p != 0; p++) {
        if (*p == '/') {
            if (plain == 0) return false;
            slashes++;
            plain = 0;
        } else if (isalnum((unsigned char)*p)) {
            plain++;
        } else if (*p != '.' && *p != '_' && *p != '-') {
            return false;
        }
    }
    return slashes == 1 && plain > 0 && path[0] != '.' && strlen(path) <= 200;
}

/* models--org--name/refs/main holds the name of the snapshot, a commit in hexadecimal digits. */
static explaint_status find_in_cache(const char *path, const xp_text *cache, xp_text *folder, explaint_error *error) {
    xp_text repository = {0}, branch = {0};
    xp_bytes commit = {0};
    xp_text_addf(&repository, "%s/models--%.*s--%s", cache->data, (int)(strchr(path, '/') - path), path,
                 strchr(path, '/') + 1);
    if (!repository.failed) xp_text_addf(&branch, "%s/refs/main", repository.data);
    explaint_status status = EXPLAINT_OK;
    if (repository.failed || branch.failed) status = xp_no_memory(error, path);
    if (status == EXPLAINT_OK && !is_folder(repository.data))
        status = xp_fail(error, EXPLAINT_INVALID, path, 0,
                         "expected a folder, or a model in Hugging Face's cache; there is neither such a folder nor %s",
                         repository.data);
    if (status == EXPLAINT_OK) status = xp_file_read(branch.data, 4096, &commit, error);
    if (status == EXPLAINT_OK) {
        size_t n = 0;
        while (n < commit.size && isxdigit((unsigned char)commit.data[n])) n++;
        size_t end = n;
        while (end < commit.size && (commit.data[end] == '\n' || commit.data[end] == '\r')) end++;
        if (n < 7 || n > 64 || end != commit.size)
            status = xp_fail(error, EXPLAINT_INVALID, branch.data, 0,
                             "expected the hexadecimal digits of a commit, which name the snapshot");
        else
            xp_text_addf(folder, "%s/snapshots/%.*s", repository.data, (int)n, commit.data);
    }
    if (status == EXPLAINT_OK && folder->failed) status = xp_no_memory(error, path);
    if (status == EXPLAINT_OK && !is_folder(folder->data))
        status = xp_fail(error, EXPLAINT_INVALID, folder->data, 0,
                         "expected the snapshot that refs/main of the cache names; download the model again");
    xp_bytes_free(&commit);
    xp_text_free(&repository);
    xp_text_free(&branch);
    return status;
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

explaint_status xp_source_find(const char *path, xp_strings *strings, const char **folder, const char **name,
                               explaint_error *error) {
    struct stat kind;
    if (path == NULL || *path == 0) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected the path of a model");
    if (stat(path, &kind) == 0 || !is_repository(path)) {
        size_t length;
        const char *last = last_part(path, &length);
        if (!is_folder(path))
            return xp_fail(error, EXPLAINT_INVALID, path, 0,
                           "expected a folder with config.json and model.safetensors, or org/name of Hugging Face's "
                           "cache, found %s",
                           stat(path, &kind) == 0 ? "a file" : "nothing there");
        return add(strings, folder, path, strlen(path)) && add(strings, name, last, length) ? EXPLAINT_OK
                                                                                            : xp_no_memory(error, path);
    }
    xp_text cache = {0}, found = {0};
    cache_folder(&cache);
    explaint_status status = cache.failed ? xp_no_memory(error, path) : find_in_cache(path, &cache, &found, error);
    if (status == EXPLAINT_OK &&
        !(add(strings, folder, found.data, found.length) && add(strings, name, path, strlen(path))))
        status = xp_no_memory(error, path);
    xp_text_free(&cache);
    xp_text_free(&found);
    return status;
}

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

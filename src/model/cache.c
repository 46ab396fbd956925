#include "model/cache.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "formats/file.h"

enum { MOST_PLACES = 3, MOST_NAME = 96, SHOWN = 4 };

static bool is_folder(const char *path) {
    struct stat kind;
    return stat(path, &kind) == 0 && S_ISDIR(kind.st_mode);
}

/* ---- names ---- */

/* Neither begins nor ends with '-' or '.', and holds no two of a kind in a row. */
static bool is_part(const char *text, size_t length) {
    if (length == 0 || length > MOST_NAME) return false;
    for (size_t i = 0; i < length; i++) {
        const bool plain = isalnum((unsigned char)text[i]) || text[i] == '_';
        if (!plain && text[i] != '.' && text[i] != '-') return false;
        if (!plain && (i == 0 || i + 1 == length || text[i] == text[i - 1])) return false;
    }
    return true;
}

bool xp_cache_is_name(const char *name) {
    const char *slash = strchr(name, '/'), *last = slash != NULL ? slash + 1 : name;
    const size_t length = strlen(last);
    if (slash != NULL && !is_part(name, (size_t)(slash - name))) return false;
    return is_part(last, length) && (length < 4 || strcmp(last + length - 4, ".git") != 0);
}

/* ---- places ---- */

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value != NULL && *value != 0 ? value : NULL;
}

static void add_home(xp_text *path) { xp_text_adds(path, variable("HOME") != NULL ? variable("HOME") : ""); }

/* "~" at the beginning and $NAME or ${NAME} anywhere, as Python's expanduser and expandvars: what is not set stays as it stands. */
static void add_expanded(xp_text *path, const char *text) {
    if (text[0] == '~' && (text[1] == '/' || text[1] == 0)) {
        add_home(path);
        text++;
    }
    while (*text != 0) {
        const bool braces = text[0] == '$' && text[1] == '{';
        const char *name = text + (braces ? 2 : 1), *end = name;
        while (*text == '$' && (isalnum((unsigned char)*end) || *end == '_')) end++;
        char *copy =
            *text == '$' && end > name && (!braces || *end == '}') ? xp_strndup(name, (size_t)(end - name)) : NULL;
        const char *value = copy != NULL ? getenv(copy) : NULL;
        if (value != NULL) {
            xp_text_adds(path, value);
            text = end + (braces ? 1 : 0);
        } else {
            xp_text_add(path, text++, 1);
        }
        xp_free(copy);
    }
}

static void add_hub(xp_text *path) {
    const char *hub = variable("HF_HUB_CACHE"), *old = variable("HUGGINGFACE_HUB_CACHE"), *hf = variable("HF_HOME"),
               *cache = variable("XDG_CACHE_HOME");
    if (hub != NULL || old != NULL) {
        add_expanded(path, hub != NULL ? hub : old);
        return;
    }
    if (hf != NULL) {
        add_expanded(path, hf);
    } else {
        if (cache != NULL) {
            add_expanded(path, cache);
        } else {
            add_home(path);
            xp_text_adds(path, "/.cache");
        }
        xp_text_adds(path, "/huggingface");
    }
    xp_text_adds(path, "/hub");
}

static bool find_places(xp_text place[MOST_PLACES], size_t *n) {
    static const char *const others[] = {"TRANSFORMERS_CACHE", "SENTENCE_TRANSFORMERS_HOME"};
    add_hub(&place[0]);
    bool good = !place[0].failed;
    *n = 1;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (variable(others[i]) == NULL) continue;
        add_expanded(&place[*n], variable(others[i]));
        good = good && !place[*n].failed;
        ++*n;
    }
    return good;
}

/* ---- snapshots ---- */

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static bool list_folders(const char *path, xp_strings *names) {
    DIR *folder = opendir(path);
    bool good = true;
    for (struct dirent *entry; good && folder != NULL && (entry = readdir(folder)) != NULL;) {
        xp_text whole = {0};
        xp_text_addf(&whole, "%s/%s", path, entry->d_name);
        good = !whole.failed;
        if (good && entry->d_name[0] != '.' && is_folder(whole.data))
            good = xp_strings_add(names, entry->d_name, strlen(entry->d_name));
        xp_text_free(&whole);
    }
    if (folder != NULL) closedir(folder);
    if (names->count > 1) qsort((void *)names->item, names->count, sizeof *names->item, by_name);
    return good;
}

/* Without refs/main, which names one of them. */
static explaint_status only_snapshot(const char *repository, xp_text *folder, explaint_error *error) {
    xp_text snapshots = {0}, shown = {0};
    xp_strings names = {0};
    explaint_status status = EXPLAINT_OK;
    xp_text_addf(&snapshots, "%s/snapshots", repository);
    if (snapshots.failed || !list_folders(snapshots.data, &names)) {
        status = xp_no_memory(error, repository);
    } else if (names.count == 1) {
        xp_text_addf(folder, "%s/%s", snapshots.data, names.item[0]);
    } else {
        for (size_t i = 0; i < names.count && i < SHOWN; i++)
            xp_text_addf(&shown, "%s%s", i > 0 ? ", " : "", names.item[i]);
        if (names.count > SHOWN) xp_text_addf(&shown, " and %zu more", names.count - SHOWN);
        if (shown.failed)
            status = xp_no_memory(error, repository);
        else if (names.count == 0)
            status = xp_fail(error, EXPLAINT_INVALID, snapshots.data, 0,
                             "expected a snapshot of the model, found none; download the model again");
        else
            status =
                xp_fail(error, EXPLAINT_INVALID, snapshots.data, 0,
                        "expected one snapshot, or refs/main beside them, which names one; found %zu: %s; give the "
                        "folder of the one that is meant",
                        names.count, shown.data);
    }
    xp_text_free(&snapshots);
    xp_text_free(&shown);
    xp_strings_free(&names);
    return status;
}

/* refs/main holds the name of the snapshot, a commit in hexadecimal digits. */
static explaint_status main_snapshot(const char *repository, const char *branch, xp_text *folder,
                                     explaint_error *error) {
    xp_bytes commit = {0};
    explaint_status status = xp_file_read(branch, 4096, &commit, error);
    size_t n = 0;
    while (n < commit.size && isxdigit((unsigned char)commit.data[n])) n++;
    size_t end = n;
    while (end < commit.size && (commit.data[end] == '\n' || commit.data[end] == '\r')) end++;
    if (status == EXPLAINT_OK && (n < 7 || n > 64 || end != commit.size))
        status = xp_fail(error, EXPLAINT_INVALID, branch, 0,
                         "expected the hexadecimal digits of a commit, which name the snapshot");
    if (status == EXPLAINT_OK) xp_text_addf(folder, "%s/snapshots/%.*s", repository, (int)n, commit.data);
    xp_bytes_free(&commit);
    if (status == EXPLAINT_OK && !folder->failed && !is_folder(folder->data))
        status = xp_fail(error, EXPLAINT_INVALID, folder->data, 0,
                         "expected the snapshot that refs/main of the cache names; download the model again");
    return status;
}

static explaint_status find_snapshot(const char *repository, xp_text *folder, explaint_error *error) {
    xp_text branch = {0};
    xp_text_addf(&branch, "%s/refs/main", repository);
    explaint_status status = branch.failed                    ? xp_no_memory(error, repository)
                             : access(branch.data, F_OK) == 0 ? main_snapshot(repository, branch.data, folder, error)
                                                              : only_snapshot(repository, folder, error);
    if (status == EXPLAINT_OK && folder->failed) status = xp_no_memory(error, repository);
    xp_text_free(&branch);
    return status;
}

/* ---- a name in all places ---- */

/* models--org--name */
static void add_repository(xp_text *path, const char *name) {
    xp_text_adds(path, "models--");
    for (; *name != 0; name++) xp_text_add(path, *name == '/' ? "--" : name, *name == '/' ? 2 : 1);
}

static explaint_status find_nothing(const char *name, const xp_text *place, size_t n, explaint_error *error) {
    xp_text all = {0};
    add_repository(&all, name);
    for (size_t i = 0; i < n; i++) xp_text_addf(&all, "%s%s", i > 0 ? " or " : " in ", place[i].data);
    return xp_text_fail(&all, name, error, EXPLAINT_INVALID, name, 0,
                        "expected a folder, or a model in Hugging Face's cache; there is neither "
                        "such a folder nor %s",
                        all.data);
}

explaint_status xp_cache_find(const char *name, xp_text *folder, xp_strings *strings, const char **found,
                              explaint_error *error) {
    xp_text place[MOST_PLACES] = {{0}}, repository = {0};
    size_t n_places;
    bool good = find_places(place, &n_places) && xp_strings_add(strings, name, strlen(name));
    size_t first = strings->count - 1;
    if (good && strchr(name, '/') == NULL) good = xp_strings_addf(strings, "sentence-transformers/%s", name);
    *found = NULL;
    for (size_t i = first; good && *found == NULL && i < strings->count; i++)
        for (size_t p = 0; good && *found == NULL && p < n_places; p++) {
            repository.length = 0;
            xp_text_addf(&repository, "%s/", place[p].data);
            add_repository(&repository, strings->item[i]);
            good = !repository.failed;
            if (good && is_folder(repository.data)) *found = strings->item[i];
        }
    explaint_status status = !good            ? xp_no_memory(error, name)
                             : *found == NULL ? find_nothing(name, place, n_places, error)
                                              : find_snapshot(repository.data, folder, error);
    for (size_t p = 0; p < MOST_PLACES; p++) xp_text_free(&place[p]);
    xp_text_free(&repository);
    return status;
}

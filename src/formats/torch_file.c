/* Where torch.save puts a pickle and the numbers of its tensors: in a zip archive, or one after another in a stream. */
#include "formats/torch.h"

#include <string.h>

#include "base/memory.h"
#include "base/strings.h"
#include "formats/kinds.h"
#include "formats/zip.h"

enum { COPIES = 4, MOST_KEY = 64 };

/* ---- a zip archive: NAME/data.pkl, NAME/data/KEY for each storage, NAME/byteorder ---- */

typedef struct archive {
    const char *path;
    xp_zip *zip;
    char *prefix;       /* "NAME/" */
    xp_bytes *inflated; /* n, of members that are compressed, once they were asked for */
    size_t n, left;     /* bytes that may still be inflated */
} archive;

static void release_archive(void *self) {
    archive *a = self;
    for (size_t i = 0; a->inflated != NULL && i < a->n; i++) xp_bytes_free(&a->inflated[i]);
    xp_free_all(a->inflated, a->prefix);
    xp_zip_close(a->zip);
    xp_free(a);
}

static explaint_status read_member(archive *a, size_t i, xp_view *bytes, explaint_error *error) {
    bool stored;
    explaint_status status = xp_zip_stored(a->zip, i, bytes, &stored, error);
    if (status != EXPLAINT_OK || stored) return status;
    if (a->inflated[i].data == NULL) {
        status = xp_zip_read_all(a->zip, i, a->left, &a->inflated[i], error);
        if (status == EXPLAINT_OK) a->left -= a->inflated[i].size;
    }
    *bytes = (xp_view){a->inflated[i].data, a->inflated[i].size};
    return status;
}

/* The member of the archive's folder. */
static explaint_status look_up(const archive *a, const char *folder, xp_view name, size_t *i, bool *found,
                               explaint_error *error) {
    xp_text path = {0};
    xp_text_addf(&path, "%s%s", a->prefix, folder);
    xp_text_add(&path, name.data, name.length);
    *found = !path.failed && xp_zip_find(a->zip, path.data, i);
    const explaint_status status = path.failed ? xp_no_memory(error, "the name of a storage") : EXPLAINT_OK;
    xp_text_free(&path);
    return status;
}

static bool is_key(xp_view key) {
    return key.length > 0 && key.length <= MOST_KEY && memchr(key.data, 0, key.length) == NULL &&
           memchr(key.data, '/', key.length) == NULL;
}

static explaint_status find_member(void *self, xp_view key, xp_view *bytes, explaint_error *error) {
    archive *a = self;
    size_t i;
    if (!is_key(key))
        return xp_fail(error, EXPLAINT_INVALID, a->path, 0, "expected a storage's key, found \"%.*s\"; it is damaged",
                       XP_SHOW(key));
    bool found;
    explaint_status status = look_up(a, "data/", key, &i, &found, error);
    if (status == EXPLAINT_OK && !found)
        status =
            xp_fail(error, EXPLAINT_INVALID, a->path, 0,
                    "the archive holds no storage \"%.*s\", which its dictionary names; get it again", XP_SHOW(key));
    return status == EXPLAINT_OK ? read_member(a, i, bytes, error) : status;
}

/* The folder of the archive that has a data.pkl: the file's name when it was saved. */
static explaint_status find_pickle(archive *a, size_t *pickle, explaint_error *error) {
    static const char tail[] = "/data.pkl";
    for (*pickle = 0; *pickle < a->n; ++*pickle) {
        const char *name = xp_zip_name(a->zip, *pickle), *slash = strchr(name, '/');
        if (slash == NULL || slash == name || strcmp(slash, tail) != 0) continue;
        a->prefix = xp_strndup(name, (size_t)(slash - name) + 1);
        return a->prefix != NULL ? EXPLAINT_OK : xp_no_memory(error, "a name");
    }
    return xp_fail(error, EXPLAINT_INVALID, a->path, 0,
                   "expected what torch.save writes, found a zip archive without a data.pkl in its folder");
}

static explaint_status check_kind(archive *a, explaint_error *error) {
    size_t i;
    bool found;
    xp_view order = {0};
    explaint_status status = look_up(a, "constants.pkl", (xp_view){"", 0}, &i, &found, error);
    if (status == EXPLAINT_OK && found)
        return xp_fail(error, EXPLAINT_INVALID, a->path, 0,
                       "expected a dictionary of tensors, found a program of TorchScript; save the model's "
                       "state_dict() with torch.save");
    if (status == EXPLAINT_OK) status = look_up(a, "byteorder", (xp_view){"", 0}, &i, &found, error);
    if (status == EXPLAINT_OK && found) status = read_member(a, i, &order, error);
    if (status == EXPLAINT_OK && found && !xp_view_is(order, "little"))
        return xp_fail(error, EXPLAINT_INVALID, a->path, 0,
                       "expected the byte order little, found \"%.*s\"; save it on a machine of that order as "
                       "safetensors",
                       XP_SHOW(order));
    return status;
}

static explaint_status read_archive(archive *a, const void *bytes, size_t size, xp_torch **file,
                                    explaint_error *error) {
    size_t i;
    xp_view text;
    xp_pickle *pickle = NULL;
    explaint_status status = xp_zip_open(a->path, bytes, size, &a->zip, error);
    if (status != EXPLAINT_OK) return status;
    a->n = xp_zip_n(a->zip);
    a->inflated = xp_calloc(a->n, sizeof *a->inflated);
    if (a->inflated == NULL) return xp_no_memory(error, "a zip archive");
    status = find_pickle(a, &i, error);
    if (status == EXPLAINT_OK) status = check_kind(a, error);
    if (status == EXPLAINT_OK) status = read_member(a, i, &text, error);
    if (status == EXPLAINT_OK)
        status = xp_pickle_read(a->path, text.data, text.length, xp_torch_globals, &pickle, error);
    const xp_storages storages = {.self = a, .find = find_member, .most = COPIES * size};
    if (status == EXPLAINT_OK) status = xp_torch_read(a->path, xp_pickle_root(pickle), &storages, file, error);
    xp_pickle_close(pickle);
    return status;
}

static explaint_status open_archive(const char *path, const void *bytes, size_t size, xp_torch **file,
                                    explaint_error *error) {
    archive *a = xp_calloc(1, sizeof *a);
    if (a == NULL) return xp_no_memory(error, "a zip archive");
    a->path = path;
    a->left = XP_BOMB_FREE + COPIES * size;
    explaint_status status = read_archive(a, bytes, size, file, error);
    if (status == EXPLAINT_OK)
        xp_torch_keep(*file, a, release_archive);
    else
        release_archive(a);
    return status;
}

/* ---- a stream, before torch 1.6: five pickles, then each storage behind its length ---- */

enum { VERSION = 1001 };

typedef struct stored {
    size_t number_size;
    xp_view bytes;
    bool there;
} stored;

typedef struct stream {
    const char *path;
    const char *bytes;
    size_t size, at;
    xp_index *by_key; /* of the storages that the dictionary has */
    stored *list;
    size_t n, capacity;
    bool no_memory;
} stream;

static explaint_status next_pickle(stream *s, xp_pickle **pickle, explaint_error *error) {
    explaint_status status =
        xp_pickle_read(s->path, s->bytes + s->at, s->size - s->at, xp_torch_globals, pickle, error);
    if (status == EXPLAINT_OK) s->at += xp_pickle_length(*pickle);
    return status;
}

static bool see_storage(void *self, const xp_pickled *value) {
    stream *s = self;
    xp_view key;
    size_t number_size, known;
    bool found;
    if (!xp_torch_storage(value, &key, &number_size)) return true; /* its tensor will be refused */
    stored *room = xp_grow((void **)&s->list, s->n, &s->capacity, sizeof *room);
    s->no_memory = room == NULL || !xp_index_intern(s->by_key, key.data, key.length, s->n, &known, &found);
    if (s->no_memory) return false;
    if (!found) {
        *room = (stored){.number_size = number_size};
        s->n++;
    }
    return true;
}

static explaint_status find_stored(void *self, xp_view key, xp_view *bytes, explaint_error *error) {
    const stream *s = self;
    size_t i;
    if (!xp_index_find(s->by_key, key.data, key.length, &i) || !s->list[i].there)
        return xp_fail(error, EXPLAINT_INVALID, s->path, 0,
                       "the file holds no storage \"%.*s\", which its dictionary names; get it again", XP_SHOW(key));
    *bytes = s->list[i].bytes;
    return EXPLAINT_OK;
}

/* The first three pickles: the number, the version, the machine. */
static explaint_status read_head(stream *s, explaint_error *error) {
    xp_pickle *pickle = NULL;
    explaint_status status = next_pickle(s, &pickle, error);
    xp_pickle_close(pickle);
    if (status == EXPLAINT_OK) status = next_pickle(s, &pickle, error);
    if (status != EXPLAINT_OK) return status;
    const xp_pickled *root = xp_pickle_root(pickle);
    if (root->kind != XP_PICKLE_INTEGER || root->as.integer != VERSION)
        status = xp_fail(error, EXPLAINT_INVALID, s->path, 0,
                         "expected version %d of what torch.save wrote before 1.6; save it again", VERSION);
    xp_pickle_close(pickle);
    pickle = NULL;
    if (status == EXPLAINT_OK) status = next_pickle(s, &pickle, error);
    if (status != EXPLAINT_OK) return status;
    bool little = false;
    root = xp_pickle_root(pickle);
    for (size_t i = 0; root->kind == XP_PICKLE_DICT && i + 1 < root->count; i += 2)
        if (root->as.item[i]->kind == XP_PICKLE_TEXT && xp_view_is(xp_pickled_text(root->as.item[i]), "little_endian"))
            little = root->as.item[i + 1]->kind == XP_PICKLE_BOOL && root->as.item[i + 1]->as.integer != 0;
    xp_pickle_close(pickle);
    if (little) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, s->path, 0,
                   "expected numbers in the byte order little, found others; save it on that machine as safetensors");
}

static explaint_status read_storage(stream *s, xp_view key, explaint_error *error) {
    size_t i, count = 0, bytes;
    if (!xp_index_find(s->by_key, key.data, key.length, &i))
        return xp_fail(error, EXPLAINT_INVALID, s->path, 0,
                       "the file holds a storage \"%.*s\" that its dictionary does not name; it is damaged",
                       XP_SHOW(key));
    const unsigned char *length = (const unsigned char *)s->bytes + s->at;
    const size_t left = s->size - s->at;
    for (size_t k = 8; left >= 8 && k-- > 0;) count = count << 8 | length[k];
    if (left < 8 || xp_mul_overflows(count, s->list[i].number_size, &bytes) || bytes > left - 8)
        return xp_fail(error, EXPLAINT_INVALID, s->path, 0,
                       "storage \"%.*s\" reaches beyond the end of the file; it was cut off, get it again",
                       XP_SHOW(key));
    s->list[i].bytes = (xp_view){s->bytes + s->at + 8, bytes};
    s->list[i].there = true;
    s->at += 8 + bytes;
    return EXPLAINT_OK;
}

static explaint_status read_storages(stream *s, explaint_error *error) {
    xp_pickle *pickle = NULL;
    explaint_status status = next_pickle(s, &pickle, error);
    if (status != EXPLAINT_OK) return status;
    const xp_pickled *keys = xp_pickle_root(pickle);
    if (keys->kind != XP_PICKLE_LIST)
        status = xp_fail(error, EXPLAINT_INVALID, s->path, 0, "expected a list of storages, found %s; it is damaged",
                         xp_pickled_name(keys));
    for (size_t i = 0; status == EXPLAINT_OK && i < keys->count; i++) {
        const xp_pickled *key = keys->as.item[i];
        status = read_storage(s, key->kind == XP_PICKLE_TEXT ? xp_pickled_text(key) : (xp_view){"", 0}, error);
    }
    xp_pickle_close(pickle);
    return status;
}

static explaint_status open_stream(const char *path, const void *bytes, size_t size, xp_torch **file,
                                   explaint_error *error) {
    stream s = {.path = path, .bytes = bytes, .size = size, .by_key = xp_index_create(256)};
    xp_pickle *pickle = NULL;
    explaint_status status = s.by_key != NULL ? read_head(&s, error) : xp_no_memory(error, "the names of storages");
    if (status == EXPLAINT_OK) status = next_pickle(&s, &pickle, error);
    if (status == EXPLAINT_OK && !xp_pickle_each_stored(pickle, see_storage, &s))
        status = xp_no_memory(error, "the names of storages");
    if (status == EXPLAINT_OK) status = read_storages(&s, error);
    const xp_storages storages = {.self = &s, .find = find_stored, .most = COPIES * size};
    if (status == EXPLAINT_OK) status = xp_torch_read(path, xp_pickle_root(pickle), &storages, file, error);
    xp_pickle_close(pickle);
    xp_index_destroy(s.by_key);
    xp_free(s.list);
    return status;
}

/* ---- either ---- */

explaint_status xp_torch_open(const char *path, const void *bytes, size_t size, xp_torch **file,
                              explaint_error *error) {
    *file = NULL;
    explaint_status status = xp_kind_refuse(path, bytes, size, XP_READER_TORCH, error);
    if (status != EXPLAINT_OK) return status;
    if (xp_zip_is(bytes, size)) return open_archive(path, bytes, size, file, error);
    if (xp_torch_is_stream(bytes, size)) return open_stream(path, bytes, size, file, error);
    return xp_fail(error, EXPLAINT_INVALID, path, 0,
                   "expected what torch.save writes, found something else; was it cut off, or is it another format?");
}

#include "formats/zip.h"

#include <errno.h>
#include <string.h>
#include <zip.h>

#include "base/memory.h"
#include "formats/file.h"

/* The archive's bytes, as libzip reads them. It has no word for where a member lies: `from` is where it last read. */
typedef struct window {
    const char *data;
    size_t size, at, from;
    zip_error_t error;
} window;

struct xp_zip {
    const char *path;
    zip_t *archive;
    window window;
};

bool xp_zip_is(const void *head, size_t size) {
    return size >= 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0);
}

/* libzip forgets on its way up that memory was short, and says "not a zip archive": errno, which is cleared before each
 * call, remembers. */
static explaint_status broken(const char *path, zip_error_t *why, explaint_error *error) {
    if (zip_error_code_zip(why) == ZIP_ER_MEMORY || errno == ENOMEM) return xp_no_memory(error, "a zip archive");
    return xp_fail(error, EXPLAINT_INVALID, path, 0, "the zip archive cannot be read (%s); was it cut off or damaged?",
                   zip_error_strerror(why));
}

static zip_int64_t read_window(window *w, void *to, zip_uint64_t length) {
    const size_t count = length < w->size - w->at ? (size_t)length : w->size - w->at;
    if (count > 0) memcpy(to, w->data + w->at, count);
    w->from = w->at;
    w->at += count;
    return (zip_int64_t)count;
}

static zip_int64_t serve(void *self, void *data, zip_uint64_t length, zip_source_cmd_t command) {
    window *w = self;
    zip_int64_t place;
    switch (command) {
    case ZIP_SOURCE_OPEN: w->at = 0; return 0;
    case ZIP_SOURCE_READ: return read_window(w, data, length);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE: return 0;
    case ZIP_SOURCE_SEEK:
        place = zip_source_seek_compute_offset(w->at, w->size, data, length, &w->error);
        if (place < 0) return -1;
        w->at = (size_t)place;
        return 0;
    case ZIP_SOURCE_TELL: return (zip_int64_t)w->at;
    case ZIP_SOURCE_STAT:
        zip_stat_init(data);
        ((zip_stat_t *)data)->size = w->size;
        ((zip_stat_t *)data)->valid |= ZIP_STAT_SIZE;
        return (zip_int64_t)sizeof(zip_stat_t);
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&w->error, data, length);
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_FREE,
                                              ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
                                              ZIP_SOURCE_SUPPORTS, -1);
    default: zip_error_set(&w->error, ZIP_ER_OPNOTSUPP, 0); return -1;
    }
}

explaint_status xp_zip_open(const char *path, const void *bytes, size_t size, xp_zip **zip, explaint_error *error) {
    *zip = NULL;
    zip_error_t why;
    zip_error_init(&why);
    errno = 0;
    explaint_status status = EXPLAINT_OK;
    zip_source_t *source = NULL;
    xp_zip *made = xp_calloc(1, sizeof *made);
    if (made != NULL) made->window = (window){.data = bytes, .size = size};
    if (made == NULL) {
        status = xp_no_memory(error, "a zip archive");
    } else if ((source = zip_source_function_create(serve, &made->window, &why)) == NULL ||
               (made->archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &why)) == NULL) {
        zip_source_free(source); /* an archive that opened owns it */
        status = broken(path, &why, error);
    }
    zip_error_fini(&why);
    if (status != EXPLAINT_OK) {
        xp_free(made);
        return status;
    }
    made->path = path;
    *zip = made;
    return EXPLAINT_OK;
}

void xp_zip_close(xp_zip *zip) {
    if (zip == NULL) return;
    zip_discard(zip->archive);
    xp_free(zip);
}

bool xp_zip_has(const xp_zip *zip, const char *member) {
    return zip_name_locate(zip->archive, member, ZIP_FL_NOCASE) >= 0;
}

bool xp_zip_find(const xp_zip *zip, const char *member, size_t *i) {
    const zip_int64_t found = zip_name_locate(zip->archive, member, 0);
    *i = found >= 0 ? (size_t)found : 0;
    return found >= 0;
}

size_t xp_zip_n(const xp_zip *zip) {
    zip_int64_t n = zip_get_num_entries(zip->archive, 0);
    return n > 0 ? (size_t)n : 0;
}

const char *xp_zip_name(const xp_zip *zip, size_t i) {
    const char *name = zip_get_name(zip->archive, i, 0);
    return name != NULL ? name : "";
}

static explaint_status too_large(const xp_zip *zip, const char *member, size_t size, explaint_error *error) {
    return xp_fail(
        error, EXPLAINT_INVALID, zip->path, 0,
        "\"%.200s\" in the zip archive inflates to more than %zu MB, far beyond what a table needs: a damaged "
        "or hostile file",
        member, size >> 20);
}

static explaint_status read_pieces(xp_zip *zip, zip_file_t *file, const char *member, size_t packed, size_t limit,
                                   xp_zip_take take, void *context, explaint_error *error) {
    char piece[1 << 14];
    size_t total = 0;
    /* The bound of formats/file.h for gzip: a ratio that counts beyond the first 64 MiB. */
    if (limit > XP_BOMB_FREE && packed < (limit - XP_BOMB_FREE) / XP_BOMB_RATIO)
        limit = XP_BOMB_FREE + XP_BOMB_RATIO * packed;
    for (;;) {
        errno = 0;
        zip_int64_t got = zip_fread(file, piece, sizeof piece);
        if (got < 0) return broken(zip->path, zip_file_get_error(file), error);
        if (got == 0) return EXPLAINT_OK;
        total += (size_t)got;
        if (total > limit) return too_large(zip, member, limit, error);
        explaint_status status = take(context, piece, (size_t)got, error);
        if (status != EXPLAINT_OK) return status;
    }
}

static explaint_status open_member(xp_zip *zip, size_t i, zip_file_t **file, size_t *packed, explaint_error *error) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    *file = NULL;
    errno = 0;
    if (zip_stat_index(zip->archive, i, 0, &stat) != 0) return broken(zip->path, zip_get_error(zip->archive), error);
    if (stat.encryption_method != ZIP_EM_NONE)
        return xp_fail(error, EXPLAINT_INVALID, zip->path, 0,
                       "\"%.200s\" in the zip archive is encrypted; save it without a password", xp_zip_name(zip, i));
    *packed = (size_t)stat.comp_size;
    *file = zip_fopen_index(zip->archive, i, 0);
    return *file != NULL ? EXPLAINT_OK : broken(zip->path, zip_get_error(zip->archive), error);
}

static explaint_status read_member(xp_zip *zip, size_t i, size_t limit, xp_zip_take take, void *context,
                                   explaint_error *error) {
    zip_file_t *file;
    size_t packed = 0;
    explaint_status status = open_member(zip, i, &file, &packed, error);
    if (status != EXPLAINT_OK) return status;
    status = read_pieces(zip, file, xp_zip_name(zip, i), packed, limit, take, context, error);
    zip_fclose(file);
    return status;
}

explaint_status xp_zip_read(xp_zip *zip, const char *member, xp_zip_take take, void *context, explaint_error *error) {
    zip_int64_t i = zip_name_locate(zip->archive, member, ZIP_FL_NOCASE);
    if (i < 0)
        return xp_fail(error, EXPLAINT_INVALID, zip->path, 0, "expected \"%.200s\" in the zip archive, found none",
                       member);
    return read_member(zip, (size_t)i, XP_LIMIT_TABLE, take, context, error);
}

explaint_status xp_zip_head(xp_zip *zip, size_t i, void *head, size_t capacity, size_t *size, explaint_error *error) {
    zip_file_t *file;
    size_t packed;
    explaint_status status = open_member(zip, i, &file, &packed, error);
    if (status != EXPLAINT_OK) return status;
    errno = 0;
    zip_int64_t got = zip_fread(file, head, capacity);
    if (got < 0) status = broken(zip->path, zip_file_get_error(file), error);
    *size = got > 0 ? (size_t)got : 0;
    zip_fclose(file);
    return status;
}

typedef struct collected {
    xp_bytes bytes;
    size_t capacity;
} collected;

static explaint_status collect(void *context, const char *piece, size_t size, explaint_error *error) {
    collected *c = context;
    if (c->bytes.data == NULL || c->bytes.size + size + 1 > c->capacity) { /* one for the final 0 */
        size_t capacity = 2 * c->capacity + size + 1;
        char *grown = xp_realloc(c->bytes.data, capacity, 1);
        if (grown == NULL) return xp_no_memory(error, "a member of a zip archive");
        c->bytes.data = grown;
        c->capacity = capacity;
    }
    if (size > 0) memcpy(c->bytes.data + c->bytes.size, piece, size);
    c->bytes.size += size;
    c->bytes.data[c->bytes.size] = 0;
    return EXPLAINT_OK;
}

explaint_status xp_zip_read_all(xp_zip *zip, size_t i, size_t limit, xp_bytes *bytes, explaint_error *error) {
    collected c = {.capacity = 0};
    explaint_status status = collect(&c, "", 0, error);
    if (status == EXPLAINT_OK) status = read_member(zip, i, limit, collect, &c, error);
    if (status == EXPLAINT_OK)
        *bytes = c.bytes;
    else
        xp_bytes_free(&c.bytes);
    return status;
}

explaint_status xp_zip_stored(xp_zip *zip, size_t i, xp_view *where, bool *stored, explaint_error *error) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    *stored = false;
    *where = (xp_view){0};
    errno = 0;
    if (zip_stat_index(zip->archive, i, 0, &stat) != 0) return broken(zip->path, zip_get_error(zip->archive), error);
    if (stat.comp_method != ZIP_CM_STORE || stat.encryption_method != ZIP_EM_NONE) return EXPLAINT_OK;
    size_t length = 0;
    char first;
    explaint_status status = xp_zip_head(zip, i, &first, 1, &length, error);
    if (status != EXPLAINT_OK) return status;
    const size_t from = length > 0 ? zip->window.from : 0;
    if (stat.size != stat.comp_size || stat.size > zip->window.size - from || (stat.size > 0 && length == 0))
        return xp_fail(error, EXPLAINT_INVALID, zip->path, 0,
                       "\"%.200s\" in the zip archive reaches beyond its end; was it cut off or damaged?",
                       xp_zip_name(zip, i));
    *where = (xp_view){zip->window.data + from, (size_t)stat.size};
    *stored = true;
    return EXPLAINT_OK;
}

#include "formats/file.h"

#define ZLIB_CONST /* next_in is const */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "formats/kinds.h"

#define HEAD 4096
#define RAW ((size_t)256 << 10) /* larger reads measured no faster */
#define MOST ((size_t)1 << 20)  /* of one read, so that it is hashed out of the cache */

struct xp_stream {
    char *path;
    int fd;                   /* -1: memory */
    unsigned char *buffer;    /* of the disk's bytes; NULL: memory */
    const unsigned char *raw; /* bytes not yet consumed */
    size_t raw_left;
    bool raw_end;             /* nothing after raw */
    bool gzip, member, ended; /* member: inside of one */
    z_stream inflate;
    bool inflate_ready;
    size_t bytes_in, bytes_out;
    xp_sha256 hash;
    char sha256[XP_SHA256_TEXT];
    unsigned char head[HEAD];
    size_t head_size, head_read;
};

static atomic_size_t read_countdown; /* 0: off */

void xp_file_fail_read(size_t n) { atomic_store(&read_countdown, n); }

static bool read_refused(void) {
    size_t left = atomic_load_explicit(&read_countdown, memory_order_relaxed);
    while (left > 0)
        if (atomic_compare_exchange_weak(&read_countdown, &left, left - 1)) return left == 1;
    return false;
}

static voidpf zlib_alloc(voidpf opaque, uInt items, uInt size) {
    (void)opaque;
    return xp_alloc(items, size);
}

static void zlib_free(voidpf opaque, voidpf address) {
    (void)opaque;
    xp_free(address);
}

/* Up to capacity of the disk's bytes. */
static explaint_status read_disk(xp_stream *s, unsigned char *to, size_t capacity, size_t *count,
                                 explaint_error *error) {
    ssize_t got;
    do {
        got = read(s->fd, to, capacity);
    } while (got < 0 && errno == EINTR);
    if (read_refused()) {
        got = -1;
        errno = EIO;
    }
    if (got < 0) {
        if (errno == EISDIR)
            return xp_fail(error, EXPLAINT_INVALID, s->path, 0,
                           "expected a file, found a folder; name a file inside of it");
        return xp_fail(error, EXPLAINT_INVALID, s->path, 0, "reading failed after %zu bytes: %s", s->bytes_in,
                       strerror(errno));
    }
    if (got == 0) s->raw_end = true;
    *count = (size_t)got;
    xp_sha256_add(&s->hash, to, *count);
    return EXPLAINT_OK;
}

/* More of the disk's bytes behind raw, which is empty. */
static explaint_status fill(xp_stream *s, explaint_error *error) {
    if (s->raw_end || s->raw_left > 0) return EXPLAINT_OK;
    s->raw = s->buffer;
    return read_disk(s, s->buffer, RAW, &s->raw_left, error);
}

static void consume(xp_stream *s, size_t n) {
    s->raw += n;
    s->raw_left -= n;
    s->bytes_in += n;
}

static explaint_status begin_member(xp_stream *s, explaint_error *error) {
    int code;
    if (s->inflate_ready) {
        code = inflateReset(&s->inflate);
    } else {
        s->inflate.zalloc = zlib_alloc;
        s->inflate.zfree = zlib_free;
        code = inflateInit2(&s->inflate, 15 + 16); /* largest window; gzip, not zlib */
        s->inflate_ready = code == Z_OK;
    }
    s->member = code == Z_OK;
    return code == Z_OK ? EXPLAINT_OK : xp_no_memory(error, "inflating gzip");
}

/* Between members: the end, another member, or the zero bytes with which tapes are padded. */
static explaint_status next_member(xp_stream *s, explaint_error *error) {
    for (;;) {
        explaint_status status = fill(s, error);
        if (status != EXPLAINT_OK) return status;
        if (s->raw_left == 0) {
            s->ended = true;
            return EXPLAINT_OK;
        }
        if (*s->raw == 0x1f) return begin_member(s, error);
        if (*s->raw != 0)
            return xp_fail(
                error, EXPLAINT_INVALID, s->path, 0,
                "expected the end of the gzip file at byte %zu, found other bytes; the file is damaged, get it again",
                s->bytes_in + 1);
        consume(s, 1);
    }
}

static explaint_status read_gzip(xp_stream *s, unsigned char *out, size_t capacity, size_t *got,
                                 explaint_error *error) {
    *got = 0;
    while (*got == 0 && !s->ended) {
        explaint_status status = s->member ? EXPLAINT_OK : next_member(s, error);
        if (status != EXPLAINT_OK) return status;
        if (s->ended) break;
        status = fill(s, error);
        if (status != EXPLAINT_OK) return status;
        uInt in = s->raw_left < RAW ? (uInt)s->raw_left : (uInt)RAW;
        uInt room = capacity < RAW ? (uInt)capacity : (uInt)RAW;
        s->inflate.next_in = s->raw;
        s->inflate.avail_in = in;
        s->inflate.next_out = out;
        s->inflate.avail_out = room;
        int code = inflate(&s->inflate, Z_NO_FLUSH);
        consume(s, in - s->inflate.avail_in);
        *got = room - s->inflate.avail_out;
        s->bytes_out += *got;
        if (code == Z_STREAM_END) {
            s->member = false;
        } else if (code == Z_MEM_ERROR) {
            return xp_no_memory(error, "inflating gzip");
        } else if (in == 0 && *got == 0) { /* nothing left to read, nor inside of zlib */
            return xp_fail(error, EXPLAINT_INVALID, s->path, 0,
                           "the file ends inside a gzip block, after %zu bytes; it was cut off, get it again",
                           s->bytes_in);
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return xp_fail(error, EXPLAINT_INVALID, s->path, 0,
                           "the gzip data are damaged near byte %zu (%s); get the file again", s->bytes_in,
                           s->inflate.msg != NULL ? s->inflate.msg : "no reason given");
        }
        if (s->bytes_out > XP_BOMB_FREE && s->bytes_out / XP_BOMB_RATIO > s->bytes_in)
            return xp_fail(
                error, EXPLAINT_INVALID, s->path, 0,
                "%zu bytes of gzip became %zu, more than %d times as many: no table or vector file shrinks like this; "
                "if it is meant, inflate it first (gunzip)",
                s->bytes_in, s->bytes_out, XP_BOMB_RATIO);
    }
    return EXPLAINT_OK;
}

static explaint_status read_body(xp_stream *s, unsigned char *out, size_t capacity, size_t *got,
                                 explaint_error *error) {
    *got = 0;
    if (s->gzip) return read_gzip(s, out, capacity, got, error);
    if (s->raw_left == 0 && !s->raw_end && capacity >= RAW) { /* large reads go to where they are wanted */
        explaint_status status = read_disk(s, out, capacity < MOST ? capacity : MOST, got, error);
        s->bytes_in += *got;
        s->bytes_out += *got;
        s->ended = status == EXPLAINT_OK && *got == 0;
        return status;
    }
    explaint_status status = fill(s, error);
    if (status != EXPLAINT_OK) return status;
    *got = s->raw_left < capacity ? s->raw_left : capacity;
    if (*got > 0) memcpy(out, s->raw, *got);
    consume(s, *got);
    s->bytes_out += *got;
    s->ended = *got == 0;
    return EXPLAINT_OK;
}

/* Reads the head, so that the kind of content is known before anything is consumed. */
static explaint_status begin(xp_stream *s, explaint_error *error) {
    explaint_status status = fill(s, error);
    if (status != EXPLAINT_OK) return status;
    if (s->raw_left == 0) return xp_fail(error, EXPLAINT_INVALID, s->path, 0, "the file is empty");
    s->gzip = s->raw_left >= 2 && s->raw[0] == 0x1f && s->raw[1] == 0x8b;
    while (s->head_size < HEAD && !s->ended) {
        size_t got;
        status = read_body(s, s->head + s->head_size, HEAD - s->head_size, &got, error);
        if (status != EXPLAINT_OK) return status;
        s->head_size += got;
    }
    if (s->head_size == 0) return xp_fail(error, EXPLAINT_INVALID, s->path, 0, "the file is empty once it is inflated");
    return xp_kind_refuse(s->path, s->head, s->head_size, XP_READER_FILE, error);
}

static xp_stream *create(const char *path) {
    xp_stream *s = xp_calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    s->fd = -1;
    s->path = xp_strdup(path);
    xp_sha256_begin(&s->hash);
    if (s->path != NULL) return s;
    xp_free(s);
    return NULL;
}

static bool is_standard_input(const char *path) { return strcmp(path, "-") == 0; }

const char *xp_file_name(const char *path) { return is_standard_input(path) ? "standard input" : path; }

static explaint_status open_stream(const char *path, bool standard_input, xp_stream **stream, explaint_error *error) {
    *stream = NULL;
    xp_stream *s = create(path);
    if (s == NULL) return xp_no_memory(error, "reading a file");
    explaint_status status = EXPLAINT_OK;
    s->buffer = xp_alloc(RAW, 1);
    struct stat kind;
    if (s->buffer == NULL) {
        status = xp_no_memory(error, "reading a file");
    } else if ((s->fd = standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC)) <
               0) {
        if (path[0] == 0)
            status = xp_fail(error, EXPLAINT_INVALID, NULL, 0, "expected the name of a file, found an empty name");
        else if (errno == ENOENT)
            status = xp_fail(error, EXPLAINT_INVALID, path, 0, "there is no such file");
        else
            status = xp_fail(error, EXPLAINT_INVALID, path, 0, "cannot be opened: %s", strerror(errno));
    } else if (fstat(s->fd, &kind) == 0 && S_ISDIR(kind.st_mode)) {
        status = xp_fail(error, EXPLAINT_INVALID, path, 0, "expected a file, found a folder; name a file inside of it");
    } else {
        status = begin(s, error);
    }
    if (status == EXPLAINT_OK)
        *stream = s;
    else
        xp_stream_close(s);
    return status;
}

explaint_status xp_stream_open(const char *path, xp_stream **stream, explaint_error *error) {
    return open_stream(path, false, stream, error);
}

explaint_status xp_stream_open_memory(const char *path, const void *bytes, size_t size, xp_stream **stream,
                                      explaint_error *error) {
    *stream = NULL;
    xp_stream *s = create(path);
    if (s == NULL) return xp_no_memory(error, "reading a file");
    s->raw = bytes;
    s->raw_left = size;
    s->raw_end = true;
    xp_sha256_add(&s->hash, bytes, size);
    explaint_status status = begin(s, error);
    if (status == EXPLAINT_OK)
        *stream = s;
    else
        xp_stream_close(s);
    return status;
}

explaint_status xp_stream_open_given(const char *path, const xp_view *given, xp_stream **stream,
                                     explaint_error *error) {
    return given != NULL ? xp_stream_open_memory(path, given->data, given->length, stream, error)
                         : xp_stream_open(path, stream, error);
}

void xp_stream_close(xp_stream *s) {
    if (s == NULL) return;
    if (s->inflate_ready) inflateEnd(&s->inflate);
    if (s->fd >= 0) close(s->fd);
    xp_free_all(s->buffer, s->path, s);
}

const char *xp_stream_path(const xp_stream *stream) { return stream->path; }

size_t xp_stream_head(const xp_stream *stream, const unsigned char **head) {
    *head = stream->head;
    return stream->head_size;
}

explaint_status xp_stream_read(xp_stream *s, char *buffer, size_t capacity, size_t *got, explaint_error *error) {
    *got = s->head_size - s->head_read;
    if (*got > 0) {
        if (*got > capacity) *got = capacity;
        memcpy(buffer, s->head + s->head_read, *got);
        s->head_read += *got;
        return EXPLAINT_OK;
    }
    explaint_status status = s->ended ? EXPLAINT_OK : read_body(s, (unsigned char *)buffer, capacity, got, error);
    if (status == EXPLAINT_OK && *got == 0 && s->sha256[0] == 0) {
        xp_sha256 hash = s->hash;
        xp_sha256_end(&hash, s->sha256);
    }
    return status;
}

void xp_stream_sha256(const xp_stream *stream, char text[XP_SHA256_TEXT]) {
    memcpy(text, stream->sha256, XP_SHA256_TEXT);
}

explaint_status xp_stream_all(xp_stream *s, size_t limit, xp_bytes *bytes, explaint_error *error) {
    size_t capacity = 4096, size = 0;
    struct stat kind;
    if (s->fd >= 0 && fstat(s->fd, &kind) == 0 && S_ISREG(kind.st_mode) && kind.st_size > 0) {
        size_t on_disk = (size_t)kind.st_size;
        if (!s->gzip && on_disk > limit)
            return xp_fail(error, EXPLAINT_INVALID, s->path, 0,
                           "expected at most %zu bytes, found %zu; is this the right file?", limit, on_disk);
        if (on_disk < limit / 8) capacity = s->gzip ? 4 * on_disk : on_disk;
    }
    char *data = xp_alloc(capacity + 2, 1); /* one to notice the end without growing, one for the final 0 */
    if (data == NULL) return xp_no_memory(error, "a file's bytes");
    for (;;) {
        size_t got;
        explaint_status status = xp_stream_read(s, data + size, capacity + 1 - size, &got, error);
        if (status == EXPLAINT_OK && size + got > limit)
            status = xp_fail(error, EXPLAINT_INVALID, s->path, 0,
                             "expected at most %zu bytes%s, found more; is this the right file?", limit,
                             s->gzip ? " once inflated" : "");
        if (status != EXPLAINT_OK) {
            xp_free(data);
            return status;
        }
        if (got == 0) break;
        size += got;
        if (size > capacity) {
            capacity *= 2;
            char *grown = xp_realloc(data, capacity + 2, 1);
            if (grown == NULL) {
                xp_free(data);
                return xp_no_memory(error, "a file's bytes");
            }
            data = grown;
        }
    }
    data[size] = 0;
    *bytes = (xp_bytes){.data = data, .size = size};
    xp_stream_sha256(s, bytes->sha256);
    return EXPLAINT_OK;
}

explaint_status xp_file_read(const char *path, size_t limit, xp_bytes *bytes, explaint_error *error) {
    xp_stream *stream = NULL;
    explaint_status status = open_stream(xp_file_name(path), is_standard_input(path), &stream, error);
    if (stream != NULL) status = xp_stream_all(stream, limit, bytes, error);
    xp_stream_close(stream);
    return status;
}

void xp_bytes_hash(xp_bytes *bytes) {
    xp_sha256 hash;
    if (bytes->sha256[0] != 0) return; /* known from reading: of what lies on the disk, perhaps compressed */
    xp_sha256_begin(&hash);
    xp_sha256_add(&hash, bytes->data, bytes->size);
    xp_sha256_end(&hash, bytes->sha256);
}

/* false: the file cannot be mapped. */
static bool map(const xp_stream *s, size_t limit, xp_bytes *bytes) {
    struct stat kind;
    if (s->fd < 0 || s->gzip || fstat(s->fd, &kind) != 0 || !S_ISREG(kind.st_mode) || kind.st_size <= 0 ||
        (size_t)kind.st_size > limit)
        return false;
    size_t size = (size_t)kind.st_size;
    void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, s->fd, 0);
    if (data == MAP_FAILED) return false;
    madvise(data, size, MADV_SEQUENTIAL);
    *bytes = (xp_bytes){.data = data, .size = size, .mapped = true};
    return true;
}

explaint_status xp_stream_map(xp_stream *s, size_t limit, xp_bytes *bytes, explaint_error *error) {
    if (!map(s, limit, bytes)) return xp_stream_all(s, limit, bytes, error);
    xp_bytes_hash(bytes);
    return EXPLAINT_OK;
}

explaint_status xp_file_map(const char *path, size_t limit, xp_bytes *bytes, explaint_error *error) {
    xp_stream *stream = NULL;
    explaint_status status = xp_stream_open(path, &stream, error);
    if (status == EXPLAINT_OK && !map(stream, limit, bytes)) status = xp_stream_all(stream, limit, bytes, error);
    xp_stream_close(stream);
    return status;
}

void xp_bytes_free(xp_bytes *bytes) {
    if (bytes->mapped)
        munmap(bytes->data, bytes->size);
    else
        xp_free(bytes->data);
    *bytes = (xp_bytes){0};
}

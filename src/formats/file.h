/* The bytes of a file, plain or gzip, with the SHA-256 of what lies on the disk. Adapter of zlib.
 *
 *     xp_bytes bytes = {0};
 *     if (xp_file_read(path, XP_LIMIT_TABLE, &bytes, error) != EXPLAINT_OK) return error->code;
 *     ... bytes.data, bytes.size, bytes.sha256 ...
 *     xp_bytes_free(&bytes);
 *
 * gzip is recognised by its first two bytes, not by the name; several members in a row are one file (RFC 1952, 2.2).
 * A folder, a missing or empty file, and gzip that is cut off or damaged are errors of the code EXPLAINT_INVALID. */
#ifndef XP_FORMATS_FILE_H
#define XP_FORMATS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/sha256.h"
#include "base/view.h"

/* Norms, categories, folds and word lists: the largest norms of the literature have 6 MB; at 1 GiB something else was
 * named by mistake. */
#define XP_LIMIT_TABLE ((size_t)1 << 30)
/* Arrays of vectors: three million words of 300 fp32 are 3.6 GB. */
#define XP_LIMIT_ARRAY ((size_t)1 << 35)
/* A gzip bomb. Text of numbers shrinks 2 to 4 times, sparse tables up to about 100 times; deflate can do 1030. Small
 * files are never refused: the ratio counts beyond the first 64 MiB that come out. */
#define XP_BOMB_FREE ((size_t)64 << 20)
#define XP_BOMB_RATIO 200

typedef struct xp_stream xp_stream;

explaint_status xp_stream_open(const char *path, xp_stream **stream, explaint_error *error);

/* The same over bytes in memory, which must outlive the stream; path is for messages. */
explaint_status xp_stream_open_memory(const char *path, const void *bytes, size_t size, xp_stream **stream,
                                      explaint_error *error);
/* Either: of bytes that are given; NULL: of the file. */
explaint_status xp_stream_open_given(const char *path, const xp_view *given, xp_stream **stream, explaint_error *error);
void xp_stream_close(xp_stream *stream);

const char *xp_stream_path(const xp_stream *stream);

/* The first bytes (inflated) without consuming them: up to 4,096, fewer if the file is shorter. */
size_t xp_stream_head(const xp_stream *stream, const unsigned char **head);

/* Up to capacity bytes; *got is 0 only at the end. */
explaint_status xp_stream_read(xp_stream *stream, char *buffer, size_t capacity, size_t *got, explaint_error *error);

/* Of the file's bytes as they lie on the disk; valid once xp_stream_read has said the end. */
void xp_stream_sha256(const xp_stream *stream, char text[XP_SHA256_TEXT]);

/* Bytes in memory, owned; data[size] is 0, unless they are mapped. */
typedef struct xp_bytes {
    char *data;
    size_t size;
    bool mapped;
    char sha256[XP_SHA256_TEXT];
} xp_bytes;

/* All that is left of the stream; more than limit bytes (inflated) is an error. */
explaint_status xp_stream_all(xp_stream *stream, size_t limit, xp_bytes *bytes, explaint_error *error);
/* The whole file; "-" is standard input, which is there once. */
explaint_status xp_file_read(const char *path, size_t limit, xp_bytes *bytes, explaint_error *error);
/* What messages call it: "standard input" for "-". */
const char *xp_file_name(const char *path);

/* As xp_stream_all for a stream that nothing was read from, but a plain file on a disk is mapped and not copied: for
 * arrays of gigabytes of which little is kept. The bytes are read-only. A file that somebody shortens while it is mapped
 * ends the program. */
explaint_status xp_stream_map(xp_stream *stream, size_t limit, xp_bytes *bytes, explaint_error *error);
/* The same of a plain file by its path, not hashed: sha256 is empty until xp_bytes_hash, which may run on a thread of its
 * own. */
explaint_status xp_file_map(const char *path, size_t limit, xp_bytes *bytes, explaint_error *error);
void xp_bytes_hash(xp_bytes *bytes);
void xp_bytes_free(xp_bytes *bytes);

/* Tests only: from now on the n-th read from a disk (1 = the next) fails; 0 switches it off. */
void xp_file_fail_read(size_t n);

#endif

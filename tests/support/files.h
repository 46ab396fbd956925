/* Files of one test: a folder that is made for it and removed after it. */
#ifndef XP_TESTS_SUPPORT_FILES_H
#define XP_TESTS_SUPPORT_FILES_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

static char files_folder[64];

static inline int files_setup(void **state) {
    (void)state;
    strcpy(files_folder, "/tmp/explaint-test-XXXXXX");
    return mkdtemp(files_folder) == NULL;
}

static inline int files_remove_one(const char *path, const struct stat *status, int type, struct FTW *at) {
    (void)status, (void)type, (void)at;
    return remove(path);
}

static inline int files_teardown(void **state) {
    (void)state;
    return nftw(files_folder, files_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of a file in the folder; four may be held at once. */
static inline const char *files_path(const char *name) {
    static char path[4][512];
    static unsigned turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", files_folder, name);
    return p;
}

static inline const char *files_write(const char *name, const void *bytes, size_t size) {
    const char *path = files_path(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline const char *files_text(const char *name, const char *text) {
    return files_write(name, text, strlen(text));
}

/* gzip in memory; returns the size. */
static inline size_t files_gzip(const void *bytes, size_t size, unsigned char *out, size_t capacity) {
    union {
        const void *in;
        unsigned char *out;
    } input = {.in = bytes};
    z_stream z = {.next_in = input.out, .avail_in = (uInt)size, .next_out = out, .avail_out = (uInt)capacity};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return z.total_out;
}

/* The contents of a file, to be freed; NULL if there is none. */
static inline char *files_slurp(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    char *bytes = malloc((size_t)1 << 20);
    assert_non_null(bytes);
    size_t n = fread(bytes, 1, ((size_t)1 << 20) - 1, file);
    bytes[n] = 0;
    if (size != NULL) *size = n;
    fclose(file);
    return bytes;
}

#define assert_contains(text, part)                                                                                    \
    do {                                                                                                               \
        if (strstr((text), (part)) == NULL) fail_msg("\"%s\" does not contain \"%s\"", (text), (part));                \
    } while (0)

#endif

#include "support/files.h"

#include "formats/encoding.h"
#include "formats/file.h"

static void plain_and_gzip_are_the_same(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_bytes bytes;
    const char *text = "concept,feature\ndog,barks\n";
    assert_int_equal(xp_file_read(files_text("a.gz", text), XP_LIMIT_TABLE, &bytes, &error),
                     EXPLAINT_OK); /* by content, not name */
    assert_string_equal(bytes.data, text);
    assert_string_equal(bytes.sha256, "1247d68ac41adfe696ed6d7801272af4ec369466e3ac927624ff81bcc152a24e");
    xp_bytes_free(&bytes);
    unsigned char packed[256];
    size_t size = files_gzip(text, strlen(text), packed, sizeof packed);
    assert_int_equal(xp_file_read(files_write("a.csv", packed, size), XP_LIMIT_TABLE, &bytes, &error), EXPLAINT_OK);
    assert_string_equal(bytes.data, text);
    xp_sha256 hash;
    char expected[XP_SHA256_TEXT];
    xp_sha256_begin(&hash);
    xp_sha256_add(&hash, packed, size);
    xp_sha256_end(&hash, expected);
    assert_string_equal(bytes.sha256, expected); /* of the bytes on the disk */
    xp_bytes_free(&bytes);
}

static void several_members_and_padding(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_bytes bytes;
    unsigned char packed[512] = {0};
    size_t size = files_gzip("one\n", 4, packed, 200);
    size += files_gzip("two\n", 4, packed + size, 200);
    assert_int_equal(xp_file_read(files_write("two.gz", packed, size + 50), XP_LIMIT_TABLE, &bytes, &error),
                     EXPLAINT_OK);
    assert_string_equal(bytes.data, "one\ntwo\n");
    xp_bytes_free(&bytes);
    packed[size + 10] = 'x';
    assert_int_equal(xp_file_read(files_write("two.gz", packed, size + 50), XP_LIMIT_TABLE, &bytes, &error),
                     EXPLAINT_INVALID);
    assert_contains(error.message, "expected the end of the gzip file");
}

static void refused(const char *path, const char *part) {
    explaint_error error = {0};
    xp_bytes bytes;
    assert_int_equal(xp_file_read(path, XP_LIMIT_TABLE, &bytes, &error), EXPLAINT_INVALID);
    assert_contains(error.message, part);
}

static void what_is_no_file(void **state) {
    (void)state;
    refused(files_folder, "found a folder");
    refused(files_path("none"), "there is no such file");
    refused(files_text("empty", ""), "the file is empty");
    refused("", "empty name");
    unsigned char packed[64];
    refused(files_write("empty.gz", packed, files_gzip("", 0, packed, sizeof packed)), "empty once it is inflated");
}

static void every_cut_and_every_flipped_byte(void **state) {
    (void)state;
    char text[2000];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)('a' + (i * i) % 23);
    unsigned char packed[4000];
    size_t size = files_gzip(text, sizeof text, packed, sizeof packed);
    explaint_error error = {0};
    for (size_t cut = 2; cut < size; cut++) {
        xp_stream *stream = NULL;
        xp_bytes bytes = {0};
        explaint_status status = xp_stream_open_memory("cut.gz", packed, cut, &stream, &error);
        if (status == EXPLAINT_OK) status = xp_stream_all(stream, XP_LIMIT_TABLE, &bytes, &error);
        xp_stream_close(stream);
        assert_int_equal(status, EXPLAINT_INVALID);
        assert_contains(error.message, "the file ends inside a gzip block");
    }
    for (size_t at = 10; at < size; at++) { /* behind the header, whose time and system may be anything */
        packed[at] ^= 0x10;
        xp_stream *stream = NULL;
        xp_bytes bytes = {0};
        explaint_status status = xp_stream_open_memory("flip.gz", packed, size, &stream, &error);
        if (status == EXPLAINT_OK) status = xp_stream_all(stream, XP_LIMIT_TABLE, &bytes, &error);
        xp_stream_close(stream);
        assert_int_equal(status, EXPLAINT_INVALID);
        packed[at] ^= 0x10;
    }
}

static void a_bomb_is_stopped(void **state) {
    (void)state;
    size_t plain = XP_BOMB_FREE + ((size_t)16 << 20), capacity = (size_t)1 << 20;
    char *zeros = calloc(plain, 1);
    unsigned char *packed = malloc(capacity);
    assert_non_null(zeros);
    assert_non_null(packed);
    refused(files_write("bomb.gz", packed, files_gzip(zeros, plain, packed, capacity)), "more than 200 times as many");
    /* Small files may shrink as they like. */
    explaint_error error = {0};
    xp_bytes bytes;
    size_t size = files_gzip(zeros, (size_t)1 << 20, packed, capacity);
    assert_int_equal(xp_file_read(files_write("small.gz", packed, size), XP_LIMIT_TABLE, &bytes, &error), EXPLAINT_OK);
    assert_int_equal(bytes.size, (size_t)1 << 20);
    xp_bytes_free(&bytes);
    assert_int_equal(xp_file_read(files_path("small.gz"), 1000, &bytes, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "expected at most 1000 bytes once inflated");
    assert_int_equal(xp_file_read(files_text("large", "0123456789"), 9, &bytes, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "expected at most 9 bytes, found 10");
    free(zeros);
    free(packed);
}

static void every_read_may_fail(void **state) {
    (void)state;
    explaint_error error = {0};
    const char *path = files_text("read", "some text\n");
    bool done = false;
    for (size_t n = 1; !done; n++) {
        xp_bytes bytes = {0};
        xp_file_fail_read(n);
        explaint_status status = xp_file_read(path, XP_LIMIT_TABLE, &bytes, &error);
        xp_file_fail_read(0);
        done = status == EXPLAINT_OK;
        if (!done) assert_int_equal(status, EXPLAINT_INVALID);
        if (!done) assert_contains(error.message, "reading failed");
        xp_bytes_free(&bytes);
        assert_true(n < 10);
    }
}

/* ---- encodings ---- */

static explaint_status decode(const char *data, size_t size, xp_bytes *bytes, xp_strings *notes,
                              explaint_error *error) {
    xp_stream *stream;
    explaint_status status = xp_stream_open_memory("t.csv", data, size, &stream, error);
    if (status == EXPLAINT_OK) status = xp_stream_all(stream, XP_LIMIT_TABLE, bytes, error);
    xp_stream_close(stream);
    return status == EXPLAINT_OK ? xp_encoding_decode("t.csv", bytes, notes, error) : status;
}

static void expect_text(const char *data, size_t size, const char *text, const char *note) {
    explaint_error error = {0};
    xp_bytes bytes = {0};
    xp_strings notes = {0};
    assert_int_equal(decode(data, size, &bytes, &notes, &error), EXPLAINT_OK);
    assert_string_equal(bytes.data, text);
    assert_int_equal(bytes.size, strlen(text));
    assert_int_equal(notes.count, note != NULL);
    if (note != NULL) assert_contains(notes.item[0], note);
    xp_strings_free(&notes);
    xp_bytes_free(&bytes);
}

static void expect_refusal(const char *data, size_t size, const char *part, size_t line) {
    explaint_error error = {0};
    xp_bytes bytes = {0};
    xp_strings notes = {0};
    assert_int_equal(decode(data, size, &bytes, &notes, &error), EXPLAINT_INVALID);
    assert_contains(error.message, part);
    assert_int_equal(error.line, line);
    xp_strings_free(&notes);
    xp_bytes_free(&bytes);
}

static void encodings(void **state) {
    (void)state;
    expect_text("a,b", 3, "a,b", NULL);
    expect_text("\xef\xbb\xbf"
                "a,b",
                6, "a,b", NULL);
    expect_text("caf\xc3\xa9,\xe2\x82\xac,\xf0\x9f\x90\x95", 14, "caf\xc3\xa9,\xe2\x82\xac,\xf0\x9f\x90\x95", NULL);
    expect_text("x\ncaf\xe9", 6, "x\ncaf\xc3\xa9", "read as Latin-1: byte 0xe9 in line 2");
    expect_text("\xc3\xa9\n\xe9", 4, "\xc3\x83\xc2\xa9\n\xc3\xa9", "line 2 is not UTF-8, but what stands before it is");
    expect_text("\x93"
                "dog\x94",
                5,
                "\xe2\x80\x9c"
                "dog\xe2\x80\x9d",
                "read as Windows-1252");
    expect_refusal("\xff\xfe"
                   "a\0,\0",
                   6, "iconv -f UTF-16 -t UTF-8 FILE > NEW", 0);
    expect_refusal("\xfe\xff\0a\0,", 6, "iconv -f UTF-16 -t UTF-8", 0);
    expect_refusal("a\0b\0c\0d\0e\0", 10, "iconv -f UTF-16LE", 0);
    expect_refusal("\0a\0b\0c\0d\0e", 10, "iconv -f UTF-16BE", 0);
    expect_refusal("\xff\xfe\0\0a\0\0\0", 8, "iconv -f UTF-32", 0);
    expect_refusal("line one is long\nand\0", 21, "NUL byte", 2);
    expect_refusal("\xef\xbb\xbf", 3, "empty but for a byte order mark", 0);
}

static void utf8(void **state) {
    (void)state;
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xe2\x82",
                                      "\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[32];
        snprintf(text, sizeof text, "123456789%s", bad[i]);
        assert_int_equal(xp_encoding_invalid(text, strlen(text)), 9);
    }
    assert_int_equal(xp_encoding_invalid("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", 10), 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_and_gzip_are_the_same),
        cmocka_unit_test(several_members_and_padding),
        cmocka_unit_test(what_is_no_file),
        cmocka_unit_test(every_cut_and_every_flipped_byte),
        cmocka_unit_test(a_bomb_is_stopped),
        cmocka_unit_test(every_read_may_fail),
        cmocka_unit_test(encodings),
        cmocka_unit_test(utf8),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}

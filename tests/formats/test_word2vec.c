#include "support/files.h"

#include "formats/word2vec.h"

/* bytes with their length, NULs among them */
#define BYTES(text) (text), sizeof(text) - 1

static explaint_status read_bytes(const void *bytes, size_t size, const xp_index *wanted, size_t n, xp_kept *kept,
                                  explaint_error *error) {
    xp_stream *stream;
    *kept = (xp_kept){0};
    explaint_status status = xp_stream_open_memory("v.bin", bytes, size, &stream, error);
    assert_int_equal(status, EXPLAINT_OK);
    assert_true(xp_kept_begin(kept, wanted, n));
    status = xp_word2vec_read(stream, kept, error);
    if (status != EXPLAINT_OK) xp_kept_free(kept);
    xp_stream_close(stream);
    return status;
}

static void known_by_content(void **state) {
    (void)state;
    assert_true(xp_word2vec_is(BYTES("2 2\ndog \0\0\x80?\0\0\0@")));
    assert_true(xp_word2vec_is(BYTES("2 2\r\ncaf\xe9 \0\0\x80?\0\0\0@\n")));
    assert_true(xp_word2vec_is(BYTES("1 1\nx \0\0\0\0")));
    assert_true(xp_word2vec_is(BYTES("9 2\nx \xcd\xcc\x8c?\n1 1"))); /* a line end among its bytes */
    assert_false(xp_word2vec_is(BYTES("2 3\ndog 1 2 3\ncat 4 5 6\n")));
    assert_false(xp_word2vec_is(BYTES("2 3\nvieux caf\xe9 1 2 3\n"))); /* a word of two parts */
    assert_false(xp_word2vec_is(BYTES("2 3\nvieux caf\xe9 1 2 3 \r\n")));
    assert_false(xp_word2vec_is(BYTES("2 3\ndog 1 nan 3\n")));
    assert_false(xp_word2vec_is(BYTES("2 3\ndog 1 2\ncat 1 2 3\n")));  /* wrong, and text */
    assert_false(xp_word2vec_is(BYTES("2 300\ndog 0.1 0.2 0.3 0.4"))); /* the head ends there */
    assert_false(xp_word2vec_is(BYTES("dog 1 2\n\0\0")));
    assert_false(xp_word2vec_is(BYTES("2 0\nx \0")));
    assert_false(xp_word2vec_is(BYTES("2 2")));
}

static const char file[] = "4 2\n"
                           "dog \0\0\x80?\0\0\0@\n"
                           "caf\xe9 \0\0\0\0\0\0\0\x80\n"
                           "\0\1\xc3\xa9 \n\n\n@\0\0 @"
                           "dog \0\0\0\0\0\0\0\0\n";

static void every_word(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_kept kept;
    if (read_bytes(BYTES(file), NULL, 0, &kept, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(kept.n_words, 4);
    assert_int_equal(kept.n, 3);
    assert_int_equal(kept.width, 2);
    assert_string_equal(kept.word[0].data, "dog");
    assert_true(kept.row[0][0] == 1 && kept.row[0][1] == 2);
    assert_string_equal(kept.word[1].data, "caf\xc3\xa9");
    assert_int_equal(kept.word[2].length, 4); /* any byte but the space, also NUL */
    assert_memory_equal(kept.word[2].data, "\0\1\xc3\xa9", 5);
    assert_true(kept.row[2][1] == 2.5);
    assert_int_equal(kept.duplicates.count, 1);
    assert_contains(kept.duplicates.item[0], "\"dog\" stands in row 1 and again in row 4; the first is kept");
    assert_int_equal(kept.notes.count, 2);
    assert_contains(kept.notes.item[0], "in row 2 is zero in every place");
    assert_contains(kept.notes.item[1], "read as Latin-1: 1 word that is not UTF-8, the first in row 2");
    xp_kept_free(&kept);
}

static void wanted_words(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_kept kept;
    xp_index *index = xp_index_create(2);
    bool found;
    size_t stored;
    assert_true(xp_index_intern(index, "caf\xc3\xa9", 5, 0, &stored, &found));
    assert_true(xp_index_intern(index, "unicorn", 7, 1, &stored, &found));
    if (read_bytes(BYTES(file), index, 2, &kept, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(kept.n_rows, 1);
    assert_int_equal(kept.place[0], 2);
    assert_true(kept.row[0][0] == 0);
    assert_null(kept.row[1]);
    assert_int_equal(kept.duplicates.count, 0);
    xp_kept_free(&kept);
    xp_index_destroy(index);
}

/* Wherever a file ends too early, it is refused; but for the last line end. */
static void every_cut(void **state) {
    (void)state;
    size_t size = sizeof file - 1;
    for (size_t cut = 1; cut <= size; cut++) {
        explaint_error error = {0};
        xp_kept kept;
        char *exact = malloc(cut); /* so that a step too far is seen */
        memcpy(exact, file, cut);
        explaint_status status = read_bytes(exact, cut, NULL, 0, &kept, &error);
        assert_int_equal(status, cut >= size - 1 ? EXPLAINT_OK : EXPLAINT_INVALID);
        if (status == EXPLAINT_OK) xp_kept_free(&kept);
        free(exact);
    }
}

/* Records that cross the edges of the buffer, and are wider than it. */
static void large(void **state) {
    (void)state;
    static const size_t widths[] = {1, 299, 400000};
    for (size_t w = 0; w < 3; w++) {
        size_t width = widths[w], rows = 4 + 3000000 / width, at = 0, capacity = 32 + rows * (16 + 4 * width);
        char *bytes = malloc(capacity);
        at += (size_t)sprintf(bytes, "%zu %zu\n", rows, width);
        for (size_t i = 0; i < rows; i++) {
            at += (size_t)sprintf(bytes + at, "w%zu ", i);
            for (size_t k = 0; k < width; k++, at += 4) {
                float x = (float)(i * 31 + k) / 7;
                memcpy(bytes + at, &x, 4);
            }
        }
        explaint_error error = {0};
        xp_kept kept;
        if (read_bytes(bytes, at, NULL, 0, &kept, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        assert_int_equal(kept.n, rows);
        for (size_t i = 0; i < rows; i++)
            for (size_t k = 0; k < width; k += 1 + width / 5)
                assert_true(kept.row[i][k] == (double)((float)(i * 31 + k) / 7));
        xp_kept_free(&kept);
        free(bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_by_content), cmocka_unit_test(every_word),
                                       cmocka_unit_test(wanted_words), cmocka_unit_test(every_cut),
                                       cmocka_unit_test(large)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

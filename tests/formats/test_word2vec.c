#include "support/files.h"

#include "formats/word2vec.h"

/* bytes with their length, NULs among them */
#define BYTES(text) (text), sizeof(text) - 1

static explaint_status read_bytes(const void *bytes, size_t size, const xp_wanted *wanted, xp_word_rows *kept,
                                  explaint_error *error) {
    xp_stream *stream;
    *kept = (xp_word_rows){0};
    explaint_status status = xp_stream_open_memory("v.bin", bytes, size, &stream, error);
    assert_int_equal(status, EXPLAINT_OK);
    assert_true(xp_word_rows_begin(kept, wanted));
    status = xp_word2vec_read(stream, kept, error);
    if (status != EXPLAINT_OK) xp_word_rows_free(kept);
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
    xp_word_rows kept;
    if (read_bytes(BYTES(file), NULL, &kept, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
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
    xp_word_rows_free(&kept);
}

static void wanted_words(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_word_rows kept;
    xp_wanted wanted;
    assert_true(xp_wanted_begin(&wanted, 2));
    size_t number;
    assert_true(xp_wanted_add(&wanted, (xp_view){"caf\xc3\xa9", 5}, &number));
    assert_true(xp_wanted_add(&wanted, (xp_view){"unicorn", 7}, &number));
    if (read_bytes(BYTES(file), &wanted, &kept, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(kept.n_rows, 1);
    assert_int_equal(kept.place[0], 2);
    assert_true(kept.row[0][0] == 0);
    assert_null(kept.row[1]);
    assert_int_equal(kept.duplicates.count, 0);
    xp_word_rows_free(&kept);
    xp_wanted_free(&wanted);
}

/* Wherever a file ends too early, it is refused; but for the last line end. */
static void every_cut(void **state) {
    (void)state;
    size_t size = sizeof file - 1;
    for (size_t cut = 1; cut <= size; cut++) {
        explaint_error error = {0};
        xp_word_rows kept;
        char *exact = malloc(cut); /* so that a step too far is seen */
        memcpy(exact, file, cut);
        explaint_status status = read_bytes(exact, cut, NULL, &kept, &error);
        assert_int_equal(status, cut >= size - 1 ? EXPLAINT_OK : EXPLAINT_INVALID);
        if (status == EXPLAINT_OK) xp_word_rows_free(&kept);
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
        xp_word_rows kept;
        if (read_bytes(bytes, at, NULL, &kept, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        assert_int_equal(kept.n, rows);
        for (size_t i = 0; i < rows; i++)
            for (size_t k = 0; k < width; k += 1 + width / 5)
                assert_true(kept.row[i][k] == (double)((float)(i * 31 + k) / 7));
        xp_word_rows_free(&kept);
        free(bytes);
    }
}

/* ---- words with blanks ---- */

static uint64_t state_of_test = 20240501;
static unsigned draw(unsigned n) {
    state_of_test = state_of_test * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state_of_test >> 40) % n;
}

enum { ROWS = 40, MOST = 50 };

typedef struct made {
    char bytes[1 << 16], word[ROWS][40];
    float row[ROWS][MOST];
    size_t size;
} made;

static void make(made *m, size_t width, const char *end, const char *const *tails, unsigned n_tails) {
    m->size = (size_t)sprintf(m->bytes, "%d %zu\n", ROWS, width);
    for (size_t i = 0; i < ROWS; i++) {
        sprintf(m->word[i], "w%zu%s", i, draw(3) == 0 ? tails[draw(n_tails)] : "");
        m->size += (size_t)sprintf(m->bytes + m->size, "%s ", m->word[i]);
        for (size_t k = 0; k < width; k++, m->size += 4) {
            m->row[i][k] = (float)((double)draw(2000001) / 1e6 - 1);
            memcpy(m->bytes + m->size, &m->row[i][k], 4);
        }
        m->size += (size_t)sprintf(m->bytes + m->size, "%s", end);
    }
}

static void words_with_blanks(void **state) {
    (void)state;
    static const char *const tails[] = {" pie", " york", " a", " of the sea", " ", " 66", " caf\xc3\xa9"};
    static made m;
    for (size_t round = 0; round < 60; round++) {
        size_t width = round % 3 == 0 ? 6 : round % 3 == 1 ? 10 : MOST;
        make(&m, width, round % 2 != 0 ? "\n" : "", tails, 7);
        explaint_error error = {0};
        xp_word_rows kept;
        if (read_bytes(m.bytes, m.size, NULL, &kept, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        assert_int_equal(kept.n, ROWS);
        for (size_t i = 0; i < ROWS; i++) {
            assert_string_equal(kept.word[i].data, m.word[i]);
            for (size_t k = 0; k < width; k++) assert_true(kept.row[i][k] == (double)m.row[i][k]);
        }
        assert_int_equal(kept.notes.count, 1);
        assert_contains(kept.notes.item[0], "a blank inside, the first in row ");
        xp_word_rows_free(&kept);
    }
}

/* Where it cannot be told, the file is refused by name: control characters in the words, too few numbers, and numbers that are
 * no fp32. */
static void shifted(void **state) {
    (void)state;
    static const char *const tails[] = {" \x01pie", " \x02york"}, *const plain[] = {" pie"};
    static made m;
    explaint_error error = {0};
    xp_word_rows kept;
    make(&m, 10, "", tails, 2);
    assert_int_equal(read_bytes(m.bytes, m.size, NULL, &kept, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "shifts what follows; write the file as text");
    make(&m, 3, "\n", plain, 1);
    assert_int_equal(read_bytes(m.bytes, m.size, NULL, &kept, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "shifts what follows");
    size_t at = (size_t)sprintf(m.bytes, "9 10\n");
    for (size_t i = 0; i < 9; i++) {
        at += (size_t)sprintf(m.bytes + at, "w%zu ", i);
        for (size_t k = 0; k < 10; k++, at += 8) {
            double x = (double)draw(2000001) / 1e6 - 1;
            memcpy(m.bytes + at, &x, 8);
        }
    }
    assert_int_equal(read_bytes(m.bytes, at, NULL, &kept, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "row 1, found bytes that are none");
}

/* Big-endian numbers are no numbers here, and are said to be what they are. */
static void turned(void **state) {
    (void)state;
    static made m;
    explaint_error error = {0};
    xp_word_rows kept;
    for (size_t round = 0; round < 20; round++) {
        make(&m, 6 + round, round % 2 != 0 ? "\n" : "", (const char *const[]){""}, 1);
        size_t at = (size_t)(strchr(m.bytes, '\n') - m.bytes) + 1;
        for (size_t i = 0; i < ROWS; i++) {
            at += strlen(m.word[i]) + 1;
            for (size_t k = 0; k < 6 + round; k++, at += 4) {
                const char b[4] = {m.bytes[at], m.bytes[at + 1], m.bytes[at + 2], m.bytes[at + 3]};
                for (int j = 0; j < 4; j++) m.bytes[at + (size_t)j] = b[3 - j];
            }
            at += round % 2;
        }
        assert_int_equal(read_bytes(m.bytes, m.size, NULL, &kept, &error), EXPLAINT_INVALID);
        assert_contains(error.message, "big-endian, as Java writes them");
    }
}

/* Numbers of another size than most files have are no reason to look for blanks. */
static void unusual_sizes(void **state) {
    (void)state;
    static made m;
    for (size_t round = 0; round < 40; round++) {
        const float scale = round % 2 != 0 ? 1e-9f : 1e9f;
        size_t width = 1 + round % 10;
        m.size = (size_t)sprintf(m.bytes, "%d %zu\n", ROWS, width);
        for (size_t i = 0; i < ROWS; i++) {
            m.size += (size_t)sprintf(m.bytes + m.size, "w%zu ", i);
            for (size_t k = 0; k < width; k++, m.size += 4) {
                m.row[i][k] = scale * (float)(1 + draw(1000));
                memcpy(m.bytes + m.size, &m.row[i][k], 4);
            }
        }
        explaint_error error = {0};
        xp_word_rows kept;
        if (read_bytes(m.bytes, m.size, NULL, &kept, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        for (size_t i = 0; i < ROWS; i++) assert_true(kept.row[i][width - 1] == (double)m.row[i][width - 1]);
        xp_word_rows_free(&kept);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_by_content), cmocka_unit_test(every_word), cmocka_unit_test(wanted_words),
        cmocka_unit_test(every_cut),        cmocka_unit_test(large),      cmocka_unit_test(words_with_blanks),
        cmocka_unit_test(shifted),          cmocka_unit_test(turned),     cmocka_unit_test(unusual_sizes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

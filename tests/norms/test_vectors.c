#include "support/files.h"

#include "norms/norms.h"
#include "norms/vectors.h"

static explaint_norms *norms; /* dog, bat_(animal), bat_(baseball), polar_bear, New York, dunebuggy */

static int open_norms(void **state) {
    static const char text[] = "concept,feature,value\ndog,barks,3\nbat_(animal),flies,2\nbat_(baseball),is_long,"
                               "4\npolar_bear,is_white,5\nNew York,is_large,1\n"
                               "dunebuggy,has_wheels,1\n";
    explaint_error error = {0};
    return files_setup(state) || xp_norms_read("n.csv", text, sizeof text - 1, NULL, &norms, &error) != EXPLAINT_OK;
}

static int close_norms(void **state) {
    explaint_norms_close(norms);
    return files_teardown(state);
}

static void text_vectors(void **state) {
    (void)state;
    explaint_vectors *v = NULL;
    explaint_error error = {0};
    const char *path = files_text("glove.6B.2d.txt",
                                  "the 0 1\ndog 1 2\nbat 3 4\npolar_bear 5 6\nnew_york 7 8\nnew york 9 10\ndog 8 8\n");
    if (explaint_vectors_open(path, norms, NULL, &v, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_string_equal(explaint_vectors_name(v), "glove.6B.2d");
    assert_int_equal(explaint_vectors_n_words(v), 7);
    assert_int_equal(explaint_vectors_width(v), 2);
    assert_true(explaint_vectors_of_concept(v, 0)[0] == 1);
    assert_ptr_equal(explaint_vectors_of_concept(v, 1), explaint_vectors_of_concept(v, 2)); /* one word, one row */
    assert_true(explaint_vectors_of_concept(v, 3)[1] == 6);                                 /* by underscore */
    assert_true(explaint_vectors_of_concept(v, 4)[0] == 9); /* the form itself goes before the one with underscores */
    assert_null(explaint_vectors_of_concept(v, 5));
    assert_int_equal(v->duplicates.count, 1);
    assert_contains(v->duplicates.item[0], "\"dog\" stands in line 2 and again in line 7");
    assert_int_equal(explaint_vectors_n_notes(v), 2);
    assert_contains(explaint_vectors_note(v, 0), "1 concept of several words matched with underscores");
    assert_contains(explaint_vectors_note(v, 1), "1 concept takes the vector of the lower case");
    assert_contains(explaint_vectors_note(v, 1), "\"New York\", which takes that of \"new york\"");
    explaint_vectors_close(v);
    explaint_vectors_options options = {.words = path};
    assert_int_equal(explaint_vectors_open(path, norms, &options, &v, &error), EXPLAINT_USAGE);
    assert_null(v);
}

/* Which word a concept takes, of those that a file has, and what the notes say. */
static void spellings(void **state) {
    (void)state;
    static const char text[] = "concept,feature,value\nRobin,a,1\nHund,a,1\nTurkey,b,1\nturkey,c,1\nkatze,c,1\n"
                               "Stra\xc3\x9f"
                               "e,b,1\nK\xc3\xa4"
                               "fer,a,1\nNew_York,a,1\nzebra,a,1\n";
    static const char words[] = "robin 1\nRobin 2\nROBIN 3\nhund 4\nTURKEY 5\nTurkey 6\nturkey 7\nKatze 8\nKATZE 9\n"
                                "STRASSE 10\nka\xcc\x88"
                                "fer 11\nKa\xcc\x88"
                                "fer 12\nK\xc3\xa4"
                                "fer 13\nNEW_YORK 14\nZebra 0\n";
    static const double expected[] = {2, 4, 6, 7, 8, 10, 12, 14, 0};
    explaint_norms *n = NULL;
    explaint_vectors *v = NULL;
    explaint_error error = {0};
    assert_int_equal(xp_norms_read("n.csv", text, sizeof text - 1, NULL, &n, &error), EXPLAINT_OK);
    assert_int_equal(xp_vectors_read("v.txt", words, sizeof words - 1, n, NULL, &v, &error), EXPLAINT_OK);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_non_null(explaint_vectors_of_concept(v, i));
        assert_true(explaint_vectors_of_concept(v, i)[0] == expected[i]);
    }
    assert_int_equal(explaint_vectors_n_notes(v), 4);
    assert_contains(explaint_vectors_note(v, 0),
                    "the vector of \"Zebra\" in line 15 is zero"); /* of ROBIN nothing is said */
    assert_contains(explaint_vectors_note(v, 1), "1 concept of several words matched with underscores");
    assert_contains(explaint_vectors_note(v, 2), "1 concept takes the vector of the lower case, as no word");
    assert_contains(explaint_vectors_note(v, 2), "such as \"Hund\", which takes that of \"hund\"");
    assert_contains(explaint_vectors_note(v, 3), "4 concepts take the vector of a word that differs in capitals");
    assert_contains(explaint_vectors_note(v, 3), "such as \"katze\", which takes that of \"Katze\"");
    assert_int_equal(v->duplicates.count, 1);
    assert_contains(v->duplicates.item[0], "in line 12 and again in line 13; the first is kept");
    explaint_vectors_close(v);
    explaint_norms_close(n);
}

static size_t npy(unsigned char *out, const char *type, size_t rows, size_t width, const void *data, size_t size) {
    int length = snprintf((char *)out + 10, 128, "{'descr': '%s', 'fortran_order': False, 'shape': (%zu, %zu), }", type,
                          rows, width);
    memcpy(out, "\x93NUMPY\1", 8);
    out[8] = (unsigned char)length;
    out[9] = 0;
    memcpy(out + 10 + length, data, size);
    return 10 + (size_t)length + size;
}

/* Concepts that are hardly two: the rows of one person, and those of another. */
static void concepts_that_look_alike(void **state) {
    (void)state;
    static const char text[] =
        "concept,feature,value\nRobin,a,1\nrobin,b,1\nice cream,a,1\nice_cream,c,2\nbat_(animal),a,1\n"
        "bat_(club),b,1\nlistened (to),a,1\nlistened,b,1\nPolish,a,1\npolish,b,1\n";
    static const char words[] = "robin 1\nice_cream 2\nbat 3\nlistened 4\nPolish 5\npolish 6\n";
    explaint_norms *n = NULL;
    explaint_vectors *v = NULL;
    explaint_error error = {0};
    assert_int_equal(xp_norms_read("n.csv", text, sizeof text - 1, NULL, &n, &error), EXPLAINT_OK);
    assert_int_equal(xp_vectors_read("v.txt", words, sizeof words - 1, n, NULL, &v, &error), EXPLAINT_OK);
    assert_int_equal(v->duplicates.count, 1);
    assert_contains(v->duplicates.item[0],
                    "2 concepts differ from another one in capitals, blanks or underscores alone "
                    "and have its vector, such as \"Robin\" and \"robin\"");
    explaint_vectors_close(v);
    explaint_norms_close(n);
}

/* Blanks around the words of a list: off, but where the word without them is another one, or nothing. */
static void lists_with_blanks(void **state) {
    (void)state;
    unsigned char file[512];
    float data[5] = {1, 2, 3, 4, 5};
    explaint_vectors *v = NULL;
    explaint_error error = {0};
    size_t size = npy(file, "<f4", 5, 1, data, sizeof data);
    explaint_vectors_options options = {.words = files_text("words.txt",
                                                            "dog \n\xc2\xa0"
                                                            "bat\nbat\n\xc2\xa0\nnew york\xe3\x80\x80\r\n  \n\t\n")};
    if (xp_vectors_read("v.npy", file, size, norms, &options, &v, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_true(explaint_vectors_of_concept(v, 0)[0] == 1);
    assert_true(explaint_vectors_of_concept(v, 1)[0] == 3);
    assert_true(explaint_vectors_of_concept(v, 4)[0] == 5);
    assert_contains(explaint_vectors_note(v, 0),
                    "1 word has blanks around it and stands there without them, too, such as "
                    "\"bat\": the row without them counts");
    assert_contains(explaint_vectors_note(v, 1),
                    "words.txt: 2 words are read without the blanks around them, the first "
                    "as \"dog\"");
    assert_int_equal(v->duplicates.count, 0);
    explaint_vectors_close(v);
    if (xp_vectors_read("v.npy", file, size, NULL, &options, &v, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_string_equal(explaint_vectors_word(v, 1), "\xc2\xa0"
                                                     "bat");
    assert_string_equal(explaint_vectors_word(v, 3), "\xc2\xa0");
    explaint_vectors_close(v);
}

static void arrays(void **state) {
    (void)state;
    unsigned char file[512];
    float data[8] = {1, 2, 0, 0, 5, 6, 7, 8};
    explaint_vectors *v = NULL;
    explaint_error error = {0};
    const char *path = files_write("bert.layer8.npy", file, npy(file, "<f4", 4, 2, data, sizeof data));
    const char *words = files_text("words.txt", "\xef\xbb\xbf"
                                                "dog\r\nbat\r\nunwanted\r\ndog\n\n\r\n");
    explaint_vectors_options options = {.words = words};
    if (explaint_vectors_open(path, norms, &options, &v, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_string_equal(explaint_vectors_name(v), "bert.layer8");
    assert_int_equal(explaint_vectors_n_words(v), 4);
    assert_true(explaint_vectors_of_concept(v, 0)[1] == 2);
    assert_contains(explaint_vectors_note(v, 0), "the vector of \"bat\" in row 2 is zero in every place");
    assert_contains(v->duplicates.item[0], "\"dog\" stands in line 1");
    assert_int_equal(strlen(explaint_vectors_sha256(v)), 64);
    explaint_vectors_close(v);
    assert_int_equal(explaint_vectors_open(path, norms, NULL, &v, &error), EXPLAINT_USAGE);
    assert_contains(error.message, "--words FILE");
    options.words = files_path("none.txt");
    assert_int_equal(explaint_vectors_open(path, norms, &options, &v, &error), EXPLAINT_INVALID);
}

/* Features in rows and concepts in columns, where some features are words as well. */
static void transposed_norms(void **state) {
    (void)state;
    static const char words[] = "dog 1 2\ncat 2 3\ncow 3 4\nowl 4 5\nlarge 5 6\n";
    static const char turned[] = "kind,dog,cat,cow,owl\nis red,1,2,3,4\nlarge,2,2,1,3\n";
    static const char straight[] = "word,dog,large\ncat,1,2\nmoose,2,2\ncow,3,1\n";
    for (int k = 0; k < 2; k++) {
        explaint_norms *n = NULL;
        explaint_vectors *v = NULL;
        explaint_error error = {0};
        const char *text = k == 0 ? turned : straight;
        assert_int_equal(xp_norms_read("n.csv", text, strlen(text), NULL, &n, &error), EXPLAINT_OK);
        if (xp_vectors_read("v.txt", words, sizeof words - 1, n, NULL, &v, &error) != EXPLAINT_OK)
            fail_msg("%s", error.message);
        assert_int_equal(v->warnings.count, k == 0);
        if (k == 0)
            assert_contains(v->warnings.item[0],
                            "1 of 2 concepts have a vector, and 4 of 4 features have, such as \"dog\"");
        explaint_vectors_close(v);
        explaint_norms_close(n);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(text_vectors),
                                       cmocka_unit_test(spellings),
                                       cmocka_unit_test(lists_with_blanks),
                                       cmocka_unit_test(concepts_that_look_alike),
                                       cmocka_unit_test(arrays),
                                       cmocka_unit_test(transposed_norms)};
    return cmocka_run_group_tests(tests, open_norms, close_norms);
}

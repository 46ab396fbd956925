#include "support/files.h"

#include "norms/assign.h"

static explaint_norms *norms;

static int open_norms(void **state) {
    static const char text[] = "concept,feature,value\ndog,barks,3\nbat_(animal),flies,2\nbat_(baseball),is_long,"
                               "4\nDog_(toy),is_red,5\ncar,has_wheels,1\n";
    explaint_error error = {0};
    return files_setup(state) || xp_norms_read("n.csv", text, sizeof text - 1, NULL, &norms, &error) != EXPLAINT_OK;
}

static int close_norms(void **state) {
    explaint_norms_close(norms);
    return files_teardown(state);
}

static const uint8_t kept[5] = {1, 1, 1, 1, 0};

static void folds(void **state) {
    (void)state;
    explaint_error error = {0};
    char sha256[XP_SHA256_TEXT];
    int fold[5];
    size_t k;
    xp_strings notes = {0};
    const char *path = files_text(
        "folds.csv", "x;fold;concept\n1;2;dog\n1; 0 ;bat_(animal)\n1;1;bat_(baseball)\n1;1;Dog_(toy)\n1;3;CAR\n");
    if (xp_norms_read_folds(path, NULL, norms, kept, fold, &k, sha256, &notes, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    static const int expected[5] = {2, 0, 1, 1,
                                    -1}; /* the car has no vector: its fold, a fourth one, counts for nothing */
    assert_memory_equal(fold, expected, sizeof expected);
    assert_int_equal(k, 3);
    assert_int_equal(strlen(sha256), 64);
    assert_int_equal(notes.count, 1);
    assert_contains(notes.item[0], "folds.csv: 1 concept stands there with other capitals than in the norms");
    assert_contains(notes.item[0], "in line 6 (\"car\")");
    xp_strings_free(&notes);
}

static void exact_names_go_first(void **state) {
    (void)state;
    explaint_error error = {0};
    char sha256[XP_SHA256_TEXT];
    int label[5];
    xp_strings names = {0}, notes = {0};
    /* "dog" is a concept as it stands, although Dog_(toy) has the same form; "bat" is two. */
    const char *text = "concept,category,more\ndog,animal,1\nDog_(toy),toy,2\nunicorn,animal,3\ncar,NONE,4\nbat_("
                       "animal),animal,5\ndog,animal,6\n";
    assert_int_equal(
        xp_norms_read_categories("c.csv", &(xp_view){text, strlen(text)}, norms, label, &names, sha256, &notes, &error),
        EXPLAINT_OK);
    static const int expected[5] = {0, 0, -1, 1, -1};
    assert_memory_equal(label, expected, sizeof expected);
    assert_int_equal(names.count, 2);
    assert_string_equal(names.item[1], "toy");
    assert_int_equal(notes.count, 3);
    assert_contains(notes.item[0], "\"unicorn\" in line 4");
    assert_contains(notes.item[1], "2 of 5 concepts have no category");
    assert_contains(notes.item[2], "1 cell holds a mark such as \"NONE\"");
    xp_strings_free(&names);
    xp_strings_free(&notes);
    text = "concept,category\nbat,animal\n";
    assert_int_equal(
        xp_norms_read_categories("c.csv", &(xp_view){text, strlen(text)}, norms, label, &names, sha256, &notes, &error),
        EXPLAINT_INVALID);
    assert_contains(error.message, "\"bat\" may be \"bat_(animal)\" or \"bat_(baseball)\"");
    xp_strings_free(&names);
    xp_strings_free(&notes);
}

static void other_names_and_merged_cells(void **state) {
    (void)state;
    explaint_error error = {0};
    char sha256[XP_SHA256_TEXT];
    int label[5];
    xp_strings names = {0}, notes = {0};
    const char *text = "Word,Group\ncar,thing\nbat_(baseball),\ndog,animal\nbat_(animal),\nDog_(toy),\n";
    assert_int_equal(
        xp_norms_read_categories("c.csv", &(xp_view){text, strlen(text)}, norms, label, &names, sha256, &notes, &error),
        EXPLAINT_OK);
    assert_int_equal(notes.count, 3);
    assert_string_equal(notes.item[0], "c.csv: the column \"Word\" is read as the concepts");
    assert_string_equal(notes.item[1], "c.csv: the column \"Group\" is read as the category");
    assert_contains(notes.item[2], "3 of 5 concepts have no category: each name stands once");
    xp_strings_free(&names);
    xp_strings_free(&notes);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(folds), cmocka_unit_test(exact_names_go_first),
                                       cmocka_unit_test(other_names_and_merged_cells)};
    return cmocka_run_group_tests(tests, open_norms, close_norms);
}

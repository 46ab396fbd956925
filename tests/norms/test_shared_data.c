/* The real norms, where they are: EXPLAINT_SHARED_DATA names a folder with mcrae/, buchanan/, binder/ and glove/. Their terms keep them
 * out of the repository. */
#include "support/files.h"

#include "norms/norms.h"
#include "norms/vectors.h"
#include "support/norms.h"

static char mcrae[512], glove[512];

static bool found(void) {
    const char *folder = getenv("EXPLAINT_SHARED_DATA");
    if (folder == NULL) {
        print_message("EXPLAINT_SHARED_DATA is not set: the real norms are not tested\n");
        return false;
    }
    snprintf(mcrae, sizeof mcrae, "%s/mcrae", folder);
    snprintf(glove, sizeof glove, "%s/glove/glove.6B.100d.norm-vocabulary.txt.gz", folder);
    if (access(mcrae, R_OK) == 0 && access(glove, R_OK) == 0) return true;
    print_message("%s has no mcrae/ or no glove/: the real norms are not tested\n", folder);
    return false;
}

static void counts_of_mcrae(void **state) {
    (void)state;
    if (!found()) skip();
    explaint_norms *n = NULL;
    explaint_error error = {0};
    if (explaint_norms_open(mcrae, NULL, &n, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    explaint_norms_summary s;
    explaint_norms_summarise(n, &s);
    assert_memory_equal(explaint_norms_sha256(n), "fe796831232b1646", 16);
    assert_int_equal(s.n_concepts, 541);
    assert_int_equal(s.n_features, 2526);
    assert_int_equal(s.n_pairs, 7257);
    assert_int_equal(s.singletons, 1702);
    assert_int_equal(s.sense_tags, 25);
    assert_int_equal(s.distinct_forms, 532);
    assert_int_equal(s.taxonomic_features, 207);
    assert_true(s.value_min == 5 && s.value_max == 30);
    size_t superordinates = 0;
    for (size_t j = 0; j < n->n_features; j++) superordinates += n->superordinate[j];
    assert_int_equal(superordinates, 91);
    assert_int_equal(explaint_norms_n_notes(n), 3);
    assert_contains(explaint_norms_note(n, 0),
                    "\"harpoon\", \"used_for_killing\" stands in line 3297 with 8 and in line 3296 with 6");
    assert_contains(explaint_norms_note(n, 1),
                    "\"pen\", \"used_for_writing\" stands in line 4634 with 16 and in line 4633 with 5");
    assert_contains(explaint_norms_note(n, 2), "25 concepts carry a sense tag");
    explaint_norms_close(n);
}

static void mcrae_with_glove(void **state) {
    (void)state;
    if (!found()) skip();
    explaint_norms *n = NULL;
    explaint_vectors *v = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_norms_open(mcrae, NULL, &n, &error), EXPLAINT_OK);
    if (explaint_vectors_open(glove, n, NULL, &v, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(explaint_vectors_n_words(v), 6453);
    assert_int_equal(explaint_vectors_width(v), 100);
    assert_int_equal(v->kept.n_rows, 531);
    assert_int_equal(v->duplicates.count, 0);
    uint8_t keep[541];
    int label[541];
    for (size_t i = 0; i < 541; i++) {
        keep[i] = explaint_vectors_of_concept(v, i) != NULL;
        assert_int_equal(keep[i], strcmp(explaint_norms_concept(n, i), "dunebuggy") != 0);
    }
    xp_strings names = {0};
    assert_true(xp_norms_categories(n, keep, label, &names));
    size_t labelled = 0;
    for (size_t i = 0; i < 541; i++) labelled += label[i] >= 0;
    assert_int_equal(labelled, 340);
    assert_int_equal(names.count, 19);
    xp_strings_free(&names);
    explaint_vectors_close(v);
    explaint_norms_close(n);
}

static void mcrae_round_trip(void **state) {
    (void)state;
    if (!found()) skip();
    explaint_norms *n = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_norms_open(mcrae, NULL, &n, &error), EXPLAINT_OK);
    assert_round_trip(n, "concept,feature,value,relation\n");
    explaint_norms_close(n);
}

/* The published file of another set, in its folder; skips where it is not. */
static explaint_norms *published(const char *folder, const char *file, const explaint_norms_options *options) {
    char path[1024];
    const char *shared = getenv("EXPLAINT_SHARED_DATA");
    if (shared == NULL) skip();
    snprintf(path, sizeof path, "%s/%s%s", shared, folder, file);
    if (access(path, R_OK) != 0) {
        print_message("%s is not there: it is not tested\n", path);
        skip();
    }
    explaint_norms *n = NULL;
    explaint_error error = {0};
    if (explaint_norms_open(path, options, &n, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return n;
}

static bool has_note(const explaint_norms *n, const char *part) {
    for (size_t i = 0; i < explaint_norms_n_notes(n); i++)
        if (strstr(explaint_norms_note(n, i), part) != NULL) return true;
    return false;
}

static void buchanan(void **state) {
    (void)state;
    explaint_norms *n = published("buchanan", "", NULL);
    explaint_norms_summary s;
    explaint_norms_summarise(n, &s);
    assert_string_equal(explaint_norms_kind(n), "buchanan");
    assert_int_equal(s.n_concepts, 4436);
    assert_int_equal(s.n_features, 3981);
    assert_int_equal(s.n_pairs, 42616);
    assert_int_equal(s.singletons, 1278);
    assert_int_equal(s.missing, 0);
    assert_true(s.value_max == 100);
    assert_true(has_note(n, "1671 pairs of cue and root come from more than one source (193 cues)"));
    size_t nouns = 0;
    for (size_t i = 0; i < s.n_concepts; i++) nouns += strcmp(explaint_norms_label(n, 0, i), "noun") == 0;
    assert_int_equal(nouns, 3125);
    assert_int_equal(s.n_categories, 0); /* parts of speech are no categories */
    explaint_norms_close(n);
}

/* The sheet as published and the table in text made of it are the same norms, cell by cell. */
static void binder(void **state) {
    (void)state;
    explaint_norms_options options = {.na = "mask"};
    explaint_norms *a = published("binder", "", &options);
    explaint_norms *b = published("binder", "/WordSet1_Ratings_535.tsv", &options);
    assert_contains(explaint_norms_path(a), ".xlsx");
    same_norms(a, b);
    assert_int_equal(a->n_missing, 179);
    assert_int_equal(b->n_missing, 179);
    assert_memory_equal(a->missing_start, b->missing_start, (a->n_concepts + 1) * sizeof *a->missing_start);
    assert_memory_equal(a->missing_column, b->missing_column, a->n_missing * sizeof *a->missing_column);
    explaint_norms_summary s;
    explaint_norms_summarise(a, &s);
    assert_string_equal(explaint_norms_kind(a), "binder");
    assert_int_equal(s.n_concepts, 535);
    assert_int_equal(s.distinct_forms, 534);
    assert_int_equal(s.n_features, 65);
    assert_string_equal(explaint_norms_feature(a, 0), "Vision");
    assert_string_equal(explaint_norms_feature(a, 64), "Arousal");
    size_t missing[3] = {0};
    for (size_t p = 0; p < a->n_missing; p++) {
        const char *name = explaint_norms_feature(a, a->missing_column[p]);
        missing[0] += strcmp(name, "Complexity") == 0;
        missing[1] += strcmp(name, "Practice") == 0;
        missing[2] += strcmp(name, "Caused") == 0;
    }
    assert_int_equal(missing[0], 101);
    assert_int_equal(missing[1], 39);
    assert_int_equal(missing[2], 39);
    assert_true(s.value_min > 0 && s.value_max == 6);
    assert_int_equal(s.n_categories, 10); /* of 12 super categories */
    explaint_norms_close(a);
    explaint_norms_close(b);
}

/* Of Binder's words the file of vectors lacks "listened" alone. */
static void binder_with_glove(void **state) {
    (void)state;
    if (!found()) skip();
    explaint_norms *n = published("binder", "", NULL);
    explaint_vectors *v = NULL;
    explaint_error error = {0};
    if (explaint_vectors_open(glove, n, NULL, &v, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    for (size_t i = 0; i < 535; i++)
        assert_int_equal(explaint_vectors_of_concept(v, i) != NULL,
                         strcmp(explaint_norms_concept(n, i), "listened (to)") != 0);
    explaint_vectors_close(v);
    explaint_norms_close(n);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_of_mcrae),  cmocka_unit_test(mcrae_with_glove),
                                       cmocka_unit_test(mcrae_round_trip), cmocka_unit_test(buchanan),
                                       cmocka_unit_test(binder),           cmocka_unit_test(binder_with_glove)};
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}

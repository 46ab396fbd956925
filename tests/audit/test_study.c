/* Folds of whole categories, one concept per equal vector, and what a study makes of norms and vectors. */
#include "audit/study.h"
#include "support/study.h"

static void category_folds_by_hand(void **state) {
    (void)state;
    /* sizes: a 5, b 4, c 4, d 2, and three concepts of no category */
    static const int label[] = {0, 1, 2, 0, 1, 2, -1, 0, 1, 2, 3, 0, 1, 2, -1, 0, 3, -1};
    enum { N = sizeof label / sizeof *label };
    uint32_t fold[N];
    memset(fold, 0x55, sizeof fold);
    assert_int_equal(xp_study_category_folds(label, N, 4, 3, fold), 3);
    /* a into 0, b into 1, c into 2, d into 1 (4, before 2 that has as many): 5, 6, 4; singles one by one: 2 (5), 0 (6: before 2), 2 (6) */
    static const uint32_t of_label[] = {0, 1, 2, 1};
    for (size_t i = 0; i < N; i++)
        if (label[i] >= 0) assert_int_equal(fold[i], of_label[label[i]]);
    assert_int_equal(fold[6], 2);
    assert_int_equal(fold[14], 0);
    assert_int_equal(fold[17], 2);
}

static void category_folds_laws(void **state) {
    (void)state;
    xp_rng rng = test_rng(1);
    for (int round = 0; round < 200; round++) {
        enum { MOST = 97 };
        int label[MOST];
        uint32_t fold[MOST];
        const size_t n = 1 + xp_rng_below(&rng, MOST), labels = 1 + xp_rng_below(&rng, 12),
                     k = 2 + xp_rng_below(&rng, 9);
        size_t size[13] = {0}, units = 0, largest = 1;
        for (size_t i = 0; i < n; i++) {
            label[i] = xp_rng_below(&rng, 5) == 0 ? -1 : (int)xp_rng_below(&rng, labels);
            units += label[i] < 0 || size[label[i]]++ == 0;
        }
        for (size_t c = 0; c < labels; c++) largest = size[c] > largest ? size[c] : largest;
        size_t folds = xp_study_category_folds(label, n, labels, k, fold), load[11] = {0}, least = SIZE_MAX, most = 0;
        assert_int_equal(folds, units < k ? units : k);
        for (size_t i = 0; i < n; i++) {
            assert_true(fold[i] < folds);
            load[fold[i]]++;
            for (size_t j = 0; j < i; j++)
                if (label[i] >= 0 && label[i] == label[j]) assert_int_equal(fold[i], fold[j]); /* whole categories */
        }
        for (size_t f = 0; f < folds; f++) {
            least = load[f] < least ? load[f] : least;
            most = load[f] > most ? load[f] : most;
        }
        assert_true(least > 0);               /* no fold is empty */
        assert_true(most - least <= largest); /* each unit went into the smallest fold */
    }
}

static void categories_of_size(void **state) {
    (void)state;
    static const int label[] = {2, 0, 2, 1, 2, 0, -1, 0, 1, 2};
    int only[10];
    assert_int_equal(xp_study_categories_of_size(label, 10, 3, 3, only), 2);
    static const int expected[] = {1, 0, 1, -1, 1, 0, -1, 0, -1, 1}; /* numbered anew, in their order */
    assert_memory_equal(only, expected, sizeof expected);
    assert_int_equal(xp_study_categories_of_size(label, 10, 3, 5, only), 0);
    for (size_t i = 0; i < 10; i++) assert_int_equal(only[i], -1);
}

static void opened(xp_study *study, xp_study_notes *notes, const world *w, const explaint_infer_options *o) {
    explaint_error error = {0};
    *notes = (xp_study_notes){0};
    if (xp_study_create(study, notes, w->norms, w->vectors, o, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
}

static void distinct_keeps_the_first_of_equal_vectors(void **state) {
    (void)state;
    for (int masked = 0; masked < 2; masked++) {
        world w = world_open((world_settings){.n = 71,
                                              .m = 29,
                                              .d = 5,
                                              .categories = 4,
                                              .by_concept = 1,
                                              .twins = true,
                                              .dense = masked,
                                              .missing = masked,
                                              .stream = 1});
        explaint_infer_options o = explaint_infer_defaults();
        xp_study s, distinct;
        xp_study_notes notes;
        opened(&s, &notes, &w, &o);
        size_t first = 0, twins = 0;
        for (size_t i = 0; i < s.n; i++) { /* the definition */
            size_t expected = i;
            for (size_t j = i; j-- > 0;)
                if (memcmp(s.x + i * s.d, s.x + j * s.d, s.d * sizeof *s.x) == 0) expected = j;
            assert_int_equal(s.twin[i], expected);
            twins += expected != i;
        }
        assert_true(twins >= 5);
        assert_true(xp_study_distinct(&s, &distinct));
        assert_int_equal(distinct.n, s.n - twins);
        assert_int_equal(distinct.m, s.m);
        double *all = dense_of(&s.gold.y), *kept = dense_of(&distinct.gold.y);
        for (size_t i = 0; i < s.n; i++) {
            if (s.twin[i] != i) continue;
            assert_int_equal(distinct.concept_of[first], s.concept_of[i]);
            assert_int_equal(distinct.fold[first], s.fold[i]);
            assert_int_equal(distinct.label[first], s.label[i]);
            assert_int_equal(distinct.twin[first], first);
            assert_memory_equal(distinct.x + first * s.d, s.x + i * s.d, s.d * sizeof *s.x);
            assert_memory_equal(kept + first * s.m, all + i * s.m, s.m * sizeof *all);
            assert_memory_equal(distinct.spelling + first * XP_SPELLING, s.spelling + i * XP_SPELLING,
                                XP_SPELLING * sizeof *s.spelling);
            if (masked) {
                size_t cells = s.gold.missing_start[i + 1] - s.gold.missing_start[i];
                assert_int_equal(distinct.gold.missing_start[first + 1] - distinct.gold.missing_start[first], cells);
                assert_memory_equal(distinct.gold.missing_column + distinct.gold.missing_start[first],
                                    s.gold.missing_column + s.gold.missing_start[i], cells * sizeof(uint32_t));
            }
            first++;
        }
        assert_int_equal(first, distinct.n);
        free(all);
        free(kept);
        xp_study_free(&distinct);
        xp_study_free(&s);
        xp_study_notes_free(&notes);
        world_close(&w);
    }
}

static void folds_are_even_and_seeded(void **state) {
    (void)state;
    world w = world_open(
        (world_settings){.n = 71, .m = 29, .d = 5, .categories = 4, .by_concept = 1, .twins = true, .stream = 2});
    explaint_infer_options o = explaint_infer_defaults();
    o.folds = 7;
    uint32_t first[71];
    for (int round = 0; round < 4; round++) {
        xp_study s;
        xp_study_notes notes;
        o.seed = round == 2 ? 2 : 1;
        o.group_identical = round == 3;
        opened(&s, &notes, &w, &o);
        size_t load[7] = {0};
        for (size_t i = 0; i < s.n; i++) {
            assert_true(s.fold[i] < 7);
            load[s.fold[i]]++;
            if (round == 3) assert_int_equal(s.fold[i], s.fold[s.twin[i]]);
        }
        for (size_t f = 0; f < 7 && round < 3; f++) assert_true(load[f] == 71 / 7 || load[f] == 71 / 7 + 1);
        if (round == 0) memcpy(first, s.fold, sizeof first);
        if (round == 1) assert_memory_equal(first, s.fold, sizeof first);
        if (round == 2) assert_memory_not_equal(first, s.fold, sizeof first);
        xp_study_free(&s);
        xp_study_notes_free(&notes);
    }
    world_close(&w);
}

/* Concepts without a vector leave first, then the features that nobody kept has. */
static void what_is_kept(void **state) {
    (void)state;
    static const char norms_text[] =
        "concept,feature,value\na,f1,1\nlost,f2,9\nlost,f1,1\nb,f3,2\nc,f1,5\nc,f4,0\nb,f5,3\n";
    static const char vectors_text[] = "b 1 2\nc -0 3\na 0 3\nother 5 5\n";
    world w = {NULL, NULL};
    explaint_error error = {0};
    assert_int_equal(xp_norms_read("n.csv", norms_text, sizeof norms_text - 1, NULL, &w.norms, &error), EXPLAINT_OK);
    assert_int_equal(xp_vectors_read("v.txt", vectors_text, sizeof vectors_text - 1, w.norms, NULL, &w.vectors, &error),
                     EXPLAINT_OK);
    explaint_infer_options o = explaint_infer_defaults();
    o.folds = 2;
    xp_study s;
    xp_study_notes notes;
    opened(&s, &notes, &w, &o);
    assert_int_equal(s.n, 3);
    assert_int_equal(s.m, 3); /* f2 is lost's alone, f4 is nobody's */
    static const double gold[] = {1, 0, 0, 0, 2, 3, 5, 0, 0};
    double *dense = dense_of(&s.gold.y);
    assert_memory_equal(dense, gold, sizeof gold);
    assert_int_equal(notes.dropped.count, 1);
    assert_string_equal(notes.dropped.item[0], "lost");
    assert_int_equal(s.twin[2], 0); /* -0 is 0 */
    assert_false(s.has_labels);
    free(dense);
    xp_study_free(&s);
    xp_study_notes_free(&notes);
    o.folds = 4; /* more folds than concepts */
    explaint_plan *plan = NULL;
    assert_int_equal(explaint_infer_plan(w.norms, w.vectors, &o, &plan, &error), EXPLAINT_INVALID);
    assert_null(plan);
    assert_non_null(strstr(error.message, "--folds"));
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(category_folds_by_hand),    cmocka_unit_test(category_folds_laws),
        cmocka_unit_test(categories_of_size),        cmocka_unit_test(distinct_keeps_the_first_of_equal_vectors),
        cmocka_unit_test(folds_are_even_and_seeded), cmocka_unit_test(what_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

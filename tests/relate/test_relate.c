/* Folds of words, and tests of groups: what docs/methods.md#relations promises. */
#include "relate/gains.h"
#include "relate/pairs.h"
#include "relate/split.h"

#include "base/memory.h"
#include "support/statistics.h"

enum { PAIRS = 90, ROWS = 2 * PAIRS, KINDS = 12 };

typedef struct world {
    explaint_pairs pairs;
    xp_sentences sentences;
    size_t pair[PAIRS];
    xp_word_folds folds;
    xp_word_split split;
} world;

/* Words of both sides overlap: what is a kind in one pair is a word in another. */
static void make_world(world *w, uint64_t seed) {
    xp_rng rng = test_rng((uint32_t)seed);
    *w = (world){.pairs = {.n = PAIRS, .n_sets = 1}};
    for (size_t i = 0; i < PAIRS; i++) {
        w->pair[i] = i;
        assert_true(
            xp_strings_addf(&w->pairs.left, i % 9 == 0 ? "kind%zu" : "word%zu", i % 9 == 0 ? i % KINDS : i / 2));
        assert_true(xp_strings_addf(&w->pairs.right, "kind%zu", KINDS + xp_rng_below(&rng, KINDS)));
        assert_true(xp_strings_addf(&w->pairs.other[0], "other%zu", xp_rng_below(&rng, 2 * KINDS)));
    }
    w->sentences = (xp_sentences){.n_pairs = PAIRS, .n_variants = 2, .n_rows = ROWS, .pair = w->pair};
    assert_true(xp_split_folds_create(&w->pairs, &w->sentences, 5, seed, &w->folds));
    assert_true(xp_split_create(&w->sentences, &w->folds, 1, &w->split));
}

static void free_world(world *w) {
    xp_split_free(&w->split);
    xp_split_folds_free(&w->folds);
    xp_strings_free(&w->pairs.left);
    xp_strings_free(&w->pairs.right);
    xp_strings_free(&w->pairs.other[0]);
}

static const char *left_of(const world *w, size_t i) { return w->pairs.left.item[i / 2]; }
static const char *right_of(const world *w, size_t i) { return xp_sentences_right(&w->pairs, i / 2, i % 2); }

static bool shares_word(const world *w, size_t i, size_t j) {
    const char *a[] = {left_of(w, i), right_of(w, i)}, *b[] = {left_of(w, j), right_of(w, j)};
    for (int k = 0; k < 4; k++)
        if (strcmp(a[k / 2], b[k % 2]) == 0) return true;
    return false;
}

static void no_word_of_a_test_pair_is_trained_on(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        world w;
        int tested[ROWS] = {0};
        make_world(&w, seed);
        const xp_word_split *p = &w.split;
        for (size_t c = 0; c < p->n_cells; c++)
            for (size_t i = p->test_start[c]; i < p->test_start[c + 1]; i++) {
                tested[p->test[i]]++;
                for (size_t j = p->train_start[c]; j < p->train_start[c + 1]; j++)
                    assert_false(shares_word(&w, p->test[i], p->train[j]));
            }
        for (size_t i = 0; i < ROWS; i++) assert_int_equal(tested[i], 1);
        free_world(&w);
    }
}

/* Right words are true or counterfactual, never both: who may remember a word is always right. Here nobody may. */
static void who_remembers_words_gains_nothing(void **state) {
    (void)state;
    enum { WORDS = 4 * KINDS };
    double mean = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        world w;
        static double x[ROWS * WORDS], score[ROWS];
        make_world(&w, seed);
        memset(x, 0, sizeof x);
        for (size_t i = 0; i < ROWS; i++) {
            const char *word = right_of(&w, i);
            x[i * WORDS + (size_t)atoi(word + (word[0] == 'k' ? 4 : 5)) + (word[0] == 'k' ? 0 : 2 * KINDS)] = 1;
        }
        assert_int_equal(xp_split_classify(&w.split, x, WORDS, w.split.label, score, NULL), EXPLAINT_OK);
        mean += xp_split_accuracy(ROWS, score, w.split.label) / 8;

        /* with the same words in training it is: the test would see a leak */
        uint32_t all[ROWS];
        for (size_t i = 0; i < ROWS; i++) all[i] = (uint32_t)i;
        const size_t start[] = {0, ROWS};
        const xp_word_split leak = {.n = ROWS,
                                    .n_cells = 1,
                                    .train = all,
                                    .test = all,
                                    .train_start = (size_t *)start,
                                    .test_start = (size_t *)start};
        assert_int_equal(xp_split_classify(&leak, x, WORDS, w.split.label, score, NULL), EXPLAINT_OK);
        assert_true(xp_split_accuracy(ROWS, score, w.split.label) > .99);
        free_world(&w);
    }
    print_message("accuracy of who remembers words: %.3f\n", mean);
    assert_true(mean < .58);
}

static void ranks_and_auc(void **state) {
    (void)state;
    const double value[] = {3, 1, 3, 2}, want[] = {3.5, 1, 3.5, 2};
    const uint8_t label[] = {1, 0, 0, 1};
    uint32_t order[4];
    double rank[4], auc;
    xp_split_ranks(4, value, order, rank);
    assert_memory_equal(rank, want, sizeof want);
    assert_true(xp_split_auc(4, value, label, &auc));
    assert_true(auc == .625); /* 3 > 1, 3 = 3, 2 > 1, 2 < 3 */
}

/* Groups of very different sizes, and what all pairs of a group share: p is uniform, and the least adjusted p of 20 tests is below .05 in 5 %. */
static void nothing_is_found_where_there_is_nothing(void **state) {
    (void)state;
    enum { WORLDS = 400, TESTS = 20, DRAWS = 199 };
    static double difference[TESTS * PAIRS], p[WORLDS];
    char text[PAIRS][16];
    const char *name[PAIRS];
    for (size_t i = 0; i < PAIRS; i++) {
        sprintf(text[i], "%d", i < 30 ? 0 : i < 50 ? 1 : (int)i / 3);
        name[i] = text[i];
    }
    xp_groups groups;
    assert_true(xp_groups_create(&groups, name, PAIRS));
    size_t false_alarms = 0;
    for (uint32_t seed = 0; seed < WORLDS; seed++) {
        xp_rng rng = test_rng(100 + seed);
        xp_gain gain[TESTS];
        for (size_t t = 0; t < TESTS; t++) {
            double shared[PAIRS];
            for (size_t c = 0; c < groups.n; c++) shared[c] = 2 * xp_rng_normal(&rng);
            for (size_t i = 0; i < PAIRS; i++) difference[t * PAIRS + i] = shared[groups.of[i]] + xp_rng_normal(&rng);
        }
        assert_true(xp_gains_test(TESTS, PAIRS, difference, &groups, DRAWS, seed, gain));
        p[seed] = gain[0].p;
        double least = 1;
        for (size_t t = 0; t < TESTS; t++) least = fmin(least, gain[t].p_adjusted);
        false_alarms += least <= .05;
    }
    double above;
    const double below = uniform_distance(p, WORLDS, DRAWS, &above);
    print_message("distance %.3f (at most %.3f), false alarms %zu of %d\n", below, uniform_limit(WORLDS), false_alarms,
                  WORLDS);
    assert_true(below < uniform_limit(WORLDS));
    assert_in_range(false_alarms, 6, 36); /* 20 +- 3.7 sd */
    xp_groups_free(&groups);
}

/* A head that likes one frequent word says the same of all its pairs, and that is one observation. What all groups say is found. */
static void one_word_is_one_observation(void **state) {
    (void)state;
    double difference[2 * PAIRS];
    char text[PAIRS][16];
    const char *name[PAIRS];
    xp_rng rng = test_rng(3);
    for (size_t i = 0; i < PAIRS; i++) {
        sprintf(text[i], "%d", i < 60 ? 0 : (int)i);
        name[i] = text[i];
        difference[i] = i < 60 ? 1 : .01 * xp_rng_normal(&rng);
        difference[PAIRS + i] = .5 + xp_rng_normal(&rng);
    }
    xp_groups groups;
    xp_gain gain[2];
    assert_true(xp_groups_create(&groups, name, PAIRS));
    assert_int_equal(groups.n, 31);
    assert_true(xp_gains_test(2, PAIRS, difference, &groups, 999, 1, gain));
    assert_true(gain[0].mean > .6 && gain[0].p > .1);
    assert_true(gain[1].p < .02 && gain[1].p_adjusted >= gain[1].p && gain[1].upper > gain[1].mean);
    for (size_t n = 1; n <= 7; n++) {
        xp_fail_allocation(n);
        assert_false(xp_gains_test(2, PAIRS, difference, &groups, 99, 1, gain));
        xp_fail_allocation(0);
    }
    xp_groups_free(&groups);
}

/* What is found leaves the family: what is left gets the p that it has by itself, and errs in 5 % although three of four tests are of real effects. A test
 * that stands twice costs nothing, and one in which nothing differs is never found. */
static void what_is_found_leaves_the_family(void **state) {
    (void)state;
    enum {
        WORLDS = 300,
        EMPTY = 5,
        REAL = 15,
        ALL = EMPTY + REAL,
        DRAWS = 599
    }; /* draws: more than are made at a time */
    static double difference[(ALL + 2) * PAIRS];
    char text[PAIRS][16];
    const char *name[PAIRS];
    for (size_t i = 0; i < PAIRS; i++) {
        sprintf(text[i], "%d", (int)i / 3);
        name[i] = text[i];
    }
    xp_groups groups;
    assert_true(xp_groups_create(&groups, name, PAIRS));
    size_t false_alarms = 0;
    for (uint32_t seed = 0; seed < WORLDS; seed++) {
        xp_rng rng = test_rng(700 + seed);
        xp_gain gain[ALL + 2], alone[EMPTY];
        for (size_t t = 0; t < ALL; t++)
            for (size_t i = 0; i < PAIRS; i++) difference[t * PAIRS + i] = xp_rng_normal(&rng) + (t >= EMPTY);
        memcpy(difference + ALL * PAIRS, difference, PAIRS * sizeof *difference);
        for (size_t i = 0; i < PAIRS; i++) difference[(ALL + 1) * PAIRS + i] = (i % 2 == 0 ? 1e-17 : -1e-18);
        assert_true(xp_gains_test(ALL + 2, PAIRS, difference, &groups, DRAWS, seed, gain));
        assert_true(xp_gains_test(EMPTY, PAIRS, difference, &groups, DRAWS, seed, alone));
        double least = 1;
        for (size_t t = 0; t < EMPTY; t++) {
            if (alone[t].p_adjusted < .3) assert_true(gain[t].p_adjusted == alone[t].p_adjusted);
            least = fmin(least, gain[t].p_adjusted);
        }
        assert_true(gain[ALL].p == gain[0].p && gain[ALL].p_adjusted == gain[0].p_adjusted);
        assert_true(gain[ALL + 1].p == 1 && gain[ALL + 1].p_adjusted == 1);
        for (size_t t = EMPTY; t < ALL; t++) assert_true(gain[t].p_adjusted <= .05);
        false_alarms += least <= .05;
    }
    print_message("false alarms %zu of %d\n", false_alarms, WORLDS);
    assert_in_range(false_alarms, 4, 26); /* 15 +- 3.8 sd */
    xp_groups_free(&groups);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_word_of_a_test_pair_is_trained_on),
        cmocka_unit_test(who_remembers_words_gains_nothing),
        cmocka_unit_test(ranks_and_auc),
        cmocka_unit_test(nothing_is_found_where_there_is_nothing),
        cmocka_unit_test(one_word_is_one_observation),
        cmocka_unit_test(what_is_found_leaves_the_family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

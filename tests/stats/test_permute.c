/* What is permuted decides what is tested: who moves, where to, how often; and what the counts of a test become. */
#include "stats/permute.h"

#include "support/statistics.h"

enum { N = 41 };

static void labels_of(int *label) { /* blocks of 0..4, a block of one (5), and fixed rows */
    for (int i = 0; i < N; i++) label[i] = i == 7 ? 5 : i % 6 == 5 ? -1 : i % 6;
}

static void only_the_movable_move_and_only_within_blocks(void **state) {
    (void)state;
    int label[N];
    uint32_t scratch[N], order[N];
    labels_of(label);
    xp_blocks blocks;
    assert_true(xp_blocks_create(&blocks, N, label));
    size_t movable = 0, moved_ever[N] = {0};
    for (size_t i = 0; i < N; i++) movable += label[i] >= 0 && label[i] != 5;
    assert_int_equal(blocks.n_movable, movable);
    assert_int_equal(blocks.n_blocks, 5);
    for (uint32_t number = 1; number <= 200; number++) {
        bool seen[N] = {false};
        memset(order, 0x55, sizeof order);
        xp_blocks_permute(&blocks, test_seed(), XP_RNG_PERMUTE, number, scratch, order);
        for (size_t i = 0; i < N; i++) {
            assert_true(order[i] < N && !seen[order[i]]);
            seen[order[i]] = true;
            assert_int_equal(label[order[i]], label[i]);
            assert_int_equal(blocks.movable[i], label[i] >= 0 && label[i] != 5);
            if (!blocks.movable[i]) assert_int_equal(order[i], i);
            moved_ever[i] += order[i] != i;
        }
    }
    for (size_t i = 0; i < N; i++) assert_int_equal(moved_ever[i] > 0, blocks.movable[i]);
    xp_blocks_free(&blocks);
}

static void same_numbers_same_permutation(void **state) {
    (void)state;
    int label[N];
    uint32_t scratch[N], a[N], b[N];
    labels_of(label);
    xp_blocks blocks;
    assert_true(xp_blocks_create(&blocks, N, label));
    xp_blocks_permute(&blocks, 5, XP_RNG_PERMUTE, 7, scratch, a);
    xp_blocks_permute(&blocks, 5, XP_RNG_PERMUTE, 7, scratch, b);
    assert_memory_equal(a, b, sizeof a);
    xp_blocks_permute(&blocks, 6, XP_RNG_PERMUTE, 7, scratch, b);
    assert_memory_not_equal(a, b, sizeof a);
    xp_blocks_permute(&blocks, 5, XP_RNG_PERMUTE + 1, 7, scratch, b);
    assert_memory_not_equal(a, b, sizeof a);
    xp_blocks_permute(&blocks, 5, XP_RNG_PERMUTE, 8, scratch, b);
    assert_memory_not_equal(a, b, sizeof a);
    xp_blocks_free(&blocks);
}

/* A block of three and one of two: all 12 joint orders equally often, 11 degrees of freedom. */
static void orders_are_uniform(void **state) {
    (void)state;
    static const int label[] = {1, 0, 1, 0, 1};
    enum { DRAWS = 12000 };
    size_t count[125] = {0}, orders = 0;
    uint32_t scratch[5], order[5];
    double sum = 0;
    xp_blocks blocks;
    assert_true(xp_blocks_create(&blocks, 5, label));
    for (uint32_t d = 0; d < DRAWS; d++) {
        xp_blocks_permute(&blocks, test_seed(), XP_RNG_PERMUTE, d, scratch, order);
        count[order[0] * 25 + order[2] * 5 + order[1]]++;
    }
    for (size_t c = 0; c < 125; c++) {
        if (count[c] == 0) continue;
        orders++;
        sum += pow((double)count[c] - DRAWS / 12., 2) / (DRAWS / 12.);
    }
    assert_int_equal(orders, 12);
    print_message("chi-square %.1f of 11 degrees of freedom\n", sum);
    assert_true(sum < 47);
    xp_blocks_free(&blocks);
}

static void nothing_to_move(void **state) {
    (void)state;
    static const int label[] = {-1, 0, 3, -1};
    uint32_t scratch[4], order[4];
    xp_blocks blocks;
    assert_true(xp_blocks_create(&blocks, 4, label));
    assert_int_equal(blocks.n_movable, 0);
    xp_blocks_permute(&blocks, 1, XP_RNG_PERMUTE, 1, scratch, order);
    for (uint32_t i = 0; i < 4; i++) assert_int_equal(order[i], i);
    xp_blocks_free(&blocks);
    for (size_t n = 1; n <= 4; n++) {
        xp_fail_allocation(n);
        assert_false(xp_blocks_create(&blocks, 4, label));
    }
    xp_fail_allocation(0);
}

/* ---- tests ---- */

static void summary_by_hand(void **state) {
    (void)state;
    static const double null[] = {1, 2, 3, 4, 5, 5, 6}; /* three reach 5: an equal one counts */
    xp_test_result r;
    xp_permute_summarise(5, null, 7, &r);
    assert_true(fabs(r.p - 4. / 8) < 1e-15);
    assert_true(fabs(r.null_mean - 26. / 7) < 1e-14);
    assert_true(fabs(r.gain - (5 - 26. / 7)) < 1e-14);
    assert_true(fabs(r.null_sd * r.null_sd - 136. / 42) < 1e-13); /* ddof 1: 116 - 26^2/7 = 136/7 over 6 */
    assert_true(fabs(r.p_error - sqrt(.5 * .5 / 7)) < 1e-15);
    assert_int_equal(r.permutations, 7);
    xp_permute_summarise(9, null, 7, &r);
    assert_true(r.p == 1. / 8); /* never 0 */
    xp_permute_summarise(0, null, 7, &r);
    assert_true(r.p == 1);
}

/* Correlation of x and y over the movable rows; groups shift both when `grouped`, rows share more when `effect` > 0. */
static double p_value(uint32_t world, bool grouped, double effect, bool within) {
    enum { ROWS = 36, B = 39 };
    xp_rng rng = test_rng(1000 + world);
    double x[ROWS], y[ROWS], null[B];
    int label[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        double group = grouped ? 3 * (double)(i % 4) : 0, common = effect * xp_rng_normal(&rng);
        x[i] = xp_rng_normal(&rng) + group + common;
        y[i] = xp_rng_normal(&rng) + group + common;
        label[i] = within ? (int)(i % 4) : 0;
    }
    xp_blocks blocks;
    uint32_t scratch[ROWS], order[ROWS];
    assert_true(xp_blocks_create(&blocks, ROWS, label));
    double observed = 0;
    for (size_t i = 0; i < ROWS; i++) observed += x[i] * y[i];
    for (uint32_t b = 0; b < B; b++) {
        xp_blocks_permute(&blocks, test_seed() + world, XP_RNG_PERMUTE, b + 1, scratch, order);
        null[b] = 0;
        for (size_t i = 0; i < ROWS; i++) null[b] += x[i] * y[order[i]];
    }
    xp_blocks_free(&blocks);
    xp_test_result r;
    xp_permute_summarise(observed, null, B, &r);
    return r.p;
}

enum { WORLDS = 1000 };

static void p_is_uniform_under_the_null(void **state) {
    (void)state;
    double p[WORLDS];
    for (int within = 0; within < 2; within++) { /* groups are no effect within groups */
        for (uint32_t w = 0; w < WORLDS; w++) p[w] = p_value(w, within, 0, within);
        double above, distance = uniform_distance(p, WORLDS, 39, &above);
        print_message("%s: distance %.3f, at most %.3f\n", within ? "within groups" : "over all", distance,
                      uniform_limit(WORLDS));
        assert_true(distance < uniform_limit(WORLDS) && above < uniform_limit(WORLDS));
    }
}

static void effects_are_found_where_they_are(void **state) {
    (void)state;
    size_t planted = 0, groups = 0;
    for (uint32_t w = 0; w < 200; w++) {
        planted += p_value(w, true, 2, true) <= .05;
        groups += p_value(w, true, 0, false) <= .05;
    }
    assert_true(planted > 190); /* within groups */
    assert_true(groups > 190);  /* what groups share is an effect over all rows: that is what the blocks are for */
}

/* Max-T: families of five tests that lean on each other, none with an effect: an error in about one of twenty. One test alone keeps its p. */
static void max_t_keeps_the_familywise_error(void **state) {
    (void)state;
    enum { TESTS = 5, PERMUTATIONS = 99, FAMILIES = 1000 };
    double *statistic = nans(TESTS * (PERMUTATIONS + 1)), adjusted[TESTS], once;
    size_t errors = 0;
    for (uint32_t family = 0; family < FAMILIES; family++) {
        xp_rng rng = test_rng(3000 + family);
        for (size_t b = 0; b <= PERMUTATIONS; b++) {
            double common = xp_rng_normal(&rng);
            for (size_t t = 0; t < TESTS; t++) /* other means and sds: what counts is the place in the own null */
                statistic[t * (PERMUTATIONS + 1) + b] = (double)t + pow(10, (double)t) * (common + xp_rng_normal(&rng));
        }
        assert_true(xp_permute_max_t(TESTS, PERMUTATIONS, statistic, adjusted));
        bool any = false;
        for (size_t t = 0; t < TESTS; t++) {
            const double *row = statistic + t * (PERMUTATIONS + 1);
            xp_test_result own;
            xp_permute_summarise(row[0], row + 1, PERMUTATIONS, &own);
            assert_true(adjusted[t] >= own.p - 1e-12);
            assert_true(xp_permute_max_t(1, PERMUTATIONS, row, &once) && fabs(once - own.p) < 1e-12);
            any = any || adjusted[t] <= .05;
        }
        errors += any;
    }
    print_message("families with an error: %zu of %d\n", errors, FAMILIES);
    assert_true(errors >= 25 && errors <= 80); /* .05, and four standard errors */
    /* a test that cannot vary says nothing and spoils nothing */
    for (size_t b = 0; b <= PERMUTATIONS; b++) statistic[b] = 3;
    assert_true(xp_permute_max_t(TESTS, PERMUTATIONS, statistic, adjusted));
    assert_true(adjusted[0] == 1);
    free(statistic);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(max_t_keeps_the_familywise_error),
        cmocka_unit_test(only_the_movable_move_and_only_within_blocks),
        cmocka_unit_test(same_numbers_same_permutation),
        cmocka_unit_test(orders_are_uniform),
        cmocka_unit_test(nothing_to_move),
        cmocka_unit_test(summary_by_hand),
        cmocka_unit_test(p_is_uniform_under_the_null),
        cmocka_unit_test(effects_are_found_where_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Counter-based randomness: the published vectors of Philox, no state but the counter, and no visible bias. */
#include "support/matrix.h"
#include "tensor/normals.h"

/* Random123's kat_vectors, philox 4x32 10. Two words make one value, the last two first. */
static void known_answers(void **state) {
    (void)state;
    static const struct {
        uint64_t index, seed;
        uint32_t stream, purpose;
        uint64_t first, second;
    } known[] = {
        {0, 0, 0, 0, 0xbc57ac4c9b00dbd8, 0x6627e8d5e169c58d},
        {UINT64_MAX, UINT64_MAX, UINT32_MAX, UINT32_MAX, 0xa20bc7c66d5451fd, 0x408f276d41c83b0e},
        {0x85a308d3243f6a88, 0x299f31d0a4093822, 0x13198a2e, 0x03707344, 0x5001e42024126ea1, 0xd16cfe0994fdcceb},
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        xp_rng rng = xp_rng_begin(known[k].seed, known[k].purpose, known[k].stream);
        rng.index = known[k].index;
        assert_true(xp_rng_bits(&rng) == known[k].first);
        assert_true(xp_rng_bits(&rng) == known[k].second);
    }
}

/* A value depends on (seed, purpose, stream, index) and on nothing that was drawn before, elsewhere or in another order. */
static void value_of_counter_only(void **state) {
    (void)state;
    enum { N = 41 };
    uint64_t alone[N], mixed[N];
    xp_rng rng = xp_rng_begin(77, XP_RNG_PERMUTE, 5);
    for (int i = 0; i < N; i++) alone[i] = xp_rng_bits(&rng);
    xp_rng again = xp_rng_begin(77, XP_RNG_PERMUTE, 5), other = xp_rng_begin(77, XP_RNG_PERMUTE, 6);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < i % 4; k++) xp_rng_normal(&other);
        mixed[i] = xp_rng_bits(&again);
    }
    assert_memory_equal(alone, mixed, sizeof alone);
    xp_rng far = xp_rng_begin(77, XP_RNG_PERMUTE, 5);
    far.index = 7; /* block 7 holds values 14 and 15 */
    assert_true(xp_rng_bits(&far) == alone[14]);
    assert_true(xp_rng_bits(&far) == alone[15]);
}

static void every_part_of_the_counter_counts(void **state) {
    (void)state;
    const xp_rng begun[] = {xp_rng_begin(1, 2, 3), xp_rng_begin(2, 2, 3), xp_rng_begin(1, 3, 3), xp_rng_begin(1, 2, 4),
                            xp_rng_begin(1 + ((uint64_t)1 << 32), 2, 3)};
    enum { N = sizeof begun / sizeof *begun };
    uint64_t first[N];
    for (size_t k = 0; k < N; k++) {
        xp_rng rng = begun[k];
        first[k] = xp_rng_bits(&rng);
        for (size_t o = 0; o < k; o++) assert_true(first[o] != first[k]);
    }
}

static double chi_square(const size_t *count, size_t cells, double expected) {
    double sum = 0;
    for (size_t c = 0; c < cells; c++) sum += ((double)count[c] - expected) * ((double)count[c] - expected) / expected;
    return sum;
}

/* 101 cells: 100 degrees of freedom, mean 100, sd 14; both tails at about 1e-6. */
static void looks_uniform(double statistic) {
    print_message("chi-square %.1f of 100 degrees of freedom\n", statistic);
    assert_true(statistic > 45 && statistic < 178);
}

static void uniform(void **state) {
    (void)state;
    enum { CELLS = 101, DRAWS = 101000 };
    size_t count[CELLS] = {0}, below[CELLS] = {0}, across[CELLS] = {0};
    xp_rng rng = test_rng(1);
    for (uint32_t i = 0; i < DRAWS; i++) {
        double u = xp_rng_uniform(&rng);
        assert_true(u >= 0 && u < 1);
        count[(size_t)(u * CELLS)]++;
        size_t b = xp_rng_below(&rng, CELLS);
        assert_true(b < CELLS);
        below[b]++;
        xp_rng fresh = test_rng(1000 + i); /* first values of neighbouring streams */
        across[(size_t)(xp_rng_uniform(&fresh) * CELLS)]++;
    }
    looks_uniform(chi_square(count, CELLS, (double)DRAWS / CELLS));
    looks_uniform(chi_square(below, CELLS, (double)DRAWS / CELLS));
    looks_uniform(chi_square(across, CELLS, (double)DRAWS / CELLS));
}

/* 3 does not divide 2^64: taking the remainder alone could not be seen, but a range of two thirds of 2^64 can. */
static void below_is_unbiased_for_large_ranges(void **state) {
    (void)state;
    const size_t n = (size_t)(UINT64_MAX / 3 * 2);
    size_t low = 0;
    enum { DRAWS = 20000 };
    xp_rng rng = test_rng(2);
    for (int i = 0; i < DRAWS; i++) {
        size_t v = xp_rng_below(&rng, n);
        assert_true(v < n);
        low += v < n / 2; /* the remainder alone: two thirds */
    }
    assert_true(fabs((double)low / DRAWS - .5) < 5 * .5 / sqrt(DRAWS));
    assert_int_equal(xp_rng_below(&rng, 1), 0);
}

static void normal_moments(void **state) {
    (void)state;
    enum { DRAWS = 100001 };
    double sum = 0, squares = 0, fourth = 0, beyond = 0;
    xp_rng rng = test_rng(3);
    for (int i = 0; i < DRAWS; i++) {
        double v = xp_rng_normal(&rng);
        assert_true(isfinite(v));
        sum += v;
        squares += v * v;
        fourth += v * v * v * v;
        beyond += fabs(v) > 1.959964;
    }
    assert_true(fabs(sum / DRAWS) < 5 / sqrt(DRAWS));
    assert_true(fabs(squares / DRAWS - 1) < 5 * sqrt(2. / DRAWS));
    assert_true(fabs(fourth / DRAWS - 3) < 5 * sqrt(96. / DRAWS));
    assert_true(fabs(beyond / DRAWS - .05) < 5 * sqrt(.05 * .95 / DRAWS));
}

/* Many at once: by Box and Muller's definition in doubles, wherever a piece of the stream begins and ends. */
static void many_normals(void **state) {
    (void)state;
    enum { N = 100000 };
    static float all[N], part[N];
    double sum = 0, squares = 0, fourth = 0, beyond = 0, neighbours = 0;
    const double pi = acos(-1);
    const xp_rng rng = test_rng(4);
    xp_normals(&rng, 0, N, 1, all);
    for (size_t i = 0; i < N; i += 2) {
        uint32_t word[4];
        xp_rng_words(&rng, i / 4, word);
        const double u = (word[i % 4] + .5) / 4294967296, quarter = word[i % 4 + 1] >> 30,
                     angle = pi / 2 * (quarter + ((word[i % 4 + 1] & 0x3fffffff) + .5) / 1073741824 - .5);
        assert_true(fabs(all[i] - sqrt(-2 * log(u)) * cos(angle)) < 5e-7);
        assert_true(fabs(all[i + 1] - sqrt(-2 * log(u)) * sin(angle)) < 5e-7);
    }
    for (size_t i = 0; i < N; i++) {
        const double v = all[i];
        sum += v;
        squares += v * v;
        fourth += v * v * v * v;
        beyond += fabs(v) > 1.959964;
        neighbours += i > 0 ? v * all[i - 1] : 0;
    }
    assert_true(fabs(sum / N) < 5 / sqrt(N) && fabs(neighbours / N) < 5 / sqrt(N));
    assert_true(fabs(squares / N - 1) < 5 * sqrt(2. / N));
    assert_true(fabs(fourth / N - 3) < 5 * sqrt(96. / N));
    assert_true(fabs(beyond / N - .05) < 5 * sqrt(.05 * .95 / N));
    for (size_t first = 0; first < 9; first++)
        for (size_t n = 0; n < 400; n += n < 10 ? 1 : 61) {
            part[n] = -77;
            xp_normals(&rng, first, n, 1, part);
            assert_memory_equal(part, all + first, n * sizeof *part);
            assert_true(part[n] == -77);
        }
    xp_normals(&rng, 5, 7, .02, part);
    for (size_t i = 0; i < 7; i++) assert_true(fabs(part[i] - .02 * all[5 + i]) < 1e-8);
}

static void permutation_is_one(void **state) {
    (void)state;
    for (size_t n = 0; n <= 37; n++) {
        uint32_t *item = counted(n);
        xp_rng rng = test_rng(100 + (uint32_t)n);
        xp_rng_permutation(&rng, n, item);
        uint64_t seen = 0;
        for (size_t i = 0; i < n; i++) {
            assert_true(item[i] < n);
            seen |= (uint64_t)1 << item[i];
        }
        assert_true(seen == ((uint64_t)1 << n) - 1);
        free(item);
    }
}

/* All 24 orders of four are equally frequent: 23 degrees of freedom, sd 6.8. */
static void permutations_are_uniform(void **state) {
    (void)state;
    enum { DRAWS = 24000 };
    size_t count[256] = {0};
    double sum = 0;
    for (uint32_t d = 0; d < DRAWS; d++) {
        uint32_t item[4] = {0, 1, 2, 3};
        xp_rng rng = test_rng(2000 + d);
        xp_rng_permutation(&rng, 4, item);
        count[item[0] << 6 | item[1] << 4 | item[2] << 2 | item[3]]++;
    }
    size_t orders = 0;
    for (size_t c = 0; c < 256; c++) {
        if (count[c] == 0) continue;
        orders++;
        sum += ((double)count[c] - DRAWS / 24.) * ((double)count[c] - DRAWS / 24.) / (DRAWS / 24.);
    }
    assert_int_equal(orders, 24);
    print_message("chi-square %.1f of 23 degrees of freedom\n", sum);
    assert_true(sum < 67);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(value_of_counter_only),
        cmocka_unit_test(every_part_of_the_counter_counts),
        cmocka_unit_test(uniform),
        cmocka_unit_test(below_is_unbiased_for_large_ranges),
        cmocka_unit_test(normal_moments),
        cmocka_unit_test(many_normals),
        cmocka_unit_test(permutation_is_one),
        cmocka_unit_test(permutations_are_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

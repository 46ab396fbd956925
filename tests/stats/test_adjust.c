/* Benjamini-Hochberg by its definition, and what it promises: the share of false rejections. */
#include "stats/adjust.h"

#include "support/statistics.h"

/* The smallest level at which step-up rejects i: the definition, by trying. */
static double smallest_level(size_t n, const double *p, size_t i) {
    double best = 1;
    for (size_t k = 0; k < n; k++) {
        size_t rank = 0;
        for (size_t j = 0; j < n; j++) rank += p[j] <= p[k];
        double level = p[k] * (double)n / (double)rank;
        if (p[k] >= p[i] && level < best) best = level;
    }
    return best;
}

static void is_the_smallest_level_that_rejects(void **state) {
    (void)state;
    enum { N = 23 };
    double p[N], adjusted[N];
    for (uint32_t world = 0; world < 200; world++) {
        xp_rng rng = test_rng(world);
        for (size_t i = 0; i < N; i++) p[i] = ceil(40 * pow(xp_rng_uniform(&rng), 2) + .01) / 41; /* with ties */
        assert_true(xp_adjust_benjamini_hochberg(N, p, adjusted));
        for (size_t i = 0; i < N; i++) {
            assert_true(fabs(adjusted[i] - smallest_level(N, p, i)) < 1e-14);
            assert_true(adjusted[i] >= p[i] - 1e-15 && adjusted[i] <= 1);
        }
    }
}

static void what_is_no_test_is_left_out(void **state) {
    (void)state;
    const double p[] = {.04, NAN, .01, .02}, few[] = {.04, .01, .02};
    double adjusted[4], without[3];
    assert_true(xp_adjust_benjamini_hochberg(4, p, adjusted) && xp_adjust_benjamini_hochberg(3, few, without));
    assert_true(isnan(adjusted[1]));
    assert_true(adjusted[0] == without[0] && adjusted[2] == without[1] && adjusted[3] == without[2]);
    assert_true(xp_adjust_benjamini_hochberg(0, p, adjusted));
    xp_fail_allocation(1);
    assert_false(xp_adjust_benjamini_hochberg(4, p, adjusted));
    xp_fail_allocation(0);
}

/* 30 tests, 20 without an effect: of what is rejected at .1, at most .1 * 2/3 is false on the mean. */
static void keeps_the_false_discovery_rate(void **state) {
    (void)state;
    enum { N = 30, NULLS = 20, WORLDS = 2000 };
    double p[N], adjusted[N], rate = 0, power = 0;
    for (uint32_t world = 0; world < WORLDS; world++) {
        xp_rng rng = test_rng(5000 + world);
        for (size_t i = 0; i < N; i++) p[i] = i < NULLS ? xp_rng_uniform(&rng) : pow(xp_rng_uniform(&rng), 8);
        assert_true(xp_adjust_benjamini_hochberg(N, p, adjusted));
        double rejected = 0, wrong = 0;
        for (size_t i = 0; i < N; i++) {
            rejected += adjusted[i] <= .1;
            wrong += i < NULLS && adjusted[i] <= .1;
        }
        rate += rejected > 0 ? wrong / rejected / WORLDS : 0;
        power += (rejected - wrong) / (N - NULLS) / WORLDS;
    }
    print_message("false discovery rate %.4f (at most %.4f), power %.3f\n", rate, .1 * NULLS / N, power);
    assert_true(rate < .1 * NULLS / N + .01 && rate > .1 * NULLS / N - .01); /* equal for independent tests */
    assert_true(power > .3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_smallest_level_that_rejects),
        cmocka_unit_test(what_is_no_test_is_left_out),
        cmocka_unit_test(keeps_the_false_discovery_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

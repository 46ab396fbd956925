/* Sign flips: exact against every sign vector, drawn ones near the exact ones, level and power. */
#include "stats/paired.h"

#include "support/statistics.h"

static double by_enumeration(const double *d, size_t n) { /* scores exchanged, concept by concept */
    double sum = 0, reached = 0;
    for (size_t i = 0; i < n; i++) sum += d[i];
    for (uint32_t signs = 0; signs < 1u << n; signs++) {
        double with = 0;
        for (size_t i = 0; i < n; i++) with += signs >> i & 1 ? -d[i] : d[i];
        reached += fabs(with) >= fabs(sum) - 1e-12;
    }
    return reached / (double)(1u << n);
}

static void few_are_enumerated(void **state) {
    (void)state;
    double d[XP_FLIPS_EXACT];
    for (size_t n = 1; n <= XP_FLIPS_EXACT; n++) {
        xp_rng rng = test_rng((uint32_t)n);
        for (size_t i = 0; i < n; i++) d[i] = xp_rng_normal(&rng) + .5;
        xp_paired r;
        assert_true(xp_paired_sign_flips(d, n, 99, 1, &r));
        assert_true(r.exact && r.n == n && r.flips == (size_t)1 << n && r.p_error == 0);
        assert_true(fabs(r.p - by_enumeration(d, n)) < 1e-15);
        assert_true(r.p >= 2. / (double)r.flips - 1e-15); /* all signs and none: two-sided */
    }
}

static void ties_are_reached_and_zeros_have_no_sign(void **state) {
    (void)state;
    /* tenths: sums that are equal on paper differ in the last bit */
    const double tenths[] = {.1, .2, .3, .1, .1, .2}, with_zeros[] = {0, .1, .2, NAN, .3, 0, .1, .1, .2, 0};
    xp_paired r, zeros;
    assert_true(xp_paired_sign_flips(tenths, 6, 99, 1, &r) && xp_paired_sign_flips(with_zeros, 10, 99, 1, &zeros));
    assert_true(fabs(r.p - by_enumeration(tenths, 6)) < 1e-15);
    assert_true(zeros.p == r.p && zeros.n == 9 && fabs(zeros.mean * 9 - r.mean * 6) < 1e-15);
    const double nothing[] = {0, 0, 0}, none[] = {NAN};
    assert_true(xp_paired_sign_flips(nothing, 3, 99, 1, &r) && r.p == 1 && r.mean == 0);
    assert_true(xp_paired_sign_flips(none, 1, 99, 1, &r) && r.n == 0 && isnan(r.p));
    xp_fail_allocation(1);
    assert_false(xp_paired_sign_flips(nothing, 3, 99, 1, &r));
    xp_fail_allocation(0);
}

static void drawn_signs_come_near_all_signs(void **state) {
    (void)state;
    enum { N = 18, DRAWS = 20000 };
    double d[N], opposite[N];
    for (uint32_t world = 0; world < 5; world++) {
        xp_rng rng = test_rng(40 + world);
        for (size_t i = 0; i < N; i++) opposite[i] = -(d[i] = xp_rng_normal(&rng) + .2 * world);
        xp_paired r, again, mirrored;
        assert_true(xp_paired_sign_flips(d, N, DRAWS, 7, &r) && xp_paired_sign_flips(d, N, DRAWS, 7, &again) &&
                    xp_paired_sign_flips(opposite, N, DRAWS, 7, &mirrored));
        double exact = by_enumeration(d, N);
        assert_false(r.exact);
        assert_true(fabs(r.p - exact) < 4 * sqrt(exact * (1 - exact) / DRAWS) + 1. / DRAWS);
        assert_true(again.p == r.p && mirrored.p == r.p && mirrored.mean == -r.mean);
        assert_true(xp_paired_sign_flips(d, N, DRAWS, 8, &again));
        if (exact > .01) assert_true(again.p != r.p);
    }
}

static void p_is_uniform_without_a_difference_and_small_with_one(void **state) {
    (void)state;
    enum { N = 60, WORLDS = 1000, B = 99 };
    double d[N], p[WORLDS], above;
    size_t found = 0;
    for (uint32_t world = 0; world < WORLDS; world++) {
        xp_rng rng = test_rng(9000 + world);
        for (size_t i = 0; i < N; i++) d[i] = pow(xp_rng_normal(&rng), 3); /* heavy tails: no normal theory */
        xp_paired r;
        assert_true(xp_paired_sign_flips(d, N, B, world, &r));
        p[world] = r.p;
        for (size_t i = 0; i < N; i++) d[i] = xp_rng_normal(&rng) - .5;
        assert_true(xp_paired_sign_flips(d, N, B, world, &r));
        found += r.p <= .05;
    }
    double distance = uniform_distance(p, WORLDS, B, &above);
    print_message("distance %.3f, at most %.3f; power %.3f\n", distance, uniform_limit(WORLDS), (double)found / WORLDS);
    assert_true(distance < uniform_limit(WORLDS) && above < uniform_limit(WORLDS));
    assert_true(10 * found > 9 * WORLDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_are_enumerated),
        cmocka_unit_test(ties_are_reached_and_zeros_have_no_sign),
        cmocka_unit_test(drawn_signs_come_near_all_signs),
        cmocka_unit_test(p_is_uniform_without_a_difference_and_small_with_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

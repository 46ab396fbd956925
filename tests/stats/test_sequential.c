/* Sequential stopping: the bounds spend what they may, decisions are those of endless permutations, intervals cover. */
#include "stats/sequential.h"

#include "support/statistics.h"

static const double ALPHA = .05, RISK = 1e-3, HALF = 1000;

/* The exact chances of stopping on each side under p, by the whole distribution of paths. */
static void chances(const xp_sequential_bounds *b, double p, double side[2], double *expected) {
    double *mass = xp_calloc(b->most + 2, sizeof *mass);
    assert_non_null(mass);
    mass[0] = 1;
    side[0] = side[1] = *expected = 0;
    for (size_t n = 1; n <= b->most; n++) {
        double going = 0;
        for (size_t s = n; s <= n; s--) { /* from n down to 0 */
            mass[s] = mass[s] * (1 - p) + (s > 0 ? mass[s - 1] * p : 0);
            going += mass[s];
        }
        *expected += going;
        if (n % b->step != 0 && n != b->most) continue;
        for (size_t s = 0; s <= n; s++) {
            xp_sequential_side at = xp_sequential_look(b, n, s);
            if (at == XP_GO_ON) continue;
            side[at == XP_ABOVE_ALPHA] += mass[s];
            mass[s] = 0;
        }
    }
    xp_free(mass);
}

static void the_risk_is_bounded_whatever_p_is(void **state) {
    (void)state;
    static const size_t steps[] = {1, 20};
    for (size_t k = 0; k < 2; k++) {
        xp_sequential_bounds b;
        assert_true(xp_sequential_bounds_create(&b, ALPHA, RISK, HALF, steps[k], 2999));
        double side[2], expected;
        chances(&b, ALPHA, side, &expected);
        const double may = RISK * 2999 / (2999 + HALF);
        print_message("looks every %zu: at p = alpha %.2e below, %.2e above, allowed %.2e\n", steps[k], side[0],
                      side[1], may);
        assert_true(side[0] <= may + 1e-15 && side[1] <= may + 1e-15);
        assert_true(side[0] > .5 * may && side[1] > .5 * may); /* and used */
        static const double p[] = {.0001, .001, .01, .03, .045, .055, .08, .2, .5, .9};
        for (size_t i = 0; i < sizeof p / sizeof *p; i++) {
            chances(&b, p[i], side, &expected);
            assert_true(side[p[i] < ALPHA] <= RISK); /* the wrong side */
            print_message("p %.4f: below %.4f, above %.4f, %.0f permutations\n", p[i], side[0], side[1], expected);
            if (p[i] <= .001) assert_true(expected < 400 && side[0] > .95);
            if (p[i] >= .2) assert_true(expected < 100 && side[1] > .999);
        }
        xp_sequential_bounds_free(&b);
    }
}

/* Fewer looks stop later, never more boldly than the plan of every permutation allows in all. */
static void bounds_grow_and_never_cross(void **state) {
    (void)state;
    xp_sequential_bounds b;
    assert_true(xp_sequential_bounds_create(&b, ALPHA, RISK, HALF, 20, 1010));
    assert_int_equal(b.n_looks, 51); /* the last look is after all */
    for (size_t k = 0; k < b.n_looks; k++) {
        size_t n = k + 1 < b.n_looks ? 20 * (k + 1) : 1010;
        assert_true(b.lower[k] < b.upper[k] && b.lower[k] >= -1 && b.upper[k] <= (int64_t)n + 1);
        assert_true((double)b.lower[k] < ALPHA * (double)n && (double)b.upper[k] > ALPHA * (double)n);
        /* p = (1 + reached) / (1 + n) says the same as the side */
        assert_true((double)(b.lower[k] + 1) <= ALPHA * (double)(n + 1) &&
                    (double)(b.upper[k] + 1) > ALPHA * (double)(n + 1));
        if (k > 0) assert_true(b.lower[k] >= b.lower[k - 1] && b.upper[k] >= b.upper[k - 1]);
        if (b.lower[k] >= 0) assert_int_equal(xp_sequential_look(&b, n, (size_t)b.lower[k]), XP_BELOW_ALPHA);
        assert_int_equal(xp_sequential_look(&b, n, (size_t)(b.lower[k] + 1)), XP_GO_ON);
        assert_int_equal(xp_sequential_look(&b, n, (size_t)b.upper[k]), XP_ABOVE_ALPHA);
    }
    xp_sequential_bounds_free(&b);
    for (size_t n = 1; n <= 3; n++) {
        xp_fail_allocation(n);
        assert_false(xp_sequential_bounds_create(&b, ALPHA, RISK, HALF, 20, 100));
    }
    xp_fail_allocation(0);
}

/* At the time of stopping, which depends on the data, where a fixed-n interval would cover too rarely. */
static void intervals_cover_where_the_test_stops(void **state) {
    (void)state;
    enum { WORLDS = 2000, MOST = 999 };
    static const double ps[] = {.002, .04, .06, .3};
    xp_sequential_bounds b;
    assert_true(xp_sequential_bounds_create(&b, ALPHA, RISK, HALF, 20, MOST));
    for (size_t k = 0; k < sizeof ps / sizeof *ps; k++) {
        size_t covered = 0;
        for (uint32_t world = 0; world < WORLDS; world++) {
            xp_rng rng = test_rng(100000 * (uint32_t)(k + 1) + world);
            size_t n = 0, reached = 0;
            xp_sequential_side side = XP_GO_ON;
            while (n < MOST && side == XP_GO_ON) {
                reached += xp_rng_uniform(&rng) < ps[k];
                n++;
                if (n % 20 == 0 || n == MOST) side = xp_sequential_look(&b, n, reached);
            }
            double interval[2];
            xp_sequential_interval(n, reached, .95, interval);
            assert_true(interval[0] <= (double)reached / (double)n && interval[1] >= (double)reached / (double)n);
            covered += interval[0] <= ps[k] && ps[k] <= interval[1];
        }
        print_message("p %.3f: covered %.3f\n", ps[k], (double)covered / WORLDS);
        assert_true((double)covered >= .95 * WORLDS - 2 * sqrt(.05 * .95 * WORLDS));
    }
    xp_sequential_bounds_free(&b);
    double all[2], none[2];
    xp_sequential_interval(10, 10, .95, all);
    xp_sequential_interval(10, 0, .95, none);
    assert_true(all[1] == 1 && none[0] == 0 && fabs(all[0] - (1 - none[1])) < 1e-12);
    assert_true(fabs(11 * pow(1 - none[1], 10) - .05) < 1e-9); /* by hand */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_risk_is_bounded_whatever_p_is),
        cmocka_unit_test(bounds_grow_and_never_cross),
        cmocka_unit_test(intervals_cover_where_the_test_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

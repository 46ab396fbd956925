/* The difference of two jackknifed statistics: tiny and equal ones, and that p is right and power there where concepts are independent. SciPy beside it:
 * tests/oracle/check_stats.py. */
#include "stats/difference.h"

#include "support/statistics.h"

enum { N = 60 };

static void equal_and_tiny_ones(void **state) {
    (void)state;
    const double one[] = {.1, .4, NAN, .3}, none[] = {NAN, NAN, NAN, NAN}, alone[] = {NAN, NAN, .2, NAN};
    xp_difference d;
    xp_difference_of(4, (const double *const[]){one, one}, 0, 0, &d);
    assert_true(d.n == 3 && d.difference == 0 && d.p == 1 && d.ci[0] == 0 && d.ci[1] == 0);
    xp_difference_of(4, (const double *const[]){one, one}, .5, 0,
                     &d); /* other permutations make no doubt where there is none */
    assert_true(d.p == 1 && d.ci[0] == 0 && d.ci[1] == 0);
    xp_difference_of(4, (const double *const[]){one, one}, 0, .01, &d); /* as equal as draws can tell */
    assert_true(d.p == 1 && d.ci[0] < 0 && d.ci[1] > 0 && fabs(d.error - .1) < 1e-15);
    xp_difference_of(4, (const double *const[]){one, none}, 0, 0, &d);
    assert_true(isnan(d.p) && isnan(d.difference));
    xp_difference_of(4, (const double *const[]){alone, alone}, 0, 0, &d); /* one concept says nothing of others */
    assert_true(isnan(d.p) && isnan(d.ci[0]) && d.difference == 0);
    xp_difference_of(4, (const double *const[]){one, alone}, 0, 0, &d); /* no concept in common */
    assert_true(d.n == 4 && fabs(d.difference - (.2 - .8 / 3)) < 1e-15 && d.p > 0 && d.p <= 1);
}

static void pairs_are_taken_off_but_once(void **state) {
    (void)state;
    double a[N], b[N];
    xp_rng rng = test_rng(1);
    for (size_t i = 0; i < N; i++) {
        a[i] = xp_rng_normal(&rng);
        b[i] = xp_rng_normal(&rng);
    }
    xp_difference plain, less, most, more;
    xp_difference_of(N, (const double *const[]){a, b}, 0, 0, &plain);
    const double v = plain.error * plain.error;
    xp_difference_of(N, (const double *const[]){a, b}, .25 * v, 0, &less);
    xp_difference_of(N, (const double *const[]){a, b}, .75 * v, 0, &most);
    xp_difference_of(N, (const double *const[]){a, b}, 4 * v, 0, &more);
    assert_true(fabs(less.error * less.error - .75 * v) < 1e-12 * v); /* V - N */
    assert_true(fabs(most.error * most.error - .75 * v) < 1e-12 * v); /* N */
    assert_true(more.error == plain.error);                           /* N would be more than V */
}

static void level_and_power(void **state) {
    (void)state;
    enum { WORLDS = 2000 };
    size_t rejected[2] = {0, 0}, covered = 0;
    for (uint32_t w = 0; w < WORLDS; w++) {
        double a[N], b[2][N];
        xp_rng rng = test_rng(100 + w);
        for (size_t i = 0; i < N; i++) {
            const double shared = 3 * xp_rng_normal(&rng);
            a[i] = shared + xp_rng_normal(&rng);
            b[0][i] = shared + xp_rng_normal(&rng);
            b[1][i] = b[0][i] + .6;
        }
        for (int k = 0; k < 2; k++) {
            xp_difference d;
            xp_difference_of(N, (const double *const[]){a, b[k]}, 0, 0, &d);
            rejected[k] += d.p <= .05;
            covered += k == 1 && d.ci[0] <= .6 && .6 <= d.ci[1];
        }
    }
    print_message("level %.4f, power %.3f, coverage %.4f\n", (double)rejected[0] / WORLDS, (double)rejected[1] / WORLDS,
                  (double)covered / WORLDS);
    assert_true((double)rejected[0] > .035 * WORLDS && (double)rejected[0] < .065 * WORLDS);
    assert_true((double)rejected[1] > .85 * WORLDS); /* unpaired it would be .1 */
    assert_int_equal(covered, WORLDS - rejected[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_and_tiny_ones),
        cmocka_unit_test(pairs_are_taken_off_but_once),
        cmocka_unit_test(level_and_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

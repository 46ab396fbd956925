/* Platt's scaling: a stationary point, calibrated, unmoved by the scale of the scores; bits are bits. */
#include "stats/codelength.h"

#include "support/statistics.h"

enum { N = 400 };

static void draw(uint32_t world, double slope, double offset, double *score, uint8_t *positive) {
    xp_rng rng = test_rng(world);
    for (size_t i = 0; i < N; i++) {
        score[i] = xp_rng_normal(&rng);
        positive[i] = xp_rng_uniform(&rng) < 1 / (1 + exp(-(slope * score[i] + offset)));
    }
}

static double loss(const xp_platt *platt, const double *score, const uint8_t *positive) {
    double ones = 0, sum = 0;
    for (size_t i = 0; i < N; i++) ones += positive[i];
    for (size_t i = 0; i < N; i++) {
        double target = positive[i] ? (ones + 1) / (ones + 2) : 1 / (N - ones + 2);
        sum += target * xp_platt_bits(platt, score[i], 1) + (1 - target) * xp_platt_bits(platt, score[i], 0);
    }
    return sum;
}

static void nothing_near_is_better(void **state) {
    (void)state;
    double score[N];
    uint8_t positive[N];
    for (uint32_t world = 0; world < 20; world++) {
        draw(world, world % 4, -(double)(world % 3), score, positive);
        if (world == 7) /* separated: slope without bound but for the targets */
            for (size_t i = 0; i < N; i++) positive[i] = score[i] > .3;
        xp_platt fit = xp_platt_fit(N, score, positive);
        const double best = loss(&fit, score, positive);
        assert_true(isfinite(fit.slope) && isfinite(fit.offset) && isfinite(best));
        for (int k = 0; k < 8; k++) {
            const double by = 1e-3 * (1 + fabs(fit.slope));
            xp_platt near = {fit.slope + (k % 3 - 1) * by, fit.offset + (k / 3 - 1) * by};
            if (near.slope == fit.slope && near.offset == fit.offset) continue;
            assert_true(loss(&near, score, positive) > best);
        }
    }
}

static void the_scale_of_scores_does_not_matter(void **state) {
    (void)state;
    double score[N], scaled[N];
    uint8_t positive[N];
    draw(3, 2, -1, score, positive);
    for (size_t i = 0; i < N; i++) scaled[i] = 1e-7 * score[i] + 3;
    xp_platt a = xp_platt_fit(N, score, positive), b = xp_platt_fit(N, scaled, positive);
    for (size_t i = 0; i < N; i++)
        assert_true(fabs(xp_platt_bits(&a, score[i], 1) - xp_platt_bits(&b, scaled[i], 1)) < 1e-5);
}

static void bits_are_bits(void **state) {
    (void)state;
    const xp_platt even = {0, 0}, sure = {1, 0};
    assert_true(xp_platt_bits(&even, 5, 1) == 1 && xp_platt_bits(&even, 5, 0) == 1);
    assert_true(xp_platt_bits(&sure, 2000, 1) == 0 && isfinite(xp_platt_bits(&sure, 2000, 0)));
    for (double s = -30; s <= 30; s += .5) /* both codes are of one distribution */
        assert_true(fabs(exp2(-xp_platt_bits(&sure, s, 1)) + exp2(-xp_platt_bits(&sure, s, 0)) - 1) < 1e-12);
    /* scores that say nothing: the code of the frequency alone */
    double constant[N];
    uint8_t positive[N];
    for (size_t i = 0; i < N; i++) {
        constant[i] = .1;
        positive[i] = i % 8 == 0;
    }
    xp_platt flat = xp_platt_fit(N, constant, positive);
    assert_true(fabs(exp2(-xp_platt_bits(&flat, .1, 1)) - .125) < .01);
    xp_platt none = xp_platt_fit(0, constant, positive);
    assert_true(none.slope == 0 && none.offset == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_near_is_better),
        cmocka_unit_test(the_scale_of_scores_does_not_matter),
        cmocka_unit_test(bits_are_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

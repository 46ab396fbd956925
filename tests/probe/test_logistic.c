/* Laws of logistic regression; values beside scikit-learn's are in tests/oracle/check_logistic.py. */
#include "probe/logistic.h"

#include "support/statistics.h"

enum { N = 60, D = 5 };

typedef struct world {
    double x[N * D];
    uint8_t label[N];
    uint32_t all[N];
} world;

static world make_world(uint32_t seed) {
    world w;
    xp_rng rng = test_rng(seed);
    for (size_t i = 0; i < N; i++) {
        double sum = 0;
        w.all[i] = (uint32_t)i;
        for (size_t j = 0; j < D; j++) sum += (w.x[i * D + j] = xp_rng_normal(&rng) * (double)(j + 1));
        w.label[i] = sum + 3 * xp_rng_normal(&rng) > 0;
    }
    w.label[0] = 0;
    w.label[1] = 1;
    return w;
}

static xp_logistic fit_of(const world *w, double strength) {
    xp_logistic fit;
    const xp_fold fold = {.train = w->all, .n_train = N};
    assert_int_equal(xp_logistic_fit(w->x, D, w->label, &fold, strength, &fit, NULL), EXPLAINT_OK);
    return fit;
}

static double objective(const world *w, const xp_logistic *fit, double strength) {
    double sum = 0;
    for (size_t j = 0; j < D; j++) sum += fit->weight[j] * fit->weight[j] / 2;
    for (size_t i = 0; i < N; i++) {
        const double m = xp_logistic_score(fit, w->x + i * D);
        sum += strength * log1p(exp(w->label[i] ? -m : m));
    }
    return sum;
}

static void no_step_leads_lower(void **state) {
    (void)state;
    for (uint32_t seed = 0; seed < 20; seed++) {
        const world w = make_world(seed);
        xp_logistic fit = fit_of(&w, .7);
        const double least = objective(&w, &fit, .7);
        for (size_t j = 0; j <= D; j++)
            for (int sign = -1; sign <= 1; sign += 2) {
                double *at = j < D ? &fit.weight[j] : &fit.intercept;
                *at += sign * 1e-3;
                assert_true(objective(&w, &fit, .7) > least);
                *at -= sign * 1e-3;
            }
        xp_logistic_free(&fit);
    }
}

/* Residuals of a fit with an intercept add up to 0. */
static void the_mean_probability_is_the_share_of_labels(void **state) {
    (void)state;
    const world w = make_world(7);
    xp_logistic fit = fit_of(&w, 1);
    double sum = 0;
    for (size_t i = 0; i < N; i++) sum += xp_logistic_probability(&fit, w.x + i * D) - w.label[i];
    assert_true(fabs(sum) < 1e-6);
    xp_logistic_free(&fit);
}

static void scale_and_place_of_a_column_make_no_difference(void **state) {
    (void)state;
    world w = make_world(8);
    xp_logistic a = fit_of(&w, 1);
    for (size_t i = 0; i < N; i++) w.x[i * D + 2] = 1e6 * w.x[i * D + 2] - 5;
    xp_logistic b = fit_of(&w, 1);
    for (size_t j = 0; j < D; j++) assert_true(fabs(a.weight[j] - b.weight[j]) < 1e-6);
    xp_logistic_free(&a);
    xp_logistic_free(&b);
}

static void rows_that_are_held_out_are_not_looked_at(void **state) {
    (void)state;
    world w = make_world(9);
    const xp_fold fold = {.train = w.all, .n_train = N / 2};
    xp_logistic a, b;
    assert_int_equal(xp_logistic_fit(w.x, D, w.label, &fold, 1, &a, NULL), EXPLAINT_OK);
    for (size_t i = N / 2; i < N; i++) {
        w.label[i] = !w.label[i];
        for (size_t j = 0; j < D; j++) w.x[i * D + j] = NAN;
    }
    assert_int_equal(xp_logistic_fit(w.x, D, w.label, &fold, 1, &b, NULL), EXPLAINT_OK);
    assert_memory_equal(a.weight, b.weight, 3 * D * sizeof *a.weight);
    assert_true(a.intercept == b.intercept);
    xp_logistic_free(&a);
    xp_logistic_free(&b);
}

static void what_cannot_be_fitted_is_refused(void **state) {
    (void)state;
    world w = make_world(10);
    const xp_fold fold = {.train = w.all, .n_train = N};
    xp_logistic fit;
    explaint_error error = {0};
    for (size_t n = 1; n <= 3; n++) {
        xp_fail_allocation(n);
        assert_int_equal(xp_logistic_fit(w.x, D, w.label, &fold, 1, &fit, &error), EXPLAINT_FAILED);
        xp_fail_allocation(0);
        assert_null(fit.weight);
    }
    w.x[7] = INFINITY;
    assert_int_equal(xp_logistic_fit(w.x, D, w.label, &fold, 1, &fit, &error), EXPLAINT_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_step_leads_lower),
        cmocka_unit_test(the_mean_probability_is_the_share_of_labels),
        cmocka_unit_test(scale_and_place_of_a_column_make_no_difference),
        cmocka_unit_test(rows_that_are_held_out_are_not_looked_at),
        cmocka_unit_test(what_cannot_be_fitted_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

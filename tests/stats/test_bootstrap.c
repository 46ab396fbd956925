/* The percentile bootstrap: every resample has n draws, quantiles are NumPy's, and the interval covers. */
#include "stats/bootstrap.h"

#include "support/statistics.h"

static void resamples_are_draws(void **state) {
    (void)state;
    enum { N = 37, R = 500 };
    xp_bootstrap b, again, other;
    assert_true(xp_bootstrap_create(&b, N, R, 3) && xp_bootstrap_create(&again, N, R, 3) &&
                xp_bootstrap_create(&other, N, R, 4));
    assert_memory_equal(b.weight, again.weight, N * R * sizeof *b.weight);
    assert_memory_not_equal(b.weight, other.weight, N * R * sizeof *b.weight);
    double squares = 0;
    for (size_t r = 0; r < R; r++) {
        double sum = 0;
        for (size_t i = 0; i < N; i++) {
            double w = b.weight[r * N + i];
            assert_true(w >= 0 && w == floor(w));
            sum += w;
            squares += (w - 1) * (w - 1);
        }
        assert_true(sum == N);
    }
    assert_true(fabs(squares / (N * R) - (1 - 1. / N)) < .05); /* multinomial: variance (1 - 1/n) */
    xp_bootstrap_free(&b);
    xp_bootstrap_free(&again);
    xp_bootstrap_free(&other);
}

/* numpy.quantile([...], q), linear: position q (count - 1). */
static double numpy_quantile(double *value, size_t count, double q) {
    qsort(value, count, sizeof *value, double_ascending);
    double at = q * (double)(count - 1), part = at - floor(at);
    size_t low = (size_t)at, high = low + 1 < count ? low + 1 : low;
    return value[low] * (1 - part) + value[high] * part;
}

static void quantiles_of_ratios(void **state) {
    (void)state;
    enum { N = 23, R = 101 };
    double num[N], den[N], zero[N] = {0}, one[N];
    xp_rng rng = test_rng(9000);
    for (size_t i = 0; i < N; i++) {
        num[i] = i == 0 ? 1 : xp_rng_normal(&rng);
        den[i] = i % 5 == 4 ? 0 : 1 + (double)(i % 3);
        one[i] = 1;
    }
    double ratio[R], interval[2] = {NAN, NAN};
    size_t count = 0;
    xp_bootstrap b;
    assert_true(xp_bootstrap_create(&b, N, R, test_seed()));
    for (size_t r = 0; r < R; r++) {
        double above = 0, below = 0;
        for (size_t i = 0; i < N; i++) {
            above += b.weight[r * N + i] * num[i];
            below += b.weight[r * N + i] * den[i];
        }
        if (below > 0) ratio[count++] = above / below;
    }
    assert_true(xp_bootstrap_ratio(&b, num, den, interval));
    assert_true(fabs(interval[0] - numpy_quantile(ratio, count, .025)) < 1e-12);
    assert_true(fabs(interval[1] - numpy_quantile(ratio, count, .975)) < 1e-12);
    assert_false(xp_bootstrap_ratio(&b, num, zero, interval));
    assert_true(xp_bootstrap_ratio(&b, one, one, interval)); /* no spread, no width */
    assert_true(interval[0] == 1 && interval[1] == 1);
    xp_bootstrap_free(&b);
    assert_true(xp_bootstrap_create(&b, 1, 1, 1)); /* the smallest there is */
    assert_true(xp_bootstrap_ratio(&b, num, den, interval) && interval[0] == 1 && interval[1] == 1);
    xp_bootstrap_free(&b);
}

static void widens_about_the_centre(void **state) {
    (void)state;
    double interval[2] = {.8, 1.4};
    xp_bootstrap_widen(1, 1.5, interval);
    assert_true(fabs(interval[0] - .7) < 1e-15 && fabs(interval[1] - 1.6) < 1e-15);
}

/* The mean of 40 normal values: the plain percentile interval covers about .93 to .95. */
static void covers_a_mean(void **state) {
    (void)state;
    enum { N = 40, WORLDS = 1500 };
    xp_bootstrap b;
    assert_true(xp_bootstrap_create(&b, N, 400, test_seed()));
    double one[N], value[N], interval[2];
    size_t covered = 0, below = 0;
    for (size_t i = 0; i < N; i++) one[i] = 1;
    for (uint32_t w = 0; w < WORLDS; w++) {
        xp_rng rng = test_rng(w);
        for (size_t i = 0; i < N; i++) value[i] = 3 + xp_rng_normal(&rng);
        assert_true(xp_bootstrap_ratio(&b, value, one, interval));
        covered += interval[0] <= 3 && 3 <= interval[1];
        below += 3 < interval[0];
    }
    print_message("covered %.3f, missed below %.3f\n", (double)covered / WORLDS, (double)below / WORLDS);
    assert_true(100 * covered > 91 * WORLDS && 1000 * covered < 965 * WORLDS);
    assert_true(2 * below < 3 * (WORLDS - covered) / 2 + WORLDS / 50); /* misses on both sides */
    xp_bootstrap_free(&b);
}

/* Concepts of a label come together, as often as their cluster was drawn; as many draws as there are clusters. */
static void clusters_come_whole(void **state) {
    (void)state;
    enum { N = 29, R = 400, CLUSTERS = 3 + 2 + 2 }; /* labels 0, 2, 3; two alone at the ends, two fixed as their own */
    int label[N];
    for (int i = 0; i < N; i++) label[i] = i % 3 == 0 ? 0 : i % 3 + 1;
    label[0] = label[28] = label[5] = label[6] = -1;
    xp_bootstrap b, again;
    assert_true(xp_bootstrap_create_clusters(&b, N, label, R, 3) &&
                xp_bootstrap_create_clusters(&again, N, label, R, 3));
    assert_memory_equal(b.weight, again.weight, N * R * sizeof *b.weight);
    double sum = 0, squares = 0;
    for (size_t r = 0; r < R; r++) {
        const double *w = b.weight + r * N;
        double draws = w[0] + w[28] + w[5] + w[6], seen[4] = {-1, -1, -1, -1};
        for (size_t i = 0; i < N; i++) {
            if (label[i] < 0) continue;
            if (seen[label[i]] < 0) draws += seen[label[i]] = w[i];
            assert_true(seen[label[i]] == w[i]);
        }
        assert_true(draws == CLUSTERS);
        sum += w[5];
        squares += (w[5] - 1) * (w[5] - 1);
    }
    assert_true(fabs(sum / R - 1) < .2 && fabs(squares / R - (1 - 1. / CLUSTERS)) < .25);
    /* what clusters share makes their interval wider; without labels it is the plain one in kind */
    double value[N], one[N], clustered[2], plain[2];
    for (size_t i = 0; i < N; i++) {
        value[i] = label[i];
        one[i] = 1;
    }
    xp_bootstrap by_concept;
    assert_true(xp_bootstrap_create(&by_concept, N, R, 3));
    assert_true(xp_bootstrap_ratio(&b, value, one, clustered) && xp_bootstrap_ratio(&by_concept, value, one, plain));
    assert_true(clustered[1] - clustered[0] > 1.5 * (plain[1] - plain[0]));
    xp_bootstrap_free(&b);
    xp_bootstrap_free(&again);
    xp_bootstrap_free(&by_concept);
    for (size_t n = 1; n <= 5; n++) {
        xp_fail_allocation(n);
        assert_false(xp_bootstrap_create_clusters(&b, N, label, R, 3));
    }
    xp_fail_allocation(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clusters_come_whole), cmocka_unit_test(resamples_are_draws),
        cmocka_unit_test(quantiles_of_ratios), cmocka_unit_test(widens_about_the_centre),
        cmocka_unit_test(covers_a_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

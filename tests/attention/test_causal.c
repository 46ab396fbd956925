/* Maps of decoders: what is alike in all of them, the zeros of the mask and row 0, counts in no similarity. */
#include "support/files.h"

#include <math.h>

#include "attention/similarity.h"
#include "base/rng.h"

enum { N = 9 };

/* Rows of positive numbers that add up to 1, of what a row of a decoder sees. */
static void draw(uint32_t stream, float *map) {
    xp_rng rng = xp_rng_begin(11, XP_RNG_TEST, stream);
    for (size_t i = 0; i < N; i++) {
        double sum = 0;
        for (size_t j = 0; j < N; j++) {
            const double x = j <= i ? exp(2 * xp_rng_normal(&rng)) : 0;
            map[i * N + j] = (float)x;
            sum += x;
        }
        for (size_t j = 0; j < N; j++) map[i * N + j] = (float)((double)map[i * N + j] / sum);
    }
}

/* r over a list of numbers. */
static double pearson(size_t n, const double *a, const double *b) {
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) x += a[i] / (double)n;
    for (size_t i = 0; i < n; i++) y += b[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        xx += (a[i] - x) * (a[i] - x);
        yy += (b[i] - y) * (b[i] - y);
        xy += (a[i] - x) * (b[i] - y);
    }
    return xy / sqrt(xx * yy);
}

static double alike(bool causal, size_t n, const double *a, const double *b) {
    return xp_similarity_pearson(causal, n, a, xp_similarity_mean(causal, n, a), b);
}

static void similarities_by_definition(void **state) {
    (void)state;
    float one[N * N], two[N * N];
    double a[N * N], b[N * N], left[N * N], right[N * N], divergence = 0, same = 0;
    const uint8_t special[N] = {1};
    uint32_t scratch[N];
    for (uint32_t turn = 0; turn < 20; turn++) {
        draw(2 * turn, one);
        draw(2 * turn + 1, two);
        const xp_scope scope = turn % 2 == 0 ? XP_WHOLE : XP_CONTENT;
        const size_t n = xp_similarity_scope(N, one, NULL, special, scope, a);
        assert_int_equal(xp_similarity_scope(N, two, NULL, special, scope, b), n);
        assert_int_equal(n, scope == XP_WHOLE ? N : N - 1);
        size_t many = 0, votes[N] = {0}, most = 0;
        divergence = same = 0;
        for (size_t i = 1; i < n; i++) {
            size_t best_a = 0, best_b = 0;
            for (size_t j = 0; j <= i; j++, many++) {
                const double p = left[many] = a[i * n + j], q = right[many] = b[i * n + j], m = (p + q) / 2;
                divergence += (p * log(p / m) + q * log(q / m)) / 2 / (double)(n - 1);
                if (p > a[i * n + best_a]) best_a = j;
                if (q > b[i * n + best_b]) best_b = j;
            }
            same += (best_a == best_b) / (double)(n - 1);
            votes[best_a]++;
        }
        for (size_t j = 0; j < n; j++) most = votes[j] > most ? votes[j] : most;
        const double of_a = xp_similarity_entropy(n, a), of_b = xp_similarity_entropy(n, b);
        assert_true(fabs(alike(true, n, a, b) - pearson(many, left, right)) < 1e-12);
        assert_true(fabs(xp_similarity_jsd(true, n, a, of_a, b, of_b) - divergence) < 1e-7);
        assert_true(fabs(xp_similarity_same_target(true, n, a, b) - same) < 1e-12);
        assert_true(fabs(xp_similarity_modal_share(true, n, a, scratch) - (double)most / (double)(n - 1)) < 1e-12);
        /* with the zeros of the mask any two maps are alike */
        assert_true(alike(false, n, a, b) > alike(true, n, a, b));
    }
}

static void a_uniform_map_is_uniform(void **state) {
    (void)state;
    float map[N * N], other[N * N];
    double a[N * N], b[N * N];
    uint32_t scratch[N];
    xp_similarity_uniform(N, map);
    draw(77, other);
    xp_similarity_scope(N, map, NULL, NULL, XP_WHOLE, a);
    xp_similarity_scope(N, other, NULL, NULL, XP_WHOLE, b);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) assert_true(map[i * N + j] == (j <= i ? 1 / (float)(i + 1) : 0));
    assert_int_equal(xp_similarity_pattern(true, N, a, xp_similarity_entropy(N, a), NULL), XP_UNIFORM);
    assert_int_not_equal(xp_similarity_pattern(false, N, a, xp_similarity_entropy(N, a), NULL), XP_UNIFORM);
    assert_int_not_equal(xp_similarity_pattern(true, N, b, xp_similarity_entropy(N, b), NULL), XP_UNIFORM);
    assert_true(fabs(alike(true, N, a, a) - 1) < 1e-12);
    assert_true(isnan(xp_similarity_modal_share(true, 1, a, scratch)) && isnan(xp_similarity_jsd(true, 1, a, 0, a, 0)));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(similarities_by_definition),
                                       cmocka_unit_test(a_uniform_map_is_uniform)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

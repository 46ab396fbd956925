/* Laws of rollout and maximum flow, on maps made at random and on graphs whose flow is known. */
#include "support/files.h"

#include <math.h>

#include "base/memory.h"
#include "base/rng.h"
#include "flow/maxflow.h"
#include "flow/rollout.h"
#include "flow/shares.h"

enum { N = 7, LAYERS = 4, SIZE = N * N };

static double mixed[LAYERS * SIZE], rollout[SIZE], scratch[SIZE], flow[SIZE];

/* Maps whose rows add up to 1, half of them of decoders, mixed with the identity. */
static void draw(uint32_t stream) {
    xp_rng rng = xp_rng_begin(18, XP_RNG_TEST, stream);
    for (size_t row = 0; row < LAYERS * N; row++) {
        double sum = 0, *map = mixed + row * N;
        for (size_t j = 0; j < N; j++)
            sum += map[j] = stream % 2 == 0 || j <= row % N ? exp(3 * xp_rng_normal(&rng)) : 0;
        for (size_t j = 0; j < N; j++) map[j] /= sum;
    }
    for (size_t l = 0; l < LAYERS; l++) xp_rollout_mix(N, mixed + l * SIZE, mixed + l * SIZE);
}

static void rows_of_a_rollout_add_up(void **state) {
    (void)state;
    for (uint32_t turn = 0; turn < 6; turn++) {
        draw(turn);
        xp_rollout_begin(N, rollout);
        for (size_t l = 0; l < LAYERS; l++) {
            xp_rollout_step(N, mixed + l * SIZE, rollout, scratch);
            for (size_t i = 0; i < N; i++) {
                double sum = 0;
                for (size_t j = 0; j < N; j++) {
                    sum += rollout[i * N + j];
                    if (turn % 2 == 1 && j > i) assert_true(rollout[i * N + j] == 0);
                }
                assert_true(fabs(sum - 1) < 1e-12);
            }
        }
    }
}

/* A row that looks nowhere but at piece 0: half of it stays at each layer. */
static void a_sink_takes_all(void **state) {
    (void)state;
    memset(mixed, 0, sizeof mixed);
    for (size_t row = 0; row < LAYERS * N; row++) mixed[row * N] = 1;
    xp_rollout_begin(N, rollout);
    for (size_t l = 0; l < LAYERS; l++) {
        xp_rollout_mix(N, mixed + l * SIZE, mixed + l * SIZE);
        xp_rollout_step(N, mixed + l * SIZE, rollout, scratch);
    }
    const double left = pow(.5, LAYERS);
    const xp_shares s = xp_shares_of(N, rollout);
    assert_true(fabs(s.own - (1 + (N - 1) * left) / N) < 1e-12);
    for (size_t i = 1; i < N; i++) assert_true(fabs(rollout[i * N] - (1 - left)) < 1e-12);
    assert_true(fabs(s.entropy + (N - 1) * (left * log(left) + (1 - left) * log(1 - left)) / N) < 1e-12);
}

static void a_flow_of_one_layer_is_its_map(void **state) {
    (void)state;
    for (uint32_t turn = 0; turn < 4; turn++) {
        draw(turn);
        assert_true(xp_maxflow_pairs(N, 1, mixed, flow));
        for (size_t i = 0; i < SIZE; i++) assert_true(fabs(flow[i] - mixed[i]) < 1e-12);
    }
}

/* No less than the best single way or the rollout (which is a flow, if shared by all), no more than leaves or enters. */
static void a_flow_keeps_its_bounds(void **state) {
    (void)state;
    for (uint32_t turn = 0; turn < 6; turn++) {
        draw(turn);
        xp_rollout_begin(N, rollout);
        for (size_t l = 0; l < LAYERS; l++) xp_rollout_step(N, mixed + l * SIZE, rollout, scratch);
        assert_true(xp_maxflow_pairs(N, LAYERS, mixed, flow));
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++) {
                double enters = 0;
                for (size_t k = 0; k < N; k++) enters += mixed[k * N + j];
                assert_true(flow[i * N + j] >= rollout[i * N + j] - 1e-10);
                assert_true(flow[i * N + j] <= fmin(1, enters) + 1e-10);
                if (turn % 2 == 1 && j > i) assert_true(flow[i * N + j] == 0);
            }
    }
}

/* Three storeys of two rows: the first way that is found takes the edge that the second needs, and has to give way. */
static void a_flow_may_turn_back(void **state) {
    (void)state;
    const double storeys[3 * 4] = {1,  0,  1,  0,  /* layer 1: both rows reach row 0 */
                                   1,  0,  .5, .5, /* layer 2: row 0 only by row 0, row 1 by both */
                                   .5, .5, 0,  0};
    double two[4];
    assert_true(xp_maxflow_pairs(2, 3, storeys, two));
    assert_true(fabs(two[0] - 1) < 1e-12); /* .5 over row 0, .5 over row 1 */
    assert_true(two[1] == 0 && two[2] == 0 && two[3] == 0);
}

static void an_empty_row_is_counted(void **state) {
    (void)state;
    const double map[4] = {0, 0, 1, 3};
    double to[4];
    assert_int_equal(xp_shares_normalise(2, map, to), 1);
    assert_true(to[0] == 0 && to[1] == 0 && to[2] == .25 && to[3] == .75);
}

enum { LONG = 37, HEADS = 3, WHOLE = LONG * LONG };

/* Row i of a head, and half of it where the rollout of whole maps takes it; `equal`: the same of equal shares. */
static void draw_row(xp_rng *rng, bool causal, size_t i, float *row, double *map, double *equal) {
    const size_t seen = causal ? i + 1 : LONG;
    float sum = 0;
    for (size_t j = 0; j < seen; j++) sum += row[j] = (float)exp(3 * xp_rng_normal(rng));
    for (size_t j = 0; j < seen; j++) {
        row[j] /= sum;
        map[i * LONG + j] += (double)row[j] / HEADS;
        equal[i * LONG + j] = 1. / (double)seen;
    }
}

/* Columns that are followed through the rows of three heads are those of the rollout of the heads' mean. */
static void columns_are_those_of_the_whole(void **state) {
    (void)state;
    static const size_t column[] = {0, 3, LONG - 1};
    static double map[WHOLE], equal[WHOLE], rolled[WHOLE], even[WHOLE], other[WHOLE];
    for (uint32_t causal = 0; causal < 2; causal++) {
        xp_rng rng = xp_rng_begin(19, XP_RNG_TEST, causal);
        double followed[LONG] = {1};
        xp_rollout_columns c;
        assert_true(xp_rollout_columns_create(LONG, HEADS, 4, &c));
        for (size_t k = 0; k < 3; k++) c.share[k * LONG + column[k]] = 1;
        xp_rollout_begin(LONG, rolled);
        xp_rollout_begin(LONG, even);
        for (size_t l = 0; l < LAYERS; l++) {
            memset(map, 0, sizeof map);
            memset(equal, 0, sizeof equal);
            for (size_t h = HEADS; h-- > 0;)
                for (size_t i = LONG; i-- > 0;) {
                    float row[LONG];
                    draw_row(&rng, causal, i, row, map, equal);
                    xp_rollout_columns_take(&c, h, i, 0, causal ? i + 1 : LONG, row);
                }
            xp_rollout_mix(LONG, map, map);
            xp_rollout_mix(LONG, equal, equal);
            xp_rollout_step(LONG, map, rolled, other);
            xp_rollout_step(LONG, equal, even, other);
            xp_rollout_columns_rise(&c);
            xp_rollout_equal_rise(LONG, causal, followed);
            for (size_t i = 0; i < LONG; i++) {
                assert_true(fabs(followed[i] - even[i * LONG]) < 1e-14);
                for (size_t k = 0; k < 3; k++)
                    assert_true(fabs(c.share[k * LONG + i] - rolled[i * LONG + column[k]]) < 1e-14);
                assert_true(c.share[3 * LONG + i] == 0); /* of nothing */
            }
        }
        xp_rollout_columns_free(&c);
    }
}

static void memory_may_be_missing(void **state) {
    (void)state;
    draw(0);
    for (size_t n = 1; n <= 2; n++) {
        xp_fail_allocation(n);
        assert_false(xp_maxflow_pairs(N, LAYERS, mixed, flow));
        xp_fail_allocation(0);
    }
}

/* Equal shares are nobody's own, and rows of special tokens do not count. */
static void own_is_largest_only_if_no_other_is_as_large(void **state) {
    (void)state;
    static const double map[9] = {.4, .4, .2, .2, .5, .3, .1, .2, .7};
    static const uint8_t none[3] = {0}, last[3] = {0, 0, 1}, all[3] = {1, 1, 1};
    size_t rows;
    assert_int_equal(xp_shares_own_largest(3, map, none, &rows), 2);
    assert_int_equal(rows, 3);
    assert_int_equal(xp_shares_own_largest(3, map, last, &rows), 1);
    assert_int_equal(rows, 2);
    assert_int_equal(xp_shares_own_largest(3, map, all, &rows), 0);
    assert_int_equal(rows, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_is_largest_only_if_no_other_is_as_large),
        cmocka_unit_test(rows_of_a_rollout_add_up),
        cmocka_unit_test(a_sink_takes_all),
        cmocka_unit_test(a_flow_of_one_layer_is_its_map),
        cmocka_unit_test(a_flow_keeps_its_bounds),
        cmocka_unit_test(a_flow_may_turn_back),
        cmocka_unit_test(an_empty_row_is_counted),
        cmocka_unit_test(columns_are_those_of_the_whole),
        cmocka_unit_test(memory_may_be_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

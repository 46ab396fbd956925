/* Tests that stop early: the numbers of the permutations that count, the same for any number of threads and any stored units; intervals over categories. */
#include "audit/result.h"
#include "support/study.h"

enum { B = 399 };

static explaint_infer_options options_of(unsigned threads, bool sequential) {
    static const size_t counts[] = {3};
    explaint_infer_options o = explaint_infer_defaults();
    o.components = counts;
    o.n_components = 1;
    o.conditions = "system";
    o.folds = 4;
    o.permutations = B;
    o.bootstrap = 101;
    o.threads = threads;
    o.sequential = sequential;
    return o;
}

static world open_world(double by_concept) {
    return world_open((world_settings){
        .n = 61, .m = 23, .d = 5, .categories = 5, .by_category = .5, .by_concept = by_concept, .stream = 8});
}

static explaint_plan *plan_of(const world *w, const explaint_infer_options *o) {
    explaint_plan *plan = NULL;
    explaint_error error = {0};
    if (explaint_infer_plan(w->norms, w->vectors, o, &plan, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return plan;
}

static explaint_result *result_of(explaint_plan *plan, memory_store *kept) {
    explaint_result *result = NULL;
    explaint_error error = {0};
    explaint_units units = store_units(kept);
    if (explaint_plan_run(plan, kept != NULL ? &units : NULL, NULL, &result, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return result;
}

static const explaint_assumption *assumption(const explaint_result *result, const char *id) {
    for (size_t a = 0; a < result->verdicts[0].n_assumptions; a++)
        if (strcmp(result->verdicts[0].assumptions[a].id, id) == 0) return &result->verdicts[0].assumptions[a];
    fail_msg("no %s", id);
    return NULL;
}

/* The first look at which the count of all permutations of the long run stops. */
static size_t stops_at(const double *null, double observed) {
    xp_sequential_bounds bounds;
    assert_true(xp_sequential_bounds_create(&bounds, .05, 1e-3, 1000, 20, B));
    size_t reached = 0, at = B;
    for (size_t b = 0; b < B; b++) {
        reached += null[b] >= observed;
        if (((b + 1) % 20 != 0 && b + 1 != B) || xp_sequential_look(&bounds, b + 1, reached) == XP_GO_ON) continue;
        at = b + 1;
        break;
    }
    xp_sequential_bounds_free(&bounds);
    return at;
}

static void what_counts_are_the_first_permutations(void **state) {
    (void)state;
    size_t early = 0, held = 0, other = 0;
    for (int k = 0; k < 3; k++) {
        world w = open_world(k * .5);
        explaint_infer_options o = options_of(2, false), s = options_of(2, true);
        explaint_plan *plan = plan_of(&w, &o), *stopping = plan_of(&w, &s);
        explaint_result *all = result_of(plan, NULL), *few = result_of(stopping, NULL);
        assert_string_not_equal(explaint_plan_identity(plan), explaint_plan_identity(stopping));
        for (int id = XP_E1; id <= XP_E4; id++) {
            const char *name = xp_trial_name((xp_trial_id)id);
            const explaint_assumption *long_run = assumption(all, name), *a = assumption(few, name);
            double null[B];
            assert_int_equal(xp_trial_null(plan, (size_t)id, 0, null), B);
            const size_t used = stops_at(null, long_run->observed);
            assert_int_equal(a->permutations, used);
            assert_int_equal(a->sequential, used < B);
            assert_false(long_run->sequential);
            xp_test_result expected;
            xp_test_summarise(long_run->observed, null, used, &expected);
            assert_true(a->p == expected.p && a->gain == expected.gain && a->null_sd == expected.null_sd &&
                        a->observed == long_run->observed);
            if (!a->sequential) continue;
            early++;
            held += a->p <= .05;
            other += a->p > .05;
            assert_int_equal(a->p <= .05, long_run->p <= .05); /* but for one in a thousand */
            assert_true(a->p_interval[0] <= a->p && a->p <= a->p_interval[1]);
        }
        const explaint_assumption *spelling = assumption(few, "W");
        double null[B];
        const double *observed = xp_plan_unit(plan, XP_UNIT_OBSERVED, XP_E1)->bytes;
        xp_trial_null(plan, XP_E1, 2, null);
        assert_int_equal(spelling->permutations,
                         stops_at(null, xp_mean_of_defined(observed + 2 * plan->distinct.n, plan->distinct.n)));
        explaint_result_free(all);
        explaint_result_free(few);
        explaint_plan_close(plan);
        explaint_plan_close(stopping);
        world_close(&w);
    }
    print_message("stopped early: %zu, %zu at a small p, %zu at a large one\n", early, held, other);
    assert_true(held > 2 && other > 2);
}

static memory_store store, again;

static void threads_and_stored_units_change_nothing(void **state) {
    (void)state;
    world w = open_world(.5);
    explaint_infer_options o = options_of(1, true);
    explaint_plan *plan = plan_of(&w, &o);
    explaint_result *result = result_of(plan, &store);
    char *expected = json_of(result);
    assert_non_null(strstr(expected, "\"sequential\": true"));
    assert_non_null(strstr(expected, "\"sequential\": {\"alpha\": 0.05"));
    const size_t needed = store.count;
    print_message("%zu of %zu units\n", needed, explaint_plan_n_units(plan));
    assert_true(needed < explaint_plan_n_units(plan)); /* the others were never made */
    explaint_result_free(result);
    explaint_plan_close(plan);
    for (uint32_t round = 0; round < 12; round++) { /* any of them lost, and more of them stored than count */
        xp_rng rng = test_rng(round);
        o = options_of(round % 2 == 0 ? 1 : 4, true);
        plan = plan_of(&w, &o);
        for (size_t i = 0; i < store.count; i++) {
            if (xp_rng_uniform(&rng) < .4) continue;
            explaint_error error = {0};
            store_keep(&again, store.unit[i].key, store.unit[i].bytes, store.unit[i].size, &error);
        }
        result = result_of(plan, &again);
        char *found = json_of(result);
        assert_string_equal(found, expected);
        assert_true(again.count >= needed); /* and what other threads did before the outcome was known */
        free(found);
        explaint_result_free(result);
        explaint_plan_close(plan);
        if (round % 3 == 2) {
            store_clear(&store);
            store = again; /* with what other threads made in vain */
            memset(&again, 0, sizeof again);
        }
        store_clear(&again);
    }
    store_clear(&store);
    free(expected);
    world_close(&w);
}

static void max_t_wants_every_permutation(void **state) {
    (void)state;
    world w = open_world(.5);
    explaint_infer_options o = options_of(2, true);
    explaint_error error = {0};
    explaint_plan *plan = NULL;
    const explaint_layer layer[] = {{1, w.vectors}, {2, w.vectors}};
    assert_int_equal(explaint_infer_plan_layers(w.norms, layer, 2, &o, &plan, &error), EXPLAINT_USAGE);
    assert_non_null(strstr(error.message, "sequential stopping and max-T exclude each other"));
    o.adjust = "max-t";
    assert_int_equal(explaint_infer_plan_layers(w.norms, layer, 2, &o, &plan, &error), EXPLAINT_USAGE);
    assert_int_equal(explaint_infer_plan(w.norms, w.vectors, &o, &plan, &error), EXPLAINT_USAGE);
    o.adjust = "holm";
    assert_int_equal(explaint_infer_plan_layers(w.norms, layer, 2, &o, &plan, &error), EXPLAINT_USAGE);
    assert_non_null(strstr(error.message, "\"holm\""));
    for (int none = 0; none < 2; none++) {
        o.adjust = none ? "none" : "bh";
        assert_int_equal(explaint_infer_plan_layers(w.norms, layer, 2, &o, &plan, &error), EXPLAINT_OK);
        explaint_result *result = result_of(plan, NULL);
        for (size_t i = 0; i < result->n_verdicts; i++) {
            if (strcmp(result->verdicts[i].claim, "information") != 0) continue;
            const explaint_assumption *e1 = &result->verdicts[i].assumptions[0];
            assert_int_equal(isnan(e1->p_adjusted), none);
            if (!none) assert_true(e1->p_adjusted == e1->p); /* two equal ones: the larger of the two is the smaller */
        }
        char *json = json_of(result);
        assert_non_null(strstr(json, none ? "\"adjust\": \"none\"" : "\"adjust\": \"bh\""));
        free(json);
        explaint_result_free(result);
        explaint_plan_close(plan);
    }
    world_close(&w);
}

/* Counts side by side are what each is alone; p is adjusted over all of them, in plain loops. */
static void every_count_is_tested_on_the_same_permutations(void **state) {
    (void)state;
    enum { COUNTS = 3, FEW = 59 };
    static const size_t counts[COUNTS] = {1, 3, 4};
    world w = open_world(.3);
    explaint_infer_options o = options_of(2, false);
    o.components = counts;
    o.n_components = COUNTS;
    o.verdict_components = 3;
    o.permutations = FEW;
    o.every_count = true;
    explaint_plan *plan = plan_of(&w, &o);
    explaint_result *result = result_of(plan, &store);
    assert_int_equal(result->n_count_tests, 4 * COUNTS);
    char *expected = json_of(result);
    assert_non_null(strstr(expected, "\"count_tests\": ["));
    double statistic[COUNTS][FEW + 1];
    for (size_t c = 0; c < COUNTS; c++) {
        explaint_infer_options one = o;
        one.components = &counts[c];
        one.n_components = 1;
        one.verdict_components = 0;
        one.every_count = false;
        explaint_plan *alone = plan_of(&w, &one);
        explaint_result *own = result_of(alone, NULL);
        for (int id = XP_E1; id <= XP_E4; id++) {
            const explaint_assumption *a = assumption(own, xp_trial_name((xp_trial_id)id));
            const explaint_count_test *test = &result->count_tests[(size_t)id * COUNTS + c];
            assert_string_equal(test->id, a->id);
            assert_int_equal(test->n_components, counts[c]);
            assert_true(test->p == a->p && fabs(test->gain - a->gain) < 1e-9 &&
                        fabs(test->null_sd - a->null_sd) < 1e-9);
            if (id != XP_E2) continue;
            statistic[c][0] = a->observed;
            xp_trial_null(alone, XP_E2, 0, statistic[c] + 1);
        }
        explaint_result_free(own);
        explaint_plan_close(alone);
    }
    for (size_t c = 0; c < COUNTS; c++) {
        double sum = 0, squares = 0;
        for (size_t b = 0; b <= FEW; b++) sum += statistic[c][b];
        for (size_t b = 0; b <= FEW; b++) squares += pow(statistic[c][b] - sum / (FEW + 1), 2);
        for (size_t b = 0; b <= FEW; b++) statistic[c][b] = (statistic[c][b] - sum / (FEW + 1)) / sqrt(squares);
    }
    size_t larger = 0;
    for (size_t c = 0; c < COUNTS; c++) {
        size_t reached = 0;
        for (size_t b = 0; b <= FEW; b++) {
            bool reaches = false;
            for (size_t k = 0; k < COUNTS; k++) reaches = reaches || statistic[k][b] >= statistic[c][0] - 1e-9;
            reached += reaches;
        }
        const explaint_count_test *test = &result->count_tests[XP_E2 * COUNTS + c];
        assert_true(fabs(test->p_adjusted - (double)reached / (FEW + 1)) < 1e-12 && test->p_adjusted >= test->p);
        larger += test->p_adjusted > test->p;
        if (counts[c] == 3) assert_true(assumption(result, "E2")->p_adjusted == test->p_adjusted);
    }
    print_message("p is larger adjusted at %zu of %d counts\n", larger, COUNTS);
    size_t rows = 0;
    for (size_t i = 0; i < result->n_rows; i++) {
        const explaint_row *row = &result->rows[i];
        if (!row->has_p) continue;
        rows++;
        for (size_t c = 0; c < COUNTS; c++)
            if (counts[c] == row->n_components)
                assert_true(row->p == result->count_tests[c].p && row->p_adjusted == result->count_tests[c].p_adjusted);
    }
    assert_int_equal(rows, COUNTS);
    explaint_result_free(result);
    for (size_t lost = 0; lost < 4; lost++) free(store.unit[--store.count].bytes);
    o.threads = 3;
    explaint_plan *again_plan = plan_of(&w, &o);
    result = result_of(again_plan, &store);
    char *found = json_of(result);
    assert_string_equal(found, expected);
    free(found);
    free(expected);
    explaint_result_free(result);
    explaint_plan_close(again_plan);
    explaint_plan_close(plan);
    store_clear(&store);
    explaint_error error = {0};
    o.sequential = true;
    assert_int_equal(explaint_infer_plan(w.norms, w.vectors, &o, &plan, &error), EXPLAINT_USAGE);
    assert_non_null(strstr(error.message, "exclude each other"));
    o.sequential = false;
    o.n_components = 1;
    assert_int_equal(explaint_infer_plan(w.norms, w.vectors, &o, &plan, &error), EXPLAINT_USAGE);
    o.n_components = COUNTS;
    o.verdict_components = 2;
    assert_int_equal(explaint_infer_plan(w.norms, w.vectors, &o, &plan, &error), EXPLAINT_USAGE);
    o.verdict_components = 0;
    const explaint_layer layers[] = {{1, w.vectors}, {2, w.vectors}}; /* two equal ones: no more to choose from */
    assert_int_equal(explaint_infer_plan_layers(w.norms, layers, 2, &o, &plan, &error), EXPLAINT_OK);
    result = result_of(plan, NULL);
    assert_int_equal(result->n_count_tests, 2 * 4 * COUNTS);
    for (size_t i = 0; i < 4 * COUNTS; i++)
        assert_true(result->count_tests[i].p_adjusted == result->count_tests[i + 4 * COUNTS].p_adjusted &&
                    result->count_tests[i + 4 * COUNTS].layer == 2);
    explaint_result_free(result);
    explaint_plan_close(plan);
    world_close(&w);
}

static void intervals_may_resample_categories(void **state) {
    (void)state;
    world w = open_world(.5);
    explaint_infer_options o = options_of(2, false);
    o.permutations = 39;
    explaint_plan *plan = plan_of(&w, &o);
    explaint_result *plain = result_of(plan, NULL);
    o.interval = "categories";
    explaint_plan *clustered = plan_of(&w, &o);
    explaint_result *result = result_of(clustered, NULL);
    assert_string_not_equal(explaint_plan_identity(plan), explaint_plan_identity(clustered));
    assert_int_equal(plain->n_rows, result->n_rows);
    size_t differ = 0;
    for (size_t i = 0; i < result->n_rows; i++) {
        assert_true(plain->rows[i].value == result->rows[i].value);
        differ += plain->rows[i].has_ci && plain->rows[i].ci[0] != result->rows[i].ci[0];
    }
    assert_true(differ > result->n_rows / 2);
    /* the verdict's metric on `system` by hand, from the same draws */
    xp_bootstrap b;
    const size_t n = clustered->study.n;
    assert_true(xp_bootstrap_create_clusters(&b, n, clustered->study.label, o.bootstrap, o.seed));
    const xp_unit *unit = xp_plan_unit(clustered, XP_UNIT_CONDITION, 0);
    xp_scores scores;
    assert_true(xp_unpack_scores(unit->bytes, unit->size, n, clustered->metrics, &scores));
    double *num = nans(n), *den = nans(n), ci[2];
    for (size_t i = 0; i < n; i++) {
        num[i] = xp_score_at(&scores, 0, i)[clustered->metric].num;
        den[i] = xp_score_at(&scores, 0, i)[clustered->metric].den;
    }
    assert_true(xp_bootstrap_ratio(&b, num, den, ci));
    bool found = false;
    for (size_t i = 0; i < result->n_rows; i++) {
        const explaint_row *row = &result->rows[i];
        if (strcmp(row->condition, "system") != 0 || strcmp(row->metric, result->verdict_metric) != 0) continue;
        found = true;
        assert_true(row->ci[0] == ci[0] && row->ci[1] == ci[1]);
    }
    assert_true(found);
    free(num);
    free(den);
    xp_scores_free(&scores);
    xp_bootstrap_free(&b);
    explaint_result_free(plain);
    explaint_result_free(result);
    explaint_plan_close(plan);
    explaint_plan_close(clustered);
    o.interval = "folds";
    explaint_error error = {0};
    assert_int_equal(explaint_infer_plan(w.norms, w.vectors, &o, &plan, &error), EXPLAINT_USAGE);
    assert_non_null(strstr(error.message, "\"folds\""));
    world_close(&w);
    w = world_open(
        (world_settings){.n = 41, .m = 13, .d = 4, .categories = 3, .by_concept = .5, .dense = true, .stream = 2});
    o.interval = "categories"; /* dense norms have none */
    assert_int_equal(explaint_infer_plan(w.norms, w.vectors, &o, &plan, &error), EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "need concepts with a category"));
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_counts_are_the_first_permutations),
        cmocka_unit_test(threads_and_stored_units_change_nothing),
        cmocka_unit_test(max_t_wants_every_permutation),
        cmocka_unit_test(every_count_is_tested_on_the_same_permutations),
        cmocka_unit_test(intervals_may_resample_categories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

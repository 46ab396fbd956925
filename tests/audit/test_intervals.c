/* Intervals of scores over whole categories: the same values, other ends, those of the draws by hand. */
#include "audit/plan.h"
#include "stats/bootstrap.h"
#include "support/study.h"
#include "units/scores.h"

static explaint_infer_options options_of(unsigned threads) {
    static const size_t counts[] = {3};
    explaint_infer_options o = explaint_infer_defaults();
    o.components = counts;
    o.n_components = 1;
    o.conditions = "system";
    o.folds = 4;
    o.permutations = 39;
    o.refits = 1;
    o.bootstrap = 101;
    o.threads = threads;
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

static explaint_result *result_of(explaint_plan *plan) {
    explaint_result *result = NULL;
    explaint_error error = {0};
    if (explaint_plan_run(plan, NULL, NULL, &result, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return result;
}

static void intervals_may_resample_categories(void **state) {
    (void)state;
    world w = open_world(.5);
    explaint_infer_options o = options_of(2);
    explaint_plan *plan = plan_of(&w, &o);
    explaint_result *plain = result_of(plan);
    o.interval = "categories";
    explaint_plan *clustered = plan_of(&w, &o);
    explaint_result *result = result_of(clustered);
    assert_string_not_equal(explaint_plan_identity(plan), explaint_plan_identity(clustered));
    assert_int_equal(plain->n_rows, result->n_rows);
    size_t differ = 0;
    for (size_t i = 0; i < result->n_rows; i++) {
        assert_true(plain->rows[i].value == result->rows[i].value);
        differ += !isnan(plain->rows[i].ci[0]) && plain->rows[i].ci[0] != result->rows[i].ci[0];
    }
    assert_true(differ > result->n_rows / 2);
    for (size_t a = 0; a < result->verdicts[0].n_assumptions; a++) { /* the intervals of r are no scores */
        const explaint_assumption *was = &plain->verdicts[0].assumptions[a], *is = &result->verdicts[0].assumptions[a];
        if (is->statistic == NULL) continue;
        assert_true(was->ci[0] == is->ci[0] && was->ci[1] == is->ci[1] && is->ci[0] < is->gain && is->gain < is->ci[1]);
    }
    /* the verdict's metric on `system` by hand, from the same draws */
    xp_bootstrap b;
    const xp_design_layer *layer = &clustered->design.layer[0];
    const size_t n = layer->study.n;
    assert_true(xp_bootstrap_create_clusters(&b, n, layer->study.label, o.bootstrap, o.seed));
    const xp_unit_output *unit = xp_execution_output(&clustered->execution[0], XP_UNIT_CONDITION, 0);
    xp_scores scores;
    unsigned found_metrics;
    assert_int_equal(
        xp_units_scores_unpack(unit->bytes, unit->size, n, layer->design->metrics, &scores, &found_metrics),
        EXPLAINT_OK);
    double *num = nans(n), *den = nans(n), ci[2];
    for (size_t i = 0; i < n; i++) {
        num[i] = xp_score_at(&scores, 0, i)[layer->design->metric].num;
        den[i] = xp_score_at(&scores, 0, i)[layer->design->metric].den;
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(intervals_may_resample_categories)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

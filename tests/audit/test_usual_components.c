/* Where no component count is asked for, it is one that every fold can have: small norms and narrow vectors have their score. */
#include "audit/plan.h"
#include "support/study.h"

static explaint_result *audit(const world *w, const size_t *counts) {
    explaint_infer_options o = explaint_infer_defaults();
    explaint_plan *plan = NULL;
    explaint_result *result = NULL;
    explaint_error error = {0};
    o.components = counts;
    o.n_components = counts != NULL;
    o.folds = 4;
    o.permutations = 0;
    o.bootstrap = 100;
    o.conditions = "system";
    if (explaint_infer_plan(w->norms, w->vectors, &o, &plan, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    if (explaint_plan_run(plan, NULL, NULL, &result, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    explaint_plan_close(plan);
    return result;
}

/* The component count of the rows of the vectors, 0: there is no row. */
static size_t components_of(const explaint_result *r) {
    for (size_t i = 0; i < r->n_rows; i++)
        if (strcmp(r->rows[i].condition, "system") == 0 && r->rows[i].n_components > 0) return r->rows[i].n_components;
    return 0;
}

static bool warns(const explaint_result *r) {
    for (size_t i = 0; i < r->n_lints; i++)
        if (strcmp(r->lints[i].id, "components") == 0 && strcmp(r->lints[i].level, "warning") == 0) return true;
    return false;
}

static void as_many_as_there_are(void **unused) {
    (void)unused;
    static const struct {
        size_t n, d, expected;
    } cases[] = {
        {60, 8, 8}, {60, 60, 25}, {24, 60, 17}, {26, 60, 18}}; /* 26 in 4 folds: 19 are left, and their mean goes */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world w = world_open((world_settings){
            .n = cases[i].n, .m = 30, .d = cases[i].d, .categories = 4, .by_concept = true, .stream = 5});
        explaint_result *r = audit(&w, NULL);
        assert_int_equal(components_of(r), cases[i].expected);
        assert_int_equal(r->verdict_components, cases[i].expected);
        assert_false(warns(r));
        explaint_result_free(r);
        world_close(&w);
    }
}

/* Who asks for more is told so, and gets no row under a count that is not true. */
static void what_is_asked_for_stays(void **unused) {
    (void)unused;
    static const size_t asked[] = {25};
    world w = world_open((world_settings){.n = 60, .m = 30, .d = 8, .categories = 4, .by_concept = true, .stream = 5});
    explaint_result *r = audit(&w, asked);
    assert_int_equal(components_of(r), 0);
    assert_true(warns(r));
    explaint_result_free(r);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_many_as_there_are),
                                       cmocka_unit_test(what_is_asked_for_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

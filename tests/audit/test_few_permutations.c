/* The smallest p of B permutations is 1 / (B + 1): fewer than 19 decide nothing, and say so. */
#include "audit/plan.h"
#include "support/study.h"

static const size_t COUNTS[] = {3};

static explaint_result *audit(const world *w, size_t permutations) {
    explaint_infer_options o = explaint_infer_defaults();
    explaint_plan *plan = NULL;
    explaint_result *result = NULL;
    explaint_error error = {0};
    o.components = COUNTS;
    o.n_components = 1;
    o.folds = 4;
    o.permutations = permutations;
    o.bootstrap = 100;
    o.conditions = "system";
    if (explaint_infer_plan(w->norms, w->vectors, &o, &plan, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    if (explaint_plan_run(plan, NULL, NULL, &result, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    explaint_plan_close(plan);
    return result;
}

static size_t n_warnings(const explaint_result *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->n_lints; i++)
        n += strcmp(r->lints[i].id, "few-permutations") == 0 && strcmp(r->lints[i].level, "warning") == 0;
    return n;
}

/* Tests that end in anything but "undecided" or "not testable". */
static size_t n_decided(const explaint_result *r) {
    size_t n = 0;
    assert_int_equal(r->n_verdicts, 2);
    for (size_t v = 0; v < r->n_verdicts; v++)
        for (size_t i = 0; i < r->verdicts[v].n_assumptions; i++) {
            const char *outcome = r->verdicts[v].assumptions[i].outcome;
            n += strcmp(outcome, "undecided") != 0 && strcmp(outcome, "not testable") != 0 &&
                 strcmp(outcome, "shown") != 0;
        }
    return n;
}

static void fewer_than_19_decide_nothing(void **unused) {
    (void)unused;
    /* vectors that know nothing, and some that know everything */
    for (int knows = 0; knows < 2; knows++) {
        world w =
            world_open((world_settings){.n = 60, .m = 30, .d = 8, .categories = 4, .by_concept = knows, .stream = 5});
        static const size_t counts[] = {1, 2, 5, 18, 19, 39};
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            explaint_result *r = audit(&w, counts[i]);
            const explaint_assumption *e1 = &r->verdicts[0].assumptions[0];
            assert_string_equal(r->verdicts[0].claim, "information");
            assert_int_equal(n_warnings(r), counts[i] < 199); /* E3's level is .005 */
            if (counts[i] < 19) {
                assert_int_equal(n_decided(r), 0);
                assert_string_equal(r->verdicts[0].verdict, "undecided");
                assert_true(e1->p > .05);
                assert_non_null(strstr(e1->why, "cannot be reached with"));
                assert_null(strstr(e1->why, "every permutation"));
            } else {
                assert_true(n_decided(r) > 0);
            }
            explaint_result_free(r);
        }
        world_close(&w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(fewer_than_19_decide_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

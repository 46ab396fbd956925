/* Predictions as files: the component counts that rows have, and no others. */
#include "support/study.h"

#include <stdio.h>

#include "support/files.h"

static explaint_result *run(world *w, const size_t *counts, size_t n_counts, bool whole) {
    explaint_infer_options o = explaint_infer_defaults();
    o.components = counts;
    o.n_components = n_counts;
    o.folds = 4;
    o.permutations = 0;
    o.threads = 1;
    o.conditions = "system,mean";
    o.metrics = "spearman,f1_at_10";
    o.keep_predictions = whole;
    explaint_plan *plan = NULL;
    explaint_result *result = NULL;
    explaint_error error = {0};
    if (explaint_infer_plan(w->norms, w->vectors, &o, &plan, &error) != EXPLAINT_OK ||
        explaint_plan_run(plan, NULL, NULL, &result, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    explaint_plan_close(plan);
    return result;
}

static bool has_row(const explaint_result *r, size_t count) {
    for (size_t i = 0; i < r->n_rows; i++)
        if (strcmp(r->rows[i].condition, "system") == 0 && r->rows[i].n_components == count) return true;
    return false;
}

static char *written(const explaint_result *r, const char *path) {
    explaint_error error = {0};
    size_t size = 0;
    if (explaint_result_write_predictions(r, path, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    char *bytes = files_slurp(path, &size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) /* of safetensors the header is enough */
        if (bytes[i] == 0) bytes[i] = ' ';
    return bytes;
}

/* Vectors of three columns hold three components: a fifth repeats the third, and has neither row nor prediction. */
static void counts_that_no_fold_has(void **state) {
    (void)state;
    static const size_t counts[] = {2, 3, 5}, beyond[] = {5};
    world w = world_open((world_settings){.n = 41, .m = 19, .d = 3, .categories = 4, .by_concept = 1, .stream = 31});
    const char *csv = files_path("top.csv"), *tensors = files_path("all.safetensors");
    explaint_result *r = run(&w, counts, 3, true);
    assert_true(has_row(r, 2) && has_row(r, 3) && !has_row(r, 5));
    assert_non_null(explaint_result_top(r, "system", 2, 0));
    assert_non_null(explaint_result_top(r, "system", 3, 0));
    assert_null(explaint_result_top(r, "system", 5, 0));
    assert_non_null(explaint_result_top(r, "mean", 0, 0));
    char *text = written(r, csv);
    assert_contains(text, "\nsystem,2,");
    assert_contains(text, "\nsystem,3,");
    assert_null(strstr(text, "\nsystem,5,"));
    assert_contains(text, "\nmean,,");
    free(text);
    text = written(r, tensors);
    assert_contains(text, "\"predictions.system.3\"");
    assert_null(strstr(text, "predictions.system.5"));
    free(text);
    explaint_result_free(r);

    r = run(&w, beyond, 1, false);
    assert_false(has_row(r, 5));
    assert_null(explaint_result_top(r, "system", 5, 0));
    text = written(r, csv);
    assert_null(strstr(text, "\nsystem,"));
    assert_contains(text, "\nmean,,");
    free(text);
    explaint_result_free(r);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_that_no_fold_has)};
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}

/* What a score is worth without vectors: the rows of infer, with every concept kept; a claim in words; how many concepts tests need. Values beside an
 * independent implementation: check_cli.py. */
#include "explaint/baseline.h"
#include "support/files.h"
#include "support/study.h"

static world open_world(size_t n, bool dense) {
    return world_open((world_settings){
        .n = n, .m = 30, .d = 6, .categories = 8, .by_category = 1, .by_concept = .7, .dense = dense, .stream = 9});
}

static explaint_infer_options few_components(void) {
    static const size_t two = 2;
    explaint_infer_options o = explaint_infer_defaults();
    o.components = &two;
    o.n_components = 1;
    o.metrics = NULL;
    o.threads = 1;
    return o;
}

static explaint_baseline *run(const world *w, const explaint_infer_options *o, const explaint_score *claim) {
    explaint_baseline *baseline = NULL;
    explaint_error error = {0};
    if (explaint_baseline_run(w->norms, o, claim, NULL, &baseline, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return baseline;
}

static const explaint_row *row_of(const explaint_result *result, const char *condition, const char *target) {
    for (size_t i = 0; i < result->n_rows; i++)
        if (strcmp(result->rows[i].condition, condition) == 0 && strcmp(result->rows[i].target, target) == 0)
            return &result->rows[i];
    return NULL;
}

/* Norms without a category: one note names all that is left out for it. */
static void what_cannot_run_is_said_once(void **state) {
    (void)state;
    world w = open_world(60, true);
    explaint_infer_options o = few_components();
    explaint_plan *plan = NULL;
    explaint_result *infer = NULL;
    explaint_error error = {0};
    o.permutations = 0;
    assert_int_equal(explaint_infer_plan(w.norms, w.vectors, &o, &plan, &error), EXPLAINT_OK);
    assert_int_equal(explaint_plan_run(plan, NULL, NULL, &infer, &error), EXPLAINT_OK);
    size_t n = 0;
    for (size_t i = 0; i < infer->n_lints; i++) {
        if (strcmp(infer->lints[i].id, "conditions") != 0) continue;
        n++;
        assert_string_equal(infer->lints[i].text,
                            "these do not run: taxonomic-shuffle, taxonomic-drop (the norms do not say which features "
                            "are taxonomic); taxonomic-swap, category-mean, category-folds (the concepts have fewer "
                            "than 2 categories of at least 5)");
    }
    assert_int_equal(n, 1);
    explaint_result_free(infer);
    explaint_plan_close(plan);
    world_close(&w);
}

static void the_rows_of_infer(void **state) {
    (void)state;
    world w = open_world(120, false);
    explaint_infer_options o = few_components();
    explaint_baseline *baseline = run(&w, &o, NULL);
    explaint_plan *plan = NULL;
    explaint_result *infer = NULL;
    explaint_error error = {0};
    o.metrics = "f1_at_10";
    o.permutations = 0;
    assert_int_equal(explaint_infer_plan(w.norms, w.vectors, &o, &plan, &error), EXPLAINT_OK);
    assert_int_equal(explaint_plan_run(plan, NULL, NULL, &infer, &error), EXPLAINT_OK);
    static const char *const shared[][2] = {{"mean", "norms"},
                                            {"upper", "norms"},
                                            {"category-mean", "norms"},
                                            {"category-mean", "taxonomic-drop"},
                                            {"shuffle-upper", "shuffle"}};
    for (size_t i = 0; i < 5; i++) {
        const explaint_row *a = row_of(infer, shared[i][0], shared[i][1]),
                           *b = row_of(baseline->result, shared[i][0], shared[i][1]);
        assert_non_null(a);
        assert_non_null(b);
        assert_true(a->value == b->value && a->n == b->n && a->ci[0] == b->ci[0] && a->ci[1] == b->ci[1]);
        assert_null(b->source);
    }
    const explaint_row *letters = row_of(baseline->result, "word-form", "norms");
    assert_non_null(letters);
    assert_int_equal(letters->n_components, 2);
    assert_null(row_of(infer, "word-form", "norms")); /* there letters are what is predicted */
    static const char *const of_vectors[] = {"system",         "shuffle",        "random",          "taxonomic-drop",
                                             "taxonomic-swap", "category-folds", "random-embedding"};
    for (size_t i = 0; i < 7; i++) assert_null(row_of(baseline->result, of_vectors[i], of_vectors[i]));
    assert_null(row_of(baseline->result, "system", "norms"));
    assert_int_equal(baseline->result->n_verdicts, 0);
    assert_true(baseline->ceiling == infer->ceiling && baseline->chance == infer->chance);
    assert_contains(baseline->result->signature, "|no vectors|");
    assert_contains(baseline->answer, "Without any vectors, a category label alone reaches ");
    for (size_t i = 0; i < baseline->result->n_lints; i++)
        assert_null(strstr(baseline->result->lints[i].text, "do not run"));
    explaint_result_free(infer);
    explaint_plan_close(plan);
    explaint_baseline_free(baseline);
    world_close(&w);
}

static void claims(void **state) {
    (void)state;
    world w = open_world(120, false);
    const explaint_infer_options o = few_components();
    static const struct {
        explaint_score claim;
        const char *says;
    } cases[] = {
        {{NULL, .999}, "is beyond 0."},
        {{"f1_at_10", 0}, "is no better than the mean predictor's (0."},
        {{"mse", 0}, "100 % of the way from the mean predictor"},
        {{"cosine", 1}, "A score of 1 in cosine is 100 % of the way"},
        {{"f1-at-10", .6}, "a category label alone reaches 0."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        explaint_baseline *baseline = run(&w, &o, &cases[i].claim);
        assert_contains(baseline->claim.text, cases[i].says);
        assert_true(baseline->claim.value == cases[i].claim.value);
        assert_int_equal(baseline->claim.in_category, 120);
        explaint_baseline_free(baseline);
    }
    static const struct {
        explaint_score claim;
        const char *says;
    } refused[] = {{{"f1", .2}, "found the metric \"f1\""},
                   {{"f1_at_10", 25}, "from 0 to 1"},
                   {{NULL, -1}, "from 0 to 1"},
                   {{"r2", 2}, "of at most 1"},
                   {{"mse", -.1}, "of at least 0"},
                   {{"cosine", NAN}, "from -1 to 1"},
                   {{"description_length", 3}, "found the metric"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        explaint_baseline *baseline = NULL;
        explaint_error error = {0};
        assert_int_equal(explaint_baseline_run(w.norms, &o, &refused[i].claim, NULL, &baseline, &error),
                         EXPLAINT_USAGE);
        assert_null(baseline);
        assert_contains(error.message, refused[i].says);
    }
    world_close(&w);
}

static char *document_of(const explaint_baseline *baseline) {
    char *text = NULL;
    size_t size = 0;
    explaint_error error = {0};
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(explaint_record_write_json(&baseline->record, out, &error), EXPLAINT_OK);
    fclose(out);
    return text;
}

static void same_document_for_any_threads(void **state) {
    (void)state;
    world w = open_world(160, true);
    explaint_infer_options o = few_components();
    const explaint_score claim = {"spearman", .5};
    o.command = (const char *const[]){"norms", "baseline", "norms.csv", NULL};
    explaint_baseline *one = run(&w, &o, &claim);
    o.threads = 3;
    explaint_baseline *three = run(&w, &o, &claim);
    char *a = document_of(one), *b = document_of(three);
    assert_string_equal(a, b);
    assert_contains(a, "\"chance\": 0,");
    assert_contains(a, "\"claim\": {\"metric\": \"spearman\", \"value\": 0.5, \"share\": ");
    assert_contains(a, "{\"id\": \"E1\", \"n\": 160, \"mde\": ");
    assert_null(strstr(a, "\"verdicts\""));
    explaint_record *again = NULL; /* and back */
    explaint_error error = {0};
    assert_int_equal(explaint_record_read(a, strlen(a), NULL, &again, &error), EXPLAINT_OK);
    assert_ptr_equal(again->kind, &explaint_baseline_kind);
    assert_true(((const explaint_baseline *)again)->claim.share == one->claim.share);
    assert_int_equal(((const explaint_baseline *)again)->n_needs, one->n_needs);
    explaint_record_free(again);
    free(a);
    free(b);
    explaint_baseline_free(one);
    explaint_baseline_free(three);
    world_close(&w);
}

/* What needs say of the present concepts is what the verdict says it would have found. */
static void needs_are_those_of_the_verdict(void **state) {
    (void)state;
    world w = open_world(200, false);
    explaint_infer_options o = few_components();
    explaint_plan *plan = NULL;
    explaint_result *result = NULL;
    explaint_needs needs;
    explaint_error error = {0};
    o.conditions = "system";
    o.permutations = 999;
    o.refits = 0;
    assert_int_equal(explaint_infer_plan(w.norms, w.vectors, &o, &plan, &error), EXPLAINT_OK);
    assert_int_equal(explaint_plan_needs(plan, &needs, &error), EXPLAINT_OK);
    assert_int_equal(explaint_plan_run(plan, NULL, NULL, &result, &error), EXPLAINT_OK);
    assert_true(needs.own_vectors);
    assert_int_equal(needs.present, 200);
    size_t compared = 0, by_law = 0;
    double now = NAN, before = NAN; /* of the present number; of the number before */
    for (size_t k = 0; k < needs.n_needs; k++) {
        const explaint_need *need = &needs.need[k];
        if (k > 0 && strcmp(need->id, need[-1].id) == 0) assert_true(need->n > need[-1].n && need->mde < before);
        before = need->mde;
        assert_int_equal(need->measured, need->n <= 200);
        if (need->n > 200) {
            assert_true(fabs(need->mde * (double)need->n / (now * 200) - 1) < 1e-12);
            by_law++;
        }
        if (need->n != 200) continue;
        now = need->mde;
        for (size_t i = 0; i < result->verdicts[0].n_assumptions; i++) {
            const explaint_assumption *a = &result->verdicts[0].assumptions[i];
            if (strcmp(a->id, need->id) != 0) continue;
            compared++;
            assert_true(fabs(need->mde / a->mde - 1) < .2); /* from 300 and from 999 permutations */
        }
    }
    assert_int_equal(compared, 4);
    assert_int_equal(by_law, 8);
    explaint_result_free(result);
    explaint_plan_close(plan);
    world_close(&w);
}

static void few_concepts(void **state) {
    (void)state;
    static const char text[] =
        "concept,feature,value\ndog,barks,3\ndog,is_red,1\ncat,purrs,4\ncat,is_red,2\nowl,flies,1\nowl,purrs,1\n";
    explaint_error error = {0};
    world w = {NULL, NULL};
    assert_int_equal(xp_norms_read("n.csv", text, sizeof text - 1, NULL, &w.norms, &error), EXPLAINT_OK);
    explaint_infer_options o = few_components();
    explaint_baseline *baseline = NULL;
    assert_int_equal(explaint_baseline_run(w.norms, &o, NULL, NULL, &baseline, &error), EXPLAINT_INVALID);
    assert_contains(error.message,
                    "expected at least as many concepts as folds (10), found 3: use a smaller --folds, or "
                    "norms of more concepts");
    o.folds = 3;
    baseline = run(&w, &o, NULL);
    assert_int_equal(baseline->present, 3);
    assert_null(row_of(baseline->result, "category-mean", "norms"));
    explaint_baseline_free(baseline);
    world_close(&w);
}

static bool stop(void *self, const char *what, double done, double total) {
    (void)self, (void)what, (void)done, (void)total;
    return false;
}

static void stopped(void **state) {
    (void)state;
    world w = open_world(60, false);
    const explaint_infer_options o = few_components();
    explaint_baseline *baseline = NULL;
    explaint_error error = {0};
    const explaint_progress progress = {NULL, stop};
    assert_int_equal(explaint_baseline_run(w.norms, &o, NULL, &progress, &baseline, &error), EXPLAINT_INTERRUPTED);
    assert_null(baseline);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_cannot_run_is_said_once),
                                       cmocka_unit_test(the_rows_of_infer),
                                       cmocka_unit_test(claims),
                                       cmocka_unit_test(same_document_for_any_threads),
                                       cmocka_unit_test(needs_are_those_of_the_verdict),
                                       cmocka_unit_test(few_concepts),
                                       cmocka_unit_test(stopped)};
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}

/* A world where vectors and norms know nothing but three numbers of each concept: supported as it stands, and not beyond these numbers. */
#include "support/files.h"
#include "support/study.h"

enum { N = 160, D = 20, M = 40, Q = 3 };

static void add_row(xp_text *text, const char *word, const double *value, size_t count, char separator) {
    xp_text_adds(text, word);
    for (size_t k = 0; k < count; k++) xp_text_addf(text, "%c%.6f", separator, value[k]);
    xp_text_adds(text, "\n");
}

static world open_world(const char **covariates, const char **others) {
    xp_rng rng = test_rng(77);
    double number[N * Q], axis[Q * D], loading[Q * M], row[M];
    for (size_t k = 0; k < N * Q; k++) number[k] = xp_rng_normal(&rng);
    for (size_t k = 0; k < Q * D; k++) axis[k] = .7 * xp_rng_normal(&rng);
    for (size_t k = 0; k < Q * M; k++) loading[k] = .35 * xp_rng_normal(&rng);
    xp_text norms = {0}, vectors = {0}, table = {0}, other = {0};
    char word[16];
    xp_text_adds(&norms, "concept");
    for (int j = 0; j < M; j++) xp_text_addf(&norms, ",f%d", j);
    xp_text_adds(&norms, "\n");
    xp_text_adds(&table, "concept,frequency,length,concreteness\n");
    xp_text_adds(&other, "concept,frequency\n");
    for (size_t i = 0; i < N; i++) {
        world_word(i * 37 % 1000, word);
        const double *own = number + i * Q;
        for (size_t k = 0; k < D; k++) {
            row[k] = xp_rng_normal(&rng);
            for (size_t q = 0; q < Q; q++) row[k] += own[q] * axis[q * D + k];
        }
        add_row(&vectors, word, row, D, ' ');
        for (size_t j = 0; j < M; j++) {
            row[j] = 3 + xp_rng_normal(&rng);
            for (size_t q = 0; q < Q; q++) row[j] += own[q] * loading[q * M + j];
        }
        add_row(&norms, word, row, M, ',');
        add_row(&table, word, own, Q, ',');
        xp_text_addf(&other, "%s,%zu\n", word, i * 7 % 11);
    }
    world w = {NULL, NULL};
    explaint_error error = {0};
    assert_int_equal(xp_norms_read("norms.csv", norms.data, norms.length, NULL, &w.norms, &error), EXPLAINT_OK);
    assert_int_equal(xp_vectors_read("v.txt", vectors.data, vectors.length, w.norms, NULL, &w.vectors, &error),
                     EXPLAINT_OK);
    *covariates = files_text("covariates.csv", table.data);
    *others = files_text("others.csv", other.data);
    xp_text_free(&norms);
    xp_text_free(&vectors);
    xp_text_free(&table);
    xp_text_free(&other);
    return w;
}

static explaint_result *run(const world *w, const char *covariates, unsigned threads, char **identity) {
    explaint_infer_options o = explaint_infer_defaults();
    o.covariates_file = covariates;
    o.conditions = "system";
    o.metrics = "spearman";
    o.components = (const size_t[]){2};
    o.n_components = 1;
    o.permutations = 499;
    o.refits = 0;
    o.claim = "information";
    o.threads = threads;
    explaint_plan *plan = NULL;
    explaint_result *result = NULL;
    explaint_error error = {0};
    if (explaint_infer_plan(w->norms, w->vectors, &o, &plan, &error) != EXPLAINT_OK ||
        explaint_plan_run(plan, NULL, NULL, &result, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    if (identity != NULL) *identity = strdup(explaint_plan_identity(plan));
    const char *name = explaint_plan_covariate(plan, 0);
    assert_int_equal(name != NULL, covariates != NULL);
    explaint_plan_close(plan);
    return result;
}

static void beyond_what_both_know(void **state) {
    (void)state;
    const char *covariates, *others;
    world w = open_world(&covariates, &others);
    explaint_result *without = run(&w, NULL, 1, NULL), *with = run(&w, covariates, 1, NULL),
                    *other = run(&w, others, 1, NULL), *again = run(&w, covariates, 2, NULL);
    assert_string_equal(without->verdicts[0].verdict, "supported");
    assert_string_equal(other->verdicts[0].verdict, "supported");
    assert_string_equal(with->verdicts[0].verdict, "not supported");
    assert_string_equal(with->verdicts[0].decided_by, "E1");
    assert_contains(with->verdicts[0].text,
                    "No property information beyond frequency, length and concreteness is found in the vectors");
    assert_contains(other->verdicts[0].text,
                    "Beyond groups of about 12 concepts, and beyond frequency, concepts whose vectors differ alike");
    assert_contains(without->verdicts[0].text, "Beyond groups of about 12 concepts, concepts whose");
    /* scores are untouched */
    assert_true(with->rows[0].value == without->rows[0].value);
    /* and all of it is told */
    const explaint_input *last = &with->inputs[with->n_inputs - 1];
    assert_string_equal(last->role, "covariates");
    assert_int_equal(strlen(last->sha256), 64);
    assert_contains(with->signature, "|covariates:");
    assert_null(strstr(without->signature, "covariates"));
    bool set = false;
    for (size_t i = 0; i < with->n_settings; i++)
        set = set || (strcmp(with->settings[i].key, "covariates") == 0 &&
                      strcmp(with->settings[i].json, "[\"frequency\", \"length\", \"concreteness\"]") == 0);
    assert_true(set);
    char *one = json_of(with), *two = json_of(again);
    assert_string_equal(one, two);
    free(one);
    free(two);
    explaint_result_free(without);
    explaint_result_free(with);
    explaint_result_free(other);
    explaint_result_free(again);
    world_close(&w);
}

static void another_file_is_another_run(void **state) {
    (void)state;
    const char *covariates, *others;
    char *identity[2];
    world w = open_world(&covariates, &others);
    explaint_result_free(run(&w, covariates, 1, &identity[0]));
    files_text("covariates.csv", "concept,frequency,length,concreteness\n"); /* the same path */
    FILE *file = fopen(covariates, "a");
    char word[16];
    for (size_t i = 0; i < N; i++) {
        world_word(i * 37 % 1000, word);
        fprintf(file, "%s,%zu,%zu,%zu\n", word, i, i % 7, i % 5);
    }
    fclose(file);
    explaint_result_free(run(&w, covariates, 1, &identity[1]));
    assert_string_not_equal(identity[0], identity[1]);
    for (int k = 0; k < 2; k++) {
        assert_contains(identity[k], "\"role\": \"covariates\"");
        free(identity[k]);
    }
    world_close(&w);
}

static void too_many_of_too_few(void **state) {
    (void)state;
    world w = world_open((world_settings){.n = 14, .m = 8, .d = 3, .categories = 2, .dense = true, .stream = 5});
    xp_text table = {0};
    xp_text_adds(&table, "concept,a,b,c,d\n");
    for (size_t i = 0; i < 14; i++)
        xp_text_addf(&table, "%s,%zu,%zu,%zu,%zu\n", w.norms->concepts.item[i], i, i % 2, i % 3, i % 5);
    explaint_infer_options o = explaint_infer_defaults();
    o.covariates_file = files_text("many.csv", table.data);
    o.folds = 2;
    explaint_plan *plan = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_infer_plan(w.norms, w.vectors, &o, &plan, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "4 covariates of 14 concepts with distinct vectors leave next to nothing");
    xp_text_free(&table);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(beyond_what_both_know),
                                       cmocka_unit_test(another_file_is_another_run),
                                       cmocka_unit_test(too_many_of_too_few)};
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}

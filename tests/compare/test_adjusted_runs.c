/* p of several stored runs together: what a run of layers says of itself, max-T in plain loops over mappings and norms, what is refused. */
#include "explaint/adjust.h"
#include "formats/safetensors.h"

#include "compare/stored.h"

static explaint_adjustment *adjusted(const char *path, bool bh, size_t n, const char *const *runs) {
    const explaint_adjust_options options = {.ledger = path, .method = bh ? "bh" : "max-t"};
    explaint_adjustment *a = NULL;
    explaint_error error = {0};
    if (explaint_adjust(runs, n, &options, &a, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return a;
}

static void not_adjusted(const char *path, bool bh, size_t n, const char *const *runs, explaint_status code,
                         const char *says) {
    const explaint_adjust_options options = {.ledger = path, .method = bh ? "bh" : "max-t"};
    explaint_adjustment *a = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_adjust(runs, n, &options, &a, &error), code);
    if (strstr(error.message, says) == NULL) fail_msg("no \"%s\" in: %s", says, error.message);
    assert_null(a);
}

static const explaint_adjusted_test *test_of(const explaint_adjustment *a, const char *id, size_t which) {
    for (size_t i = 0; i < a->n_tests; i++)
        if (strcmp(a->tests[i].id, id) == 0 && which-- == 0) return &a->tests[i];
    return NULL;
}

/* The layers of one run were adjusted together when it ran: that is what comes out again. */
static void layers_are_adjusted_as_in_their_run(void **state) {
    (void)state;
    const char *path = fresh("layers");
    world w = open_world(5, false);
    explaint_vectors *noise = noisy(&w, 9, 70, 0), *some = noisy(&w, 1, 71, 0);
    const explaint_layer layers[] = {{0, noise}, {2, some}, {5, w.vectors}};
    explaint_infer_options o = options_of(3);
    explaint_plan *plan = NULL;
    explaint_error error = {0};
    ok(explaint_infer_plan_layers(w.norms, layers, 3, &o, &plan, &error), &error);
    explaint_result *result = stored(path, plan);
    explaint_plan_close(plan);
    explaint_adjustment *a = adjusted(path, false, 1, (const char *const[]){"1"});
    assert_string_equal(a->method, "max-t");
    size_t compared = 0, raised = 0;
    for (size_t v = 0, which = 0; v < result->n_verdicts; v++) {
        if (strcmp(result->verdicts[v].claim, "information") != 0 || result->verdicts[v].n_layers > 0) continue;
        for (size_t i = 0; i < result->verdicts[v].n_assumptions; i++) {
            const explaint_assumption *was = &result->verdicts[v].assumptions[i];
            const explaint_adjusted_test *is = test_of(a, was->id, which);
            if (is == NULL) continue; /* W is no permutation of its own */
            assert_int_equal(is->layer, layers[which].number);
            assert_true(is->gain == was->gain && is->p == was->p && is->p_adjusted == was->p_adjusted);
            compared++;
            raised += is->p_adjusted > is->p;
        }
        which++;
    }
    assert_int_equal(compared, a->n_tests);
    assert_true(compared >= 12 && raised > 0);
    explaint_adjustment_free(a);
    a = adjusted(path, false, 2, (const char *const[]){"1@2", "1@5"});
    assert_int_equal(test_of(a, "E1", 1)->layer, 5);
    assert_null(test_of(a, "E1", 2));
    explaint_adjustment_free(a);
    not_adjusted(path, false, 2, (const char *const[]){"1@2", "1"}, EXPLAINT_USAGE, "given twice");
    explaint_result_free(result);
    explaint_vectors_close(noise);
    explaint_vectors_close(some);
    world_close(&w);
}

/* Statistics of a stored test, read with SQL and the layout of the units: three numbers, then what was drawn; E4 is decided by the third. */
static void statistics_of(const char *path, long run, const char *id, double *statistic) {
    sqlite3 *db = NULL;
    sqlite3_stmt *find = NULL;
    char key[64];
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT bytes FROM unit WHERE run_id = ? AND key = ?", -1, &find, NULL),
                     SQLITE_OK);
    for (int part = 0; part < 2; part++) {
        snprintf(key, sizeof key, "test/%s/%s", id, part == 0 ? "observed" : "1");
        sqlite3_bind_int64(find, 1, run);
        sqlite3_bind_text(find, 2, key, -1, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(find), SQLITE_ROW);
        const bool transfer = strcmp(id, "E4") == 0;
        xp_safetensors *file = NULL;
        assert_int_equal(xp_safetensors_open("a unit", sqlite3_column_blob(find, 0),
                                             (size_t)sqlite3_column_bytes(find, 0), &file, NULL),
                         EXPLAINT_OK);
        if (part == 0)
            memcpy(statistic, xp_safetensors_find(file, "t")->data + (transfer ? 2 : 0) * sizeof *statistic,
                   sizeof *statistic);
        else
            memcpy(statistic + 1, xp_safetensors_find(file, transfer ? "flips" : "reader")->data,
                   B * sizeof *statistic);
        xp_safetensors_close(file);
        sqlite3_reset(find);
    }
    sqlite3_finalize(find);
    sqlite3_close(db);
}

static void max_t(size_t n, double (*statistic)[1 + B], double *p) {
    for (size_t t = 0; t < n; t++) {
        double mean = 0, squares = 0;
        for (size_t b = 0; b <= B; b++) mean += statistic[t][b] / (1 + B);
        for (size_t b = 0; b <= B; b++) squares += (statistic[t][b] - mean) * (statistic[t][b] - mean);
        for (size_t b = 0; b <= B; b++) statistic[t][b] = (statistic[t][b] - mean) / sqrt(squares / B);
    }
    for (size_t t = 0; t < n; t++) {
        size_t reached = 0;
        for (size_t b = 0; b <= B; b++) {
            double largest = -INFINITY;
            for (size_t k = 0; k < n; k++) largest = fmax(largest, statistic[k][b]);
            reached += largest >= statistic[t][0] - 1e-12;
        }
        p[t] = (double)reached / (1 + B);
    }
}

static void runs_are_adjusted_together(void **state) {
    (void)state;
    const char *path = fresh("mappings");
    world w = open_world(6, false), other = open_world(8, false);
    explaint_vectors *some = noisy(&w, 4, 72, 0), *noise = noisy(&w, 99, 73, 0);
    explaint_infer_options o = options_of(2);
    explaint_plan *plan = NULL;
    const char *const mappings[] = {"plsr", "ridge", "knn"};
    for (size_t k = 0; k < 3; k++) { /* 1, 2, 3 */
        o.mapping = mappings[k];
        plan = plan_of(&w, some, &o);
        explaint_result_free(stored(path, plan));
        explaint_plan_close(plan);
    }
    o.mapping = "plsr";
    store_run(path, &other, &o); /* 4: other norms */
    o.permutations = 39;
    store_run(path, &w, &o); /* 5: more permutations */
    o.permutations = B;
    plan = plan_of(&w, noise, &o);
    explaint_result_free(stored(path, plan)); /* 6: made to look like one of version 0.1 */
    explaint_plan_close(plan);
    sql(path, "UPDATE run SET document = replace(document, '\"statistic\": \"agreement\", ', '') WHERE run_id = 6");
    o.permutations = 0;
    store_run(path, &w, &o); /* 7 */

    explaint_adjustment *a = adjusted(path, false, 4, (const char *const[]){"1", "2", "3", "4"});
    for (int id = 1; id <= 4; id++) {
        char name[8];
        double statistic[4][1 + B], p[4];
        snprintf(name, sizeof name, "E%d", id);
        for (size_t k = 0; k < 4; k++) statistics_of(path, (long)k + 1, name, statistic[k]);
        max_t(4, statistic, p);
        for (size_t k = 0; k < 4; k++) {
            const explaint_adjusted_test *test = test_of(a, name, k);
            print_message("%s %s: p %.2f, adjusted %.2f\n", name, test->mapping, test->p, test->p_adjusted);
            assert_true(fabs(test->p_adjusted - p[k]) < 1e-12);
            assert_true(test->p_adjusted >= test->p - 1e-12);
            assert_string_equal(test->mapping, k < 3 ? mappings[k] : "plsr");
            assert_int_equal(test->shares, k < 3);
        }
    }
    assert_int_equal(a->n_notes, 4);
    assert_non_null(strstr(a->notes[0], "E1: 1 of 4 tests have other permutations"));
    explaint_adjustment_free(a);

    a = adjusted(path, true, 2, (const char *const[]){"1", "5"});
    for (size_t k = 0; k < 2; k++) { /* two p: the smaller one twice, or both the larger one */
        const double p = test_of(a, "E2", k)->p, q = test_of(a, "E2", 1 - k)->p;
        assert_true(fabs(test_of(a, "E2", k)->p_adjusted - (p >= q ? p : fmin(2 * p, q))) < 1e-12);
    }
    explaint_adjustment_free(a);
    not_adjusted(path, false, 2, (const char *const[]){"1", "5"}, EXPLAINT_USAGE, "found 39 in E1 of run 5");
    not_adjusted(path, false, 2, (const char *const[]){"1", "6"}, EXPLAINT_USAGE, "of version 0.1");
    not_adjusted(path, true, 1, (const char *const[]){"7"}, EXPLAINT_INVALID, "--permutations 0");
    not_adjusted(path, true, 0, NULL, EXPLAINT_USAGE, "found none");
    sql(path, "UPDATE unit SET bytes = x'00' WHERE run_id = 2 AND key = 'test/E3/1'");
    not_adjusted(path, false, 2, (const char *const[]){"1", "2"}, EXPLAINT_INVALID, "no whole permutations of E3");
    sql(path, "DELETE FROM unit WHERE run_id = 2 AND key = 'test/E1/observed'");
    not_adjusted(path, false, 2, (const char *const[]){"1", "2"}, EXPLAINT_INVALID, "no whole permutations of E1");
    sql(path, "UPDATE unit SET bytes = (SELECT bytes FROM unit WHERE run_id = 4 AND key = 'test/E1/1') WHERE run_id = "
              "1 AND key = "
              "'test/E1/1'");
    not_adjusted(path, false, 1, (const char *const[]){"1"}, EXPLAINT_INVALID, "no whole permutations of E1");
    explaint_vectors_close(some);
    explaint_vectors_close(noise);
    world_close(&w);
    world_close(&other);
}

static void without_memory(void **state) {
    (void)state;
    const char *path = fresh("memory");
    world w = open_world(7, true);
    explaint_infer_options o = options_of(2);
    store_run(path, &w, &o);
    o.mapping = "knn";
    store_run(path, &w, &o);
    const explaint_adjust_options options = {.ledger = path, .command = (const char *const[]){"adjust", NULL}};
    explaint_status status = EXPLAINT_FAILED;
    size_t n = 0;
    while (status != EXPLAINT_OK) {
        explaint_adjustment *a = NULL;
        explaint_error error = {0};
        xp_fail_allocation(++n);
        status = explaint_adjust((const char *const[]){"1", "2"}, 2, &options, &a, &error);
        xp_fail_allocation(0);
        if (status != EXPLAINT_OK) {
            assert_int_equal(status, EXPLAINT_FAILED);
            assert_non_null(strstr(error.message, "not enough memory"));
            assert_null(a);
        }
        explaint_adjustment_free(a);
    }
    print_message("%zu allocations\n", n);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_are_adjusted_as_in_their_run),
        cmocka_unit_test(runs_are_adjusted_together),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}

/* Two stored runs side by side: differences by plain loops, layers, what cannot be paired and why, damaged ledgers. tests/oracle/check_cli.py has the
 * paired p and intervals in NumPy. */
#include "explaint/compare.h"

#include <unistd.h>

#include "compare/stored.h"
#include "compare/stored_result.h"

static explaint_comparison *compare(const char *path, const char *a, const char *b) {
    explaint_compare_options options = explaint_compare_defaults();
    explaint_comparison *c = NULL;
    explaint_error error = {0};
    options.ledger = path;
    options.flips = 199;
    options.bootstrap = 150;
    if (explaint_compare(a, b, &options, &c, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return c;
}

static void refused(const char *path, const char *a, const char *b, explaint_status code, const char *says) {
    explaint_compare_options options = explaint_compare_defaults();
    explaint_comparison *c = NULL;
    explaint_error error = {0};
    options.ledger = path;
    assert_int_equal(explaint_compare(a, b, &options, &c, &error), code);
    if (strstr(error.message, says) == NULL) fail_msg("no \"%s\" in: %s", says, error.message);
    assert_null(c);
}

static const explaint_compared_row *row_of(const explaint_comparison *c, const char *condition, const char *target,
                                           const char *metric, int layer) {
    for (size_t i = 0; i < c->n_rows; i++) {
        const explaint_compared_row *row = &c->rows[i];
        if (strcmp(row->condition, condition) == 0 && strcmp(row->target, target) == 0 &&
            strcmp(row->metric, metric) == 0 && row->layer[0] == layer)
            return row;
    }
    return NULL;
}

static bool notes_say(const explaint_comparison *c, const char *what) {
    for (size_t i = 0; i < c->n_notes; i++)
        if (strstr(c->notes[i], what) != NULL) return true;
    return false;
}

static const explaint_compared_assumption *assumption(const explaint_comparison *c, const char *id) {
    for (size_t v = 0; v < c->n_verdicts; v++)
        for (size_t i = 0; i < c->verdicts[v].n_assumptions; i++)
            if (strcmp(c->verdicts[v].assumptions[i].id, id) == 0) return &c->verdicts[v].assumptions[i];
    return NULL;
}

static void differences_are_those_of_the_results(void **state) {
    (void)state;
    const char *path = fresh("pairs");
    world w = open_world(4, true);
    explaint_infer_options o = options_of(2);
    explaint_plan *plan = plan_of(&w, w.vectors, &o);
    explaint_result *a = stored(path, plan);
    explaint_plan_close(plan);
    o = options_of(4);
    plan = plan_of(&w, w.vectors, &o);
    explaint_result *b = stored(path, plan);
    explaint_plan_close(plan);
    explaint_comparison *c = compare(path, "1", "2");
    assert_int_equal(c->n_changes, 2);
    assert_string_equal(c->changes[0].key, "n_components");
    assert_string_equal(c->changes[0].value[0], "[2]");
    assert_string_equal(c->changes[1].value[1], "4");
    assert_int_equal(c->n_notes, 0);
    assert_int_equal(c->n_rows, a->n_rows);
    size_t paired = 0, differ = 0;
    for (size_t i = 0; i < c->n_rows; i++) {
        const explaint_compared_row *row = &c->rows[i];
        assert_true(row->value[0] == a->rows[i].value && row->value[1] == b->rows[i].value);
        assert_true(fabs(row->paired.difference - (row->value[1] - row->value[0])) < 1e-12);
        if (!row->paired.paired) continue;
        paired++;
        for (int s = 0; s < 2; s++) assert_true(fabs(row->paired.value[s] - row->value[s]) < 1e-12);
        assert_true(row->paired.ci[0] <= row->paired.difference + 1e-12 &&
                    row->paired.ci[1] >= row->paired.difference - 1e-12);
        const bool same = row->paired.ci[0] == row->paired.ci[1];
        assert_int_equal(isnan(row->p_adjusted), same);
        if (!same) assert_true(row->p_adjusted >= row->paired.p);
        if (strcmp(row->condition, "mean") == 0 || strcmp(row->condition, "category-mean") == 0)
            assert_true(same && row->paired.p == 1);
        else
            differ += row->paired.difference != 0;
    }
    assert_int_equal(paired, c->n_rows); /* every row, every metric */
    assert_true(differ > 10);
    for (size_t v = 0; v < 2; v++)
        for (size_t i = 0; i < a->verdicts[v].n_assumptions; i++) {
            const explaint_compared_assumption *found = &c->verdicts[v].assumptions[i];
            const explaint_assumption *was = &a->verdicts[v].assumptions[i], *is = &b->verdicts[v].assumptions[i];
            assert_string_equal(found->id, was->id);
            assert_string_equal(found->outcome[0], was->outcome);
            assert_string_equal(found->outcome[1], is->outcome);
            if (isnan(was->gain) || isnan(is->gain)) continue;
            assert_true(found->paired.paired && found->paired.n == was->n); /* twins are not in it */
            assert_true(fabs(found->paired.difference - (is->gain - was->gain)) < 1e-9);
        }
    explaint_comparison *mirrored = compare(path, "2", "1");
    for (size_t i = 0; i < c->n_rows; i++) {
        assert_true(fabs(mirrored->rows[i].paired.difference + c->rows[i].paired.difference) < 1e-12);
        assert_true(mirrored->rows[i].paired.p == c->rows[i].paired.p);
    }
    char *text = NULL, *again = NULL;
    size_t size = 0;
    explaint_error error = {0};
    FILE *out = open_memstream(&text, &size);
    ok(explaint_record_write_json(&c->record, out, &error), &error);
    fclose(out);
    explaint_comparison *second = compare(path, "1", "2");
    out = open_memstream(&again, &size);
    ok(explaint_record_write_json(&second->record, out, &error), &error);
    fclose(out);
    assert_string_equal(text, again);
    free(text);
    free(again);
    explaint_comparison_free(second);
    explaint_comparison_free(mirrored);
    explaint_comparison_free(c);
    explaint_result_free(a);
    explaint_result_free(b);
    world_close(&w);
}

static void layers_stand_beside_layers(void **state) {
    (void)state;
    const char *path = fresh("layers");
    world w = open_world(5, false);
    explaint_vectors *other = noisy(&w, 3, 70, 0);
    const explaint_layer layers[] = {{2, other}, {5, w.vectors}};
    explaint_infer_options o = options_of(3);
    explaint_plan *plan = NULL;
    explaint_error error = {0};
    ok(explaint_infer_plan_layers(w.norms, layers, 2, &o, &plan, &error), &error);
    explaint_result *all = stored(path, plan);
    explaint_plan_close(plan);
    store_run(path, &w, &o); /* run 2: the vectors of layer 5 alone */

    explaint_comparison *c = compare(path, "1", "1"); /* layer by layer with itself */
    size_t layered = 0;
    for (size_t i = 0; i < c->n_rows; i++) {
        assert_int_equal(c->rows[i].layer[0], c->rows[i].layer[1]);
        layered += c->rows[i].layer[0] >= 0;
        assert_true(c->rows[i].paired.paired && c->rows[i].paired.difference == 0 && c->rows[i].paired.p == 1);
    }
    assert_int_equal(c->n_rows, all->n_rows);
    assert_true(layered > 0 && layered < c->n_rows);
    assert_int_equal(c->n_verdicts, 4);
    assert_int_equal(c->n_changes, 0);
    explaint_comparison_free(c);

    c = compare(path, "1@2", "1@5"); /* two layers of one run */
    assert_non_null(strstr(c->arm[0].place, "layer 2 of run 1"));
    const explaint_compared_row *row = row_of(c, "system", "norms", "f1_at_10", 2);
    assert_non_null(row);
    assert_int_equal(row->layer[1], 5);
    print_message("layer 5 - layer 2: %+.3f, p %.3f\n", row->paired.difference, row->paired.p);
    assert_true(row->paired.paired && row->paired.difference > 0 && row->paired.p <= .05); /* less noise */
    assert_non_null(row_of(c, "mean", "norms", "f1_at_10", -1));
    assert_null(row_of(c, "system", "norms", "f1_at_10", 5));
    const explaint_compared_assumption *e1 = assumption(c, "E1");
    assert_true(e1->paired.paired && e1->paired.difference > 0 && e1->paired.p <= .05 && e1->r[1] > e1->r[0]);
    assert_true(e1->paired.ci[0] > 0 && e1->paired.ci[1] > e1->paired.difference);
    assert_non_null(
        strstr(c->verdicts[0].answer, "The vectors of B agree better with the norms than those of A (E1: "));
    assert_null(c->verdicts[1].answer); /* of the mapping */
    for (size_t i = 0; i < c->verdicts[0].n_assumptions; i++) {
        const explaint_compared_assumption *a = &c->verdicts[0].assumptions[i];
        if (a->id[0] == 'E') assert_true(fabs(a->paired.difference - (a->gain[1] - a->gain[0])) < 1e-12);
    }
    explaint_comparison_free(c);
    c = compare(path, "1@5", "1@2");
    assert_non_null(strstr(c->verdicts[0].answer, "agree less well"));
    explaint_comparison_free(c);

    c = compare(path, "1@5", "2"); /* a layer beside the same vectors alone: nothing differs */
    row = row_of(c, "system", "norms", "f1_at_10", 5);
    assert_true(row != NULL && row->layer[1] == -1);
    for (size_t i = 0; i < c->n_rows; i++) assert_true(c->rows[i].paired.paired && c->rows[i].paired.difference == 0);
    assert_true(row_of(c, "mean", "norms", "f1_at_10", -1) != NULL && assumption(c, "E3")->paired.difference == 0);
    assert_true(assumption(c, "E3")->paired.p == 1 && assumption(c, "E3")->paired.ci[1] == 0);
    assert_non_null(strstr(c->verdicts[0].answer, "No difference was found"));
    explaint_comparison_free(c);
    c = compare(path, "2", "1@2"); /* and the other way round */
    assert_true(row_of(c, "system", "norms", "f1_at_10", -1)->layer[1] == 2);
    explaint_comparison_free(c);

    refused(path, "1", "2", EXPLAINT_USAGE, "name the layer to compare");
    refused(path, "1@3", "2", EXPLAINT_USAGE, "has no layer 3: its layers are 2 to 5");
    refused(path, "1@2", "2@2", EXPLAINT_USAGE, "has no layers: leave out @2");
    refused(path, "7", "2", EXPLAINT_USAGE, "no run 7");
    refused(path, "0", "2", EXPLAINT_USAGE, "numbered from 1");
    refused(NULL, "1", "2", EXPLAINT_USAGE, "run 1 of which ledger?");
    refused(NULL, path, path, EXPLAINT_USAGE, "several finished runs");
    explaint_result_free(all);
    explaint_vectors_close(other);
    world_close(&w);
}

static void what_cannot_be_paired_says_why(void **state) {
    (void)state;
    const char *path = fresh("unpaired");
    char document[160], run[160];
    snprintf(document, sizeof document, "%s/run.json", directory());
    snprintf(run, sizeof run, "%s:1", path);
    world w = open_world(6, false), w2 = open_world(7, false);
    explaint_infer_options o = options_of(3);
    explaint_plan *plan = plan_of(&w, w.vectors, &o);
    explaint_result *result = stored(path, plan); /* 1 */
    explaint_plan_close(plan);
    FILE *out = fopen(document, "w");
    explaint_error error = {0};
    ok(explaint_record_write_json(&result->record, out, &error), &error);
    fclose(out);
    explaint_result_free(result);
    o.seed = 2;
    store_run(path, &w, &o); /* 2: other folds, other draws */
    o.seed = 1;
    explaint_vectors *fewer = noisy(&w, 0, 1, 9);
    plan = plan_of(&w, fewer, &o);
    explaint_result_free(stored(path, plan)); /* 3: fewer concepts */
    explaint_plan_close(plan);
    store_run(path, &w2, &o); /* 4: other norms */

    explaint_comparison *c = compare(path, document, run);
    assert_true(notes_say(c, "No paired test is possible") && notes_say(c, "is a document"));
    assert_true(!c->arm[0].has_scores && c->arm[1].has_scores);
    for (size_t i = 0; i < c->n_rows; i++) assert_true(!c->rows[i].paired.paired && c->rows[i].paired.difference == 0);
    assert_true(c->n_rows > 20 && isnan(c->rows[0].p_adjusted));
    explaint_comparison_free(c);

    c = compare(path, "1", "2");
    assert_true(notes_say(c, "The folds differ") && notes_say(c, "another seed"));
    assert_true(row_of(c, "system", "norms", "f1_at_10", -1)->paired.paired);
    assert_false(row_of(c, "shuffle", "shuffle", "f1_at_10", -1)->paired.paired);
    explaint_comparison_free(c);

    c = compare(path, "1", "3");
    assert_true(notes_say(c, "concepts that both have") && notes_say(c, "other concepts"));
    assert_true(notes_say(c, "cut both vector files to the same words")); /* 48 of 55 */
    const explaint_compared_row *row = row_of(c, "system", "norms", "f1_at_10", -1);
    assert_true(row->paired.paired && row->paired.n < 55 && row->paired.n > 40);
    assert_true(fabs(row->paired.value[0] - row->value[0]) > 1e-6); /* over fewer concepts than stored */
    assert_true(fabs(row->paired.value[1] - row->paired.value[0] - row->paired.difference) < 1e-12);
    explaint_comparison_free(c);
    refused(path, "1", "4", EXPLAINT_INVALID, "scores on other norms are of another thing");

    /* units that are gone or damaged: no paired test of what they hold, and no more */
    sql(path, "UPDATE unit SET bytes = zeroblob(length(bytes)) WHERE run_id = 2 AND key = 'condition/system/norms'");
    sql(path, "UPDATE unit SET bytes = x'00' WHERE run_id = 2 AND key = 'test/E1/observed'");
    sql(path, "DELETE FROM unit WHERE run_id = 2 AND key = 'baselines'");
    c = compare(path, "1", "2");
    assert_false(row_of(c, "system", "norms", "f1_at_10", -1)->paired.paired);
    assert_true(row_of(c, "category-mean", "norms", "f1_at_10", -1)->paired.paired);
    assert_true(!assumption(c, "E1")->paired.paired && assumption(c, "E2")->paired.paired &&
                !assumption(c, "bottleneck")->paired.paired && assumption(c, "W")->paired.paired);
    explaint_comparison_free(c);
    sql(path, "UPDATE unit SET bytes = x'0500000000000000' WHERE run_id = 2 AND key = 'concepts'");
    c = compare(path, "1", "2");
    assert_true(notes_say(c, "without the names of its concepts"));
    explaint_comparison_free(c);
    sql(path, "UPDATE run SET state = 'unfinished' WHERE run_id = 2");
    refused(path, "1", "2", EXPLAINT_INVALID, "run 2 is not finished");
    sql(path, "UPDATE run SET document = replace(document, '\"na\": \"zero\"', '\"na\": \"mask\"') WHERE run_id = 3");
    c = compare(path, "1", "3");
    assert_true(notes_say(c, "the setting \"na\" differs"));
    assert_false(row_of(c, "system", "norms", "f1_at_10", -1)->paired.paired);
    explaint_comparison_free(c);
    explaint_vectors_close(fewer);
    world_close(&w);
    world_close(&w2);
}

static void a_threshold_is_no_finding(void **state) {
    (void)state;
    const char *path = fresh("threshold");
    world w = open_world(4, false);
    explaint_infer_options o = options_of(3);
    store_run(path, &w, &o);
    store_run(path, &w, &o);
    explaint_comparison *c = compare(path, "1", "2");
    assert_false(notes_say(c, "near a threshold"));
    explaint_comparison_free(c);
    sql(path,
        "UPDATE run SET document = replace(replace(document, '\"outcome\": \"holds\"', '\"outcome\": \"fails\"'), "
        "'\"verdict\": \"', '\"verdict\": \"other than ') WHERE run_id = 2");
    c = compare(path, "1", "2");
    assert_true(notes_say(c, "information: the verdict changed") && notes_say(c, "(E1: p 1)"));
    assert_true(notes_say(c, "near a threshold"));
    explaint_comparison_free(c);
    world_close(&w);
}

/* A gain in F1@10 is none in r, and their difference is nothing. */
static void tests_of_version_0_1(void **state) {
    (void)state;
    const char *path = fresh("older");
    world w = open_world(4, false);
    explaint_infer_options o = options_of(3);
    store_run(path, &w, &o);
    store_run(path, &w, &o);
    sql(path, "UPDATE run SET document = replace(document, '\"statistic\": \"agreement\", ', '') WHERE run_id = 1");
    explaint_comparison *c = compare(path, "1", "2");
    assert_true(notes_say(c, "E1 to E4 of run 1 of ") && notes_say(c, "tests of version 0.1") &&
                notes_say(c, "and none is printed"));
    const explaint_compared_assumption *e1 = assumption(c, "E1"), *knn = assumption(c, "knn");
    assert_true(!e1->paired.paired && isnan(e1->paired.difference) && isnan(e1->r[0]) && !isnan(e1->r[1]));
    assert_true(knn->paired.paired && knn->paired.difference == 0); /* scores are what they were */
    assert_null(c->verdicts[0].answer);
    explaint_comparison_free(c);
    sql(path, "UPDATE run SET document = replace(document, '\"statistic\": \"agreement\", ', '') WHERE run_id = 2");
    c = compare(path, "1", "2");
    assert_true(notes_say(c, " and of run 2 of ") && !notes_say(c, "and none is printed"));
    assert_true(!assumption(c, "E1")->paired.paired && assumption(c, "E1")->paired.difference == 0);
    explaint_comparison_free(c);
    world_close(&w);
}

/* Under the address sanitizer every 23rd: all would take minutes, and the release build tries them. */
#ifdef __SANITIZE_ADDRESS__
static const size_t step = 23;
#else
static const size_t step = 1;
#endif

static void without_memory(void **state) {
    (void)state;
    const char *path = fresh("memory");
    world w = open_world(8, true);
    explaint_infer_options o = options_of(2);
    store_run(path, &w, &o);
    o.mapping = "knn";
    o.components = NULL;
    o.n_components = 0;
    store_run(path, &w, &o);
    explaint_compare_options options = {.ledger = path, .flips = 99, .bootstrap = 100, .seed = 1};
    explaint_status status = EXPLAINT_FAILED;
    size_t n = 0;
    while (status != EXPLAINT_OK) {
        explaint_comparison *c = NULL;
        explaint_error error = {0};
        xp_fail_allocation(n += step);
        status = explaint_compare("1", "2", &options, &c, &error);
        xp_fail_allocation(0);
        if (status != EXPLAINT_OK) {
            assert_int_equal(status, EXPLAINT_FAILED);
            assert_non_null(strstr(error.message, "not enough memory"));
            assert_null(c);
        }
        explaint_comparison_free(c);
    }
    print_message("%zu allocations\n", n);
    assert_true(n > 500); /* one that fails and is passed over would end the loop as well */
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_are_those_of_the_results),
        cmocka_unit_test(layers_stand_beside_layers),
        cmocka_unit_test(what_cannot_be_paired_says_why),
        cmocka_unit_test(a_threshold_is_no_finding),
        cmocka_unit_test(tests_of_version_0_1),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}

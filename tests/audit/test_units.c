/* A plan's result depends on the plan alone: not on threads, on the order of units, on being stopped, stored and resumed, and where memory runs
 * out at any place, there is a code and nothing else. */
#include "audit/plan.h"
#include "probe/relation.h"
#include "support/study.h"

static const size_t COUNTS[] = {2, 5};

static explaint_infer_options options_of(unsigned threads) {
    explaint_infer_options o = explaint_infer_defaults();
    o.components = COUNTS;
    o.n_components = 2;
    o.folds = 5;
    o.permutations = 260; /* two blocks a test */
    o.refits = 2;
    o.bootstrap = 101;
    o.threads = threads;
    return o;
}

/* Weights as scikit-learn's defaults find them, and counts chosen inside. */
static void chosen(explaint_infer_options *o) {
    static const size_t candidates[] = {1, 2, 4};
    o->pls = "sklearn";
    o->choose_components = true;
    o->components = candidates;
    o->n_components = 3;
    o->group_identical = true;
}

static void network(explaint_infer_options *o) {
    o->mapping = "ffnn";
    o->ffnn = (explaint_ffnn_options){.hidden = 5, .epochs = 2, .batch = 9, .dropout = .3, .learning_rate = .01};
    o->by_fold = true;
}

static void other_mapping(explaint_infer_options *o, int which) {
    o->mapping = which == 0 ? "labelprop" : "ridge";
    if (which == 2) o->alpha = "0.5,20";
}

static world sparse_world(void) {
    return world_open((world_settings){
        .n = 67, .m = 41, .d = 7, .categories = 5, .by_category = .7, .by_concept = .7, .twins = true, .stream = 1});
}

static world dense_world(void) {
    return world_open((world_settings){.n = 47,
                                       .m = 13,
                                       .d = 5,
                                       .categories = 4,
                                       .by_category = .7,
                                       .by_concept = .7,
                                       .dense = true,
                                       .missing = true,
                                       .stream = 2});
}

static explaint_plan *plan_of(const world *w, const explaint_infer_options *options) {
    explaint_plan *plan = NULL;
    explaint_error error = {0};
    if (explaint_infer_plan(w->norms, w->vectors, options, &plan, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return plan;
}

/* Runs to the end; the document, to be freed. */
static char *run_of(explaint_plan *plan, memory_store *store, const explaint_progress *progress) {
    explaint_result *result = NULL;
    explaint_error error = {0};
    explaint_units units = store_units(store);
    if (explaint_plan_run(plan, &units, progress, &result, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    char *json = json_of(result);
    explaint_result_free(result);
    return json;
}

static size_t place_of(const memory_store *store, const char *key) {
    for (size_t i = 0; i < store->count; i++)
        if (strcmp(store->unit[i].key, key) == 0) return i;
    fail_msg("%s is not stored", key);
    return 0;
}

static void same_units(const memory_store *a, const memory_store *b) {
    for (size_t i = 0; i < a->count; i++) {
        size_t at = place_of(b, a->unit[i].key);
        assert_int_equal(a->unit[i].size, b->unit[at].size);
        if (memcmp(a->unit[i].bytes, b->unit[at].bytes, a->unit[i].size) != 0)
            fail_msg("%s has other bytes", a->unit[i].key);
    }
}

static memory_store reference, other;

static void identity_is_of_the_result(void **state) {
    (void)state;
    world w = sparse_world();
    explaint_infer_options o = options_of(1);
    explaint_plan *one = plan_of(&w, &o);
    o.threads = 7;
    explaint_plan *seven = plan_of(&w, &o);
    assert_string_equal(explaint_plan_identity(one), explaint_plan_identity(seven));
    assert_int_equal(explaint_plan_n_units(one), explaint_plan_n_units(seven));
    explaint_plan_close(seven);
    static const size_t other_counts[] = {2, 6};
    for (int change = 0; change < 12; change++) {
        o = options_of(1);
        switch (change) {
        case 0: o.seed = 2; break;
        case 1: o.permutations = 261; break;
        case 2: o.components = other_counts; break;
        case 3: o.folds = 6; break;
        case 4: o.bootstrap = 102; break;
        case 5: o.metrics = "f1_at_10"; break;
        case 6: o.within = "all"; break;
        case 7: o.group_identical = true; break;
        case 8: o.pls = "sklearn"; break;
        case 9: o.choose_components = true; break;
        case 10: o.refits = 3; break;
        default: o.margin = .03; break;
        }
        explaint_plan *changed = plan_of(&w, &o);
        assert_string_not_equal(explaint_plan_identity(one), explaint_plan_identity(changed));
        explaint_plan_close(changed);
    }
    o = options_of(1);
    chosen(&o);
    explaint_plan *chooses = plan_of(&w, &o);
    o.n_components = 2;
    explaint_plan *fewer = plan_of(&w, &o);
    assert_string_not_equal(explaint_plan_identity(chooses), explaint_plan_identity(fewer));
    explaint_plan_close(chooses);
    explaint_plan_close(fewer);
    for (int change = 0; change < 7; change++) {
        o = options_of(1);
        network(&o);
        explaint_plan *before = plan_of(&w, &o);
        switch (change) {
        case 0: o.ffnn.hidden = 6; break;
        case 1: o.ffnn.epochs = 3; break;
        case 2: o.ffnn.batch = 8; break;
        case 3: o.ffnn.dropout = 0; break;
        case 4: o.ffnn.learning_rate = .02; break;
        case 5: o.ffnn.preset = "chronis2023"; break;
        default: o.mapping = "plsr"; break;
        }
        explaint_plan *changed = plan_of(&w, &o);
        assert_string_not_equal(explaint_plan_identity(before), explaint_plan_identity(changed));
        explaint_plan_close(before);
        explaint_plan_close(changed);
    }
    for (size_t i = 0; i < explaint_plan_n_units(one); i++)
        for (size_t k = 0; k < i; k++) assert_string_not_equal(explaint_plan_unit(one, i), explaint_plan_unit(one, k));
    explaint_plan_close(one);
    world_close(&w);
}

/* What the units of tests share. */
static void prepare(xp_execution *e) {
    const xp_design_layer *layer = e->layer;
    const xp_study *s = &layer->distinct;
    const xp_target target = xp_study_target(&s->gold, NULL);
    xp_reader reader;
    assert_true(xp_relation_create(&e->relation, &target, s->dense, NULL, 0) &&
                xp_reader_create(&reader, s->x, s->n, s->d));
    for (size_t t = 0; t < XP_N_TESTS; t++)
        if (layer->has_test[t])
            assert_true(xp_statistic_create(&e->statistic[t], &layer->test[t], &e->relation, &reader) &&
                        xp_refits_prepare(&e->refits[t], &layer->test[t], &layer->request->test_mapping,
                                          layer->design->metric, layer->request->options.seed));
    xp_reader_free(&reader);
}

static void threads_and_order_change_nothing(void **state) {
    (void)state;
    for (int kind = 0; kind < 9; kind++) {
        world w = kind % 2 ? dense_world() : sparse_world();
        explaint_infer_options o = options_of(1);
        if (kind == 2 || kind == 3) chosen(&o);
        if (kind > 6)
            network(&o);
        else if (kind > 3)
            other_mapping(&o, kind - 4);
        explaint_plan *plan = plan_of(&w, &o);
        char *expected = run_of(plan, &reference, NULL);
        assert_null(strstr(expected, "(null)")); /* every mapping has words for texts */
        assert_int_equal(strstr(expected, "\"iterations\"") != NULL, kind == 2 || kind == 3);
        assert_int_equal(strstr(expected, "\"penalties\"") != NULL, kind == 5);
        assert_int_equal(strstr(expected, "\"ridge:20\"") != NULL, kind == 6);
        assert_int_equal(strstr(expected, "\"losses\"") != NULL, kind > 6);
        assert_int_equal(reference.count, explaint_plan_n_units(plan));
        for (unsigned threads = 2; threads <= 5; threads += 3) {
            o.threads = threads;
            explaint_plan *parallel = plan_of(&w, &o);
            char *found = run_of(parallel, &other, NULL);
            assert_int_equal(other.count, reference.count);
            same_units(&other, &reference);
            assert_string_equal(found, expected);
            free(found);
            store_clear(&other);
            explaint_plan_close(parallel);
        }
        const xp_design_layer *layer = &plan->design.layer[0];
        xp_execution execution;
        assert_true(xp_execution_create(&execution, layer));
        prepare(&execution); /* one by one, the last first */
        for (size_t u = layer->n_units; u-- > 0;) {
            const xp_unit *unit = &layer->units[u];
            xp_unit_output output = {0};
            void *bytes = NULL;
            size_t size = 0, at = place_of(&reference, unit->key);
            assert_true(xp_unit_run(&execution, unit, &output, NULL) &&
                        xp_unit_pack(layer, unit, &output, &bytes, &size));
            assert_int_equal(size, reference.unit[at].size);
            assert_memory_equal(bytes, reference.unit[at].bytes, size);
            xp_unit_output_clear(&output);
            assert_true(xp_unit_unpack(layer, unit, &output, bytes, size)); /* which takes them */
            xp_unit_output_clear(&output);
        }
        xp_execution_free(&execution);
        free(expected);
        store_clear(&reference);
        explaint_plan_close(plan);
        world_close(&w);
    }
}

/* Settings out of range are refused, each in a sentence; a fit that diverges ends the run with what to do. */
static void networks_that_cannot_be(void **state) {
    (void)state;
    world w = sparse_world();
    const struct {
        explaint_ffnn_options options;
        const char *said;
    } cases[] = {{{.preset = "other"}, "expected the preset default or chronis2023, found \"other\""},
                 {{.hidden = 8193}, "expected hidden units from 1 to 8192, found 8193"},
                 {{.batch = 4097}, "expected concepts of a batch from 1 to 4096, found 4097"},
                 {{.epochs = 10001}, "expected epochs from 1 to 10000, found 10001"},
                 {{.dropout = 1}, "expected a dropout from 0 to below 1, found 1"},
                 {{.dropout = NAN}, "expected a dropout from 0 to below 1, found"},
                 {{.learning_rate = -1}, "expected a learning rate above 0 and up to 1e6, found -1"},
                 {{.learning_rate = NAN}, "expected a learning rate above 0 and up to 1e6, found"}};
    explaint_infer_options o = options_of(1);
    o.mapping = "ffnn";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        explaint_plan *plan = NULL;
        explaint_error error = {0};
        o.ffnn = cases[i].options;
        assert_int_equal(explaint_infer_plan(w.norms, w.vectors, &o, &plan, &error), EXPLAINT_USAGE);
        if (strstr(error.message, cases[i].said) == NULL) fail_msg("%s", error.message);
    }
    network(&o);
    o.ffnn.learning_rate = 1e4;
    o.permutations = 0;
    explaint_plan *plan = plan_of(&w, &o);
    explaint_result *result = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_plan_run(plan, NULL, NULL, &result, &error), EXPLAINT_FAILED);
    assert_null(result);
    if (strstr(error.message, "diverged in epoch 1 (loss") == NULL || strstr(error.message, "lower it") == NULL)
        fail_msg("%s", error.message);
    explaint_plan_close(plan);
    world_close(&w);
}

/* A block holds what each of its permutations gives alone, and the numbers of a test are read back in their order. */
static void blocks_are_their_permutations(void **state) {
    (void)state;
    world w = sparse_world();
    explaint_infer_options o = options_of(1);
    explaint_plan *plan = plan_of(&w, &o);
    free(run_of(plan, &reference, NULL));
    xp_execution *execution = &plan->execution[0];
    const xp_design_layer *layer = execution->layer;
    prepare(execution);
    size_t blocks = 0, tests = 0;
    for (size_t u = 0; u < layer->n_units; u++) blocks += layer->units[u].kind == XP_UNIT_PERMUTATIONS;
    for (int id = 0; id < XP_N_TESTS; id++) {
        if (!layer->has_test[id]) continue;
        const xp_statistic *statistic = &execution->statistic[id];
        const size_t draws = xp_permutation_test_n_draws((xp_test_id)id);
        double *value = nans(261), one[3];
        for (size_t which = 0; which < draws; which++) {
            const double divisor = which == XP_BY_READER       ? statistic->agreed.divisor
                                   : which == XP_BY_NEIGHBOURS ? statistic->peer.divisor
                                                               : 1;
            xp_execution_test_values(execution, (xp_test_id)id, which, value);
            for (uint32_t number = 0; number <= 260; number += number == 0 ? 1 : 37) {
                assert_true(xp_statistic_permute(statistic, o.seed, number, 1, one));
                assert_true(value[number] == one[which] / divisor);
            }
        }
        free(value);
        tests++;
    }
    assert_int_equal(tests, 4);
    assert_int_equal(blocks, 4 * 2);
    store_clear(&reference);
    explaint_plan_close(plan);
    world_close(&w);
}

/* ---- stopping ---- */

typedef struct stopper {
    double at; /* share of the work */
    bool running, ended;
} stopper;

static bool stop_at(void *self, const char *what, double done, double total) {
    stopper *s = self;
    assert_non_null(what);
    assert_true(done >= 0 && done <= total * 1.000001);
    assert_false(s->ended);
    if (done < s->at * total) return true;
    s->ended = true; /* never called again */
    return false;
}

static void stopped_and_resumed(void **state) {
    (void)state;
    world w = sparse_world();
    explaint_infer_options o = options_of(1);
    explaint_plan *plan = plan_of(&w, &o);
    char *expected = run_of(plan, &reference, NULL);
    explaint_plan_close(plan);
    for (unsigned threads = 1; threads <= 3; threads += 2)
        for (double share = 0; share < 1; share += .3) {
            o.threads = threads;
            plan = plan_of(&w, &o);
            stopper s = {.at = share};
            explaint_progress progress = {.self = &s, .report = stop_at};
            explaint_units units = store_units(&other);
            explaint_result *result = NULL;
            explaint_error error = {0};
            assert_int_equal(explaint_plan_run(plan, &units, &progress, &result, &error), EXPLAINT_INTERRUPTED);
            assert_null(result);
            assert_true(error.message[0] != 0);
            assert_true(other.count <= reference.count); /* the last may end before anybody is asked */
            if (share <= .3) assert_true(other.count < reference.count);
            same_units(&other, &reference); /* only whole ones */
            explaint_plan_close(plan);
            size_t stored = other.count;
            o.threads = 4 - threads;
            plan = plan_of(&w, &o); /* another process */
            char *found = run_of(plan, &other, NULL);
            assert_string_equal(found, expected);
            assert_int_equal(other.found, stored); /* none of them ran again: a second keep would have failed */
            assert_int_equal(other.count, reference.count);
            free(found);
            char *again = run_of(plan, &other, NULL); /* and a plan may run twice */
            assert_string_equal(again, expected);
            free(again);
            store_clear(&other);
            explaint_plan_close(plan);
        }
    free(expected);
    store_clear(&reference);
    world_close(&w);
}

static void a_store_that_refuses(void **state) {
    (void)state;
    world w = sparse_world();
    explaint_infer_options o = options_of(2);
    explaint_plan *plan = plan_of(&w, &o);
    other.fail_at = 9;
    explaint_units units = store_units(&other);
    explaint_result *result = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_plan_run(plan, &units, NULL, &result, &error), EXPLAINT_FAILED);
    assert_string_equal(error.message, "the disk is full");
    assert_null(result);
    assert_int_equal(other.count, 8);
    store_clear(&other);
    explaint_plan_close(plan);
    world_close(&w);
}

static explaint_status keep_nothing(void *self, const char *key, const void *bytes, size_t size,
                                    explaint_error *error) {
    (void)key, (void)bytes, (void)size, (void)error;
    ++*(size_t *)self;
    return EXPLAINT_OK;
}

static memory_store *damaged;
static explaint_status find_damaged(void *self, const char *key, void **bytes, size_t *size, explaint_error *error) {
    (void)self;
    return store_find(damaged, key, bytes, size, error);
}

/* A unit of another size than its kind has is not believed. */
static void damaged_units_are_made_again(void **state) {
    (void)state;
    world w = sparse_world();
    explaint_infer_options o = options_of(1);
    explaint_plan *plan = plan_of(&w, &o);
    char *expected = run_of(plan, &reference, NULL);
    size_t ran = 0, cut = 0;
    for (size_t i = 0; i < reference.count; i += 3) {
        reference.unit[i].size = i % 2 == 0 ? reference.unit[i].size - 1 : i % 9 == 0 ? 0 : 7;
        cut++;
    }
    damaged = &reference;
    explaint_units units = {.self = &ran, .find = find_damaged, .keep = keep_nothing};
    explaint_result *result = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_plan_run(plan, &units, NULL, &result, &error), EXPLAINT_OK);
    char *found = json_of(result);
    assert_string_equal(found, expected);
    assert_int_equal(ran, cut);
    free(found);
    free(expected);
    explaint_result_free(result);
    store_clear(&reference);
    explaint_plan_close(plan);
    world_close(&w);
}

/* ---- memory ---- */

/* The whole of it with the n-th allocation failing. OK only with the same document as ever. */
static explaint_status with_failure(const world *w, const explaint_infer_options *o, size_t n, const char *expected) {
    explaint_plan *plan = NULL;
    explaint_result *result = NULL;
    explaint_error error = {0};
    xp_fail_allocation(n);
    explaint_status status = explaint_infer_plan(w->norms, w->vectors, o, &plan, &error);
    assert_int_equal(plan != NULL, status == EXPLAINT_OK);
    if (status == EXPLAINT_OK) {
        status = explaint_plan_run(plan, NULL, NULL, &result, &error);
        assert_int_equal(result != NULL, status == EXPLAINT_OK);
    }
    xp_fail_allocation(0);
    if (status == EXPLAINT_OK) {
        char *found = json_of(result);
        if (strcmp(found, expected) != 0)
            fail_msg("allocation %zu failed, nobody said so, and the result is another", n);
        free(found);
    } else {
        if (status != EXPLAINT_FAILED) fail_msg("allocation %zu: code %d, %s", n, (int)status, error.message);
        assert_int_equal(error.code, EXPLAINT_FAILED);
        assert_non_null(strstr(error.message, "memory"));
    }
    explaint_result_free(result);
    explaint_plan_close(plan);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    static const char *const names[] = {"sparse",
                                        "dense, missing cells",
                                        "counts chosen inside",
                                        "label propagation",
                                        "penalties chosen inside",
                                        "penalties",
                                        "ffnn"};
    for (int kind = 0; kind < 7; kind++) {
        world w = kind == 1
                      ? world_open((world_settings){.n = 25,
                                                    .m = 11,
                                                    .d = 3,
                                                    .categories = 4,
                                                    .by_concept = 1,
                                                    .dense = true,
                                                    .missing = true,
                                                    .stream = 3})
                      : world_open((world_settings){
                            .n = 25, .m = 17, .d = 3, .categories = 4, .by_concept = 1, .twins = true, .stream = 4});
        explaint_infer_options o = options_of(1);
        o.folds = 2;
        o.permutations = 2;
        o.bootstrap = 100;
        o.keep_predictions = true;
        o.by_fold = true;
        o.command = (const char *const[]){"explaint", "infer", NULL};
        if (kind == 2) {
            chosen(&o);
            o.conditions = "system,upper,shuffle";
        }
        if (kind > 2) {
            if (kind == 6)
                network(&o);
            else
                other_mapping(&o, kind - 3);
            o.conditions = "system,upper";
        }
        explaint_plan *plan = plan_of(&w, &o);
        explaint_result *result = NULL;
        explaint_error error = {0};
        assert_int_equal(explaint_plan_run(plan, NULL, NULL, &result, &error), EXPLAINT_OK);
        char *expected = json_of(result);
        explaint_result_free(result);
        explaint_plan_close(plan);
        const size_t step = kind == 2 || kind == 4 ? 53 : 17;
        size_t n = 0, failed = 0, in_a_row = 0;
        while (in_a_row < 25) {      /* past the last allocation nothing fails any more */
            n += n < 350 ? 1 : step; /* planning one by one, then what takes the time of a run each */
            in_a_row = with_failure(&w, &o, n, expected) == EXPLAINT_OK ? in_a_row + 1 : 0;
            failed += in_a_row == 0;
        }
        print_message("%s: %zu failures, up to allocation %zu\n", names[kind], failed, n - 25 * step);
        assert_true(failed > 350);
        free(expected);
        world_close(&w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_is_of_the_result),    cmocka_unit_test(threads_and_order_change_nothing),
        cmocka_unit_test(networks_that_cannot_be),      cmocka_unit_test(blocks_are_their_permutations),
        cmocka_unit_test(stopped_and_resumed),          cmocka_unit_test(a_store_that_refuses),
        cmocka_unit_test(damaged_units_are_made_again), cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The permutation tests as they run, with refit: uniform p where there is nothing, the smallest where something was planted, nothing within
 * categories where only categories are shared; and xp_evaluate against a fit by hand. */
#include "audit/trials.h"
#include "support/mappings.h"
#include "support/statistics.h"
#include "support/study.h"

typedef struct planted {
    double by_category, by_concept;
    bool dense, missing, knn;
} planted;

enum { B = 19 };

/* p of one world: system, kNN beside it, spelling (NaN where it does not run). */
static void p_values(planted world_kind, uint32_t stream, bool within, double p[XP_N_CONTENDERS]) {
    world w = world_open((world_settings){.n = 40,
                                          .m = 21,
                                          .d = 4,
                                          .categories = 4,
                                          .by_category = world_kind.by_category,
                                          .by_concept = world_kind.by_concept,
                                          .least = world_kind.by_concept > 0 || world_kind.by_category > 0 ? 0 : .5,
                                          .dense = world_kind.dense,
                                          .missing = world_kind.missing,
                                          .stream = 100 + stream});
    explaint_infer_options o = explaint_infer_defaults();
    explaint_error error = {0};
    o.folds = 4;
    xp_study s;
    xp_study_notes notes = {0};
    assert_int_equal(xp_study_create(&s, &notes, w.norms, w.vectors, &o, &error), EXPLAINT_OK);
    const xp_trial_settings settings = {.n_components = 2,
                                        .k = 5,
                                        .knn = world_kind.knn,
                                        .metric = s.dense ? XP_SPEARMAN : XP_F1_AT_10,
                                        .seed = test_seed() + stream};
    int label[40];
    double value[XP_N_CONTENDERS][40], *score[XP_N_CONTENDERS] = {NULL}, mean[XP_N_CONTENDERS][B + 1];
    for (size_t i = 0; i < 40; i++) label[i] = within ? (int)(i % 4) : 0;
    for (int c = 0; c < XP_N_CONTENDERS; c++)
        if (c != XP_PEER || !world_kind.knn) score[c] = value[c];
    xp_trial trial;
    xp_trial_scratch scratch;
    assert_true(xp_trial_create(&trial, "E1", XP_RNG_PERMUTE, &s, &settings, true, label, s.fold, s.n_folds));
    assert_true(xp_trial_scratch_alloc(&scratch, &trial));
    for (uint32_t b = 0; b <= B; b++) {
        assert_true(xp_trial_run(&trial, &scratch, b, score));
        for (int c = 0; c < XP_N_CONTENDERS; c++) {
            double sum = 0, count = 0;
            for (size_t i = 0; score[c] != NULL && i < 40; i++) {
                if (isnan(score[c][i])) continue;
                sum += score[c][i];
                count++;
            }
            mean[c][b] = sum / count;
        }
    }
    for (int c = 0; c < XP_N_CONTENDERS; c++) {
        xp_test_result r;
        xp_test_summarise(mean[c][0], mean[c] + 1, B, &r);
        p[c] = score[c] != NULL ? r.p : NAN;
    }
    xp_trial_scratch_free(&scratch);
    xp_trial_free(&trial);
    xp_study_free(&s);
    xp_study_notes_free(&notes);
    world_close(&w);
}

static void uniform_where_there_is_nothing(void **state) {
    (void)state;
    enum { WORLDS = 250 };
    static const struct {
        const char *name;
        planted kind;
        bool within;
    } cases[] = {{"nothing", {.by_concept = 0}, false},
                 {"nothing, dense with missing cells", {.dense = true, .missing = true}, false},
                 {"categories, permuted within", {.by_category = 1}, true},
                 {"nothing, kNN", {.knn = true}, false}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double p[XP_N_CONTENDERS][WORLDS], one[XP_N_CONTENDERS];
        for (uint32_t w = 0; w < WORLDS; w++) {
            p_values(cases[k].kind, 1000 * (uint32_t)k + w, cases[k].within, one);
            for (int c = 0; c < XP_N_CONTENDERS; c++) p[c][w] = one[c];
        }
        for (int c = 0; c < XP_N_CONTENDERS; c++) {
            if (isnan(p[c][0])) continue;
            double above, distance = uniform_distance(p[c], WORLDS, B, &above);
            print_message("%s, contender %d: %.3f too many, %.3f too few, at most %.3f\n", cases[k].name, c, distance,
                          above, uniform_limit(WORLDS));
            assert_true(distance < uniform_limit(WORLDS));
            assert_true(above < uniform_limit(WORLDS) + .05); /* F1 of few features ties */
        }
    }
}

static void found_where_planted(void **state) {
    (void)state;
    enum { WORLDS = 40 };
    static const struct {
        planted kind;
        bool within;
    } cases[] = {{{.by_concept = 1}, false},
                 {{.by_concept = 1, .by_category = 1}, true},
                 {{.by_concept = 1, .dense = true}, false},
                 {{.by_category = 1}, false}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        size_t found[XP_N_CONTENDERS] = {0};
        for (uint32_t w = 0; w < WORLDS; w++) {
            double p[XP_N_CONTENDERS];
            p_values(cases[k].kind, 7000 + 100 * (uint32_t)k + w, cases[k].within, p);
            for (int c = 0; c < XP_N_CONTENDERS; c++) found[c] += p[c] <= .05;
        }
        print_message("case %zu: found %zu, by neighbours %zu, by spelling %zu of %d\n", k, found[XP_SYSTEM],
                      found[XP_PEER], found[XP_WORD_FORM], WORLDS);
        assert_true(found[XP_SYSTEM] >= 35 && found[XP_PEER] >= 30);
        assert_true(found[XP_WORD_FORM] < 10); /* words are given at random */
    }
}

/* The observed scores of a trial are those of the condition, fold by fold, and of a fit by hand. */
static void observed_is_the_condition(void **state) {
    (void)state;
    world w = world_open((world_settings){.n = 53, .m = 37, .d = 6, .categories = 4, .by_concept = 1, .stream = 5});
    explaint_infer_options o = explaint_infer_defaults();
    explaint_error error = {0};
    o.folds = 5;
    xp_study s;
    xp_study_notes notes = {0};
    assert_int_equal(xp_study_create(&s, &notes, w.norms, w.vectors, &o, &error), EXPLAINT_OK);
    static const size_t counts[] = {1, 3};
    const xp_problem problem = {.mapping = XP_PLSR,
                                .n = s.n,
                                .d = s.d,
                                .x = s.x,
                                .target = xp_gold_target(&s.gold, NULL),
                                .fold = s.fold,
                                .n_folds = 5,
                                .choice = XP_F1_AT_10,
                                .seed = 1};
    xp_scores scores;
    double *predictions = nans(2 * s.n * s.m), value[53], *score[XP_N_CONTENDERS] = {value, NULL, NULL}, peer[53];
    score[XP_PEER] = peer;
    assert_true(xp_scores_alloc(&scores, s.n, 2, 5));
    assert_true(xp_evaluate(&problem, counts, 2, (1u << XP_N_METRICS) - 1, &scores, predictions));
    int label[53] = {0};
    const xp_trial_settings settings = {.n_components = 3, .k = 5, .metric = XP_F1_AT_10, .seed = 1};
    xp_trial trial;
    xp_trial_scratch scratch;
    assert_true(xp_trial_create(&trial, "E1", XP_RNG_PERMUTE, &s, &settings, false, label, s.fold, s.n_folds));
    assert_true(xp_trial_scratch_alloc(&scratch, &trial));
    assert_true(xp_trial_run(&trial, &scratch, 0, score));
    for (size_t i = 0; i < s.n; i++) {
        xp_score at = xp_score_at(&scores, 1, i)[XP_F1_AT_10];
        assert_int_equal(at.den > 0, !isnan(value[i]));
        if (at.den > 0) assert_true(value[i] == at.num / at.den);
    }
    const xp_target target = problem.target;
    uint32_t train[53], test[53];
    for (size_t f = 0; f < 5; f++) {
        xp_fold lists = xp_fold_lists(&problem, f, train, test);
        for (size_t t = 0; t < lists.n_test; t++) assert_int_equal(s.fold[test[t]], f);
        assert_int_equal(lists.n_train + lists.n_test, s.n);
        fitted by_hand = fit(RANK_SPACE, s.x, s.d, NULL, &target, &lists, 3, XP_PLSR_EXACT);
        for (size_t c = 0; c < 2; c++) {
            double *p = predict(&by_hand, &target, &lists, counts[c]);
            for (size_t t = 0; t < lists.n_test; t++)
                for (size_t j = 0; j < s.m; j++)
                    assert_true(fabs(predictions[(c * s.n + test[t]) * s.m + j] - p[j * lists.n_test + t]) < 1e-12);
            free(p);
        }
        fitted_free(&by_hand);
    }
    xp_trial_scratch_free(&scratch);
    xp_trial_free(&trial);
    xp_scores_free(&scores);
    free(predictions);
    xp_study_free(&s);
    xp_study_notes_free(&notes);
    world_close(&w);
}

/* The norms on themselves give the same scores on either side of the border between the two solvers. */
static void upper_is_the_same_on_both_sides(void **state) {
    (void)state;
    world w = world_open((world_settings){.n = 101, .m = 61, .d = 3, .categories = 4, .by_concept = 1, .stream = 6});
    explaint_infer_options o = explaint_infer_defaults();
    explaint_error error = {0};
    xp_study s;
    xp_study_notes notes = {0};
    assert_int_equal(xp_study_create(&s, &notes, w.norms, w.vectors, &o, &error), EXPLAINT_OK);
    const xp_problem problem = {.mapping = XP_PCA,
                                .n = s.n,
                                .target = xp_gold_target(&s.gold, NULL),
                                .fold = s.fold,
                                .n_folds = 10,
                                .choice = XP_F1_AT_10};
    static const size_t few[] = {3}, many[] = {3, 20}; /* 90 training rows: 4 components are the border */
    double *a = nans(s.n * s.m), *b = nans(2 * s.n * s.m);
    xp_scores one, two;
    assert_true(xp_scores_alloc(&one, s.n, 1, 10) && xp_scores_alloc(&two, s.n, 2, 10));
    assert_true(xp_evaluate(&problem, few, 1, 1u << XP_F1_AT_10, &one, a));
    assert_true(xp_evaluate(&problem, many, 2, 1u << XP_F1_AT_10, &two, b));
    assert_memory_not_equal(a, b, s.n * s.m * sizeof *a); /* else the border has moved, and this test with it */
    assert_close(s.n * s.m, a, b, 1e-7);
    for (size_t i = 0; i < s.n; i++)
        assert_true(xp_score_at(&one, 0, i)[XP_F1_AT_10].num == xp_score_at(&two, 0, i)[XP_F1_AT_10].num);
    xp_scores_free(&one);
    xp_scores_free(&two);
    free(a);
    free(b);
    xp_study_free(&s);
    xp_study_notes_free(&notes);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_where_there_is_nothing),
        cmocka_unit_test(found_where_planted),
        cmocka_unit_test(observed_is_the_condition),
        cmocka_unit_test(upper_is_the_same_on_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The permutation tests as they run, with refit: uniform p where there is nothing, the smallest where something was planted, nothing within
 * categories where only categories are shared; and xp_evaluate against a fit by hand. */
#include "audit/choice.h"
#include "audit/trials.h"
#include "support/mappings.h"
#include "support/statistics.h"
#include "support/study.h"

typedef struct planted {
    double by_category, by_concept;
    bool dense, missing;
    enum { PLSR, KNN, RIDGE, LABELPROP } mapping;
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
    static const double five = 5, two = 2, penalties[] = {1, 30};
    const xp_mapping mappings[] = {[PLSR] = {.mapper = &xp_plsr_mapper, .levels = {&two, 1}},
                                   [KNN] = {.mapper = &xp_knn_mapper, .levels = {&five, 1}},
                                   [RIDGE] = {.mapper = &xp_ridge_mapper, .levels = {penalties, 2}, .choose = true},
                                   [LABELPROP] = {.mapper = &xp_labelprop_mapper, .levels = {&five, 1}}};
    const xp_trial_settings settings = {.system = mappings[world_kind.mapping],
                                        .k = 5,
                                        .metric = s.dense ? XP_SPEARMAN : XP_F1_AT_10,
                                        .seed = test_seed() + stream};
    int label[40];
    double value[XP_N_CONTENDERS][40], *score[XP_N_CONTENDERS] = {NULL}, mean[XP_N_CONTENDERS][B + 1];
    for (size_t i = 0; i < 40; i++) label[i] = within ? (int)(i % 4) : 0;
    for (int c = 0; c < XP_N_CONTENDERS; c++)
        if (c != XP_PEER || world_kind.mapping != KNN) score[c] = value[c];
    xp_trial trial;
    xp_trial_scratch scratch;
    assert_true(xp_trial_create(&trial, "E1", XP_RNG_PERMUTE, &s, &settings, true, label, s.fold, s.n_folds));
    assert_true(xp_trial_prepare(&trial));
    assert_true(xp_trial_scratch_alloc(&scratch, &trial));
    for (uint32_t b = 0; b <= B; b++) {
        assert_true(xp_trial_run(&trial, &scratch, b, score, NULL));
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
                 {"nothing, kNN", {.mapping = KNN}, false},
                 {"nothing, ridge chosen inside", {.mapping = RIDGE}, false},
                 {"categories, label propagation within", {.by_category = 1, .mapping = LABELPROP}, true}};
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
                 {{.by_concept = 1, .mapping = RIDGE}, false},
                 {{.by_concept = 1, .mapping = LABELPROP}, false},
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
    static const double counts[] = {1, 3};
    const xp_problem problem = {.mapping = {.mapper = &xp_plsr_mapper, .levels = {counts, 2}},
                                .n = s.n,
                                .d = s.d,
                                .x = s.x,
                                .target = xp_gold_target(&s.gold, NULL),
                                .fold = s.fold,
                                .n_folds = 5,
                                .choice = {.metric = XP_F1_AT_10, .seed = 1}};
    xp_scores scores;
    double *predictions = nans(2 * s.n * s.m), value[53], *score[XP_N_CONTENDERS] = {value, NULL, NULL}, peer[53];
    score[XP_PEER] = peer;
    assert_true(xp_scores_alloc(&scores, s.n, 2, 5));
    assert_true(xp_evaluate(&problem, (1u << XP_N_METRICS) - 1, &scores, predictions, NULL));
    int label[53] = {0};
    const xp_trial_settings settings = {
        .system = {.mapper = &xp_plsr_mapper, .levels = {counts + 1, 1}}, .k = 5, .metric = XP_F1_AT_10, .seed = 1};
    xp_trial trial;
    xp_trial_scratch scratch;
    assert_true(xp_trial_create(&trial, "E1", XP_RNG_PERMUTE, &s, &settings, false, label, s.fold, s.n_folds));
    assert_true(xp_trial_prepare(&trial));
    assert_true(xp_trial_scratch_alloc(&scratch, &trial));
    assert_true(xp_trial_run(&trial, &scratch, 0, score, NULL));
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
            double *p = predict(&by_hand, &target, &lists, (size_t)counts[c]);
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

/* The same for every other mapping, what is chosen included. */
static void observed_is_the_condition_of_any_mapping(void **state) {
    (void)state;
    static const double four = 4, penalties[] = {.5, 20, 800};
    const xp_mapping mappings[] = {{.mapper = &xp_knn_mapper, .levels = {&four, 1}},
                                   {.mapper = &xp_ridge_mapper, .levels = {penalties, 1}},
                                   {.mapper = &xp_ridge_mapper, .levels = {penalties, 3}, .choose = true},
                                   {.mapper = &xp_labelprop_mapper, .levels = {&four, 1}}};
    for (size_t k = 0; k < 2 * sizeof mappings / sizeof *mappings; k++) {
        const bool dense = k % 2;
        world w = world_open((world_settings){
            .n = 53, .m = 27, .d = 6, .categories = 4, .by_concept = 1, .dense = dense, .missing = dense, .stream = 5});
        explaint_infer_options o = explaint_infer_defaults();
        explaint_error error = {0};
        o.folds = 5;
        xp_study s;
        xp_study_notes notes = {0};
        assert_int_equal(xp_study_create(&s, &notes, w.norms, w.vectors, &o, &error), EXPLAINT_OK);
        const xp_metric metric = dense ? XP_SPEARMAN : XP_F1_AT_10;
        const xp_problem problem = {.mapping = mappings[k / 2],
                                    .n = s.n,
                                    .d = s.d,
                                    .x = s.x,
                                    .target = xp_gold_target(&s.gold, NULL),
                                    .fold = s.fold,
                                    .n_folds = 5,
                                    .choice = {.metric = metric, .seed = 1}};
        const xp_trial_settings settings = {.system = mappings[k / 2], .k = 4, .metric = metric, .seed = 1};
        double value[53], peer[53], *score[XP_N_CONTENDERS] = {value, k > 1 ? peer : NULL, NULL};
        int label[53] = {0};
        xp_scores scores;
        assert_true(xp_scores_alloc(&scores, s.n, 1, 5));
        assert_true(xp_evaluate(&problem, 1u << metric, &scores, NULL, NULL));
        xp_trial trial;
        xp_trial_scratch scratch;
        assert_true(xp_trial_create(&trial, "E1", XP_RNG_PERMUTE, &s, &settings, false, label, s.fold, s.n_folds));
        assert_true(xp_trial_prepare(&trial) && xp_trial_scratch_alloc(&scratch, &trial));
        for (uint32_t b = 0; b < 2; b++) assert_true(xp_trial_run(&trial, &scratch, 1 - b, score, NULL));
        double least = HUGE_VAL, most = -HUGE_VAL;
        for (size_t i = 0; i < s.n; i++) {
            xp_score at = xp_score_at(&scores, 0, i)[metric];
            assert_int_equal(at.den > 0, !isnan(value[i]));
            if (at.den > 0) assert_true(value[i] == at.num / at.den);
            if (at.den > 0) least = fmin(least, value[i]);
            if (at.den > 0) most = fmax(most, value[i]);
        }
        assert_true(least < most);
        xp_trial_scratch_free(&scratch);
        xp_trial_free(&trial);
        xp_scores_free(&scores);
        xp_study_free(&s);
        xp_study_notes_free(&notes);
        world_close(&w);
    }
}

/* Counts chosen inside: a trial chooses what the condition chooses and scores alike, no choice sees the fold it is for, and each is the best of the
 * candidates on the inner split, counted by hand. */
static void choices_of_a_fold(void **state) {
    (void)state;
    world w = world_open((world_settings){.n = 53, .m = 37, .d = 6, .categories = 4, .by_concept = .4, .stream = 5});
    explaint_infer_options o = explaint_infer_defaults();
    explaint_error error = {0};
    o.folds = 5;
    xp_study s;
    xp_study_notes notes = {0};
    assert_int_equal(xp_study_create(&s, &notes, w.norms, w.vectors, &o, &error), EXPLAINT_OK);
    static const double candidates[] = {1, 2, 3, 5};
    const xp_mapping mapping = {.mapper = &xp_plsr_mapper, .levels = {candidates, 4}, .choose = true};
    const xp_problem problem = {.mapping = mapping,
                                .n = s.n,
                                .d = s.d,
                                .x = s.x,
                                .target = xp_gold_target(&s.gold, NULL),
                                .fold = s.fold,
                                .n_folds = 5,
                                .choice = {.metric = XP_F1_AT_10, .seed = 1}};
    xp_scores scores;
    double value[53], peer[53], *score[XP_N_CONTENDERS] = {value, peer, NULL};
    assert_true(xp_scores_alloc(&scores, s.n, 1, 5));
    assert_true(xp_evaluate(&problem, 1u << XP_F1_AT_10, &scores, NULL, NULL));
    int label[53] = {0};
    const xp_trial_settings settings = {.system = mapping, .k = 5, .metric = XP_F1_AT_10, .seed = 1};
    xp_trial trial;
    xp_trial_scratch scratch;
    assert_true(xp_trial_create(&trial, "E1", XP_RNG_PERMUTE, &s, &settings, false, label, s.fold, s.n_folds));
    assert_true(xp_trial_prepare(&trial));
    assert_true(xp_trial_scratch_alloc(&scratch, &trial));
    assert_true(xp_trial_run(&trial, &scratch, 0, score, NULL));
    for (size_t i = 0; i < s.n; i++) {
        xp_score at = xp_score_at(&scores, 0, i)[XP_F1_AT_10];
        assert_int_equal(at.den > 0, !isnan(value[i]));
        if (at.den > 0) assert_true(value[i] == at.num / at.den);
    }
    size_t different = 0;
    for (size_t f = 0; f < 5; f++) {
        uint32_t train[53], test[53], row[53], inner[53], inner_train[53], inner_test[53];
        xp_fold lists = xp_fold_lists(&problem, f, train, test);
        for (uint32_t i = 0; i < s.n; i++) row[i] = i;
        for (size_t t = 0; t < lists.n_test; t++) row[test[t]] = test[(t + 1) % lists.n_test];
        xp_target blind = problem.target; /* other gold for the held-out concepts */
        blind.row = row;
        const xp_data data = {.mapping = &mapping, .n = s.n, .d = s.d, .m = s.m, .x = s.x};
        xp_inner inside;
        double count = 0;
        assert_true(xp_inner_create(&inside, &problem.choice, &data, &lists, (uint32_t)f));
        assert_true(xp_choose_level(&inside, &blind, false, &count, NULL));
        xp_inner_free(&inside);
        assert_true(count == scores.chosen[f]);
        different += f > 0 && scores.chosen[f] != scores.chosen[0];

        double sum[4] = {0};
        memset(inner, 0xff, sizeof inner);
        assert_true(xp_inner_split(&problem.choice, s.n, &lists, (uint32_t)f, inner));
        for (size_t t = 0; t < lists.n_test; t++) assert_true(inner[test[t]] == UINT32_MAX);
        for (uint32_t g = 0; g < XP_INNER_FOLDS; g++) {
            xp_fold held = xp_inner_lists(&lists, inner, g, inner_train, inner_test);
            assert_int_equal(held.n_train + held.n_test, lists.n_train);
            assert_true(held.n_test + 1 >= lists.n_train / XP_INNER_FOLDS);
            fitted by_hand = fit(RANK_SPACE, s.x, s.d, NULL, &problem.target, &held, 5, XP_PLSR_EXACT);
            for (size_t c = 0; c < 4; c++) {
                double *p = predict(&by_hand, &problem.target, &held, (size_t)candidates[c]), *one = nans(s.m);
                for (size_t t = 0; t < held.n_test; t++) {
                    int top[XP_TOP];
                    for (size_t j = 0; j < s.m; j++) one[j] = p[j * held.n_test + t];
                    xp_top_features(s.m, one, XP_TOP, top);
                    xp_score f1 = xp_f1(&s.gold.y, inner_test[t], top, XP_TOP);
                    if (f1.den > 0) sum[c] += f1.num / f1.den;
                }
                free(p);
                free(one);
            }
            fitted_free(&by_hand);
        }
        size_t best = 0;
        for (size_t c = 1; c < 4; c++)
            if (sum[c] > sum[best] + 1e-9) best = c;
        assert_true(scores.chosen[f] == candidates[best]);
    }
    assert_true(different > 0); /* else this shows little */
    xp_trial_scratch_free(&scratch);
    xp_trial_free(&trial);
    xp_scores_free(&scores);
    xp_study_free(&s);
    xp_study_notes_free(&notes);
    world_close(&w);
}

/* An inner split keeps equal vectors together where it is told which those are. */
static void inner_splits_keep_twins(void **state) {
    (void)state;
    enum { N = 40 };
    uint32_t twin[N], train[N], inner[N], apart[N], size[XP_INNER_FOLDS] = {0};
    for (uint32_t i = 0; i < N; i++) {
        twin[i] = i % 3 == 2 ? i - 2 : i;
        train[i] = i + 1; /* 0, the first of its twins, is not there */
    }
    const xp_fold outer = {.train = train, .n_train = N - 1};
    const xp_choice together = {.seed = 4, .twin = twin}, alone = {.seed = 4};
    assert_true(xp_inner_split(&together, N, &outer, 2, inner) && xp_inner_split(&alone, N, &outer, 2, apart));
    size_t separated = 0;
    for (uint32_t i = 3; i < N; i++) {
        assert_int_equal(inner[i], inner[twin[i] > 0 ? twin[i] : i]);
        separated += twin[i] > 0 && apart[i] != apart[twin[i]];
    }
    assert_true(separated > 0);
    for (uint32_t i = 1; i < N; i++) size[apart[i]]++;
    for (size_t g = 0; g < XP_INNER_FOLDS; g++) assert_true(size[g] == 7 || size[g] == 8);
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
    static const double levels[] = {3, 20}; /* 90 training rows: 4 components are the border */
    const xp_problem problem = {.mapping = {.mapper = &xp_plsr_mapper, .levels = {levels, 2}},
                                .itself = true,
                                .n = s.n,
                                .target = xp_gold_target(&s.gold, NULL),
                                .fold = s.fold,
                                .n_folds = 10,
                                .choice = {.metric = XP_F1_AT_10}};
    xp_problem few = problem;
    few.mapping.levels.count = 1;
    double *a = nans(s.n * s.m), *b = nans(2 * s.n * s.m);
    xp_scores one, two;
    assert_true(xp_scores_alloc(&one, s.n, 1, 10) && xp_scores_alloc(&two, s.n, 2, 10));
    assert_true(xp_evaluate(&few, 1u << XP_F1_AT_10, &one, a, NULL));
    assert_true(xp_evaluate(&problem, 1u << XP_F1_AT_10, &two, b, NULL));
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
        cmocka_unit_test(observed_is_the_condition_of_any_mapping),
        cmocka_unit_test(choices_of_a_fold),
        cmocka_unit_test(inner_splits_keep_twins),
        cmocka_unit_test(upper_is_the_same_on_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

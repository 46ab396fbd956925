/* The tests as they run: uniform p where there is nothing, small ones where something was planted, nothing within categories where only categories are
 * shared. Refits and the reader's predictions beside the condition and fits by hand; xp_evaluate against a fit by hand. */
#include "audit/evaluate.h"
#include "audit/inner_cv.h"
#include "audit/permutation_tests.h"
#include "audit/reading.h"
#include "audit/refits.h"
#include "probe/relation.h"
#include "support/mappings.h"
#include "support/statistics.h"
#include "support/study.h"

static xp_study study_of(const world *w, size_t folds) {
    explaint_infer_options o = explaint_infer_defaults();
    explaint_error error = {0};
    xp_study s;
    xp_study_notes notes = {0};
    o.folds = folds;
    if (xp_study_create(&s, &notes, w->norms, w->vectors, &o, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    xp_study_notes_free(&notes);
    return s;
}

typedef struct planted {
    double by_category, by_concept;
    bool dense, missing;
} planted;

enum { B = 99, CONCEPTS = 60 };

/* p of one world: of the reader (or its flips), of neighbours, of the spelling (E1). */
static void p_values(planted kind, uint32_t stream, xp_test_id id, double p[3]) {
    world w = world_open((world_settings){.n = CONCEPTS,
                                          .m = 31,
                                          .d = 4,
                                          .categories = 10,
                                          .by_category = kind.by_category,
                                          .by_concept = kind.by_concept,
                                          .least = kind.by_concept > 0 || kind.by_category > 0 ? 0 : .5,
                                          .dense = kind.dense,
                                          .missing = kind.missing,
                                          .stream = 100 + stream});
    xp_study s = study_of(&w, 4), d;
    assert_true(xp_study_distinct(&s, &d));
    int label[CONCEPTS], unit[CONCEPTS];
    uint32_t fold[CONCEPTS];
    for (uint32_t i = 0; i < d.n; i++) {
        unit[i] = (int)(d.concept_of[i] % 10);
        label[i] = id == XP_E1 ? 0 : unit[i];
        fold[i] = (uint32_t)unit[i];
    }
    double left_out[CONCEPTS], drawn[3 * B];
    xp_units_observed seen = {.left_out = left_out};
    const xp_target target = xp_study_target(&d.gold, NULL);
    xp_relation relation;
    xp_reader reader;
    xp_permutation_test test;
    xp_statistic statistic;
    const bool transfer = xp_permutation_test_holds_out(id);
    assert_true(xp_relation_create(&relation, &target, d.dense, NULL, 0) && xp_reader_create(&reader, d.x, d.n, d.d));
    assert_true(
        xp_permutation_test_create(&test, id, &d, label, fold, 10, transfer ? unit : NULL, transfer ? unit : NULL));
    assert_true(xp_statistic_create(&statistic, &test, &relation, &reader));
    assert_true(xp_statistic_observe(&statistic, test_seed() + stream, s.n, s.concept_of, &seen));
    assert_true(xp_statistic_permute(&statistic, test_seed() + stream, 1, B, drawn));
    for (size_t k = 0; k < 3; k++) {
        xp_test_result r;
        p[k] = NAN;
        if (k >= xp_permutation_test_n_draws(id)) continue;
        xp_permute_summarise(seen.t[k], drawn + k * B, B, &r);
        p[k] = r.p;
    }
    xp_statistic_free(&statistic);
    xp_permutation_test_free(&test);
    xp_reader_free(&reader);
    xp_relation_free(&relation);
    xp_study_free(&d);
    xp_study_free(&s);
    world_close(&w);
}

static void uniform_where_there_is_nothing(void **state) {
    (void)state;
    enum { WORLDS = 250 };
    static const struct {
        const char *name;
        planted kind;
        xp_test_id id;
    } cases[] = {{"nothing", {.by_concept = 0}, XP_E1},
                 {"nothing, dense with missing cells", {.dense = true, .missing = true}, XP_E1},
                 {"categories, permuted within", {.by_category = 1}, XP_E2},
                 {"categories, held out, their signs flipped", {.by_category = 1}, XP_E4},
                 {"categories, dense, held out", {.by_category = 1, .dense = true}, XP_E4}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double p[3][WORLDS], one[3];
        for (uint32_t w = 0; w < WORLDS; w++) {
            p_values(cases[k].kind, 1000 * (uint32_t)k + w, cases[k].id, one);
            for (int c = 0; c < 3; c++) p[c][w] = one[c];
        }
        for (int c = 0; c < 3; c++) {
            if (isnan(p[c][0])) continue;
            double above, distance = uniform_distance(p[c], WORLDS, B, &above);
            print_message("%s, %d: %.3f too many, %.3f too few, at most %.3f\n", cases[k].name, c, distance, above,
                          uniform_limit(WORLDS));
            assert_true(distance < uniform_limit(WORLDS));
            assert_true(above < uniform_limit(WORLDS) + .05);
        }
    }
}

static void found_where_planted(void **state) {
    (void)state;
    enum { WORLDS = 40 };
    static const struct {
        planted kind;
        xp_test_id id;
    } cases[] = {{{.by_concept = 1}, XP_E1},
                 {{.by_concept = 1, .by_category = 1}, XP_E2},
                 {{.by_concept = 1, .by_category = 1}, XP_E4},
                 {{.by_concept = 1, .dense = true}, XP_E1},
                 {{.by_category = 1}, XP_E1}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        size_t found[3] = {0};
        for (uint32_t w = 0; w < WORLDS; w++) {
            double p[3];
            p_values(cases[k].kind, 7000 + 100 * (uint32_t)k + w, cases[k].id, p);
            for (int c = 0; c < 3; c++) found[c] += p[c] <= .05;
        }
        print_message("case %zu: found %zu, by neighbours %zu, third %zu of %d\n", k, found[0], found[1], found[2],
                      WORLDS);
        assert_true(found[XP_BY_READER] >= 38);
        if (cases[k].id == XP_E1) assert_true(found[XP_BY_SPELLING] < 10); /* words are given at random */
        if (cases[k].id == XP_E4) assert_true(found[XP_BY_FLIPS] >= 36);
    }
}

/* Mean of a condition's scores. */
static double mean_of(const xp_scores *scores, size_t level, xp_metric metric) {
    double sum = 0, count = 0;
    for (size_t i = 0; i < scores->n; i++) {
        const xp_score at = xp_score_at(scores, level, i)[metric];
        if (!(at.den > 0)) continue;
        sum += at.num / at.den;
        count++;
    }
    return sum / count;
}

/* Refits of a test that moves everybody, as observed and of a first permutation, in both orders. */
static double refitted(const xp_study *s, const xp_mapping *mapping, xp_metric metric) {
    int *label = calloc(s->n, sizeof *label);
    assert_non_null(label);
    xp_permutation_test test;
    xp_refits refits;
    double both[2], alone[2];
    assert_true(xp_permutation_test_create(&test, XP_E1, s, label, s->fold, s->n_folds, NULL, NULL));
    assert_true(xp_refits_prepare(&refits, &test, mapping, metric, 1));
    assert_true(xp_refits_run(&refits, 0, 2, both, NULL));
    for (uint32_t b = 0; b < 2; b++) assert_true(xp_refits_run(&refits, 1 - b, 1, &alone[1 - b], NULL));
    assert_memory_equal(both, alone, sizeof both);
    assert_true(both[1] < both[0]); /* the world's vectors know something */
    xp_refits_release(&refits);
    xp_permutation_test_free(&test);
    free(label);
    return both[0];
}

/* Refits as observed score what the condition does, fold by fold what a fit by hand does. */
static void observed_is_the_condition(void **state) {
    (void)state;
    world w = world_open((world_settings){.n = 53, .m = 37, .d = 6, .categories = 4, .by_concept = 1, .stream = 5});
    xp_study s = study_of(&w, 5);
    static const double counts[] = {1, 3};
    const xp_problem problem = {.mapping = {.mapper = &xp_plsr_mapper, .levels = {counts, 2}},
                                .n = s.n,
                                .d = s.d,
                                .x = s.x,
                                .target = xp_study_target(&s.gold, NULL),
                                .fold = s.fold,
                                .n_folds = 5,
                                .inner_cv = {.metric = XP_F1_AT_10, .seed = 1}};
    xp_scores scores;
    double *predictions = nans(2 * s.n * s.m);
    assert_true(xp_scores_alloc(&scores, s.n, 2, 5));
    assert_true(xp_evaluate(&problem, (1u << XP_N_METRICS) - 1, &scores, predictions, NULL));
    const xp_mapping three = {.mapper = &xp_plsr_mapper, .levels = {counts + 1, 1}};
    assert_true(fabs(refitted(&s, &three, XP_F1_AT_10) - mean_of(&scores, 1, XP_F1_AT_10)) < 1e-15);
    const xp_target target = problem.target;
    uint32_t train[53], test[53];
    for (size_t f = 0; f < 5; f++) {
        xp_fold lists = xp_problem_fold(&problem, f, train, test);
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
    xp_scores_free(&scores);
    free(predictions);
    xp_study_free(&s);
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
        xp_study s = study_of(&w, 5);
        const xp_metric metric = dense ? XP_SPEARMAN : XP_F1_AT_10;
        const xp_problem problem = {.mapping = mappings[k / 2],
                                    .n = s.n,
                                    .d = s.d,
                                    .x = s.x,
                                    .target = xp_study_target(&s.gold, NULL),
                                    .fold = s.fold,
                                    .n_folds = 5,
                                    .inner_cv = {.metric = metric, .seed = 1}};
        xp_scores scores;
        assert_true(xp_scores_alloc(&scores, s.n, 1, 5));
        assert_true(xp_evaluate(&problem, 1u << metric, &scores, NULL, NULL));
        assert_true(fabs(refitted(&s, &mappings[k / 2], metric) - mean_of(&scores, 0, metric)) < 1e-15);
        xp_scores_free(&scores);
        xp_study_free(&s);
        world_close(&w);
    }
}

/* Counts chosen inside: a refit chooses what the condition chooses and scores alike, no choice sees the fold it is for, and each is the best of the
 * candidates on the inner split, counted by hand. */
static void choices_of_a_fold(void **state) {
    (void)state;
    world w = world_open((world_settings){.n = 53, .m = 37, .d = 6, .categories = 4, .by_concept = .4, .stream = 5});
    xp_study s = study_of(&w, 5);
    static const double candidates[] = {1, 2, 3, 5};
    const xp_mapping mapping = {.mapper = &xp_plsr_mapper, .levels = {candidates, 4}, .choose = true};
    const xp_problem problem = {.mapping = mapping,
                                .n = s.n,
                                .d = s.d,
                                .x = s.x,
                                .target = xp_study_target(&s.gold, NULL),
                                .fold = s.fold,
                                .n_folds = 5,
                                .inner_cv = {.metric = XP_F1_AT_10, .seed = 1}};
    xp_scores scores;
    assert_true(xp_scores_alloc(&scores, s.n, 1, 5));
    assert_true(xp_evaluate(&problem, 1u << XP_F1_AT_10, &scores, NULL, NULL));
    assert_true(fabs(refitted(&s, &mapping, XP_F1_AT_10) - mean_of(&scores, 0, XP_F1_AT_10)) < 1e-15);
    size_t different = 0;
    for (size_t f = 0; f < 5; f++) {
        uint32_t train[53], test[53], row[53], inner[53], inner_train[53], inner_test[53];
        xp_fold lists = xp_problem_fold(&problem, f, train, test);
        for (uint32_t i = 0; i < s.n; i++) row[i] = i;
        for (size_t t = 0; t < lists.n_test; t++) row[test[t]] = test[(t + 1) % lists.n_test];
        xp_target blind = problem.target; /* other gold for the held-out concepts */
        blind.row = row;
        const xp_data data = {.mapping = &mapping, .n = s.n, .d = s.d, .m = s.m, .x = s.x};
        xp_inner inside;
        double count = 0;
        assert_true(xp_inner_create(&inside, &problem.inner_cv, &data, &lists, (uint32_t)f));
        assert_true(xp_inner_cv_level(&inside, &blind, &count, NULL));
        xp_inner_free(&inside);
        assert_true(count == scores.chosen[f]);
        different += f > 0 && scores.chosen[f] != scores.chosen[0];

        double sum[4] = {0};
        memset(inner, 0xff, sizeof inner);
        assert_true(xp_inner_split(&problem.inner_cv, s.n, &lists, (uint32_t)f, inner));
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
                    xp_metric_top_features(s.m, one, XP_TOP, top);
                    xp_score f1 = xp_metric_f1(&s.gold.y, inner_test[t], top, XP_TOP);
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
    xp_scores_free(&scores);
    xp_study_free(&s);
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
    const xp_inner_cv together = {.seed = 4, .twin = twin}, alone = {.seed = 4};
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
    xp_study s = study_of(&w, 10);
    static const double levels[] = {3, 20}; /* 90 training rows: 4 components are the border */
    const xp_problem problem = {.mapping = {.mapper = &xp_plsr_mapper, .levels = {levels, 2}},
                                .itself = true,
                                .n = s.n,
                                .target = xp_study_target(&s.gold, NULL),
                                .fold = s.fold,
                                .n_folds = 10,
                                .inner_cv = {.metric = XP_F1_AT_10}};
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
    world_close(&w);
}

/* The reader's predictions, cell by cell: A (Y - means) + means, and their scores. */
static void what_the_reader_predicts(void **state) {
    (void)state;
    for (int kind = 0; kind < 3; kind++) { /* sparse; dense; dense with missing cells */
        world w = world_open((world_settings){.n = 41,
                                              .m = 23,
                                              .d = 5,
                                              .categories = 4,
                                              .by_concept = 1,
                                              .dense = kind > 0,
                                              .missing = kind > 1,
                                              .stream = 8});
        xp_study s = study_of(&w, 4);
        const xp_metric metric = s.dense ? XP_SPEARMAN : XP_F1_AT_10;
        const xp_target target = xp_study_target(&s.gold, NULL);
        double *y = nans(s.n * s.m), *a = nans(s.n * s.n), *row = nans(s.m), *mean = nans(s.m), *score = nans(s.n);
        for (size_t i = 0; i < s.n; i++) {
            xp_csr_row(&s.gold.y, i, y + i * s.m);
            for (size_t j = 0; !s.dense && j < s.m; j++) y[i * s.m + j] = y[i * s.m + j] > 0;
            if (target.missing_start != NULL)
                for (size_t e = target.missing_start[i]; e < target.missing_start[i + 1]; e++)
                    y[i * s.m + target.missing_column[e]] = NAN;
        }
        xp_reader reader;
        xp_ranking ranking;
        assert_true(xp_reader_create(&reader, s.x, s.n, s.d) && xp_ranking_alloc(&ranking, s.m));
        for (int folds = 0; folds < 2; folds++) {
            if (folds == 0) {
                assert_true(xp_reader_smooth(&reader, a));
                xp_reader_leave_one_out(s.n, a);
            } else {
                assert_true(xp_reader_held_out(&reader, s.fold, s.n_folds, a));
            }
            assert_true(xp_reading_predict(&s, s.x, s.d, folds ? s.fold : NULL, s.n_folds, metric, score));
            for (size_t i = 0; i < s.n; i++) {
                for (size_t j = 0; j < s.m; j++) {
                    double count = 0;
                    mean[j] = 0;
                    for (size_t k = 0; k < s.n; k++) {
                        if (isnan(y[k * s.m + j]) || (folds && s.fold[k] == s.fold[i])) continue;
                        mean[j] += y[k * s.m + j];
                        count++;
                    }
                    mean[j] = count > 0 ? mean[j] / count : 0;
                    row[j] = mean[j];
                    for (size_t k = 0; k < s.n; k++)
                        if (!isnan(y[k * s.m + j])) row[j] += a[i * s.n + k] * (y[k * s.m + j] - mean[j]);
                }
                xp_score scores[XP_N_METRICS];
                int top[XP_TOP];
                xp_metric_row(&ranking, &target, i, row, mean, 1u << metric, scores, top);
                assert_int_equal(scores[metric].den > 0, !isnan(score[i]));
                if (scores[metric].den > 0)
                    assert_true(fabs(score[i] - scores[metric].num / scores[metric].den) < (s.dense ? .02 : .11));
            }
        }
        xp_ranking_free(&ranking);
        xp_reader_free(&reader);
        double *owned[] = {y, a, row, mean, score};
        for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
        xp_study_free(&s);
        world_close(&w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_where_there_is_nothing),
        cmocka_unit_test(found_where_planted),
        cmocka_unit_test(observed_is_the_condition),
        cmocka_unit_test(observed_is_the_condition_of_any_mapping),
        cmocka_unit_test(choices_of_a_fold),
        cmocka_unit_test(what_the_reader_predicts),
        cmocka_unit_test(inner_splits_keep_twins),
        cmocka_unit_test(upper_is_the_same_on_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What scikit-learn, SciPy and a second reading of the methods computed (tests/golden/README.md), computed again. */
#include "probe/cluster.h"
#include "probe/mapping.h"
#include "probe/metrics.h"
#include "support/mappings.h"

/* ---- PLSR ---- */

static void plsr_case(const char *name, const size_t *counts, size_t n_counts) {
    char file[64];
    snprintf(file, sizeof file, "%s_xtrain", name);
    golden x_train = golden_read(file);
    snprintf(file, sizeof file, "%s_ytrain", name);
    golden y_train = golden_read(file);
    snprintf(file, sizeof file, "%s_xtest", name);
    golden x_test = golden_read(file);
    double *x = stacked(x_train, x_test);
    const size_t n = x_train.rows + x_test.rows, m = y_train.width;
    xp_csr x_sparse = sparse_of(n, x_train.width, x), y = sparse_of(y_train.rows, m, y_train.value);
    const xp_target input = {.y = &x_sparse}, target = {.y = &y};
    split s = split_at(x_train.rows, n);
    fitted fits[] = {fit(RANK_SPACE, x, x_train.width, NULL, &target, &s.fold, counts[n_counts - 1], XP_PLSR_EXACT),
                     fit(MATRIX_FREE, NULL, 0, &input, &target, &s.fold, counts[n_counts - 1], XP_PLSR_EXACT)};
    double worst[2] = {0, 0};
    for (size_t c = 0; c < n_counts; c++) {
        snprintf(file, sizeof file, "%s_pred%zu", name, counts[c]);
        golden expected = golden_read(file);
        assert_int_equal(expected.rows, x_test.rows);
        assert_int_equal(expected.width, m);
        double *wanted = transposed(x_test.rows, m, expected.value);
        for (size_t k = 0; k < 2; k++) {
            double *found = predict(&fits[k], &target, &s.fold, counts[c]);
            double off_by = difference(m * x_test.rows, found, wanted);
            if (!(off_by < 1e-8)) fail_msg("%s, solver %zu: differs by %g", file, k, off_by);
            if (off_by > worst[k]) worst[k] = off_by;
            free(found);
        }
        free(wanted);
        free(expected.value);
    }
    print_message("%s: %.1e in rank space, %.1e matrix-free\n", name, worst[0], worst[1]);
    for (size_t k = 0; k < 2; k++) fitted_free(&fits[k]);
    free(x_train.value);
    free(y_train.value);
    free(x_test.value);
    free(x);
    split_free(&s);
    xp_csr_free(&x_sparse);
    xp_csr_free(&y);
}

static void plsr_wide(void **state) {
    (void)state;
    plsr_case("pls_wide", (const size_t[]){1, 2, 5, 15}, 4);
}
static void plsr_sparse(void **state) {
    (void)state;
    plsr_case("pls_sparse", (const size_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10);
}
static void plsr_degenerate(void **state) {
    (void)state;
    plsr_case("pls_degenerate", (const size_t[]){1, 3, 8}, 3);
}
static void plsr_tall(void **state) {
    (void)state;
    plsr_case("pls_tall", (const size_t[]){1, 2, 4, 7}, 4);
}
static void plsr_upper(void **state) {
    (void)state;
    plsr_case("pls_upper", (const size_t[]){1, 3, 6, 12}, 4);
}

/* scikit-learn's own defaults: predictions to 1e-9, by the same number of iterations. Inputs and targets are those of `data`. */
static void sklearn_case(const char *name, const char *data, const size_t *counts, size_t n_counts) {
    char file[64];
    snprintf(file, sizeof file, "%s_xtrain", data);
    golden x_train = golden_read(file);
    snprintf(file, sizeof file, "%s_%s", data, strcmp(data, "pls_upper") == 0 ? "xtrain" : "ytrain");
    golden y_train = golden_read(file);
    snprintf(file, sizeof file, "%s_xtest", data);
    golden x_test = golden_read(file);
    snprintf(file, sizeof file, "%s_iterations", name);
    golden iterations = golden_read(file);
    double *x = stacked(x_train, x_test);
    const size_t n = x_train.rows + x_test.rows, m = y_train.width, most = counts[n_counts - 1];
    xp_csr x_sparse = sparse_of(n, x_train.width, x), y = sparse_of(y_train.rows, m, y_train.value);
    const xp_target input = {.y = &x_sparse}, target = {.y = &y};
    split s = split_at(x_train.rows, n);
    fitted fits[] = {fit(RANK_SPACE, x, x_train.width, NULL, &target, &s.fold, most, NIPALS),
                     fit(MATRIX_FREE, NULL, 0, &input, &target, &s.fold, most, NIPALS)};
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(fits[k].path.used, most);
        for (size_t a = 0; a < most; a++)
            if (fits[k].iterations[a] != (uint32_t)iterations.value[a])
                fail_msg("%s, solver %zu: component %zu took %u iterations, %g expected", name, k, a + 1,
                         fits[k].iterations[a], iterations.value[a]);
    }
    for (size_t c = 0; c < n_counts; c++) {
        snprintf(file, sizeof file, "%s_pred%zu", name, counts[c]);
        golden expected = golden_read(file);
        double *wanted = transposed(x_test.rows, m, expected.value);
        for (size_t k = 0; k < 2; k++) {
            double *found = predict(&fits[k], &target, &s.fold, counts[c]);
            double off_by = difference(m * x_test.rows, found, wanted);
            print_message("%s, solver %zu: %.1e\n", file, k, off_by);
            if (!(off_by < 1e-9)) fail_msg("%s, solver %zu: differs by %g", file, k, off_by);
            free(found);
        }
        free(wanted);
        free(expected.value);
    }
    for (size_t k = 0; k < 2; k++) fitted_free(&fits[k]);
    golden all[] = {x_train, y_train, x_test, iterations};
    for (size_t k = 0; k < 4; k++) free(all[k].value);
    free(x);
    split_free(&s);
    xp_csr_free(&x_sparse);
    xp_csr_free(&y);
}

static void sklearn_on_exact_cases(void **state) {
    (void)state;
    sklearn_case("sklearn_wide", "pls_wide", (const size_t[]){1, 5, 15}, 3);
    sklearn_case("sklearn_sparse", "pls_sparse", (const size_t[]){1, 2, 10}, 3);
    sklearn_case("sklearn_degenerate", "pls_degenerate", (const size_t[]){1, 3, 8}, 3);
    sklearn_case("sklearn_tall", "pls_tall", (const size_t[]){2, 7}, 2);
    sklearn_case("sklearn_upper", "pls_upper", (const size_t[]){1, 3, 12}, 3);
}

static void sklearn_start_column(void **state) {
    (void)state;
    sklearn_case("sklearn_start", "sklearn_start", (const size_t[]){1, 2, 3}, 3);
}
static void sklearn_cap(void **state) {
    (void)state;
    sklearn_case("sklearn_capped", "sklearn_capped", (const size_t[]){1, 2, 6}, 3);
}
static void sklearn_single_target(void **state) {
    (void)state;
    sklearn_case("sklearn_single", "sklearn_single", (const size_t[]){1, 2, 4}, 3);
}

/* PCA of the norms is PLSR of the norms on themselves. */
static void upper_by_pca(void **state) {
    (void)state;
    golden train = golden_read("pls_upper_xtrain"), test = golden_read("pls_upper_xtest");
    double *both = stacked(train, test);
    xp_csr y = sparse_of(train.rows + test.rows, train.width, both);
    const xp_target target = {.y = &y};
    split s = split_at(train.rows, train.rows + test.rows);
    fitted f = fit(PCA, NULL, 0, NULL, &target, &s.fold, 12, 0);
    static const size_t counts[] = {1, 3, 6, 12};
    for (size_t c = 0; c < 4; c++) {
        char file[64];
        snprintf(file, sizeof file, "pls_upper_pred%zu", counts[c]);
        golden expected = golden_read(file);
        double *wanted = transposed(test.rows, train.width, expected.value),
               *found = predict(&f, &target, &s.fold, counts[c]);
        assert_close(train.width * test.rows, found, wanted, 1e-10);
        free(wanted);
        free(found);
        free(expected.value);
    }
    fitted_free(&f);
    free(train.value);
    free(test.value);
    free(both);
    split_free(&s);
    xp_csr_free(&y);
}

/* ---- kNN, ridge, mean, bottleneck ---- */

typedef struct mapped {
    golden x_train, x_test, y_train;
    double *x;
    size_t n;
    xp_csr y;
    xp_target target;
    split s;
} mapped;

static int open_map(void **state) {
    static mapped m;
    m = (mapped){
        .x_train = golden_read("map_xtrain"), .x_test = golden_read("map_xtest"), .y_train = golden_read("map_ytrain")};
    m.x = stacked(m.x_train, m.x_test);
    m.n = m.x_train.rows + m.x_test.rows;
    m.y = sparse_of(m.y_train.rows, m.y_train.width, m.y_train.value);
    m.target = (xp_target){.y = &m.y};
    m.s = split_at(m.x_train.rows, m.n);
    *state = &m;
    return 0;
}

static int close_map(void **state) {
    mapped *m = *state;
    free(m->x_train.value);
    free(m->x_test.value);
    free(m->y_train.value);
    free(m->x);
    xp_csr_free(&m->y);
    split_free(&m->s);
    return 0;
}

static void knn(void **state) {
    const mapped *m = *state;
    xp_cosines cosines;
    assert_true(xp_cosines_dense(&cosines, m->n, m->x_train.width, m->x));
    static const size_t ks[] = {1, 5, 10, 20};
    for (size_t c = 0; c < 4; c++) {
        char file[64];
        snprintf(file, sizeof file, "knn_pred%zu", ks[c]);
        golden expected = golden_read(file);
        uint32_t *nearest = counted(m->x_test.rows * ks[c]);
        double *found = nans(m->x_test.rows * m->y.m);
        double *wanted = transposed(m->x_test.rows, m->y.m, expected.value);
        xp_knn_neighbours(&cosines, &m->s.fold, ks[c], nearest);
        xp_knn_predict(&m->target, &m->s.fold, NULL, nearest, ks[c], ks[c], NULL, found);
        assert_close(m->x_test.rows * m->y.m, found, wanted, 1e-12);
        free(nearest);
        free(found);
        free(wanted);
        free(expected.value);
    }
    xp_cosines_free(&cosines);
}

/* The prediction of one level, m x n_test, through the interface. */
static void mapped_with(const mapped *m, const xp_mapper *mapper, xp_levels levels, const xp_columns *columns,
                        size_t level, double *block) {
    const xp_mapping mapping = {.mapper = mapper, .levels = levels};
    xp_data data = {.mapping = &mapping, .n = m->n, .d = m->x_train.width, .m = m->y.m, .x = m->x};
    const xp_job job = {.target = &m->target, .columns = columns, .levels = levels};
    xp_input input;
    xp_work work;
    xp_note note;
    assert_true(xp_data_open(&data) && xp_input_prepare(&input, &data, &m->s.fold) && xp_work_open(&work, &input));
    assert_true(xp_mapping_fit(&work, &input, &job, &note));
    xp_mapping_settle(&work, &input);
    for (size_t k = 0; k <= level; k++) xp_mapping_predict(&work, k, block);
    xp_work_close(&work);
    xp_input_release(&input);
    xp_data_close(&data);
}

static void ridge(void **state) {
    const mapped *m = *state;
    static const struct {
        const char *file;
        double penalty;
    } cases[] = {{"ridge_pred_0_5", .5}, {"ridge_pred_30_0", 30}};
    const size_t cells = m->x_test.rows * m->y.m;
    xp_columns columns = columns_of(&m->target, &m->s.fold);
    for (size_t c = 0; c < 2; c++) {
        golden expected = golden_read(cases[c].file);
        double *found = nans(cells), *wanted = transposed(m->x_test.rows, m->y.m, expected.value);
        for (size_t among = 0; among < 2; among++) { /* alone, or one of a path */
            const double path[] = {cases[c].penalty, 1e6};
            mapped_with(m, &xp_ridge_mapper, (xp_levels){path, 1 + among}, &columns, 0, found);
            assert_close(cells, found, wanted, 1e-9);
        }
        free(found);
        free(wanted);
        free(expected.value);
    }
    golden mean = golden_read("map_mean");
    assert_close(m->y.m, columns.mean, mean.value, 1e-13);
    free(mean.value);
    xp_columns_free(&columns);
}

static void discriminant(void **state) {
    const mapped *m = *state;
    golden train = golden_read("lda_xtrain"), test = golden_read("lda_xtest"), label = golden_read("lda_labels"),
           classes = golden_read("lda_classes"), expected = golden_read("lda_pred");
    double *x = stacked(train, test);
    split s = split_at(train.rows, train.rows + test.rows);
    int labels[60], choice[12];
    assert_int_equal(train.rows, 60);
    assert_int_equal(test.rows, 12);
    size_t n_classes = 0;
    for (size_t i = 0; i < 60; i++) {
        labels[i] = (int)label.value[i];
        if ((size_t)labels[i] + 1 > n_classes) n_classes = (size_t)labels[i] + 1;
    }
    memset(choice, 0xff, sizeof choice);
    assert_true(xp_discriminant(x, train.width, &s.fold, labels, n_classes, choice));
    for (size_t t = 0; t < 12; t++) {
        assert_int_equal(choice[t], (int)classes.value[t]);
        for (size_t j = 0; j < m->y.m; j++) { /* the class is taken whole */
            double sum = 0, count = 0;
            for (size_t i = 0; i < 60; i++) {
                if (labels[i] != choice[t]) continue;
                sum += m->y_train.value[i * m->y.m + j];
                count++;
            }
            assert_true(fabs(sum / count - expected.value[t * m->y.m + j]) < 1e-12);
        }
    }
    free(train.value);
    free(test.value);
    free(label.value);
    free(classes.value);
    free(expected.value);
    free(x);
    split_free(&s);
}

static void ward(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t k[3];
    } cases[] = {{"ward_generic", {2, 5, 12}}, {"ward_grouped", {6, 10, 15}}};
    for (size_t c = 0; c < 2; c++) {
        char file[64];
        snprintf(file, sizeof file, "%s_x", cases[c].name);
        golden x = golden_read(file);
        int *label = malloc(x.rows * sizeof *label);
        assert_non_null(label);
        for (size_t k = 0; k < 3; k++) {
            snprintf(file, sizeof file, "%s_k%zu", cases[c].name, cases[c].k[k]);
            golden expected = golden_read(file);
            memset(label, 0xff, x.rows * sizeof *label);
            assert_true(xp_cluster_ward(x.value, x.rows, x.width, cases[c].k[k], label));
            for (size_t i = 0; i < x.rows; i++)
                if (label[i] != (int)expected.value[i])
                    fail_msg("%s: row %zu is in cluster %d, not %g", file, i, label[i], expected.value[i]);
            free(expected.value);
        }
        free(label);
        free(x.value);
    }
}

/* ---- metrics ---- */

/* A value by row against its golden, NaN where the score does not exist. */
static void same_score(const char *what, size_t row, xp_score score, double expected, double tolerance) {
    if (isnan(expected)) {
        if (score.den > 0) fail_msg("%s of row %zu is %g, but does not exist", what, row, score.num / score.den);
        return;
    }
    if (!(score.den > 0)) fail_msg("%s of row %zu does not exist, %g expected", what, row, expected);
    double value = score.num / score.den;
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s of row %zu is %.17g, %.17g expected", what, row, value, expected);
}

static void metrics_by_row(void **state) {
    (void)state;
    golden prediction = golden_read("metrics_pred"), gold = golden_read("metrics_gold"),
           mean = golden_read("metrics_train_mean"), f1 = golden_read("metrics_f1_at_10"),
           rho = golden_read("metrics_spearman"), at_r = golden_read("metrics_precision_at_r"),
           map = golden_read("metrics_map"), cosine = golden_read("metrics_cosine"),
           both = golden_read("metrics_mse_r2");
    const size_t n = gold.rows, m = gold.width;
    xp_csr y = sparse_of(n, m, gold.value);
    const xp_target target = {.y = &y};
    xp_ranking ranking;
    assert_true(xp_ranking_alloc(&ranking, m));
    double error = 0, cells = 0, error_again = 0, total = 0;
    size_t undefined = 0;
    for (size_t i = 0; i < n; i++) {
        xp_score score[XP_N_METRICS];
        int top[XP_TOP];
        memset(score, 0xff, sizeof score);
        xp_metric_row(&ranking, &target, i, prediction.value + i * m, mean.value + i * m, (1u << XP_N_METRICS) - 1,
                      score, top);
        same_score("F1@10", i, score[XP_F1_AT_10], f1.value[i], 1e-12);
        same_score("rho", i, score[XP_SPEARMAN], rho.value[i], 1e-12);
        same_score("precision at R", i, score[XP_PRECISION_AT_R], at_r.value[i], 1e-12);
        same_score("average precision", i, score[XP_MAP], map.value[i], 1e-12);
        same_score("cosine", i, score[XP_COSINE], cosine.value[i], 1e-12);
        undefined += isnan(rho.value[i]) ? 1 : 0;
        error += score[XP_MSE].num;
        cells += score[XP_MSE].den;
        error_again += score[XP_R2].num;
        total += score[XP_R2].den;
        /* the dense path gives the same rho as the one for sparse gold */
        same_score("rho, dense", i, xp_metric_spearman(&ranking, m, prediction.value + i * m, gold.value + i * m),
                   rho.value[i], 1e-12);
    }
    assert_true(undefined >= 2); /* the constant prediction and the empty gold */
    assert_true(fabs(error / cells / both.value[0] - 1) < 1e-12);
    assert_true(fabs(1 - error_again / total - both.value[1]) < 1e-12);
    xp_ranking_free(&ranking);
    xp_csr_free(&y);
    golden all[] = {prediction, gold, mean, f1, rho, at_r, map, cosine, both};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k].value);
}

static void dense_spearman(void **state) {
    (void)state;
    golden prediction = golden_read("metrics_dense_pred"), gold = golden_read("metrics_dense_gold"),
           rho = golden_read("metrics_dense_spearman");
    xp_csr y = sparse_of(gold.rows, gold.width, gold.value);
    const xp_target target = {.y = &y};
    xp_ranking ranking;
    assert_true(xp_ranking_alloc(&ranking, gold.width));
    for (size_t i = 0; i < gold.rows; i++) {
        xp_score score[XP_N_METRICS];
        int top[XP_TOP];
        xp_metric_row(&ranking, &target, i, prediction.value + i * gold.width, prediction.value, 1u << XP_SPEARMAN,
                      score, top);
        same_score("rho", i, score[XP_SPEARMAN], rho.value[i], 1e-12);
    }
    xp_ranking_free(&ranking);
    xp_csr_free(&y);
    free(prediction.value);
    free(gold.value);
    free(rho.value);
}

static void over_observed_cells(void **state) {
    (void)state;
    golden prediction = golden_read("metrics_dense_pred"), gold = golden_read("metrics_dense_gold"),
           mask = golden_read("metrics_mask"), expected = golden_read("metrics_masked");
    const size_t n = gold.rows, m = gold.width;
    size_t *start = calloc(n + 1, sizeof *start);
    uint32_t *column = counted(n * m);
    assert_non_null(start);
    for (size_t i = 0; i < n; i++) {
        start[i + 1] = start[i];
        for (uint32_t j = 0; j < m; j++) {
            if (mask.value[i * m + j] > 0) continue;
            gold.value[i * m + j] = 0;
            prediction.value[i * m + j] = 1e9; /* whatever is predicted there must not count */
            column[start[i + 1]++] = j;
        }
    }
    assert_true(start[n] > 0);
    xp_csr y = sparse_of(n, m, gold.value);
    const xp_target target = {.y = &y, .missing_start = start, .missing_column = column};
    double *mean = nans(m);
    for (size_t j = 0; j < m; j++) mean[j] = 0;
    xp_ranking ranking;
    assert_true(xp_ranking_alloc(&ranking, m));
    for (size_t i = 0; i < n; i++) {
        xp_score score[XP_N_METRICS];
        int top[XP_TOP];
        xp_metric_row(&ranking, &target, i, prediction.value + i * m, mean, (1u << XP_N_METRICS) - 1, score, top);
        static const xp_metric order[] = {XP_F1_AT_10, XP_SPEARMAN, XP_COSINE, XP_PRECISION_AT_R, XP_MAP};
        for (size_t k = 0; k < 5; k++)
            same_score(xp_metric_name(order[k]), i, score[order[k]], expected.value[i * 5 + k], 1e-12);
        for (size_t k = 0; k < XP_TOP && top[k] >= 0; k++) assert_true(mask.value[i * m + (size_t)top[k]] > 0);
        assert_true(score[XP_MSE].den == (double)(m - (start[i + 1] - start[i])));
    }
    xp_ranking_free(&ranking);
    xp_csr_free(&y);
    free(start);
    free(column);
    free(mean);
    golden all[] = {prediction, gold, mask, expected};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k].value);
}

static void neighbourhoods(void **state) {
    (void)state;
    golden prediction = golden_read("metrics_pred"), gold = golden_read("metrics_gold"),
           inputs = golden_read("metrics_inputs"), expected = golden_read("metrics_na");
    const size_t n = gold.rows, m = gold.width;
    xp_csr y = sparse_of(n, m, gold.value);
    const xp_target target = {.y = &y};
    uint32_t *everyone = counted(n);
    xp_neighbours own, golds, input;
    assert_true(xp_neighbours_dense(&own, n, m, prediction.value, 10));
    assert_true(xp_neighbours_sparse(&golds, &target, n, everyone, 10));
    assert_true(xp_neighbours_dense(&input, n, inputs.width, inputs.value, 10));
    double *value = nans(3 * n);
    assert_true(xp_metric_retrieved(prediction.value, &target, n, everyone, 10, value));
    xp_metric_overlap(&own, &golds, 10, value + n);
    xp_metric_overlap(&own, &input, 10, value + 2 * n);
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < n; i++)
            if (!(fabs(value[k * n + i] - expected.value[i * 3 + k]) < 1e-12))
                fail_msg("reading %zu of row %zu is %g, %g expected", k, i, value[k * n + i],
                         expected.value[i * 3 + k]);
    xp_neighbours *neighbours[] = {&own, &golds, &input};
    for (size_t k = 0; k < 3; k++) xp_neighbours_free(neighbours[k]);
    free(everyone);
    free(value);
    xp_csr_free(&y);
    golden all[] = {prediction, gold, inputs, expected};
    for (size_t k = 0; k < 4; k++) free(all[k].value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plsr_wide),
        cmocka_unit_test(plsr_sparse),
        cmocka_unit_test(plsr_degenerate),
        cmocka_unit_test(plsr_tall),
        cmocka_unit_test(plsr_upper),
        cmocka_unit_test(sklearn_on_exact_cases),
        cmocka_unit_test(sklearn_start_column),
        cmocka_unit_test(sklearn_cap),
        cmocka_unit_test(sklearn_single_target),
        cmocka_unit_test(upper_by_pca),
        cmocka_unit_test_setup_teardown(knn, open_map, close_map),
        cmocka_unit_test_setup_teardown(ridge, open_map, close_map),
        cmocka_unit_test_setup_teardown(discriminant, open_map, close_map),
        cmocka_unit_test(ward),
        cmocka_unit_test(metrics_by_row),
        cmocka_unit_test(dense_spearman),
        cmocka_unit_test(over_observed_cells),
        cmocka_unit_test(neighbourhoods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

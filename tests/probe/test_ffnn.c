/* ffnn: PyTorch's losses and weights step by step, then the fit: what it may see, when it stops, the same bits everywhere. */
#include "probe/ffnn.h"

#include "base/pool.h"
#include "support/matrix.h"

/* ---- beside PyTorch (tests/oracle/make_ffnn_goldens.py) ---- */

static double worst; /* relative difference of a loss */

static bool dropped(uint64_t i, double p) { return (double)(2654435761u * (i + 1) % (1ull << 32)) < p * 0x1p32; }

static void put_layer(float *weight, golden from) {
    const size_t inputs = from.width - 1;
    for (size_t u = 0; u < from.rows; u++)
        for (size_t i = 0; i <= inputs; i++)
            weight[xp_network_place(inputs, u, i)] = (float)from.value[u * from.width + i];
}

static void layer_is(const float *weight, golden wanted) {
    const size_t inputs = wanted.width - 1;
    for (size_t u = 0; u < wanted.rows; u++)
        for (size_t i = 0; i <= inputs; i++)
            assert_true(fabs((double)weight[xp_network_place(inputs, u, i)] - wanted.value[u * wanted.width + i]) <
                        1e-4);
}

static golden part(const char *name, const char *of) {
    char file[64];
    snprintf(file, sizeof file, "ffnn_%s_%s", name, of);
    return golden_read(file);
}

static void torch_case(const char *name, size_t batch, double rate, bool published, bool holes) {
    golden x = golden_read("ffnn_x"), y = golden_read("ffnn_y"), missing = golden_read("ffnn_missing");
    golden hidden = golden_read("ffnn_hidden"), output = golden_read("ffnn_output");
    golden losses = part(name, "losses"), last_hidden = part(name, "hidden"), last_output = part(name, "output");
    const size_t n = x.rows, d = x.width, h = hidden.rows, m = y.width, width = published ? m : h;
    const double p = .2;
    float *rows = malloc(n * (d + 1) * sizeof *rows), *mask = malloc(batch * width * sizeof *mask);
    size_t *start = calloc(n + 1, sizeof *start);
    uint32_t *column = malloc(n * m * sizeof *column), *concept = counted(n), *row = counted(batch);
    assert_true(rows != NULL && mask != NULL && start != NULL && column != NULL);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < d; j++) rows[i * (d + 1) + j] = (float)x.value[i * d + j];
        rows[i * (d + 1) + d] = 1;
        start[i + 1] = start[i];
        for (uint32_t j = 0; j < m; j++) {
            if (!holes || missing.value[i * m + j] == 0) continue;
            y.value[i * m + j] = 0;
            column[start[i + 1]++] = j;
        }
    }
    xp_csr sparse = sparse_of(n, m, y.value);
    const xp_target target = {
        .y = &sparse, .missing_start = holes ? start : NULL, .missing_column = holes ? column : NULL};
    const xp_network_rows data = {rows, d + 1, concept, &target, 1};
    xp_network net;
    assert_true(xp_network_alloc(&net, d, h, m, batch));
    xp_network_begin(&net, d, h, m);
    put_layer(net.weight, hidden);
    put_layer(net.weight + net.n_first, output);
    uint64_t used = 0;
    for (size_t s = 0; s < losses.rows; s++) {
        for (size_t i = 0; i < batch; i++) row[i] = (uint32_t)(17 * (s * batch + i) % n);
        for (size_t i = 0; i < batch * width; i++) mask[i] = dropped(used++, p) ? 0 : (float)(1 / (1 - p));
        const xp_network_step step = {.learning_rate = rate,
                                      .sum = published,
                                      .hidden_mask = published ? NULL : mask,
                                      .output_mask = published ? mask : NULL};
        const xp_network_loss found = xp_network_train(&net, &data, batch, row, &step);
        const double loss = published ? found.squares : found.squares / (double)found.cells;
        worst = fmax(worst, fabs(loss / losses.value[s] - 1));
        if (!(fabs(loss / losses.value[s] - 1) < 1e-5))
            fail_msg("%s, step %zu: loss %.9g, PyTorch's %.9g", name, s, loss, losses.value[s]);
    }
    layer_is(net.weight, last_hidden);
    layer_is(net.weight + net.n_first, last_output);
    xp_network_free(&net);
    xp_csr_free(&sparse);
    golden all[] = {x, y, missing, hidden, output, losses, last_hidden, last_output};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i].value);
    free(rows);
    free(mask);
    free(start);
    free(column);
    free(concept);
    free(row);
}

static void losses_of_pytorch(void **state) {
    (void)state;
    torch_case("mean", 8, 1e-3, false, false);
    torch_case("missing", 8, 1e-2, false, true);
    torch_case("sum", 1, 1e-3, true, false);
    print_message("losses differ by %.1e at most\n", worst);
}

/* ---- the fit ---- */

enum { N = 90, D = 6, M = 45 };

typedef struct task {
    double *x, *dense;
    xp_csr y;
    xp_target target;
    split s;
    xp_columns columns;
    xp_ffnn_settings settings;
} task;

/* Half of the features follow the inputs, a fifth of all cells is not zero, feature 7 is constant. */
static task task_of(xp_ffnn_kind recipe) {
    task t = {.x = normals(N * D, 11), .dense = normals(N * M, 12), .settings = xp_ffnn_recipe(recipe)};
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < M; j++) {
            double *cell = &t.dense[i * M + j];
            const double follows = t.x[i * D + j % D] + .5 * t.x[i * D + (j + 1) % D];
            *cell = (j % 2 == 0 ? follows : *cell) > .8 ? 5 + (double)(j % 3) : 0;
            if (j == 7) *cell = 3;
        }
    t.y = sparse_of(N, M, t.dense);
    t.s = split_rows(N, 6, 1);
    t.settings.hidden = 37;
    t.settings.batch = recipe == XP_FFNN_DEFAULT ? 16 : 1;
    t.settings.epochs = 30;
    t.settings.learning_rate = 1e-2;
    return t;
}

static void task_free(task *t) {
    free(t->x);
    free(t->dense);
    xp_csr_free(&t->y);
    split_free(&t->s);
}

typedef struct result {
    bool ok;
    double prediction[M * N], train[64], dev[64];
    xp_ffnn_curve curve;
} result;

/* kernels NULL: the widest. spare: sizes of the scratch beyond what is needed, filled with NaN. */
static void fit_task(const task *t, uint64_t seed, uint32_t stream, const xp_kernels *kernels, size_t spare,
                     result *r) {
    const xp_target target = {.y = &t->y};
    xp_columns columns = columns_of(&target, &t->s.fold);
    xp_ffnn_input input;
    xp_ffnn ffnn;
    assert_true(xp_ffnn_input_create(&input, t->x, D, &t->s.fold, t->settings.recipe));
    xp_ffnn_settings roomy = t->settings;
    roomy.hidden += spare;
    roomy.batch += spare;
    assert_true(xp_ffnn_alloc(&ffnn, &roomy, t->s.fold.n_train + spare, D + spare, M + spare));
    memset(ffnn.network.arena, 0xff, ffnn.network.n_floats * sizeof(float));
    if (kernels != NULL) ffnn.network.kernels = kernels;
    memset(r, 0, sizeof *r);
    r->curve = (xp_ffnn_curve){.train = r->train, .dev = r->dev};
    r->ok =
        xp_ffnn_fit(&ffnn, &input, &target, &t->s.fold, &columns, &t->settings, seed, stream, r->prediction, &r->curve);
    xp_ffnn_free(&ffnn);
    xp_ffnn_input_free(&input);
    xp_columns_free(&columns);
}

/* Held-out squared error as a share of that of the training means. */
static double held_out(const task *t, const result *r) {
    const xp_target target = {.y = &t->y};
    xp_columns columns = columns_of(&target, &t->s.fold);
    const size_t n_test = t->s.fold.n_test;
    double ours = 0, mean = 0;
    for (size_t k = 0; k < n_test; k++)
        for (size_t j = 0; j < M; j++) {
            const double gold = t->dense[t->s.test[k] * M + j];
            ours += pow(r->prediction[j * n_test + k] - gold, 2);
            mean += pow(columns.mean[j] - gold, 2);
        }
    xp_columns_free(&columns);
    return ours / mean;
}

static void learns_what_is_planted(void **state) {
    (void)state;
    for (int recipe = XP_FFNN_DEFAULT; recipe <= XP_FFNN_CHRONIS2023; recipe++) {
        task t = task_of((xp_ffnn_kind)recipe);
        result r;
        if (recipe == XP_FFNN_CHRONIS2023) t.settings.learning_rate = 2e-3;
        fit_task(&t, 5, 6, NULL, 0, &r);
        assert_true(r.ok);
        const double share = held_out(&t, &r), fall = r.train[r.curve.n - 1] / r.train[0];
        print_message("recipe %d: held out %.2f of the mean's error, training loss %.2f of its first\n", recipe, share,
                      fall);
        assert_true(share < .9 && fall < .7); /* with dropout */
        for (size_t k = 0; k < t.s.fold.n_test; k++) assert_true(r.prediction[7 * t.s.fold.n_test + k] == 3);
        task_free(&t);
    }
}

static void the_same_bits(void **state) {
    (void)state;
    for (int recipe = XP_FFNN_DEFAULT; recipe <= XP_FFNN_CHRONIS2023; recipe++) {
        task t = task_of((xp_ffnn_kind)recipe);
        static result first, other;
        t.settings.epochs = 4;
        fit_task(&t, 5, 6, NULL, 0, &first);
        for (size_t set = 0; xp_kernels_list(set) != NULL; set++) {
            if (!xp_kernels_list(set)->usable()) continue;
            fit_task(&t, 5, 6, xp_kernels_list(set), 0, &other);
            assert_memory_equal(other.prediction, first.prediction, sizeof first.prediction);
            assert_memory_equal(other.train, first.train, sizeof first.train);
        }
        fit_task(&t, 5, 6, NULL, 33, &other);
        assert_memory_equal(other.prediction, first.prediction, sizeof first.prediction);
        fit_task(&t, 5, 7, NULL, 0, &other);
        assert_memory_not_equal(other.prediction, first.prediction, sizeof first.prediction);
        fit_task(&t, 6, 6, NULL, 0, &other);
        assert_memory_not_equal(other.prediction, first.prediction, sizeof first.prediction);
        task_free(&t);
    }
}

typedef struct many {
    task t;
    result *result;
} many;

static bool fit_one(void *self, size_t i, unsigned worker) {
    many *m = self;
    (void)worker;
    fit_task(&m->t, 5, (uint32_t)i, NULL, 0, &m->result[i]);
    return true;
}

static void any_number_of_threads(void **state) {
    (void)state;
    enum { FITS = 5 };
    many one = {.t = task_of(XP_FFNN_DEFAULT), .result = calloc(FITS, sizeof(result))}, three = one;
    one.t.settings.epochs = three.t.settings.epochs = 3;
    three.result = calloc(FITS, sizeof(result));
    assert_true(one.result != NULL && three.result != NULL);
    const xp_pool_job alone = {.n_tasks = FITS, .run = fit_one, .self = &one};
    const xp_pool_job together = {.n_tasks = FITS, .run = fit_one, .self = &three};
    assert_true(xp_pool_run(1, &alone) && xp_pool_run(3, &together));
    for (size_t i = 0; i < FITS; i++)
        assert_memory_equal(one.result[i].prediction, three.result[i].prediction, sizeof one.result[i].prediction);
    task_free(&one.t);
    free(one.result);
    free(three.result);
}

/* The held-out fold decides nothing: other gold there, the same predictions and losses. */
static void never_sees_what_is_held_out(void **state) {
    (void)state;
    task t = task_of(XP_FFNN_DEFAULT);
    static result before, after;
    fit_task(&t, 5, 6, NULL, 0, &before);
    for (size_t k = 0; k < t.s.fold.n_test; k++)
        for (size_t j = 0; j < M; j++) t.dense[t.s.test[k] * M + j] = (double)(j + k);
    xp_csr_free(&t.y);
    t.y = sparse_of(N, M, t.dense);
    fit_task(&t, 5, 6, NULL, 0, &after);
    assert_memory_equal(after.prediction, before.prediction, sizeof before.prediction);
    assert_memory_equal(after.dev, before.dev, sizeof before.dev);
    task_free(&t);
}

/* It stops when `patience` epochs brought nothing, and predicts with the weights of the best one. */
static void stops_early(void **state) {
    (void)state;
    task t = task_of(XP_FFNN_DEFAULT);
    static result stopped, to_best;
    t.settings.epochs = 60;
    t.settings.patience = 4;
    fit_task(&t, 5, 6, NULL, 0, &stopped);
    const size_t n = stopped.curve.n, best = stopped.curve.best;
    assert_true(n < 60 && n == best + 5);
    for (size_t e = 0; e < n; e++)
        assert_true(e < best ? stopped.dev[e] > stopped.dev[best] : stopped.dev[e] >= stopped.dev[best]);
    t.settings.epochs = best + 1;
    fit_task(&t, 5, 6, NULL, 0, &to_best);
    assert_memory_equal(to_best.prediction, stopped.prediction, sizeof to_best.prediction);
    t.settings.patience = 0;
    fit_task(&t, 5, 6, NULL, 0, &to_best); /* now on all training concepts */
    assert_memory_not_equal(to_best.prediction, stopped.prediction, sizeof to_best.prediction);
    assert_int_equal(to_best.curve.best, best);
    assert_true(isnan(to_best.dev[0]));
    task_free(&t);
}

static void says_that_it_diverged(void **state) {
    (void)state;
    task t = task_of(XP_FFNN_DEFAULT);
    static result r;
    explaint_error error = {0};
    t.settings.learning_rate = 100;
    fit_task(&t, 5, 6, NULL, 0, &r);
    assert_false(r.ok);
    assert_true(r.curve.diverged && r.curve.n == 1);
    assert_int_equal(xp_ffnn_diverged(&r.curve, &t.settings, &error), EXPLAINT_FAILED);
    print_message("%s\n", error.message);
    assert_non_null(strstr(error.message, "ffnn diverged in epoch 1 (loss "));
    assert_non_null(strstr(error.message, "--learning-rate 100: lower it"));
    t.x[t.s.train[3] * D] = 1e300; /* as fp32 infinite, whatever the rate */
    t.settings.learning_rate = 1e-3;
    t.settings.recipe = XP_FFNN_CHRONIS2023;
    t.settings.patience = 0;
    fit_task(&t, 5, 6, NULL, 0, &r);
    assert_false(r.ok);
    task_free(&t);
}

/* Folds that leave almost nothing: one training concept, two, no variance, no dropout, a batch larger than the fold. */
static void small_folds(void **state) {
    (void)state;
    for (size_t n_train = 1; n_train <= 3; n_train++) {
        task t = task_of(XP_FFNN_DEFAULT);
        static result r;
        t.settings.epochs = 2;
        t.settings.dropout = n_train == 2 ? 0 : .5;
        t.settings.batch = 64;
        t.s.fold.n_train = n_train;
        fit_task(&t, 5, 6, NULL, 0, &r);
        assert_true(r.ok);
        for (size_t k = 0; k < M * t.s.fold.n_test; k++) assert_true(isfinite(r.prediction[k]));
        for (size_t j = 0; n_train == 1 && j < M; j++) /* every column is constant */
            assert_true(r.prediction[j * t.s.fold.n_test] == t.dense[t.s.train[0] * M + j]);
        task_free(&t);
    }
}

static void allocations_that_fail(void **state) {
    (void)state;
    task t = task_of(XP_FFNN_DEFAULT);
    xp_ffnn_input input;
    xp_ffnn ffnn;
    size_t failed = 0;
    for (size_t n = 1;; n++) {
        xp_fail_allocation(n);
        const bool made = xp_ffnn_input_create(&input, t.x, D, &t.s.fold, XP_FFNN_DEFAULT);
        const bool opened = xp_ffnn_alloc(&ffnn, &t.settings, t.s.fold.n_train, D, M);
        xp_fail_allocation(0);
        if (made) xp_ffnn_input_free(&input);
        if (opened) xp_ffnn_free(&ffnn);
        if (made && opened) break;
        failed++;
    }
    assert_true(failed >= 8);
    task_free(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(losses_of_pytorch),
                                       cmocka_unit_test(learns_what_is_planted),
                                       cmocka_unit_test(the_same_bits),
                                       cmocka_unit_test(any_number_of_threads),
                                       cmocka_unit_test(never_sees_what_is_held_out),
                                       cmocka_unit_test(stops_early),
                                       cmocka_unit_test(says_that_it_diverged),
                                       cmocka_unit_test(small_folds),
                                       cmocka_unit_test(allocations_that_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

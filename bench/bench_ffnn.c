/* bench_ffnn FOLDER SHAPE [EPOCHS [chronis2023]]: one fit of ffnn, timed in one thread against the limits of the machine, then as
 * many fits at once as there are processors.
 *
 * Writes the data to FOLDER for the peer (SHAPE.x.npy, and Y as SHAPE.start, .column, .value; test rows are those with
 * row % 10 == 1) and FOLDER/SHAPE.ffnn.json. No development concepts: every epoch runs, on all training concepts, as the peer does. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "limits.h"
#include "probe/ffnn.h"
#include "shapes.h"
#include "tensor/blas.h"

enum { FOLDS = 10, TEST_FOLD = 1, LEAST = 2, MOST = 10 };
static const double ENOUGH = 3; /* seconds of repetition, once there are LEAST */

typedef struct work {
    const shape *shape;
    const double *x;
    const xp_csr *y;
    xp_fold fold;
    xp_ffnn_settings settings;
    double loss;
} work;

static void require(bool ok, const char *what) {
    if (ok) return;
    fprintf(stderr, "bench_ffnn: %s\n", what);
    exit(1);
}

static bool run(void *self, size_t i, unsigned worker) {
    work *w = self;
    (void)worker;
    const xp_target target = {.y = w->y};
    xp_ffnn_input input;
    xp_ffnn ffnn;
    xp_columns columns;
    double *prediction = malloc(w->y->m * w->fold.n_test * sizeof *prediction);
    double *losses = malloc(2 * w->settings.epochs * sizeof *losses);
    xp_ffnn_curve curve = {.train = losses, .dev = losses + w->settings.epochs};
    require(prediction != NULL && losses != NULL && xp_columns_alloc(&columns, w->y->m) &&
                xp_ffnn_input_create(&input, w->x, w->shape->d, &w->fold, w->settings.recipe) &&
                xp_ffnn_alloc(&ffnn, &w->settings, w->fold.n_train, w->shape->d, w->y->m),
            "no memory");
    xp_columns_fit(&target, &w->fold, &columns);
    require(xp_ffnn_fit(&ffnn, &input, &target, &w->fold, &columns, &w->settings, 1, (uint32_t)i, prediction, &curve),
            "diverged");
    if (i == 0) w->loss = curve.train[curve.n - 1];
    xp_ffnn_free(&ffnn);
    xp_ffnn_input_free(&input);
    xp_columns_free(&columns);
    free(prediction);
    free(losses);
    return true;
}

/* Multiply-adds count two; tanh, Adam, masks and the errors not at all. */
static double flops_of(const work *w) {
    const double n = (double)w->fold.n_train, h = (double)w->settings.hidden;
    const double first = (double)w->shape->d * h, second = (double)w->y->m * h;
    return (double)w->settings.epochs * n * (4 * first + 6 * second);
}

int main(int n_arguments, char **arguments) {
    const shape *asked = NULL;
    for (size_t i = 0; n_arguments >= 3 && i < n_shapes; i++)
        if (strcmp(shapes[i].name, arguments[2]) == 0) asked = shapes + i;
    if (asked == NULL) {
        fprintf(stderr, "usage: bench_ffnn FOLDER SHAPE [EPOCHS [chronis2023]]\n");
        return 2;
    }
    xp_blas_single_thread();
    double *x = NULL;
    xp_csr y = {0};
    uint32_t *rows = malloc(asked->n * sizeof *rows);
    require(rows != NULL && make_shape(asked, &x, &y), "no memory");
    size_t n_test = 0;
    for (size_t i = 0; i < asked->n; i++) n_test += i % FOLDS == TEST_FOLD;
    const size_t n_train = asked->n - n_test;
    for (size_t i = 0, train = 0, test = n_train; i < asked->n; i++)
        rows[i % FOLDS == TEST_FOLD ? test++ : train++] = (uint32_t)i;
    work w = {.shape = asked, .x = x, .y = &y};
    w.fold = (xp_fold){.train = rows, .test = rows + n_train, .n_train = n_train, .n_test = n_test};
    w.settings = xp_ffnn_recipe(n_arguments > 4 ? XP_FFNN_CHRONIS2023 : XP_FFNN_DEFAULT);
    w.settings.patience = 0;
    if (n_arguments > 3) w.settings.epochs = strtoul(arguments[3], NULL, 10);
    write_npy(arguments[1], asked->name, "x", "<f8", 8, x, asked->n, asked->d);
    write_npy(arguments[1], asked->name, "start", "<i8", 8, y.start, asked->n + 1, 0);
    write_npy(arguments[1], asked->name, "column", "<u4", 4, y.column, y.start[y.n], 0);
    write_npy(arguments[1], asked->name, "value", "<f8", 8, y.value, y.start[y.n], 0);

    double wall = HUGE_VAL, processor = HUGE_VAL, fma = 0, spent = 0;
    int repeats = 0;
    for (; repeats < LEAST || (repeats < MOST && spent < ENOUGH); repeats++) {
        for (int i = 0; i < 20; i++) fma = fmax(fma, measure_fma());
        const double busy = processor_seconds(), start = seconds();
        run(&w, 0, 0);
        wall = fmin(wall, seconds() - start);
        processor = fmin(processor, processor_seconds() - busy);
        spent += seconds() - start;
    }
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const xp_pool_job job = {.n_tasks = 2 * (size_t)processors, .run = run, .self = &w};
    const double start = seconds();
    require(xp_pool_run((unsigned)processors, &job), "no threads");
    const double each = (seconds() - start) / (double)job.n_tasks;
    const double floor = flops_of(&w) / (2 * fma), steps = ceil((double)n_train / (double)w.settings.batch);
    printf("%s: %zu x %zu > %zu > %zu, %zu epochs of %.0f steps: %.3f s, of a processor %.3f (best of %d); the "
           "products at the "
           "FMA limit (%.0f GF/s) %.3f s: %.0f %% of it; %ld at once: %.3f s each; last training loss %.6f\n",
           asked->name, n_train, asked->d, w.settings.hidden, asked->m, w.settings.epochs, steps, wall, processor,
           repeats, 2e-9 * fma, floor, 100 * floor / processor, processors, each, w.loss);
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.ffnn.json", arguments[1], asked->name);
    FILE *file = fopen(path, "w");
    require(
        file != NULL &&
            fprintf(
                file,
                "{\"shape\": \"%s\", \"train\": %zu, \"test\": %zu, \"width\": %zu, \"hidden\": %zu, \"features\": "
                "%zu, \"recipe\": \"%s\", \"batch\": %zu, \"epochs\": %zu, \"dropout\": %g, \"learning_rate\": %g, "
                "\"seconds\": %.6g, \"processor\": %.6g, \"at_once\": %.6g, \"flops\": %.6g, \"fma\": %.6g, \"loss\": "
                "%.9g}\n",
                asked->name, n_train, n_test, asked->d, w.settings.hidden, asked->m,
                n_arguments > 4 ? "chronis2023" : "default", w.settings.batch, w.settings.epochs, w.settings.dropout,
                w.settings.learning_rate, wall, processor, each, flops_of(&w), 2 * fma, w.loss) > 0 &&
            fclose(file) == 0,
        "cannot write the result");
    free(rows);
    free(x);
    xp_csr_free(&y);
    return 0;
}

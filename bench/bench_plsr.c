/* bench_plsr FOLDER SHAPE [COUNT]: one fit and prediction of ours, timed in one thread against the limits of the machine.
 *
 * Writes the data to FOLDER for the peers (SHAPE.x.npy, and Y as SHAPE.start, .column, .value; test rows are those with
 * row % 10 == 1), the predictions to compare (SHAPE.prediction-COUNT.npy, features x test rows), and FOLDER/SHAPE.json. What is timed
 * begins with the raw rows and ends with the predictions of the test rows: scaling, the X side, the fit, the prediction, and every
 * allocation. With COUNT nothing but fits of that many components for two seconds, for a profiler. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "limits.h"
#include "probe/plsr.h"
#include "shapes.h"
#include "tensor/blas.h"

static const size_t counts[] = {25, 50, 100};
enum { N_COUNTS = 3, FOLDS = 10, TEST_FOLD = 1, LEAST = 3, MOST = 40, COUNTED = 5 };
static const double ENOUGH = 2; /* seconds of repetition, once there are LEAST */

typedef struct timing {
    double total, input, fit, prediction, processor;
} timing;

typedef struct work {
    const shape *shape;
    const double *x;
    const xp_csr *y;
    xp_fold fold;
    double tolerance;
    double *prediction;
} work;

static void require(bool ok, const char *what) {
    if (ok) return;
    fprintf(stderr, "bench_plsr: %s\n", what);
    exit(1);
}

static timing run(const work *w, size_t count) {
    xp_plsr_input input;
    xp_plsr plsr;
    xp_path path;
    xp_columns columns;
    const xp_target target = {.y = w->y};
    double processor = processor_seconds(), start = seconds();
    require(xp_plsr_input_create(&input, w->x, w->shape->d, w->y->m, &w->fold), "no memory");
    double with_input = seconds();
    require(xp_plsr_alloc(&plsr, input.n_train, input.r, w->y->m, count) &&
                xp_path_alloc(&path, input.n_train, input.n_test, count) && xp_columns_alloc(&columns, w->y->m),
            "no memory");
    xp_columns_fit(&target, &w->fold, &columns);
    require(xp_plsr_fit(&plsr, &input, &target, &w->fold, &columns, count, w->tolerance, &path) && path.used == count,
            "the fit failed");
    double fitted = seconds();
    xp_target_smooth_begin(&columns, input.n_test, w->prediction);
    xp_path_add(&path, &target, &w->fold, &columns, 0, count, w->prediction);
    double end = seconds();
    processor = processor_seconds() - processor;
    xp_columns_free(&columns);
    xp_path_free(&path);
    xp_plsr_free(&plsr);
    xp_plsr_input_free(&input);
    return (timing){end - start, with_input - start, fitted - with_input, end - fitted, processor};
}

/* The loops that are not in routines of their own: S = Z'Y, the deflation of M, the prediction from sparse gold. */
static double loop_flops(const work *w, size_t count) {
    size_t train = 0;
    for (size_t k = 0; k < w->fold.n_train; k++)
        train += w->y->start[w->fold.train[k] + 1] - w->y->start[w->fold.train[k]];
    double r = (double)(w->shape->d < w->fold.n_train ? w->shape->d : w->fold.n_train);
    return 2. * (double)train * r + 4. * r * r * (double)count + 2. * (double)train * (double)w->fold.n_test;
}

/* The time that the routines would need at the machine's limits. */
static double floor_of(const limits *l, const counter *counted, double loops) {
    double sum = loops / l->fma;
    for (size_t i = 0; i < N_COUNTERS; i++) {
        const counter *c = counted + i;
        double by_flops = c->flops / l->fma, by_reading = c->near / l->l2 + c->far / l->l3;
        sum += c->matrix_matrix || by_flops > by_reading ? by_flops : by_reading;
    }
    return sum;
}

static void report_run(FILE *file, const work *w, const limits *l, size_t count, const char *precision, bool last) {
    timing best = {.total = 1e300}, once;
    int repeats = 0;
    double first = 0, processor = 1e300;
    for (double begun = seconds(); repeats < LEAST || (repeats < MOST && seconds() - begun < ENOUGH); repeats++) {
        once = run(w, count);
        if (repeats == 0) first = once.total;
        if (once.processor < processor) processor = once.processor;
        if (once.total < best.total) best = once;
    }
    counter kept[N_COUNTERS];
    timing counted = {.total = 1e300};
    for (int i = 0; i < COUNTED; i++) { /* the least disturbed of several */
        counters_start(l->l2_size);
        once = run(w, count);
        counters_stop();
        if (once.total >= counted.total) continue;
        counted = once;
        memcpy(kept, counters, sizeof kept);
    }
    double loops = loop_flops(w, count), flops = loops, rest = counted.total;
    for (size_t i = 0; i < N_COUNTERS; i++) flops += kept[i].flops, rest -= kept[i].seconds;
    double products = (double)kept[COUNT_SYMV].calls / (double)count, least = floor_of(l, kept, loops);
    fprintf(
        file,
        "    {\"components\": %zu, \"precision\": \"%s\", \"seconds\": %.6g, \"processor\": %.6g, \"first\": %.6g, "
        "\"repeats\": %d, "
        "\"input\": "
        "%.6g, \"fit\": %.6g, \"prediction\": %.6g,\n     \"flops\": %.6g, \"share_of_fma\": %.4f, \"share_of_dgemm\": "
        "%.4f, \"share_of_limit\": %.4f, \"products_a_component\": %.2f,\n     \"profile\": {",
        count, precision, best.total, processor, first, repeats, best.input, best.fit, best.prediction, flops,
        flops / best.total / l->fma, flops / best.total / l->dgemm, least / best.total, products);
    printf("%-10s %4zu %-6s %9.4f ms, of a processor %.4f (X side %.3f, fit %.3f, prediction %.3f)  %5.1f GF/s, %.0f "
           "%% of FMA, %.0f %% of the "
           "limits of its parts; %.1f products a component\n",
           w->shape->name, count, precision, 1e3 * best.total, 1e3 * processor, 1e3 * best.input, 1e3 * best.fit,
           1e3 * best.prediction, 1e-9 * flops / best.total, 100 * flops / best.total / l->fma,
           100 * least / best.total, products);
    printf("           of a counted run:");
    for (size_t i = 0; i < N_COUNTERS; i++) {
        fprintf(file, "\"%s\": %.4f, ", kept[i].name, kept[i].seconds / counted.total);
        printf(" %s %.0f %%,", kept[i].name, 100 * kept[i].seconds / counted.total);
    }
    fprintf(file, "\"loops\": %.4f}}%s\n", rest / counted.total, last ? "" : ",");
    printf(" loops %.0f %%\n", 100 * rest / counted.total);
}

static void write_data(const char *folder, const work *w) {
    const char *name = w->shape->name;
    const size_t pairs = w->y->start[w->y->n];
    write_npy(folder, name, "x", "<f8", 8, w->x, w->shape->n, w->shape->d);
    write_npy(folder, name, "start", "<i8", 8, w->y->start, w->y->n + 1, 0);
    write_npy(folder, name, "column", "<u4", 4, w->y->column, pairs, 0);
    write_npy(folder, name, "value", "<f8", 8, w->y->value, pairs, 0);
}

int main(int n_arguments, char **arguments) {
    const shape *asked = NULL;
    for (size_t i = 0; (n_arguments == 3 || n_arguments == 4) && i < n_shapes; i++)
        if (strcmp(shapes[i].name, arguments[2]) == 0) asked = shapes + i;
    if (asked == NULL) {
        fprintf(stderr, "usage: bench_plsr FOLDER SHAPE [COUNT]\n");
        for (size_t i = 0; i < n_shapes; i++)
            fprintf(stderr, "  %s: %zu concepts, %zu wide, %zu features\n", shapes[i].name, shapes[i].n, shapes[i].d,
                    shapes[i].m);
        return 2;
    }
    xp_blas_single_thread();
    double *x = NULL;
    xp_csr y = {0};
    uint32_t *rows = malloc(asked->n * sizeof *rows);
    require(rows != NULL && make_shape(asked, &x, &y), "no memory");
    size_t n_test = 0, n_train = 0;
    for (size_t i = 0; i < asked->n; i++) n_test += i % FOLDS == TEST_FOLD;
    n_train = asked->n - n_test;
    work w = {.shape = asked, .x = x, .y = &y};
    w.fold = (xp_fold){.train = rows, .test = rows + n_train, .n_train = n_train, .n_test = n_test};
    for (size_t i = 0, train = 0, test = n_train; i < asked->n; i++)
        rows[i % FOLDS == TEST_FOLD ? test++ : train++] = (uint32_t)i;
    require((w.prediction = malloc(asked->m * n_test * sizeof(double))) != NULL, "no memory");
    if (n_arguments == 4) {
        w.tolerance = XP_PLSR_EXACT;
        size_t count = strtoul(arguments[3], NULL, 10);
        require(count > 0 && count <= 100, "COUNT is 1 to 100");
        for (double begun = seconds(); seconds() - begun < ENOUGH;) run(&w, count);
        return 0;
    }
    write_data(arguments[1], &w);

    char path[4096];
    snprintf(path, sizeof path, "%s/%s.json", arguments[1], asked->name);
    FILE *file = fopen(path, "w");
    require(file != NULL, "cannot write the result");
    limits l = measure_limits();
    printf("%s: %zu + %zu concepts, %zu wide, %zu features, %zu cells; BLAS %s\n", asked->name, n_train, n_test,
           asked->d, asked->m, y.start[y.n], xp_blas_core());
    printf("limits of one thread: FMA %.1f GF/s, dgemm %.1f; reading L2 %.0f, L3 %.0f, DRAM %.0f GB/s\n", 1e-9 * l.fma,
           1e-9 * l.dgemm, 1e-9 * l.l2, 1e-9 * l.l3, 1e-9 * l.dram);
    fprintf(file,
            "{\"shape\": \"%s\", \"train\": %zu, \"test\": %zu, \"width\": %zu, \"features\": %zu, \"cells\": %zu, "
            "\"blas\": "
            "\"%s\",\n \"limits\": {\"fma\": %.5g, \"dgemm\": %.5g, \"l2\": %.5g, \"l3\": %.5g, \"dram\": %.5g},\n "
            "\"runs\": [\n",
            asked->name, n_train, n_test, asked->d, asked->m, y.start[y.n], xp_blas_core(), l.fma, l.dgemm, l.l2, l.l3,
            l.dram);
    w.tolerance = XP_PLSR_EXACT;
    for (size_t i = 0; i < N_COUNTS; i++) {
        char part[32];
        report_run(file, &w, &l, counts[i], "exact", i + 1 == N_COUNTS);
        snprintf(part, sizeof part, "prediction-%zu", counts[i]);
        write_npy(arguments[1], asked->name, part, "<f8", 8, w.prediction, asked->m, n_test);
    }
    fprintf(file, " ]}\n");
    require(fclose(file) == 0, "cannot write the result");
    free(w.prediction);
    free(rows);
    free(x);
    xp_csr_free(&y);
    return 0;
}

/* ffnn_dump FOLDER steps|fit: what check_ffnn.py compares with PyTorch. Arrays are raw numbers without a header; FOLDER/sizes is text:
 *     n d h m batch steps recipe rate dropout epochs patience n_train n_test seed
 * x (f64, n x d) and y (f64, n x m). steps: hidden, output (f32, weights of a unit and its bias), row (u32, steps x batch), mask
 * (f32, steps x batch x h, or x m for recipe 1); prints the loss of each step. fit: train, test (u32); writes prediction (f64,
 * m x n_test) and prints the number of epochs and the best one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/ffnn.h"

static const char *folder;

static void require(bool ok, const char *what) {
    if (ok) return;
    fprintf(stderr, "ffnn_dump: %s\n", what);
    exit(1);
}

static void *numbers(const char *name, size_t count, size_t size, bool write, void *from) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, write ? "wb" : "rb");
    void *all = write ? from : malloc(count * size + 1);
    require(file != NULL && all != NULL, path);
    require((write ? fwrite(all, size, count, file) : fread(all, size, count, file)) == count && fclose(file) == 0,
            path);
    return all;
}

static void put_layer(float *weight, size_t units, size_t inputs, const float *from) {
    for (size_t u = 0; u < units; u++)
        for (size_t i = 0; i <= inputs; i++) weight[xp_network_place(inputs, u, i)] = from[u * (inputs + 1) + i];
}

int main(int n_arguments, char **arguments) {
    require(n_arguments == 3, "usage: ffnn_dump FOLDER steps|fit");
    folder = arguments[1];
    size_t n = 0, d = 0, h = 0, m = 0, batch = 0, steps = 0, epochs = 0, patience = 0, n_train = 0, n_test = 0;
    int recipe = 0;
    unsigned seed = 0;
    double rate = 0, dropout = 0;
    char path[4096];
    snprintf(path, sizeof path, "%s/sizes", folder);
    FILE *file = fopen(path, "r");
    require(file != NULL &&
                fscanf(file, "%zu %zu %zu %zu %zu %zu %d %lf %lf %zu %zu %zu %zu %u", &n, &d, &h, &m, &batch, &steps,
                       &recipe, &rate, &dropout, &epochs, &patience, &n_train, &n_test, &seed) == 14,
            "sizes");
    fclose(file);
    double *x = numbers("x", n * d, 8, false, NULL), *y = numbers("y", n * m, 8, false, NULL);
    xp_csr sparse;
    require(xp_csr_alloc(&sparse, n, m, n * m), "no memory");
    for (size_t i = 0, e = 0; i < n; i++) {
        for (size_t j = 0; j < m; j++) {
            if (y[i * m + j] == 0) continue;
            sparse.column[e] = (uint32_t)j;
            sparse.value[e++] = y[i * m + j];
        }
        sparse.start[i + 1] = e;
    }
    const xp_target target = {.y = &sparse};
    if (strcmp(arguments[2], "steps") == 0) {
        const size_t width = recipe == XP_FFNN_CHRONIS2023 ? m : h;
        float *rows = malloc(n * (d + 1) * sizeof *rows),
              *mask = numbers("mask", steps * batch * width, 4, false, NULL);
        uint32_t *row = numbers("row", steps * batch, 4, false, NULL), *concept = malloc(n * sizeof *concept);
        xp_network net;
        require(rows != NULL && concept != NULL && xp_network_alloc(&net, d, h, m, batch), "no memory");
        for (size_t i = 0; i < n; i++) {
            concept[i] = (uint32_t)i;
            for (size_t j = 0; j < d; j++) rows[i * (d + 1) + j] = (float)x[i * d + j];
            rows[i * (d + 1) + d] = 1;
        }
        const xp_network_rows data = {rows, d + 1, concept, &target, 1};
        xp_network_begin(&net, d, h, m);
        put_layer(net.weight, h, d, numbers("hidden", h * (d + 1), 4, false, NULL));
        put_layer(net.weight + net.n_first, m, h, numbers("output", m * (h + 1), 4, false, NULL));
        for (size_t s = 0; s < steps; s++) {
            const bool sum = recipe == XP_FFNN_CHRONIS2023;
            const float *now = mask + s * batch * width;
            const xp_network_step step = {rate, sum, sum ? NULL : now, sum ? now : NULL};
            const xp_network_loss loss = xp_network_train(&net, &data, batch, row + s * batch, &step);
            printf("%.9g\n", sum ? loss.squares : loss.squares / (double)loss.cells);
        }
        return 0;
    }
    const xp_fold fold = {numbers("train", n_train, 4, false, NULL), numbers("test", n_test, 4, false, NULL), n_train,
                          n_test};
    xp_ffnn_settings settings = {(xp_ffnn_kind)recipe, h, batch, epochs, patience, dropout, rate};
    xp_columns columns;
    xp_ffnn_input input;
    xp_ffnn ffnn;
    double *prediction = malloc(m * n_test * sizeof *prediction), *losses = malloc(2 * epochs * sizeof *losses);
    xp_ffnn_curve curve = {.train = losses, .dev = losses + epochs};
    require(prediction != NULL && losses != NULL && xp_columns_alloc(&columns, m) &&
                xp_ffnn_input_create(&input, x, d, &fold, settings.recipe) &&
                xp_ffnn_alloc(&ffnn, &settings, n_train, d, m),
            "no memory");
    xp_columns_fit(&target, &fold, &columns);
    require(xp_ffnn_fit(&ffnn, &input, &target, &fold, &columns, &settings, seed, 0, prediction, &curve), "diverged");
    numbers("prediction", m * n_test, 8, true, prediction);
    printf("%zu %zu %.9g\n", curve.n, curve.best, curve.train[curve.n - 1]);
    return 0;
}

/* A step of the network beside double precision: every derivative by central differences, then steps of Adam. */
#include "probe/network.h"
#include "support/matrix.h"

enum { STEPS = 2 };

typedef struct world {
    size_t d, h, m, n;
    bool sum, drop_hidden, drop_output, holes;
    double *x, *y, *weight; /* weight: h x (d + 1), then m x (h + 1), biases last */
    uint8_t *missing;       /* n x m */
    double *hidden_mask, *output_mask;
    double learning_rate, unit;
} world;

static size_t n_first(const world *w) { return w->h * (w->d + 1); }
static size_t n_weights(const world *w) { return n_first(w) + w->m * (w->h + 1); }

static double rounded_once(double value) { return (double)(float)value; }

static double *masks(size_t count, bool drop, uint32_t stream) {
    xp_rng rng = test_rng(stream);
    double *mask = nans(count);
    for (size_t i = 0; i < count; i++) mask[i] = !drop ? 1 : xp_rng_uniform(&rng) < .3 ? 0 : (double)(float)(1 / .7);
    return mask;
}

static world world_of(const size_t size[4], bool sum, bool drop_hidden, bool drop_output, bool holes) {
    world w = {.d = size[0], .h = size[1], .m = size[2], .n = size[3], .sum = sum, .drop_hidden = drop_hidden};
    w.drop_output = drop_output;
    w.holes = holes;
    w.learning_rate = .01;
    w.unit = 2; /* dividing by it is exact */
    w.x = normals(w.n * w.d, 1);
    w.weight = normals(n_weights(&w), 2);
    w.y = normals(w.n * w.m, 3);
    w.missing = calloc(w.n * w.m, 1);
    assert_non_null(w.missing);
    xp_rng rng = test_rng(4);
    for (size_t i = 0; i < w.n * w.d; i++) w.x[i] = rounded_once(w.x[i]);
    for (size_t i = 0; i < n_weights(&w); i++) w.weight[i] = rounded_once(.5 * w.weight[i]);
    for (size_t i = 0; i < w.n * w.m; i++) {
        w.y[i] = xp_rng_uniform(&rng) < .6 ? 0 : rounded_once(w.y[i]);
        w.missing[i] = holes && xp_rng_uniform(&rng) < .3;
        if (w.missing[i]) w.y[i] = 0;
    }
    w.hidden_mask = masks(w.n * w.h, drop_hidden, 5);
    w.output_mask = masks(w.n * w.m, drop_output, 6);
    return w;
}

static void world_free(world *w) {
    free(w->x);
    free(w->y);
    free(w->weight);
    free(w->missing);
    free(w->hidden_mask);
    free(w->output_mask);
}

/* The sum of squared errors and the cells, as docs/methods.md#ffnn says it; the loss is squares, or squares / cells. */
static double reference(const world *w, const double *weight, size_t *cells) {
    const double *w2 = weight + n_first(w);
    double squares = 0, *hidden = nans(w->h);
    *cells = 0;
    for (size_t i = 0; i < w->n; i++) {
        for (size_t u = 0; u < w->h; u++) {
            double z = weight[u * (w->d + 1) + w->d];
            for (size_t j = 0; j < w->d; j++) z += weight[u * (w->d + 1) + j] * w->x[i * w->d + j];
            hidden[u] = tanh(z) * w->hidden_mask[i * w->h + u];
        }
        for (size_t j = 0; j < w->m; j++) {
            if (w->missing[i * w->m + j]) continue;
            double o = w2[j * (w->h + 1) + w->h];
            for (size_t u = 0; u < w->h; u++) o += w2[j * (w->h + 1) + u] * hidden[u];
            o = o * w->output_mask[i * w->m + j] - w->y[i * w->m + j] / w->unit;
            squares += o * o;
            ++*cells;
        }
    }
    free(hidden);
    return squares;
}

static double loss_of(const world *w, const double *weight) {
    size_t cells;
    const double squares = reference(w, weight, &cells);
    return w->sum ? squares : squares / (double)cells;
}

static double *derivatives(const world *w, const double *weight) {
    double *gradient = nans(n_weights(w)), *moved = nans(n_weights(w)), step = 1e-5;
    memcpy(moved, weight, n_weights(w) * sizeof *moved);
    for (size_t k = 0; k < n_weights(w); k++) {
        moved[k] = weight[k] + step;
        const double up = loss_of(w, moved);
        moved[k] = weight[k] - step;
        gradient[k] = (up - loss_of(w, moved)) / (2 * step);
        moved[k] = weight[k];
    }
    free(moved);
    return gradient;
}

/* Where weight k of the world lies in the network's panels. */
static size_t place(const world *w, const xp_network *net, size_t k) {
    if (k < n_first(w)) return xp_network_place(w->d, k / (w->d + 1), k % (w->d + 1));
    k -= n_first(w);
    return net->n_first + xp_network_place(w->h, k / (w->h + 1), k % (w->h + 1));
}

typedef struct given {
    float *x, *hidden_mask, *output_mask;
    xp_csr y;
    size_t *missing_start;
    uint32_t *missing_column, *concept;
    xp_target target;
    xp_network_rows rows;
} given;

static float *floats(size_t count, const double *from) {
    float *to = malloc((count + 1) * sizeof *to);
    assert_non_null(to);
    for (size_t i = 0; i < count; i++) to[i] = (float)from[i];
    return to;
}

static given given_of(const world *w) {
    given g = {.hidden_mask = floats(w->n * w->h, w->hidden_mask), .output_mask = floats(w->n * w->m, w->output_mask)};
    const size_t stride = w->d + 1;
    g.x = malloc(w->n * stride * sizeof *g.x);
    g.missing_start = calloc(w->n + 1, sizeof *g.missing_start);
    g.missing_column = malloc(w->n * w->m * sizeof *g.missing_column);
    g.concept = counted(w->n);
    assert_true(g.x != NULL && g.missing_start != NULL && g.missing_column != NULL);
    for (size_t i = 0; i < w->n; i++) {
        for (size_t j = 0; j < w->d; j++) g.x[i * stride + j] = (float)w->x[i * w->d + j];
        g.x[i * stride + w->d] = 1;
        g.missing_start[i + 1] = g.missing_start[i];
        for (size_t j = 0; j < w->m; j++)
            if (w->missing[i * w->m + j]) g.missing_column[g.missing_start[i + 1]++] = (uint32_t)j;
    }
    g.y = sparse_of(w->n, w->m, w->y);
    return g;
}

static void given_free(given *g) {
    free(g->x);
    free(g->hidden_mask);
    free(g->output_mask);
    xp_csr_free(&g->y);
    free(g->missing_start);
    free(g->missing_column);
    free(g->concept);
}

static void one_world(const world *w, const xp_kernels *kernels) {
    xp_network net;
    given g = given_of(w);
    const xp_target target = {.y = &g.y,
                              .missing_start = w->holes ? g.missing_start : NULL,
                              .missing_column = w->holes ? g.missing_column : NULL};
    const xp_network_rows rows = {g.x, w->d + 1, g.concept, &target, w->unit};
    const xp_network_step step = {.learning_rate = w->learning_rate,
                                  .sum = w->sum,
                                  .hidden_mask = w->drop_hidden ? g.hidden_mask : NULL,
                                  .output_mask = w->drop_output ? g.output_mask : NULL};
    assert_true(xp_network_alloc(&net, w->d + 3, w->h + 2, w->m + 40, w->n + 1)); /* room for more than is used */
    memset(net.arena, 0xff, net.n_floats * sizeof *net.arena);
    net.kernels = kernels;
    xp_network_begin(&net, w->d, w->h, w->m);
    double *weight = nans(n_weights(w)), *m = calloc(n_weights(w), sizeof *m), *v = calloc(n_weights(w), sizeof *v);
    memcpy(weight, w->weight, n_weights(w) * sizeof *weight);
    for (size_t k = 0; k < n_weights(w); k++) net.weight[place(w, &net, k)] = (float)weight[k];
    for (size_t t = 1; t <= STEPS; t++) {
        size_t cells;
        const double squares = reference(w, weight, &cells);
        double *gradient = derivatives(w, weight), largest = largest_of(n_weights(w), gradient);
        const xp_network_loss loss = xp_network_train(&net, &rows, w->n, g.concept, &step);
        assert_int_equal(loss.cells, cells);
        assert_true(fabs(loss.squares - squares) <= 2e-4 * squares);
        for (size_t k = 0; k < n_weights(w); k++) {
            const size_t at = place(w, &net, k);
            m[k] = .9 * m[k] + .1 * gradient[k];
            v[k] = .999 * v[k] + .001 * gradient[k] * gradient[k];
            if (t == 1 && !(fabs((double)net.first[at] / .1 - gradient[k]) <= 2e-6 * largest + 1e-9))
                fail_msg("%s, %zu > %zu > %zu, %zu rows: derivative %zu is %.9g, expected %.9g", kernels->name, w->d,
                         w->h, w->m, w->n, k, (double)net.first[at] / .1, gradient[k]);
            weight[k] -=
                w->learning_rate / (1 - pow(.9, (double)t)) * m[k] / (sqrt(v[k] / (1 - pow(.999, (double)t))) + 1e-8);
            if (fabs(gradient[k]) > 1e-3 * largest) /* the direction of a derivative that is rounding is rounding */
                assert_true(fabs((double)net.weight[at] - weight[k]) <= 1e-4 * w->learning_rate * (double)t * 20);
            weight[k] = (double)net.weight[at]; /* so that differences do not add up */
            m[k] = (double)net.first[at];
            v[k] = (double)net.second[at];
        }
        free(gradient);
    }
    for (size_t k = 0; k < net.n_weights; k++) assert_true(isfinite(net.weight[k])); /* between the weights: zero */
    free(weight);
    free(m);
    free(v);
    given_free(&g);
    xp_network_free(&net);
}

static const size_t SIZES[][4] = {{1, 1, 1, 1},   {5, 3, 4, 1},     {7, 33, 40, 5},  {40, 5, 70, 33},
                                  {3, 32, 32, 2}, {12, 20, 65, 32}, {385, 2, 3, 64}, {2, 390, 2, 3}};

static void steps_by_central_differences(void **state) {
    (void)state;
    for (size_t s = 0; s < sizeof SIZES / sizeof SIZES[0]; s++)
        for (unsigned how = 0; how<16; how += SIZES[s][1] * SIZES[s][2]> 300 ? 5 : 1) { /* 0, 5, 10, 15 */
            world w = world_of(SIZES[s], how & 1, how & 2, how & 4, how & 8);
            size_t cells;
            reference(&w, w.weight, &cells);
            if (cells > 0) one_world(&w, xp_kernels_find(NULL));
            world_free(&w);
        }
}

/* Predictions and test errors of more rows than there is room for at once. */
static void rows_in_any_number(void **state) {
    (void)state;
    world w = world_of((const size_t[4]){6, 35, 37, 23}, false, false, false, true);
    given g = given_of(&w);
    const xp_target target = {.y = &g.y, .missing_start = g.missing_start, .missing_column = g.missing_column};
    const xp_network_rows rows = {g.x, w.d + 1, g.concept, &target, w.unit};
    double *one = nans(w.n * w.m), *other = nans(w.n * w.m);
    xp_network_loss loss[2];
    for (size_t turn = 0; turn < 2; turn++) {
        xp_network net;
        assert_true(xp_network_alloc(&net, w.d, w.h, w.m, turn == 0 ? 23 : 4));
        xp_network_begin(&net, w.d, w.h, w.m);
        for (size_t k = 0; k < n_weights(&w); k++) net.weight[place(&w, &net, k)] = (float)w.weight[k];
        loss[turn] = xp_network_test(&net, &rows, w.n, g.concept);
        xp_network_predict(&net, &rows, w.n, turn == 0 ? one : other);
        xp_network_free(&net);
    }
    assert_memory_equal(one, other, w.n * w.m * sizeof *one);
    double squares = 0;
    for (size_t i = 0; i < w.n; i++)
        for (size_t j = 0; j < w.m; j++)
            if (!w.missing[i * w.m + j]) squares += pow((one[j * w.n + i] - w.y[i * w.m + j]) / w.unit, 2);
    size_t cells;
    const double expected = reference(&w, w.weight, &cells);
    for (size_t turn = 0; turn < 2; turn++) {
        assert_int_equal(loss[turn].cells, cells);
        assert_true(fabs(loss[turn].squares - expected) < 1e-4 * expected);
    }
    assert_true(fabs(squares - expected) < 1e-4 * expected);
    free(one);
    free(other);
    given_free(&g);
    world_free(&w);
}

static void sizes_that_do_not_fit(void **state) {
    (void)state;
    xp_network net;
    assert_false(xp_network_alloc(&net, SIZE_MAX / 8, 300, 10, 32));
    assert_false(xp_network_alloc(&net, 10, SIZE_MAX / 4, 10, 32));
    assert_false(xp_network_alloc(&net, 10, 300, SIZE_MAX - 40, 32));
    assert_false(xp_network_alloc(&net, 10, 300, 10, SIZE_MAX / 16));
    for (size_t n = 1; n <= 3; n++) {
        xp_fail_allocation(n);
        assert_false(xp_network_alloc(&net, 3, 4, 5, 6));
        xp_fail_allocation(0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(steps_by_central_differences),
                                       cmocka_unit_test(rows_in_any_number), cmocka_unit_test(sizes_that_do_not_fit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Products, norms and softmax beside double precision; every instruction set beside the scalar reference, bit for bit;
 * rows that do not depend on their neighbours. */
#include "support/files.h"

#include <math.h>

#include "base/rng.h"
#include "tensor/linear.h"

enum { ROWS = 29, INNER = 1000, COLUMNS = 75 };

static float a[ROWS * INNER], weight[COLUMNS * INNER], bias[COLUMNS], residual[ROWS * COLUMNS];

static int fill(void **state) {
    (void)state;
    xp_rng rng = xp_rng_begin(11, XP_RNG_TEST, 0);
    float *const arrays[] = {a, weight, bias, residual};
    const size_t sizes[] = {ROWS * INNER, COLUMNS * INNER, COLUMNS, ROWS * COLUMNS};
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < sizes[i]; k++) arrays[i][k] = (float)xp_rng_normal(&rng);
    return 0;
}

static float *packed(size_t inner, size_t columns) {
    size_t size;
    assert_true(xp_panels_size(inner, columns, &size));
    float *panels = malloc(size * sizeof *panels);
    assert_non_null(panels);
    memset(panels, 0xff, size * sizeof *panels); /* NaN behind the last column must not be seen */
    xp_panels_put(inner, 0, columns, weight, INNER, panels);
    return panels;
}

static void read_weight(const void *from, size_t first, size_t n, size_t k, size_t many, float *to, size_t ld) {
    assert_true(n <= XP_PANEL && k % XP_READ == 0 && many <= XP_READ);
    for (size_t i = 0; i < n; i++)
        memcpy(to + i * ld, (const float *)from + (first + i) * INNER + k, many * sizeof *to);
}

/* The matrix packed, and packed as it is read: the same bits. */
static void apply(const xp_kernels *kernels, size_t first, size_t rows, size_t inner, size_t columns,
                  xp_activation activation, float *y) {
    float *panels = packed(inner, columns);
    xp_linear linear = {.inner = inner, .columns = columns, .panels = panels, .bias = bias};
    float read[ROWS * COLUMNS];
    memset(y, 0xff, rows * columns * sizeof *y);
    xp_linear_apply(kernels, &linear, rows, a + first * INNER, INNER, activation, residual + first * COLUMNS, COLUMNS,
                    y, columns);
    free(panels);
    linear.panels = NULL;
    linear.read = read_weight;
    linear.weight = weight;
    xp_linear_apply(kernels, &linear, rows, a + first * INNER, INNER, activation, residual + first * COLUMNS, COLUMNS,
                    read, columns);
    assert_memory_equal(read, y, rows * columns * sizeof *y);
}

static double activated(xp_activation activation, double x) {
    switch (activation) {
    case XP_IDENTITY: return x;
    case XP_GELU: return .5 * x * (1 + erf(x / sqrt(2)));
    case XP_GELU_TANH: return .5 * x * (1 + tanh(sqrt(2 / acos(-1)) * (x + .044715 * x * x * x)));
    case XP_RELU: return x > 0 ? x : 0;
    case XP_TANH: return tanh(x);
    case XP_SILU: return x / (1 + exp(-x));
    }
    return NAN;
}

static const struct {
    size_t rows, inner, columns;
} shapes[] = {{1, 1, 1},    {1, 384, 32}, {12, 385, 33}, {13, 7, 31},  {ROWS, INNER, COLUMNS},
              {6, 768, 64}, {25, 31, 48}, {24, 769, 16}, {11, 384, 75}};

static void products_by_definition(void **state) {
    (void)state;
    float y[ROWS * COLUMNS];
    for (size_t set = 0; xp_kernels_list(set) != NULL; set++) {
        const xp_kernels *kernels = xp_kernels_list(set);
        if (!kernels->usable()) continue;
        for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
            for (int act = XP_IDENTITY; act <= XP_SILU; act++) {
                const size_t rows = shapes[s].rows, inner = shapes[s].inner, columns = shapes[s].columns;
                apply(kernels, 0, rows, inner, columns, (xp_activation)act, y);
                for (size_t i = 0; i < rows; i++)
                    for (size_t j = 0; j < columns; j++) {
                        double sum = 0;
                        for (size_t k = 0; k < inner; k++)
                            sum += (double)a[i * INNER + k] * (double)weight[j * INNER + k];
                        const double want =
                            activated((xp_activation)act, sum + (double)bias[j]) + (double)residual[i * COLUMNS + j];
                        const double bound = 4e-7 * (4 + sqrt((double)inner) * 4 + fabs(sum));
                        if (!(fabs((double)y[i * columns + j] - want) <= bound))
                            fail_msg("%s, %zu x %zu x %zu, activation %d, (%zu, %zu): %.9g, expected %.9g",
                                     kernels->name, rows, inner, columns, act, i, j, (double)y[i * columns + j], want);
                    }
            }
    }
}

/* The product of two panels, added to what is there or not, and the same bits from every set. */
static void panels_by_each_other(void **state) {
    (void)state;
    const xp_kernels *scalar = xp_kernels_find("scalar");
    static const size_t inners[] = {1, 7, 384};
    enum { LD = XP_PANEL + 3 };
    for (size_t set = 0; xp_kernels_list(set) != NULL; set++) {
        const xp_kernels *kernels = xp_kernels_list(set);
        if (!kernels->usable()) continue;
        for (size_t s = 0; s < sizeof inners / sizeof *inners; s++)
            for (int add = 0; add < 2; add++) {
                float c[XP_PANEL * LD], want[XP_PANEL * LD];
                for (size_t i = 0; i < XP_PANEL * LD; i++) c[i] = want[i] = add ? bias[i % COLUMNS] : NAN;
                kernels->cross(inners[s], a, weight, c, LD, add);
                for (size_t i = 0; i < XP_PANEL; i++)
                    for (size_t j = 0; j < LD; j++) {
                        double sum = add ? (double)bias[(i * LD + j) % COLUMNS] : 0;
                        for (size_t k = 0; k < inners[s]; k++)
                            sum += (double)a[k * XP_PANEL + i] * (double)weight[k * XP_PANEL + j % XP_PANEL];
                        if (j >= XP_PANEL) /* behind the panel nothing is written */
                            assert_memory_equal(&c[i * LD + j], &want[i * LD + j], sizeof *c);
                        else if (!(fabs((double)c[i * LD + j] - sum) < 1e-6 * (80 + fabs(sum))))
                            fail_msg("%s, %zu deep, (%zu, %zu): %.9g, expected %.9g", kernels->name, inners[s], i, j,
                                     (double)c[i * LD + j], sum);
                    }
                if (scalar == NULL) continue;
                scalar->cross(inners[s], a, weight, want, LD, add);
                assert_memory_equal(c, want, sizeof c);
            }
    }
}

static void same_bits_from_every_set(void **state) {
    (void)state;
    const xp_kernels *scalar = xp_kernels_find("scalar");
    if (scalar == NULL) skip();
    float want[ROWS * COLUMNS], got[ROWS * COLUMNS];
    xp_focus focus[2] = {0};
    for (size_t set = 0; xp_kernels_list(set) != NULL; set++) {
        const xp_kernels *kernels = xp_kernels_list(set);
        if (!kernels->usable()) continue;
        for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
            for (int act = XP_IDENTITY; act <= XP_SILU; act++) {
                const size_t rows = shapes[s].rows, inner = shapes[s].inner, columns = shapes[s].columns;
                apply(scalar, 0, rows, inner, columns, (xp_activation)act, want);
                apply(kernels, 0, rows, inner, columns, (xp_activation)act, got);
                assert_memory_equal(got, want, rows * columns * sizeof *got);
            }
        for (size_t n = 1; n < 200; n += 3) {
            memcpy(want, a, n * sizeof *a);
            memcpy(got, a, n * sizeof *a);
            scalar->softmax(n, want, .37f, weight, &focus[0]);
            kernels->softmax(n, got, .37f, weight, &focus[1]);
            assert_memory_equal(got, want, n * sizeof *got);
            assert_memory_equal(&focus[0], &focus[1], sizeof *focus);
            memcpy(want, a, n * sizeof *a); /* it is the same row, whether its focus is asked for or not */
            kernels->softmax(n, want, .37f, weight, NULL);
            assert_memory_equal(got, want, n * sizeof *got);
            scalar->normalise(n, a, 1e-5f, weight, weight + 500, want);
            kernels->normalise(n, a, 1e-5f, weight, weight + 500, got);
            assert_memory_equal(got, want, n * sizeof *got);
            scalar->normalise(n, a, 1e-5f, NULL, weight, want);
            kernels->normalise(n, a, 1e-5f, NULL, weight, got);
            assert_memory_equal(got, want, n * sizeof *got);
            scalar->normalise_rms(n, a, 1e-5f, weight, want);
            kernels->normalise_rms(n, a, 1e-5f, weight, got);
            assert_memory_equal(got, want, n * sizeof *got);
        }
    }
}

/* exp, erf and tanh over all floats, by their places in memory: one in some thousands. */
static void same_functions_from_every_set(void **state) {
    (void)state;
    const xp_kernels *scalar = xp_kernels_find("scalar");
    if (scalar == NULL) skip();
    enum { MANY = 1 << 12 };
    static float x[MANY], want[MANY], got[MANY];
    for (uint32_t turn = 0; turn < 64; turn++)
        for (int act = XP_GELU; act <= XP_GELU_TANH; act++) {
            for (uint32_t i = 0; i < MANY; i++) {
                uint32_t bits = (turn * MANY + i) * 16381u + turn;
                if ((bits & 0x7f800000) == 0x7f800000) bits &= 0x807fffffu; /* a NaN has many forms */
                memcpy(&x[i], &bits, sizeof bits);
            }
            for (size_t set = 0; xp_kernels_list(set) != NULL; set++) {
                const xp_kernels *kernels = xp_kernels_list(set);
                if (!kernels->usable()) continue;
                memcpy(want, x, sizeof x);
                memcpy(got, x, sizeof x);
                scalar->finish(1, MANY, want, MANY, NULL, (xp_activation)act, NULL, 0);
                kernels->finish(1, MANY, got, MANY, NULL, (xp_activation)act, NULL, 0);
                for (size_t i = 0; i < MANY; i++)
                    if (memcmp(&want[i], &got[i], sizeof want[i]) != 0 && !(isnan(want[i]) && isnan(got[i])))
                        fail_msg("%s: activation %d of %a is %a, of the reference %a", kernels->name, act, (double)x[i],
                                 (double)got[i], (double)want[i]);
            }
        }
}

/* Two steps of Adam with the gradient a'b, beside double precision and beside the scalar set. */
static void descends_by_definition(void **state) {
    (void)state;
    enum { MOST = 77, BATCH = 13 };
    static const size_t sizes[][2] = {{1, 1}, {12, 12}, {13, 7}, {MOST, BATCH}, {5, 1}};
    const xp_adam adam = {.take = .1f, .keep = .999f, .square = .001f, .rate = .01f, .root = 3, .tiny = 1e-8f};
    static float got[3][MOST * XP_PANEL], want[3][MOST * XP_PANEL];
    static double m[MOST * XP_PANEL], v[MOST * XP_PANEL], w[MOST * XP_PANEL];
    for (size_t set = 0; xp_kernels_list(set) != NULL; set++) {
        const xp_kernels *kernels = xp_kernels_list(set), *scalar = xp_kernels_find("scalar");
        if (!kernels->usable()) continue;
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            const size_t rows = sizes[s][0], inner = sizes[s][1];
            memset(m, 0, sizeof m);
            memset(v, 0, sizeof v);
            memcpy(got[0], weight, sizeof got[0]);
            memset(got[1], 0, 2 * sizeof got[1]);
            for (size_t i = 0; i < MOST * XP_PANEL; i++) w[i] = (double)got[0][i];
            memcpy(want, got, sizeof got);
            for (size_t turn = 0; turn < 2; turn++) {
                const float *left = a + turn, *right = a + 5000 + turn;
                kernels->descend(rows, inner, left, INNER, right, &adam, got[0], got[1], got[2]);
                scalar->descend(rows, inner, left, INNER, right, &adam, want[0], want[1], want[2]);
                for (size_t i = 0; i < rows * XP_PANEL; i++) {
                    double g = 0;
                    for (size_t k = 0; k < inner; k++)
                        g += (double)left[k * INNER + i / XP_PANEL] * (double)right[k * XP_PANEL + i % XP_PANEL];
                    m[i] = .9 * m[i] + .1 * g;
                    v[i] = .999 * v[i] + .001 * g * g;
                    w[i] -= .01 * m[i] / (3 * sqrt(v[i]) + 1e-8);
                    assert_true(fabs(m[i] - (double)got[1][i]) <= 1e-6 * (1 + fabs(m[i])));
                    assert_true(fabs(v[i] - (double)got[2][i]) <= 1e-6 * (1e-3 + v[i]));
                    assert_true(fabs(w[i] - (double)got[0][i]) <= 1e-6 + 1e-6 / (fabs(g) + 1e-6));
                }
            }
            assert_memory_equal(got, want, sizeof got);
        }
    }
}

static void rows_stand_alone(void **state) {
    (void)state;
    float all[ROWS * COLUMNS], one[COLUMNS];
    for (size_t set = 0; xp_kernels_list(set) != NULL; set++) {
        const xp_kernels *kernels = xp_kernels_list(set);
        if (!kernels->usable()) continue;
        apply(kernels, 0, ROWS, INNER, COLUMNS, XP_GELU, all);
        for (size_t i = 0; i < ROWS; i++) {
            apply(kernels, i, 1, INNER, COLUMNS, XP_GELU, one);
            assert_memory_equal(one, all + i * COLUMNS, sizeof one);
        }
    }
}

static void softmax_and_norm_by_definition(void **state) {
    (void)state;
    for (size_t set = 0; xp_kernels_list(set) != NULL; set++) {
        const xp_kernels *kernels = xp_kernels_list(set);
        if (!kernels->usable()) continue;
        for (size_t n = 1; n <= COLUMNS; n += 9) {
            float row[128], y[128];
            double top = -INFINITY, sum = 0, mean = 0, square = 0, entropy = 0;
            float largest = 0;
            xp_focus focus;
            memcpy(row, a, n * sizeof *a);
            kernels->softmax(n, row, 3, bias, &focus);
            for (size_t i = 0; i < n; i++) largest = row[i] > largest ? row[i] : largest;
            assert_memory_equal(&largest, &focus.largest, sizeof largest);
            for (size_t i = 0; i < n; i++) top = fmax(top, 3 * (double)a[i] + (double)bias[i]);
            for (size_t i = 0; i < n; i++) sum += exp(3 * (double)a[i] + (double)bias[i] - top);
            for (size_t i = 0; i < n; i++) {
                const double share = exp(3 * (double)a[i] + (double)bias[i] - top) / sum;
                assert_true(fabs((double)row[i] - share) < 1e-6);
                entropy -= share * log(share);
            }
            assert_true(fabs((double)focus.entropy - entropy) < 1e-6);
            kernels->normalise(n, a, 1e-5f, weight, bias, y);
            for (size_t i = 0; i < n; i++) mean += (double)a[i] / (double)n;
            for (size_t i = 0; i < n; i++) square += ((double)a[i] - mean) * ((double)a[i] - mean) / (double)n;
            for (size_t i = 0; i < n; i++)
                assert_true(fabs((double)y[i] - (((double)a[i] - mean) / sqrt(square + 1e-5) * (double)weight[i] +
                                                 (double)bias[i])) < 1e-5);
            kernels->normalise(n, a, 1e-5f, NULL, NULL, y);
            for (size_t i = 0; i < n; i++)
                assert_true(fabs((double)y[i] - ((double)a[i] - mean) / sqrt(square + 1e-5)) < 1e-5);
            kernels->normalise_rms(n, a, 1e-3f, weight, y);
            for (size_t i = 0; i < n; i++)
                assert_true(fabs((double)y[i] - (double)a[i] / sqrt(square + mean * mean + 1e-3) * (double)weight[i]) <
                            1e-5);
        }
    }
}

static void parts_lie_together(void **state) {
    (void)state;
    /* Three maps of 7 outputs are one of 21, wherever the panels end; and columns as rows of another matrix. */
    enum { PART = 25, DEEP = 19 };
    float whole[3 * 32 * DEEP], parts[3 * 32 * DEEP], plain[3 * 32 * DEEP], transposed[DEEP * 3 * PART];
    memset(whole, 0, sizeof whole);
    memset(parts, 0, sizeof parts);
    xp_panels_put(DEEP, 0, 3 * PART, weight, INNER, whole);
    for (size_t p = 0; p < 3; p++) xp_panels_put(DEEP, p * PART, PART, weight + p * PART * INNER, INNER, parts);
    assert_memory_equal(parts, whole, sizeof whole);
    for (size_t k = 0; k < DEEP; k++)
        for (size_t j = 0; j < 3 * PART; j++) transposed[k * 3 * PART + j] = weight[j * INNER + k];
    xp_panels_put_plain(DEEP, 0, 7, 3 * PART, transposed, 3 * PART, plain); /* in two goes */
    xp_panels_put_plain(DEEP, 7, DEEP - 7, 3 * PART, transposed + 7 * 3 * PART, 3 * PART, plain);
    assert_memory_equal(plain, whole, sizeof whole);
}

static void sets_by_name(void **state) {
    (void)state;
    assert_null(xp_kernels_find("mmx"));
    const xp_kernels *best = xp_kernels_find(NULL);
    if (best != NULL) assert_ptr_equal(xp_kernels_find(best->name), best);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(products_by_definition),
                                       cmocka_unit_test(panels_by_each_other),
                                       cmocka_unit_test(same_bits_from_every_set),
                                       cmocka_unit_test(same_functions_from_every_set),
                                       cmocka_unit_test(descends_by_definition),
                                       cmocka_unit_test(rows_stand_alone),
                                       cmocka_unit_test(softmax_and_norm_by_definition),
                                       cmocka_unit_test(parts_lie_together),
                                       cmocka_unit_test(sets_by_name)};
    return cmocka_run_group_tests(tests, fill, NULL);
}

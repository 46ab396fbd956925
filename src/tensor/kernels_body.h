/* The body of a set of kernels: included once by each kernels_ISA.c, which has defined `wide` (16 lanes) with its
 * operations, TILE_ROWS and TILE_WIDES. Not a header to include elsewhere. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__clang__)
#define UNROLLED _Pragma("unroll")
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif
#define ALWAYS static inline __attribute__((always_inline))

enum {
    TILE_COLUMNS = TILE_WIDES * XP_LANES,
    PREFETCH = 4096, /* bytes of a panel ahead */
    /* Of a step of Adam: while one tile is added up, roots and quotients of the one before are taken. */
    ADAM_ROWS = TILE_ROWS < 8 ? TILE_ROWS : 8
};

/* Adds to ROWS x TILE_COLUMNS sums in registers, ROWS and lda a constant or a stride: row r's factor is a[r * lda]. */
ALWAYS void add_products(const size_t ROWS, const float *a, size_t lda, const float *panel,
                         wide sum[TILE_ROWS][TILE_WIDES]) {
    wide b[TILE_WIDES];
    UNROLLED for (size_t w = 0; w < TILE_WIDES; w++) b[w] = wide_load(panel + w * XP_LANES);
    UNROLLED for (size_t r = 0; r < ROWS; r++) {
        const wide x = wide_set(a[r * lda]);
        UNROLLED for (size_t w = 0; w < TILE_WIDES; w++) sum[r][w] = wide_fma(x, b[w], sum[r][w]);
    }
}

/* The factor of row r and inner place k is a[r * row + k * step]. */
ALWAYS void tile(const size_t ROWS, size_t inner, const float *a, size_t row, size_t step, const float *panel, float *c,
                 size_t ldc, bool add) {
    wide sum[TILE_ROWS][TILE_WIDES];
    UNROLLED for (size_t r = 0; r < ROWS; r++) UNROLLED for (size_t w = 0; w < TILE_WIDES; w++) sum[r][w] = wide_set(0);
    for (size_t k = 0; k < inner; k++, panel += XP_PANEL) {
        add_products(ROWS, a + k * step, row, panel, sum);
        /* The processor's own prefetch stops at every 4 KB; perhaps behind the panel, where nothing is read. */
        UNROLLED for (size_t w = 0; w < TILE_WIDES; w++)
            __builtin_prefetch((const void *)((uintptr_t)panel + PREFETCH + w * XP_LANES * sizeof(float)));
    }
    UNROLLED for (size_t r = 0; r < ROWS; r++) UNROLLED for (size_t w = 0; w < TILE_WIDES; w++) {
        float *to = c + r * ldc + w * XP_LANES;
        wide_store(to, add ? wide_add(wide_load(to), sum[r][w]) : sum[r][w]);
    }
}

/* A call for a number of rows that is not a constant: `call` says it with the constant ROWS. */
#define TILE_CASE(n, call)                                                                                             \
    case n:                                                                                                            \
        if (n <= TILE_ROWS) {                                                                                          \
            enum { ROWS = n <= TILE_ROWS ? n : 1 };                                                                    \
            call;                                                                                                      \
        }                                                                                                              \
        break;
#define TILE_CASES(call)                                                                                               \
    TILE_CASE(1, call)                                                                                                 \
    TILE_CASE(2, call)                                                                                                 \
    TILE_CASE(3, call)                                                                                                 \
    TILE_CASE(4, call)                                                                                                 \
    TILE_CASE(5, call)                                                                                                 \
    TILE_CASE(6, call)                                                                                                 \
    TILE_CASE(7, call)                                                                                                 \
    TILE_CASE(8, call)                                                                                                 \
    TILE_CASE(9, call)                                                                                                 \
    TILE_CASE(10, call)                                                                                                \
    TILE_CASE(11, call)                                                                                                \
    TILE_CASE(12, call)

static void tile_of(size_t rows, size_t inner, const float *a, size_t lda, const float *panel, float *c, size_t ldc,
                    bool add) {
    switch (rows) { TILE_CASES(tile(ROWS, inner, a, lda, 1, panel, c, ldc, add)) }
}

static void copy_rows(size_t rows, size_t columns, const float *from, size_t ldf, float *to, size_t ldt) {
    for (size_t r = 0; r < rows; r++) memcpy(to + r * ldt, from + r * ldf, columns * sizeof *to);
}

static void product(size_t rows, size_t inner, const float *a, size_t lda, const float *panel, size_t columns, float *c,
                    size_t ldc, bool add) {
    const size_t n_tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
    for (size_t t = 0, r = 0; t < n_tiles; t++) {
        const size_t many = (rows - r + n_tiles - t - 1) / (n_tiles - t); /* 11 and 11 rather than 12 and 10 */
        for (size_t j = 0; j < columns; j += TILE_COLUMNS) {
            const size_t wide_enough = columns - j < TILE_COLUMNS ? columns - j : TILE_COLUMNS;
            float *to = c + r * ldc + j;
            if (wide_enough == TILE_COLUMNS) {
                tile_of(many, inner, a + r * lda, lda, panel + j, to, ldc, add);
            } else { /* the panel's zeros would be written behind the columns */
                float whole[TILE_ROWS * TILE_COLUMNS] = {0};
                if (add) copy_rows(many, wide_enough, to, ldc, whole, TILE_COLUMNS);
                tile_of(many, inner, a + r * lda, lda, panel + j, whole, TILE_COLUMNS, add);
                copy_rows(many, wide_enough, whole, TILE_COLUMNS, to, ldc);
            }
        }
        r += many;
    }
}

static void cross_tile_of(size_t rows, size_t inner, const float *a, size_t lda, const float *panel, float *c,
                          size_t ldc, bool add) {
    switch (rows) { TILE_CASES(tile(ROWS, inner, a, 1, lda, panel, c, ldc, add)) }
}

static void cross(size_t inner, const float *a, const float *panel, float *c, size_t ldc, bool add) {
    const size_t n_tiles = (XP_PANEL + TILE_ROWS - 1) / TILE_ROWS;
    for (size_t t = 0, r = 0; t < n_tiles; t++) {
        const size_t many = (XP_PANEL - r + n_tiles - t - 1) / (n_tiles - t);
        for (size_t j = 0; j < XP_PANEL; j += TILE_COLUMNS)
            cross_tile_of(many, inner, a + r, XP_PANEL, panel + j, c + r * ldc + j, ldc, add);
        r += many;
    }
}

/* The gradient of a tile that is added up, on its way into moments and weights. */
typedef struct pending {
    float gradient[ADAM_ROWS * TILE_COLUMNS];
    float *weight, *first, *second;
    size_t rows;
} pending;

ALWAYS void adam_wide(const float *gradient, size_t at, float *weight, float *first, float *second,
                      const xp_adam *adam) {
    const wide take = wide_set(adam->take), keep = wide_set(adam->keep), square = wide_set(adam->square);
    const wide rate = wide_set(-adam->rate), root = wide_set(adam->root), tiny = wide_set(adam->tiny);
    const wide g = wide_load(gradient), before = wide_load(first + at);
    const wide m = wide_fma(take, wide_sub(g, before), before);
    const wide v = wide_fma(keep, wide_load(second + at), wide_mul(square, wide_mul(g, g)));
    const wide down = wide_div(m, wide_fma(wide_sqrt(v), root, tiny));
    wide_store(first + at, m);
    wide_store(second + at, v);
    wide_store(weight + at, wide_fma(rate, down, wide_load(weight + at)));
}

ALWAYS void adam_row(const pending *p, size_t row, const xp_adam *adam) {
    UNROLLED for (size_t w = 0; w < TILE_WIDES; w++)
        adam_wide(p->gradient + row * TILE_COLUMNS + w * XP_LANES, row * XP_PANEL + w * XP_LANES, p->weight, p->first,
                  p->second, adam);
}

/* Roots and quotients of the tile before are taken while this one is added up: they have a unit of their own in the
 * processor, which is as busy as those that multiply. */
ALWAYS void adam_tile(const size_t ROWS, size_t inner, const float *a, size_t lda, const float *panel,
                      const xp_adam *adam, pending *before) {
    wide sum[TILE_ROWS][TILE_WIDES];
    size_t k = 0, row = 0;
    const size_t share = inner / ADAM_ROWS;
    UNROLLED for (size_t r = 0; r < ROWS; r++) UNROLLED for (size_t w = 0; w < TILE_WIDES; w++) sum[r][w] = wide_set(0);
    if (share > 0)
        for (; row < before->rows; row++) {
            adam_row(before, row, adam);
            for (const size_t end = k + share; k < end; k++)
                add_products(ROWS, a + k * lda, 1, panel + k * XP_PANEL, sum);
        }
    for (; k < inner; k++) add_products(ROWS, a + k * lda, 1, panel + k * XP_PANEL, sum);
    for (; row < before->rows; row++) adam_row(before, row, adam);
    UNROLLED for (size_t r = 0; r < ROWS; r++) UNROLLED for (size_t w = 0; w < TILE_WIDES; w++)
        wide_store(before->gradient + (r * TILE_WIDES + w) * XP_LANES, sum[r][w]);
}

static void adam_tile_of(size_t rows, size_t inner, const float *a, size_t lda, const float *panel, const xp_adam *adam,
                         pending *before) {
    switch (rows) { TILE_CASES(adam_tile(ROWS, inner, a, lda, panel, adam, before)) }
}

static void descend(size_t rows, size_t inner, const float *a, size_t lda, const float *panel, const xp_adam *adam,
                    float *weight, float *first, float *second) {
    const size_t n_tiles = (rows + ADAM_ROWS - 1) / ADAM_ROWS;
    pending tile;
    tile.rows = 0;
    for (size_t t = 0, r = 0; t < n_tiles; t++) {
        const size_t many = (rows - r + n_tiles - t - 1) / (n_tiles - t);
        for (size_t j = 0; j < XP_PANEL; j += TILE_COLUMNS) {
            const size_t at = r * XP_PANEL + j;
            for (size_t i = 0; i < many; i++) UNROLLED for (size_t v = 0; v < TILE_WIDES; v++) {
                    __builtin_prefetch(first + at + i * XP_PANEL + v * XP_LANES, 1);
                    __builtin_prefetch(second + at + i * XP_PANEL + v * XP_LANES, 1);
                }
            adam_tile_of(many, inner, a + r, lda, panel + j, adam, &tile);
            tile.weight = weight + at;
            tile.first = first + at;
            tile.second = second + at;
            tile.rows = many;
        }
        r += many;
    }
    for (size_t row = 0; row < tile.rows; row++) adam_row(&tile, row, adam);
}

/* x * Phi(x), by erf; torch's gelu. */
ALWAYS wide gelu(wide x) {
    const wide half = wide_mul(wide_set(.5f), x);
    return wide_mul(half, wide_add(wide_set(1), wide_erf(wide_mul(x, wide_set(0.70710678118654752f)))));
}

/* Its approximation by tanh: gelu_new, gelu_pytorch_tanh. */
ALWAYS wide gelu_tanh(wide x) {
    const wide cube = wide_mul(x, wide_mul(x, x));
    const wide inner = wide_mul(wide_set(0.79788456080286536f), wide_fma(wide_set(0.044715f), cube, x));
    return wide_mul(wide_mul(wide_set(.5f), x), wide_add(wide_set(1), wide_tanh(inner)));
}

/* Sixteen outputs after the sum. */
ALWAYS wide finish_wide(wide c, const float *bias, xp_activation activation, const float *residual) {
    if (bias != NULL) c = wide_add(c, wide_load(bias));
    switch (activation) {
    case XP_IDENTITY: break;
    case XP_GELU: c = gelu(c); break;
    case XP_GELU_TANH: c = gelu_tanh(c); break;
    case XP_RELU: c = wide_max(c, wide_set(0)); break;
    case XP_TANH: c = wide_tanh(c); break;
    case XP_SILU: c = wide_div(c, wide_add(wide_set(1), wide_exp(wide_sub(wide_set(0), c)))); break;
    }
    return residual != NULL ? wide_add(c, wide_load(residual)) : c;
}

static void finish(size_t rows, size_t columns, float *c, size_t ldc, const float *bias, xp_activation activation,
                   const float *residual, size_t ldr) {
    const size_t whole = columns / XP_LANES * XP_LANES, rest = columns - whole;
    float tail[3][XP_LANES] = {{0}}; /* c, bias, residual */
    for (size_t r = 0; r < rows; r++) {
        float *row = c + r * ldc;
        const float *other = residual != NULL ? residual + r * ldr : NULL;
        for (size_t j = 0; j < whole; j += XP_LANES)
            wide_store(row + j, finish_wide(wide_load(row + j), bias != NULL ? bias + j : NULL, activation,
                                            other != NULL ? other + j : NULL));
        if (rest == 0) continue;
        memcpy(tail[0], row + whole, rest * sizeof *row);
        if (bias != NULL) memcpy(tail[1], bias + whole, rest * sizeof *row);
        if (other != NULL) memcpy(tail[2], other + whole, rest * sizeof *row);
        wide_store(tail[0], finish_wide(wide_load(tail[0]), bias != NULL ? tail[1] : NULL, activation,
                                        other != NULL ? tail[2] : NULL));
        memcpy(row + whole, tail[0], rest * sizeof *row);
    }
}

/* The last, incomplete sixteen of a row, with `fill` behind its end. */
ALWAYS wide load_rest(const float *x, size_t rest, float fill) {
    float lanes[XP_LANES];
    for (size_t i = 0; i < XP_LANES; i++) lanes[i] = i < rest ? x[i] : fill;
    return wide_load(lanes);
}

ALWAYS void store_rest(float *x, size_t rest, wide a) {
    float lanes[XP_LANES];
    wide_store(lanes, a);
    memcpy(x, lanes, rest * sizeof *x);
}

/* Halves onto halves: 16, 8, 4, 2, 1. */
ALWAYS float fold_sum(wide a) {
    float x[XP_LANES];
    wide_store(x, a);
    for (size_t half = XP_LANES / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++) x[i] += x[i + half];
    return x[0];
}

ALWAYS float fold_max(wide a) {
    float x[XP_LANES], most;
    wide_store(x, a);
    most = x[0];
    for (size_t i = 1; i < XP_LANES; i++) most = x[i] > most ? x[i] : most;
    return most;
}

/* Zeros behind the rest. */
ALWAYS wide keep_rest(wide a, size_t rest) {
    float lanes[XP_LANES];
    wide_store(lanes, a);
    for (size_t i = rest; i < XP_LANES; i++) lanes[i] = 0;
    return wide_load(lanes);
}

static void softmax(size_t n, float *row, float scale, const float *bias, xp_focus *focus) {
    const size_t whole = n / XP_LANES * XP_LANES, rest = n - whole;
    const wide factor = wide_set(scale);
    wide most = wide_set(-INFINITY);
    for (size_t i = 0; i < whole; i += XP_LANES) {
        wide x = wide_mul(wide_load(row + i), factor);
        if (bias != NULL) x = wide_add(x, wide_load(bias + i));
        wide_store(row + i, x);
        most = wide_max(most, x);
    }
    for (size_t i = whole; i < n; i++) {
        row[i] *= scale;
        if (bias != NULL) row[i] += bias[i];
    }
    if (rest > 0) most = wide_max(most, load_rest(row + whole, rest, -INFINITY));
    const wide top = wide_set(fold_max(most));
    wide sum = wide_set(0), products = wide_set(0);
    for (size_t i = 0; i < whole; i += XP_LANES) {
        const wide below = wide_sub(wide_load(row + i), top), x = wide_exp(below);
        wide_store(row + i, x);
        sum = wide_add(sum, x);
        products = wide_fma(x, below, products);
    }
    if (rest > 0) { /* exp(-inf) = 0 behind the end */
        const wide below = wide_sub(load_rest(row + whole, rest, -INFINITY), top), x = wide_exp(below);
        store_rest(row + whole, rest, x);
        sum = wide_add(sum, x);
        products = wide_fma(x, keep_rest(below, rest), products);
    }
    const float total = fold_sum(sum);
    if (focus != NULL)
        *focus = (xp_focus){(float)(log((double)total) - (double)fold_sum(products) / (double)total), 1 / total};
    const wide divisor = wide_set(total);
    for (size_t i = 0; i < whole; i += XP_LANES) wide_store(row + i, wide_div(wide_load(row + i), divisor));
    for (size_t i = whole; i < n; i++) row[i] /= total;
}

/* What a norm does after its division; weight and bias may be NULL. */
ALWAYS float stretch(float x, const float *weight, const float *bias, size_t i) {
    if (weight == NULL) return bias != NULL ? x + bias[i] : x;
    return bias != NULL ? fmaf(x, weight[i], bias[i]) : x * weight[i];
}

ALWAYS wide stretch_wide(wide x, const float *weight, const float *bias, size_t i) {
    if (weight == NULL) return bias != NULL ? wide_add(x, wide_load(bias + i)) : x;
    return bias != NULL ? wide_fma(x, wide_load(weight + i), wide_load(bias + i)) : wide_mul(x, wide_load(weight + i));
}

static void normalise(size_t n, const float *x, float eps, const float *weight, const float *bias, float *y) {
    const size_t whole = n / XP_LANES * XP_LANES, rest = n - whole;
    wide sum = wide_set(0);
    for (size_t i = 0; i < whole; i += XP_LANES) sum = wide_add(sum, wide_load(x + i));
    if (rest > 0) sum = wide_add(sum, load_rest(x + whole, rest, 0));
    const float mean = fold_sum(sum) / (float)n;
    const wide centre = wide_set(mean);
    wide squares = wide_set(0);
    for (size_t i = 0; i < whole; i += XP_LANES) {
        const wide d = wide_sub(wide_load(x + i), centre);
        squares = wide_fma(d, d, squares);
    }
    if (rest > 0) {
        const wide d = wide_sub(load_rest(x + whole, rest, mean), centre);
        squares = wide_fma(d, d, squares);
    }
    const float factor = 1 / sqrtf(fold_sum(squares) / (float)n + eps);
    const wide scale = wide_set(factor);
    for (size_t i = 0; i < whole; i += XP_LANES) {
        const wide d = wide_mul(wide_sub(wide_load(x + i), centre), scale);
        wide_store(y + i, stretch_wide(d, weight, bias, i));
    }
    for (size_t i = whole; i < n; i++) y[i] = stretch((x[i] - mean) * factor, weight, bias, i);
}

static void normalise_rms(size_t n, const float *x, float eps, const float *weight, float *y) {
    const size_t whole = n / XP_LANES * XP_LANES, rest = n - whole;
    wide squares = wide_set(0);
    for (size_t i = 0; i < whole; i += XP_LANES) squares = wide_fma(wide_load(x + i), wide_load(x + i), squares);
    if (rest > 0) {
        const wide last = load_rest(x + whole, rest, 0);
        squares = wide_fma(last, last, squares);
    }
    const float factor = 1 / sqrtf(fold_sum(squares) / (float)n + eps);
    const wide scale = wide_set(factor);
    for (size_t i = 0; i < whole; i += XP_LANES)
        wide_store(y + i, stretch_wide(wide_mul(wide_load(x + i), scale), weight, NULL, i));
    for (size_t i = whole; i < n; i++) y[i] = stretch(x[i] * factor, weight, NULL, i);
}

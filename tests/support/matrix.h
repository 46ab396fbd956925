/* Matrices of tests: buffers that start as NaN, sizes that are odd, seeds that are printed. Every helper asserts its allocations. */
#ifndef XP_TESTS_SUPPORT_MATRIX_H
#define XP_TESTS_SUPPORT_MATRIX_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/rng.h"
#include "control/conditions.h"
#include "formats/npy.h"
#include "probe/target.h"
#include "tensor/csr.h"

/* The seed of a test program: 1, or EXPLAINT_TEST_SEED. Printed once, so that a failure can be made again. */
static inline uint64_t test_seed(void) {
    static uint64_t seed;
    if (seed == 0) {
        const char *asked = getenv("EXPLAINT_TEST_SEED");
        seed = asked != NULL ? strtoull(asked, NULL, 10) : 1;
        print_message("seed %llu\n", (unsigned long long)seed);
    }
    return seed;
}

/* A stream of its own for every use (`stream`) of a test program. */
static inline xp_rng test_rng(uint32_t stream) { return xp_rng_begin(test_seed(), XP_RNG_TEST, stream); }

static inline double *nans(size_t count) {
    double *x = malloc((count > 0 ? count : 1) * sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < count; i++) x[i] = NAN;
    return x;
}

static inline double *normals(size_t count, uint32_t stream) {
    xp_rng rng = test_rng(stream);
    double *x = nans(count);
    for (size_t i = 0; i < count; i++) x[i] = xp_rng_normal(&rng);
    return x;
}

static inline uint32_t *counted(size_t count) { /* 0, 1, 2, ... */
    uint32_t *x = malloc((count > 0 ? count : 1) * sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < count; i++) x[i] = (uint32_t)i;
    return x;
}

static inline double largest_of(size_t count, const double *x) {
    double most = 0;
    for (size_t i = 0; i < count; i++) most = fabs(x[i]) > most ? fabs(x[i]) : most;
    return most;
}

/* Largest difference, as a share of the largest entry of b. A NaN anywhere gives infinity. */
static inline double difference(size_t count, const double *a, const double *b) {
    double most = 0, scale = largest_of(count, b);
    for (size_t i = 0; i < count; i++) {
        double d = fabs(a[i] - b[i]);
        if (!(d <= HUGE_VAL)) return HUGE_VAL;
        if (d > most) most = d;
    }
    return scale > 0 ? most / scale : most;
}

#define assert_close(count, a, b, tolerance)                                                                           \
    do {                                                                                                               \
        double off_by = difference((count), (a), (b));                                                                 \
        if (!(off_by <= (tolerance)))                                                                                  \
            fail_msg("%s and %s differ by %g, at most %g expected", #a, #b, off_by, (double)(tolerance));              \
    } while (0)

/* ---- sparse ---- */

static inline xp_csr sparse_of(size_t n, size_t m, const double *dense) {
    xp_csr csr;
    size_t count = 0, at = 0;
    for (size_t i = 0; i < n * m; i++) count += dense[i] != 0;
    assert_true(xp_csr_alloc(&csr, n, m, count));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < m; j++) {
            if (dense[i * m + j] == 0) continue;
            csr.column[at] = (uint32_t)j;
            csr.value[at++] = dense[i * m + j];
        }
        csr.start[i + 1] = at;
    }
    return csr;
}

static inline double *dense_of(const xp_csr *csr) {
    double *dense = nans(csr->n * csr->m);
    for (size_t i = 0; i < csr->n; i++) xp_csr_row(csr, i, dense + i * csr->m);
    return dense;
}

/* Norms as McRae's: about `each` features a concept with values from 5 to 30, some features frequent (Zipf), most of them rare, and categories
 * that share features (label may be NULL). */
static inline xp_csr sparse_norms(size_t n, size_t m, size_t each, size_t categories, int *label, uint32_t stream) {
    xp_rng rng = test_rng(stream);
    double *row = nans(m);
    xp_csr csr;
    assert_true(xp_csr_alloc(&csr, n, m, n * (each + each / 2 + 1)));
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        memset(row, 0, m * sizeof *row);
        size_t category = xp_rng_below(&rng, categories), count = each - each / 2 + xp_rng_below(&rng, each + 1);
        if (label != NULL) label[i] = (int)category;
        for (size_t k = 0; k < count; k++) {
            double u = xp_rng_uniform(&rng);
            size_t rank = (size_t)(pow((double)m + 1, u)) - 1; /* density 1/rank */
            if (rank >= m) rank = m - 1;
            if (k % 2 == 0) rank = (rank * categories + category) % m; /* half of the features belong to the category */
            row[rank] = 5 + (double)xp_rng_below(&rng, 26);
        }
        for (size_t j = 0; j < m; j++) {
            if (row[j] == 0) continue;
            csr.column[at] = (uint32_t)j;
            csr.value[at++] = row[j];
        }
        csr.start[i + 1] = at;
    }
    free(row);
    return csr;
}

/* ---- folds ---- */

typedef struct split {
    uint32_t *train, *test;
    xp_fold fold;
} split;

/* Every `step`-th row is held out, from row `first`. */
static inline split split_rows(size_t n, size_t step, size_t first) {
    split s = {.train = counted(n), .test = counted(n)};
    for (uint32_t i = 0; i < n; i++) {
        if (i % step == first)
            s.test[s.fold.n_test++] = i;
        else
            s.train[s.fold.n_train++] = i;
    }
    s.fold.train = s.train;
    s.fold.test = s.test;
    return s;
}

/* The first n_train rows train, the rest is held out. */
static inline split split_at(size_t n_train, size_t n) {
    split s = {.train = counted(n), .test = counted(n)};
    for (size_t i = n_train; i < n; i++) s.test[i - n_train] = (uint32_t)i;
    s.fold = (xp_fold){.train = s.train, .test = s.test, .n_train = n_train, .n_test = n - n_train};
    return s;
}

static inline void split_free(split *s) {
    free(s->train);
    free(s->test);
}

static inline xp_columns columns_of(const xp_target *target, const xp_fold *fold) {
    xp_columns columns;
    assert_true(xp_columns_alloc(&columns, target->y->m));
    memset(columns.mean, 0xff, columns.m * sizeof *columns.mean); /* NaN */
    memset(columns.scale, 0xff, columns.m * sizeof *columns.scale);
    xp_columns_fit(target, fold, &columns);
    return columns;
}

/* ---- goldens ---- */

typedef struct golden {
    size_t rows, width;
    double *value; /* row-major */
} golden;

static inline golden golden_read(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/tests/golden/%s.npy", EXPLAINT_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail_msg("%s cannot be read", path);
    enum { MOST = 1 << 20 };
    unsigned char *bytes = malloc(MOST);
    assert_non_null(bytes);
    size_t size = fread(bytes, 1, MOST, file);
    fclose(file);
    assert_true(size > 128 && size < MOST);
    /* npy.h reads matrices; a vector "(40,)" is made one of a single column: same bytes, other shape text of equal length */
    size_t head = 10 + (size_t)bytes[8] + 256u * bytes[9];
    for (size_t i = 10; i + 2 < head; i++)
        if (bytes[i] == ',' && bytes[i + 1] == ')' && bytes[i + 2] != ')') {
            size_t end = head - 1;
            memmove(bytes + i + 4, bytes + i + 2, end - (i + 4)); /* the header is padded with blanks */
            memcpy(bytes + i, ", 1)", 4);
            break;
        }
    xp_array array;
    explaint_error error = {0};
    if (xp_npy_open(&array, path, bytes, size, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    golden g = {.rows = array.rows, .width = array.width, .value = nans(array.rows * array.width)};
    for (size_t i = 0; i < g.rows; i++) xp_array_row(&array, i, g.value + i * g.width);
    free(bytes);
    return g;
}

/* The rows of b under those of a (equal width): training and test rows of a golden in one matrix. */
static inline double *stacked(golden a, golden b) {
    assert_int_equal(a.width, b.width);
    double *both = nans((a.rows + b.rows) * a.width);
    memcpy(both, a.value, a.rows * a.width * sizeof *both);
    memcpy(both + a.rows * a.width, b.value, b.rows * b.width * sizeof *both);
    return both;
}

#endif

#include "flow/effective.h"

#include <math.h>

#include "base/memory.h"
#include "tensor/blas.h"

static const double SMALLEST = 1e-5; /* of the largest singular value */

typedef struct run {
    const xp_effective_heads *of;
    size_t n, d;
    double *values;                 /* n x d: T */
    double *basis;                  /* orthonormal rows of `rows` numbers, that T's columns are made of */
    double *gram, *square, *vector; /* of the smaller side */
    double *left;                   /* NULL: not wanted */
    double removed;
} run;

/* Of the first `rows` rows of T: its rank, with a basis of its columns. SIZE_MAX: no decomposition. */
static size_t decompose(run *r, size_t rows) {
    const bool wide = rows <= r->d;
    const size_t side = wide ? rows : r->d;
    size_t rank = 0;
    if (wide)
        xp_gram(false, rows, r->d, r->values, r->d, r->gram);
    else
        xp_gram(true, r->d, rows, r->values, r->d, r->gram);
    if (!xp_eigen_symmetric(side, r->gram, side, r->square, r->vector)) return (size_t)-1;
    const double least = SMALLEST * SMALLEST * r->square[side - 1];
    for (size_t k = 0; k < side; k++) {
        if (!(r->square[k] > least)) continue;
        double *to = r->basis + rank++ * rows;
        const double *vector = r->vector + k * side;
        if (wide)
            for (size_t i = 0; i < rows; i++) to[i] = vector[i];
        else
            xp_gemv(false, rows, r->d, 1 / sqrt(r->square[k]), r->values, r->d, vector, 0, to);
    }
    return rank;
}

/* A row of a head's map, of which it sees `rows` entries. */
static void project(run *r, size_t h, size_t i, size_t rows, size_t rank) {
    const size_t n = r->n;
    const float *row = r->of->maps + (h * n + i) * n;
    double *to = r->left != NULL ? r->left + (h * n + i) * n : NULL, all = 0, left = 0;
    for (size_t j = 0; j < rows; j++) all += (double)row[j] * (double)row[j];
    for (size_t j = 0; to != NULL && j < n; j++) to[j] = rank == rows ? (double)row[j] : 0;
    if (rank == rows) return;
    for (size_t k = 0; k < rank; k++) {
        const double *u = r->basis + k * rows;
        double part = 0;
        for (size_t j = 0; j < rows; j++) part += (double)row[j] * u[j];
        left += part * part;
        for (size_t j = 0; to != NULL && j < rows; j++) to[j] += part * u[j];
    }
    r->removed += fmax(0, 1 - left / all);
}

/* The heads that have these values. */
static bool look(run *r, size_t k, xp_effective *e) {
    const size_t many = r->of->n_heads / r->of->n_value_heads, first = k * many;
    const bool causal = r->of->causal;
    size_t rank = 0;
    for (size_t j = 0; j < r->n; j++) {
        const float *value = r->of->values + j * r->of->stride + k * r->d;
        for (size_t c = 0; c < r->d; c++) r->values[j * r->d + c] = (double)value[c];
    }
    for (size_t i = 0; i < r->n; i++) {
        const size_t rows = causal ? i + 1 : r->n;
        if ((causal || i == 0) && (rank = decompose(r, rows)) == (size_t)-1) return false;
        for (size_t h = first; h < first + many; h++) project(r, h, i, rows, rank);
    }
    if (rank < e->rank_min) e->rank_min = rank;
    if (rank > e->rank_max) e->rank_max = rank;
    return true;
}

bool xp_effective_of(const xp_effective_heads *of, double *left, xp_effective *e) {
    const size_t n = of->n, d = of->head, side = n < d ? n : d;
    run r = {.of = of, .n = n, .d = d, .left = left};
    r.values = xp_alloc(n, d * sizeof *r.values);
    r.basis = xp_alloc(side, n * sizeof *r.basis);
    r.gram = xp_alloc(2 * side + 1, side * sizeof *r.gram);
    bool ok = r.values != NULL && r.basis != NULL && r.gram != NULL;
    *e = (xp_effective){.rank_min = n};
    if (ok) {
        r.square = r.gram + side * side;
        r.vector = r.square + side;
    }
    for (size_t k = 0; ok && k < of->n_value_heads; k++) ok = look(&r, k, e);
    e->removed = r.removed / (double)(of->n_heads * n);
    xp_free_all(r.values, r.basis, r.gram);
    return ok;
}

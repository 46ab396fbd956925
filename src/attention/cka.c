#include "attention/cka.h"

#include <math.h>
#include <string.h>

#include "attention/nearest.h"
#include "base/memory.h"
#include "tensor/blas.h"

static const double CONSTANT = 1e-12; /* what is left of rows without their mean, beside them: rounding */

/* What CKA is made of: of rows without their mean |A'B| squared, |A'A| and |B'B|; and the norms of the rows with it. */
typedef struct parts {
    double between, of_a, of_b, norm_a, norm_b;
} parts;

static double cka_of(const parts *p) {
    const double scale = p->of_a * p->of_b, least = CONSTANT * p->norm_a * p->norm_b;
    return scale > least * least ? p->between / scale : NAN;
}

/* ---- many rows: products of columns, of which standardised ones and those without other means follow ---- */

/* One of the sets. */
typedef struct set {
    double *rows;      /* n x d, without the mean of all, those of content first */
    double *mean, *sd; /* of all rows, as they come */
    double *sum;       /* of the rows that are in the products */
    double *products;  /* d x d, with itself */
} set;

static bool create_set(size_t n, size_t d, const double *from, const uint8_t *special, set *s) {
    *s = (set){.rows = xp_alloc(n, d * sizeof *s->rows),
               .mean = xp_calloc(d, 3 * sizeof *s->mean),
               .products = xp_alloc(d, d * sizeof *s->products)};
    if (s->rows == NULL || s->mean == NULL || s->products == NULL) return false;
    s->sd = s->mean + d;
    s->sum = s->mean + 2 * d;
    xp_nearest_moments(n, d, from, s->mean, s->sd);
    double *to = s->rows;
    for (int last = 0; last < 2; last++)
        for (size_t i = 0; i < n; i++) {
            if (special[i] != last) continue;
            for (size_t j = 0; j < d; j++) *to++ = from[i * d + j] - s->mean[j];
        }
    return true;
}

static void free_set(set *s) { xp_free_all(s->rows, s->mean, s->products); }

/* The sum of squares of products without the means of their rows, each column divided by its deviation, if `scaled`. */
static double squares(size_t n, size_t d, const double *products, const set *a, const set *b, bool scaled) {
    double sum = 0;
    for (size_t i = 0; i < d; i++) {
        const double mean = a->sum[i] / (double)n, sd = scaled ? a->sd[i] : 1;
        for (size_t j = 0; j < d; j++) {
            const double x = (products[i * d + j] - mean * b->sum[j]) / (scaled ? sd * b->sd[j] : 1);
            sum += x * x;
        }
    }
    return sum;
}

/* Of n rows with their mean: as they come, or standardised, which have none over all rows. */
static double norm(size_t n, size_t d, const set *s, bool scaled) {
    double sum = 0;
    for (size_t j = 0; j < d; j++) {
        const double square = s->products[j * d + j];
        sum += scaled ? square / (s->sd[j] * s->sd[j]) : square + s->mean[j] * (2 * s->sum[j] + (double)n * s->mean[j]);
    }
    return sqrt(sum > 0 ? sum : 0);
}

/* Adds rows from `first` on to the sums and products of both. */
static void add_rows(size_t first, size_t n, size_t d, set *a, set *b, double *cross) {
    const double *x = a->rows + first * d, *y = b->rows + first * d;
    for (size_t i = 0; i < n; i++) {
        xp_axpy(d, 1, x + i * d, a->sum);
        xp_axpy(d, 1, y + i * d, b->sum);
    }
    const double before = first > 0;
    if (first == 0) {
        xp_gram(true, d, n, x, d, a->products);
        xp_gram(true, d, n, y, d, b->products);
    } else {
        xp_gemm(true, false, d, d, n, 1, x, d, x, d, 1, a->products, d);
        xp_gemm(true, false, d, d, n, 1, y, d, y, d, 1, b->products, d);
    }
    xp_gemm(true, false, d, d, n, 1, x, d, y, d, before, cross, d);
}

static bool by_columns(size_t n, size_t d, size_t kept, set *a, set *b, double value[2][2]) {
    double *cross = xp_alloc(d, d * sizeof *cross);
    if (cross == NULL) return false;
    for (int content = 1; content >= 0; content--) {
        const size_t first = content ? 0 : kept, n_rows = content ? kept : n;
        if (n_rows > first) add_rows(first, n_rows - first, d, a, b, cross);
        for (int scaled = 0; scaled < 2 && n_rows > 0; scaled++)
            value[scaled][content] = cka_of(&(parts){.between = squares(n_rows, d, cross, a, b, scaled),
                                                     .of_a = sqrt(squares(n_rows, d, a->products, a, a, scaled)),
                                                     .of_b = sqrt(squares(n_rows, d, b->products, b, b, scaled)),
                                                     .norm_a = norm(n_rows, d, a, scaled),
                                                     .norm_b = norm(n_rows, d, b, scaled)});
    }
    xp_free(cross);
    return true;
}

/* ---- few rows: products of rows, |A'B| squared = <AA', BB'>, for each question anew ---- */

/* Of the first n rows, without their mean and with each column divided by its deviation, if `scaled`. */
static double row_products(size_t n, size_t d, const set *s, bool scaled, double *rows, double *products) {
    double *mean = rows + n * d, norm_before;
    memset(mean, 0, d * sizeof *mean);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            rows[i * d + j] = scaled ? s->rows[i * d + j] / s->sd[j] : s->rows[i * d + j] + s->mean[j];
    norm_before = xp_nrm2(n * d, rows);
    for (size_t i = 0; i < n; i++) xp_axpy(d, 1 / (double)n, rows + i * d, mean);
    for (size_t i = 0; i < n * d; i++) rows[i] -= mean[i % d];
    xp_gram(false, n, d, rows, d, products);
    return norm_before;
}

static bool by_rows(size_t n, size_t d, size_t kept, const set *a, const set *b, double value[2][2]) {
    double *rows = xp_alloc(n + 1, d * sizeof *rows), *products = xp_alloc(n, 2 * n * sizeof *products);
    const bool ok = rows != NULL && products != NULL;
    for (int content = 0; ok && content < 2; content++)
        for (int scaled = 0; scaled < 2; scaled++) {
            const size_t n_rows = content ? kept : n, size = n_rows * n_rows;
            double *of_a = products, *of_b = products + size;
            if (n_rows == 0) continue;
            parts p = {.norm_a = row_products(n_rows, d, a, scaled, rows, of_a),
                       .norm_b = row_products(n_rows, d, b, scaled, rows, of_b)};
            p.between = xp_dot(size, of_a, of_b);
            p.of_a = xp_nrm2(size, of_a);
            p.of_b = xp_nrm2(size, of_b);
            value[scaled][content] = cka_of(&p);
        }
    xp_free_all(rows, products);
    return ok;
}

bool xp_cka(size_t n, size_t d, const double *a, const double *b, const uint8_t *special, double value[2][2]) {
    set of_a = {0}, of_b = {0};
    size_t kept = n;
    for (size_t i = 0; i < n; i++) kept -= special[i];
    for (int k = 0; k < 4; k++) value[k / 2][k % 2] = NAN;
    bool ok = create_set(n, d, a, special, &of_a) && create_set(n, d, b, special, &of_b);
    if (ok) /* 4 n d^2 multiplications and additions, or 8 n^2 d */
        ok = d <= 2 * n ? by_columns(n, d, kept, &of_a, &of_b, value) : by_rows(n, d, kept, &of_a, &of_b, value);
    free_set(&of_a);
    free_set(&of_b);
    return ok;
}

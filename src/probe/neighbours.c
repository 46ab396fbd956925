/* Neighbourhood accuracy: who is nearest to whom, in three readings (docs/methods.md#metrics). */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/metrics.h"
#include "tensor/blas.h"

static int64_t step(double dot, double norm_a, double norm_b) {
    if (!(norm_a > 0) || !(norm_b > 0)) return 0; /* a zero vector is at right angles to everything */
    return llrint(dot / (norm_a * norm_b) * 0x1p40);
}

/* ---- rows of cosines ---- */

/* n x n products of rows, in place of which their steps are put. */
static int64_t *dense_steps(size_t n, size_t d, const double *x) {
    int64_t *steps = xp_alloc(n * n, sizeof *steps);
    double *norm = xp_alloc(n, sizeof *norm), *gram = (double *)steps; /* one by one, a double becomes an integer */
    _Static_assert(sizeof *gram == sizeof *steps, "a step takes the place of a product");
    if (steps == NULL || norm == NULL) {
        xp_free_all(norm, steps);
        return NULL;
    }
    xp_gram(false, n, d, x, d, gram);
    for (size_t i = 0; i < n; i++) norm[i] = sqrt(gram[i * n + i]);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) steps[i * n + j] = step(gram[i * n + j], norm[i], norm[j]);
    xp_free(norm);
    return steps;
}

static double sparse_norm(const xp_csr *y, size_t row) {
    double sum = 0;
    for (size_t e = y->start[row]; e < y->start[row + 1]; e++) sum += y->value[e] * y->value[e];
    return sqrt(sum);
}

/* Concepts whose gold is asked for, one dense row after the other. */
typedef struct gold_rows {
    const xp_target *target;
    const uint32_t *concept_index;
    size_t n;
    double *norm, *row;
    int64_t *value; /* n: the steps of one row */
} gold_rows;

static void gold_rows_free(gold_rows *g) { xp_free_all(g->norm, g->row, g->value); }

static bool gold_rows_create(gold_rows *g, const xp_target *target, size_t n, const uint32_t *concept_index) {
    *g = (gold_rows){.target = target, .concept_index = concept_index, .n = n};
    g->norm = xp_alloc(n, sizeof *g->norm);
    g->row = xp_alloc(target->y->m, sizeof *g->row);
    g->value = xp_alloc(n, sizeof *g->value);
    if (g->norm == NULL || g->row == NULL || g->value == NULL) {
        gold_rows_free(g);
        return false;
    }
    for (size_t j = 0; j < n; j++) g->norm[j] = sparse_norm(target->y, xp_target_row(target, concept_index[j]));
    return true;
}

/* Steps of a dense row against every candidate's gold. */
static void against_gold(const gold_rows *g, const double *dense, double norm, int64_t *value) {
    const xp_csr *y = g->target->y;
    for (size_t j = 0; j < g->n; j++) {
        size_t row = xp_target_row(g->target, g->concept_index[j]);
        double dot = 0;
        for (size_t e = y->start[row]; e < y->start[row + 1]; e++) dot += dense[y->column[e]] * y->value[e];
        value[j] = step(dot, norm, g->norm[j]);
    }
}

static void own_row(const gold_rows *g, size_t i, int64_t *value) {
    xp_csr_row(g->target->y, xp_target_row(g->target, g->concept_index[i]), g->row);
    against_gold(g, g->row, g->norm[i], value);
}

/* ---- missing cells ---- */

/* The rows of x, or of the gold (x NULL), with zeros where cells are missing. */
static void observed_rows(const double *x, const xp_target *target, size_t n, const uint32_t *concept_index,
                          double *rows) {
    const size_t m = target->y->m;
    for (size_t i = 0; i < n; i++) {
        size_t at = xp_target_row(target, concept_index[i]);
        if (x != NULL)
            memcpy(rows + i * m, x + i * m, m * sizeof *rows);
        else
            xp_csr_row(target->y, at, rows + i * m);
        for (size_t e = target->missing_start[at]; e < target->missing_start[at + 1]; e++)
            rows[i * m + target->missing_column[e]] = 0;
    }
}

/* squares[i][j] = sum of the squares of row i over the cells that j has. */
static void shared_squares(const double *rows, const double *observed, size_t n, size_t m, double *scratch,
                           double *squares) {
    for (size_t e = 0; e < n * m; e++) scratch[e] = rows[e] * rows[e];
    xp_gemm(false, true, n, n, m, 1, scratch, m, observed, m, 0, squares, n);
}

/* n x n steps of the rows of `asked` (NULL: gold) against those of `other` (NULL: gold), of two concepts over the cells that
 * both have: zeros for the others would make concepts alike that miss the same cells. */
static int64_t *shared_steps(const double *asked, const double *other, const xp_target *target, size_t n,
                             const uint32_t *concept_index) {
    const size_t m = target->y->m;
    double *a = xp_alloc(n * m, sizeof *a), *b = xp_alloc(n * m, sizeof *b), *observed = xp_alloc(n * m, sizeof *b);
    double *scratch = xp_alloc(n * m, sizeof *scratch), *dot = xp_alloc(n * n, sizeof *dot);
    double *aa = xp_alloc(n * n, sizeof *aa), *bb = xp_alloc(n * n, sizeof *bb);
    int64_t *steps = NULL;
    if (a && b && observed && scratch && dot && aa && bb) steps = xp_alloc(n * n, sizeof *steps);
    if (steps != NULL) {
        for (size_t e = 0; e < n * m; e++) scratch[e] = 1;
        observed_rows(scratch, target, n, concept_index, observed);
        observed_rows(asked, target, n, concept_index, a);
        observed_rows(other, target, n, concept_index, b);
        shared_squares(a, observed, n, m, scratch, aa);
        shared_squares(b, observed, n, m, scratch, bb);
        xp_gemm(false, true, n, n, m, 1, a, m, b, m, 0, dot, n);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                steps[i * n + j] = step(dot[i * n + j], sqrt(aa[i * n + j]), sqrt(bb[j * n + i]));
    }
    xp_free_all(a, b, observed, scratch, dot, aa, bb);
    return steps;
}

/* ---- neighbours ---- */

static bool neighbours_alloc(xp_neighbours *neighbours, size_t n, size_t k) {
    *neighbours = (xp_neighbours){.n = n, .k = k < n ? k : n > 0 ? n - 1 : 0};
    neighbours->item = xp_alloc(n * k, sizeof *neighbours->item);
    neighbours->cosine = xp_alloc(n * k, sizeof *neighbours->cosine);
    return neighbours->item != NULL && neighbours->cosine != NULL;
}

/* Those of row i, whose steps to all are given. */
static void find_nearest(xp_neighbours *neighbours, size_t i, const int64_t *value) {
    uint32_t *item = neighbours->item + i * neighbours->k;
    xp_cosines_best(value, NULL, neighbours->n, i, neighbours->k, item);
    for (size_t p = 0; p < neighbours->k; p++)
        neighbours->cosine[i * neighbours->k + p] = (float)((double)value[item[p]] * 0x1p-40);
}

void xp_neighbours_free(xp_neighbours *neighbours) {
    xp_free_all(neighbours->item, neighbours->cosine);
    *neighbours = (xp_neighbours){0};
}

/* Takes the steps over; NULL: there was no memory for them. */
static bool from_steps(xp_neighbours *neighbours, size_t n, size_t k, int64_t *steps) {
    bool ok = steps != NULL && neighbours_alloc(neighbours, n, k);
    for (size_t i = 0; ok && i < n; i++) find_nearest(neighbours, i, steps + i * n);
    xp_free(steps);
    return ok;
}

static uint64_t stir(uint64_t h, const double *x) {
    uint64_t bits;
    memcpy(&bits, x, sizeof bits);
    h = (h ^ bits) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

/* Four at a time, since each waits for the one before it. */
static uint64_t hash_row(size_t d, const double *x) {
    uint64_t h[4] = {1, 2, 3, 4};
    size_t j = 0;
    for (; j + 4 <= d; j += 4)
        for (size_t k = 0; k < 4; k++) h[k] = stir(h[k], x + j + k);
    for (; j < d; j++) h[0] = stir(h[0], x + j);
    return ((h[0] * 31 + h[1]) * 31 + h[2]) * 31 + h[3];
}

/* Rows of x that are equal in every bit, as all those of a fold are that the mean predicts: of[i] says which of the different ones row i is, first[] where
 * each stands. Returns how many; 0: no memory (or no rows). */
static size_t different_rows(size_t n, size_t d, const double *x, uint32_t *of, uint32_t *first) {
    uint64_t *hash = xp_alloc(n, sizeof *hash);
    size_t count = 0;
    for (uint32_t i = 0; hash != NULL && i < n; i++) {
        const uint64_t h = hash_row(d, x + i * d);
        size_t r = 0;
        while (r < count && (hash[r] != h || memcmp(x + first[r] * d, x + i * d, d * sizeof *x) != 0)) r++;
        of[i] = (uint32_t)r;
        if (r < count) continue;
        hash[count] = h;
        first[count++] = i;
    }
    xp_free(hash);
    return count;
}

/* steps of the rows first[0..count) of x, as count x count; the copy that this takes is small where rows repeat. */
static int64_t *steps_of_different(size_t count, size_t d, const double *x, const uint32_t *first) {
    double *rows = xp_alloc(count * d, sizeof *rows);
    for (size_t r = 0; rows != NULL && r < count; r++) memcpy(rows + r * d, x + first[r] * d, d * sizeof *rows);
    int64_t *steps = rows != NULL ? dense_steps(count, d, rows) : NULL;
    xp_free(rows);
    return steps;
}

bool xp_neighbours_dense(xp_neighbours *neighbours, size_t n, size_t d, const double *x, size_t k) {
    uint32_t *of = xp_alloc(n, sizeof *of), *first = xp_alloc(n, sizeof *first);
    const size_t count = of != NULL && first != NULL ? different_rows(n, d, x, of, first) : 0;
    const bool few =
        count <= n / 2; /* a mean predicts a row a fold; twins are few, and a row's first stands for it in place */
    int64_t *value = xp_alloc(n, sizeof *value);
    int64_t *steps = count == 0 ? NULL : few ? steps_of_different(count, d, x, first) : dense_steps(n, d, x);
    const bool ok = steps != NULL && value != NULL && neighbours_alloc(neighbours, n, k);
    for (size_t i = 0; ok && !few && i < n; i++) of[i] = first[of[i]];
    for (size_t i = 0; ok && i < n; i++) {
        const int64_t *row = steps + of[i] * (few ? count : n);
        for (size_t j = 0; j < n; j++) value[j] = row[of[j]];
        find_nearest(neighbours, i, value);
    }
    xp_free_all(of, first, steps, value);
    return ok;
}

bool xp_neighbours_rows(xp_neighbours *neighbours, const double *x, const xp_target *target, size_t n,
                        const uint32_t *concept_index, size_t k) {
    if (target->missing_start == NULL) return xp_neighbours_dense(neighbours, n, target->y->m, x, k);
    return from_steps(neighbours, n, k, shared_steps(x, x, target, n, concept_index));
}

bool xp_neighbours_sparse(xp_neighbours *neighbours, const xp_target *target, size_t n, const uint32_t *concept_index,
                          size_t k) {
    if (target->missing_start != NULL)
        return from_steps(neighbours, n, k, shared_steps(NULL, NULL, target, n, concept_index));
    gold_rows g;
    if (!gold_rows_create(&g, target, n, concept_index)) return false;
    bool ok = neighbours_alloc(neighbours, n, k);
    for (size_t i = 0; ok && i < n; i++) {
        own_row(&g, i, g.value);
        find_nearest(neighbours, i, g.value);
    }
    gold_rows_free(&g);
    return ok;
}

void xp_metric_overlap(const xp_neighbours *a, const xp_neighbours *b, size_t k, double *share) {
    for (size_t i = 0; i < a->n; i++) {
        size_t common = 0;
        for (size_t p = 0; p < a->k; p++)
            for (size_t q = 0; q < b->k; q++) common += a->item[i * a->k + p] == b->item[i * b->k + q];
        share[i] = (double)common / (double)k;
    }
}

static bool is_retrieved(const int64_t *value, size_t n, size_t i, size_t k) {
    size_t before = 0;
    for (size_t j = 0; j < n; j++) before += value[j] > value[i] || (value[j] == value[i] && j < i);
    return before < k;
}

bool xp_metric_retrieved(const double *x, const xp_target *target, size_t n, const uint32_t *concept_index, size_t k,
                         double *hit) {
    const size_t m = target->y->m;
    gold_rows g;
    if (target->missing_start != NULL) {
        int64_t *steps = shared_steps(x, NULL, target, n, concept_index);
        for (size_t i = 0; steps != NULL && i < n; i++) hit[i] = is_retrieved(steps + i * n, n, i, k);
        bool ok = steps != NULL;
        xp_free(steps);
        return ok;
    }
    if (!gold_rows_create(&g, target, n, concept_index)) return false;
    uint32_t *of = xp_alloc(n, sizeof *of), *first = xp_alloc(n, sizeof *first);
    const size_t count = of != NULL && first != NULL ? different_rows(n, m, x, of, first) : 0;
    for (size_t r = 0; r < count; r++) {
        const double *row = x + first[r] * m;
        against_gold(&g, row, xp_nrm2(m, row), g.value);
        for (size_t i = first[r]; i < n; i++)
            if (of[i] == r) hit[i] = is_retrieved(g.value, n, i, k);
    }
    gold_rows_free(&g);
    xp_free_all(of, first);
    return count > 0 || n == 0;
}

/* ---- all cosines ---- */

bool xp_cosines_dense(xp_cosines *cosines, size_t n, size_t d, const double *x) {
    *cosines = (xp_cosines){.n = n, .step = dense_steps(n, d, x)};
    return cosines->step != NULL;
}

bool xp_cosines_sparse(xp_cosines *cosines, const xp_target *target, size_t n, const uint32_t *concept_index) {
    if (target->missing_start != NULL) {
        *cosines = (xp_cosines){.n = n, .step = shared_steps(NULL, NULL, target, n, concept_index)};
        return cosines->step != NULL;
    }
    gold_rows g;
    if (!gold_rows_create(&g, target, n, concept_index)) return false;
    *cosines = (xp_cosines){.n = n, .step = xp_alloc(n * n, sizeof *cosines->step)};
    for (size_t i = 0; cosines->step != NULL && i < n; i++) own_row(&g, i, cosines->step + i * n);
    gold_rows_free(&g);
    return cosines->step != NULL;
}

void xp_cosines_free(xp_cosines *cosines) {
    xp_free(cosines->step);
    *cosines = (xp_cosines){0};
}

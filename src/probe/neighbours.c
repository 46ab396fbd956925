/* Neighbourhood accuracy: who is nearest to whom, in three readings (methods 1.5). */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/metrics.h"
#include "tensor/blas.h"

static int64_t step(double dot, double norm_a, double norm_b) {
    if (!(norm_a > 0) || !(norm_b > 0)) return 0; /* a zero vector is at right angles to everything */
    return llrint(dot / (norm_a * norm_b) * 0x1p40);
}

static bool cosines_alloc(xp_cosines *cosines, size_t n) {
    cosines->n = n;
    cosines->step = xp_alloc(n * n, sizeof *cosines->step);
    return cosines->step != NULL;
}

void xp_cosines_free(xp_cosines *cosines) {
    xp_free(cosines->step);
    *cosines = (xp_cosines){0};
}

bool xp_cosines_dense(xp_cosines *cosines, size_t n, size_t d, const double *x) {
    double *gram = xp_alloc(n * n, sizeof *gram), *norm = xp_alloc(n, sizeof *norm);
    bool ok = gram != NULL && norm != NULL && cosines_alloc(cosines, n);
    if (ok) {
        xp_gram(false, n, d, x, d, gram);
        for (size_t i = 0; i < n; i++) norm[i] = sqrt(gram[i * n + i]);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) cosines->step[i * n + j] = step(gram[i * n + j], norm[i], norm[j]);
    }
    xp_free(gram);
    xp_free(norm);
    return ok;
}

static double sparse_norm(const xp_csr *y, size_t row) {
    double sum = 0;
    for (size_t e = y->start[row]; e < y->start[row + 1]; e++) sum += y->value[e] * y->value[e];
    return sqrt(sum);
}

/* Row i asked: the dense row that `fill` makes, against every candidate's gold. */
static bool against_gold(xp_cosines *cosines, const double *x, const xp_target *target, size_t n,
                         const uint32_t *concept_index) {
    const xp_csr *y = target->y;
    double *norm = xp_alloc(n, sizeof *norm), *row = xp_alloc(y->m, sizeof *row);
    bool ok = norm != NULL && row != NULL && cosines_alloc(cosines, n);
    for (size_t j = 0; ok && j < n; j++) norm[j] = sparse_norm(y, xp_target_row(target, concept_index[j]));
    for (size_t i = 0; ok && i < n; i++) {
        const double *dense = x != NULL ? x + i * y->m : row;
        if (x == NULL) xp_csr_row(y, xp_target_row(target, concept_index[i]), row);
        double own = x != NULL ? xp_norm(y->m, dense) : norm[i];
        for (size_t j = 0; j < n; j++) {
            size_t g = xp_target_row(target, concept_index[j]);
            double dot = 0;
            for (size_t e = y->start[g]; e < y->start[g + 1]; e++) dot += dense[y->column[e]] * y->value[e];
            cosines->step[i * n + j] = step(dot, own, norm[j]);
        }
    }
    xp_free(norm);
    xp_free(row);
    return ok;
}

bool xp_cosines_sparse(xp_cosines *cosines, const xp_target *target, size_t n, const uint32_t *concept_index) {
    return against_gold(cosines, NULL, target, n, concept_index);
}

bool xp_cosines_mixed(xp_cosines *cosines, const double *x, const xp_target *target, size_t n,
                      const uint32_t *concept_index) {
    return against_gold(cosines, x, target, n, concept_index);
}

/* The k best of n by step (ties: lowest index), `skip` left out (n: none); strongest first. */
static size_t best(const int64_t *value, size_t n, size_t skip, size_t k, uint32_t *item) {
    size_t held = 0;
    for (size_t j = 0; j < n; j++) {
        if (j == skip || (held == k && value[j] <= value[item[k - 1]])) continue;
        size_t at = held < k ? held++ : k - 1;
        while (at > 0 && value[item[at - 1]] < value[j]) {
            item[at] = item[at - 1];
            at--;
        }
        item[at] = (uint32_t)j;
    }
    return held;
}

size_t xp_nearest(const xp_cosines *cosines, size_t i, size_t k, uint32_t *nearest) {
    return best(cosines->step + i * cosines->n, cosines->n, i, k, nearest);
}

bool xp_overlap(const xp_cosines *a, const xp_cosines *b, size_t k, double *share) {
    const size_t n = a->n;
    uint32_t *item = xp_alloc(2 * k, sizeof *item);
    uint8_t *marked = xp_calloc(n, 1);
    bool ok = item != NULL && marked != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        size_t p = xp_nearest(a, i, k, item), q = xp_nearest(b, i, k, item + k), common = 0;
        for (size_t t = 0; t < p; t++) marked[item[t]] = 1;
        for (size_t t = 0; t < q; t++) common += marked[item[k + t]];
        for (size_t t = 0; t < p; t++) marked[item[t]] = 0;
        share[i] = (double)common / (double)k;
    }
    xp_free(item);
    xp_free(marked);
    return ok;
}

void xp_retrieved(const xp_cosines *cosines, size_t k, double *hit) {
    const size_t n = cosines->n;
    for (size_t i = 0; i < n; i++) {
        const int64_t *value = cosines->step + i * n;
        size_t before = 0;
        for (size_t j = 0; j < n; j++) before += value[j] > value[i] || (value[j] == value[i] && j < i);
        hit[i] = before < k;
    }
}

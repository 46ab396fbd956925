#include "probe/cluster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "probe/eigen.h"
#include "tensor/blas.h"

typedef struct merge {
    uint32_t a, b; /* a representative of each side */
    double height;
    uint32_t order;
} merge;

static int by_height(const void *p, const void *q) {
    const merge *a = p, *b = q;
    if (a->height != b->height) return a->height < b->height ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static uint32_t root(uint32_t *parent, uint32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
}

/* Nearest-neighbour chain (Murtagh 1983): Ward's distances only grow under merging, so that reciprocal neighbours may be merged in any
 * order and the merges sorted afterwards. distance: n x n squared distances, destroyed. */
static void chain_merges(size_t n, double *distance, merge *merges, uint32_t *size, uint32_t *chain, uint8_t *gone) {
    size_t length = 0, done = 0;
    for (size_t i = 0; i < n; i++) size[i] = 1;
    memset(gone, 0, n);
    while (done + 1 < n) {
        if (length == 0) {
            size_t first = 0;
            while (gone[first]) first++;
            chain[length++] = (uint32_t)first;
        }
        uint32_t a = chain[length - 1], before = length > 1 ? chain[length - 2] : UINT32_MAX, b = before;
        double least = before != UINT32_MAX ? distance[a * n + before] : HUGE_VAL;
        for (uint32_t j = 0; j < n; j++) /* the one before wins ties, else the chain could turn in a circle */
            if (!gone[j] && j != a && distance[a * n + j] < least) {
                least = distance[a * n + j];
                b = j;
            }
        if (b != before) {
            chain[length++] = b;
            continue;
        }
        length -= 2;
        merges[done] = (merge){.a = a, .b = b, .height = least, .order = (uint32_t)done};
        done++;
        double na = size[a], nb = size[b]; /* b takes both (Lance & Williams 1967) */
        for (size_t k = 0; k < n; k++) {
            if (gone[k] || k == a || k == b) continue;
            double nk = size[k];
            double d =
                ((na + nk) * distance[a * n + k] + (nb + nk) * distance[b * n + k] - nk * least) / (na + nb + nk);
            distance[b * n + k] = distance[k * n + b] = d;
        }
        size[b] += size[a];
        gone[a] = 1;
    }
}

bool xp_cluster_ward(const double *x, size_t n, size_t d, size_t n_clusters, int *label) {
    if (n == 0) return true;
    double *distance = xp_alloc(n * n, sizeof *distance);
    merge *merges = xp_alloc(n, sizeof *merges);
    uint32_t *work = xp_alloc(2 * n, sizeof *work);
    uint8_t *gone = xp_alloc(n, 1);
    bool ok = distance != NULL && merges != NULL && work != NULL && gone != NULL;
    if (ok) {
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i;
                 j++) { /* differences, not the Gram matrix: no cancellation between near points */
                double sum = 0;
                for (size_t k = 0; k < d; k++) sum += (x[i * d + k] - x[j * d + k]) * (x[i * d + k] - x[j * d + k]);
                distance[i * n + j] = distance[j * n + i] = sum;
            }
        chain_merges(n, distance, merges, work, work + n, gone);
        qsort(merges, n - 1, sizeof *merges, by_height);
        uint32_t *parent = work;
        for (uint32_t i = 0; i < n; i++) parent[i] = i;
        if (n_clusters < 1) n_clusters = 1;
        for (size_t i = 0; i + n_clusters < n; i++) parent[root(parent, merges[i].a)] = root(parent, merges[i].b);
        int next = 0, *number = (int *)(void *)(work + n);
        for (size_t i = 0; i < n; i++) number[i] = -1;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t top = root(parent, i);
            if (number[top] < 0) number[top] = next++;
            label[i] = number[top];
        }
    }
    xp_free_all(distance, merges, work, gone);
    return ok;
}

static void unit_rows(double *x, size_t n, size_t d) {
    for (size_t i = 0; i < n; i++) {
        double norm = xp_nrm2(d, x + i * d);
        if (norm > 0) xp_scale(d, 1 / norm, x + i * d);
    }
}

static void centre_columns(double *x, size_t n, size_t d) {
    for (size_t j = 0; j < d; j++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) mean += x[i * d + j];
        mean /= (double)n;
        for (size_t i = 0; i < n; i++) x[i * d + j] -= mean;
    }
}

bool xp_cluster_embedding(const double *x, size_t n, size_t d, size_t n_clusters, int *label) {
    double *copy = xp_alloc(n * d, sizeof *copy);
    if (copy == NULL) return false;
    memcpy(copy, x, n * d * sizeof *copy);
    centre_columns(copy, n, d);
    unit_rows(copy, n, d);
    bool ok = xp_cluster_ward(copy, n, d, n_clusters, label);
    xp_free(copy);
    return ok;
}

/* ---- norms ---- */

/* Dense norms: standardised columns, in which a missing cell is 0, unit rows, and the leading eigenvectors of their products. score: n x components. */
static bool dense_scores(const xp_target *target, const uint32_t *concept_index, size_t n, size_t components,
                         double *score) {
    const size_t m = target->y->m;
    double *rows = xp_alloc(n * m, sizeof *rows), *gram = xp_alloc(n * n, sizeof *gram);
    double *value = xp_alloc(components, sizeof *value), *vector = xp_alloc(components * n, sizeof *vector);
    xp_columns columns = {0};
    bool ok = rows && gram && value && vector && xp_columns_alloc(&columns, m);
    if (ok) {
        xp_columns_fit(target, &(xp_fold){.train = concept_index, .n_train = n}, &columns);
        for (size_t i = 0; i < n; i++) {
            const size_t row = xp_target_row(target, concept_index[i]);
            double *z = rows + i * m;
            xp_csr_row(target->y, row, z);
            for (size_t j = 0; j < m; j++) z[j] = (z[j] - columns.mean[j]) / columns.scale[j];
            for (size_t e = target->missing_start != NULL ? target->missing_start[row] : 0;
                 target->missing_start != NULL && e < target->missing_start[row + 1]; e++)
                z[target->missing_column[e]] = 0;
        }
        unit_rows(rows, n, m);
        xp_gram(false, n, m, rows, m, gram);
        ok = xp_eigen_symmetric(n, gram, components, value, vector);
    }
    for (size_t a = 0; ok && a < components; a++) {
        double root_value = value[a] > 0 ? sqrt(value[a]) : 0;
        for (size_t i = 0; i < n; i++) score[i * components + a] = root_value * vector[a * n + i];
    }
    xp_columns_free(&columns);
    xp_free_all(rows, gram, value, vector);
    return ok;
}

/* Sparse norms as rows of weight 1, never made dense, and what was found of them. */
typedef struct weighted_norms {
    xp_csr rows;
    double *feature;        /* m: scratch of a product */
    const double *found;    /* eigenvectors so far, taken out of the product */
    const double *strength; /* their eigenvalues */
    size_t n_found;
} weighted_norms;

/* sqrt(value) x ln(n / df) for features of at least two of the concepts. */
static bool weigh(const xp_target *target, const uint32_t *concept_index, size_t n, xp_csr *rows) {
    const xp_csr *y = target->y;
    size_t cells = 0, at = 0;
    uint32_t *df = xp_calloc(y->m, sizeof *df);
    if (df == NULL) return false;
    for (size_t i = 0; i < n; i++) {
        size_t row = xp_target_row(target, concept_index[i]);
        for (size_t e = y->start[row]; e < y->start[row + 1]; e++) df[y->column[e]]++;
        cells += y->start[row + 1] - y->start[row];
    }
    bool ok = xp_csr_alloc(rows, n, y->m, cells);
    for (size_t i = 0; ok && i < n; i++) {
        size_t row = xp_target_row(target, concept_index[i]), first = at;
        for (size_t e = y->start[row]; e < y->start[row + 1]; e++) {
            uint32_t j = y->column[e];
            if (df[j] < 2 || df[j] == n || !(y->value[e] > 0)) continue;
            rows->column[at] = j;
            rows->value[at++] = sqrt(y->value[e]) * log((double)n / df[j]);
        }
        rows->start[i + 1] = at;
        unit_rows(rows->value + first, 1, at - first);
    }
    xp_free(df);
    return ok;
}

/* y = (A A' - what was found) x */
static void product(void *self, const double *x, double *y) {
    weighted_norms *w = self;
    const xp_csr *a = &w->rows;
    memset(w->feature, 0, a->m * sizeof *w->feature);
    for (size_t i = 0; i < a->n; i++)
        for (size_t e = a->start[i]; e < a->start[i + 1]; e++) w->feature[a->column[e]] += a->value[e] * x[i];
    for (size_t i = 0; i < a->n; i++) {
        double sum = 0;
        for (size_t e = a->start[i]; e < a->start[i + 1]; e++) sum += a->value[e] * w->feature[a->column[e]];
        y[i] = sum;
    }
    for (size_t k = 0; k < w->n_found; k++) {
        const double *v = w->found + k * a->n;
        xp_axpy(a->n, -w->strength[k] * xp_dot(a->n, v, x), v, y);
    }
}

/* Relative residual of an eigenvector. */
static const double CONVERGED = 1e-11;

static bool sparse_scores(const xp_target *target, const uint32_t *concept_index, size_t n, size_t components,
                          double *score) {
    weighted_norms w = {0};
    xp_krylov krylov = {0};
    double *vector = xp_calloc(components * n, sizeof *vector), *value = xp_calloc(components, sizeof *value),
           *image = xp_alloc(n, sizeof *image);
    w.feature = xp_alloc(target->y->m, sizeof *w.feature);
    bool ok = vector && value && image && w.feature && weigh(target, concept_index, n, &w.rows) &&
              xp_krylov_alloc(&krylov, n);
    if (ok) xp_krylov_begin(&krylov, n);
    w.found = vector;
    w.strength = value;
    for (size_t a = 0; ok && a < components; a++) {
        double *v = vector + a * n;
        const xp_operator left = {.product = product, .self = &w};
        ok = xp_krylov_top(&krylov, left, CONVERGED, 1e-15 * value[0], value + a, v, image);
        if (!ok || !(value[a] > 1e-14 * value[0])) { /* the rank is used up */
            value[a] = 0;
            break;
        }
        w.n_found = a + 1;
        memcpy(image, v, n * sizeof *image);
        xp_scale(n, .5 * value[a], image);
        xp_krylov_update(&krylov, v, image);
    }
    for (size_t a = 0; ok && a < components; a++)
        for (size_t i = 0; i < n; i++) score[i * components + a] = sqrt(value[a]) * vector[a * n + i];
    xp_krylov_free(&krylov);
    xp_csr_free(&w.rows);
    xp_free_all(w.feature, vector, value, image);
    return ok;
}

bool xp_cluster_norms(const xp_target *target, const uint32_t *concept_index, size_t n, bool dense, size_t n_clusters,
                      int *label) {
    size_t components = n / 15 < 25 ? n / 15 : 25;
    if (components < 5) components = 5;
    if (components > n) components = n;
    double *score = xp_alloc(n * components, sizeof *score);
    bool ok = score != NULL && (dense ? dense_scores : sparse_scores)(target, concept_index, n, components, score);
    if (ok) {
        unit_rows(score, n, components);
        ok = xp_cluster_ward(score, n, components, n_clusters, label);
    }
    xp_free(score);
    return ok;
}

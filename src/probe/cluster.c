#include "probe/cluster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
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

bool xp_ward(const double *x, size_t n, size_t d, size_t n_clusters, int *label) {
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
    xp_free(distance);
    xp_free(merges);
    xp_free(work);
    xp_free(gone);
    return ok;
}

static void unit_rows(double *x, size_t n, size_t d) {
    for (size_t i = 0; i < n; i++) {
        double norm = xp_norm(d, x + i * d);
        if (norm > 0) xp_scale(d, 1 / norm, x + i * d);
    }
}

static void centre_columns(double *x, size_t n, size_t d, bool scale) {
    for (size_t j = 0; j < d; j++) {
        double mean = 0, squares = 0;
        for (size_t i = 0; i < n; i++) mean += x[i * d + j];
        mean /= (double)n;
        for (size_t i = 0; i < n; i++) {
            x[i * d + j] -= mean;
            squares += x[i * d + j] * x[i * d + j];
        }
        double deviation = sqrt(squares / (double)n);
        if (scale && deviation > 1e-12 * (1 + fabs(mean)))
            for (size_t i = 0; i < n; i++) x[i * d + j] /= deviation;
    }
}

bool xp_cluster_embedding(const double *x, size_t n, size_t d, size_t n_clusters, int *label) {
    double *copy = xp_alloc(n * d, sizeof *copy);
    if (copy == NULL) return false;
    memcpy(copy, x, n * d * sizeof *copy);
    centre_columns(copy, n, d, false);
    unit_rows(copy, n, d);
    bool ok = xp_ward(copy, n, d, n_clusters, label);
    xp_free(copy);
    return ok;
}

bool xp_cluster_norms(const xp_target *target, const uint32_t *concept_index, size_t n, bool dense, size_t n_clusters,
                      int *label) {
    const xp_csr *y = target->y;
    const size_t m = y->m;
    size_t components = n / 15 < 25 ? n / 15 : 25;
    if (components < 5) components = 5;
    if (components > n) components = n;
    double *rows = xp_alloc(n * m, sizeof *rows), *gram = xp_alloc(n * n, sizeof *gram);
    double *value = xp_alloc(components, sizeof *value), *vector = xp_alloc(components * n, sizeof *vector);
    double *score = xp_alloc(n * components, sizeof *score);
    uint32_t *df = xp_calloc(m, sizeof *df);
    bool ok = rows && gram && value && vector && score && df;
    if (ok) {
        for (size_t i = 0; i < n; i++) {
            size_t row = xp_target_row(target, concept_index[i]);
            xp_csr_row(y, row, rows + i * m);
            for (size_t e = y->start[row]; e < y->start[row + 1]; e++) df[y->column[e]]++;
        }
        if (dense) {
            centre_columns(rows, n, m, true);
        } else {
            for (size_t j = 0; j < m; j++) {
                double idf = df[j] >= 2 ? log((double)n / df[j]) : 0;
                if (df[j] > 0)
                    for (size_t i = 0; i < n; i++) {
                        double v = rows[i * m + j];
                        rows[i * m + j] = v > 0 ? sqrt(v) * idf : 0;
                    }
            }
        }
        unit_rows(rows, n, m);
        xp_gram(false, n, m, rows, m, gram);
        ok = xp_eigen_symmetric(n, gram, components, value, vector);
    }
    if (ok) {
        for (size_t a = 0; a < components; a++) {
            double root_value = value[a] > 0 ? sqrt(value[a]) : 0;
            for (size_t i = 0; i < n; i++) score[i * components + a] = root_value * vector[a * n + i];
        }
        unit_rows(score, n, components);
        ok = xp_ward(score, n, components, n_clusters, label);
    }
    xp_free(rows);
    xp_free(gram);
    xp_free(value);
    xp_free(vector);
    xp_free(score);
    xp_free(df);
    return ok;
}

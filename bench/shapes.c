#include "shapes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

const shape shapes[] = {
    {"mcrae", 541, 768, 2526, 7257, 1702, false},
    {"mcrae-100", 541, 100, 2526, 7257, 1702, false},
    {"binder", 535, 768, 65, 0, 0, false},
    {"buchanan", 4436, 768, 3981, 42616, 1278, true},
};
const size_t n_shapes = sizeof shapes / sizeof *shapes;

enum { HIDDEN = 40, CATEGORIES = 30 };

static xp_rng stream(unsigned number) { return xp_rng_begin(1, XP_RNG_TEST, number); }

static double *normals(unsigned number, size_t count) {
    double *x = malloc(count * sizeof *x);
    xp_rng rng = stream(number);
    for (size_t i = 0; x != NULL && i < count; i++) x[i] = xp_rng_normal(&rng);
    return x;
}

static double dot(const double *a, const double *b) {
    double sum = 0;
    for (size_t k = 0; k < HIDDEN; k++) sum += a[k] * b[k];
    return sum;
}

/* A concept's place among hidden directions of falling weight: its category's centre and its own part. */
static double *hidden(size_t n) {
    double *h = normals(1, n * HIDDEN), *centre = normals(2, CATEGORIES * HIDDEN);
    for (size_t i = 0; h != NULL && centre != NULL && i < n; i++)
        for (size_t k = 0; k < HIDDEN; k++) {
            double *cell = h + i * HIDDEN + k;
            *cell = (.7 * *cell + .7 * centre[(i * 7 % CATEGORIES) * HIDDEN + k]) / sqrt((double)k + 1);
        }
    free(centre);
    return h;
}

static double *vectors(const shape *s, const double *h) {
    double *x = normals(3, s->n * s->d), *map = normals(4, s->d * HIDDEN);
    for (size_t i = 0; x != NULL && map != NULL && i < s->n; i++)
        for (size_t j = 0; j < s->d; j++)
            x[i * s->d + j] = tanh(.7 * dot(h + i * HIDDEN, map + j * HIDDEN)) + .2 * x[i * s->d + j];
    free(map);
    return x;
}

/* Which concept has which of the features that several share: how well they fit, how frequent the feature is, and luck. */
static bool assign(const shape *s, const double *h, uint8_t *has, size_t shared) {
    double *score = malloc(s->n * shared * sizeof *score), *leaning = normals(5, shared * HIDDEN);
    if (score == NULL || leaning == NULL) {
        free(score);
        free(leaning);
        return false;
    }
    xp_rng luck = stream(6), spread = stream(7);
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < shared; j++)
            score[i * shared + j] = 1.5 * dot(h + i * HIDDEN, leaning + j * HIDDEN) - .8 * log((double)j + 1) -
                                    log(-log(xp_rng_uniform(&luck) + 1e-300));
    for (size_t j = 0; j < shared; j++) /* two concepts at least */
        for (int k = 0; k < 2; k++) {
            size_t best = s->n;
            for (size_t i = 0; i < s->n; i++)
                if (!has[i * shared + j] && (best == s->n || score[i * shared + j] > score[best * shared + j]))
                    best = i;
            has[best * shared + j] = 1;
        }
    for (size_t left = s->pairs - s->singles - 2 * shared; left > 0;) {
        size_t i = xp_rng_below(&spread, s->n), best = shared;
        for (size_t j = 0; j < shared; j++)
            if (!has[i * shared + j] && (best == shared || score[i * shared + j] > score[i * shared + best])) best = j;
        if (best == shared) continue;
        has[i * shared + best] = 1;
        left--;
    }
    free(score);
    free(leaning);
    return true;
}

static bool sparse(const shape *s, const double *h, xp_csr *y) {
    const size_t shared = s->m - s->singles;
    uint8_t *has = calloc(s->n, shared);
    uint32_t *owner = malloc(s->singles * sizeof *owner);
    bool ok = has != NULL && owner != NULL && assign(s, h, has, shared) && xp_csr_alloc(y, s->n, s->m, s->pairs);
    xp_rng rng = stream(8);
    for (size_t k = 0; ok && k < s->singles; k++) owner[k] = (uint32_t)xp_rng_below(&rng, s->n);
    for (size_t i = 0, e = 0; ok && i < s->n; i++) {
        for (size_t j = 0; j < s->m; j++)
            if (j < shared ? has[i * shared + j] : owner[j - shared] == i) {
                double u = xp_rng_uniform(&rng);
                y->column[e] = (uint32_t)j;
                y->value[e++] = 5 + floor(26 * u * u);
            }
        y->start[i + 1] = e;
    }
    free(has);
    free(owner);
    return ok;
}

static bool dense(const shape *s, const double *h, xp_csr *y) {
    double *leaning = normals(5, s->m * HIDDEN), *noise = normals(6, s->n * s->m);
    bool ok = leaning != NULL && noise != NULL && xp_csr_alloc(y, s->n, s->m, s->n * s->m);
    size_t e = 0;
    for (size_t i = 0; ok && i < s->n; i++) {
        for (size_t j = 0; j < s->m; j++) {
            double rating = 2 + dot(h + i * HIDDEN, leaning + j * HIDDEN) + .5 * noise[i * s->m + j];
            rating = round(30 * fmin(6, fmax(0, rating))) / 30; /* the mean of 30 people */
            if (rating == 0) continue;
            y->column[e] = (uint32_t)j;
            y->value[e++] = rating;
        }
        y->start[i + 1] = e;
    }
    free(leaning);
    free(noise);
    return ok;
}

bool make_shape(const shape *s, double **x, xp_csr *y) {
    double *h = hidden(s->n);
    *x = h != NULL ? vectors(s, h) : NULL;
    bool ok = *x != NULL && (s->pairs > 0 ? sparse(s, h, y) : dense(s, h, y));
    free(h);
    return ok;
}

void write_npy(const char *folder, const char *name, const char *part, const char *type, size_t size, const void *data,
               size_t rows, size_t columns) {
    char path[4096], header[128 + 1], dimensions[64];
    snprintf(path, sizeof path, "%s/%s.%s.npy", folder, name, part);
    if (columns > 0)
        snprintf(dimensions, sizeof dimensions, "%zu, %zu", rows, columns);
    else
        snprintf(dimensions, sizeof dimensions, "%zu,", rows);
    memcpy(header, "\x93NUMPY\x01\x00\x76\x00", 10);
    int used = 10 + snprintf(header + 10, sizeof header - 10,
                             "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", type, dimensions);
    memset(header + used, ' ', 128 - (size_t)used);
    header[127] = '\n';
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(header, 128, 1, file) != 1 ||
        fwrite(data, size, rows * (columns > 0 ? columns : 1), file) != rows * (columns > 0 ? columns : 1) ||
        fclose(file) != 0) {
        fprintf(stderr, "cannot write %s\n", path);
        exit(1);
    }
}

#include "embed/transform.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"

void xp_transform_free(xp_transform *t) {
    xp_free_all(t->mean, t->scale, t->direction);
    *t = (xp_transform){0};
}

/* A dimension is constant if its least and largest value are equal: its deviation is then rounding, not 0. */
static void fit_dimensions(xp_transform *t, size_t n, const float *rows, bool standardise) {
    for (size_t d = 0; d < t->width; d++) {
        double sum = 0, squares = 0, least = (double)rows[d], most = least;
        for (size_t i = 0; i < n; i++) {
            const double x = (double)rows[i * t->width + d];
            sum += x;
            least = x < least ? x : least;
            most = x > most ? x : most;
        }
        t->mean[d] = least == most ? least : sum / (double)n;
        for (size_t i = 0; i < n; i++) {
            const double x = (double)rows[i * t->width + d] - t->mean[d];
            squares += x * x;
        }
        const bool constant = least == most;
        t->n_constant += constant;
        t->scale[d] = !standardise ? 1 : constant ? 0 : 1 / sqrt(squares / (double)n);
    }
}

/* The eigenvectors of the smaller of X'X and XX'. */
static bool fit_directions(xp_transform *t, size_t n, const double *x, size_t wanted) {
    const size_t width = t->width, order = n < width ? n : width;
    size_t cells, vectors;
    if (xp_mul_overflows(order, order, &cells) || xp_mul_overflows(wanted, order, &vectors)) return false;
    double *g = xp_alloc(cells, sizeof *g), *value = xp_alloc(wanted, sizeof *value),
           *vector = xp_alloc(vectors, sizeof *vector);
    t->direction = xp_alloc(wanted * width, sizeof *t->direction);
    bool good = g != NULL && value != NULL && vector != NULL && t->direction != NULL;
    if (good) {
        xp_gram(order == width, order, order == width ? n : width, x, width, g);
        good = xp_eigen_symmetric(order, g, wanted, value, vector);
    }
    for (size_t k = wanted; good && k-- > 0;) { /* ascending */
        if (!(value[k] > 1e-12 * value[wanted - 1])) continue;
        double *to = t->direction + t->n_directions * width;
        if (order == width)
            memcpy(to, vector + k * order, width * sizeof *to);
        else
            xp_gemv(true, n, width, 1 / sqrt(value[k]), x, width, vector + k * order, 0, to);
        t->n_directions++;
    }
    xp_free_all(g, value, vector);
    return good;
}

bool xp_transform_fit(xp_transform *t, size_t n, size_t width, const float *rows, bool standardise, size_t remove_top) {
    size_t cells;
    *t = (xp_transform){.width = width};
    t->mean = xp_alloc(width, sizeof *t->mean);
    t->scale = xp_alloc(width, sizeof *t->scale);
    bool good = t->mean != NULL && t->scale != NULL && !xp_mul_overflows(n, width, &cells);
    if (good) fit_dimensions(t, n, rows, standardise);
    if (good && remove_top > 0) {
        double *x = xp_alloc(cells, sizeof *x);
        good = x != NULL;
        for (size_t i = 0; good && i < cells; i++) x[i] = ((double)rows[i] - t->mean[i % width]) * t->scale[i % width];
        good = good && fit_directions(t, n, x, remove_top);
        xp_free(x);
    }
    if (!good) xp_transform_free(t);
    return good;
}

/* Directions are orthogonal, so one after the other is all at once. */
void xp_transform_apply(const xp_transform *t, size_t n, float *rows) {
    for (size_t i = 0; i < n; i++) {
        float *row = rows + i * t->width;
        for (size_t d = 0; d < t->width; d++) row[d] = (float)(((double)row[d] - t->mean[d]) * t->scale[d]);
        for (size_t k = 0; k < t->n_directions; k++) {
            const double *direction = t->direction + k * t->width;
            double along = 0;
            for (size_t d = 0; d < t->width; d++) along += (double)row[d] * direction[d];
            for (size_t d = 0; d < t->width; d++) row[d] = (float)((double)row[d] - along * direction[d]);
        }
    }
}

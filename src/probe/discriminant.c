#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/cluster.h"
#include "tensor/blas.h"

bool xp_discriminant(const double *x, size_t d, const xp_fold *fold, const int *label, size_t n_clusters, int *choice) {
    const size_t n = fold->n_train;
    double *mean = xp_calloc(n_clusters * d, sizeof *mean), *within = xp_alloc(n * d, sizeof *within);
    double *covariance = xp_alloc(d * d, sizeof *covariance), *weight = xp_alloc(n_clusters * d, sizeof *weight);
    double *size = xp_calloc(n_clusters, sizeof *size);
    bool ok = mean && within && covariance && weight && size;
    if (ok) {
        for (size_t i = 0; i < n; i++) {
            size[label[i]]++;
            xp_axpy(d, 1, x + fold->train[i] * d, mean + (size_t)label[i] * d);
        }
        for (size_t c = 0; c < n_clusters; c++)
            if (size[c] > 0) xp_scale(d, 1 / size[c], mean + c * d);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < d; j++)
                within[i * d + j] = x[fold->train[i] * d + j] - mean[(size_t)label[i] * d + j];
        xp_gram(true, d, n, within, d, covariance);
        double freedom = n > n_clusters ? (double)(n - n_clusters) : 1, trace = 0;
        xp_scale(d * d, .5 / freedom, covariance); /* half of it: shrunk by half towards its diagonal */
        for (size_t j = 0; j < d; j++) {
            covariance[j * d + j] *= 2;
            trace += covariance[j * d + j];
        }
        /* a column that is constant within every cluster would leave the matrix singular */
        for (size_t j = 0; j < d; j++) covariance[j * d + j] += 1e-10 * trace / (double)d + 1e-300;
        memcpy(weight, mean, n_clusters * d * sizeof *weight);
        ok = xp_solve_positive(d, covariance, n_clusters, weight);
    }
    for (size_t t = 0; ok && t < fold->n_test; t++) {
        const double *row = x + fold->test[t] * d;
        double best = -HUGE_VAL;
        choice[t] = 0;
        for (size_t c = 0; c < n_clusters; c++) {
            if (!(size[c] > 0)) continue;
            double score = xp_dot(d, row, weight + c * d) - .5 * xp_dot(d, mean + c * d, weight + c * d) +
                           log(size[c] / (double)n);
            if (score > best) {
                best = score;
                choice[t] = (int)c;
            }
        }
    }
    xp_free_all(mean, within, covariance, weight, size);
    return ok;
}

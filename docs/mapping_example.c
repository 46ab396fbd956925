/* A mapping of your own, whole: soft neighbours. Every training concept counts, by exp(20 cosine) with the held-out one (docs/mappings.md). */
#include <math.h>

#include "base/memory.h"
#include "probe/mapping.h"

static const double SHARPNESS = 20;

/* The input side of a fold: weights over training rows (n_train x n_test), which no target changes. */
static bool soft_prepare(xp_input *input) {
    const xp_fold *fold = input->fold;
    const xp_cosines *cosines = &input->data->cosines;
    double **weight = input->own;
    *weight = xp_alloc(fold->n_train * fold->n_test, sizeof **weight);
    for (size_t t = 0; *weight != NULL && t < fold->n_test; t++) {
        double sum = 0;
        for (size_t k = 0; k < fold->n_train; k++) {
            double cosine = ldexp((double)cosines->step[fold->test[t] * cosines->n + fold->train[k]], -40);
            sum += (*weight)[k * fold->n_test + t] = exp(SHARPNESS * (cosine - 1));
        }
        for (size_t k = 0; k < fold->n_train; k++) {
            (*weight)[k * fold->n_test + t] /= sum;
            (*weight)[k * fold->n_test + t] -= 1 / (double)fold->n_train; /* about the mean: they sum to zero */
        }
    }
    return *weight != NULL;
}

static void soft_release(xp_input *input) { xp_free(*(double **)input->own); }

/* One target: the training mean, and the weighted rows about it. */
static bool soft_predict(xp_work *work, size_t level, double *block) {
    (void)level;
    const xp_job *job = &work->job;
    xp_target_smooth_begin(job->columns, work->input->fold->n_test, block);
    xp_target_smooth(job->target, work->input->fold, job->columns, *(double *const *)work->input->own, block);
    return true;
}

const xp_mapper xp_soft_mapper = {.name = "soft",
                                  .words = "soft neighbours",
                                  .by_cosine = true,
                                  .takes_itself = true,
                                  .reads_input = true,
                                  .input_size = sizeof(double *),
                                  .prepare = soft_prepare,
                                  .release = soft_release,
                                  .predict = soft_predict};

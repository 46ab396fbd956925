#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/baselines.h"
#include "probe/mapping.h"
#include "probe/plsr.h"
#include "tensor/blas.h"

bool xp_ridge_weights(const double *x, size_t d, const xp_fold *fold, double penalty, double *weight) {
    xp_plsr_input input; /* the same centring, scaling and change of basis: ridge does not see a rotation */
    if (!xp_plsr_input_create(&input, x, d, SIZE_MAX, fold)) return false;
    const size_t r = input.r;
    for (size_t i = 0; i < r; i++) input.c[i * r + i] += penalty;
    bool ok = xp_solve_positive(r, input.c, fold->n_test, input.z_test); /* rows: (Z'Z + penalty)^-1 z_test */
    if (ok)
        xp_gemm(false, true, fold->n_train, fold->n_test, r, 1, input.z, r, input.z_test, r, 0, weight, fold->n_test);
    xp_plsr_input_free(&input);
    return ok;
}

/* ---- the mapping: one penalty ---- */

static bool prepare(xp_input *input) {
    double **weight = input->own;
    const xp_fold *fold = input->fold;
    const xp_mapping *mapping = input->data->mapping;
    double penalty = mapping->levels.value[0] * (mapping->settings.by_row ? (double)fold->n_train : 1);
    *weight = xp_alloc(fold->n_train * fold->n_test, sizeof **weight);
    return *weight != NULL && xp_ridge_weights(input->x, input->d, fold, penalty, *weight);
}

static void release(xp_input *input) { xp_free(*(double **)input->own); }

static bool predict(xp_work *work, size_t level, double *block) {
    (void)level;
    const xp_job *job = &work->job;
    double *const *weight = work->input->own;
    xp_smooth_begin(job->columns, work->input->fold->n_test, block);
    xp_smooth(job->target, work->input->fold, job->columns, *weight, block);
    return true;
}

const xp_mapper xp_ridge_mapper = {.name = "ridge",
                                   .reads_input = true,
                                   .input_size = sizeof(double *),
                                   .prepare = prepare,
                                   .release = release,
                                   .predict = predict};

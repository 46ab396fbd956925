/* Ridge regression as a mapping: inputs standardised (ddof 1), targets centred, penalty on the unnormalised sum of squares (docs/methods.md#ridge). Its levels are
 * penalties, the whole path from one decomposition of the training rows Z = U S V' for each fold:
 *     weights over training rows = sum_i u_i s_i (z_test'v_i) / (s_i^2 + penalty)
 * so that no target enters before the rows of Y are added up. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/mapping.h"
#include "probe/plsr.h"
#include "tensor/blas.h"

/* Directions whose s^2 is below this share of the largest are rounding: their part of a prediction is zero. */
static const double NEGLIGIBLE = 1e-13;

typedef struct ridge_input {
    size_t r;
    double *square; /* r: s^2 */
    double *left;   /* r x n_train */
    double *right;  /* r x n_test: left'diag(1 / (square + penalty)) right are the weights */
    double *weight; /* n_train x n_test where there is one penalty; else NULL */
} ridge_input;

typedef struct ridge_work {
    double *scaled, *weight; /* r x n_test, n_train x n_test: where there are several penalties */
} ridge_work;

static void drop_factors(ridge_input *own) {
    xp_free_all(own->square, own->left, own->right);
    own->square = own->left = own->right = NULL;
}

static void release(xp_input *input) {
    ridge_input *own = input->own;
    drop_factors(own);
    xp_free(own->weight);
}

/* Eigenvectors of the smaller of Z'Z and ZZ' (z: n_train x r after a change of basis where x is wider than the fold: square at the most). */
static bool factor(ridge_input *own, xp_plsr_input *z, const xp_fold *fold) {
    const size_t r = z->r, n = fold->n_train, n_test = fold->n_test;
    double *vector = xp_alloc(r * r, sizeof *vector);
    own->square = xp_alloc(r, sizeof *own->square);
    own->left = xp_alloc(r * n, sizeof *own->left);
    own->right = xp_alloc(r * n_test, sizeof *own->right);
    bool ok = vector && own->square && own->left && own->right &&
              xp_eigen_symmetric(r, z->c, r, own->square, vector); /* ascending; eigenvectors as rows */
    size_t first = 0;
    while (ok && first < r && !(own->square[first] > NEGLIGIBLE * own->square[r - 1])) first++;
    if (ok) {
        own->r = r - first;
        memmove(own->square, own->square + first, own->r * sizeof *own->square);
        xp_gemm(false, true, own->r, n, r, 1, vector + first * r, r, z->z, r, 0, own->left, n);
        xp_gemm(false, true, own->r, n_test, r, 1, vector + first * r, r, z->z_test, r, 0, own->right, n_test);
    }
    xp_free(vector);
    return ok;
}

static void weights(const ridge_input *own, const xp_fold *fold, double penalty, double *scaled, double *weight) {
    const size_t n = fold->n_train, n_test = fold->n_test;
    for (size_t i = 0; i < own->r; i++)
        for (size_t t = 0; t < n_test; t++)
            scaled[i * n_test + t] = own->right[i * n_test + t] / (own->square[i] + penalty);
    xp_gemm(true, false, n, n_test, own->r, 1, own->left, n, scaled, n_test, 0, weight, n_test);
}

static bool prepare(xp_input *input) {
    ridge_input *own = input->own;
    const xp_fold *fold = input->fold;
    const xp_mapping *mapping = input->data->mapping;
    xp_plsr_input z; /* the same centring, scaling and change of basis: ridge does not see a rotation */
    if (!xp_plsr_input_create(&z, input->x, input->d, SIZE_MAX, fold)) return false;
    bool ok = factor(own, &z, fold);
    xp_plsr_input_free(&z);
    if (!ok || mapping->levels.count > 1) return ok;
    own->weight = xp_alloc(fold->n_train * fold->n_test, sizeof *own->weight);
    if (own->weight == NULL) return false;
    weights(own, fold, mapping->levels.value[0] * (mapping->settings.by_row ? (double)fold->n_train : 1), own->right,
            own->weight);
    drop_factors(own);
    return true;
}

static bool open(xp_work *work, const xp_input *input) {
    ridge_work *w = work->own;
    const xp_fold *fold = input->fold;
    if (input->data->mapping->levels.count == 1) return true;
    w->scaled = xp_alloc(((const ridge_input *)input->own)->r * fold->n_test, sizeof *w->scaled);
    w->weight = xp_alloc(fold->n_train * fold->n_test, sizeof *w->weight);
    return w->scaled != NULL && w->weight != NULL;
}

static void close(xp_work *work) {
    ridge_work *w = work->own;
    xp_free_all(w->scaled, w->weight);
}

static bool predict(xp_work *work, size_t level, double *block) {
    ridge_work *w = work->own;
    const ridge_input *own = work->input->own;
    const xp_fold *fold = work->input->fold;
    const xp_job *job = &work->job;
    if (own->weight == NULL) weights(own, fold, job->levels.value[level], w->scaled, w->weight);
    xp_target_smooth_begin(job->columns, fold->n_test, block);
    xp_target_smooth(job->target, fold, job->columns, own->weight != NULL ? own->weight : w->weight, block);
    return true;
}

static const double PENALTIES[] = {1, 3, 10, 30, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5};
const xp_levels xp_penalties = {PENALTIES, sizeof PENALTIES / sizeof *PENALTIES};

const xp_mapper xp_ridge_mapper = {.name = "ridge",
                                   .words = "ridge",
                                   .level = "alpha",
                                   .levels_from = XP_LEVELS_ALPHA,
                                   .reads_input = true,
                                   .input_size = sizeof(ridge_input),
                                   .work_size = sizeof(ridge_work),
                                   .prepare = prepare,
                                   .release = release,
                                   .open = open,
                                   .close = close,
                                   .predict = predict};

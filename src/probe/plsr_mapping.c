/* Partial least squares as a mapping: its levels are component counts, all of one fit. Of a target on itself it is that target's PCA ("upper"). */
#include "base/memory.h"
#include "probe/baselines.h"
#include "probe/mapping.h"
#include "probe/plsr.h"
#include "probe/plsr_sparse.h"

typedef struct plsr_work {
    xp_path path;
    xp_plsr plsr; /* this and nipals: until the fit is settled */
    xp_nipals nipals;
    bool open;
    size_t done; /* components in the block */
} plsr_work;

static bool nipals(const xp_data *data) { return data->mapping->settings.nipals; }

static bool prepare(xp_input *input) {
    if (input->data->itself != NULL) return true; /* it is sparse, and stays so */
    return xp_plsr_input_create(input->own, input->x, input->d, nipals(input->data) ? SIZE_MAX : input->data->m,
                                input->fold);
}

static void release(xp_input *input) { xp_plsr_input_free(input->own); }

static void settle(xp_work *work) {
    plsr_work *w = work->own;
    if (!w->open) return;
    xp_plsr_free(&w->plsr);
    xp_nipals_free(&w->nipals);
    w->open = false;
}

static void close(xp_work *work) {
    plsr_work *w = work->own;
    settle(work);
    xp_path_free(&w->path);
}

static bool open(xp_work *work, const xp_input *input) {
    plsr_work *w = work->own;
    const xp_data *data = input->data;
    const size_t most = (size_t)data->mapping->levels.value[data->mapping->levels.count - 1], m = data->m,
                 n_train = input->fold->n_train, r = data->itself != NULL ? m : ((const xp_plsr_input *)input->own)->r;
    w->open = true;
    return xp_path_alloc(&w->path, n_train, input->fold->n_test, most) &&
           (data->itself != NULL || xp_plsr_alloc(&w->plsr, n_train, r, m, most)) &&
           (!nipals(data) || xp_nipals_alloc(&w->nipals, n_train, r, most));
}

/* The norms on themselves: the dense eigenproblem of the training Gram matrix takes n^3, the matrix-free fit the time of its products, about (number of
 * components)^1.4. Seconds, one thread, norms like McRae's (13 features a concept, 2,500 to 4,000 in all):
 *     n      components    dense                    matrix-free
 *     500    10 / 25 / 100    .016 / .017 / .038       .005 / .020 / .17
 *     1,000  10 / 25 / 100    .089 / .11 / .15         .013 / .038 / .34
 *     2,000  25 / 100 / 300   .61 / .70 / .94          .059 / .65 / 4.2
 *     4,000  25 / 200         10.2 / 10.4              .16 / 5.8
 * so they meet at about n = 20 components. NIPALS has no such choice.
 * A residual of 1e-10 leaves 3e-9 in a prediction where two components are about as large (seen on drawn norms), so that the
 * matrix-free fit goes on to 1e-12. */
enum { MATRIX_FREE_ROWS = 20 };
static const double UPPER_RESIDUAL = 1e-12;

static bool fit_upper(const xp_fold *fold, const xp_job *job, size_t most, xp_nipals *how, xp_path *path) {
    if (how == NULL && fold->n_train / MATRIX_FREE_ROWS < most)
        return xp_pca_fit(job->target, fold, job->columns, most, path);
    return xp_plsr_sparse_fit(job->target, job->columns, job->target, job->columns, fold, most, UPPER_RESIDUAL, how,
                              path);
}

static bool fit(xp_work *work, xp_note *note) {
    plsr_work *w = work->own;
    const xp_input *input = work->input;
    const xp_fold *fold = input->fold;
    const xp_job *job = &work->job;
    const size_t most = (size_t)job->levels.value[job->levels.count - 1];
    xp_nipals *how = nipals(input->data) ? &w->nipals : NULL;
    w->done = 0;
    w->path.n_train = fold->n_train;
    w->path.n_test = fold->n_test;
    w->plsr.nipals = how;
    bool ok = input->data->itself != NULL ? fit_upper(fold, job, most, how, &w->path)
                                          : xp_plsr_fit(&w->plsr, input->own, job->target, fold, job->columns, most,
                                                        job->rough ? XP_PLSR_ROUGH : XP_PLSR_EXACT, &w->path);
    if (!ok) return false;
    note->used = (uint32_t)w->path.used;
    if (how != NULL) note->nipals = xp_nipals_counted(how, w->path.used);
    return true;
}

static bool predict(xp_work *work, size_t level, double *block) {
    plsr_work *w = work->own;
    const xp_job *job = &work->job;
    const size_t from = w->done, to = (size_t)job->levels.value[level];
    if (level == 0) xp_target_smooth_begin(job->columns, work->input->fold->n_test, block);
    xp_path_add(&w->path, job->target, work->input->fold, job->columns, from, to, block);
    w->done = to;
    return level == 0 || from < w->path.used;
}

const xp_mapper xp_plsr_mapper = {.name = "plsr",
                                  .words = "plsr",
                                  .level = "n_components",
                                  .levels_from = XP_LEVELS_COMPONENTS,
                                  .takes_itself = true,
                                  .input_size = sizeof(xp_plsr_input),
                                  .work_size = sizeof(plsr_work),
                                  .prepare = prepare,
                                  .release = release,
                                  .open = open,
                                  .settle = settle,
                                  .close = close,
                                  .fit = fit,
                                  .predict = predict};

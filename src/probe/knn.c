#include <string.h>

#include "base/memory.h"
#include "probe/baselines.h"
#include "probe/mapping.h"

void xp_knn_neighbours(const xp_cosines *cosines, const xp_fold *fold, size_t k, uint32_t *nearest) {
    for (size_t t = 0; t < fold->n_test; t++)
        xp_cosines_best(cosines->step + fold->test[t] * cosines->n, fold->train, fold->n_train, SIZE_MAX, k,
                        nearest + t * k);
}

/* `seen` becomes how many of the k neighbours have each cell. */
static void count_seen(const xp_target *target, const xp_fold *fold, const uint32_t *nearest, size_t stride, size_t k,
                       uint32_t *seen) {
    const size_t m = target->y->m, n_test = fold->n_test;
    for (size_t c = 0; c < m * n_test; c++) seen[c] = (uint32_t)k;
    for (size_t t = 0; t < n_test; t++)
        for (size_t i = 0; i < k; i++) {
            size_t row = xp_target_row(target, fold->train[nearest[t * stride + i]]);
            for (size_t e = target->missing_start[row]; e < target->missing_start[row + 1]; e++)
                seen[target->missing_column[e] * n_test + t]--;
        }
}

void xp_knn_predict(const xp_target *target, const xp_fold *fold, const xp_columns *columns, const uint32_t *nearest,
                    size_t stride, size_t k, uint32_t *seen, double *prediction) {
    const xp_csr *y = target->y;
    const size_t n_test = fold->n_test;
    memset(prediction, 0, y->m * n_test * sizeof *prediction);
    for (size_t t = 0; t < n_test; t++)
        for (size_t i = 0; i < k; i++) {
            size_t row = xp_target_row(target, fold->train[nearest[t * stride + i]]);
            for (size_t e = y->start[row]; e < y->start[row + 1]; e++)
                prediction[y->column[e] * n_test + t] += y->value[e];
        }
    if (target->missing_start == NULL) {
        for (size_t c = 0; c < y->m * n_test; c++) prediction[c] /= (double)k;
        return;
    }
    count_seen(target, fold, nearest, stride, k, seen);
    for (size_t j = 0; j < y->m; j++)
        for (size_t c = j * n_test; c < (j + 1) * n_test; c++)
            prediction[c] = seen[c] > 0 ? prediction[c] / seen[c] : columns->mean[j];
}

/* ---- the mapping: its levels are numbers of neighbours, as far as there are so many ---- */

static const double K_CHOICES[] = {1, 5, 10, 20};
const xp_levels xp_k_choices = {K_CHOICES, sizeof K_CHOICES / sizeof *K_CHOICES};

typedef struct knn_input {
    uint32_t *nearest; /* n_test x most */
    size_t most;
} knn_input;

typedef struct knn_work {
    uint32_t *seen; /* m x n_test, once a target has missing cells */
    size_t k;       /* of the last prediction */
} knn_work;

static size_t at_most(size_t k, const xp_fold *fold) { return k < fold->n_train ? k : fold->n_train; }

static bool prepare(xp_input *input) {
    knn_input *own = input->own;
    const xp_levels *levels = &input->data->mapping->levels;
    own->most = at_most((size_t)levels->value[levels->count - 1], input->fold);
    own->nearest = xp_alloc(input->fold->n_test * own->most, sizeof *own->nearest);
    if (own->nearest == NULL) return false;
    xp_knn_neighbours(&input->data->cosines, input->fold, own->most, own->nearest);
    return true;
}

static void release(xp_input *input) { xp_free(((knn_input *)input->own)->nearest); }

static void close(xp_work *work) { xp_free(((knn_work *)work->own)->seen); }

static bool fit(xp_work *work, xp_note *note) {
    knn_work *w = work->own;
    const xp_levels *levels = &work->job.levels;
    note->used = (uint32_t)at_most((size_t)levels->value[levels->count - 1], work->input->fold);
    if (work->job.target->missing_start != NULL && w->seen == NULL)
        w->seen = xp_alloc(work->input->fold->n_test * work->input->data->m, sizeof *w->seen);
    return work->job.target->missing_start == NULL || w->seen != NULL;
}

static bool predict(xp_work *work, size_t level, double *block) {
    knn_work *w = work->own;
    const knn_input *own = work->input->own;
    const xp_job *job = &work->job;
    size_t k = at_most((size_t)job->levels.value[level], work->input->fold);
    if (level > 0 && k == w->k) return false;
    w->k = k;
    xp_knn_predict(job->target, work->input->fold, job->columns, own->nearest, own->most, k, w->seen, block);
    return true;
}

const xp_mapper xp_knn_mapper = {.name = "knn",
                                 .words = "knn",
                                 .levels_from = XP_LEVELS_K,
                                 .copies = true,
                                 .by_cosine = true,
                                 .takes_itself = true,
                                 .reads_input = true,
                                 .input_size = sizeof(knn_input),
                                 .work_size = sizeof(knn_work),
                                 .prepare = prepare,
                                 .release = release,
                                 .close = close,
                                 .fit = fit,
                                 .predict = predict};

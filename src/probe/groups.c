/* Mappings that know a concept by its group alone, or not at all: what any other has to beat. */
#include <string.h>

#include "base/memory.h"
#include "probe/cluster.h"
#include "probe/mapping.h"

typedef struct group_work {
    double *mean;    /* groups x m */
    int *choice;     /* n_test: row of mean, -1: the training mean */
    size_t *size;    /* training concepts by group */
    uint32_t *holes; /* groups x m: of these without the cell */
} group_work;

static void close(xp_work *work) {
    group_work *w = work->own;
    xp_free_all(w->mean, w->choice, w->size, w->holes);
    *w = (group_work){0};
}

/* Divides the sums of a group by its members, cell by cell where some are missing: a cell that no member has is the mean of
 * all training rows. */
static void divide(const xp_job *job, size_t size, const uint32_t *holes, double *sum) {
    for (size_t j = 0; j < job->target->y->m && size > 0; j++) {
        size_t seen = holes != NULL ? size - holes[j] : size;
        sum[j] = seen > 0 ? sum[j] / (double)seen : job->columns->mean[j];
    }
}

/* The means of the training rows of each group; label by position in the training list, -1: in none. */
static bool group_means(xp_work *work, const int *label, size_t n_groups) {
    group_work *w = work->own;
    const xp_job *job = &work->job;
    const xp_fold *fold = work->input->fold;
    const xp_csr *y = job->target->y;
    const size_t m = y->m, *missing = job->target->missing_start;
    w->size = xp_calloc(n_groups + 1, sizeof *w->size);
    w->holes = missing != NULL ? xp_calloc((n_groups + 1) * m, sizeof *w->holes) : NULL;
    w->mean = xp_calloc((n_groups + 1) * m, sizeof *w->mean);
    if (w->size == NULL || w->mean == NULL || (missing != NULL && w->holes == NULL)) return false;
    for (size_t k = 0; k < fold->n_train; k++) {
        if (label[k] < 0) continue;
        double *sum = w->mean + (size_t)label[k] * m;
        size_t row = xp_target_row(job->target, fold->train[k]);
        w->size[label[k]]++;
        for (size_t e = y->start[row]; e < y->start[row + 1]; e++) sum[y->column[e]] += y->value[e];
        if (w->holes != NULL)
            for (size_t e = missing[row]; e < missing[row + 1]; e++)
                w->holes[(size_t)label[k] * m + job->target->missing_column[e]]++;
    }
    for (size_t g = 0; g < n_groups; g++)
        divide(job, w->size[g], w->holes != NULL ? w->holes + g * m : NULL, w->mean + g * m);
    for (size_t t = 0; t < fold->n_test; t++)
        if (w->choice[t] >= 0 && w->size[w->choice[t]] == 0) w->choice[t] = -1;
    return true;
}

/* The labels of the training concepts, and what the fit before left taken away. */
static int *begin(xp_work *work) {
    group_work *w = work->own;
    close(work);
    w->choice = xp_alloc(work->input->fold->n_test, sizeof *w->choice);
    return w->choice != NULL ? xp_alloc(work->input->fold->n_train, sizeof(int)) : NULL;
}

static bool fit_label_mean(xp_work *work, xp_note *note) {
    (void)note;
    group_work *w = work->own;
    const xp_fold *fold = work->input->fold;
    const int *known = work->input->data->label;
    int top = -1, *label = begin(work);
    if (label == NULL) return false;
    for (size_t k = 0; k < fold->n_train; k++) {
        label[k] = known[fold->train[k]];
        if (label[k] > top) top = label[k];
    }
    for (size_t t = 0; t < fold->n_test; t++) {
        w->choice[t] = known[fold->test[t]];
        if (w->choice[t] > top) w->choice[t] = -1; /* no training concept has it */
    }
    bool ok = group_means(work, label, (size_t)top + 1); /* top is -1 at least */
    xp_free(label);
    return ok;
}

static bool fit_bottleneck(xp_work *work, xp_note *note) {
    (void)note;
    group_work *w = work->own;
    const xp_fold *fold = work->input->fold;
    const xp_data *data = work->input->data;
    size_t clusters = fold->n_train / data->mapping->settings.group_size;
    if (clusters < 2) clusters = 2;
    int *label = begin(work);
    bool ok = label != NULL &&
              xp_cluster_norms(work->job.target, fold->train, fold->n_train, data->mapping->settings.dense, clusters,
                               label) &&
              xp_discriminant(data->x, data->d, fold, label, clusters, w->choice) && group_means(work, label, clusters);
    xp_free(label);
    return ok;
}

static bool predict_group(xp_work *work, size_t level, double *block) {
    (void)level;
    const group_work *w = work->own;
    const size_t n_test = work->input->fold->n_test, m = work->job.target->y->m;
    for (size_t t = 0; t < n_test; t++) {
        const double *from = w->choice[t] >= 0 ? w->mean + (size_t)w->choice[t] * m : work->job.columns->mean;
        for (size_t j = 0; j < m; j++) block[j * n_test + t] = from[j];
    }
    return true;
}

static bool predict_mean(xp_work *work, size_t level, double *block) {
    (void)level;
    xp_target_smooth_begin(work->job.columns, work->input->fold->n_test, block);
    return true;
}

const xp_mapper xp_mean_mapper = {.name = "mean", .predict = predict_mean};

const xp_mapper xp_label_mean_mapper = {.name = "category-mean",
                                        .work_size = sizeof(group_work),
                                        .close = close,
                                        .fit = fit_label_mean,
                                        .predict = predict_group};

const xp_mapper xp_bottleneck_mapper = {.name = "bottleneck",
                                        .work_size = sizeof(group_work),
                                        .close = close,
                                        .fit = fit_bottleneck,
                                        .predict = predict_group};

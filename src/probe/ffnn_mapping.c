/* The network as a mapping (probe/ffnn.h): no levels, a fit draws from the job's own stream. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/mapping.h"

typedef struct ffnn_work {
    xp_ffnn ffnn; /* until the fit is settled */
    double *losses, *prediction;
} ffnn_work;

static const xp_ffnn_settings *settings(const xp_data *data) { return &data->mapping->settings.ffnn; }

static bool prepare(xp_input *input) {
    return xp_ffnn_input_create(input->own, input->x, input->d, input->fold, settings(input->data)->recipe);
}

static void release(xp_input *input) { xp_ffnn_input_free(input->own); }

static void settle(xp_work *work) { xp_ffnn_free(&((ffnn_work *)work->own)->ffnn); }

static void close(xp_work *work) {
    ffnn_work *w = work->own;
    settle(work);
    xp_free(w->losses);
    xp_free(w->prediction);
}

static bool open(xp_work *work, const xp_input *inputs, size_t n_inputs) {
    ffnn_work *w = work->own;
    const xp_data *data = inputs[0].data;
    size_t n_train = 1, n_test = 1, d = 1;
    for (size_t i = 0; i < n_inputs; i++) {
        if (inputs[i].own == NULL) continue;
        const xp_ffnn_input *own = inputs[i].own;
        if (own->n_train > n_train) n_train = own->n_train;
        if (own->n_test > n_test) n_test = own->n_test;
        if (own->d > d) d = own->d;
    }
    w->losses = xp_alloc(2 * settings(data)->epochs, sizeof *w->losses);
    w->prediction = xp_alloc(data->m * n_test, sizeof *w->prediction);
    return w->losses != NULL && w->prediction != NULL && xp_ffnn_alloc(&w->ffnn, settings(data), n_train, d, data->m);
}

static bool fit(xp_work *work, xp_note *note) {
    ffnn_work *w = work->own;
    const xp_input *input = work->input;
    const xp_job *job = &work->job;
    const xp_ffnn_settings *s = settings(input->data);
    double *losses = job->losses != NULL ? job->losses : w->losses;
    xp_ffnn_curve curve = {.train = losses, .dev = losses + s->epochs};
    if (!xp_ffnn_fit(&w->ffnn, input->own, job->target, input->fold, job->columns, s, job->seed, job->stream,
                     w->prediction, &curve)) {
        xp_ffnn_diverged(&curve, s, job->error);
        return false;
    }
    note->used = curve.n > 0 ? (uint32_t)curve.best + 1 : 0;
    for (size_t e = curve.n; e < s->epochs; e++) curve.train[e] = curve.dev[e] = NAN;
    return true;
}

static bool predict(xp_work *work, size_t level, double *block) {
    const ffnn_work *w = work->own;
    (void)level;
    memcpy(block, w->prediction, work->job.target->y->m * work->input->fold->n_test * sizeof *block);
    return true;
}

const xp_mapper xp_ffnn_mapper = {.name = "ffnn",
                                  .words = "ffnn",
                                  .input_size = sizeof(xp_ffnn_input),
                                  .work_size = sizeof(ffnn_work),
                                  .prepare = prepare,
                                  .release = release,
                                  .open = open,
                                  .settle = settle,
                                  .close = close,
                                  .fit = fit,
                                  .predict = predict};

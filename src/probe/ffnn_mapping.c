/* The network as a mapping (probe/ffnn.h): no levels, a fit draws from the job's own stream. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/mapping.h"
#include <stdio.h>

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
    xp_free_all(w->losses, w->prediction);
}

static bool open(xp_work *work, const xp_input *input) {
    ffnn_work *w = work->own;
    const xp_data *data = input->data;
    const xp_ffnn_input *own = input->own;
    w->losses = xp_alloc(2 * settings(data)->epochs, sizeof *w->losses);
    w->prediction = xp_alloc(data->m * own->n_test, sizeof *w->prediction);
    return w->losses != NULL && w->prediction != NULL &&
           xp_ffnn_alloc(&w->ffnn, settings(data), own->n_train, own->d, data->m);
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

/* ---- what a plan asks ---- */

static size_t n_epochs(const xp_mapping_settings *settings) { return settings->ffnn.epochs; }

static const char *preset(const xp_ffnn_settings *s) {
    return s->recipe == XP_FFNN_CHRONIS2023 ? "chronis2023" : "default";
}

static bool add(xp_strings *keys, xp_strings *values, const char *key, const char *value) {
    return xp_strings_add(keys, key, strlen(key)) && xp_strings_add(values, value, strlen(value));
}

static bool list(const xp_mapping_settings *settings, xp_strings *keys, xp_strings *values) {
    const xp_ffnn_settings *s = &settings->ffnn;
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"hidden", (double)s->hidden}, {"dropout", s->dropout},       {"learning_rate", s->learning_rate},
                   {"batch", (double)s->batch},   {"epochs", (double)s->epochs}, {"patience", (double)s->patience}};
    char text[32];
    snprintf(text, sizeof text, "\"%s\"", preset(s));
    bool ok = add(keys, values, "preset", text);
    for (size_t i = 0; ok && i < sizeof numbers / sizeof *numbers; i++) {
        xp_shortest_double(numbers[i].value, text);
        ok = add(keys, values, numbers[i].key, text);
    }
    return ok;
}

static void sign(const xp_mapping_settings *settings, char *text, size_t size) {
    const xp_ffnn_settings *s = &settings->ffnn;
    snprintf(text, size, ":%s:%zu:%g:%g:%zu:%zu", preset(s), s->hidden, s->dropout, s->learning_rate, s->batch,
             s->epochs);
}

/* Products in fp32 reach about nine tenths of the rate of an fp64 product, of which a unit of work is a third; a step of Adam on one weight takes as long as
 * forty flops. Where training stops early, it went on for some epochs before the patience ran out (seen: McRae 10, permuted rows fewer, Binder up to all). */
static double fit_work(const xp_mapping_settings *settings, double n, double d, double m, double n_folds) {
    const xp_ffnn_settings *s = &settings->ffnn;
    const double h = (double)s->hidden, stops = (double)s->patience + 10, most = (double)s->epochs;
    const double epochs = s->patience > 0 && stops < most ? stops : most;
    const double rows = epochs * n * (1 - 1 / n_folds);
    const double steps = rows / (double)s->batch, weights = h * (d + m);
    return n_folds * (rows * (4 * d * h + 6 * m * h) / 4.5 + 12 * steps * weights);
}

/* Weights, moments, the best weights; predictions of the folds. */
static double fit_memory(const xp_mapping_settings *settings, double n, double d, double m) {
    return 2.5 * (double)settings->ffnn.hidden * (m + fmax(d, m)) + 2 * n * m;
}

const xp_mapper xp_ffnn_mapper = {.name = "ffnn",
                                  .words = "ffnn",
                                  .slow = true,
                                  .n_epochs = n_epochs,
                                  .fit_work = fit_work,
                                  .fit_memory = fit_memory,
                                  .list = list,
                                  .sign = sign,
                                  .input_size = sizeof(xp_ffnn_input),
                                  .work_size = sizeof(ffnn_work),
                                  .prepare = prepare,
                                  .release = release,
                                  .open = open,
                                  .settle = settle,
                                  .close = close,
                                  .fit = fit,
                                  .predict = predict};

#include "attention/mlp.h"

#include <math.h>
#include <string.h>

#include "attention/nearest.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/rng.h"
#include "model/session.h"
#include "tensor/blas.h"

/* Adam (Kingma & Ba 2015) with its usual constants; the step falls to zero linearly. */
enum { EPOCHS = 4, CHUNK_ROWS = 1024, BATCH = 64 };
static const double STEP = 2e-3, FIRST = .9, SECOND = .999, TINY = 1e-8;

typedef struct fit {
    xp_corpus *corpus;
    const bool *layer; /* that are wanted */
    xp_mlp_g *g;
    double *moment;   /* first and second, of all weights */
    double **scratch; /* one a thread */
    size_t first, n;  /* texts of the chunk */
    size_t chunk_rows, chunk, epoch, step, n_steps;
    uint64_t seed;
} fit;

static size_t weights_of(size_t d) { return 2 * XP_MLP_HIDDEN * d + XP_MLP_HIDDEN + d; }

static size_t gather(const fit *f, size_t layer, double *rows, double *words) {
    const size_t d = f->corpus->width;
    size_t m = 0;
    for (size_t t = f->first; t < f->first + f->n; t++) {
        const xp_encoded_text *text = &f->corpus->text[t];
        const float *states = xp_corpus_states(f->corpus, t, layer);
        for (size_t i = 0; i < text->n; i++, m++) {
            xp_model_word(f->corpus->model, text->id[i], words + m * d);
            for (size_t j = 0; j < d; j++) rows[m * d + j] = states[i * d + j];
        }
    }
    return m;
}

/* hidden = tanh(rows W1' + b1), out = hidden W2' + b2 */
static void forward(size_t n, size_t d, const double *weight, const double *rows, double *hidden, double *out) {
    const size_t h = XP_MLP_HIDDEN;
    const double *w1 = weight, *b1 = w1 + h * d, *w2 = b1 + h, *b2 = w2 + h * d;
    xp_gemm(false, true, n, h, d, 1, rows, d, w1, d, 0, hidden, h);
    for (size_t i = 0; i < n * h; i++) hidden[i] = tanh(hidden[i] + b1[i % h]);
    xp_gemm(false, true, n, d, h, 1, hidden, h, w2, h, 0, out, d);
    for (size_t i = 0; i < n; i++) xp_axpy(d, 1, b2, out + i * d);
}

/* Gradient of half the mean squared error; out becomes the errors, hidden what flows back through it. */
static void backward(size_t n, size_t d, const double *weight, const double *rows, const double *words, double *hidden,
                     double *out, double *back, double *gradient) {
    const size_t h = XP_MLP_HIDDEN;
    const double *w2 = weight + h * d + h;
    double *g1 = gradient, *gb1 = g1 + h * d, *g2 = gb1 + h, *gb2 = g2 + h * d;
    memset(gradient, 0, weights_of(d) * sizeof *gradient);
    for (size_t i = 0; i < n * d; i++) out[i] = (out[i] - words[i]) / (double)n;
    xp_gemm(true, false, d, h, n, 1, out, d, hidden, h, 0, g2, h);
    xp_gemm(false, false, n, h, d, 1, out, d, w2, h, 0, back, h);
    for (size_t i = 0; i < n * h; i++) back[i] *= 1 - hidden[i] * hidden[i];
    xp_gemm(true, false, h, d, n, 1, back, h, rows, d, 0, g1, d);
    for (size_t i = 0; i < n; i++) {
        xp_axpy(d, 1, out + i * d, gb2);
        xp_axpy(h, 1, back + i * h, gb1);
    }
}

static void adam(size_t n, size_t step, double rate, const double *gradient, double *first, double *second,
                 double *weight) {
    const double c1 = 1 - pow(FIRST, (double)step), c2 = 1 - pow(SECOND, (double)step);
    for (size_t k = 0; k < n; k++) {
        first[k] = FIRST * first[k] + (1 - FIRST) * gradient[k];
        second[k] = SECOND * second[k] + (1 - SECOND) * gradient[k] * gradient[k];
        weight[k] -= rate * first[k] / c1 / (sqrt(second[k] / c2) + TINY);
    }
}

static void shuffle_rows(const fit *f, size_t m, uint32_t *order) {
    xp_rng rng = xp_rng_begin(f->seed, XP_RNG_MLP, (uint32_t)((f->epoch + 1) << 24 | f->chunk));
    for (size_t i = 0; i < m; i++) order[i] = (uint32_t)i;
    xp_rng_permutation(&rng, m, order);
}

/* The first chunk gives the scale of states and words. */
static void set_scale(const fit *f, size_t layer, size_t m, const double *rows, const double *words) {
    const size_t d = f->corpus->width;
    double *mean = f->g->mean + layer * 2 * d, *deviation = f->g->deviation + layer * 2 * d;
    xp_nearest_moments(m, d, rows, mean, deviation);
    xp_nearest_moments(m, d, words, mean + d, deviation + d);
}

static bool train_layer(void *self, size_t layer, unsigned worker) {
    const fit *f = self;
    if (!f->layer[layer]) return true;
    const size_t d = f->corpus->width, h = XP_MLP_HIDDEN, n_weights = weights_of(d);
    double *rows = f->scratch[worker], *words = rows + f->chunk_rows * d, *x = words + f->chunk_rows * d;
    double *y = x + BATCH * d, *out = y + BATCH * d, *hidden = out + BATCH * d, *back = hidden + BATCH * h;
    double *gradient = back + BATCH * h;
    uint32_t *order = (uint32_t *)(gradient + n_weights);
    double *weight = f->g->weight + layer * n_weights, *moment = f->moment + layer * 2 * n_weights;
    const size_t m = gather(f, layer, rows, words);
    if (f->epoch == 0 && f->chunk == 0) set_scale(f, layer, m, rows, words);
    const double *mean = f->g->mean + layer * 2 * d, *deviation = f->g->deviation + layer * 2 * d;
    xp_nearest_standardise(m, d, mean, deviation, rows);
    xp_nearest_standardise(m, d, mean + d, deviation + d, words);
    shuffle_rows(f, m, order);
    for (size_t at = 0, step = f->step; at < m; at += BATCH) {
        const size_t n = m - at < BATCH ? m - at : BATCH;
        for (size_t i = 0; i < n; i++) {
            memcpy(x + i * d, rows + order[at + i] * d, d * sizeof *x);
            memcpy(y + i * d, words + order[at + i] * d, d * sizeof *y);
        }
        forward(n, d, weight, x, hidden, out);
        backward(n, d, weight, x, y, hidden, out, back, gradient);
        step++;
        adam(n_weights, step, STEP * (1 - (double)(step - 1) / (double)f->n_steps), gradient, moment,
             moment + n_weights, weight);
    }
    return true;
}

static bool create(fit *f, unsigned threads) {
    const size_t d = f->corpus->width, layers = f->corpus->n_layers + 1, n_weights = weights_of(d);
    xp_mlp_g *g = f->g;
    *g = (xp_mlp_g){.n_layers = f->corpus->n_layers, .width = d, .hidden = XP_MLP_HIDDEN, .n_rows = f->corpus->n_rows};
    g->mean = xp_calloc(layers, 2 * d * sizeof *g->mean);
    g->deviation = xp_calloc(layers, 2 * d * sizeof *g->deviation);
    g->weight = xp_calloc(layers, n_weights * sizeof *g->weight);
    f->moment = xp_calloc(layers, 2 * n_weights * sizeof *f->moment);
    f->scratch = xp_calloc(threads, sizeof *f->scratch);
    if (g->mean == NULL || g->deviation == NULL || g->weight == NULL || f->moment == NULL || f->scratch == NULL)
        return false;
    f->chunk_rows = CHUNK_ROWS + f->corpus->longest;
    const size_t size = 2 * f->chunk_rows * d + BATCH * (3 * d + 2 * XP_MLP_HIDDEN) + n_weights + f->chunk_rows;
    for (unsigned w = 0; w < threads; w++)
        if ((f->scratch[w] = xp_alloc(size, sizeof(double))) == NULL) return false;
    for (size_t l = 0; l < layers; l++) { /* biases start at zero */
        xp_rng rng = xp_rng_begin(f->seed, XP_RNG_MLP, (uint32_t)l);
        double *w1 = g->weight + l * n_weights, *w2 = w1 + XP_MLP_HIDDEN * d + XP_MLP_HIDDEN;
        for (size_t k = 0; k < XP_MLP_HIDDEN * d; k++) w1[k] = xp_rng_normal(&rng) / sqrt((double)d);
        for (size_t k = 0; k < XP_MLP_HIDDEN * d; k++) w2[k] = xp_rng_normal(&rng) / sqrt((double)XP_MLP_HIDDEN);
    }
    return true;
}

static size_t next_chunk(fit *f) {
    size_t rows = 0;
    for (f->n = 0; f->first + f->n < f->corpus->n_texts && rows < CHUNK_ROWS; f->n++)
        rows += f->corpus->text[f->first + f->n].n;
    return rows;
}

static explaint_status run(fit *f, unsigned threads, bool (*progress)(void *self, double done), void *self,
                           explaint_error *error) {
    xp_corpus *c = f->corpus;
    explaint_status status = EXPLAINT_OK;
    for (f->first = 0; f->first < c->n_texts; f->first += f->n)
        f->n_steps += EPOCHS * ((next_chunk(f) + BATCH - 1) / BATCH);
    for (f->epoch = 0; f->epoch < EPOCHS; f->epoch++)
        for (f->first = f->chunk = 0; f->first < c->n_texts && status == EXPLAINT_OK; f->first += f->n, f->chunk++) {
            const size_t rows = next_chunk(f);
            status = xp_corpus_run(c, c->model, f->first, f->n, false, NULL, NULL, threads, error);
            const xp_pool_job job = {.n_tasks = c->n_layers + 1, .run = train_layer, .self = f};
            if (status == EXPLAINT_OK && !xp_pool_run(threads, &job)) status = xp_no_thread(error);
            xp_corpus_forget(c, f->first, f->n);
            f->step += (rows + BATCH - 1) / BATCH;
            if (status == EXPLAINT_OK && progress != NULL && !progress(self, (double)f->step / (double)f->n_steps))
                status = xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped");
        }
    return status;
}

explaint_status xp_fit_mlp(xp_corpus *corpus, const bool *layer, uint64_t seed, unsigned threads,
                           bool (*progress)(void *self, double done), void *self, xp_mlp_g *g, explaint_error *error) {
    fit f = {.corpus = corpus, .layer = layer, .g = g, .seed = seed};
    threads = xp_pool_threads(threads);
    xp_blas_single_thread();
    explaint_status status =
        create(&f, threads) ? run(&f, threads, progress, self, error) : xp_no_memory(error, "the map with a layer");
    for (unsigned w = 0; f.scratch != NULL && w < threads; w++) xp_free(f.scratch[w]);
    xp_free_all(f.scratch, f.moment);
    if (status != EXPLAINT_OK) xp_mlp_g_free(g);
    return status;
}

void xp_mlp_g_apply(const xp_mlp_g *g, size_t layer, size_t n, const double *states, double *rows) {
    const size_t d = g->width, h = XP_MLP_HIDDEN;
    const double *weight = g->weight + layer * weights_of(d), *b1 = weight + h * d, *w2 = b1 + h, *b2 = w2 + h * d;
    const double *mean = g->mean + layer * 2 * d, *deviation = g->deviation + layer * 2 * d;
    for (size_t i = 0; i < n; i++) {
        double hidden[XP_MLP_HIDDEN], *row = rows + i * d;
        memcpy(row, states + i * d, d * sizeof *row);
        xp_nearest_standardise(1, d, mean, deviation, row);
        xp_gemv(false, h, d, 1, weight, d, row, 0, hidden);
        for (size_t k = 0; k < h; k++) hidden[k] = tanh(hidden[k] + b1[k]);
        xp_gemv(false, d, h, 1, w2, h, hidden, 0, row);
        for (size_t j = 0; j < d; j++) row[j] = (row[j] + b2[j]) * deviation[d + j] + mean[d + j];
    }
}

void xp_mlp_g_free(xp_mlp_g *g) {
    xp_free_all(g->mean, g->deviation, g->weight);
    *g = (xp_mlp_g){0};
}

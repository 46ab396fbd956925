#include "probe/ffnn.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "probe/plsr.h"
#include "tensor/floats.h"

enum { DEV_SHARE = 10, TEST_ROWS = 64 };
/* A training loss of so many times that of the training mean is no longer on its way down. */
static const double DIVERGED = 1000;

xp_ffnn_settings xp_ffnn_recipe(xp_ffnn_kind recipe) {
    if (recipe == XP_FFNN_CHRONIS2023)
        return (xp_ffnn_settings){
            .recipe = recipe, .hidden = 300, .batch = 1, .epochs = 50, .dropout = .2, .learning_rate = 1e-4};
    return (xp_ffnn_settings){.recipe = recipe,
                              .hidden = 300,
                              .batch = 32,
                              .epochs = 50,
                              .patience = 10,
                              .dropout = .2,
                              .learning_rate = 1e-3};
}

/* ---- input ---- */

static bool input_alloc(xp_ffnn_input *input, size_t d, const xp_fold *fold) {
    *input = (xp_ffnn_input){.d = d, .n_train = fold->n_train, .n_test = fold->n_test};
    input->stride = (d + 1 + XP_LANES - 1) / XP_LANES * XP_LANES;
    size_t train, test;
    if (!xp_mul_overflows(input->stride, fold->n_train, &train) &&
        !xp_mul_overflows(input->stride, fold->n_test, &test)) {
        input->train = xp_floats_create(train);
        input->test = xp_floats_create(test);
    }
    if (input->train != NULL && input->test != NULL) return true;
    xp_ffnn_input_free(input);
    return false;
}

/* Row i of the training rows and then the test rows; its 1 is in place. */
static float *input_row(const xp_ffnn_input *input, size_t i) {
    float *row =
        i < input->n_train ? input->train + i * input->stride : input->test + (i - input->n_train) * input->stride;
    row[input->d] = 1;
    return row;
}

static uint32_t concept_of(const xp_fold *fold, size_t i) {
    return i < fold->n_train ? fold->train[i] : fold->test[i - fold->n_train];
}

bool xp_ffnn_input_create(xp_ffnn_input *input, const double *x, size_t d, const xp_fold *fold, xp_ffnn_kind recipe) {
    const size_t n = fold->n_train + fold->n_test;
    const bool raw = recipe == XP_FFNN_CHRONIS2023;
    double *scaled = raw ? NULL : xp_alloc(n * d, sizeof *scaled);
    bool ok = (raw || scaled != NULL) && input_alloc(input, d, fold);
    if (ok && !raw && !xp_plsr_standardise(x, d, fold, scaled, scaled + fold->n_train * d)) {
        xp_ffnn_input_free(input);
        ok = false;
    }
    for (size_t i = 0; ok && i < n; i++) {
        const double *from = raw ? x + concept_of(fold, i) * d : scaled + i * d;
        float *to = input_row(input, i);
        for (size_t j = 0; j < d; j++) to[j] = (float)from[j];
    }
    xp_free(scaled);
    return ok;
}

void xp_ffnn_input_free(xp_ffnn_input *input) {
    xp_floats_destroy(input->train);
    xp_floats_destroy(input->test);
    *input = (xp_ffnn_input){0};
}

/* ---- scratch ---- */

bool xp_ffnn_alloc(xp_ffnn *ffnn, const xp_ffnn_settings *settings, size_t n_train, size_t d, size_t m) {
    const size_t batch = settings->batch, capacity = batch > TEST_ROWS ? batch : TEST_ROWS;
    const size_t width = settings->recipe == XP_FFNN_CHRONIS2023 ? m : settings->hidden;
    size_t masks;
    *ffnn = (xp_ffnn){0};
    if (!xp_network_alloc(&ffnn->network, d, settings->hidden, m, capacity)) return false;
    /* what begin() says of the largest sizes */
    xp_network_begin(&ffnn->network, d, settings->hidden, m);
    ffnn->order = xp_alloc(n_train, sizeof *ffnn->order);
    ffnn->best = settings->patience > 0 ? xp_floats_create(ffnn->network.n_weights) : NULL;
    ffnn->mask = xp_mul_overflows(batch, width, &masks) ? NULL : xp_floats_create(masks);
    if (ffnn->order != NULL && ffnn->mask != NULL && (ffnn->best != NULL || settings->patience == 0)) return true;
    xp_ffnn_free(ffnn);
    return false;
}

void xp_ffnn_free(xp_ffnn *ffnn) {
    xp_network_free(&ffnn->network);
    xp_free(ffnn->order);
    xp_floats_destroy(ffnn->best);
    xp_floats_destroy(ffnn->mask);
    *ffnn = (xp_ffnn){0};
}

/* ---- fit ---- */

typedef struct fit {
    xp_ffnn *ffnn;
    const xp_ffnn_settings *settings;
    xp_network_rows train;
    size_t n_train, n_dev;
    double mean_loss; /* of the training mean */
    xp_rng order, drop;
} fit;

/* The squared error of the training means, and over how many cells. */
static double about_the_mean(const xp_columns *columns, double *cells) {
    double squares = 0;
    *cells = 0;
    for (size_t j = 0; j < columns->m; j++) {
        *cells += columns->observed[j];
        if (!columns->constant[j]) squares += columns->scale[j] * columns->scale[j] * (columns->observed[j] - 1);
    }
    return squares;
}

/* Glorot & Bengio 2010, uniform; the outputs begin at the training means. Or as the published code does. */
static void draw_weights(fit *f, const xp_columns *columns, uint64_t seed, uint32_t stream) {
    xp_network *net = &f->ffnn->network;
    xp_rng rng = xp_rng_begin(seed, XP_RNG_FFNN_WEIGHTS, stream);
    const bool published = f->settings->recipe == XP_FFNN_CHRONIS2023;
    for (size_t layer = 0; layer < 2; layer++) {
        const size_t inputs = layer == 0 ? net->d : net->h, units = layer == 0 ? net->h : net->m;
        float *weight = net->weight + (layer == 0 ? 0 : net->n_first);
        const double reach = sqrt(6 / (double)(inputs + units)), bias = 1 / sqrt((double)inputs);
        for (size_t u = 0; u < units; u++) {
            for (size_t i = 0; !published && i < inputs; i++)
                weight[xp_network_place(inputs, u, i)] = (float)(reach * (2 * xp_rng_uniform(&rng) - 1));
            weight[xp_network_place(inputs, u, inputs)] =
                (float)(published ? bias * (2 * xp_rng_uniform(&rng) - 1)
                                  : (layer == 0 ? 0 : columns->mean[u] / f->train.unit));
        }
    }
}

/* Each is dropped with probability p (a multiple of 2^-32), the rest is scaled up. */
static const float *draw_mask(fit *f, size_t n) {
    const double p = f->settings->dropout;
    const uint32_t limit = (uint32_t)(p * 0x1p32);
    const float kept = (float)(1 / (1 - p));
    float *mask = f->ffnn->mask;
    for (size_t i = 0; i < n; i += 2) {
        const uint64_t bits = xp_rng_bits(&f->drop);
        mask[i] = (uint32_t)bits < limit ? 0 : kept;
        if (i + 1 < n) mask[i + 1] = (uint32_t)(bits >> 32) < limit ? 0 : kept;
    }
    return mask;
}

static double mean_of(const fit *f, xp_network_loss loss, size_t concepts) {
    if (f->settings->recipe == XP_FFNN_CHRONIS2023) return loss.squares / (double)concepts;
    return loss.squares / (double)(loss.cells > 0 ? loss.cells : 1);
}

static double train_epoch(fit *f, size_t epoch) {
    const xp_ffnn_settings *s = f->settings;
    xp_network *net = &f->ffnn->network;
    uint32_t *row = f->ffnn->order + f->n_dev;
    const bool published = s->recipe == XP_FFNN_CHRONIS2023, drops = s->dropout > 0 && (!published || epoch == 0);
    xp_network_loss all = {0};
    xp_rng_permutation(&f->order, f->n_train, row);
    for (size_t at = 0; at < f->n_train; at += s->batch) {
        const size_t n = f->n_train - at < s->batch ? f->n_train - at : s->batch;
        xp_network_step step = {.learning_rate = s->learning_rate, .sum = published};
        if (drops && published) step.output_mask = draw_mask(f, n * net->m);
        if (drops && !published) step.hidden_mask = draw_mask(f, n * net->h);
        const xp_network_loss loss = xp_network_train(net, &f->train, n, row + at, &step);
        all.squares += loss.squares;
        all.cells += loss.cells;
        if (!isfinite(loss.squares)) break;
    }
    return mean_of(f, all, f->n_train);
}

static bool train(fit *f, xp_ffnn_curve *curve) {
    xp_network *net = &f->ffnn->network;
    const size_t patience = f->n_dev > 0 ? f->settings->patience : 0;
    for (size_t epoch = 0; epoch < f->settings->epochs; epoch++) {
        curve->n = epoch + 1;
        curve->train[epoch] = train_epoch(f, epoch);
        curve->dev[epoch] = NAN;
        curve->diverged = !(curve->train[epoch] <= DIVERGED * f->mean_loss);
        if (curve->diverged) return false;
        if (patience == 0) {
            curve->best = epoch;
            continue;
        }
        curve->dev[epoch] = mean_of(f, xp_network_test(net, &f->train, f->n_dev, f->ffnn->order), f->n_dev);
        if (epoch == 0 || curve->dev[epoch] < curve->dev[curve->best]) {
            curve->best = epoch;
            memcpy(f->ffnn->best, net->weight, net->n_weights * sizeof *net->weight);
        } else if (epoch - curve->best >= patience) {
            break;
        }
    }
    if (patience > 0) memcpy(net->weight, f->ffnn->best, net->n_weights * sizeof *net->weight);
    return true;
}

bool xp_ffnn_fit(xp_ffnn *ffnn, const xp_ffnn_input *input, const xp_target *target, const xp_fold *fold,
                 const xp_columns *columns, const xp_ffnn_settings *settings, uint64_t seed, uint32_t stream,
                 double *prediction, xp_ffnn_curve *curve) {
    const bool published = settings->recipe == XP_FFNN_CHRONIS2023;
    const size_t n = fold->n_train, n_dev = settings->patience > 0 && n > 1 ? (n + DEV_SHARE - 1) / DEV_SHARE : 0;
    double cells;
    const double squares = about_the_mean(columns, &cells);
    const double unit = published || !(squares > 0) ? 1 : sqrt(squares / cells);
    fit f = {.ffnn = ffnn,
             .settings = settings,
             .train = {input->train, input->stride, fold->train, target, unit},
             .n_train = n - n_dev,
             .n_dev = n_dev,
             .mean_loss = published ? squares / (double)n : 1,
             .order = xp_rng_begin(seed, XP_RNG_FFNN_ORDER, stream),
             .drop = xp_rng_begin(seed, XP_RNG_FFNN_DROP, stream)};
    curve->n = curve->best = 0;
    curve->diverged = false;
    xp_network_begin(&ffnn->network, input->d, settings->hidden, target->y->m);
    draw_weights(&f, columns, seed, stream);
    for (size_t i = 0; i < n; i++) ffnn->order[i] = (uint32_t)i;
    xp_rng_permutation(&f.order, n, ffnn->order);
    if (squares > 0 && !train(&f, curve)) return false;
    const xp_network_rows test = {input->test, input->stride, fold->test, target, unit};
    xp_network_predict(&ffnn->network, &test, fold->n_test, prediction);
    for (size_t j = 0; j < columns->m; j++) /* docs/methods.md#ffnn */
        for (size_t t = 0; columns->constant[j] && t < fold->n_test; t++)
            prediction[j * fold->n_test + t] = columns->mean[j];
    return true;
}

explaint_status xp_ffnn_diverged(const xp_ffnn_curve *curve, const xp_ffnn_settings *settings, explaint_error *error) {
    return xp_fail(error, EXPLAINT_FAILED, NULL, 0,
                   "ffnn diverged in epoch %zu (loss %.3g) at --learning-rate %g: lower it, or take a larger --batch "
                   "than %zu",
                   curve->n, curve->train[curve->n - 1], settings->learning_rate, settings->batch);
}

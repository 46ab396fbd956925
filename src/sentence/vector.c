/* From the states of a text's pieces to its vector. */
#include <math.h>
#include <string.h>

#include "sentence/sentence.h"

/* ---- pooling ---- */

static double weight_of(xp_pooling how, size_t i) { return how == XP_POOLING_WEIGHTED ? (double)(i + 1) : 1; }

/* The mean of the pieces, of the pieces by their place in the text (from 1, the prompt's counted), or their sum over the root of their
 * number. */
static void average(xp_pooling how, size_t n, size_t first, size_t width, const float *rows, float *to) {
    double total = 0;
    for (size_t i = first; i < n; i++) total += weight_of(how, i);
    if (how == XP_POOLING_MEAN_SQRT) total = sqrt(total);
    for (size_t d = 0; d < width; d++) {
        double sum = 0;
        for (size_t i = first; i < n; i++) sum += weight_of(how, i) * (double)rows[i * width + d];
        to[d] = (float)(sum / total);
    }
}

static void pool(xp_pooling how, size_t n, size_t first, size_t width, const float *rows, float *to) {
    if (how == XP_POOLING_CLS || how == XP_POOLING_LAST) {
        memcpy(to, rows + (how == XP_POOLING_CLS ? first : n - 1) * width, width * sizeof *to);
        return;
    }
    if (how != XP_POOLING_MAX) {
        average(how, n, first, width, rows, to);
        return;
    }
    memcpy(to, rows + first * width, width * sizeof *to);
    for (size_t i = first + 1; i < n; i++)
        for (size_t d = 0; d < width; d++)
            if (rows[i * width + d] > to[d]) to[d] = rows[i * width + d];
}

/* ---- what stands on top ---- */

static double squash(xp_squash how, double x) {
    switch (how) {
    case XP_SQUASH_TANH: return tanh(x);
    case XP_SQUASH_RELU: return x > 0 ? x : 0;
    case XP_SQUASH_GELU: return x * (1 + erf(x / sqrt(2))) / 2;
    case XP_SQUASH_SIGMOID: return 1 / (1 + exp(-x));
    case XP_SQUASH_SILU: return x / (1 + exp(-x));
    default: return x;
    }
}

static void map(const xp_stage *s, const float *from, float *to) {
    for (size_t j = 0; j < s->n_out; j++) {
        double sum = s->bias != NULL ? (double)s->bias[j] : 0;
        for (size_t i = 0; i < s->n_in; i++) sum += (double)s->weight[j * s->n_in + i] * (double)from[i];
        to[j] = (float)squash(s->squash, sum);
    }
}

/* 1e-12 is the least length, as in torch: nothing becomes NaN. */
static void to_unit(size_t width, float *row) {
    double squares = 0;
    for (size_t d = 0; d < width; d++) squares += (double)row[d] * (double)row[d];
    const double length = fmax(sqrt(squares), 1e-12);
    for (size_t d = 0; d < width; d++) row[d] = (float)((double)row[d] / length);
}

void xp_sentence_vector(const xp_sentence *s, size_t n, size_t first, const float *rows, float *room) {
    size_t width = s->n_poolings * s->states;
    float *other = room + s->room / 2;
    for (size_t k = 0; k < s->n_poolings; k++) pool(s->pooling[k], n, first, s->states, rows, room + k * s->states);
    for (size_t k = 0; k < s->n_stages; k++) {
        if (!s->stage[k].dense) {
            to_unit(width, room);
            continue;
        }
        map(&s->stage[k], room, other);
        width = s->stage[k].n_out;
        memcpy(room, other, width * sizeof *room);
    }
}

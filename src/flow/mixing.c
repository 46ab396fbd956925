#include "flow/mixing.h"

#include <math.h>

static double length(size_t n, const float *x) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) sum += (double)x[k] * (double)x[k];
    return sqrt(sum);
}

static double weight(const xp_parts *p, size_t i) {
    const size_t heads = p->block->model->config.n_heads, n = p->n;
    double own = 0, all = 0;
    for (size_t h = 0; h < heads; h++) {
        const float *row = p->block->maps + (h * n + i) * n;
        for (size_t j = 0; j < n; j++) all += (double)row[j];
        own += (double)row[i];
    }
    return (all - own) / all;
}

/* The share of others; own and others are changed. NaN: both are nothing. */
static void shares(const xp_parts *p, size_t i, float *own, float *others, double share[XP_N_MIXINGS]) {
    const size_t d = p->width, at = i * d;
    const double kept = length(d, p->own + at), taken = length(d, p->others + at);
    share[XP_MIXING_ATTN_W] = weight(p, i);
    share[XP_MIXING_ATTN_N] = taken / (taken + kept);
    xp_parts_inner(p, i, true, p->own + at, own);
    xp_parts_inner(p, i, false, p->others + at, others);
    const double mixed = length(d, others);
    share[XP_MIXING_ATTNRES_N] = mixed / (mixed + length(d, own));
    share[XP_MIXING_ATTNRESLN_N] = NAN;
    if (xp_block_after(p->block) == NULL) return;
    xp_parts_term(p, i, true, p->own + at, own);
    xp_parts_term(p, i, false, p->others + at, others);
    const double normed = length(d, others);
    share[XP_MIXING_ATTNRESLN_N] = normed / (normed + length(d, own));
}

void xp_mixing_of(const xp_parts *p, double mean[XP_N_MIXINGS], size_t rows[XP_N_MIXINGS]) {
    float *own = p->heads, *others = p->panels; /* scratch of a source */
    for (xp_mixing m = 0; m < XP_N_MIXINGS; m++) mean[m] = (double)(rows[m] = 0);
    for (size_t i = p->causal ? 1 : 0; i < p->n; i++) {
        double share[XP_N_MIXINGS];
        shares(p, i, own, others, share);
        for (xp_mixing m = 0; m < XP_N_MIXINGS; m++) {
            if (isnan(share[m])) continue;
            mean[m] += share[m];
            rows[m]++;
        }
    }
    for (xp_mixing m = 0; m < XP_N_MIXINGS; m++) mean[m] = rows[m] > 0 ? mean[m] / (double)rows[m] : NAN;
}

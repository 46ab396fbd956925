#include "flow/rollout.h"

#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"
#include "tensor/lanes.h"

void xp_rollout_begin(size_t n, double *rollout) {
    memset(rollout, 0, n * n * sizeof *rollout);
    for (size_t i = 0; i < n; i++) rollout[i * n + i] = 1;
}

void xp_rollout_mix(size_t n, const double *map, double *mixed) {
    for (size_t i = 0; i < n * n; i++) mixed[i] = .5 * map[i];
    for (size_t i = 0; i < n; i++) mixed[i * n + i] += .5;
}

void xp_rollout_step(size_t n, const double *mixed, double *rollout, double *scratch) {
    memcpy(scratch, rollout, n * n * sizeof *scratch);
    xp_gemm(false, false, n, n, n, 1, mixed, n, scratch, n, 0, rollout, n);
}

bool xp_rollout_columns_create(size_t n, size_t n_heads, size_t n_columns, xp_rollout_columns *c) {
    *c = (xp_rollout_columns){.n = n, .n_heads = n_heads, .n_columns = n_columns};
    c->share = xp_calloc((n_heads + 1) * n_columns, n * sizeof *c->share);
    if (c->share == NULL) return false;
    c->taken = c->share + n_columns * n;
    return true;
}

void xp_rollout_columns_free(xp_rollout_columns *c) {
    xp_free(c->share);
    *c = (xp_rollout_columns){0};
}

/* In an order of its own, the same on every processor. */
XP_CLONES static double weigh(size_t n, const float *weight, const double *share) {
    typedef float four __attribute__((vector_size(QUAD * sizeof(float)), aligned(4), may_alias));
    quad sum[2] = {{0}, {0}};
    size_t j = 0;
    for (; j + LANES <= n; j += LANES)
        for (size_t k = 0; k < 2; k++)
            sum[k] +=
                __builtin_convertvector(*(const four *)(weight + j + k * QUAD), quad) * *quad_at(share + j + k * QUAD);
    const quad both = sum[0] + sum[1];
    double all = SUM_OF(both);
    for (; j < n; j++) all += (double)weight[j] * share[j];
    return all;
}

void xp_rollout_columns_take(xp_rollout_columns *c, size_t head, size_t i, size_t from, size_t to,
                             const float *weights) {
    for (size_t k = 0; k < c->n_columns; k++)
        c->taken[(head * c->n_columns + k) * c->n + i] = weigh(to - from, weights + from, c->share + k * c->n + from);
}

void xp_rollout_columns_rise(xp_rollout_columns *c) {
    const size_t size = c->n_columns * c->n;
    for (size_t i = 0; i < size; i++) {
        double sum = 0;
        for (size_t h = 0; h < c->n_heads; h++) sum += c->taken[h * size + i];
        c->share[i] = .5 * c->share[i] + .5 * (sum / (double)c->n_heads);
    }
}

void xp_rollout_equal_rise(size_t n, bool causal, double *share) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += share[i];
    if (!causal)
        for (size_t i = 0; i < n; i++) share[i] = .5 * share[i] + .5 * (sum / (double)n);
    sum = 0;
    for (size_t i = 0; causal && i < n; i++) {
        sum += share[i];
        share[i] = .5 * share[i] + .5 * (sum / (double)(i + 1));
    }
}

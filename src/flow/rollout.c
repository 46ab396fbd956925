#include "flow/rollout.h"

#include <string.h>

#include "tensor/blas.h"

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

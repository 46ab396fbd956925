#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/baselines.h"
#include "probe/plsr.h"
#include "tensor/blas.h"

bool xp_ridge_weights(const double *x, size_t d, const xp_fold *fold, double penalty, double *weight) {
    xp_plsr_input input; /* the same centring, scaling and change of basis: ridge does not see a rotation */
    if (!xp_plsr_input_create(&input, x, d, SIZE_MAX, fold)) return false;
    const size_t r = input.r;
    for (size_t i = 0; i < r; i++) input.c[i * r + i] += penalty;
    bool ok = xp_solve_positive(r, input.c, fold->n_test, input.z_test); /* rows: (Z'Z + penalty)^-1 z_test */
    if (ok)
        xp_gemm(false, true, fold->n_train, fold->n_test, r, 1, input.z, r, input.z_test, r, 0, weight, fold->n_test);
    xp_plsr_input_free(&input);
    return ok;
}

/* Mappings with their scratch, in one call each: what tests of several rooms fit. */
#ifndef XP_TESTS_SUPPORT_MAPPINGS_H
#define XP_TESTS_SUPPORT_MAPPINGS_H

#include "base/memory.h"
#include "probe/baselines.h"
#include "probe/plsr.h"
#include "probe/plsr_sparse.h"
#include "support/matrix.h"

typedef enum solver_kind { RANK_SPACE, INPUT_SIDE, MATRIX_FREE, PCA } solver_kind;
enum { NIPALS = -1 }; /* a tolerance: weights as scikit-learn finds them */

typedef struct fitted {
    xp_columns columns;
    xp_path path;
    size_t m, n_test;
    uint32_t *iterations; /* of NIPALS, by component */
} fitted;

/* RANK_SPACE: x (n x d) -> target; INPUT_SIDE: the same, with S S' even where the targets are fewer. MATRIX_FREE: sparse input (NULL: the target itself) -> target. PCA: the target on itself. */
static inline fitted fit(solver_kind kind, const double *x, size_t d, const xp_target *input, const xp_target *target,
                         const xp_fold *fold, size_t components, double tolerance) {
    fitted f = {.columns = columns_of(target, fold), .m = target->y->m, .n_test = fold->n_test};
    assert_true(xp_path_alloc(&f.path, fold->n_train, fold->n_test, components));
    xp_nipals nipals, *how = tolerance < 0 ? &nipals : NULL;
    size_t width = d > f.m ? d : f.m;
    if (input != NULL && input->y->m > width) width = input->y->m;
    assert_true(xp_nipals_alloc(&nipals, fold->n_train, width, components));
    memset(f.path.left, 0xff, components * fold->n_train * sizeof(double));
    memset(f.path.right, 0xff, components * fold->n_test * sizeof(double));
    if (kind == PCA) {
        assert_true(xp_pca_fit(target, fold, &f.columns, components, &f.path));
    } else if (kind == MATRIX_FREE && input == NULL) {
        assert_true(
            xp_plsr_sparse_fit(target, &f.columns, target, &f.columns, fold, components, tolerance, how, &f.path));
    } else if (kind == MATRIX_FREE) {
        xp_columns columns = columns_of(input, fold);
        assert_true(xp_plsr_sparse_fit(input, &columns, target, &f.columns, fold, components, tolerance, how, &f.path));
        xp_columns_free(&columns);
    } else {
        xp_plsr_input prepared;
        xp_plsr plsr;
        assert_true(xp_plsr_input_create(&prepared, x, d, kind == INPUT_SIDE || how != NULL ? SIZE_MAX : f.m, fold));
        assert_true(xp_plsr_alloc(&plsr, fold->n_train, prepared.r, f.m, components));
        plsr.nipals = how;
        assert_true(xp_plsr_fit(&plsr, &prepared, target, fold, &f.columns, components, tolerance, &f.path));
        xp_plsr_free(&plsr);
        xp_plsr_input_free(&prepared);
    }
    f.iterations = nipals.iterations;
    nipals.iterations = NULL;
    xp_nipals_free(&nipals);
    return f;
}

/* Predictions with so many components, transposed: m x n_test. */
static inline double *predict(fitted *f, const xp_target *target, const xp_fold *fold, size_t components) {
    double *prediction = nans(f->m * f->n_test);
    xp_target_smooth_begin(&f->columns, f->n_test, prediction);
    xp_path_add(&f->path, target, fold, &f->columns, 0, components, prediction);
    return prediction;
}

static inline void fitted_free(fitted *f) {
    xp_columns_free(&f->columns);
    xp_path_free(&f->path);
    xp_free(f->iterations);
}

static inline double *transposed(size_t n, size_t m, const double *x) {
    double *t = nans(n * m);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) t[j * n + i] = x[i * m + j];
    return t;
}

#endif

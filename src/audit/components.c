#include "audit/components.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "probe/baselines.h"
#include "probe/plsr.h"
#include "probe/plsr_sparse.h"

/* ---- the inner split ---- */

bool xp_inner_split(const xp_problem *p, const xp_fold *outer, uint32_t stream, uint32_t *inner) {
    uint32_t *unit = xp_alloc(outer->n_train, sizeof *unit), *first = xp_alloc(p->n, sizeof *first);
    bool ok = unit != NULL && first != NULL;
    size_t units = 0;
    for (size_t i = 0; ok && i < p->n; i++) first[i] = UINT32_MAX;
    for (size_t k = 0; ok && k < outer->n_train; k++) {
        uint32_t i = outer->train[k], twin = p->twin != NULL ? p->twin[i] : i;
        if (first[twin] != UINT32_MAX) continue;
        first[twin] = i;
        unit[units++] = i;
    }
    if (ok) {
        xp_rng rng = xp_rng_begin(p->seed, XP_RNG_INNER_SPLIT, stream);
        xp_rng_permutation(&rng, units, unit);
        for (size_t rank = 0; rank < units; rank++) inner[unit[rank]] = (uint32_t)(rank % XP_INNER_FOLDS);
        for (size_t k = 0; p->twin != NULL && k < outer->n_train; k++)
            inner[outer->train[k]] = inner[first[p->twin[outer->train[k]]]];
    }
    xp_free(unit);
    xp_free(first);
    return ok;
}

xp_fold xp_inner_lists(const xp_fold *outer, const uint32_t *inner, uint32_t g, uint32_t *train, uint32_t *test) {
    xp_fold lists = {.train = train, .test = test};
    for (size_t k = 0; k < outer->n_train; k++) {
        uint32_t i = outer->train[k];
        if (inner[i] == g)
            test[lists.n_test++] = i;
        else
            train[lists.n_train++] = i;
    }
    return lists;
}

/* ---- fits ---- */

/* The norms on themselves: the dense eigenproblem of the training Gram matrix takes n^3, the matrix-free fit the time of its products, about (number of
 * components)^1.4. Seconds, one thread, norms like McRae's (13 features a concept, 2,500 to 4,000 in all):
 *     n      components    dense                    matrix-free
 *     500    10 / 25 / 100    .016 / .017 / .038       .005 / .020 / .17
 *     1,000  10 / 25 / 100    .089 / .11 / .15         .013 / .038 / .34
 *     2,000  25 / 100 / 300   .61 / .70 / .94          .059 / .65 / 4.2
 *     4,000  25 / 200         10.2 / 10.4              .16 / 5.8
 * so they meet at about n = 20 components. NIPALS has no such choice.
 * A residual of 1e-10 leaves 3e-9 in a prediction where two components are about as large (seen on drawn norms), so that the
 * matrix-free fit goes on to 1e-12. */
enum { MATRIX_FREE_ROWS = 20 };
static const double UPPER_RESIDUAL = 1e-12;

static bool fit_upper(const xp_problem *p, const xp_fold *fold, const xp_columns *columns, size_t most,
                      double tolerance, xp_nipals *nipals, xp_path *path) {
    if (nipals == NULL && fold->n_train / MATRIX_FREE_ROWS < most)
        return xp_pca_fit(&p->target, fold, columns, most, path);
    return xp_plsr_sparse_fit(&p->target, columns, &p->target, columns, fold, most,
                              tolerance <= XP_PLSR_EXACT ? UPPER_RESIDUAL : tolerance, nipals, path);
}

static bool fit_dense(const xp_problem *p, const xp_fold *fold, const xp_columns *columns, size_t most,
                      double tolerance, xp_nipals *nipals, xp_path *path) {
    xp_plsr_input input;
    xp_plsr plsr;
    if (!xp_plsr_input_create(&input, p->x, p->d, nipals != NULL ? SIZE_MAX : p->target.y->m, fold)) return false;
    bool ok = xp_plsr_alloc(&plsr, fold->n_train, input.r, p->target.y->m, most);
    if (ok) {
        plsr.nipals = nipals;
        ok = xp_plsr_fit(&plsr, &input, &p->target, fold, columns, most, tolerance, path);
        xp_plsr_free(&plsr);
    }
    xp_plsr_input_free(&input);
    return ok;
}

bool xp_fit_components(const xp_problem *p, const xp_fold *fold, const xp_columns *columns, size_t most,
                       double tolerance, xp_path *path, xp_nipals_count *count) {
    bool upper = p->mapping == XP_PCA;
    if (!p->rule.nipals) return (upper ? fit_upper : fit_dense)(p, fold, columns, most, tolerance, NULL, path);
    const size_t width = upper ? p->target.y->m : p->d < fold->n_train ? p->d : fold->n_train;
    xp_nipals nipals;
    if (!xp_nipals_alloc(&nipals, fold->n_train, width, most)) return false;
    bool ok = (upper ? fit_upper : fit_dense)(p, fold, columns, most, tolerance, &nipals, path);
    if (ok && count != NULL) *count = xp_nipals_counted(&nipals, path->used);
    xp_nipals_free(&nipals);
    return ok;
}

/* ---- the choice ---- */

typedef struct tally {
    double *sum, *count; /* by candidate */
    double *score;       /* n of the problem */
    double *row;         /* m */
    int *top;            /* test concepts x XP_TOP */
    xp_ranking ranking;
} tally;

/* Scores of one inner fold, every candidate from one fit. */
static bool score_candidates(const xp_problem *p, const xp_fold *lists, double tolerance, tally *t) {
    const size_t m = p->target.y->m, most = p->rule.candidates[p->rule.n_candidates - 1];
    xp_columns columns = {0};
    xp_path path = {0};
    double *block = xp_alloc(m * lists->n_test, sizeof *block);
    bool ok =
        block != NULL && xp_columns_alloc(&columns, m) && xp_path_alloc(&path, lists->n_train, lists->n_test, most);
    if (ok) {
        xp_columns_fit(&p->target, lists, &columns);
        ok = xp_fit_components(p, lists, &columns, most, tolerance, &path, NULL);
    }
    if (ok) xp_smooth_begin(&columns, lists->n_test, block);
    for (size_t c = 0, done = 0; ok && c < p->rule.n_candidates; c++) {
        if (c == 0 || done < path.used) { /* else nothing is added, and the scores stay */
            xp_path_add(&path, &p->target, lists, &columns, done, p->rule.candidates[c], block);
            xp_score_block(&t->ranking, &p->target, lists, columns.mean, p->choice, block, t->row, t->top, t->score);
        }
        done = p->rule.candidates[c];
        for (size_t k = 0; k < lists->n_test; k++) {
            double score = t->score[lists->test[k]];
            if (isnan(score)) continue;
            t->sum[c] += score;
            t->count[c]++;
        }
    }
    xp_free(block);
    xp_columns_free(&columns);
    xp_path_free(&path);
    return ok;
}

static size_t best_candidate(const xp_problem *p, const tally *t) {
    double best = -HUGE_VAL;
    for (size_t c = 0; c < p->rule.n_candidates; c++)
        if (t->count[c] > 0) best = fmax(best, t->sum[c] / t->count[c]);
    for (size_t c = 0; c < p->rule.n_candidates; c++)
        if (t->count[c] > 0 && t->sum[c] / t->count[c] >= best - 1e-12) return p->rule.candidates[c];
    return p->rule.candidates[0];
}

bool xp_choose_components(const xp_problem *p, const xp_fold *outer, uint32_t stream, double tolerance,
                          size_t *chosen) {
    const size_t n = outer->n_train, m = p->target.y->m, candidates = p->rule.n_candidates;
    tally t = {.sum = xp_calloc(2 * candidates, sizeof *t.sum),
               .score = xp_alloc(p->n, sizeof *t.score),
               .row = xp_alloc(m, sizeof *t.row),
               .top = xp_alloc(n * XP_TOP, sizeof *t.top)};
    uint32_t *inner = xp_alloc(p->n, sizeof *inner), *lists = xp_alloc(2 * n, sizeof *lists);
    bool ok = t.sum && t.score && t.row && t.top && inner && lists && xp_ranking_alloc(&t.ranking, m) &&
              xp_inner_split(p, outer, stream, inner);
    if (ok) t.count = t.sum + candidates;
    for (uint32_t g = 0; ok && g < XP_INNER_FOLDS; g++) {
        xp_fold fold = xp_inner_lists(outer, inner, g, lists, lists + n);
        if (fold.n_train > 0 && fold.n_test > 0) ok = score_candidates(p, &fold, tolerance, &t);
    }
    if (ok) *chosen = best_candidate(p, &t);
    xp_free(t.sum);
    xp_free(t.score);
    xp_free(t.row);
    xp_free(t.top);
    xp_ranking_free(&t.ranking);
    xp_free(inner);
    xp_free(lists);
    return ok;
}

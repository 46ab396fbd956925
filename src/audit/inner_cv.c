#include "audit/inner_cv.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"

/* ---- the inner split ---- */

bool xp_inner_split(const xp_inner_cv *inner_cv, size_t n, const xp_fold *outer, uint32_t stream, uint32_t *inner) {
    uint32_t *unit = xp_alloc(outer->n_train, sizeof *unit), *first = xp_alloc(n, sizeof *first);
    const uint32_t *twins = inner_cv->twin;
    bool ok = unit != NULL && first != NULL;
    size_t units = 0;
    for (size_t i = 0; ok && i < n; i++) first[i] = UINT32_MAX;
    for (size_t k = 0; ok && k < outer->n_train; k++) {
        uint32_t i = outer->train[k], twin = twins != NULL ? twins[i] : i;
        if (first[twin] != UINT32_MAX) continue;
        first[twin] = i;
        unit[units++] = i;
    }
    if (ok) {
        xp_rng rng = xp_rng_begin(inner_cv->seed, XP_RNG_INNER_SPLIT, stream);
        xp_rng_permutation(&rng, units, unit);
        for (size_t rank = 0; rank < units; rank++) inner[unit[rank]] = (uint32_t)(rank % XP_INNER_FOLDS);
        for (size_t k = 0; twins != NULL && k < outer->n_train; k++)
            inner[outer->train[k]] = inner[first[twins[outer->train[k]]]];
    }
    xp_free_all(unit, first);
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

bool xp_inner_create(xp_inner *inner, const xp_inner_cv *inner_cv, const xp_data *data, const xp_fold *outer,
                     uint32_t stream) {
    const size_t n = outer->n_train;
    *inner = (xp_inner){.inner_cv = *inner_cv, .data = data, .stream = stream};
    if (!data->mapping->choose) return true;
    uint32_t *fold = xp_alloc(data->n, sizeof *fold);
    inner->list = xp_alloc(2 * XP_INNER_FOLDS * n, sizeof *inner->list); /* training and test concepts apart */
    bool ok = fold != NULL && inner->list != NULL && xp_inner_split(inner_cv, data->n, outer, stream, fold);
    for (uint32_t g = 0; ok && g < XP_INNER_FOLDS; g++)
        inner->fold[g] =
            xp_inner_lists(outer, fold, g, inner->list + 2 * (size_t)g * n, inner->list + (2 * (size_t)g + 1) * n);
    xp_free(fold);
    if (!ok) xp_inner_free(inner);
    return ok;
}

bool xp_inner_prepare(xp_inner *inner) {
    bool ok = true;
    for (int g = 0; ok && inner->list != NULL && g < XP_INNER_FOLDS; g++)
        ok = xp_input_prepare(&inner->input[g], inner->data, &inner->fold[g]);
    return ok;
}

void xp_inner_free(xp_inner *inner) {
    for (int g = 0; g < XP_INNER_FOLDS; g++) xp_input_release(&inner->input[g]);
    xp_free(inner->list);
    *inner = (xp_inner){0};
}

/* ---- inner cross-validation ---- */

typedef struct tally {
    double *sum, *count; /* by level */
    double *score;       /* by concept */
    double *row;         /* m */
    int *top;            /* test concepts x XP_TOP */
    xp_ranking ranking;
} tally;

static void count_scores(const xp_fold *fold, size_t level, tally *t) {
    for (size_t k = 0; k < fold->n_test; k++) {
        double score = t->score[fold->test[k]];
        if (isnan(score)) continue;
        t->sum[level] += score;
        t->count[level]++;
    }
}

/* Scores of one inner fold, every level from one fit. */
static bool score_levels(const xp_inner *inner, uint32_t g, const xp_target *target, tally *t, explaint_error *error) {
    const size_t m = target->y->m;
    const xp_levels levels = inner->data->mapping->levels;
    const xp_fold *fold = &inner->fold[g];
    const xp_input *kept = inner->input[g].own != NULL ? &inner->input[g] : NULL;
    xp_columns columns = {0};
    xp_input own = {0};
    const xp_input *input = kept != NULL ? kept : &own;
    xp_work work = {0};
    xp_note note;
    double *block = xp_alloc(m * fold->n_test, sizeof *block);
    bool ok = block != NULL && xp_columns_alloc(&columns, m) &&
              (kept != NULL || xp_input_prepare(&own, inner->data, fold)) && xp_work_open(&work, input);
    if (ok) {
        xp_columns_fit(target, fold, &columns);
        const xp_job job = {.target = target,
                            .columns = &columns,
                            .levels = levels,
                            .seed = inner->inner_cv.seed,
                            .stream = inner->stream,
                            .error = error};
        ok = xp_mapping_fit(&work, input, &job, &note);
    }
    for (size_t c = 0; ok && c < levels.count; c++) {
        if (xp_mapping_predict(&work, c, block))
            xp_score_block(&t->ranking, target, fold, columns.mean, inner->inner_cv.metric, block, t->row, t->top,
                           t->score);
        count_scores(fold, c, t);
    }
    xp_work_close(&work);
    xp_input_release(&own);
    xp_columns_free(&columns);
    xp_free(block);
    return ok;
}

static double best_level(const xp_levels *levels, const tally *t) {
    double best = -HUGE_VAL;
    for (size_t c = 0; c < levels->count; c++)
        if (t->count[c] > 0) best = fmax(best, t->sum[c] / t->count[c]);
    for (size_t c = 0; c < levels->count; c++)
        if (t->count[c] > 0 && t->sum[c] / t->count[c] >= best - 1e-12) return levels->value[c];
    return levels->value[0];
}

bool xp_inner_cv_level(const xp_inner *inner, const xp_target *target, double *level, explaint_error *error) {
    const size_t n = inner->data->n, m = target->y->m;
    const xp_levels *levels = &inner->data->mapping->levels;
    tally t = {.sum = xp_calloc(2 * levels->count, sizeof *t.sum),
               .score = xp_alloc(n, sizeof *t.score),
               .row = xp_alloc(m, sizeof *t.row),
               .top = xp_alloc(n * XP_TOP, sizeof *t.top)};
    bool ok = t.sum && t.score && t.row && t.top && xp_ranking_alloc(&t.ranking, m);
    if (ok) t.count = t.sum + levels->count;
    for (uint32_t g = 0; ok && g < XP_INNER_FOLDS; g++) {
        const xp_fold *fold = &inner->fold[g];
        if (fold->n_train > 0 && fold->n_test > 0) ok = score_levels(inner, g, target, &t, error);
    }
    if (ok) *level = best_level(levels, &t);
    xp_free_all(t.sum, t.score, t.row, t.top);
    xp_ranking_free(&t.ranking);
    return ok;
}

bool xp_inner_levels(const xp_inner *inner, const xp_target *target, double *chosen, xp_levels *levels,
                     explaint_error *error) {
    *levels = inner->data->mapping->levels;
    if (!inner->data->mapping->choose) return true;
    *levels = (xp_levels){chosen, 1};
    return xp_inner_cv_level(inner, target, chosen, error);
}

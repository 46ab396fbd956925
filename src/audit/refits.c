#include "audit/refits.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"

/* One split. Only concepts that can move are predicted; all others still train. */
typedef struct xp_refit_fold {
    uint32_t *train, *test;
    xp_fold lists;
    xp_inner inner;
} xp_refit_fold;

static bool list_fold(xp_refits *r, size_t f, xp_refit_fold *fold) {
    const xp_trial *trial = r->trial;
    const size_t n = trial->study->n;
    fold->train = xp_alloc(n, sizeof *fold->train);
    fold->test = xp_alloc(n, sizeof *fold->test);
    if (fold->train == NULL || fold->test == NULL) return false;
    fold->lists = (xp_fold){.train = fold->train, .test = fold->test};
    for (uint32_t i = 0; i < n; i++) {
        if (trial->fold[i] != f)
            fold->train[fold->lists.n_train++] = i;
        else if (trial->blocks.movable[i])
            fold->test[fold->lists.n_test++] = i;
    }
    if (fold->lists.n_train == 0) fold->lists.n_test = 0;
    if (fold->lists.n_test > r->n_test_max) r->n_test_max = fold->lists.n_test;
    if (fold->lists.n_test == 0) return true;
    const xp_choice choice = {.metric = r->metric, .seed = r->seed};
    return xp_inner_create(&fold->inner, &choice, &r->data, &fold->lists, (uint32_t)f);
}

/* Inner splits of a choice that is repeated in every refit: their input sides are kept where they do not take much room. */
static bool keep_inner(xp_refits *r) {
    const xp_study *s = r->trial->study;
    const double rank = (double)(s->d < s->n ? s->d : s->n), inputs = (double)r->trial->n_folds * XP_INNER_FOLDS;
    bool ok = true;
    if (inputs * (double)s->n * rank * sizeof(double) > XP_REFITS_KEEP) return true;
    for (size_t f = 0; ok && f < r->trial->n_folds; f++)
        ok = r->folds[f].lists.n_test == 0 || xp_inner_prepare(&r->folds[f].inner);
    return ok;
}

bool xp_refits_prepare(xp_refits *r, const xp_trial *trial, const xp_mapping *mapping, xp_metric metric,
                       uint64_t seed) {
    const xp_study *s = trial->study;
    *r = (xp_refits){.trial = trial, .mapping = *mapping, .metric = metric, .seed = seed, .n_test_max = 1};
    r->data = (xp_data){.mapping = &r->mapping, .n = s->n, .d = s->d, .m = s->m, .x = s->x};
    r->folds = xp_calloc(trial->n_folds, sizeof *r->folds);
    r->input = xp_calloc(trial->n_folds, sizeof *r->input);
    bool ok = r->folds != NULL && r->input != NULL;
    for (size_t f = 0; ok && f < trial->n_folds; f++) ok = list_fold(r, f, &r->folds[f]);
    ok = ok && xp_data_open(&r->data);
    for (size_t f = 0; ok && f < trial->n_folds; f++) ok = xp_input_prepare(&r->input[f], &r->data, &r->folds[f].lists);
    if (!r->mapping.choose) xp_data_close(&r->data); /* n x n; inner splits read it again */
    ok = ok && (!r->mapping.choose || keep_inner(r));
    if (!ok) xp_refits_release(r);
    return ok;
}

void xp_refits_release(xp_refits *r) {
    for (size_t f = 0; r->input != NULL && f < r->trial->n_folds; f++) xp_input_release(&r->input[f]);
    xp_free(r->input);
    for (size_t f = 0; r->folds != NULL && f < r->trial->n_folds; f++) {
        xp_free(r->folds[f].train);
        xp_free(r->folds[f].test);
        xp_inner_free(&r->folds[f].inner);
    }
    xp_free(r->folds);
    if (r->trial != NULL) xp_data_close(&r->data);
    *r = (xp_refits){0};
}

/* Scratch of one thread. */
typedef struct scratch {
    xp_work work;
    xp_columns columns;
    xp_ranking ranking;
    double *block, *row, *score;
    int *top;
    uint32_t *order, *spare;
} scratch;

static bool scratch_alloc(scratch *c, const xp_refits *r) {
    const xp_study *s = r->trial->study;
    c->block = xp_alloc(s->m * r->n_test_max, sizeof *c->block);
    c->row = xp_alloc(s->m, sizeof *c->row);
    c->score = xp_alloc(s->n, sizeof *c->score);
    c->top = xp_alloc(r->n_test_max * XP_TOP, sizeof *c->top);
    c->order = xp_alloc(s->n, sizeof *c->order);
    c->spare = xp_alloc(s->n, sizeof *c->spare);
    return c->block && c->row && c->score && c->top && c->order && c->spare && xp_columns_alloc(&c->columns, s->m) &&
           xp_ranking_alloc(&c->ranking, s->m) && xp_work_open(&c->work, r->input, r->trial->n_folds);
}

static void scratch_free(scratch *c) {
    xp_work_close(&c->work);
    xp_columns_free(&c->columns);
    xp_ranking_free(&c->ranking);
    xp_free(c->block);
    xp_free(c->row);
    xp_free(c->score);
    xp_free(c->top);
    xp_free(c->order);
    xp_free(c->spare);
}

static bool fit_fold(const xp_refits *r, size_t f, uint32_t number, const xp_target *target, scratch *c,
                     explaint_error *error) {
    const xp_refit_fold *fold = &r->folds[f];
    double chosen;
    xp_note note;
    xp_job job = {.target = target,
                  .columns = &c->columns,
                  .levels = r->mapping.levels,
                  .rough = true,
                  .seed = r->seed,
                  .stream = number * (uint32_t)r->trial->n_folds + (uint32_t)f,
                  .error = error};
    xp_columns_fit(target, &fold->lists, &c->columns);
    if (!xp_levels_of_fit(&fold->inner, target, &chosen, &job.levels, error)) return false;
    if (!xp_fit(&c->work, &r->input[f], &job, &note)) return false;
    xp_predict(&c->work, 0, c->block);
    xp_score_block(&c->ranking, target, &fold->lists, c->columns.mean, r->metric, c->block, c->row, c->top, c->score);
    return true;
}

bool xp_refits_run(const xp_refits *r, uint32_t first, size_t count, double *out, explaint_error *error) {
    const xp_study *s = r->trial->study;
    scratch c = {0};
    bool ok = scratch_alloc(&c, r);
    for (size_t b = 0; ok && b < count; b++) {
        const uint32_t number = first + (uint32_t)b;
        if (number > 0)
            xp_blocks_permute(&r->trial->blocks, r->seed, XP_RNG_PERMUTE + (unsigned)r->trial->id, number, c.spare,
                              c.order);
        const xp_target target = xp_gold_target(&s->gold, number > 0 ? c.order : NULL);
        for (size_t i = 0; i < s->n; i++) c.score[i] = NAN;
        for (size_t f = 0; ok && f < r->trial->n_folds; f++)
            ok = r->folds[f].lists.n_test == 0 || fit_fold(r, f, number, &target, &c, error);
        if (ok) out[b] = xp_mean_of_defined(c.score, s->n);
    }
    scratch_free(&c);
    return ok;
}

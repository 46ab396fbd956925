#include "audit/trials.h"

#include <math.h>
#include <string.h>

#include "audit/components.h"
#include "base/memory.h"
#include "probe/baselines.h"

/* The input side of a fold. Only concepts that can move are predicted; all others still train. */
typedef struct xp_trial_fold {
    uint32_t *train, *test;
    xp_fold lists;
    xp_plsr_input input;
    uint32_t *nearest; /* n_test x k */
    size_t k;
    double *ridge; /* n_train x n_test, or NULL */
} xp_trial_fold;

static bool prepare_fold(xp_trial *trial, size_t f, const xp_cosines *cosines, xp_trial_fold *fold) {
    const xp_study *s = trial->study;
    fold->train = xp_alloc(s->n, sizeof *fold->train);
    fold->test = xp_alloc(s->n, sizeof *fold->test);
    if (fold->train == NULL || fold->test == NULL) return false;
    fold->lists = (xp_fold){.train = fold->train, .test = fold->test};
    for (uint32_t i = 0; i < s->n; i++) {
        if (trial->fold[i] != f)
            fold->train[fold->lists.n_train++] = i;
        else if (trial->blocks.movable[i])
            fold->test[fold->lists.n_test++] = i;
    }
    if (fold->lists.n_train == 0) fold->lists.n_test = 0;
    if (fold->lists.n_test == 0) return true;
    if (!trial->settings.knn) {
        size_t m = trial->settings.rule.nipals ? SIZE_MAX : s->m;
        if (!xp_plsr_input_create(&fold->input, s->x, s->d, m, &fold->lists)) return false;
        if (fold->input.r > trial->r) trial->r = fold->input.r;
    }
    if (fold->lists.n_test > trial->n_test_max) trial->n_test_max = fold->lists.n_test;
    fold->k = trial->settings.k < fold->lists.n_train ? trial->settings.k : fold->lists.n_train;
    fold->nearest = xp_alloc(fold->lists.n_test * fold->k, sizeof *fold->nearest);
    if (fold->nearest == NULL) return false;
    xp_knn_neighbours(cosines, &fold->lists, fold->k, fold->nearest);
    if (!trial->word_form) return true;
    fold->ridge = xp_alloc(fold->lists.n_train * fold->lists.n_test, sizeof *fold->ridge);
    return fold->ridge != NULL &&
           xp_ridge_weights(s->spelling, XP_SPELLING, &fold->lists, .3 * (double)fold->lists.n_train, fold->ridge);
}

bool xp_trial_create(xp_trial *trial, const char *id, unsigned purpose, const xp_study *study,
                     const xp_trial_settings *settings, bool word_form, const int *label, const uint32_t *fold,
                     size_t n_folds) {
    *trial = (xp_trial){.id = id,
                        .purpose = purpose,
                        .study = study,
                        .settings = *settings,
                        .word_form = word_form,
                        .n_folds = n_folds,
                        .r = 1,
                        .n_test_max = 1};
    xp_cosines cosines = {0};
    trial->fold = xp_alloc(study->n, sizeof *trial->fold);
    trial->folds = xp_calloc(n_folds, sizeof *trial->folds);
    bool ok = trial->fold != NULL && trial->folds != NULL && xp_blocks_create(&trial->blocks, study->n, label) &&
              xp_cosines_dense(&cosines, study->n, study->d, study->x);
    if (ok) memcpy(trial->fold, fold, study->n * sizeof *fold);
    for (size_t f = 0; ok && f < n_folds; f++) ok = prepare_fold(trial, f, &cosines, &trial->folds[f]);
    xp_cosines_free(&cosines);
    if (!ok) xp_trial_free(trial);
    return ok;
}

void xp_trial_free(xp_trial *trial) {
    for (size_t f = 0; trial->folds != NULL && f < trial->n_folds; f++) {
        xp_free(trial->folds[f].train);
        xp_free(trial->folds[f].test);
        xp_plsr_input_free(&trial->folds[f].input);
        xp_free(trial->folds[f].nearest);
        xp_free(trial->folds[f].ridge);
    }
    xp_free(trial->folds);
    xp_free(trial->fold);
    xp_blocks_free(&trial->blocks);
    *trial = (xp_trial){0};
}

bool xp_trial_scratch_alloc(xp_trial_scratch *c, const xp_trial *trial) {
    const xp_study *s = trial->study;
    *c = (xp_trial_scratch){0};
    c->block = xp_alloc(s->m * trial->n_test_max, sizeof *c->block);
    c->row = xp_alloc(s->m, sizeof *c->row);
    c->seen = xp_alloc(s->m, sizeof *c->seen);
    c->top = xp_alloc(trial->n_test_max * XP_TOP, sizeof *c->top);
    c->order = xp_alloc(s->n, sizeof *c->order);
    c->permuting = xp_alloc(s->n, sizeof *c->permuting);
    if (c->block && c->row && c->seen && c->top && c->order && c->permuting &&
        xp_path_alloc(&c->path, s->n, trial->n_test_max, trial->settings.n_components) &&
        xp_plsr_alloc(&c->plsr, s->n, trial->r, s->m, trial->settings.n_components) &&
        xp_columns_alloc(&c->columns, s->m) && xp_ranking_alloc(&c->ranking, s->m) &&
        (!trial->settings.rule.nipals || xp_nipals_alloc(&c->nipals, s->n, trial->r, trial->settings.n_components))) {
        c->plsr.nipals = trial->settings.rule.nipals ? &c->nipals : NULL;
        return true;
    }
    xp_trial_scratch_free(c);
    return false;
}

void xp_trial_scratch_free(xp_trial_scratch *c) {
    xp_plsr_free(&c->plsr);
    xp_nipals_free(&c->nipals);
    xp_path_free(&c->path);
    xp_columns_free(&c->columns);
    xp_ranking_free(&c->ranking);
    xp_free(c->block);
    xp_free(c->row);
    xp_free(c->seen);
    xp_free(c->top);
    xp_free(c->order);
    xp_free(c->permuting);
    *c = (xp_trial_scratch){0};
}

static double value_of(xp_score score) { return score.den > 0 ? score.num / score.den : NAN; }

/* The metric of one concept from a row of predictions. */
static double score_row(const xp_trial *trial, xp_trial_scratch *c, const xp_target *target, uint32_t i) {
    xp_score score[XP_N_METRICS];
    int top[XP_TOP];
    size_t row = xp_target_row(target, i);
    xp_row_metrics(&c->ranking, target, row, c->row, c->columns.mean, 1u << trial->settings.metric, score, top);
    return value_of(score[trial->settings.metric]);
}

/* The metric of all test concepts from the block. */
static void score_block(const xp_trial *trial, xp_trial_scratch *c, const xp_target *target, const xp_fold *lists,
                        double *score) {
    xp_score_block(&c->ranking, target, lists, c->columns.mean, trial->settings.metric, c->block, c->row, c->top,
                   score);
}

/* The choice of components, made anew from this permutation's training concepts. */
static bool choose(const xp_trial *trial, const xp_trial_fold *fold, const xp_target *target, size_t *count) {
    const xp_study *s = trial->study;
    const xp_problem problem = {.mapping = XP_PLSR,
                                .n = s->n,
                                .d = s->d,
                                .x = s->x,
                                .target = *target,
                                .choice = trial->settings.metric,
                                .seed = trial->settings.seed,
                                .rule = trial->settings.rule};
    return xp_choose_components(&problem, &fold->lists, (uint32_t)(fold - trial->folds), XP_PLSR_TRIAL, count);
}

static bool run_fold(const xp_trial *trial, const xp_trial_fold *fold, xp_trial_scratch *c, const xp_target *target,
                     double *score[XP_N_CONTENDERS]) {
    const xp_fold *lists = &fold->lists;
    double *copies = score[trial->settings.knn ? XP_SYSTEM : XP_PEER];
    if (score[XP_SYSTEM] == NULL || copies == NULL || (fold->ridge != NULL && score[XP_WORD_FORM] == NULL))
        return false;
    xp_columns_fit(target, lists, &c->columns);
    if (!trial->settings.knn) {
        size_t count = trial->settings.n_components;
        if (trial->settings.rule.n_candidates > 0 && !choose(trial, fold, target, &count)) return false;
        c->path.n_train = lists->n_train;
        c->path.n_test = lists->n_test;
        if (!xp_plsr_fit(&c->plsr, &fold->input, target, lists, &c->columns, count, XP_PLSR_TRIAL, &c->path))
            return false;
        xp_smooth_begin(&c->columns, lists->n_test, c->block);
        xp_path_add(&c->path, target, lists, &c->columns, 0, count, c->block);
        score_block(trial, c, target, lists, score[XP_SYSTEM]);
    }
    for (size_t t = 0; t < lists->n_test; t++) {
        xp_knn_predict(target, lists, &c->columns, fold->nearest, fold->k, fold->k, t, c->seen, c->row);
        copies[lists->test[t]] = score_row(trial, c, target, lists->test[t]);
    }
    if (fold->ridge != NULL) {
        xp_smooth_begin(&c->columns, lists->n_test, c->block);
        xp_smooth(target, lists, &c->columns, fold->ridge, c->block);
        score_block(trial, c, target, lists, score[XP_WORD_FORM]);
    }
    return true;
}

bool xp_trial_run(const xp_trial *trial, xp_trial_scratch *c, uint32_t number, double *score[XP_N_CONTENDERS]) {
    const xp_study *s = trial->study;
    for (int k = 0; k < XP_N_CONTENDERS; k++)
        for (size_t i = 0; score[k] != NULL && i < s->n; i++) score[k][i] = NAN;
    if (number > 0)
        xp_blocks_permute(&trial->blocks, trial->settings.seed, trial->purpose, number, c->permuting, c->order);
    xp_target target = xp_gold_target(&s->gold, number > 0 ? c->order : NULL);
    for (size_t f = 0; f < trial->n_folds; f++)
        if (trial->folds[f].lists.n_test > 0 && !run_fold(trial, &trial->folds[f], c, &target, score)) return false;
    return true;
}

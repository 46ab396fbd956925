#include "audit/trials.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

static const double WORD_FORM_PENALTY = .3; /* for each training row */

/* One split. Only concepts that can move are predicted; all others still train. */
typedef struct xp_trial_fold {
    uint32_t *train, *test;
    xp_fold lists;
    xp_inner inner; /* of the system */
} xp_trial_fold;

static bool list_fold(xp_trial *trial, size_t f, xp_trial_fold *fold) {
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
    if (fold->lists.n_test > trial->n_test_max) trial->n_test_max = fold->lists.n_test;
    if (fold->lists.n_test == 0) return true;
    const xp_choice choice = {.metric = trial->settings.metric, .seed = trial->settings.seed};
    return xp_inner_create(&fold->inner, &choice, &trial->side[XP_SYSTEM].data, &fold->lists, (uint32_t)f);
}

/* A side whose mapping has one level, its own. */
static void set_level(xp_side *side, const xp_mapper *mapper, double level) {
    side->level = level;
    side->mapping = (xp_mapping){.mapper = mapper, .levels = {&side->level, 1}};
}

static void set_sides(xp_trial *trial, bool word_form) {
    const xp_study *s = trial->study;
    xp_side *side = trial->side;
    side[XP_SYSTEM].mapping = trial->settings.system;
    if (trial->settings.system.mapper != &xp_knn_mapper)
        set_level(&side[XP_PEER], &xp_knn_mapper, (double)trial->settings.k);
    if (word_form) {
        set_level(&side[XP_WORD_FORM], &xp_ridge_mapper, WORD_FORM_PENALTY);
        side[XP_WORD_FORM].mapping.settings.by_row = true;
    }
    for (int c = 0; c < XP_N_CONTENDERS; c++)
        side[c].data = (xp_data){.mapping = &side[c].mapping,
                                 .n = s->n,
                                 .d = c == XP_WORD_FORM ? XP_SPELLING : s->d,
                                 .m = s->m,
                                 .x = c == XP_WORD_FORM ? s->spelling : s->x};
}

bool xp_trial_create(xp_trial *trial, const char *id, unsigned purpose, const xp_study *study,
                     const xp_trial_settings *settings, bool word_form, const int *label, const uint32_t *fold,
                     size_t n_folds) {
    *trial = (xp_trial){
        .id = id, .purpose = purpose, .study = study, .settings = *settings, .n_folds = n_folds, .n_test_max = 1};
    set_sides(trial, word_form);
    trial->fold = xp_alloc(study->n, sizeof *trial->fold);
    bool ok = trial->fold != NULL && xp_blocks_create(&trial->blocks, study->n, label);
    if (ok)
        memcpy(trial->fold, fold, study->n * sizeof *fold);
    else
        xp_trial_free(trial);
    return ok;
}

static bool prepare_side(const xp_trial *trial, xp_side *side) {
    side->input = xp_calloc(trial->n_folds, sizeof *side->input);
    bool ok = side->input != NULL && xp_data_open(&side->data);
    for (size_t f = 0; ok && f < trial->n_folds; f++)
        ok = xp_input_prepare(&side->input[f], &side->data, &trial->folds[f].lists);
    if (!side->mapping.choose) xp_data_close(&side->data); /* n x n; inner splits read it again */
    return ok;
}

/* Inner splits of a choice that is repeated in every permutation: their input sides are kept where they do not take much room. */
static bool keep_inner(xp_trial *trial) {
    const double rank = (double)(trial->study->d < trial->study->n ? trial->study->d : trial->study->n);
    const double inputs = (double)trial->n_folds * XP_INNER_FOLDS;
    bool ok = true;
    if (inputs * (double)trial->study->n * rank * sizeof(double) > XP_TRIAL_KEEPS) return true;
    for (size_t f = 0; ok && f < trial->n_folds; f++)
        ok = trial->folds[f].lists.n_test == 0 || xp_inner_prepare(&trial->folds[f].inner);
    return ok;
}

bool xp_trial_prepare(xp_trial *trial) {
    trial->folds = xp_calloc(trial->n_folds, sizeof *trial->folds);
    bool ok = trial->folds != NULL;
    for (size_t f = 0; ok && f < trial->n_folds; f++) ok = list_fold(trial, f, &trial->folds[f]);
    for (int c = 0; ok && c < XP_N_CONTENDERS; c++)
        if (xp_trial_has(trial, (xp_contender)c)) ok = prepare_side(trial, &trial->side[c]);
    ok = ok && (!trial->settings.system.choose || keep_inner(trial));
    if (!ok) xp_trial_release(trial);
    return ok;
}

void xp_trial_release(xp_trial *trial) {
    for (int c = 0; c < XP_N_CONTENDERS; c++) {
        xp_side *side = &trial->side[c];
        for (size_t f = 0; side->input != NULL && f < trial->n_folds; f++) xp_input_release(&side->input[f]);
        xp_free(side->input);
        side->input = NULL;
        xp_data_close(&side->data);
    }
    for (size_t f = 0; trial->folds != NULL && f < trial->n_folds; f++) {
        xp_free(trial->folds[f].train);
        xp_free(trial->folds[f].test);
        xp_inner_free(&trial->folds[f].inner);
    }
    xp_free(trial->folds);
    trial->folds = NULL;
}

void xp_trial_free(xp_trial *trial) {
    xp_trial_release(trial);
    xp_free(trial->fold);
    xp_blocks_free(&trial->blocks);
    *trial = (xp_trial){0};
}

bool xp_trial_scratch_alloc(xp_trial_scratch *c, const xp_trial *trial) {
    const xp_study *s = trial->study;
    *c = (xp_trial_scratch){0};
    c->block = xp_alloc(s->m * trial->n_test_max, sizeof *c->block);
    c->row = xp_alloc(s->m, sizeof *c->row);
    c->top = xp_alloc(trial->n_test_max * XP_TOP, sizeof *c->top);
    c->order = xp_alloc(s->n, sizeof *c->order);
    c->permuting = xp_alloc(s->n, sizeof *c->permuting);
    c->level = xp_alloc(xp_trial_levels(trial) * s->n, sizeof *c->level);
    bool ok = c->level && c->block && c->row && c->top && c->order && c->permuting &&
              xp_columns_alloc(&c->columns, s->m) && xp_ranking_alloc(&c->ranking, s->m);
    for (int k = 0; ok && k < XP_N_CONTENDERS; k++)
        if (xp_trial_has(trial, (xp_contender)k)) ok = xp_work_open(&c->work[k], trial->side[k].input, trial->n_folds);
    if (!ok) xp_trial_scratch_free(c);
    return ok;
}

void xp_trial_scratch_free(xp_trial_scratch *c) {
    for (int k = 0; k < XP_N_CONTENDERS; k++) xp_work_close(&c->work[k]);
    xp_columns_free(&c->columns);
    xp_ranking_free(&c->ranking);
    xp_free(c->block);
    xp_free(c->row);
    xp_free(c->top);
    xp_free(c->order);
    xp_free(c->permuting);
    xp_free(c->level);
    *c = (xp_trial_scratch){0};
}

/* One contender on one fold: every data-dependent choice is made anew from this permutation's training concepts. */
static bool run_side(const xp_trial *trial, xp_contender contender, size_t f, xp_trial_scratch *c,
                     const xp_target *target, uint32_t number, double *score, explaint_error *error) {
    const xp_trial_fold *fold = &trial->folds[f];
    const xp_side *side = &trial->side[contender];
    double chosen;
    xp_note note;
    xp_job job = {.target = target,
                  .columns = &c->columns,
                  .levels = side->mapping.levels,
                  .trial = true,
                  .seed = trial->settings.seed,
                  .stream = number * (uint32_t)trial->n_folds + (uint32_t)f,
                  .error = error};
    if (score == NULL) return false;
    if (contender == XP_SYSTEM && !xp_levels_of_fit(&fold->inner, target, true, &chosen, &job.levels, error))
        return false;
    if (!xp_fit(&c->work[contender], &side->input[f], &job, &note)) return false;
    const size_t levels = contender == XP_SYSTEM ? xp_trial_levels(trial) : 0, n = trial->study->n;
    for (size_t l = 0; l < (levels > 0 ? levels : 1); l++) {
        double *to = levels > 0 ? c->level + l * n : score;
        xp_predict(&c->work[contender], l, c->block);
        xp_score_block(&c->ranking, target, &fold->lists, c->columns.mean, trial->settings.metric, c->block, c->row,
                       c->top, to);
        for (size_t t = 0; levels > 0 && l == trial->settings.verdict && t < fold->lists.n_test; t++)
            score[fold->lists.test[t]] = to[fold->lists.test[t]];
    }
    return true;
}

bool xp_trial_run(const xp_trial *trial, xp_trial_scratch *c, uint32_t number, double *score[XP_N_CONTENDERS],
                  explaint_error *error) {
    const xp_study *s = trial->study;
    for (int k = 0; k < XP_N_CONTENDERS; k++)
        for (size_t i = 0; score[k] != NULL && i < s->n; i++) score[k][i] = NAN;
    for (size_t i = 0; i < xp_trial_levels(trial) * s->n; i++) c->level[i] = NAN;
    if (number > 0)
        xp_blocks_permute(&trial->blocks, trial->settings.seed, trial->purpose, number, c->permuting, c->order);
    xp_target target = xp_gold_target(&s->gold, number > 0 ? c->order : NULL);
    for (size_t f = 0; f < trial->n_folds; f++) {
        if (trial->folds[f].lists.n_test == 0) continue;
        xp_columns_fit(&target, &trial->folds[f].lists, &c->columns);
        for (int k = 0; k < XP_N_CONTENDERS; k++)
            if (xp_trial_has(trial, (xp_contender)k) &&
                !run_side(trial, (xp_contender)k, f, c, &target, number, score[k], error))
                return false;
    }
    return true;
}

#include "audit/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

static bool is_member(const xp_problem *p, size_t i) { return p->member == NULL || p->member[i]; }

xp_fold xp_fold_lists(const xp_problem *p, size_t f, uint32_t *train, uint32_t *test) {
    xp_fold fold = {.train = train, .test = test};
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->fold[i] != f && (is_member(p, i) || p->all_train))
            train[fold.n_train++] = i;
        else if (p->fold[i] == f && is_member(p, i))
            test[fold.n_test++] = i;
    }
    return fold;
}

/* ---- a fold, from its fit to its last level ---- */

typedef struct fold_state {
    xp_fold lists;
    uint32_t *train, *test; /* owned lists */
    xp_columns columns;
    xp_input input;
    xp_work work;
    double chosen;
    double *block; /* m x n_test: the prediction so far, where there are several levels; else NULL */
} fold_state;

static void fold_free(fold_state *s) {
    xp_work_close(&s->work);
    xp_input_release(&s->input);
    xp_free(s->train);
    xp_free(s->test);
    xp_columns_free(&s->columns);
    xp_free(s->block);
    *s = (fold_state){0};
}

static bool fit_fold(const xp_problem *p, const xp_data *data, size_t f, fold_state *s, xp_scores *scores,
                     explaint_error *error) {
    const size_t m = p->target.y->m;
    s->train = xp_alloc(p->n, sizeof *s->train);
    s->test = xp_alloc(p->n, sizeof *s->test);
    if (s->train == NULL || s->test == NULL || !xp_columns_alloc(&s->columns, m)) return false;
    s->lists = xp_fold_lists(p, f, s->train, s->test);
    if (s->lists.n_train == 0) s->lists.n_test = 0;
    if (s->lists.n_test == 0) return true;
    xp_columns_fit(&p->target, &s->lists, &s->columns);
    xp_job job = {
        .target = &p->target, .columns = &s->columns, .seed = p->choice.seed, .stream = (uint32_t)f, .error = error};
    if (scores->losses != NULL) job.losses = scores->losses + 2 * scores->n_epochs * f;
    xp_inner inner;
    bool ok = xp_inner_create(&inner, &p->choice, data, &s->lists, (uint32_t)f);
    if (ok) {
        ok = xp_levels_of_fit(&inner, &p->target, &s->chosen, &job.levels, error);
        xp_inner_free(&inner);
    }
    ok = ok && xp_input_prepare(&s->input, data, &s->lists) && xp_work_open(&s->work, &s->input, 1) &&
         xp_fit(&s->work, &s->input, &job, &scores->note[f]);
    if (!ok) return false;
    scores->chosen[f] = s->chosen;
    xp_settle(&s->work, &s->input);
    if (scores->n_levels > 1) s->block = xp_alloc(m * s->lists.n_test, sizeof *s->block);
    return scores->n_levels == 1 || s->block != NULL;
}

/* ---- neighbourhoods ---- */

static void store(const uint32_t *members, size_t n, const double *value, xp_metric metric, xp_scores *scores,
                  size_t level) {
    for (size_t i = 0; i < n; i++) xp_score_at(scores, level, members[i])[metric] = (xp_score){value[i], 1};
}

/* rows: predictions of the members, n x m. */
static bool neighbourhoods(const xp_problem *p, const uint32_t *members, size_t n, const double *rows,
                           const xp_neighbours *gold, const xp_neighbours *input, unsigned wanted, xp_scores *scores,
                           size_t level) {
    double *value = xp_alloc(n, sizeof *value);
    xp_neighbours own = {0};
    bool ok = value != NULL;
    if (ok && wanted >> XP_NA_AT_10_RETRIEVAL & 1) {
        ok = xp_retrieved(rows, &p->target, n, members, XP_TOP, value);
        if (ok) store(members, n, value, XP_NA_AT_10_RETRIEVAL, scores, level);
    }
    bool wants_gold = wanted >> XP_NA_AT_10_GOLD & 1, wants_input = wanted >> XP_NA_AT_10_INPUT & 1 && input != NULL;
    if (ok && (wants_gold || wants_input)) ok = xp_neighbours_rows(&own, rows, &p->target, n, members, XP_TOP);
    if (ok && wants_gold) {
        xp_overlap(&own, gold, XP_TOP, value);
        store(members, n, value, XP_NA_AT_10_GOLD, scores, level);
    }
    if (ok && wants_input) {
        xp_overlap(&own, input, XP_TOP, value);
        store(members, n, value, XP_NA_AT_10_INPUT, scores, level);
    }
    xp_neighbours_free(&own);
    xp_free(value);
    return ok;
}

/* Neighbours among the members' rows of x. */
static bool input_neighbours(const xp_problem *p, const uint32_t *members, size_t n, xp_neighbours *neighbours) {
    if (p->itself) return xp_neighbours_sparse(neighbours, &p->target, n, members, XP_TOP);
    double *x = xp_alloc(n * p->d, sizeof *x);
    if (x == NULL) return false;
    for (size_t i = 0; i < n; i++) memcpy(x + i * p->d, p->x + members[i] * p->d, p->d * sizeof *x);
    bool ok = xp_neighbours_dense(neighbours, n, p->d, x, XP_TOP);
    xp_free(x);
    return ok;
}

/* ---- all of it ---- */

typedef struct evaluation {
    xp_data data;
    fold_state *folds;
    uint32_t *members;
    double *rows;  /* members x m */
    double *block; /* m x the most that are held out together, where there is one level */
    size_t n;
    xp_neighbours gold, input;
    xp_ranking ranking;
} evaluation;

enum { AT_ONCE = 8 }; /* features that are turned from columns of a block to a line of each row */

static void score_fold(const xp_problem *p, evaluation *e, fold_state *s, size_t level, unsigned wanted,
                       const uint32_t *place, xp_scores *scores, double *predictions) {
    const size_t m = p->target.y->m, n_test = s->lists.n_test;
    double *block = s->block != NULL ? s->block : e->block;
    if (n_test > 0) xp_predict(&s->work, level, block);
    for (size_t from = 0; from < m; from += AT_ONCE)
        for (size_t t = 0; t < n_test; t++)
            for (size_t j = from; j < m && j < from + AT_ONCE; j++)
                e->rows[place[s->lists.test[t]] * m + j] = block[j * n_test + t];
    for (size_t t = 0; t < n_test; t++) {
        uint32_t i = s->lists.test[t];
        double *row = e->rows + place[i] * m;
        xp_row_metrics(&e->ranking, &p->target, xp_target_row(&p->target, i), row, s->columns.mean, wanted,
                       xp_score_at(scores, level, i), scores->top + (level * p->n + i) * XP_TOP);
        if (predictions != NULL) memcpy(predictions + (level * p->n + i) * m, row, m * sizeof *row);
    }
    if (level + 1 == scores->n_levels) { /* its last use: norms of 4,000 concepts need the room for their neighbours */
        xp_free(s->block);
        s->block = NULL;
    }
}

static bool score_level(const xp_problem *p, evaluation *e, size_t level, unsigned wanted, xp_scores *scores,
                        double *predictions) {
    const unsigned by_row = wanted & ~XP_NEIGHBOUR_METRICS;
    uint32_t *place = xp_alloc(p->n, sizeof *place);
    if (place == NULL) return false;
    for (size_t i = 0; i < e->n; i++) place[e->members[i]] = (uint32_t)i;
    for (size_t f = 0; f < p->n_folds; f++) score_fold(p, e, &e->folds[f], level, by_row, place, scores, predictions);
    xp_free(place);
    if (by_row == wanted) return true;
    return neighbourhoods(p, e->members, e->n, e->rows, &e->gold, e->input.item != NULL ? &e->input : NULL, wanted,
                          scores, level);
}

/* Everything but the folds. */
static bool begin(const xp_problem *p, unsigned wanted, evaluation *e) {
    const size_t m = p->target.y->m;
    e->data = (xp_data){.mapping = &p->mapping,
                        .n = p->n,
                        .d = p->d,
                        .m = m,
                        .x = p->x,
                        .itself = p->itself ? &p->target : NULL,
                        .label = p->label};
    e->folds = xp_calloc(p->n_folds, sizeof *e->folds);
    e->members = xp_alloc(p->n, sizeof *e->members);
    if (e->folds == NULL || e->members == NULL || !xp_ranking_alloc(&e->ranking, m)) return false;
    for (uint32_t i = 0; i < p->n; i++)
        if (is_member(p, i)) e->members[e->n++] = i;
    e->rows = xp_alloc(e->n * m, sizeof *e->rows);
    if (e->rows == NULL || !xp_data_open(&e->data)) return false;
    if (wanted >> XP_NA_AT_10_GOLD & 1 && !xp_neighbours_sparse(&e->gold, &p->target, e->n, e->members, XP_TOP))
        return false;
    return (p->x == NULL && !p->itself) || !(wanted >> XP_NA_AT_10_INPUT & 1) ||
           input_neighbours(p, e->members, e->n, &e->input);
}

bool xp_evaluate(const xp_problem *p, unsigned wanted, xp_scores *scores, double *predictions, explaint_error *error) {
    const size_t m = p->target.y->m;
    evaluation e = {0};
    if (predictions != NULL)
        for (size_t i = 0; i < scores->n_levels * p->n * m; i++) predictions[i] = NAN;
    bool ok = begin(p, wanted, &e);
    size_t most = 0;
    for (size_t f = 0; ok && f < p->n_folds; f++) {
        ok = fit_fold(p, &e.data, f, &e.folds[f], scores, error);
        if (e.folds[f].lists.n_test > most) most = e.folds[f].lists.n_test;
    }
    if (ok && scores->n_levels == 1) ok = (e.block = xp_alloc(m * most, sizeof *e.block)) != NULL;
    for (size_t level = 0; ok && level < scores->n_levels; level++)
        ok = score_level(p, &e, level, wanted, scores, predictions);
    for (size_t f = 0; e.folds != NULL && f < p->n_folds; f++) fold_free(&e.folds[f]);
    xp_free(e.folds);
    xp_free(e.members);
    xp_free(e.rows);
    xp_free(e.block);
    xp_data_close(&e.data);
    xp_neighbours_free(&e.gold);
    xp_neighbours_free(&e.input);
    xp_ranking_free(&e.ranking);
    return ok;
}

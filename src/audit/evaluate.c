#include "audit/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

xp_problem xp_problem_of(const xp_study *s, const xp_mapping *mapping, const xp_inner_cv *inner_cv) {
    return (xp_problem){.mapping = *mapping,
                        .n = s->n,
                        .d = s->d,
                        .x = s->x,
                        .target = xp_study_target(&s->gold, NULL),
                        .fold = s->fold,
                        .n_folds = s->n_folds,
                        .inner_cv = *inner_cv};
}

static bool is_member(const xp_problem *p, size_t i) { return p->member == NULL || p->member[i]; }

xp_fold xp_problem_fold(const xp_problem *p, size_t f, uint32_t *train, uint32_t *test) {
    xp_fold fold = {.train = train, .test = test};
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->fold[i] != f && (is_member(p, i) || p->all_train))
            train[fold.n_train++] = i;
        else if (p->fold[i] == f && is_member(p, i))
            test[fold.n_test++] = i;
    }
    return fold;
}

/* ---- the input side ---- */

bool xp_inputs_create(xp_inputs *in, const xp_problem *p) {
    *in = (xp_inputs){.mapping = p->mapping, .n_folds = p->n_folds};
    in->data = (xp_data){.mapping = &in->mapping,
                         .n = p->n,
                         .d = p->d,
                         .m = p->target.y->m,
                         .x = p->x,
                         .itself = p->itself ? &p->target : NULL,
                         .label = p->label};
    in->member = xp_alloc(2 * p->n_folds * p->n, sizeof *in->member);
    in->lists = xp_calloc(p->n_folds, sizeof *in->lists);
    in->input = xp_calloc(p->n_folds, sizeof *in->input);
    in->inner = xp_calloc(p->n_folds, sizeof *in->inner);
    bool ok = in->member != NULL && in->lists != NULL && in->input != NULL && in->inner != NULL;
    for (size_t f = 0; ok && f < p->n_folds; f++) {
        uint32_t *member = in->member + 2 * f * p->n;
        in->lists[f] = xp_problem_fold(p, f, member, member + p->n);
        if (in->lists[f].n_train == 0) in->lists[f].n_test = 0;
        if (in->lists[f].n_test > in->n_test_max) in->n_test_max = in->lists[f].n_test;
        ok = in->lists[f].n_test == 0 ||
             xp_inner_create(&in->inner[f], &p->inner_cv, &in->data, &in->lists[f], (uint32_t)f);
    }
    ok = ok && xp_data_open(&in->data);
    if (!ok) xp_inputs_free(in);
    return ok;
}

bool xp_inputs_keep(xp_inputs *in) {
    const double n = (double)in->data.n, d = (double)in->data.d, inner = (double)in->n_folds * XP_INNER_FOLDS;
    const bool small = inner * n * (d < n ? d : n) * sizeof(double) <= XP_INPUTS_KEEP;
    bool ok = true;
    for (size_t f = 0; ok && f < in->n_folds; f++) {
        if (in->lists[f].n_test == 0) continue;
        ok = xp_input_prepare(&in->input[f], &in->data, &in->lists[f]) &&
             (!in->mapping.choose || !small || xp_inner_prepare(&in->inner[f]));
    }
    if (!in->mapping.choose) xp_data_close(&in->data); /* n x n; inner splits read it again */
    return ok;
}

void xp_inputs_free(xp_inputs *in) {
    for (size_t f = 0; in->input != NULL && f < in->n_folds; f++) xp_input_release(&in->input[f]);
    for (size_t f = 0; in->inner != NULL && f < in->n_folds; f++) xp_inner_free(&in->inner[f]);
    xp_free_all(in->member, in->lists, in->input, in->inner);
    xp_data_close(&in->data);
    *in = (xp_inputs){0};
}

/* ---- a fold, from its fit to its last level ---- */

typedef struct fold_state {
    xp_columns columns;
    xp_input input; /* where none is kept */
    xp_work work;
    double chosen;
    double *block; /* m x n_test: the prediction so far, where there are several levels; else NULL */
} fold_state;

static void fold_free(fold_state *s) {
    xp_work_close(&s->work);
    xp_input_release(&s->input);
    xp_columns_free(&s->columns);
    xp_free(s->block);
    *s = (fold_state){0};
}

static bool fit_fold(const xp_problem *p, const xp_inputs *in, size_t f, fold_state *s, xp_scores *scores,
                     explaint_error *error) {
    const size_t m = p->target.y->m;
    const xp_fold *lists = &in->lists[f];
    const xp_input *kept = in->input[f].own != NULL ? &in->input[f] : NULL, *input = kept != NULL ? kept : &s->input;
    if (!xp_columns_alloc(&s->columns, m)) return false;
    if (lists->n_test == 0) return true;
    xp_columns_fit(&p->target, lists, &s->columns);
    xp_job job = {.target = &p->target,
                  .columns = &s->columns,
                  .rough = p->rough,
                  .seed = p->inner_cv.seed,
                  .stream = p->number * (uint32_t)p->n_folds + (uint32_t)f,
                  .error = error};
    if (scores->losses != NULL) job.losses = scores->losses + 2 * scores->n_epochs * f;
    const bool ok = xp_inner_levels(&in->inner[f], &p->target, &s->chosen, &job.levels, error) &&
                    (kept != NULL || xp_input_prepare(&s->input, &in->data, lists)) && xp_work_open(&s->work, input) &&
                    xp_mapping_fit(&s->work, input, &job, &scores->note[f]);
    if (!ok) return false;
    scores->chosen[f] = s->chosen;
    xp_mapping_settle(&s->work, kept != NULL ? NULL : &s->input);
    if (scores->n_levels > 1) s->block = xp_alloc(m * lists->n_test, sizeof *s->block);
    return scores->n_levels == 1 || s->block != NULL;
}

/* ---- neighbourhoods ---- */

/* By place among the members, of which shown neighbours are concepts. */
static bool keep_neighbours(const uint32_t *members, const xp_neighbours *of, xp_space space, xp_scores *scores) {
    if (!xp_scores_show_neighbours(scores, space)) return false;
    for (size_t i = 0; i < of->n; i++)
        for (size_t p = 0; p < of->k; p++) {
            const size_t at = members[i] * XP_TOP + p;
            scores->shown.nearest[space][at] = members[of->item[i * of->k + p]];
            scores->shown.cosine[space][at] = of->cosine[i * of->k + p];
        }
    return true;
}

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
        ok = xp_metric_retrieved(rows, &p->target, n, members, XP_TOP, value);
        if (ok) store(members, n, value, XP_NA_AT_10_RETRIEVAL, scores, level);
    }
    bool wants_gold = wanted >> XP_NA_AT_10_GOLD & 1, wants_input = wanted >> XP_NA_AT_10_INPUT & 1 && input != NULL;
    if (ok && (wants_gold || wants_input)) ok = xp_neighbours_rows(&own, rows, &p->target, n, members, XP_TOP);
    if (ok && wants_gold) {
        xp_metric_overlap(&own, gold, XP_TOP, value);
        store(members, n, value, XP_NA_AT_10_GOLD, scores, level);
    }
    if (ok && wants_input) {
        xp_metric_overlap(&own, input, XP_TOP, value);
        store(members, n, value, XP_NA_AT_10_INPUT, scores, level);
    }
    if (ok && scores->shown.neighbours && scores->shown.level == level)
        ok = (own.item == NULL || keep_neighbours(members, &own, XP_SPACE_PREDICTION, scores)) &&
             (!wants_gold || keep_neighbours(members, gold, XP_SPACE_GOLD, scores)) &&
             (!wants_input || keep_neighbours(members, input, XP_SPACE_INPUT, scores));
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
    const xp_inputs *inputs;
    fold_state *folds;
    uint32_t *members;
    bool quick;    /* nothing but F1@10 is asked for: rows of predictions are not needed */
    double *rows;  /* members x m, or NULL */
    double *block; /* m x the most that are held out together, where there is one level */
    int *top;      /* of that many */
    size_t n;
    xp_neighbours gold, input;
    xp_ranking ranking;
} evaluation;

enum { AT_ONCE = 8 }; /* features that are turned from columns of a block to a line of each row */

/* prediction: feature j at j * stride. */
static void show_features(const xp_problem *p, size_t i, const int *top, const double *prediction, size_t stride,
                          xp_shown *shown) {
    const xp_csr *y = p->target.y;
    const size_t row = xp_target_row(&p->target, i);
    for (size_t k = 0; k < XP_TOP && top[k] >= 0; k++) {
        shown->score[i * XP_TOP + k] = (float)prediction[(size_t)top[k] * stride];
        for (size_t e = y->start[row]; e < y->start[row + 1]; e++)
            if (y->column[e] == (uint32_t)top[k]) shown->hit[i * XP_TOP + k] = y->value[e] > 0;
    }
}

static void score_quickly(const xp_problem *p, evaluation *e, const xp_fold *lists, const double *block,
                          xp_scores *scores) {
    xp_metric_top_features_block(p->target.y->m, lists->n_test, block, e->top);
    for (size_t t = 0; t < lists->n_test; t++) {
        const uint32_t i = lists->test[t];
        const int *top = e->top + t * XP_TOP;
        xp_score_at(scores, 0, i)[XP_F1_AT_10] = xp_metric_f1(p->target.y, xp_target_row(&p->target, i), top, XP_TOP);
        memcpy(scores->top + i * XP_TOP, top, XP_TOP * sizeof *top);
        if (scores->shown.score != NULL) show_features(p, i, top, block + t, lists->n_test, &scores->shown);
    }
}

static void score_fold(const xp_problem *p, evaluation *e, size_t f, size_t level, unsigned wanted,
                       const uint32_t *place, xp_scores *scores, double *predictions) {
    fold_state *s = &e->folds[f];
    const xp_fold *lists = &e->inputs->lists[f];
    const size_t m = p->target.y->m, n_test = lists->n_test;
    double *block = s->block != NULL ? s->block : e->block;
    if (n_test > 0) xp_mapping_predict(&s->work, level, block);
    if (e->quick) {
        score_quickly(p, e, lists, block, scores);
        return;
    }
    for (size_t from = 0; from < m; from += AT_ONCE)
        for (size_t t = 0; t < n_test; t++)
            for (size_t j = from; j < m && j < from + AT_ONCE; j++)
                e->rows[place[lists->test[t]] * m + j] = block[j * n_test + t];
    for (size_t t = 0; t < n_test; t++) {
        uint32_t i = lists->test[t];
        double *row = e->rows + place[i] * m;
        xp_metric_row(&e->ranking, &p->target, xp_target_row(&p->target, i), row, s->columns.mean, wanted,
                      xp_score_at(scores, level, i), scores->top + (level * p->n + i) * XP_TOP);
        if (scores->shown.score != NULL && scores->shown.level == level)
            show_features(p, i, scores->top + (level * p->n + i) * XP_TOP, row, 1, &scores->shown);
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
    for (size_t f = 0; f < p->n_folds; f++) score_fold(p, e, f, level, by_row, place, scores, predictions);
    xp_free(place);
    if (by_row == wanted) return true;
    return neighbourhoods(p, e->members, e->n, e->rows, &e->gold, e->input.item != NULL ? &e->input : NULL, wanted,
                          scores, level);
}

/* Everything but the folds and the rows of predictions. */
static bool begin(const xp_problem *p, unsigned wanted, size_t n_levels, bool quick, evaluation *e) {
    const size_t m = p->target.y->m, most = e->inputs->n_test_max;
    e->quick = quick;
    e->folds = xp_calloc(p->n_folds, sizeof *e->folds);
    e->members = xp_alloc(p->n, sizeof *e->members);
    e->block = xp_alloc(n_levels == 1 ? m * most : 1, sizeof *e->block);
    e->top = xp_alloc(most * XP_TOP, sizeof *e->top);
    if (!e->folds || !e->members || !e->block || !e->top || !xp_ranking_alloc(&e->ranking, m)) return false;
    for (uint32_t i = 0; i < p->n; i++)
        if (is_member(p, i)) e->members[e->n++] = i;
    if (quick) return true;
    if (wanted >> XP_NA_AT_10_GOLD & 1 && !xp_neighbours_sparse(&e->gold, &p->target, e->n, e->members, XP_TOP))
        return false;
    return (p->x == NULL && !p->itself) || !(wanted >> XP_NA_AT_10_INPUT & 1) ||
           input_neighbours(p, e->members, e->n, &e->input);
}

bool xp_evaluate(const xp_problem *p, unsigned wanted, xp_scores *scores, double *predictions, explaint_error *error) {
    const size_t m = p->target.y->m;
    const bool quick =
        wanted == 1u << XP_F1_AT_10 && scores->n_levels == 1 && predictions == NULL && p->target.missing_start == NULL;
    xp_inputs own = {0};
    evaluation e = {.inputs = p->inputs != NULL ? p->inputs : &own};
    if (predictions != NULL)
        for (size_t i = 0; i < scores->n_levels * p->n * m; i++) predictions[i] = NAN;
    bool ok = (p->inputs != NULL || xp_inputs_create(&own, p)) && begin(p, wanted, scores->n_levels, quick, &e);
    for (size_t f = 0; ok && f < p->n_folds; f++) ok = fit_fold(p, e.inputs, f, &e.folds[f], scores, error);
    /* Only now: the inputs of the fits are released, and the two are never in memory together. */
    if (ok && !quick) ok = (e.rows = xp_alloc(e.n * m, sizeof *e.rows)) != NULL;
    for (size_t level = 0; ok && level < scores->n_levels; level++)
        ok = score_level(p, &e, level, wanted, scores, predictions);
    for (size_t f = 0; e.folds != NULL && f < p->n_folds; f++) fold_free(&e.folds[f]);
    xp_free_all(e.folds, e.members, e.rows, e.block, e.top);
    xp_inputs_free(&own);
    xp_neighbours_free(&e.gold);
    xp_neighbours_free(&e.input);
    xp_ranking_free(&e.ranking);
    return ok;
}

bool xp_evaluate_mean(const xp_problem *p, xp_metric metric, double *mean, explaint_error *error) {
    xp_scores scores;
    if (!xp_scores_alloc(&scores, p->n, 1, p->n_folds)) return false;
    const bool ok = xp_evaluate(p, 1u << metric, &scores, NULL, error);
    double num = 0, den = 0;
    for (size_t i = 0; i < p->n; i++) {
        num += xp_score_at(&scores, 0, i)[metric].num;
        den += xp_score_at(&scores, 0, i)[metric].den;
    }
    *mean = den > 0 ? num / den : NAN;
    xp_scores_free(&scores);
    return ok;
}

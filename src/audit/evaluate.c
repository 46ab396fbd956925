#include "audit/components.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/baselines.h"
#include "probe/cluster.h"
#include "probe/plsr.h"

static const size_t K_CHOICES[] = {1, 5, 10, 20};
enum { N_K = sizeof K_CHOICES / sizeof *K_CHOICES };

bool xp_scores_alloc(xp_scores *s, size_t n, size_t n_counts, size_t n_folds) {
    *s = (xp_scores){.n = n, .n_counts = n_counts, .n_folds = n_folds};
    s->score = xp_calloc(n_counts * n * XP_N_METRICS, sizeof *s->score);
    s->top = xp_alloc(n_counts * n * XP_TOP, sizeof *s->top);
    s->used = xp_calloc(n_folds, sizeof *s->used);
    s->chosen = xp_calloc(n_folds, sizeof *s->chosen);
    s->nipals = xp_calloc(n_folds, sizeof *s->nipals);
    if (s->score == NULL || s->top == NULL || s->used == NULL || s->chosen == NULL || s->nipals == NULL) {
        xp_scores_free(s);
        return false;
    }
    for (size_t i = 0; i < n_counts * n * XP_TOP; i++) s->top[i] = -1;
    return true;
}

void xp_scores_free(xp_scores *s) {
    xp_free(s->score);
    xp_free(s->top);
    xp_free(s->used);
    xp_free(s->chosen);
    xp_free(s->nipals);
    *s = (xp_scores){0};
}

static bool is_member(const xp_problem *p, size_t i) { return p->member == NULL || p->member[i]; }

xp_fold xp_fold_lists(const xp_problem *p, size_t f, uint32_t *train, uint32_t *test) {
    xp_fold fold = {.train = train, .test = test};
    for (uint32_t i = 0; i < p->n; i++) {
        bool trains =
            is_member(p, i) || p->mapping == XP_LABEL_MEAN; /* unlabelled concepts count in the training means */
        if (p->fold[i] != f && trains)
            train[fold.n_train++] = i;
        else if (p->fold[i] == f && is_member(p, i))
            test[fold.n_test++] = i;
    }
    return fold;
}

/* What a fold holds between its fit and the last component count. */
typedef struct fold_state {
    xp_fold lists;
    uint32_t *train, *test; /* owned lists */
    xp_columns columns;
    xp_path path;
    double *block;     /* m x n_test: the path's prediction so far */
    uint32_t *nearest; /* kNN: n_test x k */
    uint32_t *seen;    /* kNN with missing cells: m, scratch */
    size_t k;
    double *group_sum; /* groups x m: means of labels or clusters, by row */
    int *choice;       /* n_test: row of group_sum, -1: training mean */
} fold_state;

static void fold_free(fold_state *s) {
    xp_free(s->train);
    xp_free(s->test);
    xp_columns_free(&s->columns);
    xp_path_free(&s->path);
    xp_free(s->block);
    xp_free(s->nearest);
    xp_free(s->seen);
    xp_free(s->group_sum);
    xp_free(s->choice);
    *s = (fold_state){0};
}

/* ---- kNN ---- */

static double choice_score(const xp_problem *p, xp_ranking *ranking, size_t i, const double *prediction,
                           const double *mean, bool *defined) {
    xp_score score[XP_N_METRICS];
    int top[XP_TOP];
    xp_row_metrics(ranking, &p->target, xp_target_row(&p->target, i), prediction, mean, 1u << p->choice, score, top);
    *defined = score[p->choice].den > 0;
    return *defined ? score[p->choice].num / score[p->choice].den : 0;
}

/* k in {1, 5, 10, 20} with the best mean score on an inner split of the training concepts (ties: the smallest). */
static bool choose_k(const xp_problem *p, const xp_cosines *cosines, const fold_state *s, size_t f, size_t *k) {
    const size_t n = s->lists.n_train, m = p->target.y->m;
    uint32_t *inner = xp_alloc(p->n, sizeof *inner);
    uint32_t *train = xp_alloc(n, sizeof *train), *test = xp_alloc(n, sizeof *test);
    uint32_t *nearest = xp_alloc(n * K_CHOICES[N_K - 1], sizeof *nearest);
    double *prediction = xp_alloc(m, sizeof *prediction), sum[N_K] = {0}, count[N_K] = {0};
    xp_ranking ranking = {0};
    bool ok = inner && train && test && nearest && prediction && xp_ranking_alloc(&ranking, m) &&
              xp_inner_split(p, &s->lists, (uint32_t)f, inner);
    for (uint32_t g = 0; ok && g < XP_INNER_FOLDS; g++) {
        xp_fold lists = xp_inner_lists(&s->lists, inner, g, train, test);
        if (lists.n_train == 0 || lists.n_test == 0) continue;
        size_t held = lists.n_train < K_CHOICES[N_K - 1] ? lists.n_train : K_CHOICES[N_K - 1];
        xp_knn_neighbours(cosines, &lists, held, nearest);
        for (size_t t = 0; t < lists.n_test; t++)
            for (size_t c = 0; c < N_K && K_CHOICES[c] <= held; c++) {
                bool defined;
                xp_knn_predict(&p->target, &lists, &s->columns, nearest, held, K_CHOICES[c], t, s->seen, prediction);
                sum[c] += choice_score(p, &ranking, test[t], prediction, s->columns.mean, &defined);
                count[c] += defined;
            }
    }
    size_t best = 0;
    for (size_t c = 1; c < N_K; c++)
        if (count[c] > 0 && sum[c] / count[c] > sum[best] / count[best]) best = c;
    *k = K_CHOICES[best];
    xp_free(inner);
    xp_free(train);
    xp_free(test);
    xp_free(nearest);
    xp_free(prediction);
    xp_ranking_free(&ranking);
    return ok;
}

static bool fit_knn(const xp_problem *p, const xp_cosines *cosines, fold_state *s, size_t f) {
    if (p->target.missing_start != NULL) {
        s->seen = xp_alloc(p->target.y->m, sizeof *s->seen);
        if (s->seen == NULL) return false;
    }
    if (p->k > 0)
        s->k = p->k;
    else if (!choose_k(p, cosines, s, f, &s->k))
        return false;
    if (s->k > s->lists.n_train) s->k = s->lists.n_train;
    s->nearest = xp_alloc(s->lists.n_test * s->k, sizeof *s->nearest);
    if (s->nearest == NULL) return false;
    xp_knn_neighbours(cosines, &s->lists, s->k, s->nearest);
    return true;
}

/* ---- means of groups ---- */

/* Divides the sums of a group by its members, cell by cell where some are missing: a cell that no member has is the mean of
 * all training rows. */
static void divide(const xp_problem *p, const fold_state *s, size_t size, const uint32_t *holes, double *sum) {
    for (size_t j = 0; j < p->target.y->m && size > 0; j++) {
        size_t seen = holes != NULL ? size - holes[j] : size;
        sum[j] = seen > 0 ? sum[j] / (double)seen : s->columns.mean[j];
    }
}

/* group_sum := mean of the training rows of each group; label by position in the training list, -1: in none. */
static bool group_means(const xp_problem *p, fold_state *s, const int *label, size_t n_groups) {
    const xp_csr *y = p->target.y;
    const size_t m = y->m, *missing = p->target.missing_start;
    size_t *size = xp_calloc(n_groups + 1, sizeof *size);
    uint32_t *holes = missing != NULL ? xp_calloc((n_groups + 1) * m, sizeof *holes) : NULL;
    s->group_sum = xp_calloc((n_groups + 1) * m, sizeof *s->group_sum);
    bool ok = size != NULL && s->group_sum != NULL && (missing == NULL || holes != NULL);
    for (size_t k = 0; ok && k < s->lists.n_train; k++) {
        if (label[k] < 0) continue;
        double *sum = s->group_sum + (size_t)label[k] * m;
        size_t row = xp_target_row(&p->target, s->lists.train[k]);
        size[label[k]]++;
        for (size_t e = y->start[row]; e < y->start[row + 1]; e++) sum[y->column[e]] += y->value[e];
        if (holes != NULL)
            for (size_t e = missing[row]; e < missing[row + 1]; e++)
                holes[(size_t)label[k] * m + p->target.missing_column[e]]++;
    }
    for (size_t g = 0; ok && g < n_groups; g++)
        divide(p, s, size[g], holes != NULL ? holes + g * m : NULL, s->group_sum + g * m);
    for (size_t t = 0; ok && t < s->lists.n_test; t++)
        if (s->choice[t] >= 0 && size[s->choice[t]] == 0) s->choice[t] = -1;
    xp_free(size);
    xp_free(holes);
    return ok;
}

static bool fit_label_mean(const xp_problem *p, fold_state *s) {
    int top = -1;
    int *label = xp_alloc(s->lists.n_train, sizeof *label);
    s->choice = xp_alloc(s->lists.n_test, sizeof *s->choice);
    if (label == NULL || s->choice == NULL) {
        xp_free(label);
        return false;
    }
    for (size_t k = 0; k < s->lists.n_train; k++) {
        label[k] = p->label[s->lists.train[k]];
        if (label[k] > top) top = label[k];
    }
    for (size_t t = 0; t < s->lists.n_test; t++) {
        s->choice[t] = p->label[s->lists.test[t]];
        if (s->choice[t] > top) s->choice[t] = -1; /* no training concept has it */
    }
    bool ok = group_means(p, s, label, (size_t)top + 1); /* top is -1 at least */
    xp_free(label);
    return ok;
}

static bool fit_bottleneck(const xp_problem *p, fold_state *s) {
    size_t clusters = s->lists.n_train / p->group_size;
    if (clusters < 2) clusters = 2;
    int *label = xp_alloc(s->lists.n_train, sizeof *label);
    s->choice = xp_alloc(s->lists.n_test, sizeof *s->choice);
    bool ok = label != NULL && s->choice != NULL &&
              xp_cluster_norms(&p->target, s->lists.train, s->lists.n_train, p->dense, clusters, label) &&
              xp_discriminant(p->x, p->d, &s->lists, label, clusters, s->choice) && group_means(p, s, label, clusters);
    xp_free(label);
    return ok;
}

/* ---- fits ---- */

static bool fit_path(const xp_problem *p, fold_state *s, size_t most, xp_nipals_count *nipals) {
    const size_t m = p->target.y->m;
    if (!xp_path_alloc(&s->path, s->lists.n_train, s->lists.n_test, most)) return false;
    s->block = xp_alloc(m * s->lists.n_test, sizeof *s->block);
    if (s->block == NULL) return false;
    xp_smooth_begin(&s->columns, s->lists.n_test, s->block);
    if (p->mapping == XP_SPELLING_RIDGE) { /* one term, its weights known at once */
        double *weight = xp_alloc(s->lists.n_train * s->lists.n_test, sizeof *weight);
        bool known = weight != NULL && xp_ridge_weights(p->x, p->d, &s->lists, .3 * (double)s->lists.n_train, weight);
        if (known) xp_smooth(&p->target, &s->lists, &s->columns, weight, s->block);
        xp_free(weight);
        return known;
    }
    return xp_fit_components(p, &s->lists, &s->columns, most, XP_PLSR_EXACT, &s->path, nipals);
}

static bool is_path(xp_mapping mapping) {
    return mapping == XP_PLSR || mapping == XP_PCA || mapping == XP_SPELLING_RIDGE;
}

static bool fit_fold(const xp_problem *p, const xp_cosines *cosines, size_t f, size_t most, fold_state *s,
                     xp_scores *scores) {
    s->train = xp_alloc(p->n, sizeof *s->train);
    s->test = xp_alloc(p->n, sizeof *s->test);
    if (s->train == NULL || s->test == NULL || !xp_columns_alloc(&s->columns, p->target.y->m)) return false;
    s->lists = xp_fold_lists(p, f, s->train, s->test);
    if (s->lists.n_test == 0 || s->lists.n_train == 0) {
        s->lists.n_test = 0;
        return true;
    }
    xp_columns_fit(&p->target, &s->lists, &s->columns);
    switch (p->mapping) {
    case XP_KNN: return fit_knn(p, cosines, s, f);
    case XP_LABEL_MEAN: return fit_label_mean(p, s);
    case XP_BOTTLENECK: return fit_bottleneck(p, s);
    case XP_MEAN: return true;
    default: break;
    }
    if (p->rule.n_candidates > 0 && p->mapping != XP_SPELLING_RIDGE) {
        if (!xp_choose_components(p, &s->lists, (uint32_t)f, XP_PLSR_EXACT, &most)) return false;
        scores->chosen[f] = (uint32_t)most;
    }
    return fit_path(p, s, most, &scores->nipals[f]);
}

/* The prediction of test concept t, one row of m. */
static void predict_row(const xp_problem *p, const fold_state *s, size_t t, double *row) {
    const size_t m = p->target.y->m, n_test = s->lists.n_test;
    const double *from = s->columns.mean;
    if (is_path(p->mapping)) {
        for (size_t j = 0; j < m; j++) row[j] = s->block[j * n_test + t];
        return;
    }
    if (p->mapping == XP_KNN) {
        xp_knn_predict(&p->target, &s->lists, &s->columns, s->nearest, s->k, s->k, t, s->seen, row);
        return;
    }
    if (p->mapping != XP_MEAN && s->choice[t] >= 0) from = s->group_sum + (size_t)s->choice[t] * m;
    memcpy(row, from, m * sizeof *row);
}

/* ---- neighbourhoods ---- */

static void store(const uint32_t *members, size_t n, const double *value, xp_metric metric, xp_scores *scores,
                  size_t count) {
    for (size_t i = 0; i < n; i++) xp_score_at(scores, count, members[i])[metric] = (xp_score){value[i], 1};
}

/* rows: predictions of the members, n x m. */
static bool neighbourhoods(const xp_problem *p, const uint32_t *members, size_t n, const double *rows,
                           const xp_neighbours *gold, const xp_neighbours *input, unsigned wanted, xp_scores *scores,
                           size_t count) {
    double *value = xp_alloc(n, sizeof *value);
    xp_neighbours own = {0};
    bool ok = value != NULL;
    if (ok && wanted >> XP_NA_AT_10_RETRIEVAL & 1) {
        ok = xp_retrieved(rows, &p->target, n, members, XP_TOP, value);
        if (ok) store(members, n, value, XP_NA_AT_10_RETRIEVAL, scores, count);
    }
    bool wants_gold = wanted >> XP_NA_AT_10_GOLD & 1, wants_input = wanted >> XP_NA_AT_10_INPUT & 1 && input != NULL;
    if (ok && (wants_gold || wants_input)) ok = xp_neighbours_rows(&own, rows, &p->target, n, members, XP_TOP);
    if (ok && wants_gold) {
        xp_overlap(&own, gold, XP_TOP, value);
        store(members, n, value, XP_NA_AT_10_GOLD, scores, count);
    }
    if (ok && wants_input) {
        xp_overlap(&own, input, XP_TOP, value);
        store(members, n, value, XP_NA_AT_10_INPUT, scores, count);
    }
    xp_neighbours_free(&own);
    xp_free(value);
    return ok;
}

/* Neighbours among the members' rows of x. */
static bool input_neighbours(const xp_problem *p, const uint32_t *members, size_t n, xp_neighbours *neighbours) {
    if (p->mapping == XP_PCA) return xp_neighbours_sparse(neighbours, &p->target, n, members, XP_TOP);
    double *x = xp_alloc(n * p->d, sizeof *x);
    if (x == NULL) return false;
    for (size_t i = 0; i < n; i++) memcpy(x + i * p->d, p->x + members[i] * p->d, p->d * sizeof *x);
    bool ok = xp_neighbours_dense(neighbours, n, p->d, x, XP_TOP);
    xp_free(x);
    return ok;
}

/* ---- all of it ---- */

typedef struct evaluation {
    fold_state *folds;
    uint32_t *members;
    double *rows; /* members x m */
    size_t n;
    xp_neighbours gold, input;
    xp_cosines all; /* of every concept, for kNN */
    xp_ranking ranking;
} evaluation;

static bool score_count(const xp_problem *p, evaluation *e, size_t count, unsigned wanted, xp_scores *scores,
                        double *predictions) {
    const size_t m = p->target.y->m;
    const unsigned by_row = wanted & ~(1u << XP_NA_AT_10_RETRIEVAL | 1u << XP_NA_AT_10_GOLD | 1u << XP_NA_AT_10_INPUT);
    uint32_t *place = xp_alloc(p->n, sizeof *place);
    if (place == NULL) return false;
    for (size_t i = 0; i < e->n; i++) place[e->members[i]] = (uint32_t)i;
    for (size_t f = 0; f < p->n_folds; f++) {
        fold_state *s = &e->folds[f];
        for (size_t t = 0; t < s->lists.n_test; t++) {
            uint32_t i = s->lists.test[t];
            double *row = e->rows + place[i] * m;
            predict_row(p, s, t, row);
            xp_row_metrics(&e->ranking, &p->target, xp_target_row(&p->target, i), row, s->columns.mean, by_row,
                           xp_score_at(scores, count, i), scores->top + (count * p->n + i) * XP_TOP);
            if (predictions != NULL) memcpy(predictions + (count * p->n + i) * m, row, m * sizeof *row);
        }
        if (count + 1 ==
            scores->n_counts) { /* its last use: norms of 4,000 concepts need the room for their neighbours */
            xp_free(s->block);
            s->block = NULL;
        }
    }
    xp_free(place);
    if (by_row == wanted) return true;
    return neighbourhoods(p, e->members, e->n, e->rows, &e->gold, e->input.item != NULL ? &e->input : NULL, wanted,
                          scores, count);
}

bool xp_evaluate(const xp_problem *p, const size_t *counts, size_t n_counts, unsigned wanted, xp_scores *scores,
                 double *predictions) {
    const size_t m = p->target.y->m, most = counts[n_counts - 1] > 0 ? counts[n_counts - 1] : 1;
    evaluation e = {.folds = xp_calloc(p->n_folds, sizeof *e.folds), .members = xp_alloc(p->n, sizeof *e.members)};
    bool ok = e.folds != NULL && e.members != NULL && xp_ranking_alloc(&e.ranking, m);
    for (uint32_t i = 0; ok && i < p->n; i++)
        if (is_member(p, i)) e.members[e.n++] = i;
    if (predictions != NULL)
        for (size_t i = 0; i < n_counts * p->n * m; i++) predictions[i] = NAN;
    if (ok) ok = (e.rows = xp_alloc(e.n * m, sizeof *e.rows)) != NULL;
    if (ok && p->mapping == XP_KNN) {
        if (p->x != NULL) {
            ok = xp_cosines_dense(&e.all, p->n, p->d, p->x);
        } else {
            uint32_t *everyone = xp_alloc(p->n, sizeof *everyone);
            ok = everyone != NULL;
            for (uint32_t i = 0; ok && i < p->n; i++) everyone[i] = i;
            ok = ok && xp_cosines_sparse(&e.all, &p->target, p->n, everyone);
            xp_free(everyone);
        }
    }
    if (ok && wanted >> XP_NA_AT_10_GOLD & 1) ok = xp_neighbours_sparse(&e.gold, &p->target, e.n, e.members, XP_TOP);
    bool has_input = p->mapping == XP_PCA || p->x != NULL;
    if (ok && has_input && wanted >> XP_NA_AT_10_INPUT & 1) ok = input_neighbours(p, e.members, e.n, &e.input);
    for (size_t f = 0; ok && f < p->n_folds; f++) {
        ok = fit_fold(p, &e.all, f, most, &e.folds[f], scores);
        scores->used[f] = (uint32_t)(is_path(p->mapping) ? e.folds[f].path.used : e.folds[f].k);
    }
    for (size_t c = 0, done = 0; ok && c < n_counts; c++) {
        for (size_t f = 0; f < p->n_folds && (p->mapping == XP_PLSR || p->mapping == XP_PCA); f++)
            if (e.folds[f].lists.n_test > 0)
                xp_path_add(&e.folds[f].path, &p->target, &e.folds[f].lists, &e.folds[f].columns, done, counts[c],
                            e.folds[f].block);
        done = counts[c];
        ok = score_count(p, &e, c, wanted, scores, predictions);
    }
    for (size_t f = 0; e.folds != NULL && f < p->n_folds; f++) fold_free(&e.folds[f]);
    xp_free(e.folds);
    xp_free(e.members);
    xp_free(e.rows);
    xp_neighbours_free(&e.gold);
    xp_neighbours_free(&e.input);
    xp_cosines_free(&e.all);
    xp_ranking_free(&e.ranking);
    return ok;
}

#include "audit/reading.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/reader.h"

enum { AT_ONCE = 128 }; /* concepts that are predicted together: n x m predictions are never in memory */

typedef struct reading {
    const xp_study *study;
    xp_csr present; /* of sparse norms */
    xp_target target;
    double *a;              /* n x n */
    double *weight, *block; /* training concepts x AT_ONCE; m x AT_ONCE */
    uint32_t *train, *test;
    xp_columns columns;
    xp_ranking ranking;
    double *row;
    int *top;
} reading;

static bool make_target(reading *r) {
    const xp_study *s = r->study;
    r->target = xp_study_target(&s->gold, NULL);
    if (s->dense) return true;
    uint32_t *all = xp_alloc(s->n, sizeof *all);
    for (uint32_t i = 0; all != NULL && i < s->n; i++) all[i] = i;
    const bool ok = all != NULL && xp_csr_select(&s->gold.y, all, s->n, NULL, &r->present);
    for (size_t e = 0; ok && e < r->present.start[s->n]; e++) r->present.value[e] = r->present.value[e] > 0;
    xp_free(all);
    if (ok) r->target.y = &r->present;
    return ok;
}

static bool begin(reading *r) {
    const xp_study *s = r->study;
    r->a = xp_alloc(s->n * s->n, sizeof *r->a);
    r->weight = xp_alloc(s->n * AT_ONCE, sizeof *r->weight);
    r->block = xp_alloc(s->m * AT_ONCE, sizeof *r->block);
    r->train = xp_alloc(s->n, sizeof *r->train);
    r->test = xp_alloc(s->n, sizeof *r->test);
    r->row = xp_alloc(s->m, sizeof *r->row);
    r->top = xp_alloc(AT_ONCE * XP_TOP, sizeof *r->top);
    return r->a && r->weight && r->block && r->train && r->test && r->row && r->top && make_target(r) &&
           xp_columns_alloc(&r->columns, s->m) && xp_ranking_alloc(&r->ranking, s->m);
}

static void end(reading *r) {
    xp_csr_free(&r->present);
    xp_free_all(r->a, r->weight, r->block, r->train, r->test, r->row, r->top);
    xp_columns_free(&r->columns);
    xp_ranking_free(&r->ranking);
}

/* Concepts of one fold from the others, or each from all. */
static void predict(reading *r, const xp_fold *lists, xp_metric metric, double *score) {
    const size_t n = r->study->n, m = r->study->m;
    xp_columns_fit(&r->target, lists, &r->columns);
    for (size_t from = 0; from < lists->n_test; from += AT_ONCE) {
        const size_t count = lists->n_test - from < AT_ONCE ? lists->n_test - from : AT_ONCE;
        const xp_fold some = {
            .train = lists->train, .n_train = lists->n_train, .test = lists->test + from, .n_test = count};
        double rest[AT_ONCE]; /* what is left for the means */
        for (size_t t = 0; t < count; t++) {
            const double *weight = r->a + some.test[t] * n;
            rest[t] = 1;
            for (size_t k = 0; k < some.n_train; k++) {
                r->weight[k * count + t] = weight[some.train[k]];
                rest[t] -= weight[some.train[k]];
            }
        }
        for (size_t j = 0; j < m; j++)
            for (size_t t = 0; t < count; t++)
                r->block[j * count + t] = r->columns.mean[j] * (r->columns.constant[j] ? 1 : rest[t]);
        xp_target_smooth(&r->target, &some, &r->columns, r->weight, r->block);
        xp_score_block(&r->ranking, &r->target, &some, r->columns.mean, metric, r->block, r->row, r->top, score);
    }
}

bool xp_reading_predict(const xp_study *s, const double *vectors, size_t d, const uint32_t *fold, size_t n_folds,
                        xp_metric metric, double *score) {
    reading r = {.study = s};
    xp_reader reader = {0};
    bool ok = begin(&r) && xp_reader_create(&reader, vectors, s->n, d) && xp_reader_others(&reader, fold, n_folds, r.a);
    xp_reader_free(&reader);
    for (size_t i = 0; ok && i < s->n; i++) score[i] = NAN;
    for (size_t f = 0; ok && f < (fold != NULL ? n_folds : 1); f++) {
        xp_fold lists = {.train = r.train, .test = r.test};
        for (uint32_t i = 0; i < s->n; i++) {
            if (fold == NULL || fold[i] != f) r.train[lists.n_train++] = i;
            if (fold == NULL || fold[i] == f) r.test[lists.n_test++] = i;
        }
        if (lists.n_train > 0) predict(&r, &lists, metric, score);
    }
    end(&r);
    return ok;
}

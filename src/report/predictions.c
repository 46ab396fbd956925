#include "report/predictions.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "report/figures.h"
#include "store/ledger_units.h"

static const char what[] = "the report";

/* Every metric is a ratio for a single concept, too; r2 is what is left of 1. */
static double score_of(const xp_scores *s, size_t i, xp_metric metric) {
    const xp_score *score = &xp_score_at(s, s->shown.level, i)[metric];
    return !(score->den > 0) ? NAN : metric == XP_R2 ? 1 - score->num / score->den : score->num / score->den;
}

/* Takes over what is shown. */
static bool keep(xp_predictions *all, const explaint_row *row, xp_scores *s, xp_metric metric) {
    xp_predicted *p = xp_grow((void **)&all->condition, all->n, &all->capacity, sizeof *p);
    if (p == NULL) return false;
    *p = (xp_predicted){.condition = row->condition, .target = row->target};
    all->n++;
    p->score = xp_alloc(s->n, sizeof *p->score);
    p->feature = xp_alloc(s->n * XP_TOP, sizeof *p->feature);
    if (p->score == NULL || p->feature == NULL) return false;
    for (size_t i = 0; i < s->n; i++) p->score[i] = score_of(s, i, metric);
    memcpy(p->feature, s->top + s->shown.level * s->n * XP_TOP, s->n * XP_TOP * sizeof *p->feature);
    p->shown = s->shown;
    s->shown = (xp_shown){0};
    return true;
}

/* Those of a damaged unit may be no features of the run. */
static bool are_features(const int *feature, size_t n, size_t m) {
    for (size_t i = 0; i < n * XP_TOP; i++)
        if (feature[i] < -1 || (feature[i] >= 0 && (size_t)feature[i] >= m)) return false;
    return true;
}

/* Conditions whose target has other features are left out; *whole becomes false if the unit is not there, or damaged. */
static explaint_status read_condition(xp_predictions *all, const xp_ledger_place *at, const explaint_row *row,
                                      xp_metric metric, bool *whole, explaint_error *error) {
    xp_scores scores;
    unsigned metrics;
    bool found;
    explaint_status status = xp_ledger_scores(at, row->condition, row->target, all->concepts.n, 1u << metric, &scores,
                                              &metrics, &found, error);
    const bool shown = status == EXPLAINT_OK && found && scores.shown.score != NULL;
    *whole = found && (!shown || are_features(scores.top + scores.shown.level * scores.n * XP_TOP, scores.n,
                                              all->features.gold.m));
    if (shown && *whole && !keep(all, row, &scores, metric)) status = xp_no_memory(error, what);
    xp_scores_free(&scores);
    return status;
}

/* The mean predictor of other targets is not shown. */
static bool wanted(const explaint_row *row) {
    return row->condition != NULL && row->target != NULL &&
           (!xp_report_is(row->condition, "mean") || xp_report_is(row->target, "norms"));
}

explaint_status xp_predictions_read(explaint_ledger *ledger, xp_report_run *run, explaint_error *error) {
    const explaint_row *pair[XP_REPORT_PAIRS];
    const size_t n_pairs = xp_report_pairs(run->result, pair);
    const xp_ledger_place first = {ledger, run->number, xp_ledger_first_layer(run->result)},
                          main = {ledger, run->number, xp_report_main_layer(run->result)};
    xp_metric metric;
    bool whole = false;
    if (!xp_metric_find(run->verdict_metric, strlen(run->verdict_metric), &metric)) return EXPLAINT_OK;
    xp_predictions *all = xp_calloc(1, sizeof *all);
    if (all == NULL) return xp_no_memory(error, what);
    explaint_status status = xp_ledger_concepts(&first, &all->concepts, &whole, error);
    if (status == EXPLAINT_OK && whole) status = xp_ledger_features(&first, &all->features, &whole, error);
    whole = whole && all->features.gold.n == all->concepts.n;
    for (size_t i = 0; status == EXPLAINT_OK && whole && i < n_pairs; i++)
        if (wanted(pair[i]))
            status = read_condition(all, pair[i]->layer >= 0 ? &main : &first, pair[i], metric, &whole, error);
    if (status == EXPLAINT_OK && whole && all->n > 0)
        run->predictions = all;
    else
        xp_predictions_free(all);
    return status;
}

void xp_predictions_free(xp_predictions *all) {
    for (size_t i = 0; all != NULL && i < all->n; i++) {
        xp_predicted *p = &all->condition[i];
        xp_free_all(p->score, p->feature, p->shown.score, p->shown.hit);
        for (int space = 0; space < XP_N_SPACES; space++) {
            xp_free_all(p->shown.nearest[space], p->shown.cosine[space]);
        }
    }
    if (all == NULL) return;
    xp_free(all->condition);
    xp_concepts_free(&all->concepts);
    xp_units_features_free(&all->features);
    xp_free(all);
}

const xp_predicted *xp_predicted_find(const xp_predictions *all, const char *condition, const char *target) {
    for (size_t i = 0; all != NULL && i < all->n; i++)
        if (xp_report_is(all->condition[i].condition, condition) && xp_report_is(all->condition[i].target, target))
            return &all->condition[i];
    return NULL;
}

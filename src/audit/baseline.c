/* What a score is worth without any vectors: a plan without them, a claimed score beside its rows. */
#include "explaint/baseline.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "audit/plan.h"
#include "audit/result.h"
#include "base/memory.h"
#include "result/record.h"

typedef struct baseline {
    explaint_baseline view; /* first: the public struct */
    explaint_result *result;
    explaint_needs needs;
    xp_strings texts;
    bool failed;
} baseline;

static const char *keep(baseline *b, const char *format, ...) XP_PRINTF(2, 3);
static const char *keep(baseline *b, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const char *kept = xp_strings_keep(&b->texts, &b->failed, format, list);
    va_end(list);
    return kept;
}

/* ---- bounds of a metric ---- */

/* What a random order of features gets, and what a perfect prediction does; NaN: not known without drawing. */
static void bounds(const xp_study *s, const explaint_result *result, xp_metric metric, double *chance,
                   double *ceiling) {
    const double n = (double)s->n, m = (double)s->m, near = fmin(XP_TOP, n - 1);
    *chance = NAN;
    *ceiling = metric == XP_MSE ? 0 : 1;
    if (metric == XP_F1_AT_10) {
        *chance = result->chance;
        *ceiling = result->ceiling;
    } else if (metric == XP_SPEARMAN) {
        *chance = 0;
    } else if (metric == XP_NA_AT_10_RETRIEVAL) {
        *chance = fmin(XP_TOP, n) / n;
    } else if (metric == XP_NA_AT_10_GOLD || metric == XP_NA_AT_10_INPUT) {
        *chance = near / (n - 1);
    } else if (metric == XP_PRECISION_AT_R) {
        double sum = 0, count = 0;
        for (size_t i = 0; i < s->n; i++) {
            double g = 0;
            for (size_t e = s->gold.y.start[i]; e < s->gold.y.start[i + 1]; e++) g += s->gold.y.value[e] > 0;
            sum += g / m;
            count += g > 0;
        }
        *chance = sum / count;
    }
}

/* ---- a claimed score ---- */

static const explaint_row *find_row(const explaint_result *result, const char *condition, const char *metric) {
    for (size_t i = 0; i < result->n_rows; i++) {
        const explaint_row *row = &result->rows[i];
        if (row->fold == -1 && strcmp(row->condition, condition) == 0 && strcmp(row->metric, metric) == 0 &&
            strcmp(row->target, "norms") == 0)
            return row;
    }
    return NULL;
}

static double value_of(const explaint_result *result, const char *condition, const char *metric) {
    const explaint_row *row = find_row(result, condition, metric);
    return row != NULL ? row->value : NAN;
}

static const char *name_of(xp_metric metric) {
    return metric == XP_F1_AT_10 ? "F1@10" : metric == XP_SPEARMAN ? "Spearman's rho" : xp_metric_name(metric);
}

static const char *say_where(baseline *b, const explaint_scored *c, xp_metric metric) {
    const bool less = metric == XP_MSE;
    const char *name = name_of(metric);
    if (less ? c->value < c->ceiling : c->value > c->ceiling)
        return keep(
            b, "A score of %.3g in %s is beyond %.3f, that of a perfect prediction: something was computed otherwise",
            c->value, name, c->ceiling);
    if (isnan(c->share))
        return keep(b, "A score of %.3g in %s has no mean predictor on these norms to be laid beside", c->value, name);
    if (c->share <= 0)
        return keep(b,
                    "A score of %.3g in %s is no better than the mean predictor's (%.3f), which knows no more than how "
                    "frequent each feature is",
                    c->value, name, c->mean);
    return keep(b, "A score of %.3g in %s is %.*f %% of the way from the mean predictor (%.3f) to the ceiling (%.3f)",
                c->value, name, c->share < .1 ? 1 : 0, 100 * c->share, c->mean, c->ceiling);
}

static const char *say_what_else(baseline *b, const explaint_scored *c, xp_metric metric) {
    const bool less = metric == XP_MSE;
    xp_text text = {0};
    if (!isnan(c->category))
        xp_text_addf(&text, "; a category label alone reaches %.3f (on the %zu concepts that have one)", c->category,
                     c->in_category);
    if (!isnan(c->spelling) && (less ? c->spelling <= c->value : c->spelling >= c->value))
        xp_text_addf(&text, "; the letters of the word alone reach %.3f", c->spelling);
    if (!isnan(c->upper)) xp_text_addf(&text, "; the norms as their own input reach %.3f", c->upper);
    xp_text_adds(&text, ".");
    return xp_strings_keep_text(&b->texts, &b->failed, &text);
}

static void weigh_claim(baseline *b, const xp_study *s, const explaint_score *claim, xp_metric metric) {
    const explaint_result *r = b->result;
    const char *name = xp_metric_name(metric);
    explaint_scored *c = &b->view.claim;
    const explaint_row *category = find_row(r, "category-mean", name);
    *c = (explaint_scored){.metric = name,
                           .value = claim->value,
                           .mean = value_of(r, "mean", name),
                           .spelling = value_of(r, "word-form", name),
                           .category = category != NULL ? category->value : NAN,
                           .in_category = category != NULL ? category->n : 0,
                           .upper = value_of(r, "upper", name)};
    bounds(s, r, metric, &c->chance, &c->ceiling);
    c->share = (c->value - c->mean) / (c->ceiling - c->mean);
    if (!isfinite(c->share)) c->share = NAN;
    c->text = keep(b, "%s%s", say_where(b, c, metric), say_what_else(b, c, metric));
}

/* Without a claim: how far nothing but a label or the average gets. */
static const char *say_what_is_free(baseline *b, xp_metric metric) {
    const char *name = xp_metric_name(metric);
    const double mean = value_of(b->result, "mean", name), category = value_of(b->result, "category-mean", name);
    xp_text text = {0};
    xp_text_adds(&text, "Without any vectors, ");
    if (!isnan(category))
        xp_text_addf(&text, "a category label alone reaches %.3f in %s here, and ", category, name_of(metric));
    xp_text_addf(&text, "predicting the same for every word %.3f%s%s", mean, isnan(category) ? " in " : "",
                 isnan(category) ? name_of(metric) : "");
    if (!isnan(b->view.ceiling)) xp_text_addf(&text, "; the best that can be reached is %.3f", b->view.ceiling);
    xp_text_adds(&text, ".");
    return xp_strings_keep_text(&b->texts, &b->failed, &text);
}

/* What the metric cannot be is a slip of the keyboard: 25 for .25. */
static explaint_status check_claim(const explaint_score *claim, xp_metric metric, explaint_error *error) {
    const bool signed_one = metric == XP_SPEARMAN || metric == XP_COSINE;
    const double least = metric == XP_R2 ? -HUGE_VAL : signed_one ? -1 : 0, most = metric == XP_MSE ? HUGE_VAL : 1;
    if (isfinite(claim->value) && claim->value >= least && claim->value <= most) return EXPLAINT_OK;
    if (isfinite(least) && isfinite(most))
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a claimed %s from %g to %g, as in %s=%s, found %g",
                       xp_metric_name(metric), least, most, xp_metric_name(metric), ".25", claim->value);
    return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a claimed %s %s, found %g", xp_metric_name(metric),
                   metric == XP_MSE ? "of at least 0" : "of at most 1", claim->value);
}

/* ---- all of it ---- */

static void show(baseline *b) {
    const explaint_result *r = b->result;
    explaint_baseline *view = &b->view;
    view->version = r->version;
    view->command = r->command;
    view->inputs = r->inputs;
    view->n_inputs = r->n_inputs;
    view->settings = r->settings;
    view->n_settings = r->n_settings;
    view->n_concepts = r->n_concepts;
    view->n_features = r->n_features;
    view->rows = r->rows;
    view->n_rows = r->n_rows;
    view->needs = b->needs.need;
    view->n_needs = b->needs.n_needs;
    view->present = b->needs.present;
    view->lints = r->lints;
    view->n_lints = r->n_lints;
    view->signature = r->signature;
    view->result = r;
}

/* The metrics asked for, and the claim's. false without memory. */
static bool add_metric(const explaint_infer_options *options, const char *metric, xp_text *metrics) {
    if (options->metrics != NULL) xp_text_addf(metrics, "%s,", options->metrics);
    xp_text_adds(metrics, metric);
    return !metrics->failed;
}

static explaint_status run(baseline *b, const explaint_norms *norms, explaint_infer_options options,
                           const explaint_score *claim, const explaint_progress *progress, explaint_error *error) {
    xp_metric metric = XP_N_METRICS;
    xp_text metrics = {0};
    explaint_plan *plan = NULL;
    explaint_status status = EXPLAINT_OK;
    if (claim != NULL && claim->metric != NULL) {
        if (!xp_metric_find(claim->metric, strlen(claim->metric), &metric))
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                           "expected a claim such as f1_at_10=.25, found the metric \"%s\"", claim->metric);
        status = check_claim(claim, metric, error);
        if (status == EXPLAINT_OK && !add_metric(&options, xp_metric_name(metric), &metrics))
            status = xp_no_memory(error, "the metrics");
        options.metrics = metrics.data;
    }
    if (status == EXPLAINT_OK) status = explaint_infer_plan(norms, NULL, &options, &plan, error);
    xp_text_free(&metrics);
    if (status == EXPLAINT_OK && claim != NULL && claim->metric == NULL)
        status = check_claim(claim, metric = plan->design.metric, error);
    if (status == EXPLAINT_OK) status = explaint_plan_run(plan, NULL, progress, &b->result, error);
    if (status == EXPLAINT_OK) status = explaint_plan_needs(plan, &b->needs, error);
    if (status == EXPLAINT_OK) {
        show(b);
        bounds(&plan->design.layer[0].study, b->result, plan->design.metric, &b->view.chance, &b->view.ceiling);
        if (claim != NULL) weigh_claim(b, &plan->design.layer[0].study, claim, metric);
        b->view.answer = claim != NULL ? b->view.claim.text : say_what_is_free(b, plan->design.metric);
        if (b->failed) status = xp_no_memory(error, "the baseline");
    }
    explaint_plan_close(plan);
    return status;
}

explaint_status explaint_baseline_run(const explaint_norms *norms, const explaint_infer_options *options,
                                      const explaint_score *claim, const explaint_progress *progress,
                                      explaint_baseline **out, explaint_error *error) {
    *out = NULL;
    baseline *b = xp_calloc(1, sizeof *b);
    if (b == NULL) return xp_no_memory(error, "the baseline");
    xp_record_clear(&explaint_baseline_kind, &b->view);
    b->view.record.kind = &explaint_baseline_kind;
    b->view.internals = b;
    const explaint_status status = run(b, norms, *options, claim, progress, error);
    if (status == EXPLAINT_OK)
        *out = &b->view;
    else
        explaint_baseline_free(&b->view);
    return status;
}

void explaint_baseline_free(explaint_baseline *view) {
    if (view == NULL || view->internals == NULL) return;
    baseline *b = view->internals;
    explaint_result_free(b->result);
    xp_strings_free(&b->texts);
    xp_free(b);
}

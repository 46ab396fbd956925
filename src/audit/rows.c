/* Rows of a layer: scores of its conditions, and how their folds were fitted. */
#include <math.h>
#include <string.h>

#include "audit/result.h"
#include "base/memory.h"
#include "formats/number.h"
#include "result/record.h"

static bool has_value(xp_metric metric, double num, double den, double *value) {
    if (!(den > 0)) return false;
    *value = metric == XP_R2 ? 1 - num / den : num / den;
    return true;
}

/* A concept whose norms are the training mean has nothing to explain, but its error counts: R2 is over all cells. */
static void gather(const xp_scores *scores, size_t level, xp_metric metric, double *num, double *den) {
    for (size_t i = 0; i < scores->n; i++) {
        xp_score s = xp_score_at(scores, level, i)[metric];
        if (metric == XP_R2) {
            num[i] = s.num;
            den[i] = s.den > 0 ? s.den : 0;
            continue;
        }
        num[i] = s.den > 0 ? s.num : 0;
        den[i] = s.den > 0 ? s.den : 0;
    }
}

/* R2 is defined where there are cells, also for a concept without variance of its own. */
static bool is_defined(const xp_scores *scores, size_t level, xp_metric metric, size_t i, double den) {
    return metric == XP_R2 ? xp_score_at(scores, level, i)[XP_MSE].den > 0 : den > 0;
}

/* category-mean: concepts with a category; the swap: with one of at least 5. */
static bool takes_part(const xp_condition_spec *spec, const int *label, const int *large, size_t i) {
    if (spec->input == XP_IN_LABEL) return label[i] >= 0;
    return (spec->gold != XP_GOLD_TAXONOMIC_SWAP && spec->gold != XP_GOLD_IN_CATEGORY) || large[i] >= 0;
}

static bool is_mapped(const xp_condition_spec *spec) {
    return spec->input != XP_IN_NOTHING && spec->input != XP_IN_LABEL;
}

/* Rows of a metric: pooled, then by fold if asked for. */
static void add_rows(xp_result *r, xp_readback *back, size_t c, size_t level, xp_metric metric, const int *large,
                     double *num, double *den) {
    const xp_design_layer *layer = back->layer;
    const xp_condition_spec *spec = &xp_conditions[c];
    const xp_scores *scores = &back->scores[c];
    const bool counted =
        is_mapped(spec) && xp_request_tells(layer->request, "n_components") && !layer->request->mapping.choose;
    const char *mapping =
        spec->input == XP_IN_NOTHING ? "mean"
        : spec->input == XP_IN_LABEL
            ? "category-mean"
            : xp_result_name_mapping(r, layer->request,
                                     layer->request->levels != NULL ? layer->request->levels[level] : 0);
    explaint_row base;
    xp_record_clear(&explaint_row_kind, &base);
    base.norms = r->view.inputs[0].name;
    base.source = back->source;
    base.mapping = mapping;
    base.condition = spec->name;
    base.target = spec->target;
    base.metric = xp_metric_name(metric);
    base.layer = xp_condition_sees_vectors(spec) ? layer->number : -1;
    base.n_components = counted ? (size_t)layer->request->levels[level] : 0;
    gather(scores, level, metric, num, den);
    size_t folds = layer->request->options.by_fold && !spec->by_category ? layer->study.n_folds : 0;
    for (size_t f = 0; f <= folds; f++) {
        explaint_row row = base;
        double above = 0, below = 0;
        for (size_t i = 0; i < scores->n; i++) {
            if (!takes_part(spec, layer->study.label, large, i) || (f > 0 && layer->study.fold[i] != f - 1)) continue;
            above += num[i];
            below += den[i];
            if (is_defined(scores, level, metric, i, den[i]))
                row.n++;
            else
                row.undefined++;
        }
        if (!has_value(metric, above, below, &row.value)) continue;
        if (f > 0)
            row.fold = (int)f - 1;
        else if (xp_bootstrap_ratio(&back->bootstrap, num, den, row.ci) && metric == XP_R2) {
            double low = 1 - row.ci[1];
            row.ci[1] = 1 - row.ci[0];
            row.ci[0] = low;
        }
        XP_RESULT_ADD(r, rows, n_rows, row);
    }
}

static size_t most_used(const xp_scores *scores) {
    size_t most = 0;
    for (size_t f = 0; f < scores->n_folds; f++)
        if (scores->note[f].used > most) most = scores->note[f].used;
    return most;
}

/* Levels that some fold reached: component counts beyond what every fold has would repeat the last of them. Letters have fewer dimensions than some norms'
 * usual count, and are asked for nothing but what they give. */
size_t xp_readback_n_reached(const xp_readback *back, size_t c) {
    const xp_request *request = back->layer->request;
    const xp_scores *scores = &back->scores[c];
    size_t n = scores->n_levels;
    if (!is_mapped(&xp_conditions[c]) || !xp_request_tells(request, "n_components") || request->mapping.choose)
        return n;
    if (xp_conditions[c].input == XP_IN_SPELLING) return n;
    while (n > 0 && request->levels[n - 1] > (double)most_used(scores)) n--;
    return n;
}

/* The component counts used, where a fold has fewer than asked. */
static void note_components(xp_result *r, const xp_readback *back, size_t c) {
    const xp_design_layer *layer = back->layer;
    const xp_scores *scores = &back->scores[c];
    const xp_condition_spec *spec = &xp_conditions[c];
    if (!xp_request_tells(layer->request, "n_components") || !is_mapped(spec) || spec->target == NULL) return;
    const bool chosen = layer->request->mapping.choose;
    size_t asked = (size_t)layer->request->levels[layer->request->mapping.levels.count - 1];
    for (size_t f = 0; f < scores->n_folds; f++) {
        const size_t used = scores->note[f].used;
        if (chosen) asked = (size_t)scores->chosen[f];
        if (chosen ? asked == 0 : used >= asked) continue; /* 0: nobody is held out */
        const explaint_fold_components note = {spec->name, chosen ? spec->target : NULL, f, asked, used, layer->number};
        XP_RESULT_ADD(r, components, n_component_notes, note);
    }
    size_t most = most_used(scores);
    if (!chosen && most < asked && spec->input == XP_IN_SPELLING)
        xp_result_add_lint(r, "components", "note",
                           "%s: %zu components were asked for, and the letters have %zu: these are taken", spec->name,
                           asked, most);
    else if (!chosen && most < asked)
        xp_result_add_lint(
            r, "components", "warning",
            "%s: %zu components were asked for, no fold has more than %zu: the rank of its input or target "
            "is used up, and larger counts have no row",
            spec->name, asked, most);
}

/* The penalties that folds of ridge chose. */
static void note_penalties(xp_result *r, const xp_readback *back, size_t c) {
    const xp_design_layer *layer = back->layer;
    const xp_scores *scores = &back->scores[c];
    const xp_condition_spec *spec = &xp_conditions[c];
    if (!xp_request_tells(layer->request, "alpha") || !layer->request->mapping.choose || !is_mapped(spec)) return;
    for (size_t f = 0; f < scores->n_folds; f++) {
        if (!(scores->chosen[f] > 0)) continue; /* nobody is held out */
        const explaint_fold_penalty note = {spec->name, spec->target, f, scores->chosen[f], layer->number};
        XP_RESULT_ADD(r, penalties, n_penalties, note);
    }
}

/* What NIPALS took in each fold. `text` gathers the conditions where it stopped at its cap. */
static void note_iterations(xp_result *r, const xp_readback *back, size_t c, xp_text *text) {
    const xp_scores *scores = &back->scores[c];
    const xp_condition_spec *spec = &xp_conditions[c];
    size_t components = 0, capped = 0;
    for (size_t f = 0; f < scores->n_folds; f++) {
        const xp_nipals_count *count = &scores->note[f].nipals;
        if (count->iterations == 0) continue;
        const explaint_fold_iterations note = {spec->name,           spec->target,       f,
                                               scores->note[f].used, count->iterations,  count->most,
                                               count->capped,        back->layer->number};
        XP_RESULT_ADD(r, iterations, n_iterations, note);
        components += scores->note[f].used;
        capped += count->capped;
    }
    if (capped > 0) xp_text_addf(text, "%s%s %zu of %zu", text->length > 0 ? ", " : "", spec->name, capped, components);
}

/* How each fold of a network was trained. */
static void note_losses(xp_result *r, xp_readback *back, size_t c) {
    xp_scores *scores = &back->scores[c];
    for (size_t f = 0; scores->losses != NULL && f < scores->n_folds; f++) {
        const double *train = scores->losses + 2 * f * scores->n_epochs, *dev = train + scores->n_epochs;
        size_t n = 0;
        while (n < scores->n_epochs && !isnan(train[n])) n++;
        if (n == 0) continue; /* nobody is held out, or nothing varies */
        const explaint_fold_losses note = {.condition = xp_conditions[c].name,
                                           .target = xp_conditions[c].target,
                                           .fold = f,
                                           .epochs = n,
                                           .best = scores->note[f].used,
                                           .train = train,
                                           .dev = isnan(dev[0]) ? NULL : dev,
                                           .layer = back->layer->number};
        XP_RESULT_ADD(r, losses, n_losses, note);
    }
    xp_result_adopt(r, scores->losses); /* the notes point there */
    scores->losses = NULL;
}

static bool add_all(xp_result *r, xp_readback *back) {
    const xp_design_layer *layer = back->layer;
    const size_t n = layer->study.n;
    double *num = xp_alloc(n, sizeof *num), *den = xp_alloc(n, sizeof *den);
    int *large = xp_alloc(n, sizeof *large);
    xp_text capped = {0};
    bool ok = num != NULL && den != NULL && large != NULL;
    if (ok) xp_study_categories_of_size(layer->study.label, n, layer->study.n_labels, XP_LEAST_CATEGORY, large);
    for (size_t c = 0; ok && c < xp_n_conditions; c++) {
        const xp_scores *scores = &back->scores[c];
        if (scores->n == 0 || xp_conditions[c].target == NULL) continue;
        const bool there = back->later && !xp_condition_sees_vectors(&xp_conditions[c]); /* its rows are */
        for (size_t level = 0; !there && level < xp_readback_n_reached(back, c); level++)
            for (int metric = 0; metric < XP_N_METRICS; metric++)
                if (layer->design->metrics >> metric & 1)
                    add_rows(r, back, c, level, (xp_metric)metric, large, num, den);
        note_components(r, back, c);
        note_penalties(r, back, c);
        note_iterations(r, back, c, &capped);
        note_losses(r, back, c);
    }
    if (capped.length > 0)
        xp_result_add_lint(r, "iterations", "warning",
                           "components, over all folds, that stopped at scikit-learn's cap of %d iterations before "
                           "their weights had settled: %s; --pls exact has no cap",
                           XP_NIPALS_CAP, capped.data);
    ok = ok && !capped.failed;
    xp_text_free(&capped);
    xp_free_all(num, den, large);
    return ok;
}

/* Bits a concept: the system's code, the mean predictor's, and a bit per feature. */
static bool add_length(xp_result *r, xp_readback *back) {
    static const char *const conditions[] = {"system", "mean", "uniform"};
    const xp_design_layer *layer = back->layer;
    const xp_unit_output *output = xp_execution_output(back->execution, XP_UNIT_LENGTH, 0);
    if (output == NULL) return true;
    const size_t n = layer->study.n;
    double *one = xp_alloc(n, sizeof *one);
    for (size_t i = 0; one != NULL && i < n; i++) one[i] = 1;
    for (int code = 0; one != NULL && code < XP_N_CODES; code++) {
        const double *bits = output->value + (size_t)code * n;
        const bool system = code == XP_CODE_SYSTEM;
        if (!system && back->later) continue;
        explaint_row row;
        xp_record_clear(&explaint_row_kind, &row);
        row.norms = r->view.inputs[0].name;
        row.source = back->source;
        row.mapping = system ? layer->request->mapping.mapper->name : conditions[code];
        row.condition = conditions[code];
        row.target = "norms";
        row.metric = "description_length";
        row.layer = system ? layer->number : -1;
        if (system && xp_request_tells(layer->request, "n_components") && !layer->request->mapping.choose)
            row.n_components = (size_t)layer->request->verdict_level;
        row.n = n;
        row.value = 0;
        for (size_t i = 0; i < n; i++) row.value += bits[i];
        row.value /= (double)n;
        xp_bootstrap_ratio(&back->bootstrap, bits, one, row.ci);
        XP_RESULT_ADD(r, rows, n_rows, row);
    }
    xp_free(one);
    return one != NULL;
}

bool xp_result_add_rows(xp_result *r, xp_readback *back) { return add_all(r, back) && add_length(r, back); }

double xp_readback_value(const xp_readback *back, const char *name, const char *target, double level, xp_metric metric,
                         const uint8_t *only) {
    for (size_t c = 0; c < xp_n_conditions; c++) {
        const xp_condition_spec *spec = &xp_conditions[c];
        const xp_scores *scores = &back->scores[c];
        bool same_target =
            target == NULL ? spec->target == NULL : spec->target != NULL && strcmp(spec->target, target) == 0;
        if (scores->n == 0 || !same_target || strcmp(spec->name, name) != 0) continue;
        size_t which = 0;
        for (size_t k = 0; k < scores->n_levels && scores->n_levels > 1; k++)
            if (back->layer->request->levels[k] == level) which = k;
        double num = 0, den = 0, value;
        for (size_t i = 0; i < scores->n; i++) {
            if (only != NULL && !only[i]) continue;
            num += xp_score_at(scores, which, i)[metric].num;
            den += xp_score_at(scores, which, i)[metric].den;
        }
        return has_value(metric, num, den, &value) ? value : NAN;
    }
    return NAN;
}

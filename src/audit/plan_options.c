/* What a plan is asked for: options read, checked and copied, the mapping's levels among them. */
#include <string.h>

#include "audit/length.h"
#include "audit/network.h"
#include "audit/plan_steps.h"
#include "base/memory.h"
#include "formats/number.h"
#include "norms/norms.h"
#include "norms/vectors.h"

explaint_infer_options explaint_infer_defaults(void) {
    return (explaint_infer_options){.mapping = "plsr",
                                    .pls = "exact",
                                    .conditions = "all",
                                    .metrics = "all",
                                    .folds = 10,
                                    .seed = 1,
                                    .permutations = EXPLAINT_BY_DEFAULT,
                                    .refits = EXPLAINT_BY_DEFAULT,
                                    .within = "default",
                                    .bootstrap = 2000,
                                    .interval = "concepts",
                                    .adjust = "default",
                                    .margin = .02,
                                    .ffnn = {.preset = "default", .dropout = -1},
                                    .claim = "all"};
}

/* ---- options ---- */

static bool same_name(const char *a, size_t length, const char *b) {
    if (strlen(b) != length) return false;
    for (size_t i = 0; i < length; i++)
        if ((a[i] == '_' ? '-' : a[i]) != b[i]) return false;
    return true;
}

/* Calls use(name, length) for every name of a list with commas. */
static explaint_status each_name(struct explaint_plan *plan, const char *list,
                                 bool (*use)(struct explaint_plan *, const char *, size_t), const char *what,
                                 explaint_error *error) {
    for (const char *p = list;;) {
        size_t length = strcspn(p, ",");
        if (!use(plan, p, length))
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                           "unknown %s \"%.*s\": see explaint infer --help for the names", what, (int)length, p);
        if (p[length] == 0) return EXPLAINT_OK;
        p += length + 1;
    }
}

static bool use_metric(struct explaint_plan *plan, const char *name, size_t length) {
    xp_metric metric;
    if (same_name(name, length, "all")) {
        plan->metrics |= (1u << XP_N_METRICS) - 1;
        return true;
    }
    if (same_name(name, length, "description-length")) {
        plan->wants_length = true;
        return true;
    }
    if (!xp_metric_find(name, length, &metric)) return false;
    plan->metrics |= 1u << metric;
    return true;
}

static bool use_condition(struct explaint_plan *plan, const char *name, size_t length) {
    bool all = same_name(name, length, "all"), known = all;
    for (size_t c = 0; c < xp_n_conditions; c++) {
        if (!all && !same_name(name, length, xp_conditions[c].name)) continue;
        known = true;
        if (xp_conditions[c].beside == NULL) plan->runs_condition[c] = 1;
    }
    return known;
}

explaint_status xp_plan_read_names(struct explaint_plan *plan, explaint_error *error) {
    const char *metrics = plan->options.metrics;
    explaint_status status = metrics != NULL ? each_name(plan, metrics, use_metric, "metric", error) : EXPLAINT_OK;
    return status == EXPLAINT_OK ? each_name(plan, plan->options.conditions, use_condition, "condition", error)
                                 : status;
}

void xp_plan_keep_served(struct explaint_plan *plan) {
    for (size_t c = 0; c < xp_n_conditions; c++)
        if (!xp_condition_serves(&xp_conditions[c], plan->vectors != NULL)) plan->runs_condition[c] = 0;
}

/* The mean predictor of every target that runs, if means were asked for; the norms' own always has one then. */
void xp_plan_add_means(struct explaint_plan *plan, bool wanted) {
    for (size_t c = 0; c < xp_n_conditions; c++) {
        const char *beside = xp_conditions[c].beside;
        if (beside == NULL) continue;
        bool runs = strcmp(beside, "system") == 0;
        for (size_t o = 0; o < xp_n_conditions; o++)
            runs = runs || (plan->runs_condition[o] && strcmp(xp_conditions[o].name, beside) == 0);
        plan->runs_condition[c] = (wanted || xp_conditions[c].target == NULL) && runs;
    }
}

bool xp_plan_asks_for(const char *list, const char *name) {
    for (const char *p = list;; p += strcspn(p, ",") + 1) {
        size_t length = strcspn(p, ",");
        if (same_name(p, length, name) || same_name(p, length, "all")) return true;
        if (p[length] == 0) return false;
    }
}

static const char MAPPING_NAMES[] = EXPLAINT_MAPPINGS(EXPLAINT_WITH_SPACE);

enum { MOST_PENALTIES = 100 };

/* "1,10,100" -> penalties that ascend. */
static explaint_status read_penalties(const char *text, double *value, size_t *count, explaint_error *error) {
    *count = 0;
    for (const char *p = text;; p++) {
        const size_t length = strcspn(p, ",");
        double penalty = 0;
        if (xp_number_read((xp_view){p, length}, &penalty) != XP_NUMBER_OK || !(penalty > 0) || penalty > 1e300)
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                           "expected --alpha auto or penalties above 0 with commas, as in 10,100; found \"%.*s\"",
                           (int)(length < 40 ? length : 40), p);
        if (*count > 0 && penalty <= value[*count - 1])
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected penalties that ascend, found %g after %g", penalty,
                           value[*count - 1]);
        if (*count == MOST_PENALTIES)
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at most %d penalties, found more", MOST_PENALTIES);
        value[(*count)++] = penalty;
        p += length;
        if (*p == 0) return EXPLAINT_OK;
    }
}

static explaint_status check_alpha(const struct explaint_plan *plan, explaint_error *error) {
    double value[MOST_PENALTIES];
    size_t count;
    const char *alpha = plan->options.alpha;
    if (alpha == NULL) return EXPLAINT_OK;
    if (!xp_plan_tells(plan, "alpha"))
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "--alpha is the penalty of ridge; the mapping is %s",
                       plan->options.mapping);
    return strcmp(alpha, "auto") == 0 ? EXPLAINT_OK : read_penalties(alpha, value, &count, error);
}

/* A mapping cannot look at more neighbours than there are. */
explaint_status xp_plan_check_k(const struct explaint_plan *plan, explaint_error *error) {
    const xp_study *s = &plan->study;
    size_t least = s->n;
    for (size_t f = 0; f < s->n_folds; f++) {
        size_t train = 0;
        for (size_t i = 0; i < s->n; i++) train += s->fold[i] != f;
        if (train < least) least = train;
    }
    if (plan->options.k <= least) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                   "expected --k up to %zu, the training concepts of the smallest fold; found %zu", least,
                   plan->options.k);
}

explaint_status xp_plan_check_options(struct explaint_plan *plan, explaint_error *error) {
    const explaint_infer_options *o = &plan->options;
    plan->mapping.mapper = xp_mapper_find(o->mapping);
    if (plan->mapping.mapper == NULL)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a mapping,%s; found \"%s\"", MAPPING_NAMES,
                       o->mapping);
    if (strcmp(o->pls, "sklearn") != 0 && strcmp(o->pls, "exact") != 0)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected pls exact or sklearn, found \"%s\"", o->pls);
    plan->mapping.settings.nipals = strcmp(o->pls, "sklearn") == 0;
    explaint_status status = check_alpha(plan, error);
    if (status == EXPLAINT_OK) status = xp_network_settings(&o->ffnn, &plan->mapping.settings.ffnn, error);
    if (status != EXPLAINT_OK) return status;
    if (o->folds < 2) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at least 2 folds, found %zu", o->folds);
    if (o->bootstrap < 100)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at least 100 bootstrap resamples, found %zu",
                       o->bootstrap);
    if (o->permutations > 10000000 && o->permutations != EXPLAINT_BY_DEFAULT)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at most 10000000 permutations, found %zu",
                       o->permutations);
    if (o->refits > 10000 && o->refits != EXPLAINT_BY_DEFAULT)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at most 10000 refits, found %zu", o->refits);
    if (!(o->margin >= 0) || !(o->margin <= 1))
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a margin from 0 to 1, found %g", o->margin);
    if (o->choose_components && o->verdict_components > 0)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "expected no component count for the verdict where counts are chosen, found %zu",
                       o->verdict_components);
    for (size_t i = 0; i < o->n_components; i++) {
        if (o->components[i] < 1 || o->components[i] > 10000)
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected component counts from 1 to 10000, found %zu",
                           o->components[i]);
        if (i > 0 && o->components[i] <= o->components[i - 1])
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected component counts that ascend, found %zu after %zu",
                           o->components[i], o->components[i - 1]);
    }
    const char *const within[] = {"default", "all", "category", "cluster"};
    bool known = false;
    for (size_t i = 0; i < 4; i++) known = known || strcmp(o->within, within[i]) == 0;
    if (!known)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected --within all, category or cluster, found \"%s\"",
                       o->within);
    plan->by_category = strcmp(o->interval, "categories") == 0;
    if (!plan->by_category && strcmp(o->interval, "concepts") != 0)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected intervals over concepts or categories, found \"%s\"",
                       o->interval);
    plan->claims_information = strcmp(o->claim, "mapping") != 0;
    plan->claims_mapping = strcmp(o->claim, "information") != 0;
    if (strcmp(o->claim, "all") != 0 && plan->claims_information && plan->claims_mapping)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected the claim information or mapping, found \"%s\"",
                       o->claim);
    return EXPLAINT_OK;
}

/* The option's text, copied. */
static bool own(struct explaint_plan *plan, const char **text) {
    if (*text == NULL) return true;
    if (!xp_strings_add(&plan->texts, *text, strlen(*text))) return false;
    *text = plan->texts.item[plan->texts.count - 1];
    return true;
}

bool xp_plan_copy_options(struct explaint_plan *plan, const explaint_infer_options *from) {
    explaint_infer_options *o = &plan->options;
    *o = *from;
    o->components = NULL;
    o->command = NULL;
    bool ok = own(plan, &o->mapping) && own(plan, &o->pls) && own(plan, &o->alpha) && own(plan, &o->conditions) &&
              own(plan, &o->metrics) && own(plan, &o->folds_file) && own(plan, &o->categories_file) &&
              own(plan, &o->covariates_file) && own(plan, &o->within) && own(plan, &o->claim) &&
              own(plan, &o->ffnn.preset) && own(plan, &o->interval) && own(plan, &o->adjust);
    size_t given[XP_MOST_CHOSEN] = {plan->norms->components}, n_given = 1;
    for (size_t i = 0; from->choose_components && i < XP_MOST_CHOSEN; i++) given[i] = (n_given = i + 1);
    const size_t *counts = from->n_components > 0 ? from->components : given;
    size_t n_counts = from->n_components > 0 ? from->n_components : n_given;
    plan->components = xp_alloc(n_counts, sizeof *plan->components);
    if (plan->components == NULL) return false;
    memcpy(plan->components, counts, n_counts * sizeof *counts);
    o->components = plan->components;
    o->n_components = n_counts;
    for (size_t i = 0; from->command != NULL && from->command[i] != NULL; i++)
        ok = ok && xp_strings_add(&plan->command, from->command[i], strlen(from->command[i]));
    return ok;
}

/* ---- levels ---- */

static bool set_levels(struct explaint_plan *plan, const double *value, size_t count, bool choose) {
    plan->levels = xp_alloc(count, sizeof *plan->levels);
    if (plan->levels == NULL) return false;
    memcpy(plan->levels, value, count * sizeof *value);
    plan->mapping.levels = (xp_levels){plan->levels, count};
    plan->mapping.choose = choose;
    return true;
}

static bool set_components(struct explaint_plan *plan) {
    const explaint_infer_options *o = &plan->options;
    double *value = xp_alloc(o->n_components, sizeof *value);
    for (size_t i = 0; value != NULL && i < o->n_components; i++) value[i] = (double)o->components[i];
    bool ok = value != NULL && set_levels(plan, value, o->n_components, o->choose_components);
    xp_free(value);
    plan->verdict_level = (double)o->verdict_components;
    for (size_t i = 0; i < o->n_components && plan->verdict_level == 0 && !o->choose_components; i++)
        if (o->components[i] == plan->norms->components) plan->verdict_level = (double)o->components[i];
    return ok;
}

static bool set_penalties(struct explaint_plan *plan) {
    const char *alpha = plan->options.alpha;
    double value[MOST_PENALTIES];
    size_t count;
    if (alpha == NULL || strcmp(alpha, "auto") == 0)
        return set_levels(plan, xp_penalties.value, xp_penalties.count, true);
    return read_penalties(alpha, value, &count, NULL) == EXPLAINT_OK && set_levels(plan, value, count, false);
}

/* The levels that the options ask for, and the one that the verdict is about. */
bool xp_plan_list_levels(struct explaint_plan *plan) {
    const double k = (double)plan->options.k, graph_k = k > 0 ? k : XP_GRAPH_K;
    bool ok = true;
    plan->test_k = k > 0 ? k : XP_TEST_K;
    switch (plan->mapping.mapper->levels_from) {
    case XP_LEVELS_NONE: break;
    case XP_LEVELS_COMPONENTS: ok = set_components(plan); break;
    case XP_LEVELS_ALPHA: ok = set_penalties(plan); break;
    case XP_LEVELS_GRAPH_K: ok = set_levels(plan, &graph_k, 1, false); break;
    case XP_LEVELS_K:
        ok = k > 0 ? set_levels(plan, &k, 1, false) : set_levels(plan, xp_k_choices.value, xp_k_choices.count, true);
        break;
    }
    if (!ok) return false;
    if (plan->verdict_level == 0 && plan->mapping.levels.count > 0)
        plan->verdict_level = plan->levels[plan->mapping.levels.count - 1];
    plan->verdict = plan->mapping;
    if (!plan->mapping.choose && plan->mapping.levels.count > 0)
        plan->verdict.levels = (xp_levels){&plan->verdict_level, 1};
    plan->test_mapping = plan->verdict;
    if (plan->mapping.mapper->levels_from == XP_LEVELS_K) {
        plan->test_mapping.levels = (xp_levels){&plan->test_k, 1};
        plan->test_mapping.choose = false;
    }
    return true;
}

explaint_status xp_plan_read_adjust(const explaint_infer_options *o, xp_adjust *adjust, explaint_error *error) {
    static const char *const names[] = {"none", "max-t", "bh", "default"};
    size_t i = 0;
    while (i < 4 && strcmp(o->adjust, names[i]) != 0) i++;
    *adjust = i < 3 ? (xp_adjust)i : XP_ADJUST_MAX_T;
    if (i < 4) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected adjust max-t, bh or none, found \"%s\"", o->adjust);
}

/* How many permutations and refits, where it is left to us. */
void xp_plan_count_draws(struct explaint_plan *plan) {
    explaint_infer_options *o = &plan->options;
    if (plan->vectors == NULL) o->permutations = o->refits = 0; /* tests are of vectors */
    if (o->permutations == EXPLAINT_BY_DEFAULT)
        o->permutations = plan->distinct.n < XP_MANY ? XP_PERMUTATIONS : XP_PERMUTATIONS_OF_MANY;
    if (o->refits == EXPLAINT_BY_DEFAULT) o->refits = xp_plan_saves_fits(plan) ? 0 : XP_REFITS;
}

explaint_status xp_plan_check_covariates(const struct explaint_plan *plan, explaint_error *error) {
    const size_t taken = plan->distinct.n_covariates + (plan->distinct.dense ? 1 : 3), n = plan->distinct.n;
    if (plan->distinct.n_covariates == 0 || taken + XP_LEAST_LEFT <= n) return EXPLAINT_OK;
    return xp_fail(
        error, EXPLAINT_INVALID, plan->options.covariates_file, 0,
        "%zu covariates of %zu concepts with distinct vectors leave next to nothing of the norms to be tested: "
        "give fewer columns, or norms of more concepts",
        plan->distinct.n_covariates, n);
}

explaint_status xp_plan_check_length(const struct explaint_plan *plan, explaint_error *error) {
    if (plan->wants_length && plan->vectors == NULL)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "description_length is of a code that learns from vectors, and there are none");
    if (plan->wants_length && plan->study.dense)
        return xp_fail(error, EXPLAINT_INVALID, plan->norms->path, 0,
                       "description_length is of a code for which features a concept has, and at least half of the "
                       "cells of these norms are not 0: it needs sparse norms");
    if (plan->wants_length && plan->study.n < XP_LENGTH_LEAST)
        return xp_fail(error, EXPLAINT_INVALID, plan->norms->path, 0,
                       "description_length needs at least %d concepts with a vector, found %zu", XP_LENGTH_LEAST,
                       plan->study.n);
    return EXPLAINT_OK;
}

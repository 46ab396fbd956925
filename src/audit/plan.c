/* From norms, vectors and options to a list of units. */
#include "audit/plan.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/length.h"
#include "audit/network.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/rng.h"
#include "explaint/version.h"
#include "formats/number.h"
#include "norms/norms.h"
#include "norms/vectors.h"
#include "probe/cluster.h"
#include "tensor/blas.h"

explaint_infer_options explaint_infer_defaults(void) {
    return (explaint_infer_options){.mapping = "plsr",
                                    .pls = "exact",
                                    .conditions = "all",
                                    .metrics = "all",
                                    .folds = 10,
                                    .seed = 1,
                                    .permutations = 999,
                                    .within = "default",
                                    .bootstrap = 2000,
                                    .interval = "concepts",
                                    .adjust = "default",
                                    .margin = .01,
                                    .ffnn = {.preset = "default", .dropout = -1},
                                    .claim = "all"};
}

const xp_unit *xp_plan_unit(const struct explaint_plan *plan, xp_unit_kind kind, size_t index) {
    for (size_t i = 0; i < plan->n_units; i++)
        if (plan->units[i].kind == kind && plan->units[i].index == index) return &plan->units[i];
    return NULL;
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

/* The mean predictor of every target that runs, if means were asked for; the norms' own always has one then. */
static void add_means(struct explaint_plan *plan, bool wanted) {
    for (size_t c = 0; c < xp_n_conditions; c++) {
        const char *beside = xp_conditions[c].beside;
        if (beside == NULL) continue;
        bool runs = strcmp(beside, "system") == 0;
        for (size_t o = 0; o < xp_n_conditions; o++)
            runs = runs || (plan->runs_condition[o] && strcmp(xp_conditions[o].name, beside) == 0);
        plan->runs_condition[c] = (wanted || xp_conditions[c].target == NULL) && runs;
    }
}

static bool asked_for(const char *list, const char *name) {
    for (const char *p = list;; p += strcspn(p, ",") + 1) {
        size_t length = strcspn(p, ",");
        if (same_name(p, length, name) || same_name(p, length, "all")) return true;
        if (p[length] == 0) return false;
    }
}

#define NAME(name) " " #name
static const char MAPPING_NAMES[] = EXPLAINT_MAPPINGS(NAME);
#undef NAME

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
static explaint_status check_k(const struct explaint_plan *plan, explaint_error *error) {
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

static explaint_status check_options(struct explaint_plan *plan, explaint_error *error) {
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
    if (o->permutations > 10000000)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at most 10000000 permutations, found %zu",
                       o->permutations);
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

static bool copy_options(struct explaint_plan *plan, const explaint_infer_options *from) {
    explaint_infer_options *o = &plan->options;
    *o = *from;
    o->components = NULL;
    o->command = NULL;
    bool ok = own(plan, &o->mapping) && own(plan, &o->pls) && own(plan, &o->alpha) && own(plan, &o->conditions) &&
              own(plan, &o->metrics) && own(plan, &o->folds_file) && own(plan, &o->categories_file) &&
              own(plan, &o->within) && own(plan, &o->claim) && own(plan, &o->ffnn.preset) && own(plan, &o->interval) &&
              own(plan, &o->adjust);
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
static bool list_levels(struct explaint_plan *plan) {
    const double k = (double)plan->options.k, graph_k = k > 0 ? k : XP_GRAPH_K;
    bool ok = true;
    plan->test_k = k > 0 ? k : XP_TEST_K;
    if (xp_plan_tells(plan, "n_components"))
        ok = set_components(plan);
    else if (xp_plan_tells(plan, "alpha"))
        ok = set_penalties(plan);
    else if (plan->mapping.mapper == &xp_labelprop_mapper)
        ok = set_levels(plan, &graph_k, 1, false);
    else if (plan->mapping.mapper == &xp_knn_mapper)
        ok = k > 0 ? set_levels(plan, &k, 1, false) : set_levels(plan, xp_k_choices.value, xp_k_choices.count, true);
    if (!ok) return false;
    if (plan->verdict_level == 0 && plan->mapping.levels.count > 0)
        plan->verdict_level = plan->levels[plan->mapping.levels.count - 1];
    plan->verdict = plan->mapping;
    if (!plan->mapping.choose && plan->mapping.levels.count > 0)
        plan->verdict.levels = (xp_levels){&plan->verdict_level, 1};
    plan->test_mapping = plan->verdict;
    if (plan->mapping.mapper == &xp_knn_mapper) {
        plan->test_mapping.levels = (xp_levels){&plan->test_k, 1};
        plan->test_mapping.choose = false;
    }
    return true;
}

/* ---- trials ---- */

static bool runs_trial(const struct explaint_plan *plan, xp_trial_id id) {
    const char *within = plan->options.within;
    if (strcmp(within, "all") == 0) return id == XP_E1;
    if (strcmp(within, "category") == 0) return id == XP_E2 || id == XP_E4;
    if (strcmp(within, "cluster") == 0) return id == XP_E3 || id == XP_HELD_OUT;
    return true;
}

static size_t at_least_two(size_t value) { return value < 2 ? 2 : value; }

/* Cells of E3: clusters of the embedding x clusters of the norms, each by itself. */
static bool product_cells(const xp_study *s, int *cell) {
    size_t clusters = at_least_two(s->n / XP_GROUP);
    uint32_t *everyone = xp_alloc(s->n, sizeof *everyone);
    int *by_norms = xp_alloc(s->n, sizeof *by_norms);
    bool ok = everyone != NULL && by_norms != NULL;
    for (uint32_t i = 0; ok && i < s->n; i++) everyone[i] = i;
    xp_target target = xp_gold_target(&s->gold, NULL);
    ok = ok && xp_cluster_embedding(s->x, s->n, s->d, clusters, cell) &&
         xp_cluster_norms(&target, everyone, s->n, s->dense, clusters, by_norms);
    for (size_t i = 0; ok && i < s->n; i++) cell[i] = cell[i] * (int)clusters + by_norms[i];
    xp_free(everyone);
    xp_free(by_norms);
    return ok;
}

static bool held_out_clusters(const xp_study *s, size_t k, uint32_t *fold, size_t *n_folds) {
    size_t clusters = at_least_two(s->n / XP_HELD_OUT_GROUP);
    uint32_t *everyone = xp_alloc(s->n, sizeof *everyone);
    int *label = xp_alloc(s->n, sizeof *label);
    bool ok = everyone != NULL && label != NULL;
    for (uint32_t i = 0; ok && i < s->n; i++) everyone[i] = i;
    xp_target target = xp_gold_target(&s->gold, NULL);
    ok = ok && xp_cluster_norms(&target, everyone, s->n, s->dense, clusters, label);
    if (ok) ok = (*n_folds = xp_category_folds(label, s->n, clusters, k, fold)) > 0;
    xp_free(everyone);
    xp_free(label);
    return ok;
}

static bool make_trial(struct explaint_plan *plan, xp_trial_id id, const int *label, const uint32_t *fold,
                       size_t n_folds) {
    static const char *const names[XP_N_TRIALS] = {"E1", "E2", "E3", "E4", "held-out"};
    size_t place = 0;
    while (plan->options.every_count && plan->levels[place] != plan->verdict_level) place++;
    xp_trial_settings settings = {.system = plan->options.every_count ? plan->mapping : plan->test_mapping,
                                  .verdict = place,
                                  .k = (size_t)plan->test_k,
                                  .metric = plan->metric,
                                  .seed = plan->options.seed};
    plan->has_trial[id] = xp_trial_create(&plan->trial[id], names[id], XP_RNG_PERMUTE + (unsigned)id, &plan->distinct,
                                          &settings, id == XP_E1, label, fold, n_folds);
    return plan->has_trial[id];
}

static bool make_trials(struct explaint_plan *plan) {
    const xp_study *s = &plan->distinct;
    const size_t n = s->n;
    int *label = xp_alloc(n, sizeof *label), *cell = xp_alloc(n, sizeof *cell);
    uint32_t *fold = xp_alloc(n, sizeof *fold);
    bool ok = label != NULL && cell != NULL && fold != NULL;
    if (ok && runs_trial(plan, XP_E1)) {
        for (size_t i = 0; i < n; i++) label[i] = 0;
        ok = make_trial(plan, XP_E1, label, s->fold, s->n_folds);
    }
    size_t categories = ok ? xp_categories_of_size(s->label, n, s->n_labels, XP_LEAST_CATEGORY, label) : 0;
    if (ok && categories > 0 && runs_trial(plan, XP_E2)) ok = make_trial(plan, XP_E2, label, s->fold, s->n_folds);
    if (ok && runs_trial(plan, XP_E3))
        ok = product_cells(s, cell) && make_trial(plan, XP_E3, cell, s->fold, s->n_folds);
    bool usable = categories > 0 && xp_categories_of_size(s->label, n, s->n_labels, 1, cell) >= XP_LEAST_CATEGORIES;
    if (ok && usable && runs_trial(plan, XP_E4)) { /* small categories are held out whole, too, but do not move */
        size_t folds = xp_category_folds(s->label, n, s->n_labels, s->n_folds, fold);
        ok = folds > 0 && make_trial(plan, XP_E4, label, fold, folds);
    } else if (ok && !usable && runs_trial(plan, XP_HELD_OUT)) {
        size_t folds = 0;
        ok = product_cells(s, cell) && held_out_clusters(s, s->n_folds, fold, &folds) &&
             make_trial(plan, XP_HELD_OUT, cell, fold, folds);
    }
    xp_free(label);
    xp_free(cell);
    xp_free(fold);
    return ok;
}

/* ---- units ---- */

/* Keys are unique in a ledger: a layer's begin with it. */
static bool add_unit(struct explaint_plan *plan, xp_unit unit) {
    if (plan->layer >= 0) {
        char key[sizeof unit.key];
        memcpy(key, unit.key, sizeof key);
        snprintf(unit.key, sizeof unit.key, "layer-%d/%.60s", plan->layer, key);
    }
    if (plan->n_units == plan->unit_capacity) {
        size_t capacity = plan->unit_capacity > 0 ? 2 * plan->unit_capacity : 64;
        xp_unit *grown = xp_realloc(plan->units, capacity, sizeof *grown);
        if (grown == NULL) return false;
        plan->units = grown;
        plan->unit_capacity = capacity;
    }
    plan->units[plan->n_units++] = unit;
    return true;
}

/* Products with M that a component takes: a kept Krylov basis, or NIPALS on norms (40 to 90 were seen). */
static double products(const struct explaint_plan *plan) { return plan->mapping.settings.nipals ? 80 : 10; }

static double most_components(const struct explaint_plan *plan) {
    return xp_plan_tells(plan, "n_components") ? plan->levels[plan->mapping.levels.count - 1] : 1;
}

/* Floating-point operations of one fit over all folds, roughly: what progress and estimates are made of. */
static double fit_work(const struct explaint_plan *plan, double components) {
    const xp_study *s = &plan->study;
    if (plan->mapping.mapper == &xp_ffnn_mapper) return xp_network_work(plan, (double)s->d);
    double n = (double)s->n, r = (double)(s->d < s->n ? s->d : s->n), pairs = (double)s->gold.y.start[s->n];
    double rows = (double)s->m < pairs / 3 ? (double)s->m : pairs / 3;
    double scoring = 2 * pairs * n / 10 + n * (double)s->m / 5;
    double one = 2 * pairs * r + r * r * rows + components * (4 * products(plan) * r * r + 4e4) + scoring;
    if (!xp_plan_tells(plan, "n_components")) one = scoring;  /* what goes in is prepared once */
    if (xp_plan_tells(plan, "alpha") && plan->mapping.choose) /* weights of each penalty on each inner fold */
        one += (double)plan->mapping.levels.count * .3 * n * n * r;
    if (plan->mapping.choose) /* the inner folds: a fit each, and every level scored */
        one += XP_INNER_FOLDS * one + (double)plan->mapping.levels.count * 20 * scoring;
    return (double)s->n_folds * one;
}

/* The same where the norms predict themselves. */
static double upper_work(const struct explaint_plan *plan) {
    const xp_study *s = &plan->study;
    if (plan->mapping.mapper == &xp_ffnn_mapper) return xp_network_work(plan, (double)s->m);
    double n = (double)s->n, most = most_components(plan), pairs = (double)s->gold.y.start[s->n];
    double one = plan->mapping.settings.nipals
                     ? most * products(plan) * (40 * pairs + 16 * most * n) /* bound by memory */
                     : 4 * n * n * n;
    return 10 * one * (plan->mapping.choose ? 1 + XP_INNER_FOLDS : 1);
}

static bool list_units(struct explaint_plan *plan) {
    const double n = (double)plan->study.n, m = (double)plan->study.m;
    const double fit = fit_work(plan, most_components(plan)), test_fit = fit_work(plan, plan->verdict_level);
    bool ok = add_unit(plan, (xp_unit){.kind = XP_UNIT_CONCEPTS, .work = 1, .key = "concepts"});
    for (size_t c = 0; ok && c < xp_n_conditions; c++) {
        const xp_condition_spec *spec = &xp_conditions[c];
        if (!plan->runs_condition[c] || (plan->shares != NULL && !xp_condition_sees_vectors(spec))) continue;
        xp_unit unit = {.kind = XP_UNIT_CONDITION, .index = c};
        unit.work = fit + (double)xp_n_levels(&plan->mapping) * (n * m * 40 + n * n * m);
        if (spec->input == XP_IN_NORMS) unit.work += upper_work(plan);
        snprintf(unit.key, sizeof unit.key, "condition/%s/%s", spec->name,
                 spec->target != NULL ? spec->target : "in-category");
        ok = add_unit(plan, unit);
    }
    if (ok && plan->wants_length)
        ok = add_unit(plan,
                      (xp_unit){.kind = XP_UNIT_LENGTH, .work = test_fit + n * m * 200, .key = "description-length"});
    if (plan->options.permutations == 0) return ok;
    if (ok && plan->claims_mapping)
        ok = add_unit(plan, (xp_unit){.kind = XP_UNIT_RIVALS, .work = 4 * test_fit + 10 * n * n * m, .key = "rivals"});
    if (ok && plan->lint_shuffle)
        ok = add_unit(plan, (xp_unit){.kind = XP_UNIT_LINT, .work = XP_LINT_DRAWS * test_fit, .key = "lint/shuffle"});
    for (size_t t = 0; ok && t < XP_N_TRIALS; t++) {
        if (!plan->has_trial[t]) continue;
        xp_unit unit = {.kind = XP_UNIT_OBSERVED, .index = t, .work = test_fit};
        snprintf(unit.key, sizeof unit.key, "test/%s/observed", plan->trial[t].id);
        ok = add_unit(plan, unit);
        for (size_t first = 1; ok && first <= plan->options.permutations; first += XP_BLOCK) {
            size_t left = plan->options.permutations - first + 1;
            unit = (xp_unit){.kind = XP_UNIT_PERMUTATIONS, .index = t, .first = (uint32_t)first};
            unit.count = (uint32_t)(left < XP_BLOCK ? left : XP_BLOCK);
            unit.work = test_fit * unit.count;
            snprintf(unit.key, sizeof unit.key, "test/%s/%u", plan->trial[t].id, unit.first);
            ok = add_unit(plan, unit);
        }
    }
    return ok;
}

/* ---- identity ---- */

static void add_input(xp_json *json, const char *role, const char *name, const char *path, const char *sha256) {
    xp_json_open(json, NULL, '{', XP_JSON_LINE);
    xp_json_string(json, "role", role);
    xp_json_string(json, "name", name);
    xp_json_string(json, "path", path);
    xp_json_string(json, "sha256", sha256);
    xp_json_close(json);
}

static bool set(struct explaint_plan *plan, const char *key, const char *format, ...) XP_PRINTF(3, 4);
static bool set(struct explaint_plan *plan, const char *key, const char *format, ...) {
    char json[256];
    va_list list;
    va_start(list, format);
    vsnprintf(json, sizeof json, format, list);
    va_end(list);
    return xp_strings_add(&plan->setting_keys, key, strlen(key)) &&
           xp_strings_add(&plan->setting_values, json, strlen(json));
}

static bool set_text(struct explaint_plan *plan, const char *key, const char *value) {
    xp_text json = {0};
    xp_json_quote(&json, value, strlen(value));
    bool ok = !json.failed && xp_strings_add(&plan->setting_keys, key, strlen(key)) &&
              xp_strings_add(&plan->setting_values, json.data, json.length);
    xp_text_free(&json);
    return ok;
}

static bool set_list(struct explaint_plan *plan, const char *key, const size_t *item, size_t count) {
    xp_text json = {0};
    xp_text_adds(&json, "[");
    for (size_t i = 0; i < count; i++) xp_text_addf(&json, "%s%zu", i > 0 ? ", " : "", item[i]);
    xp_text_adds(&json, "]");
    bool ok = !json.failed && xp_strings_add(&plan->setting_keys, key, strlen(key)) &&
              xp_strings_add(&plan->setting_values, json.data, json.length);
    xp_text_free(&json);
    return ok;
}

static bool set_numbers(struct explaint_plan *plan, const char *key, const xp_levels *levels) {
    xp_text json = {0};
    char number[32];
    for (size_t i = 0; i < levels->count; i++) {
        xp_shortest_double(levels->value[i], number);
        xp_text_addf(&json, "%s%s", i > 0 ? ", " : "[", number);
    }
    xp_text_adds(&json, "]");
    bool ok = !json.failed && xp_strings_add(&plan->setting_keys, key, strlen(key)) &&
              xp_strings_add(&plan->setting_values, json.data, json.length);
    xp_text_free(&json);
    return ok;
}

static bool list_penalties(struct explaint_plan *plan) {
    char number[32];
    if (plan->mapping.choose)
        return set_text(plan, "alpha", "auto") && set_numbers(plan, "candidates", &plan->mapping.levels) &&
               set(plan, "inner_folds", "%d", XP_INNER_FOLDS);
    xp_shortest_double(plan->verdict_level, number);
    return set_numbers(plan, "alpha", &plan->mapping.levels) && set(plan, "verdict_alpha", "%s", number);
}

/* The levels of the mapping, and what else of it decides a result. */
static bool list_mapping(struct explaint_plan *plan) {
    const explaint_infer_options *o = &plan->options;
    const xp_mapper *mapper = plan->mapping.mapper;
    if (!xp_plan_tells(plan, "n_components"))
        return set_list(plan, "n_components", NULL, 0) && (!xp_plan_tells(plan, "alpha") || list_penalties(plan)) &&
               (mapper != &xp_labelprop_mapper || set(plan, "graph_k", "%.0f", plan->verdict_level)) &&
               (mapper != &xp_ffnn_mapper || xp_network_list(plan)) &&
               (mapper->fixed == NULL || set(plan, mapper->name, "%s", mapper->fixed));
    if (!set_text(plan, "pls", plan->options.pls)) return false;
    if (!plan->mapping.choose)
        return set_list(plan, "n_components", o->components, o->n_components) &&
               set(plan, "verdict_components", "%.0f", plan->verdict_level);
    return set_text(plan, "n_components", "auto") && set_list(plan, "candidates", o->components, o->n_components) &&
           set(plan, "inner_folds", "%d", XP_INNER_FOLDS);
}

/* Only where they mean something. */
static bool list_norms_settings(struct explaint_plan *plan) {
    static const char *const pair_value[] = {"last", "sum", "max"};
    const explaint_norms *n = plan->norms;
    return (strcmp(n->kind, "buchanan") != 0 || set_text(plan, "pair_value", pair_value[n->pair_value])) &&
           (n->concepts_sha256[0] == 0 || set_text(plan, "concepts_sha256", n->concepts_sha256)) &&
           (n->features_sha256[0] == 0 || set_text(plan, "features_sha256", n->features_sha256));
}

/* How a model made the vectors; empty for those of a file. */
static bool list_vectors_settings(struct explaint_plan *plan) {
    const xp_strings *made = &plan->vectors->settings;
    for (size_t i = 0; i + 1 < made->count; i += 2)
        if (!xp_strings_add(&plan->setting_keys, made->item[i], strlen(made->item[i])) ||
            !xp_strings_add(&plan->setting_values, made->item[i + 1], strlen(made->item[i + 1])))
            return false;
    return true;
}

static const char *const adjust_names[] = {"none", "max-t", "bh"};

static bool set_blocks(struct explaint_plan *plan) {
    char list[128] = "";
    for (size_t b = 0, at = 0; b < XP_LENGTH_BLOCKS; b++)
        at += (size_t)snprintf(list + at, sizeof list - at, "%s%g", b > 0 ? ", " : "", xp_length_share(b));
    return set(plan, "description_length_blocks", "[%s]", list);
}

static bool list_settings(struct explaint_plan *plan) {
    static const char *const na[] = {"zero", "drop-features", "mask"};
    const explaint_infer_options *o = &plan->options;
    char margin[32];
    xp_shortest_double(o->margin, margin);
    return set_text(plan, "mapping", o->mapping) && list_mapping(plan) && set_text(plan, "conditions", o->conditions) &&
           set_text(plan, "metrics", o->metrics) && set_text(plan, "verdict_metric", xp_metric_name(plan->metric)) &&
           set(plan, "folds", "%zu", plan->study.n_folds) && set(plan, "seed", "%llu", (unsigned long long)o->seed) &&
           set(plan, "permutations", "%zu", o->permutations) && set_text(plan, "within", o->within) &&
           set(plan, "bootstrap", "%zu", o->bootstrap) &&
           (o->k > 0 ? set(plan, "k", "%zu", o->k) : set_text(plan, "k", "auto")) &&
           set(plan, "test_k", "%.0f", plan->test_k) && set(plan, "margin", "%s", margin) &&
           set(plan, "group_size", "%d", XP_GROUP) && set_text(plan, "na", na[plan->norms->na]) &&
           set(plan, "binary", "%s", plan->norms->binary ? "true" : "false") && list_norms_settings(plan) &&
           set(plan, "group_identical", "%s", o->group_identical ? "true" : "false") &&
           set(plan, "by_fold", "%s", o->by_fold ? "true" : "false") && set_text(plan, "claim", o->claim) &&
           (!plan->wants_length || set_blocks(plan)) &&
           (!plan->by_category || set_text(plan, "interval", o->interval)) &&
           (!o->every_count || (set(plan, "every_count", "true") &&
                                (plan->layer >= 0 || set_text(plan, "adjust", adjust_names[plan->adjust])))) &&
           (!o->sequential || set(plan, "sequential", "{\"alpha\": %g, \"risk\": %g, \"half\": %g, \"step\": %d}",
                                  XP_ALPHA, XP_STOP_RISK, XP_STOP_HALF, XP_BLOCK)) &&
           (plan->vectors->sha256.words[0] == 0 || set_text(plan, "words", plan->vectors->sha256.words)) &&
           (plan->vectors->tensor == NULL || set_text(plan, "tensor", plan->vectors->tensor)) &&
           list_vectors_settings(plan);
}

static bool write_identity(struct explaint_plan *plan) {
    const explaint_infer_options *o = &plan->options;
    xp_json json = {0};
    xp_json_open(&json, NULL, '{', XP_JSON_LINE);
    xp_json_string(&json, "explaint", EXPLAINT_VERSION);
    xp_json_open(&json, "command", '[', XP_JSON_LINE);
    for (size_t i = 0; i < plan->command.count; i++) xp_json_string(&json, NULL, plan->command.item[i]);
    xp_json_close(&json);
    xp_json_open(&json, "inputs", '[', XP_JSON_LINE);
    const xp_study_notes *notes = &xp_plan_part(plan, 0)->notes;
    add_input(&json, "norms", plan->norms->name, plan->norms->path, plan->norms->sha256);
    for (size_t p = 0; p < xp_plan_n_parts(plan); p++) {
        const explaint_vectors *vectors = xp_plan_part(plan, p)->vectors;
        if (p == 0 || !xp_same_file(vectors, xp_plan_part(plan, p - 1)->vectors))
            add_input(&json, vectors->of_model ? "model" : "embeddings", vectors->name, vectors->path,
                      vectors->sha256.array);
    }
    if (o->folds_file != NULL) add_input(&json, "folds", o->folds_file, o->folds_file, notes->folds_sha256);
    if (o->categories_file != NULL)
        add_input(&json, "categories", o->categories_file, o->categories_file, notes->categories_sha256);
    xp_json_close(&json);
    xp_json_open(&json, "settings", '{', XP_JSON_LINE);
    for (size_t i = 0; i < plan->setting_keys.count; i++)
        xp_json_raw(&json, plan->setting_keys.item[i], plan->setting_values.item[i]);
    xp_json_close(&json);
    xp_json_close(&json);
    if (!xp_json_end(&json)) {
        xp_json_free(&json);
        return false;
    }
    plan->identity = json.text.data;
    return true;
}

/* ---- the plan ---- */

/* With --group-identical folds depend on the vectors. */
static bool same_folds(const xp_study *a, const xp_study *b) {
    return a->n == b->n && a->n_folds == b->n_folds &&
           memcmp(a->concept_of, b->concept_of, a->n * sizeof *a->concept_of) == 0 &&
           memcmp(a->fold, b->fold, a->n * sizeof *a->fold) == 0;
}

static explaint_status read_adjust(const explaint_infer_options *o, xp_adjust *adjust, explaint_error *error) {
    static const char *const names[] = {"none", "max-t", "bh", "default"};
    size_t i = 0;
    while (i < 4 && strcmp(o->adjust, names[i]) != 0) i++;
    *adjust = i < 3 ? (xp_adjust)i : XP_ADJUST_MAX_T;
    if (i < 4) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected adjust max-t, bh or none, found \"%s\"", o->adjust);
}

static explaint_status check_every_count(const struct explaint_plan *plan, explaint_error *error) {
    if (!plan->options.every_count) return EXPLAINT_OK;
    if (!xp_plan_tells(plan, "n_components") || plan->mapping.choose || plan->mapping.levels.count < 2)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "testing every component count needs several of plsr: give a list, as in 10,25,50");
    if (plan->options.sequential)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "sequential stopping and testing every component count exclude each other: their p is "
                       "adjusted by max-T, which needs every permutation");
    for (size_t i = 0; i < plan->mapping.levels.count; i++)
        if (plan->levels[i] == plan->verdict_level) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                   "expected the verdict's component count, %g, among the counts that are tested", plan->verdict_level);
}

static explaint_status check_length(const struct explaint_plan *plan, explaint_error *error) {
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

static explaint_status make_plan(struct explaint_plan *plan, explaint_error *error) {
    explaint_status status = check_options(plan, error);
    if (status != EXPLAINT_OK) return status;
    plan->runs_condition = xp_calloc(xp_n_conditions, 1);
    if (plan->runs_condition == NULL) return xp_no_memory(error, "the plan");
    status = each_name(plan, plan->options.metrics, use_metric, "metric", error);
    if (status == EXPLAINT_OK) status = each_name(plan, plan->options.conditions, use_condition, "condition", error);
    if (status == EXPLAINT_OK)
        status = xp_study_create(&plan->study, &plan->notes, plan->norms, plan->vectors, &plan->options, error);
    if (status == EXPLAINT_OK) status = check_k(plan, error);
    if (status != EXPLAINT_OK) return status;
    for (size_t c = 0; c < xp_n_conditions; c++) {
        const char *why, *name = xp_conditions[c].name;
        if (!plan->runs_condition[c] || xp_condition_possible(&plan->study, &xp_conditions[c], &why)) continue;
        plan->runs_condition[c] = 0;
        bool said = c > 0 && strcmp(name, xp_conditions[c - 1].name) == 0;
        if (xp_conditions[c].target != NULL && !said &&
            !xp_strings_addf(&plan->notes.notes, "condition %s does not run: %s", name, why))
            return xp_no_memory(error, "the plan");
    }
    add_means(plan, asked_for(plan->options.conditions, "mean"));
    plan->metric = plan->study.dense ? XP_SPEARMAN : XP_F1_AT_10;
    plan->metrics |= 1u << plan->metric;
    status = check_length(plan, error);
    if (status != EXPLAINT_OK) return status;
    if (!list_levels(plan)) return xp_no_memory(error, "the plan");
    status = check_every_count(plan, error);
    if (status == EXPLAINT_OK) status = read_adjust(&plan->options, &plan->adjust, error);
    if (status != EXPLAINT_OK) return status;
    if (!xp_study_distinct(&plan->study, &plan->distinct)) return xp_no_memory(error, "the study");
    plan->lint_shuffle = asked_for(plan->options.conditions, "shuffle");
    if (plan->by_category && plan->study.n_categories == 0)
        return xp_fail(error, EXPLAINT_INVALID, plan->norms->path, 0,
                       "intervals over categories need concepts with a category, and none has one: give a file of "
                       "categories, or intervals over concepts");
    if (plan->options.permutations > 0 && !make_trials(plan)) return xp_no_memory(error, "the tests");
    if (plan->options.permutations > 0 && plan->options.sequential &&
        !xp_sequential_bounds_create(&plan->bounds, XP_ALPHA, XP_STOP_RISK, XP_STOP_HALF, XP_BLOCK,
                                     plan->options.permutations))
        return xp_no_memory(error, "the tests");
    if (plan->shares != NULL && !same_folds(&plan->shares->study, &plan->study)) plan->shares = NULL;
    if (!list_units(plan) || !list_settings(plan) || !write_identity(plan)) return xp_no_memory(error, "the plan");
    plan->predictions = xp_calloc(xp_n_conditions, sizeof *plan->predictions);
    return plan->predictions != NULL ? EXPLAINT_OK : xp_no_memory(error, "the plan");
}

bool xp_same_file(const explaint_vectors *a, const explaint_vectors *b) {
    return strcmp(a->path, b->path) == 0 && strcmp(a->sha256.array, b->sha256.array) == 0;
}

static explaint_status plan_part(const explaint_norms *norms, const explaint_vectors *vectors, int layer,
                                 const struct explaint_plan *first, const explaint_infer_options *options,
                                 explaint_plan **plan, explaint_error *error) {
    struct explaint_plan *made = xp_calloc(1, sizeof *made);
    if (made == NULL) return xp_no_memory(error, "the plan");
    made->norms = norms;
    made->vectors = vectors;
    made->layer = layer;
    made->shares = first;
    explaint_status status = copy_options(made, options) ? make_plan(made, error) : xp_no_memory(error, "the plan");
    if (status == EXPLAINT_OK)
        *plan = made;
    else
        explaint_plan_close(made);
    return status;
}

explaint_status explaint_infer_plan(const explaint_norms *norms, const explaint_vectors *vectors,
                                    const explaint_infer_options *options, explaint_plan **plan,
                                    explaint_error *error) {
    *plan = NULL;
    xp_blas_single_thread();
    explaint_infer_options defaults = explaint_infer_defaults();
    if (options != NULL) {
        xp_adjust adjust;
        explaint_status status = read_adjust(options, &adjust, error);
        if (status != EXPLAINT_OK) return status;
        if (!options->every_count && strcmp(options->adjust, "default") != 0 && adjust != XP_ADJUST_NONE)
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                           "adjust \"%s\" needs several layers, or component counts that are all tested, whose "
                           "p-values it adjusts together: leave it out",
                           options->adjust);
    }
    return plan_part(norms, vectors, -1, NULL, options != NULL ? options : &defaults, plan, error);
}

/* ---- layer by layer ---- */

static explaint_status check_layers(const explaint_layer *layers, size_t n_layers,
                                    const explaint_infer_options *options, explaint_error *error) {
    if (n_layers == 0) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at least one layer, found none");
    for (size_t i = 0; i < n_layers; i++)
        if (layers[i].number < 0 || layers[i].number > 100000 || (i > 0 && layers[i].number <= layers[i - 1].number))
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected layers from 0 to 100000 that ascend, found %d",
                           layers[i].number);
    xp_adjust adjust;
    explaint_status known = read_adjust(options, &adjust, error);
    if (known != EXPLAINT_OK) return known;
    if (adjust == XP_ADJUST_MAX_T && options->sequential)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "sequential stopping and max-T exclude each other: max-T needs every permutation of every "
                       "layer; adjust over the layers by bh, or none");
    if (options->keep_predictions)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "predictions are kept for one layer at a time; run the layer alone");
    return EXPLAINT_OK;
}

/* The permutations of one layer are those of the other only if the same concepts are permuted. */
static explaint_status same_concepts(const struct explaint_plan *a, const struct explaint_plan *b,
                                     explaint_error *error) {
    if (a->study.n == b->study.n &&
        memcmp(a->study.concept_of, b->study.concept_of, a->study.n * sizeof *a->study.concept_of) == 0)
        return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, b->vectors->path, 0,
                   "expected vectors of the same concepts in every layer, found %zu concepts in layer %d and %zu in "
                   "layer %d, or others",
                   a->study.n, a->layer, b->study.n, b->layer);
}

/* What the parts have in common is said once, by the plan that holds them. */
static bool summarise_parts(struct explaint_plan *plan, const explaint_layer *layers) {
    const struct explaint_plan *first = plan->part[0];
    size_t *number = xp_alloc(plan->n_parts, sizeof *number);
    bool ok = number != NULL;
    for (size_t i = 0; ok && i < plan->n_parts; i++) number[i] = (size_t)layers[i].number;
    for (size_t i = 0; ok && i < first->setting_keys.count; i++) {
        const char *key = first->setting_keys.item[i], *value = first->setting_values.item[i];
        ok = xp_strings_add(&plan->setting_keys, key, strlen(key)) &&
             xp_strings_add(&plan->setting_values, value, strlen(value));
    }
    ok = ok && set_text(plan, "adjust", adjust_names[plan->adjust]) &&
         set_list(plan, "layers", number, plan->n_parts) && write_identity(plan);
    xp_free(number);
    return ok;
}

explaint_status explaint_infer_plan_layers(const explaint_norms *norms, const explaint_layer *layers, size_t n_layers,
                                           const explaint_infer_options *options, explaint_plan **plan,
                                           explaint_error *error) {
    *plan = NULL;
    xp_blas_single_thread();
    explaint_infer_options defaults = explaint_infer_defaults();
    if (options == NULL) options = &defaults;
    explaint_status status = check_layers(layers, n_layers, options, error);
    if (status != EXPLAINT_OK) return status;
    struct explaint_plan *made = xp_calloc(1, sizeof *made);
    if (made == NULL) return xp_no_memory(error, "the plan");
    made->norms = norms;
    made->vectors = layers[0].vectors;
    made->layer = -1;
    made->part = xp_calloc(n_layers, sizeof *made->part);
    read_adjust(options, &made->adjust, NULL);
    if (made->part == NULL || !copy_options(made, options)) status = xp_no_memory(error, "the plan");
    for (size_t i = 0; i < n_layers && status == EXPLAINT_OK; i++) {
        status = plan_part(norms, layers[i].vectors, layers[i].number, i > 0 ? made->part[0] : NULL, options,
                           &made->part[i], error);
        if (status != EXPLAINT_OK) break;
        made->n_parts++;
        status = same_concepts(made->part[0], made->part[i], error);
    }
    if (status == EXPLAINT_OK && !summarise_parts(made, layers)) status = xp_no_memory(error, "the plan");
    if (status == EXPLAINT_OK)
        *plan = made;
    else
        explaint_plan_close(made);
    return status;
}

void explaint_plan_close(explaint_plan *plan) {
    if (plan == NULL) return;
    for (size_t p = 0; p < plan->n_parts; p++) explaint_plan_close(plan->part[p]);
    xp_free(plan->part);
    xp_strings_free(&plan->texts);
    xp_free(plan->components);
    xp_free(plan->levels);
    xp_study_free(&plan->study);
    xp_study_free(&plan->distinct);
    xp_study_notes_free(&plan->notes);
    xp_sequential_bounds_free(&plan->bounds);
    xp_free(plan->runs_condition);
    for (size_t t = 0; t < XP_N_TRIALS; t++)
        if (plan->has_trial[t]) xp_trial_free(&plan->trial[t]);
    for (size_t i = 0; i < plan->n_units; i++) xp_free(plan->units[i].bytes);
    xp_free(plan->units);
    for (size_t c = 0; plan->predictions != NULL && c < xp_n_conditions; c++) xp_free(plan->predictions[c]);
    xp_free(plan->predictions);
    xp_free(plan->identity);
    xp_strings_free(&plan->command);
    xp_strings_free(&plan->setting_keys);
    xp_strings_free(&plan->setting_values);
    xp_free(plan);
}

const char *explaint_plan_identity(const explaint_plan *plan) { return plan->identity; }

size_t explaint_plan_n_units(const explaint_plan *plan) {
    size_t count = 0;
    for (size_t p = 0; p < xp_plan_n_parts(plan); p++) count += xp_plan_part(plan, p)->n_units;
    return count;
}

const char *explaint_plan_unit(const explaint_plan *plan, size_t i) {
    size_t p = 0;
    while (i >= xp_plan_part(plan, p)->n_units) i -= xp_plan_part(plan, p++)->n_units;
    return xp_plan_part(plan, p)->units[i].key;
}

double explaint_plan_memory(const explaint_plan *plan) {
    if (plan->n_parts > 0) { /* one part runs at a time; what all hold is small beside it */
        double studies = 0, largest = 0;
        for (size_t p = 0; p < plan->n_parts; p++) {
            const xp_study *s = &plan->part[p]->study;
            studies += 2 * (double)s->n * (double)s->d * 8;
            largest = fmax(largest, explaint_plan_memory(plan->part[p]));
        }
        return studies + largest;
    }
    const xp_study *s = &plan->study;
    double threads = xp_pool_threads(plan->options.threads), n = (double)s->n, m = (double)s->m, d = (double)s->d;
    double r = d < n ? d : n, most = most_components(plan), levels = (double)xp_n_levels(&plan->mapping);
    double scores = levels * n * (XP_N_METRICS * 16 + 40) * 24;
    double unit = 2 * n * m + (m + n) * r + n * n * 3 + 2 * n * d + most * n * (double)s->n_folds; /* doubles */
    if (plan->mapping.choose) unit += n * m / 5 + (m + n) * r + 2 * n * n + 2 * n * d; /* an inner fit beside it */
    if (plan->mapping.mapper == &xp_ffnn_mapper) /* weights, moments, the best weights; predictions of the folds */
        unit += 2.5 * (double)plan->mapping.settings.ffnn.hidden * (m + fmax(d, m)) + 2 * n * m;
    double kept = plan->options.keep_predictions ? 24 * levels * n * m * 8 : 0;
    double trials = 4 * (double)s->n_folds * (n * r + r * r) * 8;
    if (plan->mapping.choose) trials += 4 * 2 * fmin(XP_TRIAL_KEEPS, (double)s->n_folds * XP_INNER_FOLDS * n * r * 8);
    return threads * unit * 8 + scores + kept + trials + 3e7;
}

/* The estimated work at the rate of a short measurement: a matrix product, which the real work reaches a third of. */
double explaint_plan_seconds(const explaint_plan *plan) {
    enum { N = 256 };
    double work = 0, *a = xp_calloc(3 * N * N, sizeof *a);
    if (a == NULL) return 0;
    struct timespec from, to;
    xp_gemm(false, false, N, N, N, 1, a, N, a + N * N, N, 0, a + 2 * N * N, N);
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < 4; i++) xp_gemm(false, false, N, N, N, 1, a, N, a + N * N, N, 0, a + 2 * N * N, N);
    clock_gettime(CLOCK_MONOTONIC, &to);
    xp_free(a);
    double seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    double rate = 4 * 2.0 * N * N * N / (seconds > 0 ? seconds : 1e-9);
    for (size_t p = 0; p < xp_plan_n_parts(plan); p++)
        for (size_t i = 0; i < xp_plan_part(plan, p)->n_units; i++) work += xp_plan_part(plan, p)->units[i].work;
    return 3 * work / rate / xp_pool_threads(plan->options.threads);
}

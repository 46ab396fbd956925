#include "audit/request.h"

#include <stdint.h>
#include <string.h>

#include "base/choose.h"
#include "base/memory.h"
#include "formats/number.h"

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
static explaint_status each_name(xp_request *r, const char *list, bool (*use)(xp_request *, const char *, size_t),
                                 const char *what, explaint_error *error) {
    for (const char *p = list;;) {
        size_t length = strcspn(p, ",");
        if (!use(r, p, length))
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                           "unknown %s \"%.*s\": see explaint infer --help for the names", what, (int)length, p);
        if (p[length] == 0) return EXPLAINT_OK;
        p += length + 1;
    }
}

static bool use_metric(xp_request *r, const char *name, size_t length) {
    xp_metric metric;
    if (same_name(name, length, "all")) {
        r->metrics |= (1u << XP_N_METRICS) - 1;
        return true;
    }
    if (same_name(name, length, "description-length")) {
        r->wants_length = true;
        return true;
    }
    if (!xp_metric_find(name, length, &metric)) return false;
    r->metrics |= 1u << metric;
    return true;
}

static bool use_condition(xp_request *r, const char *name, size_t length) {
    bool all = same_name(name, length, "all"), known = all;
    for (size_t c = 0; c < xp_n_conditions; c++) {
        if (!all && !same_name(name, length, xp_conditions[c].name)) continue;
        known = true;
        if (xp_conditions[c].beside == NULL) r->conditions[c] = 1;
    }
    return known;
}

static explaint_status read_names(xp_request *r, explaint_error *error) {
    const char *metrics = r->options.metrics;
    explaint_status status = metrics != NULL ? each_name(r, metrics, use_metric, "metric", error) : EXPLAINT_OK;
    return status == EXPLAINT_OK ? each_name(r, r->options.conditions, use_condition, "condition", error) : status;
}

bool xp_request_has_condition(const xp_request *r, const char *name) {
    for (const char *p = r->options.conditions;; p += strcspn(p, ",") + 1) {
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

static explaint_status check_alpha(const xp_request *r, explaint_error *error) {
    double value[MOST_PENALTIES];
    size_t count;
    const char *alpha = r->options.alpha;
    if (alpha == NULL) return EXPLAINT_OK;
    if (!xp_request_tells(r, "alpha"))
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "--alpha is the penalty of ridge; the mapping is %s",
                       r->options.mapping);
    return strcmp(alpha, "auto") == 0 ? EXPLAINT_OK : read_penalties(alpha, value, &count, error);
}

static explaint_status check_count(size_t count, size_t least, size_t most, const char *what, explaint_error *error) {
    if (count < least)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at least %zu %s, found %zu", least, what, count);
    if (count > most && count != EXPLAINT_BY_DEFAULT)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at most %zu %s, found %zu", most, what, count);
    return EXPLAINT_OK;
}

static explaint_status check_counts(const explaint_infer_options *o, explaint_error *error) {
    explaint_status status = check_count(o->folds, 2, SIZE_MAX, "folds", error);
    if (status == EXPLAINT_OK) status = check_count(o->bootstrap, 100, SIZE_MAX, "bootstrap resamples", error);
    if (status == EXPLAINT_OK) status = check_count(o->permutations, 0, 10000000, "permutations", error);
    if (status == EXPLAINT_OK) status = check_count(o->refits, 0, 10000, "refits", error);
    if (status == EXPLAINT_OK && (!(o->margin >= 0) || !(o->margin <= 1)))
        status = xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a margin from 0 to 1, found %g", o->margin);
    return status;
}

static explaint_status check_components(const explaint_infer_options *o, explaint_error *error) {
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
    return EXPLAINT_OK;
}

enum { MOST_HIDDEN = 8192, MOST_BATCH = 4096, MOST_EPOCHS = 10000 };

static explaint_status read_size(const char *what, size_t asked, size_t most, size_t *value, explaint_error *error) {
    if (asked > most)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected %s from 1 to %zu, found %zu", what, most, asked);
    if (asked > 0) *value = asked;
    return EXPLAINT_OK;
}

/* The preset of --mapping ffnn with what the options change. */
static explaint_status read_network(const explaint_ffnn_options *o, xp_ffnn_settings *s, explaint_error *error) {
    const bool published = o->preset != NULL && strcmp(o->preset, "chronis2023") == 0;
    if (o->preset != NULL && !published && strcmp(o->preset, "default") != 0)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected the preset default or chronis2023, found \"%s\"",
                       o->preset);
    *s = xp_ffnn_recipe(published ? XP_FFNN_CHRONIS2023 : XP_FFNN_DEFAULT);
    explaint_status status = read_size("hidden units", o->hidden, MOST_HIDDEN, &s->hidden, error);
    if (status == EXPLAINT_OK) status = read_size("concepts of a batch", o->batch, MOST_BATCH, &s->batch, error);
    if (status == EXPLAINT_OK) status = read_size("epochs", o->epochs, MOST_EPOCHS, &s->epochs, error);
    if (status != EXPLAINT_OK) return status;
    if (!(o->dropout < 0)) s->dropout = o->dropout;
    if (o->learning_rate != 0) s->learning_rate = o->learning_rate;
    if (!(s->dropout < 1)) /* a NaN is not, either */
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a dropout from 0 to below 1, found %g", s->dropout);
    if (!(s->learning_rate > 0 && s->learning_rate <= 1e6))
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a learning rate above 0 and up to 1e6, found %g",
                       s->learning_rate);
    return EXPLAINT_OK;
}

/* What is one of a few names. */
static explaint_status choose(xp_request *r, explaint_error *error) {
    static const char *const solvers[] = {"exact", "sklearn"}, *const units[] = {"concepts", "categories"},
                             *const claims[] = {"all", "information", "mapping"},
                             *const within[] = {"default", "all", "category", "cluster"};
    const explaint_infer_options *o = &r->options;
    size_t pls, unit, claim, which;
    explaint_status status = xp_choose(o->pls, solvers, 2, "pls", &pls, error);
    if (status == EXPLAINT_OK) status = xp_choose(o->within, within, 4, "--within", &which, error);
    if (status == EXPLAINT_OK) status = xp_choose(o->interval, units, 2, "intervals over", &unit, error);
    if (status == EXPLAINT_OK) status = xp_choose(o->claim, claims, 3, "the claim", &claim, error);
    if (status != EXPLAINT_OK) return status;
    r->mapping.settings.nipals = pls == 1;
    r->by_category = unit == 1;
    r->claims_information = claim != 2;
    r->claims_mapping = claim != 1;
    return EXPLAINT_OK;
}

static explaint_status check_options(xp_request *r, explaint_error *error) {
    const explaint_infer_options *o = &r->options;
    r->mapping.mapper = xp_mapper_find(o->mapping);
    if (r->mapping.mapper == NULL)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a mapping,%s; found \"%s\"", MAPPING_NAMES,
                       o->mapping);
    explaint_status status = choose(r, error);
    if (status == EXPLAINT_OK) status = check_alpha(r, error);
    if (status == EXPLAINT_OK) status = read_network(&o->ffnn, &r->mapping.settings.ffnn, error);
    if (status == EXPLAINT_OK) status = check_counts(o, error);
    return status == EXPLAINT_OK ? check_components(o, error) : status;
}

/* The option's text, copied. */
static bool own(xp_request *r, const char **text) {
    if (*text == NULL) return true;
    if (!xp_strings_add(&r->texts, *text, strlen(*text))) return false;
    *text = r->texts.item[r->texts.count - 1];
    return true;
}

static bool copy_options(xp_request *r, const explaint_infer_options *from, size_t usual_components) {
    explaint_infer_options *o = &r->options;
    *o = *from;
    o->components = NULL;
    o->command = NULL;
    bool ok = own(r, &o->mapping) && own(r, &o->pls) && own(r, &o->alpha) && own(r, &o->conditions) &&
              own(r, &o->metrics) && own(r, &o->folds_file) && own(r, &o->categories_file) &&
              own(r, &o->covariates_file) && own(r, &o->within) && own(r, &o->claim) && own(r, &o->ffnn.preset) &&
              own(r, &o->interval) && own(r, &o->adjust);
    size_t given[XP_MOST_CHOSEN] = {usual_components}, n_given = 1;
    for (size_t i = 0; from->choose_components && i < XP_MOST_CHOSEN; i++) given[i] = (n_given = i + 1);
    const size_t *counts = from->n_components > 0 ? from->components : given;
    size_t n_counts = from->n_components > 0 ? from->n_components : n_given;
    r->components = xp_alloc(n_counts, sizeof *r->components);
    if (r->components == NULL) return false;
    memcpy(r->components, counts, n_counts * sizeof *counts);
    o->components = r->components;
    o->n_components = n_counts;
    r->words = xp_strings_words(&r->command, from->command);
    return ok && r->words != NULL;
}

/* ---- levels ---- */

static bool set_levels(xp_request *r, const double *value, size_t count, bool choose) {
    r->levels = xp_alloc(count, sizeof *r->levels);
    if (r->levels == NULL) return false;
    memcpy(r->levels, value, count * sizeof *value);
    r->mapping.levels = (xp_levels){r->levels, count};
    r->mapping.choose = choose;
    return true;
}

static bool set_components(xp_request *r, size_t usual_components) {
    const explaint_infer_options *o = &r->options;
    double *value = xp_alloc(o->n_components, sizeof *value);
    for (size_t i = 0; value != NULL && i < o->n_components; i++) value[i] = (double)o->components[i];
    bool ok = value != NULL && set_levels(r, value, o->n_components, o->choose_components);
    xp_free(value);
    r->verdict_level = (double)o->verdict_components;
    for (size_t i = 0; i < o->n_components && r->verdict_level == 0 && !o->choose_components; i++)
        if (o->components[i] == usual_components) r->verdict_level = (double)o->components[i];
    return ok;
}

static bool set_penalties(xp_request *r) {
    const char *alpha = r->options.alpha;
    double value[MOST_PENALTIES];
    size_t count;
    if (alpha == NULL || strcmp(alpha, "auto") == 0) return set_levels(r, xp_penalties.value, xp_penalties.count, true);
    return read_penalties(alpha, value, &count, NULL) == EXPLAINT_OK && set_levels(r, value, count, false);
}

/* The levels that the options ask for, and the one that the verdict is about. */
static bool list_levels(xp_request *r, size_t usual_components) {
    const double k = (double)r->options.k, graph_k = k > 0 ? k : XP_GRAPH_K;
    bool ok = true;
    r->test_k = k > 0 ? k : XP_TEST_K;
    switch (r->mapping.mapper->levels_from) {
    case XP_LEVELS_NONE: break;
    case XP_LEVELS_COMPONENTS: ok = set_components(r, usual_components); break;
    case XP_LEVELS_ALPHA: ok = set_penalties(r); break;
    case XP_LEVELS_GRAPH_K: ok = set_levels(r, &graph_k, 1, false); break;
    case XP_LEVELS_K:
        ok = k > 0 ? set_levels(r, &k, 1, false) : set_levels(r, xp_k_choices.value, xp_k_choices.count, true);
        break;
    }
    if (!ok) return false;
    if (r->verdict_level == 0 && r->mapping.levels.count > 0) r->verdict_level = r->levels[r->mapping.levels.count - 1];
    r->verdict = r->mapping;
    if (!r->mapping.choose && r->mapping.levels.count > 0) r->verdict.levels = (xp_levels){&r->verdict_level, 1};
    r->test_mapping = r->verdict;
    if (r->mapping.mapper->levels_from == XP_LEVELS_K) {
        r->test_mapping.levels = (xp_levels){&r->test_k, 1};
        r->test_mapping.choose = false;
    }
    return true;
}

explaint_status xp_request_read_adjust(const explaint_infer_options *o, xp_adjust *adjust, explaint_error *error) {
    static const char *const names[] = {"none", "max-t", "bh", "default"};
    size_t i = 0;
    while (i < 4 && strcmp(o->adjust, names[i]) != 0) i++;
    *adjust = i < 3 ? (xp_adjust)i : XP_ADJUST_MAX_T;
    if (i < 4) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected adjust max-t, bh or none, found \"%s\"", o->adjust);
}

explaint_status xp_request_read(xp_request *r, const explaint_infer_options *options, size_t usual_components,
                                explaint_error *error) {
    *r = (xp_request){.conditions = xp_calloc(xp_n_conditions, 1)};
    if (r->conditions == NULL || !copy_options(r, options, usual_components)) return xp_no_memory(error, "the plan");
    explaint_status status = xp_request_read_adjust(&r->options, &r->adjust, error);
    if (status == EXPLAINT_OK) status = check_options(r, error);
    if (status == EXPLAINT_OK) status = read_names(r, error);
    if (status == EXPLAINT_OK && !list_levels(r, usual_components)) status = xp_no_memory(error, "the plan");
    return status;
}

void xp_request_free(xp_request *r) {
    xp_strings_free(&r->texts);
    xp_strings_free(&r->command);
    xp_free_all(r->words, r->components, r->levels, r->conditions);
    *r = (xp_request){0};
}

#include "attention/options.h"

#include "attention/flows.h"

#include <stdlib.h>
#include <string.h>

#include "base/choose.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/view.h"
#include "explaint/catalogue.h"
#include "result/relate_head.h"
#include "text/tokenizer.h"

static const char *const measure_names[] = {"all",    "continuity", "attention",
                                            "damage", "flow",       EXPLAINT_MEASURES(EXPLAINT_AS_NAME)};
const char *const xp_g_names[XP_N_GS] = {"identity", "linear", "mlp"};

explaint_attend_options explaint_attend_defaults(void) {
    return (explaint_attend_options){.measures = "continuity,attention,damage",
                                     .damage = "all",
                                     .g = "identity,linear",
                                     .attribution = "auto",
                                     .layers = "all",
                                     .level = "piece",
                                     .special = "in",
                                     .ranks = 128,
                                     .share = .9,
                                     .seed = 1};
}

bool xp_attend_wants(const xp_attend *a, const char *family, const char *measure) {
    for (size_t i = 0; i < a->measures.count; i++) {
        const char *item = a->measures.item[i];
        if (strcmp(item, "all") == 0 || strcmp(item, family) == 0) return true;
        if (measure != NULL && strcmp(item, measure) == 0) return true;
        /* a family is wanted if one of its measures is */
        const explaint_entry *entry = explaint_catalogue_find("measures", item);
        if (measure == NULL && entry != NULL && strcmp(entry->role, family) == 0) return true;
    }
    return false;
}

/* Calls `take` with each part between commas. */
static explaint_status each(xp_attend *a, const char *list, const char *what,
                            explaint_status (*take)(xp_attend *a, xp_view part, explaint_error *error),
                            explaint_error *error) {
    if (list == NULL || *list == 0) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected %s, found nothing", what);
    for (const char *at = list;; at++) {
        const size_t length = strcspn(at, ",");
        explaint_status status = take(a, (xp_view){at, length}, error);
        if (status != EXPLAINT_OK) return status;
        at += length;
        if (*at == 0) return EXPLAINT_OK;
    }
}

static bool find(xp_view part, const char *const *names, size_t n, size_t *which) {
    for (*which = 0; *which < n; ++*which)
        if (xp_view_is(part, names[*which])) return true;
    return false;
}

static explaint_status take_measure(xp_attend *a, xp_view part, explaint_error *error) {
    size_t which;
    if (!find(part, measure_names, sizeof measure_names / sizeof *measure_names, &which))
        return xp_fail(
            error, EXPLAINT_USAGE, NULL, 0,
            "no measure is named '%.*s'; expected all, continuity, attention, damage, flow, or a measure's name",
            XP_SHOW(part));
    if (!xp_strings_add(&a->measures, part.data, part.length)) return xp_no_memory(error, "the options");
    return EXPLAINT_OK;
}

static explaint_status take_damage(xp_attend *a, xp_view part, explaint_error *error) {
    size_t which;
    if (xp_view_is(part, "all")) {
        for (which = 0; which < XP_N_DAMAGES; which++) a->damage[which] = true;
        return EXPLAINT_OK;
    }
    if (!find(part, xp_damage_names, XP_N_DAMAGES, &which))
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "no damage is named '%.*s'", XP_SHOW(part));
    a->damage[which] = true;
    return EXPLAINT_OK;
}

static explaint_status take_g(xp_attend *a, xp_view part, explaint_error *error) {
    size_t which;
    if (!find(part, xp_g_names, XP_N_GS, &which))
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected g as identity, linear or mlp, found '%.*s'",
                       XP_SHOW(part));
    a->g[which] = true;
    return EXPLAINT_OK;
}

bool xp_attend_wants_any(const xp_attend *a, xp_flow first, xp_flow last) {
    bool any = false;
    for (xp_flow m = first; m <= last; m++) any = any || xp_attend_wants(a, "flow", xp_units_flows[m]);
    return any;
}

/* "3" or "0-3" */
static bool take_range(xp_view part, size_t *first, size_t *last) {
    const char *at = part.data, *end = part.data + part.length;
    bool ok = xp_view_number(&at, end, first);
    *last = *first;
    if (ok && at < end && *at == '-') {
        at++;
        ok = xp_view_number(&at, end, last);
    }
    return ok && at == end && *first <= *last;
}

static explaint_status take_layers(xp_attend *a, xp_view part, explaint_error *error) {
    const size_t last_layer = a->info->n_layers;
    size_t first = 0, last = last_layer;
    bool ok = true;
    if (xp_view_is(part, "last"))
        first = last;
    else if (!xp_view_is(part, "all"))
        ok = take_range(part, &first, &last);
    if (!ok || last > last_layer)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "expected layers of 0 to %zu, as 'all', 'last' or '0-3,6', found '%.*s'", last_layer,
                       XP_SHOW(part));
    for (size_t l = first; l <= last; l++) a->layer[l] = true;
    return EXPLAINT_OK;
}

static explaint_status take_columns(xp_attend *a, xp_view part, explaint_error *error) {
    size_t first, last;
    if (!take_range(part, &first, &last))
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected columns as numbers of pieces, '0,5-7', found '%.*s'",
                       XP_SHOW(part));
    size_t *grown = xp_realloc(a->column, a->n_columns + last - first + 1, sizeof *grown);
    if (grown == NULL) return xp_no_memory(error, "the options");
    a->column = grown;
    while (first <= last) a->column[a->n_columns++] = first++;
    return EXPLAINT_OK;
}

static int ascending(const void *x, const void *y) {
    const size_t p = *(const size_t *)x, q = *(const size_t *)y;
    return p < q ? -1 : p > q;
}

/* Each once. They and their measure belong together. */
static explaint_status read_columns(xp_attend *a, explaint_error *error) {
    const char *list = a->options.columns, *measure = "rollout_column";
    explaint_status status = list != NULL ? each(a, list, "columns", take_columns, error) : EXPLAINT_OK;
    if (status != EXPLAINT_OK) return status;
    if (list != NULL && !xp_attend_wants(a, "flow", measure))
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "columns are those of rollouts: expected %s among the measures, found none", measure);
    for (size_t i = 0; list == NULL && i < a->measures.count; i++)
        if (strcmp(a->measures.item[i], measure) == 0)
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                           "%s needs the pieces that it is followed from: columns 0,5-7, or others", measure);
    if (a->n_columns == 0) return EXPLAINT_OK;
    qsort(a->column, a->n_columns, sizeof *a->column, ascending);
    size_t n = 1;
    for (size_t i = 1; i < a->n_columns; i++)
        if (a->column[i] != a->column[n - 1]) a->column[n++] = a->column[i];
    a->n_columns = n;
    return EXPLAINT_OK;
}

static explaint_status take_attribution(xp_attend *a, explaint_error *error) {
    const char *text = a->options.attribution != NULL ? a->options.attribution : "", *at = text;
    if (strcmp(text, "auto") == 0 || strcmp(text, "exact") == 0) return EXPLAINT_OK;
    if (xp_view_number(&at, text + strlen(text), &a->probes) && *at == 0 && a->probes >= XP_FLOWS_LEAST_PROBES)
        return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                   "expected attribution as auto, exact, or a number of probes from %d on, found '%.*s'",
                   XP_FLOWS_LEAST_PROBES, XP_SHOW(((xp_view){text, strlen(text)})));
}

static explaint_status take_head(xp_attend *a, explaint_error *error) {
    const char *at = a->options.head;
    if (at == NULL) return EXPLAINT_OK;
    if (!explaint_head_read(&at, &a->head_layer, &a->head) || *at != 0)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a head as layer and head, '3.7', found '%.80s'",
                       a->options.head);
    if (a->head_layer > a->info->n_layers || a->head > a->info->n_heads)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected one of heads 1 to %zu of layers 1 to %zu, found '%s'",
                       a->info->n_heads, a->info->n_layers, a->options.head);
    if (!a->layer[a->head_layer])
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a head of layers %.80s, found '%s'", a->options.layers,
                       a->options.head);
    return EXPLAINT_OK;
}

/* A4 is another run's word: it has to be about this head of these weights. */
static explaint_status take_relation(xp_attend *a, explaint_error *error) {
    const explaint_relation *r = a->options.relation;
    if (r == NULL) return EXPLAINT_OK;
    if (a->head == 0)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "a relation is asked about a head: expected one, '3.7', found none");
    if (!xp_relate_head_same_model(r->result, a->info))
        return xp_fail(error, EXPLAINT_INVALID, r->path, 0,
                       "expected a result of relate about this model, %s, found one about other weights or another "
                       "config.json (their SHA-256 is compared); run explaint relate with this model",
                       a->info->name);
    if (xp_relate_head_find(r->result, a->head_layer, a->head) == NULL)
        return xp_fail(error, EXPLAINT_INVALID, r->path, 0,
                       "expected what came out for head %zu.%zu, once, as holds, fails or undecided, and found it not; "
                       "explaint relate --heads %zu.%zu asks it",
                       a->head_layer, a->head, a->head_layer, a->head);
    if (!a->judging)
        xp_attend_lint(a, "relation", "note",
                       xp_attend_keep(a,
                                      "%s was not asked: there is no verdict without all measures of continuity and "
                                      "damage",
                                      r->place));
    return EXPLAINT_OK;
}

/* What the rows of maps are. */
static explaint_status take_sides(xp_attend *a, explaint_error *error) {
    static const char *const specials[] = {"in", "out"};
    const explaint_attend_options *o = &a->options;
    size_t level = XP_LEVEL_PIECE, special = 0;
    explaint_status status = EXPLAINT_OK;
    if (o->level != NULL) status = xp_choose(o->level, xp_level_names, XP_N_LEVELS, "level", &level, error);
    if (status == EXPLAINT_OK && o->special != NULL)
        status = xp_choose(o->special, specials, 2, "special", &special, error);
    a->read = (xp_sides_how){.level = (xp_level)level, .without_special = special == 1};
    return status;
}

explaint_status xp_attend_read_options(xp_attend *a, explaint_error *error) {
    const explaint_attend_options *o = &a->options;
    a->layer = xp_calloc(a->info->n_layers + 1, sizeof *a->layer);
    if (a->layer == NULL) return xp_no_memory(error, "the options");
    explaint_status status = each(a, o->measures, "measures", take_measure, error);
    if (status == EXPLAINT_OK) status = each(a, o->damage, "damages", take_damage, error);
    if (status == EXPLAINT_OK) status = each(a, o->g, "g", take_g, error);
    if (status == EXPLAINT_OK) status = each(a, o->layers, "layers", take_layers, error);
    if (status == EXPLAINT_OK) status = take_sides(a, error);
    if (status == EXPLAINT_OK) status = read_columns(a, error);
    if (status == EXPLAINT_OK) status = take_attribution(a, error);
    if (status == EXPLAINT_OK) status = take_head(a, error);
    a->continuity = xp_attend_wants(a, "continuity", NULL);
    a->looks = xp_attend_wants(a, "attention", NULL);
    a->damages = xp_attend_wants(a, "damage", NULL);
    a->flow = xp_attend_wants(a, "flow", NULL);
    a->judging = xp_attend_wants(a, "continuity", "") && xp_attend_wants(a, "damage", "");
    if (status == EXPLAINT_OK) status = take_relation(a, error);
    if (status == EXPLAINT_OK && !(o->share > 0 && o->share < 1))
        status = xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a share above 0 and below 1");
    if (status == EXPLAINT_OK && o->cache != NULL && *o->cache == 0)
        status = xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected the name of a folder as cache, found an empty one");
    return status;
}

/* ---- settings ---- */

enum { MOST_SETTINGS = 24 };

static void add(xp_attend *a, const char *key, const char *json) {
    if (a->settings == NULL) a->settings = xp_calloc(MOST_SETTINGS, sizeof *a->settings);
    if (a->settings == NULL || json == NULL) {
        a->failed = true;
        return;
    }
    a->settings[a->n_settings++] = (explaint_setting){key, json};
}

void xp_attend_setting(xp_attend *a, const char *key, const char *value) {
    xp_text text = {0};
    xp_json_quote(&text, value, strlen(value));
    if (text.failed) a->failed = true;
    if (!text.failed) add(a, key, xp_attend_keep(a, "%s", text.data));
    xp_text_free(&text);
}

void xp_attend_settings(xp_attend *a) {
    const explaint_attend_options *o = &a->options;
    char number[32];
    xp_attend_setting(a, "measures", o->measures);
    xp_attend_setting(a, "damage", o->damage);
    xp_attend_setting(a, "g", o->g);
    xp_attend_setting(a, "layers", o->layers);
    if (o->columns != NULL) xp_attend_setting(a, "columns", o->columns);
    if (a->read.level != XP_LEVEL_PIECE) xp_attend_setting(a, "level", xp_level_names[a->read.level]);
    if (a->read.without_special) xp_attend_setting(a, "special", "out");
    if (o->head != NULL) xp_attend_setting(a, "head", o->head);
    add(a, "by_head", o->by_head ? "true" : "false");
    add(a, "by_text", o->by_text ? "true" : "false");
    add(a, "ranks", o->ranks > 0 ? xp_attend_keep(a, "%zu", o->ranks) : "\"all\"");
    if (o->truncate > 0) add(a, "truncate", xp_attend_keep(a, "%zu", o->truncate));
    xp_shortest_double(o->share, number);
    add(a, "share", xp_attend_keep(a, "%s", number));
    add(a, "seed", xp_attend_keep(a, "%llu", (unsigned long long)o->seed));
    xp_attend_setting(a, "dtype", a->info->dtype);
    if (a->info->random_init) add(a, "random_init", "true");
    if (!a->info->causal) return;
    xp_text begin = {0};
    xp_tokenizer_begin(a->tokenizer, &begin);
    if (begin.failed) a->failed = true;
    xp_attend_setting(a, "bos", begin.data != NULL && !begin.failed ? begin.data : "");
    xp_text_free(&begin);
}

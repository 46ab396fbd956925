/* What the units of a run of infer hold, as lists for programs that cannot read them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "explaint/infer.h"
#include "stats/permute.h"
#include "store/ledger_private.h"
#include "store/ledger_units.h"

typedef struct lists {
    explaint_stored_lists view;
    const explaint_result *result; /* of the run */
    xp_ledger_place at;            /* its first layer, -1: it has none */
    xp_concepts concepts;
    xp_units_features features;
    explaint_null *null;
    explaint_shown_feature *feature;
    explaint_shown_neighbour *neighbour;
    size_t null_capacity, feature_capacity, neighbour_capacity;
    const char *path; /* of the ledger, for what is said */
} lists;

static explaint_status lacks(const lists *l, explaint_error *error, const char *what) {
    return xp_fail(error, EXPLAINT_INVALID, l->path, 0,
                   "run %lld holds no whole %s: it was stored by an earlier version, or is damaged; run it again with "
                   "another --ledger FILE",
                   l->at.run, what);
}

static explaint_status read_concepts(lists *l, explaint_error *error) {
    bool found;
    explaint_status status = xp_ledger_concepts(&l->at, &l->concepts, &found, error);
    return status == EXPLAINT_OK && !found ? lacks(l, error, "names of its concepts") : status;
}

/* ---- nulls ---- */

/* value: arms x (1 + permutations), the observed one first; here they become r where they have a scale. */
static bool add_nulls(lists *l, int layer, const explaint_assumption *a, const xp_units_observed *seen, bool flips,
                      size_t n_arms, const double *value) {
    const size_t count = a->permutations + 1;
    for (size_t b = 0; b < count; b++) {
        explaint_null *null = xp_grow((void **)&l->null, l->view.n_nulls, &l->null_capacity, sizeof *null);
        if (null == NULL) return false;
        const double third = n_arms > XP_BY_FLIPS ? value[XP_BY_FLIPS * count + b] : NAN;
        *null = (explaint_null){
            .run_id = (size_t)l->at.run,
            .layer = layer,
            .id = a->id,
            .permutation = b,
            .statistic = a->statistic,
            .r = value[XP_BY_READER * count + b] / seen->divisor,
            .peer_r = seen->peer_divisor > 0 ? value[XP_BY_NEIGHBOURS * count + b] / seen->peer_divisor : NAN,
            .flips = flips ? third : NAN,
            .spelling = flips ? NAN : third};
        l->view.n_nulls++;
    }
    return true;
}

/* What was stored must be what was printed. */
static bool is_printed(const explaint_assumption *a, const double *deciding) {
    xp_test_result test;
    xp_permute_summarise(deciding[0], deciding + 1, a->permutations, &test);
    return fabs(test.p - a->p) <= 1e-9;
}

static explaint_status read_test(lists *l, int layer, const explaint_assumption *a, explaint_error *error) {
    enum { MOST = 10000000 };
    const xp_test_id id = xp_permutation_test_named(a->id);
    if (id >= XP_N_TESTS || isnan(a->p) || a->permutations == 0) return EXPLAINT_OK; /* it drew nothing */
    if (a->statistic == NULL || a->permutations > MOST) return lacks(l, error, "permutations of its tests");
    const size_t n_arms = xp_permutation_test_n_draws(id), count = a->permutations + 1;
    double *value = xp_alloc(n_arms * count, sizeof *value), *draw[XP_UNITS_ARMS] = {NULL};
    if (value == NULL) return xp_no_memory(error, "the permutations");
    for (size_t k = 0; k < n_arms; k++) draw[k] = value + k * count + 1;
    xp_units_observed seen = {.n = l->concepts.n};
    xp_ledger_place at = l->at;
    bool found = false;
    at.layer = layer;
    explaint_status status = xp_ledger_observed(&at, id, &seen, &found, error);
    if (status == EXPLAINT_OK && found) status = xp_ledger_draws(&at, id, a->permutations, draw, &found, error);
    if (status == EXPLAINT_OK && found) {
        for (size_t k = 0; k < n_arms; k++) value[k * count] = seen.t[k];
        found = seen.divisor > 0 && is_printed(a, value + xp_permutation_test_decided_by(id) * count);
    }
    if (status == EXPLAINT_OK && !found) status = lacks(l, error, "permutations of its tests");
    if (status == EXPLAINT_OK && !add_nulls(l, layer, a, &seen, xp_permutation_test_holds_out(id), n_arms, value))
        status = xp_no_memory(error, "the permutations");
    xp_free(value);
    return status;
}

/* Of several layers the first verdict repeats the tests of one. */
static explaint_status read_nulls(lists *l, explaint_error *error) {
    const explaint_result *r = l->result;
    explaint_status status = read_concepts(l, error);
    for (size_t v = 0; v < r->n_verdicts; v++) {
        const explaint_verdict *verdict = &r->verdicts[v];
        if (verdict->claim == NULL || strcmp(verdict->claim, "information") != 0 || verdict->n_layers > 0) continue;
        for (size_t i = 0; status == EXPLAINT_OK && i < verdict->n_assumptions; i++)
            if (verdict->assumptions[i].id != NULL)
                status = read_test(l, verdict->layer, &verdict->assumptions[i], error);
    }
    return status;
}

/* ---- what conditions show of concepts ---- */

static bool same(const char *a, const char *b) { return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0); }

/* Rows of one condition may stand apart: bits come last. */
static bool is_first_of(const explaint_result *r, size_t i) {
    const explaint_row *row = &r->rows[i];
    if (row->fold >= 0 || row->condition == NULL || row->target == NULL || same(row->metric, "description_length"))
        return false;
    if (i == 0) return true;
    const explaint_row *before = &r->rows[i - 1];
    return row->layer != before->layer || !same(row->condition, before->condition) ||
           !same(row->target, before->target);
}

typedef bool (*add_fn)(lists *l, const explaint_row *row, const xp_scores *scores);

/* The double of the fewest digits that is this float: 0.1, and not 0.10000000149011612. */
static double as_written(float value) {
    char text[32];
    for (int digits = 6; digits <= 9; digits++) {
        if (snprintf(text, sizeof text, "%.*g", digits, (double)value) < 0) return value;
        if (strtof(text, NULL) == value) break;
    }
    return strtod(text, NULL);
}

/* false: no memory. */
static bool add_features(lists *l, const explaint_row *row, const xp_scores *s) {
    if (s->shown.score == NULL) return true;
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < XP_TOP; k++) {
            const int j = s->top[(s->shown.level * s->n + i) * XP_TOP + k];
            if (j < 0 || (size_t)j >= l->features.gold.m) continue;
            explaint_shown_feature *f =
                xp_grow((void **)&l->feature, l->view.n_concepts, &l->feature_capacity, sizeof *f);
            if (f == NULL) return false;
            *f = (explaint_shown_feature){.run_id = (size_t)l->at.run,
                                          .layer = row->layer,
                                          .condition = row->condition,
                                          .target = row->target,
                                          .concept_name = l->concepts.name[i],
                                          .rank = k + 1,
                                          .feature = l->features.name[j],
                                          .score = as_written(s->shown.score[i * XP_TOP + k]),
                                          .hit = s->shown.hit[i * XP_TOP + k]};
            l->view.n_concepts++;
        }
    return true;
}

static bool add_neighbours(lists *l, const explaint_row *row, const xp_scores *s) {
    for (size_t i = 0; i < s->n; i++)
        for (int space = 0; space < XP_N_SPACES; space++)
            for (size_t k = 0; s->shown.nearest[space] != NULL && k < XP_TOP; k++) {
                const uint32_t other = s->shown.nearest[space][i * XP_TOP + k];
                if (other == UINT32_MAX) break;
                explaint_shown_neighbour *n =
                    xp_grow((void **)&l->neighbour, l->view.n_neighbours, &l->neighbour_capacity, sizeof *n);
                if (n == NULL) return false;
                *n = (explaint_shown_neighbour){.run_id = (size_t)l->at.run,
                                                .layer = row->layer,
                                                .condition = row->condition,
                                                .concept_name = l->concepts.name[i],
                                                .space = xp_units_spaces[space],
                                                .rank = k + 1,
                                                .neighbour = l->concepts.name[other],
                                                .cosine = as_written(s->shown.cosine[space][i * XP_TOP + k])};
                l->view.n_neighbours++;
            }
    return true;
}

/* A condition that sees no vectors is stored with the first layer. */
static explaint_status read_conditions(lists *l, add_fn add, explaint_error *error) {
    const explaint_result *r = l->result;
    explaint_status status = read_concepts(l, error);
    for (size_t i = 0; status == EXPLAINT_OK && i < r->n_rows; i++) {
        const explaint_row *row = &r->rows[i];
        if (!is_first_of(r, i)) continue;
        xp_ledger_place at = l->at;
        xp_scores scores;
        unsigned metrics;
        bool found;
        if (row->layer >= 0) at.layer = row->layer;
        status = xp_ledger_scores(&at, row->condition, row->target, l->concepts.n, 0, &scores, &metrics, &found, error);
        if (status == EXPLAINT_OK && found && !add(l, row, &scores)) status = xp_no_memory(error, "the list");
        xp_scores_free(&scores);
    }
    return status;
}

static explaint_status read_features(lists *l, explaint_error *error) {
    bool found = false;
    explaint_status status = xp_ledger_features(&l->at, &l->features, &found, error);
    if (status == EXPLAINT_OK && found) status = read_conditions(l, add_features, error);
    return status == EXPLAINT_OK && l->view.n_concepts == 0 ? lacks(l, error, "features of its concepts") : status;
}

static explaint_status read_neighbours(lists *l, explaint_error *error) {
    explaint_status status = read_conditions(l, add_neighbours, error);
    if (status != EXPLAINT_OK || l->view.n_neighbours > 0) return status;
    return xp_fail(error, EXPLAINT_INVALID, l->path, 0,
                   "run %lld holds no neighbours: they are kept since the version after 0.1.0, where a metric of "
                   "neighbours is asked for (na_at_10_gold); run it again with another --ledger FILE",
                   l->at.run);
}

/* ---- all of them ---- */

static const struct {
    const char *name;
    explaint_status (*read)(lists *l, explaint_error *error);
} all[] = {{"nulls", read_nulls}, {"concepts", read_features}, {"neighbours", read_neighbours}};

bool xp_ledger_is_list(const char *list) {
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, list) == 0) return true;
    return false;
}

explaint_status xp_ledger_write_list(explaint_ledger *ledger, long long run, const explaint_record *record,
                                     const char *list, char decimal, FILE *out, explaint_error *error) {
    const char *path = ledger->path;
    if (record->kind != &explaint_infer_kind)
        return xp_fail(error, EXPLAINT_USAGE, path, 0,
                       "run %lld is one of 'explaint %s': %s are of runs of 'explaint infer'", run, record->kind->name,
                       list);
    lists l = {.view.record.kind = &explaint_stored_lists_kind,
               .result = (const explaint_result *)record,
               .path = path,
               .at = {ledger, run, xp_ledger_first_layer((const explaint_result *)record)}};
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, list) == 0) status = all[i].read(&l, error);
    l.view.nulls = l.null;
    l.view.concepts = l.feature;
    l.view.neighbours = l.neighbour;
    if (status == EXPLAINT_OK) status = explaint_record_write_csv(&l.view.record, list, decimal, out, error);
    xp_concepts_free(&l.concepts);
    xp_units_features_free(&l.features);
    xp_free_all(l.null, l.feature, l.neighbour);
    return status;
}

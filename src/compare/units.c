/* Scores of single concepts, from a ledger's units. Nothing of them is believed before its size and range are right. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/length.h"
#include "base/memory.h"
#include "compare/party.h"
#include "stats/permute.h"
#include "store/ledger_documents.h"

/* *bytes NULL: not there. */
static explaint_status unit_of(const xp_party *side, int layer, const char *name, void **bytes, size_t *size,
                               explaint_error *error) {
    *bytes = NULL;
    *size = 0;
    if (side->ledger == NULL) return EXPLAINT_OK;
    xp_text key = {0};
    if (layer >= 0) xp_text_addf(&key, "layer-%d/", layer);
    xp_text_adds(&key, name);
    explaint_status status = key.failed ? xp_no_memory(error, "the comparison")
                                        : xp_ledger_unit(side->ledger, side->run, key.data, bytes, size, error);
    xp_text_free(&key);
    return status;
}

static explaint_status unitf(const xp_party *side, int layer, void **bytes, size_t *size, explaint_error *error,
                             const char *format, ...) XP_PRINTF(6, 7);
static explaint_status unitf(const xp_party *side, int layer, void **bytes, size_t *size, explaint_error *error,
                             const char *format, ...) {
    char name[128];
    va_list list;
    va_start(list, format);
    vsnprintf(name, sizeof name, format, list);
    va_end(list);
    return unit_of(side, layer, name, bytes, size, error);
}

explaint_status xp_party_people(const xp_party *side, int layer, xp_people *people, bool *found,
                                explaint_error *error) {
    void *bytes;
    size_t size;
    *people = (xp_people){0};
    explaint_status status = unit_of(side, layer, "concepts", &bytes, &size, error);
    *found = status == EXPLAINT_OK && bytes != NULL && xp_people_fit(bytes, size);
    if (*found && !xp_people_read(bytes, size, people)) status = xp_no_memory(error, "the comparison");
    free(bytes);
    return status;
}

bool xp_party_shares_permutations(const xp_party *a, const xp_people *of_a, const xp_party *b, const xp_people *of_b,
                                  const char *id) {
    if (of_a->n != of_b->n ||
        !xp_value_equal(xp_value_member(a->settings, "seed"), xp_value_member(b->settings, "seed")))
        return false;
    for (size_t i = 0; i < of_a->n; i++)
        if (strcmp(of_a->name[i], of_b->name[i]) != 0 || of_a->twin[i] != of_b->twin[i] ||
            (strcmp(id, "E1") != 0 && of_a->label[i] != of_b->label[i]))
            return false;
    return true;
}

/* ---- rows ---- */

/* The place of the row's component count among those of the unit. */
static bool count_of(const xp_party *side, const xp_value *row, const xp_scores *scores, size_t *which) {
    size_t count;
    *which = 0;
    if (scores->n_levels == 1) return true;
    const char *penalty = strchr(xp_party_text(row, "mapping"), ':');
    const xp_value *penalties = xp_value_member(side->settings, "alpha");
    for (size_t k = 0; penalty != NULL && k < xp_value_count(penalties) && k < scores->n_levels; k++) {
        double value = NAN;
        if (!xp_value_number(xp_value_item(penalties, k), &value) || value != strtod(penalty + 1, NULL)) continue;
        *which = k;
        return true;
    }
    if (scores->n_levels != side->n_counts || !xp_value_size(xp_value_member(row, "n_components"), &count))
        return false;
    for (size_t k = 0; k < side->n_counts; k++)
        if (side->counts[k] == count) {
            *which = k;
            return true;
        }
    return false;
}

explaint_status xp_party_scores(const xp_party *side, const xp_value *row, xp_metric metric, double *num, double *den,
                                bool *found, explaint_error *error) {
    *found = false;
    if (side->people.n == 0 || !(side->wanted >> metric & 1)) return EXPLAINT_OK;
    const int own = xp_party_layer(row), layer = own < 0 && side->n_layers > 0 ? side->layer[0] : own;
    void *bytes;
    size_t size, which;
    xp_scores scores = {0};
    explaint_status status = unitf(side, layer, &bytes, &size, error, "condition/%.40s/%.40s",
                                   xp_party_text(row, "condition"), xp_party_text(row, "target"));
    const bool fits =
        status == EXPLAINT_OK && bytes != NULL && xp_scores_fit(bytes, size, side->people.n, side->wanted);
    if (fits && !xp_unpack_scores(bytes, size, side->people.n, side->wanted, &scores))
        status = xp_no_memory(error, "the comparison");
    if (fits && status == EXPLAINT_OK && count_of(side, row, &scores, &which)) {
        double above = 0, below = 0;
        for (size_t i = 0; i < scores.n; i++) {
            const xp_score score = xp_score_at(&scores, which, i)[metric];
            const bool counts = score.den > 0 || (metric == XP_R2 && isfinite(score.num) && score.den == 0);
            above += num[i] = counts ? score.num : 0;
            below += den[i] = counts ? score.den : 0;
        }
        /* A condition that is about part of the concepts (taxonomic-swap) scores more than its row counts; and what was
         * stored must be what was printed. */
        const double value = metric == XP_R2 ? 1 - above / below : above / below;
        *found = fabs(value - xp_party_number(row, "value")) <= 1e-9 * (1 + fabs(value));
    }
    xp_scores_free(&scores);
    free(bytes);
    return status;
}

explaint_status xp_party_bits(const xp_party *side, const xp_value *row, double *num, double *den, bool *found,
                              explaint_error *error) {
    static const char *const codes[XP_N_CODES] = {"system", "mean", "uniform"};
    const int own = xp_party_layer(row), layer = own < 0 && side->n_layers > 0 ? side->layer[0] : own;
    const size_t n = side->people.n;
    void *bytes;
    size_t size, code = 0;
    while (code < XP_N_CODES && strcmp(codes[code], xp_party_text(row, "condition")) != 0) code++;
    explaint_status status = unit_of(side, layer, "description-length", &bytes, &size, error);
    *found =
        status == EXPLAINT_OK && bytes != NULL && n > 0 && code < XP_N_CODES && size == XP_N_CODES * n * sizeof(double);
    double sum = 0;
    for (size_t i = 0; *found && i < n; i++) {
        sum += num[i] = ((const double *)bytes)[code * n + i];
        den[i] = 1;
    }
    if (*found) *found = fabs(sum / (double)n - xp_party_number(row, "value")) <= 1e-9 * (1 + fabs(sum));
    free(bytes);
    return status;
}

/* ---- assumptions ---- */

/* One concept per equal vector, ascending: what rivals hold. */
static size_t distinct_of(const xp_people *people, uint32_t *of) {
    size_t n = 0;
    for (size_t i = 0; i < people->n; i++)
        if (people->twin[i] == i) of[n++] = (uint32_t)i;
    return n;
}

/* W: the reader's scores less those of the spelling. */
static explaint_status spelling_gains(const xp_party *side, int layer, const uint32_t *of, size_t n, double *gain,
                                      bool *found, explaint_error *error) {
    void *bytes;
    size_t size;
    explaint_status status = unit_of(side, layer, "word-form", &bytes, &size, error);
    *found = status == EXPLAINT_OK && bytes != NULL && size == 2 * n * sizeof(double);
    const double *score = bytes;
    for (size_t i = 0; *found && i < n; i++) gain[of[i]] = score[i] - score[n + i];
    free(bytes);
    return status;
}

static explaint_status rival_gains(const xp_party *side, int layer, xp_rival rival, const uint32_t *of, size_t n,
                                   double *gain, bool *found, explaint_error *error) {
    void *bytes;
    size_t size;
    explaint_status status = unit_of(side, layer, "rivals", &bytes, &size, error);
    *found = status == EXPLAINT_OK && bytes != NULL && size >= XP_N_RIVALS * n * sizeof(double);
    const double *score = bytes;
    for (size_t i = 0; *found && i < n; i++)
        gain[of[i]] = score[XP_RIVAL_SYSTEM * n + i] - score[(size_t)rival * n + i];
    free(bytes);
    return status;
}

/* What a test drew, its stored units one after the other: number `which` of what each draws. */
static explaint_status read_draws(const xp_party *side, int layer, xp_trial_id id, size_t which, size_t permutations,
                                  double *draw, bool *found, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    *found = true;
    for (size_t first = 1; status == EXPLAINT_OK && *found && first <= permutations; first += XP_BLOCK) {
        const size_t left = permutations - first + 1, block = left < XP_BLOCK ? left : XP_BLOCK;
        void *bytes;
        size_t size;
        status = unitf(side, layer, &bytes, &size, error, "test/%s/%zu", xp_trial_key(id), first);
        *found = bytes != NULL && size == xp_trial_n_draws(id) * block * sizeof(double);
        if (status == EXPLAINT_OK && *found)
            memcpy(draw + first - 1, (const double *)bytes + which * block, block * sizeof *draw);
        free(bytes);
    }
    return status;
}

/* The unit of what a test observed; *seen NULL: not there, or not of these people. */
static explaint_status read_observed(const xp_party *side, int layer, xp_trial_id id, size_t n, double **seen,
                                     explaint_error *error) {
    void *bytes;
    size_t size;
    explaint_status status = unitf(side, layer, &bytes, &size, error, "test/%s/observed", xp_trial_key(id));
    const bool found = status == EXPLAINT_OK && bytes != NULL && size == xp_trial_seen(id, n) * sizeof(double);
    if (!found) free(bytes);
    *seen = found ? bytes : NULL;
    return status;
}

explaint_status xp_party_statistics(const xp_party *side, int layer, const xp_people *people,
                                    const xp_value *assumption, size_t permutations, double *statistic, bool *found,
                                    explaint_error *error) {
    const xp_trial_id id = xp_trial_named(xp_party_text(assumption, "id"));
    *found = id < XP_N_TRIALS && people->n > 0;
    if (!*found) return EXPLAINT_OK;
    const size_t which = xp_trial_decided_by(id);
    double *seen;
    explaint_status status = read_observed(side, layer, id, people->n, &seen, error);
    *found = seen != NULL;
    if (*found) {
        statistic[0] = seen[XP_SEEN_T + which];
        status = read_draws(side, layer, id, which, permutations, statistic + 1, found, error);
    }
    free(seen);
    if (status == EXPLAINT_OK && *found) { /* what was stored must be what was printed */
        xp_test_result test;
        xp_test_summarise(statistic[0], statistic + 1, permutations, &test);
        *found = fabs(test.p - xp_party_number(assumption, "p")) <= 1e-9;
    }
    return status;
}

explaint_status xp_party_agreement(const xp_party *side, int layer, const xp_people *people, const xp_value *assumption,
                                   size_t permutations, double *pseudo, double *null, bool *found,
                                   explaint_error *error) {
    const xp_trial_id id = xp_trial_named(xp_party_text(assumption, "id"));
    *found = id < XP_N_TRIALS && people->n > 0;
    if (!*found) return EXPLAINT_OK;
    double *seen;
    explaint_status status = read_observed(side, layer, id, people->n, &seen, error);
    *found = seen != NULL && seen[XP_SEEN_DIVISOR] > 0;
    if (*found) status = read_draws(side, layer, id, XP_BY_READER, permutations, null, found, error);
    if (status == EXPLAINT_OK && *found) {
        const double r = seen[XP_SEEN_T] / seen[XP_SEEN_DIVISOR], *left_out = seen + XP_SEEN_T + xp_trial_n_draws(id);
        double mean = 0, mean_null = 0, count = 0;
        for (size_t b = 0; b < permutations; b++) {
            null[b] /= seen[XP_SEEN_DIVISOR];
            mean_null += null[b] / (double)permutations;
        }
        for (size_t i = 0; i < people->n; i++) {
            if (isnan(left_out[i])) continue;
            mean += left_out[i];
            count++;
        }
        for (size_t i = 0; i < people->n; i++) pseudo[i] = r - mean_null + (count - 1) * (mean / count - left_out[i]);
        *found = fabs(r - mean_null - xp_party_number(assumption, "gain")) <= 1e-9;
    }
    free(seen);
    return status;
}

explaint_status xp_party_gains(const xp_party *side, int layer, const xp_value *assumption, double *gain, bool *found,
                               explaint_error *error) {
    static const struct {
        const char *id;
        xp_rival rival;
    } rivals[] = {{"mean", XP_RIVAL_MEAN},
                  {"knn", XP_RIVAL_KNN},
                  {"bottleneck", XP_RIVAL_BOTTLENECK},
                  {"reader", XP_RIVAL_READER}};
    enum { N_RIVALS = sizeof rivals / sizeof *rivals };
    const char *id = xp_party_text(assumption, "id");
    const bool spelling = strcmp(id, "W") == 0;
    size_t rival = 0;
    while (rival < N_RIVALS && strcmp(rivals[rival].id, id) != 0) rival++;
    *found = false;
    if ((rival == N_RIVALS && !spelling) || isnan(xp_party_number(assumption, "gain"))) return EXPLAINT_OK;
    xp_people people;
    explaint_status status = xp_party_people(side, layer, &people, found, error);
    if (status != EXPLAINT_OK || !*found || people.n != side->people.n) {
        *found = false;
        xp_people_free(&people);
        return status;
    }
    uint32_t *of = xp_alloc(people.n, sizeof *of);
    const size_t n = of != NULL ? distinct_of(&people, of) : 0;
    for (size_t i = 0; i < people.n; i++) gain[i] = NAN;
    if (of == NULL)
        status = xp_no_memory(error, "the comparison");
    else if (rival < N_RIVALS)
        status = rival_gains(side, layer, rivals[rival].rival, of, n, gain, found, error);
    else
        status = spelling_gains(side, layer, of, n, gain, found, error);
    xp_free(of);
    xp_people_free(&people);
    return status;
}

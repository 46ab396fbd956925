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

/* One concept per equal vector, ascending: what tests and rivals hold. */
static size_t distinct_of(const xp_people *people, uint32_t *of) {
    size_t n = 0;
    for (size_t i = 0; i < people->n; i++)
        if (people->twin[i] == i) of[n++] = (uint32_t)i;
    return n;
}

/* Counts that are tested beside the verdict's. */
static size_t levels_of(const xp_party *side) {
    bool every = false;
    return xp_value_bool(xp_value_member(side->settings, "every_count"), &every) && every ? side->n_counts : 0;
}

/* How many contenders a test's observed unit holds; 0: it is damaged. */
static size_t contenders_of(const xp_party *side, const void *bytes, size_t size, size_t n) {
    const size_t levels = levels_of(side), values = size / sizeof(double);
    const size_t kinds = n > 0 && values > levels ? (values - levels) / n : 0;
    const bool whole =
        bytes != NULL && kinds >= 1 && kinds <= XP_N_CONTENDERS && size == (kinds * n + levels) * sizeof(double);
    return whole ? kinds : 0;
}

/* Adds the null scores of the blocks that count: sum and number by concept. */
static explaint_status add_nulls(const xp_party *side, int layer, const char *trial, size_t n, size_t kinds,
                                 size_t permutations, double *sum, double *count, bool *found, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    *found = true;
    for (size_t first = 1; status == EXPLAINT_OK && *found && first <= permutations; first += XP_BLOCK) {
        const size_t left = permutations - first + 1, block = left < XP_BLOCK ? left : XP_BLOCK;
        void *bytes;
        size_t size;
        status = unitf(side, layer, &bytes, &size, error, "test/%s/%zu", trial, first);
        *found = bytes != NULL && size == ((kinds + levels_of(side)) * block + 2 * n) * sizeof(double);
        const double *value = bytes;
        for (size_t i = 0; *found && i < n; i++) {
            sum[i] += value[kinds * block + i];
            count[i] += value[kinds * block + n + i];
        }
        free(bytes);
    }
    return status;
}

/* E1 to E4: observed - mean of the null. W: system - spelling, of E1's observed scores. */
static explaint_status trial_gains(const xp_party *side, int layer, const char *trial, bool spelling,
                                   size_t permutations, const uint32_t *of, size_t n, double *gain, bool *found,
                                   explaint_error *error) {
    void *bytes;
    size_t size;
    double *null = xp_calloc(2, n * sizeof *null);
    explaint_status status = unitf(side, layer, &bytes, &size, error, "test/%s/observed", trial);
    const size_t kinds = status == EXPLAINT_OK ? contenders_of(side, bytes, size, n) : 0;
    const double *observed = bytes;
    *found = kinds > 0;
    if (null == NULL && status == EXPLAINT_OK) status = xp_no_memory(error, "the comparison");
    if (status == EXPLAINT_OK && *found && !spelling)
        status = add_nulls(side, layer, trial, n, kinds, permutations, null, null + n, found, error);
    for (size_t i = 0; status == EXPLAINT_OK && *found && i < n; i++) {
        if (spelling)
            gain[of[i]] = observed[i] - observed[(kinds - 1) * n + i];
        else
            gain[of[i]] = null[n + i] > 0 ? observed[i] - null[i] / null[n + i] : NAN;
    }
    free(bytes);
    xp_free(null);
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

explaint_status xp_party_statistics(const xp_party *side, int layer, const xp_people *people,
                                    const xp_value *assumption, size_t permutations, double *statistic, bool *found,
                                    explaint_error *error) {
    const xp_trial_id id = xp_trial_named(xp_party_text(assumption, "id"));
    const char *trial = id < XP_N_TRIALS ? xp_trial_key(id) : NULL;
    size_t n = 0;
    for (size_t i = 0; i < people->n; i++) n += people->twin[i] == i;
    explaint_status status = EXPLAINT_OK;
    *found = trial != NULL && n > 0;
    size_t size, kinds = 0;
    void *bytes = NULL;
    if (*found) status = unitf(side, layer, &bytes, &size, error, "test/%s/observed", trial);
    if (status == EXPLAINT_OK && *found) *found = (kinds = contenders_of(side, bytes, size, n)) > 0;
    if (status == EXPLAINT_OK && *found) statistic[0] = xp_mean_of_defined(bytes, n);
    free(bytes);
    for (size_t first = 1; status == EXPLAINT_OK && *found && first <= permutations; first += XP_BLOCK) {
        const size_t left = permutations - first + 1, block = left < XP_BLOCK ? left : XP_BLOCK;
        status = unitf(side, layer, &bytes, &size, error, "test/%s/%zu", trial, first);
        *found = bytes != NULL && size == ((kinds + levels_of(side)) * block + 2 * n) * sizeof(double);
        if (status == EXPLAINT_OK && *found) memcpy(statistic + first, bytes, block * sizeof *statistic);
        free(bytes);
    }
    if (status == EXPLAINT_OK && *found) { /* what was stored must be what was printed */
        const double gain = statistic[0] - xp_mean_of_defined(statistic + 1, permutations);
        *found = fabs(gain - xp_party_number(assumption, "gain")) <= 1e-9 * (1 + fabs(gain));
    }
    return status;
}

explaint_status xp_party_gains(const xp_party *side, int layer, const xp_value *assumption, double *gain, bool *found,
                               explaint_error *error) {
    static const struct {
        const char *id;
        xp_rival rival;
    } rivals[] = {{"mean", XP_RIVAL_MEAN}, {"knn", XP_RIVAL_KNN}, {"bottleneck", XP_RIVAL_BOTTLENECK}};
    enum { N_RIVALS = sizeof rivals / sizeof *rivals };
    const char *id = xp_party_text(assumption, "id");
    const bool spelling = strcmp(id, "W") == 0;
    const xp_trial_id trial = spelling ? XP_E1 : xp_trial_named(id);
    size_t rival = 0, permutations = 0;
    while (rival < N_RIVALS && strcmp(rivals[rival].id, id) != 0) rival++;
    *found = false;
    if ((trial == XP_N_TRIALS && rival == N_RIVALS) || isnan(xp_party_number(assumption, "gain"))) return EXPLAINT_OK;
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
    xp_value_size(xp_value_member(assumption, "permutations"), &permutations);
    if (permutations > 10000000) permutations = 0; /* no run has more */
    if (of == NULL)
        status = xp_no_memory(error, "the comparison");
    else if (rival < N_RIVALS)
        status = rival_gains(side, layer, rivals[rival].rival, of, n, gain, found, error);
    else
        status = trial_gains(side, layer, xp_trial_key(trial), spelling, permutations, of, n, gain, found, error);
    xp_free(of);
    xp_people_free(&people);
    return status;
}

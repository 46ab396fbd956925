/* Scores of single concepts, from a ledger's units. Nothing of them is believed before its size and range are right. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "compare/stored_result.h"
#include "stats/permute.h"
#include "store/ledger_units.h"
#include "units/columns.h"
#include "units/scores.h"

static xp_ledger_place place_of(const xp_stored_result *arm, int layer) {
    return (xp_ledger_place){arm->ledger, arm->run, layer};
}

explaint_status xp_stored_result_concepts(const xp_stored_result *arm, int layer, xp_concepts *concepts, bool *found,
                                          explaint_error *error) {
    const xp_ledger_place at = place_of(arm, layer);
    return xp_ledger_concepts(&at, concepts, found, error);
}

bool xp_stored_result_shares_permutations(const xp_stored_result *a, const xp_concepts *of_a, const xp_stored_result *b,
                                          const xp_concepts *of_b, const char *id) {
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
static bool count_of(const xp_stored_result *arm, const explaint_row *row, const xp_scores *scores, size_t *which) {
    *which = 0;
    if (scores->n_levels == 1) return true;
    const char *penalty = strchr(xp_stored_result_text(row->mapping), ':');
    const xp_value *penalties = xp_value_member(arm->settings, "alpha");
    for (size_t k = 0; penalty != NULL && k < xp_value_count(penalties) && k < scores->n_levels; k++) {
        double value = NAN;
        if (!xp_value_number(xp_value_item(penalties, k), &value) || value != strtod(penalty + 1, NULL)) continue;
        *which = k;
        return true;
    }
    if (scores->n_levels != arm->n_counts || row->n_components == 0) return false;
    for (size_t k = 0; k < arm->n_counts; k++)
        if (arm->counts[k] == row->n_components) {
            *which = k;
            return true;
        }
    return false;
}

explaint_status xp_stored_result_scores(const xp_stored_result *arm, const explaint_row *row, xp_metric metric,
                                        double *num, double *den, bool *found, explaint_error *error) {
    *found = false;
    if (arm->concepts.n == 0 || !(arm->wanted >> metric & 1)) return EXPLAINT_OK;
    const int own = row->layer, layer = own < 0 && arm->n_layers > 0 ? arm->layer[0] : own;
    const xp_ledger_place at = place_of(arm, layer);
    size_t which;
    xp_scores scores;
    unsigned kept;
    bool read;
    explaint_status status =
        xp_ledger_scores(&at, xp_stored_result_text(row->condition), xp_stored_result_text(row->target),
                         arm->concepts.n, arm->wanted, &scores, &kept, &read, error);
    if (read && kept >> metric & 1 && count_of(arm, row, &scores, &which)) {
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
        *found = fabs(value - row->value) <= 1e-9 * (1 + fabs(value));
    }
    xp_scores_free(&scores);
    return status;
}

/* The columns of a unit of n rows; *value NULL: not there, or another. */
static explaint_status columns_of(const xp_stored_result *arm, int layer, const char *name,
                                  const xp_units_columns *columns, size_t n, size_t n_folds, double **value,
                                  explaint_error *error) {
    void *bytes;
    size_t size;
    *value = NULL;
    const xp_ledger_place at = place_of(arm, layer);
    explaint_status status = xp_ledger_bytes(&at, name, &bytes, &size, error);
    bool found = false;
    if (bytes != NULL && (*value = xp_alloc(xp_units_columns_size(columns, n, n_folds), sizeof **value)) == NULL)
        status = xp_no_memory(error, "the comparison");
    status = xp_ledger_unit_read(*value != NULL ? xp_units_columns_unpack(columns, n, n_folds, *value, bytes, size)
                                                : EXPLAINT_INVALID,
                                 bytes, status, &found, error);
    if (!found) {
        xp_free(*value);
        *value = NULL;
    }
    return status;
}

explaint_status xp_stored_result_bits(const xp_stored_result *arm, const explaint_row *row, double *num, double *den,
                                      bool *found, explaint_error *error) {
    const int own = row->layer, layer = own < 0 && arm->n_layers > 0 ? arm->layer[0] : own;
    const size_t n = arm->concepts.n;
    size_t code = 0;
    double *value;
    while (code < XP_N_CODES && strcmp(xp_units_length.name[code], xp_stored_result_text(row->condition)) != 0) code++;
    explaint_status status = columns_of(arm, layer, "description-length", &xp_units_length, n, 0, &value, error);
    *found = value != NULL && n > 0 && code < XP_N_CODES;
    double sum = 0;
    for (size_t i = 0; *found && i < n; i++) {
        sum += num[i] = value[code * n + i];
        den[i] = 1;
    }
    if (*found) *found = fabs(sum / (double)n - row->value) <= 1e-9 * (1 + fabs(sum));
    xp_free(value);
    return status;
}

/* ---- assumptions ---- */

/* One concept per equal vector, ascending: what baselines hold. */
static size_t distinct_of(const xp_concepts *concepts, uint32_t *of) {
    size_t n = 0;
    for (size_t i = 0; i < concepts->n; i++)
        if (concepts->twin[i] == i) of[n++] = (uint32_t)i;
    return n;
}

/* The scores of one column less those of another. */
static explaint_status column_gains(const xp_stored_result *arm, int layer, const char *name,
                                    const xp_units_columns *columns, size_t n_folds, size_t mapping, size_t baseline,
                                    const uint32_t *of, size_t n, double *gain, bool *found, explaint_error *error) {
    double *score;
    explaint_status status = columns_of(arm, layer, name, columns, n, n_folds, &score, error);
    *found = score != NULL;
    for (size_t i = 0; *found && i < n; i++) gain[of[i]] = score[mapping * n + i] - score[baseline * n + i];
    xp_free(score);
    return status;
}

static size_t n_folds_of(const xp_concepts *concepts) {
    size_t n = 0;
    for (size_t i = 0; i < concepts->n; i++)
        if (concepts->fold[i] >= n) n = concepts->fold[i] + 1;
    return n;
}

explaint_status xp_stored_result_statistics(const xp_stored_result *arm, int layer, const xp_concepts *concepts,
                                            const explaint_assumption *assumption, size_t permutations,
                                            double *statistic, bool *found, explaint_error *error) {
    const xp_test_id id = xp_permutation_test_named(xp_stored_result_text(assumption->id));
    *found = id < XP_N_TESTS && concepts->n > 0;
    if (!*found) return EXPLAINT_OK;
    const size_t which = xp_permutation_test_decided_by(id);
    xp_units_observed seen = {.n = concepts->n};
    const xp_ledger_place at = place_of(arm, layer);
    double *draw[XP_UNITS_ARMS] = {NULL};
    draw[which] = statistic + 1;
    explaint_status status = xp_ledger_observed(&at, id, &seen, found, error);
    if (*found) {
        statistic[0] = seen.t[which];
        status = xp_ledger_draws(&at, id, permutations, draw, found, error);
    }
    if (status == EXPLAINT_OK && *found) { /* what was stored must be what was printed */
        xp_test_result test;
        xp_permute_summarise(statistic[0], statistic + 1, permutations, &test);
        *found = fabs(test.p - assumption->p) <= 1e-9;
    }
    return status;
}

explaint_status xp_stored_result_agreement(const xp_stored_result *arm, int layer, const xp_concepts *concepts,
                                           const explaint_assumption *assumption, size_t permutations, double *pseudo,
                                           double *null, bool *found, explaint_error *error) {
    const xp_test_id id = xp_permutation_test_named(xp_stored_result_text(assumption->id));
    *found = id < XP_N_TESTS && concepts->n > 0;
    if (!*found) return EXPLAINT_OK;
    double *left_out = pseudo; /* one becomes the other */
    xp_units_observed seen = {.n = concepts->n, .left_out = left_out};
    const xp_ledger_place at = place_of(arm, layer);
    double *const draw[XP_UNITS_ARMS] = {[XP_BY_READER] = null};
    explaint_status status = xp_ledger_observed(&at, id, &seen, found, error);
    *found = *found && seen.divisor > 0;
    if (*found) status = xp_ledger_draws(&at, id, permutations, draw, found, error);
    if (status == EXPLAINT_OK && *found) {
        const double r = seen.t[XP_BY_READER] / seen.divisor;
        double mean = 0, mean_null = 0, count = 0;
        for (size_t b = 0; b < permutations; b++) {
            null[b] /= seen.divisor;
            mean_null += null[b] / (double)permutations;
        }
        for (size_t i = 0; i < concepts->n; i++) {
            if (isnan(left_out[i])) continue;
            mean += left_out[i];
            count++;
        }
        for (size_t i = 0; i < concepts->n; i++) pseudo[i] = r - mean_null + (count - 1) * (mean / count - left_out[i]);
        *found = fabs(r - mean_null - assumption->gain) <= 1e-9;
    }
    return status;
}

explaint_status xp_stored_result_gains(const xp_stored_result *arm, int layer, const explaint_assumption *assumption,
                                       double *gain, bool *found, explaint_error *error) {
    static const struct {
        const char *id;
        xp_units_baseline baseline;
    } baselines[] = {{"mean", XP_BASELINE_MEAN},
                     {"knn", XP_BASELINE_KNN},
                     {"bottleneck", XP_BASELINE_BOTTLENECK},
                     {"reader", XP_BASELINE_READER}};
    enum { N_BASELINES = sizeof baselines / sizeof *baselines };
    const char *id = xp_stored_result_text(assumption->id);
    const bool spelling = strcmp(id, "W") == 0;
    size_t baseline = 0;
    while (baseline < N_BASELINES && strcmp(baselines[baseline].id, id) != 0) baseline++;
    *found = false;
    if ((baseline == N_BASELINES && !spelling) || isnan(assumption->gain)) return EXPLAINT_OK;
    xp_concepts concepts;
    explaint_status status = xp_stored_result_concepts(arm, layer, &concepts, found, error);
    if (status != EXPLAINT_OK || !*found || concepts.n != arm->concepts.n) {
        *found = false;
        xp_concepts_free(&concepts);
        return status;
    }
    uint32_t *of = xp_alloc(concepts.n, sizeof *of);
    const size_t n = of != NULL ? distinct_of(&concepts, of) : 0;
    for (size_t i = 0; i < concepts.n; i++) gain[i] = NAN;
    if (of == NULL)
        status = xp_no_memory(error, "the comparison");
    else if (spelling)
        status = column_gains(arm, layer, "word-form", &xp_units_word_form, 0, XP_WORD_FORM_READER,
                              XP_WORD_FORM_SPELLING, of, n, gain, found, error);
    else
        status = column_gains(arm, layer, "baselines", &xp_units_baselines, n_folds_of(&concepts), XP_BASELINE_SYSTEM,
                              baselines[baseline].baseline, of, n, gain, found, error);
    xp_free(of);
    xp_concepts_free(&concepts);
    return status;
}

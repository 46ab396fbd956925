/* Differences of scores. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "compare/comparison.h"

/* Out-of-fold scores share training data, and the plain interval of a difference is too narrow: as in verdicts (docs/methods.md#intervals). */
static const double WIDER = 1.25, WIDER_HELD_OUT = 1.5;

/* ---- which rows belong together ---- */

/* The count that a verdict is about, or none. */
static bool is_main(const xp_stored_result *arm, const explaint_row *row) {
    const char *mapping = xp_stored_result_text(row->mapping);
    if (strchr(mapping, ':') != NULL && arm->verdict_mapping[0] != 0) return strcmp(mapping, arm->verdict_mapping) == 0;
    return row->n_components == 0 || row->n_components == arm->verdict_count;
}

/* Both have rows of the same component counts, or of the same penalties. */
static bool same_levels(const xp_comparison *c) {
    const xp_stored_result *a = &c->arm[0], *b = &c->arm[1];
    const xp_value *penalties = xp_value_member(a->settings, "alpha");
    if (xp_value_is_array(penalties)) return xp_value_equal(penalties, xp_value_member(b->settings, "alpha"));
    return a->n_counts == b->n_counts && a->n_counts > 0 &&
           memcmp(a->counts, b->counts, a->n_counts * sizeof *a->counts) == 0;
}

/* The row of an arm that stands beside one like `row`, *found NULL if there is none. Two would leave open which is meant. */
static explaint_status find(const xp_comparison *c, const xp_stored_result *arm, const explaint_row *row, int layer,
                            const explaint_row **found, explaint_error *error) {
    const bool by_level = same_levels(c);
    *found = NULL;
    size_t n;
    const explaint_row *const *like = xp_stored_result_rows_like(arm, row, layer, &n);
    for (size_t i = 0; i < n; i++) {
        if (by_level ? row->n_components != like[i]->n_components ||
                           strcmp(xp_stored_result_text(row->mapping), xp_stored_result_text(like[i]->mapping)) != 0
                     : !is_main(arm, like[i]))
            continue;
        if (*found != NULL)
            return xp_fail(error, EXPLAINT_INVALID, arm->path, 0,
                           "has two rows for condition \"%s\", target \"%s\", metric \"%s\" of the same mapping: one "
                           "was expected",
                           xp_stored_result_text(row->condition), xp_stored_result_text(row->target),
                           xp_stored_result_text(row->metric));
        *found = like[i];
    }
    return EXPLAINT_OK;
}

/* ---- one row ---- */

static bool is_random_target(const char *target) {
    return strcmp(target, "norms") != 0 && strcmp(target, "word-form") != 0 && strcmp(target, "taxonomic-drop") != 0;
}

typedef struct sums {
    double *num, *den; /* by concept of the arm */
} sums;

/* difference[i]: such that its mean over the concepts of both is value(B) - value(A), with the denominators that these concepts have together. */
static void differences(const xp_comparison *c, const sums s[2], xp_metric metric, double *difference,
                        double value[2]) {
    double total[2] = {0, 0}, above[2] = {0, 0}, n = 0;
    for (size_t i = 0; i < c->n; i++) {
        bool both = true;
        for (int k = 0; k < 2; k++) both = both && (s[k].den[c->place[k][i]] > 0 || metric == XP_R2);
        difference[i] = both ? 0 : NAN;
        for (int k = 0; both && k < 2; k++) {
            above[k] += s[k].num[c->place[k][i]];
            total[k] += s[k].den[c->place[k][i]];
        }
        n += both;
    }
    for (int k = 0; k < 2; k++) value[k] = metric == XP_R2 ? 1 - above[k] / total[k] : above[k] / total[k];
    for (size_t i = 0; i < c->n; i++) {
        if (isnan(difference[i])) continue;
        double by = s[1].num[c->place[1][i]] / total[1] - s[0].num[c->place[0][i]] / total[0];
        difference[i] = n * (metric == XP_R2 ? -by : by);
    }
}

static explaint_status pair_row(xp_comparison *c, const explaint_row *const rows[2], explaint_compared_row *out,
                                explaint_error *error) {
    xp_metric metric = XP_N_METRICS;
    const bool bits = strcmp(out->metric, "description_length") == 0;
    if (!c->paired || (!bits && !xp_metric_find(out->metric, strlen(out->metric), &metric)) ||
        (is_random_target(out->target) && !c->same_draws))
        return EXPLAINT_OK;
    const size_t n[2] = {c->arm[0].concepts.n, c->arm[1].concepts.n};
    double *work = xp_alloc(2 * (n[0] + n[1]) + c->n, sizeof *work);
    if (work == NULL) return xp_no_memory(error, "the comparison");
    const sums s[2] = {{work, work + n[0]}, {work + 2 * n[0], work + 2 * n[0] + n[1]}};
    double *difference = work + 2 * (n[0] + n[1]);
    explaint_status status = EXPLAINT_OK;
    bool found = true;
    for (int k = 0; k < 2 && status == EXPLAINT_OK && found; k++)
        status = bits ? xp_stored_result_bits(&c->arm[k], rows[k], s[k].num, s[k].den, &found, error)
                      : xp_stored_result_scores(&c->arm[k], rows[k], metric, s[k].num, s[k].den, &found, error);
    if (status == EXPLAINT_OK && found) {
        differences(c, s, metric, difference, out->paired.value);
        const bool held_out = strcmp(out->condition, "category-folds") == 0;
        xp_comparison_pair(c, difference, held_out ? WIDER_HELD_OUT : WIDER, &out->paired);
    }
    xp_free(work);
    return status;
}

static explaint_status add_row(xp_comparison *c, const explaint_row *const rows[2], explaint_error *error) {
    explaint_compared_row *out =
        xp_comparison_grow(c, (void **)&c->row, &c->view.n_rows, &c->row_capacity, sizeof *out);
    if (out == NULL) return xp_no_memory(error, "the comparison");
    out->condition = xp_stored_result_text(rows[0]->condition);
    out->target = xp_stored_result_text(rows[0]->target);
    out->metric = xp_stored_result_text(rows[0]->metric);
    for (int k = 0; k < 2; k++) {
        out->mapping[k] = xp_stored_result_text(rows[k]->mapping);
        out->layer[k] = rows[k]->layer;
        out->n_components[k] = rows[k]->n_components;
        out->value[k] = rows[k]->value;
    }
    out->paired = xp_comparison_untested(out->value[1] - out->value[0]);
    out->p_adjusted = NAN;
    return pair_row(c, rows, out, error);
}

explaint_status xp_compare_rows(xp_comparison *c, int a, int b, bool shared, explaint_error *error) {
    const xp_stored_result *const arm = c->arm;
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < arm[0].result->n_rows; i++) {
        const explaint_row *row = &arm[0].result->rows[i], *both[2] = {NULL, NULL};
        const int layer = row->layer;
        if (row->fold >= 0 || layer != (layer < 0 ? -1 : a) || (layer < 0 && !shared)) continue;
        status = find(c, &arm[0], row, layer, &both[0], error);
        if (both[0] != row) continue; /* not the level that the other arm has */
        /* a row without a layer stands beside one without, or in a run without layers beside the layer's */
        if (status == EXPLAINT_OK) status = find(c, &arm[1], row, layer >= 0 || a < 0 ? b : -1, &both[1], error);
        if (status == EXPLAINT_OK && both[1] == NULL && (layer < 0) != (b < 0))
            status = find(c, &arm[1], row, -1, &both[1], error);
        if (status == EXPLAINT_OK && both[1] != NULL) status = add_row(c, both, error);
    }
    return status;
}

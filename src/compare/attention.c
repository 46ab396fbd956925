/* Two runs of `explaint attend` side by side: rows of the same measure and qualifiers, layer by layer, paired by text where both looked at
 * the same texts; verdicts by layer. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "compare/comparison.h"
#include "explaint/attend.h"
#include "units/attention.h"
#include "units/flow.h"

enum { FEW_TEXTS = 30 }; /* fewer do not decide (docs/attention.md#verdict) */

static const char what_for[] = "the comparison";

static bool same_text(const char *a, const char *b) { return a != NULL && b != NULL && strcmp(a, b) == 0; }

/* ---- rows of a layer, by what they say ---- */

typedef struct layer_rows {
    const explaint_attend_row **row; /* in the order of by_meaning */
    size_t n;
} layer_rows;

/* By all that tells rows of one layer apart: text, head, the measure and its qualifiers. */
static int by_meaning(const void *a, const void *b) {
    return xp_comparison_order(&explaint_attend_row_kind, *(const explaint_attend_row *const *)a,
                               *(const explaint_attend_row *const *)b);
}

static explaint_status layer_read(const xp_stored_result *arm, int layer, layer_rows *l, explaint_error *error) {
    const explaint_attend_result *r = arm->attention;
    *l = (layer_rows){.row = xp_alloc(r->n_rows, sizeof(explaint_attend_row *))};
    if (l->row == NULL) return xp_no_memory(error, what_for);
    for (size_t i = 0; i < r->n_rows; i++)
        if (r->rows[i].layer == layer) l->row[l->n++] = &r->rows[i];
    qsort(l->row, l->n, sizeof(explaint_attend_row *), by_meaning);
    for (size_t i = 1; i < l->n; i++)
        if (by_meaning(&l->row[i - 1], &l->row[i]) == 0)
            return xp_fail(error, EXPLAINT_INVALID, arm->path, 0,
                           "has two rows of measure \"%s\" in layer %d with the same qualifiers: one was expected",
                           xp_stored_result_text(l->row[i]->measure), layer);
    return EXPLAINT_OK;
}

/* The row that says of the text what another one says, perhaps of another layer. */
static const explaint_attend_row *find(const layer_rows *l, const explaint_attend_row *like, int text) {
    explaint_attend_row sought = *like;
    sought.text = text;
    if (l->n > 0) sought.layer = l->row[0]->layer;
    const explaint_attend_row *key = &sought;
    const explaint_attend_row *const *found = bsearch(&key, l->row, l->n, sizeof(explaint_attend_row *), by_meaning);
    return found != NULL ? *found : NULL;
}

/* ---- a difference, over texts ---- */

/* Of all texts together these are shares or means of rows; others are means, or extremes, of texts. */
static bool is_of_rows(const char *measure) {
    static const char *const of_rows[] = {"identity_recovered",       "own_rank_mean", "next_recovered", "chance",
                                          "previous_layer_recovered", "rollout_column"};
    for (size_t i = 0; i < sizeof of_rows / sizeof *of_rows; i++)
        if (strcmp(measure, of_rows[i]) == 0) return true;
    for (size_t i = 0; i < XP_UNITS_LOOKS; i++)
        if (strcmp(measure, xp_units_look_names[i]) == 0) return true;
    for (xp_flow i = 0; i < XP_N_FLOWS; i++)
        if (strcmp(measure, xp_units_flows[i]) == 0) return xp_units_flow_joinings[i] == XP_FLOW_MEAN_OF_ROWS;
    return false;
}

/* difference[t]: such that its mean over the texts of both is B - A over these texts, each row (or text) counting once. */
static size_t by_text(const xp_comparison *c, const layer_rows l[2], const explaint_attend_row *row, double *difference,
                      double value[2]) {
    double above[2] = {0, 0}, total[2] = {0, 0};
    const bool of_rows = is_of_rows(xp_stored_result_text(row->measure));
    size_t n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t t = 0; t < c->n; t++) {
            const explaint_attend_row *const both[2] = {find(&l[0], row, (int)t), find(&l[1], row, (int)t)};
            difference[t] = NAN;
            if (both[0] == NULL || both[1] == NULL || isnan(both[0]->value) || isnan(both[1]->value)) continue;
            double part[2];
            for (int k = 0; k < 2; k++) {
                const double weight = of_rows && both[k]->n > 0 ? (double)both[k]->n : 1;
                part[k] = weight * both[k]->value;
                if (pass > 0) continue;
                above[k] += part[k];
                total[k] += weight;
            }
            n += pass == 0;
            difference[t] = (double)n * (part[1] / total[1] - part[0] / total[0]);
        }
    for (int k = 0; k < 2; k++) value[k] = above[k] / total[k];
    return n;
}

static explaint_status pair(xp_comparison *c, const layer_rows l[2], const explaint_attend_row *row,
                            explaint_compared_measure *out, explaint_error *error) {
    if (!c->paired) return EXPLAINT_OK;
    double *difference = xp_alloc(c->n, sizeof *difference);
    if (difference == NULL) return xp_no_memory(error, what_for);
    double value[2];
    if (by_text(c, l, row, difference, value) > 0) {
        memcpy(out->paired.value, value, sizeof value);
        xp_comparison_pair(c, difference, 1, &out->paired);
    }
    xp_free(difference);
    return EXPLAINT_OK;
}

static explaint_compared_measure *add_measure(xp_comparison *c, const int layer[2], const explaint_attend_row *a,
                                              const double value[2]) {
    explaint_compared_measure *m = xp_comparison_measure(c, layer, a->head, a->measure, value);
    if (m == NULL) return NULL;
    m->g = a->g;
    m->candidates = a->candidates;
    m->reference = a->reference;
    m->distance = a->distance;
    m->hit = a->hit;
    m->rows = a->rows;
    m->standardised = a->standardised;
    m->model = a->model;
    m->pairs = a->pairs;
    m->damage = a->damage;
    m->undone = a->undone;
    m->scope = a->scope;
    m->column = a->column;
    m->level = a->level;
    return m;
}

static explaint_status compare_rows(xp_comparison *c, const layer_rows l[2], const int layer[2],
                                    explaint_error *error) {
    const explaint_attend_result *a = c->arm[0].attention;
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < a->n_rows; i++) {
        const explaint_attend_row *row = &a->rows[i], *other;
        if (row->layer != layer[0] || row->text >= 0 || row->measure == NULL) continue;
        if ((other = find(&l[1], row, -1)) == NULL) continue;
        explaint_compared_measure *m = add_measure(c, layer, row, (const double[]){row->value, other->value});
        status = m != NULL ? pair(c, l, row, m, error) : xp_no_memory(error, what_for);
    }
    return status;
}

/* ---- what decided, layer by layer ---- */

static const explaint_attend_layer *judged(const explaint_attend_result *r, int layer) {
    for (size_t i = 0; i < r->n_layers; i++)
        if ((int)r->layers[i].layer == layer) return &r->layers[i];
    return NULL;
}

/* The head that was asked about; NULL: none of this layer. */
static const explaint_attend_head *asked(const explaint_attend_result *r, int layer) {
    for (size_t i = 0; i < r->n_heads; i++)
        if ((int)r->heads[i].layer == layer) return &r->heads[i];
    return NULL;
}

static void compare_judged(xp_comparison *c, const int layer[2]) {
    static const xp_comparison_number of_layer[] = {
        {"judged_recovered", offsetof(explaint_attend_layer, recovered)},
        {"judged_shuffled", offsetof(explaint_attend_layer, shuffled)},
        {"judged_own_largest", offsetof(explaint_attend_layer, own_largest)},
        {"judged_whole", offsetof(explaint_attend_layer, whole)},
        {"judged_content", offsetof(explaint_attend_layer, content)},
        {"judged_null", offsetof(explaint_attend_layer, null_mean)},
    };
    static const xp_comparison_number of_head[] = {
        {"judged_whole", offsetof(explaint_attend_head, whole)},
        {"judged_content", offsetof(explaint_attend_head, content)},
        {"judged_null", offsetof(explaint_attend_head, null_mean)},
    };
    const explaint_attend_layer *both[2];
    const explaint_attend_head *head[2];
    for (int s = 0; s < 2; s++) {
        both[s] = judged(c->arm[s].attention, layer[s]);
        head[s] = asked(c->arm[s].attention, layer[s]);
    }
    if (both[0] != NULL && both[1] != NULL)
        xp_comparison_numbers(c, layer, -1, of_layer, sizeof of_layer / sizeof *of_layer, both[0], both[1]);
    if (head[0] != NULL && head[1] != NULL && head[0]->head == head[1]->head && head[0]->head <= 100000)
        xp_comparison_numbers(c, layer, (int)head[0]->head, of_head, sizeof of_head / sizeof *of_head, head[0],
                              head[1]);
}

static const explaint_attend_verdict *verdict_on(const explaint_attend_result *r, const char *claim, int layer) {
    for (size_t i = 0; i < r->n_verdicts; i++) {
        const explaint_attend_verdict *v = &r->verdicts[i];
        if (same_text(v->claim, claim) && layer > 0 && v->layers[0] <= (size_t)layer && (size_t)layer <= v->layers[1])
            return v;
    }
    return NULL;
}

static bool compare_assumptions(const explaint_attend_verdict *const both[2], explaint_compared_verdict *out) {
    explaint_compared_assumption *made = xp_calloc(both[0]->n_assumptions, sizeof *made);
    out->assumptions = made;
    for (size_t i = 0; made != NULL && i < both[0]->n_assumptions; i++)
        for (size_t k = 0; k < both[1]->n_assumptions; k++) {
            const explaint_attend_assumption *a = &both[0]->assumptions[i], *b = &both[1]->assumptions[k];
            if (!same_text(a->id, b->id)) continue;
            made[out->n_assumptions++] = (explaint_compared_assumption){
                .id = a->id,
                .outcome = {xp_stored_result_text(a->outcome), xp_stored_result_text(b->outcome)},
                .gain = {NAN, NAN},
                .mde = {NAN, NAN},
                .r = {NAN, NAN},
                .paired = xp_comparison_untested(NAN),
                .changed = !same_text(a->outcome, b->outcome)};
            break;
        }
    return made != NULL;
}

static explaint_status compare_verdicts(xp_comparison *c, const int layer[2], explaint_error *error) {
    static const char *const claims[] = {"tokens", "sink", "head"};
    for (size_t k = 0; k < sizeof claims / sizeof *claims; k++) {
        const explaint_attend_verdict *both[2];
        for (int s = 0; s < 2; s++) both[s] = verdict_on(c->arm[s].attention, claims[k], layer[s]);
        if (both[0] == NULL || both[1] == NULL || both[0]->head != both[1]->head) continue;
        explaint_compared_verdict *out =
            xp_comparison_verdict(c, claims[k], (const char *const[]){both[0]->verdict, both[1]->verdict},
                                  (const char *const[]){both[0]->decided_by, both[1]->decided_by}, layer);
        if (out == NULL) return xp_no_memory(error, what_for);
        out->head = both[0]->head;
        if (!compare_assumptions(both, out)) return xp_no_memory(error, what_for);
    }
    return EXPLAINT_OK;
}

/* ---- the whole ---- */

/* Texts of single rows: the largest number, and one more. More than there are rows is a mistake of the file. */
static size_t n_texts(const explaint_attend_result *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->n_rows; i++)
        if (r->rows[i].text >= 0 && (size_t)r->rows[i].text < r->n_rows && (size_t)r->rows[i].text >= n)
            n = (size_t)r->rows[i].text + 1;
    return n;
}

explaint_status xp_attention_settings(xp_comparison *c, explaint_error *error) {
    static const xp_comparison_role roles[] = {{"model", "model"},
                                               {"texts", "texts"},
                                               {"fit_texts", "fit_texts"},
                                               {"judged_texts", "judged_texts"},
                                               {"relation", "relation"}};
    /* which rows were asked for changes no number in them */
    static const char *const of_rows[] = {"measures", "layers", "by_head", "by_text", "linear_g", NULL};
    static const char *const read[] = {"level", "special"};
    const explaint_attend_result *const r[2] = {c->arm[0].attention, c->arm[1].attention};
    for (size_t k = 0; k < sizeof read / sizeof *read; k++)
        if (!xp_value_equal(xp_value_member(c->arm[0].settings, read[k]), xp_value_member(c->arm[1].settings, read[k])))
            return xp_fail(error, EXPLAINT_INVALID, c->arm[1].path, 0,
                           "expected two runs that read maps alike, found that %s has another --%s than %s",
                           c->arm[1].place, read[k], c->arm[0].place);
    xp_comparison_inputs(c, roles, sizeof roles / sizeof *roles);
    xp_comparison_settings(c, of_rows);
    const size_t n[2] = {n_texts(r[0]), n_texts(r[1])};
    c->n = n[0] < n[1] ? n[0] : n[1];
    if (!xp_comparison_same_input(c, "texts", "texts")) {
        xp_comparison_note(c, "The texts differ: a difference holds theirs, and none is tested.");
        return EXPLAINT_OK;
    }
    if (r[0]->n_judged > 0 && r[1]->n_judged > 0 &&
        (!xp_comparison_same_input(c, "judged_texts", "judged_texts") || r[0]->judged_length != r[1]->judged_length))
        xp_comparison_note(c,
                           "The texts that decide are not cut alike (%zu texts of length %zu, %zu of %zu): r of their "
                           "maps depends on their length.",
                           r[0]->n_judged, r[0]->judged_length, r[1]->n_judged, r[1]->judged_length);
    if (c->n == 0) return EXPLAINT_OK;
    if (c->n < FEW_TEXTS)
        xp_comparison_note(c, "Paired over %zu texts: intervals of fewer than %d are too narrow.", c->n, FEW_TEXTS);
    c->paired = xp_bootstrap_create(&c->resample, c->n, c->options.bootstrap, c->options.seed);
    return c->paired ? EXPLAINT_OK : xp_no_memory(error, what_for);
}

explaint_status xp_attention_layers(xp_comparison *c, int a, int b, bool shared, explaint_error *error) {
    (void)shared; /* all of it is of layers */
    const int layer[2] = {a, b};
    layer_rows rows[2] = {{0}, {0}};
    explaint_status status = EXPLAINT_OK;
    for (int s = 0; s < 2 && status == EXPLAINT_OK; s++) status = layer_read(&c->arm[s], layer[s], &rows[s], error);
    if (status == EXPLAINT_OK) status = compare_rows(c, rows, layer, error);
    for (int s = 0; s < 2; s++) xp_free(rows[s].row);
    if (status != EXPLAINT_OK) return status;
    compare_judged(c, layer);
    return compare_verdicts(c, layer, error);
}

/* Token continuity as rows of the result: shares of rows, ranks and similarities, of all texts together and of each. */
#include <math.h>
#include <stdlib.h>

#include "attention/continuity_run.h"
#include "base/error.h"
#include "base/memory.h"

typedef struct xp_continuity run;

static int ascending(const void *a, const void *b) {
    const uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return p < q ? -1 : p > q;
}

static double median(uint32_t *rank, size_t n) {
    qsort(rank, n, sizeof *rank, ascending);
    return n == 0 ? NAN : n % 2 == 1 ? rank[n / 2] : (rank[n / 2 - 1] + (double)rank[n / 2]) / 2;
}

/* The measures of rows first .. end - 1, of one text or of all. */
static void add_measures(run *r, size_t k, const explaint_attend_row *base, size_t first, size_t end, bool content,
                         uint32_t *sorted) {
    const xp_units_rows *layer = &r->layer[base->layer];
    const uint32_t *ranks = layer->rank + k * r->n_rows;
    const uint8_t *nexts = layer->next + k * r->n_rows;
    size_t n = 0, by_id = 0, by_row = 0, n_next = 0, next = 0;
    double sum = 0, chance = 0;
    for (size_t i = first; i < end; i++) {
        const bool last = i + 1 == r->n_rows || r->text[i + 1] != r->text[i];
        if ((content && r->special[i]) || !xp_continuity_asks(r, &r->variant[k], i)) continue;
        const uint32_t rank = ranks[i];
        sorted[n++] = rank;
        sum += rank;
        by_id += rank == 1;
        by_row += layer->row[k * r->n_rows + i];
        chance += 1 / (double)xp_continuity_candidates(r, &r->variant[k], r->text[i]);
        if (last) continue;
        n_next++;
        next += nexts[i];
    }
    explaint_attend_row row = *base;
    const struct {
        const char *measure, *hit;
        double value;
        size_t n;
    } all[] = {
        {"identity_recovered", "id", (double)by_id / (double)n, n},
        {"identity_recovered", "row", (double)by_row / (double)n, n},
        {"own_rank_mean", NULL, sum / (double)n, n},
        {"own_rank_median", NULL, n > 0 ? median(sorted, n) : NAN, n},
        {"next_recovered", "id", (double)next / (double)n_next, n_next},
        {"chance", NULL, chance / (double)n, n},
    };
    for (size_t m = 0; m < sizeof all / sizeof *all; m++) {
        if (!xp_attend_wants(r->a, "continuity", all[m].measure)) continue;
        row.measure = all[m].measure;
        row.hit = all[m].hit;
        row.value = all[m].value;
        row.n = all[m].n;
        xp_attend_add(r->a, &row);
    }
}

static explaint_attend_row blank(size_t layer) {
    return (explaint_attend_row){
        .text = -1, .layer = (int)layer, .head = -1, .standardised = -1, .undone = -1, .column = -1};
}

static void add_variant(run *r, size_t k, size_t layer, uint32_t *sorted) {
    const xp_continuity_variant *v = &r->variant[k];
    const xp_corpus *c = &r->a->texts;
    explaint_attend_row row = blank(layer);
    row.g = xp_g_names[v->g];
    row.candidates = v->vocabulary ? "vocabulary" : "sentence";
    row.reference = v->h0 ? "h0" : "word";
    row.distance = xp_distance_names[v->distance];
    row.standardised = v->standardised;
    row.model = v->random ? "random" : "trained";
    row.pairs = v->shuffled ? "shuffled" : "true";
    const bool main =
        !v->vocabulary && !v->h0 && !v->standardised && !v->random && !v->shuffled && v->distance == XP_COSINE;
    for (int content = r->a->read.without_special; content < 2; content++) {
        row.rows = xp_units_rows_names[content];
        row.text = -1;
        add_measures(r, k, &row, 0, r->n_rows, content, sorted);
        for (size_t t = 0; (main || r->a->options.by_text) && t < c->n_texts; t++) {
            row.text = (int)t;
            add_measures(r, k, &row, r->first_row[t], r->first_row[t] + c->text[t].side.n, content, sorted);
        }
    }
}

static void add_one(run *r, explaint_attend_row *row, const char *measure, double value, size_t n) {
    if (!xp_attend_wants(r->a, "continuity", measure)) return;
    row->measure = measure;
    row->value = value;
    row->n = n;
    xp_attend_add(r->a, row);
}

/* Of rows first .. end - 1, of one text or of all. */
static void add_previous(run *r, explaint_attend_row *row, xp_distance distance, bool content, size_t first,
                         size_t end) {
    const uint32_t *rank = r->layer[row->layer].previous + (size_t)distance * r->n_rows;
    size_t n = 0, hits = 0;
    for (size_t i = first; i < end; i++) {
        if (content && r->special[i]) continue;
        n++;
        hits += rank[i] == 1;
    }
    add_one(r, row, "previous_layer_recovered", (double)hits / (double)n, n);
}

static void add_previous_rows(run *r, size_t layer) {
    const xp_corpus *c = &r->a->texts;
    for (xp_distance k = XP_COSINE; k < XP_N_DISTANCES; k++)
        for (int content = r->a->read.without_special; content < 2; content++) {
            explaint_attend_row row = blank(layer);
            row.distance = xp_distance_names[k];
            row.rows = xp_units_rows_names[content];
            add_previous(r, &row, k, content, 0, r->n_rows);
            for (size_t t = 0; (k == XP_COSINE || r->a->options.by_text) && t < c->n_texts; t++) {
                row.text = (int)t;
                add_previous(r, &row, k, content, r->first_row[t], r->first_row[t] + c->text[t].side.n);
            }
        }
}

static void add_pairs(run *r, explaint_attend_row row, int content) {
    const xp_pairs *pairs = xp_continuity_pairs(&r->layer[row.layer], row.standardised, content);
    const double *anisotropy = xp_continuity_anisotropy(&r->layer[row.layer], row.standardised, content);
    add_one(r, &row, "anisotropy", pairs->all, 0);
    add_one(r, &row, "cosine_random_pairs", pairs->random, 0);
    add_one(r, &row, "cosine_same_token", pairs->same_token, 0);
    add_one(r, &row, "cosine_same_position", pairs->same_position, 0);
    for (size_t t = 0; (!row.standardised || r->a->options.by_text) && t < r->a->texts.n_texts; t++) {
        row.text = (int)t;
        add_one(r, &row, "anisotropy", anisotropy[t], 0);
    }
}

static void add_layer(run *r, size_t layer) {
    size_t n[2] = {r->n_rows, r->n_rows};
    for (size_t i = 0; i < r->n_rows; i++) n[1] -= r->special[i];
    for (int standardised = 0; standardised < 2; standardised++)
        for (int content = r->a->read.without_special; content < 2; content++) {
            explaint_attend_row row = blank(layer);
            row.rows = xp_units_rows_names[content];
            row.standardised = standardised;
            add_pairs(r, row, content);
            if (layer > 0)
                add_one(r, &row, "cka_previous_layer", *xp_continuity_cka(&r->layer[layer], standardised, content),
                        n[content]);
        }
    if (layer > 0) add_previous_rows(r, layer);
}

static bool add_rows(run *r) {
    uint32_t *sorted = xp_alloc(r->n_rows, sizeof *sorted);
    for (size_t layer = 0; sorted != NULL && layer < xp_continuity_layers(r); layer++) {
        if (!r->a->layer[layer]) continue;
        for (size_t k = 0; k < r->n_variants; k++) add_variant(r, k, layer, sorted);
        add_layer(r, layer);
    }
    xp_free(sorted);
    return sorted != NULL;
}

explaint_status xp_continuity_rows(xp_continuity *c, explaint_error *error) {
    return add_rows(c) ? EXPLAINT_OK : xp_no_memory(error, "token continuity");
}

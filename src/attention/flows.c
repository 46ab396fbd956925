#include "attention/flows.h"

#include <math.h>
#include <string.h>

#include "attention/stored.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/maxflow.h"
#include "flow/rollout.h"
#include "flow/shares.h"
#include "units/flow.h"

static const char what[] = "the flow of texts";

/* A maximum flow for each pair of rows and each layer: 128 pieces in 12 layers take minutes. A graph has at most 16,384 nodes a layer but the first,
 * so that a path fits on the stack of a thread. */
enum { MOST_PIECES = 128, MOST_NODES = 16384 };

enum { ROLLOUT, FLOW, NORMALISED, N_MAPS };
static const char *const map_names[N_MAPS] = {"rollout", "flow", "flow_normalised"};

struct xp_flows {
    xp_attend *a;
    bool wants[XP_N_FLOWS];
    xp_units_flow *text;
    xp_stored pieces; /* one per text */
    double *
        *mixed; /* of a text: layers x n x n, means of heads and then xp_rollout_mix of them, while its unit is made */
    double **maps; /* of a text: N_MAPS x n x n of the last layer, with keep_maps */
};

typedef struct xp_flows run;

static size_t pieces_of(const run *r, size_t t) { return r->a->texts.text[t].n; }

static bool fits(const run *r, size_t t) {
    const size_t n = pieces_of(r, t);
    return n <= MOST_PIECES && n * r->a->info->n_layers <= MOST_NODES;
}

/* ---- a text ---- */

/* n x n each. */
typedef struct scratch {
    double *rollout, *uniform, *equal, *other, *shares;
} scratch;

static bool create_scratch(size_t n, scratch *s) {
    const size_t size = n * n;
    *s = (scratch){.rollout = xp_alloc(5 * n, n * sizeof *s->rollout)};
    if (s->rollout == NULL) return false;
    s->uniform = s->rollout + size;
    s->equal = s->uniform + size;
    s->other = s->equal + size;
    s->shares = s->other + size;
    return true;
}

static void put(const xp_units_flow *f, xp_flow measure, size_t layer, double value) {
    const size_t at = xp_units_flow_at(f, measure, layer);
    f->mean[at] = value;
    f->rows[at] = (double)f->n_pieces;
}

static void roll(const run *r, size_t t, scratch *s) {
    const size_t n = pieces_of(r, t);
    const xp_units_flow *f = &r->text[t];
    xp_shares_uniform(n, r->a->texts.causal, s->equal);
    xp_rollout_mix(n, s->equal, s->equal);
    xp_rollout_begin(n, s->rollout);
    xp_rollout_begin(n, s->uniform);
    for (size_t layer = 0; layer < f->n_layers; layer++) {
        double *mixed = r->mixed[t] + layer * n * n;
        xp_rollout_mix(n, mixed, mixed);
        xp_rollout_step(n, mixed, s->rollout, s->other);
        xp_rollout_step(n, s->equal, s->uniform, s->other);
        const xp_shares rolled = xp_shares_of(n, s->rollout), even = xp_shares_of(n, s->uniform);
        put(f, XP_FLOW_ROLLOUT_OWN, layer, rolled.own);
        put(f, XP_FLOW_ROLLOUT_ENTROPY, layer, rolled.entropy);
        put(f, XP_FLOW_ROLLOUT_FIRST, layer, rolled.first);
        put(f, XP_FLOW_UNIFORM_FIRST, layer, even.first);
    }
    if (r->maps != NULL) memcpy(r->maps[t] + ROLLOUT * n * n, s->rollout, n * n * sizeof *s->rollout);
}

/* Of the layers that are asked for, and of the last one for its map. */
static bool flow(const run *r, size_t t, scratch *s) {
    const size_t n = pieces_of(r, t), n_layers = r->text[t].n_layers, size = n * n;
    const bool all = r->wants[XP_FLOW_OWN];
    for (size_t layer = 1; fits(r, t) && layer <= n_layers; layer++) {
        const bool kept = r->maps != NULL && layer == n_layers;
        if (!kept && !(all && r->a->layer[layer])) continue;
        if (!xp_maxflow_pairs(n, layer, r->mixed[t], s->other)) return false;
        xp_shares_normalise(n, s->other, s->shares);
        put(&r->text[t], XP_FLOW_OWN, layer - 1, xp_shares_of(n, s->shares).own);
        if (!kept) continue;
        memcpy(r->maps[t] + FLOW * size, s->other, size * sizeof *s->other);
        memcpy(r->maps[t] + NORMALISED * size, s->shares, size * sizeof *s->shares);
    }
    return true;
}

static bool look_at_text(void *self, size_t t, unsigned worker) {
    const run *r = self;
    scratch s;
    (void)worker;
    const bool ok = create_scratch(pieces_of(r, t), &s);
    if (ok) roll(r, t, &s);
    const bool good = ok && flow(r, t, &s);
    xp_free(s.rollout);
    xp_free(r->mixed[t]);
    r->mixed[t] = NULL;
    return good;
}

/* ---- the pass of the model ---- */

typedef struct look {
    const run *r;
    const size_t *text; /* numbers of the missing ones */
} look;

static bool keep_mean(void *self, size_t k, size_t layer, size_t n, const float *maps) {
    const look *l = self;
    const size_t heads = l->r->a->info->n_heads, size = n * n;
    double *to = l->r->mixed[l->text[k]] + (layer - 1) * size;
    for (size_t i = 0; i < size; i++) {
        double sum = 0;
        for (size_t h = 0; h < heads; h++) sum += maps[h * size + i];
        to[i] = sum / (double)heads;
    }
    return true;
}

static explaint_status run_missing(const run *r, explaint_error *error) {
    const size_t n = r->pieces.n_missing, layers = r->a->info->n_layers;
    size_t *text = xp_alloc(n, sizeof *text), k = 0;
    explaint_ids *ids = xp_alloc(n, sizeof *ids);
    explaint_status status = text == NULL || ids == NULL ? xp_no_memory(error, what) : EXPLAINT_OK;
    for (size_t t = 0; status == EXPLAINT_OK && t < r->a->texts.n_texts; t++) {
        if (!r->pieces.missing[t]) continue;
        const xp_encoded_text *e = &r->a->texts.text[t];
        r->mixed[t] = xp_alloc(layers * e->n, e->n * sizeof **r->mixed);
        if (r->mixed[t] == NULL) status = xp_no_memory(error, what);
        text[k] = t;
        ids[k++] = (explaint_ids){e->id, e->n};
    }
    look l = {r, text};
    const explaint_observer observer = {.self = &l, .attention = keep_mean};
    if (status == EXPLAINT_OK) status = explaint_model_run(r->a->model, ids, n, &observer, r->a->threads, error);
    xp_free(text);
    xp_free(ids);
    return status;
}

explaint_status xp_flows_make(xp_flows *r, explaint_error *error) {
    if (r->pieces.n_missing == 0) return EXPLAINT_OK;
    explaint_status status = run_missing(r, error);
    return status == EXPLAINT_OK ? xp_stored_make(r->a, &r->pieces, what, error) : status;
}

/* ---- pieces ---- */

static bool pack(const void *self, size_t t, void **bytes, size_t *size) {
    return xp_units_flow_pack(&((const run *)self)->text[t], bytes, size);
}

static bool unpack(void *self, size_t t, const void *bytes, size_t size) {
    return xp_units_flow_unpack(&((run *)self)->text[t], bytes, size);
}

static bool create(run *r) {
    const xp_corpus *c = &r->a->texts;
    const bool kept = r->a->options.keep_maps;
    r->text = xp_calloc(c->n_texts, sizeof *r->text);
    r->mixed = xp_calloc(c->n_texts, sizeof *r->mixed);
    if (kept) r->maps = xp_calloc(c->n_texts, sizeof *r->maps);
    if (r->text == NULL || r->mixed == NULL || (kept && r->maps == NULL)) return false;
    for (size_t t = 0; t < c->n_texts; t++) {
        const size_t n = c->text[t].n;
        r->text[t] = (xp_units_flow){.text = t, .n_pieces = n, .n_layers = c->n_layers};
        if (!xp_units_flow_create(&r->text[t])) return false;
        if (kept && (r->maps[t] = xp_calloc(N_MAPS * n, n * sizeof **r->maps)) == NULL) return false;
    }
    return true;
}

explaint_status xp_flows_find(xp_attend *a, xp_flows **flows, explaint_error *error) {
    run *r = *flows = xp_calloc(1, sizeof *r);
    if (r == NULL) return xp_no_memory(error, what);
    r->a = a;
    for (xp_flow m = 0; m < XP_N_FLOWS; m++) r->wants[m] = xp_attend_wants(a, "flow", xp_units_flows[m]);
    if (!create(r)) return xp_no_memory(error, what);
    r->pieces = (xp_stored){.stem = "flow",
                            .n = a->texts.n_texts,
                            .anew = a->options.keep_maps,
                            .self = r,
                            .make = look_at_text,
                            .pack = pack,
                            .unpack = unpack};
    return xp_stored_find(a, &r->pieces, error);
}

void xp_flows_free(xp_flows *r) {
    if (r == NULL) return;
    for (size_t t = 0; t < r->a->texts.n_texts; t++) {
        if (r->text != NULL) xp_free(r->text[t].mean);
        if (r->mixed != NULL) xp_free(r->mixed[t]);
        if (r->maps != NULL) xp_free(r->maps[t]);
    }
    xp_free(r->text);
    xp_free(r->mixed);
    xp_free(r->maps);
    xp_stored_free(&r->pieces);
    xp_free(r);
}

/* ---- rows of the result ---- */

static void add_measure(const run *r, xp_flow measure, size_t layer) {
    explaint_attend_row row = {.layer = (int)layer, .head = -1, .standardised = -1, .undone = -1};
    double sum = 0, n = 0;
    row.measure = xp_units_flows[measure];
    for (size_t t = 0; t < r->a->texts.n_texts; t++) {
        const size_t at = xp_units_flow_at(&r->text[t], measure, layer - 1);
        const double rows = r->text[t].rows[at];
        if (!(rows > 0)) continue;
        row.text = (int)t;
        row.value = r->text[t].mean[at];
        row.n = (size_t)rows;
        sum += rows * row.value;
        n += rows;
        if (r->a->options.by_text) xp_attend_add(r->a, &row);
    }
    row.text = -1;
    row.value = n > 0 ? sum / n : NAN;
    row.n = (size_t)n;
    xp_attend_add(r->a, &row);
}

void xp_flows_rows(xp_flows *r) {
    xp_attend *a = r->a;
    size_t left = 0;
    for (size_t layer = 1; layer <= a->info->n_layers; layer++)
        for (xp_flow m = 0; a->layer[layer] && m < XP_N_FLOWS; m++)
            if (r->wants[m]) add_measure(r, m, layer);
    for (size_t t = 0; t < a->texts.n_texts; t++) left += !fits(r, t);
    if (left > 0 && (r->wants[XP_FLOW_OWN] || r->maps != NULL))
        xp_attend_lint(
            a, "long-texts", "note",
            xp_attend_keep(a,
                           "no maximum flow of %zu of %zu texts, which are too long for one of every pair of "
                           "pieces; --truncate %zu makes them short enough",
                           left, a->texts.n_texts,
                           a->info->n_layers > MOST_NODES / MOST_PIECES ? MOST_NODES / a->info->n_layers
                                                                        : MOST_PIECES));
}

xp_flow_map xp_flows_map(const xp_flows *r, size_t t, size_t i) {
    const size_t n = pieces_of(r, t);
    if (r->maps == NULL || i >= N_MAPS || (i != ROLLOUT && !fits(r, t))) return (xp_flow_map){NULL, NULL};
    return (xp_flow_map){map_names[i], r->maps[t] + i * n * n};
}

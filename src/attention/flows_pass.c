#include "attention/flows_pass.h"

#include <math.h>
#include <pthread.h>

#include "base/error.h"
#include "base/memory.h"
#include "flow/alti.h"
#include "flow/effective.h"
#include "flow/mixing.h"
#include "flow/rollout.h"
#include "flow/zeroing.h"
#include "model/run.h"

static const char what[] = "the flow of texts";

typedef struct look {
    const xp_flows *r;
    const size_t *text; /* numbers of the missing ones */
    double all;         /* squared pieces of all texts and layers: what takes longest grows so */
    /* different texts come at the same time */
    pthread_mutex_t lock;
    double done;
    bool no_memory, stopped;
} look;

void xp_flows_put(const xp_units_flow *f, xp_flow measure, size_t layer, double value, size_t rows) {
    const size_t at = xp_units_flow_at(f, measure, layer);
    f->mean[at] = rows > 0 ? value : NAN;
    f->rows[at] = (double)rows;
}

static void mix_heads(const xp_model_block *b, double *to) {
    const size_t heads = b->model->config.n_heads, n = b->n;
    for (size_t i = 0; i < n * n; i++) {
        double sum = 0;
        for (size_t h = 0; h < heads; h++) sum += (double)b->maps[h * n * n + i];
        to[i] = sum / (double)heads;
    }
    xp_rollout_mix(n, to, to);
}

static void put_mixing(const xp_units_flow *f, const xp_parts *p, size_t layer) {
    double mean[XP_N_MIXINGS];
    size_t rows[XP_N_MIXINGS];
    xp_mixing_of(p, mean, rows);
    for (xp_mixing m = 0; m < XP_N_MIXINGS; m++)
        xp_flows_put(f, (xp_flow)(XP_FLOW_MIXING_ATTN_W + m), layer, mean[m], rows[m]);
}

static bool put_effective(const xp_units_flow *f, const xp_model_block *b) {
    const xp_config *c = &b->model->config;
    const xp_effective_heads heads = {.n = b->n,
                                      .n_heads = c->n_heads,
                                      .n_value_heads = c->n_key_heads,
                                      .head = c->head,
                                      .causal = c->has & XP_IS_CAUSAL,
                                      .maps = b->maps,
                                      .values = b->values,
                                      .stride = b->stride};
    xp_effective e;
    if (!xp_effective_of(&heads, NULL, &e)) return false;
    xp_flows_put(f, XP_FLOW_EFFECTIVE_RANK_MIN, b->layer, (double)e.rank_min, f->n_pieces);
    xp_flows_put(f, XP_FLOW_EFFECTIVE_RANK_MAX, b->layer, (double)e.rank_max, f->n_pieces);
    xp_flows_put(f, XP_FLOW_EFFECTIVE_REMOVED, b->layer, e.removed, f->n_pieces);
    return true;
}

static void put_zeroing(const xp_units_flow *f, bool causal, size_t layer, const double *map) {
    const size_t n = f->n_pieces;
    const xp_zeroing z = xp_zeroing_describe(n, causal, map);
    xp_flows_put(f, XP_FLOW_ZEROING_OWN, layer, z.own, n);
    xp_flows_put(f, XP_FLOW_ZEROING_OTHER, layer, z.other, z.others);
    xp_flows_put(f, XP_FLOW_ZEROING_OWN_NORMALISED, layer, z.own_share, n - z.zero_rows);
    xp_flows_put(f, XP_FLOW_ZEROING_MAX, layer, z.largest, n);
    xp_flows_put(f, XP_FLOW_ZEROING_ZERO_ROWS, layer, (double)z.zero_rows, n);
}

/* Measures of what pieces give to rows, in a layer that is asked for. ALTI is made of all layers: its product needs them. */
static bool look_at_parts(const xp_flows *r, size_t t, const xp_model_block *b, bool asked) {
    const xp_units_flow *f = &r->text[t];
    const size_t at = b->layer * b->n * b->n;
    double *alti = r->planes[t][XP_PLANE_ALTI], *zeroing = asked ? r->planes[t][XP_PLANE_ZEROING] : NULL;
    if (!xp_zeroing_is_defined(b->model, b->layer)) zeroing = NULL;
    const bool mixing = r->mixing && asked;
    size_t unit_rows = 0;
    xp_parts p;
    if (!mixing && alti == NULL && zeroing == NULL) return true;
    if (!xp_parts_create(b, &p)) return false;
    if (mixing) put_mixing(f, &p, b->layer);
    bool ok = alti == NULL || xp_alti_map(&p, alti + at, &unit_rows);
    if (alti != NULL) xp_flows_put(f, XP_FLOW_ALTI_UNIT_ROWS, b->layer, (double)unit_rows, b->n);
    ok = ok && (zeroing == NULL || xp_zeroing_map(&p, zeroing + at));
    if (ok && zeroing != NULL) put_zeroing(f, p.causal, b->layer, zeroing + at);
    xp_parts_free(&p);
    return ok;
}

static bool look_at_block(void *self, size_t k, const xp_model_block *b) {
    look *l = self;
    const xp_flows *r = l->r;
    const size_t t = l->text[k];
    double *mixed = r->planes[t][XP_PLANE_MIXED];
    if (mixed != NULL) mix_heads(b, mixed + b->layer * b->n * b->n);
    const bool asked = r->a->layer[b->layer + 1] || r->maps != NULL;
    const bool ok = look_at_parts(r, t, b, asked) && (!r->effective || !asked || put_effective(&r->text[t], b));
    pthread_mutex_lock(&l->lock);
    l->done += (double)b->n * (double)b->n;
    l->no_memory = l->no_memory || !ok;
    if (!l->stopped) l->stopped = !xp_attend_report(r->a, l->done / l->all);
    const bool on = !l->no_memory && !l->stopped;
    pthread_mutex_unlock(&l->lock);
    return on;
}

explaint_status xp_flows_pass(xp_flows *r, explaint_error *error) {
    const size_t n = r->pieces.n_missing, layers = r->a->info->n_layers;
    size_t *text = xp_alloc(n, sizeof *text), k = 0;
    explaint_ids *ids = xp_alloc(n, sizeof *ids);
    look l = {.r = r, .text = text};
    explaint_status status = text == NULL || ids == NULL ? xp_no_memory(error, what) : EXPLAINT_OK;
    for (size_t t = 0; status == EXPLAINT_OK && t < r->a->texts.n_texts; t++) {
        const xp_encoded_text *e = &r->a->texts.text[t];
        if (!r->pieces.missing[t]) continue;
        for (xp_plane p = 0; p < XP_N_PLANES; p++)
            if (r->plane[p] && (r->planes[t][p] = xp_calloc(layers * e->n, e->n * sizeof(double))) == NULL)
                status = xp_no_memory(error, what);
        text[k] = t;
        ids[k++] = (explaint_ids){e->id, e->n};
        l.all += (double)(layers * e->n) * (double)e->n;
    }
    const xp_run_watcher watcher = {&l, look_at_block};
    pthread_mutex_init(&l.lock, NULL);
    if (status == EXPLAINT_OK) status = xp_run_texts(r->a->model, ids, n, NULL, &watcher, r->a->threads, error);
    pthread_mutex_destroy(&l.lock);
    if (l.no_memory) status = xp_no_memory(error, what);
    if (l.stopped) status = xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped before all units were done");
    xp_free(text);
    xp_free(ids);
    return status;
}

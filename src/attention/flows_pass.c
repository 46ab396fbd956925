#include "attention/flows_pass.h"

#include <math.h>
#include <pthread.h>

#include "base/error.h"
#include "base/memory.h"
#include "flow/alti.h"
#include "flow/effective.h"
#include "flow/mixing.h"
#include "flow/zeroing.h"

static const char what[] = "the flow of texts";

typedef struct look {
    const xp_flows *r;
    const size_t *text; /* numbers of the missing ones */
    double **
        equal; /* of each of them: row 0's column of the rollout of equal weights, and the sum of all that are not left out */
    double all; /* squared pieces of all texts and layers: what takes longest grows so */
    /* different texts come at the same time */
    pthread_mutex_t lock;
    double done;
    bool no_memory, stopped;
} look;

void xp_flows_put(const xp_units_flow *f, size_t measure, size_t layer, double value, size_t rows) {
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

const double *xp_flows_read(const xp_flows *r, size_t t, const double *map, double *to) {
    const xp_sides *side = &r->corpus->text[t].side;
    if (side->same) return map;
    xp_sides_fold_shares(side, map, to);
    return to;
}

static bool put_mixing(const xp_flows *r, size_t t, xp_parts *p, size_t layer) {
    const xp_sides *side = &r->corpus->text[t].side;
    double mean[XP_N_MIXINGS];
    size_t rows[XP_N_MIXINGS];
    if (side->same)
        xp_mixing_of(p, mean, rows);
    else if (!xp_mixing_of_groups(p, side->row, side->n, mean, rows))
        return false;
    for (xp_mixing m = 0; m < XP_N_MIXINGS; m++)
        xp_flows_put(&r->text[t], (xp_flow)(XP_FLOW_MIXING_ATTN_W + m), layer, mean[m], rows[m]);
    return true;
}

/* The share of a row's squared length that is missing in what is left of it, both as they are read: the mean over heads and rows. scratch: three
 * maps. */
static double removed_of(const xp_sides *side, const xp_model_block *b, const double *left, double *scratch) {
    const size_t heads = b->model->config.n_heads, size = b->n * b->n, n = side->n;
    double *whole = scratch, *folded = scratch + size, *kept = folded + size, sum = 0;
    for (size_t h = 0; h < heads; h++) {
        for (size_t k = 0; k < size; k++) whole[k] = (double)b->maps[h * size + k];
        xp_sides_fold_sums(side, whole, folded);
        xp_sides_fold_sums(side, left + h * size, kept);
        for (size_t i = 0; i < n; i++) {
            double all = 0, gone = 0;
            for (size_t j = i * n; j < (i + 1) * n; j++) {
                all += folded[j] * folded[j];
                gone += (folded[j] - kept[j]) * (folded[j] - kept[j]);
            }
            sum += all > 0 ? gone / all : 0;
        }
    }
    return sum / (double)(heads * n);
}

static bool put_effective(const xp_units_flow *f, const xp_sides *side, const xp_model_block *b) {
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
    double *left = side->same ? NULL : xp_alloc(c->n_heads + 3, b->n * b->n * sizeof *left);
    const bool ok = (side->same || left != NULL) && xp_effective_of(&heads, left, &e);
    if (ok && left != NULL) e.removed = removed_of(side, b, left, left + c->n_heads * b->n * b->n);
    xp_free(left);
    if (!ok) return false;
    xp_flows_put(f, XP_FLOW_EFFECTIVE_RANK_MIN, b->layer, (double)e.rank_min, side->n);
    xp_flows_put(f, XP_FLOW_EFFECTIVE_RANK_MAX, b->layer, (double)e.rank_max, side->n);
    xp_flows_put(f, XP_FLOW_EFFECTIVE_REMOVED, b->layer, e.removed, side->n);
    return true;
}

static bool put_zeroing(const xp_units_flow *f, const xp_sides *side, bool causal, size_t layer, const double *map) {
    const size_t n = side->n;
    double *folded = side->same ? NULL : xp_alloc(n, n * sizeof *folded);
    if (!side->same) {
        if (folded == NULL) return false;
        xp_sides_fold_sums(side, map, folded);
        map = folded;
    }
    const xp_zeroing z = xp_zeroing_describe(n, causal, map);
    xp_flows_put(f, XP_FLOW_ZEROING_OWN, layer, z.own, n);
    xp_flows_put(f, XP_FLOW_ZEROING_OTHER, layer, z.other, z.others);
    xp_flows_put(f, XP_FLOW_ZEROING_OWN_NORMALISED, layer, z.own_share, n - z.zero_rows);
    xp_flows_put(f, XP_FLOW_ZEROING_MAX, layer, z.largest, n);
    xp_flows_put(f, XP_FLOW_ZEROING_ZERO_ROWS, layer, (double)z.zero_rows, n);
    xp_free(folded);
    return true;
}

/* Measures of what pieces give to rows, in a layer that is asked for. ALTI is made of all layers: its product needs them. */
static bool look_at_parts(const xp_flows *r, size_t t, const xp_model_block *b, bool asked) {
    const xp_units_flow *f = &r->text[t];
    const xp_sides *side = &r->corpus->text[t].side;
    const size_t at = b->layer * b->n * b->n;
    double *alti = r->planes[t][XP_PLANE_ALTI], *zeroing = asked ? r->planes[t][XP_PLANE_ZEROING] : NULL;
    if (!xp_zeroing_is_defined(b->model, b->layer)) zeroing = NULL;
    const bool mixing = r->mixing && asked;
    size_t unit_rows = 0;
    xp_parts p;
    if (!mixing && alti == NULL && zeroing == NULL) return true;
    if (!xp_parts_create(b, &p)) return false;
    bool ok = !mixing || put_mixing(r, t, &p, b->layer);
    ok = ok && (alti == NULL || xp_alti_map(&p, alti + at, &unit_rows));
    if (alti != NULL) xp_flows_put(f, XP_FLOW_ALTI_UNIT_ROWS, b->layer, (double)unit_rows, b->n);
    ok = ok && (zeroing == NULL || xp_zeroing_map(&p, zeroing + at));
    if (ok && zeroing != NULL) ok = put_zeroing(f, side, p.causal, b->layer, zeroing + at);
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
    const bool ok = look_at_parts(r, t, b, asked) &&
                    (!r->effective || !asked || put_effective(&r->text[t], &r->corpus->text[t].side, b));
    pthread_mutex_lock(&l->lock);
    l->no_memory = l->no_memory || !ok;
    pthread_mutex_unlock(&l->lock);
    return ok;
}

/* ---- rollouts from chosen pieces, which need no map as a whole ---- */

static bool look_at_rows(void *self, const explaint_attention_rows *rows) {
    const look *l = self;
    for (size_t k = 0; k < rows->many; k++)
        xp_rollout_columns_take(&l->r->rolled[l->text[rows->text]], rows->head - 1, rows->first + k, rows->from,
                                rows->to, rows->row + k * rows->n);
    return true;
}

/* The mean over the rows that see the column. left: what of each piece's row is not left out; not looked at where nothing is. */
static void put_column(const xp_units_flow *f, const xp_sides *side, size_t measure, size_t layer, size_t column,
                       bool causal, const double *share, const double *left) {
    const size_t n = side->n, first = causal ? column : 0;
    double sum = 0;
    for (size_t k = first; k < n; k++) {
        double of_row = 0, all = 0;
        for (size_t i = side->begin[k]; i < side->end[k]; i++) {
            of_row += share[i];
            all += side->lacks ? left[i] : 1;
        }
        if (all > 0) sum += of_row / all;
    }
    xp_flows_put(f, measure, layer, sum / (double)(n - first), column < n ? n - first : 0);
}

/* One layer more. */
static void rise(const look *l, size_t k, size_t layer) {
    const xp_flows *r = l->r;
    const xp_units_flow *f = &r->text[l->text[k]];
    const xp_sides *side = &r->corpus->text[l->text[k]].side;
    const bool causal = r->corpus->causal;
    xp_rollout_columns *c = &r->rolled[l->text[k]];
    const double *left = c->share + r->n_columns * c->n;
    double *equal = l->equal[k];
    xp_rollout_columns_rise(c);
    xp_rollout_equal_rise(c->n, causal, equal);
    xp_rollout_equal_rise(c->n, causal, equal + c->n);
    put_column(f, side, XP_FLOW_ROLLOUT_FIRST, layer, 0, causal, c->share, left);
    put_column(f, side, XP_FLOW_UNIFORM_FIRST, layer, 0, causal, equal, equal + c->n);
    for (size_t i = 1; i < r->n_columns; i++)
        put_column(f, side, XP_N_FLOWS + i - 1, layer, r->column[i], causal, c->share + i * c->n, left);
}

static bool end_layer(void *self, size_t k, size_t layer, size_t n, const float *rows) {
    look *l = self;
    (void)rows;
    if (layer == 0) return true;
    if (l->r->n_columns > 0) rise(l, k, layer - 1);
    pthread_mutex_lock(&l->lock);
    l->done += (double)n * (double)n;
    if (!l->stopped) l->stopped = !xp_attend_report(l->r->a, l->done / l->all);
    const bool on = !l->stopped;
    pthread_mutex_unlock(&l->lock);
    return on;
}

/* ---- the pass ---- */

/* What text t, the k-th that runs, is seen in. */
static bool make_room(look *l, size_t k, size_t t) {
    const xp_flows *r = l->r;
    const xp_config *c = &r->a->model->config;
    const size_t n = r->corpus->text[t].n, layers = c->n_layers;
    for (xp_plane p = 0; p < XP_N_PLANES; p++)
        if (r->plane[p] && (r->planes[t][p] = xp_calloc(layers * n, n * sizeof(double))) == NULL) return false;
    if (r->n_columns == 0) return true;
    const xp_sides *side = &r->corpus->text[t].side;
    if (!xp_rollout_columns_create(n, c->n_heads, r->n_columns + side->lacks, &r->rolled[t])) return false;
    if ((l->equal[k] = xp_calloc(n, 2 * sizeof **l->equal)) == NULL) return false;
    double *share = r->rolled[t].share;
    for (size_t i = 0; i < n; i++) {
        l->equal[k][i] = side->row[i] == 0;
        l->equal[k][n + i] = side->row[i] != XP_LEFT_OUT;
        for (size_t j = 0; j < r->n_columns; j++) share[j * n + i] = side->row[i] == r->column[j];
        if (side->lacks) share[r->n_columns * n + i] = side->row[i] != XP_LEFT_OUT;
    }
    return true;
}

static void close_room(look *l, size_t n) {
    for (size_t k = 0; l->equal != NULL && k < n; k++) xp_free(l->equal[k]);
    for (size_t t = 0; t < l->r->corpus->n_texts; t++) xp_rollout_columns_free(&l->r->rolled[t]);
    xp_free(l->equal);
}

explaint_status xp_flows_pass(xp_flows *r, xp_corpus *keep, explaint_error *error) {
    const size_t n = r->pieces.n_missing, layers = r->a->info->n_layers;
    size_t *text = xp_alloc(n, sizeof *text), k = 0;
    explaint_ids *ids = xp_alloc(n, sizeof *ids);
    look l = {.r = r, .text = text, .equal = xp_calloc(n, sizeof *l.equal)};
    explaint_status status = EXPLAINT_OK;
    if (text == NULL || ids == NULL || l.equal == NULL) status = xp_no_memory(error, what);
    for (size_t t = 0; status == EXPLAINT_OK && t < r->corpus->n_texts; t++) {
        const xp_encoded_text *e = &r->corpus->text[t];
        if (!r->pieces.missing[t]) continue;
        if (!make_room(&l, k, t)) status = xp_no_memory(error, what);
        text[k] = t;
        ids[k++] = (explaint_ids){e->id, e->n};
        l.all += (double)(layers * e->n) * (double)e->n;
    }
    const explaint_observer rows = {
        .self = &l, .attention_rows = r->n_columns > 0 ? look_at_rows : NULL, .hidden = end_layer};
    const xp_run_watcher blocks = {&l, look_at_block}, *watcher = r->maps_needed ? &blocks : NULL;
    pthread_mutex_init(&l.lock, NULL);
    if (status == EXPLAINT_OK)
        status = keep != NULL ? xp_corpus_run(keep, r->a->model, 0, n, true, &rows, watcher, r->a->threads, error)
                              : xp_run_texts(r->a->model, ids, n, &rows, watcher, r->a->threads, error);
    pthread_mutex_destroy(&l.lock);
    if (l.no_memory) status = xp_no_memory(error, what);
    if (l.stopped) status = xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped before all units were done");
    close_room(&l, n);
    xp_free_all(text, ids);
    return status;
}

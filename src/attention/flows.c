#include "attention/flows_pass.h"

#include <math.h>
#include <string.h>

#include "attention/options.h"
#include "attention/similarity.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/maxflow.h"
#include "flow/shares.h"
#include "flow/zeroing.h"
#include "units/attention.h"

static const char what[] = "the flow of texts";

/* A maximum flow for each pair of rows and each layer: 128 pieces in 12 layers take minutes. A graph has at most 16,384 nodes a layer but the first,
 * so that a path fits on the stack of a thread. */
enum { MOST_PIECES = 128, MOST_NODES = 16384 };

/* Of the last layer: n x n. */
enum { ROLLOUT, FLOW, NORMALISED, ALTI_PRODUCT, N_MAPS };
static const char *const map_names[N_MAPS] = {"rollout", "flow", "flow_normalised", "alti_product"};
static const char *const plane_names[XP_N_PLANES] = {
    [XP_PLANE_ALTI] = "alti", [XP_PLANE_ZEROING] = "value_zeroing", [XP_PLANE_ATTRIBUTION] = "attribution"};

typedef struct xp_flows run;

static size_t pieces_of(const run *r, size_t t) { return r->corpus->text[t].n; }
static size_t rows_of(const run *r, size_t t) { return r->corpus->text[t].side.n; } /* of its maps as they are read */

static bool fits(const run *r, size_t t) {
    const size_t n = pieces_of(r, t);
    return n <= MOST_PIECES && n * r->a->info->n_layers <= MOST_NODES;
}

/* ---- a text ---- */

/* n x n each. */
typedef struct scratch {
    double *rollout, *other, *shares;
} scratch;

static bool create_scratch(size_t n, scratch *s) {
    const size_t size = n * n;
    *s = (scratch){.rollout = xp_alloc(3 * n, n * sizeof *s->rollout)};
    if (s->rollout == NULL) return false;
    s->other = s->rollout + size;
    s->shares = s->other + size;
    return true;
}

static void keep(const run *r, size_t t, size_t map, const double *from) {
    const size_t size = rows_of(r, t) * rows_of(r, t);
    if (r->maps != NULL) memcpy(r->maps[t] + map * size, from, size * sizeof *from);
}

static void roll(const run *r, size_t t, scratch *s) {
    const size_t n = pieces_of(r, t), rows = rows_of(r, t);
    const double *read = s->rollout;
    const xp_units_flow *f = &r->text[t];
    xp_rollout_begin(n, s->rollout);
    for (size_t layer = 0; layer < f->n_layers; layer++) {
        xp_rollout_step(n, r->planes[t][XP_PLANE_MIXED] + layer * n * n, s->rollout, s->other);
        read = xp_flows_read(r, t, s->rollout, s->shares);
        const xp_shares rolled = xp_shares_of(rows, read);
        xp_flows_put(f, XP_FLOW_ROLLOUT_OWN, layer, rolled.own, rows);
        xp_flows_put(f, XP_FLOW_ROLLOUT_ENTROPY, layer, rolled.entropy, rows);
    }
    keep(r, t, ROLLOUT, read);
}

static void multiply(const run *r, size_t t, scratch *s) {
    const size_t n = pieces_of(r, t), rows = rows_of(r, t);
    const xp_units_flow *f = &r->text[t];
    const double *read = s->rollout;
    size_t asked;
    xp_rollout_begin(n, s->rollout);
    for (size_t layer = 0; layer < f->n_layers; layer++) {
        const double *map = r->planes[t][XP_PLANE_ALTI] + layer * n * n;
        xp_rollout_step(n, map, s->rollout, s->other);
        const xp_shares one = xp_shares_of(rows, xp_flows_read(r, t, map, s->shares));
        read = xp_flows_read(r, t, s->rollout, s->shares);
        const xp_shares product = xp_shares_of(rows, read);
        xp_flows_put(f, XP_FLOW_ALTI_OWN, layer, one.own, rows);
        xp_flows_put(f, XP_FLOW_ALTI_ENTROPY, layer, one.entropy, rows);
        xp_flows_put(f, XP_FLOW_ALTI_PRODUCT_OWN, layer, product.own, rows);
        xp_flows_put(f, XP_FLOW_ALTI_PRODUCT_ENTROPY, layer, product.entropy, rows);
        const size_t largest = xp_shares_own_largest(rows, read, r->corpus->text[t].side.special, &asked);
        xp_flows_put(f, XP_FLOW_ALTI_PRODUCT_OWN_LARGEST, layer, (double)largest / (double)asked, asked);
    }
    keep(r, t, ALTI_PRODUCT, read);
}

/* Of the layers that are asked for, and of the last one for its map. */
static bool flow(const run *r, size_t t, scratch *s) {
    const size_t n = pieces_of(r, t), rows = rows_of(r, t), n_layers = r->text[t].n_layers;
    const xp_sides *side = &r->corpus->text[t].side;
    for (size_t layer = 1; r->wants[XP_FLOW_OWN] && fits(r, t) && layer <= n_layers; layer++) {
        const bool kept = r->maps != NULL && layer == n_layers;
        if (!kept && !r->a->layer[layer]) continue;
        if (!xp_maxflow_pairs(n, layer, r->planes[t][XP_PLANE_MIXED], s->other)) return false;
        xp_shares_normalise(n, s->other, s->shares);
        const double *read = xp_flows_read(r, t, s->shares, s->rollout);
        xp_flows_put(&r->text[t], XP_FLOW_OWN, layer - 1, xp_shares_of(rows, read).own, rows);
        if (!kept) continue;
        keep(r, t, NORMALISED, read);
        if (!side->same) xp_sides_fold_sums(side, s->other, s->shares);
        keep(r, t, FLOW, side->same ? s->other : s->shares);
    }
    return true;
}

static void forget(const run *r, size_t t) {
    for (xp_plane p = 0; p < XP_N_PLANES; p++) {
        xp_free(r->planes[t][p]);
        r->planes[t][p] = NULL;
    }
}

/* What --maps writes of all layers, as it is read. */
static void fold_planes(const run *r, size_t t, scratch *s) {
    const xp_sides *side = &r->corpus->text[t].side;
    const size_t pieces = side->n_pieces * side->n_pieces, rows = side->n * side->n;
    for (xp_plane p = 0; r->maps != NULL && !side->same && p < XP_N_PLANES; p++)
        for (size_t layer = 0; r->planes[t][p] != NULL && layer < r->text[t].n_layers; layer++) {
            const double *map = r->planes[t][p] + layer * pieces;
            if (p == XP_PLANE_ZEROING)
                xp_sides_fold_sums(side, map, s->other);
            else
                xp_sides_fold_shares(side, map, s->other);
            memcpy(r->planes[t][p] + layer * rows, s->other, rows * sizeof *s->other);
        }
}

static bool look_at_text(void *self, size_t t, unsigned worker) {
    const run *r = self;
    scratch s;
    (void)worker;
    if (!r->maps_needed) return true;
    bool ok = create_scratch(pieces_of(r, t), &s);
    if (ok && r->plane[XP_PLANE_MIXED]) {
        roll(r, t, &s);
        ok = flow(r, t, &s);
    }
    if (ok && r->plane[XP_PLANE_ALTI]) multiply(r, t, &s);
    if (ok) fold_planes(r, t, &s);
    xp_free(s.rollout);
    if (r->maps == NULL) forget(r, t);
    return ok;
}

bool xp_flows_all_missing(const xp_flows *r) { return r->pieces.n_missing == r->corpus->n_texts; }

explaint_status xp_flows_make(xp_flows *r, xp_corpus *keep, double share, explaint_error *error) {
    const bool attributes = r->plane[XP_PLANE_ATTRIBUTION];
    const double each = attributes ? share / 10 : share / 2; /* attribution takes longest by far */
    xp_attend_stage(r->a, "flow", each);
    if (r->pieces.n_missing == 0) return EXPLAINT_OK;
    explaint_status status = xp_flows_pass(r, keep, error);
    if (attributes && status == EXPLAINT_OK) {
        xp_attend_stage(r->a, "attribution", share - 2 * each);
        status = xp_flows_attribute(r, error);
    }
    xp_attend_stage(r->a, "flow over layers", each);
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
    const xp_corpus *c = r->corpus;
    const bool kept = r->kept;
    r->text = xp_calloc(c->n_texts, sizeof *r->text);
    r->planes = xp_calloc(c->n_texts, sizeof *r->planes);
    r->rolled = xp_calloc(c->n_texts, sizeof *r->rolled);
    if (kept) r->maps = xp_calloc(c->n_texts, sizeof *r->maps);
    if (r->text == NULL || r->planes == NULL || r->rolled == NULL || (kept && r->maps == NULL)) return false;
    for (size_t t = 0; t < c->n_texts; t++) {
        const size_t n = c->text[t].n;
        r->text[t] = (xp_units_flow){.text = t, .n_pieces = n, .n_layers = c->n_layers};
        if (r->n_columns > 0) {
            r->text[t].n_columns = r->n_columns - 1;
            r->text[t].column = r->column + 1;
        }
        if (!xp_units_flow_create(&r->text[t])) return false;
        if (kept && (r->maps[t] = xp_calloc(N_MAPS * n, n * sizeof **r->maps)) == NULL) return false;
    }
    return true;
}

/* Rollouts from chosen pieces are made of rows as they come. */
static bool follows(const xp_attend *a) {
    return xp_attend_wants_any(a, XP_FLOW_ROLLOUT_FIRST, XP_FLOW_UNIFORM_FIRST) || a->n_columns > 0;
}

size_t xp_flows_n_columns(const xp_attend *a) { return follows(a) ? a->n_columns + 1 : 0; }

bool xp_flows_need_maps(const xp_attend *a) {
    return a->options.keep_maps || xp_attend_wants_any(a, XP_FLOW_ROLLOUT_OWN, XP_FLOW_ROLLOUT_ENTROPY) ||
           xp_attend_wants_any(a, XP_FLOW_OWN, XP_N_FLOWS - 1);
}

static explaint_status find_pieces(run *r, const char *stem, explaint_error *error) {
    if (!create(r)) return xp_no_memory(error, what);
    r->pieces = (xp_stored){.stem = stem,
                            .n = r->corpus->n_texts,
                            .anew = r->kept,
                            .self = r,
                            .make = look_at_text,
                            .pack = pack,
                            .unpack = unpack};
    return xp_stored_find(r->a, &r->pieces, error);
}

explaint_status xp_flows_find(xp_attend *a, xp_flows **flows, explaint_error *error) {
    run *r = *flows = xp_calloc(1, sizeof *r);
    if (r == NULL) return xp_no_memory(error, what);
    r->a = a;
    r->corpus = &a->texts;
    r->kept = a->options.keep_maps;
    for (xp_flow m = 0; m < XP_N_FLOWS; m++) r->wants[m] = xp_attend_wants(a, "flow", xp_units_flows[m]);
    r->maps_needed = xp_flows_need_maps(a);
    r->plane[XP_PLANE_MIXED] = xp_attend_wants_any(a, XP_FLOW_ROLLOUT_OWN, XP_FLOW_ROLLOUT_ENTROPY) ||
                               r->wants[XP_FLOW_OWN] || (a->options.keep_maps && follows(a));
    r->plane[XP_PLANE_ALTI] = xp_attend_wants_any(a, XP_FLOW_ALTI_OWN, XP_FLOW_ALTI_UNIT_ROWS);
    r->plane[XP_PLANE_ZEROING] = xp_attend_wants_any(a, XP_FLOW_ZEROING_OWN, XP_FLOW_ZEROING_ZERO_ROWS);
    r->plane[XP_PLANE_ATTRIBUTION] = xp_flows_attributes(a);
    r->mixing = xp_attend_wants_any(a, XP_FLOW_MIXING_ATTN_W, XP_FLOW_MIXING_ATTNRESLN_N);
    r->effective = xp_attend_wants_any(a, XP_FLOW_EFFECTIVE_RANK_MIN, XP_FLOW_EFFECTIVE_REMOVED);
    r->n_columns = xp_flows_n_columns(a);
    r->column = xp_calloc(a->n_columns + 1, sizeof *r->column); /* piece 0 is the first */
    if (r->column == NULL) return xp_no_memory(error, what);
    for (size_t k = 0; k < a->n_columns; k++) r->column[k + 1] = a->column[k];
    return find_pieces(r, "flow", error);
}

explaint_status xp_flows_find_judged(xp_attend *a, xp_flows **flows, explaint_error *error) {
    run *r = *flows = xp_calloc(1, sizeof *r);
    if (r == NULL) return xp_no_memory(error, what);
    r->a = a;
    r->corpus = &a->judged;
    r->plane[XP_PLANE_ALTI] = r->maps_needed = true;
    return find_pieces(r, "origin", error);
}

void xp_flows_free(xp_flows *r) {
    if (r == NULL) return;
    for (size_t t = 0; t < r->corpus->n_texts; t++) {
        if (r->text != NULL) xp_free(r->text[t].mean);
        if (r->planes != NULL) forget(r, t);
        if (r->maps != NULL) xp_free(r->maps[t]);
    }
    xp_free_all(r->text, r->column, r->rolled, r->planes, r->maps);
    xp_stored_free(&r->pieces);
    xp_free(r);
}

/* ---- rows of the result ---- */

double xp_flows_sum(const xp_flows *r, xp_flow measure, size_t layer, size_t t, double *rows) {
    const size_t at = xp_units_flow_at(&r->text[t], measure, layer - 1);
    *rows = r->text[t].rows[at];
    return *rows > 0 ? r->text[t].mean[at] * *rows : 0;
}

static double join(xp_flow_joining how, double before, double value, double rows) {
    if (how == XP_FLOW_LEAST) return isnan(before) ? value : fmin(before, value);
    if (how == XP_FLOW_MOST) return isnan(before) ? value : fmax(before, value);
    return (isnan(before) ? 0 : before) + (how == XP_FLOW_SUM ? value : value * rows);
}

/* measure: or XP_N_FLOWS + k of a column. */
static void add_measure(const run *r, size_t measure, size_t layer) {
    explaint_attend_row row = {.layer = (int)layer,
                               .head = -1,
                               .standardised = -1,
                               .undone = -1,
                               .scope = r->a->read.without_special ? xp_units_scopes[XP_CONTENT] : NULL,
                               .column = -1};
    const bool of_column = measure >= XP_N_FLOWS;
    const xp_flow_joining joining = of_column ? XP_FLOW_MEAN_OF_ROWS : xp_units_flow_joinings[measure];
    double joined = NAN, n = 0;
    row.measure = of_column ? "rollout_column" : xp_units_flows[measure];
    if (of_column) row.column = (int)r->column[measure - XP_N_FLOWS + 1];
    for (size_t t = 0; t < r->corpus->n_texts; t++) {
        const size_t at = xp_units_flow_at(&r->text[t], measure, layer - 1);
        const double rows = r->text[t].rows[at];
        if (!(rows > 0)) continue;
        row.text = (int)t;
        row.value = r->text[t].mean[at];
        row.n = (size_t)rows;
        joined = join(joining, joined, row.value, rows);
        n += rows;
        if (r->a->options.by_text) xp_attend_add(r->a, &row);
    }
    row.text = -1;
    row.value = joining == XP_FLOW_MEAN_OF_ROWS ? joined / n : joined;
    row.n = (size_t)n;
    xp_attend_add(r->a, &row);
}

void xp_flows_rows(xp_flows *r) {
    xp_attend *a = r->a;
    size_t left = 0;
    for (size_t layer = 1; layer <= a->info->n_layers; layer++)
        for (xp_flow m = 0; a->layer[layer] && m < XP_N_FLOWS; m++)
            if (r->wants[m]) add_measure(r, m, layer);
    for (size_t layer = 1; layer <= a->info->n_layers; layer++)
        for (size_t k = 0; a->layer[layer] && k < a->n_columns; k++) add_measure(r, XP_N_FLOWS + k, layer);
    for (size_t t = 0; t < a->texts.n_texts; t++) left += !fits(r, t);
    if (r->plane[XP_PLANE_ZEROING] && !xp_zeroing_is_defined(a->model, 0))
        xp_attend_lint(a, "value-zeroing", "note",
                       "value zeroing is not available in layer 1 of this model: a convolution of the embedding layer "
                       "is added to its rows");
    if (left > 0 && r->wants[XP_FLOW_OWN])
        xp_attend_lint(
            a, "long-texts", "note",
            xp_attend_keep(a,
                           "no maximum flow of %zu of %zu texts, which are too long for one of every pair of "
                           "pieces; --truncate %zu makes them short enough",
                           left, a->texts.n_texts,
                           a->info->n_layers > MOST_NODES / MOST_PIECES ? MOST_NODES / a->info->n_layers
                                                                        : MOST_PIECES));
}

/* Of the maps n x n, is this one there? */
static bool has_map(const run *r, size_t t, size_t i) {
    if (i == ALTI_PRODUCT) return r->plane[XP_PLANE_ALTI];
    return i == ROLLOUT ? r->plane[XP_PLANE_MIXED] : r->wants[XP_FLOW_OWN] && fits(r, t);
}

bool xp_flows_map(const xp_flows *r, size_t t, size_t i, xp_flow_map *map) {
    const size_t n = rows_of(r, t), layers = r->a->info->n_layers;
    const xp_plane plane = (xp_plane)(i - N_MAPS);
    *map = (xp_flow_map){.name = NULL};
    if (r->maps == NULL || i >= N_MAPS + XP_N_PLANES) return false;
    if (i < N_MAPS && has_map(r, t, i)) *map = (xp_flow_map){map_names[i], r->maps[t] + i * n * n, 2, {n, n}};
    if (i >= N_MAPS && r->plane[plane] && plane_names[plane] != NULL)
        *map = (xp_flow_map){plane_names[plane], r->planes[t][plane], 3, {layers, n, n}};
    return true;
}

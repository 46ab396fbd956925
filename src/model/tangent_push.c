/* Directions through a block. */
#include <math.h>
#include <string.h>

#include "model/conv.h"
#include "model/family.h"
#include "model/tangent.h"
#include "tensor/floats.h"
#include "tensor/linear.h"

static size_t queries(const xp_config *c) { return c->n_heads * c->head; }
static size_t keys(const xp_config *c) { return c->n_key_heads * c->head; }
static size_t stride(const xp_config *c) { return queries(c) + 2 * keys(c); }
static size_t middle(const xp_config *c) { return c->has & XP_HAS_GATE ? 2 * c->feed_forward : c->feed_forward; }

/* ---- scratch ---- */

enum { N_PARTS = 16 };

static size_t measure(const explaint_model *m, size_t n, size_t many, size_t sizes[N_PARTS]) {
    const xp_config *c = &m->config;
    const size_t d = c->width, rows = many * n, conv = m->conv.rows > 0;
    const size_t parts[N_PARTS] = {rows * d,
                                   rows * stride(c),
                                   rows * queries(c),
                                   rows * n,
                                   rows * n,
                                   n * 2 * n,
                                   c->head * xp_work_round(n),
                                   c->head * xp_work_round(n),
                                   2 * n * xp_work_round(c->head),
                                   many * d,
                                   many * d,
                                   many * d,
                                   many * middle(c),
                                   (n + XP_MAP_ROWS) * xp_work_round(c->n_distances),
                                   conv * xp_conv_room(c),
                                   conv * rows * d};
    size_t total = 0;
    for (size_t i = 0; i < N_PARTS; i++) {
        sizes[i] = (parts[i] + XP_LANES - 1) / XP_LANES * XP_LANES;
        total += sizes[i];
    }
    return total;
}

size_t xp_tangent_room_size(const explaint_model *m, size_t n, size_t many) {
    size_t sizes[N_PARTS];
    return measure(m, n, many, sizes);
}

bool xp_tangent_room_create(const explaint_model *m, size_t n, size_t many, xp_tangent_room *r) {
    float **const parts[N_PARTS] = {&r->normed, &r->qkv,     &r->context, &r->scores, &r->turned, &r->pairs,
                                    &r->keys,   &r->queries, &r->values,  &r->a,      &r->b,      &r->made,
                                    &r->middle, &r->related, &r->patches, &r->blurred};
    size_t sizes[N_PARTS];
    const size_t total = measure(m, n, many, sizes);
    *r = (xp_tangent_room){.arena = xp_floats_create(total)};
    if (r->arena == NULL) return false;
    memset(r->arena, 0, total * sizeof *r->arena); /* places behind the last column of a panel stay zeros */
    float *at = r->arena;
    for (size_t i = 0; i < N_PARTS; at += sizes[i++]) *parts[i] = at;
    return true;
}

void xp_tangent_room_free(xp_tangent_room *r) {
    xp_floats_destroy(r->arena);
    *r = (xp_tangent_room){0};
}

/* ---- what a block does to a row by itself ---- */

static void multiply(const xp_tangent *t, size_t rows, size_t inner, const float *x, size_t ldx, const float *panels,
                     size_t columns, float *to, size_t ldt) {
    xp_product(t->point.model->kernels, rows, inner, x, ldx, panels, inner, columns, to, ldt);
}

static void push_norm(const xp_tangent *t, const xp_tangent_norm *norm, size_t row, size_t many, float *x, size_t ld) {
    if (norm->there) xp_tangent_norm_push(t->point.model, norm, row, many, x, ld);
}

/* The feed-forward layer between its norms: x (overwritten) to `to`; many x width each. */
static void push_forward(const xp_tangent *t, size_t i, size_t many, float *x, const xp_tangent_room *room, float *to) {
    const xp_config *c = &t->point.model->config;
    const size_t d = c->width, f = c->feed_forward, wide = middle(c);
    const float *slopes = t->slopes + i * wide;
    push_norm(t, &t->mlp, i, many, x, d);
    multiply(t, many, d, x, d, t->up_panels, wide, room->middle, wide);
    for (size_t k = 0; k < many; k++) {
        float *row = room->middle + k * wide;
        for (size_t e = 0; e < f; e++) row[e] *= slopes[e];
        for (size_t e = 0; wide > f && e < f; e++) row[e] += row[f + e] * slopes[f + e];
    }
    multiply(t, many, f, room->middle, wide, t->down_panels, d, to, d);
}

/* Row i behind attention: from what came together there to the end of the block, in room->a; beside attention, what the feed-forward layer makes
 * of the row that came in. */
static void push_row(const xp_tangent *t, size_t i, size_t many, const xp_tangent_room *room) {
    const xp_config *c = &t->point.model->config;
    const size_t d = c->width, size = many * d;
    float *a = room->a, *b = room->b;
    if (xp_block_is_parallel(t->point.model)) {
        memcpy(b, a, size * sizeof *b);
        push_forward(t, i, many, b, room, a);
        return;
    }
    push_norm(t, &t->after, i, many, a, d);
    memcpy(b, a, size * sizeof *b);
    const bool on = c->has & XP_HAS_POST_NORM;
    push_forward(t, i, many, b, room, room->made);
    if (on) push_norm(t, &t->output, i, many, room->made, d);
    for (size_t k = 0; k < size; k++) a[k] += room->made[k];
    if (!on) push_norm(t, &t->output, i, many, a, d);
}

/* The maps of a row's own: up and down of each direction, or one matrix of the width. */
static double forward_work(const xp_config *c) { return (double)(middle(c) + c->feed_forward) * (double)c->width; }

size_t xp_tangent_map_size(const explaint_model *m) { return m->config.width * xp_work_round(m->config.width); }

bool xp_tangent_map_pays(const explaint_model *m, size_t directions) {
    const double d = (double)m->config.width;
    return (forward_work(&m->config) + (double)directions * d) * d < (double)directions * forward_work(&m->config);
}

double xp_tangent_map_work(const explaint_model *m) { return (double)m->config.width * forward_work(&m->config); }

double xp_tangent_work(const explaint_model *m, size_t n, bool mapped) {
    const xp_config *c = &m->config;
    const double d = (double)c->width;
    const double own = mapped ? d * d : forward_work(c);
    return d * (double)(stride(c) + queries(c)) + own + 4 * (double)n * (double)queries(c);
}

void xp_tangent_map(const xp_tangent *t, size_t i, size_t many, float *panels, const xp_tangent_room *room) {
    const size_t d = t->point.model->config.width;
    for (size_t first = 0; first < d; first += many) {
        const size_t part = d - first < many ? d - first : many;
        memset(room->a, 0, part * d * sizeof *room->a);
        for (size_t k = 0; k < part; k++) room->a[k * d + first + k] = 1;
        push_row(t, i, part, room);
        xp_panels_put_plain(d, first, part, d, room->a, d, panels);
    }
}

/* ---- attention ---- */

/* How queries, keys and values move. Only the row of the source comes in where the others do not move yet. */
static void project(const xp_tangent *t, const xp_tangent_tile *tile, const xp_tangent_room *room) {
    const explaint_model *m = t->point.model;
    const xp_config *c = &m->config;
    const size_t d = c->width, wide = stride(c), first = tile->alone ? tile->source : tile->first;
    const size_t n = tile->alone ? 1 : tile->n, apart = tile->n * d, skip = first - tile->first;
    const xp_rope *rope = t->turns != NULL ? xp_config_rope(c, t->point.layer) : NULL;
    const size_t pairs = rope != NULL ? xp_rope_pairs(rope) : 0;
    const float *x = tile->rows;
    if (t->input.there) {
        memcpy(room->normed, tile->rows, tile->many * apart * sizeof *room->normed);
        for (size_t r = 0; r < n; r++)
            push_norm(t, &t->input, first + r, tile->many, room->normed + (skip + r) * d, apart);
        x = room->normed;
    }
    if (tile->alone) {
        memset(room->qkv, 0, tile->many * tile->n * wide * sizeof *room->qkv);
        multiply(t, tile->many, d, x + skip * d, apart, t->qkv_panels, wide, room->qkv + skip * wide, tile->n * wide);
    } else {
        multiply(t, tile->many * tile->n, d, x, d, t->qkv_panels, wide, room->qkv, wide);
    }
    for (size_t r = 0; r < n; r++) {
        const size_t i = first + r;
        float *row = room->qkv + (skip + r) * wide;
        for (size_t h = 0; t->query.there && h < t->query.heads; h++)
            push_norm(t, &t->query, i * t->query.heads + h, tile->many, row + h * t->query.columns, tile->n * wide);
        for (size_t h = 0; t->key.there && h < t->key.heads; h++)
            push_norm(t, &t->key, i * t->key.heads + h, tile->many, row + queries(c) + h * t->key.columns,
                      tile->n * wide);
        for (size_t k = 0; rope != NULL && k < tile->many; k++)
            for (size_t h = 0; h < c->n_heads + c->n_key_heads; h++)
                xp_rope_rotate(rope, t->turns + 2 * i * pairs, t->turns + (2 * i + 1) * pairs,
                               row + k * tile->n * wide + h * c->head);
    }
}

/* How scores move, before their scale: of direction k row r and column j at room->scores + (k tile->n + r) n + j. Columns count from piece 0. */
static void push_scores(const xp_tangent *t, const xp_tangent_tile *tile, size_t h, const xp_tangent_room *room) {
    const explaint_model *m = t->point.model;
    const xp_config *c = &m->config;
    const size_t n = t->point.n, rows = tile->many * tile->n, wide = stride(c), g = h / (c->n_heads / c->n_key_heads);
    const float *query = t->qkv + h * c->head, *key = t->qkv + queries(c) + g * c->head;
    xp_panels_put(c->head, 0, n, key, wide, room->keys);
    xp_panels_put(c->head, 0, n, query, wide, room->queries);
    multiply(t, rows, c->head, room->qkv + h * c->head, wide, room->keys, n, room->scores, n);
    multiply(t, rows, c->head, room->qkv + queries(c) + g * c->head, wide, room->queries, n, room->turned, n);
    for (size_t k = 0; k < tile->many; k++) {
        float *scores = room->scores + k * tile->n * n;
        const float *turned = room->turned + k * tile->n * n + tile->first;
        for (size_t r = 0; r < tile->n; r++)
            for (size_t j = 0; j < tile->n; j++) scores[r * n + tile->first + j] += turned[j * n + r];
        if (m->family->relate == NULL) continue;
        const xp_span span = {.first = k * tile->n, .n = n}; /* of an encoder: all rows are there */
        xp_model_work work = {.qkv = room->qkv, .related = room->related};
        for (size_t first = 0; first < n; first += XP_MAP_ROWS) {
            const size_t part = n - first < XP_MAP_ROWS ? n - first : XP_MAP_ROWS;
            m->family->relate(m, t->point.layer, &(xp_score_block){&span, h, first, part, 0, n, scores + first * n},
                              &work);
        }
    }
}

/* How the row of a map moves with its scores. */
static void push_softmax(size_t n, const float *map, const float *damp, float scale, const float *scores, float *to) {
    double along = 0;
    for (size_t j = 0; j < n; j++) {
        to[j] = scores[j] * scale * (damp != NULL ? damp[j] : 1);
        along += (double)map[j] * (double)to[j];
    }
    const float mean = (float)along;
    for (size_t j = 0; j < n; j++) to[j] = map[j] * (to[j] - mean);
}

/* Head h: the sum over pieces of (how a_ij moves) v_j + a_ij (how v_j moves), as one product. */
static void push_head(const xp_tangent *t, const xp_tangent_tile *tile, size_t h, const xp_tangent_room *room) {
    const xp_config *c = &t->point.model->config;
    const size_t n = t->point.n, all = n + tile->n, wide = stride(c), g = h / (c->n_heads / c->n_key_heads);
    const size_t values = queries(c) + keys(c) + g * c->head;
    const float scale = xp_work_scale(c, t->point.layer);
    push_scores(t, tile, h, room);
    xp_panels_put_plain(all, 0, n, c->head, t->qkv + values, wide, room->values);
    for (size_t k = 0; k < tile->many; k++) {
        xp_panels_put_plain(all, n, tile->n, c->head, room->qkv + k * tile->n * wide + values, wide, room->values);
        for (size_t r = 0; r < tile->n; r++) {
            const size_t i = tile->first + r, seen = c->has & XP_IS_CAUSAL ? i + 1 : n;
            const float *map = t->point.maps + (h * n + i) * n;
            const float *damp = t->damp != NULL ? t->damp + (h * n + i) * n : NULL;
            float *pair = room->pairs + r * all;
            push_softmax(seen, map, damp, scale, room->scores + (k * tile->n + r) * n, pair);
            memset(pair + seen, 0, (n - seen) * sizeof *pair);
            memcpy(pair + n, map + tile->first, tile->n * sizeof *pair);
        }
        multiply(t, tile->n, all, room->pairs, all, room->values, c->head,
                 room->context + k * tile->n * queries(c) + h * c->head, queries(c));
    }
}

/* ---- a block ---- */

static void gather(size_t many, size_t columns, const float *from, size_t ld, float *to) {
    for (size_t k = 0; k < many; k++) memcpy(to + k * columns, from + k * ld, columns * sizeof *to);
}

/* What the convolution adds, and the norm behind it. */
static void push_conv(const xp_tangent *t, const xp_tangent_tile *tile, const xp_tangent_room *room) {
    const size_t n = tile->n, d = t->point.model->config.width;
    for (size_t k = 0; k < tile->many; k++)
        for (size_t e = 0; e < n * d; e++) tile->rows[k * n * d + e] += room->blurred[k * n * d + e] * t->blurred[e];
    for (size_t i = 0; i < n; i++) push_norm(t, &t->conv, i, tile->many, tile->rows + i * d, n * d);
}

/* Row r of the tile, which attention gives `sum` to. */
static void finish_row(const xp_tangent *t, const float *map, const xp_tangent_tile *tile, size_t r, const float *sum,
                       const xp_tangent_room *room) {
    const size_t d = t->point.model->config.width, apart = tile->n * d, i = tile->first + r, many = tile->many;
    const bool beside = xp_block_is_parallel(t->point.model);
    float *rows = tile->rows + r * d;
    if (beside) {
        gather(many, d, rows, apart, room->a);
    } else {
        gather(many, d, sum + r * d, apart, room->a);
        push_norm(t, &t->inner, i, many, room->a, d);
        for (size_t k = 0; k < many; k++)
            for (size_t e = 0; e < d; e++) room->a[k * d + e] += rows[k * apart + e];
    }
    const float *made = room->a;
    if (map != NULL) {
        multiply(t, many, d, room->a, d, map, d, room->b, d);
        made = room->b;
    } else {
        push_row(t, i, many, room);
    }
    for (size_t k = 0; k < many; k++)
        for (size_t e = 0; e < d; e++)
            rows[k * apart + e] = made[k * d + e] + (beside ? rows[k * apart + e] + sum[r * d + k * apart + e] : 0);
}

void xp_tangent_push(const xp_tangent *t, const float *const *maps, const xp_tangent_tile *tile,
                     const xp_tangent_room *room) {
    const explaint_model *m = t->point.model;
    const xp_config *c = &m->config;
    const size_t d = c->width, rows = tile->many * tile->n;
    project(t, tile, room);
    for (size_t h = 0; h < c->n_heads; h++) push_head(t, tile, h, room);
    float *sum = room->normed; /* free by now */
    multiply(t, rows, queries(c), room->context, queries(c), t->output_panels, d, sum, d);
    if (t->conv.there)
        for (size_t k = 0; k < tile->many; k++)
            xp_conv_apply(m, NULL, XP_IDENTITY, tile->n, tile->rows + k * tile->n * d, room->patches,
                          room->blurred + k * tile->n * d);
    for (size_t r = 0; r < tile->n; r++) finish_row(t, maps != NULL ? maps[tile->first + r] : NULL, tile, r, sum, room);
    if (t->conv.there) push_conv(t, tile, room);
}

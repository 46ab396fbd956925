/* Where the derivative of a block is taken: everything between its rows again, as far as a derivative needs it. */
#include "model/tangent.h"

#include <math.h>
#include <string.h>

#include "model/conv.h"
#include "model/encoder.h"
#include "tensor/floats.h"
#include "tensor/linear.h"

static size_t queries(const xp_config *c) { return c->n_heads * c->head; }
static size_t keys(const xp_config *c) { return c->n_key_heads * c->head; }
static size_t stride(const xp_config *c) { return queries(c) + 2 * keys(c); }
static size_t middle(const xp_config *c) { return c->has & XP_HAS_GATE ? 2 * c->feed_forward : c->feed_forward; }

/* ---- norms ---- */

void xp_tangent_norm_settle(const explaint_model *model, const xp_norm *norm, size_t rows, const float *x, size_t ldx,
                            xp_tangent_norm *to, float *out, size_t ldo) {
    const bool rms = model->config.has & XP_HAS_RMS_NORM;
    const size_t columns = to->columns;
    for (size_t i = 0; i < rows; i++) {
        const float *row = x + i * ldx;
        float *unit = to->unit + i * columns;
        double mean = 0, square = 0;
        for (size_t k = 0; !rms && k < columns; k++) mean += (double)row[k] / (double)columns;
        for (size_t k = 0; k < columns; k++) square += ((double)row[k] - mean) * ((double)row[k] - mean);
        const double by = 1 / sqrt(square / (double)columns + model->config.eps);
        for (size_t k = 0; k < columns; k++) unit[k] = (float)(by * ((double)row[k] - mean));
        to->by[i] = (float)by;
        for (size_t k = 0; out != NULL && k < columns; k++)
            out[i * ldo + k] =
                unit[k] * (norm->weight != NULL ? norm->weight[k] : 1) + (norm->bias != NULL ? norm->bias[k] : 0);
    }
    to->weight = norm->weight;
    to->there = true;
}

void xp_tangent_norm_push(const explaint_model *model, const xp_tangent_norm *norm, size_t row, size_t many, float *x,
                          size_t ld) {
    const bool rms = model->config.has & XP_HAS_RMS_NORM;
    const size_t columns = norm->columns;
    const float *unit = norm->unit + row * columns, by = norm->by[row];
    for (size_t t = 0; t < many; t++, x += ld) {
        double sum = 0, along = 0;
        for (size_t k = 0; k < columns; k++) {
            sum += (double)x[k];
            along += (double)x[k] * (double)unit[k];
        }
        const float mean = rms ? 0 : (float)(sum / (double)columns), part = (float)(along / (double)columns);
        for (size_t k = 0; k < columns; k++) x[k] = (x[k] - mean - part * unit[k]) * by;
        for (size_t k = 0; norm->weight != NULL && k < columns; k++) x[k] *= norm->weight[k];
    }
}

/* ---- a block ---- */

/* Parts of the arena, in order: of each how many floats, and where the pointer is. */
typedef struct part {
    float **to;
    size_t size;
} part;

enum { MOST_PARTS = 32 };

static void norm_parts(xp_tangent_norm *norm, bool there, size_t rows, size_t columns, part **p) {
    norm->columns = columns;
    *(*p)++ = (part){&norm->unit, there ? rows * columns : 0};
    *(*p)++ = (part){&norm->by, there ? rows : 0};
}

/* Weights that are packed already, or room for them. */
static void panel_part(const xp_matrix *m, float **room, part **p) {
    size_t size = 0;
    if (m->panels == NULL && !xp_panels_size(m->columns, m->rows, &size)) size = SIZE_MAX;
    *(*p)++ = (part){room, size};
}

static const float *pack(const xp_matrix *m, float *room) {
    const xp_linear linear = xp_matrix_linear(m, NULL);
    if (m->panels != NULL) return m->panels;
    xp_linear_pack(&linear, room);
    return room;
}

static bool convolves(const xp_tangent *t) { return t->point.layer == 0 && t->point.model->conv.rows > 0; }

typedef struct scratch {
    float *qkv_room, *output_room, *up_room, *down_room; /* weights */
    float *normed, *sum, *middle, *patches;
} scratch;

static bool create_arena(xp_tangent *t, scratch *s) {
    const explaint_model *m = t->point.model;
    const xp_config *c = &m->config;
    const xp_layer *layer = &m->layers[t->point.layer];
    const size_t n = t->point.n, d = c->width, qk = c->has & XP_HAS_QK_NORM ? c->n_heads : 1;
    const size_t kk = c->has & XP_HAS_QK_NORM ? c->n_key_heads : 1;
    const bool qk_norms = c->has & (XP_HAS_QK_NORM | XP_HAS_QK_NORM_OF_ALL);
    const xp_rope *rope = xp_config_rope(c, t->point.layer);
    const bool before = c->has & XP_HAS_PRE_NORM, on = c->has & XP_HAS_POST_NORM, end = xp_config_ends_with_norm(c);
    part parts[MOST_PARTS], *p = parts;
    panel_part(&layer->qkv, &s->qkv_room, &p);
    panel_part(&layer->output, &s->output_room, &p);
    panel_part(&layer->up, &s->up_room, &p);
    panel_part(&layer->down, &s->down_room, &p);
    norm_parts(&t->input, before, n, d, &p);
    norm_parts(&t->query, qk_norms, n * qk, queries(c) / qk, &p);
    norm_parts(&t->key, qk_norms, n * kk, keys(c) / kk, &p);
    norm_parts(&t->inner, on, n, d, &p);
    norm_parts(&t->after, end, n, d, &p);
    norm_parts(&t->mlp, before, n, d, &p);
    norm_parts(&t->output, on || end, n, d, &p);
    norm_parts(&t->conv, convolves(t), n, d, &p);
    t->query.heads = qk;
    t->key.heads = kk;
    *p++ = (part){&t->qkv, n * stride(c)};
    *p++ = (part){&t->turns, rope != NULL ? 2 * n * xp_rope_pairs(rope) : 0};
    *p++ = (part){&t->damp, c->cap > 0 ? c->n_heads * n * n : 0};
    *p++ = (part){&t->slopes, n * middle(c)};
    *p++ = (part){&t->blurred, convolves(t) ? n * d : 0};
    *p++ = (part){&s->normed, n * d};
    *p++ = (part){&s->sum, n * d};
    *p++ = (part){&s->middle, n * middle(c)};
    *p++ = (part){&s->patches, convolves(t) ? xp_conv_room(c) : 0};
    size_t total = 0;
    for (const part *q = parts; q < p; total += (q++->size + XP_LANES - 1) / XP_LANES * XP_LANES)
        if (q->size > SIZE_MAX / 64 - total) return false;
    if ((t->arena = xp_floats_create(total)) == NULL) return false;
    float *at = t->arena;
    for (const part *q = parts; q < p; at += (q++->size + XP_LANES - 1) / XP_LANES * XP_LANES)
        *q->to = q->size > 0 ? at : NULL;
    return true;
}

static void linear(const xp_tangent *t, size_t inner, size_t columns, const float *panels, const float *bias,
                   const float *x, float *to) {
    const xp_linear map = {.inner = inner, .columns = columns, .panels = panels, .bias = bias};
    xp_linear_apply(t->point.model->kernels, &map, t->point.n, x, inner, XP_IDENTITY, NULL, 0, to, columns);
}

static void settle_rope(xp_tangent *t) {
    const xp_config *c = &t->point.model->config;
    const xp_rope *rope = xp_config_rope(c, t->point.layer);
    const size_t pairs = rope != NULL ? xp_rope_pairs(rope) : 0;
    if (pairs == 0) {
        t->turns = NULL;
        return;
    }
    xp_rope_turns(rope, t->point.n, 0, t->point.n, t->turns, t->turns + pairs, 2 * pairs);
    for (size_t i = 0; i < t->point.n; i++)
        for (size_t h = 0; h < c->n_heads + c->n_key_heads; h++)
            xp_rope_rotate(rope, t->turns + 2 * i * pairs, t->turns + (2 * i + 1) * pairs,
                           t->qkv + i * stride(c) + h * c->head);
}

/* Queries and keys behind their norms: of each head, or of all at once. */
static void settle_heads(xp_tangent *t) {
    const explaint_model *m = t->point.model;
    const xp_config *c = &m->config;
    const xp_layer *layer = &m->layers[t->point.layer];
    if (!(c->has & (XP_HAS_QK_NORM | XP_HAS_QK_NORM_OF_ALL))) return;
    for (size_t side = 0; side < 2; side++) {
        xp_tangent_norm *norm = side == 0 ? &t->query : &t->key;
        for (size_t i = 0; i < t->point.n; i++) {
            float *x = t->qkv + i * stride(c) + side * queries(c);
            xp_tangent_norm row = *norm;
            row.unit += i * norm->heads * norm->columns;
            row.by += i * norm->heads;
            xp_tangent_norm_settle(m, side == 0 ? &layer->query_norm : &layer->key_norm, norm->heads, x, norm->columns,
                                   &row, x, norm->columns);
            norm->weight = row.weight;
        }
        norm->there = true;
    }
}

/* cap tanh(s / cap) moves by 1 - tanh^2. */
static void settle_cap(xp_tangent *t) {
    const xp_config *c = &t->point.model->config;
    const size_t n = t->point.n, together = c->n_heads / c->n_key_heads;
    const double scale = (double)xp_work_scale(c, t->point.layer);
    for (size_t h = 0; t->damp != NULL && h < c->n_heads; h++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                const float *q = t->qkv + i * stride(c) + h * c->head;
                const float *k = t->qkv + j * stride(c) + queries(c) + h / together * c->head;
                double score = 0;
                for (size_t e = 0; e < c->head; e++) score += (double)q[e] * (double)k[e];
                const double bent = tanh(score * scale / c->cap);
                t->damp[(h * n + i) * n + j] = (float)(1 - bent * bent);
            }
}

/* ---- the feed-forward layer ---- */

static double value_of(xp_activation activation, double x) {
    switch (activation) {
    case XP_GELU: return x * .5 * erfc(-x * sqrt(.5));
    case XP_GELU_TANH: return .5 * x * (1 + tanh(sqrt(2 / acos(-1)) * (x + .044715 * x * x * x)));
    case XP_RELU: return x > 0 ? x : 0;
    case XP_TANH: return tanh(x);
    case XP_SILU: return x / (1 + exp(-x));
    case XP_IDENTITY: break;
    }
    return x;
}

static double slope_of(xp_activation activation, double x) {
    const double root = sqrt(2 / acos(-1));
    switch (activation) {
    case XP_GELU: return .5 * erfc(-x * sqrt(.5)) + x * exp(-x * x / 2) * root / 2;
    case XP_GELU_TANH: {
        const double bent = tanh(root * (x + .044715 * x * x * x));
        return .5 * (1 + bent) + .5 * x * (1 - bent * bent) * root * (1 + 3 * .044715 * x * x);
    }
    case XP_RELU: return x > 0;
    case XP_TANH: return 1 - tanh(x) * tanh(x);
    case XP_SILU: return 1 / (1 + exp(-x)) * (1 + x / (1 + exp(x)));
    case XP_IDENTITY: break;
    }
    return 1;
}

/* What comes in: a norm of x where the feed-forward layer runs beside attention, else y or a norm of it. */
static const float *settle_entry(xp_tangent *t, const float *y, float *normed) {
    const explaint_model *m = t->point.model;
    const xp_layer *layer = &m->layers[t->point.layer];
    const size_t d = m->config.width;
    const bool beside = xp_block_is_parallel(m);
    const xp_norm *norm = m->config.has & XP_HAS_ONE_NORM ? &layer->input_norm : &layer->mlp_norm;
    const float *from = beside ? t->point.rows : y;
    if (t->mlp.unit == NULL) return from;
    xp_tangent_norm_settle(m, norm, t->point.n, from, d, &t->mlp, normed, d);
    return normed;
}

/* Slopes from what comes out of the first map, which becomes what goes into the second. */
static void settle_slopes(xp_tangent *t, float *up) {
    const xp_config *c = &t->point.model->config;
    const size_t f = c->feed_forward, wide = middle(c);
    const bool gated = c->has & XP_HAS_GATE;
    for (size_t i = 0; i < t->point.n; i++) {
        float *row = up + i * wide, *slopes = t->slopes + i * wide;
        for (size_t k = 0; k < f; k++) {
            const double x = (double)row[k], value = value_of(c->activation, x), slope = slope_of(c->activation, x);
            const double opened = gated ? (double)row[f + k] : 1;
            slopes[k] = (float)(slope * opened);
            if (gated) slopes[f + k] = (float)value;
            row[k] = (float)(value * opened);
        }
        for (size_t k = 0; wide > f && k < f; k++)
            up[i * f + k] = row[k]; /* behind one another: row i is read no more */
    }
}

/* From the rows between the halves (y) to h^l, in y, as far as a norm is measured on it. */
static void settle_rest(xp_tangent *t, const scratch *s, float *y) {
    const explaint_model *m = t->point.model;
    const xp_config *c = &m->config;
    const xp_layer *layer = &m->layers[t->point.layer];
    const size_t n = t->point.n, d = c->width;
    const float *in = settle_entry(t, y, s->normed);
    linear(t, d, middle(c), t->up_panels, layer->up_bias, in, s->middle);
    settle_slopes(t, s->middle);
    if (t->output.unit == NULL) return;
    linear(t, c->feed_forward, d, t->down_panels, layer->down_bias, s->middle, s->normed);
    for (size_t k = 0; xp_config_ends_with_norm(c) && k < n * d; k++) s->normed[k] += y[k];
    xp_tangent_norm_settle(m, &layer->output_norm, n, s->normed, d, &t->output, y, d);
}

/* The convolution is added to h^1, and a norm follows. */
static void settle_conv(xp_tangent *t, const scratch *s, float *h) {
    const explaint_model *m = t->point.model;
    const size_t n = t->point.n, d = m->config.width;
    if (!convolves(t)) return;
    xp_conv_apply(m, m->conv_bias, XP_IDENTITY, n, t->point.rows, s->patches, t->blurred);
    for (size_t k = 0; k < n * d; k++) {
        const double x = (double)t->blurred[k];
        h[k] += (float)value_of(m->config.conv_activation, x);
        t->blurred[k] = (float)slope_of(m->config.conv_activation, x);
    }
    xp_tangent_norm_settle(m, &m->conv_norm, n, h, d, &t->conv, NULL, 0);
}

bool xp_tangent_create(const xp_tangent_point *point, xp_tangent *t) {
    const explaint_model *m = point->model;
    const xp_config *c = &m->config;
    const xp_layer *layer = &m->layers[point->layer];
    const size_t n = point->n, d = c->width;
    scratch s;
    *t = (xp_tangent){.point = *point};
    if (!create_arena(t, &s)) return false;
    t->qkv_panels = pack(&layer->qkv, s.qkv_room);
    t->output_panels = pack(&layer->output, s.output_room);
    t->up_panels = pack(&layer->up, s.up_room);
    t->down_panels = pack(&layer->down, s.down_room);
    const float *in = point->rows;
    if (c->has & XP_HAS_PRE_NORM && !(point->layer == 0 && c->has & XP_HAS_NO_FIRST_NORM)) {
        xp_tangent_norm_settle(m, &layer->input_norm, n, in, d, &t->input, s.normed, d);
        in = s.normed;
    }
    linear(t, d, stride(c), t->qkv_panels, layer->qkv_bias, in, t->qkv);
    settle_heads(t);
    settle_rope(t);
    settle_cap(t);
    float *y = s.sum;
    linear(t, queries(c), d, t->output_panels, layer->output_bias, point->context, y);
    if (t->inner.unit != NULL) xp_tangent_norm_settle(m, &layer->attention_norm, n, y, d, &t->inner, y, d);
    for (size_t k = 0; k < n * d; k++) y[k] += point->rows[k];
    if (t->after.unit != NULL) xp_tangent_norm_settle(m, &layer->attention_norm, n, y, d, &t->after, y, d);
    settle_rest(t, &s, y);
    settle_conv(t, &s, y);
    return true;
}

void xp_tangent_free(xp_tangent *t) {
    xp_floats_destroy(t->arena);
    *t = (xp_tangent){0};
}

/* ---- h^0 ---- */

bool xp_tangent_embed_create(const explaint_model *m, const explaint_ids *text, xp_tangent_embed *e) {
    const xp_config *c = &m->config;
    const bool mapped = m->word_map.rows > 0, map_first = mapped && m->family->maps_words_first;
    const size_t word_width = mapped ? c->word_width : c->width, n = text->n,
                 columns = map_first ? c->width : word_width;
    *e = (xp_tangent_embed){.model = m, .word_width = word_width, .norm.columns = columns};
    if (m->embedding_norm.weight == NULL) return true; /* a decoder: all is linear */
    if ((e->arena = xp_floats_create(n * (word_width + 2 * columns + 1) + 1)) == NULL) return false;
    float *sum = e->arena, *rows = sum + n * word_width;
    e->norm.unit = rows + n * columns;
    e->norm.by = e->norm.unit + n * columns;
    xp_encoder_sum(m, text->id, n, word_width, sum);
    if (map_first) xp_encoder_map(m, n, sum, rows);
    xp_tangent_norm_settle(m, &m->embedding_norm, n, map_first ? rows : sum, columns, &e->norm, NULL, 0);
    return true;
}

void xp_tangent_embed_free(xp_tangent_embed *e) {
    xp_floats_destroy(e->arena);
    *e = (xp_tangent_embed){0};
}

void xp_tangent_embed_push(const xp_tangent_embed *e, size_t i, size_t many, float *words, float *to, size_t ld) {
    const explaint_model *m = e->model;
    const xp_config *c = &m->config;
    const bool mapped = m->word_map.rows > 0, map_first = mapped && m->family->maps_words_first;
    const float scale = c->word_scale > 0 ? (float)c->word_scale : 1;
    if (e->norm.there && !map_first) xp_tangent_norm_push(m, &e->norm, i, many, words, e->word_width);
    if (mapped) {
        const xp_linear map = xp_matrix_linear(&m->word_map, NULL);
        xp_linear_apply(m->kernels, &map, many, words, e->word_width, XP_IDENTITY, NULL, 0, to, ld);
    }
    for (size_t t = 0; t < many; t++) {
        if (!mapped) memcpy(to + t * ld, words + t * e->word_width, c->width * sizeof *to);
        for (size_t k = 0; k < c->width; k++) to[t * ld + k] *= scale;
    }
    if (e->norm.there && map_first) xp_tangent_norm_push(m, &e->norm, i, many, to, ld);
}

#include "model/work.h"

#include <string.h>

#include "base/memory.h"
#include "tensor/floats.h"

static size_t queries(const xp_config *c) { return c->n_heads * c->head; }
static size_t keys(const xp_config *c) { return c->n_key_heads * c->head; }
static size_t stride(const xp_config *c) { return queries(c) + 2 * keys(c); } /* of a row of work->qkv */

/* A row of work->turns: cosines and sines, then those of layers that slide. */
static size_t pairs_of(const xp_rope *rope) { return rope != NULL ? xp_rope_pairs(rope) : 0; }
static size_t turns(const xp_config *c) { return 2 * (pairs_of(c->rope) + pairs_of(c->sliding_rope)); }

/* ---- scratch ---- */

enum { N_PARTS = 14 };

/* The floats of each part, in the order of place_parts. */
static bool measure(const explaint_model *model, size_t n_rows, size_t longest, bool attention, bool values,
                    unsigned team, size_t sizes[N_PARTS], size_t *total) {
    const xp_config *c = &model->config;
    const size_t parts[N_PARTS][2] = {{n_rows, c->width},
                                      {n_rows, stride(c)},
                                      {n_rows, queries(c)},
                                      {n_rows, c->width},
                                      {n_rows, c->has & XP_HAS_GATE ? 2 * c->feed_forward : c->feed_forward},
                                      {c->head, xp_work_round(longest)},
                                      {longest, xp_work_round(c->head)},
                                      {attention ? c->n_heads * longest : team * (size_t)XP_MAP_ROWS, longest},
                                      {values ? longest : 0, queries(c)},
                                      {model->word_map.rows > 0 ? longest : 0, c->word_width},
                                      {longest + XP_MAP_ROWS, xp_work_round(c->n_distances)},
                                      {XP_MAP_ROWS, c->width * c->kernel},
                                      {c->kernel > 0 ? n_rows : 0, c->width},
                                      {n_rows, turns(c)}};
    *total = 0;
    for (size_t i = 0; i < N_PARTS; i++) {
        if (xp_mul_overflows(parts[i][0], parts[i][1], &sizes[i]) || sizes[i] > SIZE_MAX / 64 - *total) return false;
        sizes[i] = (sizes[i] + XP_LANES - 1) / XP_LANES * XP_LANES;
        *total += sizes[i];
    }
    return true;
}

bool xp_work_size(const explaint_model *model, size_t n_rows, size_t longest, bool attention, bool values,
                  unsigned team, size_t *n_floats) {
    size_t sizes[N_PARTS];
    return measure(model, n_rows, longest, attention, values, team, sizes, n_floats);
}

explaint_status xp_work_create(const explaint_model *model, size_t n_rows, size_t longest, bool attention, bool values,
                               unsigned team, xp_model_work *work, explaint_error *error) {
    float **const parts[N_PARTS] = {&work->rows,    &work->qkv,     &work->context, &work->sum,   &work->middle,
                                    &work->keys,    &work->mixed,   &work->maps,    &work->split, &work->narrow,
                                    &work->related, &work->patches, &work->blurred, &work->turns};
    size_t sizes[N_PARTS], total;
    *work = (xp_model_work){0};
    if (!measure(model, n_rows, longest, attention, values, team, sizes, &total))
        return xp_no_memory(error, "the states of a text");
    work->arena = xp_floats_create(total);
    if (work->arena == NULL) return xp_no_memory(error, "the states of a text");
    work->n_floats = total;
    work->team = team;
    float *at = work->arena;
    for (size_t i = 0; i < N_PARTS; at += sizes[i++]) *parts[i] = at;
    return EXPLAINT_OK;
}

void xp_work_destroy(xp_model_work *work) {
    xp_floats_destroy(work->logits);
    xp_floats_destroy(work->arena);
    *work = (xp_model_work){0};
}

/* ---- positions ---- */

void xp_work_place(const explaint_model *model, xp_model_work *work) {
    const xp_config *c = &model->config;
    const xp_rope *const ropes[] = {c->rope, c->sliding_rope};
    size_t at = 0;
    for (size_t r = 0; r < 2; at += 2 * pairs_of(ropes[r]), r++)
        for (size_t s = 0; ropes[r] != NULL && s < work->n_spans; s++) {
            const xp_span *span = &work->spans[s];
            const size_t past = xp_work_past(work), all = work->past != NULL ? work->past->all : span->n;
            float *cosines = work->turns + span->first * turns(c) + at;
            xp_rope_turns(ropes[r], all, past, span->n, cosines, cosines + pairs_of(ropes[r]), turns(c));
        }
}

/* Queries and keys of a row lie head after head. */
static void rotate(const explaint_model *model, size_t layer, xp_model_work *work, size_t first, size_t n) {
    const xp_config *c = &model->config;
    const xp_rope *rope = xp_config_rope(c, layer);
    if (pairs_of(rope) == 0) return;
    const size_t at = rope == c->rope ? 0 : 2 * pairs_of(c->rope);
    for (size_t i = first; i < first + n; i++) {
        const float *cosines = work->turns + i * turns(c) + at;
        float *head = work->qkv + i * stride(c);
        for (size_t h = 0; h < c->n_heads + c->n_key_heads; h++, head += c->head)
            xp_rope_rotate(rope, cosines, cosines + pairs_of(rope), head);
    }
}

/* ---- rows, shared out ---- */

/* One of the pieces below, of which each row depends on its own row alone. */
typedef struct piece {
    void (*rows)(const struct piece *p, size_t first, size_t n);
    const explaint_model *model;
    size_t number;
    const xp_layer *layer;
    xp_model_work *work;
    const float *x;
    bool add;
} piece;

static bool take_portion(void *self, size_t i, unsigned worker) {
    const piece *p = self;
    const size_t first = i * XP_BATCH_ROWS, left = p->work->n_rows - first;
    (void)worker;
    p->rows(p, first, left < XP_BATCH_ROWS ? left : XP_BATCH_ROWS);
    return true;
}

/* In portions that stay in the second cache while all columns pass. */
static void by_rows(piece p) {
    const size_t n_portions = (p.work->n_rows + XP_BATCH_ROWS - 1) / XP_BATCH_ROWS;
    xp_work_share(p.work, n_portions, take_portion, &p);
}

/* ---- pieces ---- */

void xp_work_norm(const explaint_model *model, const xp_norm *norm, size_t n, size_t columns, const float *x,
                  size_t ldx, float *to, size_t ldt) {
    const float eps = (float)model->config.eps;
    for (size_t i = 0; i < n; i++)
        if (model->config.has & XP_HAS_RMS_NORM)
            model->kernels->normalise_rms(columns, x + i * ldx, eps, norm->weight, to + i * ldt);
        else
            model->kernels->normalise(columns, x + i * ldx, eps, norm->weight, norm->bias, to + i * ldt);
}

size_t xp_work_projected(const xp_config *c) { return queries(c) + keys(c); }

/* Queries and keys between rows of work->qkv and rows that have nothing else. */
static void copy_projected(const xp_config *c, size_t n, const float *from, size_t ldf, float *to, size_t ldt) {
    for (size_t i = 0; i < n; i++) memcpy(to + i * ldt, from + i * ldf, xp_work_projected(c) * sizeof *to);
}

/* Where nobody asks what values give, they are not made. */
static bool wants_values(const xp_model_work *work) { return !work->attention_only || work->values != NULL; }

static void make_projected(const piece *p, size_t first, size_t n) {
    const explaint_model *model = p->model;
    const xp_config *c = &model->config;
    const xp_layer *layer = p->layer;
    xp_linear qkv = xp_matrix_linear(&layer->qkv, layer->qkv_bias);
    float *query = p->work->qkv + first * stride(c), *key = query + queries(c);
    if (!wants_values(p->work)) qkv.columns = xp_work_projected(c);
    xp_linear_apply(model->kernels, &qkv, n, p->x + first * c->width, c->width, XP_IDENTITY, NULL, 0, query, stride(c));
    if (c->has & XP_HAS_QK_NORM_OF_ALL) {
        xp_work_norm(model, &layer->query_norm, n, queries(c), query, stride(c), query, stride(c));
        xp_work_norm(model, &layer->key_norm, n, keys(c), key, stride(c), key, stride(c));
    }
    for (size_t h = 0; c->has & XP_HAS_QK_NORM && h < c->n_heads + c->n_key_heads; h++) {
        float *head = query + h * c->head;
        const xp_norm *norm = h < c->n_heads ? &layer->query_norm : &layer->key_norm;
        xp_work_norm(model, norm, n, c->head, head, stride(c), head, stride(c));
    }
}

static void project(const piece *p, size_t first, size_t n) {
    const xp_config *c = &p->model->config;
    const size_t size = xp_work_projected(c);
    const xp_model_work *work = p->work;
    float *qkv = work->qkv + first * stride(c);
    if (work->given != NULL)
        copy_projected(c, n, work->given + first * size, size, qkv, stride(c));
    else
        make_projected(p, first, n);
    if (work->projected != NULL)
        copy_projected(c, n, qkv, stride(c), work->projected + first * size, size);
    else
        rotate(p->model, p->number, p->work, first, n);
}

void xp_work_project(const explaint_model *model, size_t number, xp_model_work *work, const float *x) {
    by_rows((piece){project, model, number, &model->layers[number], work, x, false});
}

static void output(const piece *p, size_t first, size_t n) {
    const xp_config *c = &p->model->config;
    const xp_linear map = xp_matrix_linear(&p->layer->output, p->layer->output_bias);
    xp_linear_apply(p->model->kernels, &map, n, p->work->context + first * queries(c), queries(c), XP_IDENTITY,
                    p->add ? p->work->rows + first * c->width : NULL, c->width, p->work->sum + first * c->width,
                    c->width);
}

void xp_work_output(const explaint_model *model, const xp_layer *layer, xp_model_work *work, bool add) {
    by_rows((piece){output, model, 0, layer, work, NULL, add});
}

static size_t middle_of(const xp_config *c) { return c->has & XP_HAS_GATE ? 2 * c->feed_forward : c->feed_forward; }

static void up(const piece *p, size_t first, size_t n) {
    const xp_config *c = &p->model->config;
    const xp_kernels *kernels = p->model->kernels;
    const bool gated = c->has & XP_HAS_GATE;
    const xp_linear map = xp_matrix_linear(&p->layer->up, p->layer->up_bias); /* with a gate, gate and up */
    float *middle = p->work->middle + first * middle_of(c);
    xp_linear_apply(kernels, &map, n, p->x + first * c->width, c->width, gated ? XP_IDENTITY : c->activation, NULL, 0,
                    middle, middle_of(c));
    for (size_t i = 0; gated && i < n; i++) {
        float *gate = middle + i * middle_of(c);
        const float *opened = gate + c->feed_forward;
        kernels->finish(1, c->feed_forward, gate, middle_of(c), NULL, c->activation, NULL, 0);
        for (size_t k = 0; k < c->feed_forward; k++) gate[k] *= opened[k];
    }
}

void xp_work_up(const explaint_model *model, const xp_layer *layer, xp_model_work *work, const float *x) {
    by_rows((piece){up, model, 0, layer, work, x, false});
}

static void down(const piece *p, size_t first, size_t n) {
    const xp_config *c = &p->model->config;
    const xp_linear map = xp_matrix_linear(&p->layer->down, p->layer->down_bias);
    xp_linear_apply(p->model->kernels, &map, n, p->work->middle + first * middle_of(c), middle_of(c), XP_IDENTITY,
                    p->add ? p->work->rows + first * c->width : NULL, c->width, p->work->sum + first * c->width,
                    c->width);
}

void xp_work_down(const explaint_model *model, const xp_layer *layer, xp_model_work *work, bool add) {
    by_rows((piece){down, model, 0, layer, work, NULL, add});
}

/* ---- a block ---- */

void xp_work_post_norm_rest(const explaint_model *model, size_t number, xp_model_work *work) {
    const xp_layer *layer = &model->layers[number];
    const size_t width = model->config.width;
    xp_work_up(model, layer, work, work->rows);
    xp_work_down(model, layer, work, true);
    xp_work_norm(model, &layer->output_norm, work->n_rows, width, work->sum, width, work->rows, width);
}

bool xp_work_post_norm_block(const explaint_model *model, size_t number, xp_model_work *work) {
    const xp_layer *layer = &model->layers[number];
    const size_t width = model->config.width;
    xp_work_project(model, number, work, work->rows);
    if (!xp_work_attend(model, number, work)) return false;
    if (work->attention_only) return true;
    xp_work_output(model, layer, work, true);
    xp_work_norm(model, &layer->attention_norm, work->n_rows, width, work->sum, width, work->rows, width);
    xp_work_post_norm_rest(model, number, work);
    return true;
}

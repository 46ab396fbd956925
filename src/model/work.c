#include "model/work.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/floats.h"

static size_t rounded(size_t n) { return (n + XP_PANEL - 1) / XP_PANEL * XP_PANEL; }

explaint_status xp_work_create(const explaint_model *model, size_t n_rows, size_t longest, bool attention, bool values,
                               xp_model_work *work, explaint_error *error) {
    const xp_config *c = &model->config;
    const size_t head = c->width / c->n_heads;
    struct {
        float **at;
        size_t rows, width;
    } parts[] = {{&work->rows, n_rows, c->width},
                 {&work->qkv, n_rows, 3 * c->width},
                 {&work->context, n_rows, c->width},
                 {&work->sum, n_rows, c->width},
                 {&work->middle, n_rows, c->feed_forward},
                 {&work->keys, head, rounded(longest)},
                 {&work->mixed, longest, rounded(head)},
                 {&work->maps, attention ? c->n_heads * longest : XP_MAP_ROWS, longest},
                 {&work->split, values ? longest : 0, c->width}};
    size_t total = 0, sizes[sizeof parts / sizeof parts[0]];
    *work = (xp_model_work){0};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (xp_mul_overflows(parts[i].rows, parts[i].width, &sizes[i]) || sizes[i] > SIZE_MAX / 64 - total)
            return xp_no_memory(error, "the states of a text");
        sizes[i] = (sizes[i] + XP_LANES - 1) / XP_LANES * XP_LANES;
        total += sizes[i];
    }
    work->arena = xp_floats_create(total);
    if (work->arena == NULL) return xp_no_memory(error, "the states of a text");
    work->n_floats = total;
    float *at = work->arena;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; at += sizes[i++]) *parts[i].at = at;
    return EXPLAINT_OK;
}

void xp_work_destroy(xp_model_work *work) {
    xp_floats_destroy(work->arena);
    *work = (xp_model_work){0};
}

/* One head of one text. */
static void attend_head(const explaint_model *model, const xp_span *span, size_t h, xp_model_work *work, float *maps,
                        bool keep) {
    const xp_config *c = &model->config;
    const size_t n = span->n, head = c->width / c->n_heads, stride = 3 * c->width;
    const float *query = work->qkv + span->first * stride + h * head, *key = query + c->width, *value = key + c->width;
    const float scale = (float)(1 / sqrt((double)head));
    const size_t reach = 2 * c->n_positions - 1;
    const float *relative = model->relative != NULL ? model->relative + h * reach + c->n_positions - 1 : NULL;
    xp_panels_put(head, 0, n, key, stride, work->keys);
    if (!work->attention_only) xp_panels_put_plain(n, head, value, stride, work->mixed);
    for (size_t first = 0; first < n; first += XP_MAP_ROWS) {
        const size_t many = n - first < XP_MAP_ROWS ? n - first : XP_MAP_ROWS;
        float *scores = keep ? maps + (h * n + first) * n : maps;
        xp_product(model->kernels, many, head, query + first * stride, stride, work->keys, n, scores, n);
        for (size_t i = 0; i < many; i++)
            model->kernels->softmax(n, scores + i * n, scale, relative != NULL ? relative - (first + i) : NULL);
        if (!work->attention_only)
            xp_product(model->kernels, many, n, scores, n, work->mixed, head,
                       work->context + (span->first + first) * c->width + h * head, c->width);
    }
}

static bool show_values(const explaint_model *model, size_t layer, const xp_span *span, xp_model_work *work) {
    const xp_config *c = &model->config;
    const size_t head = c->width / c->n_heads;
    for (size_t h = 0; h < c->n_heads; h++)
        for (size_t i = 0; i < span->n; i++)
            memcpy(work->split + (h * span->n + i) * head,
                   work->qkv + (span->first + i) * 3 * c->width + 2 * c->width + h * head, head * sizeof(float));
    return work->values(work->self, span, layer, work->split);
}

bool xp_model_work_attend(const explaint_model *model, size_t layer, xp_model_work *work) {
    for (size_t s = 0; s < work->n_spans; s++) {
        const xp_span *span = &work->spans[s];
        const bool keep = work->attention != NULL;
        for (size_t h = 0; h < model->config.n_heads; h++) attend_head(model, span, h, work, work->maps, keep);
        if (keep && !work->attention(work->self, span, layer, work->maps)) return false;
        if (work->values != NULL && !show_values(model, layer, span, work)) return false;
    }
    return true;
}

static void norm_rows(const explaint_model *model, const xp_norm *norm, xp_model_work *work) {
    const size_t width = model->config.width;
    for (size_t i = 0; i < work->n_rows; i++)
        model->kernels->normalise(width, work->sum + i * width, (float)model->config.eps, norm->weight, norm->bias,
                                  work->rows + i * width);
}

static void post_norm_attention(const explaint_model *model, const xp_layer *layer, xp_model_work *work) {
    const size_t width = model->config.width;
    const xp_linear output = {width, width, layer->output, layer->output_bias};
    xp_linear_apply(model->kernels, &output, work->n_rows, work->context, width, XP_IDENTITY, work->rows, width,
                    work->sum, width);
    norm_rows(model, &layer->attention_norm, work);
}

static void post_norm_feed_forward(const explaint_model *model, const xp_layer *layer, xp_model_work *work) {
    const size_t width = model->config.width, wide = model->config.feed_forward;
    const xp_linear up = {width, wide, layer->up, layer->up_bias}, down = {wide, width, layer->down, layer->down_bias};
    xp_linear_apply(model->kernels, &up, work->n_rows, work->rows, width, model->config.activation, NULL, 0,
                    work->middle, wide);
    xp_linear_apply(model->kernels, &down, work->n_rows, work->middle, wide, XP_IDENTITY, work->rows, width, work->sum,
                    width);
    norm_rows(model, &layer->output_norm, work);
}

bool xp_model_work_post_norm_block(const explaint_model *model, size_t number, xp_model_work *work) {
    const xp_layer *layer = &model->layers[number];
    const size_t width = model->config.width;
    const xp_linear qkv = {width, 3 * width, layer->qkv, layer->qkv_bias};
    xp_linear_apply(model->kernels, &qkv, work->n_rows, work->rows, width, XP_IDENTITY, NULL, 0, work->qkv, 3 * width);
    if (!xp_model_work_attend(model, number, work)) return false;
    if (work->attention_only) return true;
    post_norm_attention(model, layer, work);
    post_norm_feed_forward(model, layer, work);
    return true;
}

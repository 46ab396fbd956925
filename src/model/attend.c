/* Attention: who sees whom, scores, softmax, and what the values give. */
#include <math.h>
#include <string.h>

#include "model/family.h"

/* Pieces from `from` to `to` - 1. */
typedef struct view {
    size_t from, to;
} view;

/* What piece i of a text of n pieces sees. */
static view seen(const xp_config *c, size_t layer, size_t n, size_t i) {
    const bool slides = c->layer[layer] & XP_LAYER_SLIDES;
    const size_t last = slides && n - i > c->window ? i + c->window : n;
    return (view){.from = slides && i + 1 > c->window ? i + 1 - c->window : 0,
                  .to = c->has & XP_IS_CAUSAL ? i + 1 : last};
}

static float scale_of(const xp_config *c, size_t layer) {
    const double scale = c->scale > 0 ? c->scale : 1 / sqrt((double)c->head);
    return (float)(c->has & XP_HAS_SCALE_BY_LAYER ? scale / (double)(layer + 1) : scale);
}

/* A row of scores, of which it sees a part: shares there, 0 elsewhere in the block. */
static void share(const explaint_model *model, size_t layer, view sees, view block, float *row, const float *relative,
                  xp_focus *focus) {
    const xp_config *c = &model->config;
    const size_t n = sees.to - sees.from;
    float *scores = row + sees.from, scale = scale_of(c, layer);
    if (c->cap > 0) {
        const float cap = (float)c->cap;
        for (size_t j = 0; j < n; j++) scores[j] = scores[j] * scale / cap;
        model->kernels->finish(1, n, scores, n, NULL, XP_TANH, NULL, 0);
        scale = cap;
    }
    model->kernels->softmax(n, scores, scale, relative != NULL ? relative + sees.from : NULL, focus);
    memset(row + block.from, 0, (sees.from - block.from) * sizeof *row);
    memset(row + sees.to, 0, (block.to - sees.to) * sizeof *row);
}

/* Rows of a head as an observer gets them. */
static bool show_rows(size_t layer, const xp_span *span, size_t h, size_t first, size_t many, view block,
                      const float *row, const xp_focus *focus, xp_model_work *work) {
    float entropy[XP_MAP_ROWS], largest[XP_MAP_ROWS];
    for (size_t i = 0; i < many; i++) {
        entropy[i] = focus[i].entropy;
        largest[i] = focus[i].largest;
    }
    const explaint_attention_rows rows = {.text = span->text,
                                          .layer = layer + 1,
                                          .head = h + 1,
                                          .n = span->n,
                                          .first = first,
                                          .many = many,
                                          .from = block.from,
                                          .to = block.to,
                                          .row = row,
                                          .entropy = entropy,
                                          .largest = largest};
    return work->attention_rows(work->self, &rows);
}

/* One head of queries of one text; keys and values of its group are packed. Rows are taken in blocks, and of the columns only those
 * that a row of the block sees, from a panel's first on. */
static bool attend_head(const explaint_model *model, size_t layer, const xp_span *span, size_t h, xp_model_work *work,
                        bool keep) {
    const xp_config *c = &model->config;
    const size_t n = span->n, width = c->n_heads * c->head, stride = width + 2 * c->n_key_heads * c->head;
    const float *query = work->qkv + span->first * stride + h * c->head;
    const size_t reach = 2 * c->n_positions - 1;
    const float *relative = model->relative != NULL ? model->relative + h * reach + c->n_positions - 1 : NULL;
    xp_focus focus[XP_MAP_ROWS];
    for (size_t first = 0; first < n; first += XP_MAP_ROWS) {
        const size_t many = n - first < XP_MAP_ROWS ? n - first : XP_MAP_ROWS;
        const view block = {seen(c, layer, n, first).from / XP_PANEL * XP_PANEL,
                            seen(c, layer, n, first + many - 1).to};
        const size_t wide = block.to - block.from;
        float *scores = keep ? work->maps + (h * n + first) * n : work->maps;
        xp_product(model->kernels, many, c->head, query + first * stride, stride, work->keys + block.from * c->head,
                   c->head, wide, scores + block.from, n);
        if (model->family->relate != NULL)
            model->family->relate(model, layer, &(xp_score_block){span, h, first, many, block.from, block.to, scores},
                                  work);
        for (size_t i = 0; i < many; i++)
            share(model, layer, seen(c, layer, n, first + i), keep ? (view){0, n} : block, scores + i * n,
                  relative != NULL ? relative - (first + i) : NULL, &focus[i]);
        if (work->attention_rows != NULL && !show_rows(layer, span, h, first, many, block, scores, focus, work))
            return false;
        if (!work->attention_only)
            xp_product(model->kernels, many, wide, scores + block.from, n, work->mixed + block.from * XP_PANEL, n,
                       c->head, work->context + (span->first + first) * width + h * c->head, width);
    }
    return true;
}

/* Every head of queries with the values of its group. */
static bool show_values(const explaint_model *model, size_t layer, const xp_span *span, xp_model_work *work) {
    const xp_config *c = &model->config;
    const size_t head = c->head, group = c->n_heads / c->n_key_heads, before = (c->n_heads + c->n_key_heads) * head;
    const size_t stride = before + c->n_key_heads * head;
    for (size_t h = 0; h < c->n_heads; h++)
        for (size_t i = 0; i < span->n; i++)
            memcpy(work->split + (h * span->n + i) * head,
                   work->qkv + (span->first + i) * stride + before + h / group * head, head * sizeof(float));
    return work->values(work->self, span, layer, work->split);
}

bool xp_work_attend(const explaint_model *model, size_t layer, xp_model_work *work) {
    const xp_config *c = &model->config;
    const size_t group = c->n_heads / c->n_key_heads, stride = (c->n_heads + 2 * c->n_key_heads) * c->head;
    const bool keep = work->attention != NULL;
    for (size_t s = 0; s < work->n_spans; s++) {
        const xp_span *span = &work->spans[s];
        for (size_t k = 0; k < c->n_key_heads; k++) {
            const float *key = work->qkv + span->first * stride + (c->n_heads + k) * c->head;
            xp_panels_put(c->head, 0, span->n, key, stride, work->keys);
            if (!work->attention_only)
                xp_panels_put_plain(span->n, c->head, key + c->n_key_heads * c->head, stride, work->mixed);
            for (size_t h = k * group; h < (k + 1) * group; h++)
                if (!attend_head(model, layer, span, h, work, keep)) return false;
        }
        if (keep && !work->attention(work->self, span, layer, work->maps)) return false;
        if (work->values != NULL && !show_values(model, layer, span, work)) return false;
    }
    return true;
}

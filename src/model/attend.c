/* Attention: who sees whom, scores, softmax, and what the values give. */
#include <math.h>
#include <string.h>

#include "model/block.h"
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

float xp_work_scale(const xp_config *c, size_t layer) {
    const double scale = c->scale > 0 ? c->scale : 1 / sqrt((double)c->head);
    return (float)(c->has & XP_HAS_SCALE_BY_LAYER ? scale / (double)(layer + 1) : scale);
}

/* A row of scores, of which it sees a part: shares there, 0 elsewhere in the block. */
static void share(const explaint_model *model, size_t layer, view sees, view block, float *row, const float *relative,
                  xp_focus *focus) {
    const xp_config *c = &model->config;
    const size_t n = sees.to - sees.from;
    float *scores = row + sees.from, scale = xp_work_scale(c, layer);
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

/* Heads of queries that have one head of keys, of one text. */
typedef struct group {
    const explaint_model *model;
    size_t layer;
    const xp_span *span;
    size_t first, n_blocks; /* its first head; blocks of rows that each has */
    xp_model_work *work;
    float *keys, *values; /* as panels */
    size_t room;          /* rows of the panels of values */
} group;

/* Packs keys and values of a text, in scratch or behind those that the text had before. */
static void pack(group *g, size_t k) {
    const xp_config *c = &g->model->config;
    const xp_span *span = g->span;
    xp_model_work *work = g->work;
    const size_t stride = (c->n_heads + 2 * c->n_key_heads) * c->head, past = xp_work_past(work);
    const float *key = work->qkv + span->first * stride + (c->n_heads + k) * c->head;
    g->keys = work->keys;
    g->values = work->mixed;
    g->room = span->n;
    if (work->past != NULL) {
        const size_t number = g->layer * c->n_key_heads + k;
        g->room = work->past->room;
        g->keys = work->past->keys + number * xp_work_past_keys(c, g->room);
        g->values = work->past->values + number * xp_work_past_values(c, g->room);
    }
    xp_panels_put(c->head, past, span->n, key, stride, g->keys);
    if (!work->attention_only)
        xp_panels_put_plain(g->room, past, span->n, c->head, key + c->n_key_heads * c->head, stride, g->values);
}

/* A block of rows of one head, and of the columns only those that a row of the block sees, from a panel's first on. A block begins where it
 * would if the text had no past: so no bit depends on that. */
static bool attend_block(void *self, size_t i, unsigned worker) {
    const group *g = self;
    const explaint_model *model = g->model;
    const xp_config *c = &model->config;
    xp_model_work *work = g->work;
    const bool keep = work->attention != NULL || work->block != NULL;
    const size_t past = xp_work_past(work), n = past + g->span->n, width = c->n_heads * c->head,
                 stride = width + 2 * c->n_key_heads * c->head;
    const size_t h = g->first + i / g->n_blocks, begin = (past / XP_MAP_ROWS + i % g->n_blocks) * XP_MAP_ROWS;
    const size_t first = begin > past ? begin : past, row = g->span->first + first - past;
    const size_t many = n - begin < XP_MAP_ROWS ? n - first : begin + XP_MAP_ROWS - first;
    const size_t reach = 2 * c->n_positions - 1;
    const float *relative = model->relative != NULL ? model->relative + h * reach + c->n_positions - 1 - first : NULL;
    const view block = {seen(c, g->layer, n, begin).from / XP_PANEL * XP_PANEL,
                        seen(c, g->layer, n, first + many - 1).to};
    const size_t wide = block.to - block.from;
    float *scores = work->maps + (keep ? h * n + first : worker * (size_t)XP_MAP_ROWS) * n;
    xp_focus focus[XP_MAP_ROWS];
    xp_product(model->kernels, many, c->head, work->qkv + row * stride + h * c->head, stride,
               g->keys + block.from * c->head, c->head, wide, scores + block.from, n);
    if (model->family->relate != NULL)
        model->family->relate(model, g->layer, &(xp_score_block){g->span, h, first, many, block.from, block.to, scores},
                              work);
    for (size_t k = 0; k < many; k++)
        share(model, g->layer, seen(c, g->layer, n, first + k), keep ? (view){0, n} : block, scores + k * n,
              relative != NULL ? relative - k : NULL, &focus[k]);
    if (work->attention_rows != NULL && !show_rows(g->layer, g->span, h, first, many, block, scores, focus, work))
        return false;
    if (!work->attention_only)
        xp_product(model->kernels, many, wide, scores + block.from, n, g->values + block.from * XP_PANEL, g->room,
                   c->head, work->context + row * width + h * c->head, width);
    return true;
}

/* Every head of queries with the values of its group. */
static bool show_values(const explaint_model *model, size_t layer, const xp_span *span, xp_model_work *work) {
    const xp_config *c = &model->config;
    const size_t head = c->head, together = c->n_heads / c->n_key_heads, before = (c->n_heads + c->n_key_heads) * head;
    const size_t stride = before + c->n_key_heads * head;
    for (size_t h = 0; h < c->n_heads; h++)
        for (size_t i = 0; i < span->n; i++)
            memcpy(work->split + (h * span->n + i) * head,
                   work->qkv + (span->first + i) * stride + before + h / together * head, head * sizeof(float));
    return work->values(work->self, span, layer, work->split);
}

static bool show_block(const explaint_model *model, size_t layer, const xp_span *span, xp_model_work *work) {
    const xp_config *c = &model->config;
    const size_t queries = c->n_heads * c->head, keys = c->n_key_heads * c->head, stride = queries + 2 * keys;
    const xp_model_block block = {.model = model,
                                  .layer = layer,
                                  .n = span->n,
                                  .rows = work->rows + span->first * c->width,
                                  .maps = work->maps,
                                  .values = work->qkv + span->first * stride + queries + keys,
                                  .stride = stride,
                                  .context = work->context + span->first * queries};
    return work->block(work->self, span, &block);
}

bool xp_work_attend(const explaint_model *model, size_t layer, xp_model_work *work) {
    const xp_config *c = &model->config;
    const size_t together = c->n_heads / c->n_key_heads, past = xp_work_past(work);
    if (work->projected != NULL) return false; /* that was all */
    for (size_t s = 0; s < work->n_spans; s++) {
        const xp_span *span = &work->spans[s];
        const size_t n_blocks = (past + span->n + XP_MAP_ROWS - 1) / XP_MAP_ROWS - past / XP_MAP_ROWS;
        for (size_t k = 0; k < c->n_key_heads; k++) {
            group g = {model, layer, span, k * together, n_blocks, work, NULL, NULL, 0};
            pack(&g, k);
            if (!xp_work_share(work, together * n_blocks, attend_block, &g)) return false;
        }
        if (work->attention != NULL && !work->attention(work->self, span, layer, work->maps)) return false;
        if (work->values != NULL && !show_values(model, layer, span, work)) return false;
        if (work->block != NULL && !show_block(model, layer, span, work)) return false;
    }
    return true;
}

size_t xp_work_past_keys(const xp_config *c, size_t room) { return c->head * xp_work_round(room); }

size_t xp_work_past_values(const xp_config *c, size_t room) { return xp_work_round(c->head) * room; }

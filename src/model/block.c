#include "model/block.h"

#include <string.h>

#include "model/decoder.h"

static const xp_layer *layer_of(const xp_model_block *b) { return &b->model->layers[b->layer]; }

const float *xp_block_value(const xp_model_block *b, size_t h, size_t j) {
    const xp_config *c = &b->model->config;
    return b->values + j * b->stride + h / (c->n_heads / c->n_key_heads) * c->head;
}

size_t xp_block_room(const xp_model_block *b) {
    const xp_matrix *output = &layer_of(b)->output;
    const size_t columns = (output->rows + XP_PANEL - 1) / XP_PANEL * XP_PANEL;
    return output->panels != NULL ? 0 : output->columns * (columns + 1); /* and a row */
}

const float *xp_block_panels(const xp_model_block *b, float *room) {
    const xp_matrix *output = &layer_of(b)->output;
    const size_t inner = output->columns, size = xp_block_room(b);
    if (output->panels != NULL) return output->panels;
    memset(room, 0, size * sizeof *room);
    float *row = room + size - inner;
    for (size_t i = 0; i < output->rows; i++) {
        xp_matrix_row(output, i, row);
        xp_panels_put(inner, i, 1, row, inner, room);
    }
    return room;
}

void xp_block_output(const xp_model_block *b, const float *panels, size_t n, const float *context, float *to) {
    const xp_config *c = &b->model->config;
    const size_t inner = c->n_heads * c->head;
    xp_product(b->model->kernels, n, inner, context, inner, panels, inner, c->width, to, c->width);
}

void xp_block_head(const xp_model_block *b, const float *panels, size_t h, size_t first, size_t many, float *to,
                   size_t ldt) {
    const xp_config *c = &b->model->config;
    xp_product(b->model->kernels, many, c->head, xp_block_value(b, h, first), b->stride,
               panels + h * c->head * XP_PANEL, c->n_heads * c->head, c->width, to, ldt);
}

const float *xp_block_bias(const xp_model_block *b) { return layer_of(b)->output_bias; }

const xp_norm *xp_block_inner(const xp_model_block *b) {
    return b->model->config.has & XP_HAS_POST_NORM ? &layer_of(b)->attention_norm : NULL;
}

const xp_norm *xp_block_after(const xp_model_block *b) {
    return xp_config_ends_with_norm(&b->model->config) ? &layer_of(b)->attention_norm : NULL;
}

bool xp_block_is_parallel(const explaint_model *model) { return model->config.has & XP_IS_PARALLEL; }

void xp_block_beside(const xp_model_block *b, xp_model_work *work, float *to) {
    const xp_layer *layer = layer_of(b);
    const size_t width = b->model->config.width;
    const xp_norm *norm = b->model->config.has & XP_HAS_ONE_NORM ? &layer->input_norm : &layer->mlp_norm;
    work->n_rows = b->n;
    xp_work_norm(b->model, norm, b->n, width, b->rows, width, work->sum, width);
    xp_work_up(b->model, layer, work, work->sum);
    xp_work_down(b->model, layer, work, false);
    memcpy(to, work->sum, b->n * width * sizeof *to);
}

bool xp_block_can_finish(const explaint_model *model, size_t layer) {
    return !xp_block_is_parallel(model) && !(layer == 0 && model->conv.rows > 0);
}

void xp_block_finish(const explaint_model *model, size_t layer, xp_model_work *work) {
    if (xp_config_ends_with_norm(&model->config))
        xp_work_post_norm_rest(model, layer, work);
    else
        xp_decoder_rest(model, layer, work);
}

#include "model/decoder.h"

#include <string.h>

void xp_decoder_embed(const explaint_model *model, const int32_t *id, size_t n, float *to) {
    const xp_config *c = &model->config;
    const float scale = c->word_scale > 0 ? (float)c->word_scale : 1;
    for (size_t i = 0; i < n; i++, to += c->width) {
        const float *word = model->words + (size_t)id[i] * c->width;
        for (size_t k = 0; k < c->width; k++) to[k] = word[k] * scale;
    }
}

static void exchange(xp_model_work *work) {
    float *rows = work->rows;
    work->rows = work->sum;
    work->sum = rows;
}

/* rows := rows + sum, with the norm on sum first where there is one behind. */
static void add(const explaint_model *model, const xp_norm *norm, xp_model_work *work) {
    const size_t width = model->config.width;
    if (!(model->config.has & XP_HAS_POST_NORM)) { /* it was added already */
        exchange(work);
        return;
    }
    xp_work_norm(model, norm, work->n_rows, width, work->sum, width, work->sum, width);
    for (size_t i = 0; i < work->n_rows * width; i++) work->rows[i] += work->sum[i];
}

/* What goes in: the rows, or a norm of them. */
static const float *enter(const explaint_model *model, const xp_norm *norm, xp_model_work *work) {
    const size_t width = model->config.width;
    if (!(model->config.has & XP_HAS_PRE_NORM)) return work->rows;
    xp_work_norm(model, norm, work->n_rows, width, work->rows, width, work->sum, width);
    return work->sum;
}

bool xp_decoder_block(const explaint_model *model, size_t number, xp_model_work *work) {
    const xp_layer *layer = &model->layers[number];
    const bool at_once = !(model->config.has & XP_HAS_POST_NORM);
    xp_work_project(model, number, work, enter(model, &layer->input_norm, work));
    if (!xp_work_attend(model, number, work)) return false;
    if (work->attention_only) return true;
    xp_work_output(model, layer, work, at_once);
    add(model, &layer->attention_norm, work);
    xp_work_up(model, layer, work, enter(model, &layer->mlp_norm, work));
    xp_work_down(model, layer, work, at_once);
    add(model, &layer->output_norm, work);
    return true;
}

/* An object with something in it; NULL: there is none. */
static const xp_value *parameters_of(const xp_value *object) {
    static const char *const keys[] = {"rope_scaling", "rope_parameters"}; /* the older one goes first */
    for (size_t i = 0; i < 2; i++) {
        const xp_value *value = xp_value_member(object, keys[i]);
        if (!xp_value_is_off(value) && value != NULL && !(xp_value_is_object(value) && xp_value_count(value) == 0))
            return value;
    }
    return NULL;
}

explaint_status xp_decoder_configure(const char *path, const xp_value *object, xp_config *config,
                                     explaint_error *error) {
    const xp_rope_basis basis = {.theta = config->theta,
                                 .partial = config->partial,
                                 .partial_counts = config->has & XP_HAS_PARTIAL_ROPE,
                                 .head = config->head,
                                 .n_positions = config->n_positions,
                                 .original = config->n_original};
    return xp_rope_read(path, parameters_of(object), &basis, &config->rope, error);
}

const char *const xp_decoder_ignored[] = {
    "lm_head.", "score.", "classifier.", "qa_outputs.", "layers.*.self_attn.rotary_emb.inv_freq", "rotary_emb.inv_freq",
    NULL};

const char *const xp_decoder_refused[] = {NULL};

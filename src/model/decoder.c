#include "model/decoder.h"

void xp_decoder_embed(const explaint_model *model, size_t past, const int32_t *id, size_t n, float *to) {
    const xp_config *c = &model->config;
    const float scale = c->word_scale > 0 ? (float)c->word_scale : 1;
    for (size_t i = 0; i < n; i++, to += c->width) {
        xp_matrix_row(&model->word_rows, (size_t)id[i], to); /* mapped when the model was opened */
        for (size_t k = 0; k < c->width; k++) to[k] *= scale;
        if (model->positions == NULL) continue;
        const float *position = model->positions + (c->offset + past + i) * c->width;
        for (size_t k = 0; k < c->width; k++) to[k] += position[k];
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

/* Attention has been, from the rows that are still there. */
static void finish_parallel(const explaint_model *model, const xp_layer *layer, xp_model_work *work) {
    const bool one_norm = model->config.has & XP_HAS_ONE_NORM;
    xp_work_up(model, layer, work, one_norm ? work->sum : enter(model, &layer->mlp_norm, work));
    xp_work_output(model, layer, work, true);
    exchange(work);
    xp_work_down(model, layer, work, true);
    exchange(work);
}

void xp_decoder_rest(const explaint_model *model, size_t number, xp_model_work *work) {
    const xp_layer *layer = &model->layers[number];
    xp_work_up(model, layer, work, enter(model, &layer->mlp_norm, work));
    xp_work_down(model, layer, work, !(model->config.has & XP_HAS_POST_NORM));
    add(model, &layer->output_norm, work);
}

bool xp_decoder_block(const explaint_model *model, size_t number, xp_model_work *work) {
    const xp_layer *layer = &model->layers[number];
    const bool at_once = !(model->config.has & XP_HAS_POST_NORM);
    const bool as_it_is = number == 0 && model->config.has & XP_HAS_NO_FIRST_NORM;
    xp_work_project(model, number, work, as_it_is ? work->rows : enter(model, &layer->input_norm, work));
    if (!xp_work_attend(model, number, work)) return false;
    if (work->attention_only) return true;
    if (model->config.has & XP_IS_PARALLEL) {
        finish_parallel(model, layer, work);
        return true;
    }
    xp_work_output(model, layer, work, at_once);
    add(model, &layer->attention_norm, work);
    xp_decoder_rest(model, number, work);
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
                                 .longrope_only = config->has & XP_HAS_LONGROPE_ONLY,
                                 .head = config->head,
                                 .n_positions = config->n_positions,
                                 .original = config->n_original};
    return xp_rope_read(path, parameters_of(object), &basis, &config->rope, error);
}

explaint_status xp_decoder_configure_two_ropes(const char *path, const xp_value *object, bool both, xp_config *config,
                                               explaint_error *error) {
    const xp_value *by_kind = xp_value_member(object, "rope_parameters"),
                   *old = xp_value_member(object, "rope_scaling");
    const xp_value *all = xp_value_member(by_kind, "full_attention");
    const xp_value *sliding = xp_value_member(by_kind, "sliding_attention");
    if (!xp_value_is_null(old) && !xp_value_is_null(by_kind))
        return xp_config_unexpected(path, object, "rope_scaling", "absent, where there is \"rope_parameters\"", error);
    if (!xp_value_is_null(old)) all = old;
    if (!xp_value_is_null(old) && both) sliding = old;
    xp_rope_basis basis = {.theta = config->theta,
                           .partial = 1,
                           .always_truncates = true, /* the reference does not find "truncate" there */
                           .head = config->head,
                           .n_positions = config->n_positions};
    explaint_status status = xp_rope_read(path, all, &basis, &config->rope, error);
    basis.theta = config->sliding_theta;
    return status == EXPLAINT_OK ? xp_rope_read(path, sliding, &basis, &config->sliding_rope, error) : status;
}

void xp_decoder_slide(xp_config *config, bool slides) {
    for (size_t i = 0; slides && i < config->n_layers; i++) config->layer[i] |= XP_LAYER_SLIDES;
}

explaint_status xp_decoder_configure_qwen(const char *path, const xp_value *object, xp_config *config,
                                          explaint_error *error) {
    bool may = false, found = false;
    size_t first = 28; /* layers below it never slide */
    xp_value_bool(xp_value_member(object, "use_sliding_window"), &may);
    if (!may) config->window = 0;
    if (xp_value_member(object, "max_window_layers") != NULL &&
        !xp_value_size(xp_value_member(object, "max_window_layers"), &first))
        return xp_config_unexpected(path, object, "max_window_layers", "a whole number", error);
    explaint_status status = xp_config_layer_types(path, object, config, &found, error);
    for (size_t i = first; !found && config->window > 0 && i < config->n_layers; i++)
        config->layer[i] |= XP_LAYER_SLIDES;
    return status == EXPLAINT_OK ? xp_decoder_configure(path, object, config, error) : status;
}

const char *const xp_decoder_ignored[] = {
    "lm_head.", "score.", "classifier.", "qa_outputs.", "layers.*.self_attn.rotary_emb.inv_freq", "rotary_emb.inv_freq",
    NULL};

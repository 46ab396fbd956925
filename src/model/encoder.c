#include "model/encoder.h"

static void add(size_t n, const float *x, float *to) {
    for (size_t k = 0; k < n; k++) to[k] += x[k];
}

/* The row of the table of positions. counted: pieces before this one that are no padding. */
static size_t place_of(const xp_config *c, int32_t id, size_t i, size_t *counted) {
    if (!(c->has & XP_HAS_PAD_POSITIONS)) return i;
    return (size_t)id == c->pad ? c->pad : c->pad + ++*counted;
}

void xp_encoder_sum(const explaint_model *model, const int32_t *id, size_t n, size_t width, float *to) {
    const xp_config *c = &model->config;
    size_t counted = 0;
    for (size_t i = 0; i < n; i++, to += width) {
        xp_matrix_row(&model->words, (size_t)id[i], to);
        if (model->types != NULL) add(width, model->types, to);
        if (model->positions != NULL) add(width, model->positions + place_of(c, id[i], i, &counted) * width, to);
    }
}

void xp_encoder_map(const explaint_model *model, size_t n, const float *narrow, float *rows) {
    const xp_config *c = &model->config;
    const xp_linear map = xp_matrix_linear(&model->word_map, model->word_map_bias);
    xp_linear_apply(model->kernels, &map, n, narrow, c->word_width, XP_IDENTITY, NULL, 0, rows, c->width);
}

void xp_encoder_embed(const explaint_model *model, const int32_t *id, size_t n, float *narrow, float *rows) {
    const xp_config *c = &model->config;
    const bool mapped = model->word_map.rows > 0, map_first = mapped && model->family->maps_words_first;
    const size_t narrow_width = mapped ? c->word_width : c->width, width = map_first ? c->width : narrow_width;
    float *sum = mapped ? narrow : rows, *to = map_first ? rows : sum;
    xp_encoder_sum(model, id, n, narrow_width, sum);
    if (map_first) xp_encoder_map(model, n, narrow, rows);
    xp_work_norm(model, &model->embedding_norm, n, width, to, width, to, width);
    if (mapped && !map_first) xp_encoder_map(model, n, narrow, rows);
}

explaint_status xp_encoder_pad_positions(const char *path, xp_config *config, explaint_error *error) {
    if (config->pad >= config->vocabulary)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected \"pad_token_id\" to be a piece of the vocabulary of %zu, since positions begin behind "
                       "it",
                       config->vocabulary);
    config->offset = config->pad + 1;
    if (config->n_positions <= config->offset)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected \"max_position_embeddings\" to be at least %zu, since positions begin at %zu, found "
                       "%zu",
                       config->offset + 1, config->offset, config->n_positions);
    return EXPLAINT_OK;
}

void xp_encoder_map_words(xp_config *config) {
    if (config->word_width != config->width) config->has |= XP_HAS_WORD_MAP;
}

const char *const xp_encoder_ignored[] = {
    "embeddings.position_ids", "pooler.", "lm_head.", "classifier.", "qa_outputs.", NULL};

const char *const xp_encoder_refused[] = {"is_decoder", "auto_map", NULL};

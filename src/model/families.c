/* The families that are implemented, in the catalogue's order. */
#include "model/decoder.h"
#include "model/encoder.h"

const xp_family *xp_family_list(size_t i) {
#define FAMILY(IDENTIFIER, ...) &xp_family_##IDENTIFIER,
    static const xp_family *const families[] = {EXPLAINT_FAMILIES(FAMILY)};
#undef FAMILY
    return i < sizeof families / sizeof families[0] ? families[i] : NULL;
}

void xp_family_embed(const explaint_model *model, size_t past, const int32_t *id, size_t n, float *narrow,
                     float *rows) {
    if (model->config.has & XP_IS_CAUSAL)
        xp_decoder_embed(model, past, id, n, rows);
    else
        xp_encoder_embed(model, id, n, narrow, rows);
}

bool xp_family_block(const explaint_model *model, size_t layer, xp_model_work *work) {
    if (model->family->block != NULL) return model->family->block(model, layer, work);
    return xp_config_ends_with_norm(&model->config) ? xp_work_post_norm_block(model, layer, work)
                                                    : xp_decoder_block(model, layer, work);
}

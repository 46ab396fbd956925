/* SmolLM3 (Hugging Face 2025), as transformers' SmolLM3Model computes it: Llama, in which some layers know no positions.
 *
 * Easy to get wrong:
 * - no_rope_layers has a 1 where a layer turns and a 0 where it does not; absent, every no_rope_layer_interval-th does not.
 * - Without layer_types only layers that do not turn slide, and they only with use_sliding_window.
 * - An absent rope_theta is 2,000,000. */
#include "model/decoder.h"

static const xp_config_key keys[] = {XP_KEYS_OF_LLAMA,
                                     XP_KEYS_OF_ROPE,
                                     {"sliding_window", XP_KEY_SIZE_OR_NULL, XP_KEY(window), XP_MOST_ROWS},
                                     {"attention_bias", XP_KEY_FLAG, XP_HAS_QKV_BIAS | XP_HAS_OUTPUT_BIAS, 0},
                                     {"mlp_bias", XP_KEY_FLAG, XP_HAS_MLP_BIAS, 0},
                                     {0}};

static const xp_weight_row rows[] = {XP_ROWS_OF_LLAMA, {0}};

/* Which layers turn. */
static explaint_status read_no_rope(const char *path, const xp_value *object, xp_config *config,
                                    explaint_error *error) {
    const xp_value *list = xp_value_member(object, "no_rope_layers");
    size_t interval = 4;
    if (!xp_value_is_null(xp_value_member(object, "no_rope_layer_interval")) &&
        (!xp_value_size(xp_value_member(object, "no_rope_layer_interval"), &interval) || interval == 0))
        return xp_config_unexpected(path, object, "no_rope_layer_interval", "a whole number above 0", error);
    for (size_t i = 0; i < config->n_layers; i++) {
        size_t turns = (i + 1) % interval != 0;
        if (!xp_value_is_null(list) && !xp_value_size(xp_value_item(list, i), &turns))
            return xp_config_unexpected(path, object, "no_rope_layers", "a list of 1 and 0, one for each layer", error);
        if (turns == 0) config->layer[i] |= XP_LAYER_HAS_NO_ROPE;
    }
    return EXPLAINT_OK;
}

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    bool found = false, may = false;
    explaint_status status = read_no_rope(path, object, config, error);
    if (status == EXPLAINT_OK) status = xp_config_layer_types(path, object, config, &found, error);
    xp_value_bool(xp_value_member(object, "use_sliding_window"), &may);
    for (size_t i = 0; !found && may && config->window > 0 && i < config->n_layers; i++)
        if (config->layer[i] & XP_LAYER_HAS_NO_ROPE) config->layer[i] |= XP_LAYER_SLIDES;
    return status == EXPLAINT_OK ? xp_decoder_configure(path, object, config, error) : status;
}

const xp_family xp_family_smollm3 = {.name = "smollm3",
                                     .prefix = "model.",
                                     .defaults = {.n_layers = 36,
                                                  .n_heads = 16,
                                                  .width = 2048,
                                                  .feed_forward = 11008,
                                                  .vocabulary = 128256,
                                                  .n_positions = 32768,
                                                  .pad = 128004,
                                                  .eps = 1e-6,
                                                  .theta = 2e6,
                                                  .partial = 1,
                                                  .activation = XP_SILU,
                                                  .has = XP_HAS_WHAT_LLAMA_HAS | XP_IS_TIED,
                                                  .n_key_heads = 4},
                                     .keys = keys,
                                     .configure = configure,
                                     .rows = rows,
                                     .ignored = xp_decoder_ignored};

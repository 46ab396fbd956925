/* Gemma 3 (Gemma Team 2025, arXiv 2503.19786), as transformers' Gemma3TextModel computes it.
 *
 * As Gemma 2, with norms of queries and keys and two kinds of rotary positions.
 *
 * Easy to get wrong:
 * - Every sixth layer sees everything, the others slide; sliding_window_pattern is another number than six.
 * - Layers that slide turn by theta 10,000 (rope_local_base_freq), the others by 1,000,000 (rope_theta); rope_scaling is about the
 *   others alone. New files have both in rope_parameters, by kind of layer.
 * - "truncate" of yarn changes nothing, since the reference looks for it beside the kinds of layers.
 * - attn_logit_softcapping stands in files and is not applied. */
#include "model/gemma.h"

#include <math.h>

static const xp_config_key keys[] = {
    XP_KEYS_OF_DECODERS,
    {"rope_theta", XP_KEY_NUMBER, XP_KEY(theta), XP_MOST_THETA},
    {"hidden_activation", XP_KEY_ACTIVATION, XP_KEY(activation), 0},
    {"attention_bias", XP_KEY_FLAG, XP_HAS_QKV_BIAS | XP_HAS_OUTPUT_BIAS, 0},
    {"query_pre_attn_scalar", XP_KEY_NUMBER, XP_KEY(scale), XP_MOST_ROWS},
    {"final_logit_softcapping", XP_KEY_NUMBER_OR_NULL, XP_KEY(logit_cap), XP_MOST_ROWS},
    {"sliding_window", XP_KEY_SIZE_OR_NULL, XP_KEY(window), XP_MOST_ROWS},
    {"rope_local_base_freq", XP_KEY_NUMBER, XP_KEY(sliding_theta), XP_MOST_THETA},
    {0}};

static const xp_weight_row rows[] = {
    XP_ROWS_OF_GEMMA_WORDS,
    XP_ROWS_OF_FOUR_GEMMA_NORMS,
    XP_ROWS_OF_ATTENTION,
    XP_GEMMA_NORM(XP_BLOCK("self_attn.q_norm.weight"), XP_HEAD, XP_VECTOR(query_norm.weight)),
    XP_GEMMA_NORM(XP_BLOCK("self_attn.k_norm.weight"), XP_HEAD, XP_VECTOR(key_norm.weight)),
    XP_ROWS_OF_GATED_MLP,
    {0}};

static explaint_status read_layers(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    const xp_value *value = xp_value_member(object, "sliding_window_pattern");
    size_t pattern = 6;
    bool found = false;
    if (!xp_value_is_null(value) && (!xp_value_size(value, &pattern) || pattern == 0))
        return xp_config_unexpected(path, object, "sliding_window_pattern", "a whole number above 0", error);
    explaint_status status = xp_config_layer_types(path, object, config, &found, error);
    for (size_t i = 0; !found && i < config->n_layers; i++)
        if ((i + 1) % pattern != 0) config->layer[i] |= XP_LAYER_SLIDES;
    return status;
}

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    explaint_status status = read_layers(path, object, config, error);
    config->scale = 1 / sqrt(config->scale);
    xp_gemma_scale_words(config);
    return status == EXPLAINT_OK ? xp_decoder_configure_two_ropes(path, object, false, config, error) : status;
}

const xp_family xp_family_gemma3_text = {
    .name = "gemma3_text",
    .prefix = "model.",
    .defaults = {.n_layers = 26,
                 .n_heads = 8,
                 .width = 2304,
                 .feed_forward = 9216,
                 .vocabulary = 262208,
                 .n_positions = 131072,
                 .pad = 0,
                 .eps = 1e-6,
                 .theta = 1e6,
                 .partial = 1,
                 .activation = XP_GELU_TANH,
                 .has = XP_HAS_WHAT_LLAMA_HAS | XP_IS_TIED | XP_HAS_POST_NORM | XP_HAS_QK_NORM,
                 .n_key_heads = 4,
                 .head = 256,
                 .scale = 256,
                 .window = 4096,
                 .sliding_theta = 1e4},
    .keys = keys,
    .refused = xp_gemma_refused,
    .configure = configure,
    .rows = rows,
    .ignored = xp_decoder_ignored};

/* Gemma 2 (Gemma Team 2024, arXiv 2408.00118), as transformers' Gemma2Model computes it.
 *
 * Easy to get wrong:
 * - Four norms in a block: post_attention_layernorm is on what attention gives, not before the feed-forward layer as Llama's.
 * - Scores are divided by the root of query_pre_attn_scalar, whatever the width of a head is, and capped before the mask.
 * - Layers 1, 3, ... slide, counted from 1, unless layer_types says otherwise.
 * - The activation is hidden_activation; hidden_act, which stands there as well, changes nothing. */
#include "model/gemma.h"

#include <math.h>

static const xp_config_key keys[] = {
    XP_KEYS_OF_DECODERS,
    XP_KEYS_OF_ROPE,
    {"hidden_activation", XP_KEY_ACTIVATION, XP_KEY(activation), 0},
    {"attention_bias", XP_KEY_FLAG, XP_HAS_QKV_BIAS | XP_HAS_OUTPUT_BIAS, 0},
    {"query_pre_attn_scalar", XP_KEY_NUMBER, XP_KEY(scale), XP_MOST_ROWS},
    {"attn_logit_softcapping", XP_KEY_NUMBER_OR_NULL, XP_KEY(cap), XP_MOST_ROWS},
    {"final_logit_softcapping", XP_KEY_NUMBER_OR_NULL, XP_KEY(logit_cap), XP_MOST_ROWS},
    {"sliding_window", XP_KEY_SIZE_OR_NULL, XP_KEY(window), XP_MOST_ROWS},
    {0}};

static const xp_weight_row rows[] = {
    XP_ROWS_OF_GEMMA_WORDS, XP_ROWS_OF_FOUR_GEMMA_NORMS, XP_ROWS_OF_ATTENTION, XP_ROWS_OF_GATED_MLP, {0}};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    bool found = false;
    explaint_status status = xp_config_layer_types(path, object, config, &found, error);
    for (size_t i = 0; !found && i < config->n_layers; i += 2) config->layer[i] |= XP_LAYER_SLIDES;
    config->scale = 1 / sqrt(config->scale);
    xp_gemma_scale_words(config);
    return status == EXPLAINT_OK ? xp_decoder_configure(path, object, config, error) : status;
}

const xp_family xp_family_gemma2 = {.name = "gemma2",
                                    .prefix = "model.",
                                    .defaults = {.n_layers = 26,
                                                 .n_heads = 8,
                                                 .width = 2304,
                                                 .feed_forward = 9216,
                                                 .vocabulary = 256000,
                                                 .n_positions = 8192,
                                                 .pad = 0,
                                                 .eps = 1e-6,
                                                 .theta = 1e4,
                                                 .partial = 1,
                                                 .activation = XP_GELU_TANH,
                                                 .has = XP_HAS_WHAT_LLAMA_HAS | XP_IS_TIED | XP_HAS_POST_NORM,
                                                 .n_key_heads = 4,
                                                 .head = 256,
                                                 .scale = 256,
                                                 .cap = 50,
                                                 .logit_cap = 30,
                                                 .window = 4096},
                                    .keys = keys,
                                    .refused = xp_gemma_refused,
                                    .configure = configure,
                                    .rows = rows,
                                    .ignored = xp_decoder_ignored};

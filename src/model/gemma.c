/* Gemma (Gemma Team 2024, arXiv 2403.08295), as transformers' GemmaModel computes it: Llama with other norms.
 *
 * Easy to get wrong:
 * - Every norm multiplies by 1 + weight.
 * - Rows of words are multiplied by the root of the width, in fp32; nothing is rounded to half precision.
 * - hidden_act "gelu" means the approximation by tanh here.
 * - An absent head_dim is 256, not width / heads. */
#include "model/gemma.h"

#include <math.h>

void xp_gemma_scale_words(xp_config *config) { config->word_scale = sqrt((double)config->width); }

static const xp_config_key keys[] = {
    XP_KEYS_OF_LLAMA, XP_KEYS_OF_ROPE, {"attention_bias", XP_KEY_FLAG, XP_HAS_QKV_BIAS | XP_HAS_OUTPUT_BIAS, 0}, {0}};

const char *const xp_gemma_refused[] = {"use_bidirectional_attention", NULL};

static const xp_weight_row rows[] = {
    XP_ROWS_OF_GEMMA_WORDS,
    XP_GEMMA_NORM(XP_BLOCK("input_layernorm.weight"), XP_WIDTH, XP_VECTOR(input_norm.weight)),
    XP_ROWS_OF_ATTENTION,
    XP_GEMMA_NORM(XP_BLOCK("post_attention_layernorm.weight"), XP_WIDTH, XP_VECTOR(mlp_norm.weight)),
    XP_ROWS_OF_GATED_MLP,
    {0}};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    xp_gemma_scale_words(config);
    if (config->activation == XP_GELU) config->activation = XP_GELU_TANH;
    return xp_decoder_configure(path, object, config, error);
}

const xp_family xp_family_gemma = {.name = "gemma",
                                   .prefix = "model.",
                                   .defaults = {.n_layers = 28,
                                                .n_heads = 16,
                                                .width = 3072,
                                                .feed_forward = 24576,
                                                .vocabulary = 256000,
                                                .n_positions = 8192,
                                                .pad = 0,
                                                .eps = 1e-6,
                                                .theta = 1e4,
                                                .partial = 1,
                                                .activation = XP_GELU_TANH,
                                                .has = XP_HAS_WHAT_LLAMA_HAS | XP_IS_TIED,
                                                .n_key_heads = 16,
                                                .head = 256},
                                   .keys = keys,
                                   .refused = xp_gemma_refused,
                                   .configure = configure,
                                   .rows = rows,
                                   .ignored = xp_decoder_ignored};

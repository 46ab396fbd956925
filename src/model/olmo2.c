/* OLMo 2 (Team OLMo 2024, arXiv 2501.00656), as transformers' Olmo2Model computes it: Llama whose norms come behind.
 *
 * Easy to get wrong:
 * - rows += norm(attention(rows)), rows += norm(feed-forward(rows)); nothing goes through a norm before.
 * - q_norm and k_norm are over all heads at once, before they are told apart. */
#include "model/decoder.h"

static const xp_config_key keys[] = {
    XP_KEYS_OF_LLAMA, XP_KEYS_OF_ROPE, {"attention_bias", XP_KEY_FLAG, XP_HAS_QKV_BIAS | XP_HAS_OUTPUT_BIAS, 0}, {0}};

static const xp_weight_row rows[] = {
    XP_ROWS_OF_WORDS,
    XP_ROWS_OF_ATTENTION,
    XP_ROWS_OF_QK_NORMS(XP_QUERIES, XP_KEYS),
    XP_ROW(XP_BLOCK("post_attention_layernorm.weight"), XP_WIDTH, XP_NONE, XP_VECTOR(attention_norm.weight), XP_ONES),
    XP_ROWS_OF_GATED_MLP,
    XP_ROW(XP_BLOCK("post_feedforward_layernorm.weight"), XP_WIDTH, XP_NONE, XP_VECTOR(output_norm.weight), XP_ONES),
    {0}};

const xp_family xp_family_olmo2 = {.name = "olmo2",
                                   .prefix = "model.",
                                   .defaults = {.n_layers = 32,
                                                .n_heads = 32,
                                                .width = 4096,
                                                .feed_forward = 11008,
                                                .vocabulary = 50304,
                                                .n_positions = 2048,
                                                .pad = 1,
                                                .eps = 1e-5,
                                                .theta = 1e4,
                                                .partial = 1,
                                                .activation = XP_SILU,
                                                .has = XP_HAS_POST_NORM | XP_HAS_FINAL_NORM | XP_HAS_RMS_NORM |
                                                       XP_HAS_GATE | XP_HAS_QK_NORM_OF_ALL | XP_IS_CAUSAL},
                                   .keys = keys,
                                   .configure = xp_decoder_configure,
                                   .rows = rows,
                                   .ignored = xp_decoder_ignored};

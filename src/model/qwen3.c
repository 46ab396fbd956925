/* Qwen3 (Yang et al. 2025, arXiv 2505.09388), as transformers' Qwen3Model computes it: Llama with norms of queries and keys.
 *
 * Easy to get wrong:
 * - Each head of query and key has an RMS norm, before it turns.
 * - An absent head_dim is 128, not width / heads.
 * - Layers slide only with use_sliding_window, from layer max_window_layers on; layer_types goes before that. */
#include "model/decoder.h"

static const xp_config_key keys[] = {XP_KEYS_OF_LLAMA,
                                     XP_KEYS_OF_ROPE,
                                     {"sliding_window", XP_KEY_SIZE_OR_NULL, XP_KEY(window), XP_MOST_ROWS},
                                     {"attention_bias", XP_KEY_FLAG, XP_HAS_QKV_BIAS | XP_HAS_OUTPUT_BIAS, 0},
                                     {0}};

static const xp_weight_row rows[] = {XP_ROWS_OF_LLAMA, XP_ROWS_OF_QK_NORMS(XP_HEAD, XP_HEAD), {0}};

const xp_family xp_family_qwen3 = {.name = "qwen3",
                                   .prefix = "model.",
                                   .defaults = {.n_layers = 32,
                                                .n_heads = 32,
                                                .width = 4096,
                                                .feed_forward = 22016,
                                                .vocabulary = 151936,
                                                .n_positions = 32768,
                                                .pad = XP_NO_PAD,
                                                .eps = 1e-6,
                                                .theta = 1e4,
                                                .partial = 1,
                                                .activation = XP_SILU,
                                                .has = XP_HAS_WHAT_LLAMA_HAS | XP_HAS_QK_NORM,
                                                .n_key_heads = 32,
                                                .head = 128,
                                                .window = 4096},
                                   .keys = keys,
                                   .configure = xp_decoder_configure_qwen,
                                   .rows = rows,
                                   .ignored = xp_decoder_ignored};

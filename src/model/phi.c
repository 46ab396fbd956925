/* Phi 1 to 2 (Gunasekar et al. 2023, arXiv 2306.11644), as transformers' PhiModel computes it.
 *
 * x = LN(rows); rows += attention(x) + feed-forward(x).
 *
 * Easy to get wrong:
 * - Both halves see the same norm of the same rows.
 * - Half of each head turns where partial_rotary_factor is absent.
 * - Everything has a bias; the map of the attention is called dense.
 * - The output matrix has a bias as well.
 * - qk_layernorm: a LayerNorm with bias of each head's query and key. */
#include "model/decoder.h"

static const xp_config_key keys[] = {XP_KEYS_OF_MOST,
                                     XP_KEYS_OF_HEADS,
                                     XP_KEYS_OF_ROPE,
                                     {"layer_norm_eps", XP_KEY_NUMBER, XP_KEY(eps), 1},
                                     {"qk_layernorm", XP_KEY_FLAG, XP_HAS_QK_NORM, 0},
                                     {0}};

static const xp_weight_row rows[] = {
    XP_ROW("embed_tokens.weight", XP_VOCABULARY, XP_WIDTH, XP_GLOBAL_TABLE(words), XP_NORMAL_BUT_PAD),
    XP_ROW_OF_OUTPUT,
    XP_ROW_IF(XP_WANTS_LOGITS | XP_IF_THERE, "/lm_head.bias", XP_VOCABULARY, XP_NONE, XP_GLOBAL(output_bias), XP_ZEROS),
    XP_ROWS_OF_NORM("final_layernorm", XP_WIDTH, XP_GLOBAL, final_norm),
    XP_ROWS_OF_NORM(XP_BLOCK("input_layernorm"), XP_WIDTH, XP_VECTOR, input_norm),
    XP_ROWS_OF_DECODER_QKV,
    XP_ROWS_OF_MAP(0, XP_BLOCK("self_attn.dense"), XP_WIDTH, XP_QUERIES, output),
    XP_ROWS_OF_NORM_IF(XP_HAS_QK_NORM, 0, XP_BLOCK("self_attn.q_layernorm"), XP_HEAD, XP_VECTOR, query_norm),
    XP_ROWS_OF_NORM_IF(XP_HAS_QK_NORM, 0, XP_BLOCK("self_attn.k_layernorm"), XP_HEAD, XP_VECTOR, key_norm),
    XP_ROWS_OF_MAP(0, XP_BLOCK("mlp.fc1"), XP_FEED_FORWARD, XP_WIDTH, up),
    XP_ROWS_OF_MAP(0, XP_BLOCK("mlp.fc2"), XP_WIDTH, XP_FEED_FORWARD, down),
    {0}};

const xp_family xp_family_phi = {.name = "phi",
                                 .prefix = "model.",
                                 .defaults = {.n_layers = 24,
                                              .n_heads = 32,
                                              .width = 2048,
                                              .feed_forward = 8192,
                                              .vocabulary = 51200,
                                              .n_positions = 2048,
                                              .pad = XP_NO_PAD,
                                              .eps = 1e-5,
                                              .activation = XP_GELU_TANH,
                                              .has = XP_HAS_PRE_NORM | XP_HAS_ONE_NORM | XP_HAS_FINAL_NORM |
                                                     XP_HAS_QKV_BIAS | XP_HAS_PARTIAL_ROPE | XP_IS_PARALLEL |
                                                     XP_IS_CAUSAL,
                                              .theta = 1e4,
                                              .partial = .5},
                                 .keys = keys,
                                 .configure = xp_decoder_configure,
                                 .rows = rows,
                                 .ignored = xp_decoder_ignored};

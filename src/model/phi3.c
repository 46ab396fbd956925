/* Phi-3 and Phi-4-mini (Abdin et al. 2024, arXiv 2404.14219), as transformers' Phi3Model computes it: Llama with maps that lie together.
 *
 * Easy to get wrong:
 * - qkv_proj has the rows of query, key and value, gate_up_proj those of the gate and of what it opens.
 * - Rotary positions are plain or longrope, of which su and yarn are older names; heads may turn in part.
 * - original_max_position_embeddings stands beside rope_scaling, not in it; absent, it is 4096. */
#include "model/decoder.h"

static const xp_config_key keys[] = {
    XP_KEYS_OF_LLAMA, XP_KEYS_OF_ROPE, {"sliding_window", XP_KEY_SIZE_OR_NULL, XP_KEY(window), XP_MOST_ROWS}, {0}};

static const xp_weight_row rows[] = {
    XP_ROWS_OF_WORDS,
    XP_ROW(XP_BLOCK("input_layernorm.weight"), XP_WIDTH, XP_NONE, XP_VECTOR(input_norm.weight), XP_ONES),
    XP_ROW(XP_BLOCK("self_attn.qkv_proj.weight"), XP_QKV, XP_WIDTH, XP_MAP(qkv), XP_NORMAL),
    XP_ROW(XP_BLOCK("self_attn.o_proj.weight"), XP_WIDTH, XP_QUERIES, XP_MAP(output), XP_NORMAL),
    XP_ROW(XP_BLOCK("post_attention_layernorm.weight"), XP_WIDTH, XP_NONE, XP_VECTOR(mlp_norm.weight), XP_ONES),
    XP_ROW(XP_BLOCK("mlp.gate_up_proj.weight"), XP_GATE_AND_UP, XP_WIDTH, XP_MAP(up), XP_NORMAL),
    XP_ROW(XP_BLOCK("mlp.down_proj.weight"), XP_WIDTH, XP_FEED_FORWARD, XP_MAP(down), XP_NORMAL),
    {0}};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    xp_decoder_slide(config, config->window > 0);
    return xp_decoder_configure(path, object, config, error);
}

const xp_family xp_family_phi3 = {
    .name = "phi3",
    .prefix = "model.",
    .defaults = {.n_layers = 32,
                 .n_heads = 32,
                 .width = 3072,
                 .feed_forward = 8192,
                 .vocabulary = 32064,
                 .n_positions = 4096,
                 .pad = 32000,
                 .eps = 1e-5,
                 .theta = 1e4,
                 .partial = 1,
                 .activation = XP_SILU,
                 .has = XP_HAS_WHAT_LLAMA_HAS | XP_HAS_PARTIAL_ROPE | XP_HAS_LONGROPE_ONLY,
                 .n_original = 4096},
    .keys = keys,
    .configure = configure,
    .rows = rows,
    .ignored = xp_decoder_ignored};

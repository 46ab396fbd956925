/* Llama (Touvron et al. 2023, arXiv 2302.13971, and its successors), as transformers' LlamaModel computes it.
 *
 * h^0 = word; block: rows += attention(rms(rows)) W, rows += (silu(x G) * (x U)) D with x = rms(rows).
 *
 * Easy to get wrong:
 * - Queries and keys turn by pairs (k, k + head / 2) in safetensors; other programs interleave them.
 * - num_key_value_heads and head_dim may be absent or null; head_dim need not be width / heads.
 * - attention_bias is on the output as well as on query, key and value.
 * - partial_rotary_factor does nothing here.
 * - There is no table of positions: texts longer than max_position_embeddings run.
 * - The last hidden state of transformers is behind the final norm; h^L is before it. */
#include "model/decoder.h"

static const xp_config_key keys[] = {XP_KEYS_OF_LLAMA,
                                     XP_KEYS_OF_ROPE,
                                     {"attention_bias", XP_KEY_FLAG, XP_HAS_QKV_BIAS | XP_HAS_OUTPUT_BIAS, 0},
                                     {"mlp_bias", XP_KEY_FLAG, XP_HAS_MLP_BIAS, 0},
                                     {0}};

static const xp_weight_row rows[] = {XP_ROWS_OF_LLAMA, {0}};

const xp_family xp_family_llama = {.name = "llama",
                                   .prefix = "model.",
                                   .defaults = {.n_layers = 32,
                                                .n_heads = 32,
                                                .width = 4096,
                                                .feed_forward = 11008,
                                                .vocabulary = 32000,
                                                .n_positions = 2048,
                                                .pad = XP_NO_PAD,
                                                .eps = 1e-6,
                                                .theta = 1e4,
                                                .partial = 1,
                                                .activation = XP_SILU,
                                                .has = XP_HAS_WHAT_LLAMA_HAS},
                                   .keys = keys,
                                   .configure = xp_decoder_configure,
                                   .rows = rows,
                                   .ignored = xp_decoder_ignored};

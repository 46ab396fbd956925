/* GPT-NeoX and Pythia (Black et al. 2022, arXiv 2204.06745), as transformers' GPTNeoXModel computes it.
 *
 * rows += attention(LN1(rows)) + feed-forward(LN2(rows)), or one after the other without use_parallel_residual.
 *
 * Easy to get wrong:
 * - The rows of query_key_value are sorted by head: query, key, value of head 1, then of head 2.
 * - A quarter of each head turns where rotary_pct is absent; theta is rotary_emb_base.
 * - attention_bias is not about the feed-forward layer, which always has one.
 * - The output matrix is called embed_out.
 * - attention.bias and masked_bias of old files are masks, no weights. */
#include "model/decoder.h"

static const xp_config_key keys[] = {
    XP_KEYS_OF_MOST,
    {"layer_norm_eps", XP_KEY_NUMBER, XP_KEY(eps), 1},
    {"rotary_emb_base", XP_KEY_NUMBER, XP_KEY(theta), XP_MOST_THETA},
    {"rotary_pct", XP_KEY_NUMBER, XP_KEY(partial), 1},
    {"original_max_position_embeddings", XP_KEY_SIZE_OR_NULL, XP_KEY(n_original), XP_MOST_ROWS},
    {"use_parallel_residual", XP_KEY_FLAG, XP_IS_PARALLEL, 0},
    {"attention_bias", XP_KEY_FLAG, XP_HAS_QKV_BIAS | XP_HAS_OUTPUT_BIAS, 0},
    {"pad_token_id", XP_KEY_ID, XP_KEY(pad), 0},
    {0}};

static const xp_weight_row rows[] = {
    XP_ROW("embed_in.weight", XP_VOCABULARY, XP_WIDTH, XP_GLOBAL_TABLE(words), XP_NORMAL_BUT_PAD),
    XP_ROW_OF_OUTPUT,
    XP_ROW_IF(XP_WANTS_LOGITS | XP_IF_THERE, "/embed_out.weight", XP_VOCABULARY, XP_WIDTH, XP_GLOBAL_TABLE(output),
              XP_NORMAL),
    XP_ROWS_OF_NORM("final_layer_norm", XP_WIDTH, XP_GLOBAL, final_norm),
    XP_ROWS_OF_NORM(XP_BLOCK("input_layernorm"), XP_WIDTH, XP_VECTOR, input_norm),
    XP_ROW_AS(XP_BY_HEAD, 0, XP_BLOCK("attention.query_key_value.weight"), XP_QKV, XP_WIDTH, XP_MAP(qkv), XP_NORMAL),
    XP_ROW_AS(XP_BY_HEAD, XP_HAS_QKV_BIAS, XP_BLOCK("attention.query_key_value.bias"), XP_QKV, XP_NONE,
              XP_VECTOR(qkv_bias), XP_ZEROS),
    XP_ROWS_OF_MAP(XP_HAS_OUTPUT_BIAS, XP_BLOCK("attention.dense"), XP_WIDTH, XP_QUERIES, output),
    XP_ROWS_OF_NORM(XP_BLOCK("post_attention_layernorm"), XP_WIDTH, XP_VECTOR, mlp_norm),
    XP_ROWS_OF_MAP(0, XP_BLOCK("mlp.dense_h_to_4h"), XP_FEED_FORWARD, XP_WIDTH, up),
    XP_ROWS_OF_MAP(0, XP_BLOCK("mlp.dense_4h_to_h"), XP_WIDTH, XP_FEED_FORWARD, down),
    {0}};

static const char *const ignored[] = {"embed_out.",
                                      "lm_head.",
                                      "score.",
                                      "classifier.",
                                      "qa_outputs.",
                                      "layers.*.attention.bias",
                                      "layers.*.attention.masked_bias",
                                      "layers.*.attention.rotary_emb.inv_freq",
                                      NULL};

const xp_family xp_family_gpt_neox = {.name = "gpt_neox",
                                      .prefix = "gpt_neox.",
                                      .defaults = {.n_layers = 44,
                                                   .n_heads = 64,
                                                   .width = 6144,
                                                   .feed_forward = 24576,
                                                   .vocabulary = 50432,
                                                   .n_positions = 2048,
                                                   .pad = XP_NO_PAD,
                                                   .eps = 1e-5,
                                                   .activation = XP_GELU,
                                                   .has = XP_HAS_PRE_NORM | XP_HAS_FINAL_NORM | XP_HAS_QKV_BIAS |
                                                          XP_HAS_OUTPUT_BIAS | XP_HAS_PARTIAL_ROPE | XP_IS_PARALLEL |
                                                          XP_IS_CAUSAL,
                                                   .theta = 1e4,
                                                   .partial = .25},
                                      .keys = keys,
                                      .configure = xp_decoder_configure,
                                      .rows = rows,
                                      .ignored = ignored};

/* OPT (Zhang et al. 2022, arXiv 2205.01068), as transformers' OPTModel computes it.
 *
 * h^0 = word + position; rows += attention(LN(rows)), rows += feed-forward(LN(rows)); with do_layer_norm_before false the norms come
 * after adding, as BERT's, and there is no final norm.
 *
 * Easy to get wrong:
 * - Positions begin at 2, so the table has two rows more than max_position_embeddings says.
 * - The norms' eps is 1e-5, whatever a key says.
 * - word_embed_proj_dim other than hidden_size: words are mapped to the width, and the last state back (which is no hidden state here:
 *   transformers' last entry is behind that map).
 * - The norm before the feed-forward layer is called final_layer_norm, and so is the one after all layers.
 * - enable_bias and layer_norm_elementwise_affine false: there are no such tensors. */
#include "model/decoder.h"

enum { OFFSET = 2 };

static const xp_config_key keys[] = {
    {"num_hidden_layers", XP_KEY_SIZE, XP_KEY(n_layers), XP_MOST_LAYERS},
    {"num_attention_heads", XP_KEY_SIZE, XP_KEY(n_heads), XP_MOST_HEADS},
    {"hidden_size", XP_KEY_SIZE, XP_KEY(width), XP_MOST_WIDTH},
    {"ffn_dim", XP_KEY_SIZE, XP_KEY(feed_forward), XP_MOST_WIDTH},
    {"word_embed_proj_dim", XP_KEY_SIZE_OR_NULL, XP_KEY(word_width), XP_MOST_WIDTH},
    {"max_position_embeddings", XP_KEY_SIZE, XP_KEY(n_positions), XP_MOST_ROWS},
    {"vocab_size", XP_KEY_SIZE, XP_KEY(vocabulary), XP_MOST_ROWS},
    {"init_std", XP_KEY_NUMBER, XP_KEY(initializer_range), 1},
    {"activation_function", XP_KEY_ACTIVATION, XP_KEY(activation), 0},
    {"do_layer_norm_before", XP_KEY_FLAG, XP_HAS_PRE_NORM, 0},
    {"enable_bias", XP_KEY_FLAG, XP_HAS_QKV_BIAS | XP_HAS_OUTPUT_BIAS | XP_HAS_MLP_BIAS, 0},
    {"layer_norm_elementwise_affine", XP_KEY_FLAG, XP_HAS_NORM_WEIGHTS, 0},
    {"pad_token_id", XP_KEY_ID, XP_KEY(pad), 0},
    {"tie_word_embeddings", XP_KEY_FLAG, XP_IS_TIED, 0},
    {0}};

static const xp_weight_row rows[] = {
#define BLOCK(name) "decoder.layers.*." name
#define NORM(needs, name, PLACE, field) XP_ROWS_OF_NORM_IF(needs | XP_HAS_NORM_WEIGHTS, 0, name, XP_WIDTH, PLACE, field)
    XP_ROW("decoder.embed_tokens.weight", XP_VOCABULARY, XP_WORD_WIDTH, XP_GLOBAL_TABLE(words), XP_NORMAL_BUT_PAD),
    XP_ROW_IF(XP_HAS_WORD_MAP, "decoder.project_in.weight", XP_WIDTH, XP_WORD_WIDTH, XP_GLOBAL_MAP(word_map),
              XP_NORMAL),
    XP_ROW_IF(XP_HAS_WORD_MAP | XP_WANTS_LOGITS, "decoder.project_out.weight", XP_WORD_WIDTH, XP_WIDTH,
              XP_GLOBAL_MAP(word_unmap), XP_NORMAL),
    XP_ROW_IF(XP_WANTS_LOGITS | XP_IF_THERE, "/lm_head.weight", XP_VOCABULARY, XP_WORD_WIDTH, XP_GLOBAL_TABLE(output),
              XP_NORMAL),
    XP_ROW("decoder.embed_positions.weight", XP_POSITIONS, XP_WIDTH, XP_GLOBAL(positions), XP_NORMAL),
    NORM(XP_HAS_FINAL_NORM, "decoder.final_layer_norm", XP_GLOBAL, final_norm),
    NORM(XP_HAS_PRE_NORM, BLOCK("self_attn_layer_norm"), XP_VECTOR, input_norm),
    NORM(XP_HAS_END_NORM, BLOCK("self_attn_layer_norm"), XP_VECTOR, attention_norm),
    XP_ROWS_OF_QKV(XP_HAS_QKV_BIAS, BLOCK("self_attn.q_proj"), BLOCK("self_attn.k_proj"), BLOCK("self_attn.v_proj")),
    XP_ROWS_OF_MAP(XP_HAS_OUTPUT_BIAS, BLOCK("self_attn.out_proj"), XP_WIDTH, XP_QUERIES, output),
    NORM(XP_HAS_PRE_NORM, BLOCK("final_layer_norm"), XP_VECTOR, mlp_norm),
    NORM(XP_HAS_END_NORM, BLOCK("final_layer_norm"), XP_VECTOR, output_norm),
    XP_ROWS_OF_MAP(XP_HAS_MLP_BIAS, BLOCK("fc1"), XP_FEED_FORWARD, XP_WIDTH, up),
    XP_ROWS_OF_MAP(XP_HAS_MLP_BIAS, BLOCK("fc2"), XP_WIDTH, XP_FEED_FORWARD, down),
    {0}};

static const char *const ignored[] = {"lm_head.", "score.", "qa_outputs.", "decoder.project_out.", NULL};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    bool removed = false;
    (void)path, (void)error;
    xp_value_bool(xp_value_member(object, "_remove_final_layer_norm"), &removed);
    if (!(config->has & XP_HAS_PRE_NORM))
        config->has |= XP_HAS_END_NORM;
    else if (!removed)
        config->has |= XP_HAS_FINAL_NORM;
    if (config->word_width == 0) config->word_width = config->width;
    if (config->word_width != config->width) config->has |= XP_HAS_WORD_MAP;
    config->n_positions += OFFSET;
    return EXPLAINT_OK;
}

const xp_family xp_family_opt = {.name = "opt",
                                 .prefix = "model.",
                                 .defaults = {.n_layers = 12,
                                              .n_heads = 12,
                                              .width = 768,
                                              .feed_forward = 3072,
                                              .vocabulary = 50272,
                                              .n_positions = 2048,
                                              .pad = 1,
                                              .eps = 1e-5,
                                              .offset = OFFSET,
                                              .activation = XP_RELU,
                                              .has = XP_HAS_PRE_NORM | XP_IS_TIED | XP_HAS_QKV_BIAS |
                                                     XP_HAS_OUTPUT_BIAS | XP_HAS_MLP_BIAS | XP_HAS_NORM_WEIGHTS |
                                                     XP_IS_CAUSAL},
                                 .keys = keys,
                                 .configure = configure,
                                 .rows = rows,
                                 .ignored = ignored};

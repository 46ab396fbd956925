/* GPT-2 (Radford et al. 2019), as transformers' GPT2Model computes it.
 *
 * h^0 = word + position; rows += attention(LN(rows)), rows += feed-forward(LN(rows)).
 *
 * Easy to get wrong:
 * - Weights lie as inputs x outputs; the columns of c_attn are query, key, value.
 * - An absent or null n_inner is four times the width.
 * - scale_attn_weights false leaves scores as they are; scale_attn_by_inverse_layer_idx divides them by the number of the layer.
 * - attn.bias and attn.masked_bias of old files are masks, no weights. */
#include "model/decoder.h"

static const xp_config_key keys[] = {{"n_layer", XP_KEY_SIZE, XP_KEY(n_layers), XP_MOST_LAYERS},
                                     {"n_head", XP_KEY_SIZE, XP_KEY(n_heads), XP_MOST_HEADS},
                                     {"n_embd", XP_KEY_SIZE, XP_KEY(width), XP_MOST_WIDTH},
                                     {"n_inner", XP_KEY_SIZE_OR_NULL, XP_KEY(feed_forward), XP_MOST_WIDTH},
                                     {"n_positions", XP_KEY_SIZE, XP_KEY(n_positions), XP_MOST_ROWS},
                                     {"num_hidden_layers", XP_KEY_SIZE, XP_KEY(n_layers), XP_MOST_LAYERS},
                                     {"num_attention_heads", XP_KEY_SIZE, XP_KEY(n_heads), XP_MOST_HEADS},
                                     {"hidden_size", XP_KEY_SIZE, XP_KEY(width), XP_MOST_WIDTH},
                                     {"max_position_embeddings", XP_KEY_SIZE, XP_KEY(n_positions), XP_MOST_ROWS},
                                     {"vocab_size", XP_KEY_SIZE, XP_KEY(vocabulary), XP_MOST_ROWS},
                                     {"layer_norm_epsilon", XP_KEY_NUMBER, XP_KEY(eps), 1},
                                     {"initializer_range", XP_KEY_NUMBER, XP_KEY(initializer_range), 1},
                                     {"activation_function", XP_KEY_ACTIVATION, XP_KEY(activation), 0},
                                     {"scale_attn_weights", XP_KEY_FLAG, XP_HAS_SCALE, 0},
                                     {"scale_attn_by_inverse_layer_idx", XP_KEY_FLAG, XP_HAS_SCALE_BY_LAYER, 0},
                                     {"tie_word_embeddings", XP_KEY_FLAG, XP_IS_TIED, 0},
                                     {0}};

static const xp_weight_row rows[] = {
#define BLOCK(name) "h.*." name
    XP_ROW("wte.weight", XP_VOCABULARY, XP_WIDTH, XP_GLOBAL_TABLE(words), XP_NORMAL),
    XP_ROW_OF_OUTPUT,
    XP_ROW("wpe.weight", XP_POSITIONS, XP_WIDTH, XP_GLOBAL(positions), XP_NORMAL),
    XP_ROWS_OF_NORM("ln_f", XP_WIDTH, XP_GLOBAL, final_norm),
    XP_ROWS_OF_NORM(BLOCK("ln_1"), XP_WIDTH, XP_VECTOR, input_norm),
    XP_ROW_AS(XP_TRANSPOSED, 0, BLOCK("attn.c_attn.weight"), XP_QKV, XP_WIDTH, XP_MAP(qkv), XP_NORMAL),
    XP_ROW(BLOCK("attn.c_attn.bias"), XP_QKV, XP_NONE, XP_VECTOR(qkv_bias), XP_ZEROS),
    XP_ROW_AS(XP_TRANSPOSED, 0, BLOCK("attn.c_proj.weight"), XP_WIDTH, XP_QUERIES, XP_MAP(output), XP_NORMAL_BY_DEPTH),
    XP_ROW(BLOCK("attn.c_proj.bias"), XP_WIDTH, XP_NONE, XP_VECTOR(output_bias), XP_ZEROS),
    XP_ROWS_OF_NORM(BLOCK("ln_2"), XP_WIDTH, XP_VECTOR, mlp_norm),
    XP_ROW_AS(XP_TRANSPOSED, 0, BLOCK("mlp.c_fc.weight"), XP_FEED_FORWARD, XP_WIDTH, XP_MAP(up), XP_NORMAL),
    XP_ROW(BLOCK("mlp.c_fc.bias"), XP_FEED_FORWARD, XP_NONE, XP_VECTOR(up_bias), XP_ZEROS),
    XP_ROW_AS(XP_TRANSPOSED, 0, BLOCK("mlp.c_proj.weight"), XP_WIDTH, XP_FEED_FORWARD, XP_MAP(down),
              XP_NORMAL_BY_DEPTH),
    XP_ROW(BLOCK("mlp.c_proj.bias"), XP_WIDTH, XP_NONE, XP_VECTOR(down_bias), XP_ZEROS),
    {0}};

static const char *const ignored[] = {"lm_head.",    "score.",        "classifier.",          "multiple_choice_head.",
                                      "qa_outputs.", "h.*.attn.bias", "h.*.attn.masked_bias", NULL};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    (void)path, (void)object, (void)error;
    if (config->feed_forward == 0) config->feed_forward = 4 * config->width;
    if (!(config->has & XP_HAS_SCALE)) config->scale = 1;
    return EXPLAINT_OK;
}

const xp_family xp_family_gpt2 = {
    .name = "gpt2",
    .prefix = "transformer.",
    .defaults = {.n_layers = 12,
                 .n_heads = 12,
                 .width = 768,
                 .vocabulary = 50257,
                 .n_positions = 1024,
                 .pad = XP_NO_PAD,
                 .eps = 1e-5,
                 .activation = XP_GELU_TANH,
                 .has = XP_HAS_PRE_NORM | XP_IS_TIED | XP_HAS_FINAL_NORM | XP_HAS_SCALE | XP_IS_CAUSAL},
    .keys = keys,
    .configure = configure,
    .rows = rows,
    .ignored = ignored};

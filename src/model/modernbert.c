/* ModernBERT (Warner et al. 2024, arXiv 2412.13663), as transformers' ModernBertModel computes it: an encoder made of a decoder's pieces, with
 * rotary positions and layers of which two in three see their surroundings only.
 *
 * Easy to get wrong:
 * - The first layer's attention has no norm before it; h^0 is behind a norm already.
 * - Layers 0, 3, 6, .. see everything; the others local_attention // 2 pieces to either side.
 * - Layers that see everything turn by theta 160,000 (global_rope_theta), the others by 10,000 (local_rope_theta); rope_scaling is
 *   about both. New files have both in rope_parameters, by kind of layer.
 * - Wqkv has the rows of query, key and value; of Wi the first half goes through the activation, the second is what it opens.
 * - Norms have no bias unless norm_bias says so. The last hidden state is behind the final norm. */
#include "model/decoder.h"
#include "model/encoder.h"

static const xp_config_key keys[] = {XP_KEYS_OF_SIZES,
                                     {"norm_eps", XP_KEY_NUMBER, XP_KEY(eps), 1},
                                     {"hidden_activation", XP_KEY_ACTIVATION, XP_KEY(activation), 0},
                                     {"pad_token_id", XP_KEY_ID, XP_KEY(pad), 0},
                                     {"norm_bias", XP_KEY_FLAG, XP_HAS_NORM_BIAS, 0},
                                     {"attention_bias", XP_KEY_FLAG, XP_HAS_QKV_BIAS | XP_HAS_OUTPUT_BIAS, 0},
                                     {"mlp_bias", XP_KEY_FLAG, XP_HAS_MLP_BIAS, 0},
                                     {"local_attention", XP_KEY_SIZE, XP_KEY(window), XP_MOST_ROWS},
                                     {"global_rope_theta", XP_KEY_NUMBER, XP_KEY(theta), XP_MOST_THETA},
                                     {"local_rope_theta", XP_KEY_NUMBER, XP_KEY(sliding_theta), XP_MOST_THETA},
                                     {0}};

static const xp_weight_row rows[] = {
#define NORM(needs, name, PLACE, field) XP_ROWS_OF_NORM_IF(needs, XP_HAS_NORM_BIAS, name, XP_WIDTH, PLACE, field)
    XP_ROW("embeddings.tok_embeddings.weight", XP_VOCABULARY, XP_WIDTH, XP_GLOBAL_TABLE(words), XP_NORMAL_BUT_PAD),
    NORM(0, "embeddings.norm", XP_GLOBAL, embedding_norm),
    NORM(0, "final_norm", XP_GLOBAL, final_norm),
    NORM(XP_HAS_NO_FIRST_NORM, XP_BLOCK("attn_norm"), XP_VECTOR, input_norm),
    XP_ROWS_OF_MAP(XP_HAS_QKV_BIAS, XP_BLOCK("attn.Wqkv"), XP_QKV, XP_WIDTH, qkv),
    XP_ROW(XP_BLOCK("attn.Wo.weight"), XP_WIDTH, XP_QUERIES, XP_MAP(output), XP_NORMAL_BY_DEPTH),
    XP_ROW_IF(XP_HAS_OUTPUT_BIAS, XP_BLOCK("attn.Wo.bias"), XP_WIDTH, XP_NONE, XP_VECTOR(output_bias), XP_ZEROS),
    NORM(0, XP_BLOCK("mlp_norm"), XP_VECTOR, mlp_norm),
    XP_ROWS_OF_MAP(XP_HAS_MLP_BIAS, XP_BLOCK("mlp.Wi"), XP_GATE_AND_UP, XP_WIDTH, up),
    XP_ROW(XP_BLOCK("mlp.Wo.weight"), XP_WIDTH, XP_FEED_FORWARD, XP_MAP(down), XP_NORMAL_BY_DEPTH),
    XP_ROW_IF(XP_HAS_MLP_BIAS, XP_BLOCK("mlp.Wo.bias"), XP_WIDTH, XP_NONE, XP_VECTOR(down_bias), XP_ZEROS),
    {0}};

static const char *const ignored[] = {"head.", "decoder.", "classifier.", "qa_outputs.", NULL};

static explaint_status read_layers(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    const xp_value *value = xp_value_member(object, "global_attn_every_n_layers");
    size_t every = 3;
    bool found = false;
    if (!xp_value_is_null(value) && (!xp_value_size(value, &every) || every == 0))
        return xp_config_unexpected(path, object, "global_attn_every_n_layers", "a whole number above 0", error);
    explaint_status status = xp_config_layer_types(path, object, config, &found, error);
    for (size_t i = 0; !found && i < config->n_layers; i++)
        if (i % every != 0) config->layer[i] |= XP_LAYER_SLIDES;
    return status;
}

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    explaint_status status = read_layers(path, object, config, error);
    config->window = config->window / 2 + 1; /* to either side, itself among them */
    return status == EXPLAINT_OK ? xp_decoder_configure_two_ropes(path, object, true, config, error) : status;
}

const xp_family xp_family_modernbert = {
    .name = "modernbert",
    .prefix = "model.",
    .defaults = {.n_layers = 22,
                 .n_heads = 12,
                 .width = 768,
                 .feed_forward = 1152,
                 .vocabulary = 50368,
                 .n_positions = 8192,
                 .pad = 50283,
                 .eps = 1e-5,
                 .window = 128,
                 .theta = 160000,
                 .sliding_theta = 1e4,
                 .partial = 1,
                 .activation = XP_GELU,
                 .has = XP_HAS_PRE_NORM | XP_HAS_FINAL_NORM | XP_HAS_GATE | XP_HAS_NO_FIRST_NORM},
    .keys = keys,
    .refused = xp_encoder_refused,
    .configure = configure,
    .rows = rows,
    .ignored = ignored};

/* ALBERT (Lan et al. 2020, arXiv 1909.11942), as transformers' AlbertModel computes it: BERT with narrow rows of words and layers that share
 * their weights.
 *
 * Easy to get wrong:
 * - Layers are in groups: layer i of L, counted from 0, takes the weights of group int(i / (L / num_hidden_groups)). The usual model has
 *   one group, so one set of weights.
 * - Where inner_group_num is above 1, a group is so many layers in a row, and each has a hidden state and a map of its own.
 * - The map of rows of words is there even where embedding_size is hidden_size. h^0 is behind it.
 * - "gelu_new" where hidden_act is absent. The norm behind the feed-forward layer is full_layer_layer_norm. */
#include "model/encoder.h"

static const xp_config_key keys[] = {XP_KEYS_OF_ENCODERS,
                                     XP_KEY_OF_WORD_WIDTH,
                                     {"num_hidden_groups", XP_KEY_SIZE, XP_KEY(n_groups), XP_MOST_LAYERS},
                                     {"inner_group_num", XP_KEY_SIZE, XP_KEY(n_inner), XP_MOST_LAYERS},
                                     {0}};

static const xp_weight_row rows[] = {
#define BLOCK(name) "encoder.albert_layer_groups.*.albert_layers.*." name
    XP_ROWS_OF_EMBEDDINGS(XP_WORD_WIDTH),
    XP_ROW("encoder.embedding_hidden_mapping_in.weight", XP_WIDTH, XP_WORD_WIDTH, XP_GLOBAL_MAP(word_map), XP_NORMAL),
    XP_ROW("encoder.embedding_hidden_mapping_in.bias", XP_WIDTH, XP_NONE, XP_GLOBAL(word_map_bias), XP_ZEROS),
    XP_ROWS_OF_QKV(0, BLOCK("attention.query"), BLOCK("attention.key"), BLOCK("attention.value")),
    XP_ROWS_OF_ENCODER_OUTPUT(BLOCK("attention.dense"), BLOCK("attention.LayerNorm")),
    XP_ROWS_OF_ENCODER_MLP(BLOCK("ffn"), BLOCK("ffn_output"), BLOCK("full_layer_layer_norm")),
    {0}};

static const char *const ignored[] = {
    "embeddings.position_ids", "pooler.", "predictions.", "sop_classifier.", "classifier.", "qa_outputs.", NULL};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    if (config->n_groups > config->n_layers)
        return xp_fail(
            error, EXPLAINT_INVALID, path, 0,
            "expected \"num_hidden_groups\" to be at most num_hidden_layers, found %zu groups and %zu layers",
            config->n_groups, config->n_layers);
    if (config->n_layers * config->n_inner > XP_MOST_LAYERS)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected num_hidden_layers times inner_group_num to be at most %d, found %zu times %zu",
                       XP_MOST_LAYERS, config->n_layers, config->n_inner);
    config->n_layers *= config->n_inner;
    return xp_config_string(path, object, "position_embedding_type", "absolute", error);
}

const xp_family xp_family_albert = {.name = "albert",
                                    .prefix = "albert.",
                                    .defaults = {.n_layers = 12,
                                                 .n_heads = 64,
                                                 .width = 4096,
                                                 .feed_forward = 16384,
                                                 .vocabulary = 30000,
                                                 .n_positions = 512,
                                                 .n_types = 2,
                                                 .pad = 0,
                                                 .eps = 1e-12,
                                                 .word_width = 128,
                                                 .n_groups = 1,
                                                 .n_inner = 1,
                                                 .activation = XP_GELU_TANH,
                                                 .has = XP_HAS_WORD_MAP},
                                    .keys = keys,
                                    .refused = xp_encoder_refused,
                                    .configure = configure,
                                    .rows = rows,
                                    .ignored = ignored};

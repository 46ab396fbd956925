/* ELECTRA (Clark et al. 2020, arXiv 2003.10555), as transformers' ElectraModel computes it: BERT, of which the rows that are summed up in h^0 may
 * have a width of their own.
 *
 * Easy to get wrong:
 * - embedding_size is 128 where the key is absent. Words, positions, segments and their norm have that width; the map to hidden_size
 *   comes behind the norm, and where both are equal there is none. h^0 is behind it. */
#include "model/encoder.h"

static const xp_config_key keys[] = {XP_KEYS_OF_ENCODERS, XP_KEY_OF_WORD_WIDTH, {0}};

static const xp_weight_row rows[] = {
    XP_ROWS_OF_EMBEDDINGS(XP_WORD_WIDTH),
    XP_ROW_IF(XP_HAS_WORD_MAP, "embeddings_project.weight", XP_WIDTH, XP_WORD_WIDTH, XP_GLOBAL_MAP(word_map),
              XP_NORMAL),
    XP_ROW_IF(XP_HAS_WORD_MAP, "embeddings_project.bias", XP_WIDTH, XP_NONE, XP_GLOBAL(word_map_bias), XP_ZEROS),
    XP_ROWS_OF_BERT_BLOCK,
    {0}};

static const char *const ignored[] = {"embeddings.position_ids",
                                      "generator_predictions.",
                                      "generator_lm_head.",
                                      "discriminator_predictions.",
                                      "sequence_summary.",
                                      "classifier.",
                                      "qa_outputs.",
                                      NULL};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    xp_encoder_map_words(config);
    return xp_config_string(path, object, "position_embedding_type", "absolute", error);
}

const xp_family xp_family_electra = {.name = "electra",
                                     .prefix = "electra.",
                                     .defaults = {.n_layers = 12,
                                                  .n_heads = 4,
                                                  .width = 256,
                                                  .feed_forward = 1024,
                                                  .vocabulary = 30522,
                                                  .n_positions = 512,
                                                  .n_types = 2,
                                                  .pad = 0,
                                                  .eps = 1e-12,
                                                  .word_width = 128,
                                                  .activation = XP_GELU},
                                     .keys = keys,
                                     .refused = xp_encoder_refused,
                                     .configure = configure,
                                     .rows = rows,
                                     .ignored = ignored};

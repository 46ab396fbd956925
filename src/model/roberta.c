/* RoBERTa (Liu et al. 2019, arXiv 1907.11692), XLM-RoBERTa (Conneau et al. 2020, arXiv 1911.02116) and CamemBERT (Martin et al. 2020, arXiv
 * 1911.03894), as transformers compute them: BERT with positions that count no padding.
 *
 * Easy to get wrong:
 * - Positions begin behind pad_token_id, and a piece that is the padding piece has that position and is not counted. So the table has
 *   pad_token_id + 1 rows more than a text may have pieces.
 * - layer_norm_eps of the published models is 1e-5; the default, where the key is absent, is 1e-12.
 * - Names of all three begin with "roberta.". */
#include "model/encoder.h"

static const xp_weight_row rows[] = {XP_ROWS_OF_EMBEDDINGS(XP_WIDTH), XP_ROWS_OF_BERT_BLOCK, {0}};

static const xp_config_key keys[] = {XP_KEYS_OF_ENCODERS, {0}};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    explaint_status status = xp_config_string(path, object, "position_embedding_type", "absolute", error);
    return status == EXPLAINT_OK ? xp_encoder_pad_positions(path, config, error) : status;
}

#define FAMILY(NAME, VOCABULARY)                                                                                       \
    {                                                                                                                  \
        .name = NAME, .prefix = "roberta.",                                                                            \
        .defaults = {.n_layers = 12,                                                                                   \
                     .n_heads = 12,                                                                                    \
                     .width = 768,                                                                                     \
                     .feed_forward = 3072,                                                                             \
                     .vocabulary = VOCABULARY,                                                                         \
                     .n_positions = 512,                                                                               \
                     .n_types = 2,                                                                                     \
                     .pad = 1,                                                                                         \
                     .eps = 1e-12,                                                                                     \
                     .activation = XP_GELU,                                                                            \
                     .has = XP_HAS_PAD_POSITIONS},                                                                     \
        .keys = keys, .refused = xp_encoder_refused, .configure = configure, .rows = rows,                             \
        .ignored = xp_encoder_ignored                                                                                  \
    }

const xp_family xp_family_roberta = FAMILY("roberta", 50265);
const xp_family xp_family_xlm_roberta = FAMILY("xlm-roberta", 30522);
const xp_family xp_family_camembert = FAMILY("camembert", 30522);

/* BERT (Devlin et al. 2019, arXiv 1810.04805), as transformers' BertModel computes it; also MiniLM.
 *
 * h^0 = LN(word + type 0 + position); block: rows = LN(attention(rows) W + b + rows), rows = LN(FFN(rows) + rows).
 *
 * Easy to get wrong:
 * - layer_norm_eps is 1e-12 by default, not torch's 1e-5.
 * - "gelu" is x Phi(x) by erf; the approximation by tanh is "gelu_new".
 * - The row of segment 0 is added to every piece, though nobody passed segments.
 * - Names begin with "bert." in files of models with a head and with nothing in files of the bare model; the first files
 *   name a norm's tensors gamma and beta.
 * - embeddings.position_ids is 0, 1, 2, ... and no weight; the pooler and the heads come after all hidden states.
 * - position_embedding_type "relative_key" changes the scores; newer transformers ignore the key, older ones do not. */
#include "model/encoder.h"

static const xp_weight_row rows[] = {XP_ROWS_OF_EMBEDDINGS(XP_WIDTH), XP_ROWS_OF_BERT_BLOCK, {0}};

static const char *const ignored[] = {"embeddings.position_ids", "pooler.", "cls.", "classifier.", "qa_outputs.", NULL};

static const xp_config_key keys[] = {XP_KEYS_OF_ENCODERS, {0}};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    (void)config;
    return xp_config_string(path, object, "position_embedding_type", "absolute", error);
}

const xp_family xp_family_bert = {.name = "bert",
                                  .prefix = "bert.",
                                  .defaults = {.n_layers = 12,
                                               .n_heads = 12,
                                               .width = 768,
                                               .feed_forward = 3072,
                                               .vocabulary = 30522,
                                               .n_positions = 512,
                                               .n_types = 2,
                                               .pad = 0,
                                               .eps = 1e-12,
                                               .activation = XP_GELU},
                                  .keys = keys,
                                  .refused = xp_encoder_refused,
                                  .configure = configure,
                                  .rows = rows,
                                  .ignored = ignored};

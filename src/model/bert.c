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
#include "model/family.h"

#include <stddef.h>

static const xp_weight_row rows[] = {
#define BLOCK(name) "encoder.layer.*." name
    XP_ROW("embeddings.word_embeddings.weight", XP_VOCABULARY, XP_WIDTH, XP_GLOBAL(words), XP_NORMAL_BUT_PAD),
    XP_ROW("embeddings.position_embeddings.weight", XP_POSITIONS, XP_WIDTH, XP_GLOBAL(positions), XP_NORMAL),
    XP_ROW("embeddings.token_type_embeddings.weight", XP_TYPES, XP_WIDTH, XP_GLOBAL(types), XP_NORMAL),
    XP_ROW("embeddings.LayerNorm.weight", XP_WIDTH, XP_NONE, XP_GLOBAL(embedding_norm.weight), XP_ONES),
    XP_ROW("embeddings.LayerNorm.bias", XP_WIDTH, XP_NONE, XP_GLOBAL(embedding_norm.bias), XP_ZEROS),
    XP_ROW(BLOCK("attention.self.query.weight"), XP_WIDTH, XP_WIDTH, XP_QUERY_MAP, XP_NORMAL),
    XP_ROW(BLOCK("attention.self.query.bias"), XP_WIDTH, XP_NONE, XP_QUERY_BIAS, XP_ZEROS),
    XP_ROW(BLOCK("attention.self.key.weight"), XP_WIDTH, XP_WIDTH, XP_KEY_MAP, XP_NORMAL),
    XP_ROW(BLOCK("attention.self.key.bias"), XP_WIDTH, XP_NONE, XP_KEY_BIAS, XP_ZEROS),
    XP_ROW(BLOCK("attention.self.value.weight"), XP_WIDTH, XP_WIDTH, XP_VALUE_MAP, XP_NORMAL),
    XP_ROW(BLOCK("attention.self.value.bias"), XP_WIDTH, XP_NONE, XP_VALUE_BIAS, XP_ZEROS),
    XP_ROW(BLOCK("attention.output.dense.weight"), XP_WIDTH, XP_WIDTH, XP_MAP(output), XP_NORMAL),
    XP_ROW(BLOCK("attention.output.dense.bias"), XP_WIDTH, XP_NONE, XP_VECTOR(output_bias), XP_ZEROS),
    XP_ROW(BLOCK("attention.output.LayerNorm.weight"), XP_WIDTH, XP_NONE, XP_VECTOR(attention_norm.weight), XP_ONES),
    XP_ROW(BLOCK("attention.output.LayerNorm.bias"), XP_WIDTH, XP_NONE, XP_VECTOR(attention_norm.bias), XP_ZEROS),
    XP_ROW(BLOCK("intermediate.dense.weight"), XP_FEED_FORWARD, XP_WIDTH, XP_MAP(up), XP_NORMAL),
    XP_ROW(BLOCK("intermediate.dense.bias"), XP_FEED_FORWARD, XP_NONE, XP_VECTOR(up_bias), XP_ZEROS),
    XP_ROW(BLOCK("output.dense.weight"), XP_WIDTH, XP_FEED_FORWARD, XP_MAP(down), XP_NORMAL),
    XP_ROW(BLOCK("output.dense.bias"), XP_WIDTH, XP_NONE, XP_VECTOR(down_bias), XP_ZEROS),
    XP_ROW(BLOCK("output.LayerNorm.weight"), XP_WIDTH, XP_NONE, XP_VECTOR(output_norm.weight), XP_ONES),
    XP_ROW(BLOCK("output.LayerNorm.bias"), XP_WIDTH, XP_NONE, XP_VECTOR(output_norm.bias), XP_ZEROS),
    {0}};

static const char *const ignored[] = {"embeddings.position_ids", "pooler.", "cls.", "classifier.", "qa_outputs.", NULL};

static const xp_config_key keys[] = {XP_KEYS_OF_MOST,
                                     {"layer_norm_eps", XP_KEY_NUMBER, XP_KEY(eps), 1},
                                     {"type_vocab_size", XP_KEY_SIZE, XP_KEY(n_types), XP_MOST_ROWS},
                                     {"pad_token_id", XP_KEY_ID, XP_KEY(pad), 0},
                                     {0}};

static const char *const refused[] = {"is_decoder", "auto_map", NULL};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    (void)config;
    return xp_config_string(path, object, "position_embedding_type", "absolute", error);
}

static void embed(const explaint_model *model, const int32_t *id, size_t n, float *to) {
    const size_t width = model->config.width;
    for (size_t i = 0; i < n; i++, to += width) {
        const float *word = model->words + (size_t)id[i] * width, *position = model->positions + i * width;
        for (size_t k = 0; k < width; k++) to[k] = word[k] + model->types[k] + position[k];
        model->kernels->normalise(width, to, (float)model->config.eps, model->embedding_norm.weight,
                                  model->embedding_norm.bias, to);
    }
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
                                               .initializer_range = .02,
                                               .activation = XP_GELU},
                                  .keys = keys,
                                  .refused = refused,
                                  .configure = configure,
                                  .rows = rows,
                                  .ignored = ignored,
                                  .embed = embed,
                                  .block = xp_work_post_norm_block};

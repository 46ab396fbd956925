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
#define GLOBAL(field) offsetof(explaint_model, field), false, 0, 1
#define VECTOR(field) offsetof(xp_layer, field), false, 0, 1
#define PANELS(field) offsetof(xp_layer, field), true, 0, 1
#define THIRD(field, panels, part) offsetof(xp_layer, field), panels, part, 3
#define BLOCK(name) "encoder.layer.*." name
    {"embeddings.word_embeddings.weight", XP_VOCABULARY, XP_WIDTH, GLOBAL(words), XP_NORMAL, true},
    {"embeddings.position_embeddings.weight", XP_POSITIONS, XP_WIDTH, GLOBAL(positions), XP_NORMAL, false},
    {"embeddings.token_type_embeddings.weight", XP_TYPES, XP_WIDTH, GLOBAL(types), XP_NORMAL, false},
    {"embeddings.LayerNorm.weight", XP_WIDTH, XP_NONE, GLOBAL(embedding_norm.weight), XP_ONES, false},
    {"embeddings.LayerNorm.bias", XP_WIDTH, XP_NONE, GLOBAL(embedding_norm.bias), XP_ZEROS, false},
    {BLOCK("attention.self.query.weight"), XP_WIDTH, XP_WIDTH, THIRD(qkv, true, 0), XP_NORMAL, false},
    {BLOCK("attention.self.query.bias"), XP_WIDTH, XP_NONE, THIRD(qkv_bias, false, 0), XP_ZEROS, false},
    {BLOCK("attention.self.key.weight"), XP_WIDTH, XP_WIDTH, THIRD(qkv, true, 1), XP_NORMAL, false},
    {BLOCK("attention.self.key.bias"), XP_WIDTH, XP_NONE, THIRD(qkv_bias, false, 1), XP_ZEROS, false},
    {BLOCK("attention.self.value.weight"), XP_WIDTH, XP_WIDTH, THIRD(qkv, true, 2), XP_NORMAL, false},
    {BLOCK("attention.self.value.bias"), XP_WIDTH, XP_NONE, THIRD(qkv_bias, false, 2), XP_ZEROS, false},
    {BLOCK("attention.output.dense.weight"), XP_WIDTH, XP_WIDTH, PANELS(output), XP_NORMAL, false},
    {BLOCK("attention.output.dense.bias"), XP_WIDTH, XP_NONE, VECTOR(output_bias), XP_ZEROS, false},
    {BLOCK("attention.output.LayerNorm.weight"), XP_WIDTH, XP_NONE, VECTOR(attention_norm.weight), XP_ONES, false},
    {BLOCK("attention.output.LayerNorm.bias"), XP_WIDTH, XP_NONE, VECTOR(attention_norm.bias), XP_ZEROS, false},
    {BLOCK("intermediate.dense.weight"), XP_FEED_FORWARD, XP_WIDTH, PANELS(up), XP_NORMAL, false},
    {BLOCK("intermediate.dense.bias"), XP_FEED_FORWARD, XP_NONE, VECTOR(up_bias), XP_ZEROS, false},
    {BLOCK("output.dense.weight"), XP_WIDTH, XP_FEED_FORWARD, PANELS(down), XP_NORMAL, false},
    {BLOCK("output.dense.bias"), XP_WIDTH, XP_NONE, VECTOR(down_bias), XP_ZEROS, false},
    {BLOCK("output.LayerNorm.weight"), XP_WIDTH, XP_NONE, VECTOR(output_norm.weight), XP_ONES, false},
    {BLOCK("output.LayerNorm.bias"), XP_WIDTH, XP_NONE, VECTOR(output_norm.bias), XP_ZEROS, false},
    {0}};

static const char *const ignored[] = {"embeddings.position_ids", "pooler.", "cls.", "classifier.", "qa_outputs.", NULL};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    explaint_status status = xp_config_string(path, object, "position_embedding_type", "absolute", error);
    if (status == EXPLAINT_OK)
        status = xp_config_size(path, object, "type_vocab_size", XP_MOST_ROWS, &config->n_types, error);
    if (xp_value_member(object, "pad_token_id") != NULL &&
        !xp_value_size(xp_value_member(object, "pad_token_id"), &config->pad))
        config->pad = XP_NO_PAD;
    return status;
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
                                  .configure = configure,
                                  .rows = rows,
                                  .ignored = ignored,
                                  .embed = embed,
                                  .block = xp_model_work_post_norm_block};

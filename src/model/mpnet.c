/* MPNet (Song et al. 2020, arXiv 2004.09297), as transformers' MPNetModel computes it.
 *
 * As BERT, without segments, with a bias on every score that depends on the head and on the distance of the two pieces.
 *
 * Easy to get wrong:
 * - Positions begin at 2: the id of the padding piece plus one. That id is 1 whatever pad_token_id says, and a piece that
 *   is the padding piece has position 1 and is not counted. So the table has two rows more than a text may have pieces.
 * - layer_norm_eps of the published model is 1e-5; the default, where the key is absent, is 1e-12.
 * - The relative bias is one table, used by every layer, added after the scores were divided by sqrt(head width).
 * - Its buckets: 16 for pieces to the left and at the same place, 16 for pieces to the right; distances under 8 have a
 *   bucket each, then half octaves up to 128. The number of buckets is 32 whatever relative_attention_num_buckets
 *   says: the key makes the table longer and no more.
 * - The map of the attention is called attn.o, its norm attention.LayerNorm. */
#include "model/encoder.h"

enum { PAD = 1, BUCKETS = 32 };

static const xp_weight_row rows[] = {
#define BLOCK(name) "encoder.layer.*." name
    XP_ROW("embeddings.word_embeddings.weight", XP_VOCABULARY, XP_WIDTH, XP_GLOBAL_TABLE(words), XP_NORMAL_BUT_PAD),
    XP_ROW("embeddings.position_embeddings.weight", XP_POSITIONS, XP_WIDTH, XP_GLOBAL(positions), XP_NORMAL_BUT_PAD),
    XP_ROWS_OF_NORM("embeddings.LayerNorm", XP_WIDTH, XP_GLOBAL, embedding_norm),
    XP_ROW("encoder.relative_attention_bias.weight", XP_BUCKETS, XP_HEADS, XP_GLOBAL(buckets), XP_NORMAL),
    XP_ROWS_OF_QKV(0, BLOCK("attention.attn.q"), BLOCK("attention.attn.k"), BLOCK("attention.attn.v")),
    XP_ROWS_OF_ENCODER_OUTPUT(BLOCK("attention.attn.o"), BLOCK("attention.LayerNorm")),
    XP_ROWS_OF_ENCODER_MLP(BLOCK("intermediate.dense"), BLOCK("output.dense"), BLOCK("output.LayerNorm")),
    {0}};

static const xp_config_key keys[] = {XP_KEYS_OF_MOST,
                                     {"layer_norm_eps", XP_KEY_NUMBER, XP_KEY(eps), 1},
                                     {"relative_attention_num_buckets", XP_KEY_SIZE, XP_KEY(n_buckets), XP_MOST_ROWS},
                                     {0}};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    (void)object;
    if (config->n_buckets < BUCKETS)
        return xp_fail(
            error, EXPLAINT_INVALID, path, 0,
            "expected \"relative_attention_num_buckets\" to be at least %d, since distances fall into so many "
            "buckets whatever it says, found %zu",
            BUCKETS, config->n_buckets);
    if (config->vocabulary <= PAD)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected \"vocab_size\" to be at least 2, since the padding piece is piece 1, found %zu",
                       config->vocabulary);
    return xp_encoder_pad_positions(path, config, error);
}

/* The bucket of looking from a piece to one that stands `distance` to the right of it. Eight half octaves reach from 8 to
 * 128; by their first whole distance, since log2 of a float would have to be torch's. */
static size_t bucket_of(ptrdiff_t distance) {
    static const size_t half_octave[] = {12, 16, 23, 32, 46, 64, 91};
    const size_t far = (size_t)(distance < 0 ? -distance : distance), side = distance > 0 ? BUCKETS / 2 : 0;
    size_t bucket = far < 8 ? far : 8;
    for (size_t i = 0; i < sizeof half_octave / sizeof half_octave[0]; i++) bucket += far >= half_octave[i];
    return side + bucket;
}

static explaint_status derive(explaint_model *model, unsigned threads, explaint_error *error) {
    (void)threads;
    const xp_config *c = &model->config;
    const ptrdiff_t reach = (ptrdiff_t)c->n_positions - 1;
    explaint_status status = xp_model_derive(model, c->n_heads, 2 * c->n_positions - 1, error);
    if (status != EXPLAINT_OK) return status;
    float *to = model->derived;
    model->relative = to;
    for (size_t h = 0; h < c->n_heads; h++)
        for (ptrdiff_t d = -reach; d <= reach; d++) *to++ = model->buckets[bucket_of(d) * c->n_heads + h];
    return EXPLAINT_OK;
}

const xp_family xp_family_mpnet = {.name = "mpnet",
                                   .prefix = "mpnet.",
                                   .defaults = {.n_layers = 12,
                                                .n_heads = 12,
                                                .width = 768,
                                                .feed_forward = 3072,
                                                .vocabulary = 30527,
                                                .n_positions = 512,
                                                .n_buckets = BUCKETS,
                                                .pad = PAD,
                                                .eps = 1e-12,
                                                .activation = XP_GELU,
                                                .has = XP_HAS_PAD_POSITIONS},
                                   .keys = keys,
                                   .refused = xp_encoder_refused,
                                   .configure = configure,
                                   .rows = rows,
                                   .ignored = xp_encoder_ignored,
                                   .derive = derive};

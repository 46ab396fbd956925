/* DistilBERT (Sanh et al. 2019, arXiv 1910.01108), as transformers' DistilBertModel computes it: BERT without segments.
 *
 * Easy to get wrong:
 * - The norms' eps is 1e-12, whatever a key says.
 * - Its keys and its tensors have names of their own.
 * - sinusoidal_pos_embds is about how positions begin in training: the table is in the file either way. */
#include "model/encoder.h"

static const xp_config_key keys[] = {{"n_layers", XP_KEY_SIZE, XP_KEY(n_layers), XP_MOST_LAYERS},
                                     {"n_heads", XP_KEY_SIZE, XP_KEY(n_heads), XP_MOST_HEADS},
                                     {"dim", XP_KEY_SIZE, XP_KEY(width), XP_MOST_WIDTH},
                                     {"hidden_dim", XP_KEY_SIZE, XP_KEY(feed_forward), XP_MOST_WIDTH},
                                     {"max_position_embeddings", XP_KEY_SIZE, XP_KEY(n_positions), XP_MOST_ROWS},
                                     {"vocab_size", XP_KEY_SIZE, XP_KEY(vocabulary), XP_MOST_ROWS},
                                     {"initializer_range", XP_KEY_NUMBER, XP_KEY(initializer_range), 1},
                                     {"activation", XP_KEY_ACTIVATION, XP_KEY(activation), 0},
                                     {"pad_token_id", XP_KEY_ID, XP_KEY(pad), 0},
                                     {0}};

static const xp_weight_row rows[] = {
#define BLOCK(name) "transformer.layer.*." name
    XP_ROW("embeddings.word_embeddings.weight", XP_VOCABULARY, XP_WIDTH, XP_GLOBAL_TABLE(words), XP_NORMAL_BUT_PAD),
    XP_ROW("embeddings.position_embeddings.weight", XP_POSITIONS, XP_WIDTH, XP_GLOBAL(positions), XP_NORMAL),
    XP_ROWS_OF_NORM("embeddings.LayerNorm", XP_WIDTH, XP_GLOBAL, embedding_norm),
    XP_ROWS_OF_QKV(0, BLOCK("attention.q_lin"), BLOCK("attention.k_lin"), BLOCK("attention.v_lin")),
    XP_ROWS_OF_ENCODER_OUTPUT(BLOCK("attention.out_lin"), BLOCK("sa_layer_norm")),
    XP_ROWS_OF_ENCODER_MLP(BLOCK("ffn.lin1"), BLOCK("ffn.lin2"), BLOCK("output_layer_norm")),
    {0}};

static const char *const ignored[] = {
    "embeddings.position_ids", "vocab_transform.", "vocab_layer_norm.", "vocab_projector.",
    "pre_classifier.",         "classifier.",      "qa_outputs.",       NULL};

const xp_family xp_family_distilbert = {.name = "distilbert",
                                        .prefix = "distilbert.",
                                        .defaults = {.n_layers = 6,
                                                     .n_heads = 12,
                                                     .width = 768,
                                                     .feed_forward = 3072,
                                                     .vocabulary = 30522,
                                                     .n_positions = 512,
                                                     .pad = 0,
                                                     .eps = 1e-12,
                                                     .activation = XP_GELU},
                                        .keys = keys,
                                        .refused = xp_encoder_refused,
                                        .rows = rows,
                                        .ignored = ignored};

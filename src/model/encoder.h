/* What encoders of BERT's form have in common: h^0, names of tensors, keys. */
#ifndef XP_MODEL_ENCODER_H
#define XP_MODEL_ENCODER_H

#include "model/family.h"

/* LN(word + segment 0 + position), of what the family has; where rows of words have a width of their own, that is mapped to the
 * model's behind the norm, or before it (maps_words_first). */
void xp_encoder_embed(const explaint_model *model, const int32_t *id, size_t n, float *narrow, float *rows);

/* Its parts: the sum, of a width; from rows of words to the model's width. */
void xp_encoder_sum(const explaint_model *model, const int32_t *id, size_t n, size_t width, float *to);
void xp_encoder_map(const explaint_model *model, size_t n, const float *narrow, float *rows);

/* Positions begin behind the padding piece's (XP_HAS_PAD_POSITIONS): room for one piece, and a padding piece there is. */
explaint_status xp_encoder_pad_positions(const char *path, xp_config *config, explaint_error *error);

/* XP_HAS_WORD_MAP where rows of words are not as wide as the model. */
void xp_encoder_map_words(xp_config *config);

/* Names that files of RoBERTa's kind have beside the weights of the states, and keys that are not implemented. */
extern const char *const xp_encoder_ignored[], *const xp_encoder_refused[];

/* ---- rows of tables of tensors, named as BERT's are ---- */

#define XP_ROWS_OF_EMBEDDINGS(width)                                                                                   \
    XP_ROW("embeddings.word_embeddings.weight", XP_VOCABULARY, width, XP_GLOBAL_TABLE(words), XP_NORMAL_BUT_PAD),      \
        XP_ROW("embeddings.position_embeddings.weight", XP_POSITIONS, width, XP_GLOBAL(positions), XP_NORMAL),         \
        XP_ROW("embeddings.token_type_embeddings.weight", XP_TYPES, width, XP_GLOBAL(types), XP_NORMAL),               \
        XP_ROWS_OF_NORM("embeddings.LayerNorm", width, XP_GLOBAL, embedding_norm)

/* What attention gives with the norm behind it, and the feed-forward layer with its own. */
#define XP_ROWS_OF_ENCODER_OUTPUT(map, norm)                                                                           \
    XP_ROWS_OF_MAP(0, map, XP_WIDTH, XP_WIDTH, output), XP_ROWS_OF_NORM(norm, XP_WIDTH, XP_VECTOR, attention_norm)
#define XP_ROWS_OF_ENCODER_MLP(first, second, norm)                                                                    \
    XP_ROWS_OF_MAP(0, first, XP_FEED_FORWARD, XP_WIDTH, up),                                                           \
        XP_ROWS_OF_MAP(0, second, XP_WIDTH, XP_FEED_FORWARD, down),                                                    \
        XP_ROWS_OF_NORM(norm, XP_WIDTH, XP_VECTOR, output_norm)

#define XP_BERT_BLOCK(name) "encoder.layer.*." name
#define XP_ROWS_OF_BERT_BLOCK                                                                                          \
    XP_ROWS_OF_QKV(0, XP_BERT_BLOCK("attention.self.query"), XP_BERT_BLOCK("attention.self.key"),                      \
                   XP_BERT_BLOCK("attention.self.value")),                                                             \
        XP_ROWS_OF_ENCODER_OUTPUT(XP_BERT_BLOCK("attention.output.dense"),                                             \
                                  XP_BERT_BLOCK("attention.output.LayerNorm")),                                        \
        XP_ROWS_OF_ENCODER_MLP(XP_BERT_BLOCK("intermediate.dense"), XP_BERT_BLOCK("output.dense"),                     \
                               XP_BERT_BLOCK("output.LayerNorm"))

/* ---- keys ---- */

#define XP_KEYS_OF_ENCODERS                                                                                            \
    XP_KEYS_OF_MOST, {"layer_norm_eps", XP_KEY_NUMBER, XP_KEY(eps), 1},                                                \
        {"type_vocab_size", XP_KEY_SIZE, XP_KEY(n_types), XP_MOST_ROWS}, {                                             \
        "pad_token_id", XP_KEY_ID, XP_KEY(pad), 0                                                                      \
    }
#define XP_KEY_OF_WORD_WIDTH                                                                                           \
    { "embedding_size", XP_KEY_SIZE, XP_KEY(word_width), XP_MOST_WIDTH }

#endif
